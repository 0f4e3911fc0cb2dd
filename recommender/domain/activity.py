"""Activity: one building block of a session, in every language of the library."""

import re
from functools import cached_property
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from recommender.domain.base import (
    LANGUAGES,
    Frozen,
    Id,
    Kind,
    Level,
    Pattern,
    Relation,
    SessionType,
    Slot,
    Stage,
)

CARRYING: frozenset[Kind] = frozenset({
    "goal_setting", "discussion", "exercise", "role_play", "resource_debrief", "reflection",
    "feedback",
})
"""Kinds that can be the main item of a session, and so say purpose and success."""

SLOT = re.compile(r"\$([a-z_]+)")
STEP_MINUTES = re.compile(r"\s*\((\d+) min\)\s*$")
_SLOTS = frozenset(get_args(Slot))

Title = Annotated[str, Field(min_length=1, max_length=70, pattern=r"^[^$]+$")]
Sentence = Annotated[str, Field(min_length=1, max_length=220, pattern=r"^[^$]+$")]
Prompt = Annotated[str, Field(min_length=1, max_length=240)]


class Minutes(Frozen):
    """How long an activity takes, in minutes."""

    min: Annotated[int, Field(ge=3, le=90)]
    ideal: Annotated[int, Field(ge=3, le=90)]
    max: Annotated[int, Field(ge=3, le=90)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.min <= self.ideal <= self.max:
            raise ValueError(
                f"min {self.min}, ideal {self.ideal}, max {self.max}: must not fall"
            )
        return self


class ActivityPreparation(Frozen):
    """What each role does before, at most two lines each."""

    mentee: Annotated[list[Sentence], Field(max_length=2)] = []
    mentor: Annotated[list[Sentence], Field(max_length=2)] = []
    all: Annotated[list[Sentence], Field(max_length=2)] = []


class ActivityText(Frozen):
    """An activity in one language.

    Attributes:
        said: Regular expressions, over text in lower case without accents, for how people say
            that they want to do what a method for any matter practises.
        situations: What people say when this very activity is what they need.
        not_for: What people say who could be taken for them, and need something else.
    """

    title: Title
    purpose: Sentence | None = None
    success: Sentence | None = None
    prompts: Annotated[list[Prompt], Field(min_length=1, max_length=4)]
    quotes: dict[Slot, Prompt] = {}
    said: Annotated[list[Pattern], Field(max_length=6)] = []
    situations: Annotated[list[Sentence], Field(max_length=24)] = []
    not_for: Annotated[list[Sentence], Field(max_length=4)] = []
    steps: Annotated[list[Prompt], Field(max_length=5)] = []
    preparation: ActivityPreparation = ActivityPreparation()

    @model_validator(mode="after")
    def _slots(self) -> Self:
        for text in (*self.prompts, *self.steps, *self.quotes.values()):
            unknown = sorted(set(SLOT.findall(text)) - _SLOTS)
            if unknown:
                raise ValueError(
                    f"unknown slot ${unknown[0]} in {text[:40]!r}; "
                    f"use one of {', '.join('$' + slot for slot in sorted(_SLOTS))}"
                )
        for slot, text in self.quotes.items():
            if set(SLOT.findall(text)) != {slot}:
                raise ValueError(f"quotes.{slot} must hold ${slot} and no other slot")
        if len(self.prompts) < (1 if self.quotes else 2):
            raise ValueError("prompts: two to four expected, or one beside a `quotes` line")
        return self

    @model_validator(mode="after")
    def _whole_lines(self) -> Self:
        own = self.preparation
        for text in (*self.prompts, *self.steps, *own.mentee, *own.mentor, *own.all):
            if text[0].islower():
                raise ValueError(
                    f"{text[:40]!r} begins with a small letter; a comma in a [list] without quotes "
                    "splits a sentence, so put the sentence in quotes")
        return self

    @property
    def needs(self) -> frozenset[Slot]:
        """Return the slots without which this text cannot be used."""
        found = {slot for text in (*self.prompts, *self.steps) for slot in SLOT.findall(text)}
        return frozenset(slot for slot in get_args(Slot) if slot in found)

    @property
    def step_minutes(self) -> list[int | None]:
        """Return the minutes each step names, null where it names none."""
        matches = [STEP_MINUTES.search(step) for step in self.steps]
        return [int(match[1]) if match else None for match in matches]


class Activity(Frozen):
    """One building block of a session. Empty lists of areas, topics, stages or intakes mean any.

    Attributes:
        presupposes: Whether it makes sense only to people in one of its situations; then it is
            eligible only where somebody says so.
        recognises: Whether in it each says what they value in the other.
        least_actions: Open actions below which it makes no sense.
        practises: Of a method for any matter, the topics that what people do in it may belong
            to; the one that their words speak of most gives what to read and how success shows.
    """

    id: Id
    kind: Kind
    stages: Annotated[list[Stage], Field(max_length=4)] = []
    session_types: Annotated[list[SessionType], Field(min_length=1)]
    relations: Annotated[list[Relation], Field(min_length=1)]
    intakes: Annotated[list[Literal["cohort", "evergreen"]], Field(max_length=2)] = []
    focus_areas: Annotated[list[Id], Field(max_length=10)] = []
    topics: Annotated[list[Id], Field(max_length=10)] = []
    level: Level = "introductory"
    minutes: Minutes
    lead: Literal["mentee", "mentor", "all"]
    presupposes: bool = False
    recognises: bool = False
    practises: Annotated[list[Id], Field(max_length=5)] = []
    least_actions: Annotated[int, Field(ge=0, le=10)] = 0
    resources: Annotated[list[Id], Field(max_length=5)] = []
    text: dict[Literal["en", "es", "fr"], ActivityText]

    @model_validator(mode="after")
    def _same_in_every_language(self) -> Self:
        missing = [language for language in LANGUAGES if language not in self.text]
        if missing:
            raise ValueError(f"text.{missing[0]} is missing; write it in every language")
        texts = [self.text["en"], self.text["es"], self.text["fr"]]
        for text in texts:
            if self.kind in CARRYING and not (text.purpose and text.success):
                raise ValueError(f"kind {self.kind} needs purpose and success in every language")
            if sum(minutes or 0 for minutes in text.step_minutes) > self.minutes.ideal:
                raise ValueError("the steps take longer than minutes.ideal; shorten them")
            if self.presupposes and not text.situations:
                raise ValueError("presupposes needs situations in every language")
        shapes = {(text.needs, frozenset(text.quotes), tuple(text.step_minutes)) for text in texts}
        if len(shapes) > 1:
            raise ValueError(
                "the languages differ in slots, quotes, number of steps or their minutes; "
                "make them the same"
            )
        return self

    @cached_property
    def needs(self) -> frozenset[Slot]:
        """Return the slots a case must fill before this activity is eligible."""
        return self.text["en"].needs
