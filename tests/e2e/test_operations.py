"""Metrics, overload, traces, the log and an orderly end, as whoever runs the service sees them."""

import asyncio
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from draft_stub import StubModel
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pytest_httpserver import HTTPServer
from serving import served
from shipped import read_examples
from starlette.testclient import TestClient
from werkzeug import Request, Response

from api.app import create_app, places_of
from api.metered import MeteredModel
from api.sharing import warm
from api.tracing import ENDPOINTS, open_tracing
from recommender.agendas import drafting as pipeline
from recommender.agendas.drafting import Drafting
from recommender.agendas.generate import compose_case
from recommender.catalogue import Catalogue
from recommender.errors import InvalidInputError
from recommender.settings import Settings

SENTINEL = "Zwiebelkuchen"


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[call-arg]


@pytest.fixture
def client(catalogue: Catalogue) -> Iterator[TestClient]:
    """Return a client of a fresh application."""
    with TestClient(create_app(catalogue, settings()), raise_server_exceptions=False) as client:
        yield client


def measure(client: TestClient, name: str, **labels: str) -> float:
    """Return one measure of /metrics; 0 where it is not there."""
    text = client.get("/metrics").text
    for line in text.splitlines():
        found = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
        if found and dict(re.findall(r'(\w+)="([^"]*)"', found[1] or "")) == labels:
            return float(found[2])
    return 0.0


def test_requests_are_timed_by_their_route(client: TestClient) -> None:
    """Pattern, method and status are labels; what is behind no route is one label together."""
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=0.0.4")
    client.get("/v1/resources?q=feedback")
    client.get(f"/{SENTINEL}/1")
    client.get(f"/{SENTINEL}/2")
    assert measure(client, "agendum_request_seconds_count", method="GET", route="/v1/resources",
                   status="200") == 1
    assert measure(client, "agendum_request_seconds_count", method="GET", route="unrouted",
                   status="404") == 2
    assert measure(client, "agendum_requests_in_flight") == 1
    assert SENTINEL not in client.get("/metrics").text


def test_model_calls_tokens_and_fallbacks_are_counted(
    client: TestClient, case_data: dict[str, Any],
) -> None:
    """One draft that holds and one that does not, both asked of a model."""
    state: Any = client.app.state  # type: ignore[attr-defined]
    holds = MeteredModel(StubModel(), state.metrics, state.tracing)
    state.drafting = Drafting(holds)
    assert client.post("/v1/agendas", json=case_data).json()["provenance"]["generator"] == "llm"
    spoilt = MeteredModel(StubModel(lambda _: "no json"), state.metrics, state.tracing)
    state.drafting = Drafting(spoilt)
    client.post("/v1/agendas", json=case_data, headers={"Accept": "text/event-stream"})
    name = holds.name
    calls = measure(client, "agendum_model_calls_total", model=name, outcome="answered")
    assert calls >= 2
    assert measure(client, "agendum_model_seconds_count", model=name) >= 2
    assert measure(client, "agendum_tokens_total", model=name, kind="input") > 0
    assert measure(client, "agendum_tokens_total", model=name, kind="output") > 0
    assert measure(client, "agendum_agendas_total", generator="llm") == 1
    assert measure(client, "agendum_agendas_total", generator="composer") == 1
    assert sum(float(one) for one in re.findall(
        r"agendum_fallbacks_total\{.*\} (\S+)", client.get("/metrics").text)) == 1


def test_overload_is_503_with_retry_after_and_passes(
    catalogue: Catalogue, case_data: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond places and queue the answer is 503 at once; health is answered; then it recovers."""
    gate = threading.Event()
    real = pipeline.compose_case

    def held(*args: Any) -> Any:
        gate.wait(30)
        return real(*args)

    monkeypatch.setattr(pipeline, "compose_case", held)
    app = create_app(catalogue, settings(composing=1, composing_queue=1, composing_wait_s=30))

    async def run() -> tuple[list[int], httpx.Response, int, int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as own:
            busy = [asyncio.create_task(own.post("/v1/agendas", json=case_data))
                    for _ in range(2)]
            while app.state.metrics.registry.get_sample_value("agendum_composing_waiting") != 1:
                await asyncio.sleep(0.01)
            refused = await own.post("/v1/agendas", content=b"not even read")
            unrouted = await own.get("/v1/nothing")
            assert unrouted.status_code == 404
            health = (await own.get("/healthz")).status_code
            gate.set()
            done = [(await one).status_code for one in busy]
            after = (await own.post("/v1/agendas", json=case_data)).status_code
            return done, refused, health, after

    done, refused, health, after = asyncio.run(run())
    assert refused.status_code == 503
    assert refused.json()["type"].endswith(":overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    assert (done, health, after) == ([200, 200], 200, 200)


def test_a_body_that_comes_slowly_holds_up_nobody(
    catalogue: Catalogue, case_data: dict[str, Any],
) -> None:
    """Before it is read it is not counted; who comes once it is read is refused where full."""
    app = create_app(catalogue, settings(composing=1, composing_queue=0))
    body = json.dumps(case_data).encode()

    async def run() -> tuple[int, int, int]:
        transport = httpx.ASGITransport(app=app)
        began, go_on = asyncio.Event(), asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            began.set()
            yield body[:100]
            await go_on.wait()
            yield body[100:]

        async with httpx.AsyncClient(transport=transport, base_url="http://t") as own:
            headers = {"Content-Type": "application/json"}
            slow = asyncio.create_task(own.post("/v1/agendas", content=slowly(), headers=headers))
            await began.wait()
            meanwhile = (await own.post("/v1/agendas", json=case_data)).status_code
            with app.state.room.visit():
                go_on.set()
                refused = (await slow).status_code
            return meanwhile, refused, (await own.post("/v1/agendas", json=case_data)).status_code

    assert asyncio.run(run()) == (200, 503, 200)


def test_composing_needs_nothing_new_once_it_is_warm(catalogue: Catalogue) -> None:
    """No agenda of the examples builds an index or reads a list that warming did not."""
    fresh = Catalogue(catalogue.library, catalogue.encoder)
    warm(fresh)
    opened = set(vars(fresh))
    assert "resources" in opened
    for case in read_examples().values():
        compose_case(case, fresh)
    assert set(vars(fresh)) == opened


def test_a_model_gets_places_of_its_own() -> None:
    """Four compute; with a model, as many more as may wait for it; a setting wins over both."""
    assert places_of(settings()) == 4
    assert places_of(settings(llm="openai:x", llm_concurrency=6)) == 10
    assert places_of(settings(llm="openai:x", composing=3)) == 3


def test_a_stream_holds_its_place_until_it_ends(
    catalogue: Catalogue, case_data: dict[str, Any],
) -> None:
    """The place is free again after the last event, not before the first."""
    app = create_app(catalogue, settings(composing=1, composing_queue=0))
    seen: list[float | None] = []
    model = StubModel()
    real = model.stream

    async def watched(*args: Any, **named: Any) -> Any:
        seen.append(app.state.metrics.registry.get_sample_value("agendum_composing"))
        async for piece in real(*args, **named):
            yield piece

    model.stream = watched  # type: ignore[method-assign]
    with TestClient(app) as client:
        app.state.drafting = Drafting(model)
        text = client.post("/v1/agendas", json=case_data,
                           headers={"Accept": "text/event-stream"}).text
    assert "event: agenda" in text
    assert seen == [1.0]
    assert app.state.metrics.registry.get_sample_value("agendum_composing") == 0


def test_a_process_that_is_about_to_stop_turns_new_requests_away(client: TestClient) -> None:
    """503 for work, /readyz too; /healthz and /metrics answer to the end."""
    client.app.state.draining = True  # type: ignore[attr-defined]
    answer = client.get("/v1/resources?q=a")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["connection"] == "close"
    assert "stop" in client.get("/readyz").json()["detail"]
    assert client.get("/healthz").status_code == client.get("/metrics").status_code == 200


def test_sigterm_lets_what_is_under_way_finish(
    tmp_path: Path, case_data: dict[str, Any], httpserver: HTTPServer,
) -> None:
    """In flight: answered whole. New while draining: 503. Then the process ends, with 0 or TERM."""
    asked = threading.Event()
    gate = threading.Event()

    def slow(_: Request) -> Response:
        asked.set()
        gate.wait(20)
        return Response("{}", status=400)

    httpserver.expect_request("/v1/chat/completions").respond_with_handler(slow)
    environment = {"AGENDUM_LLM": "openai:slow", "AGENDUM_LLM_DEADLINE_S": "15",
                   "AGENDUM_LLM_BASE_URL": httpserver.url_for("/v1"), "AGENDUM_DRAIN_S": "1.5",
                   "OPENAI_API_KEY": "none"}
    with served(environment, tmp_path) as server:
        answers: list[httpx.Response] = []
        worker = threading.Thread(target=lambda: answers.append(httpx.post(
            f"{server.url}/v1/agendas", json=case_data, timeout=60)))
        worker.start()
        assert asked.wait(30)
        server.popen.terminate()
        while "draining" not in server.log():
            time.sleep(0.02)
        refused = httpx.get(f"{server.url}/v1/resources?q=a")
        gate.set()
        worker.join(60)
        code = server.popen.wait(60)
    assert refused.status_code == 503
    assert answers[0].status_code == 200
    assert sum(item["minutes"] for item in answers[0].json()["items"]) == 45
    assert code in (0, -15, 143)


def test_the_log_of_a_real_process_holds_ids_and_no_texts(
    tmp_path: Path, case_data: dict[str, Any],
) -> None:
    """Whatever is sent to any path, in path, query, body or header, is not in the log."""
    case_data["members"][0]["profile"] |= {
        "name": SENTINEL, "bio": f"{SENTINEL} in the bio", "headline": SENTINEL}
    case_data["session"]["talking_points"] = [{"id": "t1", "text": SENTINEL}]
    case_data["history"] = [{"number": 1, "notes": SENTINEL}]
    with served({}, tmp_path) as server, httpx.Client(base_url=server.url, timeout=60) as own:
        paths = own.get("/openapi.json").json()["paths"]
        for path, operations in paths.items():
            for method in operations:
                place = re.sub(r"\{[^}]*\}", SENTINEL, path)
                own.request(method, place, json=case_data,
                            headers={"X-Api": SENTINEL, "Authorization": f"Bearer {SENTINEL}"})
                own.request(method, f"{place}?q={SENTINEL}&x={SENTINEL}", content=SENTINEL)
        made = own.post("/v1/agendas", json=case_data, headers={"X-Request-Id": "mine-1"})
        own.post("/v1/agendas", json=case_data | {"programme": {"id": SENTINEL}})
        server.popen.terminate()
        server.popen.wait(60)
        text, lines = server.log(), server.lines()
    assert made.status_code in (200, 401)
    assert SENTINEL not in text
    assert len(lines) > 2 * len(paths)
    assert all(line.startswith("{") for line in text.splitlines() if line.strip())
    mine = next(line for line in lines if line.get("request_id") == "mine-1")
    assert (mine["method"], mine["route"]) == ("POST", "/v1/agendas")


def test_traces_go_where_the_environment_says(
    catalogue: Catalogue, case_data: dict[str, Any], httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A span per request under its route, the child of the caller's, with a model call inside."""
    httpserver.expect_request("/v1/traces").respond_with_data(b"")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", httpserver.url_for("/").rstrip("/"))
    case_data["session"]["talking_points"] = [{"id": "t1", "text": SENTINEL}]
    app = create_app(catalogue, settings())
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with TestClient(app) as client:
        app.state.drafting = Drafting(MeteredModel(
            StubModel(), app.state.metrics, app.state.tracing))
        client.post("/v1/agendas", json=case_data, headers={"traceparent": parent})
        client.get(f"/v1/resources?q={SENTINEL}")
    spans, service = [], ""
    for request, _ in httpserver.log:
        export = ExportTraceServiceRequest.FromString(request.data)
        for each in export.resource_spans:
            service = next(one.value.string_value for one in each.resource.attributes
                           if one.key == "service.name")
            spans += [span for scope in each.scope_spans for span in scope.spans]
        assert SENTINEL.encode() not in request.data
    named = {span.name: span for span in spans}
    assert service == "agendum"
    assert {"POST /v1/agendas", "GET /v1/resources", "model ask"} <= set(named)
    outer, inner = named["POST /v1/agendas"], named["model ask"]
    assert outer.trace_id.hex() == inner.trace_id.hex() == parent.split("-")[1]
    assert outer.parent_span_id.hex() == parent.split("-")[2]
    assert inner.parent_span_id == outer.span_id
    told = {one.key: one.value for one in outer.attributes}
    assert told["http.response.status_code"].int_value == 200


@pytest.mark.parametrize(("name", "value"), [
    ("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
])
def test_traces_that_cannot_be_made_stop_the_start(name: str, value: str) -> None:
    """Another exporter or protocol is refused by name, instead of being ignored."""
    with pytest.raises(InvalidInputError, match=name):
        open_tracing({ENDPOINTS[0]: "http://127.0.0.1:1", name: value})


@pytest.mark.parametrize("environment", [
    {}, {"OTEL_SDK_DISABLED": "true", ENDPOINTS[0]: "http://127.0.0.1:1"},
    {"OTEL_TRACES_EXPORTER": "none", ENDPOINTS[0]: "http://127.0.0.1:1"},
])
def test_without_an_endpoint_nothing_is_traced(environment: dict[str, str]) -> None:
    """No endpoint, or tracing switched off: spans cost nothing and go nowhere."""
    with open_tracing(environment).span("x", headers={}) as span:
        span.tell({"a": 1}, name="y", failed=True)
    assert open_tracing(environment)._tracer is None
