"""What a judge's verdicts are worth: agreement with people, corrected pass rates, leave to gate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.answers import Verdict
from evals.blind import Key, Pair, RunName
from evals.judge import PREFERENCE, Asked, flips, verdicts_of
from evals.prevalence import Calibration, Corrected, corrected_rate
from evals.reliability import Figure, Reliability, Scale, reliability_of
from evals.review import RUNS, Outcome, outcome_of, ratings_of
from evals.rubric import Rubric

KAPPA_TO_GATE = 0.6
UNITS_TO_GATE = 30
"""Cases or agendas that people have judged too; of fewer, kappa says too little."""
JUDGE, PEOPLE = "judge", "people"


@dataclass(frozen=True)
class Standing:
    """How far a judge may be believed on one question.

    Attributes:
        with_people: The judge against the people's common verdict.
        among_people: The people among themselves: no judge can be expected to do better.
    """

    with_people: Reliability
    among_people: Reliability
    may_gate: bool
    why: str

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {"with_people": self.with_people.to_json(),
                "among_people": self.among_people.to_json(),
                "may_gate": self.may_gate, "why": self.why}


@dataclass(frozen=True)
class JudgeReport:
    """A judge's verdicts with all that tells what they are worth.

    Attributes:
        calls: Questions asked; `unscored` of them have no verdict, by reason.
        flipped: Pairs in which the verdict followed the place, of `both` with two verdicts.
        corrected: Pass rates by criterion and run.
    """

    model: str
    prompts: tuple[str, ...]
    calls: int
    unscored: Mapping[str, int]
    flipped: int
    both: int
    outcome: Outcome
    standing: Mapping[str, Standing]
    corrected: Mapping[str, Mapping[RunName, Corrected]]
    asked: tuple[Asked, ...]

    @property
    def may_gate(self) -> bool:
        """Return whether the judge's preference may stop a change."""
        own = self.standing.get(PREFERENCE)
        return own is not None and own.may_gate

    @property
    def is_loss(self) -> bool:
        """Return whether run b is worse by more than noise, as the judge sees it."""
        high = self.outcome.tally.net.high
        return high is not None and high < 0

    def to_json(self) -> dict[str, Any]:
        """Return all of it, as `judge.json` holds it."""
        return {
            "model": self.model, "prompts": list(self.prompts), "calls": self.calls,
            "unscored": dict(self.unscored), "flipped": self.flipped, "both_orders": self.both,
            "may_gate": self.may_gate, "outcome": self.outcome.to_json(),
            "standing": {name: one.to_json() for name, one in self.standing.items()},
            "corrected": {name: {run: one.to_json() for run, one in own.items()}
                          for name, own in self.corrected.items()},
            "asked": [one.to_json() for one in self.asked]}

    def to_text(self) -> str:
        """Return it for a terminal; each verdict with the judge's agreement with people."""
        tally, scores = self.outcome.tally, self.outcome.scores
        missing = sum(self.unscored.values())
        lines = [
            f"judge {self.model}, prompts {', '.join(self.prompts)}",
            f"{self.calls} questions, {missing} unscored"
            + "".join(f"; {count}: {why}" for why, count in self.unscored.items()),
            f"{self.flipped} of {self.both} pairs: the verdict followed the place"]
        if PREFERENCE in self.standing:
            lines += ["", f"b wins {tally.b_wins}, ties {tally.ties}, a wins {tally.a_wins}, "
                          f"unscored {tally.unscored}; net for b {tally.net}",
                      f"  {_worth(self.standing[PREFERENCE])}"]
        for name, own in self.corrected.items():
            lines += ["", f"{name}: a {scores['a'].criteria[name]}, "
                          f"b {scores['b'].criteria[name]}"]
            lines += [f"  passes, {run}: {_rate(own[run])}" for run in RUNS]
            lines.append(f"  {_worth(self.standing[name])}")
        lines += [f"overall, dangers capped: a {scores['a'].overall}, b {scores['b'].overall}", ""]
        lines.append("The judge may gate." if self.may_gate else
                     "The judge may inform and not gate.")
        return "\n".join(lines) + "\n"


def judge_report(
    asked: Sequence[Asked], pairs: Sequence[Pair], people: Sequence[Verdict], key: Key,
    rubric: Rubric, model: str, prompts: Sequence[str],
) -> JudgeReport:
    """Return a judge's verdicts with what they are worth.

    Args:
        people: What reviewers said of the same runs; may be empty, then the judge may not gate.
        key: Of the pairs that the judge saw.
    """
    verdicts = verdicts_of(asked, pairs, JUDGE)
    clusters = {f"{one.suite}/{one.case}": one.cluster for one in key.pairs.values()}
    clusters |= {f"{unit}#{run}": cluster for unit, cluster in clusters.items() for run in RUNS}
    own, theirs = ratings_of(verdicts, rubric), ratings_of(people, rubric)
    questions = dict.fromkeys(one.question for one in asked)
    standing, corrected = {}, {}
    for name in questions:
        scale: Scale = "nominal" if name == PREFERENCE else "ordinal"
        mine = own[name].get(JUDGE, {})
        common = _common(theirs[name], scale)
        with_people = reliability_of({JUDGE: mine, PEOPLE: common}, scale, clusters)
        may, why = _leave(with_people.kappa)
        standing[name] = Standing(with_people, reliability_of(theirs[name], scale, clusters),
                                  may, why)
        if name != PREFERENCE:
            calibration = _calibrate(mine, common, rubric.pass_at)
            corrected[name] = {run: _pass_rate(mine, run, rubric.pass_at, calibration)
                               for run in RUNS}
    unscored: dict[str, int] = {}
    for one in asked:
        if one.verdict is None:
            why = one.fault or "no reason"
            unscored[why] = unscored.get(why, 0) + 1
    flipped, both = flips(asked)
    return JudgeReport(model, tuple(prompts), len(asked), unscored, flipped, both,
                       outcome_of(verdicts, [key], rubric), standing, corrected, tuple(asked))


def _leave(kappa: Figure) -> tuple[bool, str]:
    if kappa.value is None:
        return False, f"its kappa with people is not defined ({kappa.n} judged by both)"
    if kappa.value < KAPPA_TO_GATE:
        return False, f"its kappa with people is below {KAPPA_TO_GATE}"
    if kappa.n < UNITS_TO_GATE:
        return False, f"people have judged {kappa.n} with it, of {UNITS_TO_GATE} that it takes"
    return True, f"its kappa with people is {KAPPA_TO_GATE} or more"


def _common(ratings: Mapping[str, Mapping[str, int]], scale: Scale) -> dict[str, int]:
    """Return the people's common verdict: the side most prefer, or the median of their scores."""
    by_unit: dict[str, list[int]] = {}
    for own in ratings.values():
        for unit, value in own.items():
            by_unit.setdefault(unit, []).append(value)
    if scale == "nominal":
        return {unit: int(np.sign(sum(own))) for unit, own in by_unit.items()}
    return {unit: math.floor(float(np.median(own)) + 0.5) for unit, own in by_unit.items()}


def _calibrate(
    mine: Mapping[str, int], common: Mapping[str, int], pass_at: int
) -> Calibration:
    both = [(mine[unit] >= pass_at, common[unit] >= pass_at) for unit in mine if unit in common]
    return Calibration(
        sum(people for _, people in both), sum(judge and people for judge, people in both),
        sum(not people for _, people in both),
        sum(not judge and not people for judge, people in both))


def _pass_rate(
    mine: Mapping[str, int], run: RunName, pass_at: int, calibration: Calibration
) -> Corrected:
    scores = [score for unit, score in mine.items() if unit.endswith(f"#{run}")]
    return corrected_rate(sum(score >= pass_at for score in scores), len(scores), calibration)


def _worth(standing: Standing) -> str:
    leave = "may gate" if standing.may_gate else "may inform and not gate"
    return (f"kappa with people {standing.with_people.kappa}; people among themselves "
            f"{standing.among_people.kappa}: {leave}, {standing.why}")


def _rate(rate: Corrected) -> str:
    if rate.apparent is None:
        return "none judged"
    told = f"{rate.apparent:.3f} of {rate.n} as counted"
    if rate.corrected is None:
        return f"{told}; cannot be corrected, the judge tells passes no better than chance"
    return f"{told}, {rate.corrected:.3f} [{rate.low:.3f}, {rate.high:.3f}] corrected"
