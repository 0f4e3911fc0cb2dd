"""Words of a text, and the lists that tell which of them may name somebody."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recommender.privacy import plain

Span = tuple[int, int]

HOME = Path(__file__).parent
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")
_ELISION = r"(?<![^\W\d_])(?:[dljmnstc]|qu|lorsqu|puisqu)['’]"
_ELIDED = re.compile(_ELISION, re.I)
ELIDED = re.compile(_ELISION + "$", re.I)
"""A French word that has lost its vowel before what follows."""
_PREFIXED = re.compile(r"(?:al|el|ben|de|di|d|o|van|von|le|la)[-'’][A-ZÀ-Þ]")
_POSSESSIVE = re.compile(r"['’]s$", re.I)
PARTICLES = frozenset(
    "abu al ben bin bint da das de del della den der des di do dos du e el ibn la las le los "
    "mac van von y zu ter ten".split())
TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir madam sr sra srta senor senora senorita don dona dra "
    "ing lic profesor profesora doctor doctora m mme mlle mm monsieur madame mademoiselle maitre "
    "me docteur professeur professeure pr doctor abbe pere soeur frere sheikh hajj hon rev".split())
NEVER = frozenset(
    "i i'm i've i'd i'll he'd she'd a y e o u elle ella can les una uno dan son".split())
"""Words that a list of names has, and hardly anybody means by them."""
ROLES = frozenset(
    "boss manager supervisor director colleague coworker teammate deputy mentor mentee assistant "
    "chief lead head friend intern jefe jefa colega companero companera supervisor supervisora "
    "directora segunda segundo becario becaria mentora amiga amigo chef cheffe collegue "
    "directeur directrice responsable adjoint adjointe stagiaire mentore ami amie".split())
"""Words for a person, after which a name says nothing more."""
ACCENTED_END = re.compile(r"(?<=[a-zñ])[áéíóúà]$")
"""Ends that words have, and few names."""
START = re.compile(r"(?:^|[.!?…:\n«“\"(•–—*]|¿|¡|\s-)\s*['\"“«‘(¿¡]*\s*$")


NEAR = 40
"""Characters before a word that tell whether it begins a sentence."""


def opens(text: str, position: int) -> bool:
    """Return whether a word that stands here begins a sentence, where any has a capital."""
    before = text[max(0, position - NEAR):position]
    return START.search(before if position <= NEAR else f"x{before}") is not None


@dataclass(frozen=True)
class Token:
    """A word of a text.

    Attributes:
        start, end: Where it stands.
        text: As it was written; `word`, plain and without the full stop of an initial.
    """

    start: int
    end: int
    text: str
    word: str

    @property
    def capital(self) -> bool:
        """Return whether it is written as a name would be."""
        return self.text[0].isupper() or bool(_PREFIXED.match(self.text))

    @property
    def initial(self) -> bool:
        """Return whether it is a letter that may stand for a name."""
        return self.capital and (self.text.endswith(".") or self.word not in NEVER) and bool(
            re.fullmatch(r"[^\W\d_](?:\.|-[^\W\d_]\.?)?", self.text))


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the words of a text, without an elided one before or a possessive behind."""
    for match in _TOKEN.finditer(text):
        start, found = match.start(), match[0]
        elided = _ELIDED.match(found)
        if elided and elided.end() < len(found):
            start, found = start + elided.end(), found[elided.end():]
        if found.endswith(".") and not (len(found) == 2 or plain(found[:-1]) in TITLES):
            found = found[:-1]
        possessive = _POSSESSIVE.search(found)
        if possessive:
            found = found[:possessive.start()]
        if found:
            yield Token(start, start + len(found), found, plain(found).rstrip("."))


def is_shouted(tokens: Sequence[Token]) -> bool:
    """Return whether a text is written in capitals throughout."""
    letters = "".join(token.text for token in tokens)
    return len(tokens) > 3 and sum(map(str.isupper, letters)) > 0.7 * len(letters)


def is_foreign(text: str) -> bool:
    """Return whether a word is in another script than Latin."""
    letter = text[:1]
    return letter.isalpha() and not plain(letter)[:1].isascii() and letter not in "øłđıæœþðÞØŁĐÆŒß"


def is_camel(word: str) -> bool:
    """Return whether a word has capitals inside, as products do and MacLeod does not."""
    inside = re.search(r"[a-zà-ÿ][A-ZÀ-Þ]", word)
    return inside is not None and not re.match(r"(?:Mac|Mc|De|Di|Van|O['’])[A-Z]", word) and (
        "-" not in word)


def parts_of(word: str) -> list[str]:
    """Return a word with its parts where it has hyphens or apostrophes."""
    return [word, *[part for part in re.split(r"[-']", word) if len(part) > 2]]


@lru_cache(maxsize=1)
def lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return given names, given names that are words too, and proper nouns that are nobody's."""
    return (_read("given.txt"), _read("given_words.txt"), _read("nobody.txt"))


@lru_cache(maxsize=1)
def openers() -> frozenset[str]:
    """Return numbers, verbs and occupations that sentences and headlines begin with."""
    return _read("openers.txt")


@lru_cache(maxsize=1)
def family_names() -> frozenset[str]:
    """Return family names of many countries; some are words too."""
    return _read("family.txt")


@lru_cache(maxsize=1)
def places() -> frozenset[str]:
    """Return cities of one word, of more than 15,000 people; some are names of people too."""
    return _read("places.txt")


def _read(name: str) -> frozenset[str]:
    return frozenset((HOME / name).read_text("utf-8").split("\n")) - {""}
