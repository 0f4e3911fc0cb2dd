"""Matching of stored people: suggestions, why, and the best assignment of everybody."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query
from pydantic import Field

from api.auth import Caller, anybody, reader
from api.bodies import OwnId, json_body
from api.room import place_to_compute
from api.sharing import people_of
from recommender.domain.base import Frozen, Id
from recommender.domain.matching import Pair, Suggestion, Unmatched, Why
from recommender.errors import InvalidInputError
from recommender.matching.match import match_pool
from recommender.matching.stored_people import StoredPeople
from recommender.matching.suggest import explain_candidate, find_row, suggest_mentors
from recommender.matching.terms import is_mentee

router = APIRouter(prefix="/v1", tags=["matching"])


class WhyQuery(Frozen):
    """Under which rules, and on which side."""

    programme: Annotated[Id, Field(
        description="Whose rules count: one of yours, or of the library.")] = "evergreen"
    role: Annotated[Literal["mentee", "mentor"] | None, Field(
        description="Which side the person is on; by default the one their roles say, mentee "
                    "first.")] = None


class SuggestionQuery(WhyQuery):
    """The same, and how many are wanted."""

    limit: Annotated[int, Field(ge=1, le=100)] = 5


class MatchOrder(Frozen):
    """How everybody is matched.

    Attributes:
        rematch: Active pairs only take room, and their mentees are matched again.
        seed: Draws the lots between equals.
    """

    rematch: bool = False
    seed: Annotated[str, Field(max_length=200)] = ""


class Matches(Frozen):
    """The best assignment: pairs, the sum of new pairs' scores, and who is left over and why."""

    pairs: list[Pair]
    total: float
    bound: float
    unmatched: list[Unmatched]
    relax: str | None


@router.get("/profiles/{id}/mentor-suggestions", operation_id="suggestMentors",
            summary="Suggest the people worth meeting",
            dependencies=[Depends(anybody), Depends(place_to_compute)],
            description="Best first, each with parts that the score can be worked out from, and "
                        "reasons from both profiles; an empty list where nobody is eligible.")
def suggest(
    id: OwnId, query: Annotated[SuggestionQuery, Query()],
    caller: Annotated[Caller, Depends(reader)],
    people: Annotated[StoredPeople, Depends(people_of)],
) -> list[Suggestion]:
    """Return the same as `agendum mentors` over the same people and pairs."""
    terms = people.terms(caller.tenant_id, query.programme)
    row = find_row(terms, id)
    return suggest_mentors(terms, id, people.phrases(terms, row), query.limit,
                           as_mentee=is_mentee(terms, row, query.role))


@router.get("/profiles/{id}/mentor-suggestions/{candidate}/why", operation_id="explainCandidate",
            summary="Say why somebody was, or was not, suggested",
            dependencies=[Depends(anybody), Depends(place_to_compute)])
def why(
    id: OwnId, candidate: OwnId, query: Annotated[WhyQuery, Query()],
    caller: Annotated[Caller, Depends(reader)],
    people: Annotated[StoredPeople, Depends(people_of)],
) -> Why:
    """Return every rule with its outcome."""
    if id == candidate:
        raise InvalidInputError.of("is the person who asks; name somebody else",
                                   field="candidate")
    terms = people.terms(caller.tenant_id, query.programme, filled=False)
    row = find_row(terms, id)
    return explain_candidate(terms, id, candidate, people.phrases(terms, row),
                             as_mentee=is_mentee(terms, row, query.role))


@router.post("/programmes/{id}/matches", operation_id="matchPeople",
             summary="Find the best assignment of everybody",
             description="Over all stored people. Nothing is stored: PUT the pairs that you keep.",
             dependencies=[Depends(anybody), Depends(json_body), Depends(place_to_compute)])
def match(
    id: OwnId, order: Annotated[MatchOrder, Body()], caller: Annotated[Caller, Depends(reader)],
    people: Annotated[StoredPeople, Depends(people_of)],
) -> Matches:
    """Return the same as `agendum match` over the same people and pairs."""
    terms = people.terms(caller.tenant_id, id)
    found = match_pool(terms, lambda row: people.phrases(terms, row), seed=order.seed,
                       keep=not order.rematch)
    return Matches(pairs=found.pairs, total=round(found.total, 6), bound=round(found.bound, 6),
                   unmatched=found.unmatched, relax=found.relax)
