"""The sole import of langchain and openai: chat models, embeddings, batches of requests."""

import asyncio
import os
import random
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from recommender.errors import EncoderError, InvalidInputError, MissingExtraError, ModelError
from recommender.model_answers import Answer, BadAnswer, Json, Message, Usage

TIMEOUT_S = 60
RETRIES = 3
MAX_TOKENS = 8000
"""Tokens of one answer; a whole agenda takes about 1,500, and reasoning counts too."""
CONCURRENCY = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")


class LanguageModel:
    """A LangChain chat model with a deadline, bounded concurrency and patient retries.

    Retries 429, 5xx and failed connections with exponential back-off and full jitter, waits as
    long as Retry-After asks, and gives up at once where that is past the deadline.

    Args:
        chat: The LangChain model, its own retries off.
        name: How provenance names it.
        concurrency: Calls at the same time; others wait, inside their deadline.
        close: Frees its connections.
        jitter: Draws between 0 and 1.
    """

    def __init__(
        self, chat: Any, name: str, *, concurrency: int = CONCURRENCY,
        close: Callable[[], Awaitable[None]] | None = None,
        jitter: Callable[[], float] = random.random, sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._chat = chat
        self._name = name
        self._close = close
        self._jitter = jitter
        self._sleep = sleep
        self._room = asyncio.Semaphore(concurrency)

    @property
    def name(self) -> str:
        """Return how provenance names it."""
        return self._name

    async def aclose(self) -> None:
        """Close the connections."""
        if self._close is not None:
            await self._close()

    async def ask(self, messages: Sequence[Message], schema: Json, until: float) -> Answer:
        """Return the answer; see `Model`."""
        bound = self._bound(schema)

        async def call(tries: int) -> Answer:
            with _untraced():
                said = await bound.ainvoke(_plain(messages))
            return replace(_answer_of(said), tries=tries)

        try:
            async with asyncio.timeout_at(until), self._room:
                return await self._patiently(call, until)
        except TimeoutError as error:
            raise ModelError("deadline", "no answer in time") from error

    async def stream(
        self, messages: Sequence[Message], schema: Json, until: float
    ) -> AsyncGenerator[str | Answer, None]:
        """Yield pieces of the text, then the whole answer; see `Model`.

        Only the beginning is tried again: what was yielded cannot be taken back.
        """
        bound = self._bound(schema)
        chunks: Any = None

        async def begin(tries: int) -> Any:
            nonlocal chunks
            chunks = bound.astream(_plain(messages))
            with _untraced():
                return await anext(chunks)

        try:
            async with asyncio.timeout_at(until):
                await self._room.acquire()
        except TimeoutError as error:
            raise ModelError("deadline", "no answer in time") from error
        try:
            async with asyncio.timeout_at(until):
                said = await self._patiently(begin, until)
            yield _text_of(said)
            while True:
                try:
                    async with asyncio.timeout_at(until):
                        with _untraced():
                            more = await anext(chunks)
                except StopAsyncIteration:
                    break
                said = said + more
                yield _text_of(more)
            yield _answer_of(said)
        except TimeoutError as error:
            raise ModelError("deadline", "no answer in time") from error
        except (ModelError, GeneratorExit):
            raise
        except Exception as error:  # each integration has its own exceptions
            raise _failure_of(error).error(1) from error
        finally:
            self._room.release()
            if chunks is not None:
                await chunks.aclose()

    def _bound(self, schema: Json) -> Any:
        """Return the model bound to a schema, before anything parses its answers."""
        structured = self._chat.with_structured_output(
            dict(schema), method="json_schema", strict=True)
        return structured.first

    async def _patiently(self, call: Callable[[int], Awaitable[T]], until: float) -> T:
        """Return what a call returns, trying again as long as that makes sense."""
        tries = 0
        while True:
            tries += 1
            try:
                return await call(tries)
            except Exception as error:  # each integration has its own exceptions
                failure = _failure_of(error)
                pause = self._pause(tries) if failure.wait_s is None else failure.wait_s
                now = asyncio.get_running_loop().time()
                if not failure.again or now + pause >= until:
                    raise failure.error(tries) from error
            await self._sleep(pause)

    def _pause(self, tries: int) -> float:
        return self._jitter() * float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tries - 1)))


def open_model(
    spec: str, *, base_url: str | None = None, options: Json | None = None,
    concurrency: int = CONCURRENCY,
) -> LanguageModel:
    """Return the chat model that a LangChain string names, such as `openai:gpt-5-mini`.

    The key of OpenAI is read from `OPENAI_API_KEY`, as the SDK reads it; a server given by
    `base_url` may do without one.

    Args:
        base_url: Root of any OpenAI-compatible server.
        options: More arguments of the LangChain model; they win over ours.

    Raises:
        InvalidInputError: The string names no model that can be opened.
        MissingExtraError: The provider's LangChain package is not installed.
    """
    import httpx2
    from langchain.chat_models import init_chat_model

    provider = spec.partition(":")[0] if ":" in spec else ""
    arguments: dict[str, Any] = {"max_tokens": MAX_TOKENS, "max_retries": 0}
    if base_url is not None:
        arguments["base_url"] = base_url
    close = None
    if provider == "openai":
        client = httpx2.AsyncClient(timeout=None)
        close = client.aclose
        arguments |= {"http_async_client": client, "stream_usage": True,
                      "use_responses_api": False}
        if base_url is not None and not os.environ.get("OPENAI_API_KEY"):
            arguments["api_key"] = "none"
    try:
        chat = init_chat_model(spec, **arguments | dict(options or {}))
    except ImportError as error:
        raise MissingExtraError(f"{spec!r} needs another package: {error}") from error
    except Exception as error:  # each integration has its own exceptions
        about = " ".join(str(error).split())[:200]
        raise InvalidInputError.of(
            f"{spec!r} cannot be opened ({about}); write <provider>:<model>, such as "
            "openai:gpt-5-mini, and set the provider's key", field="AGENDUM_LLM") from error
    return LanguageModel(chat, spec, concurrency=concurrency, close=close)


def _plain(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [(one.role, one.content) for one in messages]


def _untraced() -> AbstractContextManager[Any]:
    """Keep what people wrote from being sent to a tracing service that the environment names."""
    from langsmith.run_helpers import tracing_context

    return tracing_context(enabled=False)


def _text_of(said: Any) -> str:
    return str(said.text)


def _answer_of(said: Any) -> Answer:
    """Return a LangChain message as an answer."""
    text = _text_of(said).strip()
    about = said.response_metadata
    fault: BadAnswer | None = None
    if said.additional_kwargs.get("refusal") or about.get("finish_reason") == "content_filter":
        fault = "refused"
    elif about.get("finish_reason") in ("length", "max_tokens"):
        fault = "truncated"
    elif said.tool_calls or said.invalid_tool_calls:
        fault = "tool_calls"
    elif not text:
        fault = "empty"
    return Answer(text, fault, _usage_of(said))


def _usage_of(said: Any) -> Usage | None:
    """Return the tokens of a message; streams of some versions say them in another place."""
    counted = said.usage_metadata
    if counted:
        cached = (counted.get("input_token_details") or {}).get("cache_read") or 0
        return Usage(counted["input_tokens"], counted["output_tokens"], cached)
    told = said.response_metadata.get("token_usage")
    if not told or not isinstance(told.get("prompt_tokens"), int):
        return None
    details = told.get("prompt_tokens_details") or {}
    return Usage(told["prompt_tokens"], told.get("completion_tokens") or 0,
                 details.get("cached_tokens") or 0)


@dataclass(frozen=True)
class _Failure:
    """Why a call failed, whether to try again, and after how many seconds if that was said."""

    reason: str
    detail: str
    again: bool
    wait_s: float | None = None

    def error(self, tries: int) -> ModelError:
        after = f" after {tries} tries" if tries > 1 else ""
        return ModelError(self.reason, f"{self.detail}{after}")


_CUT = {"LengthFinishReasonError": "truncated", "ContentFilterFinishReasonError": "refused",
        "OpenAIRefusalError": "refused"}
_CONNECTION = ("ConnectionError", "ConnectError", "TimeoutError", "Timeout", "ReadError",
               "ProtocolError")


def _failure_of(error: Exception) -> _Failure:
    """Return a failure of any integration in our own words, without the server's."""
    name = type(error).__name__
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
    if name in _CUT:
        return _Failure(_CUT[name], "the answer was cut off" if _CUT[name] == "truncated"
                        else "the model would not answer", again=False)
    if isinstance(status, int) and status >= 400:
        wait = _retry_after(getattr(response, "headers", {}) or {})
        if status == 429:
            return _Failure("rate_limited", "429", again=True, wait_s=wait)
        if status >= 500 or status in (408, 409):
            return _Failure("server_error", str(status), again=True, wait_s=wait)
        return _Failure("rejected", str(status), again=False)
    if isinstance(error, OSError) or name.endswith(_CONNECTION):
        return _Failure("connection", name, again=True)
    return _Failure("broken_answer", name, again=False)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, in any of the ways it may say so."""
    exact, said = headers.get("retry-after-ms"), headers.get("retry-after")
    for value, scale in ((exact, 1000.0), (said, 1.0)):
        try:
            if value is not None and float(value) >= 0:
                return float(value) / scale
        except ValueError:
            continue
    try:
        moment = parsedate_to_datetime(said or "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


@contextmanager
def openai_client(base_url: str | None, *, timeout_s: float, retries: int) -> Iterator[Any]:
    """Give the client of OpenAI, or of a server with its API; closed afterwards.

    Raises:
        ModelError: A call failed; the service's own words stay out of it.
    """
    import openai

    key = os.environ.get("OPENAI_API_KEY") or ("none" if base_url else None)
    try:
        with openai.OpenAI(
            api_key=key, base_url=base_url, timeout=timeout_s, max_retries=retries
        ) as client:
            yield client
    except openai.OpenAIError as error:
        raise _failure_of(error).error(1) from error


def embed_texts(
    texts: Sequence[str], model: str, *, base_url: str | None = None
) -> list[list[float]]:
    """Return one embedding per text from OpenAI or any server with its API, in order.

    The key is read from `OPENAI_API_KEY`, as the SDK reads it; a server given by
    `base_url` may do without one. Retries 429 and 5xx with back-off.

    Raises:
        EncoderError: No key, refused, timed out, or an answer that is short or out of order.
    """
    try:
        import openai
    except ImportError as error:
        raise MissingExtraError("openai is not installed; run: pip install openai") from error

    key = os.environ.get("OPENAI_API_KEY") or ("none" if base_url else None)
    try:
        with openai.OpenAI(
            api_key=key, base_url=base_url, timeout=TIMEOUT_S, max_retries=RETRIES
        ) as client:
            answer = client.embeddings.create(
                input=list(texts), model=model, encoding_format="float"
            )
    except openai.OpenAIError as error:
        raise EncoderError(
            f"embeddings by {model!r} failed ({type(error).__name__}); check OPENAI_API_KEY, "
            "the model's name and the server's address"
        ) from error
    except ValueError as error:
        raise EncoderError(f"{model!r} answered with no embeddings") from error
    try:
        rows = sorted(answer.data, key=lambda row: row.index)
        vectors = [[float(value) for value in row.embedding] for row in rows]
    except (AttributeError, TypeError, ValueError) as error:
        raise EncoderError(f"{model!r} answered with something other than embeddings") from error
    if [row.index for row in rows] != list(range(len(texts))):
        raise EncoderError(f"{model!r} answered with {len(rows)} embeddings for {len(texts)} texts")
    return vectors
