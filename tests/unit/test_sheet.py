"""Who opens, whose preparation, which resource: as the reader would say it."""

import pytest
from small_agenda import small_agenda

from content_library.load import Library
from recommender.agendas.render.markdown import render_markdown
from recommender.agendas.render.sheet import View, seen_by, sheet_of
from recommender.domain.agenda import Agenda
from recommender.domain.base import LANGUAGES, Role

PAIR: tuple[Role, ...] = ("mentee", "mentor")
CIRCLE: tuple[Role, ...] = ("mentee", "mentee", "mentor")
TWO_MENTORS: tuple[Role, ...] = ("mentee", "mentor", "mentor")


def led_by(lead: str) -> Agenda:
    agenda = small_agenda()
    return agenda.model_copy(update={
        "items": [agenda.items[0].model_copy(update={"lead": lead}), agenda.items[1]]})


@pytest.mark.parametrize(("lead", "role", "roles", "said"), [
    ("mentee", None, PAIR, "opened by the mentee"),
    ("mentee", None, (), "opened by the mentee"),
    ("mentee", "mentee", PAIR, "you open"),
    ("mentee", "mentor", PAIR, "opened by your mentee"),
    ("mentor", "mentee", PAIR, "opened by your mentor"),
    ("mentor", "mentor", PAIR, "you open"),
    ("mentee", None, CIRCLE, "opened by one of the mentees"),
    ("mentee", "mentee", CIRCLE, "opened by one of you"),
    ("mentee", "mentor", CIRCLE, "opened by one of the mentees"),
    ("mentor", "mentor", CIRCLE, "you open"),
    ("mentor", "mentee", TWO_MENTORS, "opened by one of the mentors"),
    ("mentor", "mentor", TWO_MENTORS, "opened by one of you"),
    ("peer", "peer", ("peer", "peer"), "opened by one of you"),
    ("peer", None, ("peer", "peer", "peer"), "opened by one of you"),
    ("mentor", "peer", ("peer", "mentor"), "opened by the mentor"),
    ("all", "mentee", PAIR, "opened by anybody"),
])
def test_who_opens_is_said_from_the_readers_side(
    library: Library, lead: str, role: Role | None, roles: tuple[Role, ...], said: str
) -> None:
    """"You open" only to the one person it is; "one of you" to several."""
    sheet = sheet_of(led_by(lead), library.phrases["en"], View(role, roles))
    assert sheet.items[0].opened == said
    assert sheet.items[0].own is (said == "you open")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_there_in_each_language(library: Library, language: str) -> None:
    """No reader in any role of any group meets a key, a slot or English in another language."""
    phrases = library.phrases[language]
    english = library.phrases["en"]
    for roles in (PAIR, CIRCLE, TWO_MENTORS, ("peer", "peer"), ("peer", "peer", "mentor")):
        for role in (None, *set(roles)):
            for lead in ("mentor", "mentee", "peer", "all"):
                agenda = led_by(lead).model_copy(update={"language": language})
                sheet = sheet_of(agenda, phrases, View(role, roles))
                assert sheet.items[0].lead in phrases.leads.values()
                assert "{" not in render_markdown(agenda, phrases, View(role, roles))
    assert phrases.headings.keys() == english.headings.keys()
    assert phrases.leads.keys() == english.leads.keys()
    assert phrases.copies.keys() == english.copies.keys() == {"mentee", "mentor", "peer"}
    assert phrases.made.keys() == english.made.keys()
    if language != "en":
        same = {key for key, words in phrases.headings.items() if words == english.headings[key]}
        assert same <= {"minutes", "known_minutes", "column_minutes"}
        assert not set(phrases.leads.values()) & set(english.leads.values())


def test_own_preparation_comes_under_you_and_before_everybodys(library: Library) -> None:
    """The other's is not there; without a role all are, each under its own name."""
    agenda, phrases = small_agenda(), library.phrases["en"]
    assert sheet_of(agenda, phrases, View("mentor", PAIR)).preparation == (
        ("You", ("Bring patience.",)), ("All of you", ("Bring paper.",)))
    assert [label for label, _ in sheet_of(agenda, phrases).preparation] == [
        "Mentee", "Mentor", "All of you"]


def test_resources_are_for_their_readers_or_for_the_session(library: Library) -> None:
    """Before and after: only for whom they are meant; what the session uses: for all."""
    agenda = small_agenda()
    assert [use.id for use in seen_by(agenda, "mentee").resources] == ["r"]
    assert seen_by(agenda, "mentor").resources == []
    for change in ({"use": "during"}, {"for_": ["all"]}, {"for_": ["mentee", "mentor"]}):
        shown = agenda.model_copy(update={
            "resources": [agenda.resources[0].model_copy(update=change)]})
        assert [use.id for use in seen_by(shown, "mentor").resources] == ["r"]
    item = agenda.items[0].model_copy(update={"resources": ["r"]})
    used = agenda.model_copy(update={"items": [item, agenda.items[1]]})
    assert [use.id for use in seen_by(used, "mentor").resources] == ["r"]


def test_a_generator_without_a_phrase_is_named(library: Library) -> None:
    """Whatever wrote it is told as it is called."""
    agenda = small_agenda(provenance={"generator": "by {hand}", "version": "1"})
    assert sheet_of(agenda, library.phrases["en"]).made == "Agendum 1 · by {hand}"
