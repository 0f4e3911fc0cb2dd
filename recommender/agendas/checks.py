"""The invariants of every agenda ever returned: one function each, saying what is wrong."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from content_library.load import Library
from recommender.agendas.brief import Brief, OpenAction, Words
from recommender.domain.agenda import MAX_ITEMS, MIN_ITEM_MINUTES, Agenda, CheckResult, Reason
from recommender.privacy import EMAIL, PHONE, People

MIN_ITEMS = 3
SMALL_MEETING = 25
MIN_ENDING_MINUTES = 3

SAYS_ENOUGH = 18
"""Characters from which a talking point is known again; shorter ones, such as one that was no more
than somebody's name and became "the other person", stand in the library's texts too."""


class Named(Protocol):
    """Something with an id."""

    @property
    def id(self) -> str: ...  # noqa: D102


class Promised(Protocol):
    """What an agenda has to keep: as its brief has it, or an earlier version of itself."""

    @property
    def minutes(self) -> int: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def actions(self) -> Sequence[Named]: ...  # noqa: D102
    @property
    def talking_points(self) -> Sequence[Named]: ...  # noqa: D102
    @property
    def needs_person(self) -> Collection[str]: ...  # noqa: D102


@dataclass(frozen=True)
class Context:
    """What an agenda is checked against."""

    brief: Brief
    library: Library
    people: People


@dataclass(frozen=True)
class Alone:
    """What an agenda can be checked against without its case."""

    brief: Promised
    library: Library


Check = Callable[[Agenda, Context], Iterator[str]]


def check_agenda(agenda: Agenda, context: Context) -> tuple[list[CheckResult], list[str]]:
    """Return the outcome of every check, and in words what is wrong (empty when all is well)."""
    results, problems = [], []
    for name, check in CHECKS.items():
        found = list(check(agenda, context))
        results.append(CheckResult(name=name, passed=not found))
        problems += [f"{name}: {one}" for one in found]
    return results, problems


def minutes_sum(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """Item minutes sum exactly to the session's."""
    total = sum(item.minutes for item in agenda.items)
    if total != context.brief.minutes or agenda.session.minutes != context.brief.minutes:
        yield f"the items take {total} of {context.brief.minutes} minutes"


def item_count(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """Three to seven items; two are allowed under 25 minutes."""
    smallest = 2 if context.brief.minutes < SMALL_MEETING else MIN_ITEMS
    if not smallest <= len(agenda.items) <= MAX_ITEMS:
        yield f"{len(agenda.items)} items; {smallest} to {MAX_ITEMS} expected"


def item_minutes(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """No item is under three minutes."""
    for item in agenda.items:
        if item.minutes < MIN_ITEM_MINUTES:
            yield f"{item.id} has {item.minutes} minutes"


def item_ids(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """Item ids differ."""
    if len({item.id for item in agenda.items}) != len(agenda.items):
        yield "two items share an id"


def ending(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """The last item plans actions or closes."""
    if agenda.items[-1].kind not in ("action_planning", "closing"):
        yield f"the last item is {agenda.items[-1].kind}"


def actions_carried(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """Every open action is carried, once, and some item is there because of it."""
    expected = [action.id for action in context.brief.actions]
    if sorted(agenda.actions_carried) != sorted(expected):
        yield f"carries {agenda.actions_carried}; open are {expected}"
    held = {reason.id for item in agenda.items for reason in item.because
            if reason.source == "action"}
    for one in expected:
        if one not in held:
            yield f"action {one} is in no item"


def talking_points(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """Every talking point stands in one item of the agenda, or is deferred with a reason."""
    expected = sorted(point.id for point in context.brief.talking_points)
    if sorted(place.id for place in agenda.talking_points) != expected:
        yield "talking points are missing, doubled or unknown"
    items = {item.id for item in agenda.items}
    for place in agenda.talking_points:
        if place.item is not None and place.item not in items:
            yield f"{place.id} is put into {place.item}, which does not exist"
        if place.id in context.brief.needs_person and place.item is not None:
            yield f"{place.id} needs a person and stands in {place.item}"


def talking_points_said_once(agenda: Agenda, context: Context) -> Iterator[str]:
    """The words of a talking point stand in the prompts or steps of one item at most.

    Words that are also written elsewhere in the case may come from there, and do not count.
    """
    brief = context.brief
    phrases = context.library.phrases[agenda.language]
    others: list[Words | OpenAction] = [
        *brief.goals, *brief.actions, *brief.done, *brief.notes, *brief.skills, *brief.offers]
    for point in brief.talking_points:
        if point.quote is None or len(point.quote) < SAYS_ENOUGH:
            continue
        words = phrases.inside(point.quote)
        if brief.script is not None and any(words in line for line in brief.script.lines):
            continue
        elsewhere = [*others, *(one for one in brief.talking_points if one.id != point.id)]
        if any(one.quote and words in phrases.inside(one.quote) for one in elsewhere):
            continue
        holding = [item.id for item in agenda.items
                   if any(words in line for line in (*item.prompts, *item.steps))]
        if len(holding) > 1:
            yield f"{point.id} is said in {', '.join(holding)}"


def references(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """Every resource and activity exists, is active, and is the library's own, word for word."""
    used = {use.id for use in agenda.resources}
    for item in agenda.items:
        if item.activity is not None and item.activity not in context.library.activities:
            yield f"{item.id} names the activity {item.activity}, which does not exist"
        for one in item.resources:
            if one not in used:
                yield f"{item.id} names the resource {one}, which the agenda does not list"
    for use in agenda.resources:
        resource = context.library.resources.get(use.id)
        if resource is None or resource.status != "active":
            yield f"the resource {use.id} is not in the library, or retired"
        elif (resource.url, resource.title) != (use.url, use.title):
            yield f"the resource {use.id} has another title or address than the library's"


def reasons(agenda: Agenda, context: Context) -> Iterator[str]:
    """Every item has a reason, and each reason leads to something that is there."""
    for item in agenda.items:
        if not item.because:
            yield f"{item.id} has no reason"
        for reason in item.because:
            if not _resolves(reason, context):
                yield f"{item.id} is there because of {reason.source} {reason.id}, which is nowhere"


def language(agenda: Agenda, context: Context | Alone) -> Iterator[str]:
    """The agenda says the language that was asked for."""
    if agenda.language != context.brief.language:
        yield f"{agenda.language} instead of {context.brief.language}"


def no_personal_data(agenda: Agenda, context: Context) -> Iterator[str]:
    """No member's name, no e-mail and no phone number, but in a caller's own talking point."""
    phrases = context.library.phrases[agenda.language]
    own = sorted((phrases.inside(point.quote) for point in context.brief.talking_points
                  if point.quote), key=len, reverse=True)
    for place, text in _texts(agenda):
        for words in own:
            text = text.replace(words, "_")
        if context.people.named_in(text):
            yield f"{place} names a member"
        if EMAIL.search(text) or PHONE.search(text):
            yield f"{place} holds an e-mail address or a phone number"


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        minutes_sum, item_count, item_minutes, item_ids, ending, actions_carried, talking_points,
        talking_points_said_once, references, reasons, language, no_personal_data,
    )
}


def _resolves(reason: Reason, context: Context) -> bool:
    brief, library = context.brief, context.library
    match reason.source:
        case "action":
            return any(one.id == reason.id for one in brief.actions)
        case "goal":
            return any(one.id == reason.id for one in brief.goals)
        case "talking_point":
            return any(one.id == reason.id for one in brief.talking_points)
        case "focus_area":
            return reason.id == brief.focus_area
        case "theme":
            return reason.id == brief.arc.theme
        case "resource":
            return reason.id in library.resources
        case "activity":
            return reason.id in library.activities
        case "stage":
            return reason.id in (brief.arc.type, brief.arc.stage)
        case "programme":
            return reason.id == brief.programme.id


def _texts(agenda: Agenda) -> Iterator[tuple[str, str]]:
    yield "purpose", agenda.purpose
    yield "success_test", agenda.success_test
    for item in agenda.items:
        for line in (item.title, *item.prompts, *item.steps):
            yield item.id, line
    for role in ("mentee", "mentor", "all"):
        for line in getattr(agenda.preparation, role):
            yield f"preparation.{role}", line
    for one in agenda.confidence.missing:
        yield "confidence", one
    for use in agenda.resources:
        yield use.id, use.reason
