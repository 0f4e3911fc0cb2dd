"""An agenda as HTTP answers with it: in the form that was asked for, stored if that was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.accept import preferred
from api.rendering import FORMS, order_for, render_agenda
from api.streaming import MEDIA_TYPE as STREAM
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import Role, base_language
from recommender.domain.case import Case

FORM_OF = {media_type: form for form, media_type in FORMS.items()}
FILES = {"ics": "session-{number}.ics", "docx": "session-{number}.docx"}
"""What is opened by another program than a browser, with its name."""
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
CONTENT: dict[str, Any] = {
    media_type: {"schema": {"type": "string", "format": "binary"} if form == "docx"
                 else {"type": "string"}}
    for form, media_type in FORMS.items() if form != "json"
}
"""The forms beside JSON, for the description."""


@dataclass(frozen=True)
class Wanted:
    """In which form, and for which role, an agenda is wanted; with which status and headers."""

    media_type: str
    role: Role | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def wanted_form(request: Request) -> str:
    """Return the media type the caller likes best of those we make, a stream among them."""
    return _preferred(request, [*FORM_OF, STREAM])


def wanted_file(request: Request) -> str:
    """Return the media type the caller likes best of those that are sent whole."""
    return _preferred(request, [*FORM_OF])


def check_order(case: Case, wanted: Wanted) -> None:
    """Refuse a form or role that the case cannot give, before anything is composed.

    Raises:
        InvalidInputError: As `order_for`.
    """
    order_for(case, FORM_OF.get(wanted.media_type, "json"), datetime.now(UTC), wanted.role)


def headers_of(language: str) -> dict[str, str]:
    """Return what is said of every agenda."""
    return {"Content-Language": base_language(language), "Vary": "Accept"}


def answer_with(agenda: Agenda, case: Case, catalogue: Catalogue, wanted: Wanted) -> Response:
    """Return an agenda of a case as it was asked for.

    Raises:
        InvalidInputError: As `order_for`.
    """
    order = order_for(case, FORM_OF.get(wanted.media_type, "json"), datetime.now(UTC),
                      wanted.role)
    content = render_agenda(agenda, case, catalogue, order)
    headers = headers_of(agenda.language) | dict(wanted.headers)
    if order.form == "html":
        headers["Content-Security-Policy"] = _PAGE_POLICY
    if order.form in FILES:
        name = FILES[order.form].format(number=agenda.session.number)
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, wanted.status, headers, media_type=wanted.media_type)


def _preferred(request: Request, made: list[str]) -> str:
    media_type = preferred(request.headers.get("accept"), made)
    if media_type is None:
        raise HTTPException(406, f"Accept one of {', '.join(made)}.", headers={"Vary": "Accept"})
    return media_type
