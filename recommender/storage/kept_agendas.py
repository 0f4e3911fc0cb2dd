"""Stored agendas with their earlier versions, and the sessions of pairs, of one tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from recommender.agendas.versions import is_same, keep
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.domain.pair import SessionNotes
from recommender.domain.version import By, Kept
from recommender.errors import NotFoundError
from recommender.storage.documents import ANY, Condition
from recommender.storage.scope import Scope
from recommender.storage.tables import agenda_people, agenda_versions, agendas, sessions


@dataclass(frozen=True)
class StoredAgenda:
    """An agenda as it is stored, with the case it was made of; its id stays through edits."""

    id: str
    version: int
    agenda: Agenda
    case: Case
    pair_id: str | None
    updated_at: datetime


@dataclass(frozen=True)
class StoredSession:
    """A session of a pair: the id of its agenda, if it has one, and what was noted, if it was."""

    pair_id: str
    number: int
    version: int
    notes: SessionNotes | None
    agenda_id: str | None
    updated_at: datetime


class Agendas:
    """The stored agendas of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def get(self, own: str) -> StoredAgenda:
        """Return an agenda.

        Raises:
            NotFoundError: There is none.
        """
        row = self._connection.execute(self._select().where(agendas.c.id == own)).first()
        if row is None:
            raise NotFoundError(f"there is no stored agenda {own!r}; check the id")
        return _agenda(row)

    def several(self, ids: Sequence[str]) -> dict[str, StoredAgenda]:
        """Return those of these agendas that exist, by id."""
        if not ids:
            return {}
        rows = self._connection.execute(self._select().where(agendas.c.id.in_(list(ids))))
        return {str(row.id): _agenda(row) for row in rows}

    def of_person(self, profile_id: str) -> list[StoredAgenda]:
        """Return every agenda in whose session a person takes part, oldest first."""
        rows = self._connection.execute(
            self._select()
            .join(agenda_people, (agenda_people.c.tenant_id == agendas.c.tenant_id)
                  & (agenda_people.c.agenda_id == agendas.c.id))
            .where(agenda_people.c.profile_id == profile_id)
            .order_by(agendas.c.created_at, agendas.c.id))
        return [_agenda(row) for row in rows]

    def ids_of_pair(self, pair_id: str) -> list[str]:
        """Return the ids of the agendas of a pair's sessions."""
        return list(self._connection.scalars(
            select(agendas.c.id).where(*self._scope.of(agendas), agendas.c.pair_id == pair_id)))

    def loose(self, before: datetime) -> list[str]:
        """Return the ids of agendas that belong to no pair and did not change since a moment."""
        return list(self._connection.scalars(
            select(agendas.c.id).where(*self._scope.of(agendas), agendas.c.pair_id.is_(None),
                                       agendas.c.updated_at < before)))

    def add(self, agenda: Agenda, case: Case, pair_id: str | None = None) -> StoredAgenda:
        """Store a new agenda under an id of its own, and return it as it is stored."""
        own = f"ag_{token_hex(12)}"
        stored = agenda.model_copy(update={"id": own})
        version = self._scope.change()
        now = self._scope.now
        self._connection.execute(insert(agendas).values(
            tenant_id=self._scope.tenant_id, id=own, version=version, body=_text(stored),
            case=_text(case), pair_id=pair_id, number=case.session.number, created_at=now,
            updated_at=now))
        self._set_people(own, case)
        return StoredAgenda(own, version, stored, case, pair_id, now)

    def replace(
        self, own: str, agenda: Agenda, case: Case, by: By, condition: Condition = ANY
    ) -> StoredAgenda:
        """Put another agenda in the place of a stored one, which is kept as a version.

        The same agenda of the same case again changes nothing.

        Raises:
            NotFoundError: There is none of this id.
            StaleError: It is not as the condition says.
        """
        before = self.get(own)
        condition.check(before.version)
        new = agenda.model_copy(update={"id": own})
        if is_same(before.agenda, new) and before.case == case:
            return before
        version = self._scope.change()
        kept = keep(self.history(own), before.agenda, by, self._scope.now)
        self._connection.execute(insert(agenda_versions).values(
            tenant_id=self._scope.tenant_id, agenda_id=own, number=kept.number,
            body=kept.model_dump_json(by_alias=True)))
        self._connection.execute(
            update(agendas).where(*self._scope.of(agendas), agendas.c.id == own)
            .values(version=version, body=_text(new), case=_text(case),
                    updated_at=self._scope.now))
        self._connection.execute(delete(agenda_people).where(
            *self._scope.of(agenda_people), agenda_people.c.agenda_id == own))
        self._set_people(own, case)
        return StoredAgenda(own, version, new, case, before.pair_id, self._scope.now)

    def history(self, own: str) -> list[Kept]:
        """Return the agendas that stood in this one's place before, oldest first."""
        rows = self._connection.execute(
            select(agenda_versions.c.body)
            .where(*self._scope.of(agenda_versions), agenda_versions.c.agenda_id == own)
            .order_by(agenda_versions.c.number))
        return [Kept.model_validate_json(row.body) for row in rows]

    def remove(self, ids: Sequence[str]) -> None:
        """Delete agendas with all their versions."""
        for own in ids:
            self._scope.change()
            self._connection.execute(
                update(sessions).where(*self._scope.of(sessions), sessions.c.agenda_id == own)
                .values(agenda_id=None))
            self._connection.execute(
                delete(agendas).where(*self._scope.of(agendas), agendas.c.id == own))

    def _select(self) -> Any:
        return select(agendas.c.id, agendas.c.version, agendas.c.body, agendas.c.case,
                      agendas.c.pair_id, agendas.c.updated_at).where(*self._scope.of(agendas))

    def _set_people(self, own: str, case: Case) -> None:
        self._connection.execute(insert(agenda_people), [
            {"tenant_id": self._scope.tenant_id, "agenda_id": own,
             "profile_id": member.profile.id} for member in case.members])


class Sessions:
    """The sessions of the pairs of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def of_pair(self, pair_id: str) -> list[StoredSession]:
        """Return a pair's sessions, the first one first."""
        rows = self._connection.execute(
            select(sessions).where(*self._scope.of(sessions), sessions.c.pair_id == pair_id)
            .order_by(sessions.c.number))
        return [StoredSession(
            str(row.pair_id), int(row.number), int(row.version),
            None if row.notes is None else SessionNotes.model_validate_json(row.notes),
            row.agenda_id, row.updated_at) for row in rows]

    def find(self, pair_id: str, number: int) -> StoredSession | None:
        """Return one session; null where nothing is known of it."""
        return next((one for one in self.of_pair(pair_id) if one.number == number), None)

    def set_notes(
        self, pair_id: str, number: int, notes: SessionNotes, condition: Condition = ANY
    ) -> tuple[StoredSession, bool]:
        """Store what was noted of a session; return the session and whether notes are new.

        Raises:
            StaleError: The session is not as the condition says.
        """
        before = self.find(pair_id, number)
        noted = before is not None and before.notes is not None
        condition.check(before.version if before is not None and noted else None)
        if before is not None and before.notes == notes:
            return before, False
        after = self._set(before, pair_id, number, {"notes": _text(notes)})
        return after, not noted

    def set_agenda(self, pair_id: str, number: int, agenda_id: str) -> StoredSession:
        """Store which agenda is a session's."""
        before = self.find(pair_id, number)
        if before is not None and before.agenda_id == agenda_id:
            return before
        return self._set(before, pair_id, number, {"agenda_id": agenda_id})

    def _set(
        self, before: StoredSession | None, pair_id: str, number: int, values: dict[str, Any]
    ) -> StoredSession:
        own = {"version": self._scope.change(), "updated_at": self._scope.now, **values}
        if before is None:
            self._connection.execute(insert(sessions).values(
                tenant_id=self._scope.tenant_id, pair_id=pair_id, number=number, **own))
        else:
            self._connection.execute(
                update(sessions).where(*self._scope.of(sessions), sessions.c.pair_id == pair_id,
                                       sessions.c.number == number).values(own))
        after = self.find(pair_id, number)
        if after is None:
            raise RuntimeError("a session that was just stored is not there")
        return after


def _text(doc: Agenda | Case | SessionNotes) -> str:
    return doc.model_dump_json(by_alias=True)


def _agenda(row: Any) -> StoredAgenda:
    return StoredAgenda(str(row.id), int(row.version), Agenda.model_validate_json(row.body),
                        Case.model_validate_json(row.case), row.pair_id, row.updated_at)
