"""No agenda is lost: what gives way is kept under a number, and can be restored.

Pure: a file beside the agenda or a table in a database holds what these functions return.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recommender.domain.agenda import Agenda
from recommender.domain.version import By, Kept
from recommender.errors import InvalidInputError


@dataclass(frozen=True)
class Version:
    """One agenda of a place, by number from 1; the one that stands there now has no `kept`."""

    number: int
    agenda: Agenda
    kept: Kept | None


def is_same(one: Agenda, other: Agenda) -> bool:
    """Return whether two agendas are the same but for the time they took."""
    return _timeless(one) == _timeless(other)


def keep(history: Sequence[Kept], current: Agenda, by: By, at: datetime) -> Kept:
    """Return the current agenda as it is kept when another takes its place.

    Args:
        history: What is kept already, oldest first.
        by: What makes it give way.
        at: Now.
    """
    return Kept(number=next_number(history), kept_at=at, replaced_by=by, agenda=current)


def versions_of(history: Sequence[Kept], current: Agenda | None) -> list[Version]:
    """Return every version, oldest first, the one that stands now last."""
    kept = [Version(one.number, one.agenda, one) for one in history]
    return kept if current is None else [*kept, Version(next_number(history), current, None)]


def version_at(versions: Sequence[Version], number: int) -> Version:
    """Return the version of this number.

    Raises:
        InvalidInputError: There is none; says which there are.
    """
    for one in versions:
        if one.number == number:
            return one
    there = ", ".join(str(one.number) for one in versions) or "none"
    raise InvalidInputError.of(f"there is no version {number}; there are {there}")


def next_number(history: Sequence[Kept]) -> int:
    """Return the number that the next version gets; numbers are never given twice."""
    return max((one.number for one in history), default=0) + 1


def _timeless(agenda: Agenda) -> Agenda:
    return agenda.model_copy(update={
        "provenance": agenda.provenance.model_copy(update={"latency_ms": None})})
