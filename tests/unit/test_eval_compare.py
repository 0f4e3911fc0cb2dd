"""Two runs compared: real losses stop, noise passes, and what is told can be read."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals.calibrate import calibrate
from evals.compare import compare_runs
from evals.run import CaseResult, Run, read_run, write_baseline, write_run
from evals.told import comparison_markdown, comparison_text, run_text
from recommender.errors import InvalidInputError

RECORD = {"git": {"revision": "abcdef0123456", "changed": False}, "suites": {"agendas": {}}}


def made(count: int = 60, seed: int = 1, **fixed: float | None) -> Run:
    """Return a run of cases with a noisy swap and figures that are given."""
    random = np.random.default_rng(seed)
    results = []
    for at in range(count):
        metrics: dict[str, float | None] = {
            "swap": float(random.random()), "minutes_exact": 1.0, "goal_coverage": 1.0, **fixed}
        agenda = {"purpose": f"Purpose {at} <b>|", "items": [
            {"activity": None, "title": f"Item {seed}", "minutes": 45}], "resources": []}
        results.append(CaseResult(
            "agendas", f"case-{at:02}", f"c{at // 2}", "Why it is there.",
            {"language": ("en", "es", "fr")[at % 3], "format": "mentor"}, metrics, {}, agenda))
    return Run(RECORD, tuple(results))


def changed(run: Run, metric: str, value: float | None, cases: range) -> Run:
    """Return a run in which some cases have another value."""
    return Run(run.record, tuple(
        replace(one, metrics={**one.metrics, metric: value}) if at in cases else one
        for at, one in enumerate(run.results)))


def test_equal_runs_pass() -> None:
    """A run compared with itself moves nothing."""
    found = compare_runs(made(), made())
    assert found.passes
    assert {one.verdict for one in found.metrics} == {"same"}
    assert found.cases == ()
    assert "no figure moved" in comparison_text(found)


def test_one_broken_promise_stops() -> None:
    """What must hold is lost by a single case, and the case is named."""
    found = compare_runs(made(), changed(made(), "minutes_exact", 0.0, range(7, 8)))
    assert not found.passes
    assert "case-07" in found.losses[0]


def test_a_promise_that_was_broken_before_is_no_loss() -> None:
    """Only what is newly broken stops."""
    old = changed(made(), "minutes_exact", 0.0, range(7, 8))
    assert compare_runs(old, old).passes


def test_a_few_cases_of_a_mean_are_noise_and_many_are_a_loss() -> None:
    """Three of sixty cases may be chance; thirty are not."""
    few = compare_runs(made(), changed(made(), "goal_coverage", 0.5, range(3)))
    many = compare_runs(made(), changed(made(), "goal_coverage", 0.5, range(30)))
    assert few.passes
    assert next(one.verdict for one in few.metrics if one.metric == "goal_coverage") == "unsure"
    assert not many.passes
    assert many.losses[0].startswith("agendas/goal_coverage: 1.000 to 0.750")
    back = compare_runs(changed(made(), "goal_coverage", 0.5, range(30)), made())
    assert back.passes
    assert next(one.verdict for one in back.metrics if one.metric == "goal_coverage") == "better"


def test_another_seed_is_noise() -> None:
    """Sixty noisy values against sixty others of the same kind pass."""
    assert compare_runs(made(seed=1), made(seed=2)).passes


def test_a_figure_cannot_fall_silent_unseen() -> None:
    """Thirty cases that are no longer scored are a loss, though no value fell."""
    found = compare_runs(made(), changed(made(), "swap", None, range(30)))
    assert not found.passes
    assert "no longer scored" in found.losses[0]


def test_cases_cannot_vanish_unseen() -> None:
    """A case that is gone stops; a suite that was not run is not compared."""
    run = made()
    found = compare_runs(run, Run(RECORD, run.results[1:]))
    assert "1 cases are gone" in found.losses[0]
    other = Run(RECORD, tuple(replace(one, suite="other") for one in run.results))
    assert compare_runs(Run(RECORD, (*run.results, *other.results)), run).passes


def test_slices_and_cases_say_where() -> None:
    """Won, tied and lost are counted by slice; the case that changed most comes first."""
    worse = changed(changed(made(), "goal_coverage", 0.5, range(0, 60, 3)),
                    "minutes_exact", 0.0, range(9, 10))
    found = compare_runs(made(), worse)
    losses = {one.value: one.losses for one in found.slices if one.kind == "language"}
    assert losses == {"en": 20, "es": 0, "fr": 0}
    assert len(found.cases) == 10
    assert found.cases[0].after.case == "case-09"


def test_markdown_is_a_table_that_nothing_breaks() -> None:
    """Bars and angle brackets of a case do not break the page."""
    found = compare_runs(made(), changed(made(seed=1), "goal_coverage", 0.0, range(30)))
    text = comparison_markdown(found)
    assert "The gate stops here" in text
    assert "| agendas/goal_coverage | Is every goal worked on? | 1.000 | 0.500 |" in text
    assert "<b>" not in text
    assert all(line.count("|") - line.count("\\|") == 3 for line in text.splitlines()
               if line.startswith("| Purpose"))


def test_a_run_is_written_and_read_again(tmp_path: Path) -> None:
    """What is read is what was written; a baseline has the figures and no texts."""
    run = made(4)
    write_run(run, tmp_path / "run")
    again = read_run(tmp_path / "run")
    assert again.results == run.results
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert summary["agendas"]["goal_coverage"]["value"] == 1.0
    write_baseline(run, tmp_path / "base.json")
    base = read_run(tmp_path / "base.json")
    assert compare_runs(base, run).passes
    assert compare_runs(base, run).other_agendas == 0
    assert "minutes" not in (tmp_path / "base.json").read_text().replace("minutes_exact", "")
    assert "agendas, 4 cases" in run_text(run)


@pytest.mark.parametrize("content", [None, "{", '{"record": {}}', '{"record": 1, "cases": [2]}'])
def test_what_is_no_run_is_refused(content: str | None, tmp_path: Path) -> None:
    """The message says how to make one."""
    path = tmp_path / "base.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidInputError, match="run"):
        read_run(path)


def test_a_run_does_not_overwrite_other_files(tmp_path: Path) -> None:
    """A folder that holds something else is left alone."""
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(InvalidInputError, match="no run"):
        write_run(made(2), tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]


def test_calibration_counts_alarms_and_finds_what_is_planted() -> None:
    """Noise alone hardly alarms; a loss of a tenth is found more often than one of a fiftieth."""
    runs = [made(120, seed=seed) for seed in range(3)]
    found = calibrate(runs, 20, 5, ("agendas/goal_coverage",))
    assert found.alarms <= 3
    power = found.found["agendas/goal_coverage"]
    assert power[0.02] < 1.0 == power[0.10]
    with pytest.raises(InvalidInputError, match="two runs"):
        calibrate(runs[:1])


def test_what_came_to_nothing_is_told_in_a_line() -> None:
    """A count and the first three for each reason; the folder holds every one."""
    run = made(9)
    reasons = ["the file holds no agenda of this case"] * 5 + ["CaseError: x"]
    run = Run(run.record, tuple(
        replace(one, agenda=None, error=reason)
        for one, reason in zip(run.results, reasons, strict=False)) + run.results[6:])
    told = [line for line in run_text(run).splitlines() if "no answer" in line]
    assert told == [
        "  no answer for 5 cases (the file holds no agenda of this case): agendas/case-00, "
        "agendas/case-01, agendas/case-02, …",
        "  no answer for 1 case (CaseError: x): agendas/case-05"]
    assert "no answer" not in run_text(made(3))
