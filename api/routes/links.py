"""Links for participants, and the page that they open: an agenda without an account."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from string import Template
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import Field
from starlette.exceptions import HTTPException

from api.auth import Caller, platform
from api.bodies import OwnId, json_body
from api.links import BadLink, Link, read_link, sign_link
from api.rendering import order_for, render_agenda
from api.writing import store_of
from recommender.domain.base import Frozen, Role
from recommender.errors import NotFoundError
from recommender.settings import MAX_LINK_DAYS, Settings, split_secrets
from recommender.storage.store import Store
from recommender.storage.tenant_catalogues import TenantCatalogues

router = APIRouter()
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                               "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_GONE = {
    404: {
        "title_en": "This link does not open anything",
        "text_en": "It may have been cut off when it was copied, or the agenda was deleted. "
                   "Ask the person who sent it to you for a new one.",
        "title_es": "Este enlace no abre nada",
        "text_es": "Puede que se haya cortado al copiarlo, o que la agenda se haya borrado. "
                   "Pide un enlace nuevo a quien te lo envió.",
        "title_fr": "Ce lien n’ouvre rien",
        "text_fr": "Il a peut-être été coupé lors de la copie, ou l’ordre du jour a été "
                   "supprimé. Demandez un nouveau lien à la personne qui vous l’a envoyé.",
    },
    410: {
        "title_en": "This link has expired",
        "text_en": "Links to agendas only work for some days. Ask the person who sent it to you "
                   "for a new one.",
        "title_es": "Este enlace ha caducado",
        "text_es": "Los enlaces a las agendas solo funcionan unos días. Pide un enlace nuevo a "
                   "quien te lo envió.",
        "title_fr": "Ce lien a expiré",
        "text_fr": "Les liens vers les ordres du jour ne fonctionnent que quelques jours. "
                   "Demandez un nouveau lien à la personne qui vous l’a envoyé.",
    },
}


class LinkOrder(Frozen):
    """For whom a link is, and for how long."""

    role: Role | None = Field(None, description="Whose agenda it shows; null: everybody's.")
    days: Annotated[int, Field(ge=1, le=MAX_LINK_DAYS)] | None = Field(
        None, description="Null: as the operator has set, 14 unless they did.")


class ParticipantLink(Frozen):
    """A link; put the address of your own host before its path."""

    path: str
    role: Role | None
    expires_at: datetime


@router.post("/v1/agendas/{id}/links", operation_id="createLink", status_code=201,
             summary="Make a link to a stored agenda for a participant", tags=["agendas"],
             description="Who has the link may read the agenda, without a key, until it expires "
                         "or the agenda is deleted. Nothing is stored.",
             dependencies=[Depends(json_body)])
def create_link(
    id: OwnId, order: Annotated[LinkOrder, Body()], request: Request,
    caller: Annotated[Caller, Depends(platform)], store: Annotated[Store, Depends(store_of)],
) -> ParticipantLink:
    """Return a signed link, and note who made it."""
    settings: Settings = request.app.state.settings
    secrets = split_secrets(settings.link_secrets)
    if not secrets:
        raise HTTPException(503, "Links are not set up here; the operator sets "
                                 "AGENDUM_LINK_SECRETS.")
    with store.read(caller.tenant_id) as unit:
        stored = unit.agendas.get(id)
    order_for(stored.case, "html", datetime.now(UTC), order.role)
    days = settings.link_days if order.days is None else order.days
    expires = (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    token = sign_link(Link(caller.tenant_id, id, order.role, expires), secrets)
    store.note(caller.tenant_id, caller.key_id, "create link", "agenda", id,
               str(request.state.request_id))
    return ParticipantLink(path=f"/a/{token}", role=order.role, expires_at=expires)


@router.get("/a/{token}", include_in_schema=False)
def participant_page(
    token: str, request: Request, store: Annotated[Store, Depends(store_of)],
) -> HTMLResponse:
    """Return the agenda that a link opens, or a page that says why it opens nothing."""
    state: Any = request.app.state
    try:
        link = read_link(token, split_secrets(state.settings.link_secrets), datetime.now(UTC))
    except BadLink as error:
        return _gone(410 if error.expired else 404)
    catalogues: TenantCatalogues = state.catalogues
    try:
        with store.read(link.tenant_id) as unit:
            stored = unit.agendas.get(link.agenda_id)
    except NotFoundError:
        return _gone(404)
    order = order_for(stored.case, "html", datetime.now(UTC), link.role)
    content = render_agenda(stored.agenda, stored.case, catalogues.of(link.tenant_id), order)
    if state.settings.audit_reads:
        store.note(link.tenant_id, f"link:{link.role or 'all'}", "read", "agenda",
                   link.agenda_id, str(request.state.request_id))
    return HTMLResponse(content, headers=_PAGE_HEADERS)


def _gone(status: int) -> HTMLResponse:
    page = Template(files("api").joinpath("pages/link.html").read_text("utf-8"))
    return HTMLResponse(page.substitute(_GONE[status]), status, _PAGE_HEADERS)
