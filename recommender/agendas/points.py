"""Where each talking point goes: into the item it fits best, or deferred with a reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recommender.agendas.brief import Brief, Words
from recommender.agendas.candidates import is_general
from recommender.agendas.selection import Choice
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity
from recommender.domain.agenda import TalkingPointPlace
from recommender.domain.base import Kind
from recommender.domain.phrases import Phrases
from recommender.privacy import plain
from recommender.retrieval.encoder import Floats

ROOM_FOR_TWO = 18
"""Minutes from which an item can hold a second talking point."""
LEADING = 1.0
"""How much better a point fits the item that the session turns on: it has the time."""
METHOD_LEADS = 4.0
"""The same where it is a method, which works on whatever was brought."""
ABOUT_THE_MEETING = 2
"""Points about the meeting itself that one short item can hold."""
HOW_WE_WORK: tuple[Kind, ...] = ("agreement", "check_in", "welcome")
"""Kinds that hold what somebody asks about the meeting itself, the likeliest first."""


@dataclass
class Draft:
    """An item in the making: its talking points, and the one its own texts speak of."""

    activity: Activity
    minutes: int
    points: list[Words] = field(default_factory=list)
    spoken: str | None = None


def place_points(
    brief: Brief, choice: Choice, drafts: Sequence[Draft], catalogue: Catalogue
) -> dict[str, int]:
    """Put talking points into the drafts and return the position of each that has found one.

    An activity that speaks of a talking point gets the one that fits it best; a point about
    the meeting itself goes where that is agreed on; the others where they fit best, as long
    as there is room.
    """
    points = [point for point in brief.talking_points if point.id not in brief.needs_person]
    phrases = catalogue.library.phrases[brief.language]
    nearness = _nearness(points, drafts, brief, catalogue)

    def fit(at: int, point: Words) -> float:
        own = float(nearness[points.index(point), at])
        if at != choice.principal:
            return own
        return own + (METHOD_LEADS if is_general(drafts[at].activity) else LEADING)

    placed: dict[str, int] = {}
    for at in choice.mains:
        if "talking_point" in drafts[at].activity.needs:
            able = [one for one in points if one.quote is not None and one.id not in placed]
            best = max(able, key=lambda one: (fit(at, one), -points.index(one)))
            placed[best.id] = at
            drafts[at].spoken = best.quote
    host = next((at for kind in HOW_WE_WORK for at, draft in enumerate(drafts)
                 if draft.activity.kind == kind), None)
    if host is not None:
        asked = [point for point in points if about_the_meeting(point, phrases)]
        placed |= {point.id: host for point in asked[:ABOUT_THE_MEETING]
                   if point.id not in placed}
    room = {at: room_of(drafts[at].minutes)
            - sum(place == at for place in placed.values()) for at in choice.mains}
    pairs = sorted((-fit(at, point), position, at)
                   for position, point in enumerate(points) for at in room)
    for _, position, at in pairs:
        if points[position].id not in placed and room[at] > 0:
            placed[points[position].id] = at
            room[at] -= 1
    for point in points:
        if point.id in placed:
            own = drafts[placed[point.id]]
            own.points.insert(0 if point.quote == own.spoken else len(own.points), point)
    return placed


def about_the_meeting(point: Words, phrases: Phrases) -> bool:
    """Return whether somebody asks about the meeting itself: its order, who hears of it."""
    return re.search("|".join(phrases.about_the_meeting), plain(point.text)) is not None


def room_of(minutes: int) -> int:
    """Return how many talking points an item of so many minutes can hold."""
    return 2 if minutes >= ROOM_FOR_TWO else 1


def places_of(
    brief: Brief, placed: Mapping[str, str], phrases: Phrases
) -> list[TalkingPointPlace]:
    """Return every talking point with its item, or with why it has none.

    Args:
        placed: Ids of items by those of talking points.
    """
    found = []
    for point in brief.talking_points:
        if point.id in placed:
            found.append(TalkingPointPlace(id=point.id, item=placed[point.id]))
        else:
            found.append(TalkingPointPlace(id=point.id, deferred=_why(point, brief, phrases)))
    return found


def _why(point: Words, brief: Brief, phrases: Phrases) -> str:
    if point.id in brief.needs_person:
        return phrases.deferred_person
    if brief.arc.of == brief.arc.number:
        return phrases.deferred_last
    return phrases.deferred_time.format(minutes=brief.minutes)


def _nearness(
    points: Sequence[Words], drafts: Sequence[Draft], brief: Brief, catalogue: Catalogue
) -> Floats:
    """Return how much the words of each point speak for each draft's activity, as z-scores."""
    index = catalogue.activities(brief.language)
    rows = {document.id: row for row, document in enumerate(index.documents)}
    return index.lexical([point.text for point in points], index.everything)[
        :, [rows[draft.activity.id] for draft in drafts]]
