"""A parallel from another workplace, to hold one's own matter against."""

import re
from collections.abc import Sequence

from recommender.agendas.brief import Brief
from recommender.agendas.needs import Need
from recommender.agendas.style import Voice
from recommender.catalogue import Catalogue
from recommender.domain.base import Written

NEAR, NEAR_IN_TOPIC = 2.75, 4.5
"""Standard deviations by which a sentence must be nearer to what people said than sentences are:
one of an activity of the session, and one of its topic."""
TURNS = 2
"""Of the nearest sentences so many take turns, session by session."""

_OWN: dict[Written, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Ww]e|us|[Oo]ur)\b"),
    "es": re.compile(r"\b(?:yo|me|mis?|mí|nos|nuestr[oa]s?)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:je|me|mon|ma|mes|moi|nous|notre|nos)\b|\b[jm]['’]", re.IGNORECASE),
}
_OF_OTHERS: dict[Written, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:he|she|him|his|hers?)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:él|ella|les?|sus?)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:il|elle|lui|son|sa|ses)\b", re.IGNORECASE),
}


def parallel_for(
    brief: Brief, needs: Sequence[Need], activities: Sequence[str], topic: str | None,
    catalogue: Catalogue, voice: Voice,
) -> str | None:
    """Return what somebody elsewhere says who needs the same; null where none is near enough.

    What is said of others, and not of oneself, is left out. Sessions of a pair take turns, so
    that a topic that stays does not repeat itself; the last one looks back, and has none.
    """
    said = [need.text for need in needs
            if need.source in ("goal", "talking_point") and not need.together]
    if not said or brief.arc.type == "closing":
        return None
    owners = dict.fromkeys(activities, NEAR) | ({topic: NEAR_IN_TOPIC} if topic else {})
    near = [voice.say(text) for text in catalogue.parallels(brief.language).of(said, owners)
            if not (voice.avoids(text) or tells_of_others(text, brief.language))]
    return near[(brief.arc.number - 1) % min(len(near), TURNS)] if near else None


def tells_of_others(text: str, language: Written) -> bool:
    """Return whether a sentence is about somebody else, and not about who says it."""
    return bool(_OF_OTHERS[language].search(text)) and not _OWN[language].search(text)
