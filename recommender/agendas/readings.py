"""What to read, watch or fill in around a session: one or two things, or nothing."""

from collections.abc import Sequence

from recommender.agendas.brief import Brief
from recommender.agendas.needs import Need, words_of
from recommender.agendas.style import Voice
from recommender.catalogue import Catalogue, matter
from recommender.domain.agenda import Lead, ResourceUse
from recommender.domain.base import LEVELS, base_language
from recommender.learning.recommend import Recommendation, Wish, recommend_resources, work_of

BEFORE_MINUTES, AFTER_MINUTES = 20, 45
"""Longest resource before and after a session; people have a week, and work to do."""
WORTH, WORTH_TWO = 1.2, 1.8
"""Score from which a resource is worth naming, and from which two are; weighted z-scores."""
CONSIDERED = 30
"""Resources looked at before those about something else are left out."""
MATTER = 1.0
"""Weight of the session's topic among the texts that resources are searched with."""


def readings_for(
    brief: Brief, needs: Sequence[Need], topic: str | None, catalogue: Catalogue, voice: Voice
) -> list[ResourceUse]:
    """Return up to two resources: a short one before, another one after; none if none fits.

    What a curator pinned to the topic needs no score to be worth naming.

    Args:
        topic: Id of the topic that the session is about; null when it is not known, and
            then nothing is worth naming.
    """
    found = worth_reading(brief, needs, topic, catalogue)
    uses: list[ResourceUse] = []
    short = None
    if brief.arc.type not in ("first", "one_off"):
        short = next((one for one in found if one.resource.minutes is not None
                      and one.resource.minutes <= BEFORE_MINUTES), None)
        if short is not None:
            uses.append(use_of(short, "before", brief))
    least = WORTH_TWO if uses else WORTH
    after = next((one for one in found if (one.pinned or one.score >= least)
                  and (short is None or work_of(one.resource) != work_of(short.resource))), None)
    if after is not None and not (short is not None and _says_the_same(short, after, brief)):
        uses.append(use_of(after, "after", brief))
    return [worded(use, catalogue, voice) for use in uses]


def _says_the_same(one: Recommendation, other: Recommendation, brief: Brief) -> bool:
    """Return whether nothing but their titles tells two resources apart in this language."""
    return one.topic == other.topic and all(
        base_language(each.resource.language) != brief.language for each in (one, other))


def worded(use: ResourceUse, catalogue: Catalogue, voice: Voice) -> ResourceUse:
    """Return a resource with its reason in the programme's words; a gist stays as it is."""
    if use.reason == catalogue.library.resources[use.id].gist:
        return use
    return use.model_copy(update={"reason": voice.say(use.reason)})


def worth_reading(
    brief: Brief, needs: Sequence[Need], topic: str | None, catalogue: Catalogue
) -> list[Recommendation]:
    """Return the resources that are worth naming around a session, best first; often none.

    Args:
        topic: As in `readings_for`.
    """
    texts = [(need.text, need.weight) for need in needs
             if need.source in ("goal", "talking_point", "theme") and not need.together]
    fixed = brief.mode == "fixed" and brief.arc.theme is None
    if topic is None or brief.hand_off or fixed or not texts:
        return []
    theme = {need.term for need in needs if need.source == "theme"}
    texts.append((matter(words_of(catalogue, topic, brief.language)), MATTER))
    wish = Wish(needs=texts, language=brief.language, readable=brief.readable,
                audience=brief.learner_roles, focus_area=brief.focus_area,
                longest=longest_of(brief), without=brief.used_resources, matter=topic,
                levels=levels_of(brief))
    return [one for one in recommend_resources(catalogue, wish, CONSIDERED)
            if one.pinned or (one.score >= WORTH and one.resource.topics[0] in {topic, *theme})]


def longest_of(brief: Brief) -> int:
    """Return the minutes that a resource may take; fewer for those who found one too long."""
    return BEFORE_MINUTES if "too_long" in brief.verdicts else AFTER_MINUTES


def levels_of(brief: Brief) -> frozenset[str]:
    """Return the levels that suit learners who found something too easy, or too hard."""
    easy, hard = "too_easy" in brief.verdicts, "too_hard" in brief.verdicts
    if easy == hard:
        return frozenset()
    return frozenset(LEVELS[1:] if easy else LEVELS[:1])


def use_of(found: Recommendation, moment: str, brief: Brief) -> ResourceUse:
    """Return a recommendation as it stands in an agenda, at one moment: before or after."""
    resource = found.resource
    roles: list[Lead] = [role for role in ("mentee", "peer") if role in brief.learner_roles]
    return ResourceUse.model_validate({
        "id": resource.id, "title": resource.title, "url": resource.url,
        "minutes": resource.minutes,
        "minutes_estimated": resource.minutes_estimated, "language": resource.language,
        "format": resource.format, "use": moment, "for": roles, "reason": found.reason,
    })
