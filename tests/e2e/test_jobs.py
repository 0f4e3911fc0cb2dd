"""Bulk generation over HTTP, on both databases."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from small_tenant import key_for, put, put_pairs
from starlette.testclient import TestClient

from api.app import create_app
from api.metrics import Metrics
from api.working import Worker
from recommender.agendas.drafting import Drafting
from recommender.bulk import Maker, do_item, start_job
from recommender.catalogue import Catalogue
from recommender.domain.bulk import BulkOrder
from recommender.domain.pair import SessionNotes
from recommender.settings import Settings
from recommender.storage.kept_jobs import MAX_ATTEMPTS
from recommender.storage.queue import prepare_queue, uses_queue
from recommender.storage.store import Store

LEASE = timedelta(seconds=60)
PROGRAMME = "onboarding"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return a store over a database of its own."""
    prepare_queue(database_url)
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def client(catalogue: Catalogue, store: Store) -> Iterator[TestClient]:
    """Return a client of an application over the store, its own worker asleep."""
    settings = Settings(_env_file=None)
    with TestClient(create_app(catalogue, settings, store=store)) as client:
        yield client


@pytest.fixture
def headers(store: Store) -> dict[str, str]:
    """Return a platform's key."""
    return key_for(store)


def maker(store: Store, catalogue: Catalogue) -> Maker:
    return Maker(store, lambda _: catalogue, lambda: Drafting(), lambda _: None)


def work(store: Store, catalogue: Catalogue, job: dict[str, Any], client: TestClient,
         headers: dict[str, str]) -> dict[str, Any]:
    """Return the job once it is over; over PostgreSQL a worker of this test does it."""
    if uses_queue(store.engine.url.render_as_string()):
        async def run() -> None:
            worker = Worker(maker(store, catalogue), Metrics(), 60)
            while await worker.look("acme", job["id"]):
                pass

        asyncio.run(run())
    for _ in range(600):
        now: dict[str, Any] = client.get(f"/v1/jobs/{job['id']}", headers=headers).json()
        if now["state"] != "running":
            return now
        time.sleep(0.05)
    raise AssertionError(now)


def test_a_job_makes_an_agenda_for_each_pair_once(
    client: TestClient, store: Store, catalogue: Catalogue, headers: dict[str, str],
) -> None:
    """202 with progress; each pair's next session has its agenda; the same job again skips all."""
    put_pairs(client, headers, ["x1", "x2", "x3"], PROGRAMME)
    put_pairs(client, headers, ["other"], "new-managers")
    answer = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={"language": "fr"},
                         headers=headers)
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["programme_id"], job["progress"]["total"]) == (PROGRAMME, 3)
    over = work(store, catalogue, job, client, headers)
    assert over["state"] == "done"
    assert over["progress"]["done"] == 3
    assert over["ended_at"] is not None
    items = client.get(f"/v1/jobs/{job['id']}/items", headers=headers).json()["data"]
    assert [one["pair_id"] for one in items] == ["x1", "x2", "x3"]
    with store.read("acme") as unit:
        for one in items:
            stored = unit.agendas.get(one["agenda_id"])
            session = unit.sessions.find(one["pair_id"], 1)
            assert session is not None
            assert session.agenda_id == stored.id
            assert stored.agenda.language == "fr"
        assert unit.sessions.find("other", 1) is None
    again = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={}, headers=headers).json()
    over = work(store, catalogue, again, client, headers)
    assert over["progress"]["skipped"] == 3
    items_again = client.get(f"/v1/jobs/{again['id']}/items", headers=headers).json()["data"]
    assert [one["agenda_id"] for one in items_again] == [one["agenda_id"] for one in items]


def test_the_next_session_is_one_after_the_last_with_notes(
    client: TestClient, store: Store, catalogue: Catalogue, headers: dict[str, str],
) -> None:
    """A pair that has noted session 1 gets session 2; `replace` keeps the id and a version."""
    put_pairs(client, headers, ["y1"], PROGRAMME)
    with store.write("acme") as unit:
        unit.sessions.set_notes("y1", 1, SessionNotes(notes="We spoke about feedback."))
    job = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={}, headers=headers).json()
    work(store, catalogue, job, client, headers)
    with store.read("acme") as unit:
        second = unit.sessions.find("y1", 2)
        assert second is not None
        assert second.agenda_id is not None
    job = client.post(f"/v1/programmes/{PROGRAMME}/agendas", headers=headers,
                      json={"replace": True, "minutes": 50, "pairs": ["y1"]}).json()
    assert work(store, catalogue, job, client, headers)["progress"]["done"] == 1
    with store.read("acme") as unit:
        stored = unit.agendas.get(second.agenda_id)
        assert stored.agenda.session.minutes == 50
        assert len(unit.agendas.history(stored.id)) == 1


def test_an_item_that_cannot_be_done_says_why_and_the_others_go_on(
    client: TestClient, store: Store, catalogue: Catalogue, headers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Errors stand with the item: fields that are wrong, or that it was a defect of ours."""
    put_pairs(client, headers, ["z1", "z2"], PROGRAMME)
    job = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={"generator": "llm"},
                      headers=headers).json()
    assert work(store, catalogue, job, client, headers)["progress"]["failed"] == 2
    items = client.get(f"/v1/jobs/{job['id']}/items", headers=headers).json()["data"]
    assert {one["error"] for one in items} == {"invalid-input: generator"}
    from recommender import bulk

    real = bulk.generate_drafted

    async def sometimes(case: Any, *args: Any) -> Any:
        if case.members[0].profile.id == "z1.a":
            raise KeyError("words of somebody")
        return await real(case, *args)

    monkeypatch.setattr(bulk, "generate_drafted", sometimes)
    job = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={}, headers=headers).json()
    over = work(store, catalogue, job, client, headers)
    assert (over["progress"]["failed"], over["progress"]["done"]) == (1, 1)
    page = client.get(f"/v1/jobs/{job['id']}/items?limit=1", headers=headers).json()
    assert page["data"][0]["error"] == "internal-error"
    rest = client.get(f"/v1/jobs/{job['id']}/items",
                      params={"cursor": page["next_cursor"]}, headers=headers).json()
    assert [one["pair_id"] for one in rest["data"]] == ["z2"]
    assert rest["next_cursor"] is None


def test_a_cancelled_job_does_nothing_more(
    client: TestClient, store: Store, headers: dict[str, str], catalogue: Catalogue,
) -> None:
    """What is under way when it is cancelled is not stored; cancelling again changes nothing."""
    put_pairs(client, headers, ["c1", "c2"], PROGRAMME)
    with store.write("acme") as unit:  # the worker in the process waits for this transaction
        own = start_job(unit, catalogue, PROGRAMME, BulkOrder(), "k").id
        assert unit.jobs.progress(own)["waiting"] == 2
        unit.jobs.cancel(own)
    assert store.claim("acme", own, "w", LEASE) is None
    answer = client.delete(f"/v1/jobs/{own}", headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["progress"]["cancelled"] == 2


def test_who_has_lost_an_item_stores_nothing(
    store: Store, catalogue: Catalogue, headers: dict[str, str],
) -> None:
    """Lease over: another has the item; cancelled or erased: nobody has. One agenda at most."""
    app = create_app(catalogue, Settings(_env_file=None), store=store)
    client = TestClient(app)  # without its lifespan, so nobody else works
    put_pairs(client, headers, ["l1", "l2", "l3"], PROGRAMME)
    job = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={}, headers=headers).json()
    own = maker(store, catalogue)
    past = timedelta(seconds=-1)
    slow = store.claim("acme", job["id"], "slow", past)
    quick = store.claim("acme", job["id"], "quick", LEASE)
    assert slow is not None
    assert quick is not None
    assert (slow.subject, quick.subject, quick.attempt) == ("l1", "l1", 2)

    async def both() -> list[str | None]:
        return list(await asyncio.gather(do_item(own, slow), do_item(own, quick)))

    assert asyncio.run(both()) == [None, "done"]
    assert asyncio.run(do_item(own, slow)) is None
    with store.read("acme") as unit:
        assert len(unit.agendas.ids_of_pair("l1")) == 1
        assert unit.jobs.progress(job["id"])["done"] == 1
    second = store.claim("acme", job["id"], "w", LEASE)
    third = store.claim("acme", job["id"], "w", LEASE)
    assert second is not None
    assert third is not None
    assert store.claim("acme", job["id"], "w", LEASE) is None
    client.delete("/v1/profiles/l2.a", headers=headers)
    client.delete(f"/v1/jobs/{job['id']}", headers=headers)
    assert asyncio.run(do_item(own, third)) is None
    with store.read("acme") as unit:
        assert unit.agendas.ids_of_pair("l3") == []
        assert unit.jobs.progress(job["id"])["cancelled"] == 1
        assert sum(unit.jobs.progress(job["id"]).values()) == 2


def test_an_item_that_ends_every_worker_is_given_up(
    store: Store, catalogue: Catalogue, headers: dict[str, str],
) -> None:
    """After some workers have ended at it, it fails, and the job comes to an end."""
    client = TestClient(create_app(catalogue, Settings(_env_file=None), store=store))
    put_pairs(client, headers, ["p1"], PROGRAMME)
    job = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={}, headers=headers).json()
    for _ in range(MAX_ATTEMPTS):
        assert store.claim("acme", job["id"], "dying", timedelta(seconds=-1)) is not None

    async def run() -> None:
        await Worker(maker(store, catalogue), Metrics(), 60).look("acme", job["id"])

    asyncio.run(run())
    now = client.get(f"/v1/jobs/{job['id']}", headers=headers).json()
    assert (now["state"], now["progress"]["failed"]) == ("done", 1)


def test_jobs_are_a_platforms_and_of_one_tenant(
    client: TestClient, store: Store, headers: dict[str, str],
) -> None:
    """A curator starts none, another tenant sees none, and what is not there is named."""
    put_pairs(client, headers, ["t1"], PROGRAMME)
    path = f"/v1/programmes/{PROGRAMME}/agendas"
    assert client.post(path, json={}, headers=key_for(store, role="curator")).status_code == 403
    job = client.post(path, json={}, headers=headers).json()
    stranger = key_for(store, "rival")
    for method, place in (("GET", ""), ("GET", "/items"), ("DELETE", "")):
        assert client.request(method, f"/v1/jobs/{job['id']}{place}",
                              headers=stranger).status_code == 404
    assert client.post("/v1/programmes/nope/agendas", json={}, headers=headers).status_code == 404
    wrong = client.post(path, json={"pairs": ["t1", "nope"]}, headers=headers)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "pairs[1]"


def test_the_same_request_again_starts_one_job(
    client: TestClient, headers: dict[str, str],
) -> None:
    """An Idempotency-Key makes a repeated POST the same job."""
    put_pairs(client, headers, ["i1"], PROGRAMME)
    own = headers | {"Idempotency-Key": "k-1"}
    path = f"/v1/programmes/{PROGRAMME}/agendas"
    first, second = (client.post(path, json={}, headers=own) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"


def test_an_empty_programme_is_done_at_once(client: TestClient, headers: dict[str, str]) -> None:
    """No pairs: nothing to do, and the job says so."""
    put(client, headers, "/v1/profiles/solo", {"id": "solo"})
    job = client.post(f"/v1/programmes/{PROGRAMME}/agendas", json={}, headers=headers).json()
    assert (job["state"], job["progress"]["total"]) == ("done", 0)
