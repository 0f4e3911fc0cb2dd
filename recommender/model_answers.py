"""What is said to a model and by it, whichever it is; no package of a provider is needed here."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Json = Mapping[str, Any]
BadAnswer = Literal["refused", "truncated", "tool_calls", "empty"]


@dataclass(frozen=True)
class Message:
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Usage:
    """Tokens that calls were charged for; `cached` are those of the input that were cheaper."""

    input: int
    output: int
    cached: int = 0

    def __add__(self, other: "Usage | None") -> "Usage":
        if other is None:
            return self
        return Usage(self.input + other.input, self.output + other.output,
                     self.cached + other.cached)


@dataclass(frozen=True)
class Answer:
    """What a model said.

    Attributes:
        fault: Why it is no answer, though the call went well; null when it is one.
        usage: Null where the server does not say.
        tries: Calls that it took.
    """

    text: str
    fault: BadAnswer | None = None
    usage: Usage | None = None
    tries: int = 1


class Model(Protocol):
    """Something that answers messages in a JSON schema before a point in time."""

    @property
    def name(self) -> str:
        """Return how provenance names it."""
        ...

    async def ask(self, messages: Sequence[Message], schema: Json, until: float) -> Answer:
        """Return the answer.

        Args:
            until: Time of the running event loop after which nobody waits any more.

        Raises:
            ModelError: The call failed, or time ran out.
        """
        ...

    def stream(
        self, messages: Sequence[Message], schema: Json, until: float
    ) -> AsyncGenerator[str | Answer, None]:
        """Yield pieces of the text as they come, then the whole answer; fails as `ask` does."""
        ...
