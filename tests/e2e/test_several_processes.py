"""Two API processes and one worker over one PostgreSQL see each other's writes."""

import time
from pathlib import Path
from typing import Any

import httpx
from databases import Databases
from serving import Process, served
from small_tenant import key_for, person, put, put_pairs

from api.client import Agendum
from recommender.storage.store import Store

PROGRAMME = "onboarding"


def suggested(client: httpx.Client, own: str) -> list[str]:
    answer = client.get(f"/v1/profiles/{own}/mentor-suggestions")
    assert answer.status_code == 200, answer.text
    return [one["candidate"] for one in answer.json()]


def test_two_apis_and_a_worker_share_one_database(databases: Databases, tmp_path: Path) -> None:
    """Profiles, suggestions, jobs, cancelling and erasure, each seen where it was not done."""
    url = databases.new("postgresql")
    done = Process(["db", "upgrade"], {"AGENDUM_DATABASE_URL": url}, tmp_path, "upgrade")
    assert done.popen.wait(120) == 0, done.log()
    done.stop()
    store = Store(url)
    headers = key_for(store)
    environment = {"AGENDUM_DATABASE_URL": url, "AGENDUM_RATE_LIMIT": "100000/second"}
    with (served(environment, tmp_path, "one") as first,
          served(environment, tmp_path, "two") as second,
          httpx.Client(base_url=first.url, headers=headers, timeout=120) as one,
          httpx.Client(base_url=second.url, headers=headers, timeout=120) as two):
        put_pairs(one, headers, ["m1", "m2", "m3"], PROGRAMME)
        put(one, headers, "/v1/profiles/asks", person("asks", roles=["mentee"]))
        put(one, headers, "/v1/profiles/helps", person(
            "helps", roles=["mentor"], capacity=2, skills_offered=["giving feedback"]))
        assert "helps" in suggested(one, "asks")
        assert suggested(one, "asks") == suggested(two, "asks")
        put(two, headers, "/v1/profiles/late", person(
            "late", roles=["mentor"], capacity=2, skills_offered=["giving feedback"], level=6))
        assert "late" in suggested(one, "asks")
        assert suggested(one, "asks") == suggested(two, "asks")
        job: Any = one.post(f"/v1/programmes/{PROGRAMME}/agendas", json={}).json()
        assert job["progress"]["waiting"] == 3
        worker = Process(["worker"], environment, tmp_path, "worker")
        try:
            deadline = time.monotonic() + 180
            while two.get(f"/v1/jobs/{job['id']}").json()["state"] == "running":
                assert time.monotonic() < deadline, worker.log()
                assert worker.popen.poll() is None, worker.log()
                time.sleep(0.2)
            over = two.get(f"/v1/jobs/{job['id']}").json()
            assert over["progress"]["done"] == 3
            assert two.get("/v1/pairs/m1/sessions/1/agenda").status_code == 200
            with Agendum(second.url, headers["Authorization"].removeprefix("Bearer ")) as api:
                items = api.list_job_items(job["id"])["data"]
                assert [item["state"] for item in items] == ["done"] * 3
                edited = api.edit_agenda(
                    items[0]["agenda_id"] or "", {"ops": [{"op": "lock", "item": "i1"}]})
                assert edited.body["agenda"]["items"][0]["locked"]
            code = worker.stop()
        finally:
            worker.stop()
        assert code in (0, -15), worker.log()
        assert one.delete("/v1/profiles/late").status_code == 204
        assert "late" not in suggested(two, "asks")
        assert two.get("/v1/profiles/late").status_code == 404
    store.close()
