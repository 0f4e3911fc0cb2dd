"""A small tenant over HTTP: people, pairs, keys."""

from collections.abc import Sequence
from typing import Any

import httpx

from api.auth import create_key
from recommender.storage.store import Store

PROGRAMME = "colleague-connect"


def key_for(store: Store, tenant: str = "acme", role: str = "platform") -> dict[str, str]:
    """Return the header of a new key."""
    return {"Authorization": f"Bearer {create_key(store, tenant, role).text}"}  # type: ignore[arg-type]


def person(own: str, **more: Any) -> dict[str, Any]:
    """Return a profile that has something to talk about."""
    return {
        "id": own, "name": f"Name {own}", "roles": ["mentee", "mentor"], "languages": ["en"],
        "headline": f"Engineer {own}", "level": 3, "function": "engineering",
        "skills_wanted": ["giving feedback"], "skills_offered": ["planning a project"],
        "goals": [{"id": "g1", "text": "Give feedback that people act on"}], **more,
    }


def put_pairs(
    client: Any, headers: dict[str, str], names: Sequence[str], programme: str,
    **more: Any,
) -> None:
    """Store a pair of two people of its own under each name."""
    for name in names:
        for side in ("a", "b"):
            put(client, headers, f"/v1/profiles/{name}.{side}", person(f"{name}.{side}", **more))
        put(client, headers, f"/v1/pairs/{name}", {
            "id": name, "programme_id": programme,
            "members": [{"role": "mentee", "profile_id": f"{name}.a"},
                        {"role": "mentor", "profile_id": f"{name}.b"}]})


def put(client: Any, headers: dict[str, str], path: str, body: Any) -> httpx.Response:
    """PUT something that must be taken."""
    answer: httpx.Response = client.put(path, json=body, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    return answer
