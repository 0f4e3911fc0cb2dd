"""Other activities in an agenda that stands: chosen and worded as the composer does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.agendas.brief import Brief
from recommender.agendas.candidates import MAINS, REVIEWING
from recommender.agendas.carry import hold_actions, place_anew
from recommender.agendas.compose import Composer
from recommender.agendas.follow import principal_of
from recommender.agendas.needs import needs_of
from recommender.agendas.points import place_points
from recommender.agendas.selection import Choice, Others, choose_others, span_of
from recommender.agendas.timebox import split_minutes
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING, Activity, ActivityText, Minutes
from recommender.domain.agenda import Agenda, Item, TalkingPointPlace
from recommender.domain.base import LANGUAGES, Kind


@dataclass(frozen=True)
class Written:
    """An agenda with other activities in some of its items, and those that gave way to them."""

    agenda: Agenda
    items: list[str]
    set_aside: list[str]


def regenerate_items(
    agenda: Agenda, ids: Sequence[str], brief: Brief, catalogue: Catalogue,
    pinned: Collection[str],
) -> Written | None:
    """Return the agenda with other activities in these items, as many as the library has.

    The items keep their ids and, together, their minutes. Neither the activities that stand in
    the agenda nor, as long as there are others, those that gave way before are chosen.

    Args:
        ids: Of items that are not locked.
        pinned: Ids of the items that keep their very minutes.

    Returns:
        Null when the library has nothing else for any of the items.
    """
    kinds = MAINS[brief.arc.type]
    main = [item for item in agenda.items[:-1] if item.kind in kinds]
    places = [item for item in agenda.items if item.id in ids]
    own = [item for item in places if item in main]
    frame = [item for item in places if item not in main]
    library = catalogue.library.activities
    standing = {item.activity for item in agenda.items if item.activity is not None}
    kept = [library[item.activity] for item in main
            if item.id not in ids and item.activity in library]
    movable = tuple(point for point in brief.talking_points for place in agenda.talking_points
                    if place.id == point.id and place.item in ids)
    narrow = replace(brief, talking_points=movable, used_activities=(
        brief.used_activities | dict.fromkeys(standing, brief.arc.number)))

    def choose(shunned: Collection[str]) -> Others:
        return choose_others(
            narrow, needs_of(brief, catalogue), catalogue, count=len(own), kept=kept,
            frame=[REVIEWING if item.kind in REVIEWING else (item.kind,) for item in frame],
            shunned=shunned, minutes=sum(item.minutes for item in own))

    others = choose(standing | set(agenda.provenance.set_aside))
    if (own and not others.mains) or None in others.frame:
        others = choose(standing)
    chosen: dict[str, Activity] = dict(zip(
        (item.id for item in own), others.mains, strict=False))
    chosen |= {item.id: one for item, one in zip(frame, others.frame, strict=True)
               if one is not None}
    if not chosen:
        return None
    if len(chosen) < len(places):  # what stays keeps its talking points
        return regenerate_items(agenda, list(chosen), brief, catalogue, pinned)
    principal = principal_of(agenda, catalogue.library)
    written = _write(agenda, chosen, others, narrow, brief, catalogue, pinned,
                     None if principal is None or principal.id in chosen else principal)
    return Written(written, list(chosen), [item.activity for item in places
                             if item.id in chosen and item.activity is not None])


def add_activity(
    agenda: Agenda, key: str, activity: Activity, brief: Brief, catalogue: Catalogue
) -> Agenda:
    """Return the agenda with an item of it, of this activity, in the pair's own words.

    An activity that turns on a talking point takes the first that waits.
    """
    waiting = {place.id for place in agenda.talking_points if place.item is None}
    points = [point for point in brief.talking_points
              if point.id in waiting and point.quote is not None]
    narrow = replace(brief, talking_points=tuple(
        points[:1] if "talking_point" in activity.needs else ()))
    others = choose_others(
        narrow, needs_of(brief, catalogue), catalogue, count=0, frame=[], kept=[activity],
        shunned=(), minutes=0)
    rest = agenda.model_copy(update={
        "items": [item for item in agenda.items if item.id != key]})
    principal = principal_of(rest, catalogue.library) or rest.items[-1]
    return _write(agenda, {key: activity}, others, narrow, brief, catalogue, {key}, principal)


def _write(
    agenda: Agenda, chosen: Mapping[str, Activity], others: Others, narrow: Brief, brief: Brief,
    catalogue: Catalogue, pinned: Collection[str], principal: Item | None,
) -> Agenda:
    """Return the agenda with the chosen activities worded in it.

    Args:
        principal: The item that the session goes on turning on; null when that is to be told
            anew, with its purpose.
    """
    library, phrases = catalogue.library.activities, catalogue.library.phrases[brief.language]
    activities = [chosen.get(item.id) or library.get(item.activity or "") or _blank(item, brief)
                  for item in agenda.items]
    none = np.zeros(others.weights.shape, dtype=np.float32)
    fit = np.vstack([others.fit.get(one.id, none) for one in activities])
    kinds, reviews = MAINS[brief.arc.type], REVIEWING if brief.arc.type == "closing" else ()
    mains = [at for at, one in enumerate(activities[:-1]) if one.kind in kinds] or [
        at for at, one in enumerate(activities) if one.kind in CARRYING] or [0]
    leading = [at for at, one in enumerate(activities)
               if one.kind in reviews and agenda.items[at].pulse is None] or mains
    able = [at for at in leading if activities[at].id != agenda.items[at].id] or leading
    turns = (max(able, key=lambda at: (float(fit[at] @ others.weights), -at))
             if principal is None else agenda.items.index(principal))
    choice = Choice(tuple(activities), tuple(mains), fit, turns)
    minutes = _minutes(agenda, chosen, pinned, agenda.items[turns].id)
    composer = Composer(brief, catalogue, needs_of(brief, catalogue), choice, minutes)
    _remember(composer, [item for item in agenda.items if item.id not in chosen], agenda)
    new = [at for at, item in enumerate(agenda.items) if item.id in chosen]
    part = Choice(tuple(activities[at] for at in new),
                  tuple(place for place, at in enumerate(new) if at in mains), fit[new],
                  new.index(turns) if turns in new else -1)
    placed = place_points(narrow, part, [composer.drafts[at] for at in new], catalogue)
    items = list(agenda.items)
    for at in new:
        old, item = items[at], composer.item(at, [])
        orphans = [one for one in old.because
                   if one.source == "action" and one not in item.because]
        items[at] = item.model_copy(update={"id": old.id})
        if orphans:
            items[at] = hold_actions(items[at], old, orphans, phrases)
    moved = {point: items[new[place]].id for point, place in placed.items()}
    places = [TalkingPointPlace(id=place.id, item=moved[place.id]) if place.id in moved else place
              for place in agenda.talking_points]
    update: dict[str, object] = {"items": items, "talking_points": places}
    if principal is None:
        update |= {"purpose": composer.purpose(), "success_test": composer.success()}
    words = {point.id: phrases.inside(point.quote) for point in narrow.talking_points
             if point.quote is not None}
    return place_anew(agenda.model_copy(update=update),
                      [point.id for point in narrow.talking_points if point.id not in moved],
                      words, catalogue)


def _minutes(
    agenda: Agenda, chosen: Mapping[str, Activity], pinned: Collection[str], principal: str
) -> list[int]:
    """Return everybody's minutes: what the new items take away from one another stays theirs."""
    free = [item for item in agenda.items if item.id in chosen and item.id not in pinned]
    if not free:
        return [item.minutes for item in agenda.items]
    split = split_minutes(sum(item.minutes for item in free), [
        span_of(chosen[item.id], principal=item.id == principal) for item in free])
    own = dict(zip((item.id for item in free), split, strict=True))
    return [own.get(item.id, item.minutes) for item in agenda.items]


def _remember(composer: Composer, kept: Sequence[Item], agenda: Agenda) -> None:
    """Tell the composer what is said already, so that nothing is quoted or asked twice."""
    brief, inside = composer.brief, composer.phrases.inside
    ready = agenda.preparation
    said = "\n".join([*(line for item in kept for line in (*item.prompts, *item.steps)),
                      *ready.mentee, *ready.mentor, *ready.all])
    for slot, words in (("note", brief.notes), ("goal", brief.goals),
                        ("offer", brief.offers), ("skill", brief.skills)):
        composer.wording.spent.update(f"{slot}:{one.id}" for one in words
                              if one.quote is not None and inside(one.quote) in said)
    composer.wording.asked.update(
        one for one in composer.matter.questions if one in said)


def _blank(item: Item, brief: Brief) -> Activity:
    """Return what stands for an item that is no activity of the library: its kind alone."""
    text = ActivityText(title="-", purpose="-", success="-", prompts=["-", "-"])
    kind: Kind = item.kind
    return Activity(id=item.id, kind=kind, session_types=[brief.arc.type],
                    relations=[brief.relation], minutes=Minutes(min=3, ideal=10, max=90),
                    lead="all", text=dict.fromkeys(LANGUAGES, text))
