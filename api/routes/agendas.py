"""POST /v1/agendas: a case in, an agenda out, nothing kept."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.accept import preferred
from api.metrics import Metrics
from api.rendering import FORMS, order_for, render_agenda
from api.room import place_to_compute
from api.sharing import catalogue_of, drafting_of, metrics_of
from api.streaming import MEDIA_TYPE as STREAM
from api.streaming import begin_stream
from recommender.agendas.drafting import Drafting, generate_drafted, stream_drafted
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import Role, base_language
from recommender.domain.case import Case
from recommender.errors import Fault, InvalidInputError

FORM_OF = {media_type: form for form, media_type in FORMS.items()}
FILES = {"ics": "session-{number}.ics", "docx": "session-{number}.docx"}
"""What is opened by another program than a browser, with its name."""
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"

router = APIRouter(prefix="/v1")


def json_body(request: Request) -> None:
    """Refuse a body that says it is something other than JSON."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise HTTPException(
            415, f"The body is {kind or 'of no stated type'}; send a Case as JSON, with "
                 "Content-Type: application/json."
        )


def wanted_form(request: Request) -> str:
    """Return the media type the caller likes best of those we make."""
    made = [*FORM_OF, STREAM]
    media_type = preferred(request.headers.get("accept"), made)
    if media_type is None:
        raise HTTPException(406, f"Accept one of {', '.join(made)}.", headers={"Vary": "Accept"})
    return media_type


def known_query(request: Request) -> None:
    """Refuse query parameters other than `role`: one that is ignored would mislead."""
    unknown = [name for name in request.query_params if name != "role"]
    if unknown:
        raise InvalidInputError([
            Fault("", name, "nothing is stored here; leave the parameter out" if name == "store"
                  else "unknown parameter; take it out")
            for name in unknown
        ])


@router.post(
    "/agendas",
    operation_id="createAgenda",
    summary="Write the agenda of one session",
    description="Nothing is stored. `Accept` chooses JSON, Markdown, a complete HTML page, an "
                "entry for a calendar (the session needs a date), a Word file, or server-sent "
                "events: `item` with each Item as it is ready, and at last `agenda` with the "
                "whole Agenda. Where a model's draft does not hold after items were sent, "
                "`fallback` with its reason says that they are void; composed ones follow.",
    response_model=Agenda,
    responses={200: {"content": {
        media_type: {"schema": {"type": "string", "format": "binary"} if form == "docx"
                     else {"type": "string"}}
        for form, media_type in FORMS.items() if form != "json"
    } | {STREAM: {"schema": {"type": "string"}}}}},
    dependencies=[Depends(json_body), Depends(known_query), Depends(place_to_compute)],
    tags=["agendas"],
)
async def create_agenda(
    case: Annotated[Case, Body()],
    media_type: Annotated[str, Depends(wanted_form)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
    drafting: Annotated[Drafting, Depends(drafting_of)],
    metrics: Annotated[Metrics, Depends(metrics_of)],
    role: Annotated[Role | None, Query(
        description="Whose agenda: own preparation and resources, and what everybody has.",
    )] = None,
) -> Response:
    """Return the agenda; composing it happens in a thread, so that others are answered."""
    headers = {"Content-Language": base_language(case.session.language), "Vary": "Accept"}
    order = order_for(case, FORM_OF.get(media_type, "json"), datetime.now(UTC), role)
    if media_type == STREAM:
        events = await begin_stream(stream_drafted(case, catalogue, drafting), role,
                                    metrics.count_agenda)
        return StreamingResponse(events, media_type=STREAM,
                                 headers=headers | {"X-Accel-Buffering": "no"})
    agenda = await generate_drafted(case, catalogue, drafting)
    metrics.count_agenda(agenda)
    content = await run_in_threadpool(render_agenda, agenda, case, catalogue, order)
    if order.form == "html":
        headers["Content-Security-Policy"] = _PAGE_POLICY
    if order.form in FILES:
        name = FILES[order.form].format(number=agenda.session.number)
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers=headers)
