"""Deleting what need not be kept any longer, tenant by tenant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from recommender.storage.store import Store, Unit


@dataclass(frozen=True)
class Keep:
    """For how many days what is kept; 0: for ever."""

    audit_days: int = 0
    jobs_days: int = 0
    ended_pairs_days: int = 0
    agendas_days: int = 0


@dataclass(frozen=True)
class Pruned:
    """How much was deleted."""

    audit: int = 0
    jobs: int = 0
    pairs: int = 0
    agendas: int = 0
    replies: int = 0

    def __add__(self, other: "Pruned") -> "Pruned":
        return Pruned(self.audit + other.audit, self.jobs + other.jobs, self.pairs + other.pairs,
                      self.agendas + other.agendas, self.replies + other.replies)


def prune(store: Store, keep: Keep) -> Pruned:
    """Delete of every tenant what is older than it need be, and return how much that was.

    Raises:
        StorageError: The database cannot be used.
    """
    total = Pruned()
    for tenant_id in store.tenants():
        with store.write(tenant_id) as unit:
            total += _prune(unit, keep)
    return total


def _prune(unit: Unit, keep: Keep) -> Pruned:
    ended = loose = []
    if (before := _before(unit.now, keep.ended_pairs_days)) is not None:
        ended = [one.id for one in unit.pairs.page()
                 if one.doc.status == "ended" and one.updated_at < before]
        for own in ended:
            unit.erase_pair(own)
    if (before := _before(unit.now, keep.agendas_days)) is not None:
        loose = unit.agendas.loose(before)
        unit.agendas.remove(loose)
    jobs = _before(unit.now, keep.jobs_days)
    audit = _before(unit.now, keep.audit_days)
    return Pruned(
        audit=0 if audit is None else unit.audit.prune(audit),
        jobs=0 if jobs is None else unit.jobs.prune(jobs),
        pairs=len(ended), agendas=len(loose), replies=unit.replies.prune())


def _before(now: datetime, days: int) -> datetime | None:
    return now - timedelta(days=days) if days else None
