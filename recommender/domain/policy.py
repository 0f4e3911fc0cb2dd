"""What a tenant allows in all of its programmes."""

from typing import Annotated

from pydantic import Field, field_validator

from recommender.domain.base import Frozen, Short
from recommender.domain.case import Case
from recommender.domain.programme import NEVER_FOR_AI, Programme


class Policy(Frozen):
    """A tenant's own bounds; a programme may allow less, never more.

    Attributes:
        ai_fields: Fields of a profile that a model may see and that are embedded; null for
            whatever each programme allows.
    """

    ai_fields: Annotated[list[Short], Field(max_length=50)] | None = None

    @field_validator("ai_fields")
    @classmethod
    def _no_personal_data(cls, fields: list[str] | None) -> list[str] | None:
        refused = sorted(NEVER_FOR_AI.intersection(fields or ()))
        if refused:
            raise ValueError(f"{', '.join(refused)} can never be shown to a model; take it out")
        return fields


class StoredPolicy(Policy):
    """A policy as it is stored: a tenant has one."""

    id: str = "policy"


def within(programme: Programme, policy: Policy) -> Programme:
    """Return a programme that allows no more than a tenant does."""
    allowed = policy.ai_fields
    if allowed is None or set(programme.ai_fields) <= set(allowed):
        return programme
    return programme.model_copy(update={
        "ai_fields": [one for one in programme.ai_fields if one in allowed]})


def case_within(case: Case, programme: Programme, policy: Policy) -> Case:
    """Return a case whose programme allows no more than a tenant does.

    Args:
        programme: The case's, as the library or the case itself has it.
    """
    bounded = within(programme, policy)
    return case if bounded is programme else case.model_copy(update={"programme": bounded})
