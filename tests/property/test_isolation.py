"""No call ever returns, counts or changes what belongs to another tenant.

Whatever two tenants do in turn, with the same ids and the same keys of repetition, each gets,
call by call, what it would have got alone; no answer holds a word of the other; and at the end
the database holds for each what it would have held.
"""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from databases import KINDS, Databases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from stored import Api, open_api
from tenant_calls import CALLS, LOOKS, MARKS, ROLES, Had, Tenant, plain

from api.openapi import FILE as OPENAPI
from recommender.catalogue import Catalogue
from recommender.storage.tables import metadata

LONG = bool(os.environ.get("AGENDUM_LONG_TESTS"))
SHARED = {"/healthz", "/readyz", "/metrics"}
ARGUMENTS = {
    "person": st.sampled_from(["p-1", "p-2", "p-3"]),
    "side": st.sampled_from(["mentee", "mentor"]),
    "number": st.integers(1, 3),
}
STEPS = st.lists(st.tuples(
    st.sampled_from(["one", "one", "two"]),
    st.sampled_from([*ROLES, "platform", "platform", "platform"]),
    st.one_of(*(st.tuples(st.just(name), *(ARGUMENTS[kind] for kind in kinds))
                for name, kinds in CALLS.items())),
    st.booleans()), min_size=4, max_size=30 if LONG else 14)


@pytest.fixture(scope="module", params=KINDS)
def api(request: pytest.FixtureRequest, catalogue: Catalogue, databases: Databases
        ) -> Iterator[Api]:
    """Return an application over each kind of database."""
    with open_api(catalogue, databases, request.param, link_secrets="0123456789abcdef" * 2
                  ) as opened:
        yield opened


@pytest.fixture(scope="module")
def shipped(catalogue: Catalogue) -> str:
    """Return a resource of the library that both tenants know."""
    return catalogue.library.active_resources[0].id


def rows_of(api: Api, tenant: str) -> dict[str, int]:
    """Return how many rows each table has of a tenant."""
    with api.store.engine.connect() as connection:
        return {table.name: connection.scalar(
            select(func.count()).where(table.c.tenant_id == tenant)) or 0
            for table in metadata.sorted_tables}


def test_every_operation_is_among_the_calls(api: Api, shipped: str) -> None:
    """What the description lists, but for what names no tenant, is called by the property."""
    tenant = Tenant(api, "one", shipped)
    examples = {"person": "p-1", "side": "mentor", "number": 1}
    asked = {tenant.request((name, *(examples[kind] for kind in kinds)), Had())[:2]
             for name, kinds in CALLS.items()}
    described = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    missing = [
        f"{method} {path}" for path, methods in described.items() for method in methods
        if path not in SHARED and not any(
            verb == method.upper()
            and re.fullmatch(re.sub(r"\{\w+\}", "[^/:]+", path), own.split("?")[0])
            for verb, own in asked)]
    assert missing == []
    measures = api.client.get("/metrics").text
    assert tenant.id not in measures
    assert tenant.mark not in measures


@settings(max_examples=150 if LONG else 3, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_two_tenants_never_meet(api: Api, shipped: str, steps: list[Any]) -> None:
    """Each gets what it would get alone, and the database holds what it would hold."""
    together = {name: Tenant(api, name, shipped) for name in MARKS}
    other_of = dict(zip(MARKS, reversed(MARKS), strict=True))
    answers: dict[str, list[Any]] = {name: [] for name in MARKS}
    taken = [(name, role, call, f"k-{at // 3}" if repeats else None)
             for at, (name, role, call, repeats) in enumerate(steps)]
    taken += [(name, "platform", call, None) for name in MARKS for call in LOOKS]
    for name, role, call, key in taken:
        other = together[other_of[name]]
        answer = together[name].do(role, call, key, other.had)
        assert other.mark not in json.dumps(answer.text) + str(answer.headers)
        assert other.id not in answer.text
        if call[0].startswith("steal"):
            refused = (403, 404, 422) if call[0] == "steal_feedback" else (403, 404)
            assert answer.status_code in refused
        answers[name].append(plain(answer, MARKS[name]))
    for name in MARKS:
        alone = Tenant(api, name, shipped)
        replayed = [plain(alone.do(role, call, key, Had()), MARKS[name])
                    for one, role, call, key in taken if one == name]
        assert answers[name] == replayed
        assert rows_of(api, together[name].id) == rows_of(api, alone.id)
