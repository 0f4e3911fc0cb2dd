"""Many people at once, as an HR system exports them; one bad row loses no other."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.bodies import kind_of_body
from api.writing import Done, Writing, platform_adding
from recommender.domain.base import Frozen
from recommender.errors import Fault
from recommender.people_file import PeopleFile, parse_people
from recommender.storage.store import Unit

router = APIRouter(prefix="/v1", tags=["people"])
KINDS: dict[str, Literal["csv", "jsonl"]] = {
    "application/x-ndjson": "jsonl", "application/ndjson": "jsonl", "application/jsonl": "jsonl",
    "text/csv": "csv",
}
MAX_FAULTS = 1000
"""Faults that are listed; the count is of all."""


class RowProblem(Frozen):
    """What is wrong with one row."""

    row: str = Field(description="Such as `line 3`.")
    field: str
    problem: str


class ImportReport(Frozen):
    """What became of the rows; those with a problem are not stored."""

    created: int
    updated: int
    unchanged: int
    refused: int = Field(description="Problems found; a row may have several.")
    problems: list[RowProblem]


@router.post(
    "/profiles:import", operation_id="importProfiles", summary="Store many people",
    description="One profile a line as JSON, or CSV with a heading: the fields of a profile, "
                "lists `;`-separated, goals in `goal_1`, `goal_2`, …, `attributes.<name>`. Rows "
                "that are good are stored, all others are reported. A row that says the same as "
                "before changes nothing. At most 1 MiB at once.",
    response_model=ImportReport,
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/x-ndjson": {"schema": {"type": "string"}},
        "text/csv": {"schema": {"type": "string"}}}}},
)
async def import_profiles(
    request: Request, writing: Annotated[Writing, Depends(platform_adding)]
) -> Response:
    """Store the people of a file."""
    kind = KINDS.get(kind_of_body(request))
    if kind is None:
        raise HTTPException(
            415, f"The body is {kind_of_body(request) or 'of no stated type'}; send "
                 "application/x-ndjson or text/csv.")
    held = parse_people(await request.body(), kind)
    return await run_in_threadpool(
        writing.do, "import", "profile", "", lambda unit: _import(unit, held))


def _import(unit: Unit, held: PeopleFile) -> Done:
    created, updated = unit.put_profiles(held.profiles)
    report = ImportReport(
        created=created, updated=updated, unchanged=len(held.profiles) - created - updated,
        refused=len(held.faults), problems=[_told(one) for one in held.faults[:MAX_FAULTS]])
    return Done(200, report.model_dump_json(), subject="import")


def _told(fault: Fault) -> RowProblem:
    return RowProblem(row=fault.source, field=fault.field, problem=fault.problem)
