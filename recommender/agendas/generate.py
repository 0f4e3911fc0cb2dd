"""The pipeline without a model: a case becomes a brief, a composed agenda, a checked one."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from recommender.agendas.brief import Brief, make_brief
from recommender.agendas.checks import Context, check_agenda
from recommender.agendas.compose import compose_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import base_language
from recommender.domain.case import Case
from recommender.errors import CheckFailedError, InvalidInputError
from recommender.privacy import people_of
from recommender.version import version

Clock = Callable[[], float]


@dataclass(frozen=True)
class Composed:
    """A checked agenda, and what it was made of and checked against."""

    brief: Brief
    context: Context
    agenda: Agenda


def generate_agenda(case: Case, catalogue: Catalogue, clock: Clock = perf_counter) -> Agenda:
    """Return the agenda of a case, checked against every invariant.

    The same case, library and version give the same agenda, but for `latency_ms`.

    Args:
        clock: Seconds, rising; for the latency only.

    Raises:
        InvalidInputError: The case names something the library does not have, or asks
            for a model although none is set.
        CheckFailedError: The composed agenda broke an invariant: a defect of ours.
    """
    if case.generator == "llm":
        raise InvalidInputError.of(
            "no language model is set; leave `generator` out, or write composer",
            field="generator",
        )
    return compose_case(case, catalogue, clock).agenda


def compose_case(case: Case, catalogue: Catalogue, clock: Clock = perf_counter) -> Composed:
    """Return the composed agenda of a case, whatever generator it asks for.

    Raises:
        InvalidInputError: The case names something the library does not have.
        CheckFailedError: The composed agenda broke an invariant: a defect of ours.
    """
    started = clock()
    library = catalogue.library
    brief = make_brief(case, library, catalogue.hand_off_rules, catalogue.known_words)
    agenda = compose_agenda(brief, catalogue)
    phrases = library.phrases[base_language(case.session.language)]
    people = people_of(case, phrases.person_pair, catalogue.known_words)
    context = Context(brief, library, people)
    results, problems = check_agenda(agenda, context)
    if problems:
        raise CheckFailedError("; ".join(problems))
    provenance = agenda.provenance.model_copy(update={
        "checks": results, "version": version(),
        "latency_ms": round((clock() - started) * 1000),
    })
    return Composed(brief, context, agenda.model_copy(update={"provenance": provenance}))
