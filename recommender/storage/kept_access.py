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

    def prune(self) -> int:
        """Delete those that are given to nobody any more; return how many."""
        gone = self._connection.execute(delete(replies).where(
            *self._scope.of(replies), replies.c.created_at <= self._scope.now - REMEMBERED))
        return int(gone.rowcount)

    def forget(self, about: str) -> None:
        """Delete the answers about one thing."""
        self._connection.execute(delete(replies).where(
            *self._scope.of(replies), replies.c.about == about))


@dataclass(frozen=True)
class Deed:
    """Who did what to which subject, when, in which request: ids only."""

    id: str
    at: datetime
    key_id: str
    action: str
    kind: str
    subject: str
    request_id: str

    @property
    def place(self) -> str:
        """Return where it stands among all of the tenant."""
        return f"{self.at.isoformat()} {self.id}"


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


    def page(
        self, limit: int, after: str = "", *, subject: str | None = None,
        key_id: str | None = None,
    ) -> list[Deed]:
        """Return deeds after one, in the order in which they were done.

        Args:
            after: `place` of the last deed of the page before.
            subject: Only what was done to this.
            key_id: Only what was done with this key.
        """
        query = select(audit).where(*self._scope.of(audit))
        if (place := place_of(after)) is not None:
            moment, own = place
            query = query.where((audit.c.at > moment) | (
                (audit.c.at == moment) & (audit.c.id > own)))
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        if key_id is not None:
            query = query.where(audit.c.key_id == key_id)
        rows = self._connection.execute(query.order_by(audit.c.at, audit.c.id).limit(limit))
        return [Deed(row.id, row.at, row.key_id, row.action, row.kind, row.subject,
                     row.request_id) for row in rows]

    def prune(self, before: datetime) -> int:
        """Delete what was noted before a moment; return how much."""
        gone = self._connection.execute(
            delete(audit).where(*self._scope.of(audit), audit.c.at < before))
        return int(gone.rowcount)


def place_of(text: str) -> tuple[datetime, str] | None:
    """Return when a deed was done, and its id, from its `place`; null where it is none."""
    at, _, own = text.partition(" ")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return None if moment.tzinfo is None or not own else (moment, own)


def key_of_row(row: Any) -> StoredKey:
    """Return a row of the table as a key."""
    return StoredKey(row.tenant_id, row.id, row.role, bytes(row.salt), bytes(row.digest),
                     row.created_at, row.revoked_at)
