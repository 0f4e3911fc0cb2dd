"""Which goals of real people find nothing good in the library: the gaps worth filling."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.agendas.candidates import MAINS
from recommender.agendas.fit import SURE, score_activities
from recommender.catalogue import Catalogue, resource_document
from recommender.domain.activity import Activity
from recommender.domain.base import LANGUAGES, Written, base_language
from recommender.domain.profile import Profile
from recommender.learning.recommend import Wish, recommend_resources
from recommender.privacy import People, people_named
from recommender.retrieval.centring import SHORT_WORDS
from recommender.retrieval.language import detect_language

AMONG = 5
"""Recommended resources of which the nearest counts: what a person would look at."""
NEAR_ENOUGH, NEAR_ENOUGH_LABEL = 0.81, 0.825
"""Cosine from which a resource is near to a need: to a sentence, and to a label of up to eight
words, which is nearer to everything. Measured against needs that have nothing to do with work;
`evals/data/out_of_scope/CARD.md` has the figures. The recommender's own score is no measure of
that: it says how far a resource stands out from the others, not whether it serves."""
STAND_IN = "somebody"
"""What takes the place of a name in a need."""


@dataclass(frozen=True)
class SpokenNeed:
    """A goal or a wanted skill of somebody, their names taken out."""

    person_id: str
    kind: str
    text: str
    language: Written
    readable: frozenset[str]
    audience: frozenset[str]


@dataclass(frozen=True)
class Served:
    """What a need finds.

    Attributes:
        topic: The topic that the need is nearest to.
        resource: Id of the nearest resource among those recommended; null when none is eligible.
        nearness: Cosine of need and resource; null with it.
        activity: Id of the activity that fits best; null when none is in that language.
        fit: In standard deviations above the mean of the activities.
    """

    need: SpokenNeed
    topic: str
    resource: str | None
    nearness: float | None
    activity: str | None
    fit: float | None

    @property
    def no_resource(self) -> bool:
        """Return whether no recommended resource is near to the need."""
        return self.nearness is None or self.nearness < near_enough(self.need.text)

    @property
    def no_activity(self) -> bool:
        """Return whether no activity stands out as the right one."""
        return self.fit is None or self.fit < SURE


def near_enough(text: str) -> float:
    """Return from which cosine a resource is near to this need."""
    return NEAR_ENOUGH_LABEL if len(text.split()) <= SHORT_WORDS else NEAR_ENOUGH


def needs_of_people(
    profiles: Iterable[Profile], known: frozenset[str] = frozenset()
) -> list[SpokenNeed]:
    """Return the active goals and wanted skills of people, each person once, names taken out.

    Args:
        known: Words in lower case that are no names, such as those of the library.
    """
    people = {profile.id: profile for profile in profiles}
    names = people_named([one.name or "" for one in people.values()], STAND_IN, known)
    return [need for one in people.values() for need in _needs_of(one, names)]


def find_served(
    needs: Sequence[SpokenNeed], catalogue: Catalogue,
    progress: Callable[[int, int], None] | None = None,
) -> list[Served]:
    """Return what each need finds by the product's own recommender and activity fit.

    Args:
        progress: Told how many of how many needs are done.
    """
    mains = [one for one in catalogue.library.activities.values()
             if one.kind in MAINS["working"] and "working" in one.session_types
             and set(one.relations) != {"group"}]
    found = []
    for done, need in enumerate(needs, start=1):
        found.append(_serve(need, mains, catalogue))
        if progress is not None:
            progress(done, len(needs))
    return found


def gaps_by_topic(served: Sequence[Served]) -> list[tuple[str, list[Served], int]]:
    """Return each topic with its needs that find no resource or no activity, and how many it has.

    The topic with most needs without a resource comes first; in it, the worst need.
    """
    counts = Counter(one.topic for one in served)
    gaps: dict[str, list[Served]] = defaultdict(list)
    for one in served:
        if one.no_resource or one.no_activity:
            gaps[one.topic].append(one)
    for own in gaps.values():
        own.sort(key=lambda one: (not one.no_resource, one.nearness or 0.0, one.need.text))
    return [(topic, gaps[topic], counts[topic]) for topic in sorted(
        gaps, key=lambda topic: (-sum(one.no_resource for one in gaps[topic]),
                                 -len(gaps[topic]), topic))]


def as_data(served: Sequence[Served]) -> dict[str, Any]:
    """Return the gaps in the shape of the `gaps` of `library coverage --json`."""
    return {
        "needs": len(served), "no_resource": sum(one.no_resource for one in served),
        "no_activity": sum(one.no_activity for one in served),
        "topics": [{
            "topic": topic, "needs": count,
            "gaps": [{
                "person": one.need.person_id, "kind": one.need.kind, "text": one.need.text,
                "language": one.need.language, "no_resource": one.no_resource,
                "resource": one.resource, "nearness": _rounded(one.nearness),
                "no_activity": one.no_activity, "activity": one.activity,
                "fit": _rounded(one.fit),
            } for one in own],
        } for topic, own, count in gaps_by_topic(served)],
    }


def as_text(served: Sequence[Served]) -> str:
    """Return the gaps for people, by topic, worst first."""
    lines = [
        f"{len(served)} goals and wanted skills; "
        f"{sum(one.no_resource for one in served)} find no resource near enough, "
        f"{sum(one.no_activity for one in served)} no activity that surely fits",
    ]
    for topic, own, count in gaps_by_topic(served):
        lines += ["", f"{topic}: {len(own)} of {count}"]
        for one in own:
            nearness = "none eligible" if one.nearness is None else f"{one.nearness:.3f}"
            lack = " and ".join(
                what for what, lacks in (("no resource", one.no_resource),
                                         ("no sure activity", one.no_activity)) if lacks)
            lines.append(f"  {lack} ({nearness})  {one.need.kind} of {one.need.person_id}, "
                         f"{one.need.language}: {one.need.text}")
    return "\n".join(lines) + "\n"


def _needs_of(profile: Profile, names: People) -> list[SpokenNeed]:
    own = [base_language(tag) for tag in profile.languages]
    preferred = next((one for one in LANGUAGES if one in own[:1]),
                     next((one for one in own if one in LANGUAGES), "en"))
    spoken = [("goal", goal.text) for goal in profile.goals if goal.status == "active"]
    spoken += [("skill", skill) for skill in profile.skills_wanted]
    found = []
    for kind, given in spoken:
        text = names.without_names(given)
        detected = detect_language(text)
        language = next((one for one in LANGUAGES if one == detected and (not own or one in own)),
                        preferred)
        found.append(SpokenNeed(profile.id, kind, text, language,  # type: ignore[arg-type]
                                frozenset(own), frozenset(profile.roles)))
    return found


def _serve(need: SpokenNeed, mains: Sequence[Activity], catalogue: Catalogue) -> Served:
    wish = Wish(needs=[(need.text, 1.0)], language=need.language, readable=need.readable,
                audience=need.audience)
    best = recommend_resources(catalogue, wish, AMONG)
    resource, nearness = None, None
    if best:
        vectors = catalogue.encoder.encode_passages(
            [resource_document(one.resource).text for one in best])
        cosines = vectors @ catalogue.encoder.encode_queries([need.text])[0]
        nearest = int(np.argmax(cosines))
        resource, nearness = best[nearest].resource.id, float(cosines[nearest])
    activity, fit = None, None
    if mains:
        fits = score_activities([need.text], mains, [], need.language, catalogue).fit[0]
        first = int(np.argmax(fits))
        activity, fit = mains[first].id, float(fits[first])
    chances = catalogue.bridge.topic_scores([need.text])[0]
    return Served(need, catalogue.bridge.topic_ids[int(np.argmax(chances))], resource, nearness,
                  activity, fit)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
