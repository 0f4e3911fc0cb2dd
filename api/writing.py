"""Writes to what is stored: one transaction each, repeatable under a key, conditional, audited."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import Response

from api.auth import Caller, curator, platform
from recommender.errors import InvalidInputError
from recommender.storage.documents import Condition
from recommender.storage.kept_access import Reply
from recommender.storage.store import Store, Unit

REPLAYED = "Idempotent-Replayed"
_TAG = re.compile(r'(?:W/)?"[^"]*"')
_VERSION = re.compile(r'"([0-9]{1,18})"')
_NO_VERSION = 0
"""No document has it."""

IfMatch = Annotated[str | None, Header(
    alias="If-Match", max_length=1000,
    description="Change it only if it still has this ETag; `*`: only if it exists.")]
IfNoneMatch = Annotated[str | None, Header(
    alias="If-None-Match", pattern=r"^\*$", description="`*`: only if it does not exist yet.")]
Known = Annotated[str | None, Header(
    alias="If-None-Match", max_length=1000, description="An ETag; 304 if it is still that.")]
IdempotencyKey = Annotated[str | None, Header(
    alias="Idempotency-Key", pattern="^[!-~]{1,255}$",
    description="Of your choice: a repeated request with the same key and content is not done "
                "again within 24 hours, and gets the same answer.")]


@dataclass(frozen=True)
class Done:
    """What a write came to: status, body as JSON, headers.

    `subject` is the id of what was made, where the caller could not know it.
    """

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    subject: str | None = None

    def response(self) -> Response:
        """Return it as it is sent."""
        return Response(self.body or None, self.status, dict(self.headers),
                        media_type="application/json" if self.body else None)


@dataclass(frozen=True)
class Writing:
    """One request that changes what is stored.

    Attributes:
        key: What the caller calls this request; null where it is not to be recognised.
        fingerprint: Of method, path and body.
    """

    store: Store
    caller: Caller
    request_id: str
    condition: Condition
    key: str | None
    fingerprint: str

    def reply(self) -> Reply | None:
        """Return the answer that this request got before; null if it is new.

        Raises:
            InvalidInputError: Another request had the same key.
        """
        if self.key is None:
            return None
        with self.store.read(self.caller.tenant_id) as unit:
            return self._reply(unit)

    def do(
        self, action: str, kind: str, subject: str, work: Callable[[Unit], Done]
    ) -> Response:
        """Do the work in one transaction, unless it was done before, and return the answer.

        Args:
            action: `put`, `delete`, …; with `kind` and `subject` what the audit says.
            subject: The id of what is changed; `work` may change nothing else of that kind.
        """
        with self.store.write(self.caller.tenant_id) as unit:
            if (before := self._reply(unit)) is not None:
                return replayed(before)
            done = work(unit)
            own = subject if done.subject is None else done.subject
            if self.key is not None:
                unit.replies.add(
                    self.key, Reply(self.fingerprint, done.status, done.headers, done.body),
                    f"{kind}s/{own}")
            unit.audit.add(self.caller.key_id, action, kind, own, self.request_id)
        return done.response()

    def _reply(self, unit: Unit) -> Reply | None:
        reply = None if self.key is None else unit.replies.find(self.key)
        if reply is not None and reply.fingerprint != self.fingerprint:
            raise InvalidInputError.of(
                "another request was made with this key; take a new key for each request",
                field="Idempotency-Key")
        return reply


def replayed(reply: Reply) -> Response:
    """Return an answer that was given before."""
    return Done(reply.status, reply.body, {**reply.headers, REPLAYED: "true"}).response()


def store_of(request: Request) -> Store:
    """Return the application's store."""
    store = request.app.state.store
    if not isinstance(store, Store):
        raise RuntimeError("the application has no store")
    return store


async def platform_writing(
    request: Request, caller: Annotated[Caller, Depends(platform)],
    store: Annotated[Store, Depends(store_of)], if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None, idempotency_key: IdempotencyKey = None,
) -> Writing:
    """Return a write by a platform, whose condition is in its headers."""
    return await _writing(request, caller, store, idempotency_key,
                          condition_of(if_match, if_none_match))


async def curator_writing(
    request: Request, caller: Annotated[Caller, Depends(curator)],
    store: Annotated[Store, Depends(store_of)], if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None, idempotency_key: IdempotencyKey = None,
) -> Writing:
    """Return a write by a curator, whose condition is in its headers."""
    return await _writing(request, caller, store, idempotency_key,
                          condition_of(if_match, if_none_match))


async def platform_adding(
    request: Request, caller: Annotated[Caller, Depends(platform)],
    store: Annotated[Store, Depends(store_of)], idempotency_key: IdempotencyKey = None,
) -> Writing:
    """Return a write by a platform that makes something new."""
    return await _writing(request, caller, store, idempotency_key, Condition())


async def writing_for(
    request: Request, caller: Caller, store: Store, idempotency_key: str | None
) -> Writing:
    """Return a write of a caller whose role is known to suffice."""
    return await _writing(request, caller, store, idempotency_key, Condition())


def condition_of(if_match: str | None, if_none_match: str | None) -> Condition:
    """Return what a request's headers ask of what it changes.

    Args:
        if_none_match: `*`, or null.
    """
    if if_match is None:
        return Condition(absent=if_none_match is not None)
    if if_match.strip() == "*":
        return Condition(frozenset(), absent=if_none_match is not None)
    versions = {int(one) for one in _VERSION.findall(if_match)} or {_NO_VERSION}
    return Condition(frozenset(versions), absent=if_none_match is not None)


def etag_of(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def is_known(known: str | None, etag: str) -> bool:
    """Return whether If-None-Match names this ETag, so that nothing need be sent."""
    if known is None:
        return False
    tags = [tag.removeprefix("W/") for tag in _TAG.findall(known)]
    return known.strip() == "*" or etag in tags


async def _writing(
    request: Request, caller: Caller, store: Store, key: str | None, condition: Condition
) -> Writing:
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(part.encode() + b"\0")
    digest.update(await request.body())
    return Writing(store, caller, str(request.state.request_id), condition, key,
                   digest.hexdigest())
