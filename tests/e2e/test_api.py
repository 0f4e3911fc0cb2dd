"""HTTP in, the real encoder, HTTP out."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from docx import Document
from icalendar import Calendar
from starlette.testclient import TestClient

from api.app import create_app
from api.requests import MAX_BODY_BYTES
from recommender.agendas import generate
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.settings import Settings
from recommender.yaml_file import read_document

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROBLEM = "application/problem+json"


def example(name: str) -> dict[str, Any]:
    """Return a shipped case as JSON."""
    case = Case.model_validate(read_document(EXAMPLES / f"{name}.case.yaml"))
    return case.model_dump(mode="json", by_alias=True)


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> Iterator[TestClient]:
    """Return a client of an application whose indexes are built."""
    with TestClient(create_app(catalogue, Settings(_env_file=None)),
                    raise_server_exceptions=False) as client:
        deadline = time.monotonic() + 300
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield client


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    """Return the problem an answer holds, once its shape is right."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"]) == (status, status)
    assert answer.headers["content-type"] == PROBLEM
    assert body["type"] == f"urn:problem-type:agendum:{slug}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def test_a_case_becomes_an_agenda(client: TestClient) -> None:
    """POST /v1/agendas answers with an Agenda in the case's language, minutes summing up."""
    answer = client.post("/v1/agendas", json=example("women-pilot/2-mi-idea-con-mi-nombre"))
    agenda = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-language"] == agenda["language"] == "es"
    assert sum(item["minutes"] for item in agenda["items"]) == agenda["session"]["minutes"]
    assert all("for" in use for use in agenda["resources"])


@pytest.mark.parametrize(("accept", "expected"), [
    ("text/markdown", "text/markdown; charset=utf-8"),
    ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
    ("text/*", "text/markdown; charset=utf-8"),
    ("text/html;q=0.2, text/markdown;q=0.5, application/json;q=0.1",
     "text/markdown; charset=utf-8"),
    ("*/*, application/json;q=0", "text/markdown; charset=utf-8"),
    ("*/*", "application/json"),
    ("", "application/json"),
])
def test_accept_chooses_the_format(client: TestClient, case_data: dict[str, Any], accept: str,
                                   expected: str) -> None:
    """The format with the best quality wins; the most specific range decides a quality."""
    answer = client.post("/v1/agendas", json=case_data, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == expected
    assert answer.headers["vary"] == "Accept"


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(("accept", "name"), [
    ("text/calendar", "session-4.ics"), (WORD, "session-4.docx"),
    (f"text/html;q=0.5, {WORD}", "session-4.docx"),
])
def test_a_calendar_entry_and_a_word_file_are_downloads(
    client: TestClient, accept: str, name: str
) -> None:
    """They come with their media type and a file name that tells nobody's words."""
    answer = client.post("/v1/agendas", json=example("women-pilot/2-mi-idea-con-mi-nombre"),
                         headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-language"] == "es"
    if name.endswith(".ics"):
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        (event,) = Calendar.from_ical(answer.content).events
        assert event.start.isoformat() == "2027-02-25T11:00:00-06:00"
        assert abs(datetime.now(UTC) - event.stamp) < timedelta(minutes=10)
    else:
        assert answer.headers["content-type"] == WORD
        assert Document(BytesIO(answer.content)).core_properties.language == "es"


def test_a_calendar_entry_needs_a_date(client: TestClient, case_data: dict[str, Any]) -> None:
    """422 names session.date and the mend."""
    answer = client.post("/v1/agendas", json=case_data, headers={"Accept": "text/calendar"})
    (error,) = problem(answer, 422, "invalid-input")["errors"]
    assert error["field"] == "session.date"
    assert "set session.date" in error["problem"]


@pytest.mark.parametrize("accept", ["application/json", "text/markdown", "text/html"])
def test_a_role_gets_its_own_agenda(client: TestClient, accept: str) -> None:
    """`?role=` chooses whose preparation is in it."""
    case = example("women-pilot/2-mi-idea-con-mi-nombre")
    whole = client.post("/v1/agendas", json=case).json()["preparation"]
    own = client.post("/v1/agendas?role=mentor", json=case, headers={"Accept": accept})
    assert own.status_code == 200
    text = own.text.replace("\u00a0", " ")
    assert all(line.split(".")[0].split("(")[0] in text for line in whole["mentor"])
    assert not any(line in text for line in whole["mentee"])


@pytest.mark.parametrize(("role", "word"), [("peer", "mentee or mentor"), ("boss", "mentor")])
def test_a_role_that_is_not_there_is_refused(
    client: TestClient, case_data: dict[str, Any], role: str, word: str
) -> None:
    """422 names the parameter and the roles there are."""
    answer = client.post(f"/v1/agendas?role={role}", json=case_data)
    (error,) = problem(answer, 422, "invalid-input")["errors"]
    assert error["field"] == "role"
    assert word in error["problem"]


def test_a_format_that_is_not_made_is_refused(client: TestClient,
                                              case_data: dict[str, Any]) -> None:
    """406 says which formats there are."""
    answer = client.post("/v1/agendas", json=case_data, headers={"Accept": "image/png, */*;q=0"})
    detail = problem(answer, 406, "not-acceptable")["detail"]
    assert all(one in detail for one in ("text/html", "text/calendar", WORD))


def test_a_wrong_case_names_every_field(client: TestClient, case_data: dict[str, Any]) -> None:
    """422 lists the dotted path of each field with its mend."""
    case_data["members"][0]["profile"]["nmae"] = "x"
    case_data["session"]["minutes"] = 5
    body = problem(client.post("/v1/agendas", json=case_data), 422, "invalid-input")
    found = {one["field"]: one["problem"] for one in body["errors"]}
    assert set(found) == {"members[0].profile.nmae", "session.minutes"}
    assert "unknown field" in found["members[0].profile.nmae"]


def test_what_the_library_does_not_have_is_named(client: TestClient,
                                                 case_data: dict[str, Any]) -> None:
    """An unknown programme is a fault of the field `programme`."""
    body = problem(client.post("/v1/agendas", json=case_data | {"programme": "nope"}), 422,
                   "invalid-input")
    assert [one["field"] for one in body["errors"]] == ["programme"]


@pytest.mark.parametrize(("content", "status", "slug"), [
    (b'{"programme": ', 400, "malformed-request"),
    (b"\xff\xfe{}", 400, "malformed-request"),
    (b"[" * 100_000, 400, "malformed-request"),
    (b"", 422, "invalid-input"),
    (b"[]", 422, "invalid-input"),
    (b"null", 422, "invalid-input"),
])
def test_a_body_that_is_no_case_is_refused(client: TestClient, content: bytes, status: int,
                                           slug: str) -> None:
    """Malformed JSON is 400, JSON of another shape 422; neither is ever a 500."""
    answer = client.post("/v1/agendas", content=content,
                         headers={"Content-Type": "application/json"})
    problem(answer, status, slug)


def test_a_body_that_says_it_is_not_json_is_refused(client: TestClient) -> None:
    """415 names the content type that is expected."""
    answer = client.post("/v1/agendas", content="a=1",
                         headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert "application/json" in problem(answer, 415, "unsupported-media-type")["detail"]


def test_a_large_body_is_refused_with_and_without_its_length(client: TestClient) -> None:
    """Over 1 MiB is 413, also when it comes in chunks that do not say how many."""
    headers = {"Content-Type": "application/json"}
    whole = client.post("/v1/agendas", content=b" " * (MAX_BODY_BYTES + 1), headers=headers)
    problem(whole, 413, "body-too-large")
    chunks = client.post("/v1/agendas", content=iter([b" " * 300_000] * 4), headers=headers)
    assert "content-length" not in chunks.request.headers
    problem(chunks, 413, "body-too-large")
    within = client.post("/v1/agendas", content=iter([b" " * 300_000] * 3), headers=headers)
    problem(within, 400, "malformed-request")


def test_paths_and_methods_that_are_not_there_are_problems(client: TestClient) -> None:
    """404 and 405 have the same body as every error; 405 keeps its Allow header."""
    problem(client.get("/v1/nothing"), 404, "no-such-path")
    answer = client.put("/v1/agendas")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


def test_asking_to_store_is_refused(client: TestClient, case_data: dict[str, Any]) -> None:
    """Storing needs a key, whatever else is open."""
    answer = client.post("/v1/agendas?store=true", json=case_data)
    problem(answer, 401, "key-needed")


@pytest.mark.parametrize(("given", "kept"), [
    ("abc-123", True), ("a" * 128, True), ("a" * 129, False), ("a b", False), ("é", False),
    ("", False),
])
def test_every_response_carries_a_request_id(client: TestClient, given: str,
                                             kept: bool) -> None:
    """The request's own id where it is sane, else a new one; on success and on failure."""
    header = {"X-Request-Id": given.encode()}
    for path in ("/healthz", "/nothing"):
        own = client.get(path, headers=header).headers["x-request-id"]
        assert (own == given) is kept
        assert own


def test_resources_come_best_first_within_the_budget(client: TestClient) -> None:
    """A list in the contract's shape, in the asked language, inside the minutes together."""
    answer = client.get("/v1/resources", params={
        "q": "my team stays silent when I ask", "language": "es", "minutes": 45, "limit": 5})
    found = answer.json()
    assert 1 <= len(found) <= 5
    assert {"id", "title", "url", "language", "format", "minutes", "score",
            "reason"} <= set(found[0])
    assert all(one["language"].startswith("es") for one in found)
    assert sum(one["counted_minutes"] for one in found) <= 45
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)


def test_resources_in_a_language_we_do_not_write_give_reasons_in_english(
    client: TestClient,
) -> None:
    """Portuguese resources are found; their reasons are written in English."""
    found = client.get("/v1/resources", params={"q": "feedback", "language": "pt-BR"}).json()
    assert found
    assert {one["language"].split("-")[0] for one in found} == {"pt"}


def test_nothing_that_fits_is_an_empty_list(client: TestClient) -> None:
    """No resource in the language is no error."""
    answer = client.get("/v1/resources", params={"q": "feedback", "language": "sw"})
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(("query", "field"), [
    ("", "q"), ("q=", "q"), ("q=%20", "q"), (f"q={'a' * 2001}", "q"), ("q=a&minutes=0", "minutes"),
    ("q=a&limit=101", "limit"), ("q=a&language=%2A", "language"), ("q=a&limt=3", "limt"),
])
def test_a_wrong_parameter_is_named(client: TestClient, query: str, field: str) -> None:
    """422 names the parameter, also one that is misspelt."""
    body = problem(client.get(f"/v1/resources?{query}"), 422, "invalid-input")
    assert [one["field"] for one in body["errors"]] == [field]


def test_a_defect_is_a_bare_500_and_no_words_reach_the_log(
    client: TestClient, case_data: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The caller gets the request id; the log gets the place, and nothing anybody wrote."""

    def broken(*_: object) -> None:
        raise KeyError("secret words of Amara")

    monkeypatch.setattr(generate, "make_brief", broken)
    with caplog.at_level(logging.INFO, logger="agendum"):
        answer = client.post("/v1/agendas", json=case_data)
    body = problem(answer, 500, "internal-error")
    assert "Amara" not in answer.text
    assert body["request_id"] in caplog.text
    assert "KeyError" in caplog.text
    assert "broken" in caplog.text
    assert "Amara" not in caplog.text


def test_the_log_holds_no_query(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """A request is logged by its route, without what was asked."""
    with caplog.at_level(logging.INFO, logger="agendum"):
        client.get("/v1/resources?q=my%20boss%20Brunhilde&limit=1")
        client.get("/brunhilde")
    lines = [record.msg for record in caplog.records]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/v1/resources", 200), ("GET", "unrouted", 404)]
    assert "runhilde" not in caplog.text


def test_health_answers_before_the_indexes_are_built(catalogue: Catalogue,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    """/healthz is 200 at once; /readyz is 503 while warming and when warming failed."""

    go = threading.Event()

    def fails(_: Catalogue) -> None:
        go.wait(60)
        raise OSError("no model")

    monkeypatch.setattr("api.sharing.warm", fails)
    with TestClient(create_app(catalogue, Settings(_env_file=None))) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert "being built" in problem(client.get("/readyz"), 503, "not-ready")["detail"]
        go.set()
        deadline = time.monotonic() + 60
        while "doctor" not in problem(client.get("/readyz"), 503, "not-ready")["detail"]:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_others_are_answered_while_an_agenda_is_composed(
    client: TestClient, case_data: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Composing does not block the event loop: /healthz answers meanwhile."""
    from recommender.agendas import drafting

    real = drafting.compose_case

    def slow(*args: Any) -> Any:
        time.sleep(1.5)
        return real(*args)

    monkeypatch.setattr(drafting, "compose_case", slow)

    async def both() -> tuple[float, int]:
        transport = httpx.ASGITransport(app=client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as own:
            started = time.monotonic()
            agenda = asyncio.create_task(own.post("/v1/agendas", json=case_data))
            await asyncio.sleep(0.3)
            await own.get("/healthz")
            took = time.monotonic() - started
            return took, (await agenda).status_code

    took, status = asyncio.run(both())
    assert status == 200
    assert took < 1.4


def test_threads_share_one_catalogue(catalogue: Catalogue, client: TestClient) -> None:
    """Agendas composed at the same time are those composed one after the other."""
    names = ["women-pilot/2-mi-idea-con-mi-nombre", "peer-quarter/5-pod-across-areas",
             "nextgen/1-trois-semaines-au-bureau", "evergreen/5-thin-first-meeting"]

    def compose(name: str) -> str:
        agenda = client.post("/v1/agendas", json=example(name)).json()
        agenda["provenance"].pop("latency_ms")
        return json.dumps(agenda)

    alone = [compose(name) for name in names]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(compose, names * 2))
    assert together == alone * 2


def test_the_documentation_needs_no_other_server(client: TestClient) -> None:
    """/docs and all it loads come from here; /openapi.json lists the paths."""
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        assert f"docs/{name}" in page.text
        assert client.get(f"/docs/{name}").status_code == 200
    problem(client.get("/docs/../openapi.py"), 404, "no-such-path")
    problem(client.get("/docs/redoc.standalone.js"), 404, "no-such-path")
    assert {"/v1/agendas", "/v1/resources", "/healthz", "/readyz", "/metrics"} <= set(
        client.get("/openapi.json").json()["paths"])
