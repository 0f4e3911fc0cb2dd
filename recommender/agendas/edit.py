"""Edits: typed operations on an agenda, applied in order or not at all."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import get_args

from recommender.agendas.brief import fingerprint_of, make_brief
from recommender.agendas.candidates import SMALL_MEETING
from recommender.agendas.checks import MIN_ITEMS, Context, check_agenda
from recommender.agendas.diff import changes_between
from recommender.agendas.edit_checks import check_alone
from recommender.agendas.follow import follow_items
from recommender.agendas.operations import Desk, Work, apply_operation, start
from recommender.agendas.own_words import Reader
from recommender.agendas.timebox import Span, fit_steps, split_minutes
from recommender.catalogue import Catalogue
from recommender.domain.activity import STEP_MINUTES
from recommender.domain.agenda import MAX_ITEMS, MIN_ITEM_MINUTES, Agenda, Item
from recommender.domain.base import written_language
from recommender.domain.case import Case
from recommender.domain.edit import Add, Change, Edited, Move, Operation, Remove, Retime
from recommender.errors import Fault, InvalidInputError
from recommender.privacy import people_of

MENDS = {
    "talking_points_said_once": "say it in one item only",
    "no_personal_data": "leave it out",
    "references": "regenerate the item, or remove it",
}
"""What to do about a check that an edit can fail, where the check does not say it."""


def edit_agenda(
    agenda: Agenda, ops: Sequence[Operation], catalogue: Catalogue, case: Case | None = None
) -> Edited:
    """Return the agenda after all operations, and what is different; the same input, the same.

    Minutes that somebody asks for in this edit stay as asked, those of locked items stay as
    they are, and the other items share what is left. Without the case, what an agenda promises
    is checked as far as the agenda itself tells; with it, everything is.

    Raises:
        InvalidInputError: An operation cannot be done, or its outcome would break what every
            agenda promises; names the operation and the mend. Nothing has changed then.
    """
    desk = _desk(agenda, catalogue, case)
    work, diff = start(agenda), list[Change]()
    for number, op in enumerate(ops):
        with _at(f"ops[{number}]"):
            done = apply_operation(work, op, desk)
        diff += changes_between(work.agenda, done.agenda, op.op,
                                moved=op.item if isinstance(op, Move) else None)
        work = done
    _refuse_shape(work.agenda, ops)
    timed = _rebalanced(work, ops, desk)
    with _at(_last(ops, Remove, Add)):
        settled = follow_items(agenda, timed, work.seen, catalogue.library)
    diff += changes_between(work.agenda, timed, "rebalance")
    diff += changes_between(timed, settled, "follow")
    checks, problems = (check_alone(agenda, settled, catalogue.library) if desk.context is None
                        else check_agenda(settled, desk.context))
    if problems:
        raise InvalidInputError([Fault("", "ops", _mended(one)) for one in problems])
    if settled == agenda:
        return Edited(agenda=agenda)
    provenance = settled.provenance.model_copy(update={
        "checks": checks, "parent": agenda.id, "edits": agenda.provenance.edits + 1})
    edited = settled.model_copy(update={"provenance": provenance})
    return Edited(agenda=edited.model_copy(update={"id": id_of(edited)}), diff=diff)


def id_of(agenda: Agenda) -> str:
    """Return the id of an edited agenda: the same content from the same parent, the same id."""
    data = agenda.model_dump(mode="json", by_alias=True)
    del data["id"], data["provenance"]["latency_ms"]
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"ag_{hashlib.sha256(canonical.encode()).hexdigest()[:20]}"


def context_of(agenda: Agenda, case: Case, catalogue: Catalogue) -> Context:
    """Return what an agenda is checked against, from the case that it was made of.

    Raises:
        InvalidInputError: It was made of another case.
    """
    modes = (case.mode, None, agenda.mode)
    generators = get_args(Case.model_fields["generator"].annotation)
    made_of = {fingerprint_of(case.model_copy(update={"mode": mode, "generator": generator}))
               for mode, generator in product(modes, generators)}
    if agenda.case_fingerprint not in made_of:
        raise InvalidInputError.of(
            "is not the case that this agenda was made of; give that one, or make a new agenda "
            "of this one")
    library = catalogue.library
    brief = make_brief(case.model_copy(update={"mode": agenda.mode}), library,
                       catalogue.hand_off_rules, catalogue.known_words)
    phrases = library.phrases[brief.language]
    return Context(brief, library, people_of(case, phrases.person_pair, catalogue.known_words))


def _desk(agenda: Agenda, catalogue: Catalogue, case: Case | None) -> Desk:
    try:
        language = written_language(agenda.language)
    except ValueError as error:
        raise InvalidInputError.of(str(error), field="agenda.language") from error
    with _at("case"):
        context = None if case is None else context_of(agenda, case, catalogue)
    reader = Reader(language, catalogue.hand_off_rules, context.people if context else None)
    return Desk(catalogue, language, catalogue.library.phrases[language], reader, context)


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Name the operation in faults that name its field at most."""
    try:
        yield
    except InvalidInputError as error:
        raise InvalidInputError([
            Fault(fault.source, f"{place}.{fault.field}" if fault.field else place, fault.problem)
            for fault in error.faults]) from error


def _last(ops: Sequence[Operation], *kinds: type) -> str:
    """Return the last operation of these kinds, as errors name it."""
    return next((f"ops[{at}]" for at in reversed(range(len(ops))) if isinstance(ops[at], kinds)),
                "ops")


def _refuse_shape(agenda: Agenda, ops: Sequence[Operation]) -> None:
    count, minutes = len(agenda.items), agenda.session.minutes
    smallest = 2 if minutes < SMALL_MEETING else MIN_ITEMS
    if count > MAX_ITEMS:
        raise InvalidInputError.of(
            f"makes {count} items; at most {MAX_ITEMS} allowed, remove one", field=_last(ops, Add))
    if count < smallest:
        raise InvalidInputError.of(
            f"leaves {count} items; {minutes} minutes need {smallest}, add one",
            field=_last(ops, Remove))
    last = agenda.items[-1]
    if last.kind not in ("action_planning", "closing"):
        raise InvalidInputError.of(
            f"{last.id} would come last, and an agenda ends in action_planning or closing; "
            "move such an item to the end, or add one there", field=_last(ops, Move, Remove, Add))


def _rebalanced(work: Work, ops: Sequence[Operation], desk: Desk) -> Agenda:
    """Return the agenda with minutes that sum, and steps that keep to them."""
    agenda, total = work.agenda, work.agenda.session.minutes
    free = [item for item in agenda.items if not item.locked and item.id not in work.pinned]
    taken = sum(item.minutes for item in agenda.items if item not in free)
    rest, least = total - taken, MIN_ITEM_MINUTES * len(free)
    new = {item.id: item.minutes for item in agenda.items}
    if not free and rest:
        raise InvalidInputError.of(
            f"every item is locked or has its minutes given, and they take {taken} of {total}; "
            "leave one without, unlock one, or give minutes that sum",
            field=_last(ops, Retime, Remove, Add))
    if rest < least:
        raise InvalidInputError.of(
            f"{taken} of {total} minutes are locked or asked for, and the other items "
            f"({len(free)}) need {least}; ask for {least - rest} minutes less, remove an item, "
            "or unlock one", field=_last(ops, Retime, Add))
    if free and rest != sum(item.minutes for item in free):
        split = split_minutes(rest, [_span(item, desk.catalogue) for item in free])
        new |= dict(zip((item.id for item in free), split, strict=True))
    return agenda.model_copy(update={"items": [
        item if new[item.id] == work.fitted[item.id] == item.minutes
        else _refitted(item, new[item.id], work.fitted[item.id], desk)
        for item in agenda.items]})


def _span(item: Item, catalogue: Catalogue) -> Span:
    """Return how far an item may go from the minutes it has, which are its ideal now."""
    activity = catalogue.library.activities.get(item.activity or "")
    if activity is None:
        return Span(MIN_ITEM_MINUTES, item.minutes, 2 * item.minutes)
    return Span(min(activity.minutes.min, item.minutes), item.minutes,
                max(activity.minutes.max, item.minutes))


def _refitted(item: Item, minutes: int, made_for: int, desk: Desk) -> Item:
    """Return an item with other minutes, and steps that keep to them.

    Steps that are the activity's own are fitted from the library's text, so that minutes which
    were left out for want of time come back with it.
    """
    activity = desk.catalogue.library.activities.get(item.activity or "")
    steps = fit_steps(item.steps, minutes, made_for)
    if activity is not None:
        own = activity.text[desk.language].steps
        fitted = {_base(step): step for step in fit_steps(own, minutes, activity.minutes.ideal)}
        if all(_base(step) in fitted for step in item.steps if STEP_MINUTES.search(step)):
            steps = [fitted.get(_base(step), step) for step in item.steps]
    return item.model_copy(update={"minutes": minutes, "steps": steps})


def _base(step: str) -> str:
    return STEP_MINUTES.sub("", step)


def _mended(problem: str) -> str:
    mend = MENDS.get(problem.split(":")[0])
    return problem if mend is None else f"{problem}; {mend}"
