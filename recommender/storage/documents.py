"""Documents of one kind of one tenant: stored as JSON of their model, validated both ways."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from recommender.domain.base import Frozen
from recommender.errors import NotFoundError, StaleError
from recommender.storage.scope import Scope

DocT = TypeVar("DocT", bound=Frozen)
SOME = 500
"""Ids in one query: below what any database allows."""


@dataclass(frozen=True)
class Condition:
    """What a caller knows of a document; null knows nothing and asks for nothing.

    Attributes:
        versions: It has one of these; empty: it exists.
        absent: It does not exist.
    """

    versions: frozenset[int] | None = None
    absent: bool = False

    def check(self, version: int | None) -> None:
        """Refuse a change of what is not as the caller knows it.

        Raises:
            StaleError: It is not.
        """
        if self.absent and version is not None:
            raise StaleError("it exists already; take If-None-Match out to replace it")
        if self.versions is None:
            return
        if version is None:
            raise StaleError("it does not exist, so it is not as If-Match says")
        if self.versions and version not in self.versions:
            raise StaleError("it was changed since; get it again and repeat the change on that")


ANY = Condition()


@dataclass(frozen=True)
class Stored(Generic[DocT]):
    """A document as it is stored. `version` rises with every change and never comes twice."""

    id: str
    version: int
    doc: DocT
    updated_at: datetime


@dataclass(frozen=True)
class Kind(Generic[DocT]):
    """A kind of documents: what its members are called, its model and its table.

    Attributes:
        touches: The tenant's counters that a change raises, beside `change`.
    """

    name: str
    model: type[DocT]
    table: Table
    touches: Sequence[str] = field(default=())


class Documents(Generic[DocT]):
    """One kind of documents of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope, kind: Kind[DocT]) -> None:
        self._connection = connection
        self._scope = scope
        self.kind = kind

    def find(self, own: str) -> Stored[DocT] | None:
        """Return a document; null where there is none."""
        table = self.kind.table
        row = self._connection.execute(
            select(table.c.id, table.c.version, table.c.body, table.c.updated_at)
            .where(*self._scope.of(table), table.c.id == own, table.c.body.is_not(None))).first()
        return None if row is None else self._read(row)

    def get(self, own: str) -> Stored[DocT]:
        """Return a document.

        Raises:
            NotFoundError: There is none.
        """
        found = self.find(own)
        if found is None:
            raise NotFoundError(f"there is no {self.kind.name} {own!r}; PUT it first, or check "
                                "the id")
        return found

    def put(
        self, doc: DocT, condition: Condition = ANY
    ) -> tuple[Stored[DocT], bool]:
        """Store a document under its own id and return it, and whether it is new.

        The same document again changes nothing, its version neither.

        Raises:
            StaleError: It is not as the condition says.
        """
        own = str(doc.id)  # type: ignore[attr-defined]
        before = self.find(own)
        condition.check(None if before is None else before.version)
        if before is not None and before.doc == doc:
            return before, False
        version = self._scope.change(*self.kind.touches)
        now = self._scope.now
        table = self.kind.table
        values = {"version": version, "body": _written(doc), "updated_at": now}
        changed = self._connection.execute(
            update(table).where(*self._scope.of(table), table.c.id == own).values(values))
        if not changed.rowcount:
            self._connection.execute(insert(table).values(
                tenant_id=self._scope.tenant_id, id=own, created_at=now, **values))
        return Stored(own, version, doc, now), before is None

    def put_many(self, docs: Sequence[DocT]) -> tuple[list[str], list[str]]:
        """Store documents of different ids at once; return the ids that are new, and changed.

        They share a version, since they are one change.
        """
        before = self.several(str(doc.id) for doc in docs)  # type: ignore[attr-defined]
        created, changed = list[DocT](), list[DocT]()
        for doc in docs:
            known = before.get(str(doc.id))  # type: ignore[attr-defined]
            if known is None:
                created.append(doc)
            elif known.doc != doc:
                changed.append(doc)
        table, tenant_id = self.kind.table, self._scope.tenant_id
        if created or changed:
            common = {"version": self._scope.change(*self.kind.touches),
                      "updated_at": self._scope.now}
        if created:
            self._connection.execute(insert(table), [
                {"tenant_id": tenant_id, "id": doc.id, "body": _written(doc),  # type: ignore[attr-defined]
                 "created_at": self._scope.now, **common} for doc in created])
        if changed:
            self._connection.execute(
                update(table).where(*self._scope.of(table), table.c.id == bindparam("own"))
                .values(body=bindparam("new"), **common),
                [{"own": doc.id, "new": _written(doc)} for doc in changed])  # type: ignore[attr-defined]
        return ([doc.id for doc in created], [doc.id for doc in changed])  # type: ignore[attr-defined]

    def remove(self, own: str, condition: Condition = ANY) -> bool:
        """Delete a document and return whether there was one.

        Raises:
            StaleError: It is not as the condition says.
        """
        table = self.kind.table
        where = (*self._scope.of(table), table.c.id == own)
        version = self._connection.scalar(
            select(table.c.version).where(*where, table.c.body.is_not(None)))
        condition.check(version)
        if version is None:
            return False
        self._scope.change(*self.kind.touches)
        self._connection.execute(delete(table).where(*where))
        return True

    def page(self, limit: int | None = None, after: str = "") -> list[Stored[DocT]]:
        """Return the documents after an id, in id order; all of them without a limit."""
        table = self.kind.table
        rows = self._connection.execute(
            select(table.c.id, table.c.version, table.c.body, table.c.updated_at)
            .where(*self._scope.of(table), table.c.id > after, table.c.body.is_not(None))
            .order_by(table.c.id).limit(limit))
        return [self._read(row) for row in rows]

    def versions(self) -> dict[str, int]:
        """Return the version of every document by id."""
        table = self.kind.table
        rows = self._connection.execute(
            select(table.c.id, table.c.version)
            .where(*self._scope.of(table), table.c.body.is_not(None)))
        return {str(own): int(version) for own, version in rows}

    def several(self, ids: Iterable[str]) -> dict[str, Stored[DocT]]:
        """Return those of these documents that exist, by id."""
        table = self.kind.table
        wanted = sorted(set(ids))
        found: dict[str, Stored[DocT]] = {}
        for start in range(0, len(wanted), SOME):
            rows = self._connection.execute(
                select(table.c.id, table.c.version, table.c.body, table.c.updated_at)
                .where(*self._scope.of(table), table.c.id.in_(wanted[start : start + SOME]),
                       table.c.body.is_not(None)))
            found |= {str(row.id): self._read(row) for row in rows}
        return found

    def _read(self, row: object) -> Stored[DocT]:
        return Stored(str(row.id), int(row.version),  # type: ignore[attr-defined]
                      self.kind.model.model_validate_json(row.body),  # type: ignore[attr-defined]
                      row.updated_at)  # type: ignore[attr-defined]


def _written(doc: Frozen) -> str:
    return doc.model_dump_json(by_alias=True)
