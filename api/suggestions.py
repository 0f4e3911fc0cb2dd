"""Resources as the command line and HTTP hand them out."""

from dataclasses import replace

from pydantic import Field

from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, Frozen, base_language
from recommender.domain.profile import Profile
from recommender.learning.budget import fill_budget
from recommender.learning.recommend import (
    Recommendation,
    Wish,
    recommend_resources,
    wish_of_profile,
)
from recommender.retrieval.language import detect_language

DEFAULT_LIMIT, MAX_LIMIT = 10, 100
MAX_MINUTES = 6000


class ResourceSuggestion(Frozen):
    """One resource that is worth the time, with the reason."""

    id: str
    title: str
    url: str
    language: str
    format: str
    minutes: int | None = Field(description="Its length; null where it does not say.")
    minutes_estimated: bool = Field(description="Whether `minutes` is a curator's estimate.")
    counted_minutes: int = Field(
        description="What a time budget counts: `minutes`, or its format's default."
    )
    score: float = Field(description="Higher is better; comparable within one list only.")
    reason: str


def suggest_resources(
    catalogue: Catalogue, wish: Wish, *, minutes: int | None, limit: int
) -> list[ResourceSuggestion]:
    """Return the best resources for a wish, best first; together within `minutes`, if given."""
    if minutes is None:
        found = recommend_resources(catalogue, wish, limit)
    else:
        everything = max(1, len(catalogue.library.active_resources))
        ranked = recommend_resources(catalogue, replace(wish, longest=minutes), everything)
        found = fill_budget(ranked, minutes, limit)
    return [_suggestion(one) for one in found]


def wish_of_query(query: str, language: str | None) -> Wish:
    """Return what a free text asks for; a language that is given is the only one that is read."""
    base = None if language is None else base_language(language)
    return Wish(
        needs=[(query, 1.0)],
        language=reason_language(base or detect_language(query)),
        readable=frozenset({base} if base else ()),
    )


def wish_of_person(profile: Profile, language: str | None) -> Wish | None:
    """Return what a person's goals ask for; null where the profile names nothing to search with."""
    base = None if language is None else base_language(language)
    wish = wish_of_profile(profile, longest=None, language=base)
    return None if wish is None else replace(wish, language=reason_language(wish.language))


def reason_language(language: str | None) -> str:
    """Return the language that reasons are written in: this one, or English where we lack it."""
    return language if language in LANGUAGES else "en"


def _suggestion(one: Recommendation) -> ResourceSuggestion:
    resource = one.resource
    return ResourceSuggestion(
        id=resource.id, title=resource.title, url=resource.url, language=resource.language,
        format=resource.format, minutes=resource.minutes,
        minutes_estimated=resource.minutes_estimated,
        counted_minutes=resource.budget_minutes, score=round(one.score, 4), reason=one.reason,
    )
