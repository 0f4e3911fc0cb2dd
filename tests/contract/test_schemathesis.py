"""Whatever the description allows or forbids is sent: no 5xx, no status or shape not described.

Small runs are made always; AGENDUM_LONG_TESTS makes thousands of cases in every phase.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from databases import KINDS, Databases
from serving import Server, served
from small_tenant import put, put_pairs

from api.auth import create_key
from content_library.load import Library
from recommender.storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
LONG = bool(os.environ.get("AGENDUM_LONG_TESTS"))
EXCLUDED = "positive_data_acceptance"
"""A description cannot say which ids are stored, which texts are blank, which time zones there
are: what is refused for that is no fault. Every other check is made."""


@pytest.mark.parametrize("kind", KINDS if LONG else KINDS[:1])
def test_every_answer_is_described(kind: str, databases: Databases, tmp_path: Path) -> None:
    """All checks in a tenant that begins with nothing: schemas, statuses, headers, methods."""
    phases = ["examples", "coverage", "fuzzing", "stateful"] if LONG else ["fuzzing"]
    with fuzzed(databases.new(kind), tmp_path) as (server, key):
        said = run_schemathesis(server, key, phases, 40 if LONG else 2)
    tested = re.search(r"Selected: (\d+)/(\d+)\n  Tested: (\d+)", said)
    assert tested is not None
    assert len(set(tested.groups())) == 1
    assert generated(said) >= (5000 if LONG else 100)


@pytest.mark.parametrize("kind", KINDS if LONG else KINDS[:1])
def test_what_one_answer_gives_another_takes(
    kind: str, databases: Databases, tmp_path: Path, library: Library
) -> None:
    """Sequences along the links of the description, in a tenant that holds something of each kind.

    They begin with lists and POSTs, as an id that is made up is nobody's. Most links are guesses
    of Schemathesis', from names; the description declares some thirty.
    """
    with fuzzed(databases.new(kind), tmp_path) as (server, key):
        fill(server, key, library)
        said = run_schemathesis(server, key, ["stateful"], 2500 if LONG else 20)
    followed = re.search(r"API Links: +(\d+) covered / (\d+) selected", said)
    assert followed is not None
    assert int(followed[1]) >= (50 if LONG else 10), said[-3000:]


@contextmanager
def fuzzed(url: str, folder: Path) -> Iterator[tuple[Server, str]]:
    """Give a server over a new database, and a platform key of it."""
    store = Store(url)
    key = create_key(store, "fuzz", "platform").text
    store.close()
    environment = {"AGENDUM_DATABASE_URL": url, "AGENDUM_RATE_LIMIT": "100000000/second",
                   "AGENDUM_LINK_SECRETS": "0123456789abcdef0123456789abcdef"}
    with served(environment, folder) as server:
        yield server, key
        assert "Traceback" not in server.log()


def fill(server: Server, key: str, library: Library) -> None:
    """Store programmes, people, pairs, notes, agendas, a link, a job and feedback."""
    headers = {"Authorization": f"Bearer {key}"}
    programme = library.programmes["evergreen"].model_dump(mode="json", by_alias=True)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for at in range(12):
            put(client, headers, f"/v1/programmes/own-{at}", programme | {"id": f"own-{at}"})
            put_pairs(client, headers, [f"pair-{at}-{one}" for one in range(4)], f"own-{at}")
        for at in range(12):
            pair = f"/v1/pairs/pair-{at}-0"
            put(client, headers, f"{pair}/sessions/1/notes", {"notes": "The demo went well."})
            made = client.post(f"{pair}/sessions/2/agenda", headers=headers, json={})
            client.post("/v1/feedback", headers=headers, json={
                "profile_id": f"pair-{at}-0.a", "target": "agenda", "verdict": "helpful",
                "target_id": made.raise_for_status().json()["id"]}).raise_for_status()
        client.post("/v1/programmes/own-0/agendas", headers=headers, json={}).raise_for_status()


def run_schemathesis(server: Server, key: str, phases: list[str], examples: int) -> str:
    """Run all checks and return what was printed; it must have found nothing."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run",
         f"{server.url}/openapi.json", "--header", f"Authorization: Bearer {key}",
         "--checks", "all", "--exclude-checks", EXCLUDED, "--phases", ",".join(phases),
         "--max-examples", str(examples), "--continue-on-failure", "--seed", "20261128",
         "--no-color", "--warnings", "off"],
        capture_output=True, text=True, timeout=3600, check=False, cwd=server.log_file.parent,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks",
                          "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"})
    print(done.stdout[-3000:])
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
    return done.stdout


def generated(said: str) -> int:
    """Return how many cases were sent."""
    found = re.search(r"(\d+) generated, (\d+) passed", said)
    assert found is not None
    return int(found[1])
