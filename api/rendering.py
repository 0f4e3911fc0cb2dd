"""An agenda in the form that was asked for; the command line and HTTP share the choice."""

from content_library.load import Library
from recommender.agendas.render.html import labels_of, render_html
from recommender.agendas.render.markdown import render_markdown
from recommender.agendas.style import in_words_of
from recommender.domain.agenda import Agenda
from recommender.domain.base import base_language


def render_agenda(agenda: Agenda, library: Library, form: str) -> str:
    """Return the agenda as `md`, `html` or `json`, ending in a newline."""
    match form:
        case "md":
            return render_markdown(agenda, in_words_of(agenda, library))
        case "html":
            return render_html(agenda, in_words_of(agenda, library),
                               labels_of(library, base_language(agenda.language)))
        case "json":
            return agenda.model_dump_json(by_alias=True, indent=2) + "\n"
    raise ValueError(f"no such form: {form!r}")
