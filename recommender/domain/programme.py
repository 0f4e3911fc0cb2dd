"""Programme: how a mentoring programme is run."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from recommender.domain.agenda import MAX_ITEMS
from recommender.domain.base import (
    Frozen,
    Id,
    Json,
    Language,
    Line,
    Mode,
    Relation,
    Short,
    Text,
    Written,
)
from recommender.domain.written import WrittenSession

NEVER_FOR_AI = frozenset({
    "name", "email", "manager_id", "birth_date", "date_of_birth", "birthday", "age", "gender",
    "sex", "ethnicity", "race", "religion", "health", "disability", "pay", "salary",
})
"""Fields no allow-list can open: personal data that has no place in an agenda."""

DEFAULT_AI_FIELDS = (
    "headline", "bio", "level", "function", "region", "languages", "skills_offered",
    "skills_wanted", "goals", "focus_areas",
)


class Rule(Frozen):
    """One matching rule as data; see the contract, section 3.

    `of` says whose field `at_most` and `at_least` look at; the other tests compare both sides.
    """

    field: Short
    rule: Literal["must", "prefer", "avoid"]
    test: Literal[
        "overlap", "same", "different", "gap", "at_most", "at_least", "within_hours",
        "not_reporting_line",
    ]
    weight: Annotated[float, Field(ge=0, le=100)] = 1
    min: float | None = None
    max: float | None = None
    value: Json = None
    of: Literal["mentor", "mentee", "both"] = "mentor"

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        numbers = self.test in ("at_most", "at_least", "within_hours")
        if numbers and (isinstance(self.value, bool) or not isinstance(self.value, int | float)):
            raise ValueError(f"test {self.test} needs a number in `value`")
        if self.test == "gap" and self.min is None and self.max is None:
            raise ValueError("test gap needs `min`, `max` or both")
        if self.test == "gap" and None not in (self.min, self.max) and self.min > self.max:  # type: ignore[operator]
            raise ValueError(f"min {self.min} is above max {self.max}; change one")
        return self

    def __str__(self) -> str:
        bounds = [f"{name} {bound:g}" for name, bound in (("min", self.min), ("max", self.max))
                  if bound is not None]
        if self.value is not None:
            bounds.append(str(self.value))
        return " ".join([self.field, self.test, *bounds])


class Semantic(Frozen):
    """How much meeting wants with offers counts."""

    weight: Annotated[float, Field(ge=0, le=100)] = 5


class Matching(Frozen):
    """The matching rules of a programme."""

    rules: Annotated[list[Rule], Field(max_length=100)] = []
    semantic: Semantic = Semantic()


class Style(Frozen):
    """How a programme's agendas sound.

    Attributes:
        tone: `brief` asks at most two questions an item; `warm` and `plain` are for a model.
        use: By language: what to say instead of a word; never inside what people wrote.
        avoid: By language: words that no text of an agenda should hold.
    """

    tone: Literal["warm", "plain", "brief"] | None = None
    use: dict[Written, Annotated[dict[Short, Short], Field(max_length=100)]] = {}
    avoid: dict[Written, Annotated[list[Short], Field(max_length=100)]] = {}


SessionNumber = Annotated[int, Field(ge=1, le=1000)]
MustHave = Annotated[list[Id], Field(min_length=1, max_length=MAX_ITEMS)]


class AgendaSettings(Frozen):
    """How agendas are made, by session number where they differ.

    Attributes:
        themes: The topic that a session works on.
        must_have: Ids of activities, or topics, that a guided session holds whatever else.
        sessions: What the programme has written itself, for `fixed` agendas.
        repeat: Ids of activities and resources that may come again.
    """

    mode: Mode = "personalised"
    themes: dict[SessionNumber, Id] = {}
    must_have: dict[SessionNumber, MustHave] = {}
    sessions: dict[SessionNumber, WrittenSession] = {}
    reverse_session: SessionNumber | None = None
    style: Style = Style()
    repeat: Annotated[list[Id], Field(max_length=200)] = []


class Milestone(Frozen):
    """A day of the relationship on which people are asked how it goes."""

    day: Annotated[int, Field(ge=0, le=3650)]
    kind: Literal["pulse", "closing"]


class Programme(Frozen):
    """How mentoring is run. `sessions` is null for evergreen, 1 for one-off conversations."""

    id: Id
    name: Line
    purpose: Text
    success: Text
    intake: Literal["cohort", "evergreen"] = "cohort"
    relation: Relation
    sessions: Annotated[int, Field(ge=1, le=1000)] | None = None
    meetings_per_month: Annotated[float, Field(gt=0, le=31)] = 1
    session_minutes: Annotated[int, Field(ge=15, le=180)] = 60
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)] = ["en"]
    focus_areas: Annotated[list[Id], Field(max_length=20)] = []
    matching: Matching = Matching()
    agenda: AgendaSettings = AgendaSettings()
    milestones: Annotated[list[Milestone], Field(max_length=50)] = []
    contact: Line | None = None
    ai_fields: Annotated[list[Short], Field(max_length=50)] = list(DEFAULT_AI_FIELDS)

    @field_validator("ai_fields")
    @classmethod
    def _no_personal_data(cls, fields: list[str]) -> list[str]:
        refused = sorted(NEVER_FOR_AI.intersection(fields))
        if refused:
            raise ValueError(f"{', '.join(refused)} can never be shown to a model; take it out")
        return fields

    @model_validator(mode="after")
    def _sessions_in_range(self) -> Self:
        numbers = [*self.agenda.themes, *self.agenda.must_have, *self.agenda.sessions]
        if self.agenda.reverse_session is not None:
            numbers.append(self.agenda.reverse_session)
        beyond = [n for n in numbers if self.sessions is not None and n > self.sessions]
        if beyond:
            raise ValueError(
                f"agenda names session {beyond[0]}, but the programme has {self.sessions}; "
                "change the number or the length"
            )
        return self
