"""Texts are in the language that was asked for, by a detector that the product does not use."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from lingua import IsoCode639_1, Language, LanguageDetectorBuilder
from shipped import Agendas, read_examples

from content_library.load import Library
from evals.swap import without_written
from recommender.domain.activity import SLOT
from recommender.domain.agenda import Agenda
from recommender.domain.base import LANGUAGES
from recommender.domain.case import Case

pytestmark = pytest.mark.xdist_group("examples")
LONG = {"agenda": 30, "library": 40}
"""Characters from which a single sentence says its language."""
AMBIGUOUS = frozenset({
    "El sí y el no con que volvimos",
    "«» ¿En qué lugar de la agenda de la próxima semana está?",
    "¿En qué lugar de la agenda de la próxima semana está?",
    "Anúnciala en voz alta como en la reunión.",
    "una persona, un momento, un giro, un final.",
})
"""Texts that are right, and that the detector takes for another language."""


@pytest.fixture(scope="module")
def detector() -> Any:
    """Return lingua for the six languages that are taken for each other most easily."""
    return LanguageDetectorBuilder.from_languages(
        Language.ENGLISH, Language.SPANISH, Language.FRENCH, Language.PORTUGUESE,
        Language.ITALIAN, Language.GERMAN,
    ).build()


def wrong(detector: Any, texts: list[str], language: str) -> list[str]:
    """Return the texts that are taken for another language, with that language."""
    expected = Language.from_iso_code_639_1(getattr(IsoCode639_1, language.upper()))
    found = detector.detect_languages_in_parallel_of(texts)
    return [f"{None if own is None else own.name}: {text}"
            for text, own in zip(texts, found, strict=True)
            if own != expected and text not in AMBIGUOUS]


def said(agenda: Agenda, case: Case) -> list[str]:
    """Return what the agenda itself says: nobody's words, no title, no programme's contact."""
    lines = [agenda.purpose, agenda.success_test, *agenda.confidence.missing]
    for item in agenda.items:
        lines += [item.title, *item.prompts, *item.steps]
    lines += [*agenda.preparation.mentee, *agenda.preparation.mentor, *agenda.preparation.all]
    lines += [place.deferred for place in agenda.talking_points if place.deferred]
    if agenda.hand_off is not None:
        lines.append(agenda.hand_off.why)
    for use in agenda.resources:
        lines = [line.replace(use.title, " ") for line in lines]
    wishes = [skill for member in case.members
              for skill in (*member.profile.skills_wanted, *member.profile.skills_offered)]
    for wish in wishes:
        lines = [line.replace(wish, " ") for line in lines]
    return [" ".join(re.sub(r"\(\d+ min\)", "", line).split())
            for line in without_written(lines, case)]


def sentences(lines: Iterable[str], long: int) -> list[str]:
    """Return the different sentences of at least so many characters, without slots."""
    bare = (re.sub(r"[“«]\s*[”»]", "", SLOT.sub("", line)) for line in lines)
    found = [" ".join(part.split()) for line in bare
             for part in re.split(r"(?<=[.!?:])\s+", line)]
    return [one for one in dict.fromkeys(found) if len(one) >= long]


@pytest.mark.parametrize("name", sorted(read_examples()))
def test_agenda_is_in_the_language_asked_for(
    name: str, agendas: Agendas, detector: Any
) -> None:
    """The agenda as a whole, and each longer sentence of it, is in its language."""
    case, agenda = agendas.cases[name], agendas[name]
    lines = said(agenda, case)
    language = case.session.language.split("-")[0]
    assert wrong(detector, [" ".join(lines)], language) == []
    assert wrong(detector, sentences(lines, LONG["agenda"]), language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_library_is_in_its_languages(language: str, library: Library, detector: Any) -> None:
    """Every longer sentence of the library is in the language it is filed under."""
    long = sentences(_of_library(library, language), LONG["library"])
    assert len(long) > 1000
    assert wrong(detector, long, language) == []


def test_the_detector_would_see_a_wrong_language(library: Library, detector: Any) -> None:
    """Spanish under French is found: nearly every text of the one is wrong as the other."""
    texts = sentences(_of_library(library, "es"), LONG["library"])[:300]
    assert len(wrong(detector, texts, "fr")) >= 297


def _of_library(library: Library, language: Any) -> Iterator[str]:
    for activity in library.activities.values():
        text = activity.text[language]
        yield from (text.title, text.purpose or "", text.success or "")
        yield from (*text.prompts, *text.quotes.values(), *text.steps)
        prepared = text.preparation
        yield from (*prepared.mentee, *prepared.mentor, *prepared.all)
    for term in (*library.topics.values(), *library.focus_areas.values()):
        words = term.text[language]
        yield from (words.label, words.description, words.practice, words.sign, words.step)
        yield from (*words.questions, *words.situations)
    for value in vars(library.phrases[language]).values():
        if isinstance(value, str):
            yield re.sub(r"\{\w+\}", "", value)
    for resource in library.active_resources:
        if resource.language.split("-")[0] == language:
            yield resource.gist
