"""The best assignment of everybody: the largest total score under capacity and rules.

The solver is SciPy's: Jonker and Volgenant's algorithm for sparse graphs (LAPJVsp). In a large
pool it is first given each person's best few; prices of the mentors' places then tell which
pairs left out could still raise the total, and those are added until none can. The same prices
bound how much any assignment could reach (linear programming duality).
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from recommender.errors import InvalidInputError
from recommender.matching.pool import Mask, Numbers, Rows
from recommender.retrieval.encoder import Floats

FIRST, MORE = 20, 12
"""Mentors per mentee that the solver is given at first, and that a round adds at most, in a pool
where that is not everybody."""
DENSE = 400_000
"""Pairs up to which the solver is given all of them at once."""
LARGE, ENOUGH = 4_000_000, 1e-4
"""Pairs above which the rounds end when so small a share of the bound may be missing."""
ROUNDS = 20
GUESSES, SAMPLED = 30, 4
"""Steps of the first guess of the prices, and of how many mentees one is asked for it."""
STEP, COOLING = 0.05, 0.15
"""Of the scores' range, by how much a price moves at first, and how fast the steps shrink."""
TIE = 1e-9
"""Of the scores' range, what one more pair is worth; all lots together are worth less."""
ROWS = 1000
"""Mentees looked at together, to keep the memory small."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Assignment:
    """Who meets whom.

    Attributes:
        mentor: Of each mentee, as a column; -1 for nobody. Shape (mentees,).
        total: Sum of the scores.
        bound: No assignment can reach more than this.
    """

    mentor: Rows
    total: float
    bound: float


def assign(
    scores: Floats, capacity: Rows, lots: Floats | Numbers | None = None,
    progress: Progress | None = None,
) -> Assignment:
    """Return the assignment with the largest total; each mentee gets one mentor or nobody.

    Among assignments of equal total the one with more pairs is taken, then the one that the
    lots favour.

    Args:
        scores: Shape (mentees, mentors); NaN or -inf where a pair is not allowed.
        capacity: Places of each mentor, at least 0, shape (mentors,).
        lots: From 0 to 1, same shape as `scores` or broadcast to it; who wins a tie.

    Raises:
        InvalidInputError: A capacity is below zero.
    """
    if (capacity < 0).any():
        raise InvalidInputError.of("a capacity is below zero; write 0 for nobody",
                                   field="capacity")
    allowed = np.isfinite(scores) & (capacity > 0)[None, :]
    mentees = scores.shape[0]
    if not allowed.any():
        return Assignment(np.full(mentees, -1), 0.0, 0.0)
    pairs = int(allowed.sum())
    kept = allowed if pairs <= DENSE else _best_of_each(
        scores, allowed, _guessed_prices(scores, allowed, capacity), FIRST)
    mentor, total, bound = np.full(mentees, -1), 0.0, np.inf
    for turn in range(ROUNDS):
        mentor = _solve(scores, kept, capacity, lots)
        chosen = mentor >= 0
        total = float(scores[np.flatnonzero(chosen), mentor[chosen]].sum(dtype=np.float64))
        prices = _prices(scores, kept, capacity, mentor)
        bound, missing = _bound(scores, allowed, capacity, prices, mentor)
        if progress is not None:
            progress(turn + 1, ROUNDS)
        missing &= ~kept
        near = bound - total <= (ENOUGH * bound if pairs > LARGE else 0.0)
        if near or not missing.any():
            break
        kept = kept | _best_of_each(scores, missing, prices, MORE)
    return Assignment(mentor, total, max(bound, total))


def lots_of(mentees: list[str], mentors: list[str], seed: str) -> Floats:
    """Return lots by id, so that the order of a file favours nobody, shape (mentees, mentors).

    A pair's lot depends on both, and on the seed: the same pool and seed give the same lots.
    """
    first, second = _drawn(mentees, seed), _drawn(mentors, seed)
    lots = np.empty((len(mentees), len(mentors)), dtype=np.float32)
    for start in range(0, len(mentees), ROWS):
        part = first[start : start + ROWS, None]
        mixed = (part * np.uint64(0x9E3779B97F4A7C15)) ^ second[None, :]
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
        lots[start : start + ROWS] = (mixed >> np.uint64(40)).astype(np.float32) / (1 << 24)
    return lots


def _drawn(ids: list[str], seed: str) -> npt.NDArray[np.uint64]:
    return np.array([int.from_bytes(blake2b(f"{seed}\0{own}".encode(), digest_size=8).digest())
                     for own in ids], dtype=np.uint64)


def _guessed_prices(scores: Floats, allowed: Mask, capacity: Rows) -> Numbers:
    """Return prices at which about as many ask for each mentor as there are places.

    A guess from some of the mentees, by raising what too many ask for; it chooses the pairs
    the solver sees first, and has no say in the result.
    """
    some = slice(None, None, SAMPLED)
    asked = np.where(allowed[some], scores[some], -np.inf)
    finite = scores[some][allowed[some]]
    span = float(finite.max() - finite.min()) if len(finite) else 0.0
    places = capacity / SAMPLED
    prices = np.zeros(scores.shape[1])
    for turn in range(GUESSES):
        net = asked - prices.astype(np.float32)
        best = net.argmax(axis=1)
        wanting = net[np.arange(len(net)), best] > 0
        asking = np.bincount(best[wanting], minlength=len(prices))
        excess = np.clip((asking - places) / np.maximum(places, 0.5), -1.0, 2.0)
        prices = np.maximum(prices + STEP * span / (1 + COOLING * turn) * excess, 0.0)
    return prices


def _best_of_each(scores: Floats, allowed: Mask, prices: Numbers, count: int) -> Mask:
    """Return the best few allowed mentors of each mentee, at these prices."""
    if scores.shape[1] <= count:
        return allowed
    kept = np.zeros_like(allowed)
    for start in range(0, len(scores), ROWS):
        part = slice(start, start + ROWS)
        net = np.where(allowed[part], scores[part] - prices[None, :].astype(np.float32), -np.inf)
        top = np.argpartition(-net, count, axis=1)[:, :count]
        np.put_along_axis(kept[part], top, True, axis=1)
    return kept & allowed


def _solve(
    scores: Floats, kept: Mask, capacity: Rows, lots: Floats | Numbers | None
) -> Rows:
    """Return the best mentor of each mentee among the kept pairs; -1 for nobody.

    Every place of a mentor is a column of its own; one more column per mentee stands for
    nobody.
    """
    mentees, _ = scores.shape
    lines, columns = np.nonzero(kept)
    value = scores[lines, columns].astype(np.float64)
    low = min(0.0, float(value.min()))
    span = float(value.max()) - low + 1.0
    gain = value + TIE * span
    if lots is not None:
        gain += TIE * span / (mentees + 1) * np.broadcast_to(lots, scores.shape)[lines, columns]
    places = np.minimum(capacity, mentees)
    starts = np.concatenate([[0], np.cumsum(places)]).astype(np.int64)
    times = places[columns]
    order = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    wide = starts[-1]
    data = np.concatenate([np.repeat(span - gain, times), np.full(mentees, span)])
    rows = np.concatenate([np.repeat(lines, times), np.arange(mentees)])
    cols = np.concatenate([np.repeat(starts[columns], times) + order,
                           wide + np.arange(mentees)])
    graph = sparse.csr_matrix((data, (rows, cols)), shape=(mentees, wide + mentees))
    matched_rows, matched = min_weight_full_bipartite_matching(graph)
    result = np.full(mentees, -1)
    real = matched < wide
    result[matched_rows[real]] = np.searchsorted(starts, matched[real], side="right") - 1
    return result


def _prices(
    scores: Floats, kept: Mask, capacity: Rows, mentor: Rows
) -> Numbers:
    """Return the least prices of a place at each mentor under which everybody keeps theirs.

    A mentor with a free place costs nothing. Others cost what the keenest mentee would give
    up for a place: shortest paths in the residual graph, by relaxation.
    """
    mentees, mentors = scores.shape
    lines, columns = np.nonzero(kept)
    value = scores[lines, columns].astype(np.float64)
    own = np.zeros(mentees)
    chosen = mentor >= 0
    own[chosen] = scores[np.flatnonzero(chosen), mentor[chosen]]
    used = np.bincount(mentor[chosen], minlength=mentors)
    full = used >= capacity
    prices = np.zeros(mentors)
    for _ in range(mentors + 1):
        gain = own - np.where(chosen, prices[np.maximum(mentor, 0)], 0.0)
        offered = np.full(mentors, -np.inf)
        np.maximum.at(offered, columns, value - gain[lines])
        raised = np.where(full, np.maximum(prices, offered), prices)
        if np.abs(raised - prices).max(initial=0.0) <= 1e-12:
            break
        prices = raised
    return np.maximum(prices, 0.0)


def _bound(
    scores: Floats, allowed: Mask, capacity: Rows, prices: Numbers,
    mentor: Rows,
) -> tuple[float, Mask]:
    """Return what no assignment can exceed, and the pairs that are better than what is."""
    mentees = len(scores)
    most = np.zeros(mentees)
    missing = np.zeros_like(allowed)
    chosen = mentor >= 0
    gain = np.zeros(mentees)
    rows = np.flatnonzero(chosen)
    gain[rows] = scores[rows, mentor[rows]] - prices[mentor[rows]]
    for start in range(0, mentees, ROWS):
        part = slice(start, start + ROWS)
        net = np.where(allowed[part], scores[part] - prices[None, :], -np.inf)
        most[part] = np.maximum(net.max(axis=1, initial=-np.inf), 0.0)
        missing[part] = net > gain[part][:, None] + 1e-7
    return float(most.sum() + (prices * capacity).sum()), missing
