"""What a metric is, and what it is given.

Conventions, the same for every metric: a value lies between 0 and 1, and higher is better.
A case that a metric does not speak of is unscored: null, counted, and never 0. A metric that can
say what it misses says it in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from content_library.load import Library
from evals.cases import EvalCase
from recommender.agendas.brief import Brief
from recommender.agendas.checks import Context
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING, Activity
from recommender.domain.agenda import Agenda, Item
from recommender.domain.base import Kind, Written, written_language
from recommender.domain.case import Case

Guard = Literal["must", "mean", "none"]
OPENING: frozenset[Kind] = frozenset({"welcome", "agreement", "check_in", "action_review"})


@dataclass(frozen=True)
class Score:
    """What a metric says of one case; `value` is null where it does not speak of it."""

    value: float | None
    note: str = ""


UNSCORED = Score(None)


@dataclass(frozen=True)
class Made:
    """One case and what the product made of it.

    Attributes:
        context: The brief of the case, the library and its people.
        again: The same situation told in another order, answered anew; null where it was not.
        ahead: The agendas of the sessions after this one.
        swap: The share of swaps won; null where there was nothing to swap with.
        drafted: Whether a model's answer became the agenda; null where none was asked for.
    """

    of: EvalCase
    case: Case
    agenda: Agenda
    context: Context
    catalogue: Catalogue
    again: Agenda | None = None
    ahead: tuple[Agenda, ...] = ()
    swap: float | None = None
    drafted: bool | None = None

    @property
    def brief(self) -> Brief:
        """Return the case's brief."""
        return self.context.brief

    @property
    def library(self) -> Library:
        """Return the library it was made from."""
        return self.context.library

    @property
    def language(self) -> Written:
        """Return the language that was asked for."""
        return written_language(self.case.session.language)

    @property
    def mains(self) -> list[Item]:
        """Return the items that carry the session; the questions of a milestone are not one."""
        return [item for item in self.agenda.items
                if item.kind in CARRYING and item.pulse is None]

    @property
    def written_by_programme(self) -> bool:
        """Return whether it is the programme's own, the same for everybody."""
        return self.agenda.mode == "fixed"

    def activity(self, item: Item) -> Activity | None:
        """Return an item's activity, if the library has it."""
        return self.library.activities.get(item.activity or "")


@dataclass(frozen=True)
class Metric:
    """One thing that is measured.

    Attributes:
        question: What it asks, as a curator would ask it.
        guard: `must`: every case holds it, and one that no longer does is a loss; `mean`: a
            real fall of its mean is a loss; `none`: it informs.
        family: Its module.
    """

    name: str
    question: str
    guard: Guard
    score: Callable[..., Score] = field(repr=False)

    @property
    def family(self) -> str:
        """Return the name of the module it stands in."""
        return self.score.__module__.rpartition(".")[2]


def share(good: Sequence[bool]) -> float | None:
    """Return how many of these hold, from 0 to 1; null where there are none."""
    return sum(good) / len(good) if good else None


def all_or_nothing(problems: Sequence[str]) -> Score:
    """Return 1 where nothing is wrong, else 0 with what is."""
    return Score(0.0 if problems else 1.0, "; ".join(problems)[:400])


def lines_of(agenda: Agenda) -> list[tuple[str, str]]:
    """Return what participants read, but for resources' titles, each text with its place."""
    found = [("purpose", agenda.purpose), ("success_test", agenda.success_test)]
    for item in agenda.items:
        found += [(item.id, line) for line in (item.title, *item.prompts, *item.steps)]
    prepared = agenda.preparation
    found += [("preparation", line)
              for line in (*prepared.mentee, *prepared.mentor, *prepared.all)]
    found += [("talking_points", place.deferred) for place in agenda.talking_points
              if place.deferred]
    found += [("confidence", line) for line in agenda.confidence.missing]
    found += [("resources", use.reason) for use in agenda.resources]
    if agenda.hand_off is not None:
        found.append(("hand_off", agenda.hand_off.why))
    return found
