"""Resource: one curated learning resource."""

import hashlib
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    HttpUrl,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from recommender.domain.base import Frozen, Id, Language, Level, Line, Short

Format = Literal[
    "article", "video", "course", "guide", "podcast", "worksheet", "template", "tool", "book"
]
DEFAULT_MINUTES: dict[Format, int] = {
    "article": 10, "video": 15, "course": 240, "guide": 20, "podcast": 35, "worksheet": 15,
    "template": 15, "tool": 20, "book": 300,
}
"""What a time budget counts, in minutes, when a resource does not say its length."""

_URL = TypeAdapter(HttpUrl)


def _web_address(url: str) -> str:
    try:
        _URL.validate_python(url)
    except ValidationError as error:
        raise ValueError(f"{url!r:.200} is no web address; write http(s)://…") from error
    return url


WebAddress = Annotated[str, Field(max_length=2000), AfterValidator(_web_address)]


def resource_id(url: str) -> str:
    """Return the id of the resource at this address: 12 hex digits of its SHA-1."""
    return hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()[:12]


class Resource(Frozen):
    """One article, talk, course or sheet worth somebody's time.

    `minutes_estimated` says that `minutes` is a guess, not the page's own word. `prerequisites`
    are ids of resources that this one builds on; a plan puts them before it.
    """

    id: Id
    title: Line
    url: WebAddress
    publisher: Short
    authors: Annotated[list[Short], Field(max_length=20)] = []
    format: Format
    language: Language
    topics: Annotated[list[Id], Field(min_length=1, max_length=8)]
    focus_areas: Annotated[list[Id], Field(max_length=5)] = []
    minutes: Annotated[int, Field(ge=1, le=6000)] | None = None
    minutes_estimated: bool = False
    level: Level
    prerequisites: Annotated[list[Id], Field(max_length=5)] = []
    audience: Annotated[list[Literal["mentee", "mentor", "peer", "manager"]], Field(min_length=1)]
    gist: Annotated[str, Field(min_length=20, max_length=400)]
    status: Literal["active", "retired"] = "active"
    superseded_by: Id | None = None
    checked_on: date | None = None
    why_retired: Annotated[str, Field(min_length=3, max_length=300)] | None = None

    @model_validator(mode="after")
    def _id_of_url(self) -> Self:
        if self.id != resource_id(self.url):
            raise ValueError(
                f"id {self.id!r} is not that of its url; rename it to {resource_id(self.url)!r}"
            )
        if self.superseded_by is not None and self.status == "active":
            raise ValueError("an active resource cannot be superseded; set status: retired")
        if (self.status == "retired") != (self.why_retired is not None):
            raise ValueError("a retired resource says `why_retired`, an active one does not")
        if self.minutes_estimated and self.minutes is None:
            raise ValueError("minutes_estimated is true without minutes; give them, or take it out")
        return self

    @property
    def budget_minutes(self) -> int:
        """Return the minutes a time budget counts: its own, or its format's default."""
        return DEFAULT_MINUTES[self.format] if self.minutes is None else self.minutes
