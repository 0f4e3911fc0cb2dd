"""The best assignment: Together's example, an independent solver, ties, capacity."""

import math
from collections import Counter

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from recommender.errors import InvalidInputError
from recommender.matching import assign as assign_module
from recommender.matching.assign import Assignment, assign, lots_of
from recommender.matching.match import match_scores
from recommender.matching.pool import Rows
from recommender.retrieval.encoder import Floats

TOGETHER = [("M1", "A", 8.0), ("M1", "B", 5.0), ("M2", "A", 9.0), ("M2", "B", 4.0)]


def best_total(scores: Floats, capacity: Rows) -> float:
    """Return the optimum by another solver: every place a column, and nobody one for each."""
    value = np.where(np.isfinite(scores), scores, -1e6)
    places = np.repeat(value, np.minimum(capacity, len(scores)), axis=1)
    gains = np.hstack([places, np.zeros((len(scores), len(scores)))])
    rows, columns = linear_sum_assignment(gains, maximize=True)
    return float(gains[rows, columns].sum())


def random_pool(seed: int, most: int = 60) -> tuple[Floats, Rows]:
    """Return scores with forbidden pairs, ties in a third, negative ones in a third."""
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(1, most + 1)), int(rng.integers(1, most + 1))
    scores = rng.random(shape) * 10
    if seed % 3 == 0:
        scores = np.round(scores / 3)
    if seed % 3 == 1:
        scores -= 5
    scores[rng.random(shape) < rng.choice([0.0, 0.3, 0.9])] = -np.inf
    return scores.astype(np.float32), rng.integers(0, 4, shape[1]).astype(np.intp)


def check_valid(scores: Floats, capacity: Rows, found: Assignment) -> None:
    """Nobody over capacity, no forbidden pair, and the total is that of the pairs."""
    chosen = np.flatnonzero(found.mentor >= 0)
    picked = scores[chosen, found.mentor[chosen]]
    assert np.isfinite(picked).all()
    assert (np.bincount(found.mentor[chosen], minlength=len(capacity)) <= capacity).all()
    assert found.total == pytest.approx(float(picked.sum(dtype=np.float64)), abs=1e-9)


def test_together_published_example_gives_fourteen() -> None:
    """8, 5, 9, 4 with one place each: M1 meets B and M2 meets A, 14 in all."""
    found = match_scores(TOGETHER, {"A": 1, "B": 1})
    assert [(one.mentee, one.mentor, one.score) for one in found.pairs] == [
        ("M1", "B", 5.0), ("M2", "A", 9.0)]
    assert found.total == found.bound == 14
    assert match_scores(TOGETHER, {"A": 2, "B": 1}).total == 17


@pytest.mark.parametrize("part", range(5))
def test_three_hundred_random_pools_reach_the_exact_total(part: int) -> None:
    """Total equals another solver's, and the bound proves it."""
    for seed in range(part * 60, part * 60 + 60):
        scores, capacity = random_pool(seed)
        found = assign(scores, capacity)
        check_valid(scores, capacity, found)
        assert found.total == pytest.approx(best_total(scores, capacity), abs=1e-4), seed
        assert found.total <= found.bound <= found.total + 1e-4, seed


def test_a_large_pool_is_exact_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solver is first given each person's best few, the rest follows as needed."""
    monkeypatch.setattr(assign_module, "DENSE", 0)
    monkeypatch.setattr(assign_module, "FIRST", 2)
    monkeypatch.setattr(assign_module, "MORE", 2)
    grown = 0
    for seed in range(60):
        scores, capacity = random_pool(seed, most=40)
        turns: list[int] = []
        found = assign(scores, capacity, progress=lambda done, _, told=turns: told.append(done))
        grown += len(turns) > 1
        check_valid(scores, capacity, found)
        assert found.total == pytest.approx(best_total(scores, capacity), abs=1e-4), seed
        assert found.total <= found.bound <= found.total + 1e-4, seed
    assert grown > 10


def test_equal_totals_go_to_more_pairs_whatever_the_lots() -> None:
    """Of assignments of one total, the one with most pairs is taken."""
    scores = np.full((3, 3), -np.inf, dtype=np.float32)
    scores[0, 0] = scores[1, 1] = 1.5  # two pairs of 1.5, or three of 1
    scores[0, 2] = scores[1, 0] = scores[2, 1] = 1.0
    for lots in (np.where(scores == 1.5, 1.0, 0.0), np.where(scores == 1.5, 0.0, 1.0)):
        found = assign(scores, np.ones(3, dtype=np.intp), lots)
        assert found.total == 3
        assert found.mentor.tolist() == [2, 0, 1]


def test_a_pair_of_a_score_below_zero_is_not_made() -> None:
    """Nobody is worth more than a mentor who takes from the total; one of zero is taken."""
    scores = np.array([[-1.0, -2.0], [0.0, -np.inf]], dtype=np.float32)
    found = assign(scores, np.array([2, 2]))
    assert found.mentor.tolist() == [-1, 0]
    assert found.total == 0


def test_nobody_and_no_place_give_no_pairs() -> None:
    """Empty pools, and pools without a place or an allowed pair, end well."""
    for scores, capacity in (
        (np.zeros((0, 2)), [1, 1]), (np.zeros((2, 0)), []), (np.ones((2, 2)), [0, 0]),
        (np.full((2, 2), np.nan), [1, 1]),
    ):
        found = assign(scores.astype(np.float32), np.array(capacity, dtype=np.intp))
        assert (found.mentor == -1).all()
        assert found.total == found.bound == 0


def test_a_capacity_below_zero_is_refused() -> None:
    """The message says what to write."""
    with pytest.raises(InvalidInputError, match="below zero; write 0 for nobody"):
        assign(np.ones((1, 2), dtype=np.float32), np.array([1, -1]))
    with pytest.raises(InvalidInputError, match="below zero"):
        match_scores(TOGETHER, {"A": -1})


def test_scores_that_cannot_be_used_are_named() -> None:
    """A pair that stands twice, a score that is no number."""
    with pytest.raises(InvalidInputError, match="M1, A: this pair stands twice"):
        match_scores([*TOGETHER, ("M1", "A", 1.0)], {})
    for bad in (math.nan, math.inf):
        with pytest.raises(InvalidInputError, match="M1, A: a score that is a number"):
            match_scores([("M1", "A", bad)], {})


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e6])
def test_ties_are_drawn_fairly(size: float) -> None:
    """Of two who fit equally well each wins about half, however large scores are."""
    rows = [("m1", "A", 3 * size), ("m2", "A", 3 * size), ("m3", "B", 5 * size)]
    winners = Counter(match_scores(rows, {}, seed=str(seed)).pairs[0].mentee
                      for seed in range(400))
    assert set(winners) == {"m1", "m2"}
    assert 150 < winners["m1"] < 250


def test_ties_do_not_go_by_the_order_of_rows_and_come_again() -> None:
    """The same rows in another order, and the same seed again, give the same pairs."""
    rng = np.random.default_rng(5)
    rows = [(f"m{at}", f"M{to}", float(rng.integers(0, 3))) for at in range(12) for to in range(6)]
    for seed in ("", "a", "b"):
        first = match_scores(rows, {}, seed)
        for _ in range(4):
            mixed = [rows[at] for at in rng.permutation(len(rows))]
            assert match_scores(mixed, {}, seed) == first
    assert match_scores(rows, {}, "a").pairs != match_scores(rows, {}, "b").pairs


def test_lots_are_even_and_go_with_the_ids() -> None:
    """Lots lie between 0 and 1, about half below the middle, each pair's own."""
    lots = lots_of([f"m{at}" for at in range(80)], [f"M{at}" for at in range(70)], "s")
    assert ((lots >= 0) & (lots < 1)).all()
    assert 0.47 < lots.mean() < 0.53
    assert len(np.unique(lots)) > 5500
    assert lots[3, 4] == lots_of(["m3"], ["M4"], "s")[0, 0] != lots_of(["m3"], ["M4"], "t")[0, 0]


def test_those_left_over_are_named_with_a_reason() -> None:
    """Who finds every place taken stays for the next cohort."""
    found = match_scores([("m1", "A", 2.0), ("m2", "A", 1.0)], {"A": 1})
    assert [one.id for one in found.unmatched] == ["m2"]
    assert "taken" in found.unmatched[0].reasons[0]
    found = match_scores([("m1", "A", 2.0), ("m2", "B", 1.0), ("m3", "A", -1.0)], {"B": 0})
    assert {one.id: (one.eligible, one.reasons[0].split(",")[0]) for one in found.unmatched} == {
        "m2": (0, "no mentor they may have has a place"),
        "m3": (1, "every score with a mentor who has a place is below zero")}
