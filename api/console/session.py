"""Who uses the console: signed in with a key, known again by a cookie, for a working day.

The cookie names the key's id and an end, and is signed; the key's secret is in no cookie.
Each request looks the key up again, so that a session ends when its key is revoked. Forms carry
a token of the same key, so that no other site can send them; that of a session that has ended
holds after signing in again, so that nothing typed is lost.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.auth import ROLES, Caller, Gate, caller_with, gate_of
from api.signing import Unsigned, read_signed, signed

COOKIE = "agendum_console"
HOURS = 10
PATH = "/curate"
SESSION, FORM = "agendum console session 1", "agendum console form 1"
MAX_FIELDS = 300

Form = Mapping[str, Sequence[str]]
"""What a form holds: one or more values by name."""


@dataclass(frozen=True)
class Curator:
    """Somebody signed in; `token` stands in their forms."""

    caller: Caller
    token: str


class SignInNeeded(Exception):
    """Nobody is signed in, or not with a key that suffices; `why` is for them to read.

    Attributes:
        form: What they sent, to be sent again after they have signed in; null for nothing.
    """

    def __init__(self, why: str = "", form: Form | None = None) -> None:
        self.why = why
        self.form = form
        super().__init__(why)


def one(form: Form, name: str) -> str:
    """Return a field's first value, without the space around it; empty where there is none."""
    return next(iter(form.get(name, ())), "").strip()


async def sent_form(request: Request) -> Form:
    """Return the fields of the form that a request carries.

    Raises:
        HTTPException: It was sent by another site, or is no form.
    """
    _refuse_other_sites(request)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "Send the form as the page does.")
    try:
        fields = parse_qsl((await request.body()).decode("ascii"), keep_blank_values=True,
                           max_num_fields=MAX_FIELDS, errors="strict")
    except (UnicodeError, ValueError):
        raise HTTPException(400, "The form cannot be read; send it as the page does.") from None
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


async def reading_curator(
    request: Request, gate: Annotated[Gate, Depends(gate_of)]
) -> Curator:
    """Return who asks for a page.

    Raises:
        SignInNeeded: Nobody is signed in.
    """
    return await run_in_threadpool(_curator_of, request, gate)


async def writing_curator(
    request: Request, gate: Annotated[Gate, Depends(gate_of)],
    form: Annotated[Form, Depends(sent_form)],
) -> Curator:
    """Return who sends a form; somebody whose session has ended may send their key with it.

    Raises:
        SignInNeeded: Nobody is signed in; holds what they sent.
        HTTPException: 403 for a form that is not of this session's key.
    """
    if (key := one(form, "key")):
        try:
            return await run_in_threadpool(sign_in, request, gate, key)
        except SignInNeeded as error:
            raise SignInNeeded(error.why, _without(form)) from None
    try:
        found = await run_in_threadpool(_curator_of, request, gate)
    except SignInNeeded as error:
        raise SignInNeeded(error.why or "Your session has ended. Sign in, and what you sent is "
                                        "sent again.", _without(form)) from None
    if not hmac.compare_digest(one(form, "token").encode(), found.token.encode()):
        raise HTTPException(403, "This form was made for another session; go back, load the page "
                                 "again, and send it from there.")
    return found


def sign_in(request: Request, gate: Gate, key: str) -> Curator:
    """Return whose key this is, and let the answer carry their cookie.

    Raises:
        SignInNeeded: The key is not known, or its role does not suffice.
    """
    caller = caller_with(gate.store, key.strip())
    if caller is None:
        raise SignInNeeded("This key is not known here, or was revoked.")
    found = _let_in(request, gate, caller)
    ends = datetime.now(UTC) + timedelta(hours=HOURS)
    request.state.console_cookie = signed(
        [caller.key_id, int(ends.timestamp())], _secrets(request), SESSION)
    return found


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks TLS, with us or with a proxy before us."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))


def _curator_of(request: Request, gate: Gate) -> Curator:
    token = request.cookies.get(COOKIE, "")
    if not token:
        raise SignInNeeded
    try:
        key_id, ends = read_signed(token, _secrets(request), SESSION)
    except (Unsigned, ValueError, TypeError):
        raise SignInNeeded("Your session is not known here any more; sign in.") from None
    key = gate.store.key(key_id)
    if key is None or key.revoked_at is not None:
        raise SignInNeeded("The key you signed in with was revoked.")
    if datetime.now(UTC).timestamp() >= ends:
        raise SignInNeeded("Your session has ended; sign in.")
    return _let_in(request, gate, Caller(key.tenant_id, key.role, key.id))


def _let_in(request: Request, gate: Gate, caller: Caller) -> Curator:
    if ROLES.index(caller.role) < ROLES.index("curator"):
        raise SignInNeeded("This key only reads; the console needs one of the role curator or "
                           "platform.")
    state: Any = request.state
    state.tenant_id, state.key_id = caller.tenant_id, caller.key_id
    share = gate.limits.take(caller.key_id)
    state.rate_headers = share.headers
    if not share.granted:
        raise HTTPException(429, f"This key may make {gate.limits.said} requests; try again in "
                                 f"{share.retry_s} s.",
                            headers={"Retry-After": str(share.retry_s)})
    return Curator(caller, signed(caller.key_id, _secrets(request), FORM))


def _refuse_other_sites(request: Request) -> None:
    """Refuse what a page of another site sends, as far as the browser tells."""
    headers = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        own = origin is None or urlsplit(origin).netloc in (
            headers.get("host"), headers.get("x-forwarded-host"))
    if not own:
        raise HTTPException(403, "This form was sent from another site.")


def _without(form: Form) -> Form:
    return {name: values for name, values in form.items() if name != "key"}


def _secrets(request: Request) -> Sequence[str]:
    secrets: Sequence[str] = request.app.state.console_secrets
    return secrets
