"""Keys, answers to writes that may be repeated, and who did what, of one tenant."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, update

from recommender.storage.scope import Scope
from recommender.storage.tables import audit, keys, replies

REMEMBERED = timedelta(hours=24)
"""How long the answer to a write is kept for a caller who repeats it."""
KeyRole = Literal["reader", "curator", "platform"]


@dataclass(frozen=True)
class StoredKey:
    """A key of a tenant; of its secret there is a salted digest only."""

    tenant_id: str
    id: str
    role: KeyRole
    salt: bytes
    digest: bytes
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Reply:
    """The answer to a write, as it is given again to whoever repeats it."""

    fingerprint: str
    status: int
    headers: Mapping[str, str]
    body: str


class Keys:
    """The keys of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, own: str, role: KeyRole, salt: bytes, digest: bytes) -> StoredKey:
        """Store a new key."""
        now = self._scope.now
        self._connection.execute(insert(keys).values(
            tenant_id=self._scope.tenant_id, id=own, role=role, salt=salt, digest=digest,
            created_at=now))
        return StoredKey(self._scope.tenant_id, own, role, salt, digest, now, None)

    def every(self) -> list[StoredKey]:
        """Return all keys, revoked ones too, oldest first."""
        rows = self._connection.execute(
            select(keys).where(*self._scope.of(keys)).order_by(keys.c.created_at, keys.c.id))
        return [key_of_row(row) for row in rows]

    def revoke(self, own: str) -> bool:
        """Let a key open nothing any more, and return whether it did until now."""
        done = self._connection.execute(
            update(keys).where(*self._scope.of(keys), keys.c.id == own,
                               keys.c.revoked_at.is_(None))
            .values(revoked_at=self._scope.now))
        return bool(done.rowcount)


class Replies:
    """Answers to writes that had an Idempotency-Key, of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def find(self, key: str) -> Reply | None:
        """Return the answer that was given under a key; null where none was, or long ago."""
        row = self._connection.execute(
            select(replies).where(*self._scope.of(replies), replies.c.key == key,
                                  replies.c.created_at > self._scope.now - REMEMBERED)).first()
        if row is None:
            return None
        return Reply(row.fingerprint, row.status, json.loads(row.headers), row.body)

    def add(self, key: str, reply: Reply, about: str) -> None:
        """Keep an answer, and forget those that are too old.

        Args:
            about: The path of what was written, such as `profiles/p-1`.
        """
        self._connection.execute(delete(replies).where(
            *self._scope.of(replies),
            (replies.c.created_at <= self._scope.now - REMEMBERED) | (replies.c.key == key)))
        self._connection.execute(insert(replies).values(
            tenant_id=self._scope.tenant_id, key=key, fingerprint=reply.fingerprint,
            status=reply.status, headers=json.dumps(dict(reply.headers)), body=reply.body,
            about=about, created_at=self._scope.now))

    def forget(self, about: str) -> None:
        """Delete the answers about one thing."""
        self._connection.execute(delete(replies).where(
            *self._scope.of(replies), replies.c.about == about))


class Audit:
    """Who did what to the data of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, key_id: str, action: str, kind: str, subject: str, request_id: str) -> None:
        """Note one deed: ids only, nothing that people wrote."""
        self._connection.execute(insert(audit).values(
            tenant_id=self._scope.tenant_id, id=token_hex(12), at=self._scope.now, key_id=key_id,
            action=action, kind=kind, subject=subject, request_id=request_id))


def key_of_row(row: Any) -> StoredKey:
    """Return a row of the table as a key."""
    return StoredKey(row.tenant_id, row.id, row.role, bytes(row.salt), bytes(row.digest),
                     row.created_at, row.revoked_at)
