"""Case: everything needed for one agenda, without any stored state."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from recommender.domain.agenda import Agenda
from recommender.domain.base import (
    LANGUAGES,
    Frozen,
    Id,
    Language,
    Line,
    LongText,
    Mode,
    Relation,
    Role,
    TalkingText,
    base_language,
)
from recommender.domain.feedback import Feedback
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme


class Seen(Frozen):
    """What somebody was given elsewhere, in another programme: ids of the library."""

    activities: Annotated[list[Id], Field(max_length=1000)] = []
    resources: Annotated[list[Id], Field(max_length=1000)] = []


class Member(Frozen):
    """One person in the session, in a role, and what they know from other programmes."""

    role: Role
    profile: Profile
    seen: Seen = Seen()


class Goal(Frozen):
    """A goal of one member, in their own words."""

    id: Id
    text: Line
    owner: Id | None = None


class TalkingPoint(Frozen):
    """Something a member wants to talk about."""

    id: Id
    text: TalkingText
    by: Id | None = None


class Action(Frozen):
    """Something a member undertook."""

    id: Id
    text: Line
    owner: Id | None = None
    due: date | None = None
    status: Literal["open", "done", "dropped"] = "open"


class PastSession(Frozen):
    """An earlier session: its agenda if known, what was noted and undertaken.

    `goals` are those of that time, so that a change can be told.
    """

    number: Annotated[int, Field(ge=1, le=1000)]
    date: datetime | None = None
    agenda: Agenda | None = None
    notes: LongText | None = None
    goals: Annotated[list[Goal], Field(max_length=50)] | None = None
    actions: Annotated[list[Action], Field(max_length=100)] = []


class Session(Frozen):
    """The session that the agenda is for. `of` defaults to the programme's length."""

    number: Annotated[int, Field(ge=1, le=1000)]
    of: Annotated[int, Field(ge=1, le=1000)] | None = None
    minutes: Annotated[int, Field(ge=15, le=180)]
    language: Language
    date: datetime | None = None
    talking_points: Annotated[list[TalkingPoint], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _number_in_range(self) -> Self:
        if self.of is not None and self.number > self.of:
            raise ValueError(f"session {self.number} of {self.of}: the number is past the end")
        if base_language(self.language) not in LANGUAGES:
            raise ValueError(
                f"language {self.language!r} is not written here yet; "
                f"choose one of {', '.join(LANGUAGES)}"
            )
        return self


class Case(Frozen):
    """Everything needed for one agenda."""

    programme: Annotated[
        Annotated[Id, Tag("Id")] | Annotated[Programme, Tag("Programme")],
        Discriminator(lambda given: "Id" if isinstance(given, str) else "Programme"),
    ]
    members: Annotated[list[Member], Field(min_length=2, max_length=12)]
    focus_area: Id | None = None
    goals: Annotated[list[Goal], Field(max_length=50)] | None = None
    session: Session
    history: Annotated[list[PastSession], Field(max_length=200)] = []
    feedback: Annotated[list[Feedback], Field(max_length=1000)] = []
    mode: Mode | None = None
    generator: Literal["auto", "composer", "llm"] = "auto"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [member.profile.id for member in self.members]
        _refuse_doubles("members", ids)
        _refuse_doubles("goals", [goal.id for goal in self.goals or []])
        _refuse_doubles("session.talking_points", [t.id for t in self.session.talking_points])
        roles = [member.role for member in self.members]
        if len(roles) == 2 and "peer" not in roles and len(set(roles)) == 1:
            raise ValueError(
                f"members: two people in the role {roles[0]}; a pair has a mentor and a mentee, "
                "or two peers"
            )
        if set(roles) == {"mentor"}:
            raise ValueError("members: only mentors; at least one mentee or peer is needed")
        for name, owner in (
            *((f"goals[{i}].owner", goal.owner) for i, goal in enumerate(self.goals or [])),
            *((f"session.talking_points[{i}].by", point.by)
              for i, point in enumerate(self.session.talking_points)),
        ):
            if owner is not None and owner not in ids:
                raise ValueError(f"{name}: {owner!r} is none of the members ({', '.join(ids)})")
        return self

    @property
    def relation(self) -> Relation:
        """Return how these members relate: by their number first, then by their roles."""
        if len(self.members) > 2:
            return "group"
        if any(member.role == "peer" for member in self.members):
            return "peer"
        reverse = isinstance(self.programme, Programme) and self.programme.relation == "reverse"
        return "reverse" if reverse else "mentor"

    @property
    def learners(self) -> list[Member]:
        """Return the members whose goals the session serves: mentees or peers."""
        return [member for member in self.members if member.role != "mentor"]


def _refuse_doubles(name: str, ids: list[str]) -> None:
    double = next((one for one in ids if ids.count(one) > 1), None)
    if double is not None:
        raise ValueError(f"{name}: the id {double!r} stands twice; ids must differ")
