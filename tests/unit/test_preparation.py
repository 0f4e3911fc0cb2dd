"""What each side gets ready before a session, and the dates that an agenda writes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from content_library.load import Library
from recommender.agendas.brief import Brief, OpenAction, Words, make_brief
from recommender.agendas.compose import compose_agenda
from recommender.agendas.preparation import prepare, unquoted_note
from recommender.catalogue import Catalogue
from recommender.domain.activity import ActivityText
from recommender.domain.case import Case

NOTES = "She waited for the chief to speak first."


@pytest.fixture
def brief(catalogue: Catalogue, case_data: dict[str, Any]) -> Brief:
    """Return the brief of a pair with an offer and notes of the last session."""
    case_data["programme"] = "regional"
    case_data["members"][1]["profile"]["skills_offered"] = ["chairing meetings"]
    case_data["goals"] = [{"id": "g1", "text": "I want to speak before the chief does"}]
    case_data["history"] = [{"number": 1, "notes": NOTES}]
    case_data["session"] |= {"language": "en"}
    return make_brief(Case.model_validate(case_data), catalogue.library,
                      catalogue.hand_off_rules, catalogue.known_words)


def text_with(library: Library, *lines: str) -> ActivityText:
    """Return the text of some activity with this preparation for the mentor."""
    text = next(iter(library.activities.values())).text["en"]
    own = text.preparation.model_copy(update={"mentor": list(lines), "all": [], "mentee": []})
    return text.model_copy(update={"preparation": own})


def test_a_note_is_kept_where_lines_are_cut(brief: Brief, library: Library) -> None:
    """The sentence of the notes is second of three lines; offers give way to it, not the rest."""
    phrases = library.phrases["en"]
    noted = phrases.prep_note.format(quote=phrases.quoted("She waited"))
    offered = phrases.prep_offers.format(skills="chairing meetings")

    def prepared(*own: str, note: str | None = "She waited") -> list[str]:
        return prepare(brief, phrases, [text_with(library, *own)], [], note=note,
                       question=None, parallel=None).mentor

    assert prepared("One.", "Two.", "Three.") == ["One.", noted, "Two."]
    assert prepared("One.") == ["One.", noted, offered]
    assert prepared("One.", "Two.", note=None) == ["One.", offered, "Two."]


def test_a_programme_of_fixed_agendas_prepares_nothing_of_its_own(
    brief: Brief, library: Library
) -> None:
    """Where all pairs get one agenda, what is known of one pair is not in it."""
    fixed = replace(brief, mode="fixed")
    prepared = prepare(fixed, library.phrases["en"], [text_with(library, "One.")], [],
                       note="She waited", question="Why?", parallel=None)
    assert (prepared.mentor, prepared.mentee) == (["One."], [])


def test_only_a_note_of_the_last_session_that_no_item_quotes_is_prepared() -> None:
    """The first of those, as the notes are ordered; none where all are quoted."""
    notes = [Words(f"n{n}", f"Text {n}", f"Text {n}", None) for n in range(3)]
    class Last:
        last_notes = tuple(notes[1:])
    brief: Any = Last()
    assert unquoted_note(brief, notes, set()) == "Text 1"
    assert unquoted_note(brief, notes, {"note:n1"}) == "Text 2"
    assert unquoted_note(brief, notes, {"note:n1", "note:n2"}) is None


def test_the_note_stands_in_an_agenda(brief: Brief, catalogue: Catalogue) -> None:
    """A sentence of the last notes is in the items or in the mentor's preparation."""
    agenda = compose_agenda(brief, catalogue)
    texts = [*(line for item in agenda.items for line in (*item.prompts, *item.steps)),
             *agenda.preparation.mentor]
    assert any(NOTES.rstrip(".") in line for line in texts)


@pytest.mark.parametrize(("language", "first", "second"), [
    ("en", "1 March", "2 March"), ("es", "1 de marzo", "2 de marzo"), ("fr", "1er mars", "2 mars"),
])
def test_the_first_of_a_month_is_written_as_people_write_it(
    library: Library, language: str, first: str, second: str
) -> None:
    """French says « 1er »; every other day is its number."""
    phrases = library.phrases[language]
    assert phrases.date_of(date(2026, 3, 1)) == first
    assert phrases.date_of(date(2026, 3, 2)) == second


def test_an_action_of_one_is_not_given_to_a_whole_group(
    catalogue: Catalogue, brief: Brief, library: Library
) -> None:
    """In a group, and between peers, the line is for whoever took the action on."""
    phrases = library.phrases["en"]
    action = OpenAction("h1", "Ask the clerk", "Ask the clerk", None, None, 1)
    for relation, phrase in (("group", phrases.prep_action_group),
                             ("mentor", phrases.prep_action)):
        one = replace(brief, actions=(action,), relation=relation)
        prepared = prepare(one, phrases, [text_with(library)], [], note=None, question=None,
                           parallel=None)
        assert prepared.mentee == [phrase.format(quote=phrases.quoted("Ask the clerk"))]


@pytest.mark.parametrize(("relation", "role"), [("mentor", "mentee"), ("group", "all")])
def test_a_parallel_is_for_those_who_learn(
    relation: str, role: str, brief: Brief, library: Library
) -> None:
    """It is quoted under the first line of the mentee's preparation, or of everybody's."""
    phrases = library.phrases["en"]
    prepared = prepare(replace(brief, relation=relation), phrases, [text_with(library)], [],
                       note=None, question="Why?", parallel="I never finish a sentence.")
    line = phrases.prep_parallel.format(quote="“I never finish a sentence.”")
    assert getattr(prepared, role) == [line]
