"""Hostile texts in every field a person or programme can fill: no format is broken out of.

AGENDUM_HOSTILE_STRINGS names a larger file of the same form as tests/data/hostile_strings.jsonl.
"""

import json
import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from docx import Document
from fakes import BagOfWordsEncoder
from hostile import HOSTILE
from icalendar import Calendar
from invariants import broken
from lxml import etree
from markdown_it import MarkdownIt
from readers import rendered

from content_library.load import load_library
from recommender.agendas.edit import edit_agenda
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.domain.edit import Edits
from recommender.errors import InvalidInputError

FILE = Path(os.environ.get("AGENDUM_HOSTILE_STRINGS")
            or Path(__file__).parents[1] / "data" / "hostile_strings.jsonl")
BREAKING = (
    "a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR", "x\r\nATTENDEE:mailto:eve@evil.example",
    "\u202eevil.example//:sptth \u2066\u2067", "zero\u200bwidth\u200d\u2060\ufeffjoiner",
    "](https://evil.example) [x](https://evil.example)", "<https://evil.example>",
    "[x]: https://evil.example\n\n[x]", "```\n# fenced\n```", "![p](https://evil.example/p.png)",
    "</w:t></w:r><w:hyperlink r:id=\"rId1\">", "]]><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///x\">]>",
    "<style>*{display:none}</style>", "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)",
    "&#106;avascript:alert(1)", "{{ 7*7 }}{% include 'x' %}", "é" * 140, "\t\u0085\u2028\u2029end",
)
STRINGS = [*HOSTILE, *BREAKING, *(json.loads(line)["text"]
                                  for line in FILE.read_text("utf-8").split("\n") if line)]
PARTS = 6
TAGS = {"html", "head", "meta", "link", "title", "style", "body", "main", "header", "p", "h1",
        "h2", "h3", "strong", "em", "div", "span", "section", "ul", "ol", "li", "a", "br",
        "article", "details", "summary", "footer", "small", "time", "b", "i", "dl", "dt", "dd",
        "aside", "nav"}
PROPERTIES = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CLASS", "SEQUENCE",
              "LAST-MODIFIED", "CREATED"}


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(load_library(), BagOfWordsEncoder())


def is_allowed(text: str) -> bool:
    """Return whether a case may hold the text at all; control characters are refused there."""
    try:
        case_of(text)
    except ValueError:
        return False
    return True


def case_of(text: str) -> Case:
    """Return a case with a text in every field that holds people's or a programme's words."""
    own, short = text[:290], text[:100].strip() or "x"
    people = [{"role": role, "profile": {
        "id": f"p-{role}", "name": f"{short} Okonjo"[:100], "headline": own, "bio": own,
        "function": short, "department": short, "region": short, "timezone": "Africa/Dakar",
        "skills_wanted": [short], "skills_offered": [short], "attributes": {"note": own}}}
        for role in ("mentee", "mentor")]
    return Case.model_validate({
        "programme": {"id": "own", "name": own, "purpose": own, "success": own, "sessions": 6,
                      "relation": "mentor", "contact": own,
                      "agenda": {"style": {"tone": "warm", "avoid": {"en": ["zebra"]}}}},
        "members": people,
        "goals": [{"id": "g1", "text": own}, {"id": "g2", "text": "Hand over the stock count"}],
        "session": {"number": 3, "minutes": 60, "language": "en", "date": "2027-03-04T09:00:00Z",
                    "talking_points": [{"id": f"t{at}", "text": own, "by": "p-mentee"}
                                       for at in range(4)]},
        "history": [{"number": 2, "notes": f"{own}\nWe agreed on what is still missing here.",
                     "actions": [{"id": "a1", "text": own}, {"id": "a2", "text": own,
                                                             "status": "done"}]}]})


ALLOWED = [text for text in STRINGS if is_allowed(text)]


def outbreaks(content: bytes, form: str, agenda: Agenda) -> Iterator[str]:
    """Yield what stands in a file that no agenda of ours puts there."""
    urls = {use.url for use in agenda.resources}
    match form:
        case "html":
            yield from _of_page(lxml.html.document_fromstring(content.decode()), urls)
        case "md":
            parser = MarkdownIt("commonmark")
            tokens = [one for token in parser.parse(content.decode())
                      for one in (token, *(token.children or ()))]
            found = {one.type for one in tokens} & {
                "html_block", "html_inline", "image", "fence", "code_block", "code_inline"}
            yield from found
            heads = sum(one.type == "heading_open" and one.tag == "h1" for one in tokens)
            if heads != 1:
                yield f"{heads} titles"
            for one in tokens:
                if one.type == "link_open" and str(one.attrs["href"]) not in {
                        parser.normalizeLink(url) for url in urls}:
                    yield f"a link to {one.attrs['href']}"
        case "ics":
            yield from _of_calendar(content)
        case "docx":
            with zipfile.ZipFile(BytesIO(content)) as archive:
                for name in archive.namelist():
                    if name.endswith((".xml", ".rels")):
                        root = etree.fromstring(archive.read(name))
                        yield from (f"a part {one.get('Target')}" for one in root
                                    if one.get("TargetMode") == "External"
                                    and one.get("Target") not in urls)
            for block in Document(BytesIO(content)).paragraphs:
                yield from (f"a link to {one.address}" for one in block.hyperlinks
                            if one.address not in urls)


def _of_page(page: Any, urls: set[str]) -> Iterator[str]:
    for element in page.iter():
        if not isinstance(element.tag, str):
            yield "a comment"
            continue
        if element.tag not in TAGS:
            yield f"an element {element.tag}"
        yield from (f"an attribute {name}" for name in element.attrib if name.startswith("on"))
        if element.tag == "a" and element.get("href") not in urls:
            yield f"a link to {element.get('href')}"
    if len(page.xpath("//style")) != 1 or len(page.xpath("//h1")) != 1:
        yield "a second style or title"


def _of_calendar(content: bytes) -> Iterator[str]:
    yield from ("a bare line end" for line in content.split(b"\r\n")
                if b"\n" in line or b"\r" in line)
    yield from ("a long line" for line in content.split(b"\r\n") if len(line) > 75)
    calendar = Calendar.from_ical(content)
    (event,) = calendar.events
    yield from (f"a property {name}" for name in event if name not in PROPERTIES)
    parts = [one.name for one in calendar.walk()]
    if parts.count("VEVENT") != 1 or parts.count("VALARM") > 2 or "VTODO" in parts:
        yield f"components {parts}"


@pytest.mark.parametrize("part", range(PARTS))
def test_no_field_breaks_out_of_a_format(part: int, quick: Catalogue) -> None:
    """The agenda keeps the contract; every form opens and holds only what our agendas hold."""
    for text in ALLOWED[part::PARTS]:
        case = case_of(text)
        agenda = generate_agenda(case, quick)
        # a name that is markup, and a slot that somebody typed, are told from words by nobody
        assert [one for one in broken(case, agenda) if " stands in " not in one
                and not ("slot" in one and "$" in text)] == [], text
        for form in ("md", "html", "ics", "docx"):
            found = [*outbreaks(rendered(agenda, case, quick, form), form, agenda)]
            assert found == [], (form, text)
        written = rendered(agenda, case, quick, "json")
        assert Agenda.model_validate_json(written) == agenda


@pytest.mark.parametrize("part", range(2))
def test_no_edit_breaks_out_of_a_format(part: int, quick: Catalogue) -> None:
    """As a title, question or note of an edit a hostile text is refused, or stays plain words."""
    case = case_of("Speak without notes to the board")
    agenda = generate_agenda(case, quick)
    item = agenda.items[1].id
    done = 0
    for text in STRINGS[part::2]:
        for op in ({"op": "rename", "item": item, "title": text[:100]},
                   {"op": "replace_prompts", "item": item, "prompts": [text[:290]]}):
            try:
                edits = Edits.model_validate({"ops": [op]}).ops
                edited = edit_agenda(agenda, edits, quick, case).agenda
            except (InvalidInputError, ValueError):
                continue
            done += 1
            for form in ("md", "html", "ics", "docx"):
                found = [*outbreaks(rendered(edited, case, quick, form), form, edited)]
                assert found == [], (form, text)
    assert done >= 10


def test_what_breaks_out_is_seen(quick: Catalogue) -> None:
    """A format with a text put into it raw is found out, each in its way."""
    case = case_of("Speak without notes to the board")
    agenda = generate_agenda(case, quick)
    for form, old, new in (
            ("html", b"</h1>", b"<img src=x onerror=alert(1)></h1>"),
            ("md", b"## ", b"[x](https://evil.example)\n\n## "),
            ("ics", b"END:VEVENT", b"ATTENDEE:mailto:eve@evil.example\r\nEND:VEVENT"),
            ("ics", b"SUMMARY", b"X\nSUMMARY")):
        raw = rendered(agenda, case, quick, form)
        assert [*outbreaks(raw, form, agenda)] == []
        spoilt = raw.replace(old, new, 1)
        assert spoilt != raw
        try:
            assert [*outbreaks(spoilt, form, agenda)] != [], form
        except ValueError:  # the calendar does not open
            assert form == "ics"
