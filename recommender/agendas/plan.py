"""The arc of a whole relationship: every session's type and theme, and what to learn between."""

from typing import Annotated

from pydantic import Field

from recommender.agendas.arc import arc_session, milestone_at
from recommender.agendas.brief import Brief, make_brief
from recommender.agendas.needs import NOT_THE_MATTER, needs_of, words_of
from recommender.catalogue import Catalogue, matter
from recommender.domain.base import Frozen, Id, SessionType, Stage
from recommender.domain.case import Case
from recommender.domain.phrases import Phrases
from recommender.domain.pulse import PulseKind
from recommender.learning.recommend import Wish, recommend_resources, topic_chances

EVERGREEN_AHEAD = 8
"""Sessions that are shown of a relationship without an end."""
BETWEEN_MINUTES = 40
"""Learning time between two sessions: people have work to do."""
MOST_BETWEEN = 2
TOPICS_AHEAD = 4
"""So many topics of the pair's goals take turns in the sessions without a theme."""


class PlannedResource(Frozen):
    """One resource between two sessions; `counted_minutes` is what the budget counts."""

    id: Id
    title: str
    url: str
    minutes: int | None
    minutes_estimated: bool = False
    counted_minutes: int
    language: str
    format: str
    reason: str


class PlannedMilestone(Frozen):
    """What people are asked around a session."""

    kind: PulseKind
    label: str


class PlannedSession(Frozen):
    """One session of the arc.

    `theme` is set by the programme; `topic` is what the session is likely about; `milestone`
    names the questions that people answer around it.
    """

    number: Annotated[int, Field(ge=1)]
    type: SessionType
    stage: Stage
    theme: Id | None
    topic: Id | None
    label: str
    milestone: PlannedMilestone | None = None
    before: list[PlannedResource] = []


class Plan(Frozen):
    """All sessions, `of` null for evergreen, of which the next eight are shown."""

    programme: Id
    language: str
    of: int | None
    minutes: int
    sessions: list[PlannedSession]


def plan_sessions(case: Case, catalogue: Catalogue) -> Plan:
    """Return the arc of all sessions, and a learning plan inside the minutes between them.

    Raises:
        InvalidInputError: The case names something the library does not have.
    """
    brief = make_brief(case, catalogue.library, catalogue.hand_off_rules, catalogue.known_words)
    of = brief.arc.of
    last = of if of is not None else max(brief.arc.number, 1) + EVERGREEN_AHEAD - 1
    first = 1 if of is not None else brief.arc.number
    topics = _topics_ahead(brief, catalogue)
    used = set(brief.used_resources)
    sessions, turn = [], 0
    for number in range(first, last + 1):
        arc = arc_session(brief.programme, number, of, goals_set=bool(brief.goals) and number != 2)
        topic = arc.theme
        if topic is None and arc.type in ("working", "goal_setting", "midpoint", "one_off"):
            topic = topics[turn % len(topics)]
            turn += 1
        before = (_resources(brief, catalogue, topic, used)
                  if topic is not None and number > first and not brief.hand_off else [])
        used.update(one.id for one in before)
        phrases = catalogue.library.phrases[brief.language]
        label = (phrases.type_of(arc.type, of) if topic is None
                 else words_of(catalogue, topic, brief.language).label)
        sessions.append(PlannedSession(
            number=number, type=arc.type, stage=arc.stage, theme=arc.theme, topic=topic,
            label=label, milestone=_milestone(brief, catalogue, number), before=before,
        ))
    return Plan(programme=brief.programme.id, language=brief.language, of=of,
                minutes=brief.minutes, sessions=sessions)


def render_plan(plan: Plan, phrases: Phrases) -> str:
    """Return the plan as Markdown in its own language."""
    lines: list[str] = []
    for session in plan.sessions:
        heading = phrases.headings["session" if plan.of is not None else "session_open"]
        lines.append(f"## {heading.format(number=session.number, of=plan.of)} · "
                     f"{phrases.type_of(session.type, plan.of)}")
        lines.append("")
        if session.topic is not None:
            lines += [f"**{session.label}**", ""]
        if session.milestone is not None:
            lines += [f"*{session.milestone.label}*", ""]
        for one in session.before:
            length = phrases.length_of(one.minutes, estimated=one.minutes_estimated)
            lines.append(f"- {phrases.uses['before']}: [{one.title}]({one.url}) "
                         f"({phrases.formats[one.format]}, {length}, {one.language}). {one.reason}")
        if session.before:
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _milestone(brief: Brief, catalogue: Catalogue, number: int) -> PlannedMilestone | None:
    kind = milestone_at(brief.programme, number, brief.arc.of)
    if kind is None:
        return None
    return PlannedMilestone(
        kind=kind, label=catalogue.library.pulses.labels[kind][brief.language])


def _topics_ahead(brief: Brief, catalogue: Catalogue) -> list[str]:
    """Return the topics that the pair's goals speak of most, likeliest first."""
    needs = [(need.text, need.weight) for need in needs_of(brief, catalogue)
             if need.source != "theme"]
    if not needs:
        needs = [(brief.programme.purpose, 1.0)]
    chances = topic_chances(catalogue, needs)
    order = sorted(range(len(chances)), key=lambda at: (-float(chances[at]), at))
    ids = [catalogue.bridge.topic_ids[at] for at in order]
    return [one for one in ids if one not in NOT_THE_MATTER][:TOPICS_AHEAD]


def _resources(
    brief: Brief, catalogue: Catalogue, topic: str, used: set[str]
) -> list[PlannedResource]:
    words = words_of(catalogue, topic, brief.language)
    needs = [(matter(words), 1.0)]
    needs += [(goal.text, 0.5) for goal in brief.goals[:3]]
    wish = Wish(needs=needs, language=brief.language, readable=brief.readable,
                audience=frozenset(brief.learner_roles), longest=BETWEEN_MINUTES,
                without=frozenset(used), matter=topic)
    chosen: list[PlannedResource] = []
    left = BETWEEN_MINUTES
    for found in recommend_resources(catalogue, wish, 8):
        resource = found.resource
        if len(chosen) < MOST_BETWEEN and resource.budget_minutes <= left:
            left -= resource.budget_minutes
            chosen.append(PlannedResource(
                id=resource.id, title=resource.title, url=resource.url, minutes=resource.minutes,
                minutes_estimated=resource.minutes_estimated,
                counted_minutes=resource.budget_minutes, language=resource.language,
                format=resource.format, reason=found.reason))
    return chosen
