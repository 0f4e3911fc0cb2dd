"""Which activities may stand in the session of a brief, part by part."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from recommender.agendas.arc import ArcSession
from recommender.agendas.brief import Brief
from recommender.agendas.rounds import sized
from recommender.agendas.style import voice_of
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity
from recommender.domain.agenda import Item, Lead
from recommender.domain.base import LEVELS, Kind, Mode, SessionType, Slot
from recommender.errors import CheckFailedError

SMALL_MEETING = 25
"""Under so many minutes an agenda may have two items, and no opening of its own."""

MOST_WANTED = 3
"""Main items that a programme may set for one session; the rest is for its frame."""
ENOUGH = 8
"""Main activities without a word to avoid from which the others are left out."""
SENIOR = 5
"""Level of a profile from which harder methods come sooner."""
SHORT_MIDPOINT, ROOM_TO_LOOK_BACK = 45, 75
"""Minutes of a midpoint session up to which looking back is no must, and at the goal rather than
at each other; and from which it stands beside a milestone's questions, which look back too."""
LIGHT = 6
"""Minutes that a look back ideally takes at most in a short midpoint session."""
LEAST_AROUND = 8
"""Minutes that what stands around the main items takes at least."""

REVIEWING: tuple[Kind, ...] = ("reflection", "feedback")
_WORK: tuple[Kind, ...] = ("discussion", "exercise", "role_play", "resource_debrief")
MAINS: dict[SessionType, tuple[Kind, ...]] = {
    "first": ("goal_setting", "discussion", "exercise"),
    "goal_setting": ("goal_setting", *_WORK),
    "working": (*_WORK, "goal_setting", "feedback"),
    "midpoint": (*_WORK, "goal_setting"),
    "reverse": (*_WORK, "feedback"),
    "closing": _WORK,
    "one_off": (*_WORK, "goal_setting"),
}


@dataclass(frozen=True)
class Part:
    """A place in the frame of a session: its candidates, and whether it may stay empty.

    `wanted` says that the programme has chosen for it.
    """

    place: str
    activities: tuple[Activity, ...]
    optional: bool
    wanted: bool = False


class Candidates:
    """The activities that are eligible for a brief: its mains, and what stands around them.

    Attributes:
        must: Main activities that the programme wants in this session, and that fit into it.
        wanted: Those, and what it wants around them.
        unmet: What it wants and cannot have, each with the reason.
    """

    def __init__(self, brief: Brief, catalogue: Catalogue) -> None:
        self._brief = brief
        self._voice = voice_of(brief, catalogue)
        self._points = sum(words.quote is not None for words in brief.talking_points)
        self._library = catalogue.library
        every = list(catalogue.library.activities.values())
        if brief.relation == "group":
            phrases = catalogue.library.phrases[brief.language]
            every = [sized(one, brief.size, phrases, brief.language) for one in every]
        filled = filled_slots(brief)
        self.eligible = [one for one in every if _eligible(one, brief, filled)]
        self.unmet: list[str] = []
        asked = self._asked_for({one.id: one for one in every}, filled)
        kinds = MAINS[brief.arc.type]
        self.mains = self._mains(kinds, [one for one in asked if one.kind in kinds])
        self.parts = self._parts([one for one in asked if one.kind not in kinds])
        around = {one.id for part in self.parts for one in part.activities if part.wanted}
        placed = around | {one.id for one in self.mains}
        self.unmet += [_no_place(one, brief) for one in asked if one.id not in placed]
        self.must = self._in_time([one for one in asked
                                   if one.kind in kinds and one.id in placed])
        self.wanted = frozenset(self.must) | around

    def narrowed(self, mains: Sequence[Activity], parts: Sequence[Part]) -> "Candidates":
        """Return the same brief's candidates with these mains and parts only."""
        narrowed = copy(self)
        narrowed.mains, narrowed.parts = list(mains), list(parts)
        return narrowed

    def possible(self, activities: Sequence[Activity]) -> bool:
        """Return whether a set has no more talking-point items than there are talking points."""
        return sum("talking_point" in one.needs for one in activities) <= self._points

    def _asked_for(
        self, every: Mapping[str, Activity], filled: frozenset[Slot]
    ) -> list[Activity]:
        """Return the activities that the programme wants here and that this pair can do."""
        found = []
        for one in wanted_of(self._brief.mode, self._brief.arc):
            if one not in every:
                continue
            activity, why = every[one], None
            if self._brief.relation not in activity.relations:
                meant = " or ".join(activity.relations)
                why = f"is for {meant}, and this is {self._brief.relation}"
            elif not activity.needs <= filled:
                missing = min(activity.needs - filled)
                why = f"needs a {missing.replace('_', ' ')}, and the case has none to quote"
            if why is None:
                found.append(activity)
            else:
                self.unmet.append(f"{one} {why}")
        return found

    def _in_time(self, asked: Sequence[Activity]) -> tuple[str, ...]:
        """Return the wanted mains that fit into the minutes together, the first ones first."""
        left = self._brief.minutes - LEAST_AROUND
        points = self._points
        kept: list[str] = []
        for one in asked:
            spoken = "talking_point" in one.needs
            full = len(kept) == MOST_WANTED or (one.minutes.min > left and bool(kept))
            if full or (spoken and points == 0):
                self.unmet.append(f"{one.id} has no room in {self._brief.minutes} minutes")
                continue
            left -= one.minutes.min
            points -= spoken
            kept.append(one.id)
        return tuple(kept)

    def _mains(self, kinds: tuple[Kind, ...], asked: Sequence[Activity]) -> list[Activity]:
        """Return main activities not done before; done ones only where nothing else is left.

        What the programme asks for is among them even so.
        """
        named = {one.id: one for one in asked}
        every = self._said_well([one for one in self.eligible if one.kind in kinds], ENOUGH)
        fresh = [one for one in every if one.id not in self._brief.used_activities]
        return sorted({**{one.id: one for one in fresh or every}, **named}.values(),
                      key=lambda one: one.id)

    def _said_well(self, activities: list[Activity], enough: int = 1) -> list[Activity]:
        """Return those that say no word the programme avoids; all, where too few are left."""
        kept = [one for one in activities if not self._voice.avoids_activity(one)]
        return kept if len(kept) >= enough else activities

    def _parts(self, asked: Sequence[Activity]) -> list[Part]:
        """Return what stands around the mains, in the order of the session."""
        brief = self._brief
        small = brief.minutes < SMALL_MEETING
        kind = brief.arc.type

        def part(place: str, kinds: tuple[Kind, ...], *, optional: bool) -> Part:
            named = tuple(one for one in asked if one.kind in kinds)[:1]
            if named:
                return Part(place, named, optional=False, wanted=True)
            found = tuple(self._said_well([one for one in self.eligible
                          if one.kind in kinds and "talking_point" not in one.needs]))
            if not found and not optional:
                raise CheckFailedError(
                    f"the library has no {' or '.join(kinds)} for a {kind} session "
                    f"of relation {brief.relation}"
                )
            return Part(place, found, optional)

        parts = []
        if kind in ("first", "one_off"):
            parts.append(part("opening", ("welcome",), optional=small))
        else:
            opening: tuple[Kind, ...] = ("action_review",) if brief.actions else ("check_in",)
            parts.append(part("opening", opening,
                              optional=small or (kind == "closing" and not brief.actions)))
        if kind == "first":
            parts.append(part("agreement", ("agreement",), optional=small))
        asked_anyway = brief.arc.milestone is not None and brief.minutes < ROOM_TO_LOOK_BACK
        if kind == "closing" or (kind == "midpoint" and not asked_anyway):
            short = kind == "midpoint" and brief.minutes <= SHORT_MIDPOINT
            review = part("review", ("reflection",) if short else REVIEWING, optional=short)
            light = tuple(one for one in review.activities if one.minutes.ideal <= LIGHT)
            parts.append(replace(review, activities=light) if short and light and not review.wanted
                         else review)
        if kind in ("working", "reverse") and (
                brief.minutes >= 60 or any(one.kind == "reflection" for one in asked)):
            parts.append(part("afterwards", ("reflection",), optional=True))
        ending: tuple[Kind, ...] = (
            ("closing",) if kind in ("closing", "one_off") else ("action_planning",)
        )
        parts.append(part("ending", ending, optional=False))
        return parts


def too_early(activity: Activity, brief: Brief) -> int:
    """Return how many levels an activity is above what people are ready for, 0 to 2.

    Those who have just met begin simply; later more is asked of them, sooner of seniors.
    """
    meeting = brief.arc.type in ("first", "goal_setting", "one_off")
    ready = 0 if meeting or brief.arc.stage == "starting" else 1 if (
        brief.arc.stage == "building") else 2
    ready += brief.level is not None and brief.level >= SENIOR
    return max(0, LEVELS.index(activity.level) - ready)


def wanted_of(mode: Mode, arc: ArcSession) -> tuple[str, ...]:
    """Return the ids that the programme wants in a session, if its mode binds."""
    return () if mode == "personalised" else arc.must_have


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


def is_general(activity: Activity) -> bool:
    """Return whether an activity suits any topic, so that the topic's words must join it."""
    return not activity.focus_areas and (
        not activity.topics or activity.kind in ("goal_setting", "reflection", "feedback"))


def lead_of(activity: Activity | Item, brief: Brief) -> Lead:
    """Return the role that opens an activity, or an item, in the session of a brief."""
    if activity.lead == "all":
        return "all"
    peers = "peer" in brief.learner_roles
    if activity.lead == "mentor":
        return "all" if peers or brief.relation == "peer" else "mentor"
    return "peer" if peers and "mentee" not in brief.learner_roles else "mentee"


def _eligible(activity: Activity, brief: Brief, filled: frozenset[Slot]) -> bool:
    return (
        brief.relation in activity.relations
        and brief.arc.type in activity.session_types
        and (not activity.stages or brief.arc.stage in activity.stages)
        and (not activity.intakes or brief.programme.intake in activity.intakes)
        and (activity.kind != "resource_debrief" or bool(brief.used_resources))
        and activity.needs <= filled
        and len(brief.actions) >= activity.least_actions
    )


def _no_place(activity: Activity, brief: Brief) -> str:
    return (f"{activity.id} is a {activity.kind.replace('_', ' ')}, for which a "
            f"{brief.arc.type.replace('_', ' ')} session has no place left")
