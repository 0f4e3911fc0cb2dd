"""What may be shown: names become roles, and some things need a person."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from recommender.domain.case import Case

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+")
_DATES = r"(?:19|20)\d\d[-./]\d\d[-./]\d\d|\d\d?[-./]\d\d?[-./](?:19|20)\d\d"
_DECIMAL = r"\d{1,3}\.\d{5,}(?![ .()/-]{0,2}\d)"
_YEARS = r"(?:19|20)\d\d ?[-–/] ?(?:19|20)\d\d"
PHONE = re.compile(
    rf"(?<![\w-])(?<!\d\.)(?!(?:{_DATES}|{_YEARS}|{_DECIMAL})(?!\d))"
    r"\+?\(?\d(?:[^\S\n]?[().\-/]{0,2}[^\S\n]?\d){7,14}(?!\w)"
)
"""Eight to fifteen digits with the usual signs between; no date, span of years or decimal."""
LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|javascript:|data:)\S+", re.IGNORECASE)
_TOKEN = re.compile(r"\w+(?:['-]\w+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INFINITIVE = re.compile(r"(?:ar|er|ir|re)(?:me|te|se|nos|le|les|lo|la|los|las)?$")
_AFTER_VERBS = frozenset({
    "a", "an", "the", "this", "that", "these", "my", "our", "your", "his", "her", "their", "its",
    "one", "two", "three", "all", "each", "every", "some", "what", "how", "who", "when", "where",
    "with", "for", "to", "by", "down", "up", "out", "about", "at", "on", "in", "no", "more", "less",
})
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+|(?<=[:;])\s+")
_ABBREVIATED = re.compile(
    r"(?<!\w)(?:[^\W\d_a-zà-ÿ]|(?i:mr|mrs|ms|dr|dra|prof|profa|sr|sra|srta|mme|mlle|rev|hon|ing|"
    r"lic|dña))\.$")
"""An initial or a title with its full stop, after which the same sentence goes on."""
_OPENS = re.compile(
    r"(?:I|It|He|She|We|They|You|The|This|That|Then|But|And|So|Now|My|Our|What|When|How|Yo|El|La|"
    r"Los|Las|Ella|Ellos|Ellas|Nos|Se|No|Me|Mi|Y|Pero|Entonces|Luego|Ahora|Je|Il|Elle|Ils|Elles|"
    r"Nous|On|Tu|Vous|Le|Les|Puis|Mais|Et|Donc|Alors|Mon|Ma|Un|Une|Una|A|An)\b")
"""Words that begin a sentence, and are no family name."""
REMEMBERED = 4096
"""Texts that are kept in memory with what was found in them; the oldest leave first."""
MOST_POINTS = 4
"""Of signs, that count as evidence; more say no more."""
ENOUGH_POINTS = 2
"""Of signs in one sentence, for it to need a person; two more where it is about work."""
_WITH_PRONOUN = re.compile(
    r"\w-(?:t-)?(?:la|les?|lui|leur|[mt]oi|[nv]ous|y|en|ce|ils?|elles?|on|tu|je)$")
"""A French verb with its pronoun behind it: inscris-le, parlez-en."""
MIN_NAME = 3
"""Shorter parts of a name (de, la, Bo) are not looked for by themselves."""

_PARTICLES = frozenset({
    "abu", "al", "ben", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "el", "ibn", "la", "las", "le", "les", "los", "mac", "san", "van", "von",
})
_GIVEN = frozenset("ben mac della".split())
"""Particles that are given names where a name begins with them."""
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
        words: Names of nothing but words (Claire, Will, Will May); found only with a capital.
    """

    pattern: re.Pattern[str] | None
    stand_in: str
    words: frozenset[str] = frozenset()

    def without_names(self, text: str) -> str:
        """Return the text with each member's name, e-mail and phone number replaced by a role."""
        result, last = "", 0
        for start, end in self.spans(text):
            result += text[last:start] + self.stand_in
            last = end
        text = result + text[last:]
        text = EMAIL.sub(self.stand_in, text)
        return PHONE.sub("…", text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where members' names stand in a text, in order, not overlapping."""
        found: list[tuple[int, int]] = []
        for start, end, _ in self._found(text):
            if not found or start >= found[-1][1]:
                found.append((start, end))
        return found

    def named_in(self, text: str) -> bool:
        """Return whether a member's name stands in the text.

        A name that is a word too does not count where a sentence begins: there the word
        has a capital as well, but not the next.
        """
        return any(
            name not in self.words or not begins_sentence(text, start)
            or (" " in name and text[start + 1 : end] != text[start + 1 : end].lower())
            for start, end, name in self._found(text)
        )

    def may_be_named_in(self, text: str) -> bool:
        """Return whether anything in the text can be read as a member's name."""
        return any(True for _ in self._found(text))

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield start and end in the text as it was written, and the plain name found there."""
        if self.pattern is None:
            return
        pieces = [plain(char) for char in text]
        starts = [at for at, piece in enumerate(pieces) for _ in piece] + [len(text)]
        for match in self.pattern.finditer("".join(pieces)):
            start, end = starts[match.start()], starts[match.end()]
            if match[0] not in self.words or text[start:end] != text[start:end].lower():
                yield start, end, match[0]


def people_of(case: Case, stand_in: str, known: frozenset[str] = frozenset()) -> People:
    """Return the names of a case's members as something that can be searched for.

    Args:
        stand_in: The role words that take the place of a name.
        known: Words in lower case; a name that is one of them is found only with a capital.
    """
    return people_named([member.profile.name or "" for member in case.members], stand_in, known)


def people_named(
    names: Iterable[str], stand_in: str, known: frozenset[str] = frozenset()
) -> People:
    """Return names as something that can be searched for; blank ones are left out.

    Args:
        stand_in: What takes the place of a name.
        known: Words in lower case; a name that is one of them is found only with a capital.
    """
    parts: set[str] = set()
    for given in names:
        name = " ".join(plain(given).split())
        if not re.search(r"\w", name):
            continue
        parts.add(name)
        tokens = _TOKEN.findall(name)
        pieces = [piece for token in tokens for piece in (token, *re.split(r"['-]", token))]
        parts.update(
            piece for at, piece in enumerate(pieces)
            if len(piece) >= MIN_NAME
            and (piece not in _PARTICLES or (at < 2 and piece in _GIVEN))
        )
    if not parts:
        return People(None, stand_in)
    plain_known = _plain_words(known)
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    return People(
        re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"),
        stand_in, frozenset(part for part in parts
                            if all(token in plain_known for token in _TOKEN.findall(part))),
    )


@lru_cache(maxsize=4)
def _plain_words(known: frozenset[str]) -> frozenset[str]:
    return frozenset(plain("\n".join(sorted(known))).split("\n"))


def begins_sentence(text: str, position: int) -> bool:
    """Return whether a sentence begins at this position of a text, or the first after a quotation.
    """
    if text[:position].rstrip(" \t\u00a0\u202f").endswith(("”", "»")):
        return True
    before = text[:position].rstrip(" \t\u00a0\u202f\"'“”«‘’([¿¡-–—*•")
    return not before or before[-1] in ".!?…:;\n"


def quotable(text: str, people: People, known: frozenset[str], *, told: bool) -> bool:
    """Return whether a sentence may be quoted: nobody named or reachable in it.

    Args:
        known: Words in lower case that are no names, such as all words of the library.
            A capital inside a sentence, or a first word that is not known, counts as a name.
        told: The text tells what happened, so that it may begin with a name; a goal or an
            action may begin with a verb that the library happens not to use.
    """
    if people.may_be_named_in(text) or EMAIL.search(text) or PHONE.search(text):
        return False
    return next(_strange(text, known, told=told), None) is None


def may_name(text: str, known: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Yield the words of a text that may be names, as `quotable` finds them.

    Each comes with whether it begins a sentence, where any word has a capital.

    Args:
        known: Words in lower case that are no names.
    """
    for start, end in _strange(text, known, told=False):
        yield text[start:end], begins_sentence(text, start)


def _strange(text: str, known: frozenset[str], *, told: bool) -> Iterator[tuple[int, int]]:
    """Yield where words stand that may be names, as start and end."""
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        for position, match in enumerate(_WORD.finditer(text, start, end)):
            word = match[0]
            if not word[0].isupper() or (word.isupper() and len(word) > 1):
                continue
            lower = word.lower().replace("’", "'")
            stem = lower.rsplit("'", 1)[-1]
            if _CAPITALISED & {lower, stem, lower.removesuffix("'s"), lower.removesuffix("s")}:
                continue
            if position or (lower not in known and stem not in known
                            and (told or not _verb(match, text[:end]))):
                yield match.span()


def _verb(match: re.Match[str], sentence: str) -> bool:
    """Return whether a first word looks like the verb of something to do, not like a name."""
    following = _WORD.search(sentence, match.end())
    return bool(_INFINITIVE.search(match[0].lower())) or has_pronoun(match[0]) or (
        following is not None and following[0] in _AFTER_VERBS)


def has_pronoun(word: str) -> bool:
    """Return whether a word is a French verb with its pronoun behind it, and so nobody's name."""
    return bool(_WITH_PRONOUN.search(word.lower()))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order, without surrounding space.

    None ends after an initial or a title, as in “P. Raghunathan” and “Prof. Fontaine”.
    """
    parts, last = [], 0
    for match in re.finditer(r"(?<=[.!?…])\s+|\n+", text):
        if "\n" in match[0] or _OPENS.match(text, match.end()) or not _ABBREVIATED.search(
                text, last, match.start()):
            parts.append(text[last:match.start()])
            last = match.end()
    parts.append(text[last:])
    return [part.strip() for part in parts if part.strip()]


class Evidence(NamedTuple):
    """What the patterns find in a text.

    Attributes:
        tells: A pattern that tells of it, or is likely to.
        names: A noun that names it, in a sentence that is not about work.
        points: Of signs in one sentence, two fewer where it is about work, 0 to `MOST_POINTS`.
        work: A sentence is about work.
        plainly: A pattern tells of it that no ordinary sentence is known to have.
    """

    tells: bool
    names: bool
    points: int
    work: bool
    plainly: bool

    @property
    def weighed(self) -> tuple[float, ...]:
        """Return what is weighed with what the text means: all but what is enough by itself."""
        return (self.tells, self.names, self.points, self.work)


class HandOffRules:
    """Finds what needs a person: distress, harassment, danger, health, law.

    Args:
        patterns: Regular expressions over `plain` text. By language, such as `en`, what tells
            of it; `likely_en` what ordinary sentences say too; `subjects_en` the nouns that name
            it. A sentence with a word of `work_en` is about somebody's work, and its nouns do
            not count. `signs` are weaker: each a name, points and a pattern; several together
            tell of it.
    """

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        named = {kind: [one for key, each in patterns.items() if key.startswith(kind)
                        for one in each] for kind in ("likely_", "subjects_", "work_")}
        self._likely = _compiled(named["likely_"])
        self._telling = _compiled([one for key, each in patterns.items()
                                   if key != "signs" and "_" not in key
                                   for one in each])
        self._subjects = _compiled(named["subjects_"])
        self._work = _compiled(named["work_"])
        self._signs = _signs(patterns.get("signs", ()))
        self._judged = lru_cache(maxsize=REMEMBERED)(self._judge)
        self._weighed = lru_cache(maxsize=REMEMBERED)(self._weigh)

    def evidence(self, text: str) -> Evidence:
        """Return what the patterns find in a text."""
        return self._weighed(text)

    def needs_person(self, text: str) -> bool:
        """Return whether this text is for a person rather than for an agenda."""
        return self._judged(text)

    def _judge(self, text: str) -> bool:
        read = plain(text)
        return _found(self._telling, read) or _found(self._likely, read) or any(
            map(self._tells, sentences(read)))

    def _weigh(self, text: str) -> Evidence:
        read = plain(text)
        named, points, works = False, 0, False
        for sentence in sentences(read):
            work = _found(self._work, sentence)
            found = sum(count for count, sign in self._signs if _found(sign, sentence))
            named |= not work and _found(self._subjects, sentence)
            points = max(points, min(found, MOST_POINTS) - 2 * work)
            works |= work
        plainly = _found(self._telling, read)
        return Evidence(plainly or _found(self._likely, read), named, points, works, plainly)

    def _tells(self, sentence: str) -> bool:
        work = _found(self._work, sentence)
        points = sum(points for points, sign in self._signs if _found(sign, sentence))
        return points >= ENOUGH_POINTS + 2 * work or (
            not work and _found(self._subjects, sentence))

    def for_person(self, text: str, seen: str, *, told: bool = False) -> bool:  # noqa: ARG002
        """Return whether a text is for a person; more than rules may look at `seen`.

        Args:
            seen: The same text with nobody named, as searches see it.
        """
        return self.needs_person(text)

    def any_of(self, texts: Iterable[str]) -> bool:
        """Return whether any of the texts is."""
        return any(self.needs_person(text) for text in texts)


def _signs(written: Sequence[str]) -> list[tuple[int, list[re.Pattern[str]]]]:
    """Return each kind of sign once, with its points."""
    kinds: dict[str, list[str]] = {}
    for line in written:
        kind, pattern = line.split(" = ", 1)
        kinds.setdefault(kind, []).append(pattern)
    return [(int(kind.split()[1]), _compiled(patterns)) for kind, patterns in kinds.items()]


def _compiled(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    """Return the patterns ten in one: one by one and all in one are both slower."""
    return [
        re.compile(rf"(?<!\w)(?:{'|'.join(f'(?:{one})' for one in patterns[at:at + 10])})(?!\w)")
        for at in range(0, len(patterns), 10)
    ]


def _found(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


@lru_cache(maxsize=REMEMBERED)
def plain(text: str) -> str:
    """Return the text in lower case, without accents, apostrophes made straight."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
