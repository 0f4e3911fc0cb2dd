"""A model over HTTP and the command line: streamed items, drafted files, honest words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from draft_stub import StubModel, honest_draft
from invariants import broken
from pytest_httpserver import HTTPServer
from starlette.testclient import TestClient
from werkzeug import Request, Response

from api import opening
from api.app import create_app
from api.cli import cli
from recommender.agendas.drafting import Drafting
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.settings import Settings

ENGLISH = "new-managers/2-sunday-rewrites"
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def client(catalogue: Catalogue) -> Iterator[TestClient]:
    """Return a client of an application without a model."""
    app = create_app(catalogue, Settings(_env_file=None))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def body_of(case: Case, **more: Any) -> dict[str, Any]:
    return case.model_dump(mode="json", by_alias=True) | more


def events_of(answer: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the server-sent events of an answer, by name."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_items_come_before_the_whole(client: TestClient, examples: dict[str, Case]) -> None:
    """Without a model, and with one, each item is an event, and the agenda the last."""
    case = examples[ENGLISH]
    for generator, drafting in (("composer", Drafting()), ("llm", Drafting(StubModel()))):
        client.app.state.drafting = drafting  # type: ignore[attr-defined]
        answer = client.post("/v1/agendas", json=body_of(case), headers=STREAM)
        *items, (last, whole) = events_of(answer)
        assert answer.headers["content-language"] == "en"
        assert {name for name, _ in items} == {"item"}
        assert last == "agenda"
        assert [item for _, item in items] == whole["items"]
        assert whole["provenance"]["generator"] == generator
        assert broken(case, Agenda.model_validate(whole)) == []


def test_void_items_are_said_to_be_void(client: TestClient, examples: dict[str, Case]) -> None:
    """`fallback` gives its reason, and the composed items follow."""
    def spoilt(messages: Sequence[Mapping[str, str]]) -> Any:
        draft = honest_draft(messages)
        draft["items"][-1]["title"] = "Contact ana@mail.example"
        return draft

    client.app.state.drafting = Drafting(StubModel(spoilt))  # type: ignore[attr-defined]
    answer = client.post("/v1/agendas", json=body_of(examples[ENGLISH]), headers=STREAM)
    events = events_of(answer)
    names = [name for name, _ in events]
    at = names.index("fallback")
    assert "personal_data" in events[at][1]["reason"]
    assert set(names[:at]) <= {"item"}
    assert [item for _, item in events[at + 1: -1]] == events[-1][1]["items"]
    assert "ana@mail.example" not in answer.text


def test_a_wrong_case_is_a_problem_before_the_stream(
    client: TestClient, examples: dict[str, Case]
) -> None:
    """Bad input is 422 with its fields, not an event; so is a model that is not set."""
    case = examples[ENGLISH]
    for change, field in (({"programme": "nope"}, "programme"),
                          ({"generator": "llm"}, "generator")):
        for headers in (STREAM, {}):
            answer = client.post("/v1/agendas", json=body_of(case, **change), headers=headers)
            assert answer.status_code == 422
            assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_role_sees_its_own_preparation_in_the_whole(
    client: TestClient, examples: dict[str, Case]
) -> None:
    """`role` narrows the agenda that comes last."""
    answer = client.post("/v1/agendas?role=mentee", json=body_of(examples[ENGLISH]),
                         headers=STREAM)
    assert events_of(answer)[-1][1]["preparation"]["mentor"] == []


def completing(request: Request) -> Response:
    draft = honest_draft(request.get_json()["messages"])
    return Response(json.dumps({
        "id": "c", "object": "chat.completion", "created": 1, "model": "stub",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": json.dumps(draft)}}],
        "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 100_000,
                  "total_tokens": 1_100_000}}), mimetype="application/json")


def streaming(request: Request) -> Response:
    """Answer as servers stream: pieces, usage, and the end."""
    text = json.dumps(honest_draft(request.get_json()["messages"]))

    def pieces() -> Iterator[str]:
        whole = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
        for at in range(0, len(text), 50):
            delta = {"role": "assistant", "content": text[at: at + 50]}
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            yield f"data: {json.dumps({**whole, 'choices': [choice]})}\n\n"
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        yield f"data: {json.dumps({**whole, 'choices': [end]})}\n\n"
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        yield f"data: {json.dumps({**whole, 'choices': [], 'usage': usage})}\n\n"
        yield "data: [DONE]\n\n"

    return Response(pieces(), mimetype="text/event-stream")


@pytest.fixture
def model_settings(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[HTTPServer]:
    """Set a model whose server is the test's, with its price."""
    prices = tmp_path / "prices.yaml"
    prices.write_text("currency: EUR\nmodels:\n  stub: {input: 0.25, output: 2}\n")
    monkeypatch.setenv("AGENDUM_LLM", "openai:stub")
    monkeypatch.setenv("AGENDUM_LLM_BASE_URL", httpserver.url_for("/v1"))
    monkeypatch.setenv("AGENDUM_LLM_DEADLINE_S", "120")
    monkeypatch.setenv("AGENDUM_LLM_PRICES", str(prices))
    monkeypatch.setenv("AGENDUM_LLM_OPTIONS", '{"temperature": 0.25}')
    yield httpserver
    httpserver.clear()


def test_the_settings_model_drafts_over_http(
    model_settings: HTTPServer, catalogue: Catalogue, examples: dict[str, Case]
) -> None:
    """`auto` uses it, streamed or not; tokens and cost stand in the provenance."""
    model_settings.expect_ordered_request("/v1/chat/completions").respond_with_handler(completing)
    model_settings.expect_ordered_request("/v1/chat/completions").respond_with_handler(streaming)
    case = examples[ENGLISH]
    with TestClient(create_app(catalogue, Settings(_env_file=None))) as client:
        whole = client.post("/v1/agendas", json=body_of(case)).json()
        assert whole["provenance"]["generator"] == "llm"
        assert whole["provenance"]["cost"] == {"amount": 0.45, "currency": "EUR"}
        *items, (_, last) = events_of(
            client.post("/v1/agendas", json=body_of(case), headers=STREAM))
    assert last["provenance"]["generator"] == "llm", last["provenance"]["fallback"]
    assert last["provenance"]["tokens"] == {"input": 10, "output": 5, "cached": 0, "calls": 1}
    assert [item for _, item in items] == last["items"] == whole["items"]
    assert [one[0].get_json()["temperature"] for one in model_settings.log] == [0.25, 0.25]


def test_the_command_line_drafts_and_says_when_it_did_not(
    model_settings: HTTPServer, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The draft goes to stdout; a fallback is told on stderr, and the composer asks nobody."""
    monkeypatch.setattr(opening, "open_ready_catalogue", lambda settings: catalogue)
    example = str(Path(__file__).parents[2] / "examples" / f"{ENGLISH}.case.yaml")
    model_settings.expect_ordered_request("/v1/chat/completions").respond_with_handler(completing)
    model_settings.expect_ordered_request("/v1/chat/completions").respond_with_data("", 400)

    def run(*more: str) -> Any:
        return CliRunner().invoke(cli, ["agenda", example, "--format", "json", *more])

    first = run("--generator", "llm")
    assert json.loads(first.stdout)["provenance"]["generator"] == "llm"
    assert first.stderr == ""
    second = run()
    assert second.exit_code == 0
    assert json.loads(second.stdout)["provenance"]["fallback"] == "rejected: 400"
    assert "composed, not drafted (rejected: 400)" in second.stderr
    third = run("--generator", "composer")
    assert json.loads(third.stdout)["provenance"]["model"] is None
    assert len(model_settings.log) == 2


@pytest.mark.parametrize(("name", "value", "field"), [
    ("AGENDUM_LLM", "nowhere:model", "AGENDUM_LLM"),
    ("AGENDUM_LLM_OPTIONS", "[1]", "AGENDUM_LLM_OPTIONS"),
    ("AGENDUM_LLM_OPTIONS", "{bad", "AGENDUM_LLM_OPTIONS"),
    ("AGENDUM_LLM_CONCURRENCY", "0", "AGENDUM_LLM_CONCURRENCY"),
    ("AGENDUM_LLM_PRICES", "/nowhere.yaml", "/nowhere.yaml"),
])
def test_wrong_settings_are_bad_input(
    model_settings: HTTPServer, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch,
    name: str, value: str, field: str,
) -> None:
    """Exit 2, with the name of the setting or file."""
    monkeypatch.setattr(opening, "open_ready_catalogue", lambda settings: catalogue)
    monkeypatch.setenv(name, value)
    example = str(Path(__file__).parents[2] / "examples" / f"{ENGLISH}.case.yaml")
    done = CliRunner().invoke(cli, ["agenda", example])
    assert done.exit_code == 2, done.stderr
    assert field in done.stderr
