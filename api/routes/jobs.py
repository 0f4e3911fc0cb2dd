"""Bulk generation: jobs that make an agenda for each pair of a programme."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.auth import Caller, reader
from api.bodies import LOCATION, OwnId, PageQuery, after_of, cursor_of, cut, json_body
from api.sharing import catalogue_of
from api.working import Waker
from api.writing import Done, Writing, platform_adding, store_of
from recommender.bulk import start_job
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen, Id
from recommender.domain.bulk import BulkOrder, JobRequest
from recommender.storage.kept_jobs import ItemState, JobState
from recommender.storage.store import Store, Unit

router = APIRouter(prefix="/v1", tags=["jobs"])
MADE: dict[int | str, dict[str, Any]] = {202: {"headers": LOCATION}}


class JobItem(Frozen):
    """One pair of a job.

    `agenda_id` is the agenda that was made, or that was there already; `error` says why there is
    none, or why none was made.
    """

    pair_id: Id
    state: ItemState
    attempts: int
    agenda_id: Id | None = None
    error: str | None = None


class JobProgress(Frozen):
    """How many items are in each state. `total` counts those of pairs that are still stored."""

    total: int
    waiting: int
    running: int
    done: int
    skipped: int
    failed: int
    cancelled: int


class Job(Frozen):
    """A job, how far it is, and what was asked for."""

    id: Id
    state: JobState
    programme_id: Id
    order: BulkOrder
    progress: JobProgress
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = Field(description="Null while it runs.")


class JobItemPage(Frozen):
    """Part of a job's items, in the order in which they are done."""

    data: list[JobItem]
    next_cursor: str | None = None


@router.post("/programmes/{id}/agendas", operation_id="startAgendasJob", status_code=202,
             summary="Make agendas for the pairs of a programme",
             description="A job does it, one pair after the other. A session that has an agenda "
                         "already is skipped, unless `replace` is set, so the same job twice "
                         "makes each agenda once.",
             response_model=Job, responses=MADE, dependencies=[Depends(json_body)])
async def start(
    id: OwnId, order: Annotated[BulkOrder, Body()], request: Request,
    writing: Annotated[Writing, Depends(platform_adding)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
) -> Response:
    """Store the job, and wake whoever does it."""
    made: list[Job] = []

    def work(unit: Unit) -> Done:
        stored = start_job(unit, catalogue, id, order, writing.caller.key_id)
        made.append(job_of(unit, stored.id))
        return Done(202, made[0].model_dump_json(), {"Location": f"/v1/jobs/{stored.id}"})

    answer = await run_in_threadpool(writing.do, "start-job", "programme", id, work)
    waker: Waker | None = request.app.state.waker
    if made and waker is not None:
        await waker.wake(writing.caller.tenant_id, made[0].id, made[0].progress.total)
    return answer


@router.get("/jobs/{id}", operation_id="getJob", summary="See how far a job is")
def get_job(
    id: OwnId, caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)],
) -> Job:
    """Return a job and its progress."""
    with store.read(caller.tenant_id) as unit:
        return job_of(unit, id)


@router.get("/jobs/{id}/items", operation_id="listJobItems", summary="List the items of a job")
def list_items(
    id: OwnId, query: Annotated[PageQuery, Query()], caller: Annotated[Caller, Depends(reader)],
    store: Annotated[Store, Depends(store_of)],
) -> JobItemPage:
    """Return part of a job's items."""
    after = after_of(query.cursor)
    with store.read(caller.tenant_id) as unit:
        unit.jobs.get(id)
        found = unit.jobs.items(id, query.limit + 1, int(after) if after.isdecimal() else -1)
    data, more = cut(found, query.limit)
    return JobItemPage(
        data=[JobItem(pair_id=one.subject, state=one.state, attempts=one.attempts,
                      agenda_id=one.result, error=one.error) for one in data],
        next_cursor=cursor_of(str(data[-1].position)) if more else None)


@router.delete("/jobs/{id}", operation_id="cancelJob", summary="Cancel a job",
               description="What was made stays. A job that is over stays as it is.",
               response_model=Job)
def cancel_job(
    id: OwnId, writing: Annotated[Writing, Depends(platform_adding)],
) -> Response:
    """Let nothing more of a job be done."""

    def work(unit: Unit) -> Done:
        unit.jobs.cancel(id)
        return Done(200, job_of(unit, id).model_dump_json())

    return writing.do("cancel", "job", id, work)


def job_of(unit: Unit, own: str) -> Job:
    """Return a job as it is sent.

    Raises:
        NotFoundError: There is none.
    """
    stored = unit.jobs.get(own)
    asked = JobRequest.model_validate_json(stored.request)
    progress = unit.jobs.progress(own)
    return Job(
        id=stored.id, state=stored.state, programme_id=asked.programme_id, order=asked.order,
        progress=JobProgress(total=sum(progress.values()), **progress),
        created_at=stored.created_at, updated_at=stored.updated_at, ended_at=stored.ended_at)
