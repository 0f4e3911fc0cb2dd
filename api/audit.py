"""Who read what of people: noted before the answer leaves, so that none leaves unnoted.

Writes note themselves, in their own transaction; see `api.writing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PERSONAL: Mapping[str, str] = {"profiles": "profile", "pairs": "pair", "agendas": "agenda"}
"""What stands first in the paths of what holds people's words, and what the audit calls it."""
EVERYBODY = "*"
"""The subject of what reads a list, or all people."""
MATCHES = "/v1/programmes/{id}/matches"


@dataclass(frozen=True)
class Reading:
    """What was read: `action` is `read`, or says which part of the subject."""

    action: str
    kind: str
    subject: str


def reading_of(method: str, route: str, own: str | None) -> Reading | None:
    """Return what a request reads of people; null where it reads nothing of them.

    Args:
        route: The pattern of the path.
        own: The `id` in it, if it has one.
    """
    if (method, route) == ("POST", MATCHES):
        return Reading("read matches", "profile", EVERYBODY)
    parts = route.removeprefix("/v1/").split("/")
    kind = PERSONAL.get(parts[0])
    if method not in ("GET", "HEAD") or kind is None or not route.startswith("/v1/"):
        return None
    named = [part for part in parts[1:] if not part.startswith("{")]
    return Reading(" ".join(["read", *named]), kind, own or EVERYBODY)
