"""Whose data a transaction may touch: exactly one tenant's, and the counters of its changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from recommender.storage.tables import tenants


@dataclass(frozen=True)
class Counters:
    """How often a tenant's data has changed: whoever knows the number knows whether it did.

    Attributes:
        change: Any change.
        people: Profiles, pairs, programmes, feedback: what matching reads.
        library: Resources laid over the shipped ones.
        vectors: Vectors of what people wrote.
    """

    change: int = 0
    people: int = 0
    library: int = 0
    vectors: int = 0


class Scope:
    """One tenant inside one transaction.

    Args:
        now: When the transaction takes place.
    """

    def __init__(self, connection: Connection, tenant_id: str, now: datetime) -> None:
        self._connection = connection
        self.tenant_id = tenant_id
        self.now = now

    def of(self, table: Table) -> Sequence[Any]:
        """Return the condition that a row of a table is this tenant's."""
        return (table.c.tenant_id == self.tenant_id,)

    def lock(self) -> None:
        """Let nobody else change this tenant's data before the transaction ends.

        In SQLite nobody can anyway. A tenant that nobody knows yet begins here.
        """
        insert: Any = (postgresql.insert if self._connection.dialect.name == "postgresql"
                       else sqlite.insert)
        self._connection.execute(insert(tenants).values(
            tenant_id=self.tenant_id, change=0, people=0, library=0, vectors=0,
            created_at=self.now).on_conflict_do_nothing())
        self._connection.execute(
            select(tenants.c.change).where(*self.of(tenants)).with_for_update())

    def change(self, *touched: str) -> int:
        """Return the number of a new change, which is larger than any before.

        Args:
            touched: Names of the counters that are set to it, beside `change`.
        """
        more = dict.fromkeys(touched, tenants.c.change + 1)
        number = self._connection.scalar(
            update(tenants).where(*self.of(tenants))
            .values(change=tenants.c.change + 1, **more).returning(tenants.c.change))
        if number is None:
            raise RuntimeError("a change outside of a transaction that writes")
        return int(number)

    def counters(self) -> Counters:
        """Return how often the tenant's data has changed."""
        row = self._connection.execute(
            select(tenants.c.change, tenants.c.people, tenants.c.library, tenants.c.vectors)
            .where(*self.of(tenants))).first()
        return Counters() if row is None else Counters(*row)
