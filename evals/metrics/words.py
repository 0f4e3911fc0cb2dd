"""How it is written: its language, how hard it is to read, and whether it asks open questions."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from evals.metrics.base import UNSCORED, Made, Metric, Score, lines_of, share
from evals.swap import without_written
from recommender.agendas.draft_words import CLOSED_START, CLOSED_TALK, OPEN_WORDS, PRAISE
from recommender.domain.base import Written
from recommender.errors import MissingExtraError
from recommender.privacy import plain

LONG_ENOUGH = 30
"""Characters from which a sentence tells its language."""
EASY, HARD = 80.0, 40.0
"""Reading ease from which a text is plain (1), and down to which it is hard (0)."""

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"(?<=[.!?:…])\s+")
_QUESTION = re.compile(r"[^.!?…\n]*\?")
_TIMED = re.compile(r"\(\d+ min\)")


def language(made: Made) -> Score:
    """Return the share of letters, in sentences long enough to tell, in the language asked for.

    What people wrote, titles of resources and the programme's own names are set aside. By lingua,
    a detector that the product does not use, among six languages; from .9 on it is taken for 1,
    since a single sentence in a dozen can be taken for a sister language.
    """
    titles = [use.title for use in made.agenda.resources]
    own = [made.brief.programme.contact or "", *(
        skill for member in made.case.members
        for skill in (*member.profile.skills_wanted, *member.profile.skills_offered))]
    lines = []
    for _, line in lines_of(made.agenda):
        for text in (*titles, *own):
            line = line.replace(text, " ") if text else line
        lines.append(_TIMED.sub("", line))
    sentences = [" ".join(part.split()) for line in without_written(lines, made.case)
                 for part in _SENTENCE.split(re.sub(r"[“«]\s*[”»]", "", line))]
    sentences = [one for one in dict.fromkeys(sentences) if len(one) >= LONG_ENOUGH]
    if not sentences:
        return UNSCORED
    found = _languages(sentences)
    letters = sum(map(len, sentences))
    right = sum(len(one) for one, own_language in zip(sentences, found, strict=True)
                if own_language == made.language)
    wrong = [one for one, own_language in zip(sentences, found, strict=True)
             if own_language != made.language]
    value = right / letters
    return Score(1.0 if value >= 0.9 else value, "; ".join(wrong)[:300])


def readability(made: Made) -> Score:
    """Return how plain questions and steps read: reading ease, 0 at 40 and below, 1 from 80 on.

    English by Flesch (1948), Spanish by Szigriszt-Pazos (1993), French by Kandel and Moles (1958);
    syllables are counted by pyphen's hyphenation, which misses some and so flatters all texts
    alike: compare within a language.
    """
    texts = [_TIMED.sub("", line) for item in made.agenda.items
             for line in (*item.prompts, *item.steps)]
    texts = [text if text.rstrip()[-1:] in ".!?…" else f"{text}." for text in texts]
    ease = reading_ease(texts, made.language)
    if ease is None:
        return UNSCORED
    return Score(min(1.0, max(0.0, (ease - HARD) / (EASY - HARD))), f"reading ease {ease:.0f}")


def open_questions(made: Made) -> Score:
    """Return the share of items that ask an open question, none of which leads or flatters.

    An item with a leading question (advice with a question mark) or with praise by rote counts
    as one that asks none. A programme's own items, and those of a milestone, are left out.
    """
    asked, notes = [], []
    for item in made.agenda.items:
        if item.pulse is not None or made.written_by_programme:
            continue
        questions = [one for line in item.prompts for one in _QUESTION.findall(line)]
        bare = plain(" ".join((item.title, *item.prompts, *item.steps)))
        good = (any(is_open(one, made.language) for one in questions)
                and not CLOSED_TALK[made.language].search(bare)
                and not PRAISE[made.language].search(bare))
        asked.append(good)
        if not good:
            notes.append(f"{item.id} {item.title}")
    return Score(share(asked), "; ".join(notes))


def is_open(question: str, own: Written) -> bool:
    """Return whether a question cannot be answered with yes or no."""
    text = question.casefold().replace("’", "'").strip(" «“\"¿\u00a0\u202f")
    return bool(OPEN_WORDS[own].search(text)) and not CLOSED_START[own].search(text)


def reading_ease(texts: Iterable[str], own: Written) -> float | None:
    """Return the reading ease of texts, 100 very easy to 0 very hard; null without a word."""
    sentences = [part for text in texts for part in re.split(r"(?<=[.!?…])\s+", text)
                 if _WORD.search(part)]
    words = [word for part in sentences for word in _WORD.findall(part)]
    if not words:
        return None
    split = _hyphenation(own)
    syllables = sum(_syllables(word, split) for word in words) / len(words)
    length = len(words) / len(sentences)
    if own == "es":
        return 206.835 - 62.3 * syllables - length
    if own == "fr":
        return 207.0 - 73.6 * syllables - 1.015 * length
    return 206.835 - 84.6 * syllables - 1.015 * length


def _syllables(word: str, split: Any) -> int:
    return len(split.positions(word.lower())) + 1


@cache
def _hyphenation(own: Written) -> Any:
    try:
        import pyphen
    except ImportError as error:
        raise MissingExtraError(
            "pyphen is not installed; run: pip install 'agendum[evals]'") from error
    return pyphen.Pyphen(lang={"en": "en_US", "es": "es", "fr": "fr"}[own], left=1, right=1)


def _languages(texts: list[str]) -> list[str | None]:
    fresh = [text for text in texts if text not in _SEEN]
    if fresh:
        found = _detector().detect_languages_in_parallel_of(fresh)
        _SEEN.update(zip(fresh, (None if one is None else one.iso_code_639_1.name.lower()
                                 for one in found), strict=True))
    return [_SEEN[text] for text in texts]


_SEEN: dict[str, str | None] = {}
"""Texts of the library come again and again."""


@cache
def _detector() -> Any:
    try:
        from lingua import Language, LanguageDetectorBuilder
    except ImportError as error:
        raise MissingExtraError(
            "lingua-language-detector is not installed; run: pip install 'agendum[evals]'"
        ) from error
    return LanguageDetectorBuilder.from_languages(
        Language.ENGLISH, Language.SPANISH, Language.FRENCH, Language.PORTUGUESE,
        Language.ITALIAN, Language.GERMAN).build()


METRICS = (
    Metric("language", "Is it in the language they asked for?", "must", language),
    Metric("readability", "Does it read easily?", "none", readability),
    Metric("open_questions", "Does it ask, and not tell?", "mean", open_questions),
)
