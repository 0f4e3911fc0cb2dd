"""Suggested people and whole assignments: need and offer, rules, the best total, exposure.

Rules are read again from the profiles, not by the product's own code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from evals.metrics.base import UNSCORED, Metric, Score, all_or_nothing
from evals.metrics.ranking import SHOWN
from recommender.domain.base import base_language
from recommender.domain.profile import Profile
from recommender.domain.programme import Rule
from recommender.errors import MissingExtraError
from recommender.retrieval.encoder import Floats

NEAR = 1e-4
"""By how much a total of many rounded scores may differ from the best."""


@dataclass(frozen=True)
class Suggested:
    """One person who looks, and whom they were shown; or a whole assignment.

    Attributes:
        found: Ids of the people shown, best first; empty for an assignment.
        grades: Of everybody who may be met, 0 where nobody is named.
        reasons: What was quoted of both, by the person shown: who wants, the want, who offers,
            the offer.
        shown: In how many lists of the run each person stands.
        pairs: Of an assignment; null for a list.
        total: What the assignment is worth, by the product's own scores.
        scores: Those of everybody with everybody, -inf where a rule shuts a pair out.
        places: How many each of the columns may take.
    """

    person: str
    found: tuple[str, ...]
    grades: Mapping[str, int]
    reasons: Mapping[str, tuple[tuple[str, str, str, str], ...]]
    people: Mapping[str, Profile]
    rules: tuple[Rule, ...]
    shown: Mapping[str, int]
    pairs: tuple[tuple[str, str], ...] | None = None
    total: float = 0.0
    scores: Floats | None = None
    places: tuple[int, ...] = ()


def need_offer_fit(suggested: Suggested) -> Score:
    """Return nDCG@5 of the people shown, of those whom the rules allow (ir-measures, linear gain).

    Unscored where nobody who would help may be met.
    """
    if suggested.pairs is not None or not any(suggested.grades.values()):
        return UNSCORED
    try:
        from ir_measures import iter_calc, nDCG
    except ImportError as error:
        raise MissingExtraError(
            "ir-measures is not installed; run: pip install 'agendum[evals]'") from error
    run = {"q": {one: float(-at) for at, one in enumerate(suggested.found)} or {"-": 0.0}}
    grades = {"q": dict(suggested.grades)}
    return Score(float(next(iter(iter_calc([nDCG @ 5], grades, run))).value))


def rules_kept(suggested: Suggested) -> Score:
    """Return 1 where no `must` rule, wish to avoid or capacity is broken, else 0."""
    pairs = suggested.pairs if suggested.pairs is not None else tuple(
        (suggested.person, one) for one in suggested.found)
    wrong = []
    for mentee, mentor in pairs:
        wrong += [f"{mentee} and {mentor}: {one}"
                  for one in broken_rules(suggested.people[mentee], suggested.people[mentor],
                                          suggested.rules)]
    taken = [mentor for _, mentor in suggested.pairs or ()]
    for mentor in sorted(set(taken)):
        capacity = suggested.people[mentor].capacity
        if taken.count(mentor) > (1 if capacity is None else capacity):
            wrong.append(f"{mentor} has {taken.count(mentor)} pairs and room for {capacity}")
    return all_or_nothing(wrong)


def optimality(suggested: Suggested) -> Score:
    """Return what an assignment is worth over the best one there is (SciPy, Jonker-Volgenant).

    The best is computed anew from the same scores, each mentor as often as they have room.
    """
    if suggested.pairs is None or suggested.scores is None:
        return UNSCORED
    wide = np.repeat(suggested.scores, suggested.places, axis=1).astype(np.float64)
    worth = np.where(np.isfinite(wide), wide, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    best = float(worth[rows, columns].sum())
    if best <= 0:
        return UNSCORED
    value = suggested.total / best
    return Score(1.0 if value >= 1 - NEAR else value, f"{suggested.total:.4f} of {best:.4f}")


def exposure(suggested: Suggested) -> Score:
    """Return this list's part in how evenly people are shown.

    The mean over its first five of one over the lists that show the person too; over all lists,
    different people shown over places: 1 nobody twice, near 0 the same few for everybody.
    """
    first = suggested.found[:SHOWN]
    if suggested.pairs is not None or not first:
        return UNSCORED
    return Score(sum(1 / suggested.shown[one] for one in first) / len(first))


def reasons_true(suggested: Suggested) -> Score:
    """Return 1 where every reason quotes what stands on both profiles, else 0.

    Unscored where no reason is given.
    """
    every = [(shown, one) for shown in suggested.found
             for one in suggested.reasons.get(shown, ())]
    if suggested.pairs is not None or not every:
        return UNSCORED
    wrong = [f"{shown}: {want!r} or {offer!r} stands on no profile"
             for shown, (wanted_by, want, offered_by, offer) in every
             if want not in _written(suggested.people[wanted_by])
             or offer not in _written(suggested.people[offered_by])]
    return all_or_nothing(wrong)


def broken_rules(mentee: Profile, mentor: Profile, rules: tuple[Rule, ...]) -> list[str]:
    """Return the `must` rules that a pair breaks, where both profiles say enough to tell."""
    wrong = []
    if mentor.id in mentee.avoid or mentee.id in mentor.avoid:
        wrong.append("they avoid each other")
    if mentor.capacity == 0 or not mentor.available:
        wrong.append("is not to be met")
    for rule in rules:
        if rule.rule != "must":
            continue
        one, other = _value(mentee, rule.field), _value(mentor, rule.field)
        broken = False
        if rule.test == "overlap" and one and other:
            broken = not set(one) & set(other)
        elif rule.test == "same" and one is not None and other is not None:
            broken = one != other
        elif rule.test == "different" and one is not None and other is not None:
            broken = one == other
        elif rule.test == "gap" and one is not None and other is not None:
            gap = other - one
            broken = not ((rule.min is None or gap >= rule.min)
                          and (rule.max is None or gap <= rule.max))
        elif rule.test in ("at_most", "at_least"):
            asked = [own for own, who in ((one, "mentee"), (other, "mentor"))
                     if rule.of in (who, "both") and isinstance(own, int | float)]
            bound = rule.value if isinstance(rule.value, int | float) else 0
            broken = any(own > bound if rule.test == "at_most" else own < bound for own in asked)
        elif rule.test == "not_reporting_line":
            broken = mentee.manager_id == mentor.id or mentor.manager_id == mentee.id
        if broken:
            wrong.append(str(rule))
    return wrong


def _value(profile: Profile, field: str) -> Any:
    value = getattr(profile, field, None) if "." not in field else profile.attributes.get(
        field.partition(".")[2])
    if field == "languages":
        return [base_language(one) for one in profile.languages]
    return value


def _written(profile: Profile) -> str:
    return "\n".join([*profile.skills_wanted, *profile.skills_offered, profile.headline or "",
                      profile.bio or "", *(goal.text for goal in profile.goals)])


METRICS = (
    Metric("need_offer_fit", "Would the people shown help?", "mean", need_offer_fit),
    Metric("rules_kept", "Is every rule of the programme kept?", "must", rules_kept),
    Metric("optimality", "Is there a better assignment?", "must", optimality),
    Metric("exposure", "Are more than a few ever shown?", "mean", exposure),
    Metric("reasons_true", "Is what is said of them on their profiles?", "must", reasons_true),
)
