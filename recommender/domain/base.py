"""The one base model, and the text and id types that carry their bounds."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    JsonValue,
    StringConstraints,
)

Written = Literal["en", "es", "fr"]
LANGUAGES: tuple[Written, ...] = ("en", "es", "fr")
"""Languages that agendas and the library's own texts are written in."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Frozen(BaseModel):
    """A value: immutable, unknown fields refused, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def _readable(text: str) -> str:
    if _UNREADABLE.search(text):
        raise ValueError("holds control characters; take them out")
    if not text.strip():
        raise ValueError("is blank; write something or leave the field out")
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
Language = Annotated[
    str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]
Short = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_readable)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_readable)]
TalkingText = Annotated[
    str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_readable)
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_readable)]
LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=20000), AfterValidator(_readable)
]


def _json(value: Any) -> Any:
    """Return the value as JSON can hold it: YAML dates become text; bounds are checked."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > MAX_JSON_TEXT:
        raise ValueError(
            f"text of {len(value)} characters; at most {MAX_JSON_TEXT} allowed, shorten it"
        )
    if isinstance(value, list):
        return [_json(one) for one in value]
    if isinstance(value, dict):
        return {key: _json(one) for key, one in value.items()}
    return value


MAX_JSON_TEXT = 2000
Json = Annotated[JsonValue, BeforeValidator(_json)]
"""Any JSON value; YAML dates become text."""

Relation = Literal["mentor", "peer", "reverse", "group"]
Role = Literal["mentor", "mentee", "peer"]
SessionType = Literal[
    "first", "goal_setting", "working", "midpoint", "reverse", "closing", "one_off"
]
Stage = Literal["starting", "building", "deepening", "ending"]
Kind = Literal[
    "welcome",
    "agreement",
    "check_in",
    "action_review",
    "goal_setting",
    "discussion",
    "exercise",
    "role_play",
    "resource_debrief",
    "reflection",
    "feedback",
    "action_planning",
    "closing",
]
Level = Literal["introductory", "intermediate", "advanced"]
LEVELS: tuple[Level, ...] = ("introductory", "intermediate", "advanced")
PulseKind = Literal["pulse_30", "pulse_60", "end"]
"""The first pulse of a programme, any later one, and the evaluation at its end."""
Mode = Literal["fixed", "guided", "personalised"]
Slot = Literal[
    "goal", "focus_area", "theme", "talking_point", "action", "note", "skill", "offer"
]


def base_language(tag: str) -> str:
    """Return the primary subtag of a BCP 47 tag in lower case: `es` for `es-VE`."""
    return tag.split("-")[0].lower()


def written_language(tag: str) -> Written:
    """Return the library's language for a BCP 47 tag.

    Raises:
        ValueError: The library is not written in it.
    """
    own = base_language(tag)
    for language in LANGUAGES:
        if language == own:
            return language
    raise ValueError(f"{tag!r} is none of {', '.join(LANGUAGES)}")
