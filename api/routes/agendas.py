"""POST /v1/agendas: a case in, an agenda out, nothing kept."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.accept import preferred
from api.rendering import render_agenda
from api.sharing import catalogue_of
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.errors import Fault, InvalidInputError

FORMS = {"application/json": "json", "text/markdown": "md", "text/html": "html"}
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
    description="Nothing is stored. `Accept` chooses JSON, Markdown or a complete HTML page.",
    response_model=Agenda,
    responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}},
                                 "text/html": {"schema": {"type": "string"}}}}},
    dependencies=[Depends(json_body), Depends(no_query)],
    tags=["agendas"],
)
async def create_agenda(
    case: Annotated[Case, Body()],
    media_type: Annotated[str, Depends(wanted_form)],
    catalogue: Annotated[Catalogue, Depends(catalogue_of)],
) -> Response:
    """Return the agenda; composing it happens in a thread, so that others are answered."""
    agenda, text = await run_in_threadpool(_write, case, catalogue, FORMS[media_type])
    headers = {"Content-Language": agenda.language, "Vary": "Accept"}
    if media_type == "text/html":
        headers["Content-Security-Policy"] = _PAGE_POLICY
    return Response(text, media_type=media_type, headers=headers)


def _write(case: Case, catalogue: Catalogue, form: str) -> tuple[Agenda, str]:
    agenda = generate_agenda(case, catalogue)
    return agenda, render_agenda(agenda, catalogue.library, form)
