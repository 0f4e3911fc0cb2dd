"""Around every request: its id, the bound on its body, a line in the log, measures, no crash."""

import re
from collections import deque
from secrets import token_hex
from time import perf_counter

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.audit import reading_of
from api.logs import log_of
from api.metrics import Metrics
from api.problems import log_failure, response_of
from api.room import Room, computing_route
from api.tracing import Span, Tracing
from recommender.errors import AgendumError

MAX_BODY_BYTES = 1024 * 1024
REQUEST_ID = "X-Request-Id"

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

NO_ROUTE = "unrouted"
_ALWAYS = ("/healthz", "/readyz", "/metrics")
"""Answered to the end: whoever watches must see how it ends."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = log_of("agendum.requests")


class BodyTooLarge(HTTPException):
    """More bytes than are read; raised where the body is read."""

    def __init__(self) -> None:
        super().__init__(
            413, f"A request body may have {MAX_BODY_BYTES} bytes; send less at once."
        )


class Draining(HTTPException):
    """The process is about to stop."""

    def __init__(self) -> None:
        super().__init__(503, "This process is about to stop; ask again, another one answers.")


class RequestFrame:
    """ASGI middleware around the whole application.

    Log, measures and traces hold method, route, status, milliseconds and ids: nothing that
    people wrote. The route is the pattern, never the path, and there is no query string.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; what escapes the application becomes a bare 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if _SANE_ID.fullmatch(given) else token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        state = scope["app"].state
        metrics: Metrics = state.metrics
        tracing: Tracing = state.tracing
        metrics.in_flight.inc()
        try:
            with tracing.span("HTTP request", {"agendum.request_id": request_id},
                              headers=headers) as span:
                await self._handle(scope, receive, send, headers, span)
        finally:
            metrics.in_flight.dec()

    async def _handle(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, span: Span
    ) -> None:
        started = perf_counter()
        request_id = scope["state"]["request_id"]
        state = scope["app"].state
        draining = state.draining and scope["path"] not in _ALWAYS
        status = 0

        unnoted = False

        async def noted_send(message: Message) -> None:
            """Send what has been noted; where that fails, the failure in place of the answer."""
            nonlocal unnoted
            if message["type"] == "http.response.start" and message["status"] < 400:
                try:
                    await _note_reading(scope)
                except AgendumError as error:
                    unnoted = True
                    await response_of(error, request_id)(scope, receive, framed_send)
            if not unnoted:
                await framed_send(message)

        async def framed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out[REQUEST_ID] = request_id
                out["X-Content-Type-Options"] = "nosniff"
                out.setdefault("Cache-Control", "no-store")
                for name, value in scope["state"].get("rate_headers", {}).items():
                    out[name] = value
                if state.draining:
                    out["Connection"] = "close"
            await send(message)

        try:
            length = headers.get("content-length", "")
            route = computing_route(state.computing, scope)
            if draining:
                state.metrics.refused.labels("draining").inc()
                await response_of(Draining(), request_id, {"Retry-After": "1"})(
                    scope, receive, framed_send)
            elif length.isdecimal() and int(length) > MAX_BODY_BYTES:
                await response_of(BodyTooLarge(), request_id)(scope, receive, framed_send)
            elif route is not None:
                scope["route"] = route
                await self._compute(scope, _bounded(receive), noted_send)
            else:
                await self._app(scope, _bounded(receive), noted_send)
        except BodyTooLarge as error:
            await response_of(error, request_id)(scope, receive, framed_send)
        except Exception as error:
            # The outermost frame: a defect is logged by its place, and the caller gets its id.
            log_failure(error, request_id)
            if not status:
                await response_of(error, request_id)(scope, receive, framed_send)
        finally:
            _record(scope, status, perf_counter() - started, state.metrics, span)

    async def _compute(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on a request that computes, or refuse it: unread, or as soon as it is read.

        It is counted from then on: one whose body comes slowly holds up nobody.
        """
        room: Room = scope["app"].state.room
        refusal = room.refusal()
        if refusal is None:
            receive = await _read(receive)
            refusal = room.refusal()
        if refusal is None:
            with room.visit():
                await self._app(scope, receive, send)
            return
        await response_of(refusal, scope["state"]["request_id"],
                          {"Retry-After": str(refusal.retry_after_s)})(scope, receive, send)


async def _note_reading(scope: Scope) -> None:
    """Note who reads what of people, before they get it.

    Raises:
        StorageError: It cannot be noted, so it must not be sent.
    """
    who, route = scope["state"], getattr(scope.get("route"), "path", NO_ROUTE)
    app = scope["app"].state
    if "tenant_id" not in who or not app.settings.audit_reads:
        return
    own = scope.get("path_params", {}).get("id")
    reading = reading_of(scope["method"], route, own)
    if reading is not None:
        await run_in_threadpool(
            app.store.note, who["tenant_id"], who["key_id"], reading.action, reading.kind,
            reading.subject, who["request_id"])


def _record(
    scope: Scope, status: int, seconds: float, metrics: Metrics, span: Span
) -> None:
    """Write, count and trace what became of a request."""
    route = getattr(scope.get("route"), "path", NO_ROUTE)
    method = scope["method"] if scope["method"] in _METHODS else "other"
    who = {name: value for name in ("tenant_id", "key_id")
           if (value := scope["state"].get(name)) is not None}
    metrics.requests.labels(method, route, str(status)).observe(seconds)
    span.tell({"http.request.method": method, "http.route": route,
               "http.response.status_code": status} | who,
              name=f"{method} {route}", failed=status == 0 or status >= 500)
    log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000),
             request_id=scope["state"]["request_id"], **who)


def _bounded(receive: Receive) -> Receive:
    """Return a receive that counts, so that a body without a length is bounded too."""
    total = 0

    async def counting() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY_BYTES:
            raise BodyTooLarge
        return message

    return counting


async def _read(receive: Receive) -> Receive:
    """Read a whole body and return a receive that gives it, and then what comes after it."""
    read: deque[Message] = deque()
    while True:
        message = await receive()
        read.append(message)
        if message["type"] != "http.request" or not message.get("more_body", False):
            break

    async def again() -> Message:
        return read.popleft() if read else await receive()

    return again
