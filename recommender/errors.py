"""What can go wrong, in the user's words. Knows no HTTP and no command line.

```
AgendumError
├── InvalidInputError        a file, field or argument the caller can mend
│   └── LibraryError         faults in content library files, all at once
├── NotFoundError            an id that names nothing here
├── EncoderError             an embedding engine is missing, refused or answered badly
│   └── VectorShapeError     vectors of the wrong width, or not finite
├── ModelError               a language model failed, refused or took too long
├── OverloadedError          more is asked at once than can be done; ask again later
├── MissingExtraError        an optional package is not installed
├── StorageError             the database is out of reach, busy or not migrated
├── StaleError               what was to be changed is no longer as the caller knew it
├── ConflictError            a change that something else stored forbids
└── CheckFailedError         a composed agenda broke an invariant: a defect of ours
```
"""

import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was given: where, what, and the mend."""

    source: str
    field: str
    problem: str

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.source, self.field) if part)
        return f"{place}: {self.problem}" if place else self.problem


class AgendumError(Exception):
    """Base of every error Agendum raises on purpose."""


class InvalidInputError(AgendumError):
    """What was given cannot be used; `faults` holds every reason."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def of(cls, problem: str, *, source: str = "", field: str = "") -> "InvalidInputError":
        """Return the error with a single fault."""
        return cls([Fault(source, field, problem)])


class LibraryError(InvalidInputError):
    """The content library has faults; `faults` lists all of all files."""


class NotFoundError(AgendumError):
    """An id that names nothing here."""


class EncoderError(AgendumError):
    """An embedding engine is missing, refused the call or answered badly."""


class VectorShapeError(EncoderError):
    """Vectors have the wrong width, or hold a value that is not finite."""


class ModelError(AgendumError):
    """A language model failed, refused or took too long.

    Attributes:
        reason: One word that does not change, such as `deadline`; provenance begins with it.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"{reason}: {detail}" if detail else reason)


class OverloadedError(AgendumError):
    """More is asked at once than can be done.

    Attributes:
        retry_after_s: Seconds after which to ask again.
    """

    def __init__(self, detail: str, retry_after_s: int = 1) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(detail)


class MissingExtraError(AgendumError):
    """An optional package is needed and not installed."""


class StorageError(AgendumError):
    """The database is out of reach, busy, or lacks its tables."""


class StaleError(AgendumError):
    """What was to be changed is no longer, or not yet, as the caller knew it."""


class ConflictError(AgendumError):
    """A change that something else stored forbids."""


class CheckFailedError(AgendumError):
    """A composed agenda broke an invariant: a defect of ours, not of the caller."""


class Refusal(Protocol):
    """What pydantic raises, and FastAPI in its name: a list of problems with their places."""

    def errors(self) -> Sequence[Any]:
        """Return one mapping per problem, with `type`, `loc`, `msg` and `input`."""


def faults_of(error: Refusal, source: str) -> list[Fault]:
    """Return one fault per problem pydantic found, with the dotted path of its field."""
    return [
        Fault(source, _path(item["loc"], is_key=item["type"] == "extra_forbidden"), _say(item))
        for item in error.errors()
    ]


def _path(location: tuple[int | str, ...], *, is_key: bool) -> str:
    """Return the dotted path; pydantic's names for the sides of a union are no part of it.

    Args:
        is_key: The last part is a key that the caller wrote, whatever it looks like.
    """
    path = ""
    for position, part in enumerate(location):
        if isinstance(part, int):
            path += f"[{part}]"
        elif (is_key and position == len(location) - 1) or part not in _UNION_TAGS:
            path += f".{part}" if path else part
    return path


_UNION_TAGS = frozenset({
    "Id", "Programme", "dict", "list", "float", "[key]",
    "retime", "move", "rename", "replace_prompts", "remove", "add", "lock", "unlock", "regenerate",
})
"""Sides of the unions in `domain`, and of JSON values; no model has a field of such a name."""


def _say(item: Mapping[str, Any]) -> str:
    kind, context = item["type"], item.get("ctx") or {}
    given = item.get("input")
    match kind:
        case "extra_forbidden":
            return "unknown field; take it out or check its spelling"
        case "missing":
            return "is missing; add it"
        case "string_too_long":
            length = len(given) if isinstance(given, str) else "more"
            return (
                f"text of {length} characters; at most {context['max_length']} allowed, shorten it"
            )
        case "string_too_short":
            return f"text is too short; at least {context['min_length']} character(s) expected"
        case "literal_error" | "enum":
            return f"expected one of {context['expected']}; got {reprlib.repr(given)}"
        case "too_long" if isinstance(given, list):
            return f"{len(given)} given; at most {context['max_length']} allowed, take some out"
        case "too_short" if isinstance(given, list):
            return f"{len(given)} given; at least {context['min_length']} expected, add some"
        case "union_tag_invalid":
            name = context["discriminator"].strip("'")
            return (f"{name}: expected one of {context['expected_tags']}; "
                    f"got {reprlib.repr(context['tag'])}")
        case "union_tag_not_found":
            name = context["discriminator"].strip("'")
            return f"{name} is missing; add it"
        case "value_error":
            return str(context.get("error", item["msg"]))
    shown = reprlib.repr(given)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{item['msg'][:1].lower()}{item['msg'][1:]}; got {shown}"
