"""`agendum eval run`, `compare`, `report`, `cases`: what a curator does, from end to end."""

import json
from pathlib import Path

import pytest
from people_commands import Run as Command

from evals.run import read_run
from prompts.load import load_prompt
from recommender.domain.agenda import Agenda

pytestmark = pytest.mark.xdist_group("harness")


@pytest.fixture
def run_eval(run_people: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Return a function that runs the command line, with a cache folder of its own."""
    monkeypatch.setenv("AGENDUM_CACHE_DIR", str(tmp_path / "cache"))
    return run_people


def test_a_run_is_made_compared_and_reported(run_eval: Command, tmp_path: Path) -> None:
    """A run says what it was made of; against itself nothing moves; its page holds all of it."""
    done = run_eval("eval", "run", "drafts", "--out", "one", "--json")
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)["drafts"]
    assert {"value", "n", "unscored", "low", "high"} <= set(figures["minutes_exact"])
    assert figures["drafts_kept"]["n"] == 12
    record = json.loads((tmp_path / "one/run.json").read_text())
    assert set(record) >= {"git", "prompts", "library", "encoder", "model", "settings", "suites",
                           "seconds", "started"}
    assert record["suites"]["drafts"]["cases"] == 12
    again = run_eval("eval", "run", "drafts", "--out", "two")
    assert again.exit_code == 0
    assert "drafts, 12 cases" in again.stdout
    first, second = read_run(tmp_path / "one"), read_run(tmp_path / "two")
    assert [one.metrics for one in first.results] == [one.metrics for one in second.results]
    compared = run_eval("eval", "compare", "one", "two", "--json")
    assert compared.exit_code == 0
    assert json.loads(compared.stdout)["changed"] == 0
    page = run_eval("eval", "report", "two", "--against", "one", "--out", "report.html")
    assert page.exit_code == 0, page.output
    html = (tmp_path / "report.html").read_text()
    assert "Nothing moved." in html
    assert "http" not in html.replace("http://www.w3.org/", "").split("<h2>Every figure")[0]


def test_a_loss_stops_with_exit_1(run_eval: Command, tmp_path: Path) -> None:
    """A run in which minutes no longer add up is stopped, and the case is named."""
    assert run_eval("eval", "run", "drafts", "--out", "one").exit_code == 0
    lines = (tmp_path / "one/cases.jsonl").read_text().splitlines()
    broken = json.loads(lines[0])
    broken["metrics"]["minutes_exact"] = 0.0
    (tmp_path / "two").mkdir()
    (tmp_path / "two/run.json").write_text((tmp_path / "one/run.json").read_text())
    (tmp_path / "two/cases.jsonl").write_text("\n".join([json.dumps(broken), *lines[1:]]))
    done = run_eval("eval", "compare", "one", "two")
    assert done.exit_code == 1
    assert broken["case"] in done.stdout
    assert "make baseline" in done.stdout
    markdown = run_eval("eval", "compare", "one", "two", "--markdown")
    assert markdown.exit_code == 1
    assert markdown.stdout.startswith("## Agendum harness")


def test_agendas_of_a_file_are_judged_as_they_are(run_eval: Command, tmp_path: Path) -> None:
    """Agendas that any model wrote are read, matched to their cases, and measured."""
    assert run_eval("eval", "run", "drafts", "--out", "own").exit_code == 0
    agendas = [Agenda.model_validate(one.agenda) for one in read_run(tmp_path / "own").results]
    spoilt = agendas[0].model_copy(update={"purpose": "Have a chat."})
    (tmp_path / "agendas.jsonl").write_text("\n".join(
        one.model_dump_json(by_alias=True) for one in [spoilt, *agendas[1:-1]]))
    done = run_eval("eval", "run", "drafts", "--agendas", "agendas.jsonl", "--out", "model")
    assert done.exit_code == 0, done.output
    run = read_run(tmp_path / "model")
    assert run.record["generator"] == "file"
    assert run.record["model"] == ["recorded"]
    assert run.record["agendas"]["prompts"] == [load_prompt("agenda-draft").id]
    assert "no answer for 1 case (the file holds no agenda of this case): drafts/" in done.stdout
    answered = [one.metrics["answered"] for one in run.results]
    assert sorted(answered) == [0.0] + [1.0] * 11
    assert run.results[0].metrics["purpose_specific"] < 1  # type: ignore[operator]
    assert run.results[-1].error is not None
    assert "no agenda" in run.results[-1].error


def test_cases_are_written_for_any_model(run_eval: Command, tmp_path: Path) -> None:
    """One case a line, each with an id that a batch file may have."""
    done = run_eval("eval", "cases", "languages", "--out", "cases.jsonl")
    assert done.exit_code == 0
    lines = [json.loads(one) for one in (tmp_path / "cases.jsonl").read_text().splitlines()]
    assert len({one["id"] for one in lines}) == len(lines) == 28
    exported = run_eval("batch", "export", "cases.jsonl", "--out", "requests.jsonl")
    assert exported.exit_code == 0, exported.output


@pytest.mark.parametrize(("args", "said"), [
    (("run", "agenda"), "agendas"), (("compare", "a", "b"), "agendum eval run"),
    (("report", "a", "--out", "r.html"), "no run"), (("calibrate",), "two runs"),
    (("run", "drafts", "--agendas", "none.jsonl"), "none.jsonl"),
])
def test_bad_input_says_the_mend(args: tuple[str, ...], said: str, run_eval: Command) -> None:
    """Exit 2, and a message that leads on."""
    done = run_eval("eval", *args)
    assert done.exit_code == 2
    assert said in done.stderr
