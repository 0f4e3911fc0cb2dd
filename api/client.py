"""A client of the API, for platforms in Python: typed, patient, sync or async, on httpx alone.

```python
from api.client import Agendum

with Agendum("http://localhost:8000", key="…") as agendum:
    agenda = agendum.create_agenda(case)
```

Every operation of the API is a method, see `api.client_calls`. What failed for the moment is
tried again: 429 and 503 after the seconds that the service asks for, lost connections after a
pause that grows, with jitter. A write that is tried again has one Idempotency-Key in all tries,
so that it happens once.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from uuid import uuid4

import httpx

from api.client_calls import AsyncCalls, Call, Calls, Case, Versioned

TIMEOUT_S = 60.0
PATIENCE_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0
AGAIN = frozenset({429, 502, 503, 504})
IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
STORES_NOTHING = "/matches"
"""How the path of a POST ends that may be repeated without a key."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class ProblemError(Exception):
    """The service refused or failed; the attributes are those of its problem+json.

    Attributes:
        status: The HTTP status.
        type: Stable URI of the kind of problem.
        errors: What is wrong with which field, as `{"field": …, "problem": …}`.
        request_id: To be named in a report.
    """

    def __init__(self, status: int, problem: Mapping[str, Any], request_id: str) -> None:
        self.status = status
        self.type = str(problem.get("type", "about:blank"))
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, str]] = list(problem.get("errors", []))
        self.request_id = str(problem.get("request_id", request_id))
        super().__init__(f"{status} {self.title}: {self.detail} (request {self.request_id})")


@dataclass(frozen=True)
class Patience:
    """How long and how a call is tried again.

    Attributes:
        seconds: From the first try; a pause that would end later is not begun.
        jitter: Draws between 0 and 1; pauses of our own are drawn from the whole range.
    """

    seconds: float = PATIENCE_S
    jitter: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def pause(self, tries: int, response: httpx.Response | None) -> float:
        """Return the seconds to wait: a little over Retry-After, else from a growing range."""
        asked = None if response is None else _retry_after(response, self.now())
        if asked is not None:
            return asked * (1 + self.jitter() / 4)
        return self.jitter() * float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tries - 1)))


class _Tries:
    """One call under way: how often it was tried, and until when it may be again."""

    def __init__(self, call: Call, patience: Patience) -> None:
        self._repeatable = (call.method in IDEMPOTENT or call.keyed
                            or call.path.endswith(STORES_NOTHING))
        self._patience = patience
        self._until = patience.clock() + patience.seconds
        self._tries = 0

    def after(self, response: httpx.Response) -> float | None:
        """Return the seconds after which to try again; null where the answer stands."""
        if response.status_code not in AGAIN:
            return None
        unread = response.status_code in (429, 503)
        return self._next(response) if unread or self._repeatable else None

    def after_error(self, error: httpx.TransportError) -> float | None:
        """Return the seconds after which to try again; null where the error stands."""
        return self._next(None) if self._repeatable or isinstance(error, NEVER_SENT) else None

    def _next(self, response: httpx.Response | None) -> float | None:
        self._tries += 1
        pause = self._patience.pause(self._tries, response)
        return pause if self._patience.clock() + pause < self._until else None


class Agendum(Calls):
    """The API, each operation a method that returns when it is done.

    Args:
        base_url: Where the service is, without `/v1`.
        key: Of a tenant; none where the service knows no keys.
        client: An httpx client of your own, which stays yours to close.
    """

    def __init__(
        self, base_url: str, key: str | None = None, *, timeout_s: float = TIMEOUT_S,
        patience: Patience | None = None, client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = _headers(key)
        self._patience = patience or Patience()
        self._own = client is None
        self._client = httpx.Client(timeout=timeout_s) if client is None else client
        self._sleep = sleep

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections, where they are not the caller's."""
        if self._own:
            self._client.close()

    @contextmanager
    def stream_agenda(
        self, case: Case, *, role: str | None = None
    ) -> Iterator[Iterator[tuple[str, Any]]]:
        """Give the events of an agenda as they come: `item`, perhaps `fallback`, last `agenda`.

        Raises:
            ProblemError: The service refused before the first event.
        """
        request = _request(self._client, self._base_url, _streamed(case, role), self._headers)
        response = self._client.send(request, stream=True)
        try:
            if response.status_code != 200:
                response.read()
                raise _problem(response)
            yield _events(response.iter_lines())
        finally:
            response.close()

    def render_agenda(self, case: Case, media_type: str, *, role: str | None = None) -> bytes:
        """Return an agenda as `text/markdown`, `text/html`, `text/calendar` or a Word file."""
        return self._respond(_rendered(case, role, media_type)).content

    def _send(self, call: Call) -> Any:
        return _value(call, self._respond(call))

    def _respond(self, call: Call) -> httpx.Response:
        tries = _Tries(call, self._patience)
        headers = self._headers | _key_of(call)
        while True:
            try:
                response = self._client.send(
                    _request(self._client, self._base_url, call, headers))
            except httpx.TransportError as error:
                pause = tries.after_error(error)
                if pause is None:
                    raise
            else:
                if response.is_success:
                    return response
                pause = tries.after(response)
                if pause is None:
                    raise _problem(response)
            self._sleep(pause)


class AsyncAgendum(AsyncCalls):
    """The API, each operation a coroutine; see `Agendum`."""

    def __init__(
        self, base_url: str, key: str | None = None, *, timeout_s: float = TIMEOUT_S,
        patience: Patience | None = None, client: httpx.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = _headers(key)
        self._patience = patience or Patience()
        self._own = client is None
        self._client = httpx.AsyncClient(timeout=timeout_s) if client is None else client
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, where they are not the caller's."""
        if self._own:
            await self._client.aclose()

    @asynccontextmanager
    async def stream_agenda(
        self, case: Case, *, role: str | None = None
    ) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
        """Give the events of an agenda as they come; see `Agendum.stream_agenda`."""
        request = _request(self._client, self._base_url, _streamed(case, role), self._headers)
        response = await self._client.send(request, stream=True)
        try:
            if response.status_code != 200:
                await response.aread()
                raise _problem(response)
            yield _events_async(response.aiter_lines())
        finally:
            await response.aclose()

    async def render_agenda(
        self, case: Case, media_type: str, *, role: str | None = None
    ) -> bytes:
        """Return an agenda as `text/markdown`, `text/html`, `text/calendar` or a Word file."""
        return (await self._respond(_rendered(case, role, media_type))).content

    async def _send(self, call: Call) -> Any:
        return _value(call, await self._respond(call))

    async def _respond(self, call: Call) -> httpx.Response:
        tries = _Tries(call, self._patience)
        headers = self._headers | _key_of(call)
        while True:
            try:
                response = await self._client.send(
                    _request(self._client, self._base_url, call, headers))
            except httpx.TransportError as error:
                pause = tries.after_error(error)
                if pause is None:
                    raise
            else:
                if response.is_success:
                    return response
                pause = tries.after(response)
                if pause is None:
                    raise _problem(response)
            await self._sleep(pause)


def _headers(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Authorization": f"Bearer {key}"}


def _key_of(call: Call) -> dict[str, str]:
    """Return the key that all tries of a write share, unless the caller gave one."""
    if not call.keyed or call.headers.get("Idempotency-Key") is not None:
        return {}
    return {"Idempotency-Key": uuid4().hex}


def _streamed(case: Case, role: str | None) -> Call:
    return _rendered(case, role, "text/event-stream")


def _rendered(case: Case, role: str | None, media_type: str) -> Call:
    return Call("POST", "/v1/agendas", {"role": role}, {"Accept": media_type}, body=case)


def _request(
    client: httpx.Client | httpx.AsyncClient, base_url: str, call: Call,
    headers: Mapping[str, str],
) -> httpx.Request:
    own = {name: value for name, value in call.headers.items() if value is not None}
    query = {name: value for name, value in call.query.items() if value is not None}
    sent: dict[str, Any] = {}
    if call.content_type is not None:
        own["Content-Type"] = call.content_type
        sent = {"content": call.body}
    elif call.body is not None:
        sent = {"json": call.body}
    return client.build_request(call.method, base_url + call.path, params=query,
                                headers={**headers, **own}, **sent)


def _value(call: Call, response: httpx.Response) -> Any:
    if call.text:
        return response.text
    body = response.json() if response.content else None
    return Versioned(body, response.headers.get("ETag", "")) if call.versioned else body


def _problem(response: httpx.Response) -> ProblemError:
    try:
        body = response.json()
    except ValueError:
        body = None  # a proxy answered, not the service
    problem = body if isinstance(body, dict) else {"title": response.reason_phrase}
    return ProblemError(response.status_code, problem, response.headers.get("X-Request-Id", ""))


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or as a date."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    event = ""
    for line in lines:
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield event, json.loads(line.removeprefix("data: "))


async def _events_async(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
    event = ""
    async for line in lines:
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield event, json.loads(line.removeprefix("data: "))
