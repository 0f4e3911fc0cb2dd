"""Links for participants: one agenda, one role, until a day; signed, so nobody needs an account.

A link is a capability: who has it may read what it opens. It ends at its day, with its agenda,
or when the secret that signed it is taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from api.signing import Unsigned, read_signed, signed
from recommender.domain.base import Role

PURPOSE = "agendum participant link 1"


@dataclass(frozen=True)
class Link:
    """What a link opens: an agenda of a tenant, as a role sees it (null: whole), and until when."""

    tenant_id: str
    agenda_id: str
    role: Role | None
    expires_at: datetime


class BadLink(Exception):
    """A token that opens nothing.

    Attributes:
        expired: It was signed here, and its day is over.
    """

    def __init__(self, *, expired: bool = False) -> None:
        self.expired = expired
        super().__init__("expired" if expired else "not signed here")


def sign_link(link: Link, secrets: Sequence[str]) -> str:
    """Return the token of a link, signed with the first of the secrets; safe in an address."""
    expires = int(link.expires_at.timestamp())
    return signed([link.tenant_id, link.agenda_id, link.role, expires], secrets, PURPOSE)


def read_link(token: str, secrets: Sequence[str], now: datetime) -> Link:
    """Return what a token opens.

    Args:
        secrets: Any of them may have signed it; without one no link holds.

    Raises:
        BadLink: It was not signed here, was changed, or its day is over.
    """
    try:
        tenant_id, agenda_id, role, expires = read_signed(token, secrets, PURPOSE)
        link = Link(tenant_id, agenda_id, role, datetime.fromtimestamp(expires, UTC))
    except (Unsigned, ValueError, TypeError, OverflowError):
        raise BadLink from None
    if role is not None and role not in get_args(Role):
        raise BadLink
    if link.expires_at <= now:
        raise BadLink(expired=True)
    return link
