"""Matching over random pools and random rules: no rule is broken, no order matters."""

from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matchmaking import PHRASES, crowd, english, programme, terms

from recommender.domain.profile import Profile
from recommender.domain.programme import Programme, Rule
from recommender.matching import suggest as suggest_module
from recommender.matching.fairness import depends_on
from recommender.matching.groups import form_groups
from recommender.matching.match import match_pool, score_matrix
from recommender.matching.suggest import best_scores, explain_candidate, suggest_mentors
from recommender.matching.terms import Before, MetFeedback, PastPair

RULES: list[dict[str, Any]] = [
    {"field": "languages", "test": "overlap"},
    {"field": "function", "test": "same"},
    {"field": "function", "test": "different"},
    {"field": "level", "test": "gap", "min": 0},
    {"field": "level", "test": "gap", "min": -1, "max": 2},
    {"field": "level", "test": "at_most", "value": 5},
    {"field": "level", "test": "at_least", "value": 2, "of": "both"},
    {"field": "level", "test": "at_least", "value": 3, "of": "mentee"},
    {"field": "timezone", "test": "within_hours", "value": 4},
    {"field": "manager_id", "test": "not_reporting_line"},
    {"field": "attributes.site", "test": "same"},
]
HOURS = {"Africa/Dakar": 0, "Europe/Paris": 1, "America/Bogota": -5, "Asia/Tokyo": 9,
         "Pacific/Auckland": 13, "Pacific/Honolulu": -10}
Given = tuple[list[Profile], Programme, Before]


@st.composite
def pools(draw: st.DrawFn, relation: str = "mentor", most: int = 9) -> Given:
    """Return people, a programme and what was before."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    people = crowd(rng, draw(st.integers(1, most)), draw(st.integers(1, most)))
    ids = [one.id for one in people]
    changed = []
    for one in people:
        more: dict[str, Any] = {}
        if rng.random() < 0.7:
            more["timezone"] = str(rng.choice(list(HOURS)))
        if rng.random() < 0.4:
            more["manager_id"] = str(rng.choice(ids))
        if rng.random() < 0.2:
            more["avoid"] = [str(rng.choice(ids))]
        if rng.random() < 0.1:
            more["available"] = False
        if relation == "peer":
            more["roles"] = ["peer"] if rng.random() < 0.9 else ["mentor"]
        changed.append(one.model_copy(update=more))
    chosen = draw(st.lists(st.sampled_from(RULES), max_size=3))
    kinds = st.sampled_from(["must", "prefer", "avoid"])
    rules = [one | {"rule": draw(kinds), "weight": draw(st.sampled_from([0, 1, 3.5]))}
             for one in chosen]
    pairs = [PastPair(mentee=str(rng.choice(ids)), mentor=str(rng.choice(ids)),
                      status="active" if rng.random() < 0.5 else "ended")
             for _ in range(draw(st.integers(0, 3)))]
    verdicts = st.sampled_from(["not_interested", "met", "worked_well", "undo"])
    feedback = [MetFeedback(profile_id=str(rng.choice(ids)), candidate_id=str(rng.choice(ids)),
                            verdict=draw(verdicts)) for _ in range(draw(st.integers(0, 3)))]
    own = programme(rules, relation=relation, semantic=draw(st.sampled_from([0, 5])))
    return changed, own, Before(pairs=pairs, feedback=feedback)


def holds(rule: Rule, mentee: Profile, mentor: Profile, everybody: list[Profile]) -> bool:
    """Return whether a rule holds between two people, worked out without any array."""
    field = rule.field
    if field == "attributes.site":
        sides = [one.attributes.get("site") for one in (mentee, mentor)]
    else:
        sides = [getattr(one, field) for one in (mentee, mentor)]
    if rule.test == "not_reporting_line":
        by_id = {one.id: one for one in everybody}

        def above(one: Profile) -> set[str]:
            found: set[str] = set()
            at = one.manager_id
            while at in by_id and at not in found and at != one.id:
                found.add(at)
                at = by_id[at].manager_id
            return found
        return mentee.id not in above(mentor) and mentor.id not in above(mentee)
    if rule.test in ("at_most", "at_least"):
        asked = {"mentee": sides[:1], "mentor": sides[1:], "both": sides}[rule.of]
        assert isinstance(rule.value, int)
        return all(one is not None and (one <= rule.value if rule.test == "at_most"
                                        else one >= rule.value) for one in asked)
    if any(one in (None, []) for one in sides):
        return False
    first, second = sides
    if rule.test == "gap":
        low = -99 if rule.min is None else rule.min
        return bool(low <= second - first <= (99 if rule.max is None else rule.max))
    if rule.test == "within_hours":
        apart = abs(HOURS[first] - HOURS[second]) % 24
        assert isinstance(rule.value, int)
        return min(apart, 24 - apart) <= rule.value
    if rule.test == "overlap":
        return bool(set(first) & set(second))
    return (first == second) == (rule.test == "same")


def check_allowed(given: Given, mentee: str, mentor: str) -> None:
    """No `must` rule, avoid-list, break or earlier meeting stands against the two."""
    people, own, before = given
    by_id = {one.id: one for one in people}
    first, second = by_id[mentee], by_id[mentor]
    for rule in own.matching.rules:
        assert rule.rule != "must" or holds(rule, first, second, people), (rule, mentee, mentor)
    assert mentee != mentor
    assert mentor not in first.avoid
    assert mentee not in second.avoid
    assert second.available
    assert {mentee, mentor} not in [{one.mentee, one.mentor} for one in before.pairs]
    for one, other in ((mentee, mentor), (mentor, mentee)):
        assert before.verdicts_of(one).get(other) in (None, "worked_well")


def room_of(given: Given, own: str) -> int:
    people, _, before = given
    one = next(one for one in people if one.id == own)
    used = sum(pair.mentor == own and pair.status == "active" for pair in before.pairs)
    return (1 if one.capacity is None else one.capacity) - used


@given(pools())
def test_suggestions_keep_every_rule_and_agree_with_why(given: Given) -> None:
    """Who is listed may meet by every rule; scores follow from parts; `why` tells the same."""
    people, own, before = given
    judged = terms(people, own, before)
    by_id = {one.id: one for one in people}
    for mentee in [one.id for one in people if one.roles == ["mentee"]][:3]:
        listed = suggest_mentors(judged, mentee, english(), limit=50)
        assert [one.candidate for one in listed] == [
            one.candidate for one in sorted(listed, key=lambda one: (-one.score, one.candidate))]
        for place, one in enumerate(listed, start=1):
            check_allowed(given, mentee, one.candidate)
            assert room_of(given, one.candidate) > 0
            weight = sum(part.weight for part in one.parts)
            again = sum(part.value * part.weight for part in one.parts) / weight if weight else 0
            assert one.score == pytest.approx(again, abs=1e-5)
            why = explain_candidate(judged, mentee, one.candidate, english())
            assert (why.eligible, why.rank, why.score) == (True, place, one.score)
            assert why.parts == one.parts
            assert why.reasons == one.reasons
            for rule, part in zip(
                [rule for rule in own.matching.rules if rule.rule != "must" and rule.weight],
                one.parts, strict=False,
            ):
                met = holds(rule, by_id[mentee], by_id[one.candidate], people)
                assert part.value == (met if rule.rule == "prefer" else not met)
        names = {one.candidate for one in listed}
        for other in by_id:
            why = explain_candidate(judged, mentee, other, english())
            assert why.eligible == (other in names)
            broken = [one for one in why.outcomes
                      if one.kind in ("must", "always") and one.outcome != "met"]
            assert bool(broken) != why.eligible
            assert why.told


@given(pools(), st.randoms())
def test_a_short_list_begins_a_long_one_whatever_the_order(given: Given, random: Any) -> None:
    """Top j is a prefix of top k, and no order of people or rules in the input matters."""
    people, own, before = given
    mixed = [*people]
    random.shuffle(mixed)
    judged, again = terms(people, own, before), terms(mixed, own, before)
    for mentee in [one.id for one in people if one.roles == ["mentee"]][:2]:
        every = suggest_mentors(judged, mentee, english(), 50)
        for limit in (1, 2, 5):
            assert suggest_mentors(judged, mentee, english(), limit) == every[:limit]
        assert suggest_mentors(again, mentee, english(), 50) == every
    assert match_pool(again, PHRASES) == match_pool(judged, PHRASES)


@given(pools())
def test_a_match_keeps_rules_room_and_the_scores_of_the_lists(given: Given) -> None:
    """No rule is broken, nobody gets more than they have room for, nobody is lost."""
    people, own, before = given
    judged = terms(people, own, before)
    found = match_pool(judged, PHRASES, seed="s")
    new = [one for one in found.pairs if not one.kept]
    for pair in new:
        check_allowed(given, pair.mentee, pair.mentor)
        listed = {one.candidate: one.score
                  for one in suggest_mentors(judged, pair.mentee, english(), 50)}
        assert pair.score == pytest.approx(listed[pair.mentor], abs=2e-6)
    for one in people:
        taken = sum(pair.mentor == one.id for pair in new)
        assert taken <= max(0, room_of(given, one.id))
    mentees = [one.id for one in people if one.roles == ["mentee"] and one.available]
    matched = [pair.mentee for pair in new]
    assert len(set(matched)) == len(matched)
    assert {*matched, *(one.id for one in found.unmatched)} >= {
        one for one in mentees if one not in {pair.mentee for pair in found.pairs}}
    assert found.total == pytest.approx(sum(pair.score for pair in new), abs=1e-4)
    assert found.bound >= found.total - 1e-6


@settings(max_examples=40)
@given(pools(relation="peer"))
def test_equals_are_paired_by_every_rule(given: Given) -> None:
    """Between equals too: no rule broken either way, nobody over capacity."""
    people, own, before = given
    found = match_pool(terms(people, own, before), PHRASES)
    new = [one for one in found.pairs if not one.kept]
    for pair in new:
        check_allowed(given, pair.mentee, pair.mentor)
        check_allowed(given, pair.mentor, pair.mentee)
    capacity = {one.id: 1 if one.capacity is None else one.capacity for one in people}
    for own_id, most in capacity.items():
        assert sum(own_id in (pair.mentee, pair.mentor) for pair in new) <= most


@settings(max_examples=60)
@given(pools(relation="peer", most=6))
def test_equals_see_each_other_as_the_match_sees_them(given: Given) -> None:
    """Whoever stands on a list can be matched with whoever asks, at the same score, and has them
    on their own list; `why` says the same from both sides, and tells one-sided rules each way."""
    people, own, before = given
    judged = terms(people, own, before)
    rows = np.arange(len(judged.pool))
    ids = judged.pool.ids
    lists = {one: {two.candidate: two for two in suggest_mentors(judged, one, english(), 50)}
             for one in ids}
    matrix = score_matrix(judged, rows, rows)
    for one, other in permutations(range(len(ids)), 2):
        listed = lists[ids[one]].get(ids[other])
        back = lists[ids[other]].get(ids[one])
        why = explain_candidate(judged, ids[one], ids[other], english())
        assert (listed is not None) == (back is not None) == why.eligible
        assert bool(np.isfinite(matrix[one, other])) == why.eligible
        for rule in own.matching.rules:
            told = [outcome.detail for outcome in why.outcomes if outcome.rule == str(rule)]
            both = rule.test in ("gap", "at_most", "at_least") and rule.of != "both"
            assert any(text.startswith(f"{ids[one]} → {ids[other]}: ") for text in told) == both
            assert any(text.startswith(f"{ids[other]} → {ids[one]}: ") for text in told) == both
        if listed is None or back is None:
            broken = [outcome for outcome in why.outcomes
                      if outcome.kind in ("must", "always") and outcome.outcome != "met"]
            assert broken
            continue
        assert listed.score == pytest.approx(back.score, abs=2e-6)
        assert listed.score == pytest.approx(matrix[one, other], abs=2e-6)
        assert [(part.rule, part.weight) for part in listed.parts] == [
            (part.rule, part.weight) for part in back.parts]
        assert [part.value for part in listed.parts] == pytest.approx(
            [part.value for part in back.parts], abs=2e-6)
        assert why.score == pytest.approx(listed.score, abs=2e-6)
    for pair in match_pool(judged, PHRASES, keep=False).pairs:
        assert pair.score == pytest.approx(lists[pair.mentee][pair.mentor].score, abs=2e-6)


@settings(max_examples=40)
@given(pools(relation="peer", most=7), st.integers(2, 3), st.integers(0, 2))
def test_pods_keep_every_rule_pairwise(given: Given, least: int, more: int) -> None:
    """Everyone is in one pod at most, of the asked size, and any two of a pod may meet."""
    people, own, before = given
    groups, left = form_groups(terms(people, own, before), least, least + more, PHRASES)
    inside = [one for group in groups for one in group.members]
    assert len(set(inside)) == len(inside)
    for group in groups:
        assert least <= len(group.members) <= least + more
        for first, second in combinations(group.members, 2):
            check_allowed(given, first, second)
            check_allowed(given, second, first)
    open_to_it = {one.id for one in people
                  if one.available and one.capacity != 0 and one.roles == ["peer"]}
    assert {*inside} | {one.id for one in left} == open_to_it


@given(pools(most=20), st.integers(1, 4))
def test_two_stages_find_what_brute_force_finds(given: Given, limit: int) -> None:
    """However few are compared at first, the best few are the same, with the same scores."""
    people, own, before = given
    judged = terms(people, own, before)
    with pytest.MonkeyPatch.context() as patch:
        for row in np.flatnonzero(judged.mentees)[:4].tolist():
            eligible = np.flatnonzero(judged.eligible(row, as_mentee=True))
            if not len(eligible):
                continue
            patch.setattr(suggest_module, "SECOND_STAGE", 1)
            short = best_scores(judged, row, eligible, limit, as_mentee=True)
            patch.setattr(suggest_module, "SECOND_STAGE", len(people))
            whole = best_scores(judged, row, eligible, limit, as_mentee=True)
            best = [[(int(one.rows[at]), float(one.total[at]))
                     for at in np.lexsort((one.rows, -one.total))[:limit]]
                    for one in (short, whole)]
            assert [row for row, _ in best[0]] == [row for row, _ in best[1]]
            assert best[0] == [(row, pytest.approx(score, abs=2e-6)) for row, score in best[1]]


@settings(max_examples=30)
@given(pools())
def test_nothing_depends_on_a_protected_attribute(given: Given) -> None:
    """Gender handed on to somebody else changes no list and no match."""
    people, own, before = given

    def run(profiles: Any) -> object:
        judged = terms(profiles, own, before)
        return (match_pool(judged, PHRASES), [suggest_mentors(judged, one.id, english())
                                              for one in profiles if one.roles == ["mentee"]])

    assert not depends_on(sorted(people, key=lambda one: one.id), "attributes.gender", run)
