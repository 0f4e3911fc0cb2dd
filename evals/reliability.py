"""How far judges agree beyond chance, with intervals: Cohen's kappa and Krippendorff's alpha.

A figure is null where it is not defined: nothing judged twice, or no variation at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from recommender.errors import MissingExtraError

SEED = 20260115
DRAWS = 1000
CONFIDENCE = 0.95
Scale = Literal["nominal", "ordinal"]
Ratings = Mapping[str, Mapping[str, int]]
"""By judge: the rating of each unit that the judge rated."""


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval; `n` units went into it. Null where it is not defined."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, Any]:
        """Return the contract's shape."""
        return asdict(self)

    def __str__(self) -> str:
        if self.value is None:
            return f"not defined (n {self.n})"
        interval = ("" if self.low is None or self.high is None
                    else f" [{self.low:.3f}, {self.high:.3f}]")
        return f"{self.value:.3f}{interval} (n {self.n})"


@dataclass(frozen=True)
class Reliability:
    """Agreement of judges on one question.

    Attributes:
        kappa: Cohen's, the mean over pairs of judges; weighted by squares where ratings have
            an order.
        alpha: Krippendorff's, for the same scale.
    """

    kappa: Figure
    alpha: Figure

    def to_json(self) -> dict[str, Any]:
        """Return both figures."""
        return {"kappa": self.kappa.to_json(), "alpha": self.alpha.to_json()}


def cohen_kappa(
    first: Sequence[int], second: Sequence[int], scale: Scale = "nominal"
) -> float | None:
    """Return Cohen's kappa of two judges (1960); of ordered ratings with squared weights (1968).

    Null for no units, and where both say the same of every unit, for then there is nothing by
    which agreement could be told from chance.
    """
    one, other = np.asarray(first), np.asarray(second)
    if one.size == 0:
        return None
    values = np.union1d(one, other)
    distance = (np.subtract.outer(values, values) ** 2 if scale == "ordinal"
                else values[:, None] != values[None, :]).astype(float)
    table = np.zeros((values.size, values.size))
    np.add.at(table, (np.searchsorted(values, one), np.searchsorted(values, other)), 1)
    table /= one.size
    by_chance = float((np.outer(table.sum(axis=1), table.sum(axis=0)) * distance).sum())
    return None if by_chance == 0 else 1.0 - float((table * distance).sum()) / by_chance


def krippendorff_alpha(
    ratings: Ratings, units: Sequence[str], scale: Scale = "nominal"
) -> float | None:
    """Return Krippendorff's alpha, which takes any number of judges and missing ratings.

    Raises:
        MissingExtraError: krippendorff is not installed.
    """
    try:
        import krippendorff
    except ImportError as error:
        raise MissingExtraError(
            "krippendorff is not installed; run: pip install 'agendum[evals]'") from error
    table = np.array([[own.get(unit, np.nan) for unit in units] for own in ratings.values()],
                     dtype=float)
    if table.size == 0:
        return None
    table = table[:, (~np.isnan(table)).sum(axis=0) > 1]
    if np.unique(table[~np.isnan(table)]).size < 2:
        return None
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=scale))


def reliability_of(
    ratings: Ratings, scale: Scale, clusters: Mapping[str, str] | None = None
) -> Reliability:
    """Return how far judges agree, with intervals by bootstrap over clusters of units.

    Args:
        clusters: The situation each unit belongs to; a unit alone where it is not named.
    """
    units = sorted({unit for own in ratings.values() for unit in own
                    if sum(unit in other for other in ratings.values()) > 1})

    def kappa(drawn: Sequence[str]) -> float | None:
        found = []
        for one, other in combinations(ratings.values(), 2):
            both = [unit for unit in drawn if unit in one and unit in other]
            value = cohen_kappa([one[unit] for unit in both], [other[unit] for unit in both],
                                scale)
            if value is not None:
                found.append(value)
        return float(np.mean(found)) if found else None

    return Reliability(
        figure_of(kappa, units, clusters),
        figure_of(lambda drawn: krippendorff_alpha(ratings, drawn, scale), units, clusters))


def figure_of(
    statistic: Callable[[Sequence[str]], float | None], units: Sequence[str],
    clusters: Mapping[str, str] | None = None,
) -> Figure:
    """Return a statistic of units with its percentile bootstrap interval, clusters drawn whole.

    The interval is null where half of the draws or more leave the statistic undefined, or with
    fewer than two clusters, for then nothing says how far it could move.
    """
    value = statistic(units)
    if value is None:
        return Figure(None, None, None, len(units))
    groups: dict[str, list[str]] = {}
    for unit in units:
        groups.setdefault((clusters or {}).get(unit, unit), []).append(unit)
    names = list(groups)
    random = np.random.default_rng(SEED)
    drawn = []
    for _ in range(DRAWS if len(names) > 1 else 0):
        sample = [unit for at in random.integers(0, len(names), len(names))
                  for unit in groups[names[at]]]
        again = statistic(sample)
        if again is not None:
            drawn.append(again)
    low: float | None = None
    high: float | None = None
    if len(drawn) * 2 > DRAWS:
        tail = (1 - CONFIDENCE) / 2
        low, high = (round(float(one), 6) + 0.0 for one in np.quantile(drawn, (tail, 1 - tail)))
    return Figure(round(value, 6) + 0.0, low, high, len(units))  # + 0.0 makes -0.0 a 0.0


def mean_of(
    values: Mapping[str, float], clusters: Mapping[str, str] | None = None
) -> Figure:
    """Return a mean with its interval; every cluster counts by its units."""
    return figure_of(
        lambda drawn: float(np.mean([values[unit] for unit in drawn])) if drawn else None,
        sorted(values), clusters)
