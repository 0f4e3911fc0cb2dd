"""Paths for those who run the service: health, readiness, the documentation."""

from importlib.resources import files
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.metrics import MEDIA_TYPE, Metrics
from api.sharing import metrics_of, readiness_of

_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_START = """\
window.addEventListener("load", () => SwaggerUIBundle({
  url: "openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null,
}));
"""
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Agendum API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</head>
<body><div id="docs"></div></body>
</html>
"""
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'"
)

router = APIRouter()


class Health(BaseModel):
    """The process runs."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """The indexes are built, so that no request has to wait for them.

    `database` is absent where there is no file of SQLite yet; what stores nothing works without.
    """

    status: Literal["ready"] = "ready"
    database: Literal["current", "absent"] = "current"


@router.get("/healthz", operation_id="health", summary="Does the process run?",
            tags=["operations"])
async def health() -> Health:
    """Return at once."""
    return Health()


@router.get("/readyz", operation_id="readiness", summary="Can it answer without delay?",
            tags=["operations"])
async def readiness(request: Request) -> Readiness:
    """Return whether indexes are built and the database is current; 503 where either is not."""
    state = readiness_of(request.app)
    if state == "ready":
        found = await run_in_threadpool(request.app.state.store.revisions)
        if found is None:
            return Readiness(database="absent")
        if found.current:
            return Readiness()
        raise HTTPException(
            503, f"The database is at {found.present or 'nothing'} and this version needs "
                 f"{found.needed}; run `agendum db upgrade`.", headers={"Retry-After": "2"})
    raise HTTPException(503, {
        "warming": "The indexes are being built; ask again in a few seconds.",
        "draining": "This process is about to stop; send requests elsewhere.",
        "failed": "The indexes could not be built; see the log, and run `agendum doctor`.",
    }[state], headers={"Retry-After": "2"})


@router.get("/metrics", operation_id="metrics", summary="What Prometheus reads",
            response_class=PlainTextResponse, tags=["operations"])
def metrics(own: Annotated[Metrics, Depends(metrics_of)]) -> Response:
    """Return every measure of this process as text; none of them names a tenant."""
    return Response(own.exposition(), media_type=MEDIA_TYPE)


@router.get("/docs", include_in_schema=False)
async def docs() -> HTMLResponse:
    """Return Swagger UI, served from here: no content delivery network learns who reads it."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _DOCS_POLICY})


@router.get("/docs/{name}", include_in_schema=False)
def docs_asset(name: str) -> Response:
    """Return a part of Swagger UI, from the package `fastapi-offline`."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _ASSETS:
        raise HTTPException(404)
    data = (files("fastapi_offline") / "static" / name).read_bytes()
    return Response(data, media_type=_ASSETS[name], headers={"Cache-Control": "max-age=86400"})
