"""When a session is, and in whose time zone: what a calendar must know beside the agenda."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from recommender.domain.base import Role
from recommender.domain.case import Case
from recommender.errors import InvalidInputError

YEARS = range(1980, 2200)
_ZULU = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "UCT", "Zulu"})


@dataclass(frozen=True)
class Meeting:
    """When a session is, for a calendar.

    Attributes:
        uid: The same for the same session of the same people, whatever its agenda.
        start: In the reader's time zone, or in UTC where none is known.
        elsewhere: The same moment where other members are, where their clocks differ.
        stamp: When the entry is written; calendars keep the newer of two.
        sequence: How often the agenda was edited.
    """

    uid: str
    start: datetime
    elsewhere: tuple[datetime, ...]
    stamp: datetime
    sequence: int = 0


def meeting_of(
    case: Case, stamp: datetime, role: Role | None = None, sequence: int = 0
) -> Meeting:
    """Return when a case's session is, in the time zone of its reader.

    That is the zone of the first member in the role who has one; without a role, or where none
    has, the first learner's; then anybody's. A date without an offset is read in that zone.

    Args:
        stamp: Now, with a time zone.

    Raises:
        InvalidInputError: The session has no date, no time of day, or no zone to read it in.
    """
    date = case.session.date
    if date is None:
        raise _refusal("a calendar entry needs the session's date and time; "
                       "set session.date, such as 2027-03-04T09:00:00Z")
    if date.tzinfo is None and date.time() == time():
        raise _refusal("has no time of day; write it with its offset, "
                       f"such as {date.date()}T09:00:00Z")
    if date.year not in YEARS:
        raise _refusal(f"is in the year {date.year}; calendars take {YEARS[0]} to {YEARS[-1]}")
    own, others = _zones(case, role)
    if date.tzinfo is None and own is None:
        raise _refusal("has no offset, and no member a time zone; write it with its offset, "
                       f"such as {date.isoformat()}Z, or set members[].profile.timezone")
    zone: tzinfo = UTC if own is None or own in _ZULU else ZoneInfo(own)
    start = date.replace(tzinfo=zone) if date.tzinfo is None else date.astimezone(zone)
    there = [start.astimezone(ZoneInfo(other)) for other in others]
    seen: dict[datetime, datetime] = {}
    for one in there:
        clock = one.replace(tzinfo=None)
        if clock != start.replace(tzinfo=None):
            seen.setdefault(clock, one)
    return Meeting(_uid(case), start, tuple(seen[clock] for clock in sorted(seen)),
                   stamp.astimezone(UTC), sequence)


def reader_time(case: Case, role: Role | None = None) -> tuple[datetime, str | None] | None:
    """Return a session's moment on its reader's clock, and the zone's name where clocks differ.

    A date that is only a day stays that day; one without any known zone keeps its own clock.
    Null where the session has no date.
    """
    date = case.session.date
    if date is None:
        return None
    own, known = _zones(case, role)
    if date.tzinfo is None:
        return date, own if len(set(known)) > 1 and date.time() != time() else None
    if own is None:
        return date, date.tzname()
    there = date.astimezone(ZoneInfo(own))
    clocks = {date.astimezone(ZoneInfo(one)).replace(tzinfo=None) for one in known}
    return there, own if len(clocks) > 1 else None


def _zones(case: Case, role: Role | None) -> tuple[str | None, list[str]]:
    """Return the reader's zone, and those of all members that are known."""
    ordered = sorted(case.members, key=lambda one: (one.role != role, one.role == "mentor"))
    known = [one.profile.timezone for one in ordered if one.profile.timezone is not None]
    return (known[0] if known else None), known


def _uid(case: Case) -> str:
    programme = case.programme if isinstance(case.programme, str) else case.programme.id
    people = sorted([member.role, member.profile.id] for member in case.members)
    session = json.dumps(["agendum", programme, people, case.session.number])
    return str(uuid5(NAMESPACE_URL, session))


def _refusal(problem: str) -> InvalidInputError:
    return InvalidInputError.of(problem, field="session.date")
