"""What curators decided: refusals and pins, and how an overlay changes a shipped library."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from recommender.domain.base import Frozen, Id, Line, Text

Why = Annotated[str, Field(min_length=3, max_length=300)]
Ids = Annotated[list[Id], Field(max_length=10_000)]


class Refused(Frozen):
    """A resource that is never recommended for a topic, or for a need in somebody's words."""

    resource: Id
    topic: Id | None = None
    need: Text | None = None
    why: Why

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.topic is None) == (self.need is None):
            raise ValueError("write `topic` or `need`, one of the two")
        return self


class Pinned(Frozen):
    """A resource that comes first for a topic; with a language, for those who ask in it only."""

    resource: Id
    topic: Id
    language: Literal["en", "es", "fr"] | None = None
    why: Line | None = None


class Curation(Frozen):
    """The file `curation.yaml`: decisions that win over any score."""

    refused: Annotated[list[Refused], Field(max_length=10_000)] = []
    pinned: Annotated[list[Pinned], Field(max_length=10_000)] = []

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        refused = {(one.resource, one.topic) for one in self.refused}
        for one in self.pinned:
            if (one.resource, one.topic) in refused:
                raise ValueError(
                    f"resource {one.resource!r} is pinned and refused for {one.topic!r}; keep one"
                )
        return self

    def over(self, other: "Curation") -> "Curation":
        """Return both, these decisions first; where the two contradict, these hold."""
        refused = {(one.resource, one.topic) for one in self.refused}
        pinned = {(one.resource, one.topic) for one in self.pinned}
        return Curation(
            refused=[*self.refused, *(one for one in other.refused
                                      if (one.resource, one.topic) not in pinned)],
            pinned=[*self.pinned, *(one for one in other.pinned
                                    if (one.resource, one.topic) not in refused)],
        )


class Changes(Frozen):
    """Fields to replace, by id; a mapping inside a field changes only the keys it names."""

    resources: dict[Id, dict[str, Any]] = {}
    activities: dict[Id, dict[str, Any]] = {}
    programmes: dict[Id, dict[str, Any]] = {}


class Hidden(Frozen):
    """Ids that are treated as if they were not there."""

    resources: Ids = []
    activities: Ids = []
    programmes: Ids = []
    topics: Ids = []
    focus_areas: Ids = []


class Retirement(Frozen):
    """Why a resource is no longer recommended, and what comes in its place."""

    why: Why
    superseded_by: Id | None = None


class Overlay(Frozen):
    """The file `overlay.yaml`: what an overlay does to items that it has no file of."""

    change: Changes = Changes()
    hide: Hidden = Hidden()
    retire: dict[Id, Retirement] = {}
