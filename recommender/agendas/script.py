"""Fixed agendas: what a programme has written, word for word, with what the pair brings."""

from collections.abc import Sequence

from recommender.agendas.assemble import Body, assemble
from recommender.agendas.brief import Brief
from recommender.agendas.candidates import lead_of
from recommender.agendas.continuity import action_lines, action_prompts, still_open
from recommender.agendas.milestones import pulse_item, pulse_lines, pulse_minutes
from recommender.agendas.points import HOW_WE_WORK, about_the_meeting, places_of, room_of
from recommender.agendas.programmes import Script
from recommender.agendas.readings import worded
from recommender.agendas.style import Voice, voice_of
from recommender.agendas.timebox import Span, fit_steps, split_minutes
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING
from recommender.domain.agenda import (
    MAX_ITEMS,
    MAX_PROMPTS,
    MAX_STEPS,
    MIN_ITEM_MINUTES,
    Agenda,
    Item,
    Lead,
    Preparation,
    Reason,
    ResourceUse,
)
from recommender.domain.phrases import Phrases
from recommender.learning.recommend import reason_for

LONGEST = 180
MAX_LINES = 10
"""Lines of preparation that a role may get."""


def play_script(brief: Brief, script: Script, catalogue: Catalogue) -> Agenda:
    """Return the agenda that a programme has written for this session.

    Its words stay as they are. Minutes change in proportion where the session has others. Open
    actions and talking points are added where there is room for them, and so are the questions
    of a milestone.
    """
    voice = voice_of(brief, catalogue)
    asking = _time_to_ask(brief, script)
    items = _timed(script.items, brief.minutes - asking)
    placed = _placed(brief, items, voice.phrases)
    items, left = _with_actions(brief, _with_points(brief, items, placed, voice.phrases),
                                voice.phrases)
    resources = _resources(brief, script, catalogue, voice)
    items = [_finished(item, brief, catalogue) for item in items]
    items = _with_resources(items, resources)
    kind = brief.arc.milestone
    lines = {role: list(getattr(script.preparation, role)) for role in ("mentee", "mentor", "all")}
    lines["all"] += left
    ids = {point: items[at].id for point, at in placed.items()}
    if kind is not None and asking:
        last = items.pop().model_copy(update={"id": f"i{len(items) + 2}"})
        items += [pulse_item(brief, kind, catalogue, voice, asking, f"i{len(items) + 1}"), last]
    elif kind is not None:
        for role, asked in pulse_lines(brief, kind, catalogue, voice).items():
            lines["all" if role == "peer" else role] += asked
    return assemble(brief, catalogue, voice.phrases, Body(
        purpose=script.purpose, success_test=script.success_test, items=items,
        talking_points=places_of(brief, ids, voice.phrases),
        preparation=Preparation(**{role: each[:MAX_LINES] for role, each in lines.items()}),
        resources=resources, generator="programme"))


def _time_to_ask(brief: Brief, script: Script) -> int:
    """Return the minutes for a milestone's questions; 0 where there is none, or no room."""
    if brief.arc.milestone is None or len(script.items) == MAX_ITEMS:
        return 0
    asking = pulse_minutes(brief.minutes)
    return asking if MIN_ITEM_MINUTES * len(script.items) + asking <= brief.minutes else 0


def _timed(items: Sequence[Item], minutes: int) -> list[Item]:
    """Return the items in so many minutes, the steps with theirs; as written, if it is as many."""
    spans = [Span(MIN_ITEM_MINUTES, item.minutes, LONGEST) for item in items]
    return [item.model_copy(update={
        "minutes": own, "steps": fit_steps(item.steps, own, item.minutes)})
        for item, own in zip(items, split_minutes(minutes, spans), strict=True)]


def _placed(brief: Brief, items: Sequence[Item], phrases: Phrases) -> dict[str, int]:
    """Return the position of each talking point that finds room.

    What is about the meeting itself goes where that is agreed on, the rest into the items that
    carry the session, the longest first, then into others; never into the last.
    """
    points = [point for point in brief.talking_points
              if point.id not in brief.needs_person and point.quote is not None]
    room = {at: min(room_of(item.minutes), MAX_PROMPTS - len(item.prompts))
            for at, item in enumerate(items[:-1])}
    order = sorted(room, key=lambda at: (items[at].kind not in CARRYING, -items[at].minutes, at))
    hosts = [at for kind in HOW_WE_WORK for at in room if items[at].kind == kind]
    placed: dict[str, int] = {}
    for point in points:
        first = hosts if about_the_meeting(point, phrases) else []
        at = next((at for at in (*first, *order) if room[at] > 0), None)
        if at is not None:
            placed[point.id] = at
            room[at] -= 1
    return placed


def _with_points(
    brief: Brief, items: Sequence[Item], placed: dict[str, int], phrases: Phrases
) -> list[Item]:
    """Return the items with their talking points after their own questions."""
    changed = list(items)
    for point in brief.talking_points:
        if point.id in placed:
            at = placed[point.id]
            asks = (point.quote or "").rstrip(" »”\"").endswith("?")
            said = (phrases.point_question if asks else phrases.point_prompt).format(
                quote=phrases.quoted(point.quote or ""))
            changed[at] = changed[at].model_copy(update={
                "prompts": [*changed[at].prompts, said],
                "because": [*changed[at].because, Reason(source="talking_point", id=point.id)]})
    return changed


def _with_actions(
    brief: Brief, items: list[Item], phrases: Phrases
) -> tuple[list[Item], list[str]]:
    """Return the items with the open actions in their review, or else in the last one.

    Besides, the lines for which neither steps nor questions of that item have room.
    """
    if not brief.actions:
        return items, []
    at = next((at for at, item in enumerate(items) if item.kind == "action_review"),
              len(items) - 1)
    item = items[at]
    reasons = [Reason(source="action", id=action.id) for action in brief.actions]
    reviews = item.kind == "action_review"
    room = MAX_STEPS - len(item.steps)
    left: list[str] = []
    steps, prompts = item.steps, item.prompts
    if room >= 1 and reviews:
        steps = [*action_lines(brief, room, phrases), *steps]
    elif room >= 1:
        steps = [*steps, *still_open(brief, phrases)]
    elif len(prompts) < MAX_PROMPTS:
        prompts = [*prompts, *still_open(brief, phrases)]
    else:
        left = still_open(brief, phrases)
    if reviews and room >= 1:
        prompts = [*prompts, *action_prompts(brief, phrases)[: MAX_PROMPTS - len(prompts)]]
    items[at] = item.model_copy(update={
        "steps": steps, "prompts": prompts, "because": [*item.because, *reasons]})
    return items, left


def _finished(item: Item, brief: Brief, catalogue: Catalogue) -> Item:
    """Return an item with who opens it here, and with why it is there."""
    reasons = [*item.because, Reason(source="programme", id=brief.programme.id)]
    if brief.arc.theme is not None and item.kind in CARRYING:
        reasons.append(Reason(source="theme", id=brief.arc.theme))
    if item.activity in catalogue.library.activities:
        reasons.append(Reason(source="activity", id=item.activity))
    return item.model_copy(update={"lead": lead_of(item, brief), "because": reasons})


def _resources(
    brief: Brief, script: Script, catalogue: Catalogue, voice: Voice
) -> list[ResourceUse]:
    """Return the resources that the session comes with; none where something needs a person."""
    if brief.hand_off:
        return []
    roles: list[Lead] = [role for role in ("mentee", "peer") if role in brief.learner_roles]
    found = []
    for use in script.resources:
        one = catalogue.library.resources[use.id]
        if one.status == "active":
            reason = reason_for(one, one.topics[0], catalogue, brief.language)
            found.append(worded(ResourceUse.model_validate({
                "id": one.id, "title": one.title, "url": one.url, "minutes": one.minutes,
                "minutes_estimated": one.minutes_estimated, "language": one.language,
                "format": one.format, "use": use.use, "for": roles, "reason": reason,
            }), catalogue, voice))
    return found


def _with_resources(items: list[Item], resources: Sequence[ResourceUse]) -> list[Item]:
    """Return the items, the longest that carries the session with what is used during it."""
    during = [use.id for use in resources if use.use == "during"]
    if not during:
        return items
    at = max(range(len(items)), key=lambda at: (items[at].kind in CARRYING, items[at].minutes, -at))
    items[at] = items[at].model_copy(update={"resources": during})
    return items
