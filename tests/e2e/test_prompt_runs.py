"""A run for each version of the prompt, of recorded answers, compared as the guide shows it."""

from pathlib import Path

import pytest
from planted import JUDGES
from shipped import ROOT

from evals.cases import EvalCase, load_suite
from evals.compare import Comparison, compare_runs
from evals.make import make_agendas, read_agendas, with_swaps
from evals.metrics.base import Made
from evals.run import Run, read_run, score_agendas, write_run
from evals.told import comparison_markdown
from evals.vectors import suite_catalogue
from recommender.agendas.brief import fingerprint_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda

pytestmark = pytest.mark.xdist_group("harness")
HOME = ROOT / "evals/data/prompt_review"


def recorded(version: int) -> dict[str, Agenda]:
    path = HOME / f"agendas-{version}.jsonl"
    return read_agendas(path.read_text("utf-8").splitlines(), path.name)


@pytest.fixture(scope="module")
def cases() -> list[EvalCase]:
    """Return the twelve cases that both versions were asked for."""
    asked = set(recorded(1))
    assert asked == set(recorded(2))
    return [one for one in load_suite("agendas")
            if one.case is not None and fingerprint_of(one.case) in asked]


@pytest.fixture(scope="module")
def runs(
    cases: list[EvalCase], catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, Run]:
    """Return a run of each version, written and read as the command does."""
    quick = suite_catalogue(catalogue, None)[0]
    found = []
    for version in (1, 2):
        made = make_agendas(cases, quick, recorded(version))
        assert [one for one in made if not isinstance(one, Made)] == []
        swapped = with_swaps([one for one in made if isinstance(one, Made)], JUDGES)
        folder: Path = tmp_path_factory.mktemp("runs") / f"prompt-{version}"
        write_run(Run({}, tuple(score_agendas(swapped))), folder)
        found.append(read_run(folder))
    return found[0], found[1]


@pytest.fixture(scope="module")
def compared(runs: tuple[Run, Run]) -> Comparison:
    """Return how version 2 differs from version 1."""
    return compare_runs(*runs)


def test_every_case_of_both_files_is_measured(runs: tuple[Run, Run]) -> None:
    """Twelve in each; what must hold holds in every recorded agenda, whoever wrote it."""
    for run in runs:
        assert len(run.results) == 12
        for name in ("answered", "minutes_exact", "shape", "because_resolves", "private",
                     "talking_points", "resources_valid", "language"):
            assert {one.metrics[name] for one in run.results} == {1.0}, name


def test_the_guide_shows_what_is_printed(compared: Comparison) -> None:
    """Row by row, as `eval compare --markdown` prints them; no figure moved beyond chance."""
    def rows(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("| agendas/")]

    printed = rows(comparison_markdown(compared))
    guide = (ROOT / "docs/review.md").read_text("utf-8")
    assert printed
    assert rows(guide) == printed
    assert {one.verdict for one in compared.metrics} == {"same", "unsure"}
    assert compared.passes
    assert compared.compared == compared.other_agendas == 12
