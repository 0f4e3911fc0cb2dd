"""Operations on an agenda: minutes, order, words, locks, and the whole."""

from typing import Any

import pytest
from edits import (
    Edit,
    Refusal,
    change,
    editing,
    items_of,
    make_agenda,
    minutes_of,
    refusing,
)

from content_library.load import Library
from recommender.agendas.edit import id_of
from recommender.agendas.own_words import Reader
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import LANGUAGES


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


# Minutes


def test_a_retimed_item_keeps_what_was_asked(edit: Edit) -> None:
    """The others share the rest in proportion, and the sum stays the session's."""
    edited = edit({"op": "retime", "item": "i3", "minutes": 26})
    assert minutes_of(edited) == [4, 9, 26, 6]
    assert change(edited, "retime", "i3", "minutes").after == 26
    assert change(edited, "rebalance", "i2", "minutes").before == 12


def test_two_items_may_be_retimed_in_one_edit(edit: Edit) -> None:
    """Each keeps its own; what is left goes to the items nobody named."""
    edited = edit({"op": "retime", "item": "i3", "minutes": 25},
                  {"op": "retime", "item": "i2", "minutes": 8})
    assert minutes_of(edited)[1:3] == [8, 25]
    assert sum(minutes_of(edited)) == 45


def test_locked_items_keep_their_minutes(edit: Edit) -> None:
    """Only unlocked items give way."""
    edited = edit({"op": "lock", "item": "i1"}, {"op": "lock", "item": "i2"},
                  {"op": "retime", "item": "i3", "minutes": 22})
    assert minutes_of(edited) == [6, 12, 22, 5]


def test_steps_keep_to_their_items_minutes(edit: Edit, library: Library) -> None:
    """Timed steps are fitted to the new minutes, and come back as they were when these do."""
    own = library.activities["plan-one-in-one-out"]
    first = edit({"op": "retime", "item": "i4", "minutes": own.minutes.ideal})
    assert items_of(first)["i4"].steps == own.text["en"].steps
    short = edit({"op": "retime", "item": "i4", "minutes": 3}, to=first.agenda)
    assert items_of(short)["i4"].steps != own.text["en"].steps
    long = edit({"op": "retime", "item": "i4", "minutes": own.minutes.ideal}, to=short.agenda)
    assert items_of(long)["i4"] == items_of(first)["i4"]


def test_minutes_that_sum_already_stay(edit: Edit) -> None:
    """An edit that leaves the sum alone touches nobody's minutes."""
    edited = edit({"op": "retime", "item": "i1", "minutes": 5},
                  {"op": "retime", "item": "i2", "minutes": 13})
    assert minutes_of(edited) == [5, 13, 19, 8]


def test_too_many_minutes_are_refused(refusal: Refusal) -> None:
    """The message counts what is left, and says how many minutes less would do."""
    said = refusal({"op": "rename", "item": "i1", "title": "Steps"},
                   {"op": "retime", "item": "i3", "minutes": 40})
    assert said.startswith("ops[1]: 40 of 45 minutes are locked or asked for")
    assert "ask for 4 minutes less" in said


def test_minutes_that_cannot_sum_are_refused(refusal: Refusal) -> None:
    """With every item given its minutes, these have to sum."""
    said = refusal(*({"op": "retime", "item": f"i{n}", "minutes": 11} for n in range(1, 5)))
    assert said.startswith("ops[3]: every item is locked or has its minutes given")
    assert "44 of 45" in said


# Order


@pytest.mark.parametrize(("where", "order"), [
    ({"to": 1}, ["i3", "i1", "i2", "i4"]),
    ({"to": 3}, ["i1", "i2", "i3", "i4"]),
    ({"before": "i2"}, ["i1", "i3", "i2", "i4"]),
    ({"after": "i1"}, ["i1", "i3", "i2", "i4"]),
    ({"before": "i4"}, ["i1", "i2", "i3", "i4"]),
])
def test_an_item_moves(edit: Edit, where: dict[str, Any], order: list[str]) -> None:
    """To a place counted from 1, or next to another item; ids and words stay its own."""
    edited = edit({"op": "move", "item": "i3", **where})
    assert [item.id for item in edited.agenda.items] == order
    if order.index("i3") == 2:
        assert edited.diff == []
    else:
        moved = change(edited, "move", "i3", "position")
        assert (moved.before, moved.after) == (3, order.index("i3") + 1)
        assert len(edited.diff) == 1


@pytest.mark.parametrize(("where", "words"), [
    ({"to": 5}, "ops[0].to: place 5 is past the end; 1 to 4"),
    ({"to": 4}, "ops[0]: i3 would come last, and an agenda ends in action_planning or closing"),
    ({"after": "i4"}, "ops[0]: i3 would come last"),
    ({"before": "i3"}, "ops[0].before: an item cannot go next to itself"),
    ({"after": "i9"}, "ops[0].after: 'i9' is no item of this agenda; it has i1, i2, i3, i4"),
])
def test_places_that_do_not_do_are_refused(
    refusal: Refusal, where: dict[str, Any], words: str
) -> None:
    """Past the end, next to itself or to nobody, or after the item that ends the session."""
    assert words in refusal({"op": "move", "item": "i3", **where})


def test_the_end_may_be_replaced(edit: Edit) -> None:
    """What counts is the order at the end, not on the way."""
    edited = edit({"op": "remove", "item": "i4"},
                  {"op": "add", "activity": "plan-first-48-hours", "after": "i3"})
    assert edited.agenda.items[-1].activity == "plan-first-48-hours"


# Words


def test_a_title_and_questions_are_replaced(edit: Edit) -> None:
    """Whitespace is made plain; the activity and the reasons stay."""
    edited = edit({"op": "rename", "item": "i2", "title": "  After the\ncriticism "},
                  {"op": "replace_prompts", "item": "i2", "prompts": ["What was said?"]})
    item = items_of(edited)["i2"]
    assert (item.title, item.prompts) == ("After the criticism", ["What was said?"])
    assert item.activity == "silence-after-criticism"
    assert change(edited, "rename", "i2", "title").after == "After the criticism"


@pytest.mark.parametrize(("text", "words"), [
    ("Write to ana.b@carewell.example", "holds an e-mail address"),
    ("Ring +44 20 7946 0958 first", "holds a phone number"),
    ("Say it <b>loud</b>", "holds HTML"),
    ("Look <img src=x onerror=alert(1)", "holds HTML"),
    ("Look &lt;here", "holds HTML"),
    ("Read https://example.org/a", "holds a link"),
    ("Read www.example.org", "holds a link"),
    ("Read example.com today", "holds a link"),
    ("Read [this](x)", "holds a link"),
    ("Try javascript:alert(1)", "holds a link"),
    ("What of $goal?", "holds $goal"),
    ("I want to kill myself", "speaks of something that is for a person and not for an agenda"),
    ("¿Qué es lo que todavía no has dicho de esto a tu equipo?", "looks like Spanish"),
])
def test_what_may_not_be_written_is_refused(
    refusal: Refusal, text: str, words: str
) -> None:
    """Plain text only, in the agenda's language, and nothing that is for a person."""
    assert f"ops[0].title: {words}" in refusal({"op": "rename", "item": "i2", "title": text})
    assert f"ops[0].prompts[1]: {words}" in refusal(
        {"op": "replace_prompts", "item": "i2", "prompts": ["What then?", text]})
    assert f"ops[0].steps[0]: {words}" in refusal(
        {"op": "add", "kind": "exercise", "title": "Mine", "minutes": 5, "prompts": ["Why?"],
         "steps": [text]})


def test_nothing_that_the_library_says_would_be_refused(catalogue: Catalogue) -> None:
    """None of its lines is taken for a link, a number, or another language."""
    wrong = []
    for language in LANGUAGES:
        reader = Reader(language, catalogue.hand_off_rules, None)
        for activity in catalogue.library.activities.values():
            text = activity.text[language]
            wrong += [(line, fault) for line in (text.title, *text.prompts)
                      if "$" not in line and (fault := reader.fault_in(line)) is not None]
    assert wrong == []


@pytest.mark.parametrize("text", [
    "What is 5 < 6 to you, and R&D?", "Who pays the $5?", "Plan B: Excel, Power BI, and/or paper",
    "What happened on 2026-12-03?", "Why not e.g. a walk?", "I <3 this", "¿Por qué?",
])
def test_plain_text_is_taken_as_it_is(edit: Edit, text: str) -> None:
    """Signs, dates, names of tools and short words of another language are no reason to refuse."""
    assert items_of(edit({"op": "rename", "item": "i2", "title": text}))["i2"].title == text


def test_nothing_is_said_twice(refusal: Refusal) -> None:
    """A question may not repeat another, or the title, in other letters."""
    assert "would say 'why?' twice" in refusal(
        {"op": "replace_prompts", "item": "i2", "prompts": ["Why?", "WHY?"]})
    assert "twice" in refusal({"op": "rename", "item": "i2", "title": "What then?"})


# Locking


@pytest.mark.parametrize("op", [
    {"op": "retime", "minutes": 7}, {"op": "move", "to": 1}, {"op": "rename", "title": "New"},
    {"op": "replace_prompts", "prompts": ["Why?"]}, {"op": "remove"}, {"op": "regenerate"},
])
def test_a_locked_item_refuses(refusal: Refusal, op: dict[str, Any]) -> None:
    """Every operation on it, until it is unlocked."""
    assert refusal({"op": "lock", "item": "i2"}, {**op, "item": "i2"}) == (
        "ops[1].item: i2 is locked; unlock it first")


def test_locking_twice_changes_nothing_more(edit: Edit, agenda: Agenda) -> None:
    """The same id, no difference; unlocking gives the item back as it was."""
    once = edit({"op": "lock", "item": "i2"})
    assert items_of(once)["i2"].locked
    twice = edit({"op": "lock", "item": "i2"}, to=once.agenda)
    assert (twice.agenda, twice.diff) == (once.agenda, [])
    back = edit({"op": "unlock", "item": "i2"}, to=once.agenda)
    assert back.agenda.items == agenda.items


def test_regenerating_needs_the_case_and_something_unlocked(
    refusal: Refusal
) -> None:
    """Each is named with its mend."""
    assert "give it too (--case)" in refusal({"op": "regenerate"})
    assert "every item is locked" in refusal(
        *({"op": "lock", "item": f"i{n}"} for n in range(1, 5)), {"op": "regenerate"})


# The whole


@pytest.mark.parametrize("op", ["retime", "move", "rename", "replace_prompts", "remove", "lock",
                                "unlock", "regenerate"])
def test_an_item_that_is_not_there_is_named(refusal: Refusal, op: str) -> None:
    """With the operation, and the items there are."""
    more = {"retime": {"minutes": 5}, "move": {"to": 1}, "rename": {"title": "A"},
            "replace_prompts": {"prompts": ["A?"]}}.get(op, {})
    assert refusal({"op": "lock", "item": "i1"}, {"op": op, "item": "x", **more}) == (
        "ops[1].item: 'x' is no item of this agenda; it has i1, i2, i3, i4")


def test_an_edit_is_told_in_the_provenance(edit: Edit, agenda: Agenda) -> None:
    """How many edits there were, which agenda it came from, what was checked; the rest stays."""
    once = edit({"op": "rename", "item": "i2", "title": "New"})
    twice = edit({"op": "rename", "item": "i2", "title": "Newer"}, to=once.agenda)
    own = twice.agenda.provenance
    assert (own.generator, own.edits, own.parent) == ("composer", 2, once.agenda.id)
    assert {"minutes_sum", "ending", "reasons"} <= {check.name for check in own.checks}
    assert all(check.passed for check in own.checks)
    assert len({agenda.id, once.agenda.id, twice.agenda.id}) == 3
    assert twice.agenda.id == id_of(twice.agenda)
    assert edit({"op": "rename", "item": "i2", "title": "New"}) == once
    slow = agenda.provenance.model_copy(update={"latency_ms": 99})
    again = edit({"op": "rename", "item": "i2", "title": "New"},
                 to=agenda.model_copy(update={"provenance": slow}))
    assert again.agenda.id == once.agenda.id


def test_an_agenda_in_no_language_of_the_library_is_refused(
    refusal: Refusal, agenda: Agenda
) -> None:
    """The library has no words for it."""
    assert "agenda.language: 'pt' is none of en, es, fr" in refusal(
        {"op": "lock", "item": "i1"}, to=agenda.model_copy(update={"language": "pt"}))


def test_an_agenda_that_was_broken_before_is_not_passed_on(
    refusal: Refusal, agenda: Agenda
) -> None:
    """What no operation mends is said: here an action that stands in no item."""
    given = agenda.model_copy(update={"actions_carried": ["a1", "a2"]})
    assert "actions_carried: action a2 is in no item" in refusal(
        {"op": "lock", "item": "i1"}, to=given)
