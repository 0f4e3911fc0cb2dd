"""Thousands of cases as files: every case has its agenda, whatever became of its answer."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from draft_stub import honest_draft
from fakes import BagOfWordsEncoder
from invariants import broken

from api import opening
from api.cli import cli
from content_library.load import load_library
from prompts.load import load_prompt
from recommender.agendas import batch
from recommender.agendas.generate import Composed
from recommender.agendas.judge import Prepared
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case

CASES, VARIETY, SPOILT_EVERY = 2000, 12, 20

Line = dict[str, Any]
Run = Callable[..., Result]


def reply(request: Line, content: str | None = None, **message: Any) -> Line:
    """Return the line of a responses file that answers a request."""
    said = (json.dumps(honest_draft(request["body"]["messages"])) if content is None
            else content)
    return {"id": "r", "custom_id": request["custom_id"], "error": None, "response": {
        "status_code": 200, "request_id": "x", "body": {
            "id": "c", "object": "chat.completion", "model": "stub-2026",
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": said, **message}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}}}}


def refused(request: Line) -> Line:
    return {"id": "r", "custom_id": request["custom_id"], "response": None,
            "error": {"code": "batch_expired", "message": "too late"}}


def failed(request: Line) -> Line:
    return {"id": "r", "custom_id": request["custom_id"], "error": None,
            "response": {"status_code": 500, "request_id": "x", "body": {"error": {}}}}


SPOILS: list[tuple[str, Callable[[Line], list[str]]]] = [
    ("missing", lambda request: []),
    ("doubled", lambda request: [json.dumps(reply(request))] * 2),
    ("missing", lambda request: [json.dumps(reply(request))[:200]]),
    ("checks: not_json", lambda request: [json.dumps(reply(request, '{"plan": ['))]),
    ("checks: empty", lambda request: [json.dumps(reply(request, ""))]),
    ("checks: refused", lambda request: [json.dumps(reply(request, "", refusal="No."))]),
    ("checks: schema", lambda request: [json.dumps(reply(request, "{}"))]),
    ("rejected", lambda request: [json.dumps(refused(request))]),
    ("rejected", lambda request: [json.dumps(failed(request))]),
    ("broken_answer", lambda request: [json.dumps(
        {**reply(request), "response": {"status_code": 200, "body": {"choices": [1, 2]}}})]),
]
"""Ways in which an answer is spoilt, with the word that provenance begins with."""


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(load_library(), BagOfWordsEncoder())


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, quick: Catalogue) -> Run:
    """Return a function that runs a command over the quick catalogue."""
    monkeypatch.setattr(opening, "open_ready_catalogue", lambda settings: quick)
    return lambda *arguments: CliRunner().invoke(cli, list(map(str, arguments)))


@pytest.fixture
def each_case_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cases that stand in the file many times be composed once; answers are judged each."""
    compose, prepare = batch.compose_case, batch.prepare_draft
    kept: dict[str, Composed] = {}
    ready: dict[str, Prepared] = {}

    def composed(case: Case, catalogue: Catalogue) -> Composed:
        key = text_of(case)
        if key not in kept:
            kept[key] = compose(case, catalogue)
        return kept[key]

    def prepared(made: Composed, case: Case, catalogue: Catalogue, prompt: Any) -> Prepared:
        key = text_of(case)
        if key not in ready:
            ready[key] = prepare(made, case, catalogue, prompt)
        return ready[key]

    monkeypatch.setattr(batch, "compose_case", composed)
    monkeypatch.setattr(batch, "prepare_draft", prepared)


def text_of(case: Case) -> str:
    return case.model_dump_json()


def lines_of(path: Path) -> list[Line]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def cases_file(path: Path, examples: dict[str, Case], count: int, variety: int = VARIETY) -> Path:
    """Write so many cases, of which `variety` differ."""
    every = [case for case in examples.values() if (case.mode or "") != "fixed"]
    chosen = [one.model_dump_json(by_alias=True)
              for one in every[:: max(1, len(every) // variety)][:variety]]
    return write(path, [chosen[at % len(chosen)] for at in range(count)])


def test_two_thousand_cases_with_damaged_answers(
    tmp_path: Path, examples: dict[str, Case], run: Run, each_case_once: None
) -> None:
    """Exported, answered with one in twenty damaged, imported in one go: each has an agenda."""
    cases = cases_file(tmp_path / "cases.jsonl", examples, CASES)
    requests, agendas = tmp_path / "requests.jsonl", tmp_path / "agendas.jsonl"
    exported = run("batch", "export", cases, "--out", requests, "--model", "any-model")
    assert exported.exit_code == 0, exported.stderr
    asked = lines_of(requests)
    assert len(asked) == CASES
    assert len({line["custom_id"] for line in asked}) == CASES
    answers: list[str] = []
    expected: dict[int, str] = {}
    for at, request in enumerate(asked):
        if at % SPOILT_EVERY == 7:
            word, spoil = SPOILS[at // SPOILT_EVERY % len(SPOILS)]
            expected[at] = word
            answers += spoil(request)
        else:
            answers.append(json.dumps(reply(request)))
    answers.reverse()
    responses = write(tmp_path / "responses.jsonl", answers)
    imported = run("batch", "import", cases, responses, "--out", agendas)
    assert imported.exit_code == 0, imported.stderr
    made = [Agenda.model_validate(line) for line in lines_of(agendas)]
    given = [Case.model_validate(line) for line in lines_of(cases)]
    assert len(made) == CASES
    whole = {text_of(case) for case in given[:VARIETY]}
    held: Counter[str] = Counter()
    for at, (case, agenda) in enumerate(zip(given, made, strict=True)):
        provenance = agenda.provenance
        held[provenance.generator] += 1
        if at < 10 * VARIETY or at in expected:
            assert broken(case, agenda) == []
        if at in expected:
            assert (provenance.fallback or "").startswith(expected[at]), at
        elif provenance.generator == "llm":
            assert (provenance.model, provenance.prompt) == ("stub-2026", "agenda-draft/3")
            assert (provenance.tokens or {})["calls"] == 1
    assert len(whole) == VARIETY
    assert held["llm"] >= 0.85 * (CASES - len(expected))
    assert f"{CASES} agendas" in imported.stderr
    assert f"{len(expected)} fell back" in imported.stderr or held["composer"] > len(expected)


def test_requests_are_in_the_batch_format(
    tmp_path: Path, examples: dict[str, Case], run: Run
) -> None:
    """Each line asks for one chat completion with a strict JSON schema, and names the model."""
    cases = cases_file(tmp_path / "cases.jsonl", examples, 3, 3)
    run("batch", "export", cases, "--out", tmp_path / "r.jsonl", "--model", "any-model")
    for line in lines_of(tmp_path / "r.jsonl"):
        assert set(line) == {"custom_id", "method", "url", "body"}
        assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
        body = line["body"]
        assert body["model"] == "any-model"
        assert [one["role"] for one in body["messages"]] == ["system", "user"]
        form = body["response_format"]
        assert (form["type"], form["json_schema"]["strict"]) == ("json_schema", True)
        _strict(form["json_schema"]["schema"])


def test_requests_of_an_older_prompt_are_exported_and_answered(
    tmp_path: Path, examples: dict[str, Case], run: Run
) -> None:
    """--prompt asks with a version or label; answers to it are taken, and provenance names it."""
    cases = cases_file(tmp_path / "cases.jsonl", examples, 2, 2)
    run("batch", "export", cases, "--out", tmp_path / "new.jsonl")
    run("batch", "export", cases, "--out", tmp_path / "old.jsonl", "--prompt", "1")
    new, old = (lines_of(tmp_path / name) for name in ("new.jsonl", "old.jsonl"))
    said = [[line["body"]["messages"][0]["content"] for line in lines] for lines in (new, old)]
    assert said[1][0] == load_prompt("agenda-draft", 1).parts["system"].strip()
    assert said[0][0] != said[1][0]
    write(tmp_path / "responses.jsonl", [json.dumps(reply(line)) for line in old])
    run("batch", "import", cases, tmp_path / "responses.jsonl", "--out", tmp_path / "out.jsonl")
    assert {line["provenance"]["prompt"] for line in lines_of(tmp_path / "out.jsonl")} == {
        "agenda-draft/1"}
    unknown = run("batch", "export", cases, "--out", tmp_path / "no.jsonl", "--prompt", "99")
    assert unknown.exit_code == 2
    assert "no version or label 99" in unknown.stderr


def _strict(schema: Line) -> None:
    """Check what strict mode asks of every object: all keys required, and no others."""
    if schema["type"] == "object":
        assert schema["required"] == list(schema["properties"])
        assert schema["additionalProperties"] is False
        for own in schema["properties"].values():
            _strict(own)
    elif schema["type"] == "array":
        _strict(schema["items"])


def test_a_case_may_bring_its_own_id(tmp_path: Path, examples: dict[str, Case], run: Run) -> None:
    """The id begins the request's; the same id twice is refused with both lines."""
    case = json.loads(next(iter(examples.values())).model_dump_json(by_alias=True))
    named = [json.dumps({"id": name, **case}) for name in ("pair-1", "pair-2")]
    cases = write(tmp_path / "cases.jsonl", named)
    run("batch", "export", cases, "--out", tmp_path / "r.jsonl")
    assert [line["custom_id"].rpartition(".")[0] for line in lines_of(tmp_path / "r.jsonl")] == [
        "pair-1", "pair-2"]
    write(cases, [*named, named[0]])
    twice = run("batch", "export", cases, "--out", tmp_path / "r2.jsonl")
    assert twice.exit_code == 2
    assert "line 3" in twice.stderr
    assert "line 1" in twice.stderr


def test_every_faulty_line_is_named_before_anything_is_written(
    tmp_path: Path, examples: dict[str, Case], run: Run
) -> None:
    """Bad input is 2, with line and field; no file is begun."""
    good = next(iter(examples.values())).model_dump_json(by_alias=True)
    bad = json.loads(good)
    bad["session"]["minutes"] = 3
    cases = write(tmp_path / "cases.jsonl", [good, "{", json.dumps(bad), "[]"])
    done = run("batch", "export", cases, "--out", tmp_path / "r.jsonl")
    assert done.exit_code == 2
    assert "line 2" in done.stderr
    assert "line 3: session.minutes" in done.stderr
    assert "line 4" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["cases.jsonl"]


def test_an_interrupted_export_goes_on(
    tmp_path: Path, examples: dict[str, Case], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written stays, half a line is cut off, and the whole is as if nothing happened."""
    cases = cases_file(tmp_path / "cases.jsonl", examples, 6, 6)
    run("batch", "export", cases, "--out", tmp_path / "whole.jsonl")
    real, left = batch.export_case, 3

    def dying(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(batch, "export_case", dying)
    stopped = run("batch", "export", cases, "--out", tmp_path / "again.jsonl")
    assert stopped.exit_code != 0
    assert not (tmp_path / "again.jsonl").exists()
    (part,) = tmp_path.glob(".again.jsonl.*.part")
    with part.open("a") as file:
        file.write('{"custom_id": "line-0000')
    left = 3
    done = run("batch", "export", cases, "--out", tmp_path / "again.jsonl")
    assert done.exit_code == 0, done.stderr
    assert "going on after 3" in done.stderr
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert not list(tmp_path.glob(".*.part"))


def test_an_interrupted_import_goes_on(
    tmp_path: Path, examples: dict[str, Case], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Agendas of the first run are kept, the counts too; other answers begin anew."""
    cases = cases_file(tmp_path / "cases.jsonl", examples, 6, 6)
    requests, out = tmp_path / "r.jsonl", tmp_path / "a.jsonl"
    run("batch", "export", cases, "--out", requests)
    responses = write(tmp_path / "s.jsonl",
                      [json.dumps(reply(line)) for line in lines_of(requests)])
    real, left = batch.import_case, 4

    def dying(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(batch, "import_case", dying)
    run("batch", "import", cases, responses, "--out", out)
    assert not out.exists()
    left = 2
    done = run("batch", "import", cases, responses, "--out", out)
    assert "going on after 4" in done.stderr
    assert len(lines_of(out)) == 6
    assert sum(int(word) for word in done.stderr.split("agendas, ")[1].split() if
               word.isdigit()) == 6


def test_a_draft_can_be_mended_by_file_too(
    tmp_path: Path, examples: dict[str, Case], run: Run
) -> None:
    """--repairs writes second requests; with their answers in the file the drafts hold."""
    cases = cases_file(tmp_path / "cases.jsonl", examples, 2, 2)
    requests, repairs = tmp_path / "r.jsonl", tmp_path / "repairs.jsonl"
    run("batch", "export", cases, "--out", requests)
    first, second = lines_of(requests)
    answers = [json.dumps(reply(first)), json.dumps(reply(second, "{}"))]
    responses = write(tmp_path / "s.jsonl", answers)
    done = run("batch", "import", cases, responses, "--out", tmp_path / "a.jsonl",
               "--repairs", repairs)
    assert "1 fell back" in done.stderr
    (mending,) = lines_of(repairs)
    assert mending["custom_id"] == f"{second['custom_id']}.repair"
    assert len(mending["body"]["messages"]) == 4
    write(responses, [*answers, json.dumps(reply(mending))])
    run("batch", "import", cases, responses, "--out", tmp_path / "a.jsonl")
    provenance = lines_of(tmp_path / "a.jsonl")[1]["provenance"]
    assert (provenance["generator"], provenance["fallback"]) == ("llm", None)
    assert "schema" in provenance["repaired"]
    assert provenance["tokens"] == {"input": 200, "output": 100, "cached": 0, "calls": 2}


def test_an_answer_to_another_request_is_not_taken(
    tmp_path: Path, examples: dict[str, Case], run: Run
) -> None:
    """A case that changed since the export falls back, and the report counts strangers."""
    case = json.loads(next(iter(examples.values())).model_dump_json(by_alias=True))
    cases = write(tmp_path / "cases.jsonl", [json.dumps(case)])
    run("batch", "export", cases, "--out", tmp_path / "r.jsonl")
    (request,) = lines_of(tmp_path / "r.jsonl")
    stranger = reply(request) | {"custom_id": "line-000099.0123456789abcdef"}
    responses = write(tmp_path / "s.jsonl", [json.dumps(reply(request)), json.dumps(stranger)])
    case["session"]["minutes"] += 5
    write(cases, [json.dumps(case)])
    done = run("batch", "import", cases, responses, "--out", tmp_path / "a.jsonl")
    assert lines_of(tmp_path / "a.jsonl")[0]["provenance"]["fallback"].startswith("stale: ")
    assert "1 answers belong to no case" in done.stderr


def test_cases_that_no_model_is_asked_about_have_no_request(
    tmp_path: Path, examples: dict[str, Case], run: Run
) -> None:
    """Fixed mode and the composer's cases are exported as nothing, and composed on import."""
    case = json.loads(next(iter(examples.values())).model_dump_json(by_alias=True))
    cases = write(tmp_path / "cases.jsonl", [
        json.dumps({**case, "mode": "fixed"}), json.dumps({**case, "generator": "composer"}),
        json.dumps({**case, "generator": "llm"})])
    done = run("batch", "export", cases, "--out", tmp_path / "r.jsonl")
    assert "1 requests for 3 cases; 2 need none" in done.stderr
    responses = write(tmp_path / "s.jsonl", [])
    run("batch", "import", cases, responses, "--out", tmp_path / "a.jsonl")
    told = [line["provenance"]["fallback"] for line in lines_of(tmp_path / "a.jsonl")]
    assert told[0].startswith("fixed_mode")
    assert told[1] is None
    assert told[2].startswith("missing")


@pytest.fixture
def service(httpserver: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a server that takes batches as OpenAI does."""
    monkeypatch.setenv("AGENDUM_LLM_BASE_URL", httpserver.url_for("/v1"))
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    yield httpserver
    httpserver.clear()


def batch_of(status: str, **more: Any) -> Line:
    return {"id": "batch_1", "object": "batch", "endpoint": "/v1/chat/completions",
            "input_file_id": "file_1", "completion_window": "24h", "created_at": 1,
            "status": status, "request_counts": {"total": 2, "completed": 1, "failed": 0}, **more}


def test_a_file_is_submitted_and_its_batch_fetched(
    tmp_path: Path, service: Any, run: Run
) -> None:
    """`submit` prints the id; `fetch` exits 1 while it runs, then writes answers and errors."""
    requests = write(tmp_path / "r.jsonl", ['{"custom_id": "a"}', '{"custom_id": "b"}'])
    service.expect_request("/v1/files", method="POST").respond_with_json(
        {"id": "file_1", "object": "file", "bytes": 1, "created_at": 1, "filename": "r.jsonl",
         "purpose": "batch", "status": "processed"})
    service.expect_request("/v1/batches", method="POST", json={
        "input_file_id": "file_1", "endpoint": "/v1/chat/completions",
        "completion_window": "24h"}).respond_with_json(batch_of("validating"))
    submitted = run("batch", "submit", requests)
    assert (submitted.exit_code, submitted.stdout) == (0, "batch_1\n"), submitted.stderr
    service.expect_ordered_request("/v1/batches/batch_1").respond_with_json(
        batch_of("in_progress"))
    service.expect_ordered_request("/v1/batches/batch_1").respond_with_json(
        batch_of("completed", output_file_id="file_2", error_file_id="file_3"))
    service.expect_request("/v1/files/file_2/content").respond_with_data('{"custom_id": "a"}\n')
    service.expect_request("/v1/files/file_3/content").respond_with_data('{"custom_id": "b"}')
    out = tmp_path / "s.jsonl"
    waiting = run("batch", "fetch", "batch_1", "--out", out)
    assert waiting.exit_code == 1
    assert "in_progress, 1 of 2" in waiting.stderr
    assert not out.exists()
    done = run("batch", "fetch", "batch_1", "--out", out)
    assert done.exit_code == 0, done.stderr
    assert [line["custom_id"] for line in lines_of(out)] == ["a", "b"]


def test_batches_need_a_key(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one, submitting is bad input that names the setting."""
    for name in ("OPENAI_API_KEY", "AGENDUM_LLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    requests = write(tmp_path / "r.jsonl", ['{"custom_id": "a"}'])
    done = run("batch", "submit", requests)
    assert done.exit_code == 2
    assert "OPENAI_API_KEY" in done.stderr


def test_a_failed_batch_says_why(tmp_path: Path, service: Any, run: Run) -> None:
    """A batch that failed as a whole, or is refused, is 1 and a sentence."""
    service.expect_ordered_request("/v1/batches/batch_1").respond_with_json(batch_of(
        "failed", errors={"object": "list", "data": [{"message": "a line is no JSON"}]}))
    done = run("batch", "fetch", "batch_1", "--out", tmp_path / "s.jsonl")
    assert (done.exit_code, "a line is no JSON" in done.stderr) == (1, True)
    service.expect_ordered_request("/v1/batches/batch_2").respond_with_json(
        {"error": {"message": "no such batch"}}, status=404)
    unknown = run("batch", "fetch", "batch_2", "--out", tmp_path / "s.jsonl")
    assert unknown.exit_code == 1
    assert "404" in unknown.stderr

