"""The checks of a model's words: they leave good texts alone, and find what does not belong."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes import BagOfWordsEncoder
from shipped import read_examples

from content_library.load import load_library
from prompts.load import load_prompt
from recommender.agendas.draft_checks import check_lines
from recommender.agendas.draft_lines import DraftContext, Line
from recommender.agendas.generate import compose_case
from recommender.agendas.judge import prepare_draft
from recommender.catalogue import Catalogue

GOOD: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "good_drafts.yaml").read_text("utf-8"))
EXAMPLES = read_examples()
LANGUAGE = {"en": "onboarding/2-how-we-did-it-at-the-bank",
            "fr": "regional/3-trois-appels-par-jour",
            "es": "evergreen/2-quien-presenta-el-informe"}


@pytest.fixture(scope="module")
def contexts() -> dict[str, DraftContext]:
    """Return what drafts of the three examples are checked against."""
    quick = Catalogue(load_library(), BagOfWordsEncoder())
    prompt = load_prompt("agenda-draft")
    return {name: prepare_draft(compose_case(EXAMPLES[name], quick), EXAMPLES[name], quick,
                                prompt).context for name in GOOD}


def lines_of(draft: dict[str, Any]) -> list[Line]:
    lines = [Line("purpose", "purpose", draft["purpose"]),
             Line("success_test", "success_test", draft["success_test"])]
    for at, item in enumerate(draft["items"]):
        lines.append(Line(f"items.A{at}", "title", item["title"]))
        for part, texts in (("question", item["questions"]), ("step", item["steps"])):
            lines += [Line(f"items.A{at}", part, text) for text in texts]
    lines += [Line("preparation.all", "preparation", text) for text in draft["preparation"]]
    return lines + [Line("resources.R1", "reason", text) for text in draft["reasons"]]


@pytest.mark.parametrize("name", GOOD)
def test_good_texts_pass(contexts: dict[str, DraftContext], name: str) -> None:
    """What a fine coach would write is left alone, and turns on what the pair wrote."""
    draft, context = GOOD[name], contexts[name]
    assert [str(fault) for fault in check_lines(lines_of(draft), context)] == []
    assert context.own_stems & context.stems([draft["purpose"], draft["success_test"]])


def found(context: DraftContext, part: str, *texts: str) -> set[str]:
    return {fault.check for fault in check_lines(
        [Line("items.A1", part, text) for text in texts], context)}


@pytest.mark.parametrize(("language", "question", "is_open"), [
    ("en", "Do you know what you want to say?", False),
    ("en", "Have they ever said no to you?", False),
    ("en", "In which of the two did they listen, and why?", True),
    ("en", "Tell the story. What was left out?", True),
    ("en", "Say it aloud.", False),
    ("es", "¿Crees que te escuchan en la sala?", False),
    ("es", "¿Tienes claro lo que quieres decir mañana?", False),
    ("es", "Si dice que no, ¿qué harías tú?", True),
    ("es", "¿Con quién lo hablarías antes del martes?", True),
    ("fr", "Est-ce que tu sais ce que tu veux dire ?", False),
    ("fr", "As-tu déjà essayé de le dire autrement ?", False),
    ("fr", "Qu'as-tu entendu quand elle a changé d'avis ?", True),
    ("fr", "Et si elle disait non, que ferais-tu ?", True),
    ("fr", "À quel moment l'aurais-tu appelée ?", True),
])
def test_open_questions_are_told_from_closed_ones(
    contexts: dict[str, DraftContext], language: str, question: str, is_open: bool
) -> None:
    """A question word that opens it, and no beginning that asks for yes or no."""
    context = contexts[LANGUAGE[language]]
    assert ("open_questions" not in found(context, "question", question)) is is_open


@pytest.mark.parametrize("step", [
    "Inscris-le dans l'agenda. (2 min)", "Relis-la à voix haute. (2 min)",
    "Réponds-lui en une phrase. (2 min)",
])
def test_a_french_verb_with_its_pronoun_is_no_name(
    contexts: dict[str, DraftContext], step: str
) -> None:
    """An imperative that no text of the library holds is nobody who is called so."""
    assert "names" not in found(contexts[LANGUAGE["fr"]], "step", step)


@pytest.mark.parametrize(("part", "text", "check"), [
    ("question", "What did Rosalinda say about the three teams?", "names"),
    ("question", "What would the people at Globex say?", "names"),
    ("step", "Write it on an A4 sheet of paper. (3 min)", None),
    ("step", "Take A4 and compare it with the second one. (3 min)", "placeholders"),
    ("question", "What will you do on 24 February?", "facts"),
    ("question", "What changes if 300 people read it?", "facts"),
    ("question", "Which 20 seconds of it would you say again?", None),
    ("question", "What would change if 80% of them agreed?", "facts"),
    ("question", "You wrote “nobody ever answers my messages here”. What else?", "facts"),
    ("question", "You said “Whom do I go to first?”. What else could you ask?", None),
    ("question", "What a fantastic question: what comes first?", "tone"),
    ("question", "Why don't you write to them, and when?", "tone"),
    ("question", "What is the status update of each team?", "tone"),
    ("question", "As an AI, what would you do first?", "instructions"),
    ("question", "It has one main thing: that item gets the best time, a third to a half?",
     "instructions"),
    ("question", "What do you see at example.com?", "links"),
    ("question", "What do you see? &lt;b&gt;", "links"),
    ("question", "What would Declan's answer be?", "personal_data"),
    ("title", "Three Teams and One Broken Night", None),
    ("title", "…", "repeated"),
    ("question", "What is [link] for?", "placeholders"),
    ("question", "What does mentee 2 think?", "placeholders"),
    ("question", "TODO: what comes first?", "placeholders"),
])
def test_what_does_not_belong_is_found(
    contexts: dict[str, DraftContext], part: str, text: str, check: str | None
) -> None:
    """The check that is for it; and what only looks alike is let through."""
    checks = found(contexts[LANGUAGE["en"]], part, text) - {"open_questions"}
    assert checks == set() if check is None else check in checks


def test_days_of_the_week_are_no_names(contexts: dict[str, DraftContext]) -> None:
    """Nor are they in the plural; a name beside them is."""
    context = contexts[LANGUAGE["en"]]
    assert "names" not in found(context, "question", "What do you do on quiet Fridays?")
    assert "names" in found(context, "question", "What do you do when Gunhild rings on Fridays?")


def test_todo_is_a_word_in_spanish(contexts: dict[str, DraftContext]) -> None:
    """A placeholder in capitals, and not the Spanish word for all."""
    context = contexts[LANGUAGE["es"]]
    assert found(context, "question", "¿Qué harías con todo lo que ya has escrito?") == set()
