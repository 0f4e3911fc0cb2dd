"""What of the contract can be told from an agenda alone, when its case is not at hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from content_library.load import Library
from recommender.agendas import checks
from recommender.agendas.checks import Alone
from recommender.domain.agenda import Agenda, CheckResult, Reason

ALONE: tuple[Callable[[Agenda, Alone], Iterator[str]], ...] = (
    checks.minutes_sum, checks.item_count, checks.item_minutes, checks.item_ids, checks.ending,
    checks.actions_carried, checks.talking_points, checks.references, checks.language,
)


@dataclass(frozen=True)
class _Known:
    id: str


@dataclass(frozen=True)
class _Version:
    """What an earlier version of an agenda says that every later one has to keep."""

    minutes: int
    language: str
    actions: list[_Known]
    talking_points: list[_Known]
    needs_person: tuple[str, ...] = ()


def check_alone(
    before: Agenda, after: Agenda, library: Library
) -> tuple[list[CheckResult], list[str]]:
    """Return the outcome of every check, and in words what is wrong (empty when all is well).

    Args:
        before: The agenda as it was: its actions, talking points and reasons are the case's.
    """
    context = Alone(_Version(
        before.session.minutes, before.language,
        [_Known(one) for one in before.actions_carried],
        [_Known(place.id) for place in before.talking_points]), library)
    found = {check.__name__: list(check(after, context)) for check in ALONE}
    found["reasons"] = list(_reasons(before, after, library))
    return (
        [CheckResult(name=name, passed=not each) for name, each in found.items()],
        [f"{name}: {one}" for name, each in found.items() for one in each],
    )


def _reasons(before: Agenda, after: Agenda, library: Library) -> Iterator[str]:
    """Every item has a reason: one that stood there before, or that leads somewhere by itself."""
    known = {(reason.source, reason.id) for item in before.items for reason in item.because}
    known |= {("stage", after.session.type)}
    known |= {("action", one) for one in after.actions_carried}
    known |= {("talking_point", place.id) for place in after.talking_points}
    for item in after.items:
        if not item.because:
            yield f"{item.id} has no reason"
        for reason in item.because:
            if (reason.source, reason.id) not in known and not _in_library(reason, library):
                yield f"{item.id} is there because of {reason.source} {reason.id}, which is nowhere"


def _in_library(reason: Reason, library: Library) -> bool:
    return (reason.source == "activity" and reason.id in library.activities) or (
        reason.source == "resource" and reason.id in library.resources)
