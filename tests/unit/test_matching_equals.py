"""The best pairing of equals: brute force, an independent solver, large pools, ties, capacity."""

from collections import Counter
from functools import cache

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from recommender.matching import equals as equals_module
from recommender.matching.assign import lots_of
from recommender.matching.equals import Pairing, pair_equals
from recommender.matching.pool import Mask, Rows
from recommender.retrieval.encoder import Floats


def random_pool(seed: int, people: int, most: int = 1) -> tuple[Floats, Rows]:
    """Return scores of six digits: by likeness, by small circles, or with few values; pairs
    that are not allowed."""
    rng = np.random.default_rng(seed)
    near = rng.normal(size=(people, 4))
    scores = [near @ near.T + rng.normal(size=(people, people)),
              (rng.integers(0, people // 6 + 1, people)[:, None]
               == rng.integers(0, people // 6 + 1, people)) + rng.random((people, people)),
              rng.integers(0, 4, (people, people)).astype(np.float64)][seed % 3]
    scores = np.minimum(scores, scores.T)
    scores -= scores.min()
    scores = np.round(scores / (scores.max() or 1), 6).astype(np.float32)
    apart = rng.random(scores.shape) < rng.choice([0.0, 0.2, 0.7])
    scores[apart | apart.T] = -np.inf
    np.fill_diagonal(scores, -np.inf)
    return scores, rng.integers(0 if most > 1 else 1, most + 1, people).astype(np.intp)


def solved(scores: Floats, room: Rows) -> float:
    """Return the optimum by another solver, branch and bound over every pair."""
    first, second = np.nonzero(np.triu(np.isfinite(scores), 1))
    if not len(first):
        return 0.0
    value = scores[first, second].astype(np.float64)
    degrees = sparse.csr_matrix(
        (np.ones(2 * len(first)), (np.concatenate([first, second]),
                                   np.tile(np.arange(len(first)), 2))),
        shape=(len(scores), len(first)))
    answer = milp(-value, constraints=LinearConstraint(degrees, ub=room), bounds=Bounds(0, 1),
                  integrality=np.ones(len(first)), options={"mip_rel_gap": 0})
    return -float(answer.fun)


def tried(scores: Floats) -> tuple[float, int]:
    """Return the largest total and its most pairs, by trying every pairing."""
    people = len(scores)

    @cache
    def best(left: int) -> tuple[float, int]:
        if not left:
            return 0.0, 0
        one = left.bit_length() - 1
        rest = left & ~(1 << one)
        found = best(rest)
        for other in range(one):
            if rest >> other & 1 and np.isfinite(scores[one, other]):
                total, pairs = best(rest & ~(1 << other))
                found = max(found, (round(total + float(scores[one, other]), 6), pairs + 1))
        return found

    return best((1 << people) - 1)


def check_valid(scores: Floats, room: Rows, found: Pairing) -> None:
    """No pair twice or forbidden, nobody over their room, total and bound as they say."""
    assert (found.first < found.second).all()
    assert len(set(zip(found.first.tolist(), found.second.tolist(), strict=True))) == len(
        found.first)
    met = np.bincount(np.concatenate([found.first, found.second]), minlength=len(scores))
    assert (met <= room).all()
    picked = scores[found.first, found.second]
    assert np.isfinite(picked).all()
    assert found.total == pytest.approx(float(picked.sum(dtype=np.float64)), abs=1e-9)
    assert found.bound >= found.total


def paired(scores: Floats, room: Rows, seed: str = "") -> Pairing:
    ids = [f"p{at}" for at in range(len(scores))]
    found = pair_equals(scores, room, lots_of(ids, ids, seed))
    check_valid(scores, room, found)
    return found


@pytest.mark.parametrize("part", range(3))
def test_no_pairing_of_up_to_twelve_is_better(part: int) -> None:
    """Against every pairing there is: the largest total, and of those the most pairs."""
    for seed in range(part * 30, part * 30 + 30):
        scores, room = random_pool(seed, 1 + seed % 12)
        found = paired(scores, room)
        total, pairs = tried(scores)
        assert (round(found.total, 5), len(found.first)) == (round(total, 5), pairs), seed
        assert found.bound == found.total


@pytest.mark.parametrize("most", [1, 3])
def test_pools_of_up_to_sixty_reach_what_another_solver_reaches(most: int) -> None:
    """Given all pairs, and by prices as in a large pool; the bound is never passed."""
    for seed in range(24):
        scores, room = random_pool(seed, 20 + seed * 40 // 23, most)
        exact = solved(scores, room)
        found = paired(scores, room)
        assert found.total == found.bound == pytest.approx(exact, abs=1e-5), seed
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(equals_module, "WHOLE", 0)
            patch.setattr(equals_module, "FIRST", 3)
            priced = paired(scores, room)
        print(f"{len(scores)} people, room up to {most}: exact {exact:.6f}, "
              f"by prices {priced.total:.6f}, at most {priced.bound:.6f}")
        assert priced.bound >= exact - 1e-5, seed
        assert priced.bound <= exact * 1.005, seed
        assert priced.total == pytest.approx(exact, abs=1e-5) or most > 1, seed
        assert priced.total >= exact * 0.998, seed


@pytest.mark.parametrize("shape", range(3))
@pytest.mark.parametrize("most", [1, 3])
def test_seven_hundred_are_paired_within_half_a_percent_of_the_bound(
    shape: int, most: int
) -> None:
    """Pools too large for every pair: by likeness, by circles of six, and with many ties."""
    found = paired(*random_pool(300 + shape, 701, most))
    print(f"shape {shape}, room up to {most}: {found.total:.4f} of at most {found.bound:.4f}")
    assert found.total >= found.bound * 0.9995


def test_three_who_fit_best_leave_one_over_and_the_bound_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Circles of three with little between them: half a pair each is no pair."""
    circle = np.repeat(np.arange(20), 3)
    scores = np.where(circle[:, None] == circle, 0.9, 0.1).astype(np.float32)
    np.fill_diagonal(scores, -np.inf)
    monkeypatch.setattr(equals_module, "WHOLE", 0)
    found = paired(scores, np.ones(60, dtype=np.intp))
    assert found.total == pytest.approx(20 * 0.9 + 10 * 0.1, abs=1e-5)
    assert found.bound == pytest.approx(found.total, abs=1e-4)


def test_equal_totals_go_to_more_pairs_whatever_the_lots() -> None:
    """Two pairs of 0.3 and one of 0.6 are worth the same; a pair of 0 is better than none."""
    scores = np.full((6, 6), -np.inf, dtype=np.float32)
    for one, other, score in ((0, 1, 0.3), (1, 2, 0.6), (2, 3, 0.3), (4, 5, 0.0)):
        scores[one, other] = scores[other, one] = score
    for lots in (np.where(scores == 0.6, 1.0, 0.0), np.where(scores == 0.6, 0.0, 1.0)):
        found = pair_equals(scores, np.ones(6, dtype=np.intp), lots)
        assert found.first.tolist() == [0, 2, 4]
        assert found.total == pytest.approx(0.6)


def test_nobody_meets_the_same_person_twice_however_much_room() -> None:
    """Two with room for five make one pair; three make three."""
    for people, pairs in ((2, 1), (3, 3), (4, 6)):
        scores = np.full((people, people), 0.5, dtype=np.float32)
        np.fill_diagonal(scores, -np.inf)
        assert len(paired(scores, np.full(people, 5)).first) == pairs


def test_nobody_and_no_room_give_no_pairs() -> None:
    """Empty pools, single people, and pools without room or an allowed pair, end well."""
    for people, room, value in ((0, 1, 1.0), (1, 1, 1.0), (3, 0, 1.0), (3, 1, np.nan)):
        scores = np.full((people, people), value, dtype=np.float32)
        found = pair_equals(scores, np.full(people, room), np.zeros_like(scores))
        assert (len(found.first), found.total, found.bound) == (0, 0, 0)


@pytest.mark.parametrize("whole", [0, 1000])
def test_ties_are_drawn_fairly_and_come_again(
    whole: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five equals each is left over about as often; the same seed gives the same pairs."""
    monkeypatch.setattr(equals_module, "WHOLE", whole)
    scores = np.full((5, 5), 0.4, dtype=np.float32)
    np.fill_diagonal(scores, -np.inf)
    room = np.ones(5, dtype=np.intp)

    def left(seed: str) -> int:
        found = paired(scores, room, seed)
        return int(np.setdiff1d(np.arange(5), [*found.first, *found.second])[0])

    counts = Counter(left(str(seed)) for seed in range(300))
    assert all(35 <= counts[at] <= 85 for at in range(5)), counts
    assert [left("a"), left("b")] == [left("a"), left("b")]


def test_the_order_of_people_changes_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """With many ties, in both ways of solving: whoever stands first has no better lot."""
    scores, room = random_pool(2, 24)
    rng = np.random.default_rng(1)
    ids = np.array([f"p{at:02d}" for at in range(24)])

    def named(order: Rows) -> set[frozenset[str]]:
        own = ids[order]
        lots = lots_of([*own], [*own], "s")
        rank: Mask = own[:, None] < own[None, :]
        found = pair_equals(scores[np.ix_(order, order)], room[order],
                            np.where(rank, lots, lots.T))
        return {frozenset((str(own[one]), str(own[other])))
                for one, other in zip(found.first, found.second, strict=True)}

    for whole in (0, 1000):
        monkeypatch.setattr(equals_module, "WHOLE", whole)
        straight = named(np.arange(24))
        assert all(named(rng.permutation(24)) == straight for _ in range(5))
