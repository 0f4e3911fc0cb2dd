"""The calls of the client, written by `python -m api.client_source`.

Made of api/openapi.json. Needs nothing but the standard library; `api.client` sends what these
methods make.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, NotRequired, Protocol, TypedDict, TypeVar
from urllib.parse import quote

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One request to the API.

    Attributes:
        path: With the ids of the call in it.
        query: Parameters; those that are None are left out.
        headers: Likewise.
        keyed: Whether the path takes an Idempotency-Key, so that it may be repeated.
        versioned: Whether the answer has an ETag that the caller gets.
        text: Whether the answer is text, and no JSON.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str | None]
    body: Any = None
    content_type: str | None = None
    keyed: bool = False
    versioned: bool = False
    text: bool = False


@dataclass(frozen=True)
class Versioned(Generic[T]):
    """A stored thing and its ETag, to be given as `if_match` when it is changed."""

    body: T
    etag: str


class _Sends(Protocol):
    def _send(self, call: Call) -> Any: ...


class _SendsAsync(Protocol):
    def _send(self, call: Call) -> Awaitable[Any]: ...


def _part(own: str | int) -> str:
    return quote(str(own), safe=":")


class Action(TypedDict):
    """Something a member undertook."""

    due: NotRequired[str | None]
    id: str
    owner: NotRequired[str | None]
    status: NotRequired[Literal["open", "done", "dropped"]]
    text: str


class Add(TypedDict):
    """Put an item in: an activity of the library, or one's own; before the last by default."""

    activity: NotRequired[str | None]
    after: NotRequired[str | None]
    before: NotRequired[str | None]
    item: NotRequired[str | None]
    kind: NotRequired[Literal["welcome", "agreement", "check_in", "action_review", "goal_setting", "discussion", "exercise", "role_play", "resource_debrief", "reflection", "feedback", "action_planning", "closing"] | None]
    lead: NotRequired[Literal["mentor", "mentee", "peer", "all"] | None]
    minutes: NotRequired[int | None]
    op: Literal["add"]
    prompts: NotRequired[list[str]]
    steps: NotRequired[list[str]]
    title: NotRequired[str | None]
    to: NotRequired[int | None]


class Agenda(TypedDict):
    """The agenda of one session."""

    actions_carried: NotRequired[list[str]]
    case_fingerprint: str
    confidence: Confidence
    hand_off: NotRequired[HandOff | None]
    id: str
    items: list[Item]
    language: str
    mode: Literal["fixed", "guided", "personalised"]
    preparation: NotRequired[Preparation]
    provenance: Provenance
    purpose: str
    resources: NotRequired[list[ResourceUse]]
    session: AgendaSession
    success_test: str
    talking_points: NotRequired[list[TalkingPointPlace]]
    words: NotRequired[dict[str, str]]


class AgendaSession(TypedDict):
    """Which meeting the agenda is for. `of` is null in evergreen programmes."""

    minutes: int
    number: int
    of: NotRequired[int | None]
    type: Literal["first", "goal_setting", "working", "midpoint", "reverse", "closing", "one_off"]


class AgendaSettings(TypedDict):
    """How agendas are made, by session number where they differ."""

    mode: NotRequired[Literal["fixed", "guided", "personalised"]]
    must_have: NotRequired[dict[str, list[str]]]
    repeat: NotRequired[list[str]]
    reverse_session: NotRequired[int | None]
    sessions: NotRequired[dict[str, WrittenSession]]
    style: NotRequired[Style]
    themes: NotRequired[dict[str, str]]


class AgendaVersion(TypedDict):
    """One agenda that stood in a place; the one that stands there now was not replaced."""

    agenda: Agenda
    kept_at: NotRequired[str | None]
    number: int
    replaced_by: NotRequired[Literal["agenda", "edit", "restore"] | None]


class AuditEntry(TypedDict):
    """Who did what to what: ids only."""

    action: str
    at: str
    key_id: str
    kind: str
    request_id: str
    subject: str


class AuditPage(TypedDict):
    """Part of the audit, oldest first."""

    data: list[AuditEntry]
    next_cursor: NotRequired[str | None]


class BulkOrder(TypedDict):
    """Which agendas a job makes for the pairs of a programme."""

    date: NotRequired[str | None]
    generator: NotRequired[Literal["auto", "composer", "llm"]]
    language: NotRequired[str | None]
    minutes: NotRequired[int | None]
    mode: NotRequired[Literal["fixed", "guided", "personalised"] | None]
    pairs: NotRequired[list[str] | None]
    replace: NotRequired[bool]
    session: NotRequired[int | None]


class Case(TypedDict):
    """Everything needed for one agenda."""

    feedback: NotRequired[list[Feedback]]
    focus_area: NotRequired[str | None]
    generator: NotRequired[Literal["auto", "composer", "llm"]]
    goals: NotRequired[list[Goal] | None]
    history: NotRequired[list[PastSession]]
    members: list[Member]
    mode: NotRequired[Literal["fixed", "guided", "personalised"] | None]
    programme: str | Programme
    session: Session


class Change(TypedDict):
    """One thing that is different now, and the operation that made it so."""

    after: NotRequired[JsonValue]
    before: NotRequired[JsonValue]
    field: str
    item: NotRequired[str | None]
    op: Literal["retime", "move", "rename", "replace_prompts", "remove", "add", "lock", "unlock", "regenerate", "rebalance", "follow"]


class CheckResult(TypedDict):
    """One invariant and whether it held."""

    name: str
    passed: bool


class Confidence(TypedDict):
    """How much the case told us, and the two or three questions that would help most."""

    level: Literal["high", "partial", "thin"]
    missing: NotRequired[list[str]]


class Cost(TypedDict):
    """What model calls cost, by the prices that were set."""

    amount: float
    currency: str


class Edited(TypedDict):
    """The new agenda, and what is different in it."""

    agenda: Agenda
    diff: NotRequired[list[Change]]


class Edits(TypedDict):
    """Operations in the order in which they are applied, all or none."""

    ops: list[Retime | Move | Rename | ReplacePrompts | Remove | Add | Lock | Unlock | Regenerate]


class Feedback(TypedDict):
    """One verdict of one person; it changes what the same person gets next."""

    at: NotRequired[str | None]
    comment: NotRequired[str | None]
    profile_id: str
    target: Literal["resource", "item", "agenda"]
    target_id: str
    verdict: Literal["helpful", "not_helpful", "done", "not_interested", "too_easy", "too_hard", "too_long", "broken_link"]


class FieldProblem(TypedDict):
    """What is wrong with one field, and the mend."""

    field: str
    problem: str


class Goal(TypedDict):
    """A goal of one member, in their own words."""

    id: str
    owner: NotRequired[str | None]
    text: str


class HandOff(TypedDict):
    """Something in the case is for a person, not for an agenda."""

    to: str
    why: str


class Health(TypedDict):
    """The process runs."""

    status: NotRequired[Literal["ok"]]


class HeldAgenda(TypedDict):
    """An agenda of a session they took part in, as it stands and as it stood."""

    agenda: Agenda
    earlier: list[Agenda]
    goals: list[Goal]
    id: str
    pair_id: str | None
    profile_then: Profile
    role: Literal["mentor", "mentee", "peer"]
    talking_points: list[TalkingPoint]


class HeldDeed(TypedDict):
    """Who did what to what is held about them; `key_id` says with which key."""

    action: str
    at: str
    key_id: str
    kind: str
    request_id: str
    subject: str


class HeldItem(TypedDict):
    """A pair of theirs in a bulk job."""

    agenda_id: str | None
    error: str | None
    job_id: str
    pair_id: str
    state: Literal["waiting", "running", "done", "skipped", "failed", "cancelled"]


class HeldSession(TypedDict):
    """What a pair noted of a session; whose words are whose is not known."""

    notes: SessionNotes
    number: int
    pair_id: str


class Holdings(TypedDict):
    """All that is stored about one person."""

    agendas: list[HeldAgenda]
    deeds: list[HeldDeed]
    feedback: list[Feedback]
    jobs: list[HeldItem]
    pairs: list[StoredPair]
    profile: Profile
    sessions: list[HeldSession]
    updated_at: str
    vectors: int


class ImportReport(TypedDict):
    """What became of the rows; those with a problem are not stored."""

    created: int
    problems: list[RowProblem]
    refused: int
    unchanged: int
    updated: int


class Item(TypedDict):
    """One entry of an agenda; `pulse` says whose questions it holds, at a milestone."""

    activity: NotRequired[str | None]
    because: NotRequired[list[Reason]]
    id: str
    kind: Literal["welcome", "agreement", "check_in", "action_review", "goal_setting", "discussion", "exercise", "role_play", "resource_debrief", "reflection", "feedback", "action_planning", "closing"]
    lead: Literal["mentor", "mentee", "peer", "all"]
    locked: NotRequired[bool]
    minutes: int
    prompts: NotRequired[list[str]]
    pulse: NotRequired[Literal["pulse_30", "pulse_60", "end"] | None]
    resources: NotRequired[list[str]]
    steps: NotRequired[list[str]]
    title: str


class Job(TypedDict):
    """A job, how far it is, and what was asked for."""

    created_at: str
    ended_at: str | None
    id: str
    order: BulkOrder
    programme_id: str
    progress: JobProgress
    state: Literal["running", "done", "cancelled"]
    updated_at: str


class JobItem(TypedDict):
    """One pair of a job."""

    agenda_id: NotRequired[str | None]
    attempts: int
    error: NotRequired[str | None]
    pair_id: str
    state: Literal["waiting", "running", "done", "skipped", "failed", "cancelled"]


class JobItemPage(TypedDict):
    """Part of a job's items, in the order in which they are done."""

    data: list[JobItem]
    next_cursor: NotRequired[str | None]


class JobProgress(TypedDict):
    """How many items are in each state. `total` counts those of pairs that are still stored."""

    cancelled: int
    done: int
    failed: int
    running: int
    skipped: int
    total: int
    waiting: int


JsonValue = Any


class LinkOrder(TypedDict):
    """For whom a link is, and for how long."""

    days: NotRequired[int | None]
    role: NotRequired[Literal["mentor", "mentee", "peer"] | None]


class Lock(TypedDict):
    """Keep an item as it is: its minutes, its words, its place among the locked ones."""

    item: str
    op: Literal["lock"]


class MatchOrder(TypedDict):
    """How everybody is matched."""

    rematch: NotRequired[bool]
    seed: NotRequired[str]


class MatchReason(TypedDict):
    """What one wants and what the other offers for it, word for word from both profiles."""

    offer: str
    offered_by: str
    similarity: float
    want: str
    wanted_by: str


class Matches(TypedDict):
    """The best assignment: pairs, the sum of new pairs' scores, and who is left over and why."""

    bound: float
    pairs: list[Pair]
    relax: str | None
    total: float
    unmatched: list[Unmatched]


class Matching(TypedDict):
    """The matching rules of a programme."""

    rules: NotRequired[list[Rule]]
    semantic: NotRequired[Semantic]


class Member(TypedDict):
    """One person in the session, in a role, and what they know from other programmes."""

    profile: Profile
    role: Literal["mentor", "mentee", "peer"]
    seen: NotRequired[Seen]


class Milestone(TypedDict):
    """A day of the relationship on which people are asked how it goes."""

    day: int
    kind: Literal["pulse", "closing"]


class Move(TypedDict):
    """Put an item elsewhere in the session."""

    after: NotRequired[str | None]
    before: NotRequired[str | None]
    item: str
    op: Literal["move"]
    to: NotRequired[int | None]


class Pair(TypedDict):
    """Two people assigned to each other. Between equals the order says nothing."""

    kept: NotRequired[bool]
    mentee: str
    mentor: str
    score: float


class PairMember(TypedDict):
    """One person of a pair, in a role."""

    profile_id: str
    role: Literal["mentor", "mentee", "peer"]


class PairPage(TypedDict):
    """Part of the pairs, in id order."""

    data: list[StoredPair]
    next_cursor: NotRequired[str | None]


class Part(TypedDict):
    """One part of a score: the score is the sum of value × weight over the sum of weights."""

    rule: str
    value: float
    weight: float


class ParticipantLink(TypedDict):
    """A link; put the address of your own host before its path."""

    expires_at: str
    path: str
    role: Literal["mentor", "mentee", "peer"] | None


class PastSession(TypedDict):
    """An earlier session: its agenda if known, what was noted and undertaken."""

    actions: NotRequired[list[Action]]
    agenda: NotRequired[Agenda | None]
    date: NotRequired[str | None]
    goals: NotRequired[list[Goal] | None]
    notes: NotRequired[str | None]
    number: int


class Policy(TypedDict):
    """A tenant's own bounds; a programme may allow less, never more."""

    ai_fields: NotRequired[list[str] | None]


class Preparation(TypedDict):
    """What each role does before the session."""

    all: NotRequired[list[str]]
    mentee: NotRequired[list[str]]
    mentor: NotRequired[list[str]]


class Problem(TypedDict):
    """The body of every error (RFC 9457)."""

    detail: str
    errors: NotRequired[list[FieldProblem]]
    request_id: str
    status: int
    title: str
    type: str


class Profile(TypedDict):
    """A person. Every field but `id` may be missing; what is missing lowers confidence."""

    attributes: NotRequired[dict[str, JsonValue]]
    available: NotRequired[bool]
    avoid: NotRequired[list[str]]
    bio: NotRequired[str | None]
    capacity: NotRequired[int | None]
    country: NotRequired[str | None]
    department: NotRequired[str | None]
    email: NotRequired[str | None]
    focus_areas: NotRequired[list[str]]
    function: NotRequired[str | None]
    goals: NotRequired[list[ProfileGoal]]
    headline: NotRequired[str | None]
    id: str
    languages: NotRequired[list[str]]
    level: NotRequired[int | None]
    manager_id: NotRequired[str | None]
    name: NotRequired[str | None]
    region: NotRequired[str | None]
    roles: NotRequired[list[Literal["mentor", "mentee", "peer"]]]
    skills_offered: NotRequired[list[str]]
    skills_wanted: NotRequired[list[str]]
    timezone: NotRequired[str | None]


class ProfileGoal(TypedDict):
    """A goal in the person's own words; only active goals shape an agenda."""

    id: str
    status: NotRequired[Literal["active", "reached", "paused", "dropped"]]
    text: str


class ProfilePage(TypedDict):
    """Part of the profiles, in id order."""

    data: list[Profile]
    next_cursor: NotRequired[str | None]


class Programme(TypedDict):
    """How mentoring is run. `sessions` is null for evergreen, 1 for one-off conversations."""

    agenda: NotRequired[AgendaSettings]
    ai_fields: NotRequired[list[str]]
    contact: NotRequired[str | None]
    focus_areas: NotRequired[list[str]]
    id: str
    intake: NotRequired[Literal["cohort", "evergreen"]]
    languages: NotRequired[list[str]]
    matching: NotRequired[Matching]
    meetings_per_month: NotRequired[float]
    milestones: NotRequired[list[Milestone]]
    name: str
    purpose: str
    relation: Literal["mentor", "peer", "reverse", "group"]
    session_minutes: NotRequired[int]
    sessions: NotRequired[int | None]
    success: str


class ProgrammePage(TypedDict):
    """Part of the tenant's own programmes, in id order."""

    data: list[Programme]
    next_cursor: NotRequired[str | None]


class Provenance(TypedDict):
    """How the agenda was made; enough to make it again."""

    checks: NotRequired[list[CheckResult]]
    cost: NotRequired[Cost | None]
    edits: NotRequired[int]
    encoder: NotRequired[str | None]
    fallback: NotRequired[str | None]
    generator: str
    latency_ms: NotRequired[int | None]
    library: NotRequired[str | None]
    model: NotRequired[str | None]
    parent: NotRequired[str | None]
    prompt: NotRequired[str | None]
    repaired: NotRequired[list[str]]
    set_aside: NotRequired[list[str]]
    tokens: NotRequired[dict[str, int] | None]
    unmet: NotRequired[list[str]]
    version: NotRequired[str | None]


class Readiness(TypedDict):
    """The indexes are built, so that no request has to wait for them."""

    database: NotRequired[Literal["current", "absent"]]
    status: NotRequired[Literal["ready"]]


class Reason(TypedDict):
    """Why an item is there: something in the case, the library or the programme."""

    id: str
    source: Literal["action", "goal", "talking_point", "focus_area", "theme", "resource", "activity", "stage", "programme"]


class Regenerate(TypedDict):
    """Choose another activity for an item; for all that are not locked where none is named."""

    item: NotRequired[str | None]
    op: Literal["regenerate"]


class Remove(TypedDict):
    """Take an item out; what it carried goes elsewhere, or waits with a reason."""

    item: str
    op: Literal["remove"]


class Rename(TypedDict):
    """Give an item another title."""

    item: str
    op: Literal["rename"]
    title: str


class ReplacePrompts(TypedDict):
    """Give an item other questions."""

    item: str
    op: Literal["replace_prompts"]
    prompts: list[str]


class Resource(TypedDict):
    """One article, talk, course or sheet worth somebody's time."""

    audience: list[Literal["mentee", "mentor", "peer", "manager"]]
    authors: NotRequired[list[str]]
    checked_on: NotRequired[str | None]
    focus_areas: NotRequired[list[str]]
    format: Literal["article", "video", "course", "guide", "podcast", "worksheet", "template", "tool", "book"]
    gist: str
    id: str
    language: str
    level: Literal["introductory", "intermediate", "advanced"]
    minutes: NotRequired[int | None]
    minutes_estimated: NotRequired[bool]
    prerequisites: NotRequired[list[str]]
    publisher: str
    status: NotRequired[Literal["active", "retired"]]
    superseded_by: NotRequired[str | None]
    title: str
    topics: list[str]
    url: str
    why_retired: NotRequired[str | None]


class ResourceSuggestion(TypedDict):
    """One resource that is worth the time, with the reason."""

    counted_minutes: int
    format: str
    id: str
    language: str
    minutes: int | None
    minutes_estimated: bool
    reason: str
    score: float
    title: str
    url: str


ResourceUse = TypedDict("ResourceUse", {
    'for': 'list[Literal["mentor", "mentee", "peer", "all"]]',
    'format': 'str',
    'id': 'str',
    'language': 'str',
    'minutes': 'int | None',
    'minutes_estimated': 'NotRequired[bool]',
    'reason': 'str',
    'title': 'str',
    'url': 'str',
    'use': 'Literal["before", "during", "after"]',
})
"""A resource of the library, with its moment, its readers and the reason."""


class Retime(TypedDict):
    """Give an item so many minutes; the other unlocked items share what is left."""

    item: str
    minutes: int
    op: Literal["retime"]


class RowProblem(TypedDict):
    """What is wrong with one row."""

    field: str
    problem: str
    row: str


class Rule(TypedDict):
    """One matching rule as data; see the contract, section 3."""

    field: str
    max: NotRequired[float | None]
    min: NotRequired[float | None]
    of: NotRequired[Literal["mentor", "mentee", "both"]]
    rule: Literal["must", "prefer", "avoid"]
    test: Literal["overlap", "same", "different", "gap", "at_most", "at_least", "within_hours", "not_reporting_line"]
    value: NotRequired[JsonValue]
    weight: NotRequired[float]


class RuleOutcome(TypedDict):
    """One rule and how it turned out between two people."""

    asks: NotRequired[str]
    detail: str
    kind: Literal["must", "prefer", "avoid", "always"]
    outcome: Literal["met", "not_met", "not_known"]
    rule: str


class Seen(TypedDict):
    """What somebody was given elsewhere, in another programme: ids of the library."""

    activities: NotRequired[list[str]]
    resources: NotRequired[list[str]]


class Semantic(TypedDict):
    """How much meeting wants with offers counts."""

    weight: NotRequired[float]


class Session(TypedDict):
    """The session that the agenda is for. `of` defaults to the programme's length."""

    date: NotRequired[str | None]
    language: str
    minutes: int
    number: int
    of: NotRequired[int | None]
    talking_points: NotRequired[list[TalkingPoint]]


class SessionNotes(TypedDict):
    """What a pair noted of a session, and what they undertook."""

    actions: NotRequired[list[Action]]
    notes: NotRequired[str | None]


class SessionOrder(TypedDict):
    """What the next agenda of a stored pair is asked for with."""

    date: NotRequired[str | None]
    generator: NotRequired[Literal["auto", "composer", "llm"]]
    language: NotRequired[str | None]
    minutes: NotRequired[int | None]
    mode: NotRequired[Literal["fixed", "guided", "personalised"] | None]
    of: NotRequired[int | None]
    talking_points: NotRequired[list[TalkingPoint]]


class StoredPair(TypedDict):
    """Two people who meet in a programme; a group is a pair with more members."""

    focus_area: NotRequired[str | None]
    goals: NotRequired[list[Goal] | None]
    id: str
    members: list[PairMember]
    programme_id: str
    start_date: NotRequired[str | None]
    status: NotRequired[Literal["active", "paused", "ended"]]


class StoredVerdict(TypedDict):
    """Feedback as it is stored."""

    feedback: Feedback
    id: str


class Style(TypedDict):
    """How a programme's agendas sound."""

    avoid: NotRequired[dict[str, list[str]]]
    tone: NotRequired[Literal["warm", "plain", "brief"] | None]
    use: NotRequired[dict[str, dict[str, str]]]


class Suggestion(TypedDict):
    """One person worth meeting, with the score's parts, the reasons, and what to look out for."""

    candidate: str
    parts: list[Part]
    reasons: list[MatchReason]
    score: float
    told: str
    warnings: NotRequired[list[str]]


class TalkingPoint(TypedDict):
    """Something a member wants to talk about."""

    by: NotRequired[str | None]
    id: str
    text: str


class TalkingPointPlace(TypedDict):
    """Where a talking point went: into an item, or deferred with a reason."""

    deferred: NotRequired[str | None]
    id: str
    item: NotRequired[str | None]


class Unlock(TypedDict):
    """Let an item be changed again."""

    item: str
    op: Literal["unlock"]


class Unmatched(TypedDict):
    """Somebody left over, and why; they stay for the next cohort."""

    eligible: NotRequired[int]
    id: str
    reasons: list[str]
    relax: NotRequired[str | None]


class VersionPage(TypedDict):
    """Part of the versions, oldest first."""

    data: list[AgendaVersion]
    next_cursor: NotRequired[str | None]


class Why(TypedDict):
    """Why somebody was, or was not, suggested to somebody: every rule with its outcome."""

    candidate: str
    eligible: bool
    outcomes: list[RuleOutcome]
    parts: list[Part]
    person: str
    rank: int | None
    reasons: list[MatchReason]
    score: float | None
    told: str


class WrittenItem(TypedDict):
    """One item; `activity` says which of the library it is, where it is one."""

    activity: NotRequired[str | None]
    kind: Literal["welcome", "agreement", "check_in", "action_review", "goal_setting", "discussion", "exercise", "role_play", "resource_debrief", "reflection", "feedback", "action_planning", "closing"]
    lead: NotRequired[Literal["mentor", "mentee", "peer", "all"]]
    minutes: int
    text: dict[str, WrittenItemText]


class WrittenItemText(TypedDict):
    """An item in one language, as people will read it."""

    prompts: NotRequired[list[str]]
    steps: NotRequired[list[str]]
    title: str


class WrittenResource(TypedDict):
    """A resource of the library that the session comes with."""

    id: str
    use: Literal["before", "during", "after"]


class WrittenSession(TypedDict):
    """A whole session, word for word, in one language or more."""

    items: list[WrittenItem]
    resources: NotRequired[list[WrittenResource]]
    text: dict[str, WrittenSessionText]


class WrittenSessionText(TypedDict):
    """What a session is for, in one language."""

    preparation: NotRequired[Preparation]
    purpose: str
    success_test: str


class Calls(_Sends):
    """Every operation of the API."""

    def health(
        self,
    ) -> Health:
        """Does the process run?: `GET /healthz`."""
        answer: Health = self._send(Call(
            method="GET",
            path="/healthz",
            query={},
            headers={},
        ))
        return answer

    def metrics(
        self,
    ) -> str:
        """What Prometheus reads: `GET /metrics`."""
        answer: str = self._send(Call(
            method="GET",
            path="/metrics",
            query={},
            headers={},
            text=True,
        ))
        return answer

    def readiness(
        self,
    ) -> Readiness:
        """Can it answer without delay?: `GET /readyz`."""
        answer: Readiness = self._send(Call(
            method="GET",
            path="/readyz",
            query={},
            headers={},
        ))
        return answer

    def create_agenda(
        self,
        body: Case,
        *,
        role: Literal["mentor", "mentee", "peer"] | None = None,
        store: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Agenda:
        """Write the agenda of one session: `POST /v1/agendas`."""
        answer: Agenda = self._send(Call(
            method="POST",
            path="/v1/agendas",
            query={"role": role, "store": store},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        ))
        return answer

    def get_agenda(
        self,
        id: str,
        *,
        role: Literal["mentor", "mentee", "peer"] | None = None,
        if_none_match: str | None = None,
    ) -> Versioned[Agenda]:
        """Get a stored agenda: `GET /v1/agendas/{id}`."""
        answer: Versioned[Agenda] = self._send(Call(
            method="GET",
            path=f"/v1/agendas/{_part(id)}",
            query={"role": role},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def edit_agenda(
        self,
        id: str,
        body: Edits,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Edited]:
        """Change a stored agenda: `POST /v1/agendas/{id}/edits`."""
        answer: Versioned[Edited] = self._send(Call(
            method="POST",
            path=f"/v1/agendas/{_part(id)}/edits",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    def create_link(
        self,
        id: str,
        body: LinkOrder,
    ) -> ParticipantLink:
        """Make a link to a stored agenda for a participant: `POST /v1/agendas/{id}/links`."""
        answer: ParticipantLink = self._send(Call(
            method="POST",
            path=f"/v1/agendas/{_part(id)}/links",
            query={},
            headers={},
            body=body,
        ))
        return answer

    def list_versions(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> VersionPage:
        """List what stood in an agenda's place: `GET /v1/agendas/{id}/versions`."""
        answer: VersionPage = self._send(Call(
            method="GET",
            path=f"/v1/agendas/{_part(id)}/versions",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    def list_audit(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        subject: str | None = None,
        key_id: str | None = None,
    ) -> AuditPage:
        """List who did what: `GET /v1/audit`."""
        answer: AuditPage = self._send(Call(
            method="GET",
            path="/v1/audit",
            query={"limit": limit, "cursor": cursor, "subject": subject, "key_id": key_id},
            headers={},
        ))
        return answer

    def add_feedback(
        self,
        body: Feedback,
        *,
        idempotency_key: str | None = None,
    ) -> StoredVerdict:
        """Tell what somebody made of it: `POST /v1/feedback`."""
        answer: StoredVerdict = self._send(Call(
            method="POST",
            path="/v1/feedback",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        ))
        return answer

    def cancel_job(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> Job:
        """Cancel a job: `DELETE /v1/jobs/{id}`."""
        answer: Job = self._send(Call(
            method="DELETE",
            path=f"/v1/jobs/{_part(id)}",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        ))
        return answer

    def get_job(
        self,
        id: str,
    ) -> Job:
        """See how far a job is: `GET /v1/jobs/{id}`."""
        answer: Job = self._send(Call(
            method="GET",
            path=f"/v1/jobs/{_part(id)}",
            query={},
            headers={},
        ))
        return answer

    def list_job_items(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> JobItemPage:
        """List the items of a job: `GET /v1/jobs/{id}/items`."""
        answer: JobItemPage = self._send(Call(
            method="GET",
            path=f"/v1/jobs/{_part(id)}/items",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    def list_pairs(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        profile_id: str | None = None,
    ) -> PairPage:
        """List pairs: `GET /v1/pairs`."""
        answer: PairPage = self._send(Call(
            method="GET",
            path="/v1/pairs",
            query={"limit": limit, "cursor": cursor, "profile_id": profile_id},
            headers={},
        ))
        return answer

    def delete_pair(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Delete a pair: `DELETE /v1/pairs/{id}`."""
        self._send(Call(
            method="DELETE",
            path=f"/v1/pairs/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    def get_pair(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[StoredPair]:
        """Get a pair: `GET /v1/pairs/{id}`."""
        answer: Versioned[StoredPair] = self._send(Call(
            method="GET",
            path=f"/v1/pairs/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def put_pair(
        self,
        id: str,
        body: StoredPair,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[StoredPair]:
        """Store a pair or group: `PUT /v1/pairs/{id}`."""
        answer: Versioned[StoredPair] = self._send(Call(
            method="PUT",
            path=f"/v1/pairs/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    def get_session_agenda(
        self,
        id: str,
        number: int,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Agenda]:
        """Get the agenda of a pair's session: `GET /v1/pairs/{id}/sessions/{number}/agenda`."""
        answer: Versioned[Agenda] = self._send(Call(
            method="GET",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/agenda",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def create_session_agenda(
        self,
        id: str,
        number: int,
        body: SessionOrder,
        *,
        role: Literal["mentor", "mentee", "peer"] | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Agenda]:
        """Write the agenda of a pair's session: `POST /v1/pairs/{id}/sessions/{number}/agenda`."""
        answer: Versioned[Agenda] = self._send(Call(
            method="POST",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/agenda",
            query={"role": role},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    def get_notes(
        self,
        id: str,
        number: int,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[SessionNotes]:
        """Get what was noted of a session: `GET /v1/pairs/{id}/sessions/{number}/notes`."""
        answer: Versioned[SessionNotes] = self._send(Call(
            method="GET",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/notes",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def put_notes(
        self,
        id: str,
        number: int,
        body: SessionNotes,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[SessionNotes]:
        """Store what was noted of a session: `PUT /v1/pairs/{id}/sessions/{number}/notes`."""
        answer: Versioned[SessionNotes] = self._send(Call(
            method="PUT",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/notes",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    def get_policy(
        self,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Policy]:
        """Get what your tenant allows: `GET /v1/policy`."""
        answer: Versioned[Policy] = self._send(Call(
            method="GET",
            path="/v1/policy",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def put_policy(
        self,
        body: Policy,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Policy]:
        """Bound what your tenant allows: `PUT /v1/policy`."""
        answer: Versioned[Policy] = self._send(Call(
            method="PUT",
            path="/v1/policy",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    def list_profiles(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ProfilePage:
        """List profiles: `GET /v1/profiles`."""
        answer: ProfilePage = self._send(Call(
            method="GET",
            path="/v1/profiles",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    def delete_profile(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Erase a person: `DELETE /v1/profiles/{id}`."""
        self._send(Call(
            method="DELETE",
            path=f"/v1/profiles/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    def get_profile(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Profile]:
        """Get a person: `GET /v1/profiles/{id}`."""
        answer: Versioned[Profile] = self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def put_profile(
        self,
        id: str,
        body: Profile,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Profile]:
        """Store a person: `PUT /v1/profiles/{id}`."""
        answer: Versioned[Profile] = self._send(Call(
            method="PUT",
            path=f"/v1/profiles/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    def export_profile(
        self,
        id: str,
    ) -> Holdings:
        """Export everything that is held about a person: `GET /v1/profiles/{id}/export`."""
        answer: Holdings = self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/export",
            query={},
            headers={},
        ))
        return answer

    def suggest_mentors(
        self,
        id: str,
        *,
        programme: str | None = None,
        role: Literal["mentee", "mentor"] | None = None,
        limit: int | None = None,
    ) -> list[Suggestion]:
        """Suggest the people worth meeting: `GET /v1/profiles/{id}/mentor-suggestions`."""
        answer: list[Suggestion] = self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/mentor-suggestions",
            query={"programme": programme, "role": role, "limit": limit},
            headers={},
        ))
        return answer

    def explain_candidate(
        self,
        id: str,
        candidate: str,
        *,
        programme: str | None = None,
        role: Literal["mentee", "mentor"] | None = None,
    ) -> Why:
        """Say why somebody was, or was not, suggested: `GET /v1/profiles/{id}/mentor-suggestions/{candidate}/why`."""
        answer: Why = self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/mentor-suggestions/{_part(candidate)}/why",
            query={"programme": programme, "role": role},
            headers={},
        ))
        return answer

    def recommend_for_person(
        self,
        id: str,
        *,
        language: str | None = None,
        minutes: int | None = None,
        limit: int | None = None,
    ) -> list[ResourceSuggestion]:
        """Recommend resources for a person: `GET /v1/profiles/{id}/resources`."""
        answer: list[ResourceSuggestion] = self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/resources",
            query={"language": language, "minutes": minutes, "limit": limit},
            headers={},
        ))
        return answer

    def import_profiles(
        self,
        body: str | bytes,
        *,
        content_type: Literal["application/x-ndjson", "text/csv"] = "application/x-ndjson",
        idempotency_key: str | None = None,
    ) -> ImportReport:
        """Store many people: `POST /v1/profiles:import`."""
        answer: ImportReport = self._send(Call(
            method="POST",
            path="/v1/profiles:import",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            content_type=content_type,
            keyed=True,
        ))
        return answer

    def list_programmes(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ProgrammePage:
        """List your own programmes: `GET /v1/programmes`."""
        answer: ProgrammePage = self._send(Call(
            method="GET",
            path="/v1/programmes",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    def delete_programme(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Delete a programme: `DELETE /v1/programmes/{id}`."""
        self._send(Call(
            method="DELETE",
            path=f"/v1/programmes/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    def get_programme(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Programme]:
        """Get a programme: `GET /v1/programmes/{id}`."""
        answer: Versioned[Programme] = self._send(Call(
            method="GET",
            path=f"/v1/programmes/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def put_programme(
        self,
        id: str,
        body: Programme,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Programme]:
        """Store a programme: `PUT /v1/programmes/{id}`."""
        answer: Versioned[Programme] = self._send(Call(
            method="PUT",
            path=f"/v1/programmes/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    def start_agendas_job(
        self,
        id: str,
        body: BulkOrder,
        *,
        idempotency_key: str | None = None,
    ) -> Job:
        """Make agendas for the pairs of a programme: `POST /v1/programmes/{id}/agendas`."""
        answer: Job = self._send(Call(
            method="POST",
            path=f"/v1/programmes/{_part(id)}/agendas",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        ))
        return answer

    def match_people(
        self,
        id: str,
        body: MatchOrder,
    ) -> Matches:
        """Find the best assignment of everybody: `POST /v1/programmes/{id}/matches`."""
        answer: Matches = self._send(Call(
            method="POST",
            path=f"/v1/programmes/{_part(id)}/matches",
            query={},
            headers={},
            body=body,
        ))
        return answer

    def recommend_resources(
        self,
        *,
        q: str,
        language: str | None = None,
        minutes: int | None = None,
        limit: int | None = None,
    ) -> list[ResourceSuggestion]:
        """Recommend resources for a need: `GET /v1/resources`."""
        answer: list[ResourceSuggestion] = self._send(Call(
            method="GET",
            path="/v1/resources",
            query={"language": language, "minutes": minutes, "limit": limit, "q": q},
            headers={},
        ))
        return answer

    def delete_resource(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Take a resource out: `DELETE /v1/resources/{id}`."""
        self._send(Call(
            method="DELETE",
            path=f"/v1/resources/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    def get_resource(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Resource]:
        """Get a resource: `GET /v1/resources/{id}`."""
        answer: Versioned[Resource] = self._send(Call(
            method="GET",
            path=f"/v1/resources/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    def put_resource(
        self,
        id: str,
        body: Resource,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Resource]:
        """Store a resource: `PUT /v1/resources/{id}`."""
        answer: Versioned[Resource] = self._send(Call(
            method="PUT",
            path=f"/v1/resources/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer


class AsyncCalls(_SendsAsync):
    """Every operation of the API, to be awaited."""

    async def health(
        self,
    ) -> Health:
        """Does the process run?: `GET /healthz`."""
        answer: Health = await self._send(Call(
            method="GET",
            path="/healthz",
            query={},
            headers={},
        ))
        return answer

    async def metrics(
        self,
    ) -> str:
        """What Prometheus reads: `GET /metrics`."""
        answer: str = await self._send(Call(
            method="GET",
            path="/metrics",
            query={},
            headers={},
            text=True,
        ))
        return answer

    async def readiness(
        self,
    ) -> Readiness:
        """Can it answer without delay?: `GET /readyz`."""
        answer: Readiness = await self._send(Call(
            method="GET",
            path="/readyz",
            query={},
            headers={},
        ))
        return answer

    async def create_agenda(
        self,
        body: Case,
        *,
        role: Literal["mentor", "mentee", "peer"] | None = None,
        store: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Agenda:
        """Write the agenda of one session: `POST /v1/agendas`."""
        answer: Agenda = await self._send(Call(
            method="POST",
            path="/v1/agendas",
            query={"role": role, "store": store},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        ))
        return answer

    async def get_agenda(
        self,
        id: str,
        *,
        role: Literal["mentor", "mentee", "peer"] | None = None,
        if_none_match: str | None = None,
    ) -> Versioned[Agenda]:
        """Get a stored agenda: `GET /v1/agendas/{id}`."""
        answer: Versioned[Agenda] = await self._send(Call(
            method="GET",
            path=f"/v1/agendas/{_part(id)}",
            query={"role": role},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def edit_agenda(
        self,
        id: str,
        body: Edits,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Edited]:
        """Change a stored agenda: `POST /v1/agendas/{id}/edits`."""
        answer: Versioned[Edited] = await self._send(Call(
            method="POST",
            path=f"/v1/agendas/{_part(id)}/edits",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    async def create_link(
        self,
        id: str,
        body: LinkOrder,
    ) -> ParticipantLink:
        """Make a link to a stored agenda for a participant: `POST /v1/agendas/{id}/links`."""
        answer: ParticipantLink = await self._send(Call(
            method="POST",
            path=f"/v1/agendas/{_part(id)}/links",
            query={},
            headers={},
            body=body,
        ))
        return answer

    async def list_versions(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> VersionPage:
        """List what stood in an agenda's place: `GET /v1/agendas/{id}/versions`."""
        answer: VersionPage = await self._send(Call(
            method="GET",
            path=f"/v1/agendas/{_part(id)}/versions",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    async def list_audit(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        subject: str | None = None,
        key_id: str | None = None,
    ) -> AuditPage:
        """List who did what: `GET /v1/audit`."""
        answer: AuditPage = await self._send(Call(
            method="GET",
            path="/v1/audit",
            query={"limit": limit, "cursor": cursor, "subject": subject, "key_id": key_id},
            headers={},
        ))
        return answer

    async def add_feedback(
        self,
        body: Feedback,
        *,
        idempotency_key: str | None = None,
    ) -> StoredVerdict:
        """Tell what somebody made of it: `POST /v1/feedback`."""
        answer: StoredVerdict = await self._send(Call(
            method="POST",
            path="/v1/feedback",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        ))
        return answer

    async def cancel_job(
        self,
        id: str,
        *,
        idempotency_key: str | None = None,
    ) -> Job:
        """Cancel a job: `DELETE /v1/jobs/{id}`."""
        answer: Job = await self._send(Call(
            method="DELETE",
            path=f"/v1/jobs/{_part(id)}",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        ))
        return answer

    async def get_job(
        self,
        id: str,
    ) -> Job:
        """See how far a job is: `GET /v1/jobs/{id}`."""
        answer: Job = await self._send(Call(
            method="GET",
            path=f"/v1/jobs/{_part(id)}",
            query={},
            headers={},
        ))
        return answer

    async def list_job_items(
        self,
        id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> JobItemPage:
        """List the items of a job: `GET /v1/jobs/{id}/items`."""
        answer: JobItemPage = await self._send(Call(
            method="GET",
            path=f"/v1/jobs/{_part(id)}/items",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    async def list_pairs(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        profile_id: str | None = None,
    ) -> PairPage:
        """List pairs: `GET /v1/pairs`."""
        answer: PairPage = await self._send(Call(
            method="GET",
            path="/v1/pairs",
            query={"limit": limit, "cursor": cursor, "profile_id": profile_id},
            headers={},
        ))
        return answer

    async def delete_pair(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Delete a pair: `DELETE /v1/pairs/{id}`."""
        await self._send(Call(
            method="DELETE",
            path=f"/v1/pairs/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    async def get_pair(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[StoredPair]:
        """Get a pair: `GET /v1/pairs/{id}`."""
        answer: Versioned[StoredPair] = await self._send(Call(
            method="GET",
            path=f"/v1/pairs/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def put_pair(
        self,
        id: str,
        body: StoredPair,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[StoredPair]:
        """Store a pair or group: `PUT /v1/pairs/{id}`."""
        answer: Versioned[StoredPair] = await self._send(Call(
            method="PUT",
            path=f"/v1/pairs/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    async def get_session_agenda(
        self,
        id: str,
        number: int,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Agenda]:
        """Get the agenda of a pair's session: `GET /v1/pairs/{id}/sessions/{number}/agenda`."""
        answer: Versioned[Agenda] = await self._send(Call(
            method="GET",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/agenda",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def create_session_agenda(
        self,
        id: str,
        number: int,
        body: SessionOrder,
        *,
        role: Literal["mentor", "mentee", "peer"] | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Agenda]:
        """Write the agenda of a pair's session: `POST /v1/pairs/{id}/sessions/{number}/agenda`."""
        answer: Versioned[Agenda] = await self._send(Call(
            method="POST",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/agenda",
            query={"role": role},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    async def get_notes(
        self,
        id: str,
        number: int,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[SessionNotes]:
        """Get what was noted of a session: `GET /v1/pairs/{id}/sessions/{number}/notes`."""
        answer: Versioned[SessionNotes] = await self._send(Call(
            method="GET",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/notes",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def put_notes(
        self,
        id: str,
        number: int,
        body: SessionNotes,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[SessionNotes]:
        """Store what was noted of a session: `PUT /v1/pairs/{id}/sessions/{number}/notes`."""
        answer: Versioned[SessionNotes] = await self._send(Call(
            method="PUT",
            path=f"/v1/pairs/{_part(id)}/sessions/{_part(number)}/notes",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    async def get_policy(
        self,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Policy]:
        """Get what your tenant allows: `GET /v1/policy`."""
        answer: Versioned[Policy] = await self._send(Call(
            method="GET",
            path="/v1/policy",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def put_policy(
        self,
        body: Policy,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Policy]:
        """Bound what your tenant allows: `PUT /v1/policy`."""
        answer: Versioned[Policy] = await self._send(Call(
            method="PUT",
            path="/v1/policy",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    async def list_profiles(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ProfilePage:
        """List profiles: `GET /v1/profiles`."""
        answer: ProfilePage = await self._send(Call(
            method="GET",
            path="/v1/profiles",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    async def delete_profile(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Erase a person: `DELETE /v1/profiles/{id}`."""
        await self._send(Call(
            method="DELETE",
            path=f"/v1/profiles/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    async def get_profile(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Profile]:
        """Get a person: `GET /v1/profiles/{id}`."""
        answer: Versioned[Profile] = await self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def put_profile(
        self,
        id: str,
        body: Profile,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Profile]:
        """Store a person: `PUT /v1/profiles/{id}`."""
        answer: Versioned[Profile] = await self._send(Call(
            method="PUT",
            path=f"/v1/profiles/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    async def export_profile(
        self,
        id: str,
    ) -> Holdings:
        """Export everything that is held about a person: `GET /v1/profiles/{id}/export`."""
        answer: Holdings = await self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/export",
            query={},
            headers={},
        ))
        return answer

    async def suggest_mentors(
        self,
        id: str,
        *,
        programme: str | None = None,
        role: Literal["mentee", "mentor"] | None = None,
        limit: int | None = None,
    ) -> list[Suggestion]:
        """Suggest the people worth meeting: `GET /v1/profiles/{id}/mentor-suggestions`."""
        answer: list[Suggestion] = await self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/mentor-suggestions",
            query={"programme": programme, "role": role, "limit": limit},
            headers={},
        ))
        return answer

    async def explain_candidate(
        self,
        id: str,
        candidate: str,
        *,
        programme: str | None = None,
        role: Literal["mentee", "mentor"] | None = None,
    ) -> Why:
        """Say why somebody was, or was not, suggested: `GET /v1/profiles/{id}/mentor-suggestions/{candidate}/why`."""
        answer: Why = await self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/mentor-suggestions/{_part(candidate)}/why",
            query={"programme": programme, "role": role},
            headers={},
        ))
        return answer

    async def recommend_for_person(
        self,
        id: str,
        *,
        language: str | None = None,
        minutes: int | None = None,
        limit: int | None = None,
    ) -> list[ResourceSuggestion]:
        """Recommend resources for a person: `GET /v1/profiles/{id}/resources`."""
        answer: list[ResourceSuggestion] = await self._send(Call(
            method="GET",
            path=f"/v1/profiles/{_part(id)}/resources",
            query={"language": language, "minutes": minutes, "limit": limit},
            headers={},
        ))
        return answer

    async def import_profiles(
        self,
        body: str | bytes,
        *,
        content_type: Literal["application/x-ndjson", "text/csv"] = "application/x-ndjson",
        idempotency_key: str | None = None,
    ) -> ImportReport:
        """Store many people: `POST /v1/profiles:import`."""
        answer: ImportReport = await self._send(Call(
            method="POST",
            path="/v1/profiles:import",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            content_type=content_type,
            keyed=True,
        ))
        return answer

    async def list_programmes(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ProgrammePage:
        """List your own programmes: `GET /v1/programmes`."""
        answer: ProgrammePage = await self._send(Call(
            method="GET",
            path="/v1/programmes",
            query={"limit": limit, "cursor": cursor},
            headers={},
        ))
        return answer

    async def delete_programme(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Delete a programme: `DELETE /v1/programmes/{id}`."""
        await self._send(Call(
            method="DELETE",
            path=f"/v1/programmes/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    async def get_programme(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Programme]:
        """Get a programme: `GET /v1/programmes/{id}`."""
        answer: Versioned[Programme] = await self._send(Call(
            method="GET",
            path=f"/v1/programmes/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def put_programme(
        self,
        id: str,
        body: Programme,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Programme]:
        """Store a programme: `PUT /v1/programmes/{id}`."""
        answer: Versioned[Programme] = await self._send(Call(
            method="PUT",
            path=f"/v1/programmes/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer

    async def start_agendas_job(
        self,
        id: str,
        body: BulkOrder,
        *,
        idempotency_key: str | None = None,
    ) -> Job:
        """Make agendas for the pairs of a programme: `POST /v1/programmes/{id}/agendas`."""
        answer: Job = await self._send(Call(
            method="POST",
            path=f"/v1/programmes/{_part(id)}/agendas",
            query={},
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        ))
        return answer

    async def match_people(
        self,
        id: str,
        body: MatchOrder,
    ) -> Matches:
        """Find the best assignment of everybody: `POST /v1/programmes/{id}/matches`."""
        answer: Matches = await self._send(Call(
            method="POST",
            path=f"/v1/programmes/{_part(id)}/matches",
            query={},
            headers={},
            body=body,
        ))
        return answer

    async def recommend_resources(
        self,
        *,
        q: str,
        language: str | None = None,
        minutes: int | None = None,
        limit: int | None = None,
    ) -> list[ResourceSuggestion]:
        """Recommend resources for a need: `GET /v1/resources`."""
        answer: list[ResourceSuggestion] = await self._send(Call(
            method="GET",
            path="/v1/resources",
            query={"language": language, "minutes": minutes, "limit": limit, "q": q},
            headers={},
        ))
        return answer

    async def delete_resource(
        self,
        id: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Take a resource out: `DELETE /v1/resources/{id}`."""
        await self._send(Call(
            method="DELETE",
            path=f"/v1/resources/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            keyed=True,
        ))

    async def get_resource(
        self,
        id: str,
        *,
        if_none_match: str | None = None,
    ) -> Versioned[Resource]:
        """Get a resource: `GET /v1/resources/{id}`."""
        answer: Versioned[Resource] = await self._send(Call(
            method="GET",
            path=f"/v1/resources/{_part(id)}",
            query={},
            headers={"If-None-Match": if_none_match},
            versioned=True,
        ))
        return answer

    async def put_resource(
        self,
        id: str,
        body: Resource,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Versioned[Resource]:
        """Store a resource: `PUT /v1/resources/{id}`."""
        answer: Versioned[Resource] = await self._send(Call(
            method="PUT",
            path=f"/v1/resources/{_part(id)}",
            query={},
            headers={"If-Match": if_match, "If-None-Match": if_none_match, "Idempotency-Key": idempotency_key},
            body=body,
            versioned=True,
            keyed=True,
        ))
        return answer
