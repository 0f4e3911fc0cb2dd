"""What a model's words are checked for, beyond the invariants of every agenda."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from recommender.agendas.draft import AgendaDraft, DraftFault, untimed
from recommender.agendas.draft_lines import DraftContext, Line, lines_of
from recommender.agendas.draft_words import (
    ABOUT_THE_MODEL,
    CLOSED_START,
    CLOSED_TALK,
    OPEN_WORDS,
    PRAISE,
    STATUS_MEETING,
)
from recommender.domain.base import Written
from recommender.privacy import (
    EMAIL,
    LINK,
    PHONE,
    begins_sentence,
    has_pronoun,
    may_name,
    plain,
)
from recommender.retrieval.language import fits_language
from recommender.retrieval.lexical import tokenize

LONGEST = {"title": 90, "question": 240, "step": 260, "purpose": 360, "success_test": 360,
           "preparation": 240, "reason": 240}
SAME_WORDS = 8
"""Words in a row that a text shares with the instructions when it repeats them."""
MIN_SHARED = 1
"""Stems that purpose and success, and the questions of the middle items, share with what the
people wrote."""
OWN_SHARE = 0.22
"""Of the stems that purpose, success and questions add to the offered activities, the share
that must stand in what the model saw of these people. Of 34 recorded drafts the least specific has
.27; of 171 that are put to another pair of their language 149 have less."""
ENOUGH_ADDED = 12
"""Stems that a draft must add before that share tells anything."""
ENOUGH_SAID = 6
"""Stems that people must have written in the session's language before sharing is asked for."""
QUOTED_WORDS = 4
"""Words in quotation marks from which they must stand in the data; a question may be one that
somebody is to ask."""

_MARKUP = re.compile(r"[<>]|&#?\w+;|\[[^\]\n]*\]\([^)\n]*\)|```|\*\*|^#{1,6}\s",
                     re.IGNORECASE | re.MULTILINE)
_DOMAIN = re.compile(r"\b[\w-]+\.(?:com|org|net|int|io|co|edu|gov|info|xyz|example|[a-z]{2})/\S*"
                     r"|\b[\w-]+\.(?:com|org|net|int|io|edu|gov|info|xyz)\b", re.IGNORECASE)
_ALIAS = re.compile(r"(?<![\w-])[AGRTXD]\d{1,2}(?![\w-])")
_PAPER = re.compile(r"\bA[34]\b(?=.*\b(?:sheet|page|paper))|"
                    r"\b(?:hoja|folio|papel|feuille|page|papier)\b.*?\bA[34]\b", re.IGNORECASE)
_LABEL = re.compile(r"(?:^|\n)\s*(?:mentee|mentor|peer|user|system|assistant|all)\s*(?:\d+)?\s*:",
                    re.IGNORECASE)
_NUMBERED_ROLE = re.compile(r"\b(?:mentee|mentor|peer) \d\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$\{?[a-z_]+|\{\{?[^{}\n]*\}?\}|\[[^\]\n]{1,40}\]|<[a-z_ ]+>|"
                          r"\blorem ipsum\b|(?-i:\b(?:TODO|TBD|XXX)\b)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,  ]\d+)*")
_QUOTED = re.compile(r"“([^“”]+)”|«\s*([^«»]+?)\s*»|\"([^\"]+)\"")
_PRONOUNS = re.compile(r"(?:me|te|se|nos|le|les|lo|la|los|las)$")
_QUESTION = re.compile(r"[^.!?…\n]*\?")
_WORDS = re.compile(r"\w+")


DraftCheck = Callable[[Sequence[Line], DraftContext], Iterator[DraftFault]]


def check_lines(lines: Sequence[Line], context: DraftContext) -> list[DraftFault]:
    """Return what is wrong with texts, whether of one item or of a whole draft."""
    return [fault for check in TEXT_CHECKS.values() for fault in check(lines, context)]


def check_draft(draft: AgendaDraft, context: DraftContext) -> list[DraftFault]:
    """Return what is wrong with the words of a whole draft."""
    faults = check_lines(lines_of(draft), context)
    return faults + list(about_them(draft, context))


# Each check: what a text may not be


def language(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """Every text is in the language that was asked for."""
    for line in lines:
        if not fits_language(untimed(line.text), context.language):
            yield DraftFault("language", line.place,
                             f"{_shown(line)} is in another language than asked for")
    by_place: dict[str, list[str]] = {}
    for line in lines:
        by_place.setdefault(line.place, []).append(untimed(line.text))
    for place, texts in by_place.items():
        if not fits_language(" ".join(texts), context.language):
            yield DraftFault("language", place, "is in another language than asked for")


def too_long(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text is longer than can be said aloud."""
    for line in lines:
        if len(line.text) > LONGEST[line.part]:
            yield DraftFault("too_long", line.place,
                             f"a {line.part} of {len(line.text)} characters; at most "
                             f"{LONGEST[line.part]}")


def repeated(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No question, step or title stands twice, or says next to nothing."""
    seen: set[str] = set()
    for line in lines:
        key = " ".join(_WORDS.findall(plain(untimed(line.text))))
        if len(key) < 3:
            yield DraftFault("repeated", line.place, f"{_shown(line)} says nothing")
        elif key in seen and line.part != "reason":
            yield DraftFault("repeated", line.place, f"{_shown(line)} stands twice")
        seen.add(key)


def open_questions(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """Every item asks at least one open question."""
    language = context.offer.brief.language
    asked: dict[str, bool] = {}
    for line in lines:
        if line.part == "question":
            is_open = any(_is_open(one, language) for one in _QUESTION.findall(line.text))
            asked[line.place] = asked.get(line.place, False) or is_open
    for place, has_open in asked.items():
        if not has_open:
            yield DraftFault("open_questions", place,
                             "asks no open question; one that begins with what, how, which, who, "
                             "when or where is needed")


def links(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text holds an address, HTML or markup."""
    for line in lines:
        if LINK.search(line.text) or _DOMAIN.search(line.text) or _MARKUP.search(line.text):
            yield DraftFault("links", line.place,
                             f"a {line.part} holds a link, HTML or markup; plain words only")


def personal_data(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text holds a member's name, an e-mail address or a phone number."""
    for line in lines:
        if EMAIL.search(line.text) or PHONE.search(line.text):
            yield DraftFault("personal_data", line.place,
                             f"a {line.part} holds an address or a phone number")
        if context.people.named_in(line.text):
            yield DraftFault("personal_data", line.place, f"a {line.part} names somebody; say "
                                                          "what they are to the reader")


def names(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No word stands in a text that may be a name the data do not hold.

    A model writes names with a capital, so a word without one is none.
    """
    for line in lines:
        for start, end in context.others.spans(line.text):
            found = line.text[start:end]
            if found == found.lower():
                continue
            words = set(_WORDS.findall(plain(found)))
            begins = begins_sentence(line.text, start) and _is_form(found.split()[0], context)
            if not words <= context.given_words and not begins:
                yield DraftFault("names", line.place,
                                 f"{found!r} is a name that is not in the data")
        for word, first in may_name(line.text, context.known):
            given = set(_WORDS.findall(plain(word))) <= context.given_words
            may = first or line.part == "title"  # titles may have capitals all through
            if not given and not (may and _is_form(word, context)):
                yield DraftFault("names", line.place,
                                 f"{word!r} may be a name, and is not in the data")


def placeholders(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text holds a slot, an alias, a label or a numbered role."""
    for line in lines:
        for pattern in (_PLACEHOLDER, _ALIAS, _LABEL, _NUMBERED_ROLE):
            found = pattern.search(_PAPER.sub("", line.text))
            if found is not None:
                yield DraftFault("placeholders", line.place,
                                 f"{found[0].strip()!r} does not belong in a text")
                break


def instructions(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text repeats the instructions or speaks of the model."""
    shingles = _shingles(context.instructions)
    about = ABOUT_THE_MODEL[context.offer.brief.language]
    for line in lines:
        text = plain(line.text)
        if about.search(text) or ABOUT_THE_MODEL["en"].search(text):
            yield DraftFault("instructions", line.place, f"{_shown(line)} speaks of the model")
        elif shingles & _shingles(text):
            yield DraftFault("instructions", line.place,
                             f"{_shown(line)} repeats the instructions")


def tone(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text praises, reports status, or hides advice in a question."""
    language = context.offer.brief.language
    for line in lines:
        text = plain(line.text)
        for name, patterns in (("praises", PRAISE), ("makes it a status meeting", STATUS_MEETING),
                               ("is advice with a question mark", CLOSED_TALK)):
            if patterns[language].search(text):
                yield DraftFault("tone", line.place, f"{_shown(line)} {name}")


def facts(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No date, figure or quotation stands in a text that the data do not hold."""
    months = "|".join(plain(month) for month in context.phrases.months)
    dated = re.compile(rf"\b(\d{{1,2}})(?:er|st|nd|rd|th)? (?:de |of )?({months})\b"
                       rf"|\b({months}) (\d{{1,2}})\b")
    for line in lines:
        text = plain(untimed(line.text))
        for number in _NUMBER.findall(text):
            digits = re.sub(r"\D", "", number)
            after = text[text.index(number) + len(number):].lstrip()[:1]
            heavy = len(digits) > 2 or after in ("%", "€", "$", "£")
            if heavy and not re.search(rf"(?<!\d){re.escape(number)}(?!\d)", context.given):
                yield DraftFault("facts", line.place, f"the figure {number} is not in the data")
        for found in dated.finditer(text):
            day, month = (found[1], found[2]) if found[1] else (found[4], found[3])
            known = re.search(rf"\b{day}(?:er|st|nd|rd|th)? (?:de |of )?{month}|{month} {day}\b",
                              context.given)
            if known is None:
                yield DraftFault("facts", line.place, f"the date {found[0]!r} is not in the data")
        if line.part in ("question", "purpose"):
            for quoted in _QUOTED.findall(line.text):
                words = " ".join(_WORDS.findall(plain("".join(quoted))))
                asked = "".join(quoted).rstrip().endswith("?")
                if not asked and len(words.split()) >= QUOTED_WORDS and words not in _spaced(
                        context.given):
                    yield DraftFault("facts", line.place,
                                     f"the quotation {''.join(quoted)[:60]!r} is not in the data")


def needs_person(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text works on what needs a person."""
    for line in lines:
        if context.rules.needs_person(line.text):
            yield DraftFault("needs_person", line.place,
                             f"{_shown(line)} is about something that needs a person")


def style(lines: Sequence[Line], context: DraftContext) -> Iterator[DraftFault]:
    """No text holds a word that the programme avoids, but in the words of others."""
    for line in lines:
        found = context.offer.voice.avoided_in(line.text)
        if found is not None:
            yield DraftFault("style", line.place,
                             f"{_shown(line)} says {found!r}, which this programme avoids")


def about_them(draft: AgendaDraft, context: DraftContext) -> Iterator[DraftFault]:
    """Purpose and questions turn on something that these people wrote, and on little else."""
    own = context.own_stems
    if len(own) < ENOUGH_SAID:
        return
    asked = [question for item in draft.items for question in item.questions]
    added = context.stems([draft.purpose, draft.success_test, *asked]) - context.offered_stems
    most_readable = 2 * len(context.readable) > len(context.offer.view.said())
    if most_readable and len(added) >= ENOUGH_ADDED and (
            len(added & context.given_stems) < OWN_SHARE * len(added)):
        yield DraftFault("specific", "items", "most of what purpose and questions speak of stands "
                                              "in nothing that these people wrote")
    if len(own & context.stems([draft.purpose, draft.success_test])) < MIN_SHARED:
        yield DraftFault("specific", "purpose", "purpose and success test hold nothing of what "
                                                "these people wrote")
    middle = [question for item in draft.items for question in item.questions
              if item.activity in context.offer.activities
              and context.offer.activities[item.activity].place == "middle"]
    if middle and len(own & context.stems(middle)) < MIN_SHARED:
        yield DraftFault("specific", "items", "no question of the main items turns on what these "
                                              "people wrote")


TEXT_CHECKS: dict[str, DraftCheck] = {
    check.__name__: check
    for check in (language, too_long, repeated, open_questions, links, personal_data, names,
                  placeholders, instructions, tone, facts, style, needs_person)
}
DRAFT_CHECKS = (*TEXT_CHECKS, "specific")
"""Names of all checks of a draft, as provenance lists them."""


def _is_form(word: str, context: DraftContext) -> bool:
    """Return whether a word is a form of one that is known: another ending, or a pronoun on it."""
    bare = plain(word.rsplit("'", 1)[-1].rsplit("’", 1)[-1].split("-")[0])
    stems = _stems_of(context.known, context.language)
    forms = {bare, _PRONOUNS.sub("", bare)} if context.language == "es" else {bare}
    return has_pronoun(word) or any(context.stems([one]) <= stems for one in forms)


@lru_cache(maxsize=8)
def _stems_of(known: frozenset[str], language: str) -> frozenset[str]:
    """Return the stems of known words as they are read without accents."""
    text = plain("\n".join(sorted(known)))
    return frozenset(stem for line in tokenize([text], language) for stem in line)


def _is_open(question: str, language: Written) -> bool:
    text = question.casefold().replace("’", "'").strip(" «“\"¿\u00a0\u202f")
    return bool(OPEN_WORDS[language].search(text)) and not CLOSED_START[language].search(text)


def _shown(line: Line) -> str:
    text = line.text if len(line.text) <= 60 else line.text[:57] + "..."
    return f"the {line.part} {text!r}"


@lru_cache(maxsize=256)
def _shingles(text: str) -> frozenset[str]:
    words = _WORDS.findall(plain(text))
    return frozenset(" ".join(words[at : at + SAME_WORDS])
                     for at in range(len(words) - SAME_WORDS + 1))


@lru_cache(maxsize=16)
def _spaced(text: str) -> str:
    return " ".join(_WORDS.findall(text))
