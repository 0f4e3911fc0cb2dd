"""Items that come and go: what they carried, and what follows."""

from typing import Any

import pytest
from edits import (
    ACTION,
    POINT,
    Edit,
    Refusal,
    change,
    editing,
    items_of,
    make_agenda,
    minutes_of,
    read,
    refusing,
)

from content_library.load import Library
from recommender.agendas.edit import edit_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Preparation, Reason, TalkingPointPlace


@pytest.fixture
def agenda(library: Library) -> Agenda:
    """Return an agenda made by hand."""
    return make_agenda(library)


@pytest.fixture
def edit(agenda: Agenda, catalogue: Catalogue) -> Edit:
    """Return a function that edits it without its case."""
    return editing(agenda, catalogue)


@pytest.fixture
def refusal(agenda: Agenda, catalogue: Catalogue) -> Refusal:
    """Return a function that gives the words of a refusal, once nothing has changed."""
    return refusing(agenda, catalogue)


# Removing


def test_a_removed_items_actions_go_to_the_end(edit: Edit) -> None:
    """The last item carries them, and names them in a step."""
    edited = edit({"op": "remove", "item": "i1"})
    last = edited.agenda.items[-1]
    assert Reason(source="action", id="a1") in last.because
    assert f"Still open, keep, shrink or drop: “{ACTION}”" in last.steps
    assert edited.agenda.actions_carried == ["a1"]
    assert sum(minutes_of(edited)) == 45


def test_a_removed_items_talking_point_goes_to_the_next_best(edit: Edit) -> None:
    """Another main item holds it and asks about it in its author's words."""
    edited = edit({"op": "remove", "item": "i2"})
    place = edited.agenda.talking_points[0]
    assert (place.id, place.item) == ("t1", "i3")
    assert items_of(edited)["i3"].prompts[0] == (
        f"“{POINT}” What have you not said about it yet?")
    assert Reason(source="talking_point", id="t1") in items_of(edited)["i3"].because


def test_two_points_keep_their_words(edit: Edit, agenda: Agenda) -> None:
    """The long item takes both; the second is also on the table, as it was."""
    two = [agenda.items[1].prompts[0],
           "Also on the table: “Who reads it?”"]
    items = [item.model_copy(update={"prompts": two}) if item.id == "i2" else item
             for item in agenda.items]
    places = [*agenda.talking_points, TalkingPointPlace(id="t2", item="i2")]
    given = agenda.model_copy(update={"items": items, "talking_points": places})
    edited = edit({"op": "remove", "item": "i2"}, to=given)
    assert items_of(edited)["i3"].prompts[:2] == two
    assert [place.item for place in edited.agenda.talking_points] == ["i3", "i3"]


@pytest.mark.parametrize(("minutes", "place"), [(17, None), (18, "i3")])
def test_a_short_item_holds_one_talking_point(
    edit: Edit, agenda: Agenda, minutes: int, place: str | None
) -> None:
    """From 18 minutes on there is room for a second."""
    update = {"i2": {"minutes": 31 - minutes}, "i3": {"minutes": minutes}}
    items = [item.model_copy(update=update.get(item.id, {})) for item in agenda.items]
    places = [*agenda.talking_points, TalkingPointPlace(id="t2", item="i3")]
    given = agenda.model_copy(update={"items": items, "talking_points": places})
    edited = edit({"op": "remove", "item": "i2"}, to=given)
    assert edited.agenda.talking_points[0].item == place


def test_the_item_takes_it_that_the_words_speak_of(
    edit: Edit, agenda: Agenda, library: Library
) -> None:
    """Two are as long; the one whose words the talking point shares holds it."""
    told = library.activities["begin-it-here"].text["en"].purpose
    prompts = [f"“{told}” What have you not said about it yet?"]
    items = [item.model_copy(update={"prompts": prompts}) if item.id == "i2" else item
             for item in agenda.items]
    edited = edit({"op": "add", "activity": "begin-it-here", "minutes": 11},
                  {"op": "remove", "item": "i2"}, to=agenda.model_copy(update={"items": items}))
    assert edited.agenda.talking_points[0].item == "i5"


def test_a_full_item_makes_room_for_what_it_takes(edit: Edit, agenda: Agenda) -> None:
    """Of four questions the last that quotes nobody gives way, of five steps the last."""
    full = {"i3": {"prompts": ["One?", "Two?", "Three?", "“Mine” Whose?"]},
            "i4": {"steps": ["A.", "B.", "C.", "D.", "E."]}}
    items = [item.model_copy(update=full.get(item.id, {})) for item in agenda.items]
    edited = edit({"op": "remove", "item": "i2"}, {"op": "remove", "item": "i1"},
                  {"op": "add", "activity": "check-in-what-came-back", "to": 1},
                  to=agenda.model_copy(update={"items": items}))
    own = items_of(edited)
    assert own["i3"].prompts[1:] == ["One?", "Two?", "“Mine” Whose?"]
    assert own["i4"].steps[:4] == ["A.", "B.", "C.", "D."]
    assert own["i4"].steps[4].startswith("Still open")


def test_actions_move_on_with_the_step_that_names_them(edit: Edit) -> None:
    """From the review to the end, and from that end to the next one."""
    edited = edit({"op": "remove", "item": "i1"}, {"op": "remove", "item": "i4"},
                  {"op": "add", "activity": "plan-first-48-hours", "after": "i3"},
                  {"op": "remove", "item": "i3"},
                  {"op": "add", "activity": "check-in-what-came-back", "to": 1})
    held = [item for item in edited.agenda.items
            if Reason(source="action", id="a1") in item.because]
    assert len(held) == 1
    assert f"Still open, keep, shrink or drop: “{ACTION}”" in held[0].steps


def test_a_point_that_the_purpose_names_is_still_known(edit: Edit, agenda: Agenda) -> None:
    """Its words go with it; and the purpose names it no longer once it has to wait."""
    purpose = f"{agenda.purpose.split(' The goal')[0]} On the table: “{POINT}”."
    given = agenda.model_copy(update={"purpose": purpose})
    edited = edit({"op": "remove", "item": "i2"}, to=given)
    assert POINT in items_of(edited)["i3"].prompts[0]
    assert edited.agenda.purpose == purpose
    waits = edit({"op": "lock", "item": "i3"}, {"op": "remove", "item": "i2"}, to=given)
    assert waits.agenda.talking_points[0].item is None
    assert waits.agenda.purpose == purpose.split(" On the table")[0]


def test_words_nobody_can_tell_are_not_guessed(edit: Edit, agenda: Agenda) -> None:
    """Where two sentences are quoted and one is the point's, the new place asks for it instead."""
    two = [*agenda.items[1].prompts, "“It always ends in tears” Who said so?"]
    items = [item.model_copy(update={"prompts": two}) if item.id == "i2" else item
             for item in agenda.items]
    edited = edit({"op": "remove", "item": "i2"}, to=agenda.model_copy(update={"items": items}))
    assert items_of(edited)["i3"].prompts[0].startswith("One of you brought something")


@pytest.mark.parametrize(("number", "words"), [(3, "was taken out"), (6, "The last session")])
def test_a_talking_point_without_room_waits(
    edit: Edit, agenda: Agenda, number: int, words: str
) -> None:
    """It is put off with a reason; in the last session the pair chooses whom to take it to."""
    session = agenda.session.model_copy(update={"number": number})
    locked = [item.model_copy(update={"locked": item.id == "i3"}) for item in agenda.items]
    given = agenda.model_copy(update={"session": session, "items": locked})
    edited = edit({"op": "remove", "item": "i2"}, to=given)
    assert edited.agenda.talking_points[0].item is None
    assert words in str(edited.agenda.talking_points[0].deferred)
    assert items_of(edited)["i3"] == given.items[2]


def test_purpose_success_and_preparation_follow_the_main_item(
    edit: Edit, agenda: Agenda, library: Library
) -> None:
    """They begin with the new main item's sentences; what stood behind them stays."""
    edited = edit({"op": "remove", "item": "i3"})
    text = library.activities["silence-after-criticism"].text["en"]
    assert edited.agenda.purpose == f"{text.purpose} The goal behind it: “Sleep on Sundays”."
    assert edited.agenda.success_test == f"{text.success} In the weeks after, it shows when " \
                                         "you sleep."
    assert edited.agenda.preparation.mentor == []
    assert edited.agenda.preparation.mentee == agenda.preparation.mentee
    assert change(edited, "follow", None, "purpose").before == agenda.purpose


def test_purpose_in_other_words_goes_with_the_longest_item(
    edit: Edit, agenda: Agenda, library: Library
) -> None:
    """A model's own words stay as long as that item does; then the next main item speaks."""
    given = agenda.model_copy(update={"purpose": "Write it, at last.", "success_test": "Written."})
    assert edit({"op": "remove", "item": "i2"}, to=given).agenda.purpose == "Write it, at last."
    edited = edit({"op": "remove", "item": "i3"}, to=given).agenda
    text = library.activities["silence-after-criticism"].text["en"]
    assert (edited.purpose, edited.success_test) == (text.purpose, text.success)


def test_ones_own_main_item_gives_the_purpose_its_title(edit: Edit) -> None:
    """Where no activity is left to say what the session is for, the item's own title does."""
    edited = edit({"op": "remove", "item": "i3"}, {"op": "remove", "item": "i2"},
                  {"op": "add", "kind": "role_play", "title": "Rehearse the call", "minutes": 20,
                   "prompts": ["What do you say first?"], "item": "mine"})
    assert edited.agenda.purpose.startswith("Rehearse the call. The goal behind it")
    assert "“Rehearse the call”" in edited.agenda.success_test
    renamed = edit({"op": "add", "activity": "begin-it-here"},
                   {"op": "rename", "item": "mine", "title": "Rehearse the talk"},
                   to=edited.agenda)
    assert renamed.agenda.purpose.startswith("Rehearse the talk. The goal")


def test_an_activity_says_better_what_a_session_is_for(edit: Edit, library: Library) -> None:
    """An item of one's own speaks only where no activity is left, however long it is."""
    edited = edit({"op": "add", "kind": "role_play", "title": "Rehearse the call", "minutes": 20,
                   "prompts": ["What do you say first?"]}, {"op": "remove", "item": "i3"})
    assert edited.agenda.purpose.startswith(
        str(library.activities["silence-after-criticism"].text["en"].purpose))


def test_the_only_main_item_cannot_go(refusal: Refusal) -> None:
    """An agenda without a main item has no purpose."""
    said = refusal({"op": "remove", "item": "i2"}, {"op": "remove", "item": "i3"},
                   {"op": "add", "activity": "check-in-what-came-back", "to": 1})
    assert "i3 is what the session is for; add another main item" in said


def test_too_few_items_are_refused(refusal: Refusal) -> None:
    """Three items at least, from 25 minutes on."""
    assert "leaves 2 items; 45 minutes need 3" in refusal(
        {"op": "remove", "item": "i1"}, {"op": "remove", "item": "i2"})


def test_actions_need_an_item_that_may_change(refusal: Refusal) -> None:
    """With every other item locked, nobody can take the open actions."""
    said = refusal(*({"op": "lock", "item": f"i{n}"} for n in (2, 3, 4)),
                   {"op": "remove", "item": "i1"})
    assert said.startswith("ops[3].item: i1 carries open actions and every other item is locked")


def test_a_resource_that_is_gone_leaves_with_its_line(
    edit: Edit, agenda: Agenda, library: Library
) -> None:
    """A resource that was retired since does not stand in the way of an edit."""
    gone = next(one for one in library.resources.values() if one.status == "retired")
    use = {"id": gone.id, "title": gone.title, "url": gone.url, "minutes": 5, "language": "en",
           "format": "article", "use": "before", "for": ["mentee"], "reason": "It helps."}
    data = agenda.model_dump(mode="json", by_alias=True)
    data["resources"] = [use]
    data["preparation"]["mentee"].append(f"{gone.title}, before you meet. (5 min)")
    edited = edit({"op": "lock", "item": "i1"}, to=Agenda.model_validate(data))
    assert edited.agenda.resources == []
    assert edited.agenda.preparation.mentee == ["Have ready how it went."]


@pytest.mark.parametrize("named", [True, False])
def test_a_resource_for_an_item_leaves_with_it(
    edit: Edit, agenda: Agenda, library: Library, named: bool
) -> None:
    """One that another item uses too stays, under the library's title of today."""
    own = next(one for one in library.resources.values() if one.status == "active")
    data = agenda.model_dump(mode="json", by_alias=True)
    data["resources"] = [
        {"id": own.id, "title": "As it was called", "url": own.url, "minutes": 5, "language": "en",
         "format": "article", "use": "during", "for": ["mentee"], "reason": "It helps."}]
    data["items"][1]["resources"] = [own.id]
    data["items"][3]["resources"] = [own.id] if named else []
    edited = edit({"op": "remove", "item": "i2"}, to=Agenda.model_validate(data))
    assert [use.title for use in edited.agenda.resources] == ([own.title] if named else [])


# Adding


def test_an_activity_is_added_in_the_librarys_words(edit: Edit, library: Library) -> None:
    """It comes before the last item, takes its ideal minutes or fewer, and says why it is there."""
    edited = edit({"op": "add", "activity": "begin-it-here"})
    item = edited.agenda.items[-2]
    text = library.activities["begin-it-here"].text["en"]
    assert (item.id, item.title, item.activity) == ("i5", text.title, "begin-it-here")
    assert item.because == [Reason(source="activity", id="begin-it-here")]
    assert sum(minutes_of(edited)) == 45
    assert set(text.preparation.mentee) <= set(edited.agenda.preparation.mentee)
    assert change(edited, "add", "i5", "item").before is None


def test_an_item_of_ones_own_is_added(edit: Edit) -> None:
    """Its minutes are as asked, its steps kept within them, and later operations can name it."""
    edited = edit(
        {"op": "add", "item": "mine", "kind": "exercise", "title": "Draw it", "minutes": 6,
         "prompts": ["What is in the middle?"], "steps": ["Draw. (9 min)"], "to": 1},
        {"op": "lock", "item": "mine"})
    first = edited.agenda.items[0]
    assert (first.id, first.minutes, first.lead, first.locked) == ("mine", 6, "all", True)
    assert first.steps == ["Draw. (6 min)"]
    assert first.because == [Reason(source="stage", id="working")]


def test_a_short_item_asks_fewer_questions(edit: Edit, library: Library) -> None:
    """Two up to six minutes, as in a composed agenda."""
    edited = edit({"op": "add", "activity": "begin-it-here", "minutes": 6})
    assert len(library.activities["begin-it-here"].text["en"].prompts) > 2
    assert len(edited.agenda.items[-2].prompts) == 2


def test_between_peers_nobody_is_called_mentor_or_mentee(
    edit: Edit, refusal: Refusal, agenda: Agenda, library: Library
) -> None:
    """One of the two opens what a mentee opens elsewhere; preparation is for both."""
    given = agenda.model_copy(update={
        "items": [item.model_copy(update={"lead": "peer"}) for item in agenda.items],
        "preparation": Preparation()})
    assert library.activities["begin-it-here"].lead == "mentee"
    edited = edit({"op": "add", "activity": "begin-it-here"}, to=given)
    assert edited.agenda.items[-2].lead == "peer"
    own = library.activities["begin-it-here"].text["en"].preparation
    assert edited.agenda.preparation.all == [*own.mentee, *own.mentor, *own.all]
    mine = {"op": "add", "kind": "exercise", "title": "Mine", "minutes": 5, "prompts": ["Why?"]}
    assert "ops[0].lead: nobody here is called mentee; write peer or all" in refusal(
        {**mine, "lead": "mentee"}, to=given)


def test_the_same_is_added_in_another_language(catalogue: Catalogue, agenda: Agenda) -> None:
    """The library's words come in the agenda's language."""
    french = agenda.model_copy(update={"language": "fr"})
    edited = edit_agenda(french, read({"op": "add", "activity": "begin-it-here"}), catalogue)
    text = catalogue.library.activities["begin-it-here"].text["fr"]
    assert edited.agenda.items[-2].title == text.title


@pytest.mark.parametrize(("op", "words"), [
    ({"activity": "begin-it-her"}, "ops[0].activity: 'begin-it-her' is no activity of the "
                                   "library; did you mean 'begin-it-here'?"),
    ({"activity": "plan-one-in-one-out"}, "ops[0].activity: 'plan-one-in-one-out' stands in i4"),
    ({"activity": "begin-it-here", "item": "i2"}, "ops[0].item: 'i2' is or was another item"),
    ({"activity": "begin-it-here", "to": 7}, "ops[0].to: place 7 is past the end; 1 to 5"),
    ({"activity": "begin-it-here", "minutes": 40}, "ops[0]: 40 of 45 minutes"),
])
def test_what_cannot_be_added_is_refused(
    refusal: Refusal, op: dict[str, Any], words: str
) -> None:
    """An unknown or standing activity, an id that is taken, a place or minutes that do not do."""
    assert words in refusal({"op": "add", **op})


def test_more_than_seven_items_are_refused(refusal: Refusal) -> None:
    """The last one added is named."""
    own = {"op": "add", "kind": "exercise", "title": "Mine", "minutes": 3, "prompts": ["Why?"]}
    assert refusal(own, own, own, own) == (
        "ops[3]: makes 8 items; at most 7 allowed, remove one")


def test_an_activity_with_slots_needs_the_case(
    refusal: Refusal, library: Library
) -> None:
    """Its words would have a gap."""
    slotted = next(one.id for one in library.activities.values() if one.needs)
    assert "which only the case holds; give the case too" in refusal(
        {"op": "add", "activity": slotted})
