"""A pool of people as columns, so that one rule over 100,000 of them is one array operation."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from recommender.domain.base import Relation, base_language
from recommender.domain.profile import Profile
from recommender.errors import Fault, InvalidInputError

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]

LONGEST_LINE = 50
"""Managers above a person that are followed; more are a circle in the data."""


@dataclass(frozen=True)
class Values:
    """What people have in one field, as numbers that stand for values.

    Attributes:
        codes: Every value of everybody, person after person.
        starts: Where each person's values begin, shape (people + 1,).
        owners: Whose each value is, same length as `codes`.
        known: The number that stands for each value.
    """

    codes: Rows
    starts: Rows
    owners: Rows
    known: dict[str, int]

    def of(self, row: int) -> Rows:
        """Return one person's values."""
        return self.codes[self.starts[row] : self.starts[row + 1]]

    @cached_property
    def counts(self) -> Rows:
        """Return how many values each person has."""
        return np.diff(self.starts)

    @cached_property
    def by_code(self) -> tuple[Rows, Rows]:
        """Return whose each value is, value after value, and where each value's people begin."""
        order = np.argsort(self.codes, kind="stable")
        bounds = np.searchsorted(self.codes[order], np.arange(len(self.known) + 1))
        return self.owners[order], bounds

    def shared_with(self, row: int) -> Rows:
        """Return how many of one person's values each of the others has too, shape (people,)."""
        owners, bounds = self.by_code
        shared = np.zeros(len(self.starts) - 1, dtype=np.intp)
        for code in np.unique(self.of(row)):
            shared[owners[bounds[code] : bounds[code + 1]]] += 1
        return shared


class Pool:
    """People in id order. Columns are made when a rule first asks for them.

    Args:
        profiles: Ids must differ.
        at: The moment time zones are compared at; summer time moves them.

    Attributes:
        tested: How rules turned out, kept by `rules.test_rule`.

    Raises:
        InvalidInputError: Two profiles share an id; every such id is named.
    """

    def __init__(self, profiles: Sequence[Profile], at: datetime | None = None) -> None:
        self.profiles = tuple(sorted(profiles, key=lambda one: one.id))
        self.ids = tuple(one.id for one in self.profiles)
        self.row = {own: at for at, own in enumerate(self.ids)}
        if len(self.row) < len(self.ids):
            doubles = sorted({one for one, other in pairwise(self.ids) if one == other})
            raise InvalidInputError([
                Fault("", "id", f"{own!r} stands twice; give each person an id of their own")
                for own in doubles])
        self.at = at or datetime(2026, 1, 15, tzinfo=UTC)
        self.tested: dict[Hashable, Any] = {}
        self._numbers: dict[str, Numbers] = {}
        self._values: dict[str, Values] = {}

    def __len__(self) -> int:
        return len(self.profiles)

    def has(self, field: str) -> bool:
        """Return whether a rule may speak of this field: a profile's own, or somebody's attribute.

        `attributes.` may be left out.
        """
        return field in Profile.model_fields or _attribute(field) in self._attributes

    @cached_property
    def _attributes(self) -> frozenset[str]:
        return frozenset(name for one in self.profiles for name in one.attributes)

    @cached_property
    def open(self) -> Mask:
        """Return who may be met at all: available, and not with a capacity of none."""
        return np.array([one.available and one.capacity != 0 for one in self.profiles],
                        dtype=np.bool_)

    @cached_property
    def available(self) -> Mask:
        """Return who is not taking a break."""
        return np.array([one.available for one in self.profiles], dtype=np.bool_)

    @cached_property
    def capacity(self) -> Rows:
        """Return how many pairs each person takes on at once; one where they do not say."""
        return np.array([0 if not one.available else 1 if one.capacity is None else one.capacity
                         for one in self.profiles], dtype=np.intp)

    def side(self, role: str) -> Mask:
        """Return who is in a role; people without any role are in all of them."""
        return np.array([not one.roles or role in one.roles for one in self.profiles],
                        dtype=np.bool_)

    def sides(self, relation: Relation) -> tuple[Mask, Mask]:
        """Return who learns and who is met: mentees and mentors, or peers and peers."""
        if relation == "peer":
            peers = self.side("peer")
            return peers, peers
        return self.side("mentee"), self.side("mentor")

    def numbers(self, field: str) -> Numbers:
        """Return a field as numbers, NaN where somebody has none, shape (people,)."""
        if field not in self._numbers:
            self._numbers[field] = np.array(
                [_number(value_of(one, field)) for one in self.profiles], dtype=np.float64)
        return self._numbers[field]

    def values(self, field: str) -> Values:
        """Return a field as a list of values each; letter case and outer space do not count.

        Nor does the region of a language: who reads es-MX reads es.
        """
        if field not in self._values:
            known: dict[str, int] = {}
            codes: list[int] = []
            counts = []
            for one in self.profiles:
                own = sorted(set(_texts(_spoken(one) if field == "languages"
                                        else value_of(one, field))))
                codes += [known.setdefault(text, len(known)) for text in own]
                counts.append(len(own))
            starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
            self._values[field] = Values(
                np.array(codes, dtype=np.intp), starts,
                np.repeat(np.arange(len(counts)), counts), known)
        return self._values[field]

    @cached_property
    def offsets(self) -> Numbers:
        """Return hours ahead of UTC, NaN where somebody names no time zone, shape (people,)."""
        zones: dict[str, float] = {}
        hours = []
        for one in self.profiles:
            if one.timezone is None:
                hours.append(np.nan)
                continue
            if one.timezone not in zones:
                ahead = self.at.astimezone(ZoneInfo(one.timezone)).utcoffset()
                zones[one.timezone] = 0.0 if ahead is None else ahead.total_seconds() / 3600
            hours.append(zones[one.timezone])
        return np.array(hours, dtype=np.float64)

    @cached_property
    def _above(self) -> Values:
        """Return everybody's managers, nearest first, as rows of the pool."""
        parent = [self.row.get(one.manager_id or "", -1) for one in self.profiles]
        codes: list[int] = []
        counts = []
        for row in range(len(self)):
            line: list[int] = []
            above = parent[row]
            while above >= 0 and above not in line and above != row and len(line) < LONGEST_LINE:
                line.append(above)
                above = parent[above]
            codes += line
            counts.append(len(line))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        return Values(np.array(codes, dtype=np.intp), starts,
                      np.repeat(np.arange(len(counts)), counts),
                      {own: at for at, own in enumerate(self.ids)})

    def in_line_with(self, row: int) -> Mask:
        """Return who is above or below somebody in the reporting line, however far."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[self._above.of(row)] = True
        owners, bounds = self._above.by_code
        found[owners[bounds[row] : bounds[row + 1]]] = True
        found[row] = False
        return found

    def avoided_by_or_avoiding(self, row: int) -> Mask:
        """Return who must not meet somebody: on their list, or they on the other's."""
        found = np.zeros(len(self), dtype=np.bool_)
        for own in self.profiles[row].avoid:
            if own in self.row:
                found[self.row[own]] = True
        for other in self._avoiding.get(self.ids[row], ()):
            found[other] = True
        return found

    @cached_property
    def _avoiding(self) -> dict[str, list[int]]:
        avoiding: dict[str, list[int]] = {}
        for at, one in enumerate(self.profiles):
            for own in one.avoid:
                avoiding.setdefault(own, []).append(at)
        return avoiding


def value_of(profile: Profile, field: str) -> Any:
    """Return a field of a profile, or an attribute by its name; null where there is none."""
    if field in Profile.model_fields:
        return getattr(profile, field)
    return profile.attributes.get(_attribute(field))


def _spoken(profile: Profile) -> list[str]:
    return [base_language(tag) for tag in profile.languages]


def _attribute(field: str) -> str:
    return field.removeprefix("attributes.")


def _number(value: Any) -> float:
    if isinstance(value, bool) or value is None:
        return float("nan")
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return float("nan")


def _texts(value: Any) -> Iterator[str]:
    if value is None:
        return
    for one in value if isinstance(value, list) else [value]:
        text = getattr(one, "text", one)
        folded = " ".join(str(text).casefold().split())
        if folded:
            yield folded
