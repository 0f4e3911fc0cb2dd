"""What hangs on people of one tenant: who is in which pair, feedback, vectors, and erasing it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    cast,
    delete,
    func,
    insert,
    select,
    type_coerce,
)

from recommender.domain.feedback import Feedback
from recommender.domain.pair import StoredPair
from recommender.retrieval.encoder import Floats
from recommender.storage.scope import Scope
from recommender.storage.tables import feedback, pair_members, vectors

MANY = 500
"""Rows in one statement."""


@dataclass(frozen=True)
class StoredFeedback:
    """A verdict as it is stored."""

    id: str
    feedback: Feedback
    created_at: datetime


class PairMembers:
    """Who is in which pair, of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def set(self, pair: StoredPair) -> None:
        """Note the members and the programme of a pair that is stored."""
        self._connection.execute(delete(pair_members).where(
            *self._scope.of(pair_members), pair_members.c.pair_id == pair.id))
        self._connection.execute(insert(pair_members), [
            {"tenant_id": self._scope.tenant_id, "pair_id": pair.id, "profile_id": one,
             "programme_id": pair.programme_id}
            for one in pair.profile_ids])

    def pairs_of(self, profile_id: str) -> list[str]:
        """Return the ids of a person's pairs, in order."""
        return list(self._connection.scalars(
            select(pair_members.c.pair_id)
            .where(*self._scope.of(pair_members), pair_members.c.profile_id == profile_id)
            .order_by(pair_members.c.pair_id)))


    def programme_is_used(self, programme_id: str) -> bool:
        """Return whether a pair is in a programme."""
        return self._connection.execute(
            select(pair_members.c.pair_id)
            .where(*self._scope.of(pair_members), pair_members.c.programme_id == programme_id)
            .limit(1)).first() is not None


class FeedbackLog:
    """What people made of what they got, of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, given: Feedback) -> StoredFeedback:
        """Store a verdict and return it."""
        own, now = f"fb_{token_hex(12)}", self._scope.now
        self._connection.execute(insert(feedback).values(
            tenant_id=self._scope.tenant_id, id=own, version=self._scope.change("people"),
            profile_id=given.profile_id, body=given.model_dump_json(), created_at=now))
        return StoredFeedback(own, given, now)

    def of(self, profile_ids: Sequence[str]) -> list[StoredFeedback]:
        """Return what these people said, oldest first."""
        rows = self._connection.execute(
            select(feedback).where(*self._scope.of(feedback),
                                   feedback.c.profile_id.in_(list(profile_ids)))
            .order_by(feedback.c.version, feedback.c.id))
        return [StoredFeedback(str(row.id), Feedback.model_validate_json(row.body),
                               row.created_at) for row in rows]

    def tally(self) -> dict[tuple[str, str], dict[str, int]]:
        """Return how many verdicts of each kind there are, by target and the target's id."""
        target, target_id, verdict = (self._said(name) for name in (
            "target", "target_id", "verdict"))
        found: dict[tuple[str, str], dict[str, int]] = {}
        for row in self._connection.execute(
                select(target, target_id, verdict, func.count())
                .where(*self._scope.of(feedback)).group_by(target, target_id, verdict)):
            found.setdefault((row[0], row[1]), {})[row[2]] = int(row[3])
        return found

    def about(self, target: str, target_id: str, limit: int) -> list[StoredFeedback]:
        """Return what was said about one thing, newest first."""
        rows = self._connection.execute(
            select(feedback).where(*self._scope.of(feedback), self._said("target") == target,
                                   self._said("target_id") == target_id)
            .order_by(feedback.c.version.desc(), feedback.c.id).limit(limit))
        return [StoredFeedback(str(row.id), Feedback.model_validate_json(row.body),
                               row.created_at) for row in rows]

    def _said(self, name: str) -> ColumnElement[str]:
        """Return a field of what was said, to search and count by."""
        body: Any = (cast(feedback.c.body, JSON)
                     if self._connection.dialect.name == "postgresql"
                     else type_coerce(feedback.c.body, JSON))
        field: ColumnElement[str] = body[name].as_string()
        return field

    def remove_of(self, profile_id: str) -> list[str]:
        """Delete what one person said; return the ids of that."""
        return list(self._connection.scalars(delete(feedback).where(
            *self._scope.of(feedback), feedback.c.profile_id == profile_id)
            .returning(feedback.c.id)))


class Vectors:
    """Vectors of what the documents of one tenant say, inside a transaction.

    Each belongs to one document, and goes when that is changed or deleted.
    """

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(
        self, kind: str, model: str, found: Mapping[str, Mapping[bytes, Floats]]
    ) -> None:
        """Store vectors by owner and key; those that are there stay as they are.

        Args:
            kind: Of the documents.
            model: The encoder's name.
        """
        rows = []
        for owner, own in found.items():
            there = set(self._connection.scalars(
                select(vectors.c.key).where(*self._where(kind, owner), vectors.c.model == model)))
            rows += [{"tenant_id": self._scope.tenant_id, "kind": kind, "owner_id": owner,
                      "model": model, "key": key, "embedding": vector}
                     for key, vector in own.items() if key not in there]
        for start in range(0, len(rows), MANY):
            self._connection.execute(insert(vectors), rows[start : start + MANY])
        if rows:
            self._scope.change("vectors")

    def count(self, kind: str, owner: str) -> int:
        """Return how many vectors a document has."""
        return int(self._connection.scalar(
            select(func.count()).select_from(vectors).where(*self._where(kind, owner))) or 0)

    def of(
        self, kind: str, model: str, owners: Iterable[str] | None = None
    ) -> dict[str, dict[bytes, Floats]]:
        """Return vectors by owner and key; of these owners only, or of all."""
        query = select(vectors.c.owner_id, vectors.c.key, vectors.c.embedding).where(
            *self._scope.of(vectors), vectors.c.kind == kind, vectors.c.model == model)
        wanted = None if owners is None else sorted(set(owners))
        found: dict[str, dict[bytes, Floats]] = {}
        for start in range(0, 1 if wanted is None else len(wanted), MANY):
            some = query if wanted is None else query.where(
                vectors.c.owner_id.in_(wanted[start : start + MANY]))
            for owner, key, vector in self._connection.execute(some):
                found.setdefault(str(owner), {})[bytes(key)] = vector
        return found

    def remove(self, kind: str, owner: str) -> None:
        """Delete the vectors of one document."""
        gone = self._connection.execute(delete(vectors).where(*self._where(kind, owner)))
        if gone.rowcount:
            self._scope.change("vectors")

    def _where(self, kind: str, owner: str) -> tuple[Any, ...]:
        return (*self._scope.of(vectors), vectors.c.kind == kind, vectors.c.owner_id == owner)
