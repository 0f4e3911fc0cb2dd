"""Two runs compared: what is really better or worse, where, and which cases changed most.

Cases are paired; variants of one situation go together (evals/statistics.py). What must hold
(`must`) is lost by the first case that breaks it and did not before; a mean is lost where its
fall is more than noise at the 5 % level, over all guarded figures together (Holm).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from scipy.stats import binomtest

from evals.metrics.base import Guard
from evals.metrics.every import metric_of
from evals.run import ANSWERED, CaseResult, Run, chosen
from evals.statistics import ALPHA, FLIPS, Change, change_of, holm

SLICES = ("language", "format", "session_type", "focus_area")
MOST = 10
"""Cases shown side by side."""
EVEN = 1e-6
"""Below this a difference is none."""

Verdict = Literal["better", "worse", "unsure", "same"]


@dataclass(frozen=True)
class MetricChange:
    """One figure of one suite in both runs.

    Attributes:
        before, after: Means over the cases scored in both.
        broken: Cases that held before and do not now; of `must` figures alone.
        silent, voiced: Cases scored only before, only now.
        verdict: `worse` is a real loss, `better` a real gain; `unsure` may be chance.
    """

    suite: str
    metric: str
    guard: Guard
    before: float | None
    after: float | None
    change: Change
    broken: tuple[str, ...]
    silent: int
    voiced: int
    verdict: Verdict

    @property
    def name(self) -> str:
        """Return suite and metric."""
        return f"{self.suite}/{self.metric}"


@dataclass(frozen=True)
class SliceChange:
    """How cases of one slice fared over all guarded figures: won, tied, lost."""

    kind: str
    value: str
    wins: int
    ties: int
    losses: int
    difference: float


@dataclass(frozen=True)
class CaseChange:
    """One case before and after, with the figures that moved; `size` adds how far they did."""

    before: CaseResult
    after: CaseResult
    moves: Mapping[str, tuple[float | None, float | None]]
    size: float


@dataclass(frozen=True)
class Comparison:
    """What a comparison found.

    Attributes:
        losses: In words, what the gate stops for; empty where it lets pass.
        gone, added: Cases of suites that both ran, which only one of them has.
        other_agendas: Cases whose agenda or list is not the same.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    metrics: tuple[MetricChange, ...]
    slices: tuple[SliceChange, ...]
    cases: tuple[CaseChange, ...]
    losses: tuple[str, ...]
    gone: tuple[str, ...]
    added: tuple[str, ...]
    compared: int
    other_agendas: int

    @property
    def passes(self) -> bool:
        """Return whether no guarded figure is really worse."""
        return not self.losses

    def to_json(self) -> dict[str, Any]:
        """Return the contract's shape, by suite and metric, with what it rests on."""
        metrics: dict[str, dict[str, Any]] = {}
        for one in self.metrics:
            metrics.setdefault(one.suite, {})[one.metric] = {
                "difference": one.change.difference, "low": one.change.low,
                "high": one.change.high, "p": one.change.p, "verdict": one.verdict,
                "before": one.before, "after": one.after, "n": one.change.n,
                "moved": one.change.moved, "guard": one.guard, "broken": list(one.broken),
                "silent": one.silent, "voiced": one.voiced}
        return {
            "metrics": metrics, "passes": self.passes, "losses": list(self.losses),
            "compared": self.compared, "changed": self.other_agendas, "gone": list(self.gone),
            "added": list(self.added), "slices": [asdict(one) for one in self.slices],
            "cases": [{"case": "/".join(one.after.key), "moves": {
                name: list(pair) for name, pair in one.moves.items()}} for one in self.cases],
        }


def compare_runs(
    before: Run, after: Run, alpha: float = ALPHA, flips: int = FLIPS
) -> Comparison:
    """Return how a run differs from an earlier one.

    Args:
        alpha: How often the gate may stop for noise in a mean.
        flips: Draws that a p rests on.
    """
    ran = {one.suite for one in before.results} & {one.suite for one in after.results}
    first = {one.key: one for one in before.results if one.suite in ran}
    second = {one.key: one for one in after.results if one.suite in ran}
    both = [(first[key], second[key]) for key in sorted(first.keys() & second.keys())]
    raw = list(_changes(both, flips))
    tests = dict(_tests(raw))
    lost = holm(tests, alpha)
    fell = holm({one.name: one.change.p_loss for one in raw if one.guard == "none"
                 and one.change.difference < 0}, alpha)
    gained = holm({one.name: one.change.p for one in raw
                   if one.change.difference > 0 and one.change.moved}, alpha)
    metrics, losses = [], []
    for one in raw:
        told = _loss(one, lost)
        better = gained.get(one.name, False)
        verdict: Verdict = ("worse" if told or fell.get(one.name) else "better" if better else
                            "unsure" if one.change.moved else "same")
        metrics.append(MetricChange(**{**vars(one), "verdict": verdict}))
        if told:
            losses.append(told)
    gone = tuple("/".join(key) for key in sorted(first.keys() - second.keys()))
    if gone:
        losses.append(f"{len(gone)} cases are gone, such as {gone[0]}")
    changed = [_case_change(*pair) for pair in both]
    changed = sorted((one for one in changed if one.size > EVEN or chosen(one.before) !=
                      chosen(one.after)),
                     key=lambda one: (-one.size, one.after.key))
    return Comparison(
        before.record, after.record, tuple(metrics), tuple(_slices(both)),
        tuple(changed[:MOST]), tuple(losses), gone,
        tuple("/".join(key) for key in sorted(second.keys() - first.keys())),
        len(both), sum(chosen(one) != chosen(other) for one, other in both))


def guard_of(metric: str) -> Guard:
    """Return how a figure is guarded; one that is no longer there informs."""
    if metric == ANSWERED:
        return "must"
    found = metric_of(metric)
    return "none" if found is None else found.guard


def _changes(
    both: Sequence[tuple[CaseResult, CaseResult]], flips: int
) -> Iterator[MetricChange]:
    """Yield every figure's change, suite by suite, without a verdict."""
    for suite in dict.fromkeys(one.suite for one, _ in both):
        own = [pair for pair in both if pair[0].suite == suite]
        for metric in dict.fromkeys(name for _, other in own for name in other.metrics):
            pairs = [(one, one.metrics.get(metric), other.metrics.get(metric))
                     for one, other in own]
            scored = [(one, x, y) for one, x, y in pairs if x is not None and y is not None]
            silent = sum(x is not None and y is None for _, x, y in pairs)
            voiced = sum(x is None and y is not None for _, x, y in pairs)
            if not scored and not silent:
                continue
            guard = guard_of(metric)
            xs, ys = [x for _, x, _ in scored], [y for _, _, y in scored]
            change = (change_of(xs, ys, [one.cluster for one, _, _ in scored], flips=flips)
                      if scored
                      else Change(0.0, 0.0, 0.0, 1.0, 1.0, 0, 0))
            broken = tuple(one.case for one, x, y in scored if x >= 1 - EVEN > y) \
                if guard == "must" else ()
            yield MetricChange(suite, metric, guard, _mean(xs), _mean(ys), change, broken, silent,
                               voiced, "same")


def _tests(changes: Sequence[MetricChange]) -> Iterator[tuple[str, float]]:
    """Yield the p of a loss of every guarded figure that moved, and of its falling silent."""
    for one in changes:
        if one.guard == "none":
            continue
        if one.change.moved and one.guard == "mean":
            yield one.name, one.change.p_loss
        if one.silent:
            yield f"{one.name} silent", float(binomtest(
                one.silent, one.silent + one.voiced, alternative="greater").pvalue)


def _loss(one: MetricChange, lost: Mapping[str, bool]) -> str:
    """Return in words what is lost, or nothing."""
    if one.guard == "none":
        return ""
    if one.broken:
        more = "" if len(one.broken) == 1 else f" and {len(one.broken) - 1} more"
        return f"{one.name}: held before, and now broken by {one.broken[0]}{more}"
    if lost.get(one.name):
        return (f"{one.name}: {one.before:.3f} to {one.after:.3f}, "
                f"{one.change.difference:+.3f} [{one.change.low:+.3f}, {one.change.high:+.3f}], "
                f"p {one.change.p_loss:.4f}")
    if lost.get(f"{one.name} silent"):
        return f"{one.name}: {one.silent} cases are no longer scored, {one.voiced} are anew"
    return ""


def _slices(both: Sequence[tuple[CaseResult, CaseResult]]) -> Iterator[SliceChange]:
    found: dict[tuple[str, str], list[float]] = {}
    for one, other in both:
        differences = [y - x for name, y in other.metrics.items()
                       if y is not None and (x := one.metrics.get(name)) is not None
                       and guard_of(name) != "none"]
        whole = sum(differences) / len(differences) if differences else 0.0
        for kind in SLICES:
            if kind in other.slices:
                found.setdefault((kind, other.slices[kind]), []).append(whole)
    for (kind, value), own in sorted(found.items(),
                                     key=lambda pair: (SLICES.index(pair[0][0]), pair[0][1])):
        yield SliceChange(kind, value, sum(one > EVEN for one in own),
                          sum(abs(one) <= EVEN for one in own), sum(one < -EVEN for one in own),
                          round(sum(own) / len(own), 6) + 0.0)


def _case_change(before: CaseResult, after: CaseResult) -> CaseChange:
    moves = {name: (before.metrics.get(name), value) for name, value in after.metrics.items()
             if before.metrics.get(name) != value
             and abs((before.metrics.get(name) or 0.0) - (value or 0.0)) > 1e-4}
    size = sum(abs((y or 0.0) - (x or 0.0)) * (1.0 if guard_of(name) != "none" else 0.25)
               for name, (x, y) in moves.items())
    return CaseChange(before, after, moves, size)


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None
