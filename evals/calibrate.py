"""How far the gate can be trusted: how often it stops for nothing, and which losses it finds.

Given are runs of the same cases that differ by chance alone: other seeds, or a model asked again.
For one comparison every situation draws two of the runs, one for each side, so that both sides are
of one quality by construction. Then a loss of a known size is planted on one side.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import binomtest

from evals.compare import compare_runs
from evals.run import CaseResult, Run
from evals.statistics import ALPHA, SEED
from recommender.errors import InvalidInputError

SIZES = (0.02, 0.05, 0.10)
"""Planted losses: by how much a mean falls, since so many cases fall to 0."""
FLIPS = 1999


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes:
        alarms: Of `comparisons` of equal quality, how many the gate stopped.
        found: By figure and planted loss, the share of `planted` comparisons the gate stopped
            because of that figure.
    """

    comparisons: int
    alarms: int
    planted: int
    found: Mapping[str, Mapping[float, float]]

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the share of alarms (Clopper-Pearson)."""
        interval = binomtest(self.alarms, self.comparisons).proportion_ci(0.95)
        return float(interval.low), float(interval.high)

    def to_json(self) -> dict[str, Any]:
        """Return the figures."""
        low, high = self.interval
        return {"comparisons": self.comparisons, "alarms": self.alarms,
                "share": self.alarms / self.comparisons, "low": low, "high": high,
                "planted": self.planted, "power": {
                    name: {f"{size:g}": share for size, share in own.items()}
                    for name, own in self.found.items()}}

    def to_text(self) -> str:
        """Return the figures for people."""
        low, high = self.interval
        lines = [f"{self.comparisons} comparisons of equal quality: {self.alarms} alarms, "
                 f"{self.alarms / self.comparisons:.1%} (95 % interval {low:.1%} to {high:.1%})",
                 "", f"Planted losses found, in {self.planted} comparisons each:",
                 f"{'':34}" + "".join(f"{f'-{size:.2f}':>8}" for size in SIZES)]
        lines += [f"{name:34}" + "".join(f"{own[size]:8.0%}" for size in SIZES)
                  for name, own in self.found.items()]
        return "\n".join(lines) + "\n"


def calibrate(
    runs: Sequence[Run], comparisons: int = 200, planted: int = 50,
    figures: Sequence[str] = ("agendas/swap", "agendas/focus_fit", "agendas/grow_arc"),
    seed: int = SEED, progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Return how often the gate stops for nothing, and how often for planted losses.

    Args:
        runs: At least two, of the same cases.
        figures: Of which a loss is planted, as suite/metric.

    Raises:
        InvalidInputError: Fewer than two runs, or of different cases.
    """
    keys = [sorted(one.key for one in run.results) for run in runs]
    if len(runs) < 2 or any(own != keys[0] for own in keys):
        raise InvalidInputError.of("two runs or more, of the same cases, are needed",
                                   field="DIR")
    random = np.random.default_rng(seed)
    total, done, alarms = comparisons + planted * len(SIZES) * len(figures), 0, 0

    def tell() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    for _ in range(comparisons):
        before, after = _mixed(runs, random)
        alarms += not compare_runs(before, after, ALPHA, FLIPS).passes
        tell()
    found: dict[str, dict[float, float]] = {}
    for figure in figures:
        for size in SIZES:
            hits = 0
            for _ in range(planted):
                before, after = _mixed(runs, random)
                worse = _plant(after, figure, size, random)
                compared = compare_runs(before, worse, ALPHA, FLIPS)
                hits += any(one.startswith(f"{figure}:") for one in compared.losses)
                tell()
            found.setdefault(figure, {})[size] = hits / planted
    return Calibration(comparisons, alarms, planted, found)


def _mixed(runs: Sequence[Run], random: np.random.Generator) -> tuple[Run, Run]:
    """Return two runs in which every situation drew two different ones of the given."""
    by_key = [{one.key: one for one in run.results} for run in runs]
    sides: tuple[list[CaseResult], list[CaseResult]] = ([], [])
    drawn: dict[tuple[str, str], Any] = {}
    for key, one in sorted(by_key[0].items()):
        cluster = (one.suite, one.cluster)
        if cluster not in drawn:
            drawn[cluster] = random.choice(len(runs), size=2, replace=False)
        for side, at in zip(sides, drawn[cluster], strict=True):
            side.append(by_key[int(at)][key])
    return Run(runs[0].record, tuple(sides[0])), Run(runs[0].record, tuple(sides[1]))


def _plant(run: Run, figure: str, size: float, random: np.random.Generator) -> Run:
    """Return a run in which a figure's mean is lower by `size`: some cases fall to 0."""
    suite, _, metric = figure.partition("/")
    scored = [at for at, one in enumerate(run.results)
              if one.suite == suite and one.metrics.get(metric) is not None]
    left = size * len(scored)
    results = list(run.results)
    for at in random.permutation(scored).tolist():
        value = results[at].metrics[metric] or 0.0
        if left <= 1e-9:
            break
        fall = min(value, left)
        left -= fall
        results[at] = replace(results[at], metrics={**results[at].metrics,
                                                    metric: value - fall})
    return Run(run.record, tuple(results))
