"""Means and differences with what chance could make of them; cases of one situation go together.

A figure is the mean over cases. Resampled are situations (clusters), not cases, since variants of
one situation are not independent: bootstrap for intervals, sign flips for the p of a difference
(both by SciPy), Holm's steps over many (1979).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, bootstrap, permutation_test

SEED = 20261128
RESAMPLES, FLIPS = 2000, 9999
CONFIDENCE = 0.95
ALPHA = 0.05

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A mean with its 95 % interval; `n` cases count, `unscored` do not; null where none does."""

    value: float | None
    n: int
    unscored: int
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, float | int | None]:
        """Return the contract's shape."""
        return asdict(self)


@dataclass(frozen=True)
class Change:
    """A mean paired difference, its interval, and how likely chance alone makes it so large.

    Attributes:
        p: Of a difference as far from zero, either way (sign flips).
        p_loss: Of a loss as large, one way; small means a real loss.
        n: Cases scored in both.
        moved: Cases whose value differs.
    """

    difference: float
    low: float
    high: float
    p: float
    p_loss: float
    n: int
    moved: int


def figure_of(values: Sequence[float | None], clusters: Sequence[str]) -> Figure:
    """Return the mean over the scored cases, with its interval.

    Where every case says 0, or every case 1, the interval is that of a proportion over the
    situations (Clopper-Pearson): thirty perfect cases do not show that all are.
    """
    kept = [(value, cluster) for value, cluster in zip(values, clusters, strict=True)
            if value is not None]
    missing = len(values) - len(kept)
    if not kept:
        return Figure(None, 0, missing, None, None)
    sums, counts = by_cluster([one for one, _ in kept], [one for _, one in kept])
    mean = float(sums.sum() / counts.sum())
    flat = {one for one, _ in kept}
    if len(sums) < 2:
        low = high = mean
    elif len(flat) == 1 and flat <= {0.0, 1.0}:
        interval = binomtest(round(len(sums) * mean), len(sums)).proportion_ci(CONFIDENCE)
        low, high = float(interval.low), float(interval.high)
    else:
        low, high = _interval(sums, counts)
    return Figure(_round(mean), len(kept), missing, _round(low), _round(high))


def change_of(
    before: Sequence[float], after: Sequence[float], clusters: Sequence[str], *,
    flips: int = FLIPS, seed: int = SEED,
) -> Change:
    """Return the paired difference of cases scored in both runs, after less before."""
    differences = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    sums, counts = by_cluster(differences.tolist(), clusters)
    mean = float(sums.sum() / counts.sum())
    moved = int((np.abs(differences) > 1e-9).sum())
    if moved == 0:
        return Change(0.0, 0.0, 0.0, 1.0, 1.0, len(differences), 0)
    p, p_loss = sign_flips(sums, flips, seed)
    low, high = _interval(sums, counts, seed=seed) if len(sums) > 1 else (mean, mean)
    return Change(_round(mean), _round(low), _round(high), p, p_loss, len(differences), moved)


def holm(p_values: Mapping[str, float], alpha: float = ALPHA) -> dict[str, bool]:
    """Return which of many are real at this level, by Holm's steps.

    The chance that any of them is called real while none is stays below `alpha`.
    """
    real, open_ = {}, True
    for at, (name, p) in enumerate(sorted(p_values.items(), key=lambda one: (one[1], one[0]))):
        open_ = open_ and p <= alpha / (len(p_values) - at)
        real[name] = open_
    return real


def by_cluster(values: Sequence[float], clusters: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Return the sum and the number of values of each cluster."""
    names, codes = np.unique(np.asarray(clusters), return_inverse=True)
    sums: Numbers = np.bincount(
        codes, weights=np.asarray(values, dtype=np.float64), minlength=len(names)
    ).astype(np.float64)
    counts = np.bincount(codes, minlength=len(names)).astype(np.float64)
    return sums, counts


def _interval(
    sums: Numbers, counts: Numbers, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float]:
    """Return the bootstrap interval of the mean over cases, clusters drawn whole (percentiles)."""

    def ratio(one: Numbers, other: Numbers, axis: int = -1) -> Numbers:
        value: Numbers = one.sum(axis=axis) / other.sum(axis=axis)
        return value

    found = bootstrap((sums, counts), ratio, paired=True, n_resamples=resamples,
                      confidence_level=CONFIDENCE, method="percentile", vectorized=True,
                      rng=np.random.default_rng(seed)).confidence_interval
    return float(found.low), float(found.high)


def sign_flips(sums: Numbers, flips: int = FLIPS, seed: int = SEED) -> tuple[float, float]:
    """Return the two-sided p, and that of a loss, when the sign of each cluster is chance.

    Exact where there are few clusters that moved; clusters that did not move say nothing.
    """
    sums = sums[np.abs(sums) > 1e-12]
    if len(sums) < 2:
        return 1.0, 0.5 if sums.sum() < 0 else 1.0

    def total(values: Numbers, axis: int = -1) -> Numbers:
        value: Numbers = values.sum(axis=axis)
        return value

    less, greater = (float(permutation_test(
        (sums,), total, permutation_type="samples", vectorized=True, n_resamples=flips,
        alternative=side, rng=np.random.default_rng(seed)).pvalue) for side in ("less", "greater"))
    return min(1.0, 2 * min(less, greater)), less


def _round(value: float) -> float:
    return round(value, 6) + 0.0
