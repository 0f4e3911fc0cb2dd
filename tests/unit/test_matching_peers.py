"""Equals: rules, reasons and scores both ways, and their pairing."""

import numpy as np
import pytest
from matchmaking import PHRASES, crowd, english, person, programme, terms

from recommender.matching import equals as equals_module
from recommender.matching.match import match_pool
from recommender.matching.suggest import explain_candidate, suggest_mentors
from recommender.matching.terms import Before, MetFeedback, Terms


def names(judged: Terms, own: str) -> list[str]:
    return [one.candidate for one in suggest_mentors(judged, own, english(), 50)]


def test_equals_hear_reasons_both_ways() -> None:
    """Between equals each reason says who wants and who offers; the weaker side counts."""
    people = [person("a", skills_wanted=["negotiation"], skills_offered=["forecasting"]),
              person("b", skills_wanted=["forecasting"], skills_offered=["negotiation"]),
              person("c", skills_wanted=["public speaking"], skills_offered=["negotiation"])]
    first, second = suggest_mentors(terms(people, programme(relation="peer")), "a", english())
    assert (first.candidate, second.candidate) == ("b", "c")
    assert {(one.wanted_by, one.want, one.offer) for one in first.reasons} == {
        ("a", "negotiation", "negotiation"), ("b", "forecasting", "forecasting")}
    assert first.score > second.score + 0.3
    assert first.told == ("You want “negotiation”; they bring “negotiation”. "
                          "They want “forecasting”; you bring “forecasting”.")


def test_between_equals_the_weaker_way_of_a_rule_counts() -> None:
    """A gap that is met one way only is not met, one that is avoided either way is; `why` tells
    both ways and quotes the sides in their order."""
    people = [person("a", level=3), person("b", level=4)]
    rules = [{"field": "level", "rule": kind, "test": "gap", "min": 1, "weight": 2}
             for kind in ("prefer", "avoid")]
    judged = terms(people, programme(rules, relation="peer"))
    for own, other in ("ab", "ba"):
        listed = suggest_mentors(judged, own, english())
        assert [part.value for part in listed[0].parts[:2]] == [0, 0]
        why = explain_candidate(judged, own, other, english())
        assert [(one.outcome, one.detail) for one in why.outcomes if one.kind == "prefer"] == [
            ("met", "a → b: 3 / 4"), ("not_met", "b → a: 4 / 3")][::1 if own == "a" else -1]
    must = programme([rules[0] | {"rule": "must"}], relation="peer")
    assert names(terms(people, must), "a") == names(terms(people, must), "b") == []


def test_who_has_no_room_among_equals_finds_nobody_and_is_told_why() -> None:
    """The reason names whose side it is on."""
    judged = terms([person("a", roles=["peer"], capacity=0), person("b", roles=["peer"])],
                   programme(relation="peer"))
    assert names(judged, "a") == names(judged, "b") == []
    mine = explain_candidate(judged, "a", "b", english()).told
    theirs = explain_candidate(judged, "b", "a", english()).told
    assert "a has no room" in mine
    assert "a has no room" not in theirs
    assert "has no room" in theirs


def test_what_worked_well_for_one_of_two_equals_counts_for_both() -> None:
    """Whichever of them it was; where it was both, the weaker likeness counts."""
    people = [person("a", skills_offered=["negotiation"]),
              person("b", skills_offered=["negotiation now"]),
              person("c", skills_offered=["negotiation"]),
              person("d", skills_offered=["forecasting"])]

    def alike(*well: str) -> list[float]:
        before = Before(feedback=[MetFeedback(profile_id=own, candidate_id=other,
                                              verdict="worked_well") for own, other in well])
        judged = terms(people, programme(relation="peer"), before)
        found = []
        for own, other in ("ab", "ba"):
            listed = {one.candidate: one for one in suggest_mentors(judged, own, english())}
            parts = [part for part in listed[other].parts if part.rule.startswith("like")]
            found.append(sum(part.value for part in parts))
        return found

    near, far = alike("ac"), alike("bd")
    assert near[0] == near[1] > far[0] == far[1]
    assert alike("ac", "bd") == far
    assert alike() == [0, 0]


def test_lots_decide_which_of_three_equals_is_left_over() -> None:
    """Over many seeds each is left over about as often; the same seed gives the same."""
    judged = terms([person(own, roles=["peer"]) for own in "abc"], programme(relation="peer"))
    left = [match_pool(judged, PHRASES, seed=str(seed)).unmatched[0].id for seed in range(90)]
    assert all(18 <= left.count(own) <= 42 for own in "abc"), left
    assert match_pool(judged, PHRASES, seed="5").unmatched[0].id == left[5]


def test_equals_are_paired_at_best_in_a_large_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not every pair is looked at, total and bound are those of looking at all."""
    people = [one.model_copy(update={"roles": ["peer"], "capacity": None})
              for one in crowd(np.random.default_rng(2), 20, 20)]
    judged = terms(people, programme([{"field": "level", "rule": "prefer", "test": "same"}],
                                     relation="peer"))
    whole = match_pool(judged, PHRASES)
    assert whole.bound == whole.total > 0
    monkeypatch.setattr(equals_module, "WHOLE", 0)
    monkeypatch.setattr(equals_module, "FIRST", 2)
    priced = match_pool(judged, PHRASES)
    assert priced.total == pytest.approx(whole.total, abs=1e-5)
    assert priced.bound == pytest.approx(priced.total, abs=1e-4)
