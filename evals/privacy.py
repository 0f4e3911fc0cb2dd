"""How much of people is left in what a search or a model sees, and how much else is hidden."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.names.words import TITLES, Span, Token, tokens_of
from recommender.privacy import plain

MARK = re.compile(r"\[\[(.+?)\]\]")
"""A person's name in a sentence, without the title before it."""
_INITIAL = re.compile(r"(?<!\w)((?:[^\W\d_]\.[ -]?)+)\[\[")
DATA = Path(__file__).parent / "data" / "pii"
Safe = Callable[[str, str, Sequence[str]], str]
"""Makes a text safe: the text, its language, the members' names."""


@dataclass(frozen=True)
class Leakage:
    """What was left of people in the filled templates, and what ordinary sentences lost.

    Attributes:
        members: Parts of members' names that were left, as id and part.
        contacts: E-mails, numbers, links, handles, ids, addresses and birth dates left.
        others: Parts of other people's names left.
        named: Parts of other people's names there were.
        masked: Ordinary sentences in which something was hidden, by id.
        ordinary: Ordinary sentences there were.
    """

    members: tuple[tuple[str, str], ...]
    contacts: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    named: int
    masked: tuple[str, ...]
    ordinary: int

    @property
    def recall(self) -> float:
        """Return the share of other people's names that was hidden."""
        return 1 - len(self.others) / self.named

    @property
    def over(self) -> float:
        """Return the share of ordinary sentences in which something was hidden."""
        return len(self.masked) / self.ordinary

    def to_text(self) -> str:
        """Return the figures, one line each."""
        return (f"members' names left {len(self.members)}, contacts left {len(self.contacts)}\n"
                f"other people's names hidden {self.recall:.3f} of {self.named} parts\n"
                f"ordinary sentences touched {self.over:.3f} of {self.ordinary}\n")


def measure_leakage(safe: Safe, half: str | None = None, folder: Path = DATA) -> Leakage:
    """Return what a way to make texts safe leaves, and what it hides in vain.

    Args:
        half: `dev` or `held_out`; null for both.
    """
    filled, ordinary = (read(folder / name, half) for name in ("filled.jsonl", "ordinary.jsonl"))
    seen = [(line, safe(line["text"], line["language"], line["members"])) for line in filled]
    return Leakage(
        members=_left(seen, "own"),
        contacts=tuple((line["id"], contact) for line, text in seen for contact in line["contacts"]
                       if contact.lower() in text.lower()),
        others=_left(seen, "others"),
        named=sum(len(line["others"]) for line in filled),
        masked=tuple(line["id"] for line in ordinary
                     if safe(line["text"], line["language"], ()) != line["text"]),
        ordinary=len(ordinary),
    )


def read(path: Path, half: str | None = None) -> list[dict[str, Any]]:
    """Return the lines of a JSONL file, of one half or of both."""
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    return [line for line in lines if half is None or line["half"] == half]


@dataclass(frozen=True)
class Found:
    """How many names of marked sentences were found, and where other words were taken for one.

    Attributes:
        missed: Words of names that were not found, as id and word.
        named: Words of names there are.
        over: Sentences, by id, with a word taken for a name that is none.
        nameless: Of those, the ones that name nobody.
        sentences: Sentences there are.
    """

    missed: tuple[tuple[str, str], ...]
    named: int
    over: tuple[str, ...]
    nameless: tuple[str, ...]
    sentences: int

    @property
    def recall(self) -> float:
        """Return the share of words of names that was found."""
        return 1 - len(self.missed) / self.named

    @property
    def touched(self) -> float:
        """Return the share of sentences in which another word was taken for a name."""
        return len(self.over) / self.sentences

    def to_text(self) -> str:
        """Return the figures in a line."""
        return (f"found {self.recall:.3f} of {self.named} words of names; another word taken for "
                f"one in {self.touched:.3f} of {self.sentences} sentences")


def measure_names(
    lines: Sequence[dict[str, Any]], spans_in: Callable[[str], Sequence[Span]]
) -> Found:
    """Return how a finder does on sentences in which names are marked.

    Titles and letters before a name may be taken with it or not.
    """
    missed: list[tuple[str, str]] = []
    over: dict[str, bool] = {}
    named = 0
    for line in lines:
        sentence = marked(line["text"])
        spans = spans_in(sentence.text)
        for token in tokens_of(sentence.text):
            inside, found = _within(token, sentence.spans), _within(token, spans)
            named += inside
            if inside and not found:
                missed.append((line["id"], token.text))
            if found and not inside and not token.initial and token.word not in TITLES:
                over[line["id"]] = not sentence.spans
    return Found(tuple(missed), named, tuple(over), tuple(one for one in over if over[one]),
                 len(lines))


def _within(token: Token, spans: Sequence[Span]) -> bool:
    return any(start <= token.start and token.end <= end for start, end in spans)


@dataclass(frozen=True)
class Marked:
    """A sentence, and where it names people."""

    text: str
    spans: tuple[Span, ...]


def marked(text: str) -> Marked:
    """Return a sentence without its marks: [[names]], and {{what leads to a person}}.

    Letters before a name belong to it.
    """
    text = _INITIAL.sub(r"[[\1", text.replace("{{", "").replace("}}", ""))
    read, spans, last = "", [], 0
    for match in MARK.finditer(text):
        read += text[last:match.start()]
        spans.append((len(read), len(read) + len(match[1])))
        read += match[1]
        last = match.end()
    return Marked(read + text[last:], tuple(spans))


def _left(seen: Sequence[tuple[dict[str, Any], str]], field: str) -> tuple[tuple[str, str], ...]:
    return tuple((line["id"], part) for line, text in seen for part in line[field]
                 if stands_in(part, text))


def stands_in(part: str, text: str) -> bool:
    """Return whether part of a name is a word of the text; a very short one with its accents."""
    read = plain if len(part) > 2 else str.casefold
    return re.search(rf"(?<!\w){re.escape(read(part))}(?!\w)", read(text)) is not None
