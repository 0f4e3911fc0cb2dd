"""Recommended resources: the best of the library for some needs, each with its reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, base_language
from recommender.domain.curation import Curation
from recommender.domain.profile import Profile
from recommender.domain.resource import Resource
from recommender.privacy import plain
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import Mask
from recommender.retrieval.hybrid import Query
from recommender.retrieval.needs import NeedsBridge

_LANGUAGE_OF_PAGE = re.compile(r"(?<=[?&])(?:language|lang|hl)=[\w-]+&?")
SAME_LANGUAGE = 0.4
"""Added to the score of a resource in the language it is asked for in, in z-scores."""
SAME_AREA = 0.3
"""Added where a resource belongs to the focus area that is worked on."""
WANTED_LEVEL = 0.4
"""Added where a resource has a level that is preferred."""
SAME_NEED = 0.5
"""Centred cosine from which two texts are taken for one need. Of the library's own sentences
said of different topics in one language, five pairs in ten thousand reach it."""


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
        without: Ids that are not wanted again, in another language neither.
        levels: Preferred, not required; empty means none is.
        matter: Id of the topic that the answer is about, where it is known; else it is the
            likeliest of the needs.
    """

    needs: Sequence[tuple[str, float]]
    language: str
    readable: frozenset[str] = frozenset()
    audience: frozenset[str] = frozenset()
    focus_area: str | None = None
    longest: int | None = None
    formats: frozenset[str] = frozenset()
    without: frozenset[str] = field(default_factory=frozenset)
    matter: str | None = None
    levels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Recommendation:
    """One resource, its score (weighted z-scores; higher is better) and the reason.

    `pinned` says that a curator put it first, whatever its score.
    """

    resource: Resource
    score: float
    reason: str
    topic: str
    pinned: bool = False


def recommend_resources(catalogue: Catalogue, wish: Wish, limit: int) -> list[Recommendation]:
    """Return the best eligible resources, best first; an empty list when none is eligible.

    Curators' decisions win over scores: what they refused for the matter of the needs, or for a
    need like one of these, is left out; what they pinned to the likeliest topic comes first.

    Raises:
        ValueError: `limit` below 1, or no need.
    """
    if limit < 1 or not wish.needs:
        raise ValueError("a limit of at least 1 and at least one need expected")
    index = catalogue.resources
    library = catalogue.library.resources
    resources = [library[document.id] for document in index.documents]
    chances = topic_chances(catalogue, wish.needs)
    matter = wish.matter or catalogue.bridge.topic_ids[int(np.argmax(chances))]
    refused = refused_for(catalogue, wish.needs, matter)
    column = {topic: at for at, topic in enumerate(catalogue.bridge.topic_ids)}
    topics = [_topic_for(resource, column, chances) for resource in resources]
    known = {work_of(library[one]) for one in wish.without if one in library}
    mask: Mask = np.array([
        _eligible(resource, wish) and work_of(resource) not in known
        and not {None, topic} & refused.get(resource.id, frozenset())
        for resource, topic in zip(resources, topics, strict=True)], dtype=np.bool_)
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
        if resources[row].level in wish.levels:
            scores[row] += WANTED_LEVEL
    rows = np.flatnonzero(mask)
    pins = pinned_to(catalogue.library.curation, matter, wish.language)
    place = np.array([pins.get(resources[row].id, len(pins)) for row in rows])
    order = rows[np.lexsort((rows, -scores[rows], place))][:limit]
    return [
        Recommendation(resources[row], float(scores[row]),
                       reason_for(resources[row], resources[row].topics[0], catalogue,
                                  wish.language),
                       topics[row], resources[row].id in pins)
        for row in order
    ]


def refused_for(
    catalogue: Catalogue, needs: Sequence[tuple[str, float]], matter: str
) -> dict[str, frozenset[str | None]]:
    """Return what curators refused, by resource: topics it must not stand for, null for any.

    Args:
        matter: The topic of the answer; what is refused for it is refused for any topic.
    """
    refused: dict[str, frozenset[str | None]] = {}
    for one in catalogue.library.curation.refused:
        if one.need is None:
            topics = {one.topic, None} if one.topic == matter else {one.topic}
        elif any(_alike(catalogue, one.need, text) for text, _ in needs):
            topics = {None}
        else:
            continue
        refused[one.resource] = refused.get(one.resource, frozenset()) | topics
    return refused


def pinned_to(curation: Curation, matter: str, language: str) -> dict[str, int]:
    """Return the places of what is pinned to a topic for those who ask in this language."""
    pins = [one.resource for one in curation.pinned
            if one.topic == matter and one.language in (None, base_language(language))]
    return {one: at for at, one in enumerate(dict.fromkeys(pins))}


def _alike(catalogue: Catalogue, need: str, text: str) -> bool:
    """Return whether somebody's words are a refused need: the same words, or the same meaning."""
    if plain(need).split() == plain(text).split():
        return True
    vectors = catalogue.bridge.centres.centre(
        catalogue.encoder.encode_queries([need, text]), [need, text], [None, None])
    return bool(vectors[0] @ vectors[1] >= SAME_NEED)


def topic_chances(
    catalogue: Catalogue, needs: Sequence[tuple[str, float]], bridge: NeedsBridge | None = None
) -> Floats:
    """Return the probability of each topic for weighted needs, in the bridge's order.

    Args:
        bridge: Another one than the catalogue's.
    """
    weights = np.array([weight for _, weight in needs], dtype=np.float32)
    scores = (bridge or catalogue.bridge).topic_scores([text for text, _ in needs])
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


def work_of(resource: Resource) -> str:
    """Return what is the same for a page in all its languages: its address without the language."""
    return _LANGUAGE_OF_PAGE.sub("", resource.url).rstrip("?&/")


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


def _topic_for(resource: Resource, column: Mapping[str, int], chances: Floats) -> str:
    """Return the resource's topic that the needs speak of most."""
    return max(resource.topics, key=lambda topic: (float(chances[column[topic]]),
                                                   -resource.topics.index(topic)))


def _eligible(resource: Resource, wish: Wish) -> bool:
    return (
        resource.id not in wish.without
        and (not wish.readable or base_language(resource.language) in wish.readable)
        and (not wish.audience or bool(wish.audience.intersection(resource.audience)))
        and (not wish.formats or resource.format in wish.formats)
        and (wish.longest is None or resource.budget_minutes <= wish.longest)
    )
