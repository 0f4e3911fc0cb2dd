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
from recommender.matching.pool import Numbers, Rows
from recommender.matching.suggest import describe
from recommender.matching.terms import Terms
from recommender.retrieval.encoder import Floats

LONGEST = 100
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
    told = None if progress is None else lambda done, total: progress(done, 2 * total)
    scores = score_matrix(terms, people, others, told)
    ids = [pool.ids[at] for at in people]
    other_ids = [pool.ids[at] for at in others]
    places = np.maximum(terms.room[others] * limit - earlier, 0)
    drafted = draft(scores, places, limit, ids, other_ids, seed)
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
        if progress is not None:
            progress(len(people) + line + 1, 2 * len(people))
    counts = earlier + _counted(drafted, len(others))
    best = [_best(scores[line], limit) for line in range(len(people))]
    room = terms.room[others]
    return Lists(lists, dict(sorted(_by_id(terms, other_ids, counts).items())),
                 _gini(counts, room), _gini(earlier + _counted(best, len(others)), room))


def draft(
    scores: Floats, places: Rows, limit: int, people: list[str], others: list[str], seed: str = "",
) -> list[list[int]]:
    """Return for everybody the columns of their list, as many in all as the places allow.

    Args:
        scores: Shape (people, others); -inf where a pair is not allowed.
        places: In how many lists each of the others may stand.
        people, others: Their ids, for lots.
    """
    table = _Draft(scores, places)
    turns = lots_of(people, ["draft"], seed)[:, 0]
    best = scores.max(axis=1, initial=-np.inf)
    waiting = [line for line in range(len(people)) if np.isfinite(best[line])]
    for _ in range(limit):
        served = np.array([scores[line, table.names[line]].sum() for line in range(len(people))])
        waiting = [
            line for line in sorted(waiting, key=lambda one: (served[one], best[one], turns[one]))
            if table.take(line, lambda line, tied: lots_of(
                [people[line]], [others[at] for at in tied], seed)[0])]
    return table.names


class _Draft:
    """Who stands on whose list, and how many places are left."""

    def __init__(self, scores: Floats, places: Rows) -> None:
        self.names: list[list[int]] = [[] for _ in range(len(scores))]
        self._scores = scores
        self._left = places.copy()
        self._holders: list[list[int]] = [[] for _ in range(scores.shape[1])]
        self._closed = np.zeros(scores.shape[1], dtype=np.bool_)

    def take(self, line: int, lots: Callable[[int, Rows], Floats]) -> bool:
        """Put the best name with a place on a list; return false if there is none to be had."""
        values = np.where(self._left > 0, self._scores[line], -np.inf)
        values[self.names[line]] = -np.inf
        top = values.max(initial=-np.inf)
        if not np.isfinite(top):
            return self._make_way(line)
        tied = np.flatnonzero(values == top)
        chosen = tied[0] if len(tied) == 1 else tied[lots(line, tied).argmax()]
        self._put(line, int(chosen))
        return True

    def _make_way(self, line: int) -> bool:
        """Free a place by moving others to another name each; return whether that worked."""
        seen = self._closed.copy()
        came: dict[int, tuple[int, int | None]] = {}
        queue: deque[int] = deque()

        def reach(taker: int, gives: int | None) -> int | None:
            values = np.where(seen, -np.inf, self._scores[taker])
            values[self.names[taker]] = -np.inf
            found = np.flatnonzero(np.isfinite(values))
            for column in found[np.argsort(-values[found], kind="stable")].tolist():
                seen[column] = True
                came[column] = (taker, gives)
                if self._left[column] > 0:
                    return int(column)
                queue.append(column)
            return None

        free = reach(line, None)
        while free is None and queue:
            column = queue.popleft()
            for holder in self._holders[column]:
                free = reach(holder, column)
                if free is not None:
                    break
        if free is None:
            self._closed = seen  # from none of these a place can be reached, now or later
            return False
        at: int | None = free
        while at is not None:
            taker, gives = came[at]
            if gives is not None:
                self._take_off(taker, gives)
            self._put(taker, at)
            at = gives
        return True

    def _put(self, line: int, column: int) -> None:
        self.names[line].append(column)
        self._holders[column].append(line)
        self._left[column] -= 1

    def _take_off(self, line: int, column: int) -> None:
        self.names[line].remove(column)
        self._holders[column].remove(line)
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
