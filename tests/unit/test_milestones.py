"""What a programme asks and announces in its sessions: first, milestones, last."""

from typing import Any

import pytest
from fakes import BagOfWordsEncoder
from invariants import broken

from content_library.load import load_library
from content_library.pulses import pulse_questions
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import MAX_STEPS, Agenda
from recommender.domain.base import LANGUAGES, PulseKind, Role
from recommender.domain.case import Case

LIBRARY = load_library()
FORMATS: list[tuple[str, tuple[Role, ...]]] = [
    ("nextgen", ("mentee", "mentor")), ("peer-quarter", ("peer", "peer")),
    ("reverse", ("mentee", "mentor")), ("leaders-circle", ("mentee", "mentee", "mentor", "peer")),
    ("leaders-circle", ("peer", "peer", "peer")),
]
MILESTONES = [{"day": 30, "kind": "pulse"}, {"day": 60, "kind": "pulse"},
              {"day": 150, "kind": "closing"}]
KINDS: dict[int, PulseKind] = {2: "pulse_30", 3: "pulse_60", 6: "end"}


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(LIBRARY, BagOfWordsEncoder())


def case_of(programme: str, roles: tuple[Role, ...], **session: Any) -> Case:
    plan = LIBRARY.programme(programme).model_dump(mode="json", by_alias=True)
    plan |= {"milestones": MILESTONES, "sessions": 6, "meetings_per_month": 1}
    plan["agenda"] |= {"themes": {}, "reverse_session": None}
    return Case.model_validate({
        "programme": plan, "session": {"of": 6, "minutes": 60, "language": "en", **session},
        "members": [{"role": role, "profile": {"id": f"p-{at}"}}
                    for at, role in enumerate(roles)]})


@pytest.mark.parametrize("mode", ["fixed", "guided", "personalised"])
@pytest.mark.parametrize(("programme", "roles"), FORMATS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_role_is_asked_its_own_questions(
    quick: Catalogue, programme: str, roles: tuple[Role, ...], language: Any, mode: str
) -> None:
    """Every question of every role that is there, once, and none of a role that is not."""
    for number, kind in KINDS.items():
        case = case_of(programme, roles, number=number, language=language)
        case = case.model_copy(update={"mode": mode})
        agenda = generate_agenda(case, quick)
        assert broken(case, agenda) == []
        pulse = [item for item in agenda.items if item.pulse is not None]
        assert [item.pulse for item in pulse] == [kind]
        assert pulse[0] is agenda.items[-2]
        assert pulse[0].title == LIBRARY.pulses.labels[kind][language]
        assert [(why.source, why.id) for why in pulse[0].because] == [("programme", programme)]
        asked = "\n".join([*pulse[0].steps, *pulse[0].prompts])
        own = {one.id: words.question for role in set(roles)
               for one, words in pulse_questions(LIBRARY, kind, role, language)}
        everything = {one.id: one.text[language].question for one in LIBRARY.pulses.questions}
        for key, question in everything.items():
            assert (question in asked) == (question in own.values()), key
        assert len(pulse[0].steps) <= MAX_STEPS


def test_scales_say_their_ends_and_open_questions_come_as_prompts(quick: Catalogue) -> None:
    """A number needs to know what 1 and 5 mean; the open question is there to be talked about."""
    agenda = generate_agenda(case_of("peer-quarter", ("peer", "peer"), number=2), quick)
    pulse = agenda.items[-2]
    assert pulse.steps[1] == ("How useful have the conversations been for your work so far? "
                              "(1: Not yet, 5: Very)")
    assert pulse.prompts == ["What have you tried at work since your first meeting, and what did "
                             "you see happen? “Nothing yet” is an answer too."]


@pytest.mark.parametrize(("minutes", "expected"), [(15, 3), (29, 3), (30, 5), (59, 5), (60, 6)])
def test_questions_take_minutes_of_the_session(
    quick: Catalogue, minutes: int, expected: int
) -> None:
    """Three to five minutes, which the other items give up."""
    case = case_of("nextgen", ("mentee", "mentor"), number=3, minutes=minutes)
    agenda = generate_agenda(case, quick)
    assert [item.minutes for item in agenda.items if item.pulse] == [expected]
    assert sum(item.minutes for item in agenda.items) == minutes


def test_talking_points_and_ids_hold_around_the_questions(quick: Catalogue) -> None:
    """Items are numbered through, and every point leads to the item that says it."""
    case = case_of("nextgen", ("mentee", "mentor"), number=3, talking_points=[
        {"id": "t1", "text": "My deputy left on Monday"}])
    agenda = generate_agenda(case, quick)
    assert [item.id for item in agenda.items] == [f"i{at + 1}" for at in range(len(agenda.items))]
    place = next(item for item in agenda.items if item.id == agenda.talking_points[0].item)
    assert any("My deputy left on Monday" in line for line in (*place.prompts, *place.steps))


def agreed(agenda: Agenda) -> str:
    return next(item.steps[-1] for item in agenda.items if item.kind == "agreement")


@pytest.mark.parametrize(("language", "expected"), [
    ("en", "What lies ahead: 6 meetings. In meetings 2 and 3 a few questions ask how it goes. "
           "The last one looks back and says goodbye."),
    ("es", "Lo que viene: 6 sesiones. En las sesiones 2 y 3, unas preguntas breves sobre cómo va. "
           "La última es para mirar atrás y despedirse."),
    ("fr", "Ce qui vous attend\u00a0: 6 séances. Aux séances 2 et 3, quelques questions sur la "
           "façon dont cela se passe. La dernière sert à regarder en arrière et à se dire au "
           "revoir."),
])
def test_the_first_session_says_what_lies_ahead(
    quick: Catalogue, language: str, expected: str
) -> None:
    """How many meetings, when questions come, how it ends; because of the programme."""
    case = case_of("nextgen", ("mentee", "mentor"), number=1, language=language)
    agenda = generate_agenda(case, quick)
    assert agreed(agenda) == expected
    item = next(item for item in agenda.items if item.kind == "agreement")
    assert ("programme", "nextgen") in [(why.source, why.id) for why in item.because]
    short = case_of("nextgen", ("mentee", "mentor"), number=1, language=language, minutes=15)
    small = generate_agenda(short, quick)
    if not any(item.kind == "agreement" for item in small.items):
        assert expected in small.preparation.all


def test_an_open_end_is_announced_as_one(quick: Catalogue) -> None:
    """Evergreen pairs hear that there is no last date, and when they are first asked."""
    case = Case.model_validate({
        "programme": "evergreen", "session": {"number": 1, "minutes": 60, "language": "en"},
        "members": [{"role": "mentee", "profile": {"id": "p-1"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}]})
    assert agreed(generate_agenda(case, quick)) == (
        "What lies ahead: no last date; you meet for as long as it is useful. "
        "In meeting 4 a few questions ask how it goes.")


@pytest.mark.parametrize(("programme", "roles"), FORMATS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_session_recognises_everybody(
    quick: Catalogue, programme: str, roles: tuple[Role, ...], language: Any
) -> None:
    """An activity in which each says what they value, or a step that asks for it."""
    phrases = LIBRARY.phrases[language]
    for minutes in (15, 30, 60, 90):
        for goal in ("Say no", "Read a balance sheet", "Lead the night shift"):
            case = case_of(programme, roles, number=6, language=language, minutes=minutes)
            case = case.model_copy(update={"goals": Case.model_validate(
                case.model_dump(mode="json", by_alias=True)
                | {"goals": [{"id": "g1", "text": goal}]}).goals})
            agenda = generate_agenda(case, quick)
            by_activity = any(LIBRARY.activities[item.activity].recognises
                              for item in agenda.items if item.activity is not None)
            said = {phrases.recognition, phrases.recognition_group} & set(agenda.items[-1].steps)
            assert by_activity != bool(said)
