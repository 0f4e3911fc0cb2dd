"""What one entry of a foreign file says about one resource, and what its words mean here."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from content_library.load import Library
from recommender.errors import Fault

MAX_BYTES = 64 * 1024 * 1024
"""Of a file that is imported."""


@dataclass(frozen=True)
class Row:
    """One entry of a file.

    Attributes:
        number: As people count it: the row of the sheet, or the how-manieth entry.
        said: Fields of a Resource that the entry gives, not yet validated; never blank ones.
        keywords: Words for its matter that need not be topics of this library.
        faults: What could not be read.
        notes: What was read, and how, where that is not plain.
    """

    number: int
    said: Mapping[str, Any]
    keywords: Sequence[str] = ()
    faults: Sequence[Fault] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Table:
    """All entries of a file, in its order, and what is worth saying about the file itself."""

    rows: Sequence[Row]
    unit: str = "row"
    notes: Sequence[str] = field(default=())


def printable(text: str, most: int) -> str:
    """Return text of a foreign file on one line, short, with nothing that moves a terminal."""
    return " ".join("".join(one if one.isprintable() else " " for one in text[:most]).split())


def plain_words(text: str) -> str:
    """Return text for comparing: lower case, no accents, single spaces for what is no letter."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if not one.isalnum() else one
                   for one in letters if not unicodedata.combining(one))
    return " ".join(kept.split())


class Vocabulary:
    """Topics and focus areas of a library, found by id, alias or label in any language."""

    def __init__(self, library: Library) -> None:
        self.topics = _names(library.topics)
        self.focus_areas = _names(library.focus_areas)

    def topic(self, words: str) -> str | None:
        """Return the id of the topic that these words name, if there is one."""
        return self.topics.get(plain_words(words))

    def focus_area(self, words: str) -> str | None:
        """Return the id of the focus area that these words name, if there is one."""
        return self.focus_areas.get(plain_words(words))


def _names(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return ids by name; an id wins over an alias, an alias over a label, the first over later."""
    names: dict[str, str] = {}
    for name_of in (lambda one: [one.id], lambda one: one.aliases,
                    lambda one: [text.label for text in one.text.values()]):
        for term in terms.values():
            for name in name_of(term):
                names.setdefault(plain_words(name), term.id)
    return names


_DURATION = re.compile(
    r"P(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_CALENDAR = re.compile(r"P(?=\d)(?:\d+(?:\.\d+)?[YMWD])+(?:T.*)?", re.ASCII)


def minutes_of(duration: str) -> int | None:
    """Return the minutes of an ISO 8601 duration, rounded, at least 1; null for calendar time.

    `P4W` says when a course ends and not how much work it is; so does any number of days,
    weeks, months or years, but for `P0D`.

    Raises:
        ValueError: It is no such duration.
    """
    text = duration.strip().upper()
    match = _DURATION.fullmatch(text)
    if match is not None and any(match.groups()) and not float(match["days"] or 0):
        hours, minutes, seconds = (float(match[part] or 0)
                                   for part in ("hours", "minutes", "seconds"))
        total = hours * 60 + minutes + seconds / 60
        if total > 0:
            return max(1, round(total))
    elif _CALENDAR.fullmatch(text):
        return None
    raise ValueError(f"{duration[:60]!r} is no duration; write ISO 8601, such as PT20M")
