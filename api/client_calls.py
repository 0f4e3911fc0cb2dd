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


JsonValue = Any


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


class PastSession(TypedDict):
    """An earlier session: its agenda if known, what was noted and undertaken."""

    actions: NotRequired[list[Action]]
    agenda: NotRequired[Agenda | None]
    date: NotRequired[str | None]
    goals: NotRequired[list[Goal] | None]
    notes: NotRequired[str | None]
    number: int


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

    status: NotRequired[Literal["ready"]]


class Reason(TypedDict):
    """Why an item is there: something in the case, the library or the programme."""

    id: str
    source: Literal["action", "goal", "talking_point", "focus_area", "theme", "resource", "activity", "stage", "programme"]


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


class Style(TypedDict):
    """How a programme's agendas sound."""

    avoid: NotRequired[dict[str, list[str]]]
    tone: NotRequired[Literal["warm", "plain", "brief"] | None]
    use: NotRequired[dict[str, dict[str, str]]]


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
    ) -> Agenda:
        """Write the agenda of one session: `POST /v1/agendas`."""
        answer: Agenda = self._send(Call(
            method="POST",
            path="/v1/agendas",
            query={"role": role},
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
            query={"q": q, "language": language, "minutes": minutes, "limit": limit},
            headers={},
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
    ) -> Agenda:
        """Write the agenda of one session: `POST /v1/agendas`."""
        answer: Agenda = await self._send(Call(
            method="POST",
            path="/v1/agendas",
            query={"role": role},
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
            query={"q": q, "language": language, "minutes": minutes, "limit": limit},
            headers={},
        ))
        return answer
