"""Whatever the description allows or forbids is sent: no 5xx, no status or shape not described.

A small run is made always; AGENDUM_LONG_TESTS makes thousands of cases in every phase.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from databases import KINDS, Databases
from serving import served

from api.auth import create_key
from recommender.storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
LONG = bool(os.environ.get("AGENDUM_LONG_TESTS"))
PHASES = ["examples", "coverage", "fuzzing", "stateful"] if LONG else ["fuzzing", "stateful"]
EXAMPLES = 40 if LONG else 2
EXCLUDED = "positive_data_acceptance"
"""A description cannot say which ids are stored, which texts are blank, which time zones there
are: what is refused for that is no fault. Every other check is made."""


@pytest.mark.parametrize("kind", KINDS if LONG else KINDS[:1])
def test_every_answer_is_described(kind: str, databases: Databases, tmp_path: Path) -> None:
    """All checks, stateful: schemas, statuses, headers, methods, authentication, deleted things."""
    url = databases.new(kind)
    store = Store(url)
    key = create_key(store, "fuzz", "platform").text
    store.close()
    environment = {"AGENDUM_DATABASE_URL": url, "AGENDUM_RATE_LIMIT": "100000000/second",
                   "AGENDUM_LINK_SECRETS": "0123456789abcdef0123456789abcdef"}
    with served(environment, tmp_path) as server:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run",
             f"{server.url}/openapi.json", "--header", f"Authorization: Bearer {key}",
             "--checks", "all", "--exclude-checks", EXCLUDED, "--phases", ",".join(PHASES),
             "--max-examples", str(EXAMPLES), "--continue-on-failure", "--seed", "20261128",
             "--no-color", "--warnings", "off"],
            capture_output=True, text=True, timeout=3600, check=False, cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks",
                              "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"})
        assert "Traceback" not in server.log()
    print(done.stdout[-3000:])
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
    tested = re.search(r"Selected: (\d+)/(\d+)\n  Tested: (\d+)", done.stdout)
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert tested is not None
    assert len(set(tested.groups())) == 1
    assert generated is not None
    followed = re.search(r"API Links: +(\d+) covered", done.stdout)
    assert followed is not None
    assert int(followed[1]) > 0
    assert int(generated[1]) >= (5000 if LONG else 100)
