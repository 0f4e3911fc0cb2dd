"""What an item carried goes on when the item leaves: open actions and talking points."""

import json
from collections.abc import Mapping, Sequence

from recommender.agendas.candidates import MAINS
from recommender.agendas.points import ROOM_FOR_TWO
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING
from recommender.domain.agenda import (
    MAX_PROMPTS,
    MAX_STEPS,
    Agenda,
    Item,
    Reason,
    TalkingPointPlace,
)
from recommender.domain.base import Kind, written_language
from recommender.domain.phrases import Phrases
from recommender.errors import InvalidInputError

QUOTED_ACTIONS = 3
"""Open actions that one line can name."""
_HOSTS: tuple[Kind, ...] = (
    "action_review", "action_planning", "closing", "check_in", "reflection", "goal_setting")
"""Kinds that can look after open actions, the likeliest first."""


def without_item(
    agenda: Agenda, gone: Item, catalogue: Catalogue, words: Mapping[str, str]
) -> Agenda:
    """Return the agenda without an item, whose actions and talking points have gone elsewhere.

    Args:
        words: Of talking points, by id, where the case is known.

    Raises:
        InvalidInputError: The item carries actions, and every other one is locked.
    """
    phrases = catalogue.library.phrases[agenda.language]
    items = [item for item in agenda.items if item.id != gone.id]
    held = {reason.id for item in items for reason in item.because if reason.source == "action"}
    orphans = [reason for reason in gone.because
               if reason.source == "action" and reason.id not in held]
    if orphans:
        host = _host_of_actions(items, gone)
        items = [hold_actions(item, gone, orphans, phrases) if item.id == host.id else item
                 for item in items]
    points = [place.id for place in agenda.talking_points if place.item == gone.id]
    left = agenda.model_copy(update={"items": items})
    return place_anew(left, points, {**words_in(gone, points, left, phrases), **words}, catalogue)


def hold_actions(
    host: Item, gone: Item, orphans: Sequence[Reason], phrases: Phrases
) -> Item:
    """Return the item with the open actions that another one held, said in one of its steps."""
    line = _actions_line(gone, phrases)
    steps = host.steps
    if line not in steps:
        steps = [*steps[: MAX_STEPS - 1], line]
    because = list(dict.fromkeys([*orphans, *host.because]))
    return host.model_copy(update={"steps": steps, "because": because})


def place_anew(
    agenda: Agenda, points: Sequence[str], words: Mapping[str, str], catalogue: Catalogue
) -> Agenda:
    """Return the agenda with these talking points in its items, or put off with a reason.

    A point goes to the unlocked main item that its words speak of most, else to the longest,
    as long as there is room; it is quoted there where its words are known.
    """
    phrases = catalogue.library.phrases[agenda.language]
    places = {place.id: place for place in agenda.talking_points}
    items = {item.id: item for item in agenda.items}
    for point in points:
        mains = [item for item in list(items.values())[:-1]
                 if item.kind in MAINS[agenda.session.type]] or [
            item for item in items.values() if item.kind in CARRYING and item.pulse is None]
        held = [place.item for place in places.values() if place.id not in points
                or place.id in points[: points.index(point)]]
        free = [item for item in mains
                if not item.locked
                and held.count(item.id) < (2 if item.minutes >= ROOM_FOR_TWO else 1)]
        host = _nearest(free, words.get(point), agenda, catalogue)
        if host is None:
            reason = (phrases.deferred_last if agenda.session.of == agenda.session.number
                      else phrases.deferred_removed)
            places[point] = TalkingPointPlace(id=point, deferred=reason)
            continue
        items[host.id] = _with_point(host, point, words.get(point), phrases,
                                     also=host.id in held)
        places[point] = TalkingPointPlace(id=point, item=host.id)
    return agenda.model_copy(update={
        "items": [items[item.id] for item in agenda.items],
        "talking_points": [places[place.id] for place in agenda.talking_points],
    })


def words_in(
    item: Item, points: Sequence[str], rest: Agenda, phrases: Phrases
) -> dict[str, str]:
    """Return the words of an item's talking points, where its questions quote as many as it has.

    What the rest of the agenda quotes too is a goal or an action, since a point is said once,
    but for the purpose that puts it on the table. With more or fewer quotations nobody can tell
    which are whose.
    """
    opening, closing = phrases.quote
    goals = rest.purpose.split(phrases.on_the_table)[0]
    said = rest.model_copy(update={"purpose": goals}).model_dump_json(
        include={"purpose", "items", "preparation"})
    lead = phrases.point_also.split("{")[0]
    taken = phrases.start_from.split("{")[0]
    lines = [line.removeprefix(taken) for line in item.steps[:1] if line.startswith(taken)]
    lines += [line.removeprefix(lead) for line in item.prompts]
    quotes = [line[len(opening): line.index(closing)] for line in lines
              if line.startswith(opening) and closing in line]
    quotes = [quote for quote in quotes if json.dumps(quote, ensure_ascii=False)[1:-1] not in said]
    return dict(zip(points, quotes, strict=True)) if len(quotes) == len(points) else {}


def _host_of_actions(items: Sequence[Item], gone: Item) -> Item:
    free = [item for item in items if not item.locked and item.pulse is None]
    for kind in _HOSTS:
        for item in reversed(free):
            if item.kind == kind:
                return item
    if not free:
        raise InvalidInputError.of(
            f"{gone.id} carries open actions and every other item is locked; "
            "unlock one that can take them", field="item")
    return free[-1]


def _actions_line(gone: Item, phrases: Phrases) -> str:
    """Return one line that names the actions as the item named them."""
    opening, closing = phrases.quote
    lead = phrases.open_in_planning.split("{")[0]
    quotes = []
    for line in gone.steps:
        if line.startswith(lead):
            return line
        if line.startswith(opening) and closing in line:
            quotes.append(line[: line.rindex(closing) + len(closing)])
    if not quotes:
        return phrases.action_line_unquoted
    return phrases.open_in_planning.format(quotes=" · ".join(quotes[:QUOTED_ACTIONS]))


def _nearest(
    free: Sequence[Item], words: str | None, agenda: Agenda, catalogue: Catalogue
) -> Item | None:
    nearness = {item.id: 0.0 for item in free}
    known = [item for item in free if item.activity in catalogue.library.activities]
    if words is not None and known:
        index = catalogue.activities(written_language(agenda.language))
        rows = {document.id: row for row, document in enumerate(index.documents)}
        scores = index.lexical([words], index.everything)[0]
        nearness |= {item.id: float(scores[rows[item.activity or ""]]) for item in known}
    return max(free, key=lambda item: (nearness[item.id], item.minutes), default=None)


def _with_point(
    host: Item, point: str, words: str | None, phrases: Phrases, *, also: bool
) -> Item:
    if words is None:
        line = phrases.point_unquoted
    else:
        asks = words.rstrip(" »”\"").endswith("?")
        phrase = (phrases.point_also if also else
                  phrases.point_question if asks else phrases.point_prompt)
        line = phrase.format(quote=phrases.quoted(words))
    prompts = [*host.prompts[:also], line, *host.prompts[also:]]
    if len(prompts) > MAX_PROMPTS:
        own = [at for at, one in enumerate(prompts)
               if at != int(also) and phrases.quote[0] not in one]
        del prompts[own[-1] if own else -1]
    because = [Reason(source="talking_point", id=point), *host.because]
    return host.model_copy(update={
        "prompts": list(dict.fromkeys(prompts)), "because": list(dict.fromkeys(because))})
