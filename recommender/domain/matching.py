"""Matching: a suggestion with its parts and reasons, a rule's outcome, an assignment."""

from typing import Annotated, Literal

from pydantic import Field

from recommender.domain.base import Frozen, Id

Share = Annotated[float, Field(ge=0, le=1)]
Outcome = Literal["met", "not_met", "not_known"]


class Part(Frozen):
    """One part of a score: the score is the sum of value × weight over the sum of weights.

    An `avoid` rule has the value 1 where what it avoids is not the case.
    """

    rule: str
    value: Share
    weight: Annotated[float, Field(ge=0)]


class MatchReason(Frozen):
    """What one wants and what the other offers for it, word for word from both profiles."""

    want: str
    offer: str
    similarity: Share
    wanted_by: Id
    offered_by: Id


class Suggestion(Frozen):
    """One person worth meeting, with the score's parts, the reasons, and what to look out for."""

    candidate: Id
    score: Share
    parts: list[Part]
    reasons: list[MatchReason]
    told: str = Field(description="The reasons as a sentence, in the participant's language.")
    warnings: list[str] = []


class SuggestionList(Frozen):
    """One of many lists made at once; `reasons` say why it is shorter than asked, if it is."""

    person: Id
    suggestions: list[Suggestion]
    reasons: list[str] = []


class RuleOutcome(Frozen):
    """One rule and how it turned out between two people.

    `asks` and `detail` are in the participant's language; `asks` is empty where no programme
    sets the rule, `detail` where such a rule is met.
    """

    rule: str
    kind: Literal["must", "prefer", "avoid", "always"]
    outcome: Outcome
    asks: str = ""
    detail: str


class Why(Frozen):
    """Why somebody was, or was not, suggested to somebody: every rule with its outcome."""

    person: Id
    candidate: Id
    eligible: bool
    rank: int | None = Field(description="Among the eligible, from 1; null if not eligible.")
    score: Share | None
    parts: list[Part]
    reasons: list[MatchReason]
    outcomes: list[RuleOutcome]
    told: str


class Pair(Frozen):
    """Two people assigned to each other. Between equals the order says nothing."""

    mentee: Id
    mentor: Id
    score: float
    kept: bool = False


class Unmatched(Frozen):
    """Somebody left over, and why; they stay for the next cohort."""

    id: Id
    reasons: list[str]
    eligible: int = Field(default=0, description="How many they may meet by every rule.")
    relax: str | None = Field(
        default=None, description="The one rule whose relaxation would let most candidates in.")


class Group(Frozen):
    """People who meet together; `mentors` lead a circle and are empty in a pod of equals."""

    members: list[Id]
    mentors: list[Id] = []
    score: float
