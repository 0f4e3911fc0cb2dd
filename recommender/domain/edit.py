"""Edits: what somebody changes in an agenda, one typed operation at a time, and what came of it."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from recommender.domain.agenda import MAX_PROMPTS, MAX_STEPS, MIN_ITEM_MINUTES, Agenda, Lead
from recommender.domain.base import Frozen, Id, Json, Kind, Line, Short

MAX_OPS = 50


def _one_line(text: str) -> str:
    return " ".join(text.split())


Title = Annotated[Short, AfterValidator(_one_line)]
OwnLine = Annotated[Line, AfterValidator(_one_line)]
Prompts = Annotated[list[OwnLine], Field(min_length=1, max_length=MAX_PROMPTS)]
Asked = Annotated[int, Field(ge=MIN_ITEM_MINUTES, le=180)]


class _Placed(Frozen):
    """Where an item goes: `to` a place, counted from 1, or `before` or `after` another item."""

    to: Annotated[int, Field(ge=1, le=20)] | None = None
    before: Id | None = None
    after: Id | None = None

    @property
    def places(self) -> int:
        """Return how many places are named; one is right."""
        return sum(one is not None for one in (self.to, self.before, self.after))


class Retime(Frozen):
    """Give an item so many minutes; the other unlocked items share what is left."""

    op: Literal["retime"]
    item: Id
    minutes: Asked


class Move(_Placed):
    """Put an item elsewhere in the session."""

    op: Literal["move"]
    item: Id

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.places != 1:
            raise ValueError("write one of `to` (a place from 1), `before` or `after` (an item)")
        return self


class Rename(Frozen):
    """Give an item another title."""

    op: Literal["rename"]
    item: Id
    title: Title


class ReplacePrompts(Frozen):
    """Give an item other questions."""

    op: Literal["replace_prompts"]
    item: Id
    prompts: Prompts


class Remove(Frozen):
    """Take an item out; what it carried goes elsewhere, or waits with a reason."""

    op: Literal["remove"]
    item: Id


class Add(_Placed):
    """Put an item in: an activity of the library, or one's own; before the last by default.

    `item` is the id it gets, so that later operations can name it; else the next free one.
    """

    op: Literal["add"]
    item: Id | None = None
    activity: Id | None = None
    kind: Kind | None = None
    title: Title | None = None
    minutes: Asked | None = None
    prompts: Annotated[list[OwnLine], Field(max_length=MAX_PROMPTS)] = []
    steps: Annotated[list[OwnLine], Field(max_length=MAX_STEPS)] = []
    lead: Lead | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.places > 1:
            raise ValueError("write one of `to`, `before` and `after`, or none")
        own = {"kind": self.kind, "title": self.title, "prompts": self.prompts,
               "steps": self.steps, "lead": self.lead}
        if self.activity is not None:
            surplus = [name for name, value in own.items() if value]
            if surplus:
                raise ValueError(
                    f"the activity brings its own {surplus[0]}; leave {surplus[0]} out, "
                    "or leave `activity` out and write the whole item")
            return self
        missing = [name for name, value in (*list(own.items())[:3], ("minutes", self.minutes))
                   if not value]
        if missing:
            raise ValueError(f"an item of your own needs {', '.join(missing)}; add "
                             f"{'it' if len(missing) == 1 else 'them'}, or write `activity`, "
                             "the id of one of the library")
        return self


class Lock(Frozen):
    """Keep an item as it is: its minutes, its words, its place among the locked ones."""

    op: Literal["lock"]
    item: Id


class Unlock(Frozen):
    """Let an item be changed again."""

    op: Literal["unlock"]
    item: Id


class Regenerate(Frozen):
    """Choose another activity for an item; for all that are not locked where none is named."""

    op: Literal["regenerate"]
    item: Id | None = None


Operation = Annotated[
    Retime | Move | Rename | ReplacePrompts | Remove | Add | Lock | Unlock | Regenerate,
    Field(discriminator="op"),
]


class Edits(Frozen):
    """Operations in the order in which they are applied, all or none."""

    ops: Annotated[list[Operation], Field(min_length=1, max_length=MAX_OPS)]


class Change(Frozen):
    """One thing that is different now, and the operation that made it so.

    `op` is `rebalance` for minutes that nobody asked to change, and `follow` for what has to
    go with the items: purpose, success, preparation, resources. `item` is null where the
    change is the agenda's own; `before` is null for what is new, `after` for what is gone.
    """

    op: Literal[
        "retime", "move", "rename", "replace_prompts", "remove", "add", "lock", "unlock",
        "regenerate", "rebalance", "follow",
    ]
    item: Id | None = None
    field: str
    before: Json = None
    after: Json = None


class Edited(Frozen):
    """The new agenda, and what is different in it."""

    agenda: Agenda
    diff: list[Change] = []
