"""A model server that misbehaves: whatever it does, a valid agenda comes in time, and says why."""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from draft_stub import Draft, StubModel, honest_draft
from hand_off_examples import GRAVE
from invariants import broken
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from recommender.agendas.drafting import Drafting, generate_drafted
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.language_model import open_model
from recommender.model_answers import Message
from recommender.yaml_file import read_document

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DEADLINE_S = 2.5
ROOMY_S = 8.0
"""A deadline that all tries fit into on a busy machine, where what the tries met is asked for."""
MARGIN_S = 4.0
"""What composing may take on a busy machine, beside the deadline."""
PATH = "/v1/chat/completions"
Handler = Callable[[Request], Response]


def example(name: str) -> Case:
    return Case.model_validate(read_document(EXAMPLES / f"{name}.case.yaml"))


SPANISH = example("women-pilot/2-mi-idea-con-mi-nombre")
ENGLISH = example("new-managers/2-sunday-rewrites")


def completion(content: str | None, finish: str = "stop", **message: Any) -> Response:
    """Return a chat completion as a server sends it."""
    return Response(json.dumps({
        "id": "c", "object": "chat.completion", "created": 1, "model": "stub-2026",
        "choices": [{"index": 0, "finish_reason": finish,
                     "message": {"role": "assistant", "content": content, **message}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
    }), mimetype="application/json")


def asked(request: Request) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = request.get_json()["messages"]
    return messages


def honest(request: Request) -> Response:
    return completion(json.dumps(honest_draft(asked(request))))


def spoiling(spoil: Callable[[Draft], object]) -> Handler:
    """Return a handler whose drafts are honest but for what `spoil` does to them."""

    def answer(request: Request) -> Response:
        draft = honest_draft(asked(request))
        spoil(draft)
        return completion(json.dumps(draft))

    return answer


@pytest.fixture(scope="module")
def warm(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue once what is opened and encoded first is there: that is not timed."""
    open_model("openai:stub", base_url="http://127.0.0.1:9/v1")
    for case in (SPANISH, ENGLISH):
        asyncio.run(generate_drafted(case, catalogue, Drafting(StubModel())))
    return catalogue


@pytest.fixture
def run(httpserver: HTTPServer, warm: Catalogue) -> Iterator[Callable[..., Agenda]]:
    """Return a function that drafts a case with the test's server behind it."""

    def draft(
        case: Case, *handlers: Handler, deadline_s: float = DEADLINE_S, repeat: bool = True,
    ) -> Agenda:
        for handler in handlers[: -1 if repeat else None]:
            httpserver.expect_ordered_request(PATH).respond_with_handler(handler)
        if repeat:
            httpserver.expect_request(PATH).respond_with_handler(handlers[-1])

        async def made() -> Agenda:
            model = open_model("openai:stub", base_url=httpserver.url_for("/v1"))
            try:
                return await generate_drafted(case, warm, Drafting(model, deadline_s))
            finally:
                await model.aclose()

        agenda = asyncio.run(made())
        assert broken(case, agenda) == []
        assert agenda.provenance.model == "openai:stub"
        assert agenda.provenance.prompt == "agenda-draft/3"
        return agenda

    yield draft
    httpserver.clear()


def test_an_honest_server_is_taken_at_its_word(
    run: Callable[..., Agenda], httpserver: HTTPServer
) -> None:
    """The draft's words stand in the agenda, with tokens and what was checked."""
    agenda = run(ENGLISH, honest)
    said = json.loads(json.dumps(honest_draft(asked(httpserver.log[0][0]))))
    provenance = agenda.provenance
    assert (provenance.generator, provenance.fallback) == ("llm", None)
    assert agenda.purpose == said["purpose"]
    assert [item.title for item in agenda.items if item.pulse is None] == [
        item["title"] for item in said["items"]]
    assert [item.pulse for item in agenda.items][-2] == "pulse_30"
    assert provenance.tokens == {"input": 1000, "output": 200, "cached": 0, "calls": 1}
    assert provenance.cost is None
    assert {"minutes_sum", "draft.links", "draft.specific"} <= {
        check.name for check in provenance.checks if check.passed}


def test_the_server_is_asked_for_the_schema(
    run: Callable[..., Agenda], httpserver: HTTPServer
) -> None:
    """The request holds a strict JSON schema whose enumerations are aliases."""
    run(ENGLISH, honest)
    body = httpserver.log[0][0].get_json()
    assert set(body) == {"model", "messages", "stream", "max_completion_tokens",
                         "response_format"}
    form = body["response_format"]
    assert (body["model"], form["type"], form["json_schema"]["strict"]) == (
        "stub", "json_schema", True)
    plan = form["json_schema"]["schema"]["properties"]["plan"]
    assert plan["items"]["properties"]["activity"]["enum"][0] == "A1"


def status(code: int, **headers: str) -> Handler:
    return lambda _: Response("{}", status=code, mimetype="application/json", headers={
        name.replace("_", "-"): value for name, value in headers.items()})


def reset(request: Request) -> Response:
    sock: socket.socket = request.environ["werkzeug.socket"]
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.shutdown(socket.SHUT_RDWR)
    return Response()


NAMELESS = [("links", "Mira https://example.org/x antes. ¿Qué ves?"),
            ("links", "Mira esto en www.ejemplo.org. ¿Qué ves?"),
            ("links", "[Lee esto](https://example.org) ¿Qué ves?"),
            ("links", "<b>¿Qué ves ahí?</b>"),
            ("links", "<script>alert(1)</script> ¿Qué ves ahí?"),
            ("names", "¿Qué te dijo Rosalinda Quiroga cuando lo contaste en la oficina?"),
            ("personal_data", "¿Qué pasa si escribes a ana@ejemplo.org hoy mismo?"),
            ("personal_data", "¿Qué pasa si llamas al +34 612 345 678 hoy mismo?"),
            ("language", "What would you say first when the meeting goes quiet again?"),
            ("placeholders", "¿Qué te aporta A1 para lo que quieres decir mañana?"),
            ("placeholders", "mentee: ¿qué quieres decir mañana en la reunión?"),
            ("placeholders", "¿Qué quieres decir mañana sobre $goal en la reunión?"),
            ("placeholders", "¿Qué le dirías mañana a [name] en la reunión?"),
            ("instructions", "Como modelo de lenguaje, ¿qué quieres decir mañana?"),
            ("tone", "¡Excelente pregunta! ¿Qué quieres decir mañana en la reunión?"),
            ("tone", "¿Has pensado en hablar mañana con tu jefa sobre esto?"),
            ("facts", "¿Qué harás el 31 de febrero con lo que sabes ahora?"),
            ("facts", "¿Qué harías si el 87 % de las personas pensara como tú?"),
            ("too_long", "¿Qué quieres decir mañana en la reunión? " * 12),
            ("open_questions", "¿Tienes ganas de hablar mañana en la reunión?"),
            ("needs_person", f"¿Qué harás con esto: {GRAVE['es'][0]}")]


@pytest.mark.parametrize(("word", "text"), NAMELESS)
def test_words_that_do_not_hold_fall_back(
    run: Callable[..., Agenda], httpserver: HTTPServer, word: str, text: str
) -> None:
    """A bad text is told once to the model; then the composed agenda stands, naming the check."""
    agenda = run(SPANISH, spoiling(lambda draft: draft["items"][1].update(questions=[text])))
    fallback = agenda.provenance.fallback or ""
    assert agenda.provenance.generator == "composer"
    assert fallback.startswith("checks: ")
    assert word in fallback
    assert len(httpserver.log) == 2
    assert text not in str(agenda.model_dump())


SHAPES: list[tuple[str, Handler, int]] = [
    ("not_json", lambda _: completion('{"plan": [{"activity": "A1"'), 2),
    ("not_json", lambda _: completion("Here is the agenda you asked for."), 2),
    ("not_json", lambda _: completion("[" * 50_000), 2),
    ("too_long", lambda request: completion(json.dumps(
        {**honest_draft(asked(request)), "items": honest_draft(asked(request))["items"] * 1000})),
     2),
    ("schema", lambda request: completion(json.dumps(
        {**honest_draft(asked(request)),
         "items": [{"activity": "A1", "title": "x", "questions": ["y"]}] * 900})), 2),
    ("schema", lambda _: completion("{}"), 2),
    ("refused", lambda _: completion(None, refusal="I cannot help with that."), 1),
    ("refused", lambda _: completion("", "content_filter"), 1),
    ("truncated", lambda _: completion('{"plan": [', "length"), 1),
    ("empty", lambda _: completion(""), 2),
    ("empty", lambda _: completion("  \n "), 2),
    ("tool_calls", lambda _: completion(None, "tool_calls", tool_calls=[
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]), 2),
    ("ids", spoiling(lambda draft: draft["plan"][1].update(activity="A99")), 2),
    ("ids", spoiling(lambda draft: draft["plan"][1].update(points=["T77"])), 2),
    ("ids", spoiling(lambda draft: draft["plan"][1].update(goals=["p-204"])), 2),
    ("ids", spoiling(lambda draft: draft.update(
        resources=[{"resource": "R99", "use": "after", "reason": "Para la tarde, con calma."}])),
     2),
    ("items", spoiling(lambda draft: draft["items"].append({**draft["items"][0]})), 2),
    ("specific", spoiling(lambda draft: draft.update(
        purpose="Hablar de lo que importa.", success_test="Todo queda más claro.")), 2),
    ("repeated", spoiling(lambda draft: draft["items"][1].update(
        questions=["¿Qué ves?", "¿Qué ves?"])), 2),
]


@pytest.mark.parametrize(("word", "handler", "calls"), SHAPES,
                         ids=[f"{at}-{one[0]}" for at, one in enumerate(SHAPES)])
def test_answers_of_the_wrong_form_fall_back(
    run: Callable[..., Agenda], httpserver: HTTPServer, word: str, handler: Handler, calls: int
) -> None:
    """Half a JSON, thousands of items, refusals, tool calls, wrong ids: named, and never shown."""
    agenda = run(SPANISH, handler)
    assert agenda.provenance.generator == "composer"
    assert word in (agenda.provenance.fallback or "")
    assert len(httpserver.log) == calls


TROUBLE: list[tuple[str, Handler]] = [
    ("rate_limited", status(429)), ("rate_limited", status(429, Retry_After="60")),
    ("rate_limited", status(429, Retry_After="Wed, 21 Oct 2099 07:28:00 GMT")),
    ("server_error", status(500)), ("server_error", status(503)), ("rejected", status(400)),
    ("rejected", status(401)), ("rejected", status(404)), ("connection", reset),
    ("broken_answer", lambda _: Response('{"choices": [', mimetype="application/json")),
    ("broken_answer", lambda _: Response("{}", mimetype="application/json")),
]


@pytest.mark.parametrize(("word", "handler"), TROUBLE,
                         ids=[f"{at}-{one[0]}" for at, one in enumerate(TROUBLE)])
def test_trouble_with_the_server_falls_back_in_time(
    run: Callable[..., Agenda], word: str, handler: Handler
) -> None:
    """Refused, broken or unreachable: the composed agenda within the deadline, and the word."""
    began = time.monotonic()
    agenda = run(ENGLISH, handler, deadline_s=ROOMY_S)
    assert time.monotonic() - began < ROOMY_S + MARGIN_S
    fallback = agenda.provenance.fallback or ""
    assert fallback.startswith(f"{word}: ")
    assert agenda.provenance.tokens is None


def test_silence_falls_back_at_the_deadline(run: Callable[..., Agenda]) -> None:
    """A server that says nothing for a minute is waited for as long as the deadline."""
    over = threading.Event()

    def silent(_: Request) -> Response:
        over.wait(60)
        return Response()

    began = time.monotonic()
    try:
        agenda = run(ENGLISH, silent, deadline_s=1.0)
    finally:
        over.set()
    assert time.monotonic() - began < 1.0 + MARGIN_S
    assert (agenda.provenance.fallback or "").startswith("deadline: ")


def test_a_long_retry_after_is_not_waited_for(
    run: Callable[..., Agenda], httpserver: HTTPServer
) -> None:
    """What asks to wait past the deadline is asked once."""
    run(ENGLISH, status(429, Retry_After="60"))
    assert sum(answer.status_code == 429 for _, answer in httpserver.log) == 1


@pytest.mark.parametrize("first", [
    status(429, Retry_After="1"), status(429, Retry_After_Ms="300"), status(429), status(500),
    status(503), reset,
])
def test_what_passes_is_tried_again(
    run: Callable[..., Agenda], httpserver: HTTPServer, first: Handler
) -> None:
    """After a 429, a 5xx or a lost connection the second call is taken, and counted."""
    agenda = run(ENGLISH, first, honest, deadline_s=10)
    assert agenda.provenance.generator == "llm"
    assert (agenda.provenance.tokens or {})["calls"] == 2
    assert len(httpserver.log) == 2


def test_retry_after_is_honoured(run: Callable[..., Agenda]) -> None:
    """The second call comes no sooner than the server asked for."""
    times: list[float] = []

    def limited(_: Request) -> Response:
        times.append(time.monotonic())
        return status(429, Retry_After="1")(_)

    def later(request: Request) -> Response:
        times.append(time.monotonic())
        return honest(request)

    run(ENGLISH, limited, later, deadline_s=10)
    assert times[1] - times[0] >= 1.0


def test_a_draft_that_is_mended_counts(
    run: Callable[..., Agenda], httpserver: HTTPServer
) -> None:
    """The second request lists what is wrong; what was mended stands in `repaired`."""

    def mended(request: Request) -> Response:
        messages = asked(request)
        assert [one["role"] for one in messages] == ["system", "user", "assistant", "user"]
        assert "another language" in messages[-1]["content"]
        return honest(request)

    agenda = run(SPANISH, spoiling(lambda draft: draft.update(
        purpose="Find the first sentence that you want to say tomorrow.")), mended)
    provenance = agenda.provenance
    assert (provenance.generator, provenance.fallback) == ("llm", None)
    assert "language" in provenance.repaired
    assert provenance.tokens == {"input": 2000, "output": 400, "cached": 0, "calls": 2}


def test_calls_at_the_same_time_are_bounded() -> None:
    """No more requests are under way than were allowed, and as many; the others wait."""
    now, most, lock = 0, 0, threading.Lock()

    def counted(_: Request) -> Response:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.2)
        with lock:
            now -= 1
        return completion("{}")

    async def ask(address: str) -> list[str]:
        model = open_model("openai:stub", base_url=address, concurrency=2)
        until = asyncio.get_running_loop().time() + 60
        schema = {"title": "x", "description": "x", "type": "object", "properties": {}}
        try:
            answers = await asyncio.gather(*(
                model.ask([Message("user", "Hello")], schema, until) for _ in range(8)))
        finally:
            await model.aclose()
        return [one.text for one in answers]

    with HTTPServer(threaded=True) as server:
        server.expect_request(PATH).respond_with_handler(counted)
        assert asyncio.run(ask(server.url_for("/v1"))) == ["{}"] * 8
    assert most == 2
