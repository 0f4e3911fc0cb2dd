"""What people bring to a session is what its longest item works on."""

from typing import Any

import pytest
from fakes import BagOfWordsEncoder

from content_library.load import load_library
from recommender.agendas.candidates import is_general
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Item
from recommender.domain.case import Case

LIBRARY = load_library()
POINT = "On 1 March I have to book eight trucks on the word of one man"
OTHER = "The warehouse wants the list a week before that"


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(LIBRARY, BagOfWordsEncoder())


def case_of(*points: tuple[str, str], roles: tuple[str, str] = ("mentee", "mentor"),
            **update: Any) -> Case:
    session = {"number": 4, "minutes": 60, "language": "en", "date": "2027-02-01T09:00:00Z",
               "talking_points": [{"id": f"t{at}", "text": text, "by": by}
                                  for at, (text, by) in enumerate(points)],
               **update.pop("session", {})}
    return Case.model_validate({
        "programme": "evergreen", "session": session,
        "members": [{"role": role, "profile": {"id": f"p-{at}"}}
                    for at, role in enumerate(roles, start=1)],
        "goals": [{"id": "g1", "text": "Say what I need before it is too late", "owner": "p-1"}],
        **update})


def made(quick: Catalogue, case: Case) -> Agenda:
    return generate_agenda(case, quick)


def holding(agenda: Agenda, at: int = 0) -> Item:
    """Return the item that holds a talking point."""
    return next(item for item in agenda.items if item.id == agenda.talking_points[at].item)


def test_a_method_takes_up_what_was_brought(quick: Catalogue) -> None:
    """The first step begins with the point's words; no question repeats them."""
    agenda = made(quick, case_of((POINT, "p-1")))
    item = holding(agenda)
    assert is_general(LIBRARY.activities[item.activity or ""])
    assert item.minutes == max(one.minutes for one in agenda.items)
    assert POINT in item.steps[0]
    assert not any(POINT in line for line in item.prompts)
    assert all(line[:1].isupper() or not line[:1].isalpha() for line in item.prompts)


def test_the_day_that_is_coming_is_in_the_last_item(quick: Catalogue) -> None:
    """The close asks what must be done before the day that the point names."""
    last = made(quick, case_of((POINT, "p-1"))).items[-1]
    assert any("1 March is coming" in line for line in last.prompts)
    late = case_of((POINT, "p-1"), session={"date": "2027-03-02T09:00:00Z"})
    assert not any("is coming" in line for line in made(quick, late).items[-1].prompts)


def test_two_peers_have_a_turn_each(quick: Catalogue) -> None:
    """Where both brought something to one item, its minutes are for two turns."""
    case = case_of((POINT, "p-1"), (OTHER, "p-2"), roles=("peer", "peer"),
                   session={"minutes": 45})
    agenda = made(quick, case)
    shared = [item for item in agenda.items if sum(
        place.item == item.id for place in agenda.talking_points) == 2]
    turned = [item for item in agenda.items if any("other way round" in s for s in item.steps)]
    assert [item.id for item in turned] == [item.id for item in shared if item.minutes >= 18]
    for item in turned:
        assert f"({item.minutes // 2} min)" in item.steps[-1]


def test_a_mentor_s_step_is_named_as_theirs(quick: Catalogue) -> None:
    """An open step of the mentor says so; what they have done is named and not asked about."""
    actions = [{"id": "a1", "text": "Introduce the two teams", "owner": "p-2", "status": "open"},
               {"id": "a2", "text": "Send the one-page grid", "owner": "p-2", "status": "done"},
               {"id": "a3", "text": "Count who speaks", "owner": "p-1", "status": "open"}]
    agenda = made(quick, case_of((POINT, "p-1"), history=[{"number": 3, "actions": actions}]))
    steps = agenda.items[0].steps
    assert any("Introduce the two teams" in line and line.endswith("Mentor") for line in steps)
    assert any("Count who speaks" in line and "Mentor" not in line for line in steps)
    assert any("Send the one-page grid" in line for line in steps)
    assert not any("Send the one-page grid" in line for line in agenda.items[0].prompts)


def test_notes_that_tell_of_somebody_begin_no_question(quick: Catalogue) -> None:
    """A sentence about her is not read out to her; one that speaks of the matter may be."""
    told = "She said before it is too late she wants to say what she needs to the trucks man"
    plain = "Say what is needed before it is too late, the trucks man hears it last"
    for notes, quoted in ((told, False), (plain, True)):
        agenda = made(quick, case_of((POINT, "p-1"), history=[{"number": 3, "notes": notes}]))
        said = [line for item in agenda.items for line in item.prompts]
        assert any(notes in line for line in said) is quoted


@pytest.mark.parametrize("minutes", [30, 45])
def test_a_short_midpoint_with_a_milestone_looks_back_once(
    quick: Catalogue, minutes: int
) -> None:
    """The milestone's own questions look back; no other item does."""
    case = Case.model_validate({
        "programme": "nextgen",
        "members": [{"role": "mentee", "profile": {"id": "p-1"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}],
        "session": {"number": 3, "minutes": minutes, "language": "en"}})
    agenda = made(quick, case)
    assert agenda.session.type == "midpoint"
    assert [item.pulse is not None for item in agenda.items
            if item.kind in ("reflection", "feedback")] == [True]
