"""From a draft to an agenda: what code mends by itself, and what it takes over."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from recommender.agendas.draft import AgendaDraft, DraftFault, DraftItem, PlanEntry
from recommender.agendas.offer import Offer, OfferedActivity
from recommender.agendas.points import ROOM_FOR_TWO
from recommender.agendas.timebox import Span, fit_steps, split_minutes
from recommender.domain.agenda import (
    MAX_ITEMS,
    MAX_PROMPTS,
    MAX_STEPS,
    Agenda,
    Item,
    Preparation,
    Reason,
    ResourceUse,
    TalkingPointPlace,
)
from recommender.retrieval.lexical import tokenize

MAX_MORE = 1
"""Middle items that a draft may have more than the composed agenda."""


@dataclass(frozen=True)
class Slot:
    """One item of a mended plan; `points` are aliases, `added` those that code put there."""

    offered: OfferedActivity
    minutes: int
    wished: int
    points: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The items of a session in order, with what was mended by name."""

    slots: tuple[Slot, ...]
    repaired: frozenset[str] = frozenset()


@dataclass
class _Mending:
    repaired: set[str] = field(default_factory=set)
    faults: list[DraftFault] = field(default_factory=list)


def mend_plan(entries: Sequence[PlanEntry], offer: Offer) -> Plan | list[DraftFault]:
    """Return the plan with order, minutes and talking points put right, or what code cannot mend.

    An item that the session needs and the draft left out comes back as it was composed.
    """
    work = _Mending()
    known = [entry for entry in entries if entry.activity in offer.activities]
    for entry in entries:
        if entry.activity not in offer.activities:
            work.faults.append(DraftFault(
                "ids", "plan", f"{entry.activity[:40]!r} is no activity that is offered"))
    slots = _in_order(known, offer, work)
    slots = _with_points(slots, entries, offer, work)
    slots = _with_goals(slots, offer, work)
    _check_size(slots, offer, work)
    if work.faults:
        return work.faults
    slots = _timed(slots, offer, work)
    return Plan(tuple(slots), frozenset(work.repaired))


def _in_order(entries: Sequence[PlanEntry], offer: Offer, work: _Mending) -> list[Slot]:
    """Return one slot for each activity: openings, then the middle as drafted, then the ending."""
    first: dict[str, PlanEntry] = {}
    for entry in entries:
        first.setdefault(entry.activity, entry)
    slots = {}
    for alias, entry in first.items():
        offered = offer.activities[alias]
        slots[alias] = Slot(offered, 0, entry.minutes, tuple(dict.fromkeys(entry.points)),
                            (), tuple(dict.fromkeys(entry.goals)))
    for alias, offered in offer.activities.items():
        if offered.required and alias not in slots and offered.composed is not None:
            slots[alias] = Slot(offered, 0, offered.composed.minutes)
    opening = [slots[alias] for alias, one in offer.activities.items()
               if one.place == "opening" and alias in slots]
    ending = [slots[alias] for alias, one in offer.activities.items()
              if one.place == "ending" and alias in slots]
    middle = [slot for slot in slots.values() if slot.offered.place == "middle"]
    ordered = [*opening, *middle, *ending]
    if [slot.offered.alias for slot in ordered] != [entry.activity for entry in entries]:
        work.repaired.add("order")
    return ordered


def _with_points(
    slots: list[Slot], entries: Sequence[PlanEntry], offer: Offer, work: _Mending
) -> list[Slot]:
    """Return the slots with every talking point in one item, as far as there is room."""
    points = {one.alias: one for one in offer.view.points}
    for entry in entries:
        for alias in entry.points:
            if alias not in points:
                work.faults.append(DraftFault("ids", "plan",
                                              f"{alias[:40]!r} is no talking point"))
    taken: set[str] = set()
    kept = []
    for slot in slots:
        own = tuple(one for one in slot.points if one in points and one not in taken)
        if own != slot.points:
            work.repaired.add("talking_points")
        taken.update(own)
        kept.append(replace(slot, points=own))
    composed = {place.id: place.item for place in offer.composed.talking_points}
    for alias, point in points.items():
        if alias in taken or composed.get(point.id) is None:
            continue
        work.repaired.add("talking_points")
        at = _home_of(kept, composed[point.id])
        if at is not None:
            kept[at] = replace(kept[at], points=(*kept[at].points, alias),
                               added=(*kept[at].added, alias))
    return kept


def _home_of(slots: list[Slot], item_id: str | None) -> int | None:
    """Return where a lost talking point goes: the item it was composed into, or one with room."""
    for at, slot in enumerate(slots):
        if slot.offered.composed is not None and slot.offered.composed.id == item_id:
            return at
    room = [at for at, slot in enumerate(slots) if slot.offered.place == "middle"
            and len(slot.points) < (2 if slot.wished >= ROOM_FOR_TWO else 1)]
    return max(room, key=lambda at: (slots[at].wished, -at), default=None)


def _with_goals(slots: list[Slot], offer: Offer, work: _Mending) -> list[Slot]:
    known = {one.alias for one in offer.view.goals}
    for slot in slots:
        for alias in slot.goals:
            if alias not in known:
                work.faults.append(DraftFault("ids", "plan", f"{alias[:40]!r} is no goal"))
    return slots


def _check_size(slots: list[Slot], offer: Offer, work: _Mending) -> None:
    middle = [slot for slot in slots if slot.offered.place == "middle"]
    composed = [one for one in offer.activities.values()
                if one.place == "middle" and one.composed is not None]
    if len(slots) > MAX_ITEMS - (offer.asked is not None) or len(middle) > len(composed) + MAX_MORE:
        work.faults.append(DraftFault("item_count", "plan",
                                      f"{len(slots)} items are too many for these minutes"))
    elif composed and not middle:
        work.faults.append(DraftFault("item_count", "plan",
                                      "nothing stands between opening and ending"))
    least = sum(slot.offered.activity.minutes.min for slot in slots)
    before = sum(one.activity.minutes.min for one in offer.activities.values()
                 if one.composed is not None)
    if least > max(offer.brief.minutes, before):
        work.faults.append(DraftFault(
            "minutes", "plan", f"these activities take at least {least} minutes; leave one out"))


def _timed(slots: list[Slot], offer: Offer, work: _Mending) -> list[Slot]:
    """Return the slots with minutes that sum up, as near as possible to those wished for."""
    spans = []
    for slot in slots:
        own = slot.offered.activity.minutes
        wished = min(max(slot.wished, own.min), own.max)
        spans.append(Span(own.min, wished, own.max))
    minutes = split_minutes(offer.brief.minutes, spans)
    if minutes != [slot.wished for slot in slots]:
        work.repaired.add("minutes")
    return [replace(slot, minutes=each) for slot, each in zip(slots, minutes, strict=True)]


# The words, put into the plan


def item_texts(draft: Sequence[DraftItem], plan: Plan) -> list[DraftFault]:
    """Return which items of a plan a draft has no words for, and which words have no item."""
    wanted = [slot.offered.alias for slot in plan.slots]
    given = [item.activity for item in draft]
    faults = [DraftFault("items", f"items.{alias}", "is in the plan and has no item")
              for alias in wanted if alias not in given
              and not _comes_back(plan, alias)]
    faults += [DraftFault("items", f"items.{alias[:40]}", "is an item and not in the plan")
               for alias in dict.fromkeys(given) if alias not in wanted]
    faults += [DraftFault("items", f"items.{alias[:40]}", "has two items")
               for alias in dict.fromkeys(given) if given.count(alias) > 1]
    return faults


def _comes_back(plan: Plan, alias: str) -> bool:
    slot = next(slot for slot in plan.slots if slot.offered.alias == alias)
    return slot.offered.required and slot.offered.composed is not None


def build_item(at: int, plan: Plan, words: DraftItem | None, offer: Offer) -> tuple[Item, set[str]]:
    """Return one item of an agenda and what was mended in it.

    Args:
        words: Of the draft; null where the item comes back as it was composed.
    """
    slot = plan.slots[at]
    offered, repaired = slot.offered, set[str]()
    if words is None:
        assert offered.composed is not None
        title, prompts = offered.composed.title, list(offered.composed.prompts)
        steps = fit_steps(offered.composed.steps, slot.minutes, offered.composed.minutes)
        repaired.add("items")
    else:
        voice = offer.voice
        title, prompts = voice.retell(words.title), [*map(voice.retell, words.questions)]
        own = [*map(voice.retell, words.steps)]
        prompts = prompts[:voice.most_prompts]
        if (title, prompts, own) != (words.title, words.questions, words.steps):
            repaired.add("style")
        title = title[:1].upper() + title[1:]  # a heading, whatever the model makes of it
        steps = fit_steps(own, slot.minutes, max(slot.wished, 1))
        prompts, more = _asking(prompts, slot, offer)
        if more:
            repaired.add("talking_points")
        steps, more = _carrying(at, plan, [title, *prompts], steps, offer)
        if more:
            repaired.add("actions_carried")
    last = at == len(plan.slots) - 1
    item = Item(
        id=f"i{at + 1 + (last and offer.asked is not None)}", kind=offered.activity.kind,
        title=title, minutes=slot.minutes, lead=offered.lead,
        prompts=prompts[:offer.voice.most_prompts],
        steps=steps[:MAX_STEPS], because=_because(at, plan, offer), activity=offered.activity.id)
    return item, repaired


def with_asked(items: Sequence[Item], offer: Offer) -> list[Item]:
    """Return all items of a session, with the questions of a milestone before the last one."""
    if offer.asked is None:
        return list(items)
    asked = offer.asked.model_copy(update={"id": f"i{len(items)}"})
    return [*items[:-1], asked, *items[-1:]]


def _asking(prompts: list[str], slot: Slot, offer: Offer) -> tuple[list[str], bool]:
    """Return the questions with one for each talking point that they leave out."""
    phrases = offer.phrases
    points = {one.alias: one for one in offer.view.points}
    quotes = {one.id: one.quote for one in offer.brief.talking_points}
    mended = False
    for alias in reversed(slot.points):
        point = points[alias]
        quote = quotes.get(point.id)
        if quote is None or (alias not in slot.added
                             and _speaks_of(prompts, point.text, offer)):
            continue
        asks = quote.rstrip(" »”\"").endswith("?")
        phrase = phrases.point_question if asks else phrases.point_prompt
        asking = phrase.format(quote=phrases.quoted(quote))
        if asking not in prompts:
            prompts = [asking, *prompts[: MAX_PROMPTS - 1]]
            mended = True
    return prompts, mended


def _carrying(
    at: int, plan: Plan, said: list[str], steps: list[str], offer: Offer
) -> tuple[list[str], bool]:
    """Return the steps with a line for each open step from before that the item leaves out.

    Only the item that looks back, or else the last one, carries them.
    """
    if at != _carrier(plan) or not offer.brief.actions:
        return steps, False
    lost = [action for action in offer.brief.actions
            if not _speaks_of([*said, *steps], action.text, offer)]
    lines = list(dict.fromkeys(offer.phrases.line_of(one.quote, one.due) for one in lost))
    room = MAX_STEPS - min(len(steps), 2)
    if len(lines) > room:
        lines = [*lines[: room - 1],
                 offer.phrases.actions_also.format(count=len(lines) - room + 1)]
    kept = [step for step in steps if step not in lines]
    return [*lines, *kept[: MAX_STEPS - len(lines)]], bool(lines)


def _carrier(plan: Plan) -> int:
    kinds = [slot.offered.activity.kind for slot in plan.slots]
    return kinds.index("action_review") if "action_review" in kinds else len(kinds) - 1


def _speaks_of(texts: Sequence[str], what: str, offer: Offer) -> bool:
    """Return whether texts share a word with what somebody wrote; true where it says nothing."""
    own, *others = [set(line) for line in tokenize([what, *texts], offer.brief.language)]
    return not own or any(own & other for other in others)


def _because(at: int, plan: Plan, offer: Offer) -> list[Reason]:
    slot, brief = plan.slots[at], offer.brief
    points = {one.alias: one.id for one in offer.view.points}
    goals = {one.alias: one.id for one in offer.view.goals}
    reasons: list[Reason] = []
    if at == _carrier(plan):
        reasons += [Reason(source="action", id=action.id) for action in brief.actions]
    reasons += [Reason(source="talking_point", id=points[alias]) for alias in slot.points]
    reasons += [Reason(source="goal", id=goals[alias]) for alias in slot.goals]
    if slot.offered.composed is not None:
        reasons += [reason for reason in slot.offered.composed.because
                    if reason.source not in ("action", "talking_point", "goal")
                    or (reason.source == "goal" and not slot.goals)]
    elif not reasons:
        reasons.append(Reason(source="stage", id=brief.arc.type))
    reasons.append(Reason(source="activity", id=slot.offered.activity.id))
    return list(dict.fromkeys(reasons))


def build_agenda(
    draft: AgendaDraft, plan: Plan, items: Sequence[Item], offer: Offer
) -> Agenda:
    """Return the agenda of a draft whose items are built; provenance is still the composed's."""
    composed = offer.composed
    resources = _resources(draft, offer)
    points = {one.alias: one.id for one in offer.view.points}
    where = {points[alias]: items[at].id
             for at, slot in enumerate(plan.slots) for alias in slot.points}
    places = [TalkingPointPlace(id=place.id, item=where[place.id]) if place.id in where
              else _deferred(place, offer)
              for place in composed.talking_points]
    return composed.model_copy(update={
        "purpose": offer.voice.retell(draft.purpose),
        "success_test": offer.voice.retell(draft.success_test), "items": list(items),
        "talking_points": places, "resources": resources,
        "preparation": _preparation(draft, resources, offer),
    })


def _deferred(place: TalkingPointPlace, offer: Offer) -> TalkingPointPlace:
    if place.deferred is not None:
        return place
    phrases, arc = offer.phrases, offer.brief.arc
    reason = (phrases.deferred_last if arc.of == arc.number
              else phrases.deferred_time.format(minutes=offer.composed.session.minutes))
    return TalkingPointPlace(id=place.id, deferred=reason)


def _resources(draft: AgendaDraft, offer: Offer) -> list[ResourceUse]:
    chosen: dict[str, ResourceUse] = {}
    for one in draft.resources:
        offered = offer.resources[one.resource]
        chosen.setdefault(one.resource, offered.use.model_copy(
            update={"use": one.use, "reason": offer.voice.retell(one.reason)}))
    return list(chosen.values())


def resource_faults(draft: AgendaDraft, offer: Offer) -> list[DraftFault]:
    """Return which resources a draft names that are not offered, or not for that moment."""
    faults = []
    for one in draft.resources:
        offered = offer.resources.get(one.resource)
        if offered is None:
            faults.append(DraftFault("ids", "resources",
                                     f"{one.resource[:40]!r} is no resource that is offered"))
        elif one.use not in offered.moments:
            faults.append(DraftFault("ids", "resources",
                                     f"{one.resource} suits {' or '.join(offered.moments)} only"))
    return faults


def _preparation(
    draft: AgendaDraft, resources: Sequence[ResourceUse], offer: Offer
) -> Preparation:
    """Return who gets what ready; what is to be read before is added to the learner's lines."""
    own, phrases = draft.preparation, offer.phrases
    lines = {role: [*map(offer.voice.retell, each)] for role, each in (
        ("mentee", own.mentee), ("mentor", own.mentor), ("all", own.all))}
    if offer.is_joint:
        lines = {"mentee": [], "mentor": [],
                 "all": [*lines["all"], *lines["mentee"], *lines["mentor"]]}
    for use in resources:
        if use.use == "before":
            sure = use.minutes is not None and not use.minutes_estimated
            phrase = phrases.prep_resource_minutes if sure else phrases.prep_resource
            lines["all" if offer.is_joint else "mentee"].append(
                phrase.format(title=use.title, minutes=use.minutes))
    return Preparation(**{role: list(dict.fromkeys(each))[:4] for role, each in lines.items()})
