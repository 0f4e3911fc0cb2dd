"""Situations: what a new sentence must be like, what it changes, and where one is missing."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from content_library.load import Library
from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, Written
from recommender.domain.vocabulary import Term
from recommender.errors import Fault
from recommender.learning.recommend import (
    Recommendation,
    Wish,
    recommend_resources,
    topic_chances,
)
from recommender.privacy import plain
from recommender.retrieval.language import detect_language, fits_language
from recommender.retrieval.lexical import tokenize

SHORTEST, LONGEST = 10, 400
"""Characters of a situation, as the vocabulary has them."""
HARDLY_KNOWN = 0.042
"""Probability of the likeliest topic below which the library hardly knows a need. Of the 24
needs in evals/data/needs_dev ten lie below it, and for three of those a resource graded 2 or 3
is among the first five; of the fourteen above it, nine."""
TOPICS_SHOWN, RESOURCES_SHOWN = 3, 5
SAME = 0.9
"""Share of characters from which two sentences are taken for the same one."""


@dataclass(frozen=True)
class Look:
    """What a need finds: the likeliest topics with their probability, the first resources."""

    topics: Sequence[tuple[str, float]]
    resources: Sequence[Recommendation]


def look(catalogue: Catalogue, wish: Wish) -> Look:
    """Return what a wish finds in this catalogue."""
    chances = topic_chances(catalogue, wish.needs)
    likely = np.argsort(-chances, kind="stable")[:TOPICS_SHOWN]
    ids = catalogue.bridge.topic_ids
    return Look([(ids[at], float(chances[at])) for at in likely],
                recommend_resources(catalogue, wish, RESOURCES_SHOWN))


def refuse_situation(
    sentence: str, term: Term, language: Written, library: Library
) -> list[Fault]:
    """Return every reason why a sentence cannot be a situation of this term; none if it can."""
    problems: list[str] = []
    if not SHORTEST <= len(sentence) <= LONGEST:
        problems.append(f"{len(sentence)} characters; write one sentence of {SHORTEST} to "
                        f"{LONGEST}")
    if not fits_language(sentence, language):
        problems.append(f"reads as {detect_language(sentence)!r}, not {language!r}; write it in "
                        "that language, or change --language")
    named = _names_in(sentence, term, language)
    if named:
        problems.append(f"holds {named}, the name of {term.id} "
                        f"({term.text[language].label!r}); say the symptom, without that word")
    for terms in (library.topics, library.focus_areas):
        for one in terms.values():
            for known in one.text[language].situations:
                if _same(sentence, known):
                    problems.append(f"{one.id} holds it already: {known!r}; write another scene")
    return [Fault("", "situation", problem) for problem in problems]


def missing_for(
    catalogue: Catalogue, wish: Wish, query: str, found: bool
) -> list[str]:
    """Return why a search found nothing good and how to mend it, in lines; none where it did.

    Args:
        found: Whether the search had any result.
    """
    chances = topic_chances(catalogue, wish.needs, catalogue.bridge.by_nearness())
    best = int(np.argmax(chances))
    topic, chance = catalogue.bridge.topic_ids[best], float(chances[best])
    if found and chance >= HARDLY_KNOWN:
        return []
    lines = []
    if not found:
        lines.append("no resource fits; allow more minutes or another language")
    if chance < HARDLY_KNOWN:
        lines.append(f"no topic knows this need: the likeliest, {topic}, has {chance:.1%}, and "
                     f"below {HARDLY_KNOWN:.1%} the answer is a guess")
    sentence = " ".join(query.split())
    own = detect_language(sentence)
    language: Written = next((one for one in LANGUAGES if one == (own or wish.language)), "en")
    faults = refuse_situation(sentence, catalogue.library.topics[topic], language,
                              catalogue.library)
    lines.append("if people say this and the library should know it, add it to the topic it "
                 "belongs to:")
    lines.append(add_command(topic, language, sentence))
    lines += [f"but first mend the sentence: {fault.problem}" for fault in faults]
    return lines


def add_command(topic: str, language: str, sentence: str) -> str:
    """Return the command line that adds a sentence to a topic, quoted for a shell."""
    words = ["agendum", "library", "situation", "add", "--topic", topic, "--language", language]
    return shlex.join([*words, *(["--"] if sentence.startswith("-") else []), sentence])


def _names_in(sentence: str, term: Term, language: Written) -> str | None:
    """Return the words of a sentence that name the term, quoted; null when none does."""
    label = term.text[language].label
    names = set(tokenize([label], language)[0])
    words = [word.strip(".,;:!?¡¿«»“”\"'()…") for word in sentence.split()]
    stems = tokenize(words, language)
    own = [word for word, stem in zip(words, stems, strict=True) if names & set(stem)]
    if own:
        return ", ".join(repr(word) for word in dict.fromkeys(own))
    return repr(label) if plain(label) in plain(sentence) else None


def _same(one: str, other: str) -> bool:
    """Return whether two sentences are the same but for spelling and marks."""
    a, b = _letters(one), _letters(other)
    if a == b:
        return True
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return (matcher.real_quick_ratio() >= SAME and matcher.quick_ratio() >= SAME
            and matcher.ratio() >= SAME)


def _letters(text: str) -> str:
    return "".join(char for char in plain(text) if char.isalnum())
