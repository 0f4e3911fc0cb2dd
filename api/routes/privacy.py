"""What is held about people, and who saw or changed it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.auth import Caller, platform
from api.bodies import OwnId, PageQuery, after_of, cursor_of, cut
from api.writing import store_of
from recommender.domain.base import Frozen, Id
from recommender.errors import InvalidInputError
from recommender.holdings import Holdings, holdings_of
from recommender.storage.kept_access import place_of
from recommender.storage.store import Store

router = APIRouter(prefix="/v1", tags=["privacy"])


class AuditQuery(PageQuery):
    """Which deeds are wanted."""

    subject: Annotated[str | None, Field(
        max_length=300, description="Only what was done to this: the id of a profile, pair, "
                                    "agenda, programme or resource; `*`: lists.")] = None
    key_id: Annotated[Id | None, Field(description="Only what was done with this key.")] = None


class AuditEntry(Frozen):
    """Who did what to what: ids only."""

    at: datetime
    key_id: str = Field(description="`command-line`, or `link:` and a role, where it was no key.")
    action: str
    kind: str
    subject: str
    request_id: str = Field(description="The X-Request-Id of the request; of a bulk job, its id.")


class AuditPage(Frozen):
    """Part of the audit, oldest first."""

    data: list[AuditEntry]
    next_cursor: str | None = None


@router.get("/profiles/{id}/export", operation_id="exportProfile",
            summary="Export everything that is held about a person",
            description="Profile, pairs, notes, agendas, feedback, jobs, and who saw or changed "
                        "them. Of others only what stands in what they share.")
def export(
    id: OwnId, caller: Annotated[Caller, Depends(platform)],
    store: Annotated[Store, Depends(store_of)],
) -> Holdings:
    """Return all that is stored about a person."""
    with store.read(caller.tenant_id) as unit:
        return holdings_of(unit, id)


@router.get("/audit", operation_id="listAudit", summary="List who did what")
def list_audit(
    query: Annotated[AuditQuery, Query()], caller: Annotated[Caller, Depends(platform)],
    store: Annotated[Store, Depends(store_of)],
) -> AuditPage:
    """Return part of the tenant's audit."""
    after = after_of(query.cursor)
    if after and place_of(after) is None:
        raise InvalidInputError.of("is none that this list gave; begin without one",
                                   field="cursor")
    with store.read(caller.tenant_id) as unit:
        found = unit.audit.page(query.limit + 1, after, subject=query.subject,
                                key_id=query.key_id)
    data, more = cut(found, query.limit)
    return AuditPage(
        data=[AuditEntry(at=one.at, key_id=one.key_id, action=one.action, kind=one.kind,
                         subject=one.subject, request_id=one.request_id) for one in data],
        next_cursor=cursor_of(data[-1].place) if more else None)
