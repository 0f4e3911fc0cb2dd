"""A model as judge: asked one thing at a time, in both orders; what it does not offer is unscored.

It never stands alone: its agreement with people is part of every report, and without enough of
it the judge may inform and not gate.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from evals.answers import Opinion, Verdict
from evals.blind import Pair, RunName
from evals.rubric import HIGHEST, LOWEST, NOT_IN_FIXED_MODE, Rubric
from prompts.load import SYSTEM, Prompt
from recommender.errors import ModelError
from recommender.model_answers import Json, Message, Model

PAIRWISE, RUBRIC = "judge-pairwise", "judge-rubric"
PREFERENCE = "preference"
UNSCORED = "unscored"
SIDES = ("first", "tie", "second")
SCORES = tuple(map(str, range(LOWEST, HIGHEST + 1)))
_SHOWN = str.maketrans({"<": "‹", ">": "›"})
"""So that nothing inside a block can close it."""
Order = Literal["shown", "swapped"]


@dataclass(frozen=True)
class Asked:
    """One question to the judge, and what came of it.

    Attributes:
        question: `preference`, or a criterion.
        about: The order the two stood in, or the run that was scored.
        verdict: One of those offered; null is unscored.
        fault: Why it is unscored.
    """

    unit: str
    question: str
    about: Order | RunName
    verdict: str | None
    danger: bool = False
    fault: str | None = None
    said: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as a record holds it."""
        return asdict(self)


@dataclass(frozen=True)
class _Question:
    unit: str
    question: str
    about: Order | RunName
    messages: tuple[Message, ...]
    schema: Json
    offered: tuple[str, ...]


async def ask_judge(
    pairs: Sequence[Pair], model: Model, rubric: Rubric, pairwise: Prompt | None,
    by_criterion: Prompt | None, *, criteria: Sequence[str], deadline_s: float,
    at_once: int = 2, progress: Callable[[int, int], None] | None = None,
) -> list[Asked]:
    """Return every question with its verdict, in the order of the pairs.

    Args:
        pairwise: Asked twice of each pair, once in each order; null leaves it out.
        by_criterion: Asked of each agenda for each criterion; null leaves it out.
        deadline_s: Seconds for one answer; past it the question is unscored.
    """
    questions = [one for pair in pairs
                 for one in _questions(pair, rubric, pairwise, by_criterion, criteria)]
    room = asyncio.Semaphore(at_once)
    done = 0

    async def ask(one: _Question) -> Asked:
        nonlocal done
        async with room:
            until = asyncio.get_running_loop().time() + deadline_s
            try:
                answer = await model.ask(one.messages, one.schema, until)
            except ModelError as error:
                found = Asked(one.unit, one.question, one.about, None, fault=str(error))
            else:
                found = (Asked(one.unit, one.question, one.about, None, fault=answer.fault,
                               said=answer.text) if answer.fault is not None
                         else read_verdict(one.unit, one.question, one.about, answer.text,
                                           one.offered))
            done += 1
            if progress is not None:
                progress(done, len(questions))
            return found

    return list(await asyncio.gather(*map(ask, questions)))


def read_verdict(
    unit: str, question: str, about: Order | RunName, text: str, offered: Sequence[str]
) -> Asked:
    """Return an answer as a verdict; whatever was not offered is unscored, and says why."""
    field = "verdict" if question == PREFERENCE else "score"
    fault = None
    verdict: str | None = None
    danger = False
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        data = None
    if not isinstance(data, dict):
        fault = "no JSON object"
    elif (given := str(data.get(field))) == UNSCORED and question != PREFERENCE:
        fault = "unscored by the judge"
    elif given not in offered or isinstance(data.get(field), bool):
        fault = f"{field} {given[:40]!r} is none of those offered"
    else:
        verdict = given
        danger = data.get("danger") is True
    return Asked(unit, question, about, verdict, danger, fault, text)


def verdicts_of(asked: Sequence[Asked], pairs: Sequence[Pair], judge: str) -> list[Verdict]:
    """Return the judge's answers as a reviewer's.

    An agenda is preferred only where both orders name it; where they disagree it is a tie, and
    where one is unscored the case is.
    """
    found = []
    for pair in pairs:
        unit = f"{pair.suite}/{pair.case}"
        own = [one for one in asked if one.unit == unit]
        runs: tuple[RunName, RunName] = ("a", "b")
        found.append(Verdict(judge, unit, pair.first, _preferred(own, pair.first), {
            run: _opinion([one for one in own if one.about == run]) for run in runs}))
    return found


def flips(asked: Sequence[Asked]) -> tuple[int, int]:
    """Return of how many pairs the two orders name different agendas, and of how many both said.

    A flip is a verdict that follows the place and not the agenda.
    """
    by_unit: dict[str, dict[str, str]] = {}
    for one in asked:
        if one.question == PREFERENCE and one.verdict is not None:
            by_unit.setdefault(one.unit, {})[one.about] = one.verdict
    both = [own for own in by_unit.values() if len(own) == 2]
    return sum(own["shown"] == own["swapped"] != "tie" for own in both), len(both)


def _preferred(
    own: Sequence[Asked], first: RunName
) -> RunName | Literal["tie"] | None:
    second: RunName = "b" if first == "a" else "a"
    named: Mapping[tuple[str, str], RunName] = {
        ("shown", "first"): first, ("shown", "second"): second,
        ("swapped", "first"): second, ("swapped", "second"): first}
    asked = [one for one in own if one.question == PREFERENCE]
    if len(asked) < 2 or any(one.verdict is None for one in asked):
        return None
    said = {named.get((str(one.about), str(one.verdict))) for one in asked}
    return (said.pop() if len(said) == 1 else None) or "tie"


def _opinion(own: Sequence[Asked]) -> Opinion:
    return Opinion({one.question: int(one.verdict) for one in own if one.verdict is not None},
                   tuple(one.question for one in own if one.danger), None)


def _questions(
    pair: Pair, rubric: Rubric, pairwise: Prompt | None, by_criterion: Prompt | None,
    criteria: Sequence[str],
) -> list[_Question]:
    unit = f"{pair.suite}/{pair.case}"
    about, *sheets = (_material(one.to_text()) for one in (pair.about, *pair.sheets))
    found = []
    if pairwise is not None:
        every = "\n\n".join(one.to_text() for one in rubric.criteria if one.id in criteria)
        orders: tuple[tuple[Order, tuple[str, str]], ...] = (
            ("shown", (sheets[0], sheets[1])), ("swapped", (sheets[1], sheets[0])))
        found += [_Question(unit, PREFERENCE, order, _messages(
            pairwise, criteria=every, case=about, first=one, second=other),
            _schema({"verdict": {"type": "string", "enum": list(SIDES)}}), SIDES)
            for order, (one, other) in orders]
    if by_criterion is not None:
        second: RunName = "b" if pair.first == "a" else "a"
        for run, sheet in ((pair.first, sheets[0]), (second, sheets[1])):
            for one in criteria:
                if pair.mode == "fixed" and one == NOT_IN_FIXED_MODE:
                    continue
                found.append(_Question(unit, one, run, _messages(
                    by_criterion, criterion=rubric.criterion(one).to_text(), case=about,
                    agenda=sheet),
                    _schema({"danger": {"type": "boolean"},
                             "score": {"type": "string", "enum": [*SCORES, UNSCORED]}}), SCORES))
    return found


def _messages(prompt: Prompt, **values: str) -> tuple[Message, ...]:
    return (Message("system", prompt.fill(SYSTEM)), Message("user", prompt.fill("user", **values)))


def _material(text: str) -> str:
    return text.translate(_SHOWN)


def _schema(fields: Mapping[str, Any]) -> dict[str, Any]:
    properties = {"reason": {"type": "string"}, **fields}
    return {"title": "verdict", "description": "A verdict with its reason.", "type": "object",
            "properties": properties, "required": list(properties), "additionalProperties": False}
