"""A programme's style in drafts: the model is told, its words are turned, and checked."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from draft_stub import StubModel, data_of, honest_draft
from fakes import BagOfWordsEncoder
from invariants import broken, texts

from content_library.load import load_library
from recommender.agendas.drafting import Drafting, generate_drafted
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case

STYLE = {"tone": "brief", "use": {"en": {"mentor": "buddy", "step": "move"}, "es": {"paso": "x"}},
         "avoid": {"en": ["homework", "journey"], "fr": ["silence"]}}


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(load_library(), BagOfWordsEncoder())


def case_with(style: Mapping[str, Any]) -> Case:
    return Case.model_validate({
        "programme": {"id": "own", "name": "Own", "purpose": "Learn", "success": "Learnt",
                      "relation": "mentor", "sessions": 6, "agenda": {"style": style}},
        "members": [{"role": "mentee", "profile": {"id": "p-1"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}],
        "goals": [{"id": "g1", "text": "Hand the stock count to the night shift for good"}],
        "session": {"number": 3, "of": 6, "minutes": 60, "language": "en"}})


def drafted(quick: Catalogue, style: Mapping[str, Any], **spoilt: Any) -> tuple[
        Agenda, StubModel]:
    def write(messages: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        draft = honest_draft(messages)
        draft["items"][1] |= spoilt.get("item", {})
        return draft | {key: value for key, value in spoilt.items() if key != "item"}

    model = StubModel(write)
    case = case_with(style)
    agenda = asyncio.run(generate_drafted(case, quick, Drafting(model)))
    assert broken(case, agenda) == []
    return agenda, model


def test_the_model_is_told_the_style(quick: Catalogue) -> None:
    """Tone, words to say and to avoid of the session's language; nothing where none is set."""
    _, model = drafted(quick, STYLE)
    _, data = data_of(model.asked[0])
    assert data["style"] == {"tone": "brief", "say_instead": {"mentor": "buddy", "step": "move"},
                             "avoid": ["homework", "journey"]}
    assert "your mentor" not in str(data["activities"])
    _, plain = drafted(quick, {})
    assert "style" not in data_of(plain.asked[0])[1]


def test_words_are_turned_and_quotations_are_not(quick: Catalogue) -> None:
    """What the model says otherwise is put in the programme's words, and `repaired` says so."""
    agenda, _ = drafted(quick, STYLE, purpose="Decide with your mentor who does the stock count, "
                                              "the “mentor” of the night shift or nobody.",
                        item={"title": "The first step at night",
                              "questions": ["What would your mentor do about the stock count?"]})
    assert agenda.provenance.generator == "llm"
    assert agenda.purpose.startswith("Decide with your buddy who")
    assert "“mentor”" in agenda.purpose
    assert "The first move at night" in texts(agenda)
    assert "style" in agenda.provenance.repaired


def test_a_word_to_avoid_is_a_fault(quick: Catalogue) -> None:
    """It goes back to the model once; then the composed agenda stands and the check is named."""
    agenda, model = drafted(
        quick, STYLE, purpose="Begin the journey of handing over the stock count at night.")
    assert agenda.provenance.generator == "composer"
    assert agenda.provenance.fallback == "checks: style; then checks: style"
    assert len(model.asked) == 2
    assert "'journey', which this programme avoids" in model.asked[1][-1]["content"]
    quoted, _ = drafted(
        quick, STYLE, purpose="Ask what “journey” means for the stock count at night.")
    assert quoted.provenance.generator == "llm"


def test_a_brief_tone_asks_two_questions_at_most(quick: Catalogue) -> None:
    """More are left out by code."""
    asked = ["What would the night shift need for the stock count?", "Who tells them, and when?",
             "Which figure worries you most?"]
    brief, _ = drafted(quick, STYLE, item={"questions": asked})
    assert max(len(item.prompts) for item in brief.items) <= 2
    assert brief.items[1].prompts == asked[:2]
    full, _ = drafted(quick, {}, item={"questions": asked})
    assert full.items[1].prompts == asked
