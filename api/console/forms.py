"""A resource as a form holds it, and back: what was typed stays, errors stand at their fields."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import ValidationError

from api.console.session import Form, one
from recommender.domain.resource import Format, Resource, resource_id
from recommender.errors import Fault, InvalidInputError, faults_of

FORMATS: Sequence[str] = get_args(Format)
AUDIENCES = ("mentee", "mentor", "peer", "manager")
SURE = "sure"
"""The field that has to be ticked before something is taken out."""
TOPICS = 4
"""Choices of topics that a form shows at least, the most important first."""
LABELS: Mapping[str, str] = {
    "url": "Address", "title": "Title", "publisher": "Publisher", "authors": "Authors",
    "format": "Format", "language": "Language", "topics": "Topics", "focus_areas": "Focus areas",
    "minutes": "Minutes", "minutes_estimated": "The minutes are a guess", "level": "Level",
    "audience": "Audience", "gist": "Gist", "prerequisites": "Builds on",
    "checked_on": "Last checked", "why_retired": "Why", "superseded_by": "Successor",
}
"""What the fields are called, in the order of the page."""
_LINES = ("authors", "prerequisites")
_MANY = ("topics", "focus_areas", "audience")
_LAST_PART = re.compile(r"[.\[].*")


@dataclass(frozen=True)
class Filled:
    """A form with what stands in it, and what is wrong with that, by field.

    `errors` under an empty name are about the whole.
    """

    values: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    version: int | None = None

    def value(self, name: str) -> Any:
        """Return what stands in a field."""
        return self.values.get(name, [] if name in _MANY else "")

    def chosen_topics(self) -> list[str]:
        """Return what each choice of a topic shows: those that are chosen, and empty ones."""
        chosen = [one for one in self.value("topics") if one]
        return [*chosen, *[""] * max(1, TOPICS - len(chosen))][:8]


def empty_form() -> Filled:
    """Return a form for a new resource."""
    return Filled({"audience": ["mentee"], "language": "en"})


def form_of(resource: Resource, version: int | None) -> Filled:
    """Return a form that holds a resource."""
    data = resource.model_dump(mode="json")
    return Filled({
        name: "\n".join(data[name]) if name in _LINES
        else data[name] if name in _MANY
        else "" if data[name] in (None, False) else str(data[name])
        for name in LABELS}, version=version)


def sent_back(form: Form, faults: Sequence[Fault], version: int | None) -> Filled:
    """Return a form as it was sent, with what is wrong at each field."""
    errors: dict[str, list[str]] = {}
    for fault in faults:
        name = _field_of(fault)
        empty = name in LABELS and not any(form.get(name, ()))
        errors.setdefault(name, []).append("Fill this in." if empty else _say(fault))
    values = {name: list(given) if name in _MANY else next(iter(given), "")
              for name in LABELS for given in (form.get(name, ()),)}
    return Filled(values, errors, version)


def resource_in(form: Form, before: Resource | None) -> Resource:
    """Return the resource that a form describes.

    Args:
        before: What is edited, whose address and status stay; null for a new one.

    Raises:
        InvalidInputError: It cannot be one; every reason, by field.
    """
    url = one(form, "url") if before is None else before.url
    data: dict[str, Any] = {} if before is None else before.model_dump(
        mode="json", include={"status", "superseded_by", "why_retired"})
    data |= {"id": resource_id(url), "url": url}
    data |= {name: one(form, name) for name in ("title", "publisher", "format", "language",
                                                "level", "gist")}
    data |= {name: [line.strip() for line in one(form, name).splitlines() if line.strip()]
             for name in _LINES}
    data |= {name: list(dict.fromkeys(value for value in form.get(name, ()) if value))
             for name in _MANY}
    minutes = one(form, "minutes")
    data |= {"minutes": int(minutes) if minutes.isdecimal() and len(minutes) < 10
             else minutes or None, "minutes_estimated": one(form, "minutes_estimated") != "",
             "checked_on": one(form, "checked_on") or None}
    return _valid(data)


def retired(resource: Resource, form: Form) -> Resource:
    """Return a resource as retired, with the reason and the successor that a form names.

    Raises:
        InvalidInputError: The reason is missing.
    """
    successor = one(form, "superseded_by")
    if "://" in successor:
        successor = resource_id(successor)
    return _valid(resource.model_dump(mode="json") | {
        "status": "retired", "why_retired": one(form, "why_retired"),
        "superseded_by": successor or None})


def in_use_again(resource: Resource) -> Resource:
    """Return a retired resource as active."""
    return _valid(resource.model_dump(mode="json") | {
        "status": "active", "why_retired": None, "superseded_by": None})


def _valid(data: Mapping[str, Any]) -> Resource:
    try:
        return Resource.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, "")) from None


def _field_of(fault: Fault) -> str:
    """Return the field at which a fault is shown: its own, else one that its words name."""
    name = _LAST_PART.sub("", fault.field)
    if name in LABELS or name == SURE:
        return name
    return next((known for known in reversed(tuple(LABELS)) if known in fault.problem), "")


def _say(fault: Fault) -> str:
    """Return a fault as a sentence; which of several it is about comes first."""
    at = re.search(r"\[(\d+)\]", fault.field)
    said = fault.problem[:1].upper() + fault.problem[1:].rstrip(".") + "."
    return said if at is None else f"Number {int(at[1]) + 1}: {said}"
