"""What a model may build an agenda from: activities and resources under short aliases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recommender.agendas.brief import Brief
from recommender.agendas.candidates import MAINS, REVIEWING, Candidates, lead_of
from recommender.agendas.fit import measure_fits
from recommender.agendas.needs import matter_of, needs_of, words_of
from recommender.agendas.readings import BEFORE_MINUTES, use_of, worth_reading
from recommender.agendas.style import Voice, voice_of
from recommender.agendas.view import View
from recommender.catalogue import Catalogue
from recommender.domain.activity import SLOT, Activity
from recommender.domain.agenda import Agenda, Item, Lead, ResourceUse
from recommender.domain.base import Kind
from recommender.domain.phrases import Phrases

MORE_ACTIVITIES, MORE_RESOURCES = 3, 3
"""How many are offered beside those of the composed agenda."""
TALK: frozenset[Kind] = frozenset({"discussion", "reflection", "feedback"})
"""Kinds in which people find out where they stand before they try something."""


@dataclass(frozen=True)
class OfferedActivity:
    """One activity a model may take.

    Attributes:
        required: The session cannot do without it.
        place: Where it stands: opening items first, the ending last.
        composed: The composed agenda's item, where it has one.
    """

    alias: str
    activity: Activity
    lead: Lead
    required: bool
    place: str
    composed: Item | None

    def shown(self, voice: Voice) -> dict[str, Any]:
        """Return it as a model sees it: the library in the programme's words, nothing of the case.
        """
        text = voice.text(self.activity)
        bounds = self.activity.minutes
        minutes = bounds.ideal if self.composed is None else self.composed.minutes
        shown = {
            "activity": self.alias, "kind": self.activity.kind, "required": self.required,
            "place": self.place, "opened_by": self.lead, "minutes": minutes,
            "at_least": min(bounds.min, minutes), "at_most": max(bounds.max, minutes),
            "title": text.title, "purpose": text.purpose, "success": text.success,
            "questions": [_open(one) for one in (*text.quotes.values(), *text.prompts)],
            "steps": [_open(one) for one in text.steps],
        }
        return {key: value for key, value in shown.items() if value not in (None, [])}


@dataclass(frozen=True)
class OfferedResource:
    """One resource a model may name, with the moments that suit it."""

    alias: str
    use: ResourceUse
    gist: str
    moments: tuple[str, ...]

    def shown(self) -> dict[str, Any]:
        """Return it as a model sees it."""
        use = self.use
        return {"resource": self.alias, "title": use.title, "format": use.format,
                "minutes": use.minutes, "language": use.language, "about": self.gist,
                "moments": list(self.moments)}


@dataclass(frozen=True)
class Offer:
    """Everything a draft is made of, and what it is compared with.

    Attributes:
        brief: Without what the programme keeps from models.
        composed: The agenda that is returned where the draft does not hold, but for the
            questions of a milestone.
        asked: The item with those questions, which no model rewords.
    """

    brief: Brief
    view: View
    composed: Agenda
    activities: Mapping[str, OfferedActivity]
    resources: Mapping[str, OfferedResource]
    about: Mapping[str, Any]
    voice: Voice
    asked: Item | None = None

    @property
    def phrases(self) -> Phrases:
        """Return what code says beside the model's words, in the programme's own."""
        return self.voice.phrases

    @property
    def is_joint(self) -> bool:
        """Return whether what is got ready is the same for all, as between peers."""
        return "peer" in self.brief.learner_roles

    def data(self) -> dict[str, Any]:
        """Return all of it as a model sees it."""
        brief, view, arc = self.brief, self.view, self.brief.arc
        session = {"number": arc.number, "of": arc.of, "minutes": brief.minutes,
                   "type": arc.type, "stage": arc.stage, "relation": brief.relation}
        shown: dict[str, Any] = {
            "session": session, **self.about, "programme": view.programme,
            "style": self._style(),
            "people": list(view.people),
            "goals": [one.shown() for one in view.goals],
            "open_steps": [one.shown() for one in view.actions],
            "done_steps": [one.shown() for one in view.done],
            "talking_points": [one.shown() for one in view.points],
            "notes_of_earlier_sessions": list(view.notes),
            "activities": [one.shown(self.voice) for one in self.activities.values()],
            "resources": [one.shown() for one in self.resources.values()],
        }
        return {key: value for key, value in shown.items() if value not in (None, [], {})}

    def _style(self) -> dict[str, Any]:
        """Return how the programme's agendas sound, where it says so."""
        own = {"tone": self.voice.tone, "say_instead": dict(self.voice.use),
               "avoid": list(self.voice.avoid)}
        return {key: value for key, value in own.items() if value}


def make_offer(brief: Brief, view: View, composed: Agenda, catalogue: Catalogue) -> Offer:
    """Return what a model may build the agenda of a brief from."""
    library = catalogue.library
    asked = next((item for item in composed.items if item.pulse is not None), None)
    if asked is not None:
        brief = replace(brief, minutes=brief.minutes - asked.minutes)
        composed = composed.model_copy(update={
            "items": [item for item in composed.items if item is not asked]})
    needs = needs_of(brief, catalogue)
    found: list[OfferedActivity] = []
    for item, place in zip(composed.items, _places(composed, brief), strict=True):
        if item.activity is None:
            continue
        found.append(OfferedActivity(
            f"A{len(found) + 1}", library.activities[item.activity], item.lead,
            place != "middle" or _is_set(item, brief), place, item))
    candidates = Candidates(brief, catalogue)
    fits = measure_fits(candidates, brief, needs, catalogue)
    worth = fits.main @ np.array([need.weight for need in needs], dtype=np.float32)
    order = sorted(range(len(worth)), key=lambda at: (-float(worth[at]), at))
    for activity in _more([fits.mains[at] for at in order], found, brief):
        found.append(OfferedActivity(f"A{len(found) + 1}", activity,
                                     lead_of(activity, brief), False, "middle", None))
    about: dict[str, Any] = {}
    for name, term in (("focus_area", brief.focus_area), ("theme", brief.arc.theme)):
        if term is not None:
            words = words_of(catalogue, term, brief.language)
            about[name] = f"{words.label}: {words.description}"
    return Offer(brief, view, composed, {one.alias: one for one in found},
                 _resources(brief, composed, catalogue), about, voice_of(brief, catalogue), asked)


def _more(
    ranked: Sequence[Activity], found: Sequence[OfferedActivity], brief: Brief
) -> list[Activity]:
    """Return what is offered beside the composed: the best, and one conversation among them."""
    if brief.mode == "fixed":
        return []
    taken = {one.activity.id for one in found}
    able = [one for one in ranked
            if one.id not in taken and "talking_point" not in one.needs]
    chosen = able[:MORE_ACTIVITIES]
    kinds = {one.kind for one in chosen} | {one.activity.kind for one in found
                                            if one.place == "middle"}
    talk = next((one for one in able if one.kind in TALK), None)
    return chosen + ([talk] if talk is not None and not kinds & TALK else [])


def _places(composed: Agenda, brief: Brief) -> list[str]:
    """Return for each composed item whether it opens, stands in the middle, or ends."""
    review_first = brief.arc.type in ("midpoint", "closing")
    places: list[str] = []
    for at, item in enumerate(composed.items):
        opens = item.kind not in MAINS[brief.arc.type] and item.kind not in REVIEWING
        looks_back = review_first and item.kind in REVIEWING
        if at == len(composed.items) - 1:
            places.append("ending")
        elif (opens or looks_back) and "middle" not in places:
            places.append("opening")
        else:
            places.append("middle")
    return places


def _is_set(item: Item, brief: Brief) -> bool:
    """Return whether programme or arc set a middle item, so that no other may take its place."""
    return (brief.relation == "reverse" or brief.arc.type == "reverse" or brief.mode == "fixed"
            or any(reason.source in ("theme", "programme") for reason in item.because))


def _resources(
    brief: Brief, composed: Agenda, catalogue: Catalogue
) -> dict[str, OfferedResource]:
    known = catalogue.library.resources
    uses = list(composed.resources)
    if uses:
        needs = needs_of(brief, catalogue)
        more = worth_reading(brief, needs, matter_of(brief, needs, catalogue), catalogue)
        named = {use.id for use in uses}
        uses += [use_of(one, "after", brief) for one in more
                 if one.resource.id not in named][:MORE_RESOURCES]
    found = {}
    for at, use in enumerate(uses, start=1):
        short = use.minutes is not None and use.minutes <= BEFORE_MINUTES
        early = brief.arc.type in ("first", "one_off")
        moments = ("before", "after") if short and not early else ("after",)
        found[f"R{at}"] = OfferedResource(f"R{at}", use, known[use.id].gist, moments)
    return found


def _open(text: str) -> str:
    """Return a text of the library with its slots left open."""
    return SLOT.sub("…", text)
