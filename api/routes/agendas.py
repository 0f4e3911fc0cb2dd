"""Agendas of cases: written, stored if that is asked, got, edited."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.agenda_answers import (
    CONTENT,
    Wanted,
    answer_with,
    check_order,
    headers_of,
    wanted_file,
    wanted_form,
)
from api.auth import Caller, anybody, reader, require
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
)
from api.metrics import Metrics
from api.room import place_to_compute
from api.sharing import drafting_of, metrics_of, tenant_catalogue_of
from api.streaming import MEDIA_TYPE as STREAM
from api.streaming import begin_stream
from api.writing import (
    REPLAYED,
    Done,
    IdempotencyKey,
    Known,
    Writing,
    etag_of,
    is_known,
    platform_writing,
    replayed,
    store_of,
    writing_for,
)
from recommender.agendas.drafting import Drafting, Event, generate_drafted, stream_drafted
from recommender.agendas.edit import edit_agenda
from recommender.agendas.programmes import programme_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import Frozen, Role
from recommender.domain.case import Case
from recommender.domain.edit import Edited, Edits
from recommender.domain.policy import case_within
from recommender.domain.version import By
from recommender.errors import Fault, InvalidInputError, StaleError
from recommender.storage.documents import Condition
from recommender.storage.kept_access import Reply
from recommender.storage.kept_agendas import StoredAgenda
from recommender.storage.store import Store, Unit

router = APIRouter(prefix="/v1", tags=["agendas"])
TRIES = 5
"""Times that an edit is made again because somebody else changed the agenda meanwhile."""
RoleQuery = Annotated[Role | None, Query(
    description="Whose agenda: own preparation and resources, and what everybody has.")]


class AgendaVersion(Frozen):
    """One agenda that stood in a place; the one that stands there now was not replaced."""

    number: Annotated[int, Field(ge=1)]
    kept_at: datetime | None = None
    replaced_by: By | None = None
    agenda: Agenda


class VersionPage(Frozen):
    """Part of the versions, oldest first."""

    data: list[AgendaVersion]
    next_cursor: str | None = None


def known_query(request: Request) -> None:
    """Refuse query parameters that are not known: one that is ignored would mislead."""
    unknown = [name for name in request.query_params if name not in ("role", "store")]
    if unknown:
        raise InvalidInputError([Fault("", name, "unknown parameter; take it out")
                                 for name in unknown])


@router.post(
    "/agendas",
    operation_id="createAgenda",
    summary="Write the agenda of one session",
    description="Nothing is stored without `store=true`, which needs a platform's key. `Accept` "
                "chooses JSON, Markdown, a complete HTML page, an "
                "entry for a calendar (the session needs a date), a Word file, or server-sent "
                "events: `item` with each Item as it is ready, and at last `agenda` with the "
                "whole Agenda. Where a model's draft does not hold after items were sent, "
                "`fallback` with its reason says that they are void; composed ones follow.",
    response_model=Agenda,
    responses={200: {"content": CONTENT | {STREAM: {"schema": {"type": "string"}}}},
               201: {"description": "Stored, under the id that it has now.", "model": Agenda,
                     "content": CONTENT, "headers": ETAG | LOCATION,
                     "links": links_to("$response.body#/id", "getAgenda", "editAgenda",
                                       "listVersions")}},
    dependencies=[Depends(anybody), Depends(json_body), Depends(known_query),
                  Depends(place_to_compute)],
)
async def create_agenda(
    request: Request,
    case: Annotated[Case, Body()],
    media_type: Annotated[str, Depends(wanted_form)],
    caller: Annotated[Caller | None, Depends(anybody)],
    catalogue: Annotated[Catalogue, Depends(tenant_catalogue_of)],
    drafting: Annotated[Drafting, Depends(drafting_of)],
    metrics: Annotated[Metrics, Depends(metrics_of)],
    db: Annotated[Store, Depends(store_of)],
    role: RoleQuery = None,
    store: Annotated[bool, Query(description="Keep the agenda and its case.")] = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Return the agenda; composing it happens in a thread, so that others are answered."""
    wanted = Wanted(media_type, role)
    if caller is not None:
        case = await run_in_threadpool(_bounded, case, catalogue, db, caller)
    writing = None
    if store:
        writing = await writing_for(request, require("platform", caller), db, idempotency_key)
        if (reply := await run_in_threadpool(writing.reply)) is not None:
            return await run_in_threadpool(again, writing, reply, catalogue, wanted)
    check_order(case, wanted)
    if media_type == STREAM:
        made = stream_drafted(case, catalogue, drafting)
        events = await begin_stream(
            made if writing is None else _storing(made, case, writing), role,
            metrics.count_agenda)
        return StreamingResponse(
            events, 200 if writing is None else 201, media_type=STREAM,
            headers=headers_of(case.session.language) | {"X-Accel-Buffering": "no"})
    agenda = await generate_drafted(case, catalogue, drafting)
    metrics.count_agenda(agenda)
    if writing is None:
        return await run_in_threadpool(answer_with, agenda, case, catalogue, wanted)
    stored = await run_in_threadpool(add_agenda, writing, agenda, case)
    return await run_in_threadpool(answer_stored, stored, catalogue, wanted, new=True)


@router.get(
    "/agendas/{id}", operation_id="getAgenda", summary="Get a stored agenda",
    description="In the form that `Accept` chooses; JSON has an ETag.",
    response_model=Agenda,
    responses={200: {"content": CONTENT, "headers": ETAG},
               304: {"description": "Still that version.", "headers": ETAG}},
)
def get_agenda(
    id: OwnId, media_type: Annotated[str, Depends(wanted_file)],
    caller: Annotated[Caller, Depends(reader)], db: Annotated[Store, Depends(store_of)],
    catalogue: Annotated[Catalogue, Depends(tenant_catalogue_of)], role: RoleQuery = None,
    known: Known = None,
) -> Response:
    """Return a stored agenda."""
    with db.read(caller.tenant_id) as unit:
        stored = unit.agendas.get(id)
    if role is None and media_type == "application/json" and is_known(
            known, etag_of(stored.version)):
        return Response(None, 304, {"ETag": etag_of(stored.version), "Vary": "Accept"})
    return answer_stored(stored, catalogue, Wanted(media_type, role), new=False)


@router.post(
    "/agendas/{id}/edits", operation_id="editAgenda", summary="Change a stored agenda",
    description="By typed operations, all of them or none. The agenda keeps its id; what stood "
                "there before is kept as a version.",
    response_model=Edited, responses={200: {"headers": ETAG}},
    dependencies=[Depends(anybody), Depends(json_body), Depends(place_to_compute)],
)
async def edit_stored(
    id: OwnId, edits: Annotated[Edits, Body()],
    writing: Annotated[Writing, Depends(platform_writing)],
    catalogue: Annotated[Catalogue, Depends(tenant_catalogue_of)],
) -> Response:
    """Apply operations to the agenda as it stands."""
    return await run_in_threadpool(_edit, id, edits, writing, catalogue)


def _bounded(case: Case, catalogue: Catalogue, db: Store, caller: Caller) -> Case:
    """Return a case within what the caller's tenant allows."""
    with db.read(caller.tenant_id) as unit:
        policy = unit.policy()
    return case_within(case, programme_of(case, catalogue.library), policy)


def _edit(own: str, edits: Edits, writing: Writing, catalogue: Catalogue) -> Response:
    """Edit an agenda outside of a transaction, again where somebody else was quicker."""
    if (reply := writing.reply()) is not None:
        return replayed(reply)
    tries = TRIES
    while True:
        with writing.store.read(writing.caller.tenant_id) as unit:
            stored = unit.agendas.get(own)
        writing.condition.check(stored.version)
        edited = edit_agenda(stored.agenda, edits.ops, catalogue, stored.case)

        def work(
            unit: Unit, before: StoredAgenda = stored, edited: Edited = edited
        ) -> Done:
            after = unit.agendas.replace(own, edited.agenda, before.case, "edit",
                                         Condition(frozenset({before.version})))
            told = Edited(agenda=after.agenda, diff=edited.diff)
            return Done(200, told.model_dump_json(by_alias=True),
                        {"ETag": etag_of(after.version)})

        try:
            return writing.do("edit", "agenda", own, work)
        except StaleError:
            tries -= 1
            if not tries:
                raise


@router.get("/agendas/{id}/versions", operation_id="listVersions",
            summary="List what stood in an agenda's place",
            description="Oldest first; the last one is the agenda as it stands.")
def list_versions(
    id: OwnId, query: Annotated[PageQuery, Query()], caller: Annotated[Caller, Depends(reader)],
    db: Annotated[Store, Depends(store_of)],
) -> VersionPage:
    """Return part of the versions."""
    with db.read(caller.tenant_id) as unit:
        stored, history = unit.agendas.get(id), unit.agendas.history(id)
    every = [AgendaVersion(number=one.number, kept_at=one.kept_at, replaced_by=one.replaced_by,
                           agenda=one.agenda) for one in history]
    every.append(AgendaVersion(number=max((one.number for one in history), default=0) + 1,
                               agenda=stored.agenda))
    after = after_of(query.cursor)
    if after and not after.isdecimal():
        raise InvalidInputError.of("is none that this list gave; begin without one",
                                   field="cursor")
    data, more = cut([one for one in every if one.number > int(after or 0)], query.limit)
    return VersionPage(data=data, next_cursor=cursor_of(str(data[-1].number)) if more else None)


def answer_stored(
    stored: StoredAgenda, catalogue: Catalogue, wanted: Wanted, *, new: bool
) -> Response:
    """Return a stored agenda as it was asked for."""
    headers = dict(wanted.headers)
    if wanted.media_type == "application/json" and wanted.role is None:
        headers["ETag"] = etag_of(stored.version)
    if new:
        headers["Location"] = f"/v1/agendas/{stored.id}"
    return answer_with(stored.agenda, stored.case, catalogue,
                       Wanted(wanted.media_type, wanted.role, 201 if new else 200, headers))


def add_agenda(writing: Writing, agenda: Agenda, case: Case) -> StoredAgenda:
    """Store a new agenda, unless this request did so before, and return what is stored."""
    def work(unit: Unit) -> Done:
        own = unit.agendas.add(agenda, case).id
        return Done(201, own, subject=own)

    done = writing.do("create", "agenda", "", work)
    with writing.store.read(writing.caller.tenant_id) as unit:
        return unit.agendas.get(bytes(done.body).decode())


def again(writing: Writing, reply: Reply, catalogue: Catalogue, wanted: Wanted) -> Response:
    """Return the agenda that a repeated request stored, as it stands."""
    with writing.store.read(writing.caller.tenant_id) as unit:
        stored = unit.agendas.get(reply.body)
    media_type = "application/json" if wanted.media_type == STREAM else wanted.media_type
    return answer_stored(stored, catalogue, Wanted(
        media_type, wanted.role, headers={REPLAYED: "true"}), new=reply.status == 201)


async def _storing(
    events: AsyncGenerator[Event, None], case: Case, writing: Writing
) -> AsyncGenerator[Event, None]:
    """Yield the same events; the agenda at the end is stored first, and has its new id."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Agenda):
                stored = await run_in_threadpool(add_agenda, writing, event, case)
                yield stored.agenda
            else:
                yield event

