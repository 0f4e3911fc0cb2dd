"""What a session should serve: the needs of a brief, weighted, and the topic behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.agendas.brief import Brief, shortened
from recommender.catalogue import Catalogue, about
from recommender.domain.base import Written
from recommender.domain.vocabulary import Term, TermText
from recommender.errors import NotFoundError
from recommender.learning.recommend import topic_chances
from recommender.retrieval.encoder import Floats
from recommender.retrieval.lexical import tokenize

GOAL, TOGETHER, POINT, THEME, THEME_GUIDED, FOCUS = 1.1, 1.8, 0.9, 1.0, 1.8, 0.15
"""Weights; what a person wants counts most together with what is on their mind today."""
SKILLS, BACKGROUND, PROGRAMME = 0.8, 0.5, 0.15

SHARED_WORD = 0.06
"""What a shared word adds to the cosine of two questions."""

FOCUS_PRIOR, THEME_PRIOR = 1.2, 2.0
MAX_TOGETHER = 300
"""Characters of a goal and its talking points that are read together; encoders take long over
more, and it changes little."""
SURE_OF_TOPIC = 0.08
"""Probability from which a topic is taken for the matter of a session; chance is 0.02. Five
in six of the topics above it are what a reader says the case is about (evals/data/case_topics);
below it none is named."""
SURE_TO_SAY = 0.1
"""Probability from which a topic's own sentences stand in an agenda; what is worth reading may be
a little less sure."""
IN_A_SITUATION, SURE_OF_SITUATION = frozenset({
    "first-time-managers", "healthcare-leadership", "humanitarian", "inclusive-leadership",
    "leadership-skills", "motivation", "remote-hybrid",
}), 0.2
"""Topics whose sentences are nonsense to whoever has no team, ward, field office or far-off
colleagues, and the probability from which somebody is taken to have one."""
SPOKEN_OF = 5
"""Topics among which a second main item must be, so that it is no stranger to what people said."""
WITH_SKILLS, WITH_POINTS, WITH_NOTES = 0.6, 0.4, 0.3
"""What skills wanted, talking points and the last notes count beside a goal, to tell its topic."""
LEAST_CHANCE = 1e-4

ABOUT_MENTORING = frozenset({
    "being-a-mentee", "being-a-mentor", "closing-mentoring", "first-mentoring-meeting",
    "group-mentoring", "mentoring-agreements", "peer-mentoring", "reflection-journaling",
    "reverse-mentoring",
})
"""Topics about the relationship itself: never the matter of a session unless set as its theme."""
FOR_SOME = frozenset({"women-in-leadership"})
"""Topics whose own lines address some people only: the matter only where they are the theme."""

NOT_THE_MATTER = ABOUT_MENTORING | FOR_SOME


@dataclass(frozen=True)
class Need:
    """One thing this session should serve, and how much it counts.

    `term` is the vocabulary's own id of a theme or focus area, of which `id` may be an alias;
    `owner` is whose need it is, as a position among the members, null when everybody's;
    `together` says that talking points stand in the text beside the goal.
    """

    source: str
    id: str
    text: str
    weight: float
    term: str | None = None
    owner: int | None = None
    together: bool = False


def needs_of(brief: Brief, catalogue: Catalogue) -> list[Need]:
    """Return the needs of a brief, at least one; in fixed mode only what the programme sets."""
    needs: list[Need] = []
    if brief.arc.theme is not None:
        weight = THEME if brief.mode == "personalised" else THEME_GUIDED
        needs.append(Need("theme", brief.arc.theme, _about(catalogue, brief.arc.theme, brief),
                          weight, _term(catalogue, brief.arc.theme).id))
    if brief.focus_area is not None:
        needs.append(Need("focus_area", brief.focus_area,
                          _about(catalogue, brief.focus_area, brief), FOCUS))
    if brief.mode != "fixed":
        needs += _personal(brief)
    if not any(need.weight >= SKILLS / 2 for need in needs):
        needs.append(Need("programme", brief.programme.id,
                          f"{brief.programme.purpose} {brief.programme.success}", PROGRAMME))
    return needs


def _personal(brief: Brief) -> list[Need]:
    points = [point for point in brief.talking_points if point.id not in brief.needs_person]
    share = len(brief.goals) ** 0.5
    needs = [Need("goal", goal.id, goal.text, GOAL / share, owner=goal.owner)
             for goal in brief.goals]
    read: set[str] = set()
    for goal in brief.goals:
        own = [point for point in points
               if len(brief.goals) == 1 or goal.owner == point.owner is not None]
        if own:
            read.update(point.id for point in own)
            together = shortened(
                " ".join([f"{goal.text}.", *(point.text for point in own)]), MAX_TOGETHER)
            needs.append(Need("goal", goal.id, together, TOGETHER / share,
                              owner=goal.owner, together=True))
    alone = [point for point in points if point.id not in read]
    needs += [Need("talking_point", point.id, point.text, POINT / len(alone) ** 0.5)
              for point in alone]
    skills = ", ".join(skill.text for skill in brief.skills)
    if skills and not needs:
        needs.append(Need("programme", brief.programme.id, skills, SKILLS))
    if not needs and brief.background:
        needs.append(Need("programme", brief.programme.id, " ".join(brief.background), BACKGROUND))
    return needs


def matter_of(
    brief: Brief, needs: Sequence[Need], catalogue: Catalogue, least: float = SURE_OF_TOPIC
) -> str | None:
    """Return the topic id that the needs speak of most; null when it is not likely enough."""
    chances = _chances(brief, needs, catalogue)
    best = int(np.argmax(chances))
    topic = catalogue.bridge.topic_ids[best]
    themes = (brief.arc.theme, *catalogue.library.topics[topic].aliases)
    if topic in IN_A_SITUATION and topic not in themes:
        least = SURE_OF_SITUATION
    return topic if chances[best] >= least * chances.sum() else None


def topics_spoken_of(brief: Brief, needs: Sequence[Need], catalogue: Catalogue) -> frozenset[str]:
    """Return the few topics that the needs speak of most, however little that is."""
    order = np.argsort(-_chances(brief, needs, catalogue), kind="stable")[:SPOKEN_OF]
    return frozenset(catalogue.bridge.topic_ids[at] for at in order)


def _chances(brief: Brief, needs: Sequence[Need], catalogue: Catalogue) -> Floats:
    """Return how likely each topic is the matter of a session, in the bridge's order.

    Skills, talking points and the last notes help to tell what a goal is about: the chances are
    multiplied, so that a topic must be likely in all of them. The relationship itself is no topic
    of people who have a goal.
    """
    library = catalogue.library
    texts = _telling(brief, needs)
    weights = np.array([weight for _, weight in texts], dtype=np.float32)
    scores = catalogue.bridge.topic_scores([text for text, _ in texts])
    chances: Floats = np.exp(weights / weights.sum() @ np.log(scores + LEAST_CHANCE))
    for at, topic in enumerate(catalogue.bridge.topic_ids):
        if topic in ABOUT_MENTORING and (brief.goals or brief.talking_points):
            chances[at] = 0.0
        elif brief.arc.theme in (topic, *library.topics[topic].aliases):
            chances[at] *= THEME_PRIOR
        elif topic in NOT_THE_MATTER:
            chances[at] = 0.0
        elif brief.focus_area in library.topics[topic].focus_areas:
            chances[at] *= FOCUS_PRIOR
    return chances


def _telling(brief: Brief, needs: Sequence[Need]) -> list[tuple[str, float]]:
    """Return what tells the topic of a session, with weights: goals, and what stands beside them.
    """
    spoken = _spoken(needs)
    if not brief.goals or brief.mode == "fixed":
        return spoken
    texts = [(text, 1.0 / len(spoken)) for text, _ in spoken]
    skills = ", ".join(skill.text for skill in brief.skills)
    points = [one.text for one in brief.talking_points
              if one.text and one.id not in brief.needs_person]
    notes = shortened(" ".join(one.text for one in brief.last_notes), MAX_TOGETHER)
    return (texts + [(skills, WITH_SKILLS)] * bool(skills)
            + [(point, WITH_POINTS / len(points)) for point in points]
            + [(notes, WITH_NOTES)] * bool(notes))


def needs_say_something(needs: Sequence[Need]) -> bool:
    """Return whether any need is in somebody's own words."""
    return any(need.source in ("goal", "talking_point") for need in needs)


def speaks_of(topic: str, needs: Sequence[Need], catalogue: Catalogue) -> bool:
    """Return whether goals and talking points speak of a topic more than of one in general."""
    return likeliest([topic], needs, catalogue) is not None


def likeliest(
    topics: Sequence[str], needs: Sequence[Need], catalogue: Catalogue
) -> str | None:
    """Return of these topics the one that people speak of most, if more than of one in general.

    The first, where nobody has said anything.
    """
    texts = [(need.text, need.weight) for need in needs
             if need.source in ("goal", "talking_point")]
    ids = catalogue.bridge.topic_ids
    known = [topic for topic in topics if topic in ids]
    if not texts or not known:
        return next(iter(topics), None)
    chances = topic_chances(catalogue, texts)
    best = max(known, key=lambda topic: float(chances[ids.index(topic)]))
    return best if chances[ids.index(best)] * len(ids) >= 1.0 else None


def _spoken(needs: Sequence[Need]) -> list[tuple[str, float]]:
    """Return the goals with their weights; talking points, or all needs, where there are none."""
    for source in ("goal", "talking_point"):
        spoken = [(need.text, need.weight) for need in needs
                  if need.source == source and not need.together]
        if spoken:
            return spoken
    return [(need.text, need.weight) for need in needs]


def questions_for(
    wanted: str, topics: Sequence[str], catalogue: Catalogue, language: Written
) -> list[str]:
    """Return the questions of topics that a wish surely speaks of, the nearest to it first."""
    questions = list(dict.fromkeys(
        question for topic in topics
        for question in words_of(catalogue, topic, language).questions))
    if not questions:
        return []
    asked = set(tokenize([wanted], language)[0])
    shared = [len(asked & set(tokens)) for tokens in tokenize(questions, language)]
    encode = catalogue.encoder.encode_queries
    nearness = (encode(questions) @ encode([wanted])[0]).tolist()
    score = [near + SHARED_WORD * words for near, words in zip(nearness, shared, strict=True)]
    order = sorted(range(len(questions)), key=lambda at: (-score[at], at))
    return [questions[at] for at in order]


def words_of(catalogue: Catalogue, term_id: str, language: str) -> TermText:
    """Return a topic or focus area in a language of the library."""
    return _term(catalogue, term_id).text[language]  # type: ignore[index]


def _term(catalogue: Catalogue, term_id: str) -> Term:
    term = catalogue.library.term(term_id)
    if term is None:
        raise NotFoundError(f"{term_id!r} is neither topic nor focus area")
    return term


def _about(catalogue: Catalogue, term_id: str, brief: Brief) -> str:
    return about(words_of(catalogue, term_id, brief.language))
