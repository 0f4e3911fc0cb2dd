"""The arc of a whole relationship: every session's type and theme, and what to learn between."""

from typing import Annotated, Literal

from pydantic import Field

from recommender.agendas.arc import ArcSession, arc_session, written_of
from recommender.agendas.brief import Brief, make_brief
from recommender.agendas.candidates import wanted_of
from recommender.agendas.milestones import label_of
from recommender.agendas.needs import NOT_THE_MATTER, needs_of, words_of
from recommender.agendas.style import Voice, voice_of
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen, Id, PulseKind, SessionType, Stage
from recommender.domain.case import Case
from recommender.domain.phrases import Phrases
from recommender.domain.resource import Resource
from recommender.errors import InvalidInputError
from recommender.learning.between import LearningPlan
from recommender.learning.recommend import reason_for, topic_chances

EVERGREEN_AHEAD = 8
"""Sessions that are shown of a relationship without an end."""
BETWEEN_MINUTES = 40
"""Learning time between two sessions: people have work to do."""
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
    level: str
    reason: str


class PlannedMilestone(Frozen):
    """What people are asked in a session."""

    kind: PulseKind
    label: str


class PlannedSession(Frozen):
    """One session of the arc.

    `theme` is set by the programme; `topic` is what the session is likely about; `milestone`
    names the questions that people answer in it. `must_have` are activities and topics that the
    programme wants in it, and `written` says that it has written the whole session itself.
    Nothing is planned `before` what is `past`.
    """

    number: Annotated[int, Field(ge=1)]
    type: SessionType
    stage: Stage
    state: Literal["past", "now", "ahead"]
    theme: Id | None
    topic: Id | None
    label: str
    must_have: list[Id] = []
    written: bool = False
    milestone: PlannedMilestone | None = None
    before: list[PlannedResource] = []


class Plan(Frozen):
    """All sessions, `of` null for evergreen, of which the next eight are shown.

    `minutes` are those of a session, `minutes_between` what there is for learning before it.
    """

    programme: Id
    language: str
    of: int | None
    minutes: int
    minutes_between: int
    sessions: list[PlannedSession]


def plan_sessions(
    case: Case, catalogue: Catalogue, minutes_between: int = BETWEEN_MINUTES
) -> Plan:
    """Return the arc of all sessions, and a learning plan inside the minutes between them.

    Raises:
        InvalidInputError: The case names something the library does not have, or less than a
            minute is given.
    """
    if minutes_between < 1:
        raise InvalidInputError.of("at least one minute expected", field="minutes_between")
    brief = make_brief(case, catalogue.library, catalogue.hand_off_rules, catalogue.known_words)
    voice = voice_of(brief, catalogue)
    of, now = brief.arc.of, brief.arc.number
    numbers = range(1, of + 1) if of is not None else range(now, now + EVERGREEN_AHEAD)
    topics = _topics_ahead(brief, catalogue)
    learning = LearningPlan(
        catalogue, minutes_between, language=brief.language, readable=brief.readable,
        audience=frozenset(brief.learner_roles), used=brief.used_resources,
        goals=[goal.text for goal in brief.goals], topics=topics)
    sessions, turn = [], 0
    for number in numbers:
        arc = brief.arc if number == now else arc_session(
            brief.programme, number, of, goals_set=bool(brief.goals) and number != 2)
        topic = arc.theme
        if topic is None and arc.type in ("working", "goal_setting", "midpoint", "one_off"):
            topic = topics[turn % len(topics)]
            turn += 1
        ahead = number >= max(now, 2) and not brief.hand_off
        sessions.append(_session(brief, catalogue, voice, arc, topic,
                                 learning.next(topic) if ahead and topic is not None else []))
    return Plan(programme=brief.programme.id, language=brief.language, of=of,
                minutes=brief.minutes, minutes_between=minutes_between, sessions=sessions)


def render_plan(plan: Plan, catalogue: Catalogue) -> str:
    """Return the plan as Markdown in its own language."""
    phrases: Phrases = catalogue.library.phrases[plan.language]
    heading = phrases.headings
    lines = [f"*{heading['between_minutes'].format(minutes=plan.minutes_between)}*", ""]
    for session in plan.sessions:
        which = heading["session" if plan.of is not None else "session_open"]
        parts = [which.format(number=session.number, of=plan.of),
                 phrases.type_of(session.type, plan.of)]
        if session.state != "ahead":
            parts.append(heading[f"plan_{session.state}"])
        lines += [f"## {' · '.join(parts)}", ""]
        if session.topic is not None or session.written:
            lines += [f"**{session.label}**", ""]
        if session.must_have:
            named = [_name_of(one, catalogue, plan.language) for one in session.must_have]
            lines += [heading["must_have"].format(what=", ".join(named)), ""]
        if session.milestone is not None:
            lines += [f"*{session.milestone.label}*", ""]
        for one in session.before:
            length = phrases.length_of(one.minutes, estimated=one.minutes_estimated)
            lines.append(f"- {phrases.uses['before']}: [{one.title}]({one.url}) "
                         f"({phrases.formats[one.format]}, {length}, {one.language}). {one.reason}")
        if session.before:
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _session(
    brief: Brief, catalogue: Catalogue, voice: Voice, arc: ArcSession, topic: str | None,
    before: list[Resource],
) -> PlannedSession:
    fixed = brief.mode == "fixed"
    planned = written_of(brief.programme, arc.number, arc.of) if fixed else None
    own = None if planned is None else brief.programme.agenda.sessions[planned]
    if own is not None and not brief.hand_off and arc.number >= brief.arc.number:
        before = [catalogue.library.resources[use.id] for use in own.resources
                  if use.use == "before"]
    words = None if topic is None else voice.words(topic)
    label = (voice.phrases.type_of(arc.type, arc.of) if words is None else words.label)
    if own is not None and brief.language in own.text:
        label = own.text[brief.language].purpose
    state: Literal["past", "now", "ahead"] = (
        "past" if arc.number < brief.arc.number else
        "now" if arc.number == brief.arc.number else "ahead")
    milestone = None if arc.milestone is None else PlannedMilestone(
        kind=arc.milestone, label=label_of(arc.milestone, brief, catalogue))
    return PlannedSession(
        number=arc.number, type=arc.type, stage=arc.stage, state=state, theme=arc.theme,
        topic=topic, label=label, must_have=list(wanted_of(brief.mode, arc)),
        written=own is not None, milestone=milestone,
        before=[_planned(one, topic or one.topics[0], catalogue, brief, voice) for one in before],
    )


def _planned(
    one: Resource, topic: str, catalogue: Catalogue, brief: Brief, voice: Voice
) -> PlannedResource:
    about = topic if topic in one.topics else one.topics[0]
    reason = reason_for(one, about, catalogue, brief.language)
    return PlannedResource(
        id=one.id, title=one.title, url=one.url, minutes=one.minutes,
        minutes_estimated=one.minutes_estimated, counted_minutes=one.budget_minutes,
        language=one.language, format=one.format, level=one.level,
        reason=reason if reason == one.gist else voice.say(reason))


def _name_of(one: str, catalogue: Catalogue, language: str) -> str:
    activity = catalogue.library.activities.get(one)
    if activity is not None:
        return activity.text[language].title  # type: ignore[index]
    return words_of(catalogue, one, language).label


def _topics_ahead(brief: Brief, catalogue: Catalogue) -> list[str]:
    """Return the topics that the pair's goals speak of most, likeliest first.

    What one of them builds on comes before it.
    """
    needs = [(need.text, need.weight) for need in needs_of(brief, catalogue)
             if need.source != "theme"]
    if not needs:
        needs = [(brief.programme.purpose, 1.0)]
    chances = topic_chances(catalogue, needs)
    order = sorted(range(len(chances)), key=lambda at: (-float(chances[at]), at))
    ids = [catalogue.bridge.topic_ids[at] for at in order]
    return foundations_first(
        [one for one in ids if one not in NOT_THE_MATTER][:TOPICS_AHEAD], catalogue)


def foundations_first(topics: list[str], catalogue: Catalogue) -> list[str]:
    """Return the topics in their order, each after those of them that it builds on."""
    placed: list[str] = []

    def place(topic: str) -> None:
        for one in catalogue.library.topics[topic].prerequisites:
            if one in topics and one not in placed:
                place(one)
        if topic not in placed:
            placed.append(topic)

    for topic in topics:
        place(topic)
    return placed
