"""Which activities make the session: an exact choice over what serves the needs of this brief."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from recommender.agendas.brief import Brief
from recommender.agendas.timebox import Span
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING, Activity
from recommender.domain.agenda import MAX_ITEMS
from recommender.domain.base import Kind, SessionType, Slot
from recommender.errors import CheckFailedError
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import Mask
from recommender.retrieval.hybrid import Query

SHORTLIST = 14
"""Main activities the exact choice is made from: the best by all needs, and by each of them."""
PER_NEED = 2
FRAME_LIST = 4
"""Openings, agreements, reviews and endings considered."""
SMALL_MEETING = 25
"""Under so many minutes an agenda may have two items, and no opening of its own."""

COVERAGE, AVERAGE, TIME_MISFIT = 1.0, 0.35, 3.0
SAME_TOPIC, EXPLORE_AND_DO, OPTIONAL = 0.6, 0.35, 0.2
FRAME_RELEVANCE, USED_LAST, USED_BEFORE = 0.15, 1.5, 0.5

GENERAL_FIT = 1.2
"""How well an activity for any topic serves any need, in z-scores: better than one that was
written for something else, worse than one that was written for this."""

LIKELY_TOPICS = 6
"""Topics of a need that an activity may be about to count for it."""
UNSURE_FIT = 0.8
"""The most an activity about something else can count for: less than one for any topic."""

EXPLORING: frozenset[Kind] = frozenset({"discussion", "goal_setting", "resource_debrief",
                                        "reflection", "feedback"})
_REVIEWING: tuple[Kind, ...] = ("reflection", "feedback")
_WORK: tuple[Kind, ...] = ("discussion", "exercise", "role_play", "resource_debrief")
_MAINS: dict[SessionType, tuple[Kind, ...]] = {
    "first": ("goal_setting", "discussion", "exercise"),
    "goal_setting": ("goal_setting", *_WORK),
    "working": (*_WORK, "goal_setting", "feedback"),
    "midpoint": (*_WORK, "goal_setting"),
    "reverse": (*_WORK, "feedback"),
    "closing": _WORK,
    "one_off": (*_WORK, "goal_setting"),
}


@dataclass(frozen=True)
class Need:
    """One thing this session should serve, and how much it counts.

    `term` is the vocabulary's own id of a theme or focus area, of which `id` may be an alias.
    """

    source: str
    id: str
    text: str
    weight: float
    term: str | None = None


@dataclass(frozen=True)
class Choice:
    """The activities of a session in order, and why.

    Attributes:
        activities: Opening first, mains in the middle, ending last.
        mains: Positions of the main items in `activities`.
        fit: How well each item serves each need, shape (items, needs).
        principal: Position of the item that the session turns on.
    """

    activities: tuple[Activity, ...]
    mains: tuple[int, ...]
    fit: Floats
    principal: int


def choose_activities(brief: Brief, needs: Sequence[Need], catalogue: Catalogue) -> Choice:
    """Return the best set of activities for the needs inside the minutes.

    Every combination of the shortlisted activities is weighed: for each need the best item
    counts in full, the others a little; time misfit and sameness cost. Ties go to the first
    in id order, so that the same brief gives the same choice.
    """
    index = catalogue.activities(brief.language)
    rows = {document.id: row for row, document in enumerate(index.documents)}
    pool = _Pool(brief, catalogue)
    mains = pool.mains()
    queries = [Query(need.text) for need in needs]
    weights = np.array([need.weight for need in needs], dtype=np.float32)

    def fits(activities: Sequence[Activity]) -> Floats:
        mask: Mask = np.zeros(len(index.documents), dtype=np.bool_)
        places = [rows[activity.id] for activity in activities]
        mask[places] = True
        return index.score(queries, mask).fused[:, places].T

    main_fit = _with_hints(_only_agreed(fits(mains), mains, needs, catalogue), mains, needs)
    listed = _shortlist(main_fit, weights)
    overall = main_fit @ weights
    for topic in _asked_for(brief, needs):
        able = [at for at, one in enumerate(mains) if topic in one.topics]
        listed += sorted(able, key=lambda at: (-float(overall[at]), at))[:PER_NEED]
    listed = sorted(set(listed))
    mains, main_fit = [mains[at] for at in listed], main_fit[listed]
    sets = [
        group
        for count in _counts(brief)
        for group in combinations(range(len(mains)), count)
        if pool.possible([mains[at] for at in group])
    ]
    asked = _asked_for(brief, needs)
    bound = [group for group in sets
             if all(any(topic in mains[at].topics for at in group) for topic in asked)]
    sets = bound or sets
    if not sets:
        raise CheckFailedError(f"no main activity fits a {brief.arc.type} session of this brief")
    values = np.array([_value(group, mains, main_fit, weights) for group in sets])
    times = np.array([_times([mains[at] for at in group]) for group in sets])

    parts = pool.frame_parts()
    frame_fits = [fits(part.activities) for part in parts]
    options = [_frame_options(part, fit @ weights, brief)
               for part, fit in zip(parts, frame_fits, strict=True)]
    frames = list(product(*options))
    frame_values = np.array([sum(option.value for option in frame) for frame in frames])
    frame_times = np.array([
        _times([option.activity for option in frame if option.activity is not None])
        for frame in frames
    ])
    frame_sizes = np.array([sum(option.activity is not None for option in frame)
                            for frame in frames])

    total = values[:, None] + frame_values[None, :]
    time = times[:, None, :] + frame_times[None, :, :]
    low, ideal, high = time[..., 0], time[..., 1], time[..., 2]
    total = total - TIME_MISFIT * np.abs(ideal - brief.minutes) / brief.minutes
    total = total - TIME_MISFIT * np.maximum(brief.minutes - high, 0) / brief.minutes
    sizes = np.array([len(group) for group in sets])[:, None] + frame_sizes[None, :]
    smallest = 2 if brief.minutes < SMALL_MEETING else 3
    allowed = (sizes <= MAX_ITEMS) & (sizes >= smallest)
    if (allowed & (low <= brief.minutes)).any():
        allowed &= low <= brief.minutes
    total = np.where(allowed, total, -np.inf)
    if not np.isfinite(total).any():
        raise CheckFailedError(
            f"no plan fits {brief.minutes} minutes of a {brief.arc.type} session")
    best_set, best_frame = np.unravel_index(int(np.argmax(total)), total.shape)
    chosen = [mains[at] for at in sets[best_set]]
    chosen_fit = {mains[at].id: main_fit[at] for at in sets[best_set]}
    return _ordered(brief, chosen, chosen_fit, frames[best_frame], weights, needs)


def is_general(activity: Activity) -> bool:
    """Return whether an activity suits any topic, so that the topic's words must join it."""
    return not activity.focus_areas and (
        not activity.topics or activity.kind in ("goal_setting", "reflection", "feedback"))


def span_of(activity: Activity, *, principal: bool) -> Span:
    """Return an activity's span; the main item of a session gets the best time."""
    minutes = activity.minutes
    ideal = min(round(minutes.ideal * 1.15), minutes.max) if principal else minutes.ideal
    return Span(minutes.min, ideal, minutes.max)


@dataclass(frozen=True)
class _Part:
    """A place in the frame of a session: its candidates, and whether it may stay empty."""

    place: str
    activities: tuple[Activity, ...]
    optional: bool


@dataclass(frozen=True)
class _Option:
    place: str
    activity: Activity | None
    value: float


class _Pool:
    """The activities that are eligible for a brief, part by part."""

    def __init__(self, brief: Brief, catalogue: Catalogue) -> None:
        self._brief = brief
        self._points = sum(words.quote is not None for words in brief.talking_points)
        self._filled = filled_slots(brief)
        self._eligible = [activity for activity in catalogue.library.activities.values()
                          if self._fits(activity)]

    def mains(self) -> list[Activity]:
        """Return main activities not done before; done ones only where nothing else is left."""
        kinds = _MAINS[self._brief.arc.type]
        every = [one for one in self._eligible if one.kind in kinds]
        fresh = [one for one in every if one.id not in self._brief.used_activities]
        return fresh or every

    def frame_parts(self) -> list[_Part]:
        """Return what stands around the mains, in the order of the session."""
        brief = self._brief
        small = brief.minutes < SMALL_MEETING
        kind = brief.arc.type
        parts = []
        if kind in ("first", "one_off"):
            parts.append(self._part("opening", ("welcome",), optional=small))
        else:
            opening: tuple[Kind, ...] = ("action_review",) if brief.actions else ("check_in",)
            parts.append(self._part("opening", opening,
                                    optional=small or (kind == "closing" and not brief.actions)))
        if kind == "first":
            parts.append(self._part("agreement", ("agreement",), optional=small))
        if kind in ("midpoint", "closing"):
            parts.append(self._part("review", _REVIEWING, optional=kind == "midpoint" and small))
        if kind in ("working", "reverse") and brief.minutes >= 60:
            parts.append(self._part("afterwards", ("reflection",), optional=True))
        ending: tuple[Kind, ...] = (
            ("closing",) if kind in ("closing", "one_off") else ("action_planning",)
        )
        parts.append(self._part("ending", ending, optional=False))
        return parts

    def possible(self, activities: Sequence[Activity]) -> bool:
        """Return whether a set has no more talking-point items than there are talking points."""
        return sum("talking_point" in one.needs for one in activities) <= self._points

    def _part(self, place: str, kinds: tuple[Kind, ...], *, optional: bool) -> _Part:
        found = tuple(one for one in self._eligible
                      if one.kind in kinds and "talking_point" not in one.needs)
        if not found and not optional:
            raise CheckFailedError(
                f"the library has no {' or '.join(kinds)} for a {self._brief.arc.type} session "
                f"of relation {self._brief.relation}"
            )
        return _Part(place, found, optional)

    def _fits(self, activity: Activity) -> bool:
        brief = self._brief
        return (
            brief.relation in activity.relations
            and brief.arc.type in activity.session_types
            and (not activity.stages or brief.arc.stage in activity.stages)
            and (not activity.intakes or brief.programme.intake in activity.intakes)
            and activity.needs <= self._filled
        )


def filled_slots(brief: Brief) -> frozenset[Slot]:
    """Return the slots for which this brief has words to quote."""
    slots: dict[Slot, bool] = {
        "goal": any(words.quote for words in brief.goals),
        "focus_area": brief.focus_area is not None,
        "theme": brief.arc.theme is not None,
        "talking_point": any(words.quote for words in brief.talking_points),
        "action": any(action.quote for action in brief.actions),
        "note": bool(brief.notes),
        "skill": any(words.quote for words in brief.skills),
        "offer": any(words.quote for words in brief.offers),
    }
    return frozenset(slot for slot, filled in slots.items() if filled)


def _counts(brief: Brief) -> range:
    """Return how many main items fit: one thing gets the best time, long sessions hold more."""
    minutes = brief.minutes
    if brief.arc.type == "closing":
        return range(0 if minutes < 35 else 1, 2 if minutes < 75 else 3)
    review = brief.arc.type == "midpoint"
    if minutes < 35:
        return range(0 if review and minutes >= SMALL_MEETING else 1, 2)
    if minutes < 45:
        return range(1, 2 if review else 3)
    if minutes < 75:
        return range(1, 3)
    if minutes < 105:
        return range(2, 4)
    return range(2, 5)


def _only_agreed(
    fit: Floats, mains: Sequence[Activity], needs: Sequence[Need], catalogue: Catalogue
) -> Floats:
    """Return the fit, held down where words agree by accident and topics do not.

    An activity written for one situation does harm in another, so it counts for a need only
    if one of its first two topics is among the likeliest of that need.
    """
    fit = fit.copy()
    chances = catalogue.bridge.topic_scores([need.text for need in needs])
    for column in range(len(needs)):
        likely = set(np.argsort(-chances[column], kind="stable")[:LIKELY_TOPICS].tolist())
        topics = {catalogue.bridge.topic_ids[at] for at in likely}
        for row, activity in enumerate(mains):
            if activity.topics and not topics.intersection(activity.topics[:2]):
                fit[row, column] = min(fit[row, column], UNSURE_FIT)
    return fit


def _asked_for(brief: Brief, needs: Sequence[Need]) -> list[str]:
    """Return the topics of which a session must hold one main item, where the library has any."""
    asked = [need.term for need in needs if need.source == "theme" and need.term is not None]
    if brief.arc.type == "reverse" and brief.relation != "peer":
        asked.append("reverse-mentoring")
    return asked


def _with_hints(fit: Floats, mains: Sequence[Activity], needs: Sequence[Need]) -> Floats:
    """Return the fit with what the tags say: the very theme or focus area, or any topic at all."""
    fit = fit.copy()
    for row, activity in enumerate(mains):
        if is_general(activity):
            fit[row] = np.maximum(fit[row], GENERAL_FIT)
    for column, need in enumerate(needs):
        for row, activity in enumerate(mains):
            if need.source == "theme" and need.term in activity.topics:
                fit[row, column] += 3.0 if activity.topics[0] == need.term else 2.0
            elif need.source == "focus_area" and need.id in activity.focus_areas:
                fit[row, column] += 0.7
    return fit


def _shortlist(fit: Floats, weights: Floats) -> list[int]:
    overall = fit @ weights
    rows = np.arange(len(fit))
    listed = {int(row) for row in np.lexsort((rows, -overall))[: SHORTLIST - 2]}
    for column in np.argsort(-weights, kind="stable")[: SHORTLIST]:
        if len(listed) >= SHORTLIST + 4:
            break
        listed.update(int(row) for row in np.lexsort((rows, -fit[:, column]))[:PER_NEED])
    return sorted(listed)


def _value(
    group: tuple[int, ...], mains: Sequence[Activity], fit: Floats, weights: Floats
) -> float:
    if not group:
        return 0.0
    chosen = fit[list(group)]
    value = COVERAGE * float(chosen.max(axis=0) @ weights)
    value += AVERAGE * float((chosen @ weights).mean())
    topics = [mains[at].topics[0] for at in group if mains[at].topics]
    value -= SAME_TOPIC * (len(topics) - len(set(topics)))
    kinds = {mains[at].kind for at in group}
    value -= SAME_TOPIC / 2 * (len(group) - len(kinds))
    if kinds & EXPLORING and kinds - EXPLORING:
        value += EXPLORE_AND_DO
    return value


def _times(activities: Sequence[Activity]) -> tuple[int, int, int]:
    return (
        sum(one.minutes.min for one in activities),
        sum(one.minutes.ideal for one in activities),
        sum(one.minutes.max for one in activities),
    )


def _frame_options(part: _Part, relevance: Floats, brief: Brief) -> list[_Option]:
    options = []
    last = max(brief.used_activities.values(), default=0)
    for activity, fit in zip(part.activities, relevance, strict=True):
        value = FRAME_RELEVANCE * float(fit)
        used = brief.used_activities.get(activity.id)
        if used is not None:
            value -= USED_LAST if used == last else USED_BEFORE
        options.append(_Option(part.place, activity, value))
    options.sort(key=lambda option: (-option.value, option.activity.id if option.activity else ""))
    options = options[:FRAME_LIST]
    if part.optional:
        bonus = OPTIONAL if part.place != "afterwards" else 0.0
        options = [_Option(part.place, one.activity, one.value + bonus) for one in options]
        options.append(_Option(part.place, None, 0.0))
    return options


def _ordered(
    brief: Brief, mains: list[Activity], main_fit: dict[str, Floats],
    frame: tuple[_Option, ...], weights: Floats, needs: Sequence[Need],
) -> Choice:
    """Return the session in its order: opening, exploring, doing, looking back, ending."""
    mains = sorted(mains, key=lambda one: (_MAIN_ORDER.get(one.kind, 2), one.minutes.ideal, one.id))
    chosen = {option.place: option.activity for option in frame if option.activity is not None}
    review_first = brief.arc.type == "midpoint" or brief.arc.type == "closing"
    order: list[Activity] = [chosen[place] for place in ("opening", "agreement") if place in chosen]
    if review_first and "review" in chosen:
        order.append(chosen["review"])
    start = len(order)
    order += mains
    positions = tuple(range(start, len(order)))
    if "afterwards" in chosen:
        order.append(chosen["afterwards"])
    order.append(chosen["ending"])
    none = np.zeros(len(needs), dtype=np.float32)
    fit = np.vstack([main_fit.get(one.id, none) for one in order])
    carrying = [at for at, one in enumerate(order) if one.kind in CARRYING]
    leading = list(positions) or carrying
    if brief.arc.type == "closing":
        leading = [at for at, one in enumerate(order) if one.kind in _REVIEWING] or leading
    principal = max(leading, key=lambda at: (float(fit[at] @ weights), -at))
    return Choice(tuple(order), positions or tuple(carrying), fit, principal)


_MAIN_ORDER: dict[Kind, int] = {
    "goal_setting": 0, "resource_debrief": 1, "discussion": 1, "feedback": 1, "reflection": 1,
    "exercise": 2, "role_play": 3,
}
