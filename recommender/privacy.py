"""What may be shown: names become roles, and some things need a person."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from recommender.domain.case import Case

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])\+?\d(?:[\s().-]?\d){7,14}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INFINITIVE = re.compile(r"(?:ar|er|ir|re)(?:me|te|se|nos|le|les|lo|la|los|las)?$")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+|(?<=[:;])\s+")
MIN_NAME = 3
"""Shorter parts of a name (de, la, Bo) are not looked for by themselves."""

_PARTICLES = frozenset({
    "abu", "al", "ben", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "el", "ibn", "la", "las", "le", "les", "los", "mac", "san", "van", "von",
})
_CAPITALISED = frozenset({
    "i", "i'm", "i've", "i'd", "i'll",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
    "arabic", "chinese", "english", "french", "german", "portuguese", "spanish",
    "africa", "america", "asia", "europe",
    "chatgpt", "copilot", "excel", "google", "internet", "linkedin", "outlook", "powerpoint",
    "slack", "teams", "whatsapp", "word", "zoom",
})
"""Words in lower case that begin with a capital and are nobody's name."""


@dataclass(frozen=True)
class People:
    """The people of a case, so that their names can be found in what was written.

    Attributes:
        pattern: Finds any part of a member's name; null when nobody is named.
        stand_in: The role words that take the place of a name.
    """

    pattern: re.Pattern[str] | None
    stand_in: str

    def without_names(self, text: str) -> str:
        """Return the text with each member's name, e-mail and phone number replaced by a role."""
        if self.pattern is not None:
            text = _original(text, self.pattern, self.stand_in)
        text = EMAIL.sub(self.stand_in, text)
        return PHONE.sub("…", text)

    def named_in(self, text: str) -> bool:
        """Return whether a member's name stands in the text."""
        return self.pattern is not None and self.pattern.search(plain(text)) is not None


def people_of(case: Case, stand_in: str) -> People:
    """Return the names of a case's members as something that can be searched for."""
    parts: set[str] = set()
    for member in case.members:
        name = plain(member.profile.name or "")
        if name:
            parts.add(name)
        parts.update(
            part for part in re.split(r"[\s'’-]+", name)
            if len(part) >= MIN_NAME and part not in _PARTICLES
        )
    if not parts:
        return People(None, stand_in)
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    return People(
        re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"), stand_in
    )


def quotable(text: str, people: People, known: frozenset[str], *, told: bool) -> bool:
    """Return whether a sentence may be quoted: nobody named or reachable in it.

    Args:
        known: Words in lower case that are no names, such as all words of the library.
            A capital inside a sentence, or a first word that is not known, counts as a name.
        told: The text tells what happened, so that it may begin with a name; a goal or an
            action may begin with a verb that the library happens not to use.
    """
    if people.named_in(text) or EMAIL.search(text) or PHONE.search(text):
        return False
    for sentence in _SENTENCE_END.split(text):
        for position, match in enumerate(_WORD.finditer(sentence)):
            word = match[0]
            if not word[0].isupper() or (word.isupper() and len(word) > 1):
                continue
            lower = word.lower().replace("’", "'")
            stem = lower.rsplit("'", 1)[-1]
            if lower in _CAPITALISED or stem in _CAPITALISED:
                continue
            if position:
                return False
            if lower not in known and stem not in known and (told or not _INFINITIVE.search(lower)):
                return False
    return True


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order, without surrounding space."""
    parts = re.split(r"(?<=[.!?…])\s+|\n+", text)
    return [part.strip() for part in parts if part.strip()]


class HandOffRules:
    """Finds what needs a person: distress, harassment, danger, health, law.

    Args:
        patterns: Regular expressions by language, over `plain` text.
    """

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        joined = "|".join(f"(?:{one})" for each in patterns.values() for one in each)
        self._pattern = re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if joined else None

    def needs_person(self, text: str) -> bool:
        """Return whether this text is for a person rather than for an agenda."""
        return self._pattern is not None and self._pattern.search(plain(text)) is not None

    def any_of(self, texts: Iterable[str]) -> bool:
        """Return whether any of the texts is."""
        return any(self.needs_person(text) for text in texts)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return the text in lower case, without accents, apostrophes made straight."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _original(text: str, pattern: re.Pattern[str], stand_in: str) -> str:
    """Replace what the pattern finds in the plain text, in the text as it was written."""
    pieces: list[str] = []
    starts: list[int] = []
    for position, char in enumerate(text):
        folded = plain(char)
        pieces.append(folded)
        starts += [position] * len(folded)
    starts.append(len(text))
    folded_text = "".join(pieces)
    result, last = "", 0
    for match in pattern.finditer(folded_text):
        start, end = starts[match.start()], starts[match.end()]
        if start < last:
            continue
        result += text[last:start] + stand_in
        last = end
    return result + text[last:]
