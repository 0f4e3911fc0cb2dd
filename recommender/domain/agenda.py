"""Agenda: the answer. The same shape whoever wrote it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recommender.domain.base import (
    Frozen,
    Id,
    Kind,
    Language,
    Line,
    Mode,
    PulseKind,
    SessionType,
    Text,
)

MIN_ITEM_MINUTES = 3
MAX_ITEMS = 7
MAX_PROMPTS = 4
MAX_STEPS = 5

Lead = Literal["mentor", "mentee", "peer", "all"]


class Reason(Frozen):
    """Why an item is there: something in the case, the library or the programme."""

    source: Literal[
        "action", "goal", "talking_point", "focus_area", "theme", "resource", "activity", "stage",
        "programme",
    ]
    id: Id


class Item(Frozen):
    """One entry of an agenda; `pulse` says whose questions it holds, at a milestone."""

    id: Id
    kind: Kind
    title: Line
    minutes: Annotated[int, Field(ge=1, le=180)]
    lead: Lead
    prompts: Annotated[list[Text], Field(max_length=MAX_PROMPTS)] = []
    steps: Annotated[list[Text], Field(max_length=MAX_STEPS)] = []
    because: Annotated[list[Reason], Field(max_length=200)] = []
    activity: Id | None = None
    resources: Annotated[list[Id], Field(max_length=10)] = []
    locked: bool = False
    pulse: PulseKind | None = None


class TalkingPointPlace(Frozen):
    """Where a talking point went: into an item, or deferred with a reason."""

    id: Id
    item: Id | None = None
    deferred: Line | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.item is None) == (self.deferred is None):
            raise ValueError("needs either `item` or `deferred`, not both")
        return self


class Preparation(Frozen):
    """What each role does before the session."""

    mentee: Annotated[list[Text], Field(max_length=10)] = []
    mentor: Annotated[list[Text], Field(max_length=10)] = []
    all: Annotated[list[Text], Field(max_length=10)] = []


class ResourceUse(Frozen):
    """A resource of the library, with its moment, its readers and the reason."""

    id: Id
    title: Line
    url: Annotated[str, Field(max_length=2000)]
    minutes: Annotated[int, Field(ge=1)] | None
    minutes_estimated: bool = False
    language: Language
    format: str
    use: Literal["before", "during", "after"]
    for_: Annotated[list[Lead], Field(alias="for", min_length=1)]
    reason: Text


class Confidence(Frozen):
    """How much the case told us, and the two or three questions that would help most."""

    level: Literal["high", "partial", "thin"]
    missing: Annotated[list[Text], Field(max_length=3)] = []


class HandOff(Frozen):
    """Something in the case is for a person, not for an agenda."""

    why: Text
    to: Line


class CheckResult(Frozen):
    """One invariant and whether it held."""

    name: str
    passed: bool


class Cost(Frozen):
    """What model calls cost, by the prices that were set."""

    amount: Annotated[float, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Provenance(Frozen):
    """How the agenda was made; enough to make it again.

    `edits` counts the edits since, `parent` is the id that the agenda had before the last one,
    and `set_aside` are activities that gave way in an edit, the last ones last.
    `fallback` begins with one word that does not change, and says why the agenda is composed
    although a model was asked.
    `unmet` says in words what the programme asked for and this session could not hold.
    """

    generator: str
    model: str | None = None
    prompt: str | None = None
    library: str | None = None
    encoder: str | None = None
    version: str | None = None
    checks: list[CheckResult] = []
    repaired: list[str] = []
    fallback: str | None = None
    unmet: list[str] = []
    latency_ms: Annotated[int, Field(ge=0)] | None = None
    tokens: dict[str, int] | None = None
    cost: Cost | None = None
    edits: Annotated[int, Field(ge=0)] = 0
    parent: Id | None = None
    set_aside: Annotated[list[Id], Field(max_length=100)] = []


class AgendaSession(Frozen):
    """Which meeting the agenda is for. `of` is null in evergreen programmes."""

    number: Annotated[int, Field(ge=1, le=1000)]
    of: Annotated[int, Field(ge=1, le=1000)] | None = None
    minutes: Annotated[int, Field(ge=1, le=180)]
    type: SessionType


class Agenda(Frozen):
    """The agenda of one session.

    `words` are what its programme says instead of others, for those who show it.
    """

    id: Id
    case_fingerprint: str
    language: Language
    mode: Mode
    session: AgendaSession
    purpose: Text
    success_test: Text
    items: Annotated[list[Item], Field(min_length=1, max_length=MAX_ITEMS)]
    talking_points: list[TalkingPointPlace] = []
    actions_carried: list[Id] = []
    preparation: Preparation = Preparation()
    resources: Annotated[list[ResourceUse], Field(max_length=10)] = []
    confidence: Confidence
    hand_off: HandOff | None = None
    words: dict[str, str] = {}
    provenance: Provenance
