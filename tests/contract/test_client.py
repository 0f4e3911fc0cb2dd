"""The client has the operations of the description, and does what it says over real HTTP."""

import asyncio
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from serving import Server, served
from werkzeug import Request, Response

from api.app import create_app
from api.client import Agendum, AsyncAgendum, Patience, ProblemError
from api.client_calls import AsyncCalls, Call, Calls
from api.client_source import FILE, client_source, python_name
from api.openapi import FILE as OPENAPI
from recommender.catalogue import Catalogue
from recommender.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT: dict[str, Any] = json.loads(OPENAPI.read_text("utf-8"))
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
}


def calls_of(client: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(client, inspect.isfunction)
            if not name.startswith("_")}


@pytest.mark.parametrize("client", [Calls, AsyncCalls])
def test_every_operation_is_a_method_and_every_method_an_operation(client: type) -> None:
    """Names agree both ways, and so do the parameters that are not headers of the transport."""
    assert calls_of(client) == {python_name(one) for one in OPERATIONS}
    for name, (_, path, operation) in OPERATIONS.items():
        taken = set(inspect.signature(getattr(client, python_name(name))).parameters) - {
            "self", "body", "content_type"}
        told = {one["name"].lower().replace("-", "_") for one in operation.get("parameters", [])}
        assert taken == told, path


def test_the_committed_calls_are_current() -> None:
    """api/client_calls.py is made of api/openapi.json; else run `python -m api.client_source`."""
    assert FILE.read_text("utf-8") == client_source(DOCUMENT)


def test_the_client_needs_httpx_alone() -> None:
    """It is imported where nothing else of ours, and no package but httpx, can be."""
    code = (
        "import sys\n"
        "allowed = {'httpx', 'httpcore', 'anyio', 'sniffio', 'certifi', 'idna', 'h11',\n"
        "           'typing_extensions', 'api'}\n"
        "class Wall:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        root = name.partition('.')[0]\n"
        "        if root not in allowed and root not in sys.stdlib_module_names:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
        "import api.client\n"
        "assert 'recommender' not in sys.modules\n"
        "print([name for name in sys.modules if name.startswith('api')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=True)
    assert done.stdout.strip() == "['api', 'api.client_calls', 'api.client']"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a real server."""
    with served({}, tmp_path_factory.mktemp("client")) as server:
        yield server


def test_sync_calls_over_a_real_server(server: Server, case_data: Any) -> None:
    """JSON, text, another format, events and a problem, over TCP."""
    with Agendum(server.url) as agendum:
        assert agendum.health() == {"status": "ok"}
        assert agendum.readiness()["status"] == "ready"
        assert "agendum_request_seconds" in agendum.metrics()
        agenda = agendum.create_agenda(case_data, role="mentor")
        assert sum(item["minutes"] for item in agenda["items"]) == 45
        assert agendum.recommend_resources(q="feedback", limit=1)[0]["url"]
        assert agendum.render_agenda(case_data, "text/markdown").startswith(b"# ")
        with agendum.stream_agenda(case_data) as events:
            told = list(events)
        assert [name for name, _ in told] == ["item"] * len(agenda["items"]) + ["agenda"]
        case_data["session"]["minutes"] = 5
        with pytest.raises(ProblemError) as caught:
            agendum.create_agenda(case_data)
        with pytest.raises(ProblemError), agendum.stream_agenda(case_data):
            raise AssertionError
    assert (caught.value.status, caught.value.errors[0]["field"]) == (422, "session.minutes")
    assert caught.value.type == "urn:problem-type:agendum:invalid-input"
    assert caught.value.request_id in str(caught.value)


def test_async_calls_over_asgi(catalogue: Catalogue, case_data: Any) -> None:
    """The same, inside the process."""
    app = create_app(catalogue, Settings(_env_file=None))

    async def run() -> None:
        transport = httpx.ASGITransport(app=app)
        async with (httpx.AsyncClient(transport=transport) as own,
                    AsyncAgendum("http://t", client=own) as agendum):
            assert await agendum.health() == {"status": "ok"}
            agenda = await agendum.create_agenda(case_data)
            assert (await agendum.render_agenda(case_data, "text/html")).startswith(b"<!doctype")
            async with agendum.stream_agenda(case_data) as events:
                told = [one async for one in events]
            assert told[-1][1]["items"] == agenda["items"]
            with pytest.raises(ProblemError):
                await agendum.recommend_resources(q="")
            assert not own.is_closed

    asyncio.run(run())


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 3))
        self.time += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)


def patient(clock: Clock, seconds: float = 60, jitter: float = 0) -> Patience:
    return Patience(seconds, jitter=lambda: jitter, clock=clock, now=lambda: NOW)


@pytest.mark.parametrize(("headers", "jitter", "pause"), [
    ({"Retry-After": "3"}, 0, 3), ({"Retry-After": "4"}, 1, 5), ({}, 1, 0.25), ({}, 0.5, 0.125),
    ({"Retry-After": format_datetime(NOW + timedelta(seconds=7), usegmt=True)}, 0, 7),
    ({"Retry-After": "soon"}, 1, 0.25),
])
@pytest.mark.parametrize("status", [429, 503])
def test_what_fails_for_the_moment_is_tried_again(
    httpserver: HTTPServer, status: int, headers: dict[str, str], jitter: float, pause: float,
) -> None:
    """After the seconds or the moment that Retry-After says; without one after a drawn pause."""
    httpserver.expect_ordered_request("/healthz").respond_with_data("{}", status, headers)
    httpserver.expect_ordered_request("/healthz").respond_with_json({"status": "ok"})
    clock = Clock()
    with Agendum(httpserver.url_for("/"), patience=patient(clock, jitter=jitter),
                 sleep=clock.sleep) as agendum:
        assert agendum.health() == {"status": "ok"}
    assert clock.pauses == [pause]


def test_pauses_grow_and_patience_ends(httpserver: HTTPServer) -> None:
    """Twice as long each time, up to eight seconds; then the last answer is raised."""
    httpserver.expect_request("/healthz").respond_with_data("busy", 503)
    clock = Clock()
    with Agendum(httpserver.url_for("/"), patience=patient(clock, 30, 1),
                 sleep=clock.sleep) as agendum, pytest.raises(ProblemError) as caught:
        agendum.health()
    assert clock.pauses == [0.25, 0.5, 1, 2, 4, 8, 8]
    assert caught.value.status == 503
    clock = Clock()
    httpserver.clear()
    httpserver.expect_request("/healthz").respond_with_data("", 429, {"Retry-After": "61"})
    with Agendum(httpserver.url_for("/"), patience=patient(clock),
                 sleep=clock.sleep) as agendum, pytest.raises(ProblemError):
        agendum.health()
    assert clock.pauses == []


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 500])
def test_what_will_not_change_is_not_tried_again(httpserver: HTTPServer, status: int) -> None:
    """The answer stands; where it is no problem of ours its status and phrase are told."""
    httpserver.expect_request("/healthz").respond_with_data("<html>", status)
    with Agendum(httpserver.url_for("/")) as agendum, pytest.raises(ProblemError) as caught:
        agendum.health()
    assert caught.value.status == status
    assert caught.value.type == "about:blank"
    assert len(httpserver.log) == 1


def test_a_lost_connection_is_tried_again_where_that_is_safe(case_data: Any) -> None:
    """A GET, a POST with a key, the same in all tries, and one that stores nothing."""
    asked: list[str] = []
    keys: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        keys.append(request.headers.get("Idempotency-Key"))
        if len(asked) % 2:
            raise httpx.ReadError("gone", request=request)
        return httpx.Response(200, json={"status": "ok"})

    clock = Clock()
    with httpx.Client(transport=httpx.MockTransport(answer)) as own:
        agendum = Agendum("http://t/", client=own, patience=patient(clock, jitter=1),
                          sleep=clock.sleep)
        agendum.health()
        agendum.create_agenda(case_data, store=True)
        agendum.match_people("evergreen", {})
        agendum.create_agenda(case_data)
        agendum.create_agenda(case_data, idempotency_key="mine")
        assert len(asked) == 10
        assert clock.pauses == [0.25] * 5
        assert keys[:2] == keys[4:6] == [None, None]
        assert None not in keys[2:4] + keys[6:8]
        assert keys[2] == keys[3] != keys[6] == keys[7]
        assert keys[8:] == ["mine", "mine"]
        agendum.close()
        assert not own.is_closed
        with pytest.raises(httpx.ReadError):  # this is the one that fails, and it has no key
            agendum._send(Call("POST", "/v1/new", {}, {}))


def test_nobody_listening_is_an_error_after_patience() -> None:
    """A refused connection is tried for as long as patience lasts, then raised."""
    clock = Clock()
    with Agendum("http://127.0.0.1:9", patience=patient(clock, 1, 1),
                 sleep=clock.sleep) as agendum, pytest.raises(httpx.ConnectError):
        agendum.health()
    assert clock.pauses == [0.25, 0.5]


def test_async_tries_again_too(httpserver: HTTPServer) -> None:
    """The coroutines have the same patience."""
    httpserver.expect_ordered_request("/healthz").respond_with_data("", 503, {"Retry-After": "2"})
    httpserver.expect_ordered_request("/healthz").respond_with_json({"status": "ok"})
    clock = Clock()

    async def run() -> Any:
        async with AsyncAgendum(httpserver.url_for("/"), patience=patient(clock),
                                sleep=clock.sleep_async) as agendum:
            return await agendum.health()

    assert asyncio.run(run()) == {"status": "ok"}
    assert clock.pauses == [2]


def test_the_key_goes_with_every_call(httpserver: HTTPServer) -> None:
    """As a bearer token; without a key there is no such header."""
    seen: list[str | None] = []

    def answer(request: Request) -> Response:
        seen.append(request.headers.get("Authorization"))
        return Response("{}", content_type="application/json")

    httpserver.expect_request("/healthz").respond_with_handler(answer)
    for key in ("k-1", None):
        with Agendum(httpserver.url_for("/"), key) as agendum:
            agendum.health()
    assert seen == ["Bearer k-1", None]
