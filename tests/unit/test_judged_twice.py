"""Data judged twice: its passes, its pool, its agreement, and what the cards say of them."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import evals
from api.cli import cli
from content_library.load import Library
from evals.agreement import measure_agreement
from evals.answers import read_answers, read_key, unblind
from evals.retrieval import read_judgments
from evals.review import Outcome, outcome_of
from evals.rubric import load_rubric
from recommender.errors import InvalidInputError

DATA = Path(evals.__file__).parent / "data"
NEEDS = DATA / "needs_more"
REVIEW = DATA / "review"


def queries_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]


def test_at_least_eighty_graded_queries_over_the_library(library: Library) -> None:
    """Three sets without a query in common; what is graded here is active in the library."""
    sets = [queries_of(DATA / name) for name in ("needs", "needs_dev", "needs_more")]
    texts = [str(one["text"]) for each in sets for one in each]
    assert len(texts) == len(set(texts)) >= 80
    languages = Counter(one["metadata"]["language"] for one in sets[2])  # type: ignore[index]
    assert min(languages[name] for name in ("en", "es", "fr")) >= 10
    active = {one.id for one in library.active_resources}
    judgments = read_judgments(NEEDS / "qrels" / "test.tsv")
    assert {document for own in judgments.values() for document in own} <= active
    assert {grade for own in judgments.values() for grade in own.values()} == {1, 2, 3}


def test_the_grade_that_counts_is_the_mean_of_both_passes() -> None:
    """Halves are rounded down; 0 is not written."""
    first, second = (read_judgments(NEEDS / "passes" / name) for name in ("a.tsv", "b.tsv"))
    settled = read_judgments(NEEDS / "qrels" / "test.tsv")
    for query in {*first, *second}:
        for document in {*first.get(query, {}), *second.get(query, {})}:
            grade = (first.get(query, {}).get(document, 0)
                     + second.get(query, {}).get(document, 0)) // 2
            assert settled.get(query, {}).get(document, 0) == grade, (query, document)


def test_kappa_is_printed_and_is_what_the_card_says() -> None:
    """Over the pool that was read, and over what either pass graded."""
    found = measure_agreement(NEEDS)
    printed = CliRunner().invoke(cli, ["eval", "agreement", str(NEEDS)]).stdout
    assert f"kappa {found.kappa:.3f} over all 1614 pairs" in printed
    card = (NEEDS / "CARD.md").read_text("utf-8")
    assert f"kappa {found.kappa:.3f}".replace("0.", ".") in card
    graded = f"{found.kappa_graded:.3f} over the {found.graded} that either pass graded"
    assert graded.replace("0.", ".") in card
    assert f"{found.same} of them alike" in card


def test_a_grade_outside_of_the_pool_is_refused(tmp_path: Path) -> None:
    """What was not read cannot have been judged."""
    (tmp_path / "passes").mkdir()
    (tmp_path / "queries.jsonl").write_text('{"_id": "q"}\n')
    (tmp_path / "pool.tsv").write_text("query-id\tcorpus-id\nq\td\n")
    for name in ("a.tsv", "b.tsv"):
        (tmp_path / "passes" / name).write_text("q\td\t2\n")
    assert measure_agreement(tmp_path).pairs == 1
    (tmp_path / "pool.tsv").write_text("query-id\tcorpus-id\nq\td\nq2\te\n")
    (tmp_path / "passes" / "b.tsv").write_text("q\te\t2\n")
    with pytest.raises(InvalidInputError, match=r"stands in no line of pool\.tsv"):
        measure_agreement(tmp_path)
    (tmp_path / "pool.tsv").write_text("query-id\tcorpus-id\nq d\n")
    with pytest.raises(InvalidInputError, match="line 2"):
        measure_agreement(tmp_path)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Return what the two passes of the review give."""
    rubric = load_rubric()
    answers = [one for name in ("pass-a.json", "pass-b.csv")
               for one in read_answers(REVIEW / name, rubric)]
    keys = [read_key(path) for path in sorted(REVIEW.glob("*.key.json"))]
    return outcome_of(unblind(answers, keys), keys, rubric)


def test_the_review_that_came_back_is_what_its_card_says(outcome: Outcome) -> None:
    """Twelve pairs, twice, in both forms: wins, net and kappas."""
    card = (REVIEW / "CARD.md").read_text("utf-8")
    assert (outcome.cases, outcome.reviewers) == (12, ("A", "B"))
    tally = outcome.tally
    assert f"win {tally.b_wins} of {tally.b_wins + tally.ties + tally.a_wins} verdicts, " \
           f"{tally.ties} tie, {tally.a_wins} lost" in card
    net = re.search(r"net \+(\.\d+) \[(\.\d+), ([\d.]+)\]", card)
    assert net is not None
    assert [round(float(one), 2) for one in net.groups()] == [
        round(float(one or 0), 2) for one in (tally.net.value, tally.net.low, tally.net.high)]
    kappas = {name: one.kappa.value or 0 for name, one in outcome.agreement.items()}
    told = re.search(r"Kappa (\.\d+) on which is better, (\.\d+) on handing over, from (\.\d+) "
                     r"\(specific\) to (\.\d+) \(resources", card)
    assert told is not None
    assert [float(one) for one in told.groups()] == pytest.approx(
        [kappas[name] for name in ("preference", "hand_over", "specific", "resources")], abs=0.006)
    assert max(kappas.values()) == kappas["specific"]
    assert min(kappas.values()) == kappas["resources"]


def test_which_stood_first_did_not_decide(outcome: Outcome) -> None:
    """In both forms together each run stood first as often; the first won about half."""
    assert outcome.first_preferred.value == pytest.approx(0.5, abs=0.1)


def test_the_real_judge_was_not_believed() -> None:
    """What the guide says of it stands in its record: unscored, ties, kappa 0, no leave to gate."""
    record = json.loads((REVIEW / "judge.json").read_text("utf-8"))
    guide = (DATA.parents[1] / "docs" / "review.md").read_text("utf-8")
    missing = sum(record["unscored"].values())
    assert f"{record['calls']} questions" in guide
    assert f"{record['calls'] - missing} have a verdict" in guide
    assert record["outcome"]["tally"]["ties"] == 5
    assert record["may_gate"] is False
    for name, told in (("preference", ".79"), ("fit", ".88"), ("language", ".52")):
        standing = record["standing"][name]
        assert standing["with_people"]["kappa"]["value"] == 0
        assert f"{standing['among_people']['kappa']['value']:.2f}" == f"0{told}"
        assert f"{told} (" in guide
    assert {one["corrected"] for own in record["corrected"].values() for one in own.values()} == {
        None}
