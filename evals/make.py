"""Make what a suite's cases ask for, by the product's own path, or take it from a file."""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from content_library.load import Library
from evals.cases import EvalCase
from evals.metrics.base import Made
from evals.swap import Entry, Judge, compare_entries, entry_of
from prompts.load import load_prompt, prompt_versions
from recommender.agendas.batch import Responses, custom_id, import_case
from recommender.agendas.brief import fingerprint_of, goals_of, make_brief
from recommender.agendas.checks import Context
from recommender.agendas.draft import NAME
from recommender.agendas.generate import compose_case
from recommender.agendas.judge import prepare_draft, why_not_drafted
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import base_language
from recommender.domain.case import Case
from recommender.errors import AgendumError, InvalidInputError
from recommender.model_prices import Prices
from recommender.privacy import people_of

REPEATED = "agendas"
"""The suite of which some cases are told twice."""
RECORDED = "recorded"
"""Who gave the answers that stand in cases."""

Progress = Callable[[int, int], None]
Compose = Callable[[Case, Catalogue], Agenda]


@dataclass(frozen=True)
class Failed:
    """A case for which no agenda came, and why."""

    of: EvalCase
    error: str


def make_agendas(
    cases: Sequence[EvalCase], catalogue: Catalogue, given: Mapping[str, Agenda] | None = None,
    progress: Progress | None = None, compose: Compose | None = None,
) -> list[Made | Failed]:
    """Return the agenda of every case, or why there is none.

    Args:
        given: Agendas by the fingerprint of their case, instead of composed ones; a case that has
            none here fails.
        compose: Makes an agenda; null for the product's own path.
    """
    found: list[Made | Failed] = []
    for at, one in enumerate(cases, start=1):
        found.append(_made(one, catalogue, given, compose or compose_one))
        if progress is not None:
            progress(at, len(cases))
    return found


def compose_one(case: Case, catalogue: Catalogue) -> Agenda:
    """Return the composed agenda of a case."""
    return compose_case(case, catalogue).agenda


def with_swaps(made: Sequence[Made], judges: Mapping[str, Judge]) -> list[Made]:
    """Return the same with the share of swaps each agenda wins, over the judges.

    A tie counts half. Variants of one situation, which have the same goals, are not compared.
    """
    clusters = {one.of.name: one.of.cluster for one in made}
    entries: list[Entry] = [entry_of(one.of.name, one.case, one.agenda) for one in made
                            if goals_of(one.case) and not one.written_by_programme]
    won: dict[str, list[float]] = {}
    for each in compare_entries([one for one in entries if one.goals and one.lines],
                                judges).comparisons:
        if clusters[each.entry.name] != clusters[each.other.name]:
            won.setdefault(each.entry.name, []).append(
                1.0 if each.won else 0.5 if each.tied else 0.0)
    return [replace(one, swap=sum(own) / len(own)) if (own := won.get(one.of.name)) else one
            for one in made]


def context_of(case: Case, catalogue: Catalogue) -> Context:
    """Return what an agenda of this case is checked against.

    Raises:
        InvalidInputError: The case names something the library does not have.
    """
    library: Library = catalogue.library
    brief = make_brief(case, library, catalogue.hand_off_rules, catalogue.known_words)
    phrases = library.phrases[base_language(case.session.language)]
    return Context(brief, library, people_of(case, phrases.person_pair, catalogue.known_words))


def read_agendas(lines: Iterable[str], source: str) -> dict[str, Agenda]:
    """Return the agendas of a JSONL file by the fingerprint of their case.

    Raises:
        InvalidInputError: A line is no agenda; names it.
    """
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            agenda = Agenda.model_validate_json(line)
        except ValueError as error:
            raise InvalidInputError.of(f"no agenda ({str(error)[:200]})",
                                       source=f"{source}, line {number}") from error
        found[agenda.case_fingerprint] = agenda
    return found


def told_twice(one: EvalCase) -> bool:
    """Return whether a case is made a second time, told in another order: one in three is."""
    return one.suite == REPEATED and int(one.digest, 16) % 3 == 0


def told_again(case: Case) -> Case:
    """Return the same situation in another order, everybody under another id.

    Members and their skills are turned round; a group keeps its mentor where it stands.
    """
    data = case.model_dump(mode="json", by_alias=True)
    for member in data["members"]:
        for skills in ("skills_wanted", "skills_offered"):
            member["profile"][skills] = member["profile"][skills][::-1]
    if len(data["members"]) == 2 and {one["role"] for one in data["members"]} != {"peer"}:
        data["members"] = data["members"][::-1]
    names = {member["profile"]["id"]: f"again-{at}" for at, member in enumerate(data["members"])}
    return Case.model_validate(_renamed(data, names))


def next_case(case: Case, agenda: Agenda) -> Case | None:
    """Return the case of the session after this one, its agenda remembered; null at the end."""
    data = case.model_dump(mode="json", by_alias=True)
    number = case.session.number + 1
    last = agenda.session.of
    if last is not None and number > last:
        return None
    data["history"].append({"number": case.session.number,
                            "agenda": agenda.model_dump(mode="json", by_alias=True)})
    data["session"] |= {"number": number, "talking_points": [], "date": None}
    return Case.model_validate(data)


def _made(
    one: EvalCase, catalogue: Catalogue, given: Mapping[str, Agenda] | None, compose: Compose
) -> Made | Failed:
    case = one.case
    if case is None:
        raise TypeError(f"{one.name} is no case for an agenda")
    try:
        if given is not None:
            context = context_of(case, catalogue)
            agenda = given.get(fingerprint_of(case))
            if agenda is None:
                return Failed(one, "the file holds no agenda of this case")
            asked = agenda.provenance.generator == "llm" or agenda.provenance.fallback
            return Made(one, case, agenda, context, catalogue,
                        drafted=agenda.provenance.fallback is None if asked else None)
        if one.file.answer is not None:
            agenda = _from_answer(one, case, catalogue)
            return Made(one, case, agenda, context_of(case, catalogue), catalogue,
                        drafted=agenda.provenance.fallback is None)
        agenda = compose(case, catalogue)
        return Made(one, case, agenda, context_of(case, catalogue), catalogue,
                    again=compose(told_again(case), catalogue) if told_twice(one) else None,
                    ahead=_ahead(one, case, agenda, catalogue, compose))
    except AgendumError as error:
        return Failed(one, f"{type(error).__name__}: {error}"[:500])


def _ahead(
    one: EvalCase, case: Case, agenda: Agenda, catalogue: Catalogue, compose: Compose
) -> tuple[Agenda, ...]:
    """Return the agendas of the sessions to come that a case asks for."""
    found: list[Agenda] = []
    at: Case | None = case
    for _ in range(one.ahead):
        at = next_case(at, found[-1] if found else agenda) if at is not None else None
        if at is None:
            break
        found.append(compose(at, catalogue))
    return tuple(found)


def _from_answer(one: EvalCase, case: Case, catalogue: Catalogue) -> Agenda:
    """Return the agenda of a case whose model's answer is recorded, through the batch path."""
    prompts = [load_prompt(NAME, number) for number in reversed(prompt_versions(NAME))]
    first = load_prompt(NAME)
    prompts = [first, *(other for other in prompts if other.version != first.version)]
    key = "eval"
    composed = compose_case(case, catalogue)
    lines = b""
    if why_not_drafted(composed) is None:
        prepared = prepare_draft(composed, case, catalogue, first)
        answer: dict[str, Any] = {
            "custom_id": custom_id(key, prepared.request), "error": None,
            "response": {"status_code": 200, "body": {
                "model": RECORDED, "choices": [{
                    "index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": one.file.answer}}]}}}
        lines = json.dumps(answer, ensure_ascii=False).encode() + b"\n"
    responses = Responses(io.BytesIO(lines))
    return import_case(key, case, catalogue, prompts, responses, Prices(), RECORDED).agenda


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    """Return data with people's ids replaced, wherever an id stands by itself."""
    if isinstance(data, dict):
        return {key: _renamed(value, names) for key, value in data.items()}
    if isinstance(data, list):
        return [_renamed(value, names) for value in data]
    return names.get(data, data) if isinstance(data, str) else data
