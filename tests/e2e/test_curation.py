"""`agendum library coverage` and `library duplicates`, run as a curator runs them."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from recommender.catalogue import Catalogue

GOALS = '{"id": "p-1", "name": "Amara Diallo", "languages": ["en"], "goals": ' \
        '[{"id": "g1", "text": "Help Amara prune the apple tree without killing the buds"}]}\n'


@pytest.fixture(autouse=True)
def _opened(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the library and catalogue of the session: reading them again takes time."""
    monkeypatch.setattr("api.opening.open_ready_catalogue", lambda settings: catalogue)
    monkeypatch.setattr("content_library.load.load_library", lambda: catalogue.library)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["library", *arguments])


def refused(*arguments: str) -> str:
    """Return what a command says that refuses its input."""
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr


def test_coverage_as_data() -> None:
    """The contract's cells and thin stand beside counts and targets."""
    data = json.loads(run("coverage", "--json").stdout)
    assert list(data) == ["cells", "thin", "resources", "activities", "targets"]
    assert set(data["cells"][0]) == {
        "focus_area", "session_type", "relation", "language", "minutes", "activities"}
    assert set(data["targets"][0]) == {"kind", "name", "count", "at_least", "met"}
    assert data["resources"]["by_topic"].keys() == data["activities"]["by_topic"].keys()


def test_coverage_says_which_targets_are_met() -> None:
    """The table ends with the targets."""
    assert "targets (targets.yaml): " in run("coverage").stdout


def test_the_page_is_written(tmp_path: Path) -> None:
    """`--out` writes the page and prints nothing."""
    done = run("coverage", "--format", "html", "--out", str(tmp_path / "c.html"))
    assert done.output == ""
    assert (tmp_path / "c.html").read_text("utf-8").startswith("<!doctype html>")


def test_gaps_of_people_and_cases(tmp_path: Path) -> None:
    """Profiles line by line and members of a case are looked at; no name is printed."""
    people, case = tmp_path / "people.jsonl", tmp_path / "c.case.yaml"
    people.write_text(GOALS, "utf-8")
    case.write_text(
        "programme: peer-quarter\nsession: {number: 1, of: 6, minutes: 45, language: en}\n"
        "members:\n"
        "  - {role: mentee, profile: {id: p-2, languages: [en], skills_wanted: [plumbing]}}\n"
        "  - {role: mentor, profile: {id: p-3}}\n", "utf-8")
    text = run("coverage", "--people", str(people), "--cases", str(case)).stdout
    assert text.startswith("2 goals and wanted skills; 2 find no resource near enough")
    assert "p-1" in text
    assert "p-2" in text
    assert "Amara" not in text
    data = json.loads(run("coverage", "--people", str(people), "--json").stdout)
    assert data["gaps"]["no_resource"] == 1
    assert data["cells"]


@pytest.mark.parametrize(("name", "content", "said"), [
    ("people.jsonl", GOALS + '{"id": "p-2", "nmae": "x"}\n', "line 2.*nmae: unknown field"),
    ("people.jsonl", "{\n", "line 1: no valid JSON"),
    ("people.yaml", "id: p-1\n", "valid list"),
])
def test_faults_name_file_and_line(tmp_path: Path, name: str, content: str, said: str) -> None:
    """What cannot be read as people is refused with its place."""
    (tmp_path / name).write_text(content, "utf-8")
    assert re.search(said, refused("coverage", "--people", str(tmp_path / name)))


def test_a_page_is_no_list_of_gaps() -> None:
    """`--format html` with `--gaps` is refused before anything is read."""
    assert "without --gaps" in refused("coverage", "--format", "html", "--gaps")


def test_duplicates_of_the_shipped_library() -> None:
    """Nothing is found; with a threshold near 0 pairs come with their reasons; JSON has pairs."""
    assert run("duplicates").stdout == "0 pairs that seem to be the same\n"
    assert json.loads(run("duplicates", "--json").stdout) == {"pairs": []}
    assert "superseded_by: " in run("duplicates", "--threshold", "0.05").stdout
