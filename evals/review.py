"""What came of a review: who won, how the runs score, and how far reviewers agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.answers import Verdict
from evals.blind import Key, RunName
from evals.reliability import Figure, Ratings, Reliability, figure_of, mean_of, reliability_of
from evals.rubric import Rubric

RUNS: tuple[RunName, ...] = ("a", "b")
_SIGN = {"a": -1, "tie": 0, "b": 1}


@dataclass(frozen=True)
class Tally:
    """How often each run's agenda was preferred.

    Attributes:
        net: Mean over cases of +1 where b was preferred, -1 where a was, over reviewers.
    """

    b_wins: int
    ties: int
    a_wins: int
    unscored: int
    net: Figure

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {"b_wins": self.b_wins, "ties": self.ties, "a_wins": self.a_wins,
                "unscored": self.unscored, "net": self.net.to_json()}


@dataclass(frozen=True)
class RunScore:
    """How one run was scored.

    Attributes:
        criteria: Mean score by criterion.
        overall: Mean of the criteria of each agenda, capped by its dangers.
        handed_over: Share of agendas that would be handed over, as they are or after small edits.
        dangers: How often each was seen.
    """

    criteria: Mapping[str, Figure]
    overall: Figure
    handed_over: Figure
    dangers: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {"criteria": {name: one.to_json() for name, one in self.criteria.items()},
                "overall": self.overall.to_json(), "handed_over": self.handed_over.to_json(),
                "dangers": dict(self.dangers)}


@dataclass(frozen=True)
class Outcome:
    """What came of a review of two runs.

    Attributes:
        agreement: By question: `preference`, `hand_over`, then each criterion.
        first_preferred: Share of verdicts, ties aside, for the agenda that stood first; .5 means
            that the order did not matter.
        slices: Tallies by kind of slice and value.
    """

    runs: Mapping[RunName, str]
    reviewers: tuple[str, ...]
    cases: int
    tally: Tally
    slices: Mapping[str, Mapping[str, Tally]]
    scores: Mapping[RunName, RunScore]
    agreement: Mapping[str, Reliability]
    first_preferred: Figure

    def to_json(self) -> dict[str, Any]:
        """Return all of it, as `review.json` holds it."""
        return {
            "runs": dict(self.runs), "reviewers": list(self.reviewers), "cases": self.cases,
            "tally": self.tally.to_json(),
            "slices": {kind: {value: one.to_json() for value, one in own.items()}
                       for kind, own in self.slices.items()},
            "scores": {run: one.to_json() for run, one in self.scores.items()},
            "agreement": {name: one.to_json() for name, one in self.agreement.items()},
            "first_preferred": self.first_preferred.to_json()}

    def to_text(self) -> str:
        """Return it for a terminal."""
        a, b = (self.runs[run] for run in RUNS)
        lines = [
            f"{len(self.reviewers)} reviewers, {self.cases} cases; a is {a}, b is {b}",
            f"b wins {self.tally.b_wins}, ties {self.tally.ties}, a wins {self.tally.a_wins}, "
            f"unscored {self.tally.unscored}; net for b {self.tally.net}",
            f"the agenda that stood first was preferred in {self.first_preferred}",
            "", f"{'mean score':14}{'a':>30}{'b':>30}"]
        named = {**{name: (self.scores["a"].criteria[name], self.scores["b"].criteria[name])
                    for name in self.scores["a"].criteria},
                 "overall": (self.scores["a"].overall, self.scores["b"].overall),
                 "handed over": (self.scores["a"].handed_over, self.scores["b"].handed_over)}
        lines += [f"{name:14}{one!s:>30}{other!s:>30}" for name, (one, other) in named.items()]
        lines += [f"dangers {run}: " + (", ".join(
            f"{name} {count}" for name, count in self.scores[run].dangers.items()) or "none")
            for run in RUNS]
        lines += ["", f"{'agreement':14}{'kappa':>30}{'alpha':>30}"]
        lines += [f"{name:14}{one.kappa!s:>30}{one.alpha!s:>30}"
                  for name, one in self.agreement.items()]
        return "\n".join(lines) + "\n"


def outcome_of(verdicts: Sequence[Verdict], keys: Sequence[Key], rubric: Rubric) -> Outcome:
    """Return what came of a review.

    Args:
        verdicts: As `unblind` gives them, of at least one reviewer.
        keys: Of the same comparison.
    """
    pairs = {f"{one.suite}/{one.case}": one for key in keys for one in key.pairs.values()}
    clusters = {unit: one.cluster for unit, one in pairs.items()}
    slices: dict[str, dict[str, Tally]] = {}
    for kind in sorted({kind for one in pairs.values() for kind in one.slices}):
        values = sorted({one.slices[kind] for one in pairs.values() if kind in one.slices})
        if len(values) > 1:
            slices[kind] = {value: _tally(
                [one for one in verdicts if pairs[one.unit].slices.get(kind) == value], clusters)
                for value in values}
    reviewers = tuple(sorted({one.reviewer for one in verdicts}))
    return Outcome(
        keys[0].runs, reviewers, len({one.unit for one in verdicts}),
        _tally(verdicts, clusters), slices,
        {run: _score(verdicts, run, rubric, clusters) for run in RUNS},
        {name: reliability_of(ratings, "nominal" if name == "preference" else "ordinal",
                              _of_sides(clusters))
         for name, ratings in ratings_of(verdicts, rubric).items()},
        _first(verdicts, clusters))


def ratings_of(verdicts: Sequence[Verdict], rubric: Rubric) -> dict[str, Ratings]:
    """Return what each reviewer said, by question; a unit is a case, or an agenda `case#run`."""
    order = ("no", "small_edits", "as_is")
    found: dict[str, dict[str, dict[str, int]]] = {
        name: {one.reviewer: {} for one in verdicts}
        for name in ("preference", "hand_over", *rubric.ids)}
    for one in verdicts:
        if one.preferred is not None:
            found["preference"][one.reviewer][one.unit] = _SIGN[one.preferred]
        for run, opinion in one.opinions.items():
            unit = f"{one.unit}#{run}"
            if opinion.hand_over is not None:
                found["hand_over"][one.reviewer][unit] = order.index(opinion.hand_over)
            for criterion, score in opinion.scores.items():
                found[criterion][one.reviewer][unit] = score
    return dict(found)


def _of_sides(clusters: Mapping[str, str]) -> dict[str, str]:
    return dict(clusters) | {f"{unit}#{run}": cluster for unit, cluster in clusters.items()
                             for run in RUNS}


def _tally(verdicts: Sequence[Verdict], clusters: Mapping[str, str]) -> Tally:
    count = Counter(one.preferred for one in verdicts)
    by_case: dict[str, list[int]] = {}
    for one in verdicts:
        if one.preferred is not None:
            by_case.setdefault(one.unit, []).append(_SIGN[one.preferred])
    return Tally(count["b"], count["tie"], count["a"], count[None],
                 mean_of({unit: float(np.mean(own)) for unit, own in by_case.items()}, clusters))


def _score(
    verdicts: Sequence[Verdict], run: RunName, rubric: Rubric, clusters: Mapping[str, str]
) -> RunScore:
    opinions = [(one.unit, one.opinions[run]) for one in verdicts]

    def mean(values: Sequence[tuple[str, float | None]]) -> Figure:
        own: dict[str, list[float]] = {}
        for unit, value in values:
            if value is not None:
                own.setdefault(unit, []).append(value)
        return mean_of({unit: float(np.mean(each)) for unit, each in own.items()}, clusters)

    criteria = {name: mean([(unit, one.scores.get(name)) for unit, one in opinions])
                for name in rubric.ids}
    overall = mean([(unit, rubric.overall(one.scores, one.dangers)) for unit, one in opinions])
    handed = mean([(unit, None if one.hand_over is None else float(one.hand_over != "no"))
                   for unit, one in opinions])
    dangers = Counter(danger for _, one in opinions for danger in one.dangers)
    return RunScore(criteria, overall, handed, {name: dangers[name] for name in rubric.ids
                                                if dangers[name]})


def _first(verdicts: Sequence[Verdict], clusters: Mapping[str, str]) -> Figure:
    chosen: dict[str, list[float]] = {}
    for one in verdicts:
        if one.preferred not in (None, "tie"):
            chosen.setdefault(one.unit, []).append(float(one.preferred == one.shown_first))

    def share(drawn: Sequence[str]) -> float | None:
        said = [value for unit in drawn for value in chosen[unit]]
        return float(np.mean(said)) if said else None

    return figure_of(share, sorted(chosen), clusters)
