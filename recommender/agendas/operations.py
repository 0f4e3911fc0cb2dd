"""One operation on an agenda: what it changes, and when it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from content_library.duplicate import nearest
from recommender.agendas.candidates import filled_slots
from recommender.agendas.carry import without_item
from recommender.agendas.checks import Context
from recommender.agendas.follow import between_peers
from recommender.agendas.own_words import Reader
from recommender.agendas.regenerate import add_activity, regenerate_items
from recommender.agendas.timebox import fit_steps, room_for
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity
from recommender.domain.agenda import Agenda, Item, Lead, Reason
from recommender.domain.base import Written
from recommender.domain.edit import (
    Add,
    Lock,
    Move,
    Operation,
    Regenerate,
    Remove,
    Rename,
    ReplacePrompts,
    Retime,
    Unlock,
)
from recommender.domain.phrases import Phrases
from recommender.errors import InvalidInputError
from recommender.privacy import plain

REMEMBERED = 100
"""Activities that gave way before, of which the next choice keeps clear."""


@dataclass(frozen=True)
class Desk:
    """What an edit is made with; `context` is null where the case is not at hand."""

    catalogue: Catalogue
    language: Written
    phrases: Phrases
    reader: Reader
    context: Context | None


@dataclass(frozen=True)
class Work:
    """An agenda between two operations.

    Attributes:
        pinned: Items whose minutes were asked for in this edit.
        fitted: The minutes that an item's steps were made for, by item.
        seen: Every state of an item so far.
    """

    agenda: Agenda
    pinned: frozenset[str]
    fitted: Mapping[str, int]
    seen: tuple[Item, ...]

    def with_agenda(self, agenda: Agenda) -> "Work":
        """Return the work with this agenda, its items remembered."""
        fresh = tuple(item for item in agenda.items if item not in self.seen)
        return replace(self, agenda=agenda, seen=self.seen + fresh)

    def with_item(self, item: Item) -> "Work":
        """Return the work with this item in the place of the one of its id."""
        items = [item if one.id == item.id else one for one in self.agenda.items]
        return self.with_agenda(self.agenda.model_copy(update={"items": items}))


def start(agenda: Agenda) -> Work:
    """Return an agenda as work on which nothing was done."""
    return Work(agenda, frozenset(), {item.id: item.minutes for item in agenda.items},
                tuple(agenda.items))


def apply_operation(work: Work, op: Operation, desk: Desk) -> Work:
    """Return the work after one operation; minutes are not shared out anew yet.

    Raises:
        InvalidInputError: Names the field of the operation and the mend.
    """
    match op:
        case Retime():
            item = _free(work.agenda, op.item)
            done = work.with_item(item.model_copy(update={"minutes": op.minutes}))
            return replace(done, pinned=work.pinned | {item.id})
        case Move():
            return _moved(work, op)
        case Rename():
            _read(desk, {"title": [op.title]})
            item = _free(work.agenda, op.item).model_copy(update={"title": op.title})
            return work.with_item(_said_once(item, "title"))
        case ReplacePrompts():
            _read(desk, {"prompts": op.prompts})
            own = _own_questions(_free(work.agenda, op.item))
            item = own.model_copy(update={"prompts": op.prompts})
            return work.with_item(_said_once(item, "prompts"))
        case Remove():
            gone = _free(work.agenda, op.item)
            if len(work.agenda.items) == 1:
                raise InvalidInputError.of(
                    "this is the only item left; add another one first", field="item")
            return work.with_agenda(without_item(work.agenda, gone, desk.catalogue, _words(desk)))
        case Add():
            return _added(work, op, desk)
        case Lock() | Unlock():
            item = _named(work.agenda, op.item)
            return work.with_item(item.model_copy(update={"locked": op.op == "lock"}))
        case Regenerate():
            return _regenerated(work, op, desk)


def _moved(work: Work, op: Move) -> Work:
    item = _free(work.agenda, op.item)
    others = [one for one in work.agenda.items if one.id != item.id]
    at = _place(op, others, work.agenda, item.id)
    items = [*others[:at], item, *others[at:]]
    return work.with_agenda(work.agenda.model_copy(update={"items": items}))


def _place(op: Move | Add, others: Sequence[Item], agenda: Agenda, own: str | None) -> int:
    """Return the index among the others at which an item goes in; before the last by default."""
    if op.to is not None:
        if op.to > len(others) + 1:
            raise InvalidInputError.of(
                f"place {op.to} is past the end; 1 to {len(others) + 1} are there", field="to")
        return op.to - 1
    anchor, field = (op.before, "before") if op.before is not None else (op.after, "after")
    if anchor is None:
        return max(len(others) - 1, 0)
    if anchor == own:
        raise InvalidInputError.of("an item cannot go next to itself; name another", field=field)
    at = others.index(_named(agenda, anchor, field))
    return at if op.before is not None else at + 1


def _added(work: Work, op: Add, desk: Desk) -> Work:
    agenda = work.agenda
    taken = {item.id for item in (*agenda.items, *work.seen)}
    key = op.item or next(f"i{n}" for n in range(1, 1000) if f"i{n}" not in taken)
    if key in taken:
        raise InvalidInputError.of(
            f"{key!r} is or was another item of this agenda; leave it out, or give a new id",
            field="item")
    at = _place(op, agenda.items, agenda, None)
    if op.activity is None:
        item = _own_item(op, key, agenda, desk)
        added = _inserted(agenda, item, at)
    else:
        activity = _activity_of(op.activity, agenda, desk)
        minutes = activity.minutes.ideal if op.minutes is None else op.minutes
        item = _library_item(activity, key, minutes, agenda, desk)
        added = _inserted(agenda, item, at)
        if desk.context is not None:
            added = add_activity(added, key, activity, desk.context.brief, desk.catalogue)
    pinned = work.pinned | ({key} if op.minutes is not None else set())
    return replace(work.with_agenda(added), pinned=pinned,
                   fitted={**work.fitted, key: item.minutes})


def _inserted(agenda: Agenda, item: Item, at: int) -> Agenda:
    return agenda.model_copy(update={"items": [*agenda.items[:at], item, *agenda.items[at:]]})


def _own_item(op: Add, key: str, agenda: Agenda, desk: Desk) -> Item:
    assert op.kind is not None
    assert op.title is not None
    assert op.minutes is not None
    if op.lead in ("mentor", "mentee") and any(item.lead == "peer" for item in agenda.items):
        raise InvalidInputError.of(
            f"nobody here is called {op.lead}; write peer or all", field="lead")
    _read(desk, {"title": [op.title], "prompts": op.prompts, "steps": op.steps})
    return _said_once(Item(
        id=key, kind=op.kind, title=op.title, minutes=op.minutes, lead=op.lead or "all",
        prompts=op.prompts, steps=fit_steps(op.steps, op.minutes, op.minutes),
        because=[Reason(source="stage", id=agenda.session.type)],
    ), "prompts")


def _activity_of(name: str, agenda: Agenda, desk: Desk) -> Activity:
    """Return the activity that is to be added, once it can be."""
    activities = desk.catalogue.library.activities
    if name not in activities:
        raise InvalidInputError.of(
            f"{name!r} is no activity of the library{nearest(name, list(activities))}",
            field="activity")
    standing = next((item for item in agenda.items if item.activity == name), None)
    if standing is not None:
        raise InvalidInputError.of(
            f"{name!r} stands in {standing.id} already; add another, or move that one",
            field="activity")
    activity = activities[name]
    if desk.context is None:
        if activity.needs:
            raise InvalidInputError.of(
                f"{name!r} speaks of {_slots(activity.needs)}, which only the case holds; "
                "give the case too (--case)", field="activity")
        return activity
    missing = activity.needs - filled_slots(desk.context.brief)
    if missing:
        raise InvalidInputError.of(
            f"{name!r} speaks of {_slots(missing)}, which this case does not hold; add another",
            field="activity")
    if "talking_point" in activity.needs and not _waiting(agenda, desk.context):
        raise InvalidInputError.of(
            f"{name!r} turns on a talking point, and each of them has its place; remove the "
            "item that holds one first, or add another activity", field="activity")
    return activity


def _waiting(agenda: Agenda, context: Context) -> bool:
    quoted = {point.id for point in context.brief.talking_points if point.quote is not None}
    return any(place.item is None and place.id in quoted for place in agenda.talking_points)


def _slots(slots: frozenset[str]) -> str:
    return ", ".join(f"${slot}" for slot in sorted(slots))


def _library_item(
    activity: Activity, key: str, minutes: int, agenda: Agenda, desk: Desk
) -> Item:
    """Return an activity as an item in the library's own words."""
    text = activity.text[desk.language]
    return Item(
        id=key, kind=activity.kind, title=text.title, minutes=minutes,
        lead=_lead(activity, agenda), prompts=text.prompts[: room_for(minutes)],
        steps=fit_steps(text.steps, minutes, activity.minutes.ideal),
        because=[Reason(source="activity", id=activity.id)], activity=activity.id)


def _lead(activity: Activity, agenda: Agenda) -> Lead:
    if activity.lead == "all" or not between_peers(agenda):
        return activity.lead
    return "peer" if activity.lead == "mentee" else "all"


def _regenerated(work: Work, op: Regenerate, desk: Desk) -> Work:
    if op.item is None:
        ids = [item.id for item in work.agenda.items if not item.locked and item.pulse is None]
        if not ids:
            raise InvalidInputError.of("every item is locked; unlock those that may change")
    else:
        ids = [_own_questions(_free(work.agenda, op.item)).id]
    if desk.context is None:
        raise InvalidInputError.of(
            "choosing another activity needs the case, its goals and words; give it too (--case)",
            field="op")
    written = regenerate_items(
        work.agenda, ids, desk.context.brief, desk.catalogue, work.pinned)
    if written is None:
        raise InvalidInputError.of(
            f"the library has nothing else for {', '.join(ids)} in this session; rename it and "
            "replace its prompts, or add another item and remove it", field="item")
    provenance = work.agenda.provenance
    aside = [one for one in provenance.set_aside if one not in written.set_aside]
    agenda = written.agenda.model_copy(update={"provenance": provenance.model_copy(update={
        "set_aside": [*aside, *written.set_aside][-REMEMBERED:]})})
    changed = {item.id: item.minutes for item in agenda.items if item.id in written.items}
    return replace(work.with_agenda(agenda), fitted={**work.fitted, **changed})


def _free(agenda: Agenda, key: str) -> Item:
    """Return the item of this id, which may be changed."""
    item = _named(agenda, key)
    if item.locked:
        raise InvalidInputError.of(f"{key} is locked; unlock it first", field="item")
    return item


def _own_questions(item: Item) -> Item:
    """Return the item, once its questions are not those that everybody is asked."""
    if item.pulse is not None:
        raise InvalidInputError.of(
            f"{item.id} asks what the programme asks everybody at this milestone; leave its "
            "questions as they are, or remove it", field="item")
    return item


def _named(agenda: Agenda, key: str, field: str = "item") -> Item:
    for item in agenda.items:
        if item.id == key:
            return item
    raise InvalidInputError.of(
        f"{key!r} is no item of this agenda; it has "
        f"{', '.join(item.id for item in agenda.items)}", field=field)


def _read(desk: Desk, written: Mapping[str, Sequence[str]]) -> None:
    for field, lines in written.items():
        for at, line in enumerate(lines):
            fault = desk.reader.fault_in(line)
            if fault is not None:
                raise InvalidInputError.of(
                    fault, field=field if field == "title" else f"{field}[{at}]")


def _said_once(item: Item, field: str) -> Item:
    lines = [" ".join(plain(line).split()) for line in (item.title, *item.prompts, *item.steps)]
    double = next((line for line in lines if lines.count(line) > 1), None)
    if double is not None:
        raise InvalidInputError.of(
            f"{item.id} would say {double!r} twice; keep one", field=field)
    return item


def _words(desk: Desk) -> dict[str, str]:
    """Return the words of the talking points, where the case is known."""
    if desk.context is None:
        return {}
    return {point.id: desk.phrases.inside(point.quote)
            for point in desk.context.brief.talking_points if point.quote is not None}
