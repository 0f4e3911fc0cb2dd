"""Whatever a form holds, the console answers with a page, and keeps what was typed."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode

from hypothesis import given
from hypothesis import strategies as st

from api.auth import Caller
from api.console.forms import LABELS, resource_in, sent_back
from api.console.pages import page
from api.console.session import Curator
from content_library.load import Library
from recommender.errors import InvalidInputError

ODD = st.sampled_from(["", " ", "0", "-1", "٣", "1e9", "9" * 40, "\x00", "</textarea><b>", "en",
                       "article", "2026-02-30", "https://example.org/a", "http://[", "mentee"])
VALUES = st.one_of(ODD, st.text(st.characters(codec="utf-8"), max_size=40))
FORMS = st.dictionaries(st.sampled_from(list(LABELS)), st.lists(VALUES, max_size=9))
CURATOR = Curator(Caller("acme", "curator", "k"), "token")


@given(form=FORMS)
def test_any_form_is_taken_or_comes_back(form: dict[str, list[str]], library: Library) -> None:
    """Every refusal is one of ours, names a field that is there, and what was typed is there."""
    sent = parse_qs(urlencode(form, doseq=True), keep_blank_values=True)
    try:
        resource = resource_in(sent, None)
    except InvalidInputError as error:
        filled = sent_back(sent, error.faults, None)
    else:
        assert resource.title == sent["title"][0].strip()
        return
    assert filled.errors
    assert set(filled.errors) <= {*LABELS, ""}
    shown = page("resource", CURATOR, 422, row=None, form=filled, labels=LABELS, done="",
                 formats=["article"], levels=["advanced"], audiences=["mentee"], languages=["en"],
                 topics=library.topics, areas=library.focus_areas, origins={}, successor=None,
                 near=[])
    text = bytes(shown.body).decode()
    assert "<b>" not in text
    for name in ("title", "url", "minutes"):
        assert unescape(_value(text, name)) == filled.value(name)
    assert unescape(_area(text, "gist")) == filled.value("gist")


def _value(text: str, name: str) -> Any:
    found = re.search(rf'id="f-{name}" name="{name}"[^>]*? value="([^"]*)"', text)
    assert found is not None
    return found[1]


def _area(text: str, name: str) -> Any:
    found = re.search(rf'<textarea id="f-{name}"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    assert found is not None
    return found[1]
