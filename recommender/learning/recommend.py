"""Recommended resources: the best of the library for some needs, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, base_language
from recommender.domain.profile import Profile
from recommender.domain.resource import Resource
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import Mask
from recommender.retrieval.hybrid import Query

SAME_LANGUAGE = 0.4
"""Added to the score of a resource in the language it is asked for in, in z-scores."""
SAME_AREA = 0.3
"""Added where a resource belongs to the focus area that is worked on."""


@dataclass(frozen=True)
class Wish:
    """What resources are wanted for.

    Attributes:
        needs: Texts with their weights; at least one.
        language: The reasons' language, and the preferred one of the resources.
        readable: Languages of eligible resources; empty means any.
        audience: Roles of which a resource must suit one; empty means any.
        focus_area: Preferred, not required.
        longest: Minutes a single resource may take at most; null means any length.
        formats: Eligible formats; empty means any.
        without: Ids that are not wanted again.
    """

    needs: Sequence[tuple[str, float]]
    language: str
    readable: frozenset[str] = frozenset()
    audience: frozenset[str] = frozenset()
    focus_area: str | None = None
    longest: int | None = None
    formats: frozenset[str] = frozenset()
    without: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Recommendation:
    """One resource, its score (weighted z-scores; higher is better) and the reason."""

    resource: Resource
    score: float
    reason: str
    topic: str


def recommend_resources(catalogue: Catalogue, wish: Wish, limit: int) -> list[Recommendation]:
    """Return the best eligible resources, best first; an empty list when none is eligible.

    Raises:
        ValueError: `limit` below 1, or no need.
    """
    if limit < 1 or not wish.needs:
        raise ValueError("a limit of at least 1 and at least one need expected")
    index = catalogue.resources
    resources = [catalogue.library.resources[document.id] for document in index.documents]
    mask: Mask = np.array([_eligible(resource, wish) for resource in resources], dtype=np.bool_)
    if not mask.any():
        return []
    weights = np.array([weight for _, weight in wish.needs], dtype=np.float32)
    fused = index.score([Query(text) for text, _ in wish.needs], mask).fused
    scores = (weights @ fused) / weights.sum()
    for row in np.flatnonzero(mask):
        if base_language(resources[row].language) == wish.language:
            scores[row] += SAME_LANGUAGE
        if wish.focus_area is not None and wish.focus_area in resources[row].focus_areas:
            scores[row] += SAME_AREA
    rows = np.flatnonzero(mask)
    order = rows[np.lexsort((rows, -scores[rows]))][:limit]
    chances = topic_chances(catalogue, wish.needs)
    found = []
    for row in order:
        topic = _topic_for(resources[row], catalogue, chances)
        found.append(Recommendation(resources[row], float(scores[row]),
                                    reason_for(resources[row], topic, catalogue, wish.language),
                                    topic))
    return found


def topic_chances(catalogue: Catalogue, needs: Sequence[tuple[str, float]]) -> Floats:
    """Return the probability of each topic for weighted needs, in the bridge's order."""
    weights = np.array([weight for _, weight in needs], dtype=np.float32)
    scores = catalogue.bridge.topic_scores([text for text, _ in needs])
    chances: Floats = (weights @ scores) / weights.sum()
    return chances


def reason_for(resource: Resource, topic: str, catalogue: Catalogue, language: str) -> str:
    """Return why this resource: its gist, or what it practises if that is in another language."""
    phrases = catalogue.library.phrases[language]
    term = catalogue.library.topics[topic].text[language]  # type: ignore[index]
    if resource.format in ("course", "book"):
        text = phrases.reason_course if resource.format == "course" else phrases.reason
    else:
        sure = resource.minutes is not None and not resource.minutes_estimated
        text = phrases.reason_minutes if sure else phrases.reason
    reason = text.format(minutes=resource.minutes, practice=term.practice)
    return resource.gist if base_language(resource.language) == language else reason


def wish_of_profile(
    profile: Profile, *, longest: int | None, language: str | None
) -> Wish | None:
    """Return what a person's goals, skills wanted and focus areas ask for; null if nothing."""
    needs = [(goal.text, 1.0) for goal in profile.goals if goal.status == "active"]
    needs += [(skill, 0.6) for skill in profile.skills_wanted]
    if not needs:
        needs = [(text, 0.5) for text in (profile.headline, profile.bio) if text]
    if not needs:
        return None
    own = [base_language(tag) for tag in profile.languages]
    asked = language or next((one for one in own if one in LANGUAGES), "en")
    return Wish(
        needs=needs,
        language=asked,
        readable=frozenset({base_language(language)} if language else own),
        audience=frozenset(profile.roles),
        focus_area=profile.focus_areas[0] if profile.focus_areas else None,
        longest=longest,
    )


def _topic_for(resource: Resource, catalogue: Catalogue, chances: Floats) -> str:
    """Return the resource's topic that the needs speak of most."""
    place = {topic: at for at, topic in enumerate(catalogue.bridge.topic_ids)}
    return max(resource.topics, key=lambda topic: (float(chances[place[topic]]),
                                                   -resource.topics.index(topic)))


def _eligible(resource: Resource, wish: Wish) -> bool:
    return (
        resource.id not in wish.without
        and (not wish.readable or base_language(resource.language) in wish.readable)
        and (not wish.audience or bool(wish.audience.intersection(resource.audience)))
        and (not wish.formats or resource.format in wish.formats)
        and (wish.longest is None or resource.budget_minutes <= wish.longest)
    )
