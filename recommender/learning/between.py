"""What to learn between sessions: inside a time budget, easy before hard, nothing twice."""

from collections.abc import Collection, Sequence

from recommender.catalogue import Catalogue, matter
from recommender.domain.base import LEVELS
from recommender.domain.resource import Resource
from recommender.learning.recommend import Wish, recommend_resources, work_of

LOOKED_AT = 20
"""Ranked resources among which those that fit are sought."""
MINUTES_FOR_ONE = 30
"""So many minutes hold one more resource than two; people read few things well."""
FEWEST, MOST = 2, 5
GOAL, GOALS_READ = 0.5, 3
"""Weight of a goal beside the topic, and how many are searched with."""


class LearningPlan:
    """Chooses resources for one gap between sessions after the other, and remembers them.

    Args:
        minutes: What each gap has room for.
        language: Of the reasons, and preferred.
        readable: Languages of eligible resources.
        audience: Roles of which a resource must suit one.
        used: Ids that were given before; they are not planned again, and count as known.
        goals: What the learners want, in their words.
        topics: What those goals speak of; resources about these serve beside the topic.
    """

    def __init__(
        self, catalogue: Catalogue, minutes: int, *, language: str, readable: frozenset[str],
        audience: frozenset[str], used: frozenset[str], goals: Sequence[str],
        topics: Collection[str],
    ) -> None:
        self._catalogue = catalogue
        self._minutes = minutes
        self._language = language
        self._readable = readable
        self._audience = audience
        self._known = set(used)
        self._goals = list(goals[:GOALS_READ])
        self._topics = frozenset(topics)

    def next(self, topic: str) -> list[Resource]:
        """Return what to learn about a topic before its session, foundations first."""
        term = self._catalogue.library.term(topic)
        if term is None:
            return []
        words = term.text[self._language]  # type: ignore[index]
        wish = Wish(
            needs=[(matter(words), 1.0), *((goal, GOAL) for goal in self._goals)],
            language=self._language, readable=self._readable, audience=self._audience,
            longest=self._minutes, without=frozenset(self._known), matter=term.id)
        about = {*self._topics, *term.prerequisites}
        found = [one.resource for one in recommend_resources(self._catalogue, wish, LOOKED_AT)
                 if term.id in one.resource.topics or one.resource.topics[0] in about]
        chosen: list[Resource] = []
        left = self._minutes
        most = min(max(FEWEST, self._minutes // MINUTES_FOR_ONE), MOST)
        while len(chosen) < most:
            works = {work_of(one) for one in chosen}
            fitting = [one for one in found if work_of(one) not in works
                       and one.budget_minutes <= left and not self._is_too_early(one, found)]
            if not fitting:
                break
            chosen.append(fitting[0])
            left -= fitting[0].budget_minutes
            self._known.add(fitting[0].id)
        return chosen

    def _is_too_early(self, resource: Resource, found: Sequence[Resource]) -> bool:
        """Return whether something comes before this one and has not been planned or used.

        That is what it builds on, and what is easier about the same topic; neither holds it
        back where it cannot be had.
        """
        resources = self._catalogue.library.resources
        if any(one not in self._known and self._can_be_had(resources[one])
               for one in resource.prerequisites if one in resources):
            return True
        level = LEVELS.index(resource.level)
        reached = max((LEVELS.index(resources[one].level) for one in self._known
                       if one in resources and resources[one].topics[0] == resource.topics[0]),
                      default=-1)
        return any(LEVELS.index(one.level) < level for one in found
                   if level > reached + 1 and one.topics[0] == resource.topics[0]
                   and one.id not in self._known)

    def _can_be_had(self, resource: Resource) -> bool:
        return (
            resource.status == "active" and resource.budget_minutes <= self._minutes
            and (not self._readable or resource.language.split("-")[0].lower() in self._readable)
        )
