"""Edits in tests: an agenda by hand, operations as they are read, and random ones."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from content_library.load import Library, load_library
from recommender.agendas.edit import edit_agenda
from recommender.agendas.timebox import fit_steps
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Item
from recommender.domain.edit import Change, Edited, Edits, Operation
from recommender.errors import InvalidInputError

Edit = Callable[..., Edited]
Refusal = Callable[..., str]
POINT = "My newest analyst asked me whether I think her work is bad"
ACTION = "Let the motor report go out"
MAIN = "the-message-before-you-send-it"

# Random operations

ACTIVITIES = sorted(load_library().activities)
KINDS = ("welcome", "check_in", "discussion", "exercise", "role_play", "reflection", "feedback",
         "goal_setting", "action_planning", "closing", "action_review")
TITLES = {
    "en": ("The call on Thursday", "Plan B", "What we'd do with two more hours", "Once more: why?"),
    "es": ("La llamada del jueves", "Plan B", "Qué haríamos con dos horas más", "¿Y por qué?"),
    "fr": ("L'appel de jeudi", "Plan B", "Ce qu'on ferait de deux heures de plus", "Et pourquoi ?"),
}
PROMPTS = {
    "en": ("What would you say first?", "Who else has to know?", "What if it rains?",
           "How will you notice that it worked, before anybody tells you?"),
    "es": ("¿Qué dirías primero?", "¿Quién más tiene que saberlo?", "¿Y si llueve?",
           "¿Cómo vas a notar que funcionó, antes de que te lo digan?"),
    "fr": ("Que dirais-tu d'abord ?", "Qui d'autre doit le savoir ?", "Et s'il pleut ?",
           "À quoi verras-tu que cela a marché, avant qu'on te le dise ?"),
}
STEPS = ("Write. (4 min)", "Read it aloud. (2 min)", "Talk about it. (9 min)", "Stop.")
NOT_ALLOWED = ("Write to zoe.b@carewell.example today", "See https://example.org/x for more",
               "Ring +44 20 7946 0958", "Say it in <b>bold</b>", "Is it $goal?")


@st.composite
def operations(draw: st.DrawFn, ids: list[str], language: str) -> dict[str, Any]:
    """Return one operation on an agenda with these items; now and then one that is refused."""
    kind = draw(st.sampled_from((
        "retime", "retime", "move", "move", "rename", "replace_prompts", "remove", "add", "add",
        "lock", "unlock", "regenerate")))
    item = draw(st.sampled_from([*ids, *ids, *ids, "i6"]))
    odd = draw(st.integers(0, 19)) == 0
    lines = draw(st.lists(st.sampled_from(PROMPTS[language]), min_size=1, max_size=4, unique=True))
    op: dict[str, Any] = {"op": kind, "item": item}
    if kind == "retime":
        op["minutes"] = draw(st.integers(3, 40 if odd else 20))
    elif kind == "move":
        op |= draw(place(ids))
    elif kind == "rename":
        op["title"] = draw(st.sampled_from(NOT_ALLOWED if odd else TITLES[language]))
    elif kind == "replace_prompts":
        op["prompts"] = [draw(st.sampled_from(NOT_ALLOWED)), *lines[:2]] if odd else lines
    elif kind == "add":
        del op["item"]
        op |= draw(st.one_of(st.just({}), st.just({}), place(ids)))
        if draw(st.booleans()):
            op["activity"] = draw(st.sampled_from(ACTIVITIES))
        else:
            op |= {"kind": draw(st.sampled_from(KINDS)), "title": TITLES[language][0],
                   "minutes": draw(st.integers(3, 15)), "prompts": lines,
                   "steps": draw(st.lists(st.sampled_from(STEPS), max_size=4, unique=True))}
    elif kind == "regenerate" and draw(st.booleans()):
        del op["item"]
    return op


@st.composite
def place(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    """Return where something goes: a number, or next to an item."""
    return draw(st.one_of(
        st.integers(1, len(ids)).map(lambda at: {"to": at}),
        st.tuples(st.sampled_from(("before", "after")), st.sampled_from(ids)).map(
            lambda pair: {pair[0]: pair[1]})))


# An agenda by hand


def make_agenda(library: Library) -> Agenda:
    """Return a working session of 45 minutes: steps, a talk, the main exercise, next steps."""
    main = library.activities[MAIN].text["en"]
    return Agenda.model_validate({
        "id": "ag_1", "case_fingerprint": "sha256:0", "language": "en", "mode": "personalised",
        "session": {"number": 3, "of": 6, "minutes": 45, "type": "working"},
        "purpose": f"{main.purpose} The goal behind it: “Sleep on Sundays”.",
        "success_test": f"{main.success} In the weeks after, it shows when you sleep.",
        "items": [
            {**_item(library, "i1", "review-not-as-written", 6, {"source": "action", "id": "a1"}),
             "steps": [f"“{ACTION}” (by 30 April)", "Begin with the hardest. (3 min)"]},
            {**_item(library, "i2", "silence-after-criticism", 12,
                     {"source": "talking_point", "id": "t1"}),
             "prompts": [f"“{POINT}” What have you not said about it yet?", "What then?"]},
            _item(library, "i3", MAIN, 19, {"source": "goal", "id": "g1"}),
            _item(library, "i4", "plan-one-in-one-out", 8, {"source": "stage", "id": "working"}),
        ],
        "talking_points": [{"id": "t1", "item": "i2"}],
        "actions_carried": ["a1"],
        "preparation": {"mentee": ["Have ready how it went."], "mentor": main.preparation.mentor},
        "confidence": {"level": "high"},
        "provenance": {"generator": "composer", "latency_ms": 5},
    })


def _item(
    library: Library, key: str, activity: str, minutes: int, reason: dict[str, str]
) -> dict[str, Any]:
    own = library.activities[activity]
    text = own.text["en"]
    return {"id": key, "kind": own.kind, "title": text.title, "minutes": minutes, "lead": "mentee",
            "prompts": text.prompts[:3], "because": [reason], "activity": activity,
            "steps": fit_steps(text.steps, minutes, own.minutes.ideal)}


def read(*ops: dict[str, Any]) -> list[Operation]:
    """Return operations as they are read from a file."""
    return Edits.model_validate_json(json.dumps({"ops": ops})).ops


def editing(agenda: Agenda, catalogue: Catalogue) -> Edit:
    """Return a function that edits an agenda without its case."""
    def run(*ops: dict[str, Any], to: Agenda | None = None) -> Edited:
        return edit_agenda(to or agenda, read(*ops), catalogue)

    return run


def refusing(agenda: Agenda, catalogue: Catalogue) -> Refusal:
    """Return a function that gives the words of a refusal, once nothing has changed."""
    def run(*ops: dict[str, Any], to: Agenda | None = None) -> str:
        given = to or agenda
        before = given.model_dump_json()
        with pytest.raises(InvalidInputError) as refused:
            edit_agenda(given, read(*ops), catalogue)
        assert given.model_dump_json() == before
        return str(refused.value)

    return run


def items_of(edited: Edited) -> dict[str, Item]:
    """Return the items of an edited agenda by id."""
    return {item.id: item for item in edited.agenda.items}


def minutes_of(edited: Edited) -> list[int]:
    """Return the minutes of an edited agenda's items, in order."""
    return [item.minutes for item in edited.agenda.items]


def change(edited: Edited, op: str, item: str | None, field: str) -> Change:
    """Return the one difference of this kind."""
    found = [one for one in edited.diff if (one.op, one.item, one.field) == (op, item, field)]
    assert len(found) == 1, edited.diff
    return found[0]
