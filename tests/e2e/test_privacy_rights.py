"""Erasure to the last byte, export, retention, and the audit."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from draft_stub import StubModel
from living import WORDS as MANY
from living import live
from small_tenant import key_for, person, put, put_pairs
from sqlalchemy import text
from starlette.testclient import TestClient

from api.app import create_app
from api.audit import reading_of
from api.cli import cli
from api.logs import formatter
from api.openapi import FILE as OPENAPI
from recommender.agendas.drafting import Drafting
from recommender.catalogue import Catalogue
from recommender.domain.bulk import BulkOrder
from recommender.settings import Settings
from recommender.storage.engine import PERSONAL_TABLES
from recommender.storage.migrate import upgrade
from recommender.storage.retention import Keep, prune
from recommender.storage.store import Store
from recommender.storage.tables import metadata

WORDS = [f"Quetzalcoatlus{number:02}" for number in range(MANY)]
PROGRAMME = "onboarding"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return a store over a database of its own."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def client(catalogue: Catalogue, store: Store) -> Iterator[TestClient]:
    """Return a client of an application over the store."""
    with TestClient(create_app(catalogue, Settings(_env_file=None), store=store)) as client:
        yield client


def traces(store: Store, words: list[str]) -> list[str]:
    """Return where any of the words stands: in cells of tables, in bytes of files."""
    found = []
    with store.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                held = repr(tuple(bytes(one) if isinstance(one, memoryview) else one
                                  for one in row))
                found += [f"{table.name}: {word}" for word in words if word in held]
    if store.engine.dialect.name == "sqlite":
        own = Path(str(store.engine.url.database))
        for file in sorted(own.parent.glob(f"{own.name}*")):
            content = file.read_bytes()
            found += [f"{file.suffix}: {word}" for word in words if word.encode() in content]
    return found


def test_nothing_of_an_erased_person_is_left(
    client: TestClient, store: Store, tmp_path: Path,
) -> None:
    """Not in a table, not in a byte of the database's files, not in the log or in the index."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    logging.getLogger().addHandler(handler)
    headers = key_for(store)
    put_pairs(client, headers, ["others"], PROGRAMME)
    try:
        live(client, headers, WORDS, PROGRAMME)
        before = traces(store, WORDS)
        assert {one.split()[-1] for one in before} == set(WORDS)
        assert len({one.split(":")[0] for one in before}) >= 6
        answer = client.delete("/v1/profiles/me", headers=headers)
        assert answer.status_code == 204
    finally:
        logging.getLogger().removeHandler(handler)
    store.scrub_later()
    assert traces(store, WORDS) == []
    assert not any(word in stream.getvalue() for word in WORDS)
    with store.read("acme") as unit:
        assert unit.vectors.count("profile", "me") == 0
        assert unit.jobs.of_subjects(["ours"]) == []
    assert client.get("/v1/profiles/others.a", headers=headers).status_code == 200
    suggested = client.get("/v1/profiles/others.a/mentor-suggestions", headers=headers).json()
    assert "me" not in [one["candidate"] for one in suggested]
    state: Any = client.app.state  # type: ignore[attr-defined]
    assert not any(word in repr(vars(state.people)) for word in WORDS)


def test_personal_tables_are_all_that_hold_texts() -> None:
    """What is compacted in PostgreSQL is every table with a column of text but these."""
    free = {"tenants", "programmes", "resources", "keys", "jobs", "audit", "pair_members",
            "agenda_people", "policies"}
    assert {table.name for table in metadata.sorted_tables} == free | set(PERSONAL_TABLES)


def test_a_person_gets_everything_that_is_held(client: TestClient, store: Store) -> None:
    """All of their words, pairs, notes, agendas, feedback, jobs, deeds; nothing of the other's."""
    headers = key_for(store)
    put(client, headers, "/v1/profiles/you", person("you"))
    agenda = live(client, headers, WORDS, PROGRAMME)
    put(client, headers, "/v1/profiles/you", person("you", bio="Pterodactyl of the other"))
    client.post("/v1/pairs/ours/sessions/3/agenda", json={}, headers=headers).raise_for_status()
    answer = client.get("/v1/profiles/me/export", headers=headers)
    assert answer.status_code == 200
    held = answer.json()
    said = json.dumps(held)
    assert [word for word in WORDS if word not in said] == []
    assert "Pterodactyl" not in said
    assert held["profile"]["id"] == "me"
    assert [one["id"] for one in held["pairs"]] == ["ours"]
    assert agenda in [one["id"] for one in held["agendas"]]
    assert held["sessions"][0]["notes"]["actions"][0]["owner"] == "me"
    assert held["vectors"] > 0
    assert {one["pair_id"] for one in held["jobs"]} == {"ours"}
    assert {"put", "read mentor-suggestions"} <= {one["action"] for one in held["deeds"]}
    assert client.get("/v1/profiles/me/export",
                      headers=key_for(store, role="curator")).status_code == 403
    assert client.get("/v1/profiles/me/export",
                      headers=key_for(store, "rival")).status_code == 404
    with store.read("acme") as unit:
        assert "read export" in {one.action for one in unit.audit.page(500, subject="me")}


def test_the_audit_says_who_did_what(client: TestClient, store: Store) -> None:
    """Writes and reads, with key and request; in pages; of one tenant; for platforms only."""
    headers = key_for(store)
    put(client, headers | {"X-Request-Id": "r-put"}, "/v1/profiles/p1", person("p1"))
    client.get("/v1/profiles/p1", headers=headers | {"X-Request-Id": "r-get"})
    client.get("/v1/profiles", headers=headers)
    client.get("/v1/profiles/nobody", headers=headers)
    page = client.get("/v1/audit", params={"subject": "p1"}, headers=headers).json()
    told = [(one["action"], one["kind"], one["request_id"]) for one in page["data"]]
    assert told == [("put", "profile", "r-put"), ("read", "profile", "r-get")]
    everything, cursor = [], None
    while True:
        part = client.get("/v1/audit", headers=headers, params={"limit": 1} | (
            {"cursor": cursor} if cursor else {})).json()
        everything += part["data"]
        cursor = part["next_cursor"]
        if cursor is None:
            break
    assert [one["subject"] for one in everything[-3:]] == ["p1", "p1", "*"]
    assert client.get("/v1/audit", headers=key_for(store, "rival")).json()["data"][0][
        "action"] == "create"
    assert len(client.get("/v1/audit", headers=key_for(store, "rival")).json()["data"]) == 2
    assert client.get("/v1/audit", headers=key_for(store, role="reader")).status_code == 403
    assert client.get("/v1/audit?cursor=eA==", headers=headers).status_code == 422


def test_what_cannot_be_noted_is_not_sent(
    client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the audit cannot be written the answer is 503 and holds nothing."""
    from recommender.errors import StorageError

    headers = key_for(store)
    put(client, headers, "/v1/profiles/p1", person("p1", bio=WORDS[0]))

    def fails(*_: object) -> None:
        raise StorageError("full")

    monkeypatch.setattr(store, "note", fails)
    answer = client.get("/v1/profiles/p1", headers=headers)
    assert answer.status_code == 503
    assert WORDS[0] not in answer.text


def test_every_path_that_shows_people_is_noted() -> None:
    """A GET is noted, or it is one of those that show nobody."""
    shows_nobody = {"/healthz", "/readyz", "/metrics", "/v1/programmes", "/v1/programmes/{id}",
                    "/v1/resources", "/v1/resources/{id}", "/v1/jobs/{id}", "/v1/jobs/{id}/items",
                    "/v1/audit", "/v1/policy"}
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    unnoted = {path for path, methods in paths.items()
               if "get" in methods and reading_of("GET", path, "x") is None}
    assert unnoted == shows_nobody
    assert reading_of("POST", "/v1/programmes/{id}/matches", "x") is not None
    assert reading_of("PUT", "/v1/profiles/{id}", "x") is None


def test_what_is_older_than_it_need_be_goes(
    store: Store, database_url: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Audit, jobs, ended pairs, agendas of no pair, kept answers; nothing that is younger."""
    client = TestClient(create_app(catalogue, Settings(_env_file=None), store=store))
    headers = key_for(store)
    put_pairs(client, headers, ["old", "going"], PROGRAMME)
    live(client, headers, WORDS, PROGRAMME)
    ended = client.get("/v1/pairs/old", headers=headers).json() | {"status": "ended"}
    put(client, headers, "/v1/pairs/old", ended)
    with store.write("acme") as unit:
        unit.jobs.add("agendas", BulkOrder().model_dump_json(), [], "k")
    keep = Keep(audit_days=30, jobs_days=30, ended_pairs_days=30, agendas_days=30)
    assert prune(store, keep).replies == 0
    later = Store(database_url, lambda: datetime.now(UTC) + timedelta(days=31))
    nothing = prune(later, Keep())
    assert (nothing.audit, nothing.jobs, nothing.pairs, nothing.agendas) == (0, 0, 0, 0)
    assert nothing.replies >= 9
    found = prune(later, keep)
    later.close()
    assert (found.jobs, found.pairs, found.agendas) == (1, 1, 1)
    assert found.audit > 10
    with store.read("acme") as unit:
        assert sorted(one.id for one in unit.pairs.page()) == ["going", "ours"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENDUM_DATABASE_URL", database_url)
    done = CliRunner().invoke(cli, ["db", "prune", "--compact", "--json"])
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)) == {"audit", "jobs", "pairs", "agendas", "replies"}
    upgrade(database_url)


def test_a_tenant_bounds_what_a_model_sees(
    client: TestClient, store: Store, case_data: dict[str, Any],
) -> None:
    """Whatever a programme allows, in a case that is sent and in a stored pair; no other tenant."""
    state: Any = client.app.state  # type: ignore[attr-defined]
    headers, rival = key_for(store), key_for(store, "rival")
    secret, open_field = "bees on the roof", "small lighthouses"  # no words that look like names
    told = {"headline": f"Paints {open_field}", "bio": f"Keeps {secret} since last year."}
    put(client, headers, "/v1/policy", {"ai_fields": ["headline", "goals", "languages"]})
    assert client.put("/v1/policy", json={"ai_fields": ["name"]}, headers=headers
                      ).status_code == 422
    assert client.get("/v1/policy", headers=headers).json()["ai_fields"] == [
        "headline", "goals", "languages"]
    assert client.get("/v1/policy", headers=rival).json() == {"ai_fields": None}
    for side in ("a", "b"):
        put(client, headers, f"/v1/profiles/q.{side}", person(f"q.{side}", **told))
    put(client, headers, "/v1/pairs/q", {
        "id": "q", "programme_id": PROGRAMME,
        "members": [{"role": "mentee", "profile_id": "q.a"},
                    {"role": "mentor", "profile_id": "q.b"}]})
    for member in case_data["members"]:
        member["profile"] |= told

    def seen(path: str, body: Any, own: dict[str, str]) -> str:
        model = StubModel()
        state.drafting = Drafting(model)
        client.post(path, json=body, headers=own).raise_for_status()
        assert model.asked
        return json.dumps(model.asked, ensure_ascii=False)

    for path, body in (("/v1/agendas", case_data), ("/v1/pairs/q/sessions/1/agenda", {})):
        said = seen(path, body, headers)
        assert secret not in said
        assert open_field in said
    assert secret in seen("/v1/agendas", case_data, rival)
