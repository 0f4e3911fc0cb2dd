import re

import pytest
from hand_off_examples import GRAVE, ORDINARY

from content_library.load import Library
from recommender.privacy import HandOffRules


@pytest.fixture(scope="module")
def rules(library: Library) -> HandOffRules:
    """Return the shipped rules."""
    return HandOffRules(library.hand_off)


@pytest.mark.parametrize("text", [text for each in GRAVE.values() for text in each])
def test_grave_matters_are_for_a_person(rules: HandOffRules, text: str) -> None:
    """Distress, harassment, danger, health and law are found, alone and inside a longer text."""
    assert rules.needs_person(text)
    assert rules.needs_person(f"We talked about the plan. {text.upper()} Then we closed.")
    assert rules.any_of(["Fine.", text])


@pytest.mark.parametrize("text", [text for each in ORDINARY.values() for text in each])
def test_ordinary_hard_topics_are_for_an_agenda(rules: HandOffRules, text: str) -> None:
    """A conflict, nerves, anger or a figure of speech is not taken away from the session."""
    assert not rules.needs_person(text)


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_examples_are_enough(language: str) -> None:
    """Each language has twelve of both at least."""
    assert len(set(GRAVE[language])) >= 12
    assert len(set(ORDINARY[language])) >= 12


def test_library_s_own_words_need_no_person(library: Library, rules: HandOffRules) -> None:
    """What the library asks of people is work for a session, in every language."""
    texts = [line for term in library.topics.values() for text in term.text.values()
             for line in (*text.questions, text.step, text.sign, text.practice)]
    texts += [line for one in library.activities.values() for text in one.text.values()
              for line in (text.title, *text.prompts)]
    assert [text for text in texts if rules.needs_person(text)] == []


def test_few_situations_need_a_person(library: Library, rules: HandOffRules) -> None:
    """Of what people say when they need a topic, next to nothing is taken for grave."""
    said = [line for term in library.topics.values() for text in term.text.values()
            for line in text.situations[:8]]
    assert sum(map(rules.needs_person, said)) <= len(said) / 200


def test_every_pattern_needs_words(library: Library) -> None:
    """No pattern matches an empty text, and each is written for plain text."""
    for each in library.hand_off.values():
        for pattern in each:
            assert not re.search(rf"(?<!\w)(?:{pattern})(?!\w)", "")
            assert pattern == pattern.lower() or "\\S" in pattern
            assert pattern.isascii()


def test_no_rules_find_nothing() -> None:
    """Without patterns nothing needs a person."""
    assert not HandOffRules({}).needs_person("suicide")
