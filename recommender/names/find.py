"""Finds people who are no members in what somebody wrote."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recommender.privacy import _AFTER_VERBS as AFTER_VERBS
from recommender.privacy import REMEMBERED, plain

Span = tuple[int, int]
Recogniser = Callable[[str, str], Sequence[Span]]
"""Where a text of a language names people, as a trained recogniser sees it."""

HOME = Path(__file__).parent
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")
_ELISION = r"(?<![^\W\d_])(?:[dljmnstc]|qu|lorsqu|puisqu)['’]"
_ELIDED = re.compile(_ELISION, re.I)
ELIDED = re.compile(_ELISION + "$", re.I)
"""A French word that has lost its vowel before what follows."""
_PREFIXED = re.compile(r"(?:al|el|ben|de|di|d|o|van|von|le|la)[-'’][A-ZÀ-Þ]")
_POSSESSIVE = re.compile(r"['’]s$", re.I)
_PARTICLES = frozenset(
    "abu al ben bin bint da das de del della den der des di do dos du e el ibn la las le los "
    "mac van von y zu ter ten".split())
_TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir madam sr sra srta senor senora senorita don dona dra "
    "ing lic profesor profesora doctor doctora m mme mlle mm monsieur madame mademoiselle maitre "
    "me docteur professeur professeure pr doctor abbe pere soeur frere sheikh hajj hon rev".split())
_NEVER = frozenset(
    "i i'm i've i'd i'll he'd she'd a y e o u elle ella can les una uno dan son".split())
"""Words that a list of names has, and hardly anybody means by them."""
ROLES = frozenset(
    "boss manager supervisor director colleague coworker teammate deputy mentor mentee assistant "
    "chief lead head friend intern jefe jefa colega companero companera supervisor supervisora "
    "directora segunda segundo becario becaria mentora amiga amigo chef cheffe collegue "
    "directeur directrice responsable adjoint adjointe stagiaire mentore ami amie".split())
"""Words for a person, after which a name says nothing more."""
_SAYS = frozenset(
    "said says told asked wants thinks thought wrote agreed refused joined came called sent "
    "cancelled can't cannot won't couldn't wouldn't didn't hasn't knew "
    "dijo dice pidio quiere cree escribio acepto nego vino llego llamo contesto dit "
    "veut pense ecrit refuse".split())
"""Words that follow a person at the beginning of a sentence."""
_GOES_ON = _SAYS | frozenset("and y e et a est ont was is has had ha es fue".split())
"""Words that follow one, or a thing; enough where the first word is known to nobody."""
_VERB = re.compile(
    r"(?:ar|er|ir|re|ez|ons|ando|endo|ing|ed|ly|[ct]ion|[ct]iones|ment|mente|idad|ness|able|ible|"
    r"aron|ieron|amos|emos|aba|aban)(?:me|te|se|nos|le|les|lo|la|los|las)?$")
_ACCENTED_END = re.compile(r"(?<=[a-zñ])[áéíóúà]$")
"""Ends that words at the beginning of a sentence have, and few names."""
_ORGANISED = re.compile(
    r"\b(?:red cross|cruz roja|croix[- ]rouge|black friday|grace (?:a|à)|gr[aâ]ce (?:a|à)|"
    r"r(?:ed)? crescent|world bank|luz verde)\b", re.I)
"""Names of more than one word that are nobody's, and would read as a person's."""
_START = re.compile(r"(?:^|[.!?…:\n«“\"(•–—*]|¿|¡|\s-)\s*['\"“«‘(¿¡]*\s*$")


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    text: str
    word: str

    @property
    def capital(self) -> bool:
        return self.text[0].isupper() or bool(_PREFIXED.match(self.text))

    @property
    def initial(self) -> bool:
        return self.capital and (self.text.endswith(".") or self.word not in _NEVER) and bool(
            re.fullmatch(r"[^\W\d_](?:\.|-[^\W\d_]\.?)?", self.text))


class Others:
    """Finds names of people nobody told us of.

    Known given names count however they are typed; other words only with a capital that no
    sentence, place, product or department gives them.

    Args:
        known: Words in lower case that are no names, in every language.
        recogniser: Adds what a trained recogniser finds; null goes by the lists alone.
    """

    def __init__(self, known: frozenset[str], recogniser: Recogniser | None = None) -> None:
        self._known = frozenset(plain("\n".join(sorted(known))).split("\n"))
        self._recogniser = recogniser
        self._found = lru_cache(maxsize=REMEMBERED)(self._find)

    def spans(self, text: str, language: str) -> tuple[Span, ...]:
        """Return where people are named, in order, not overlapping."""
        return self._found(text, language)

    def _find(self, text: str, language: str) -> tuple[Span, ...]:
        tokens = list(_tokens(text))
        cased = not _shouted(tokens)
        named = [self._is_name(tokens, at, text, cased) for at in range(len(tokens))]
        if self._recogniser is not None and cased:
            for start, end in self._recogniser(text, language):
                for at, token in enumerate(tokens):
                    inside = start <= token.start and token.end <= end + 1
                    if inside and self._may_be(tokens, at, text):
                        named[at] = True
        self._spread(tokens, named, text, cased)
        for match in _ORGANISED.finditer(text):
            named = [one and not match.start() <= token.start < match.end()
                     for one, token in zip(named, tokens, strict=True)]
        return tuple(_merged(tokens, named, text))

    def _is_name(self, tokens: list[_Token], at: int, text: str, cased: bool) -> bool:
        token = tokens[at]
        given, words, nobody = _lists()
        word = token.word
        if _foreign(token.text):
            return not _foreign("".join(one.text for one in tokens)[:1]) or len(tokens) < 4 or (
                sum(_foreign(one.text) for one in tokens) * 2 <= len(tokens))
        if not cased or not token.capital:
            if (not cased or any(map(str.isupper, token.text))) and _after_title(
                    tokens, at, text):
                return word not in self._known
            return len(word) > 2 and not _ACCENTED_END.search(token.text) and any(
                part in given and part not in nobody and part not in self._known
                for part in _parts(word))
        if token.initial or word in _TITLES or word in _NEVER:
            return False
        if _after_title(tokens, at, text):
            return True
        acronym = token.text.isupper() and len(token.text.rstrip(".")) > 1
        if word in nobody or word in _PARTICLES or _camel(token.text):
            return False
        parts = _parts(word)
        first = self._begins(tokens, at, text)
        if any(part in given for part in parts) and not (acronym and len(word) < 5):
            return not (first and word in self._known)
        if acronym:
            return False
        if first:
            return self._begins_with_name(tokens, at, text, parts)
        if any(part in words for part in parts):
            return True
        return word not in self._known

    def _may_be(self, tokens: list[_Token], at: int, text: str) -> bool:
        """Return whether nothing speaks against what a recogniser takes for a name."""
        token = tokens[at]
        return token.capital and not self._is_nobody(token) and not (
            token.text.isupper() and len(token.text) > 1) and not (
            self._begins(tokens, at, text) and (
                token.word in self._known or _VERB.search(token.word) is not None))

    def _begins_with_name(
        self, tokens: list[_Token], at: int, text: str, parts: list[str]
    ) -> bool:
        """Return whether a sentence begins with a name, by what follows it."""
        token = tokens[at]
        follows = tokens[at + 1] if at + 1 < len(tokens) else None
        if follows is None:
            return False
        between = text[token.end:follows.start].strip("\u00a0 ")
        also_word = any(part in _lists()[1] for part in parts)
        if not also_word and (token.word in self._known or token.word in _openers()):
            return False
        if between == ":" and not follows.capital:
            return also_word
        capital = (follows.capital and not between and not self._is_nobody(follows)
                   and not (follows.text.isupper() and len(follows.text) > 1))
        if also_word:
            return capital or (not between and follows.word in _SAYS)
        if _ACCENTED_END.search(token.text):
            return False
        if (capital and follows.word not in self._known) or follows.word in _GOES_ON:
            return not between
        return not _VERB.search(token.word) and follows.word not in AFTER_VERBS

    def _begins(self, tokens: list[_Token], at: int, text: str) -> bool:
        """Return whether the word stands where any word has a capital."""
        while at > 0 and (tokens[at - 1].initial or tokens[at - 1].word in _TITLES) and not text[
                tokens[at - 1].end:tokens[at].start].strip(" .\u00a0"):
            return False
        return bool(_START.search(text[:tokens[at].start]))

    def _spread(self, tokens: list[_Token], named: list[bool], text: str, cased: bool) -> None:
        """Take in what belongs to a name: initials, particles, a family name beside it."""
        for order in (range(1, len(tokens)), range(len(tokens) - 2, -1, -1)):
            step = -1 if order.step > 0 else 1
            for at in order:
                if named[at] or not named[at + step]:
                    continue
                token, beside = tokens[at], tokens[at + step]
                between = text[min(token.end, beside.end):max(token.start, beside.start)]
                if between.strip(" -\u00a0"):
                    if not (between.strip() == "," and cased and token.capital
                            and token.word not in self._known and not self._is_nobody(token)):
                        continue
                elif "\n" in between:
                    continue
                if token.initial or (
                        step == 1 and token.capital and not token.text.isascii()
                        and token.word in _PARTICLES):
                    named[at] = True
                elif cased and token.capital:
                    first = self._begins(tokens, at, text)
                    known = token.word in self._known
                    named[at] = not (self._is_nobody(token) and (known or step == 1)) and (
                        (not first and step == -1) or not known) and not (
                        token.text.isupper() and len(token.text) > 1)
                elif not (cased and beside.capital) and len(token.word) > 2:
                    named[at] = (token.word not in self._known and not self._is_nobody(token)
                                 and token.word not in ROLES and token.word not in _TITLES
                                 and step == -1)
        for at in range(1, len(tokens) - 1):
            if not named[at] and tokens[at].word in _PARTICLES and named[at - 1]:
                ahead = at
                while ahead < len(tokens) and tokens[ahead].word in _PARTICLES:
                    ahead += 1
                if ahead < len(tokens) and text[tokens[at - 1].end:tokens[at].start] == " " and (
                        named[ahead] or (tokens[ahead].capital and not _foreign(text[:1]))
                        or (not cased and tokens[ahead].word not in self._known)
                        or (not tokens[at - 1].capital
                            and tokens[ahead].word not in self._known)):
                    named[at:ahead + 1] = [True] * (ahead + 1 - at)

    def _is_nobody(self, token: _Token) -> bool:
        return token.word in _lists()[2] or _camel(token.text)


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        start, found = match.start(), match[0]
        elided = _ELIDED.match(found)
        if elided and elided.end() < len(found):
            start, found = start + elided.end(), found[elided.end():]
        if found.endswith(".") and not (len(found) == 2 or plain(found[:-1]) in _TITLES):
            found = found[:-1]
        possessive = _POSSESSIVE.search(found)
        if possessive:
            found = found[:possessive.start()]
        if found:
            yield _Token(start, start + len(found), found, plain(found).rstrip("."))


def _shouted(tokens: list[_Token]) -> bool:
    """Return whether a text is written in capitals throughout."""
    letters = "".join(token.text for token in tokens)
    return len(tokens) > 3 and sum(map(str.isupper, letters)) > 0.7 * len(letters)


def _foreign(text: str) -> bool:
    """Return whether a word is in another script than Latin."""
    letter = text[:1]
    return letter.isalpha() and not plain(letter)[:1].isascii() and letter not in "øłđıæœþðÞØŁĐÆŒß"


def _camel(word: str) -> bool:
    """Return whether a word has capitals inside, as products do and MacLeod does not."""
    inside = re.search(r"[a-zà-ÿ][A-ZÀ-Þ]", word)
    return inside is not None and not re.match(r"(?:Mac|Mc|De|Di|Van|O['’])[A-Z]", word) and (
        "-" not in word)


def _parts(word: str) -> list[str]:
    return [word, *[part for part in re.split(r"[-']", word) if len(part) > 2]]


def _after_title(tokens: list[_Token], at: int, text: str) -> bool:
    """Return whether a title stands before, perhaps with particles between."""
    before = at - 1
    while before > 0 and tokens[before].word in _PARTICLES and tokens[before].text.islower():
        before -= 1
    if before < 0:
        return False
    title = tokens[before]
    return title.word in _TITLES and not text[
        title.end:tokens[before + 1].start].strip(" .\u00a0") and (
        title.word not in ("m", "me", "pere", "soeur", "frere") or title.capital)


def _merged(tokens: list[_Token], named: list[bool], text: str) -> Iterator[Span]:
    """Yield each run of names once, its title with it."""
    at = 0
    while at < len(tokens):
        if not named[at]:
            at += 1
            continue
        last = at
        while last + 1 < len(tokens) and named[last + 1] and not text[
                tokens[last].end:tokens[last + 1].start].strip(" -\u00a0.,"):
            last += 1
        start = tokens[at].start
        while at > 0 and tokens[at - 1].word in _TITLES and not text[
                tokens[at - 1].end:start].strip(" .\u00a0"):
            at -= 1
            start = tokens[at].start
        yield start, tokens[last].end
        at = last + 1


@lru_cache(maxsize=1)
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return given names, given names that are words too, and proper nouns that are nobody's."""
    return (_read("given.txt"), _read("given_words.txt"), _read("nobody.txt"))


@lru_cache(maxsize=1)
def _openers() -> frozenset[str]:
    """Return numbers, verbs and occupations that sentences and headlines begin with."""
    return _read("openers.txt")


def _read(name: str) -> frozenset[str]:
    return frozenset((HOME / name).read_text("utf-8").split("\n")) - {""}
