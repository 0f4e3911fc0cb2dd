"""Agendas for many pairs at once: what is asked for."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from recommender.domain.base import Frozen, Id, Language, Mode
from recommender.domain.pair import SessionOrder

MAX_PAIRS = 50_000


class BulkOrder(Frozen):
    """Which agendas a job makes for the pairs of a programme.

    Attributes:
        pairs: Only these; null for every active pair of the programme.
        session: Its number; null for the next of each pair: one after the last with notes.
        replace: Make a new agenda also where the session has one already.
    """

    pairs: Annotated[list[Id], Field(min_length=1, max_length=MAX_PAIRS)] | None = None
    session: Annotated[int, Field(ge=1, le=1000)] | None = None
    minutes: Annotated[int, Field(ge=15, le=180)] | None = None
    language: Language | None = None
    date: datetime | None = None
    mode: Mode | None = None
    generator: Literal["auto", "composer", "llm"] = "auto"
    replace: bool = False

    def session_order(self) -> SessionOrder:
        """Return what each pair's agenda is asked for with."""
        return SessionOrder(minutes=self.minutes, language=self.language, date=self.date,
                            mode=self.mode, generator=self.generator)


class JobRequest(Frozen):
    """What a job was asked to do, without the pairs, which are its items."""

    programme_id: Id
    order: BulkOrder
