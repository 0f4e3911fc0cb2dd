"""An agenda as one HTML page that needs nothing else: no script, no font, no picture to fetch."""

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from content_library.load import Library
from recommender.agendas.render.sheet import EVERYBODY, NOTHING, View, sheet_of, whole
from recommender.domain.agenda import Agenda
from recommender.domain.phrases import Phrases


def render_html(
    agenda: Agenda, phrases: Phrases, labels: Mapping[str, str] = NOTHING, view: View = EVERYBODY
) -> str:
    """Return the agenda as a complete HTML page in its own language.

    Args:
        phrases: Of the agenda's language.
        labels: What focus areas and topics are called in that language, by id; see `labels_of`.
        view: Whose it is.
    """
    sheet = sheet_of(agenda, phrases, view, labels)
    return _template().render(sheet=sheet, agenda=sheet.agenda, heading=phrases.headings) + "\n"


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


def _lines(text: str) -> Markup:
    """Return escaped text that keeps the line breaks people made, and `(5 min)` in one piece."""
    return Markup("<br>").join(escape(line) for line in whole(text.strip()).splitlines())
