"""Feedback: what somebody made of a resource, an item or an agenda."""

from datetime import datetime
from typing import Literal

from recommender.domain.base import Frozen, Id, Text


class Feedback(Frozen):
    """One verdict of one person; it changes what the same person gets next."""

    profile_id: Id
    target: Literal["resource", "item", "agenda"]
    target_id: Id
    verdict: Literal[
        "helpful", "not_helpful", "done", "not_interested", "too_easy", "too_hard", "too_long",
        "broken_link",
    ]
    comment: Text | None = None
    at: datetime | None = None
