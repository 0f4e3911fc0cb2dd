"""Roulettes: round after round of new pairs, nobody again before everybody else was met."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from recommender.domain.matching import Unmatched
from recommender.matching.left_over import rule_to_relax
from recommender.matching.match import Matching, PhrasesFor, match_pool
from recommender.matching.terms import Before, PastPair, Terms

TermsFor = Callable[[Before], Terms]
Progress = Callable[[int, int], None]


def meet_everybody(
    terms_for: TermsFor, rounds: int, phrases_for: PhrasesFor, seed: str = "", *,
    earlier: Sequence[PastPair] = (), progress: Progress | None = None,
) -> list[Matching]:
    """Return a roulette: round after round of pairs, nobody again until all others were met.

    Two people may meet again once each of them has met everybody they are eligible for, as
    often as each other. Whoever waits for that is left over in a round, with the reason.

    Args:
        terms_for: Terms with what happened before, to which the pairs given here are added.
        earlier: Pairs of earlier rounds, which count as met.
        progress: Told how many rounds are done.
    """
    table = _Met(terms_for(Before()))
    for past in earlier:
        table.add(past.mentee, past.mentor)
    found = []
    for number in range(rounds):
        one = match_pool(terms_for(Before(pairs=table.blocked())), phrases_for,
                         seed=f"{seed}:{number}", keep=False)
        for pair in one.pairs:
            table.add(pair.mentee, pair.mentor)
        left = [table.told(person, phrases_for) for person in one.unmatched]
        found.append(Matching(one.pairs, one.total, one.bound, left, rule_to_relax(left)))
        if progress is not None:
            progress(number + 1, rounds)
    return found


class _Met:
    """How often people met, and who may not meet again yet."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._counts: dict[int, Counter[int]] = {}
        self._eligible: dict[tuple[int, bool], frozenset[int]] = {}

    def add(self, mentee: str, mentor: str) -> None:
        """Count a meeting; of people who are gone, none."""
        row, other = self._terms.row_of(mentee), self._terms.row_of(mentor)
        if row is not None and other is not None:
            self._counts.setdefault(row, Counter())[other] += 1
            self._counts.setdefault(other, Counter())[row] += 1

    def blocked(self) -> list[PastPair]:
        """Return the pairs of which one side has somebody else to meet before."""
        ids = self._terms.pool.ids
        return [
            PastPair(mentee=ids[row], mentor=ids[other], status="ended")
            for row, met in sorted(self._counts.items()) for other, times in sorted(met.items())
            if row < other and (times > self._least(row, other) or times > self._least(other, row))
        ]

    def told(self, left: Unmatched, phrases_for: PhrasesFor) -> Unmatched:
        """Return why somebody is left over; of who waits for their turn, that they do."""
        row = self._terms.pool.row[left.id]
        if left.eligible or not self._others(row, as_mentee=True):
            return left
        return left.model_copy(update={"reasons": [phrases_for(row).matching.met_all],
                                       "relax": None})

    def _least(self, row: int, other: int) -> int:
        """Return how often somebody met whom they met least, of those on the other's side."""
        as_mentee = bool(self._terms.mentees[row] and self._terms.mentors[other])
        others = self._others(row, as_mentee=as_mentee)
        met = self._counts[row]
        return min((met[one] for one in others), default=0)

    def _others(self, row: int, *, as_mentee: bool) -> frozenset[int]:
        key = (row, as_mentee)
        if key not in self._eligible:
            found = np.flatnonzero(self._terms.eligible(row, as_mentee=as_mentee))
            self._eligible[key] = frozenset(found.tolist())
        return self._eligible[key]
