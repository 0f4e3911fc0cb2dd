"""Profiles, programmes and pairs: what a platform keeps here of its people."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api.auth import Caller, reader
from api.bodies import (
    ETAG,
    LOCATION,
    OwnId,
    PageQuery,
    after_of,
    cursor_of,
    cut,
    json_body,
    links_to,
    same_id,
    sent,
)
from api.sharing import catalogue_of
from api.writing import Done, Known, Writing, etag_of, platform_writing, store_of
from recommender.agendas.programmes import unknown_in
from recommender.agendas.stored_case import check_pair
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen, Id
from recommender.domain.pair import StoredPair
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.errors import ConflictError, InvalidInputError, NotFoundError
from recommender.storage.documents import Stored
from recommender.storage.store import Store, Unit

router = APIRouter(prefix="/v1", tags=["people"])
def put_responses(
    *next_operations: str, more: dict[str, Any] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return how a PUT is described, and what can be done with what it stored.

    Args:
        more: Links to other operations.
    """
    every = links_to("$request.path.id", *next_operations) | (more or {})
    links = {"links": every} if every else {}
    return {200: {"description": "Replaced, or the same as before.", "headers": ETAG} | links,
            201: {"description": "New.", "headers": ETAG | LOCATION} | links}


GET_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"headers": ETAG}, 304: {"description": "Still that version.", "headers": ETAG},
}


class ProfilePage(Frozen):
    """Part of the profiles, in id order."""

    data: list[Profile]
    next_cursor: str | None = None


class ProgrammePage(Frozen):
    """Part of the tenant's own programmes, in id order."""

    data: list[Programme]
    next_cursor: str | None = None


class PairPage(Frozen):
    """Part of the pairs, in id order."""

    data: list[StoredPair]
    next_cursor: str | None = None


class PairQuery(PageQuery):
    """Which part of the pairs is wanted."""

    profile_id: Annotated[Id | None, Field(description="Only this person's pairs.")] = None


@router.get("/profiles", operation_id="listProfiles", summary="List profiles")
def list_profiles(
    query: Annotated[PageQuery, Query()], caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)],
) -> ProfilePage:
    """Return part of the profiles."""
    with store.read(caller.tenant_id) as unit:
        found = unit.profiles.page(query.limit + 1, after_of(query.cursor))
    data, more = cut(found, query.limit)
    return ProfilePage(data=[one.doc for one in data],
                       next_cursor=cursor_of(data[-1].id) if more else None)


@router.put("/profiles/{id}", operation_id="putProfile", summary="Store a person",
            response_model=Profile, responses=put_responses(
                "getProfile", "deleteProfile", "suggestMentors", "recommendForPerson"),
            dependencies=[Depends(json_body)])
def put_profile(
    id: OwnId, profile: Annotated[Profile, Body()],
    writing: Annotated[Writing, Depends(platform_writing)],
) -> Response:
    """Store a person under the id of the path, new or in place of what was there."""
    same_id(id, profile.id)

    def work(unit: Unit) -> Done:
        stored, new = unit.put_profile(profile, writing.condition)
        return put_done(stored, f"/v1/profiles/{id}", new=new)

    return writing.do("put", "profile", id, work)


@router.get("/profiles/{id}", operation_id="getProfile", summary="Get a person",
            response_model=Profile, responses=GET_RESPONSES)
def get_profile(
    id: OwnId, caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)], known: Known = None,
) -> Response:
    """Return a stored person."""
    with store.read(caller.tenant_id) as unit:
        found = unit.profiles.get(id)
    return sent(found.doc, found.version, known)


@router.delete("/profiles/{id}", operation_id="deleteProfile", summary="Erase a person",
               description="With their pairs, notes, agendas, feedback and vectors.",
               status_code=204, response_class=Response)
def delete_profile(
    id: OwnId, request: Request,
    writing: Annotated[Writing, Depends(platform_writing)],
) -> Response:
    """Erase a person everywhere."""

    def work(unit: Unit) -> Done:
        if not unit.erase_profile(id, writing.condition):
            raise NotFoundError(f"there is no profile {id!r}")
        return Done(204)

    answer = writing.do("delete", "profile", id, work)
    tenant = writing.caller.tenant_id
    writing.store.forget(tenant)
    writing.store.scrub()
    request.app.state.people.forget(tenant)
    return answer


@router.get("/programmes", operation_id="listProgrammes", summary="List your own programmes",
            description="Those of the library come with every installation, and may be used and "
                        "got by their ids too.")
def list_programmes(
    query: Annotated[PageQuery, Query()], caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)],
) -> ProgrammePage:
    """Return part of the tenant's own programmes."""
    with store.read(caller.tenant_id) as unit:
        found = unit.programmes.page(query.limit + 1, after_of(query.cursor))
    data, more = cut(found, query.limit)
    return ProgrammePage(data=[one.doc for one in data],
                         next_cursor=cursor_of(data[-1].id) if more else None)


@router.put("/programmes/{id}", operation_id="putProgramme", summary="Store a programme",
            description="One with the id of a programme of the library is used in its place.",
            response_model=Programme, responses=put_responses(
                "getProgramme", "deleteProgramme", "matchPeople", "startAgendasJob"),
            dependencies=[Depends(json_body)])
def put_programme(
    id: OwnId, programme: Annotated[Programme, Body()],
    writing: Annotated[Writing, Depends(platform_writing)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
) -> Response:
    """Store a programme under the id of the path, new or in place of what was there."""
    same_id(id, programme.id)
    if faults := list(unknown_in(programme, catalogue.library)):
        raise InvalidInputError(faults)

    def work(unit: Unit) -> Done:
        stored, new = unit.programmes.put(programme, writing.condition)
        return put_done(stored, f"/v1/programmes/{id}", new=new)

    return writing.do("put", "programme", id, work)


@router.get("/programmes/{id}", operation_id="getProgramme", summary="Get a programme",
            response_model=Programme, responses=GET_RESPONSES)
def get_programme(
    id: OwnId, caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)], known: Known = None,
) -> Response:
    """Return a programme of the tenant, or else of the library."""
    with store.read(caller.tenant_id) as unit:
        found = unit.programmes.find(id)
    if found is not None:
        return sent(found.doc, found.version, known)
    if id not in catalogue.library.programmes:
        raise NotFoundError(f"there is no programme {id!r}; PUT it first, or check the id")
    return Response(catalogue.library.programmes[id].model_dump_json(by_alias=True),
                    media_type="application/json")


@router.delete("/programmes/{id}", operation_id="deleteProgramme", summary="Delete a programme",
               description="Refused with 409 while a pair is in it.", status_code=204,
               response_class=Response)
def delete_programme(
    id: OwnId, writing: Annotated[Writing, Depends(platform_writing)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
) -> Response:
    """Delete a programme that no pair is in; one of the library comes back in its place."""

    def work(unit: Unit) -> Done:
        if id not in catalogue.library.programmes and unit.members.programme_is_used(id):
            raise ConflictError(f"a pair is in the programme {id!r}; delete its pairs first")
        if not unit.programmes.remove(id, writing.condition):
            raise NotFoundError(f"there is no programme {id!r} of your own")
        return Done(204)

    return writing.do("delete", "programme", id, work)


@router.get("/pairs", operation_id="listPairs", summary="List pairs")
def list_pairs(
    query: Annotated[PairQuery, Query()], caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)],
) -> PairPage:
    """Return part of the pairs."""
    after = after_of(query.cursor)
    with store.read(caller.tenant_id) as unit:
        if query.profile_id is None:
            found = unit.pairs.page(query.limit + 1, after)
        else:
            ids = [one for one in unit.members.pairs_of(query.profile_id) if one > after]
            some = unit.pairs.several(ids[: query.limit + 1])
            found = [some[one] for one in sorted(some)]
    data, more = cut(found, query.limit)
    return PairPage(data=[one.doc for one in data],
                    next_cursor=cursor_of(data[-1].id) if more else None)


@router.put("/pairs/{id}", operation_id="putPair", summary="Store a pair or group",
            description="Its members' profiles must be stored already.",
            response_model=StoredPair,
            responses=put_responses("getPair", "deletePair", more=links_to(
                "$request.path.id", "createSessionAgenda", "putNotes", number=1)),
            dependencies=[Depends(json_body)])
def put_pair(
    id: OwnId, pair: Annotated[StoredPair, Body()],
    writing: Annotated[Writing, Depends(platform_writing)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
) -> Response:
    """Store a pair under the id of the path, new or in place of what was there."""
    same_id(id, pair.id)

    def work(unit: Unit) -> Done:
        check_pair(unit, catalogue, pair)
        stored, new = unit.put_pair(pair, writing.condition)
        return put_done(stored, f"/v1/pairs/{id}", new=new)

    return writing.do("put", "pair", id, work)


@router.get("/pairs/{id}", operation_id="getPair", summary="Get a pair",
            response_model=StoredPair, responses=GET_RESPONSES)
def get_pair(
    id: OwnId, caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)], known: Known = None,
) -> Response:
    """Return a stored pair."""
    with store.read(caller.tenant_id) as unit:
        found = unit.pairs.get(id)
    return sent(found.doc, found.version, known)


@router.delete("/pairs/{id}", operation_id="deletePair", summary="Delete a pair",
               description="With its notes and agendas.", status_code=204,
               response_class=Response)
def delete_pair(
    id: OwnId, writing: Annotated[Writing, Depends(platform_writing)],
) -> Response:
    """Delete a pair with its sessions."""

    def work(unit: Unit) -> Done:
        if not unit.erase_pair(id, writing.condition):
            raise NotFoundError(f"there is no pair {id!r}")
        return Done(204)

    answer = writing.do("delete", "pair", id, work)
    writing.store.scrub()
    return answer


def put_done(stored: Stored[Any], path: str, *, new: bool) -> Done:
    """Return the answer to a PUT."""
    headers = {"ETag": etag_of(stored.version)}
    return Done(201 if new else 200, stored.doc.model_dump_json(by_alias=True),
                headers | ({"Location": path} if new else {}))
