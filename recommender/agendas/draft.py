"""Draft: the request to a model, and its answer as data; nothing is trusted yet."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prompts.load import SYSTEM, Prompt
from recommender.agendas.offer import Offer
from recommender.domain.activity import STEP_MINUTES
from recommender.domain.agenda import MAX_ITEMS, MAX_PROMPTS, MAX_STEPS
from recommender.domain.base import Written
from recommender.errors import faults_of
from recommender.model_answers import Message

NAME = "agenda-draft"
"""The prompt that drafts are asked for with."""
MAX_ANSWER = 60_000
"""Characters of an answer that are looked at; a whole agenda has some 6,000."""
MAX_RESOURCES, MAX_PREPARATION = 2, 3
MAX_FAULTS = 12
"""Faults that are told to the model at once."""

LANGUAGE_NAMES: dict[Written, str] = {"en": "English", "es": "Spanish", "fr": "French"}
_ESCAPED = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026",
            0x2028: "\\u2028", 0x2029: "\\u2029"}
_FENCE = re.compile(r"\A```(?:json)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL)

Line = Annotated[str, Field(min_length=1, max_length=1200)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


class PlanEntry(_Part):
    """One item of the plan: what it does, how long, for what."""

    activity: str
    minutes: Annotated[int, Field(ge=0, le=600)]
    points: Annotated[list[str], Field(max_length=50)] = []
    goals: Annotated[list[str], Field(max_length=50)] = []


class DraftItem(_Part):
    """The words of one item."""

    activity: str
    title: Line
    questions: Annotated[list[Line], Field(min_length=1, max_length=MAX_PROMPTS)]
    steps: Annotated[list[Line], Field(max_length=MAX_STEPS)] = []


class DraftPreparation(_Part):
    """What each role does before."""

    mentee: Annotated[list[Line], Field(max_length=MAX_PREPARATION)] = []
    mentor: Annotated[list[Line], Field(max_length=MAX_PREPARATION)] = []
    all: Annotated[list[Line], Field(max_length=MAX_PREPARATION)] = []


class DraftResource(_Part):
    """A resource by its alias, with its moment and reason."""

    resource: str
    use: str
    reason: Line


class AgendaDraft(_Part):
    """What a model proposed, in the shape it was asked for."""

    plan: Annotated[list[PlanEntry], Field(min_length=1, max_length=MAX_ITEMS)]
    purpose: Line
    success_test: Line
    items: Annotated[list[DraftItem], Field(min_length=1, max_length=MAX_ITEMS)]
    preparation: DraftPreparation = DraftPreparation()
    resources: Annotated[list[DraftResource], Field(max_length=MAX_RESOURCES)] = []


@dataclass(frozen=True)
class DraftFault:
    """One thing wrong with a draft: the check that found it, the place, and what it is."""

    check: str
    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}" if self.place else self.problem


@dataclass(frozen=True)
class Request:
    """What a model is asked: messages, and the schema of the answer."""

    messages: tuple[Message, ...]
    schema: Mapping[str, Any]


def request_of(offer: Offer, prompt: Prompt) -> Request:
    """Return the request for a draft.

    The system message is the prompt's own text; everything of people stands in the user's, as
    JSON between two delimiters whose characters are escaped inside it.
    """
    brief = offer.brief
    asked = prompt.fill("user", language=LANGUAGE_NAMES[brief.language],
                        minutes=str(brief.minutes), data=_written(offer.data()))
    return Request((Message("system", prompt.fill(SYSTEM)), Message("user", asked)),
                   schema_of(offer))


def _written(data: Mapping[str, Any]) -> str:
    """Return data as JSON that cannot close the block it stands in, one entry a line."""
    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    parts = []
    for key, value in data.items():
        entries = line(value)
        if isinstance(value, list):
            entries = "[\n  " + ",\n  ".join(map(line, value)) + "\n ]"
        parts.append(f" {line(key)}: {entries}")
    return ("{\n" + ",\n".join(parts) + "\n}").translate(_ESCAPED)


def repair_of(request: Request, said: str, faults: list[DraftFault], prompt: Prompt) -> Request:
    """Return the second and last request: the first, what was said, what is wrong with it."""
    told = [*dict.fromkeys(str(fault) for fault in faults)]
    lines = [f"- {one}" for one in told[:MAX_FAULTS]]
    if len(told) > MAX_FAULTS:
        lines.append(f"- and {len(told) - MAX_FAULTS} more")
    return Request((*request.messages, Message("assistant", said[:MAX_ANSWER] or "{}"),
                    Message("user", prompt.fill("repair", faults="\n".join(lines)))),
                   request.schema)


def schema_of(offer: Offer) -> dict[str, Any]:
    """Return the JSON schema of an answer, in the part of JSON Schema that is strict everywhere."""
    activity = {"type": "string", "enum": list(offer.activities)}
    text = {"type": "string"}
    entry: dict[str, Any] = {"activity": activity, "minutes": {"type": "integer"}}
    for name, aliases in (("points", [one.alias for one in offer.view.points]),
                          ("goals", [one.alias for one in offer.view.goals])):
        if aliases:
            entry[name] = _array({"type": "string", "enum": aliases}, 0, len(aliases))
    item = {"activity": activity, "title": text, "questions": _array(text, 1, MAX_PROMPTS),
            "steps": _array(text, 0, MAX_STEPS)}
    lines = _array(text, 0, MAX_PREPARATION)
    roles = ("all",) if offer.is_joint else ("mentee", "mentor")
    properties: dict[str, Any] = {
        "plan": _array(_object(entry), 2, MAX_ITEMS),
        "purpose": text, "success_test": text,
        "items": _array(_object(item), 2, MAX_ITEMS),
        "preparation": _object(dict.fromkeys(roles, lines)),
    }
    if offer.resources:
        resource = {"resource": {"type": "string", "enum": list(offer.resources)},
                    "use": {"type": "string", "enum": ["before", "after"]}, "reason": text}
        properties["resources"] = _array(_object(resource), 0, MAX_RESOURCES)
    return {"title": "agenda_draft", "description": "The agenda of one session.",
            **_object(properties)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties),
            "additionalProperties": False}


def _array(items: dict[str, Any], least: int, most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def read_draft(text: str) -> AgendaDraft | list[DraftFault]:
    """Return an answer as a draft, or what is wrong with its form."""
    if len(text) > MAX_ANSWER:
        return [DraftFault("too_long", "", f"the answer has {len(text)} characters; "
                                           f"at most {MAX_ANSWER} are read")]
    fenced = _FENCE.match(text.strip())
    try:
        data = json.loads(fenced[1] if fenced else text)
    except (json.JSONDecodeError, RecursionError):
        return [DraftFault("not_json", "", "the answer is not one whole JSON object")]
    if not isinstance(data, dict):
        return [DraftFault("not_json", "", "the answer is no JSON object")]
    try:
        return AgendaDraft.model_validate(data)
    except ValidationError as error:
        return [DraftFault("schema", fault.field, fault.problem)
                for fault in faults_of(error, "")]


def without_doubled_preparation(draft: AgendaDraft) -> tuple[AgendaDraft, frozenset[str]]:
    """Return a draft whose lines of preparation stand once, and what was mended.

    What both roles have is for everybody, and what is for everybody is not for one role again.
    """
    own = draft.preparation
    shared = [line for line in own.mentee if line in own.mentor]
    every = list(dict.fromkeys([*own.all, *shared]))[:MAX_PREPARATION]
    lines = {role: [line for line in dict.fromkeys(getattr(own, role)) if line not in every]
             for role in ("mentee", "mentor")}
    once = DraftPreparation(all=every, **lines)
    if once == own:
        return draft, frozenset()
    return draft.model_copy(update={"preparation": once}), frozenset({"preparation"})


def untimed(step: str) -> str:
    """Return a step without the minutes at its end."""
    return STEP_MINUTES.sub("", step)
