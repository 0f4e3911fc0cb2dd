"""An agenda in the form that was asked for; the command line and HTTP share the choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from content_library.load import Library
from recommender.agendas.brief import make_brief
from recommender.agendas.render.html import labels_of, render_html
from recommender.agendas.render.markdown import render_markdown
from recommender.agendas.render.meeting import Meeting, meeting_of, reader_time
from recommender.agendas.render.sheet import View, seen_by
from recommender.agendas.style import in_words_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import Role, base_language
from recommender.domain.case import Case
from recommender.errors import InvalidInputError

FORMS: Mapping[str, str] = MappingProxyType({
    "json": "application/json",
    "md": "text/markdown",
    "html": "text/html",
    "ics": "text/calendar",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
})
"""The forms in which agendas come, with their media types; the first is HTTP's default."""


@dataclass(frozen=True)
class Order:
    """In which form an agenda is wanted, for whom, and when its session is if that matters."""

    form: str
    role: Role | None = None
    meeting: Meeting | None = None


def order_for(case: Case, form: str, now: datetime, role: Role | None = None) -> Order:
    """Return what is wanted, once the case can give it; nothing is composed before.

    Args:
        form: One of `FORMS`.
        now: With a time zone; when a calendar entry says it was written.
        role: Whose agenda it is; null for one that shows everybody everything.

    Raises:
        InvalidInputError: No member has the role, or a calendar entry is wanted and the
            session has no date.
    """
    roles = sorted({member.role for member in case.members})
    if role is not None and role not in roles:
        raise InvalidInputError.of(
            f"no member of this session is a {role}; write {' or '.join(roles)}, "
            "or leave it out", field="role")
    return Order(form, role, meeting_of(case, now, role) if form == "ics" else None)


def render_agenda(agenda: Agenda, case: Case, catalogue: Catalogue, order: Order) -> bytes:
    """Return the agenda of a case as a file; text is UTF-8 and ends in a newline."""
    library = catalogue.library
    language = base_language(agenda.language)
    phrases = in_words_of(agenda, library)
    when, zone = reader_time(case, order.role) or (None, None)
    view = View(order.role, tuple(member.role for member in case.members),
                _said(case, agenda, catalogue), when, zone)
    match order.form:
        case "json":
            return agenda_json(seen_by(agenda, order.role)).encode()
        case "md":
            return render_markdown(agenda, phrases, view).encode()
        case "html":
            return render_html(agenda, phrases, labels_of(library, language), view).encode()
        case "ics" if order.meeting is not None:
            from recommender.agendas.render.calendar import render_calendar

            return render_calendar(agenda, phrases, order.meeting, view)
        case "docx":
            from recommender.agendas.render.word import render_word

            return render_word(agenda, phrases, view)
    raise ValueError(f"no such form, or no meeting: {order.form!r}")


def agenda_json(agenda: Agenda) -> str:
    """Return an agenda as JSON, without the case it was made of; ends in a newline."""
    return agenda.model_dump_json(by_alias=True, indent=2) + "\n"


def agenda_markdown(agenda: Agenda, library: Library) -> str:
    """Return an agenda as Markdown for everybody, without the case it was made of."""
    return render_markdown(agenda, in_words_of(agenda, library))


def _said(case: Case, agenda: Agenda, catalogue: Catalogue) -> dict[str, str]:
    """Return the talking points of an agenda in which one has to wait, as they may be quoted."""
    if all(place.deferred is None for place in agenda.talking_points):
        return {}
    brief = make_brief(case, catalogue.library, catalogue.hand_off_rules, catalogue.known_words)
    return {point.id: point.quote for point in brief.talking_points if point.quote is not None}
