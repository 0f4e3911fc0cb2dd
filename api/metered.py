"""A model whose calls are counted and traced, whoever makes them."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from time import perf_counter

from api.metrics import Metrics
from api.tracing import Tracing
from recommender.errors import ModelError
from recommender.model_answers import Answer, Json, Message, Model


class MeteredModel:
    """The same model; each question is counted with its outcome, time and tokens."""

    def __init__(self, model: Model, metrics: Metrics, tracing: Tracing) -> None:
        self._model = model
        self._metrics = metrics
        self._tracing = tracing

    @property
    def name(self) -> str:
        """Return how provenance names it."""
        return self._model.name

    async def ask(self, messages: Sequence[Message], schema: Json, until: float) -> Answer:
        """Return the answer; see `Model`."""
        started = perf_counter()
        with self._tracing.span("model ask", {"gen_ai.request.model": self.name}):
            try:
                answer = await self._model.ask(messages, schema, until)
            except ModelError as error:
                self._metrics.count_call(self.name, error.reason, perf_counter() - started)
                raise
        self._told(answer, started)
        return answer

    async def stream(
        self, messages: Sequence[Message], schema: Json, until: float
    ) -> AsyncGenerator[str | Answer, None]:
        """Yield pieces of the text, then the whole answer; see `Model`."""
        started = perf_counter()
        told = False
        try:
            async with aclosing(self._model.stream(messages, schema, until)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        told = True
                        self._told(piece, started)
                    yield piece
        except ModelError as error:
            told = True
            self._metrics.count_call(self.name, error.reason, perf_counter() - started)
            raise
        finally:
            if not told:  # whoever reads it has heard enough
                self._metrics.count_call(self.name, "dropped", perf_counter() - started)

    def _told(self, answer: Answer, started: float) -> None:
        self._metrics.count_call(self.name, answer.fault or "answered",
                                 perf_counter() - started, answer.tries)
        if answer.usage is not None:
            self._metrics.count_tokens(self.name, sent=answer.usage.input,
                                       received=answer.usage.output, cached=answer.usage.cached)
