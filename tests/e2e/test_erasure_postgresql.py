"""Erasure over PostgreSQL: what DELETE and `db prune --compact` leave in its files: nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from secrets import token_hex

import httpx
import pytest
from alembic import command
from click.testing import CliRunner
from databases import Databases
from living import WORDS as MANY
from living import live
from serving import Process, served
from small_tenant import key_for, person, put_pairs
from sqlalchemy import Connection, create_engine

from api.cli import cli
from recommender.domain.profile import Profile
from recommender.storage import migrate
from recommender.storage.engine import PERSONAL_TABLES, open_engine, transaction
from recommender.storage.migrate import upgrade
from recommender.storage.queue import prepare_queue
from recommender.storage.store import Store

PROGRAMME = "onboarding"
SPLIT = 3
"""Needles that may stand across the border of two pages, where a search does not see them."""
UNCOMPRESSED = """
SELECT format('ALTER TABLE %%s ALTER COLUMN %%I SET STORAGE EXTERNAL', attrelid::regclass, attname)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE atttypid = 'text'::regtype AND relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
"""Makes texts stand in the files as they are, so that a search for their bytes finds them."""


@pytest.fixture
def open_store() -> Iterator[Callable[[str], Store]]:
    """Return what opens stores, which are closed at the end."""
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(closing(Store(url)))


@contextmanager
def over(url: str) -> Iterator[Connection]:
    """Give a connection of somebody else."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def places(folder: Path, needles: dict[str, bytes]) -> dict[str, set[str]]:
    """Return in which files each of them stands."""
    found: dict[str, set[str]] = {name: set() for name in needles}
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        content = file.read_bytes()
        for name, needle in needles.items():
            if needle in content:
                found[name].add(file.relative_to(folder).parts[0])
    return found


def vectors_of(connection: Connection, owner: str) -> list[bytes]:
    """Return the first numbers of each vector that one person alone has, as in a file."""
    import numpy as np

    texts = connection.exec_driver_sql(
        "SELECT embedding::text FROM vectors WHERE owner_id = %s AND key NOT IN "
        "(SELECT key FROM vectors WHERE owner_id <> %s)", (owner, owner)).scalars()
    return [np.array([float(one) for one in text.strip("[]").split(",")][:16], "<f4").tobytes()
            for text in texts]


def test_no_byte_of_an_erased_person_is_left(
    databases: Databases, open_store: Callable[[str], Store], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not in tables, samples, log, queue, server's log, vectors, nor our logs and caches."""
    url = databases.new("postgresql")
    prepare_queue(url)
    store = open_store(url)
    words = [f"Q{token_hex(8)}" for _ in range(MANY)]
    headers = key_for(store)
    environment = {"AGENDUM_DATABASE_URL": url, "AGENDUM_CACHE_DIR": str(tmp_path / "cache")}
    files = databases.files_of_postgresql
    with over(url) as others:
        for statement in list(others.exec_driver_sql(UNCOMPRESSED).scalars()):
            others.exec_driver_sql(statement)
        with (served(environment, tmp_path) as server,
              httpx.Client(base_url=server.url, timeout=120) as client):
            put_pairs(client, headers, ["others"], PROGRAMME)
            live(client, headers, words, PROGRAMME)
            worker = Process(["worker"], environment, tmp_path, "worker")
            try:
                deadline = time.monotonic() + 120
                while others.exec_driver_sql(
                        "SELECT count(*) FROM job_items WHERE state IN ('waiting', 'running')"
                        ).scalar():
                    assert time.monotonic() < deadline, worker.log()
                    time.sleep(0.1)
            finally:
                worker.stop()
            others.exec_driver_sql("ANALYZE")
            others.exec_driver_sql("CHECKPOINT")
            needles = {word: word.encode() for word in words} | {
                f"vector {at}": one for at, one in enumerate(vectors_of(others, "me"))}
            before = places(files, needles)
            assert len(needles) > MANY
            whole = [{"base", "pg_wal"} <= where for where in before.values()]
            assert sum(whole) >= len(whole) - SPLIT, before
            sampled = others.exec_driver_sql(
                "SELECT tablename || '.' || attname FROM pg_stats WHERE schemaname = 'public' "
                "AND (histogram_bounds::text || ' ' || coalesce(most_common_vals::text, ''))"
                " LIKE ANY (%s)", ([f"%{word}%" for word in words],)).scalars().all()
            assert sampled == []
            assert client.delete("/v1/profiles/me", headers=headers).status_code == 204
            monkeypatch.chdir(tmp_path)
            monkeypatch.setenv("AGENDUM_DATABASE_URL", url)
            done = CliRunner().invoke(cli, ["db", "prune", "--compact"])
            assert done.exit_code == 0, done.stderr
            assert done.stderr == ""
            assert {name: where for name, where in places(files, needles).items() if where} == {}
            assert client.get("/v1/profiles/others.a", headers=headers).status_code == 200
            sent = client.get("/v1/profiles/others.a/mentor-suggestions", headers=headers).json()
            assert "me" not in [one["candidate"] for one in sent]
        assert any((tmp_path / "cache").iterdir())
        assert {name: where for name, where in places(tmp_path, needles).items() if where} == {}


def test_an_upgrade_drops_samples_of_before(databases: Databases) -> None:
    """What ANALYZE kept of texts is gone with the upgrade, and no column of theirs is sampled."""
    url = databases.empty("postgresql")
    engine = open_engine(url)
    with transaction(engine, writes=True) as connection:
        command.upgrade(migrate._config(connection), "0002")
    engine.dispose()
    samples = ("SELECT tablename || '.' || attname FROM pg_stats WHERE schemaname = 'public' "
               "AND histogram_bounds::text LIKE '%%Zwiebelkuchen%%'")
    with over(url) as admin:
        admin.exec_driver_sql(
            "INSERT INTO profiles (tenant_id, id, version, body, created_at, updated_at) SELECT "
            "'acme', 'p' || n, 1, 'Zwiebelkuchen ' || n, now(), now() "
            "FROM generate_series(1, 300) n")
        admin.exec_driver_sql("ANALYZE profiles")
        assert admin.exec_driver_sql(samples).scalars().all() == ["profiles.body"]
        upgrade(url)
        assert admin.exec_driver_sql(samples).scalars().all() == []
        sampled = admin.exec_driver_sql(
            "SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class ON "
            "pg_class.oid = attrelid WHERE relname = ANY (%s) AND attnum > 0 AND "
            "relnamespace = 'public'::regnamespace AND "
            "atttypid IN ('text'::regtype, 'vector'::regtype) AND attstattarget IS DISTINCT FROM 0",
            (list(PERSONAL_TABLES),)).scalars().all()
        assert sampled == []


def erased(store: Store) -> None:
    """Store somebody and delete them."""
    with store.write("acme") as unit:
        unit.put_profile(Profile.model_validate(person("p1")))
    with store.write("acme") as unit:
        unit.erase_profile("p1")


def test_what_others_hold_back_is_told(
    databases: Databases, open_store: Callable[[str], Store],
) -> None:
    """Rows that an older transaction may read, a table in use: said, and gone the next time."""
    url = databases.new("postgresql")
    store = open_store(url)
    with store.write("acme") as unit:
        unit.put_profile(Profile.model_validate(person("p1")))
    with over(url) as reads:
        reads.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ")
        reads.exec_driver_sql("SELECT count(*) FROM tenants")
        with store.write("acme") as unit:
            unit.erase_profile("p1")
        assert not store.scrub(compact=True).log
        rows = store.scrub(compact=True).rows
        assert len(rows) == 1
        assert rows[0].startswith("profiles keeps 1 deleted rows")
        reads.exec_driver_sql("SELECT count(*) FROM feedback")
        assert any(one.startswith("feedback was in use")
                   for one in store.scrub(compact=True).rows)
        reads.exec_driver_sql("COMMIT")
    assert not store.scrub(compact=True)
    assert store.scrub().rows


def test_a_role_that_may_not_turn_the_log_over_is_told_what_to_grant(
    databases: Databases, open_store: Callable[[str], Store], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tables are written anew all the same; with what the message says, so is the log."""
    url, role = databases.empty("postgresql"), f"r{token_hex(4)}"
    own = f"{url}{'&' if '?' in url else '?'}options=-crole%3D{role}"
    with over(url) as admin:
        admin.exec_driver_sql("CREATE EXTENSION vector")
        admin.exec_driver_sql(f"CREATE ROLE {role}")
        admin.exec_driver_sql(f"GRANT ALL ON SCHEMA public TO {role}")
        upgrade(own)
        erased(open_store(own))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("AGENDUM_DATABASE_URL", own)
        done = CliRunner().invoke(cli, ["db", "prune", "--compact"])
        assert done.exit_code == 0, done.output
        grants = done.stderr.partition("allow it: ")[2].strip().replace("<role>", role)
        assert len(grants.split(";")) == 2
        for grant in grants.split(";"):
            admin.exec_driver_sql(grant)
        done = CliRunner().invoke(cli, ["db", "prune", "--compact"])
        assert done.exit_code == 0, done.stderr
        assert done.stderr == ""
        admin.exec_driver_sql("SELECT pg_create_physical_replication_slot('s', true)")
        done = CliRunner().invoke(cli, ["db", "prune", "--compact"])
        assert "are kept for a replica" in done.stderr
        admin.exec_driver_sql("SELECT pg_drop_replication_slot('s')")
