import re
from pathlib import Path

import pytest
from hand_off_examples import GRAVE, ORDINARY

from content_library.load import Library
from evals.hand_off import label_kappa, measure_hand_off, sentences_labelled
from recommender.privacy import HandOffRules

EXAMPLES = Path(__file__).parents[2] / "examples"


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


def test_shipped_examples_are_for_an_agenda(rules: HandOffRules) -> None:
    """Of what the people of the shipped examples write, one sentence is for a person."""
    found = [line for path in sorted(EXAMPLES.glob("*/*.case.yaml"))
             for line in path.read_text("utf-8").splitlines() if rules.needs_person(line)]
    assert [line for line in found if "frighten me" not in line] == []


def test_few_situations_need_a_person(library: Library, rules: HandOffRules) -> None:
    """Of what people say when they need a topic, next to nothing is taken for grave."""
    said = [line for term in library.topics.values() for text in term.text.values()
            for line in text.situations[:8]]
    assert sum(map(rules.needs_person, said)) <= len(said) / 200


def test_every_pattern_needs_words(library: Library) -> None:
    """No pattern matches an empty text, and each is written for plain text."""
    for kind, each in library.hand_off.items():
        for line in each:
            pattern = line.split(" = ", 1)[1] if kind == "signs" else line
            assert not re.search(rf"(?<!\w)(?:{pattern})(?!\w)", "")
            assert pattern == pattern.lower() or "\\S" in pattern
            assert pattern.isascii()
            assert "<" not in pattern.replace("(?<!", "")


@pytest.mark.parametrize("half", ["dev", "held_out"])
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_labelled_sentences_are_told_apart(
    rules: HandOffRules, language: str, half: str
) -> None:
    """Of sentences that need a person nine in ten are found; of hard others 5 in 100 at most."""
    score = measure_hand_off(rules.needs_person, round=1, language=language, half=half)
    print(f"{language} {half}: recall {score.recall:.3f}, false alarms {score.false_alarms:.3f}")
    assert score.recall >= 0.9
    assert score.false_alarms <= 0.06  # one of 18


@pytest.mark.parametrize(("number", "least"), [(1, 0.95), (2, 0.95), (3, 0.6), (4, 0.95),
                                              (5, 0.9), (6, 0.95)])
def test_each_round_keeps_its_floor(rules: HandOffRules, number: int, least: float) -> None:
    """No round falls back; the third was written to say nothing plainly."""
    score = measure_hand_off(rules.needs_person, round=number)
    print(f"round {number}: recall {score.recall:.3f}, false alarms {score.false_alarms:.3f}")
    assert score.recall >= least
    assert score.false_alarms <= 0.05


def test_sentences_are_enough_and_labelled_twice() -> None:
    """At least sixty a language in the first round, half of them grave; both passes agree."""
    lines = [line for line in sentences_labelled() if line["round"] == 1]
    for language in ("en", "es", "fr"):
        own = [line for line in lines if line["language"] == language]
        assert len(own) >= 60
        assert sum(line["label"] == "grave" for line in own) * 2 == len(own)
    assert label_kappa() >= 0.8


def test_somebody_s_work_is_no_hand_off(rules: HandOffRules) -> None:
    """A noun that names it counts, unless the sentence is about work."""
    assert rules.needs_person("There was harassment again.")
    assert not rules.needs_person("We train managers to prevent harassment.")
    assert not rules.needs_person("Nous formons les chefs à la prévention du harcèlement.")
    assert rules.needs_person("The training went well. There was harassment again.")


def test_weak_signs_add_up() -> None:
    """Two points of different kinds in one sentence need a person; more where it is about work."""
    rules = HandOffRules({"signs": ["fear 1 = scared", "fear 1 = afraid", "home 1 = husband"],
                          "work_en": ["clinic"]})
    assert rules.needs_person("I am scared, and my husband knows")
    assert not rules.needs_person("I am scared and afraid")
    assert not rules.needs_person("I am scared. My husband knows")
    assert not rules.needs_person("At the clinic I am scared of a patient's husband")


def test_no_rules_find_nothing() -> None:
    """Without patterns nothing needs a person."""
    assert not HandOffRules({}).needs_person("suicide")


@pytest.mark.parametrize("said", [
    "I changed the dates in the report before I sent it.",
    "Rewrite the report so that the minister reads it",
    "I need to renew my passport for the mission",
    "Get out of the prison of my calendar",
    "Préparer les lettres de licenciement avec les RH",
    "Modifier le rapport avant vendredi",
    "Changer la date de la réunion",
    "Preparar las cartas de despido con recursos humanos",
    "Cambié las fechas del informe",
    "Obtener el visado para la misión",
])
def test_one_word_of_law_is_work(rules: HandOffRules, said: str) -> None:
    """Who changes a report, a date or a visa, or writes letters of dismissal, is coached."""
    assert not rules.needs_person(said)
