"""The best pairing of equals: a maximum-weight matching of a general graph, under capacity.

The matching is the blossom algorithm's (Edmonds 1965; rustworkx), exact over the pairs it is
given: all of them in a small pool. In a large one a linear program (HiGHS) first prices people,
and odd sets of people of whom somebody must stay over (the sets are added where the program
breaks them: Grötschel and Holland 1985). Prices tell which pairs could matter, and bound what
any pairing can reach.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import rustworkx
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

from recommender.errors import InvalidInputError
from recommender.matching.pool import Mask, Numbers, Rows
from recommender.retrieval.encoder import Floats

WHOLE = 30_000
"""Ways to make a pair up to which the matching is given all; one place each has one way."""
FIRST, MORE = 15, 5
"""Others per person, beyond their room, that the program starts from, and that a round adds."""
ROUNDS = 40
LOOSE, NEAR = 1e-2, 1e-3
"""By how much less than its price a pair may be worth that a round adds, and that the matching
is given."""
ENOUGH = 5e-4
"""Share of the bound that may be open before the matching is given more pairs."""
STEP, TIED, LOTS = 1e-6, 4e-7, 1 << 24
"""What two totals differ by at least, what a lot is worth where equals are too many to look at
them all, and how many lots there are."""
TINY, PART = 1e-7, 1e-4
"""Slack of a price, and of how much of a pair the program takes."""
SPLIT = (0.01, 0.3, 0.45)
"""Pairs of which the program takes from so much up to nearly all may hang together as an odd
set."""


@dataclass(frozen=True)
class Pairing:
    """Who meets whom among equals.

    Attributes:
        first: Of each pair the one with the lower row.
        second: The other.
        total: Sum of the scores.
        bound: No pairing can reach more than this.
    """

    first: Rows
    second: Rows
    total: float
    bound: float


@dataclass(frozen=True)
class OddSet:
    """People with an odd number of places between them: one place stays over.

    Attributes:
        members: Their rows.
        first: With `second`, pairs that leave the set and count as well.
        most: Half of the places and of the leaving pairs, rounded down.
    """

    members: Rows
    first: Rows
    second: Rows
    most: int

    def counts(self, first: Rows, second: Rows, people: int) -> Mask:
        """Return which of these pairs it counts."""
        own = _holds(self.members, people)
        counted: Mask = own[first] & own[second]
        if len(self.first):
            counted |= np.isin(first * people + second, self.first * people + self.second)
        return counted


def pair_equals(scores: Floats, room: Rows, lots: Floats | Numbers) -> Pairing:
    """Return the pairing with the largest total; nobody is in more pairs than they have room for.

    Among pairings of equal total the one with more pairs is taken, then the one that the lots
    favour.

    Args:
        scores: Symmetric, from 0 to 1, told apart to six digits; NaN or -inf where a pair is
            not allowed. Shape (people, people).
        room: Pairs that each person takes on, shape (people,).
        lots: From 0 to 1, of the scores' shape; those of a lower and a higher row count.
    """
    allowed = np.triu(np.isfinite(scores), 1) & (room > 0)[:, None] & (room > 0)[None, :]
    places = np.minimum(room, max(len(scores) - 1, 0))
    first, second = np.nonzero(allowed)
    several = (places[first] > 1) & (places[second] > 1)
    ways = np.where(several, 1 + places[first] + places[second], places[first] * places[second])
    if int(ways.sum()) <= WHOLE:
        return _matched(scores, places, lots, allowed, np.inf)
    lucky = np.asarray(lots, dtype=np.float32) * np.float32(TIED)
    seen = _best_of_each(np.where(allowed, scores + lucky, -np.inf), FIRST + places)
    bound, net, kept = _priced(scores, allowed, seen, places)
    kept |= _best_of_each(np.where(net > -NEAR, net + lucky, -np.inf), FIRST + places)
    found = _matched(scores, places, lots, kept, bound)
    short = bound - found.total
    if short > ENOUGH * bound:
        kept |= _best_of_each(np.where(net > -short, net, -np.inf), FIRST + places)
        found = _matched(scores, places, lots, kept, bound)
    return found


def _matched(
    scores: Floats, places: Rows, lots: Floats | Numbers, kept: Mask, bound: float
) -> Pairing:
    """Return the best matching of the kept pairs, by exact whole-number weights.

    Somebody with several places stands there as often. Where both have several, the pair goes
    over two nodes of its own, so that it is made once: they meet each other where it is not
    made (Tutte 1954).
    """
    first, second = np.nonzero(kept)
    most = int(places.sum()) // 2 + 1
    pair = most * LOTS
    steps = np.rint(np.maximum(scores[first, second], 0.0).astype(np.float64) / STEP)
    drawn = np.asarray(lots)[first, second].astype(np.float64) * (LOTS - 1)
    weights = [int(step) * 2 * most * pair + pair + int(lot)
               for step, lot in zip(steps, drawn, strict=True)]
    starts = np.concatenate([[0], np.cumsum(places)]).astype(np.intp)
    owner = np.repeat(np.arange(len(places)), places)
    several = (places[first] > 1) & (places[second] > 1)
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(len(owner) + 2 * int(several.sum())))
    graph.add_edges_from([*_edges(starts, first, second, several, weights)])
    met = np.array([sorted(pair) for pair in
                    rustworkx.max_weight_matching(graph, weight_fn=int)], dtype=np.intp)
    met = met.reshape(-1, 2)
    both = np.bincount((met[(met[:, 0] < len(owner)) & (met[:, 1] >= len(owner)), 1]
                        - len(owner)) // 2, minlength=int(several.sum())) == 2
    pairs = np.vstack([np.sort(owner[met[met[:, 1] < len(owner)]], axis=1),
                       np.column_stack([first[several], second[several]])[both]])
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    total = float(scores[pairs[:, 0], pairs[:, 1]].sum(dtype=np.float64))
    return Pairing(pairs[:, 0], pairs[:, 1], total,
                   total if np.isinf(bound) else max(total, bound))


def _edges(
    starts: Rows, first: Rows, second: Rows, several: Mask, weights: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    node = int(starts[-1])
    for one, other, by_nodes, weight in zip(first.tolist(), second.tolist(), several.tolist(),
                                            weights, strict=True):
        mine = range(starts[one], starts[one + 1])
        theirs = range(starts[other], starts[other + 1])
        if by_nodes:
            yield node, node + 1, weight
            yield from ((at, node, weight) for at in mine)
            yield from ((at, node + 1, weight) for at in theirs)
            node += 2
        else:
            yield from ((at, to, weight) for at in mine for to in theirs)


def _best_of_each(worth: Floats, count: Rows) -> Mask:
    """Return the best few of each person, as pairs of a lower and a higher row."""
    best = np.zeros(worth.shape, dtype=np.bool_)
    for row, few in enumerate(count.tolist()):
        line = np.concatenate([worth[:row, row], worth[row, row:]])
        known = np.flatnonzero(np.isfinite(line))
        if len(known) > few:
            known = known[np.argpartition(-line[known], few - 1)[:few]]
        best[np.minimum(row, known), np.maximum(row, known)] = True
    return best


def _priced(
    scores: Floats, allowed: Mask, seen: Mask, places: Rows
) -> tuple[float, Floats, Mask]:
    """Return a bound of every pairing, each pair's worth beyond its price, and who is taken.

    Any prices bound every pairing: it earns what its places cost, and what its pairs are worth
    beyond.

    Args:
        seen: Pairs to start from.
    """
    seen = seen.copy()
    sets = _odd_components(allowed, places)
    least, best, kept = np.inf, np.zeros_like(scores), seen
    for _ in range(ROUNDS):
        first, second = np.nonzero(seen)
        taken, prices, of_sets = _program(scores, places, sets, first, second)
        net = np.where(allowed, scores, -np.inf)
        net -= prices[:, None].astype(np.float32)
        net -= prices[None, :].astype(np.float32)
        for one, price in zip(sets, of_sets.astype(np.float32), strict=True):
            net[np.ix_(one.members, one.members)] -= price
            net[one.first, one.second] -= price
        bound = float(prices @ places + of_sets @ np.array([one.most for one in sets])
                      + np.maximum(net, 0.0).sum(dtype=np.float64))
        if bound < least:
            least, best, kept = bound, net, np.zeros_like(seen)
            kept[first[taken > PART], second[taken > PART]] = True
        worth = np.where(seen, -np.inf, net)
        missing = bool((worth > TINY).any())
        if missing:
            seen |= _best_of_each(np.where(worth > -LOOSE, worth, -np.inf),
                                  np.full(len(places), MORE))
        broken = _broken(places, first, second, taken)
        sets += broken
        if not missing and not broken:
            break
    return least, best, kept


def _program(
    scores: Floats, places: Rows, sets: Sequence[OddSet], first: Rows, second: Rows
) -> tuple[Numbers, Numbers, Numbers]:
    """Return how much of each pair the best parts of pairs take, and prices: people's, sets'.

    Raises:
        InvalidInputError: The solver gives up.
    """
    people, columns = len(places), np.arange(len(first))
    counted = [columns[one.counts(first, second, people)] for one in sets]
    lines = np.repeat(np.arange(people, people + len(sets)), [len(one) for one in counted])
    matrix = sparse.csr_matrix(
        (np.ones(2 * len(first) + len(lines)),
         (np.concatenate([first, second, lines]), np.concatenate([columns, columns, *counted]))),
        shape=(people + len(sets), len(first)))
    answer = linprog(-scores[first, second].astype(np.float64), A_ub=matrix,
                     b_ub=np.concatenate([places, [one.most for one in sets]]),
                     bounds=(0, 1), method="highs-ds")
    if answer.x is None:
        raise InvalidInputError.of(f"these people cannot be paired ({answer.message}); "
                                   "split the pool, or use stricter rules")
    prices = np.maximum(-answer.ineqlin.marginals, 0.0)
    return answer.x, prices[:people], prices[people:]


def _odd_components(allowed: Mask, places: Rows) -> list[OddSet]:
    """Return odd sets of people who may meet nobody outside."""
    none = np.zeros(0, dtype=np.intp)
    first, second = np.nonzero(allowed)
    return [OddSet(members, none, none, int(places[members].sum()) // 2)
            for members in _components(first, second, len(places))
            if places[members].sum() % 2]


def _broken(places: Rows, first: Rows, second: Rows, taken: Numbers) -> list[OddSet]:
    """Return odd sets of which the program takes more than there can be."""
    found: dict[tuple[int, ...], OddSet] = {}
    for least in SPLIT:
        part = (taken > least) & (taken < 1 - SPLIT[0])
        for members in _components(first[part], second[part], len(places)):
            one = _odd_set(places, first, second, taken, members)
            if one is not None:
                found[tuple(members.tolist())] = one
    return list(found.values())


def _odd_set(
    places: Rows, first: Rows, second: Rows, taken: Numbers, members: Rows
) -> OddSet | None:
    """Return these people as an odd set if the program breaks it.

    Leaving pairs that it rather takes count as well; where that makes the number even, the one
    it is least sure of changes sides.
    """
    own = _holds(members, len(places))
    leaving = own[first] != own[second]
    counted = leaving & (taken > 0.5)
    within = int(places[members].sum())
    if (within + int(counted.sum())) % 2 == 0:
        ways = np.flatnonzero(leaving)
        if not len(ways):
            return None
        counted[ways[np.abs(taken[ways] - 0.5).argmin()]] ^= True
    one = OddSet(members, first[counted], second[counted], (within + int(counted.sum())) // 2)
    here = float(taken[(own[first] & own[second]) | counted].sum())
    return one if here > one.most + PART else None


def _components(first: Rows, second: Rows, people: int) -> list[Rows]:
    """Return who hangs together by these pairs, where they are three or more."""
    graph = sparse.coo_matrix((np.ones(len(first)), (first, second)), shape=(people, people))
    count, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(count + 1))
    return [order[bounds[at] : bounds[at + 1]] for at in np.flatnonzero(np.diff(bounds) >= 3)]


def _holds(members: Rows, people: int) -> Mask:
    own = np.zeros(people, dtype=np.bool_)
    own[members] = True
    return own
