"""Fixed agendas: what a programme has written, word for word, and what the pair adds to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes import BagOfWordsEncoder
from invariants import broken

from content_library.load import HOME, load_library, read_library
from recommender.agendas.generate import generate_agenda
from recommender.agendas.plan import plan_sessions
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import LANGUAGES
from recommender.domain.case import Case
from recommender.domain.programme import Programme
from recommender.errors import InvalidInputError

Data = dict[str, Any]
LIBRARY = load_library()
RESOURCE = LIBRARY.active_resources[0].id


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(LIBRARY, BagOfWordsEncoder())


def item(kind: str, minutes: int, title: str, **text: Any) -> Data:
    return {"kind": kind, "minutes": minutes,
            "text": {"en": {"title": title, "prompts": [f"{title}?"], **text}}}


def session(**update: Any) -> Data:
    return {
        "text": {"en": {"purpose": "To begin well", "success_test": "It has begun",
                        "preparation": {"all": ["Bring paper."]}}},
        "items": [item("welcome", 10, "Hello"),
                  item("discussion", 30, "The work", steps=["Tell it. (20 min)", "Ask. (10 min)"]),
                  item("action_planning", 20, "What now")],
        **update,
    }


def programme(**agenda: Any) -> Data:
    return {"id": "own", "name": "Own", "purpose": "To learn", "success": "Learnt",
            "relation": "mentor", "sessions": 6,
            "agenda": {"mode": "fixed", "sessions": {1: session()}, **agenda}}


def case_of(plan: Data, **update: Any) -> Case:
    own = update.pop("session", {})
    return Case.model_validate({
        "programme": plan,
        "members": [{"role": "mentee", "profile": {"id": "p-1", "name": "Nkechi Okonjo"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}],
        "session": {"number": 1, "minutes": 60, "language": "en", **own}, **update})


def words(agenda: Agenda) -> list[tuple[str, list[str], list[str]]]:
    return [(one.title, one.prompts, one.steps) for one in agenda.items]


def test_it_is_kept_word_for_word(quick: Catalogue) -> None:
    """Purpose, test of success, preparation, titles, questions, steps and minutes as written."""
    case = case_of(programme())
    agenda = generate_agenda(case, quick)
    assert (agenda.purpose, agenda.success_test) == ("To begin well", "It has begun")
    assert words(agenda) == [
        ("Hello", ["Hello?"], []),
        ("The work", ["The work?"], ["Tell it. (20 min)", "Ask. (10 min)"]),
        ("What now", ["What now?"], [])]
    assert [one.minutes for one in agenda.items] == [10, 30, 20]
    assert agenda.preparation.all == ["Bring paper."]
    assert (agenda.mode, agenda.provenance.generator) == ("fixed", "programme")
    assert agenda.provenance.fallback is None
    assert agenda.confidence.missing == []
    assert broken(case, agenda) == []


def test_it_is_the_same_for_every_pair(quick: Catalogue) -> None:
    """Goals, skills and a focus area change nothing of it."""
    plain = generate_agenda(case_of(programme()), quick)
    other = generate_agenda(case_of(programme(), focus_area="leadership", goals=[
        {"id": "g1", "text": "Say no to one more task"}]), quick)
    assert words(plain) == words(other)


@pytest.mark.parametrize(("minutes", "expected", "step"), [
    (60, [10, 30, 20], "(20 min)"), (30, [5, 15, 10], "(10 min)"), (90, [15, 45, 30], "(30 min)"),
    (45, [8, 22, 15], "(15 min)"), (15, [3, 7, 5], "(5 min)"),
])
def test_minutes_stretch_in_proportion(
    quick: Catalogue, minutes: int, expected: list[int], step: str
) -> None:
    """Another length is shared out as the programme did; steps go with their item."""
    agenda = generate_agenda(case_of(programme(), session={"minutes": minutes}), quick)
    assert [one.minutes for one in agenda.items] == expected
    assert agenda.items[1].steps[0] == f"Tell it. {step}"


def test_open_actions_and_talking_points_have_their_place(quick: Catalogue) -> None:
    """They come after what is written: points in the item that carries, actions in the last."""
    case = case_of(
        programme(), session={"number": 1, "talking_points": [
            {"id": "t1", "text": "My deputy left on Monday"}]},
        history=[{"number": 1, "actions": [{"id": "a1", "text": "Ring the depot"}]}])
    agenda = generate_agenda(case, quick)
    assert agenda.items[1].prompts[0] == "The work?"
    assert "My deputy left on Monday" in agenda.items[1].prompts[1]
    assert [(one.id, one.item) for one in agenda.talking_points] == [("t1", "i2")]
    assert agenda.actions_carried == ["a1"]
    assert "Ring the depot" in agenda.items[2].steps[0]
    assert broken(case, agenda) == []


def test_open_actions_go_into_the_review_if_there_is_one(quick: Catalogue) -> None:
    """A written review lists them before its own steps and asks about the oldest one."""
    plan = programme(sessions={2: session(items=[
        item("action_review", 10, "Since then", steps=["Go round."]),
        *session()["items"][1:]])})
    case = case_of(plan, session={"number": 2}, history=[
        {"number": 1, "actions": [{"id": "a1", "text": "Ring the depot"}]}])
    first = generate_agenda(case, quick).items[0]
    assert first.steps == ["“Ring the depot”", "Go round."]
    assert first.prompts == ["Since then?", "“Ring the depot” What happened?"]


def test_nothing_is_lost_where_nothing_has_room(quick: Catalogue) -> None:
    """A full session defers the talking point, and prepares the open action."""
    full = {"prompts": ["a?", "b?", "c?", "d?"], "steps": ["1", "2", "3", "4", "5"]}
    items = [item(kind, 20, "T", **full) for kind in ("discussion", "exercise", "closing")]
    case = case_of(
        programme(sessions={1: session(items=items)}),
        session={"talking_points": [{"id": "t1", "text": "My deputy left on Monday"}]},
        history=[{"number": 1, "actions": [{"id": "a1", "text": "Ring the depot"}]}])
    agenda = generate_agenda(case, quick)
    assert agenda.talking_points[0].deferred
    assert agenda.actions_carried == ["a1"]
    assert any("Ring the depot" in line for line in agenda.preparation.all)
    assert words(agenda)[0] == ("T", full["prompts"], full["steps"])
    assert broken(case, agenda) == []


def test_the_milestone_is_asked_in_it(quick: Catalogue) -> None:
    """The questions stand before the last item; seven items leave them to the preparation."""
    plan = programme(sessions={6: session(), 3: session(items=[
        item("discussion", 6, f"Item {at}") for at in range(6)] + [item("closing", 10, "End")])})
    plan["milestones"] = [{"day": 60, "kind": "pulse"}, {"day": 180, "kind": "closing"}]
    case = case_of(plan, session={"number": 6})
    agenda = generate_agenda(case, quick)
    assert [one.pulse for one in agenda.items] == [None, None, "end", None]
    assert agenda.items[2].because[0].source == "programme"
    assert [one.id for one in agenda.items] == ["i1", "i2", "i3", "i4"]
    assert broken(case, agenda) == []
    full = generate_agenda(case_of(plan, session={"number": 3}), quick)
    assert len(full.items) == 7
    assert any("What have you tried at work" in line for line in full.preparation.mentee)
    assert any("How much of the talking" in line for line in full.preparation.mentor)


def test_resources_are_those_it_names(quick: Catalogue) -> None:
    """They come with title and address of the library; none where something needs a person."""
    plan = programme(sessions={1: session(resources=[{"id": RESOURCE, "use": "during"}])})
    agenda = generate_agenda(case_of(plan), quick)
    assert [(one.id, one.use) for one in agenda.resources] == [(RESOURCE, "during")]
    assert [one.resources for one in agenda.items] == [[], [RESOURCE], []]
    grave = case_of(plan, session={"talking_points": [
        {"id": "t1", "text": "My supervisor touched me and I am afraid of him."}]})
    assert generate_agenda(grave, quick).resources == []


def test_a_session_that_is_not_written_is_composed_and_says_so(quick: Catalogue) -> None:
    """Fixed still means the same for everybody: theme and focus area choose, nobody is quoted."""
    case = case_of(programme(themes={2: "delegation"}), session={"number": 2},
                   goals=[{"id": "g1", "text": "Say no to one more task on a Friday"}])
    agenda = generate_agenda(case, quick)
    assert agenda.provenance.generator == "composer"
    assert "has not written its session 2" in (agenda.provenance.fallback or "")
    assert "one more task" not in agenda.model_dump_json()
    assert broken(case, agenda) == []


def test_the_last_one_is_for_the_last_session_however_many_there_are(quick: Catalogue) -> None:
    """A pair that meets three times has the written first and last session, in that order."""
    last = session()
    last["text"]["en"]["purpose"] = "To end well"
    plan = programme(sessions={1: session(), 5: session(), 6: last})
    assert generate_agenda(case_of(plan, session={"number": 2, "of": 2}), quick).purpose == (
        "To end well")
    said = [generate_agenda(case_of(plan, session={"number": number, "of": 3}), quick).purpose
            for number in (1, 3)]
    assert said == ["To begin well", "To end well"]
    planned = plan_sessions(case_of(plan, session={"number": 1, "of": 3}), quick).sessions
    assert [(one.written, one.label) for one in planned][::2] == [
        (True, "To begin well"), (True, "To end well")]
    assert [one.written for one in planned] == [True, True, True]


def test_another_mode_leaves_it_alone(quick: Catalogue) -> None:
    """Guided and personalised compose; switching back gives the written session again."""
    case = case_of(programme(), mode="guided")
    assert generate_agenda(case, quick).provenance.generator == "composer"
    back = case.model_copy(update={"mode": "fixed"})
    assert generate_agenda(back, quick).purpose == "To begin well"


def test_a_member_s_name_is_taken_out(quick: Catalogue) -> None:
    """Word for word, but for the names of those who meet."""
    plan = programme(sessions={1: session(items=[
        item("welcome", 10, "Ask Nkechi first"), *session()["items"][1:]])})
    assert generate_agenda(case_of(plan), quick).items[0].title == "Ask the other person first"


def test_what_cannot_be_held_is_refused_with_the_mend(quick: Catalogue) -> None:
    """A language it is not written in, and minutes its items do not fit into."""
    with pytest.raises(InvalidInputError, match=r"session\.language: own has written its session "
                       r"1 in en, not in fr; add `fr`"):
        generate_agenda(case_of(programme(), session={"language": "fr"}), quick)
    many = programme(sessions={1: session(items=[
        *(item("discussion", 5, f"T{at}") for at in range(5)), item("closing", 5, "End")])})
    with pytest.raises(InvalidInputError, match=r"15 minutes cannot hold the 6 items .* 18 or "):
        generate_agenda(case_of(many, session={"minutes": 15}), quick)


@pytest.mark.parametrize(("change", "expected"), [
    ({"items": session()["items"][:2]}, "at least 3 items"),
    ({"items": session()["items"][::-1]}, "the last one is welcome; end with action_planning"),
    ({"items": [item("welcome", 4, "T", steps=["Tell it. (5 min)"]), *session()["items"][1:]]},
     "the steps take 5 of 4 minutes"),
    ({"text": {**session()["text"], "es": session()["text"]["en"]}},
     r"items\[0\]\.text is written in en, the session in en, es"),
    ({"items": [item("welcome", 10, "Write to team@own.example"), *session()["items"][1:]]},
     "holds an address or a number"),
    ({"items": [item("welcome", 10, "Ring +44 20 7946 0958"), *session()["items"][1:]]},
     "holds an address or a number"),
    ({"text": {}}, "at least 1 item"),
])
def test_what_is_written_badly_is_refused(change: Data, expected: str) -> None:
    """Each way to spoil a written session says what is wrong."""
    with pytest.raises(ValueError, match=expected):
        Programme.model_validate(programme(sessions={1: session(**change)}))


def test_a_session_past_the_end_is_refused() -> None:
    """Neither a written session nor a must-have may come after the last one."""
    for name, value in (("sessions", {7: session()}), ("must_have", {7: ["trust"]})):
        with pytest.raises(ValueError, match="names session 7, but the programme has 6"):
            Programme.model_validate(programme(**{name: value}))


def test_unknown_ids_of_a_case_s_own_programme_are_all_named(quick: Catalogue) -> None:
    """One error names every id that the library does not have, with its field."""
    items = session()["items"]
    items[0]["activity"] = "nowhere"
    plan = programme(
        sessions={1: session(items=items, resources=[{"id": "none", "use": "before"}])},
        must_have={2: ["nothing"]}, themes={3: "no-theme"})
    with pytest.raises(InvalidInputError) as caught:
        generate_agenda(case_of(plan), quick)
    assert [fault.field for fault in caught.value.faults] == [
        "programme.agenda.themes.3", "programme.agenda.must_have.2",
        "programme.agenda.sessions.1.items[0].activity",
        "programme.agenda.sessions.1.resources[0].id"]


def wanted(data: Data) -> str:
    data["agenda"]["must_have"] = {2: ["nowhere"]}
    return "agenda.must_have.2: 'nowhere' is no activity of this library"


def of_another_relation(data: Data) -> str:
    data["agenda"]["must_have"] = {2: ["circle-only-questions"]}
    return "agenda.must_have.2: 'circle-only-questions' is for group, the programme for mentor"


def no_such_activity(data: Data) -> str:
    data["agenda"]["sessions"][1]["items"][0]["activity"] = "nowhere"
    return "agenda.sessions.1.items[0].activity: 'nowhere' is no activity of this library"


def repeated(data: Data) -> str:
    data["agenda"]["repeat"] = ["nowhere"]
    return "agenda.repeat: 'nowhere' is no activity of this library"


@pytest.mark.parametrize("damage", [wanted, of_another_relation, no_such_activity, repeated],
                         ids=lambda damage: damage.__name__)
def test_the_library_check_finds_what_leads_nowhere(
    tmp_path: Path, damage: Callable[[Data], str]
) -> None:
    """Each reference of a programme's agenda that no session can hold is one fault of its file."""
    data = yaml.safe_load((HOME / "programmes" / "nextgen.yaml").read_text("utf-8"))
    expected = f"programmes/nextgen.yaml: {damage(data)}"
    overlay = tmp_path / "overlay"
    (overlay / "programmes").mkdir(parents=True)
    data["id"] = "own"
    (overlay / "programmes" / "own.yaml").write_text(yaml.safe_dump(data), "utf-8")
    _, faults = read_library(overlay=overlay)
    said = [str(one).replace(f"{overlay}/programmes/own", "programmes/nextgen") for one in faults]
    assert [one[: len(expected)] for one in said] == [expected]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_first_hour_is_written_in_every_language(
    quick: Catalogue, language: str
) -> None:
    """NextGen's first session is its own in all three, for an hour and for half of one."""
    for minutes in (60, 30):
        case = case_of({}, session={"language": language, "minutes": minutes}, programme="nextgen",
                       mode="fixed")
        agenda = generate_agenda(case, quick)
        assert agenda.provenance.generator == "programme"
        assert broken(case, agenda) == []
