"""Operations as somebody writes them: what is read, and what is refused with its place."""

from typing import Any

import pytest
from pydantic import ValidationError

from recommender.domain.edit import Edits
from recommender.errors import faults_of

OWN = {"op": "add", "kind": "exercise", "title": "Mine", "minutes": 5, "prompts": ["Why?"]}


@pytest.mark.parametrize("op", [
    {"op": "retime", "item": "i1", "minutes": 3}, {"op": "move", "item": "i1", "to": 1},
    {"op": "move", "item": "i1", "before": "i2"}, {"op": "move", "item": "i1", "after": "i2"},
    {"op": "rename", "item": "i1", "title": "x" * 120},
    {"op": "replace_prompts", "item": "i1", "prompts": ["a", "b", "c", "d" * 300]},
    {"op": "remove", "item": "i1"}, {"op": "lock", "item": "i1"}, {"op": "unlock", "item": "i1"},
    {"op": "regenerate"}, {"op": "regenerate", "item": None}, {"op": "regenerate", "item": "i1"},
    {"op": "add", "activity": "a"}, {"op": "add", "activity": "a", "minutes": 7, "to": 2}, OWN,
    {**OWN, "steps": ["a"] * 5, "lead": "mentor", "item": "mine", "after": "i1"},
])
def test_an_operation_is_read(op: dict[str, Any]) -> None:
    """Each kind, with its bounds reached."""
    assert Edits.model_validate({"ops": [op]}).ops[0].op == op["op"]


@pytest.mark.parametrize(("op", "fault"), [
    ({"op": "retime", "item": "i1", "minutes": 2},
     "ops[1].minutes: input should be greater than or equal to 3; got 2"),
    ({"op": "retime", "item": "i1", "minutes": 181},
     "ops[1].minutes: input should be less than or equal to 180; got 181"),
    ({"op": "retime", "item": "i1"}, "ops[1].minutes: is missing; add it"),
    ({"op": "retime", "item": "i 1", "minutes": 5}, "ops[1].item: string should match pattern"),
    ({"op": "resize", "item": "i1"}, "ops[1]: op: expected one of 'retime', 'move'"),
    ({"item": "i1"}, "ops[1]: op is missing; add it"),
    ({"op": "move", "item": "i1"}, "ops[1]: write one of `to` (a place from 1), `before` or"),
    ({"op": "move", "item": "i1", "to": 1, "after": "i2"}, "ops[1]: write one of `to`"),
    ({"op": "move", "item": "i1", "to": 0}, "ops[1].to: input should be greater than"),
    ({"op": "rename", "item": "i1", "title": " "}, "ops[1].title: is blank; write something"),
    ({"op": "rename", "item": "i1", "title": "x" * 121},
     "ops[1].title: text of 121 characters; at most 120 allowed, shorten it"),
    ({"op": "rename", "item": "i1", "title": "a\x00"},
     "ops[1].title: holds control characters; take them out"),
    ({"op": "replace_prompts", "item": "i1", "prompts": []},
     "ops[1].prompts: 0 given; at least 1 expected, add some"),
    ({"op": "replace_prompts", "item": "i1", "prompts": ["a", "b", "c", "d", "e"]},
     "ops[1].prompts: 5 given; at most 4 allowed, take some out"),
    ({"op": "replace_prompts", "item": "i1", "prompts": ["a", "b" * 301]},
     "ops[1].prompts[1]: text of 301 characters; at most 300 allowed, shorten it"),
    ({"op": "lock", "item": "i1", "lock": True}, "ops[1].lock: unknown field; take it out"),
    ({"op": "add"}, "ops[1]: an item of your own needs kind, title, prompts, minutes; add them"),
    ({**OWN, "minutes": None}, "ops[1]: an item of your own needs minutes; add it"),
    ({**OWN, "kind": "talk"}, "ops[1].kind: expected one of 'welcome', 'agreement'"),
    ({**OWN, "activity": "a"}, "ops[1]: the activity brings its own kind; leave kind out"),
    ({**OWN, "to": 1, "before": "i1"}, "ops[1]: write one of `to`, `before` and `after`, or none"),
    ({**OWN, "steps": ["a"] * 6}, "ops[1].steps: 6 given; at most 5 allowed"),
])
def test_a_mistake_is_named_with_its_place(op: dict[str, Any], fault: str) -> None:
    """Which operation, which field, and the mend; nothing of how unions are read."""
    with pytest.raises(ValidationError) as refused:
        Edits.model_validate({"ops": [{"op": "regenerate"}, op]})
    faults = faults_of(refused.value, "ops.json")
    assert len(faults) == 1
    assert str(faults[0]).startswith(f"ops.json: {fault}")


@pytest.mark.parametrize("count", [0, 51])
def test_one_to_fifty_operations_are_read(count: int) -> None:
    """None, or more than fifty, is a mistake."""
    with pytest.raises(ValidationError) as refused:
        Edits.model_validate({"ops": [{"op": "regenerate"}] * count})
    assert str(faults_of(refused.value, "")[0]).startswith(f"ops: {count} given; at ")
