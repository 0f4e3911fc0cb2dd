"""Lists for everybody at once: room, fairness, as many names as can be had, the Gini."""

import numpy as np
import pytest
from matchmaking import PHRASES, SKILLS, crowd, english, person, programme, terms
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

from recommender.errors import InvalidInputError
from recommender.matching.exposure import draft, suggest_for_all
from recommender.matching.fairness import gini
from recommender.matching.pool import Rows
from recommender.matching.suggest import suggest_mentors
from recommender.matching.terms import Before, PastPair
from recommender.retrieval.encoder import Floats

FANS = [person(f"m{at}", roles=["mentee"], skills_wanted=["giving feedback"]) for at in range(6)]
STAR = person("star", roles=["mentor"], skills_offered=["giving feedback"])
OTHERS = [person(f"M{at}", roles=["mentor"], skills_offered=[SKILLS[at + 1]]) for at in range(5)]


def most_names(scores: Floats, places: Rows, limit: int) -> int:
    """Return how many names all lists can hold together, by another solver."""
    people, others = scores.shape
    source, sink = people + others, people + others + 1
    edges = [(source, at, limit) for at in range(people)]
    edges += [(int(at), people + int(to), 1) for at, to in zip(*np.nonzero(np.isfinite(scores)),
                                                               strict=True)]
    edges += [(people + to, sink, int(room)) for to, room in enumerate(places)]
    starts, ends, rooms = zip(*edges, strict=True)
    graph = sparse.csr_matrix((np.array(rooms, dtype=np.int32), (starts, ends)),
                              shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, source, sink).flow_value)


def test_lists_hold_as_many_names_as_the_places_allow() -> None:
    """Over random tables: nobody twice, nobody over their places, no name that could be had
    missing, and nobody without one who need not be."""
    rng = np.random.default_rng(4)
    moved = 0
    for turn in range(250):
        shape = int(rng.integers(1, 25)), int(rng.integers(1, 15))
        scores = rng.random(shape).astype(np.float32)
        if turn % 3 == 0:
            scores = np.round(scores, 1)
        scores[rng.random(shape) < rng.choice([0.0, 0.4, 0.8])] = -np.inf
        places = rng.integers(0, 6, shape[1]).astype(np.intp)
        limit = int(rng.integers(1, 5))
        ids = [f"m{at}" for at in range(shape[0])], [f"M{at}" for at in range(shape[1])]
        found = draft(scores, places, limit, *ids)
        every = [(at, to) for at, own in enumerate(found) for to in own]
        assert len(set(every)) == len(every)
        assert all(np.isfinite(scores[one]) for one in every)
        assert all(len(own) <= limit for own in found)
        assert (np.bincount([to for _, to in every], minlength=shape[1]) <= places).all()
        assert len(every) == most_names(scores, places, limit)
        assert sum(map(bool, found)) == most_names(scores, places, 1)
        moved += len(every) < np.minimum(np.isfinite(scores).sum(axis=1), limit).sum()
    assert moved > 50


def test_who_was_served_worst_chooses_next() -> None:
    """First whose best is lowest; then who has the lower names so far."""
    scores = np.array([[0.9, 0.8, 0.7], [0.6, 0.5, 0.1]], dtype=np.float32)
    ids = ["a", "b"], ["A", "B", "C"]
    for seed in "123456":
        assert draft(scores, np.array([1, 1, 1]), 1, *ids, seed) == [[1], [0]]
        assert draft(scores, np.array([1, 2, 1]), 2, *ids, seed) == [[1, 2], [0, 1]]
        later = np.array([[0.9, 0.5, 0.4, 0.1], [0.85, -np.inf, 0.4, 0.1]], dtype=np.float32)
        assert draft(later, np.ones(4, dtype=np.intp), 2, ids[0], [*"ABCD"], seed) == [
            [1, 2], [0, 3]]


def test_popular_ones_stand_in_no_more_lists_than_they_have_room_for() -> None:
    """Room × limit, less the lists they stand in already; everybody else's list is filled."""
    people = [*FANS, STAR, *OTHERS]
    for shown, most in (({}, 2), ({"star": 1}, 1), ({"star": 7}, 0)):
        found = suggest_for_all(terms(people, before=Before(shown=shown)), PHRASES, 2)
        listed = [one.candidate for each in found.lists for one in each.suggestions]
        assert listed.count("star") == most
        assert all(len(each.suggestions) == 2 for each in found.lists if not each.reasons)
        assert found.shown.get("star", 0) == shown.get("star", 0) + most
        assert found.gini is not None
        assert found.gini_unlimited is not None
        assert found.gini <= found.gini_unlimited
    counts = np.array([found.shown.get(own, 0) for own in ("star", "M0", "M1", "M2", "M3", "M4")])
    assert found.gini == gini(counts.astype(np.float64))


def test_a_list_is_the_same_whatever_the_order_and_scored_as_alone() -> None:
    """The same people in another order give the same lists; scores are those of one list."""
    people = crowd(np.random.default_rng(3), 12, 10)
    first = suggest_for_all(terms(people), PHRASES, 3, seed="s")
    assert suggest_for_all(terms(people[::-1]), PHRASES, 3, seed="s") == first
    assert suggest_for_all(terms(people), PHRASES, 3, seed="t") != first
    seen = 0
    for each in first.lists:
        alone = {one.candidate: one
                 for one in suggest_mentors(terms(people), each.person, english(), 50)}
        scores = [one.score for one in each.suggestions]
        assert scores == sorted(scores, reverse=True)
        for one in each.suggestions:
            seen += 1
            assert (one.score, one.parts, one.reasons) == (
                alone[one.candidate].score, alone[one.candidate].parts,
                alone[one.candidate].reasons)
    assert seen > 10


def test_a_short_list_says_why() -> None:
    """Nobody eligible and the rule to relax, or all places in lists taken."""
    rule = {"field": "languages", "rule": "must", "test": "overlap"}
    people = [person("a", roles=["mentee"], languages=["fr"]),
              person("b", roles=["mentee"], languages=["en"]),
              person("c", roles=["mentee"], languages=["en"]),
              person("M", roles=["mentor"], languages=["en"])]
    found = {one.person: one for one in suggest_for_all(
        terms(people, programme([rule])), PHRASES, 1).lists}
    assert found["a"].reasons == [
        "nobody is eligible under the rules",
        "without the rule “languages: something in common”, one more person would be eligible"]
    texts = [text for own in "bc" for text in found[own].reasons]
    assert texts == ["one more person is eligible, and stands in as many lists as there is room "
                     "for"]


def test_lists_are_for_those_who_look() -> None:
    """Not for whose pair stands, nor for who takes a break; nobody sees a mentor without room."""
    people = [person("m0", roles=["mentee"]), person("m1", roles=["mentee"], available=False),
              person("m2", roles=["mentee"]), person("A", roles=["mentor"]),
              person("B", roles=["mentor"], capacity=2), person("C", roles=["mentor"], capacity=0)]
    before = Before(pairs=[PastPair(mentee="m0", mentor="A")])
    found = suggest_for_all(terms(people, before=before), PHRASES)
    assert [(one.person, [each.candidate for each in one.suggestions]) for one in found.lists] == [
        ("m2", ["B"])]
    with pytest.raises(InvalidInputError, match="from 1 to 100"):
        suggest_for_all(terms(people), PHRASES, 0)
