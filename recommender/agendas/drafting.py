"""The pipeline with a model: composed first, drafted, checked, repaired once, or fallen back."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from time import perf_counter

from prompts.load import Prompt, load_prompt
from recommender.agendas.draft import NAME, Request
from recommender.agendas.generate import Clock, compose_case
from recommender.agendas.judge import (
    Account,
    Judged,
    Prepared,
    drafted_agenda,
    failed_checks,
    fallen_back,
    judge_answer,
    prepare_draft,
    repair_request,
    why_not_drafted,
)
from recommender.agendas.partial import PartialDraft
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Item
from recommender.domain.case import Case
from recommender.errors import InvalidInputError, ModelError
from recommender.model_answers import Answer, Model, Usage
from recommender.model_prices import Prices

DEADLINE_S = 20.0
REPAIR_S = 1.0
"""Seconds that must be left for a second request to make sense."""


@dataclass(frozen=True)
class Drafting:
    """How drafts are made.

    Attributes:
        model: Null where none is set; then every agenda is composed.
        deadline_s: Seconds from the beginning after which the composed agenda is returned.
    """

    model: Model | None = None
    deadline_s: float = DEADLINE_S
    prices: Prices = field(default_factory=Prices)
    prompt: Prompt = field(default_factory=lambda: load_prompt(NAME))
    clock: Clock = perf_counter


@dataclass(frozen=True)
class Fallback:
    """Told in a stream: forget the items so far, the composed ones follow."""

    reason: str


Event = Item | Fallback | Agenda
"""What a stream yields: items as they are ready, and at last the whole agenda."""


async def generate_drafted(case: Case, catalogue: Catalogue, drafting: Drafting) -> Agenda:
    """Return the agenda of a case, worded by a model where one is set and its draft holds.

    Whatever the model does, the agenda keeps every invariant and comes before the deadline,
    give or take what composing takes; provenance says how it was made.

    Raises:
        InvalidInputError: The case names something the library does not have, or asks
            for a model although none is set.
        CheckFailedError: The composed agenda broke an invariant: a defect of ours.
    """
    run = _Run(drafting, asyncio.get_running_loop().time() + drafting.deadline_s)
    model = _model_for(case, drafting)
    composed = await asyncio.to_thread(compose_case, case, catalogue)
    if model is None:
        return composed.agenda
    reason = why_not_drafted(composed)
    if reason is not None:
        return fallen_back(composed, reason, run.account(None))
    prepared = await asyncio.to_thread(
        prepare_draft, composed, case, catalogue, drafting.prompt)
    return await run.draft(model, prepared)


def request_for(case: Case, catalogue: Catalogue, prompt: Prompt) -> Request:
    """Return exactly what a model would be asked about a case; none is asked.

    Raises:
        InvalidInputError: The case names something the library does not have, or no model is
            asked about it; says why.
    """
    composed = compose_case(case, catalogue)
    reason = ("generator: the case asks for the composer" if case.generator == "composer"
              else why_not_drafted(composed))
    if reason is not None:
        raise InvalidInputError.of(f"no model is asked about this case ({reason})")
    return prepare_draft(composed, case, catalogue, prompt).request


async def stream_drafted(
    case: Case, catalogue: Catalogue, drafting: Drafting
) -> AsyncGenerator[Event, None]:
    """Yield the items of a case's agenda as they are ready, and at last the whole agenda.

    Each item is checked before it is yielded. Where a later part of the draft does not hold,
    a `Fallback` says so, and the composed items follow; a draft is not repaired half-way.

    Raises:
        InvalidInputError: As for `generate_drafted`, before anything is yielded.
    """
    run = _Run(drafting, asyncio.get_running_loop().time() + drafting.deadline_s)
    model = _model_for(case, drafting)
    composed = await asyncio.to_thread(compose_case, case, catalogue)
    if model is None:
        for event in _whole(composed.agenda):
            yield event
        return
    reason = why_not_drafted(composed)
    if reason is not None:
        for event in _whole(fallen_back(composed, reason, run.account(None))):
            yield event
        return
    prepared = await asyncio.to_thread(
        prepare_draft, composed, case, catalogue, drafting.prompt)
    async with aclosing(run.stream(model, prepared)) as events:
        async for each in events:
            yield each


def _model_for(case: Case, drafting: Drafting) -> Model | None:
    if case.generator == "llm" and drafting.model is None:
        raise InvalidInputError.of(
            "no language model is set; set AGENDUM_LLM, leave `generator` out, or write composer",
            field="generator",
        )
    return None if case.generator == "composer" else drafting.model


def _whole(agenda: Agenda) -> list[Event]:
    return [*agenda.items, agenda]


class _Run:
    """One draft under way: its time, and what it has cost so far."""

    def __init__(self, drafting: Drafting, until: float) -> None:
        self._drafting = drafting
        self._until = until
        self._started = drafting.clock()
        self._usage: Usage | None = None
        self._calls = 0

    def account(self, model: Model | None) -> Account:
        """Return what it took up to now, with the model that was asked, if one was."""
        drafting = self._drafting
        latency = round((drafting.clock() - self._started) * 1000)
        name, prompt = (None, None) if model is None else (model.name, drafting.prompt.id)
        return Account(name, prompt, latency, self._usage, self._calls, drafting.prices)

    async def draft(self, model: Model, prepared: Prepared) -> Agenda:
        """Return the drafted agenda, repaired once where that helps, or the composed one."""
        try:
            answer = await model.ask(prepared.request.messages, prepared.request.schema,
                                     self._until)
        except ModelError as error:
            return fallen_back(prepared.composed, str(error), self.account(model))
        judged = await self._judge(answer, prepared)
        if judged.agenda is not None:
            return drafted_agenda(judged, (), prepared, self.account(model))
        first = judged.names
        reason = failed_checks(first)
        request = repair_request(prepared, answer, judged)
        left = self._until - asyncio.get_running_loop().time()
        if request is None or left < min(REPAIR_S, self._drafting.deadline_s / 2):
            return fallen_back(prepared.composed, reason, self.account(model))
        try:
            answer = await model.ask(request.messages, request.schema, self._until)
        except ModelError as error:
            return fallen_back(prepared.composed, f"{reason}; then {error}", self.account(model))
        judged = await self._judge(answer, prepared)
        if judged.agenda is None:
            return fallen_back(prepared.composed, f"{reason}; then {failed_checks(judged.names)}",
                               self.account(model))
        return drafted_agenda(judged, first, prepared, self.account(model))

    async def stream(self, model: Model, prepared: Prepared) -> AsyncGenerator[Event, None]:
        """Yield checked items while the model writes, then the agenda."""
        partial = PartialDraft(prepared)
        answer: Answer | None = None
        reason: str | None = None
        try:
            async with aclosing(model.stream(
                prepared.request.messages, prepared.request.schema, self._until
            )) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        answer = piece
                        break
                    for item in await asyncio.to_thread(partial.feed, piece):
                        yield item
                    if partial.faults:
                        reason = failed_checks(partial.names)
                        break
        except ModelError as error:
            reason = str(error)
        if answer is not None:
            judged = await self._judge(answer, prepared)
            if judged.agenda is not None:
                agenda = drafted_agenda(judged, (), prepared, self.account(model))
                for item in agenda.items[partial.shown:]:
                    yield item
                yield agenda
                return
            reason = failed_checks(judged.names)
        told = reason or "empty: the stream ended without an answer"
        yield Fallback(told)
        for event in _whole(fallen_back(prepared.composed, told, self.account(model))):
            yield event

    async def _judge(self, answer: Answer, prepared: Prepared) -> Judged:
        self._calls += answer.tries
        if answer.usage is not None:
            self._usage = answer.usage + self._usage
        return await asyncio.to_thread(judge_answer, answer, prepared)

