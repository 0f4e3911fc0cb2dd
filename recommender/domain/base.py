"""The one base model, and the text and id types that carry their bounds."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

LANGUAGES = ("en", "es", "fr")
"""Languages that agendas and the library's own texts are written in."""


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
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_readable)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_readable)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_readable)]
LongText = Annotated[
    str, StringConstraints(min_length=1, max_length=20000), AfterValidator(_readable)
]

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
Mode = Literal["fixed", "guided", "personalised"]
Slot = Literal[
    "goal", "focus_area", "theme", "talking_point", "action", "note", "skill", "offer"
]


def base_language(tag: str) -> str:
    """Return the primary subtag of a BCP 47 tag in lower case: `es` for `es-VE`."""
    return tag.split("-")[0].lower()
