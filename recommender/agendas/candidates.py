"""Which activities may stand in the session of a brief, part by part."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from recommender.agendas.brief import Brief
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity
from recommender.domain.agenda import Lead
from recommender.domain.base import Kind, SessionType, Slot
from recommender.errors import CheckFailedError

SMALL_MEETING = 25
"""Under so many minutes an agenda may have two items, and no opening of its own."""

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
    """A place in the frame of a session: its candidates, and whether it may stay empty."""

    place: str
    activities: tuple[Activity, ...]
    optional: bool


class Candidates:
    """The activities that are eligible for a brief: its mains, and what stands around them."""

    def __init__(self, brief: Brief, catalogue: Catalogue) -> None:
        self._brief = brief
        self._points = sum(words.quote is not None for words in brief.talking_points)
        filled = filled_slots(brief)
        self.eligible = [one for one in catalogue.library.activities.values()
                         if _eligible(one, brief, filled)]
        self.mains = self._mains(self.eligible)
        self.parts = self._parts(self.eligible)

    def narrowed(self, mains: Sequence[Activity], parts: Sequence[Part]) -> "Candidates":
        """Return the same brief's candidates with these mains and parts only."""
        narrowed = copy(self)
        narrowed.mains, narrowed.parts = list(mains), list(parts)
        return narrowed

    def possible(self, activities: Sequence[Activity]) -> bool:
        """Return whether a set has no more talking-point items than there are talking points."""
        return sum("talking_point" in one.needs for one in activities) <= self._points

    def _mains(self, eligible: Sequence[Activity]) -> list[Activity]:
        """Return main activities not done before; done ones only where nothing else is left."""
        kinds = MAINS[self._brief.arc.type]
        every = [one for one in eligible if one.kind in kinds]
        fresh = [one for one in every if one.id not in self._brief.used_activities]
        return fresh or every

    def _parts(self, eligible: Sequence[Activity]) -> list[Part]:
        """Return what stands around the mains, in the order of the session."""
        brief = self._brief
        small = brief.minutes < SMALL_MEETING
        kind = brief.arc.type

        def part(place: str, kinds: tuple[Kind, ...], *, optional: bool) -> Part:
            found = tuple(one for one in eligible
                          if one.kind in kinds and "talking_point" not in one.needs)
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
        if kind in ("midpoint", "closing"):
            parts.append(part("review", REVIEWING, optional=kind == "midpoint" and small))
        if kind in ("working", "reverse") and brief.minutes >= 60:
            parts.append(part("afterwards", ("reflection",), optional=True))
        ending: tuple[Kind, ...] = (
            ("closing",) if kind in ("closing", "one_off") else ("action_planning",)
        )
        parts.append(part("ending", ending, optional=False))
        return parts


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


def lead_of(activity: Activity, brief: Brief) -> Lead:
    """Return the role that opens an activity in the session of a brief."""
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
    )
