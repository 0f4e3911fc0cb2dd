"""docs/api.md works as it stands: every command, in its order, against a real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from serving import free_port

from api.routes import curate, curate_resources, links

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "api.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide is written for curl")
def test_the_guide_runs_word_for_word(tmp_path: Path) -> None:
    """In an empty folder, from the first command to the last; each answer is what the text says."""
    blocks = _BLOCK.findall(GUIDE.read_text("utf-8"))
    assert len(blocks) >= 6
    port = str(free_port())
    script = "set -euo pipefail\ntrap 'kill %1' EXIT\n" + "\necho '=== block'\n".join(blocks)
    script = script.replace("--port 8000", f"--port {port}").replace(
        "localhost:8000", f"localhost:{port}")
    tools = tmp_path / "bin"
    tools.mkdir()
    command = tools / "agendum"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W ignore -m api.cli "$@"\n')
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items()
            if not name.upper().startswith("AGENDUM_")}
    done = subprocess.run(
        ["bash", "-m", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        check=False, env=kept | {"PATH": f"{tools}:{kept['PATH']}", "PYTHONPATH": str(ROOT),
                                 "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    start, people, sessions, edits, matching, learning = done.stdout.split("=== block\n")
    assert '"items":' in start.replace('"items": ', '"items":')
    report = json.loads(re.search(r'\{"created".*?\]\}', people)[0])  # type: ignore[index]
    assert (report["created"], [one["row"] for one in report["problems"]]) == (2, ["line 4"])
    assert '"next_cursor":"' in people
    assert re.search(r'"actions_carried":\s*\[\s*"a1"\s*\]', sessions)
    assert edits.startswith("#")
    assert '"title":"What came of it"' in edits
    assert '"replaced_by":"edit"' in edits
    assert matching.startswith('[{"candidate":"h-1"')
    assert '"outcomes":[' in matching
    first = re.search(r'"target_id":"([^"]+)"', learning)
    assert first is not None
    before, after = learning.split('"target_id"')[0], learning.split('"target_id"')[1]
    assert f'"{first[1]}"' in before
    assert f'"id":"{first[1]}"' not in after


def test_every_path_is_in_the_guide() -> None:
    """The table names each path of the description with each of its methods, and no other."""
    told = set()
    for cell in re.findall(r"^\| (`.*?`) \| ", GUIDE.read_text("utf-8"), re.MULTILINE):
        methods: list[str] = []
        for part in re.findall(r"`([^`]+)`", cell):
            *before, last = part.split(" ")
            if last.startswith("/"):
                told |= {(method, last) for method in [*methods, *before]}
                methods = []
            else:
                methods.append(last)
    document = json.loads((ROOT / "api" / "openapi.json").read_text("utf-8"))
    assert told == {(method.upper(), path) for path, operations in document["paths"].items()
                    for method in operations}


def test_every_page_is_in_the_guide() -> None:
    """So does the table of pages that people open: the console's, and an agenda by its link."""
    told = re.findall(r"`((?:GET|POST) /(?:curate|a/)[^`]*)`", GUIDE.read_text("utf-8"))
    routes = [one for module in (curate, curate_resources, links)
              for one in module.router.routes
              if isinstance(one, APIRoute) and not one.include_in_schema]
    assert sorted(told) == sorted(f"{method} {one.path}" for one in routes
                                  for method in one.methods)
