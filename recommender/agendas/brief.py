"""The brief: what matters this time, safe to show. Everything after this sees no case."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from content_library.load import Library
from recommender.agendas.arc import ArcSession, arc_session
from recommender.agendas.calendar_words import days_ahead
from recommender.agendas.history import (
    changed_goals,
    newly_done,
    open_actions_of,
    used_activities,
    used_resources,
)
from recommender.agendas.programmes import Script, programme_of, script_of
from recommender.domain.agenda import Lead
from recommender.domain.base import Mode, Relation, Role, Written, base_language, written_language
from recommender.domain.case import Case, Goal
from recommender.domain.programme import Programme, Style
from recommender.errors import InvalidInputError
from recommender.names.find import Others
from recommender.names.safe import names_anybody, others_of, safe_text
from recommender.privacy import HandOffRules, People, people_of, quotable, sentences
from recommender.retrieval.language import fits_language

MAX_QUOTE = 220
"""Characters of a quotation; longer ones are cut at a word."""
MIN_NOTE, MAX_NOTE = 20, 200
"""Characters of a sentence of notes that is worth quoting."""
MAX_NOTES = 40
"""Sentences of notes, the newest first, whose meaning is looked at."""
SESSIONS_REMEMBERED = 3
"""From how many earlier sessions notes are read."""


@dataclass(frozen=True)
class Words:
    """Something a person wrote: what searches see, and what may be quoted of it.

    Attributes:
        text: People replaced by roles, and what leads to them taken out; empty where it
            needs a person.
        quote: For quotation; null where it holds personal data, needs a person,
            or is in another language than the session.
        owner: Whose it is, as a position among the members; null when nobody's or everybody's.
    """

    id: str
    text: str
    quote: str | None
    owner: int | None = None


@dataclass(frozen=True)
class OpenAction:
    """An action that was not done; `missed` counts the sessions since it was agreed."""

    id: str
    quote: str | None
    text: str
    due: date | None
    owner: int | None
    missed: int


@dataclass(frozen=True)
class Brief:
    """What matters for one agenda: pseudonymous, allow-listed, in the order it was given.

    Attributes:
        script: What the programme has written itself for this session, in fixed mode.
        new_goals: Those of `goals` that earlier sessions did not have, or not in these words.
        goals_replaced: Whether they stand in the place of earlier ones.
        kept_back: Sentences of notes as written that are for a person; for nobody to see.
        used_activities: By id, with the session that used them last.
        verdicts: What learners have said of resources before.
        coming: Days ahead that goals and talking points name, the nearest first.
    """

    fingerprint: str
    programme: Programme
    relation: Relation
    language: Written
    arc: ArcSession
    minutes: int
    mode: Mode
    script: Script | None
    focus_area: str | None
    learner_roles: frozenset[Lead]
    roles: frozenset[Role]
    learners: frozenset[int]
    size: int
    readable: frozenset[str]
    level: int | None
    goals: tuple[Words, ...]
    new_goals: tuple[Words, ...]
    goals_replaced: bool
    actions: tuple[OpenAction, ...]
    done: tuple[Words, ...]
    talking_points: tuple[Words, ...]
    needs_person: tuple[str, ...]
    hand_off: bool
    notes: tuple[Words, ...]
    kept_back: frozenset[str]
    last_notes: tuple[Words, ...]
    skills: tuple[Words, ...]
    offers: tuple[Words, ...]
    background: tuple[str, ...]
    used_activities: dict[str, int]
    used_resources: frozenset[str]
    verdicts: frozenset[str]
    coming: tuple[date, ...]
    missing: tuple[str, ...]

    @property
    def style(self) -> Style:
        """Return how the programme wants its agendas to sound."""
        return self.programme.agenda.style

    @property
    def turn(self) -> int:
        """Return a number that differs from pair to pair, and is the same for the same goals."""
        said = "".join(goal.text for goal in self.goals)
        return hashlib.sha256(said.encode("utf-8", "replace")).digest()[0]


def make_brief(
    case: Case, library: Library, rules: HandOffRules, known_words: frozenset[str]
) -> Brief:
    """Return the brief of a case.

    Args:
        known_words: Lower-case words that are no names, in every language.

    Raises:
        InvalidInputError: The case names a programme or focus area the library does not have.
    """
    programme = programme_of(case, library)
    if case.focus_area is not None and case.focus_area not in library.focus_areas:
        raise InvalidInputError.of(
            f"{case.focus_area!r} is no focus area of the library; "
            f"write one of {', '.join(library.focus_areas)}",
            field="focus_area",
        )
    language = written_language(case.session.language)
    phrases = library.phrases[language]
    group = len(case.members) > 2
    people = people_of(
        case, phrases.person_group if group else phrases.person_pair, known_words)
    reader = _Reader(people, others_of(known_words), phrases.person_other, rules, known_words,
                     language, case)

    own_goals = goals_of(case)
    goals = [reader.words(goal.id, goal.text, goal.owner) for goal in own_goals]
    changed, replaced = changed_goals(case, own_goals)
    points = [
        reader.words(point.id, point.text, point.by, always=True)
        for point in case.session.talking_points
    ]
    grave = tuple(words.id for words in points if not words.text)
    open_actions, done = _actions(case, reader)
    told = _for_person(case, reader)
    notes = _notes(case, reader, told)
    heavy = [words for words in (*goals, *done) if not words.text]
    noted = bool(told) or any(
        rules.needs_person(past.notes) for past in case.history[:-SESSIONS_REMEMBERED]
        if past.notes)
    heavy_actions = any(not action.text for action in open_actions)
    learners = case.learners
    taught = {plain_skill for member in learners for plain_skill in member.profile.skills_offered}
    of = case.session.of if case.session.of is not None else programme.sessions
    number = case.session.number
    if of is not None and number > of:
        raise InvalidInputError.of(
            f"session {number} is past the programme's {of}; set session.of, or the right number",
            field="session.number",
        )
    worked = any(past.notes or past.actions or past.agenda for past in case.history)
    arc = arc_session(programme, number, of, goals_set=bool(goals) and worked)
    levels = [m.profile.level for m in learners if m.profile.level is not None]
    skills = [
        reader.words(f"skill-{at}", skill, member.profile.id)
        for at, (member, skill) in enumerate(
            (m, s) for m in learners for s in m.profile.skills_wanted)
    ]
    offers = [
        reader.words(f"offer-{at}", skill, member.profile.id)
        for at, (member, skill) in enumerate(
            (m, s) for m in case.members for s in m.profile.skills_offered
            if m.role != "mentee" and (m.role == "peer" or s not in taught))
    ]
    background = [
        reader.safe(text)
        for member in learners
        for text in (member.profile.headline, member.profile.bio)
        if text and not rules.needs_person(text)
    ]
    mode = case.mode or programme.agenda.mode
    repeatable = frozenset(programme.agenda.repeat)
    return Brief(
        fingerprint=fingerprint_of(case),
        programme=programme,
        relation=_relation(case, programme),
        language=language,
        arc=arc,
        minutes=case.session.minutes,
        mode=mode,
        script=script_of(programme, arc, language, case.session.minutes, people.without_names)
        if mode == "fixed" else None,
        focus_area=case.focus_area,
        learner_roles=frozenset(member.role for member in learners),
        roles=frozenset(member.role for member in case.members),
        learners=frozenset(at for at, one in enumerate(case.members) if one.role != "mentor"),
        size=len(case.members),
        readable=_readable(case, language),
        level=min(levels) if levels else None,
        goals=tuple(words for words in goals if words not in heavy),
        new_goals=tuple(words for words in goals if words not in heavy
                        and any(words.id == goal.id for goal in changed)),
        goals_replaced=replaced,
        actions=open_actions,
        done=tuple(words for words in done if words not in heavy and words.quote),
        talking_points=tuple(points),
        needs_person=grave,
        hand_off=bool(grave or heavy or noted or heavy_actions),
        notes=notes,
        kept_back=told,
        last_notes=tuple(one for one in notes if case.history
                         and one.id.startswith(f"note-{case.history[-1].number}-")),
        skills=tuple(words for words in skills if words.text),
        offers=tuple(words for words in offers if words.text),
        background=tuple(background),
        used_activities={one: number for one, number in used_activities(case).items()
                         if one not in repeatable},
        used_resources=used_resources(case) - repeatable,
        verdicts=frozenset(one.verdict for one in case.feedback if one.target == "resource"
                           and any(one.profile_id == m.profile.id for m in learners)),
        coming=() if case.session.date is None else days_ahead(
            [one.quote or "" for one in (*points, *goals)], case.session.date.date(), phrases),
        missing=_missing(case, bool(goals), bool(skills), bool(offers)),
    )


def goals_of(case: Case) -> list[Goal]:
    """Return the case's goals, or else its learners' active goals; ids made to differ."""
    if case.goals is not None:
        return case.goals
    found: dict[str, Goal] = {}
    for member in case.learners:
        for goal in member.profile.goals:
            if goal.status != "active":
                continue
            unique = goal.id if goal.id not in found else f"{member.profile.id}.{goal.id}"[-128:]
            found[unique] = Goal(id=unique, text=goal.text, owner=member.profile.id)
    return list(found.values())


def fingerprint_of(case: Case) -> str:
    """Return the SHA-256 of the case in canonical JSON."""
    canonical = json.dumps(case.model_dump(mode="json", by_alias=True), sort_keys=True,
                           ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


@dataclass(frozen=True)
class _Reader:
    people: People
    others: Others
    somebody: str
    rules: HandOffRules
    known: frozenset[str]
    language: str
    case: Case

    def words(
        self, key: str, text: str, owner: str | None, *, always: bool = False, told: bool = False
    ) -> Words:
        """Return what somebody wrote, with what may be quoted.

        `always` lets other people's names and another language stand, as talking points may.
        """
        seen = self.safe(text)
        grave = self.rules.for_person(text, seen, told=told)
        may = not grave and (always or (
            quotable(text, self.people, self.known, told=told)
            and not names_anybody(text, self.others)
            and fits_language(text, self.language)))
        said = " ".join(self.people.without_names(text).split())
        quote = _clipped(said) if may else None
        position = next((at for at, member in enumerate(self.case.members)
                         if member.profile.id == owner), None)
        return Words(key, "" if grave else seen, quote, position)

    def safe(self, text: str) -> str:
        """Return what a search or a model may see of a text."""
        seen = safe_text(text, self.people, self.others, self.somebody)
        return " ".join(seen.split())


def _actions(case: Case, reader: _Reader) -> tuple[tuple[OpenAction, ...], list[Words]]:
    opened = tuple(
        OpenAction(key, words.quote, words.text, action.due, words.owner,
                   case.session.number - first)
        for key, (action, first) in open_actions_of(case).items()
        for words in [reader.words(key, action.text, action.owner)]
    )
    done = [reader.words(action.id, action.text, action.owner) for action in newly_done(case)]
    return opened, done


def _for_person(case: Case, reader: _Reader) -> frozenset[str]:
    """Return the sentences of the last sessions' notes that are for a person, as written."""
    read = [sentence for past in reversed(case.history[-SESSIONS_REMEMBERED:])
            for sentence in sentences(past.notes or "")]
    return frozenset(
        one for at, one in enumerate(read)
        if (reader.rules.for_person(one, reader.safe(one), told=True) if at < MAX_NOTES
            else reader.rules.needs_person(one)))


def _notes(case: Case, reader: _Reader, told: frozenset[str]) -> tuple[Words, ...]:
    """Return quotable sentences of the last sessions' notes, the newest session first."""
    found: list[Words] = []
    for past in reversed(case.history[-SESSIONS_REMEMBERED:]):
        for at, sentence in enumerate(sentences(past.notes or "")):
            if MIN_NOTE <= len(sentence) <= MAX_NOTE and sentence not in told:
                words = reader.words(f"note-{past.number}-{at}", sentence, None, told=True)
                if words.quote is not None:
                    found.append(words)
    return tuple(found)


def _relation(case: Case, programme: Programme) -> Relation:
    relation = case.relation
    return "reverse" if relation == "mentor" and programme.relation == "reverse" else relation


def _readable(case: Case, language: str) -> frozenset[str]:
    """Return the languages all learners read; the session's is one by its nature."""
    shared: set[str] | None = None
    for member in case.learners:
        own = {base_language(tag) for tag in member.profile.languages}
        if own:
            shared = own if shared is None else shared & own
    return frozenset((shared or set()) | {language})


def _missing(case: Case, goals: bool, skills: bool, offers: bool) -> tuple[str, ...]:
    """Return what is not known, what would help most first."""
    learners = case.learners
    missing = []
    if not goals:
        missing.append("group_goal" if len(case.members) > 2 else "goal")
    if not any(m.profile.bio for m in learners):
        missing.append("situation")
    if case.session.number > 1 and not any(p.notes or p.actions for p in case.history):
        missing.append("notes")
    if not any(m.profile.headline or m.profile.function for m in learners):
        missing.append("role")
    if not offers and len(case.members) == 2:
        missing.append("offer")
    if not skills and not goals:
        missing.append("point")
    return tuple(missing)


def shortened(text: str, most: int) -> str:
    """Return the text, cut at a word where it has more than `most` characters."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _clipped(text: str) -> str:
    text = text.strip().rstrip(".").strip() if not text.endswith("...") else text.strip()
    return shortened(text, MAX_QUOTE)
