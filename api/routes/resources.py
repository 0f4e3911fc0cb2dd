"""What is worth learning: for a need or a person; a tenant's own resources; feedback."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.auth import Caller, anybody, reader
from api.bodies import OwnId, json_body, same_id, sent
from api.room import place_to_compute
from api.routes.people import GET_RESPONSES, put_done, put_responses
from api.sharing import catalogue_of, tenant_catalogue_of
from api.suggestions import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_MINUTES,
    ResourceSuggestion,
    suggest_resources,
    wish_of_person,
    wish_of_query,
)
from api.writing import (
    Done,
    Known,
    Writing,
    curator_writing,
    platform_adding,
    store_of,
)
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen, Language, Text
from recommender.domain.feedback import Feedback
from recommender.domain.resource import Resource
from recommender.errors import Fault, InvalidInputError, NotFoundError
from recommender.learning.feedback import wish_after
from recommender.storage.store import Store, Unit

LIBRARY_HEADER = "X-Library"
"""Names the fingerprint of the library that an answer was made from."""
_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"headers": {LIBRARY_HEADER: {
    "description": "The fingerprint of the library, with all that is laid over it.",
    "schema": {"type": "string"},
}}}}

router = APIRouter(prefix="/v1", tags=["learning"])


class PersonQuery(Frozen):
    """How much, and in which language; unknown parameters are refused."""

    language: Annotated[
        Language | None, Field(description="Only resources in this language, such as `es`.")
    ] = None
    minutes: Annotated[
        int | None, Field(ge=1, le=MAX_MINUTES, description="Budget for all of them together.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class ResourceQuery(PersonQuery):
    """The same, for a need."""

    q: Annotated[Text, Field(description="A need in somebody's own words.")]


class StoredVerdict(Frozen):
    """Feedback as it is stored."""

    id: str
    feedback: Feedback


@router.get(
    "/resources",
    operation_id="recommendResources",
    summary="Recommend resources for a need",
    description="Best first; an empty list where nothing fits.",
    response_model=list[ResourceSuggestion],
    responses=_RESPONSES,
    dependencies=[Depends(anybody), Depends(place_to_compute)],
)
async def recommend(
    query: Annotated[ResourceQuery, Query()],
    catalogue: Annotated[Catalogue, Depends(tenant_catalogue_of)],
    response: Response,
) -> list[ResourceSuggestion]:
    """Return the best resources; searching happens in a thread."""
    response.headers[LIBRARY_HEADER] = catalogue.library.fingerprint
    wish = wish_of_query(query.q, query.language)
    return await run_in_threadpool(
        suggest_resources, catalogue, wish, minutes=query.minutes, limit=query.limit
    )


@router.get(
    "/profiles/{id}/resources", operation_id="recommendForPerson",
    summary="Recommend resources for a person",
    description="For their goals, skills wanted and focus areas, as their feedback changes it; "
                "best first, an empty list where their profile names nothing to search with.",
    responses=_RESPONSES, dependencies=[Depends(anybody), Depends(place_to_compute)],
)
def recommend_for(
    id: OwnId, query: Annotated[PersonQuery, Query()], response: Response,
    caller: Annotated[Caller, Depends(reader)], store: Annotated[Store, Depends(store_of)],
    catalogue: Annotated[Catalogue, Depends(tenant_catalogue_of)],
) -> list[ResourceSuggestion]:
    """Return the best resources for a stored person."""
    response.headers[LIBRARY_HEADER] = catalogue.library.fingerprint
    with store.read(caller.tenant_id) as unit:
        profile = unit.profiles.get(id).doc
        said = [one.feedback for one in unit.feedback.of([id])]
    wish = wish_of_person(profile, query.language)
    if wish is None:
        return []
    return suggest_resources(catalogue, wish_after(wish, said), minutes=query.minutes,
                             limit=query.limit)


@router.get("/resources/{id}", operation_id="getResource", summary="Get a resource",
            response_model=Resource, responses=GET_RESPONSES)
def get_resource(
    id: OwnId, caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)], known: Known = None,
) -> Response:
    """Return a resource of the tenant, or else of the library."""
    with store.read(caller.tenant_id) as unit:
        found = unit.resources.find(id)
        hidden = found is None and id in unit.resources.hidden()
    if found is not None:
        return sent(found.doc, found.version, known)
    if hidden or id not in catalogue.library.resources:
        raise NotFoundError(f"there is no resource {id!r}; check the id")
    return Response(catalogue.library.resources[id].model_dump_json(by_alias=True),
                    media_type="application/json")


@router.put("/resources/{id}", operation_id="putResource", summary="Store a resource",
            description="Laid over the library for your tenant alone: new, or in place of the "
                        "library's own. The id is that of its address.",
            response_model=Resource, responses=put_responses("getResource", "deleteResource"),
            dependencies=[Depends(json_body)])
def put_resource(
    id: OwnId, resource: Annotated[Resource, Body()],
    writing: Annotated[Writing, Depends(curator_writing)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
) -> Response:
    """Store a resource under the id of the path."""
    same_id(id, resource.id)
    return store_resource(writing, resource, catalogue)


def store_resource(writing: Writing, resource: Resource, catalogue: Catalogue) -> Response:
    """Lay a resource over the library for a curator's tenant, and note it.

    Args:
        catalogue: What everybody sees.

    Raises:
        InvalidInputError: It names what is not there.
        StaleError: It is not as the writing's condition says.
    """

    def work(unit: Unit) -> Done:
        _check_references(resource, catalogue, set(unit.resources.versions()))
        stored, new = unit.resources.put(resource, writing.condition)
        return put_done(stored, f"/v1/resources/{resource.id}", new=new)

    return writing.do("put", "resource", resource.id, work)


@router.delete("/resources/{id}", operation_id="deleteResource", summary="Take a resource out",
               description="For your tenant alone; one of the library is hidden from it.",
               status_code=204, response_class=Response)
def delete_resource(
    id: OwnId, writing: Annotated[Writing, Depends(curator_writing)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
) -> Response:
    """Take a resource out of what the tenant sees."""
    return take_out(writing, id, catalogue)


def take_out(writing: Writing, own: str, catalogue: Catalogue) -> Response:
    """Take a resource out of what a curator's tenant sees, and note it.

    Raises:
        NotFoundError: There is none.
        StaleError: It is not as the writing's condition says.
    """

    def work(unit: Unit) -> Done:
        shipped = own in catalogue.library.resources
        gone = (unit.resources.hide(own, writing.condition) if shipped
                else unit.resources.remove(own, writing.condition))
        if not gone:
            raise NotFoundError(f"there is no resource {own!r}; check the id")
        return Done(204)

    return writing.do("delete", "resource", own, work)


@router.post("/feedback", operation_id="addFeedback", summary="Tell what somebody made of it",
             description="Of a resource, an activity (`target: item`, with the activity's id) or "
                         "an agenda. It changes what the same person gets next.",
             status_code=201, response_model=StoredVerdict, dependencies=[Depends(json_body)])
def add_feedback(
    given: Annotated[Feedback, Body()], writing: Annotated[Writing, Depends(platform_adding)],
    catalogue: Annotated[Catalogue, Depends(tenant_catalogue_of)],
) -> Response:
    """Store a verdict of a stored person."""

    def work(unit: Unit) -> Done:
        _check_feedback(unit, given, catalogue)
        said = given if given.at is not None else given.model_copy(
            update={"at": datetime.now(UTC)})
        stored = unit.feedback.add(said)
        told = StoredVerdict(id=stored.id, feedback=said)
        return Done(201, told.model_dump_json(), subject=stored.id)

    return writing.do("create", "feedback", "", work)


def _check_feedback(unit: Unit, given: Feedback, catalogue: Catalogue) -> None:
    if unit.profiles.find(given.profile_id) is None:
        raise InvalidInputError.of(f"there is no profile {given.profile_id!r}; PUT it first, or "
                                   "check the id", field="profile_id")
    library = catalogue.library
    there = {"resource": given.target_id in library.resources,
             "item": given.target_id in library.activities,
             "agenda": bool(given.target == "agenda"
                            and unit.agendas.several([given.target_id]))}[given.target]
    if not there:
        what = {"resource": "resource", "item": "activity", "agenda": "stored agenda"}
        raise InvalidInputError.of(
            f"{given.target_id!r} is no {what[given.target]}; check the id", field="target_id")


def _check_references(resource: Resource, catalogue: Catalogue, own: set[str]) -> None:
    library = catalogue.library
    known = own | set(library.resources)
    faults = [Fault("", f"topics[{at}]", f"{one!r} is no topic of the library")
              for at, one in enumerate(resource.topics) if one not in library.topics]
    faults += [Fault("", f"focus_areas[{at}]", f"{one!r} is no focus area of the library")
               for at, one in enumerate(resource.focus_areas) if one not in library.focus_areas]
    faults += [Fault("", f"prerequisites[{at}]", f"{one!r} is no resource")
               for at, one in enumerate(resource.prerequisites) if one not in known]
    if resource.superseded_by is not None and resource.superseded_by not in known:
        faults.append(Fault("", "superseded_by", f"{resource.superseded_by!r} is no resource"))
    if faults:
        raise InvalidInputError(faults)
