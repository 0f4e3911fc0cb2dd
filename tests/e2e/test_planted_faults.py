"""The harness sees what is planted, lets noise pass, and holds the baseline."""

import os
from dataclasses import replace
from typing import Any

import pytest
from planted import FAULTS, JUDGES, Fault
from shipped import ROOT

from evals import run as running
from evals.calibrate import calibrate
from evals.cases import load_suite, suite_names
from evals.compare import Comparison, compare_runs
from evals.make import make_agendas, with_swaps
from evals.metrics.base import Made
from evals.metrics.every import METRICS, metric_of
from evals.people import suggest_people
from evals.queries import rank_queries
from evals.run import CaseResult, Run, read_run, score_agendas
from evals.told import gate_text
from evals.vectors import suite_catalogue
from recommender.agendas.brief import Brief
from recommender.catalogue import Catalogue

pytestmark = pytest.mark.xdist_group("harness")
AGENDAS = ("agendas", "drafts", "languages", "robustness", "safety")
BASELINE = ROOT / "evals/baseline.json"
LONG = os.environ.get("AGENDUM_LONG_TESTS") == "1"


@pytest.fixture(scope="module")
def suites(catalogue: Catalogue) -> Catalogue:
    """Return the library with the vectors that are shipped with the suites."""
    return suite_catalogue(catalogue, None)[0]


@pytest.fixture(scope="module")
def made(suites: Catalogue) -> dict[str, list[Any]]:
    """Return what the product made for every suite, by its own path."""
    found: dict[str, list[Any]] = {}
    for name in AGENDAS:
        every = make_agendas(load_suite(name), suites)
        failed = [one for one in every if not isinstance(one, Made)]
        assert failed == []
        found[name] = every
    found["agendas"] = with_swaps(found["agendas"], JUDGES)
    found["resources"] = rank_queries(load_suite("resources"), suites)
    found["people"] = list(suggest_people(load_suite("mentors"), suites))
    found["mentors"] = [one.suggested for one in found["people"]]
    return found


def only(fault: Fault, made: list[Any]) -> Run:
    """Return a run that holds the one figure a fault is about."""
    suite, _, name = fault.figure.partition("/")
    metric = metric_of(name)
    assert metric is not None
    results = []
    for at, one in enumerate(made):
        own = one.of if hasattr(one, "of") else None
        case = own.name if own else f"{at:04}"
        results.append(CaseResult(suite, case, own.cluster if own else case, "", {},
                                  {name: metric.score(one).value}))
    return Run({}, tuple(results))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_planted_fault_is_seen(fault: Fault, made: dict[str, list[Any]]) -> None:
    """The figure falls by more than noise, and where it is guarded the gate stops."""
    suite, _, name = fault.figure.partition("/")
    before = only(fault, made[suite])
    after = only(fault, fault.plant(made[suite]))
    found = compare_runs(before, after)
    change = next(one for one in found.metrics if one.metric == name)
    assert change.verdict == "worse", change
    assert found.passes == (change.guard == "none")


def test_every_figure_has_a_fault_that_it_sees() -> None:
    """A figure that catches none would be taken away."""
    caught = {one.figure.partition("/")[2] for one in FAULTS}
    assert caught == {one.name for each in METRICS.values() for one in each}
    assert len(FAULTS) >= 25


def test_the_table_in_the_docs_is_the_list() -> None:
    """docs/planted-faults.md shows every fault with the figure that sees it."""
    page = (ROOT / "docs/planted-faults.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")][2:]
    assert rows == [f"| {one.name} | {one.says} | `{one.figure}` |" for one in FAULTS]


@pytest.fixture(scope="module")
def whole(made: dict[str, list[Any]]) -> Run:
    """Return the run of every suite."""
    results = [one for name in AGENDAS for one in score_agendas(made[name])]
    for ranked in made["resources"]:
        values, notes = running._scores(METRICS["resources"], ranked)
        results.append(CaseResult(
            "resources", ranked.of.name, ranked.of.cluster, ranked.of.why, ranked.of.slices,
            values, notes, answer=[one for one, _ in ranked.found]))
    results += [running._scored_people(one) for one in made["people"]]
    return Run({"suites": dict.fromkeys(suite_names())},
               tuple(sorted(results, key=lambda one: one.key)))


def test_nothing_guarded_is_worse_than_the_baseline(whole: Run) -> None:
    """The gate: a change that makes agendas, lists or matches really worse stops here."""
    found = compare_runs(read_run(BASELINE), whole)
    assert found.passes, gate_text(found)
    assert found.compared > 500


@pytest.fixture(scope="module")
def seeds(suites: Catalogue) -> list[Run]:
    """Return runs of the agenda suite that differ by the seed of what is chosen among equals."""
    wanted = load_suite("agendas")
    cases = wanted if LONG else wanted[::4]
    own = Brief.turn
    runs = []
    with pytest.MonkeyPatch.context() as patch:
        for seed in range(6 if LONG else 3):
            patch.setattr(Brief, "turn", property(
                lambda brief, seed=seed: own.fget(brief) + 7 * seed))  # type: ignore[attr-defined]
            made = make_agendas(cases, suites)
            made = with_swaps([one for one in made if isinstance(one, Made)], JUDGES)
            runs.append(Run({}, tuple(score_agendas(made))))
    return runs


def test_comparisons_of_equal_quality_hardly_ever_alarm(
    seeds: list[Run], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of comparisons that differ by their seed alone, five in a hundred alarm at most.

    A short run may see one or two by chance; AGENDUM_LONG_TESTS=1 makes all two hundred.
    """
    found = (calibrate(seeds, 200, 50) if LONG else
             calibrate(seeds, 12, 4, ("agendas/swap",)))
    with capsys.disabled():
        print(f"\n{found.to_text()}")
    assert len({one.metrics["swap"] for run in seeds for one in run.results}) > 10
    assert any(a != b for run in seeds[1:] for a, b in
               zip(run.results, seeds[0].results, strict=True)), "the seeds change nothing"
    assert found.alarms <= (10 if LONG else 1)
    power = found.found["agendas/swap"]
    assert power[0.10] >= power[0.02]


def test_a_gate_that_hears_noise_would_be_seen(seeds: list[Run]) -> None:
    """With one side really worse, calibration counts alarms: it is able to."""
    worse = [replace(one, metrics={**one.metrics, "goal_coverage": 0.0})
             if one.metrics["goal_coverage"] is not None else one for one in seeds[0].results]
    found: Comparison = compare_runs(seeds[0], Run({}, tuple(worse)))
    assert not found.passes
    assert any(one.startswith("agendas/goal_coverage:") for one in found.losses)
