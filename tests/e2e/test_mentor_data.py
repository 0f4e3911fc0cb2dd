"""Suggestions on the judged people: better than what others do, by grades two passes agree on."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from api.cli import cli
from evals.agreement import measure_agreement, weighted_kappa
from evals.intervals import difference_of, differences_from
from evals.mentors import evaluate_mentors
from evals.retrieval import Judgments, Report, ndcg_by_query, read_beir, read_judgments
from recommender.catalogue import Catalogue
from recommender.errors import InvalidInputError

FOLDER = Path(__file__).parents[2] / "evals" / "data" / "mentors"
OTHERS = ("bm25", "dense", "overlap")


@pytest.fixture(scope="module")
def passes() -> tuple[Judgments, Judgments]:
    """Return the grades of both passes."""
    return read_judgments(FOLDER / "passes" / "a.tsv"), read_judgments(FOLDER / "passes" / "b.tsv")


@pytest.fixture(scope="module")
def report(catalogue: Catalogue) -> Report:
    """Return the evaluation of the shipped people, by the production path."""
    return evaluate_mentors(read_beir(FOLDER), catalogue)


def test_suggestions_beat_words_one_vector_and_counting(report: Report) -> None:
    """nDCG@10 is above BM25, one vector each and equal words, with the whole interval above 0."""
    assert report.queries == 60
    assert report.differences is not None
    assert set(report.differences) == set(OTHERS)
    for name, found in report.differences.items():
        assert 0 < found.low <= found.difference <= found.high, name
        other: dict[str, float] = getattr(report, name)
        assert found.difference == pytest.approx(
            report.system["ndcg@10"] - other["ndcg@10"], abs=2e-6), name
        assert f"better than {name} by {found}" in report.to_text().splitlines()
        assert report.to_json()["differences"][name] == found.to_json()


def test_an_interval_is_of_pairs_and_the_same_at_every_run() -> None:
    """Two rankings that differ little on each query are told apart though queries differ much."""
    noise = np.random.default_rng(1).normal(0, 0.01, 60)
    found = difference_of([0.02 + float(one) for one in noise])
    assert found == difference_of([0.02 + float(one) for one in noise])
    half = 1.96 * float(noise.std()) / 60 ** 0.5
    assert found.low == pytest.approx(found.difference - half, abs=0.001)
    assert found.high == pytest.approx(found.difference + half, abs=0.001)


def test_equal_rankings_have_a_point_and_one_query_no_interval() -> None:
    """Where nothing differs the interval is a point; of a single query nothing is said."""
    run = {"q": {"d": 1.0}, "r": {"d": 1.0}}
    judged = {"q": {"d": 1}, "r": {"d": 1}}
    found = differences_from({"system": run, "bm25": run}, judged, "system", ("bm25",))
    assert (found["bm25"].low, found["bm25"].high) == (0, 0)
    assert differences_from({"system": run, "bm25": run}, {"q": {"d": 1}}, "system",
                            ("bm25",)) == {}


def test_a_query_that_nothing_serves_counts_nought() -> None:
    """A judged query that is not in the run, or has nothing relevant, scores 0 and is kept."""
    found = ndcg_by_query({"q": {"d": 1.0}}, {"q": {"d": 2}, "r": {"d": 1}, "s": {"d": 0}})
    assert found == {"q": 1.0, "r": 0.0, "s": 0.0}


def test_grades_are_the_mean_of_both_passes_rounded_down(
    passes: tuple[Judgments, Judgments]
) -> None:
    """The shipped grades are those of the passes, and nothing else."""
    first, second = passes
    grades: Judgments = {}
    for query in first.keys() | second.keys():
        own, other = first.get(query, {}), second.get(query, {})
        for document in own.keys() | other.keys():
            grade = (own.get(document, 0) + other.get(document, 0)) // 2
            if grade:
                grades.setdefault(query, {})[document] = grade
    assert grades == read_judgments(FOLDER / "qrels" / "test.tsv")


def test_the_command_prints_the_kappa_that_the_passes_have(
    passes: tuple[Judgments, Judgments]
) -> None:
    """Kappa is the one of Cohen's table of weights, over all pairs and over the graded."""
    first, second = passes
    ids = {name: [json.loads(line)["_id"] for line in (FOLDER / name).read_text(
        "utf-8").splitlines()] for name in ("queries.jsonl", "corpus.jsonl")}
    grades = [(first.get(query, {}).get(document, 0), second.get(query, {}).get(document, 0))
              for query in ids["queries.jsonl"] for document in ids["corpus.jsonl"]]
    graded = [pair for pair in grades if any(pair)]
    printed = CliRunner().invoke(cli, ["eval", "agreement", str(FOLDER)]).stdout
    told = [float(one) for one in re.findall(r"kappa (\S+) over", printed)]
    assert told == [pytest.approx(by_table(pairs), abs=0.0005) for pairs in (grades, graded)]
    assert f"all {len(grades)} pairs" in printed
    assert f"the {len(graded)} pairs" in printed
    found = json.loads(CliRunner().invoke(cli, ["eval", "agreement", str(FOLDER), "--json"]).stdout)
    assert found["kappa"] == pytest.approx(by_table(grades), abs=1e-6)
    assert found["kappa_graded"] == pytest.approx(by_table(graded), abs=1e-6)
    card = (FOLDER / "CARD.md").read_text("utf-8")
    assert re.findall(r"kappa (0\.\d+)", card) == [f"{one:.3f}" for one in told]


def by_table(pairs: list[tuple[int, int]]) -> float:
    """Return kappa from the table of grades, its margins and weights, as the paper has it."""
    table = np.zeros((4, 4))
    for one, other in pairs:
        table[one, other] += 1
    weights = (np.arange(4)[:, None] - np.arange(4)[None, :]) ** 2
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return float(1 - (weights * table).sum() / (weights * chance).sum())


def test_kappa_of_alike_and_of_reversed_grades() -> None:
    """All alike is 1, turned round is -1, and lists that never vary agree when they are equal."""
    grades = np.array([0, 1, 2, 3])
    assert weighted_kappa(grades, grades) == 1
    assert weighted_kappa(grades, grades[::-1]) == -1
    assert weighted_kappa(np.array([2, 2]), np.array([2, 2])) == 1


@pytest.mark.parametrize(("line", "told"), [
    ("q\td\t4", "from 0 to 3"), ("q\tx\t1", "no document"), ("x\td\t1", "no query"),
    ("q\td\t0", "above 0"), ("q\td", "line 2"),
])
def test_a_pass_that_cannot_be_is_named(tmp_path: Path, line: str, told: str) -> None:
    """A grade out of range, an unknown id, no grade at all: the file is named."""
    (tmp_path / "passes").mkdir()
    for name, own in (("queries.jsonl", "q"), ("corpus.jsonl", "d")):
        (tmp_path / name).write_text(json.dumps({"_id": own, "text": "t"}), "utf-8")
    (tmp_path / "passes/a.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n", "utf-8")
    (tmp_path / "passes/b.tsv").write_text(f"query-id\tcorpus-id\tscore\n{line}\n", "utf-8")
    with pytest.raises(InvalidInputError, match=told) as caught:
        measure_agreement(tmp_path)
    assert "b.tsv" in str(caught.value)
