"""What a tenant lays over the shipped resources: its own, changed ones, and hidden ones."""

from sqlalchemy import insert, select, update

from recommender.domain.resource import Resource
from recommender.storage.documents import ANY, Condition, Documents


class Overlaid(Documents[Resource]):
    """The resources of one tenant; a shipped one that it deletes is hidden from it alone."""

    def hide(self, own: str, condition: Condition = ANY) -> bool:
        """Hide a shipped resource, and return whether it was not hidden before.

        Raises:
            StaleError: The tenant's own resource of this id is not as the condition says.
        """
        table = self.kind.table
        where = (*self._scope.of(table), table.c.id == own)
        row = self._connection.execute(select(table.c.version, table.c.body).where(*where)).first()
        condition.check(None if row is None or row.body is None else row.version)
        if row is not None and row.body is None:
            return False
        values = {"version": self._scope.change(*self.kind.touches), "body": None,
                  "updated_at": self._scope.now}
        if row is None:
            self._connection.execute(insert(table).values(
                tenant_id=self._scope.tenant_id, id=own, created_at=self._scope.now, **values))
        else:
            self._connection.execute(update(table).where(*where).values(values))
        return True

    def hidden(self) -> frozenset[str]:
        """Return the ids of shipped resources that the tenant has hidden."""
        table = self.kind.table
        return frozenset(self._connection.scalars(
            select(table.c.id).where(*self._scope.of(table), table.c.body.is_(None))))
