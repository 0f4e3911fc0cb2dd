"""Requests and answers as files in the OpenAI Batch format, through the pipeline of live ones."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from prompts.load import Prompt
from recommender.agendas.draft import Request
from recommender.agendas.generate import compose_case
from recommender.agendas.judge import (
    Account,
    Prepared,
    drafted_agenda,
    failed_checks,
    fallen_back,
    judge_answer,
    prepare_draft,
    repair_request,
    why_not_drafted,
)
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.language_model import MAX_TOKENS
from recommender.model_answers import Answer, BadAnswer, Usage
from recommender.model_prices import Prices

URL = "/v1/chat/completions"
REPAIR = ".repair"
"""What the id of a second request ends in."""
DIGEST = 16
"""Hex digits of a request's digest in its id."""


@dataclass(frozen=True)
class Imported:
    """What became of one case.

    Attributes:
        repair: The request that would mend its draft; null where there is nothing to mend.
    """

    agenda: Agenda
    repair: dict[str, Any] | None = None


@dataclass(frozen=True)
class Told:
    """One answer of a responses file, or why it is none; `model` is who gave it."""

    answer: Answer | None
    reason: str = ""
    model: str | None = None


def export_case(
    key: str, case: Case, catalogue: Catalogue, prompts: list[Prompt], model: str
) -> dict[str, Any] | None:
    """Return the request of a case as a line of a batch file; null where no model is asked.

    Args:
        key: The case's own id, or its line; the request's id begins with it.
        prompts: The one in production first.
    """
    if case.generator == "composer":
        return None
    composed = compose_case(case, catalogue)
    if why_not_drafted(composed) is not None:
        return None
    prepared = prepare_draft(composed, case, catalogue, prompts[0])
    return line_of(custom_id(key, prepared.request), prepared.request, model)


def import_case(
    key: str, case: Case, catalogue: Catalogue, prompts: list[Prompt], responses: "Responses",
    prices: Prices, model: str,
) -> Imported:
    """Return the agenda of a case, from its answer where there is one that holds.

    The answer must belong to the very request that would be made now, with any of the prompts;
    a missing, doubled, broken or stale one falls back, for this case alone.
    """
    composed = compose_case(case, catalogue)
    if case.generator == "composer":
        return Imported(composed.agenda)
    account = Account(None, None, composed.agenda.provenance.latency_ms or 0, prices=prices)
    reason = why_not_drafted(composed)
    if reason is not None:
        return Imported(fallen_back(composed, reason, account))
    first = prepare_draft(composed, case, catalogue, prompts[0])
    prepared, name = first, custom_id(key, first.request)
    for prompt in prompts[1:]:
        if responses.has(name):
            break
        other = prepare_draft(composed, case, catalogue, prompt)
        if responses.has(custom_id(key, other.request)):
            prepared, name = other, custom_id(key, other.request)
    told = responses.answer(name)
    if told.answer is None:
        stale = responses.has_key(key) and not responses.has(name)
        reason = ("stale: the answer is to another request; case, library or version has changed"
                  if stale else told.reason)
        return Imported(fallen_back(composed, reason,
                                    replace(account, model=told.model, prompt=prepared.prompt.id)))
    return _judged(name, told, prepared, responses, account, model)


def _judged(
    name: str, told: Told, prepared: Prepared, responses: "Responses", account: Account, model: str
) -> Imported:
    assert told.answer is not None
    account = replace(account, model=told.model, prompt=prepared.prompt.id,
                      usage=told.answer.usage, calls=1)
    judged = judge_answer(told.answer, prepared)
    if judged.agenda is not None:
        return Imported(drafted_agenda(judged, (), prepared, account))
    reason, first = failed_checks(judged.names), judged.names
    request = repair_request(prepared, told.answer, judged)
    line = None if request is None else line_of(name + REPAIR, request, model)
    if request is None or not responses.has(name + REPAIR):
        return Imported(fallen_back(prepared.composed, reason, account), line)
    again = responses.answer(name + REPAIR)
    if again.answer is None:
        return Imported(fallen_back(prepared.composed, f"{reason}; then {again.reason}", account))
    usage = again.answer.usage
    account = replace(account, calls=2,
                      usage=account.usage if usage is None else usage + account.usage)
    judged = judge_answer(again.answer, prepared)
    if judged.agenda is None:
        both = f"{reason}; then {failed_checks(judged.names)}"
        return Imported(fallen_back(prepared.composed, both, account))
    return Imported(drafted_agenda(judged, first, prepared, account))


def custom_id(key: str, request: Request) -> str:
    """Return the id of a request: the case's key and a digest of all that is asked."""
    asked = json.dumps([[one.role, one.content] for one in request.messages]
                       + [dict(request.schema)], ensure_ascii=True)
    return f"{key}.{hashlib.sha256(asked.encode()).hexdigest()[:DIGEST]}"


def line_of(name: str, request: Request, model: str) -> dict[str, Any]:
    """Return a request as one line of a batch file."""
    schema = dict(request.schema)
    title, about = schema.pop("title"), schema.pop("description")
    return {
        "custom_id": name, "method": "POST", "url": URL,
        "body": {
            "model": model, "max_completion_tokens": MAX_TOKENS,
            "messages": [{"role": one.role, "content": one.content}
                         for one in request.messages],
            "response_format": {"type": "json_schema", "json_schema": {
                "name": title, "description": about, "strict": True, "schema": schema}},
        },
    }


class Responses:
    """A file of answers, of which only the ids and places are kept in memory.

    Args:
        file: Open for reading in binary; stays open.

    Attributes:
        broken: Lines that are no JSON object with an id; whose answer it was cannot be told.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, list[int]] = {}
        self._keys: set[str] = set()
        self.broken = 0
        offset = 0
        for line in file:
            if line.strip():
                name = _id_of(line)
                if name is None:
                    self.broken += 1
                else:
                    self._places.setdefault(name, []).append(offset)
                    self._keys.add(name.removesuffix(REPAIR).rpartition(".")[0])
            offset += len(line)

    def has(self, name: str) -> bool:
        """Return whether there is an answer to this request."""
        return name in self._places

    def has_key(self, key: str) -> bool:
        """Return whether there is an answer to any request of this case."""
        return key in self._keys

    def unclaimed(self, keys: Iterable[str]) -> int:
        """Return how many answers belong to none of these cases."""
        known = set(keys)
        return sum(len(places) for name, places in self._places.items()
                   if name.removesuffix(REPAIR).rpartition(".")[0] not in known)

    def answer(self, name: str) -> Told:
        """Return the answer to a request, or why there is none."""
        places = self._places.get(name, [])
        if not places:
            return Told(None, "missing: the responses hold no answer")
        if len(places) > 1:
            return Told(None, f"doubled: the responses hold {len(places)} answers")
        self._file.seek(places[0])
        return told_by(json.loads(self._file.readline()))


def _id_of(line: bytes) -> str | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    name = data.get("custom_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None


def told_by(line: Mapping[str, Any]) -> Told:
    """Return what a line of a responses file says; whatever its shape, nothing raises."""
    response = line.get("response")
    if line.get("error") or not isinstance(response, dict):
        return Told(None, "rejected: the line holds an error and no answer")
    body, status = response.get("body"), response.get("status_code")
    if status != 200 or not isinstance(body, dict):
        return Told(None, f"rejected: {status if isinstance(status, int) else 'no status'}")
    model = body.get("model") if isinstance(body.get("model"), str) else None
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and len(choices) == 1 else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return Told(None, "broken_answer: no chat completion", model)
    content = message.get("content")
    text = content.strip() if isinstance(content, str) else ""
    fault: BadAnswer | None = None
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        fault = "refused"
    elif choice.get("finish_reason") == "length":
        fault = "truncated"
    elif message.get("tool_calls"):
        fault = "tool_calls"
    elif not text:
        fault = "empty"
    return Told(Answer(text, fault, _usage_of(body.get("usage"))), model=model)


def _usage_of(counted: object) -> Usage | None:
    if not isinstance(counted, dict):
        return None
    given, made = counted.get("prompt_tokens"), counted.get("completion_tokens")
    details = counted.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    if not isinstance(given, int) or not isinstance(made, int):
        return None
    return Usage(given, made, cached if isinstance(cached, int) else 0)
