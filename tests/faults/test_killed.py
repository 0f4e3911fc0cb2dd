"""`kill -9` of API and worker at random moments: what was acknowledged stays, nothing is doubled.

One round per database always; AGENDUM_LONG_TESTS=1 makes fifty, KILL_ROUNDS any number.
"""

import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from serving import Process, Server
from small_tenant import key_for, person

from recommender.domain.pair import StoredPair
from recommender.domain.profile import Profile
from recommender.storage.queue import prepare_queue, uses_queue
from recommender.storage.store import PROFILES, Store
from recommender.storage.tables import agendas, job_items, vectors

ROUNDS = int(os.environ.get("KILL_ROUNDS", "50" if os.environ.get("AGENDUM_LONG_TESTS") else "1"))
PAIRS_PER_ROUND = 8
PROGRAMME = "onboarding"
SEED = 20261128


@dataclass
class Writer:
    """Somebody who writes without pause, and remembers what was acknowledged."""

    headers: dict[str, str]
    kept: dict[str, int | None] = field(default_factory=dict)
    count: int = 0
    url: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        """PUT profile after profile, and DELETE every fourth again, until stopped."""
        with httpx.Client(timeout=10, headers=self.headers) as client:
            while not self.stopped.is_set():
                self.count += 1
                own = f"w{self.count % 40}"
                body = person(own, headline=f"Version {self.count}")
                path = f"{self.url}/v1/profiles/{own}"
                try:
                    if self.count % 4 == 0:
                        self.kept.pop(own, None)  # until it is acknowledged, both are possible
                        if client.delete(path).status_code in (204, 404):
                            self.kept[own] = None
                    else:
                        self.kept.pop(own, None)
                        if client.put(path, json=body).status_code in (200, 201):
                            self.kept[own] = self.count
                except httpx.TransportError:
                    time.sleep(0.05)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return a store over a database of its own."""
    prepare_queue(database_url)
    store = Store(database_url)
    yield store
    store.close()


def fill(store: Store, pairs: int) -> list[str]:
    """Store so many pairs and return their ids."""
    names = [f"k{number:04}" for number in range(pairs)]
    with store.write("acme") as unit:
        for name in names:
            for side in ("a", "b"):
                unit.put_profile(Profile.model_validate(person(f"{name}.{side}")))
            unit.put_pair(StoredPair.model_validate({
                "id": name, "programme_id": PROGRAMME,
                "members": [{"role": "mentee", "profile_id": f"{name}.a"},
                            {"role": "mentor", "profile_id": f"{name}.b"}]}))
    return names


def test_nothing_acknowledged_is_lost_and_nothing_done_twice(
    store: Store, database_url: str, tmp_path: Path,
) -> None:
    """Writes, items of jobs and vectors, over rounds that each end in kill -9."""
    moments = random.Random(SEED)
    headers = key_for(store)
    names = fill(store, PAIRS_PER_ROUND * ROUNDS)
    environment = {"AGENDUM_DATABASE_URL": database_url, "AGENDUM_JOB_LEASE_S": "1",
                   "AGENDUM_RATE_LIMIT": "1000000/second"}
    writer = Writer(headers)
    job: dict[str, Any] = {}
    survived = 0
    for number in range(ROUNDS):
        server = Server(environment, tmp_path, f"api{number}")
        worker = (Process(["worker"], environment, tmp_path, f"worker{number}")
                  if uses_queue(database_url) else None)
        try:
            server.wait_ready()
            if worker is not None:
                wait_for(worker, "worker ready")
            writer.url = server.url
            writer.stopped.clear()
            thread = threading.Thread(target=writer.write)
            thread.start()
            if not job:
                job = httpx.post(f"{server.url}/v1/programmes/{PROGRAMME}/agendas", json={},
                                 headers=headers, timeout=60).json()
            else:
                httpx.post(f"{server.url}/v1/programmes/{PROGRAMME}/agendas", headers=headers,
                           json={"pairs": names[-PAIRS_PER_ROUND:]}, timeout=60)
            time.sleep(moments.uniform(0.3, 2.0))
            victims: list[Process] = [server] if worker is None else [server, worker]
            moments.shuffle(victims)
            for victim in victims:
                victim.kill()
                time.sleep(moments.uniform(0, 0.3))
            writer.stopped.set()
            thread.join(30)
            survived += check_acknowledged(store, writer)
        finally:
            for each in (server, worker):
                if each is not None:
                    each.stop()
    assert survived > ROUNDS
    finish(store, environment, tmp_path, headers)
    check_jobs(store, names)
    check_index(store)


def wait_for(process: Process, words: str) -> None:
    deadline = time.monotonic() + 120
    while words not in process.log():
        assert process.popen.poll() is None, process.log()
        assert time.monotonic() < deadline, process.log()
        time.sleep(0.05)


def check_acknowledged(store: Store, writer: Writer) -> int:
    """Compare what was acknowledged with what is stored; return how much that is."""
    with store.read("acme") as unit:
        there = unit.profiles.several(writer.kept)
    for own, version in writer.kept.items():
        if version is None:
            assert own not in there, f"{own} was deleted, and is there"
        else:
            assert there[own].doc.headline == f"Version {version}"
    return len(writer.kept)


def finish(
    store: Store, environment: dict[str, str], folder: Path, headers: dict[str, str]
) -> None:
    """Let jobs come to their end, undisturbed."""
    server = Server(environment, folder, "last-api")
    worker = (Process(["worker"], environment, folder, "last-worker")
              if uses_queue(environment["AGENDUM_DATABASE_URL"]) else None)
    try:
        server.wait_ready()
        deadline = time.monotonic() + 60 + 2 * PAIRS_PER_ROUND * ROUNDS
        while True:
            with store.read("acme") as unit:
                rows = unit.jobs._connection.execute(job_items.select()).all()
            if all(row.state not in ("waiting", "running") for row in rows):
                break
            assert time.monotonic() < deadline, server.log()[-3000:]
            time.sleep(0.2)
        answer = httpx.get(f"{server.url}/v1/profiles/k0000.a/mentor-suggestions",
                           headers=headers, timeout=120)
        assert answer.status_code in (200, 404), answer.text
    finally:
        server.stop()
        if worker is not None:
            assert worker.stop() in (0, -15), worker.log()[-3000:]


def check_jobs(store: Store, names: list[str]) -> None:
    """Each pair has one agenda, its session names it, and no item is without an end."""
    with store.read("acme") as unit:
        connection = unit.jobs._connection
        items = connection.execute(job_items.select()).all()
        made = connection.execute(agendas.select()).all()
        for name in names:
            own = unit.agendas.ids_of_pair(name)
            assert len(own) == 1, f"{name} has {len(own)} agendas"
            session = unit.sessions.find(name, 1)
            assert session is not None
            assert session.agenda_id == own[0]
            mine = [one for one in items if one.subject == name]
            assert sum(one.state == "done" for one in mine) == 1, mine
            assert all(one.state in ("done", "skipped") for one in mine), mine
            assert {one.result for one in mine} == {own[0]}
    assert len(made) == len(names)


def check_index(store: Store) -> None:
    """What the index finds is what the stored vectors say, of profiles that are stored."""
    with store.read("acme") as unit:
        rows = unit.jobs._connection.execute(vectors.select()).all()
        there = set(unit.profiles.versions())
    assert {row.owner_id for row in rows} <= there
    kinds = {(row.model, bytes(row.key)) for row in rows}
    for model, key in sorted(kinds)[:3]:
        own = [(row.owner_id, row.embedding) for row in rows
               if row.model == model and bytes(row.key) == key]
        query = own[0][1]
        best = sorted(((-round(float(np.dot(vector.astype(np.float64), query)), 4), name)
                       for name, vector in own))[:5]
        found = store.nearest("acme", PROFILES.name, model, key, query, 5)
        assert [one.id for one in found] == [name for _, name in best]
