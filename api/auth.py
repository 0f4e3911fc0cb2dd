"""Who calls: keys, their roles, and when a caller without one is let in.

A key is `agd_<id>_<secret>`: the id finds it, the secret (256 random bits) proves it. Stored is a
salted BLAKE2b digest of the secret: nobody can try 2**256 secrets, so a slow hash of the kind made
for passwords would only slow every request down.
"""

import hashlib
import hmac
from dataclasses import dataclass
from secrets import token_bytes, token_hex, token_urlsafe
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.rate_limits import RateLimits
from recommender.errors import NotFoundError
from recommender.settings import Settings
from recommender.storage.kept_access import KeyRole, StoredKey
from recommender.storage.store import Store, Unit

PREFIX = "agd"
COMMAND_LINE = "command-line"
"""Who did it, in the audit, where it was no key."""
ROLES: tuple[KeyRole, ...] = ("reader", "curator", "platform")
"""Each may do what those before it may."""
_CHALLENGE = {"WWW-Authenticate": "Bearer"}

scheme = HTTPBearer(
    auto_error=False, bearerFormat="agd_…", scheme_name="key",
    description="A key of one tenant, made by `agendum keys create`.")


@dataclass(frozen=True)
class Caller:
    """Whose data a request may touch, and how far."""

    tenant_id: str
    role: KeyRole
    key_id: str


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; `text` is shown once and stored nowhere."""

    text: str
    stored: StoredKey


def create_key(store: Store, tenant_id: str, role: KeyRole) -> NewKey:
    """Make a key for a tenant and return it, the only time that its secret is known."""
    with store.write(tenant_id) as unit:
        return _add_key(unit, role)


def rotate_key(store: Store, tenant_id: str, own: str) -> NewKey:
    """Make a key of the same role as another, revoke that one, and return the new one.

    Raises:
        NotFoundError: The tenant has no such key, or it is revoked.
    """
    with store.write(tenant_id) as unit:
        old = next((one for one in unit.keys.every() if one.id == own), None)
        if old is None or not unit.keys.revoke(own):
            raise NotFoundError(f"{tenant_id} has no key {own!r} that is not revoked; see "
                                "`agendum keys list`")
        unit.audit.add(COMMAND_LINE, "revoke", "key", own, "-")
        return _add_key(unit, old.role)


def revoke_key(store: Store, tenant_id: str, own: str) -> None:
    """Let a key open nothing any more.

    Raises:
        NotFoundError: The tenant has no such key, or it is revoked.
    """
    with store.write(tenant_id) as unit:
        if not unit.keys.revoke(own):
            raise NotFoundError(f"{tenant_id} has no key {own!r} that is not revoked; see "
                                "`agendum keys list`")
        unit.audit.add(COMMAND_LINE, "revoke", "key", own, "-")


def _add_key(unit: Unit, role: KeyRole) -> NewKey:
    own, secret, salt = token_hex(8), token_urlsafe(32), token_bytes(16)
    stored = unit.keys.add(own, role, salt, digest_of(secret, salt))
    unit.audit.add(COMMAND_LINE, "create", "key", own, "-")
    return NewKey(f"{PREFIX}_{own}_{secret}", stored)


def digest_of(secret: str, salt: bytes) -> bytes:
    """Return what is stored of a secret."""
    return hashlib.blake2b(
        secret.encode(), salt=salt, digest_size=32, person=b"agendum-key").digest()


def caller_with(store: Store, text: str) -> Caller | None:
    """Return whose key this is; null for one that is not known, or revoked."""
    prefix, _, rest = text.partition("_")
    own, _, secret = rest.partition("_")
    if prefix != PREFIX or not own.isascii() or not own.isalnum() or not secret.isascii():
        return None
    key = store.key(own)
    if key is None or not hmac.compare_digest(digest_of(secret, key.salt), key.digest):
        return None
    return None if key.revoked_at is not None else Caller(key.tenant_id, key.role, key.id)


class Gate:
    """Lets callers in: those with a key, and, while there is none yet, anybody to some paths.

    What needs nothing stored is open on a laptop: while no key was ever created and the server
    listens on this machine only. The first key, `AGENDUM_REQUIRE_KEY=always`, or another address
    to listen on closes it for good; `never` leaves it open, for a service behind a proxy that
    authenticates.

    Args:
        local: The server listens on this machine only.
    """

    def __init__(self, store: Store, settings: Settings, *, local: bool) -> None:
        self.store = store
        self._require = settings.require_key
        self._local = local
        self._keys_exist = False
        self.limits = RateLimits(settings.rate_limit)

    def is_open(self) -> bool:
        """Return whether callers without a key may use what needs nothing stored."""
        if self._require != "auto":
            return self._require == "never"
        if not self._local:
            return False
        if not self._keys_exist:
            self._keys_exist = self.store.has_keys()
        return not self._keys_exist


def gate_of(request: Request) -> Gate:
    """Return the application's gate."""
    gate = request.app.state.gate
    if not isinstance(gate, Gate):
        raise RuntimeError("the application has no gate")
    return gate


async def anybody(
    request: Request, response: Response,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)],
    gate: Annotated[Gate, Depends(gate_of)],
) -> Caller | None:
    """Return who calls; null for somebody without a key, where the service is open to them.

    Raises:
        HTTPException: 401 for a key that is not known, or none where one is needed; 429 for a
            key that has had its share.
    """
    if given is None:
        if "authorization" not in request.headers and await run_in_threadpool(gate.is_open):
            return None
        raise HTTPException(401, "Send `Authorization: Bearer <key>`; `agendum keys create` makes "
                                 "one.", headers=_CHALLENGE)
    caller = await run_in_threadpool(caller_with, gate.store, given.credentials)
    if caller is None:
        raise HTTPException(401, "This key is not known here, or was revoked.",
                            headers=_CHALLENGE)
    request.state.tenant_id, request.state.key_id = caller.tenant_id, caller.key_id
    share = gate.limits.take(caller.key_id)
    request.state.rate_headers = share.headers
    if not share.granted:
        raise HTTPException(429, f"This key may make {gate.limits.said} requests; try again in "
                                 f"{share.retry_s} s.",
                            headers={"Retry-After": str(share.retry_s)})
    return caller


async def reader(caller: Annotated[Caller | None, Depends(anybody)]) -> Caller:
    """Return who calls, with any key."""
    return _at_least("reader", caller)


async def curator(caller: Annotated[Caller | None, Depends(anybody)]) -> Caller:
    """Return who calls, with a curator's key or a platform's."""
    return _at_least("curator", caller)


async def platform(caller: Annotated[Caller | None, Depends(anybody)]) -> Caller:
    """Return who calls, with a platform's key."""
    return _at_least("platform", caller)


def require(role: KeyRole, caller: Caller | None) -> Caller:
    """Return who calls, if they have this role or a higher one.

    Raises:
        HTTPException: 401 without a key, 403 with a lower role.
    """
    return _at_least(role, caller)


def _at_least(role: KeyRole, caller: Caller | None) -> Caller:
    if caller is None:
        raise HTTPException(401, "This path works on what is stored, so it needs a key: send "
                                 "`Authorization: Bearer <key>`; `agendum keys create` makes one.",
                            headers=_CHALLENGE)
    if ROLES.index(caller.role) < ROLES.index(role):
        raise HTTPException(403, f"This needs a key of the role {role}; yours is {caller.role}.")
    return caller
