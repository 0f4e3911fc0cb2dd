"""docs/matching.md: what it shows is what the commands do."""

import json
import re
import shlex
from pathlib import Path

import pytest
from people_commands import Run, answer

from recommender.catalogue import Catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/matching.md").read_text("utf-8")
COMMAND = ".venv/bin/agendum "
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_WRITTEN = re.compile(r"^cat > (\S+) <<'END'\n(.*?)^END\n", re.MULTILINE | re.DOTALL)


def blocks_of(language: str) -> list[str]:
    return [text for kind, text in _BLOCK.findall(PAGE) if kind == language]


@pytest.fixture
def run_page(run_people: Run, tmp_path: Path) -> Run:
    """Return the command line in a folder that has the examples."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return run_people


def test_the_worked_example_is_what_the_command_prints(run_page: Run) -> None:
    """The suggestion of wp-402 for wp-401, word for word; numbers to four digits, since vectors
    differ a hair between processors; and the sum below it is right."""
    command = re.search(r"^`agendum (mentors .* --json)` prints:", PAGE, re.MULTILINE)
    assert command is not None
    shown, = (json.loads(text) for text in blocks_of("json"))
    assert (shown["candidate"], "--for wp-401" in command[1]) == ("wp-402", True)
    found, = answer(run_page(*shlex.split(command[1])))
    assert list(found) == list(shown)
    for part, own in zip(found["parts"], shown["parts"], strict=True):
        assert (part["rule"], part["weight"]) == (own["rule"], own["weight"])
        assert part["value"] == pytest.approx(own["value"], abs=5e-5)
    assert found["score"] == pytest.approx(shown["score"], abs=5e-5)
    for reason, own in zip(found["reasons"], shown["reasons"], strict=True):
        assert reason | {"similarity": 0} == own | {"similarity": 0}
        assert reason["similarity"] == pytest.approx(own["similarity"], abs=5e-4)
    assert (found["told"], found["warnings"]) == (shown["told"], shown["warnings"])
    weighed = [(part["value"], part["weight"]) for part in shown["parts"]]
    total, whole = sum(one * weight for one, weight in weighed), sum(w for _, w in weighed)
    sums = " + ".join(f"{one:g} × {weight:g}" for one, weight in weighed)
    weights = " + ".join(f"{weight:g}" for _, weight in weighed)
    assert f"({sums}) ÷ ({weights}) = {total:.7g} ÷ {whole:g} = {shown['score']}." in PAGE
    assert round(total / whole, 6) == shown["score"]


def test_the_lines_of_why_are_what_the_command_prints(run_page: Run) -> None:
    """Those that the page shows, in their order."""
    text, = blocks_of("text")
    command, = (line for line in "".join(blocks_of("sh")).splitlines() if " why " in line)
    printed = run_page(*shlex.split(command.removeprefix(COMMAND))).stdout.splitlines()
    shown = text.splitlines()
    assert [line for line in printed if line in shown] == shown


def test_every_command_of_the_page_runs(run_page: Run, tmp_path: Path) -> None:
    """From top to bottom, the files of one used by the next; and the published total is 14."""
    ran = 0
    for block in blocks_of("sh"):
        for name, text in _WRITTEN.findall(block):
            (tmp_path / name).write_text(text)
        for line in _WRITTEN.sub("", block).splitlines():
            if line.startswith("cat "):
                *sources, _, target = line.split()[1:]
                (tmp_path / target).write_text(
                    "".join((tmp_path / one).read_text() for one in sources))
                continue
            assert line.startswith(COMMAND), line
            result = run_page(*shlex.split(line.removeprefix(COMMAND)))
            assert result.exit_code == 0, (line, result.stderr)
            assert "--scores" not in line or "total 14.000, 2 pairs" in result.stdout
            ran += 1
    assert ran >= 15
    assert {"left.jsonl", "running.csv", "next.json", "shown.csv", "met.csv"} <= {
        one.name for one in tmp_path.iterdir()}


def test_the_functions_of_the_page_run(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they stand there, from the root of the repository."""
    code, = blocks_of("python")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("recommender.catalogue.open_catalogue", lambda *_, **__: catalogue)
    names: dict[str, object] = {}
    exec(compile(code, "docs/matching.md", "exec"), names)
    for name in ("listed", "why", "everybody", "match", "rounds", "groups"):
        assert names[name], name
