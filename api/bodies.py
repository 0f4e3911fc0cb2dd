"""What requests carry, and how lists and stored things are sent."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, TypeVar

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.exceptions import HTTPException

from api.writing import etag_of, is_known
from recommender.domain.base import Frozen, Id
from recommender.errors import InvalidInputError

OneT = TypeVar("OneT")
MAX_PAGE, PAGE = 200, 50
ETAG: dict[str, Any] = {"ETag": {
    "description": "Names this version; for If-Match and If-None-Match.",
    "schema": {"type": "string"}}}
LOCATION: dict[str, Any] = {"Location": {
    "description": "The path of what was made.", "schema": {"type": "string"}}}
def links_to(ids: str, *operations: str, **more: int) -> dict[str, Any]:
    """Return OpenAPI links from what was just stored to what can be done with it.

    Args:
        ids: Where its id stands in the request or response, as a runtime expression.
        more: Other parameters of these operations.
    """
    return {one: {"operationId": one, "parameters": {"id": ids, **more}} for one in operations}


OwnId = Annotated[Id, Path(description="An id of your choice.")]


class PageQuery(Frozen):
    """Which part of a list is wanted."""

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = PAGE
    cursor: Annotated[str | None, Field(
        max_length=400, description="`next_cursor` of the page before.")] = None


def json_body(request: Request) -> None:
    """Refuse a body that says it is something other than JSON."""
    kind = kind_of_body(request)
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise HTTPException(
            415, f"The body is {kind or 'of no stated type'}; send JSON, with "
                 "Content-Type: application/json.")


def kind_of_body(request: Request) -> str:
    """Return the media type of a request's body, as it says; empty where it does not."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def same_id(own: str, doc_id: str) -> None:
    """Refuse a document that is put at the path of another.

    Raises:
        InvalidInputError: It has another id.
    """
    if own != doc_id:
        raise InvalidInputError.of(f"is {doc_id!r}, the path says {own!r}; make them the same",
                                   field="id")


def sent(doc: Frozen, version: int, known: str | None) -> Response:
    """Return a stored document with its ETag; only that where the caller has this version."""
    etag = etag_of(version)
    if is_known(known, etag):
        return Response(None, 304, {"ETag": etag})
    return Response(doc.model_dump_json(by_alias=True), 200, {"ETag": etag},
                    media_type="application/json")


def after_of(cursor: str | None) -> str:
    """Return the id that a page begins after.

    Raises:
        InvalidInputError: The cursor is none of ours.
    """
    if cursor is None:
        return ""
    try:
        text = urlsafe_b64decode(cursor.encode("ascii")).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InvalidInputError.of("is none that a list gave; begin without one",
                                   field="cursor") from error
    if cursor_of(text) != cursor or "\0" in text:
        raise InvalidInputError.of("is none that a list gave; begin without one", field="cursor")
    return text


def cursor_of(own: str) -> str:
    """Return what asks for the page after an id."""
    return urlsafe_b64encode(own.encode("ascii")).decode("ascii")


def cut(found: list[OneT], limit: int) -> tuple[list[OneT], bool]:
    """Return a page of what was found, and whether there is more; one more was asked for."""
    return found[:limit], len(found) > limit
