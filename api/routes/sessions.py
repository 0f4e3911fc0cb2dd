"""Sessions of stored pairs: the next agenda, with continuity, and what was noted."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.agenda_answers import CONTENT, Wanted, check_order, wanted_file
from api.auth import Caller, anybody, reader
from api.bodies import ETAG, LOCATION, OwnId, json_body, links_to, sent
from api.metrics import Metrics
from api.room import place_to_compute
from api.routes.agendas import RoleQuery, again, answer_stored
from api.routes.people import GET_RESPONSES, put_responses
from api.sharing import drafting_of, metrics_of, tenant_catalogue_of
from api.writing import (
    Done,
    Known,
    Writing,
    etag_of,
    platform_adding,
    platform_writing,
    store_of,
)
from recommender.agendas.drafting import Drafting, generate_drafted
from recommender.agendas.stored_case import case_of, check_notes
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.domain.pair import SessionNotes, SessionOrder
from recommender.errors import NotFoundError
from recommender.storage.kept_agendas import StoredAgenda
from recommender.storage.store import Store, Unit

router = APIRouter(prefix="/v1/pairs/{id}/sessions/{number}", tags=["sessions"])
Number = Annotated[int, Path(ge=1, le=1000, description="The session, from 1.")]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Written anew; the one before is kept as a version.",
          "content": CONTENT, "headers": ETAG | LOCATION},
    201: {"description": "The session's first agenda.", "model": Agenda, "content": CONTENT,
          "headers": ETAG | LOCATION,
          "links": links_to("$response.body#/id", "getAgenda", "editAgenda", "listVersions")},
}


@router.post("/agenda", operation_id="createSessionAgenda",
             summary="Write the agenda of a pair's session",
             description="From the stored profiles, goals, notes, actions, agendas and feedback. "
                         "The agenda is stored; written again, it keeps its id.",
             response_model=Agenda, responses=_ANSWERS,
             dependencies=[Depends(anybody), Depends(json_body), Depends(place_to_compute)])
async def create_session_agenda(
    id: OwnId, number: Number, order: Annotated[SessionOrder, Body()],
    media_type: Annotated[str, Depends(wanted_file)],
    writing: Annotated[Writing, Depends(platform_adding)],
    catalogue: Annotated[Catalogue, Depends(tenant_catalogue_of)],
    drafting: Annotated[Drafting, Depends(drafting_of)],
    metrics: Annotated[Metrics, Depends(metrics_of)], role: RoleQuery = None,
) -> Response:
    """Return the agenda of a session, once it is stored."""
    wanted = Wanted(media_type, role)
    if (reply := await run_in_threadpool(writing.reply)) is not None:
        return await run_in_threadpool(again, writing, reply, catalogue, wanted)
    case = await run_in_threadpool(_case, writing, catalogue, id, number, order)
    check_order(case, wanted)
    agenda = await generate_drafted(case, catalogue, drafting)
    metrics.count_agenda(agenda)
    stored, new = await run_in_threadpool(_set_agenda, writing, id, number, agenda, case)
    return await run_in_threadpool(answer_stored, stored, catalogue, wanted, new=new)


@router.get("/agenda", operation_id="getSessionAgenda",
            summary="Get the agenda of a pair's session", response_model=Agenda,
            responses=GET_RESPONSES)
def get_session_agenda(
    id: OwnId, number: Number, caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)], known: Known = None,
) -> Response:
    """Return the agenda of a session, whatever its id."""
    with store.read(caller.tenant_id) as unit:
        session = unit.sessions.find(id, number)
        if session is None or session.agenda_id is None:
            raise NotFoundError(f"the pair {id!r} has no agenda of session {number}")
        stored = unit.agendas.get(session.agenda_id)
    return sent(stored.agenda, stored.version, known)


@router.put("/notes", operation_id="putNotes", summary="Store what was noted of a session",
            description="Notes and actions; they shape the agendas of later sessions.",
            response_model=SessionNotes, responses=put_responses(),
            dependencies=[Depends(json_body)])
def put_notes(
    id: OwnId, number: Number, notes: Annotated[SessionNotes, Body()],
    writing: Annotated[Writing, Depends(platform_writing)],
) -> Response:
    """Store notes, new or in place of those that were there."""

    def work(unit: Unit) -> Done:
        check_notes(unit.pairs.get(id).doc, notes)
        session, new = unit.sessions.set_notes(id, number, notes, writing.condition)
        headers = {"ETag": etag_of(session.version)}
        if new:
            headers["Location"] = f"/v1/pairs/{id}/sessions/{number}/notes"
        return Done(201 if new else 200, notes.model_dump_json(), headers)

    return writing.do("put_notes", "pair", id, work)


@router.get("/notes", operation_id="getNotes", summary="Get what was noted of a session",
            response_model=SessionNotes, responses=GET_RESPONSES)
def get_notes(
    id: OwnId, number: Number, caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)], known: Known = None,
) -> Response:
    """Return the notes of a session."""
    with store.read(caller.tenant_id) as unit:
        session = unit.sessions.find(id, number)
    if session is None or session.notes is None:
        raise NotFoundError(f"the pair {id!r} has no notes of session {number}")
    return sent(session.notes, session.version, known)


def _case(
    writing: Writing, catalogue: Catalogue, pair_id: str, number: int, order: SessionOrder
) -> Case:
    with writing.store.read(writing.caller.tenant_id) as unit:
        return case_of(unit, catalogue, pair_id, number, order)


def _set_agenda(
    writing: Writing, pair_id: str, number: int, agenda: Agenda, case: Case
) -> tuple[StoredAgenda, bool]:
    """Store the agenda of a session in place of the one before, if there is one."""

    def work(unit: Unit) -> Done:
        unit.pairs.get(pair_id)
        session = unit.sessions.find(pair_id, number)
        if session is not None and session.agenda_id is not None:
            own = unit.agendas.replace(session.agenda_id, agenda, case, "agenda").id
            return Done(200, own, subject=own)
        own = unit.agendas.add(agenda, case, pair_id).id
        unit.sessions.set_agenda(pair_id, number, own)
        return Done(201, own, subject=own)

    done = writing.do("create", "agenda", "", work)
    with writing.store.read(writing.caller.tenant_id) as unit:
        return unit.agendas.get(bytes(done.body).decode()), done.status_code == 201
