"""An agenda as one HTML page that needs nothing else: no script, no font, no picture to fetch."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from content_library.load import Library
from recommender.agendas.render.markdown import places_shown
from recommender.domain.agenda import Agenda, Item, ResourceUse
from recommender.domain.phrases import Phrases

NO_LABELS: Mapping[str, str] = MappingProxyType({})
MAX_TITLE = 90
_MINUTES = re.compile(r"\((\d+) min\)")


@dataclass(frozen=True)
class TimedItem:
    """An item with the minutes at which it starts and ends, and its reasons in words."""

    item: Item
    start: int
    end: int
    reasons: tuple[str, ...]


def render_html(
    agenda: Agenda, phrases: Phrases, labels: Mapping[str, str] = NO_LABELS
) -> str:
    """Return the agenda as a complete HTML page in its own language.

    Args:
        phrases: Of the agenda's language.
        labels: What focus areas and topics are called in that language, by id; see `labels_of`.
    """
    heading = phrases.headings
    session = agenda.session
    which = heading["session" if session.of is not None else "session_open"].format(
        number=session.number, of=session.of
    )
    return _template().render(
        agenda=agenda,
        phrases=phrases,
        heading=heading,
        about=[which, phrases.type_of(session.type, session.of),
               heading["minutes"].format(minutes=session.minutes)],
        title=f"{which} · {_clipped(agenda.purpose)}",
        items=list(_timed(agenda, phrases, labels)),
        preparation=[
            (heading[f"for_{role}"], lines)
            for role, lines in (("mentee", agenda.preparation.mentee),
                                ("mentor", agenda.preparation.mentor),
                                ("all", agenda.preparation.all))
            if lines
        ],
        points=list(_points(agenda, phrases)),
        resources=[(use, _about(use, phrases), _is_link(use.url)) for use in agenda.resources],
    ) + "\n"


def labels_of(library: Library, language: str) -> dict[str, str]:
    """Return what the library's focus areas and topics are called in one of its languages."""
    return {term.id: term.text[language].label  # type: ignore[index]
            for terms in (library.topics, library.focus_areas) for term in terms.values()}


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("recommender.agendas.render", "."),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters["lines"] = _lines
    return environment.get_template("agenda.html.j2")


def _timed(
    agenda: Agenda, phrases: Phrases, labels: Mapping[str, str]
) -> Iterator[TimedItem]:
    ends = accumulate(item.minutes for item in agenda.items)
    for item, end in zip(agenda.items, ends, strict=True):
        yield TimedItem(item, end - item.minutes, end, _reasons(item, phrases, labels))


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


def _points(agenda: Agenda, phrases: Phrases) -> Iterator[tuple[str, str]]:
    """Yield where each talking point went, once at least one of them has to wait."""
    shown = places_shown(agenda, phrases)
    if all(place.deferred is None for place in shown):
        return
    titles = {item.id: item.title for item in agenda.items}
    for place in shown:
        yield place.id, (
            phrases.headings["not_today"].format(reason=place.deferred)
            if place.item is None
            else phrases.headings["in_item"].format(title=titles[place.item])
        )


def _about(use: ResourceUse, phrases: Phrases) -> str:
    length = phrases.length_of(use.minutes, estimated=use.minutes_estimated)
    return " · ".join([phrases.formats[use.format], length, use.language, phrases.uses[use.use]])


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _lines(text: str) -> Markup:
    """Return escaped text that keeps the line breaks people made, and `(5 min)` in one piece."""
    whole = _MINUTES.sub("(\\1\u00a0min)", text.strip())
    return Markup("<br>").join(escape(line) for line in whole.splitlines())


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_TITLE else text[:MAX_TITLE].rsplit(" ", 1)[0] + "…"
