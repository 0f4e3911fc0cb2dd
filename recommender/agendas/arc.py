"""Session n of m: its type, its stage of the relationship, its theme."""

from dataclasses import dataclass
from math import ceil

from recommender.domain.base import PulseKind, SessionType, Stage
from recommender.domain.programme import Programme
from recommender.domain.pulse import kind_of

REVIEW_EVERY = 4
"""Evergreen pairs look back lightly every so many sessions."""
MIDPOINT_FROM = 5
"""Shorter programmes have no midpoint session."""
DAYS_A_MONTH = 30


@dataclass(frozen=True)
class ArcSession:
    """One session in the arc.

    Attributes:
        theme: A topic id, or null.
        must_have: Ids of activities, or topics, that the programme wants in it.
        milestone: What people are asked in it, or null.
    """

    number: int
    of: int | None
    type: SessionType
    stage: Stage
    theme: str | None
    must_have: tuple[str, ...] = ()
    milestone: PulseKind | None = None


def arc_session(
    programme: Programme, number: int, of: int | None, *, goals_set: bool
) -> ArcSession:
    """Return what session `number` of `of` is for.

    Args:
        programme: Gives themes, must-haves and the reverse session, which stretch with the
            length, and milestones, which keep their days.
        number: From 1.
        of: Length of this relationship; null when it has no end.
        goals_set: Whether the learners have goals that were worked on before; if not,
            the second session sets them.
    """
    return ArcSession(
        number, of, _type(programme, number, of, goals_set), _stage(number, of),
        theme_of(programme, number, of), must_have_of(programme, number, of),
        milestone_at(programme, number, of),
    )


def theme_of(programme: Programme, number: int, of: int | None) -> str | None:
    """Return the topic the programme sets for this session, stretched to its length."""
    for planned, topic in programme.agenda.themes.items():
        if stretched(programme, planned, of) == number:
            return topic
    return None


def must_have_of(programme: Programme, number: int, of: int | None) -> tuple[str, ...]:
    """Return the ids that the programme wants in this session, of all that stretch onto it."""
    found = [one for planned, ids in programme.agenda.must_have.items()
             if stretched(programme, planned, of) == number for one in ids]
    return tuple(dict.fromkeys(found))


def written_of(programme: Programme, number: int, of: int | None) -> int | None:
    """Return which of the sessions that the programme has written falls here, if one does.

    The programme's last one is for the last session, however many there are.
    """
    sessions = programme.agenda.sessions
    if number == of and programme.sessions in sessions:
        return programme.sessions
    return next((planned for planned in sorted(sessions)
                 if stretched(programme, planned, of) == number), None)


def milestone_at(programme: Programme, number: int, of: int | None) -> PulseKind | None:
    """Return what people are asked around this session, if a milestone falls on it.

    A pulse belongs to the first session on its day or after it, the first session being on day
    0; the end belongs to the last session. A pulse as late as the last session is left out.
    """
    if number == of:
        ends = any(one.kind == "closing" for one in programme.milestones)
        return "end" if ends else None
    for one in programme.milestones:
        meeting = 1 + ceil(one.day * programme.meetings_per_month / DAYS_A_MONTH)
        if one.kind == "pulse" and meeting == number:
            return kind_of(programme, one)
    return None


def _type(programme: Programme, number: int, of: int | None, goals_set: bool) -> SessionType:
    if of == 1:
        return "one_off"
    if number == 1:
        return "first"
    if number == of:
        return "closing"
    reverse_at = reverse_session_of(programme, of)
    if number == reverse_at:
        return "reverse"
    if number == 2 and not goals_set:
        return "goal_setting"
    if of is None:
        return "midpoint" if number % REVIEW_EVERY == 0 else "working"
    if of >= MIDPOINT_FROM:
        middle = ceil(of / 2)
        if middle == reverse_at:
            middle += 1
        if number == middle and middle < of:
            return "midpoint"
    return "working"


def _stage(number: int, of: int | None) -> Stage:
    if of is None:
        return "starting" if number <= 2 else "building" if number <= 6 else "deepening"
    if number == of:
        return "ending"
    if number == 1 or number <= of / 4:
        return "starting"
    return "building" if number <= of / 2 else "deepening"


def stretched(programme: Programme, planned: int, of: int | None) -> int:
    """Return where a session that was planned for the programme's own length falls."""
    if of is None or programme.sessions is None or of == programme.sessions:
        return planned
    return max(1, min(of, round(planned * of / programme.sessions)))


def reverse_session_of(programme: Programme, of: int | None) -> int | None:
    """Return the session in which roles turn round: neither the first nor, if it can, the last."""
    reverse = programme.agenda.reverse_session
    if reverse is None:
        return None
    at = stretched(programme, reverse, of)
    return max(2, min(of - 1, at)) if of is not None and of > 2 else at
