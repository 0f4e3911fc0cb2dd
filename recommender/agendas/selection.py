"""Which activities make the session: an exact choice over what serves the needs of this brief."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np

from recommender.agendas.brief import Brief
from recommender.agendas.candidates import (
    REVIEWING,
    SMALL_MEETING,
    Candidates,
    Part,
    is_general,
    wanted_of,
)
from recommender.agendas.fit import SPOKEN, SURE, Fits, measure_fits
from recommender.agendas.needs import Need, speaks_of, topics_spoken_of
from recommender.agendas.timebox import Span
from recommender.agendas.worth import of_each_peer, values_of
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING, Activity
from recommender.domain.agenda import MAX_ITEMS
from recommender.domain.base import Kind
from recommender.errors import CheckFailedError
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import Mask

SHORTLIST = 14
"""Main activities the exact choice is made from: the best by all needs, and by each of them."""
PER_NEED = 2
FRAME_LIST = 4
"""Openings, agreements, reviews and endings considered."""
ONE_MATTER = 60
"""Minutes up to which a second main item must be about what people speak of, or asked for by the
programme: else the first gets its time."""

TIME_MISFIT, OPTIONAL = 3.0, 0.2
FAR = 4.0
"""Standard deviations beyond which an opening or ending is no nearer to the needs."""
FRAME_RELEVANCE, USED_LAST, USED_BEFORE, ITS_TURN = 0.5, 3.0, 1.0, 0.3


@dataclass(frozen=True)
class Choice:
    """The activities of a session in order, and why.

    Attributes:
        activities: Opening first, mains in the middle, ending last.
        mains: Positions of the main items in `activities`.
        fit: How well each item serves each need, shape (items, needs).
        principal: Position of the item that the session turns on.
        wanted: Ids of those that the programme asked for.
        unmet: What it asked for besides, each with why it is not there.
    """

    activities: tuple[Activity, ...]
    mains: tuple[int, ...]
    fit: Floats
    principal: int
    wanted: frozenset[str] = frozenset()
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Option:
    place: str
    activity: Activity | None
    value: float


def choose_activities(
    brief: Brief, needs: Sequence[Need], catalogue: Catalogue, most_items: int = MAX_ITEMS
) -> Choice:
    """Return the best set of activities for the needs inside the minutes.

    Every combination of the shortlisted activities is weighed: for each need the best item
    counts in full, the others a little; time misfit and sameness cost. Ties go to the first
    in id order, so that the same brief gives the same choice.
    """
    candidates = Candidates(brief, catalogue)
    fits = measure_fits(candidates, brief, needs, catalogue)
    weights = np.array([need.weight for need in needs], dtype=np.float32)
    asked = _asked_for(brief, needs, catalogue)
    if _theme_is_in_the_way(brief, needs, fits, asked):
        weights = weights * np.array([need.source != "theme" for need in needs])
        asked = []
    topics = _wanted_topics(brief, catalogue)
    listed = _shortlist(fits.main, weights, fits.mains, [*asked, *topics],
                        junior_leads=brief.relation == "reverse")
    listed = sorted({*listed, *(at for at, one in enumerate(fits.mains)
                                if one.id in candidates.must)})
    mains, main_fit = [fits.mains[at] for at in listed], fits.main[listed]
    sets = [
        group
        for count in _counts(brief, len(candidates.must))
        for group in combinations(range(len(mains)), count)
        if candidates.possible([mains[at] for at in group])
        and {mains[at].id for at in group} >= set(candidates.must)
    ]
    unmet = list(candidates.unmet)
    for topic in topics:
        about = [group for group in sets if any(topic in mains[at].topics for at in group)]
        if not about:
            unmet.append(f"{topic}: no activity about it fits into this session")
        sets = about or sets
    bound = [group for group in sets
             if all(any(topic in mains[at].topics for at in group) for topic in asked)]
    sets = bound or sets
    if _has_own_matter(brief):
        leading = fits.leading[listed]
        sets = [group for group in sets
                if any(leading[at] for at in group)] or sets
        if brief.minutes <= ONE_MATTER or brief.relation == "group":
            wanted = _may_stand_beside(brief, needs, catalogue, fits, listed, candidates.must,
                                       {*asked, *topics})
            serves = main_fit @ weights
            sets = [group for group in sets
                    if all(wanted[at] for at in group if at != _leader(group, leading, serves))
                    ] or sets
    if brief.relation == "reverse":
        sets = [group for group in sets
                if any(mains[at].lead == "mentor" for at in group)] or sets
    if not sets:
        raise CheckFailedError(f"no main activity fits a {brief.arc.type} session of this brief")
    values = values_of(sets, mains, main_fit, weights, of_each_peer(brief, needs))
    times = np.array([_times([mains[at] for at in group]) for group in sets])

    options = [_frame_options(part, fit @ weights, brief)
               for part, fit in zip(candidates.parts, fits.parts, strict=True)]
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
    allowed = (sizes <= most_items) & (sizes >= smallest)
    if (allowed & (low <= brief.minutes)).any():
        allowed &= low <= brief.minutes
    total = np.where(allowed, total, -np.inf)
    if not np.isfinite(total).any():
        raise CheckFailedError(
            f"no plan fits {brief.minutes} minutes of a {brief.arc.type} session")
    best_set, best_frame = np.unravel_index(int(np.argmax(total)), total.shape)
    chosen = [mains[at] for at in sets[best_set]]
    chosen_fit = {mains[at].id: main_fit[at] for at in sets[best_set]}
    leaders = {mains[at].id for at in sets[best_set] if fits.leading[listed[at]]}
    choice = _ordered(brief, chosen, chosen_fit, frames[best_frame], weights, needs, leaders)
    on_topic = [one.id for one in chosen if set(one.topics) & set(topics)]
    return replace(choice, wanted=candidates.wanted | frozenset(on_topic), unmet=tuple(unmet))


def spans_of(choice: Choice) -> list[Span]:
    """Return the span of each activity of a choice; its principal one gets the best time."""
    spans = [span_of(one, principal=at == choice.principal)
             for at, one in enumerate(choice.activities)]
    own = spans[choice.principal]
    longest = max(span.ideal for at, span in enumerate(spans) if at != choice.principal)
    spans[choice.principal] = replace(own, ideal=min(max(own.ideal, longest + 2), own.max))
    return spans


def span_of(activity: Activity, *, principal: bool) -> Span:
    """Return an activity's span; the main item of a session gets the best time."""
    minutes = activity.minutes
    ideal = min(round(minutes.ideal * 1.15), minutes.max) if principal else minutes.ideal
    return Span(minutes.min, ideal, minutes.max)


def _counts(brief: Brief, wanted: int = 0) -> range:
    """Return how many main items fit: one thing gets the best time, long sessions hold more.

    Args:
        wanted: So many at least.
    """
    fit = _counts_by_time(brief)
    return range(max(fit.start, wanted), max(fit.stop, wanted + 1))


def _counts_by_time(brief: Brief) -> range:
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
        return range(1, 3) if brief.relation == "group" else range(2, 4)
    return range(2, 5)


def _leader(group: Sequence[int], leading: Mask, serves: Floats) -> int:
    """Return which of a group the session would turn on: of those that may, the best."""
    return max(group, key=lambda at: (bool(leading[at]), float(serves[at]), -at))


def _may_stand_beside(
    brief: Brief, needs: Sequence[Need], catalogue: Catalogue, fits: Fits, listed: Sequence[int],
    must: Collection[str], asked: Collection[str],
) -> list[bool]:
    """Return for each main whether it has a place beside the one that the session turns on.

    What the programme asks for, a method that somebody's words ask for, and what is likely and
    about something that people speak of; else the first item has its time.
    """
    spoken = [at for at, need in enumerate(needs) if need.source in SPOKEN]
    topics = topics_spoken_of(brief, needs, catalogue)
    allowed = []
    for at in listed:
        one = fits.mains[at]
        near = bool(set(one.topics[:2]) & topics)
        likely = bool(fits.main[at, spoken].max() >= SURE) if spoken else False
        if brief.relation == "group":
            likely = True
        allowed.append(one.id in must or bool(set(one.topics) & set(asked))
                       or bool(fits.said[at]) or (is_general(one) and brief.relation == "group")
                       or (not is_general(one) and near and likely))
    return allowed


def _wanted_topics(brief: Brief, catalogue: Catalogue) -> list[str]:
    """Return the topics of which the programme wants a main item here, whatever else."""
    terms = [catalogue.library.term(one) for one in wanted_of(brief.mode, brief.arc)
             if one not in catalogue.library.activities]
    return [term.id for term in terms if term is not None]


def _asked_for(
    brief: Brief, needs: Sequence[Need], catalogue: Catalogue
) -> list[str]:
    """Return the topics of which a session must hold one main item, where the library has any.

    Where the mode does not bind, a theme that people's own words do not speak of is none.
    """
    asked = [need.term for need in needs if need.source == "theme" and need.term is not None
             and not (_has_own_matter(brief) and brief.mode == "personalised"
                      and not speaks_of(need.term, needs, catalogue))]
    if brief.arc.type == "reverse" and brief.relation != "peer":
        asked.append("reverse-mentoring")
    return asked


def _has_own_matter(brief: Brief) -> bool:
    """Return whether people bring something to this session; that comes before any guess."""
    return brief.mode != "fixed" and any(one.text for one in brief.talking_points)


def _theme_is_in_the_way(
    brief: Brief, needs: Sequence[Need], fits: Fits, asked: Sequence[str]
) -> bool:
    """Return whether a session that holds one main item has a theme that serves no goal of it.

    Then the pair's own matter comes first, and the theme waits for a longer session.
    """
    goals = [at for at, need in enumerate(needs) if need.source == "goal"]
    about = [at for at, one in enumerate(fits.mains) if set(asked) & set(one.topics)]
    if not goals or not about or max(_counts(brief)) > 1 or brief.mode == "fixed":
        return False
    return bool(fits.main[np.ix_(about, goals)].max() < SURE)


def _shortlist(
    fit: Floats, weights: Floats, mains: Sequence[Activity], asked: Sequence[str], *,
    junior_leads: bool,
) -> list[int]:
    overall = fit @ weights
    rows = np.arange(len(fit))
    listed = {int(row) for row in np.lexsort((rows, -overall))[: SHORTLIST - 2]}
    for column in np.argsort(-weights, kind="stable")[:SHORTLIST]:
        if len(listed) >= SHORTLIST + 4:
            break
        listed.update(int(row) for row in np.lexsort((rows, -fit[:, column]))[:PER_NEED])
    sought = [[at for at, one in enumerate(mains) if topic in one.topics] for topic in asked]
    if junior_leads:
        sought.append([at for at, one in enumerate(mains) if one.lead == "mentor"])
    for able in sought:
        listed.update(sorted(able, key=lambda at: (-float(overall[at]), at))[:PER_NEED])
    return sorted(listed)


def _times(activities: Sequence[Activity]) -> tuple[int, int, int]:
    return (
        sum(one.minutes.min for one in activities),
        sum(one.minutes.ideal for one in activities),
        sum(one.minutes.max for one in activities),
    )


def _frame_options(part: Part, relevance: Floats, brief: Brief) -> list[_Option]:
    """Return the best few for a place, best first; each number has its turn at being preferred."""
    options = []
    last = max(brief.used_activities.values(), default=0)
    turn = (brief.arc.number + brief.turn) % max(len(part.activities), 1)
    order = sorted(range(len(part.activities)), key=lambda at: part.activities[at].id)
    for place, at in enumerate(order):
        activity = part.activities[at]
        near = min(max(float(relevance[at]), -FAR), FAR)
        value = FRAME_RELEVANCE * near + (ITS_TURN if place == turn else 0.0)
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
    frame: tuple[_Option, ...], weights: Floats, needs: Sequence[Need], leaders: Collection[str],
) -> Choice:
    """Return the session in its order: opening, exploring, doing, looking back, ending.

    Where people bring their own matter, it turns on one of `leaders`, if any is there.
    """
    mains = sorted(mains, key=_order_of)
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
        leading = [at for at, one in enumerate(order) if one.kind in REVIEWING] or leading
    elif _has_own_matter(brief):
        leading = [at for at in positions if order[at].id in leaders] or leading
        leading = [at for at in leading if "talking_point" in order[at].needs] or leading
    own = np.array([brief.mode != "personalised" or need.source != "theme" for need in needs])
    principal = max(leading, key=lambda at: (float(fit[at] @ (weights * own)), -at))
    return Choice(tuple(order), positions or tuple(carrying), fit, principal)


_MAIN_ORDER: dict[Kind, int] = {
    "goal_setting": 0, "resource_debrief": 1, "discussion": 1, "feedback": 1, "reflection": 1,
    "exercise": 2, "role_play": 3,
}


@dataclass(frozen=True)
class Others:
    """Other activities for a session that stands.

    Attributes:
        mains: In session order; none where the library has too few.
        frame: One for each kind asked for; null where the library has none.
        fit: How well each main activity serves each need, those that stay included, by id.
        weights: Of the needs; a theme that is the programme's own counts as its mode says.
    """

    mains: list[Activity]
    frame: list[Activity | None]
    fit: dict[str, Floats]
    weights: Floats


def choose_others(
    brief: Brief, needs: Sequence[Need], catalogue: Catalogue, *, count: int,
    frame: Sequence[Collection[Kind]], kept: Sequence[Activity], shunned: Collection[str],
    minutes: int,
) -> Others:
    """Return the best main activities beside those that stay, and others for the frame.

    Args:
        brief: With the talking points that may be put into the new activities, and no others.
        count: How many main activities are looked for.
        frame: The kinds that each place of the frame may have.
        kept: The main activities that stay.
        shunned: Ids that are not chosen.
        minutes: Of the main activities looked for, together.
    """
    candidates = Candidates(brief, catalogue)
    pools = [Part(str(place), tuple(
        one for one in candidates.eligible
        if one.kind in kinds and one.id not in shunned and "talking_point" not in one.needs
    ), optional=False) for place, kinds in enumerate(frame)]
    also = [one for one in kept if one not in candidates.mains]
    fits = measure_fits(
        candidates.narrowed([*candidates.mains, *also], pools), brief, needs, catalogue)
    weights = np.array([need.weight for need in needs], dtype=np.float32)
    asked = _asked_for(brief, needs, catalogue)
    if _theme_is_in_the_way(brief, needs, fits, asked):
        weights = weights * np.array([need.source != "theme" for need in needs])
        asked = []
    fit = {one.id: row for one, row in zip(fits.mains, fits.main, strict=True)}
    chosen: list[Activity | None] = []
    for part, own in zip(pools, fits.parts, strict=False):
        options = [one.activity for one in _frame_options(part, own @ weights, brief)]
        chosen.append(next((one for one in options if one not in chosen), None))
    stay = {one.id for one in kept}
    rows = [at for at, one in enumerate(fits.mains) if one.id in stay]
    able = [at for at, one in enumerate(fits.mains) if one.id not in (*stay, *shunned)]
    junior_leads = brief.relation == "reverse"
    listed = [able[at] for at in _shortlist(
        fits.main[able], weights, [fits.mains[at] for at in able], asked,
        junior_leads=junior_leads)]
    sets = [(*rows, *group) for group in combinations(listed, count)
            if candidates.possible([fits.mains[at] for at in group])]
    if not count or not sets:
        return Others([], chosen, fit, weights)
    for topic in asked:
        sets = [group for group in sets
                if any(topic in fits.mains[at].topics for at in group)] or sets
    if junior_leads:
        sets = [group for group in sets
                if any(fits.mains[at].lead == "mentor" for at in group)] or sets
    ideal = np.array([sum(fits.mains[at].minutes.ideal for at in group[len(rows):])
                      for group in sets])
    values = values_of(sets, fits.mains, fits.main, weights, of_each_peer(brief, needs))
    best = sets[int(np.argmax(values - TIME_MISFIT * np.abs(ideal - minutes) / brief.minutes))]
    mains = sorted((fits.mains[at] for at in best[len(rows):]), key=_order_of)
    return Others(mains, chosen, fit, weights)


def _order_of(activity: Activity) -> tuple[int, int, str]:
    return (_MAIN_ORDER.get(activity.kind, 2), activity.minutes.ideal, activity.id)
