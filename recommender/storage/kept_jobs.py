"""Jobs over many pairs: each item is done once, whoever is killed, and by one worker at a time.

An item waits, is taken under a lease, and ends. Who lets the lease run out has lost the item:
another takes it, and `finish` refuses the first one's result, in the transaction that would have
stored it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from recommender.errors import NotFoundError
from recommender.storage.scope import Scope
from recommender.storage.tables import job_items, jobs

JobState = Literal["running", "done", "cancelled"]
ItemState = Literal["waiting", "running", "done", "skipped", "failed", "cancelled"]
MAX_ATTEMPTS = 10
"""Workers that may end while they do an item, before it counts as what ended them."""
SOME = 500


@dataclass(frozen=True)
class StoredJob:
    """What is to be done for many subjects; `request` is JSON that holds ids and no texts."""

    id: str
    kind: str
    state: JobState
    request: str
    key_id: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class StoredItem:
    """One subject of a job: what became of it, and with which result or error."""

    subject: str
    position: int
    state: ItemState
    attempts: int
    result: str | None
    error: str | None


@dataclass(frozen=True)
class Claim:
    """An item that a worker may do until its lease ends."""

    tenant_id: str
    job_id: str
    subject: str
    kind: str
    request: str
    key_id: str
    attempt: int
    worker: str


class Jobs:
    """The jobs of one tenant, inside a transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, kind: str, request: str, subjects: Sequence[str], key_id: str) -> StoredJob:
        """Store a job with an item per subject, and return it; one without items is over."""
        own, now = f"job_{token_hex(12)}", self._scope.now
        self._connection.execute(insert(jobs).values(
            tenant_id=self._scope.tenant_id, id=own, version=self._scope.change(), kind=kind,
            state="running" if subjects else "done", request=request, key_id=key_id,
            created_at=now, updated_at=now, ended_at=None if subjects else now))
        rows = [{"tenant_id": self._scope.tenant_id, "job_id": own, "subject": subject,
                 "position": position, "state": "waiting", "attempts": 0, "updated_at": now}
                for position, subject in enumerate(subjects)]
        for start in range(0, len(rows), SOME):
            self._connection.execute(insert(job_items), rows[start : start + SOME])
        return self.get(own)

    def get(self, own: str) -> StoredJob:
        """Return a job.

        Raises:
            NotFoundError: There is none.
        """
        row = self._connection.execute(
            select(jobs).where(*self._scope.of(jobs), jobs.c.id == own)).first()
        if row is None:
            raise NotFoundError(f"there is no job {own!r}; check the id")
        return StoredJob(row.id, row.kind, row.state, row.request, row.key_id, row.created_at,
                         row.updated_at, row.ended_at)

    def progress(self, own: str) -> dict[ItemState, int]:
        """Return how many items of a job are in each state; those in which none is, too."""
        rows = self._connection.execute(
            select(job_items.c.state, func.count()).where(*self._items(own))
            .group_by(job_items.c.state))
        found = {str(state): int(count) for state, count in rows}
        return {state: found.get(state, 0) for state in get_args(ItemState)}

    def items(self, own: str, limit: int, after: int = -1) -> list[StoredItem]:
        """Return the items of a job after a position, in order."""
        rows = self._connection.execute(
            select(job_items).where(*self._items(own), job_items.c.position > after)
            .order_by(job_items.c.position).limit(limit))
        return [StoredItem(row.subject, row.position, row.state, row.attempts, row.result,
                           row.error) for row in rows]

    def cancel(self, own: str) -> StoredJob:
        """Let nothing more of a job be done, and return it; what was done stays.

        Raises:
            NotFoundError: There is none.
        """
        if self.get(own).state == "running":
            now = self._scope.now
            self._connection.execute(update(job_items).where(
                *self._items(own), job_items.c.state.in_(("waiting", "running")))
                .values(state="cancelled", worker=None, lease_until=None, updated_at=now))
            self._end(own, "cancelled")
        return self.get(own)

    def holds(self, claim: Claim) -> bool:
        """Return whether an item is still this claim's to do."""
        return self._connection.execute(
            select(job_items.c.subject).where(*self._held(claim))).first() is not None

    def finish(
        self, claim: Claim, state: ItemState, result: str | None = None, error: str | None = None
    ) -> bool:
        """End an item and return true; false where it is no longer this claim's to end.

        Whoever gets false must let go of all that the transaction has done.
        """
        done = self._connection.execute(
            update(job_items).where(*self._held(claim))
            .values(state=state, result=result, error=error, worker=None, lease_until=None,
                    updated_at=self._scope.now))
        if not done.rowcount:
            return False
        self.end_if_over(claim.job_id)
        return True

    def end_if_over(self, own: str) -> None:
        """Mark a job as done once none of its items waits or is being done."""
        open_items = self._connection.scalar(
            select(func.count()).select_from(job_items).where(
                *self._items(own), job_items.c.state.in_(("waiting", "running"))))
        if not open_items and self.get(own).state == "running":
            self._end(own, "done")

    def forget_subjects(self, subjects: Sequence[str]) -> None:
        """Delete the items of these subjects from every job."""
        for start in range(0, len(subjects), SOME):
            some = job_items.c.subject.in_(list(subjects[start : start + SOME]))
            touched = list(self._connection.scalars(
                select(job_items.c.job_id).where(*self._scope.of(job_items), some).distinct()))
            self._connection.execute(delete(job_items).where(*self._scope.of(job_items), some))
            for own in touched:
                self.end_if_over(own)

    def of_subjects(self, subjects: Sequence[str]) -> list[tuple[str, StoredItem]]:
        """Return the items of these subjects in any job, oldest job first, each with its id."""
        rows = self._connection.execute(
            select(job_items).join(jobs, (jobs.c.tenant_id == job_items.c.tenant_id)
                                   & (jobs.c.id == job_items.c.job_id))
            .where(*self._scope.of(job_items), job_items.c.subject.in_(list(subjects)))
            .order_by(jobs.c.created_at, jobs.c.id, job_items.c.position))
        return [(row.job_id, StoredItem(row.subject, row.position, row.state, row.attempts,
                                        row.result, row.error)) for row in rows]

    def prune(self, before: datetime) -> int:
        """Delete jobs that ended before a moment, with their items; return how many."""
        gone = self._connection.execute(delete(jobs).where(
            *self._scope.of(jobs), jobs.c.ended_at.is_not(None), jobs.c.ended_at < before))
        return int(gone.rowcount)

    def _end(self, own: str, state: JobState) -> None:
        now = self._scope.now
        self._connection.execute(
            update(jobs).where(*self._scope.of(jobs), jobs.c.id == own)
            .values(state=state, version=self._scope.change(), updated_at=now, ended_at=now))

    def _held(self, claim: Claim) -> tuple[ColumnElement[bool], ...]:
        return (*self._items(claim.job_id), job_items.c.subject == claim.subject,
                job_items.c.state == "running", job_items.c.worker == claim.worker,
                job_items.c.attempts == claim.attempt)

    def _items(self, own: str) -> tuple[ColumnElement[bool], ...]:
        return (*self._scope.of(job_items), job_items.c.job_id == own)


def claim_item(
    connection: Connection, now: datetime, tenant_id: str, job_id: str, worker: str,
    lease: timedelta,
) -> Claim | None:
    """Take the next item of a job that nobody is doing; null where there is none.

    In PostgreSQL several may ask at once: each gets another item, and none waits.
    An item whose workers keep ending is given out no more, and fails.
    """
    row = connection.execute(
        select(job_items.c.subject, job_items.c.attempts, jobs.c.kind, jobs.c.request,
               jobs.c.key_id)
        .join(jobs, (jobs.c.tenant_id == job_items.c.tenant_id)
              & (jobs.c.id == job_items.c.job_id))
        .where(job_items.c.tenant_id == tenant_id, job_items.c.job_id == job_id,
               jobs.c.state == "running", _free(now))
        .order_by(job_items.c.position).limit(1)
        .with_for_update(of=job_items, skip_locked=True)).first()
    if row is None:
        return None
    attempt = row.attempts + 1
    connection.execute(
        update(job_items).where(
            job_items.c.tenant_id == tenant_id, job_items.c.job_id == job_id,
            job_items.c.subject == row.subject)
        .values(state="running", attempts=attempt, worker=worker, lease_until=now + lease,
                updated_at=now))
    return Claim(tenant_id, job_id, row.subject, row.kind, row.request, row.key_id, attempt,
                 worker)


def renew_leases(connection: Connection, now: datetime, worker: str, lease: timedelta) -> int:
    """Keep all that a worker is doing for longer; return how many items that is."""
    kept = connection.execute(
        update(job_items).where(job_items.c.state == "running", job_items.c.worker == worker)
        .values(lease_until=now + lease))
    return int(kept.rowcount)


def open_jobs(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Return tenant and id of every job with an item that nobody is doing, oldest job first."""
    rows = connection.execute(
        select(jobs.c.tenant_id, jobs.c.id)
        .where(jobs.c.state == "running", select(job_items.c.subject).where(
            job_items.c.tenant_id == jobs.c.tenant_id, job_items.c.job_id == jobs.c.id,
            _free(now)).exists())
        .order_by(jobs.c.created_at, jobs.c.tenant_id, jobs.c.id))
    return [(str(tenant), str(own)) for tenant, own in rows]


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(job_items.c.state == "waiting",
               (job_items.c.state == "running") & (job_items.c.lease_until < now))


