"""GET /v1/resources: what is worth learning, for a need in somebody's own words."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.room import place_to_compute
from api.sharing import catalogue_of
from api.suggestions import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_MINUTES,
    ResourceSuggestion,
    suggest_resources,
    wish_of_query,
)
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen, Language, Text

LIBRARY_HEADER = "X-Library"
"""Names the fingerprint of the library that an answer was made from."""

router = APIRouter(prefix="/v1")


class ResourceQuery(Frozen):
    """The query parameters; unknown ones are refused."""

    q: Annotated[Text, Field(description="A need in somebody's own words.")]
    language: Annotated[
        Language | None, Field(description="Only resources in this language, such as `es`.")
    ] = None
    minutes: Annotated[
        int | None, Field(ge=1, le=MAX_MINUTES, description="Budget for all of them together.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


@router.get(
    "/resources",
    operation_id="recommendResources",
    summary="Recommend resources for a need",
    description="Best first; an empty list where nothing fits.",
    response_model=list[ResourceSuggestion],
    responses={200: {"headers": {LIBRARY_HEADER: {
        "description": "The fingerprint of the library, an overlay included.",
        "schema": {"type": "string"},
    }}}},
    dependencies=[Depends(place_to_compute)],
    tags=["learning"],
)
async def recommend(
    query: Annotated[ResourceQuery, Query()],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
    response: Response,
) -> list[ResourceSuggestion]:
    """Return the best resources; searching happens in a thread."""
    response.headers[LIBRARY_HEADER] = catalogue.library.fingerprint
    wish = wish_of_query(query.q, query.language)
    return await run_in_threadpool(
        suggest_resources, catalogue, wish, minutes=query.minutes, limit=query.limit
    )
