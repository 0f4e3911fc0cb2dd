"""What makes matching quick changes nothing: remembered tests, parts, few pairs at first."""

from typing import Any

import numpy as np
import pytest
from matchmaking import crowd, programme, terms

from recommender.matching import meaning as meaning_module
from recommender.matching import rules as rules_module
from recommender.matching.match import score_matrix
from recommender.matching.terms import Terms
from recommender.retrieval.encoder import Floats

RULES: list[dict[str, Any]] = [
    {"field": "languages", "rule": "must", "test": "overlap"},
    {"field": "level", "rule": "prefer", "test": "gap", "min": 0, "max": 2},
    {"field": "level", "rule": "avoid", "test": "at_most", "value": 3},
    {"field": "level", "rule": "prefer", "test": "at_most", "value": 3, "of": "mentee"},
    {"field": "function", "rule": "prefer", "test": "same"},
    {"field": "function", "rule": "avoid", "test": "different"},
]


def judged(relation: str) -> Terms:
    people = crowd(np.random.default_rng(4), 30, 30)
    if relation == "peer":
        people = [one.model_copy(update={"roles": ["peer"]}) for one in people]
    return terms(people, programme(RULES, relation=relation))


def scored(own: Terms) -> Floats:
    return score_matrix(own, np.flatnonzero(own.mentees), np.flatnonzero(own.mentors))


@pytest.mark.parametrize("kept", [0, 10_000_000])
def test_remembered_tests_are_those_made_anew(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule by rule, from either side of a pair, however little is remembered."""
    monkeypatch.setattr(rules_module, "REMEMBERED", kept)
    own = judged("mentor")
    for row in range(len(own.pool)):
        for rule in own.rules:
            for as_mentee in (True, False):
                found = rules_module.test_rule(rule, own.pool, row, as_mentee=as_mentee)
                anew = rules_module._TESTS[rule.test](rule, own.pool, row, as_mentee)
                assert np.array_equal(found.met, anew.met), (rule, row, as_mentee)
                assert np.array_equal(found.known, anew.known), (rule, row, as_mentee)
    assert len(own.pool.tested) <= (90 if kept else 1)


@pytest.mark.parametrize("relation", ["mentor", "peer"])
def test_scores_hang_on_nothing_that_is_remembered(
    relation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same scores with all tests kept and with none."""
    remembered = scored(judged(relation))
    monkeypatch.setattr(rules_module, "REMEMBERED", 0)
    assert np.isfinite(remembered).any()
    assert np.array_equal(remembered, scored(judged(relation)))


def test_a_remembered_test_cannot_be_written_over() -> None:
    """Whoever has the same value is given the same arrays."""
    own = judged("mentor")
    test = rules_module.test_rule(own.rules[0], own.pool, 0, as_mentee=True)
    with pytest.raises(ValueError, match="read-only"):
        test.met[0] = True


def test_phrases_reduced_in_parts_are_those_of_the_whole(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few people there are in a part."""
    own = judged("mentor")
    whole = scored(own)
    monkeypatch.setattr(meaning_module, "OWNERS", 7)
    assert np.isfinite(whole).any()
    assert np.array_equal(whole, scored(own))
