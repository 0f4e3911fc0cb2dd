"""Stored pairs: who meets in which programme, and what they noted of a session."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recommender.domain.base import Frozen, Id, Language, LongText, Mode, Relation, Role
from recommender.domain.case import Action, Goal, TalkingPoint


class PairMember(Frozen):
    """One person of a pair, in a role."""

    role: Role
    profile_id: Id


class StoredPair(Frozen):
    """Two people who meet in a programme; a group is a pair with more members."""

    id: Id
    programme_id: Id
    members: Annotated[list[PairMember], Field(min_length=2, max_length=12)]
    focus_area: Id | None = None
    goals: Annotated[list[Goal], Field(max_length=50)] | None = None
    start_date: date | None = None
    status: Literal["active", "paused", "ended"] = "active"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = self.profile_ids
        for name, own in (("members", ids), ("goals", [goal.id for goal in self.goals or []])):
            double = next((one for one in own if own.count(one) > 1), None)
            if double is not None:
                raise ValueError(f"{name}: the id {double!r} stands twice; ids must differ")
        roles = [member.role for member in self.members]
        if len(roles) == 2 and "peer" not in roles and len(set(roles)) == 1:
            raise ValueError(
                f"members: two people in the role {roles[0]}; a pair has a mentor and a mentee, "
                "or two peers")
        if set(roles) == {"mentor"}:
            raise ValueError("members: only mentors; at least one mentee or peer is needed")
        for at, goal in enumerate(self.goals or []):
            if goal.owner is not None and goal.owner not in ids:
                raise ValueError(f"goals[{at}].owner: {goal.owner!r} is none of the members "
                                 f"({', '.join(ids)})")
        return self

    @property
    def profile_ids(self) -> list[str]:
        """Return whose pair it is."""
        return [member.profile_id for member in self.members]

    @property
    def relation(self) -> Relation:
        """Return how these members relate: by their number first, then by their roles."""
        if len(self.members) > 2:
            return "group"
        return "peer" if any(one.role == "peer" for one in self.members) else "mentor"


class SessionNotes(Frozen):
    """What a pair noted of a session, and what they undertook."""

    notes: LongText | None = None
    actions: Annotated[list[Action], Field(max_length=100)] = []


class SessionOrder(Frozen):
    """What the next agenda of a stored pair is asked for with.

    Minutes default to the programme's, the language to the one of the programme's that the
    learner prefers and every member reads.
    """

    of: Annotated[int, Field(ge=1, le=1000)] | None = None
    minutes: Annotated[int, Field(ge=15, le=180)] | None = None
    language: Language | None = None
    date: datetime | None = None
    talking_points: Annotated[list[TalkingPoint], Field(max_length=50)] = []
    mode: Mode | None = None
    generator: Literal["auto", "composer", "llm"] = "auto"
