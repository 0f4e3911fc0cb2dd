"""Bulk generation: a job for a programme, an item per pair, each agenda stored exactly once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from recommender.agendas.drafting import Drafting, generate_drafted
from recommender.agendas.stored_case import case_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.bulk import BulkOrder, JobRequest
from recommender.domain.case import Case
from recommender.domain.pair import StoredPair
from recommender.errors import AgendumError, Fault, InvalidInputError, StorageError
from recommender.matching.stored_people import programme_of
from recommender.storage.kept_jobs import Claim, ItemState, StoredJob
from recommender.storage.store import Store, Unit

KIND = "agendas"
MAX_ERROR = 500


@dataclass(frozen=True)
class Maker:
    """What agendas are made with.

    Attributes:
        catalogue_of: A tenant's catalogue.
        drafting: Asked for each agenda, because the model is opened later than this is made.
        made: Told of each agenda that was made.
    """

    store: Store
    catalogue_of: Callable[[str], Catalogue]
    drafting: Callable[[], Drafting]
    made: Callable[[Agenda], None]


@dataclass(frozen=True)
class _Plan:
    """What an item needs: the case of its agenda, or why there is nothing to make."""

    number: int
    case: Case | None = None
    there: str | None = None
    reason: str | None = None


class _LostClaim(Exception):
    """Somebody else has the item by now; undoes the transaction."""


def start_job(
    unit: Unit, catalogue: Catalogue, programme_id: str, order: BulkOrder, key_id: str
) -> StoredJob:
    """Store a job that makes an agenda for each pair, and return it.

    Raises:
        NotFoundError: There is no such programme.
        InvalidInputError: A pair that is named is not there, or is not of this programme.
    """
    programme_of(unit, catalogue, programme_id)
    pair_ids = _chosen(unit, programme_id, order)
    request = JobRequest(programme_id=programme_id,
                         order=order.model_copy(update={"pairs": None})).model_dump_json()
    return unit.jobs.add(KIND, request, pair_ids, key_id)


async def do_item(maker: Maker, claim: Claim) -> ItemState | None:
    """Do one item and return how it ended; null where it was somebody else's by then.

    The agenda and the end of the item are stored in one transaction, so neither is without the
    other, whoever is killed when.

    Raises:
        StorageError: The database cannot be used; the item is done later, by whoever can.
    """
    catalogue = await asyncio.to_thread(maker.catalogue_of, claim.tenant_id)
    order = JobRequest.model_validate_json(claim.request).order
    try:
        plan = await asyncio.to_thread(_plan, maker.store, catalogue, claim, order)
        agenda = None
        if plan.case is not None:
            agenda = await generate_drafted(plan.case, catalogue, maker.drafting())
    except StorageError:
        raise
    except AgendumError as error:
        return await asyncio.to_thread(
            _end, maker.store, claim, "failed", None, told(error))
    if agenda is None or plan.case is None:
        return await asyncio.to_thread(
            _end, maker.store, claim, "skipped", plan.there, plan.reason)
    state = await asyncio.to_thread(_keep, maker.store, claim, order, plan, agenda)
    if state == "done":
        maker.made(agenda)
    return state


def told(error: AgendumError) -> str:
    """Return what an item says of an error: which fields are wrong, without what stands in them."""
    if isinstance(error, InvalidInputError):
        fields = [fault.field or fault.source or "the case" for fault in error.faults]
        return f"invalid-input: {', '.join(fields)}"[:MAX_ERROR]
    return type(error).__name__.removesuffix("Error").lower()


def give_up(store: Store, claim: Claim, reason: str) -> ItemState | None:
    """End an item as failed; null where it was somebody else's by then."""
    return _end(store, claim, "failed", None, reason)


def _chosen(unit: Unit, programme_id: str, order: BulkOrder) -> list[str]:
    if order.pairs is None:
        return [one.id for one in unit.pairs.page()
                if one.doc.programme_id == programme_id and one.doc.status == "active"]
    there = unit.pairs.several(order.pairs)
    faults = []
    for at, own in enumerate(order.pairs):
        if own not in there:
            faults.append(Fault("", f"pairs[{at}]", f"there is no pair {own!r}"))
        elif there[own].doc.programme_id != programme_id:
            faults.append(Fault("", f"pairs[{at}]", f"{own!r} is of the programme "
                                f"{there[own].doc.programme_id!r}; take it out"))
    if faults:
        raise InvalidInputError(faults)
    return list(dict.fromkeys(order.pairs))


def _plan(store: Store, catalogue: Catalogue, claim: Claim, order: BulkOrder) -> _Plan:
    with store.read(claim.tenant_id) as unit:
        pair: StoredPair = unit.pairs.get(claim.subject).doc
        if pair.status != "active":
            return _Plan(0, reason=f"the pair is {pair.status}")
        number = order.session or _next_session(unit, pair.id)
        programme = programme_of(unit, catalogue, pair.programme_id)
        if programme.sessions is not None and number > programme.sessions:
            return _Plan(number, reason="all sessions of the programme have been held")
        there = _there(unit, claim.subject, number)
        if there is not None and not order.replace:
            return _Plan(number, there=there, reason=f"session {number} has an agenda")
        return _Plan(number, case_of(unit, catalogue, pair.id, number, order.session_order()))


def _next_session(unit: Unit, pair_id: str) -> int:
    held = [one.number for one in unit.sessions.of_pair(pair_id) if one.notes is not None]
    return max(held, default=0) + 1


def _there(unit: Unit, pair_id: str, number: int) -> str | None:
    session = unit.sessions.find(pair_id, number)
    return None if session is None else session.agenda_id


def _keep(
    store: Store, claim: Claim, order: BulkOrder, plan: _Plan, agenda: Agenda
) -> ItemState | None:
    """Store an agenda and end its item, both or neither."""
    if plan.case is None:
        raise ValueError("there is no agenda without a case")
    try:
        with store.write(claim.tenant_id) as unit:
            if not unit.jobs.holds(claim):  # cancelled, erased, or somebody else's by now
                return None
            there = _there(unit, claim.subject, plan.number)
            if there is not None and not order.replace:
                # Somebody made one while this was being composed; theirs stands.
                if not unit.jobs.finish(claim, "skipped", there,
                                        f"session {plan.number} has an agenda"):
                    raise _LostClaim
                return "skipped"
            if there is None:
                stored = unit.agendas.add(agenda, plan.case, claim.subject)
            else:
                stored = unit.agendas.replace(there, agenda, plan.case, "agenda")
            unit.sessions.set_agenda(claim.subject, plan.number, stored.id)
            if not unit.jobs.finish(claim, "done", stored.id):
                raise _LostClaim
            unit.audit.add(claim.key_id, "create", "agenda", stored.id, claim.job_id)
    except _LostClaim:
        return None
    return "done"


def _end(
    store: Store, claim: Claim, state: ItemState, result: str | None, error: str | None
) -> ItemState | None:
    with store.write(claim.tenant_id) as unit:
        return state if unit.jobs.finish(claim, state, result, error) else None
