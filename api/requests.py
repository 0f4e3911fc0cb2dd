"""Around every request: its id, the bound on its body, one line in the log, no silent crash."""

import logging
import re
from secrets import token_hex
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import log_failure, response_of

MAX_BODY_BYTES = 1024 * 1024
REQUEST_ID = "X-Request-Id"

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

log = logging.getLogger("agendum.requests")


class BodyTooLarge(HTTPException):
    """More bytes than are read; raised where the body is read."""

    def __init__(self) -> None:
        super().__init__(
            413, f"A request body may have {MAX_BODY_BYTES} bytes; send less at once."
        )


class RequestFrame:
    """ASGI middleware around the whole application.

    The log line holds method, route, status, milliseconds and request id: nothing that people
    wrote. The route is the pattern, never the path, and there is no query string.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; what escapes the application becomes a bare 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if _SANE_ID.fullmatch(given) else token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def framed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out[REQUEST_ID] = request_id
                out["X-Content-Type-Options"] = "nosniff"
                out.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            length = headers.get("content-length", "")
            if length.isdecimal() and int(length) > MAX_BODY_BYTES:
                await response_of(BodyTooLarge(), request_id)(scope, receive, framed_send)
            else:
                await self._app(scope, _bounded(receive), framed_send)
        except Exception as error:
            # The outermost frame: a defect is logged by its place, and the caller gets its id.
            log_failure(error, request_id)
            if not status:
                await response_of(error, request_id)(scope, receive, framed_send)
        finally:
            route = getattr(scope.get("route"), "path", "(no route)")
            log.info("%s %s %s %.0f ms %s", scope["method"], route, status,
                     (perf_counter() - started) * 1000, request_id)


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
