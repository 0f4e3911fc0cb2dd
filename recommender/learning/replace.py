"""What could stand in a resource's place: the nearest active one, by the product's own search."""

from collections.abc import Collection

from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, base_language
from recommender.domain.resource import Resource
from recommender.learning.recommend import Wish, recommend_resources

LOOKED_AT = 200
"""Best-ranked resources among which one with a common topic is sought."""


def nearest_resource(
    catalogue: Catalogue, resource: Resource, without: Collection[str]
) -> Resource | None:
    """Return the active resource nearest to another one that shares a topic with it.

    One in its own language comes first; where there is none, any language does.

    Args:
        without: Ids that must not be suggested; the resource's own need not be among them.

    Returns:
        Null where nothing near shares a topic.
    """
    own = base_language(resource.language)
    said_in = own if own in LANGUAGES else "en"
    for readable in (frozenset({own}), frozenset[str]()):
        wish = Wish(
            needs=[(f"{resource.title}. {resource.gist}", 1.0)],
            language=said_in,
            readable=readable,
            without=frozenset({resource.id, *without}),
        )
        for found in recommend_resources(catalogue, wish, LOOKED_AT):
            if set(found.resource.topics) & set(resource.topics):
                return found.resource
    return None
