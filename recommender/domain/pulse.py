"""Pulse questions: the few things people are asked at the milestones of a programme."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from recommender.domain.base import LANGUAGES, Frozen, Id, Line, PulseKind, Role, Short, Written
from recommender.domain.programme import Milestone, Programme

FEWEST, MOST = 3, 5
"""Questions for one role at one milestone: two minutes are enough to answer them."""


class PulseText(Frozen):
    """A question in one language; `low` and `high` are what 1 and 5 of its scale mean."""

    question: Line
    low: Short | None = None
    high: Short | None = None


class PulseQuestion(Frozen):
    """One question, for one milestone and the roles that are asked it.

    `level` is Kirkpatrick's first or second: what people made of the meetings, or what they
    learnt in them.
    """

    id: Id
    kind: PulseKind
    roles: Annotated[list[Role], Field(min_length=1, max_length=3)]
    level: Literal["reaction", "learning"]
    answer: Literal["scale", "open"]
    text: dict[Written, PulseText]

    @model_validator(mode="after")
    def _fits_its_answer(self) -> Self:
        missing = [language for language in LANGUAGES if language not in self.text]
        if missing:
            raise ValueError(f"text.{missing[0]} is missing; write it in every language")
        if len(set(self.roles)) < len(self.roles):
            raise ValueError("roles: a role stands twice; keep one")
        for language, words in self.text.items():
            ends = [words.low, words.high]
            if self.answer == "scale" and None in ends:
                raise ValueError(f"text.{language}: a scale names both its ends; add low and high")
            if self.answer == "open" and ends != [None, None]:
                raise ValueError(f"text.{language}: an open question has no scale; "
                                 "take low and high out")
        return self


class Pulses(Frozen):
    """What milestones are called, and all their questions, in the order they are asked."""

    labels: dict[PulseKind, dict[Written, Short]] = {}
    questions: Annotated[list[PulseQuestion], Field(max_length=200)] = []


def faults_among(pulses: Pulses) -> Iterator[tuple[str, str]]:
    """Yield field and problem of all that is wrong between questions, each sound by itself."""
    for kind in get_args(PulseKind):
        for language in LANGUAGES:
            if language not in pulses.labels.get(kind, {}):
                yield f"labels.{kind}", f"{language} is missing; write it in every language"
    for one, times in Counter(question.id for question in pulses.questions).items():
        if times > 1:
            yield "questions", f"the id {one!r} stands {times} times; ids must differ"
    for kind in get_args(PulseKind):
        for role in get_args(Role):
            asked = [one for one in pulses.questions if one.kind == kind and role in one.roles]
            place = f"questions: {kind}, {role}"
            if not FEWEST <= len(asked) <= MOST:
                yield place, f"{len(asked)} questions; {FEWEST} to {MOST} expected"
            levels = [one.level for one in asked]
            if levels != sorted(levels, reverse=True) or len(set(levels)) < 2:
                yield place, "first what they made of it (reaction), then what they learnt " \
                             "(learning); put them in this order"
            if [one.answer for one in asked if one.answer == "open"] != ["open"] or (
                    asked[-1].answer != "open"):
                yield place, "one open question, the last; move it, add it or take one out"


def kind_of(programme: Programme, milestone: Milestone) -> PulseKind:
    """Return what is asked on a milestone: its first pulse, a later one, or the end.

    The order counts and not the day, so that a programme of eight months may ask first on
    day 60.
    """
    if milestone.kind == "closing":
        return "end"
    first = min(one.day for one in programme.milestones if one.kind == "pulse")
    return "pulse_30" if milestone.day == first else "pulse_60"
