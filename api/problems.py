"""Errors as problem+json (RFC 9457): one table from error class to status, type and title."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.logs import log_of, places_of
from recommender.errors import (
    AgendumError,
    CheckFailedError,
    ConflictError,
    EncoderError,
    Fault,
    InvalidInputError,
    LibraryError,
    MissingExtraError,
    ModelError,
    NotFoundError,
    OverloadedError,
    StaleError,
    StorageError,
    VectorShapeError,
    faults_of,
)

MEDIA_TYPE = "application/problem+json"
NAMESPACE = "urn:problem-type:agendum:"
MAX_ERRORS = 100
"""Faults listed in one problem; the detail says how many there were."""

log = log_of("agendum.problems")


@dataclass(frozen=True)
class Kind:
    """How one class of errors is told: status, the last part of its type, title.

    `told` says whether the error's own words are for the caller.
    """

    status: int
    slug: str
    title: str
    told: bool = True

    @property
    def type(self) -> str:
        """Return the stable URI of this kind of problem."""
        return NAMESPACE + self.slug


BUG = Kind(500, "internal-error", "Something went wrong here", told=False)

KINDS: dict[type[AgendumError], Kind] = {
    InvalidInputError: Kind(422, "invalid-input", "The input cannot be used"),
    LibraryError: Kind(500, "library-faulty", "The content library has faults", told=False),
    NotFoundError: Kind(404, "not-found", "There is nothing of this name here"),
    EncoderError: Kind(503, "encoder-failed", "The embedding engine failed"),
    VectorShapeError: Kind(503, "vectors-unusable", "The embedding engine answered badly"),
    ModelError: Kind(503, "model-failed", "The language model failed"),
    OverloadedError: Kind(503, "overloaded", "More is asked at once than can be answered"),
    MissingExtraError: Kind(503, "package-missing", "An optional package is not installed here"),
    StorageError: Kind(503, "storage-failed", "The database cannot be used"),
    StaleError: Kind(412, "precondition-failed", "It is not as the request expects"),
    ConflictError: Kind(409, "conflict", "Something else that is stored forbids it"),
    CheckFailedError: Kind(500, "check-failed", "The composed agenda broke an invariant",
                           told=False),
    AgendumError: BUG,
}
"""Every error Agendum raises on purpose; a class that is not listed is told as its base."""

HTTP_KINDS: dict[int, Kind] = {
    400: Kind(400, "malformed-request", "The request cannot be read"),
    401: Kind(401, "key-needed", "A valid key is needed"),
    403: Kind(403, "role-too-low", "This key's role does not allow it"),
    404: Kind(404, "no-such-path", "There is nothing at this path"),
    405: Kind(405, "method-not-allowed", "This path does not know the method"),
    406: Kind(406, "not-acceptable", "None of the accepted formats is made here"),
    413: Kind(413, "body-too-large", "The request body is too large"),
    415: Kind(415, "unsupported-media-type", "The request body has another format"),
    429: Kind(429, "too-many-requests", "Too many requests with this key"),
    503: Kind(503, "not-ready", "Not ready yet"),
}

_HTTP_DETAILS = {
    404: "Check the path; GET /openapi.json lists all of them.",
    405: "Use one of the methods in the Allow header.",
}


_PARAMETER = re.compile(r"\\\{\w+\\\}")
_PART = re.compile(r"^(body|query|path|header)\.?")
"""Where in the request a field stands, as FastAPI says it."""


class FieldProblem(BaseModel):
    """What is wrong with one field, and the mend."""

    field: str = Field(description="Dotted path, such as `members[0].profile.id`; may be empty.")
    problem: str


class Problem(BaseModel):
    """The body of every error (RFC 9457)."""

    type: str = Field(description="Stable URI of this kind of problem.")
    title: str
    status: int
    detail: str
    request_id: str = Field(description="The response's X-Request-Id, for the log.")
    errors: list[FieldProblem] = []


def kind_of(error: Exception) -> Kind:
    """Return how this error is told: as the nearest of its classes in the table, else as a bug."""
    for each in type(error).__mro__:
        if each in KINDS:
            return KINDS[each]
    return BUG


def problem_of(error: Exception, request_id: str) -> Problem:
    """Return the body for this error; the words of a defect of ours stay in."""
    if isinstance(error, HTTPException):
        return _of_http(error, request_id)
    kind = kind_of(error)
    if not kind.told:
        detail = f"This is a defect here, not in the request. Please report request {request_id}."
        return _problem(kind, detail, request_id)
    if isinstance(error, InvalidInputError):
        return _of_faults(kind, error.faults, request_id)
    return _problem(kind, " ".join(str(error).split()), request_id)


def response_of(
    error: Exception, request_id: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the whole response for this error."""
    problem = problem_of(error, request_id)
    return JSONResponse(
        problem.model_dump(), status_code=problem.status, media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def install_problems(app: FastAPI) -> None:
    """Answer every error of this application, the framework's too, with a problem."""

    def answer(request: Request, error: Exception) -> JSONResponse:
        request_id = str(request.state.request_id)
        if isinstance(error, RequestValidationError):
            error = _translated(error)
        if not isinstance(error, HTTPException) and not kind_of(error).told:
            log_failure(error, request_id)
        headers = error.headers if isinstance(error, HTTPException) else None
        if isinstance(error, HTTPException) and error.status_code == 405:
            known = methods_at(app, request.url.path)
            headers = {"Allow": ", ".join(known)} if known else headers
        if isinstance(error, OverloadedError):
            headers = {"Retry-After": str(error.retry_after_s)}
        return response_of(error, request_id, headers)

    for each in (AgendumError, HTTPException, RequestValidationError):
        app.add_exception_handler(each, answer)


def methods_at(app: FastAPI, path: str) -> list[str]:
    """Return every method that a path knows, on whichever of its routes."""
    found: set[str] = set()
    for pattern, methods in app.openapi()["paths"].items():
        if re.fullmatch(_PARAMETER.sub("[^/]+", re.escape(pattern)), path):
            found |= {method.upper() for method in methods}
    return sorted(found)


def log_failure(error: BaseException, request_id: str) -> None:
    """Write where an error came from, without its message, which may hold people's words."""
    log.error("request failed", request_id=request_id, error=type(error).__name__,
              places=places_of(error.__traceback__))


def _translated(error: RequestValidationError) -> Exception:
    """Return FastAPI's complaint about a request in our own words."""
    broken = next((one for one in error.errors() if one["type"] == "json_invalid"), None)
    if broken is not None:
        at = broken["loc"][-1]
        why = (broken.get("ctx") or {}).get("error", "malformed")
        return HTTPException(400, f"The body is no valid JSON: {why}, at character {at}.")
    if any(one["loc"] == ("body",) and one["type"] == "missing" for one in error.errors()):
        return InvalidInputError.of("the body is empty; send what this path takes, as JSON")
    faults = [
        Fault("", _PART.sub("", fault.field, count=1), fault.problem)
        for fault in faults_of(error, "")
    ]
    return InvalidInputError(faults)


def _of_http(error: HTTPException, request_id: str) -> Problem:
    status = error.status_code
    kind = HTTP_KINDS.get(status) or Kind(status, "http-error", "The request failed")
    return _problem(kind, _HTTP_DETAILS.get(status, str(error.detail)), request_id)


def _of_faults(kind: Kind, faults: tuple[Fault, ...], request_id: str) -> Problem:
    errors = [FieldProblem(field=fault.field, problem=fault.problem)
              for fault in faults[:MAX_ERRORS]]
    detail = str(faults[0]) if len(faults) == 1 else f"{len(faults)} faults; see `errors`."
    return _problem(kind, detail, request_id, errors)


def _problem(
    kind: Kind, detail: str, request_id: str, errors: list[FieldProblem] | None = None
) -> Problem:
    return Problem(type=kind.type, title=kind.title, status=kind.status, detail=detail,
                   request_id=request_id, errors=errors or [])


def problem_schema() -> dict[str, Any]:
    """Return the JSON schema of a problem, its parts inside it."""
    return Problem.model_json_schema(ref_template="#/components/schemas/{model}")
