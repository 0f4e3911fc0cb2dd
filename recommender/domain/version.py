"""Versions: the agendas that stood in one place before the one that stands there now."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from recommender.domain.agenda import Agenda
from recommender.domain.base import Frozen

By = Literal["agenda", "edit", "restore"]


class Kept(Frozen):
    """An agenda that gave way: to a new one, to an edit, or to an earlier one restored."""

    number: Annotated[int, Field(ge=1)]
    kept_at: datetime
    replaced_by: By
    agenda: Agenda
