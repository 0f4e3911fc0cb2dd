"""A programme's style: words to use and to avoid, in the library's sentences and nowhere else."""

from typing import Any

import pytest
from fakes import BagOfWordsEncoder
from invariants import broken, texts

from api.rendering import Order, render_agenda
from content_library.load import load_library
from recommender.agendas.generate import generate_agenda
from recommender.agendas.style import Voice
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.domain.programme import Style

LIBRARY = load_library()


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(LIBRARY, BagOfWordsEncoder())


def voice(language: Any = "en", **style: Any) -> Voice:
    return Voice(Style.model_validate(style), language, LIBRARY)


def agenda_of(quick: Catalogue, style: dict[str, Any], **update: Any) -> tuple[Case, Agenda]:
    point = {"id": "t1", "text": "My mentor at school said a goal is a wish"}
    session = {"number": 3, "of": 6, "minutes": 60, "language": "en", "talking_points": [point]}
    session |= update.pop("session", {})
    case = Case.model_validate({
        "programme": {"id": "own", "name": "Own", "purpose": "Learn", "success": "Learnt",
                      "relation": "mentor", "sessions": 6, "agenda": {"style": style}},
        "members": [
            {"role": "mentee", "profile": {"id": "p-1", "skills_wanted": ["finding a mentor"]}},
            {"role": "mentor", "profile": {"id": "p-2", "skills_offered": ["being a mentor"]}}],
        "goals": [{"id": "g1", "text": "Become a mentor who listens"}],
        "session": session, **update})
    return case, generate_agenda(case, quick)


def test_a_word_is_replaced_in_its_case_and_as_a_whole() -> None:
    """Small, capital first, capitals; neither inside a longer word nor in a slot."""
    said = voice(use={"en": {"mentor": "buddy", "goal": "aim", "open door": "ajar"}}).say
    assert said("The mentor. Mentor? MENTOR!") == "The buddy. Buddy? BUDDY!"
    assert said("mentors and mentoring") == "mentors and mentoring"
    assert said("“$goal” and {goal}: a goal") == "“$goal” and {goal}: a aim"
    assert said("An open  door") == "An ajar"


def test_the_longest_goes_first_and_nothing_is_replaced_twice() -> None:
    """A phrase wins over a word of it, and what replaces is not replaced again."""
    said = voice("fr", use={"fr": {"objectif": "cap", "l'objectif": "le cap", "cap": "objectif"}})
    assert said.say("L'objectif, un objectif, un cap") == "Le cap, un cap, un objectif"
    assert said.say("L’objectif") == "Le cap"


def test_languages_are_apart() -> None:
    """What is said in English stays out of Spanish."""
    style = {"use": {"en": {"mentor": "buddy"}}}
    assert voice("es", **style).say("mentor") == "mentor"
    assert voice("es", **style).phrases is LIBRARY.phrases["es"]


def test_the_library_s_sentences_change_and_people_s_words_do_not(quick: Catalogue) -> None:
    """Titles, questions, steps and preparation say buddy; goals, points and skills as written."""
    style = {"use": {"en": {"mentor": "buddy", "the mentee": "the new colleague"}}}
    case, agenda = agenda_of(quick, style, session={"number": 1})
    everything = " ".join(texts(agenda))
    assert "buddy" in everything
    own = ("Become a mentor who listens", "My mentor at school said a goal is a wish",
           "finding a mentor", "being a mentor")
    assert sum(words in everything for words in own) >= 3
    for words in own:
        everything = everything.replace(words, "")
    assert "mentor" not in everything.split()
    assert broken(case, agenda) == []


def test_the_page_around_an_agenda_says_so_too(quick: Catalogue) -> None:
    """Who opens an item, and whose preparation it is, in the programme's words."""
    case, agenda = agenda_of(quick, {"use": {"en": {"mentee": "new colleague"}}})
    assert agenda.words == {"mentee": "new colleague"}
    for form in ("md", "html"):
        page = render_agenda(agenda, case, quick, Order(form)).decode()
        assert "opened by the new colleague" in page
        assert "opened by the mentee" not in page


def test_what_is_for_a_person_stays_recognisable(quick: Catalogue) -> None:
    """The sentence by which a page leaves out a grave point is never reworded."""
    style = {"use": {"en": {"person": "human", "agenda": "plan"}}}
    case, agenda = agenda_of(quick, style, session={"talking_points": [
        {"id": "t1", "text": "My supervisor touched me and I am afraid of him."}]})
    assert agenda.talking_points[0].deferred == LIBRARY.phrases["en"].deferred_person
    assert "not today" not in render_agenda(agenda, case, quick, Order("md")).decode()


def test_activities_with_a_word_to_avoid_are_left_out(quick: Catalogue) -> None:
    """As long as others are there, none that says the word is chosen."""
    _, before = agenda_of(quick, {})
    title = LIBRARY.activities[before.items[1].activity or ""].text["en"].title
    word = max(title.split(), key=len).strip("?,.:")
    case, agenda = agenda_of(quick, {"avoid": {"en": [word]}})
    assert before.items[1].activity not in {item.activity for item in agenda.items}
    written = voice(avoid={"en": [word]})
    for item in agenda.items:
        assert not written.avoids_activity(LIBRARY.activities[item.activity or ""])
    assert agenda.provenance.unmet == []
    assert broken(case, agenda) == []


def test_a_word_that_cannot_be_avoided_is_reported(quick: Catalogue) -> None:
    """Where everything says it, the agenda is made all the same, and says what it could not do."""
    case, agenda = agenda_of(quick, {"avoid": {"en": ["the", "a", "you"]}})
    assert any("cannot be said without a word to avoid" in one for one in agenda.provenance.unmet)
    assert broken(case, agenda) == []


def test_agendum_s_own_sentences_say_less_rather_than_a_word_to_avoid(quick: Catalogue) -> None:
    """Without the word for it, a goal is not announced as one; what people wrote stays."""
    _, agenda = agenda_of(quick, {"avoid": {"en": ["goal", "weeks"]}})
    assert "The goal behind it" not in agenda.purpose
    assert "In the weeks after" not in agenda.success_test


def test_a_brief_tone_asks_two_questions_at_most(quick: Catalogue) -> None:
    """Two prompts an item; talking points have theirs even so. Another tone changes nothing."""
    _, agenda = agenda_of(quick, {"tone": "brief"}, session={"talking_points": []})
    assert max(len(item.prompts) for item in agenda.items) == 2
    _, warm = agenda_of(quick, {"tone": "warm"}, session={"talking_points": []})
    _, none = agenda_of(quick, {}, session={"talking_points": []})
    assert [one.prompts for one in warm.items] == [one.prompts for one in none.items]
    assert max(len(item.prompts) for item in none.items) == 4


def test_milestone_questions_use_the_programme_s_words(quick: Catalogue) -> None:
    """Pulse questions too speak of the buddy."""
    case, _ = agenda_of(quick, {"use": {"en": {"mentee": "new colleague"}}})
    plan = case.model_dump(mode="json", by_alias=True)
    plan["programme"]["milestones"] = [{"day": 60, "kind": "pulse"}]
    agenda = generate_agenda(Case.model_validate(plan), quick)
    pulse = next(item for item in agenda.items if item.pulse)
    asked = " ".join([*pulse.prompts, *pulse.steps])
    assert "New colleague: " in asked
    assert "the new colleague wants to get better at" in asked
