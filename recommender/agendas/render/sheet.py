"""An agenda as its readers see it: the same sheet of words, whatever the format."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from types import MappingProxyType

from recommender.domain.agenda import Agenda, Item, Preparation, ResourceUse
from recommender.domain.base import Role
from recommender.domain.phrases import Phrases

NOTHING: Mapping[str, str] = MappingProxyType({})
MAX_TITLE = 90
_MINUTES = re.compile(r"\((\d+) min\)")
_BREAKS = re.compile(r"[ \t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]+")


@dataclass(frozen=True)
class View:
    """Whose sheet it is, and what only the case knows.

    Attributes:
        role: Who reads it; null for a sheet that shows everybody everything.
        roles: Of all members; tells "the mentee" from "one of the mentees".
        said: Talking points by id, as they may be quoted.
        when: The session's moment on the reader's clock; null where no date is set.
        zone: What names that clock, where members have different ones.
    """

    role: Role | None = None
    roles: tuple[Role, ...] = ()
    said: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    when: datetime | None = None
    zone: str | None = None


EVERYBODY = View()


@dataclass(frozen=True)
class Reading:
    """A resource, what it is in words, and whether its address may be a link."""

    use: ResourceUse
    about: str
    is_link: bool


@dataclass(frozen=True)
class TimedItem:
    """An item with the minutes at which it starts and ends, and what is said about it.

    `lead` names who opens it, `opened` says so, and `own` is whether that is the reader;
    `locked` is null where it is not.
    """

    item: Item
    start: int
    end: int
    kind: str
    lead: str
    opened: str
    own: bool
    locked: str | None
    readings: tuple[Reading, ...]
    reasons: tuple[str, ...]

    @property
    def about(self) -> tuple[str, ...]:
        """Return kind, who opens, and whether it is locked, for a line under the title."""
        return tuple(words for words in (self.kind, self.opened, self.locked) if words)


@dataclass(frozen=True)
class Sheet:
    """Everything that a format shows, in the order of reading.

    `heading` is the purpose's first sentence and `behind` the rest of it; `preparation` holds a
    label with its lines; `points` says of each talking point
    where it went, once one of them has to wait; `made` says how the agenda came about.
    """

    agenda: Agenda
    heading: str
    behind: str
    which: str
    title: str
    about: tuple[str, ...]
    preparation: tuple[tuple[str, tuple[str, ...]], ...]
    items: tuple[TimedItem, ...]
    points: tuple[str, ...]
    readings: tuple[Reading, ...]
    made: str


def sheet_of(
    agenda: Agenda, phrases: Phrases, view: View = EVERYBODY, labels: Mapping[str, str] = NOTHING
) -> Sheet:
    """Return what a reader is shown of an agenda.

    Args:
        phrases: Of the agenda's language.
        labels: What focus areas and topics are called in that language, by id.
    """
    agenda = seen_by(agenda, view.role)
    session = agenda.session
    which = phrases.headings["session" if session.of is not None else "session_open"].format(
        number=session.number, of=session.of)
    about = [which, phrases.type_of(session.type, session.of),
             phrases.headings["minutes"].format(minutes=session.minutes)]
    if view.when is not None:
        about.insert(1, phrases.moment_of(view.when, view.zone))
    if view.role is not None:
        about.append(phrases.copies[view.role])
    heading, behind = headline(agenda.purpose)
    return Sheet(
        agenda=agenda,
        heading=heading,
        behind=behind,
        which=which,
        title=f"{which} · {_clipped(heading)}",
        about=tuple(about),
        preparation=tuple(_preparation(agenda.preparation, phrases, view)),
        items=tuple(_timed(agenda, phrases, view, labels)),
        points=tuple(_points(agenda, phrases, view)),
        readings=tuple(reading_of(use, phrases) for use in agenda.resources),
        made=_made(agenda, phrases),
    )


def seen_by(agenda: Agenda, role: Role | None) -> Agenda:
    """Return the agenda with what one role needs: its own preparation and resources, everybody's.

    A resource that is used in the session stays for all.
    """
    if role is None:
        return agenda
    own = agenda.preparation
    used = {one for item in agenda.items for one in item.resources}
    return agenda.model_copy(update={
        "preparation": Preparation(mentee=own.mentee if role == "mentee" else [],
                                   mentor=own.mentor if role == "mentor" else [], all=own.all),
        "resources": [use for use in agenda.resources
                      if {role, "all"} & set(use.for_) or use.use == "during" or use.id in used],
    })


def one_line(text: str) -> str:
    """Return text on one line; spaces that hold words together stay."""
    return _BREAKS.sub(" ", text).strip()


def whole(text: str) -> str:
    """Return text in which `(5 min)` stays in one piece."""
    return _MINUTES.sub("(\\1\u00a0min)", text)


def _preparation(
    own: Preparation, phrases: Phrases, view: View
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for role, lines in (("mentee", own.mentee), ("mentor", own.mentor), ("all", own.all)):
        if lines:
            label = phrases.headings["for_you" if role == view.role else f"for_{role}"]
            yield label[:1].upper() + label[1:], tuple(lines)


def _timed(
    agenda: Agenda, phrases: Phrases, view: View, labels: Mapping[str, str]
) -> Iterator[TimedItem]:
    ends = accumulate(item.minutes for item in agenda.items)
    for item, end in zip(agenda.items, ends, strict=True):
        key = _lead(item, view)
        lead = phrases.leads[key]
        opened = (phrases.headings["you_open"] if key == "you"
                  else phrases.headings["opened_by"].format(lead=lead))
        yield TimedItem(
            item=item, start=end - item.minutes, end=end, kind=phrases.kinds[item.kind],
            lead=lead, opened=opened, own=key == "you",
            locked=phrases.headings["locked"] if item.locked else None,
            reasons=_reasons(item, phrases, labels),
            readings=tuple(reading_of(use, phrases) for use in agenda.resources
                           if use.id in item.resources),
        )


def _lead(item: Item, view: View) -> str:
    """Return by which phrase the reader knows who opens an item."""
    if item.lead == "all":
        return "all"
    if item.lead == "peer":
        return "peers" if len(view.roles) > 2 else "peer"
    several = view.roles.count(item.lead) > 1
    if item.lead == view.role:
        return "one_of_you" if several else "you"
    if several:
        return f"{item.lead}s"
    return f"your_{item.lead}" if view.role in ("mentor", "mentee") else item.lead


def _reasons(item: Item, phrases: Phrases, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return why an item is there: each kind of reason once, with its number where there are more.

    What a reason points to by id is named only where the id has a label: the ids of goals,
    actions and talking points are the caller's, and say nothing to a reader.
    """
    counts: dict[str, int] = {}
    for reason in item.because:
        label = labels.get(reason.id) or phrases.types.get(reason.id) or reason.id
        words = phrases.sources[reason.source].format(label=label)
        counts[words] = counts.get(words, 0) + 1
    return tuple(words if count == 1 else f"{words} (× {count})"
                 for words, count in counts.items())


def _points(agenda: Agenda, phrases: Phrases, view: View) -> Iterator[str]:
    """Yield where each talking point went, once at least one of them has to wait.

    Those that are for a person are left out: both read the sheet; only the caller, who has the
    ids, can tell whose words they were.
    """
    shown = [place for place in agenda.talking_points
             if place.deferred != phrases.deferred_person]
    if all(place.deferred is None for place in shown):
        return
    titles = {item.id: item.title for item in agenda.items}
    for place in shown:
        words = view.said.get(place.id)
        where = (phrases.headings["not_today"].format(reason=place.deferred)
                 if place.item is None
                 else phrases.headings["in_item"].format(title=titles[place.item]))
        yield f"{place.id if words is None else phrases.quoted(words)} – {where}"


def reading_of(use: ResourceUse, phrases: Phrases) -> Reading:
    """Return a resource with its format, length, language and moment in words."""
    length = phrases.length_of(use.minutes, estimated=use.minutes_estimated)
    about = " · ".join([phrases.formats[use.format], length, use.language, phrases.uses[use.use]])
    return Reading(use, about, is_link=use.url.startswith(("https://", "http://")))


def _made(agenda: Agenda, phrases: Phrases) -> str:
    made = agenda.provenance
    if made.generator not in phrases.made:
        return f"Agendum {made.version or ''} · {made.generator}"
    said = phrases.made[made.generator].format(
        version=made.version or "", model=made.model or "?")
    return " ".join(said.split())


MIN_HEADLINE = 20
"""Characters that a first sentence has; what ends before is a number or a name."""


def headline(purpose: str) -> tuple[str, str]:
    """Return the first sentence of a purpose, without its full stop, and what follows it.

    A sentence ends outside of quotation marks; a purpose of one sentence stays as it is.
    """
    depth = 0
    for at, sign in enumerate(purpose):
        depth += (sign in "“«") - (sign in "”»")
        if (sign in ".?!…" and depth <= 0 and at >= MIN_HEADLINE
                and purpose[at + 1 : at + 2].isspace()):
            return purpose[: at + (sign != ".")], purpose[at + 1 :].strip()
    return purpose, ""


def _clipped(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= MAX_TITLE else text[:MAX_TITLE].rsplit(" ", 1)[0] + "…"
