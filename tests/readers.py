"""What a reader's own program finds in a rendered agenda, opened with a library for its format."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import lxml.html
from docx import Document
from icalendar import Calendar
from markdown_it import MarkdownIt

from api.rendering import order_for, render_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import Role
from recommender.domain.case import Case

NOW = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
SHOWN = ("md", "html", "ics", "docx")
"""The forms that people read."""


@dataclass(frozen=True)
class Read:
    """All text of a file on one line, in the order of reading, and where its links lead."""

    text: str
    links: frozenset[str]


def rendered(
    agenda: Agenda, case: Case, catalogue: Catalogue, form: str, role: Role | None = None
) -> bytes:
    """Return an agenda as the command line and HTTP would write it, at a fixed time."""
    return render_agenda(agenda, case, catalogue, order_for(case, form, NOW, role))


def read(content: bytes, form: str) -> Read:
    """Return what the reader of a form finds."""
    return _READERS[form](content)


def flat(text: str) -> str:
    """Return text with every run of spaces and line breaks as one space."""
    return re.sub(r"\s+", " ", text).strip()


def missing(wanted: Sequence[str], found: str) -> list[str]:
    """Return what is not in the text, each looked for behind the one before it."""
    lost, at = [], 0
    for words in wanted:
        place = found.find(flat(words), at)
        if place < 0:
            lost.append(words)
        else:
            at = place + len(flat(words))
    return lost


def _page(content: bytes) -> Read:
    page = lxml.html.document_fromstring(content.decode())
    for unseen in page.xpath("//style | //head/title | //details"):
        unseen.getparent().remove(unseen)
    return Read(flat(" ".join(page.itertext())),
                frozenset(one.get("href") for one in page.iter("a")))


def _markdown(content: bytes) -> Read:
    return _page(MarkdownIt("commonmark").render(content.decode()).encode())


def _calendar(content: bytes) -> Read:
    (event,) = Calendar.from_ical(content).events
    text = str(event["DESCRIPTION"])
    return Read(flat(text), frozenset(re.findall(r"https?://\S+", text)))


def _word(content: bytes) -> Read:
    document = Document(BytesIO(content))
    texts = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            texts += [cell.text for row in block.rows for cell in row.cells]
        else:
            texts.append(block.text)
    links = {link.address for block in document.paragraphs for link in block.hyperlinks}
    return Read(flat(" ".join(texts)), frozenset(links))


_READERS: dict[str, Callable[[bytes], Read]] = {
    "md": _markdown, "html": _page, "ics": _calendar, "docx": _word}
