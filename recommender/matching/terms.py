"""What a match is judged by: the pool, the programme's rules, meaning, and what happened before."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from recommender.domain.base import Frozen, Id
from recommender.domain.programme import Programme
from recommender.matching.meaning import Meaning
from recommender.matching.pool import Mask, Pool, Rows
from recommender.matching.rules import check_rules, eligible_for, value_of_rule
from recommender.retrieval.encoder import Floats

_OF_MENTORS = ("gap", "at_most", "at_least")
Verdict = Literal["not_interested", "met", "worked_well"]


class PastPair(Frozen):
    """Two people who were, or are, a pair."""

    mentee: Id
    mentor: Id
    status: Literal["active", "ended"] = "active"


class MetFeedback(Frozen):
    """What somebody made of a suggestion; the last verdict on a person counts."""

    profile_id: Id
    candidate_id: Id
    verdict: Literal["not_interested", "met", "worked_well", "undo"]


@dataclass(frozen=True)
class Before:
    """What happened before: pairs, verdicts, and how often each person was shown.

    Attributes:
        pairs: Active ones take room; people of an ended one are not brought together again.
        feedback: In the order it was given; `undo` takes back the last verdict on that person.
        shown: By id, in how many lists each person stands already.
    """

    pairs: Sequence[PastPair] = ()
    feedback: Sequence[MetFeedback] = ()
    shown: dict[str, int] = field(default_factory=dict)

    @cached_property
    def _stacks(self) -> dict[str, dict[str, list[Verdict]]]:
        stacks: dict[str, dict[str, list[Verdict]]] = {}
        for one in self.feedback:
            stack = stacks.setdefault(one.profile_id, {}).setdefault(one.candidate_id, [])
            if one.verdict == "undo":
                stack[-1:] = []
            else:
                stack.append(one.verdict)
        return stacks

    def verdicts_of(self, person_id: str) -> dict[str, Verdict]:
        """Return what one person made of others, by their ids."""
        stacks = self._stacks.get(person_id, {})
        return {candidate: stack[-1] for candidate, stack in stacks.items() if stack}

    @cached_property
    def well(self) -> list[tuple[str, str]]:
        """Return for whom it worked well, and with whom, by their ids."""
        return [(own, candidate) for own in self._stacks
                for candidate, verdict in self.verdicts_of(own).items()
                if verdict == "worked_well"]

    def verdicts_on(self, candidate_id: str) -> dict[str, Verdict]:
        """Return what others made of one person, by the others' ids."""
        return self._received.get(candidate_id, {})

    @cached_property
    def _received(self) -> dict[str, dict[str, Verdict]]:
        received: dict[str, dict[str, Verdict]] = {}
        for own in self._stacks:
            for candidate, verdict in self.verdicts_of(own).items():
                received.setdefault(candidate, {})[own] = verdict
        return received


class Terms:
    """A pool under a programme's rules, with what happened before.

    Args:
        meaning: Made for the same profiles and the programme's `ai_fields`.

    Raises:
        InvalidInputError: A rule speaks of a field that nobody has.
    """

    def __init__(
        self, pool: Pool, programme: Programme, meaning: Meaning, before: Before = Before()
    ) -> None:
        check_rules(programme.matching.rules, pool)
        self.pool = pool
        self.programme = programme
        self.meaning = meaning
        self.before = before
        self.rules = programme.matching.rules
        self.scored = [rule for rule in self.rules if rule.rule != "must" and rule.weight > 0]
        self.mentees, self.mentors = pool.sides(programme.relation)
        self.both_ways = programme.relation == "peer"
        well = [(pool.row[own], pool.row[other]) for own, other in before.well
                if own in pool.row and other in pool.row]
        self.well = np.array(well, dtype=np.intp).reshape(-1, 2)
        self._active = np.zeros(len(pool), dtype=np.intp)
        self._partners: dict[int, set[int]] = {}
        for pair in before.pairs:
            rows = [pool.row.get(own) for own in (pair.mentee, pair.mentor)]
            for at, row in enumerate(rows):
                if row is None:
                    continue
                other = rows[1 - at]
                stands = (other is not None and pool.profiles[other].available
                          if self.both_ways else at == 1)
                self._active[row] += pair.status == "active" and stands
                if other is not None:
                    self._partners.setdefault(row, set()).add(other)

    @property
    def room(self) -> Rows:
        """Return how many more pairs each person takes on, shape (people,)."""
        left: Rows = np.maximum(self.pool.capacity - self._active, 0)
        return left

    def others(self, row: int, *, as_mentee: bool) -> Mask:
        """Return who stands on the other side, before any rule."""
        side = self.mentors if as_mentee else self.mentees
        others: Mask = side.copy()
        others[row] = False
        return others

    def standing(self, row: int, *, as_mentee: bool) -> dict[str, Mask]:
        """Return what always holds, whatever the programme says; true where it is met.

        Who was turned down is not told so: for them it counts as any wish not to meet.
        """
        every = np.ones(len(self.pool), dtype=np.bool_)
        lacking = self.lacks(row)
        partners, turned_down = every.copy(), every.copy()
        partners[sorted(self._partners.get(row, ()))] = False
        verdicts = self.before.verdicts_of(self.pool.ids[row])
        for own, verdict in verdicts.items():
            if own in self.pool.row and verdict != "worked_well":
                (turned_down if verdict == "not_interested" else partners)[
                    self.pool.row[own]] = False
        avoided = self.pool.avoided_by_or_avoiding(row)
        for own, verdict in self.before.verdicts_on(self.pool.ids[row]).items():
            if own in self.pool.row and verdict != "worked_well":
                if verdict == "met":
                    partners[self.pool.row[own]] = False
                else:
                    avoided[self.pool.row[own]] = True
        found = {
            "role": self.others(row, as_mentee=as_mentee),
            "available": self.pool.open if as_mentee or self.both_ways else self.pool.available,
            "room": self.room > 0 if as_mentee or self.both_ways else every,
            "avoid": ~avoided,
            "new_to_each_other": partners,
            "interested": turned_down,
        }
        return {name: met & ~every if name in lacking else met for name, met in found.items()}

    def lacks(self, row: int) -> frozenset[str]:
        """Return which of `standing` somebody lacks on their own side; none but between equals.

        Two equals have to be there for each other, whoever asks.
        """
        if not self.both_ways:
            return frozenset()
        has = {"role": self.mentees[row], "available": self.pool.open[row],
               "room": self.room[row] > 0}
        return frozenset(name for name, met in has.items() if not met)

    def eligible(self, row: int, *, as_mentee: bool) -> Mask:
        """Return who may be suggested to somebody: every standing rule and every `must`."""
        standing = np.logical_and.reduce(list(self.standing(row, as_mentee=as_mentee).values()))
        passed: Mask = standing & eligible_for(self.rules, self.pool, row, as_mentee=as_mentee,
                                               both_ways=self.both_ways)
        return passed

    def rule_values(self, row: int, rows: Rows, *, as_mentee: bool) -> Floats:
        """Return what each scored rule is worth with each of the others, shape (rules, rows)."""
        if not self.scored:
            return np.zeros((0, len(rows)), dtype=np.float32)
        return np.stack([
            value_of_rule(rule, self.pool, row, as_mentee=as_mentee,
                          both_ways=self.both_ways)[rows]
            for rule in self.scored]).astype(np.float32)

    def among_equals(self) -> "Terms":
        """Return these terms for those who learn, as equals of each other, meaning both ways.

        Rules on how far a mentor is above do not hold between those who learn, but in a
        programme of peers, whose rules are all about equals.
        """
        equals = copy(self)
        if self.programme.relation != "peer":
            equals.rules = [rule for rule in self.rules if rule.test not in _OF_MENTORS]
            equals.scored = [rule for rule in self.scored if rule.test not in _OF_MENTORS]
        side = self.pool.side("peer") if self.programme.relation == "peer" else self.mentees
        equals.mentees = equals.mentors = side
        equals.both_ways = True
        return equals

    @property
    def weights(self) -> Floats:
        """Return the scored rules' weights, then that of meaning."""
        return np.array([*(rule.weight for rule in self.scored),
                         self.programme.matching.semantic.weight], dtype=np.float32)

    def row_of(self, person_id: str) -> int | None:
        """Return somebody's row; null for an id the pool does not hold."""
        return self.pool.row.get(person_id)


def shown_too_often(before: Before, room: Rows, pool: Pool, limit: int) -> Mask:
    """Return who stands in more lists than they have room for, shape (people,).

    Each list names `limit` people and one is chosen; so a mentor in `room` × `limit` lists
    may expect to be chosen as often as there is room.
    """
    counts = np.zeros(len(pool), dtype=np.intp)
    for own, count in before.shown.items():
        if own in pool.row:
            counts[pool.row[own]] = count
    return np.asarray((counts > 0) & (counts >= room * limit), dtype=np.bool_)


def is_mentee(terms: Terms, row: int, role: str | None) -> bool:
    """Return whether somebody looks for a mentor: as asked, else as their roles say."""
    if role is not None:
        return role == "mentee"
    return bool(terms.mentees[row]) or not bool(terms.mentors[row])
