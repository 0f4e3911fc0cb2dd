"""Edits and versions on the command line, with real files and the real composer."""

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from edits import read
from invariants import broken
from shipped import ROOT, Agendas, read_examples

from api.cli import cli
from api.version_file import read_log
from recommender.agendas.edit import edit_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.errors import InvalidInputError

Run = Callable[..., Result]
NAME = "new-managers/2-sunday-rewrites"
CASE = ROOT / "examples" / f"{NAME}.case.yaml"
OPS = ROOT / "examples/edits/ops.json"


@pytest.fixture
def run(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs the command line in this process, in an empty folder."""
    monkeypatch.setattr("api.opening.open_ready_catalogue", lambda _: catalogue)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples" / "edits", tmp_path / "examples/edits")
    shutil.copytree(CASE.parent, tmp_path / "examples" / CASE.parent.name)

    def run(*args: object, **more: Any) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], **more)

    return run


@pytest.fixture
def agenda_file(run: Run, tmp_path: Path) -> Path:
    """Return an agenda's file, as `agendum agenda` writes it."""
    path = tmp_path / "agenda.json"
    assert run("agenda", CASE, "--format", "json", "--out", path).exit_code == 0
    return path


def ops_file(folder: Path, *ops: dict[str, Any]) -> Path:
    """Write operations and return their file."""
    path = folder / "ops.json"
    path.write_text(json.dumps(ops), encoding="utf-8")
    return path


def agenda_in(path: Path) -> Agenda:
    """Return the agenda that stands in a file."""
    return Agenda.model_validate_json(path.read_bytes())


def test_the_documentation_shows_what_is_printed(run: Run) -> None:
    """The commands of docs/edits.md, run one after the other, print what stands there."""
    page = (ROOT / "docs" / "edits.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    commands, ops, output = shown[0][1], shown[1][1], shown[2][1]
    assert json.loads(ops) == json.loads(OPS.read_text(encoding="utf-8"))
    results = [run(*shlex.split(line)[1:]) for line in commands.splitlines()]
    assert [result.exit_code for result in results] == [0, 0], results[-1].output
    assert results[-1].stdout == output
    for line in shown[3][1].splitlines():
        assert run(*shlex.split(line, comments=True)[1:]).exit_code == 0


def test_an_edit_prints_the_agenda_and_what_changed(run: Run, agenda_file: Path) -> None:
    """Markdown to stdout, nothing to stderr, and the file as it was."""
    before = agenda_file.read_bytes()
    result = run("edit", agenda_file, "--ops", OPS, "--case", CASE)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("# ")
    assert "## 22 min · Back to it, a day later" in result.stdout
    assert "\n## What changed\n" in result.stdout
    assert agenda_file.read_bytes() == before


def test_an_edit_as_json_holds_agenda_and_diff(run: Run, agenda_file: Path) -> None:
    """The agenda keeps the contract; every entry of the diff has its five fields."""
    found = json.loads(run("edit", agenda_file, "--ops", OPS, "--case", CASE, "--json").stdout)
    assert set(found) == {"agenda", "diff"}
    assert broken(read_examples()[NAME], Agenda.model_validate(found["agenda"])) == []
    assert {tuple(one) for one in found["diff"]} == {("op", "item", "field", "before", "after")}
    assert {"lock", "retime", "rename", "regenerate", "rebalance"} == {
        one["op"] for one in found["diff"]}
    assert found["agenda"]["provenance"]["parent"] == agenda_in(agenda_file).id


def test_operations_may_come_from_stdin_and_in_an_object(run: Run, agenda_file: Path) -> None:
    """`-` for one of the files; `ops` may be named."""
    ops = json.dumps({"ops": [{"op": "lock", "item": "i1"}]})
    result = run("edit", agenda_file, "--ops", "-", "--json", input=ops)
    assert json.loads(result.stdout)["agenda"]["items"][0]["locked"] is True
    result = run("edit", "-", "--ops", "-", input=ops)
    assert result.exit_code == 2
    assert "only one file can be -" in result.stderr


@pytest.mark.parametrize(("ops", "words"), [
    ([{"op": "retime", "item": "i1", "minutes": 44}], "ops.json: ops[0]: 44 of 45 minutes"),
    ([{"op": "lock", "item": "i1"}, {"op": "remove", "item": "i9"}],
     "ops.json: ops[1].item: 'i9' is no item of this agenda; it has i1"),
    ([{"op": "rename", "item": "i1", "title": "Ring +44 20 7946 0958"}],
     "ops.json: ops[0].title: holds a phone number"),
    ([{"op": "regenerate"}], "ops.json: ops[0].op: choosing another activity needs the case"),
    ([{"op": "retime", "item": "i1"}], "ops.json: ops[0].minutes: is missing; add it"),
    ([], "ops.json: ops: 0 given"),
])
def test_a_refused_edit_changes_nothing(
    run: Run, agenda_file: Path, tmp_path: Path, ops: list[dict[str, Any]], words: str
) -> None:
    """Exit 2, the operation named on stderr, nothing on stdout, the file byte for byte."""
    before = agenda_file.read_bytes()
    result = run("edit", agenda_file, "--ops", ops_file(tmp_path, *ops), "--out", agenda_file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert agenda_file.read_bytes() == before
    assert read_log(agenda_file).kept == []


def test_the_case_of_somebody_else_is_refused(run: Run, agenda_file: Path) -> None:
    """The case's own file is named."""
    other = ROOT / "examples/reverse/1-first-who-wrote-this.case.yaml"
    result = run("edit", agenda_file, "--ops", OPS, "--case", other)
    assert result.exit_code == 2
    assert f"{other}: is not the case that this agenda was made of" in result.stderr


def test_edits_in_three_languages_speak_them(run: Run, tmp_path: Path) -> None:
    """What changed is said in the agenda's language."""
    for name, words in (("leaders-circle/2-lo-publico-y-lo-mio", "Qué cambió"),
                        ("onboarding/3-ca-se-decide-au-dessert", "Ce qui a changé")):
        path = tmp_path / "agenda.json"
        run("agenda", ROOT / "examples" / f"{name}.case.yaml", "--format", "json", "--out", path)
        ops = ops_file(tmp_path, {"op": "lock", "item": "i1"})
        assert f"## {words}\n" in run("edit", path, "--ops", ops).stdout


def test_every_agenda_that_stood_in_a_file_comes_back(
    run: Run, agenda_file: Path, tmp_path: Path
) -> None:
    """Another mode and an edit lose nothing; a restored version is the same bytes."""
    first = agenda_file.read_bytes()
    fixed = tmp_path / "fixed.case.yaml"
    fixed.write_text(CASE.read_text(encoding="utf-8") + "\nmode: fixed\n", encoding="utf-8")
    second = run("agenda", fixed, "--format", "json", "--out", agenda_file)
    assert "what stood there is version 1" in second.stderr
    run("edit", agenda_file, "--ops", ops_file(tmp_path, {"op": "lock", "item": "i1"}),
        "--out", agenda_file)
    rows = json.loads(run("versions", "list", agenda_file, "--json").stdout)
    assert [(row["number"], row["mode"], row["edits"], row["current"], row["replaced_by"])
            for row in rows] == [(1, "guided", 0, False, "agenda"), (2, "fixed", 0, False, "edit"),
                                 (3, "fixed", 1, True, None)]
    assert rows[2]["parent"] == rows[1]["id"]
    assert len(run("versions", "list", agenda_file).stdout.splitlines()) == 3
    restored = run("versions", "restore", agenda_file, 1)
    assert (restored.exit_code, restored.stdout) == (0, "")
    assert "what stood there is version 3" in restored.stderr
    assert agenda_file.read_bytes() == first
    assert run("versions", "show", agenda_file, 1, "--json").stdout_bytes == first
    shown, printed = run("versions", "show", agenda_file, 4).stdout, run("agenda", CASE).stdout
    assert shown.splitlines()[3:] == printed.splitlines()[3:]  # the day is the case's


def test_the_same_agenda_again_makes_no_version(run: Run, agenda_file: Path) -> None:
    """Nor does a page that is written over a page."""
    assert run("agenda", CASE, "--format", "json", "--out", agenda_file).exit_code == 0
    assert json.loads(run("versions", "list", agenda_file, "--json").stdout)[0]["current"]
    run("agenda", CASE, "--out", "page.md")
    run("agenda", CASE, "--out", "page.md")
    assert not Path("page.md.versions.jsonl").exists()


def test_an_agenda_is_kept_when_a_page_is_written_over_it(run: Run, agenda_file: Path) -> None:
    """Whatever takes its place, and with the file gone the version still comes back."""
    first = agenda_file.read_bytes()
    run("agenda", CASE, "--format", "html", "--out", agenda_file)
    result = run("versions", "restore", agenda_file, 1)
    assert result.exit_code == 2
    assert "move this one away" in result.stderr
    agenda_file.unlink()
    assert run("versions", "restore", agenda_file, 1).exit_code == 0
    assert agenda_file.read_bytes() == first


@pytest.mark.parametrize(("arguments", "words"), [
    (["list", "none.json"], "none.json: no such file"),
    (["show", "agenda.json", "7"], "agenda.json: there is no version 7; there are 1"),
    (["restore", "agenda.json", "2"], "agenda.json: there is no version 2; there are 1"),
    (["list", "examples/edits/ops.json"], "holds no agenda that this version of Agendum can read"),
])
def test_versions_that_are_not_there_are_refused(
    run: Run, agenda_file: Path, arguments: list[str], words: str
) -> None:
    """The file, and what there is."""
    result = run("versions", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


@pytest.mark.xdist_group("examples")
def test_every_example_regenerated_keeps_the_contract(
    agendas: Agendas, catalogue: Catalogue
) -> None:
    """Chosen and worded by the real path: nearly all is new, and no place is lost."""
    stayed = total = 0
    for name, case in agendas.cases.items():
        before = agendas[name]
        after = edit_agenda(before, read({"op": "regenerate"}), catalogue, case).agenda
        assert broken(case, after) == [], name
        assert [item.id for item in after.items] == [item.id for item in before.items]
        asked = [item for item in before.items if item.pulse is not None]
        assert [item.model_dump() for item in after.items if item.pulse is not None] == [
            item.model_dump() for item in asked], name
        stayed += sum(item in before.items for item in after.items) - len(asked)
        total += len(after.items) - len(asked)
    assert stayed <= total / 10


@pytest.mark.xdist_group("examples")
def test_what_stands_is_not_said_again(agendas: Agendas, catalogue: Catalogue) -> None:
    """A new item neither quotes what another quotes nor asks what another asks."""
    for name in sorted(agendas)[::4]:
        for item in agendas[name].items:
            try:
                edited = edit_agenda(agendas[name], read({"op": "regenerate", "item": item.id}),
                                     catalogue, agendas.cases[name]).agenda
            except InvalidInputError:
                continue
            assert set(said_twice(edited)) <= set(said_twice(agendas[name])), (name, item.id)


def said_twice(agenda: Agenda) -> list[str]:
    """Return the questions, and the quotations in them, that stand in two items."""
    where: dict[str, set[str]] = {}
    for item in agenda.items:
        for line in item.prompts:
            for said in (line, *re.findall(r"[“«]\s?(.{20,}?)\s?[”»]", line)):
                where.setdefault(said, set()).add(item.id)
    return [said for said, items in where.items() if len(items) > 1]
