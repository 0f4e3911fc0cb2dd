"""Profile: a person as the platform knows them."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from recommender.domain.base import (
    LANGUAGES,
    Frozen,
    Id,
    Json,
    Language,
    Line,
    Role,
    Short,
    Text,
    Written,
    base_language,
)

_ZONES = frozenset(available_timezones())


class ProfileGoal(Frozen):
    """A goal in the person's own words; only active goals shape an agenda."""

    id: Id
    text: Line
    status: Literal["active", "reached", "paused", "dropped"] = "active"


class Profile(Frozen):
    """A person. Every field but `id` may be missing; what is missing lowers confidence."""

    id: Id
    name: Short | None = None
    email: Short | None = None
    roles: Annotated[list[Role], Field(max_length=3)] = []
    headline: Line | None = None
    bio: Text | None = None
    level: Annotated[int, Field(ge=1, le=7)] | None = None
    function: Short | None = None
    department: Short | None = None
    region: Short | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    timezone: Annotated[str, Field(max_length=64)] | None = None
    languages: Annotated[list[Language], Field(max_length=20)] = []
    skills_offered: Annotated[list[Short], Field(max_length=50)] = []
    skills_wanted: Annotated[list[Short], Field(max_length=50)] = []
    goals: Annotated[list[ProfileGoal], Field(max_length=50)] = []
    focus_areas: Annotated[list[Id], Field(max_length=20)] = []
    capacity: Annotated[int, Field(ge=0, le=1000)] | None = None
    available: bool = True
    manager_id: Id | None = None
    avoid: Annotated[list[Id], Field(max_length=1000)] = []
    attributes: Annotated[dict[Short, Json], Field(max_length=100)] = {}

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in _ZONES:
            raise ValueError(f"{zone!r} is no IANA time zone; write one such as Africa/Dakar")
        return zone


def language_of(profile: Profile) -> Written:
    """Return the first of somebody's languages that Agendum speaks, else English."""
    bases = [base_language(tag) for tag in profile.languages]
    return next((one for base in bases for one in LANGUAGES if one == base), "en")
