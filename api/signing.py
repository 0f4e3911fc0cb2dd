"""Values that come back as they were sent, or not at all. The sole import of itsdangerous."""

import hashlib
from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

MAX_TOKEN = 1000


class Unsigned(Exception):
    """A token that was not signed here for this purpose, or was changed."""


def signed(value: Any, secrets: Sequence[str], purpose: str) -> str:
    """Return a value of JSON as a token, signed with the first of the secrets.

    Args:
        purpose: A token for one purpose does not hold for another.
    """
    token = _serializer(secrets, purpose).dumps(value)
    return token if isinstance(token, str) else token.decode("ascii")


def read_signed(token: str, secrets: Sequence[str], purpose: str) -> Any:
    """Return the value of a token.

    Args:
        secrets: Any of them may have signed it; without one no token holds.

    Raises:
        Unsigned: It was not signed here.
    """
    if not secrets or len(token) > MAX_TOKEN or not token.isascii():
        raise Unsigned
    try:
        return _serializer(secrets, purpose).loads(token)
    except BadData:
        raise Unsigned from None


def _serializer(secrets: Sequence[str], purpose: str) -> URLSafeSerializer:
    """Return the signer; the last key signs and every key verifies, as itsdangerous has it."""
    return URLSafeSerializer(
        list(reversed(secrets)), salt=purpose,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256})
