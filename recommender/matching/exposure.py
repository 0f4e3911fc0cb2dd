"""Lists for everybody at once, in which nobody stands more often than they have room for.

A draft: round after round everybody gets one more name, and whoever has been served worst so
far chooses first. Who finds all places taken gets one by moving somebody else to another name
(augmenting paths, as in Kuhn's algorithm), so that no list is short that need not be.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from recommender.domain.matching import SuggestionList
from recommender.errors import InvalidInputError
from recommender.matching.assign import lots_of
from recommender.matching.fairness import gini
from recommender.matching.left_over import left_of_pairs
from recommender.matching.match import PhrasesFor, score_matrix, standing_pairs
from recommender.matching.pool import Mask, Numbers, Rows
from recommender.matching.suggest import describe
from recommender.matching.terms import Terms
from recommender.retrieval.encoder import Floats

LONGEST = 100
STEPS = 3
"""What each person is taken up for: comparing, choosing, telling."""
COLUMNS = 64
"""Names looked at together whose holders could move to another."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Lists:
    """A list for everybody who looks for somebody.

    Attributes:
        shown: By id, in how many lists each person stands now, earlier ones counted.
        gini: Of how often those with room are shown per place, earlier lists counted: 0 all
            alike, towards 1 one alone; null where nobody was shown.
        gini_unlimited: The same if everybody were shown their best, whoever else is.
    """

    lists: list[SuggestionList]
    shown: Mapping[str, int]
    gini: float | None
    gini_unlimited: float | None


def suggest_for_all(
    terms: Terms, phrases_for: PhrasesFor, limit: int = 5, *, seed: str = "",
    progress: Progress | None = None,
) -> Lists:
    """Return a list for everybody who looks, each person in at most room × `limit` lists.

    A list names `limit` people and one is chosen, so that many lists fill their places.
    Earlier lists (`Before.shown`) count. Nobody is listed for whose pair stands already, and
    nobody who takes a break. The same people, rules and seed give the same lists.

    Args:
        limit: Names on a list, from 1 to 100.

    Raises:
        InvalidInputError: A limit out of these bounds.
    """
    if not 1 <= limit <= LONGEST:
        raise InvalidInputError.of(f"a number from 1 to {LONGEST} expected; got {limit}",
                                   field="limit")
    pool = terms.pool
    people = _looking(terms)
    others = np.flatnonzero(terms.mentors & pool.open & (terms.room > 0))
    earlier = np.array([terms.before.shown.get(pool.ids[at], 0) for at in others], dtype=np.intp)

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, STEPS * len(people))

    scores = score_matrix(terms, people, others, lambda done, _: tell(done))
    ids = [pool.ids[at] for at in people]
    other_ids = [pool.ids[at] for at in others]
    places = np.maximum(terms.room[others] * limit - earlier, 0)
    drafted = draft(scores, places, limit, ids, other_ids, seed,
                    lambda turn, _: tell(len(people) + turn * len(people) // limit))
    lists = []
    for line, row in enumerate(people.tolist()):
        words = phrases_for(row)
        eligible = int(np.isfinite(scores[line]).sum())
        reasons = [] if eligible else left_of_pairs(terms, row, words.matching).reasons
        if (more := eligible - len(drafted[line])) and len(drafted[line]) < limit:
            reasons = [words.matching.listed_out.of(more)]
        lists.append(SuggestionList(
            person=ids[line], suggestions=describe(terms, row, others[drafted[line]], words),
            reasons=reasons))
        tell(2 * len(people) + line + 1)
    counts = earlier + _counted(drafted, len(others))
    best = [_best(scores[line], limit) for line in range(len(people))]
    room = terms.room[others]
    return Lists(lists, dict(sorted(_by_id(terms, other_ids, counts).items())),
                 _gini(counts, room), _gini(earlier + _counted(best, len(others)), room))


def draft(
    scores: Floats, places: Rows, limit: int, people: list[str], others: list[str],
    seed: str = "", progress: Progress | None = None,
) -> list[list[int]]:
    """Return for everybody the columns of their list, as many in all as the places allow.

    Args:
        scores: Shape (people, others); -inf where a pair is not allowed.
        places: In how many lists each of the others may stand.
        people, others: Their ids, for lots.
        progress: Told how many of the turns are done.
    """
    table = _Draft(scores, places)
    turns = lots_of(people, ["draft"], seed)[:, 0]
    best = scores.max(axis=1, initial=-np.inf)
    waiting = [line for line in range(len(people)) if np.isfinite(best[line])]
    for turn in range(limit):
        served = np.array([scores[line, table.names[line]].sum() for line in range(len(people))])
        waiting = [
            line for line in sorted(waiting, key=lambda one: (served[one], best[one], turns[one]))
            if table.take(line, lambda line, tied: lots_of(
                [people[line]], [others[at] for at in tied], seed)[0])]
        if progress is not None:
            progress(turn + 1, limit)
    return table.names


class _Draft:
    """Who stands on whose list, and how many places are left."""

    def __init__(self, scores: Floats, places: Rows) -> None:
        self.names: list[list[int]] = [[] for _ in range(len(scores))]
        self._scores = scores
        self._left = places.copy()
        self._wanting = np.isfinite(scores)
        self._holders: list[set[int]] = [set() for _ in range(scores.shape[1])]
        self._closed = np.zeros(scores.shape[1], dtype=np.bool_)

    def take(self, line: int, lots: Callable[[int, Rows], Floats]) -> bool:
        """Put the best name with a place on a list; return false if there is none to be had."""
        open_to = np.flatnonzero(self._wanting[line] & (self._left > 0))
        if not len(open_to):
            return self._make_way(line)
        values = self._scores[line, open_to]
        tied = open_to[values == values.max()]
        self._put(line, int(tied[0] if len(tied) == 1 else tied[lots(line, tied).argmax()]))
        return True

    def _make_way(self, line: int) -> bool:
        """Free a place by moving others to another name each; return whether that worked.

        Breadth first, some columns at a time: who holds them, and what these could take
        instead.
        """
        if not ((self._left > 0) & ~self._closed).any():
            return False
        seen = self._closed.copy()
        asker: dict[int, int] = {}
        held = {line: -1}
        queue: deque[int] = deque()

        def reach(movers: Rows) -> None:
            wanted = self._wanting[movers] & ~seen
            columns = np.flatnonzero(wanted.any(axis=0))
            first = movers[wanted[:, columns].argmax(axis=0)]
            order = np.argsort(-self._scores[first, columns], kind="stable")
            asker.update(zip(columns.tolist(), first.tolist(), strict=True))
            seen[columns] = True
            queue.extend(columns[order].tolist())

        reach(np.array([line]))
        while queue:
            nearest: dict[int, int] = {}
            for _ in range(min(COLUMNS, len(queue))):
                column = queue.popleft()
                for holder in self._holders[column]:
                    if holder not in held:
                        nearest.setdefault(holder, column)
            held |= nearest
            movers = np.array(sorted(nearest), dtype=np.intp)
            free, mover = self._free_for(movers, seen)
            if free >= 0:
                self._move_along(free, mover, asker, held)
                return True
            if len(movers):
                reach(movers)
        self._closed = seen  # from none of these a place can be reached, now or later
        return False

    def _free_for(self, movers: Rows, seen: Mask) -> tuple[int, int]:
        """Return the free column that fits one of the movers best, and that mover; else -1."""
        columns = np.flatnonzero((self._left > 0) & ~seen)
        if not len(movers) or not len(columns):
            return -1, -1
        part = np.ix_(movers, columns)
        values = np.where(self._wanting[part], self._scores[part], -np.inf)
        best = int(values.argmax())
        if not np.isfinite(values.flat[best]):
            return -1, -1
        return int(columns[best % len(columns)]), int(movers[best // len(columns)])

    def _move_along(
        self, free: int, mover: int, asker: Mapping[int, int], held: Mapping[int, int]
    ) -> None:
        column = free
        while True:
            gives = held[mover]
            if gives >= 0:
                self._take_off(mover, gives)
            self._put(mover, column)
            if gives < 0:
                return
            column, mover = gives, asker[gives]

    def _put(self, line: int, column: int) -> None:
        self.names[line].append(column)
        self._holders[column].add(line)
        self._wanting[line, column] = False
        self._left[column] -= 1

    def _take_off(self, line: int, column: int) -> None:
        self.names[line].remove(column)
        self._holders[column].remove(line)
        self._wanting[line, column] = True
        self._left[column] += 1


def _looking(terms: Terms) -> Rows:
    """Return who looks for somebody: not who takes a break, nor whose pair stands."""
    stands = standing_pairs(terms)
    settled = {pair.mentee for pair in stands}
    looking = terms.mentees & terms.pool.available
    if terms.both_ways:
        settled |= {pair.mentor for pair in stands}
        looking &= terms.room > 0
    return np.array([at for at in np.flatnonzero(looking) if terms.pool.ids[at] not in settled],
                    dtype=np.intp)


def _best(scores: Floats, limit: int) -> list[int]:
    order = np.argsort(-scores, kind="stable")[:limit]
    return [int(at) for at in order if np.isfinite(scores[at])]


def _counted(lists: list[list[int]], count: int) -> Rows:
    return np.bincount([at for one in lists for at in one], minlength=count).astype(np.intp)


def _by_id(terms: Terms, ids: list[str], counts: Rows) -> dict[str, int]:
    """Return counts by id: those of people who are full or gone stay as they were."""
    now = {own: int(count) for own, count in zip(ids, counts, strict=True) if count}
    return {**terms.before.shown, **now}


def _gini(counts: Rows, room: Rows) -> float | None:
    shares: Numbers = counts / room
    return gini(shares) if counts.sum() else None
