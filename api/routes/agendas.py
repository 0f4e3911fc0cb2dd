"""POST /v1/agendas: a case in, an agenda out, nothing kept."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.accept import preferred
from api.rendering import render_agenda
from api.sharing import catalogue_of, drafting_of
from recommender.agendas.drafting import (
    Drafting,
    Event,
    Fallback,
    generate_drafted,
    stream_drafted,
)
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Item
from recommender.domain.base import base_language
from recommender.domain.case import Case
from recommender.errors import Fault, InvalidInputError

STREAM = "text/event-stream"
FORMS = {"application/json": "json", "text/markdown": "md", "text/html": "html", STREAM: "stream"}
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
    media_type = preferred(request.headers.get("accept"), list(FORMS))
    if media_type is None:
        raise HTTPException(406, f"Accept one of {', '.join(FORMS)}.", headers={"Vary": "Accept"})
    return media_type


def no_query(request: Request) -> None:
    """Refuse query parameters: there are none, and one that is ignored would mislead."""
    if request.query_params:
        raise InvalidInputError([
            Fault("", name, "nothing is stored here; leave the parameter out" if name == "store"
                  else "unknown parameter; take it out")
            for name in request.query_params
        ])


@router.post(
    "/agendas",
    operation_id="createAgenda",
    summary="Write the agenda of one session",
    description="""\
Nothing is stored. `Accept` chooses JSON, Markdown, a complete HTML page, or a stream of
server-sent events: `item` with each Item as it is ready, and at last `agenda` with the whole
Agenda. Where a model's draft does not hold after items were sent, `fallback` with its reason says
that they are void; the composed items follow.""",
    response_model=Agenda,
    responses={200: {"content": {media: {"schema": {"type": "string"}}
                                 for media in ("text/markdown", "text/html", STREAM)}}},
    dependencies=[Depends(json_body), Depends(no_query)],
    tags=["agendas"],
)
async def create_agenda(
    case: Annotated[Case, Body()],
    media_type: Annotated[str, Depends(wanted_form)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
    drafting: Annotated[Drafting, Depends(drafting_of)],
) -> Response:
    """Return the agenda; composing it happens in a thread, so that others are answered."""
    language = base_language(case.session.language)
    headers = {"Content-Language": language, "Vary": "Accept"}
    if media_type == STREAM:
        events = stream_drafted(case, catalogue, drafting)
        first = await anext(events)
        return StreamingResponse(_stream(first, events), media_type=STREAM,
                                 headers=headers | {"X-Accel-Buffering": "no"})
    agenda = await generate_drafted(case, catalogue, drafting)
    text = await run_in_threadpool(render_agenda, agenda, catalogue.library, FORMS[media_type])
    if media_type == "text/html":
        headers["Content-Security-Policy"] = _PAGE_POLICY
    return Response(text, media_type=media_type, headers=headers)


async def _stream(first: Event, events: AsyncGenerator[Event, None]) -> AsyncIterator[str]:
    """Yield events as server-sent ones; what began before the headers comes first."""
    async with aclosing(events):
        yield _told(first)
        async for event in events:
            yield _told(event)


def _told(event: Event) -> str:
    match event:
        case Fallback():
            return f"event: fallback\ndata: {json.dumps({'reason': event.reason})}\n\n"
        case Item():
            return f"event: item\ndata: {event.model_dump_json(by_alias=True)}\n\n"
        case Agenda():
            return f"event: agenda\ndata: {event.model_dump_json(by_alias=True)}\n\n"
