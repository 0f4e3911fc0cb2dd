"""Waiting, giving up, and what is not sent anywhere."""

import asyncio
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableLambda, RunnableSequence

from recommender.errors import InvalidInputError, ModelError
from recommender.language_model import FIRST_PAUSE_S, LONGEST_PAUSE_S, LanguageModel, open_model
from recommender.model_answers import Message, Usage

ASKED = [Message("user", "Hello")]


class Refusal(Exception):
    """What an integration may raise: a status and headers, in its own way."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__("words of the server")
        self.status_code = status
        self.response = type("R", (), {"status_code": status, "headers": headers or {}})()


class Scripted(BaseChatModel):
    """A chat model that fails as it is told to, then answers; it notes when it was called."""

    script: list[Any] = []
    traced: list[Any] = []

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def with_structured_output(self, schema: Any, **_: Any) -> Any:  # type: ignore[override]
        return RunnableSequence(self, RunnableLambda(lambda said: said))

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        from langsmith.utils import tracing_is_enabled

        self.traced.append(tracing_is_enabled())
        step = self.script.pop(0) if self.script else "{}"
        if isinstance(step, Exception):
            raise step
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=step))])


def asked(
    script: list[Any], *, deadline_s: float = 100.0, jitter: float = 1.0
) -> tuple[Any, list[float]]:
    """Return what asking gives, and how long it slept between tries, without sleeping."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    model = LanguageModel(Scripted(script=script), "scripted", jitter=lambda: jitter, sleep=sleep)

    async def run() -> Any:
        return await model.ask(ASKED, {}, asyncio.get_running_loop().time() + deadline_s)

    try:
        return asyncio.run(run()), slept
    except ModelError as error:
        return error, slept


def test_pauses_grow_and_are_drawn_from_all_of_their_length() -> None:
    """Exponential back-off with full jitter, up to a bound."""
    failures = [Refusal(503) for _ in range(7)]
    answer, slept = asked([*failures, "{}"])
    assert answer.tries == 8
    assert slept == [min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**n) for n in range(7)]
    _, halved = asked([Refusal(503), "{}"], jitter=0.5)
    assert halved == [FIRST_PAUSE_S / 2]


@pytest.mark.parametrize(("headers", "expected"), [
    ({"retry-after": "3"}, 3.0), ({"retry-after": "0"}, 0.0), ({"retry-after-ms": "250"}, 0.25),
    ({"retry-after": "soon"}, FIRST_PAUSE_S), ({"retry-after": "-1"}, FIRST_PAUSE_S),
    ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0), ({}, FIRST_PAUSE_S),
])
def test_retry_after_is_read_in_each_of_its_forms(
    headers: dict[str, str], expected: float
) -> None:
    """Seconds, milliseconds, a date; nonsense counts as not said."""
    _, slept = asked([Refusal(429, headers), "{}"])
    assert slept == [expected]


def test_no_try_begins_after_the_deadline() -> None:
    """Where the next pause would end past it, the failure is told at once, with its tries."""
    error, slept = asked([Refusal(429, {"retry-after": "60"})], deadline_s=5)
    assert (error.reason, str(error), slept) == ("rate_limited", "rate_limited: 429", [])
    error, slept = asked([Refusal(500)] * 9, deadline_s=0.6)
    assert (error.reason, slept) == ("server_error", [0.5])
    assert str(error).endswith("after 2 tries") or str(error) == "server_error: 500"


@pytest.mark.parametrize(("failure", "word"), [
    (Refusal(400), "rejected"), (Refusal(401), "rejected"), (Refusal(404), "rejected"),
    (ValueError("x"), "broken_answer"), (KeyError("x"), "broken_answer"),
])
def test_what_cannot_pass_is_not_tried_again(failure: Exception, word: str) -> None:
    """A request that is wrong, or an answer that cannot be read, fails at the first try."""
    error, slept = asked([failure])
    assert (error.reason, slept) == (word, [])
    assert "words of the server" not in str(error)


def test_nothing_is_traced_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tracing service that the environment names does not get what people wrote."""
    from langsmith.utils import get_env_var, tracing_is_enabled

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    get_env_var.cache_clear()
    try:
        assert tracing_is_enabled()
        chat = Scripted(script=["{}"], traced=[])

        async def run() -> None:
            until = asyncio.get_running_loop().time() + 5
            await LanguageModel(chat, "scripted").ask(ASKED, {}, until)

        asyncio.run(run())
        assert chat.traced == [False]
    finally:
        monkeypatch.undo()
        get_env_var.cache_clear()


def test_usage_adds_up() -> None:
    """Tokens of several calls are one account; an unknown one adds nothing."""
    assert Usage(1, 2, 1) + Usage(3, 4) == Usage(4, 6, 1)
    assert Usage(1, 2) + None == Usage(1, 2)


@pytest.mark.parametrize("spec", ["nowhere:model", "just-a-name", ":"])
def test_a_string_that_names_no_model_is_bad_input(spec: str) -> None:
    """The message shows what a model string looks like."""
    with pytest.raises(InvalidInputError, match="openai:gpt-5-mini"):
        open_model(spec, base_url="http://127.0.0.1:9/v1")


def test_options_win_over_what_is_usual() -> None:
    """What the operator sets for the model is what LangChain gets."""
    model = open_model("openai:m", base_url="http://127.0.0.1:9/v1",
                       options={"max_tokens": 11, "temperature": 0.25})
    assert (model._chat.max_tokens, model._chat.temperature) == (11, 0.25)
    asyncio.run(model.aclose())
