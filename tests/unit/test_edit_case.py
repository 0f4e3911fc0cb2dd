"""Edits with the case at hand: other activities, the pair's own words, every check."""

from typing import Any

import pytest
from edits import ACTION, POINT, read
from invariants import as_bytes, broken

from recommender.agendas.edit import edit_agenda
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.errors import InvalidInputError


@pytest.fixture
def case(case_data: dict[str, Any]) -> Case:
    """Return a pair's second session, with two talking points and an open action."""
    case_data["members"][0]["profile"]["name"] = "Kwabena Osei"
    case_data["session"] = {
        "number": 2, "of": 6, "minutes": 45, "language": "en",
        "talking_points": [{"id": "t1", "text": f"{POINT}.", "by": "p-1"},
                           {"id": "t2", "text": "Who else will read what I say here?"}]}
    case_data["goals"] = [{"id": "g1", "text": "Send a report out as my analyst wrote it"}]
    case_data["history"] = [{"number": 1, "notes": "He rewrote three pages on Sunday.",
                             "actions": [{"id": "a1", "text": ACTION}]}]
    return Case.model_validate(case_data)


def test_a_regenerated_item_is_another_activity(case: Case, catalogue: Catalogue) -> None:
    """Its place, its id and the rest stay; again, it goes on to a third, not back to the first."""
    before = generate_agenda(case, catalogue)
    at = next(n for n, item in enumerate(before.items) if item.kind not in (
        "action_review", "action_planning", "reflection"))
    ops = read({"op": "regenerate", "item": before.items[at].id})
    activities = [before.items[at].activity]
    agenda = before
    for turn in range(1, 4):
        agenda = edit_agenda(agenda, ops, catalogue, case).agenda
        assert broken(case, agenda) == []
        assert agenda.items[at].id == before.items[at].id
        assert [item.activity for n, item in enumerate(agenda.items) if n != at] == [
            item.activity for n, item in enumerate(before.items) if n != at]
        activities.append(agenda.items[at].activity)
        assert len(set(activities)) == turn + 1
    assert agenda.provenance.set_aside == activities[:-1]
    assert agenda.provenance.edits == 3


def test_everything_unlocked_is_regenerated(case: Case, catalogue: Catalogue) -> None:
    """No activity stays but the locked one's, which stays byte for byte; actions and points too."""
    before = generate_agenda(case, catalogue)
    main = max(before.items, key=lambda item: item.minutes)
    edited = edit_agenda(
        before, read({"op": "lock", "item": main.id}, {"op": "regenerate"}), catalogue, case)
    for item, new in zip(before.items, edited.agenda.items, strict=True):
        if item.id == main.id:
            assert new == item.model_copy(update={"locked": True})
        else:
            assert new.activity != item.activity
            assert new.kind == item.kind or {new.kind, item.kind} <= {
                "discussion", "exercise", "role_play", "goal_setting", "feedback",
                "resource_debrief"}
    assert broken(case, edited.agenda) == []
    assert edited.agenda.purpose == before.purpose


def test_minutes_asked_for_stay_when_all_is_regenerated(case: Case, catalogue: Catalogue) -> None:
    """The new activity takes over what its place was given."""
    before = generate_agenda(case, catalogue)
    main = max(before.items, key=lambda item: item.minutes)
    ops = read({"op": "retime", "item": main.id, "minutes": 14}, {"op": "regenerate"})
    after = edit_agenda(before, ops, catalogue, case).agenda
    item = next(item for item in after.items if item.id == main.id)
    assert (item.minutes, item.activity == main.activity) == (14, False)


def test_choosing_begins_anew_where_nothing_else_is_left(case: Case, catalogue: Catalogue) -> None:
    """What gave way may come back, but not what stands there."""
    before = generate_agenda(case, catalogue)
    last = before.items[-1]
    every = [one.id for one in catalogue.library.activities.values() if one.kind == last.kind]
    given = before.model_copy(update={
        "provenance": before.provenance.model_copy(update={"set_aside": every})})
    after = edit_agenda(given, read({"op": "regenerate", "item": last.id}), catalogue, case).agenda
    assert after.items[-1].activity in set(every) - {last.activity}


def test_two_places_of_one_kind_get_two_activities(case: Case, catalogue: Catalogue) -> None:
    """Two check-ins that somebody wrote become two of the library's."""
    own = {"op": "add", "kind": "check_in", "minutes": 4, "prompts": ["And you?"], "to": 1}
    ops = read({**own, "title": "First", "item": "one"}, {**own, "title": "Second", "item": "two"},
               {"op": "regenerate"})
    after = edit_agenda(generate_agenda(case, catalogue), ops, catalogue, case).agenda
    found = {item.activity for item in after.items if item.id in ("one", "two")}
    assert len(found) == 2
    assert None not in found


def test_actions_stay_in_the_place_that_holds_them(case: Case, catalogue: Catalogue) -> None:
    """Where the review left and the end was locked, another item holds them, and goes on to."""
    before = generate_agenda(case, catalogue)
    review = next(item for item in before.items if item.kind == "action_review")
    ops = read({"op": "lock", "item": before.items[-1].id},
               {"op": "add", "kind": "exercise", "title": "Mine", "minutes": 6, "item": "mine",
                "prompts": ["Why?"]}, {"op": "remove", "item": review.id}, {"op": "regenerate"})
    after = edit_agenda(before, ops, catalogue, case).agenda
    holder = next(item for item in after.items
                  if any(reason.source == "action" for reason in item.because))
    assert not holder.locked
    assert any(f"“{ACTION}”" in step for step in holder.steps)
    assert broken(case, after) == []


def test_purpose_in_other_words_is_told_anew_with_the_main_item(
    case: Case, catalogue: Catalogue
) -> None:
    """A model's sentence about an activity that gave way would mislead."""
    before = generate_agenda(case, catalogue).model_copy(update={"purpose": "Write it, at last."})
    main = max(before.items, key=lambda item: item.minutes)
    after = edit_agenda(before, read({"op": "regenerate", "item": main.id}), catalogue, case).agenda
    new = next(item for item in after.items if item.id == main.id)
    assert after.purpose.startswith(
        str(catalogue.library.activities[new.activity or ""].text["en"].purpose))


def test_what_the_library_has_no_other_of_stays(case: Case, catalogue: Catalogue) -> None:
    """There is one reflection for a session with turned roles: asked for by itself, it says so."""
    turned = case.model_copy(update={"session": case.session.model_copy(
        update={"number": 3, "minutes": 75})})
    before = generate_agenda(turned, catalogue)
    alone = next(item for item in before.items if item.kind == "reflection")
    edited = edit_agenda(before, read({"op": "regenerate"}), catalogue, turned)
    assert [item.id for item in edited.agenda.items if item in before.items] == [alone.id]
    with pytest.raises(InvalidInputError, match="the library has nothing else for"):
        edit_agenda(before, read({"op": "regenerate", "item": alone.id}), catalogue, turned)


def test_the_purpose_follows_a_regenerated_main_item(case: Case, catalogue: Catalogue) -> None:
    """It begins with what the new main item is for."""
    edited = edit_agenda(generate_agenda(case, catalogue), read({"op": "regenerate"}), catalogue,
                         case)
    openings = [catalogue.library.activities[item.activity or ""].text["en"].purpose
                for item in edited.agenda.items]
    assert any(edited.agenda.purpose.startswith(one) for one in openings if one)


def test_every_check_runs_where_the_case_is_known(case: Case, catalogue: Catalogue) -> None:
    """A member's name and a talking point's words in a second place are refused too."""
    before = generate_agenda(case, catalogue)
    holder = next(place.item for place in before.talking_points if place.id == "t1")
    other = next(item.id for item in before.items if item.id != holder)

    def refused(op: dict[str, Any]) -> str:
        with pytest.raises(InvalidInputError) as error:
            edit_agenda(before, read(op), catalogue, case)
        return str(error.value)

    assert "ops[0].title: names a member; write the role" in refused(
        {"op": "rename", "item": other, "title": "What Kwabena wants"})
    assert "t1 is said in" in refused(
        {"op": "replace_prompts", "item": other, "prompts": [f"{POINT}?", "And then?"]})
    edited = edit_agenda(before, read({"op": "lock", "item": other}), catalogue, case)
    assert {"talking_points_said_once", "no_personal_data"} <= {
        check.name for check in edited.agenda.provenance.checks}


def test_another_case_is_refused(case: Case, catalogue: Catalogue) -> None:
    """One pair's words never reach the agenda of another; how it was asked for is no matter."""
    before = generate_agenda(case, catalogue)
    ops = read({"op": "regenerate"})
    asked = case.model_copy(update={"generator": "composer", "mode": before.mode})
    assert edit_agenda(before, ops, catalogue, asked).agenda.id != before.id
    other = case.model_copy(update={"focus_area": "leadership"})
    with pytest.raises(InvalidInputError, match="case: is not the case that this agenda was made"):
        edit_agenda(before, ops, catalogue, other)
    assert as_bytes(before) == as_bytes(generate_agenda(case, catalogue))


def test_an_activity_that_turns_on_a_talking_point_takes_one_that_waits(
    case: Case, catalogue: Catalogue
) -> None:
    """Its own question quotes it; where every point has its place, it is refused."""
    before = generate_agenda(case, catalogue)
    op = {"op": "add", "activity": next(
        one for one in ("told-back-from-their-chair", "heard-out-then-one-question-deeper")
        if all(item.activity != one for item in before.items)), "item": "new"}
    with pytest.raises(InvalidInputError, match="turns on a talking point, and each of them has"):
        edit_agenda(before, read(op), catalogue, case)
    holder = next(place.item for place in before.talking_points if place.id == "t1")
    others = [{"op": "lock", "item": item.id} for item in before.items if item.id != holder]
    edited = edit_agenda(
        before, read(*others, {"op": "remove", "item": holder}, op), catalogue, case).agenda
    assert broken(case, edited) == []
    taken = [place.id for place in edited.talking_points if place.item == "new"]
    assert len(taken) == 1
    item = next(item for item in edited.items if item.id == "new")
    said = {"t1": POINT, "t2": "Who else will read what I say here"}[taken[0]]
    assert any(said in line for line in (*item.prompts, *item.steps))


def test_an_activity_whose_words_the_case_does_not_hold_is_refused(
    case: Case, catalogue: Catalogue
) -> None:
    """Nobody offers anything here."""
    with pytest.raises(InvalidInputError, match=r"speaks of \$offer, which this case does not"):
        edit_agenda(generate_agenda(case, catalogue),
                    read({"op": "add", "activity": "what-no-course-teaches"}), catalogue, case)


def test_an_activity_is_added_in_the_pairs_words(case: Case, catalogue: Catalogue) -> None:
    """With the case it says which needs it serves, and may quote."""
    before = generate_agenda(case, catalogue)
    edited = edit_agenda(before, read({"op": "add", "activity": "begin-it-here"}), catalogue, case)
    item = edited.agenda.items[-2]
    assert {reason.source for reason in item.because} > {"activity"}
    assert broken(case, edited.agenda) == []
