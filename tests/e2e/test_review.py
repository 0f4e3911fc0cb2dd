"""People judge: exported blind, filled in, read back, with wins, scores and agreement."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from reviews import NAMES, write_run
from shipped import Agendas

from api.cli import cli
from evals.answers import Answers, read_answers, read_key, unblind
from evals.blind import Review, make_review, read_made
from evals.review import outcome_of
from evals.review_page import csv_columns, render_csv, render_page
from evals.rubric import load_rubric
from evals.shown import LEFT_OUT, Block, Sheet, safe_sheet_of_agenda, sheet_of_agenda
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.errors import InvalidInputError

RUBRIC = load_rubric()
MINE = "One sentence about these two people and their matter."


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory, examples: dict[str, Case], catalogue: Catalogue
) -> tuple[Path, Path]:
    """Return two runs of six examples; in the second every purpose is another."""
    agendas = Agendas(examples, catalogue)
    folder = tmp_path_factory.mktemp("runs")
    return (write_run(folder / "before-secret", examples, agendas),
            write_run(folder / "after-secret", examples, agendas, purpose=MINE))


@pytest.fixture(scope="module")
def review(runs: tuple[Path, Path], catalogue: Catalogue) -> Review:
    """Return the review of both."""
    return make_review(read_made(runs[0]), read_made(runs[1]), catalogue)


def run(*args: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["eval", "review", *map(str, args)])
    return done.exit_code, done.stdout, done.stderr


def filled(review: Review, reviewer: str, better: str = "b", **more: Any) -> dict[str, Any]:
    """Return answers in which one run is always better."""
    answers = {}
    for pair in review.pairs:
        first = pair.first == better
        good, bad = ("first", "second") if first else ("second", "first")
        answers[pair.id] = {
            "preference": good, "hand_over": {good: "as_is", bad: "no"},
            "scores": {good: dict.fromkeys(RUBRIC.ids, 4), bad: {"fit": 2}},
            "dangers": {bad: ["language"]}, **more}
    return {"review": review.id, "form": review.form, "reviewer": reviewer, "answers": answers}


def saved(path: Path, data: dict[str, Any]) -> Path:
    path.write_text(json.dumps(data), "utf-8")
    return path


def test_orders_are_balanced_and_the_second_form_turns_them_round(
    review: Review, runs: tuple[Path, Path], catalogue: Catalogue
) -> None:
    """Each run stands first in half of the pairs; form 2 shows the same cases the other way."""
    firsts = [pair.first for pair in review.pairs]
    assert sorted(firsts) == ["a"] * 3 + ["b"] * 3
    other = make_review(read_made(runs[0]), read_made(runs[1]), catalogue, form=2)
    assert [pair.case for pair in other.pairs] == [pair.case for pair in review.pairs]
    assert all(one.first != two.first and one.sheets == two.sheets[::-1]
               for one, two in zip(review.pairs, other.pairs, strict=True))
    assert other.id != review.id


def test_cases_are_drawn_over_languages_and_situations(
    review: Review, runs: tuple[Path, Path], catalogue: Catalogue
) -> None:
    """Three of six are one in each language; the same seed draws the same."""
    few = [make_review(read_made(runs[0]), read_made(runs[1]), catalogue, limit=3)
           for _ in range(2)]
    assert sorted(pair.about.language for pair in few[0].pairs) == ["en", "es", "fr"]
    assert few[0] == few[1]
    assert len({pair.cluster for pair in review.pairs[:5]}) == 5


@pytest.mark.parametrize("kind", ["html", "csv"])
def test_nothing_tells_where_an_agenda_comes_from_or_who_the_people_are(
    review: Review, examples: dict[str, Case], kind: str
) -> None:
    """No folder, generator, fingerprint or case name; no name of a member."""
    text = render_page(review, RUBRIC) if kind == "html" else render_csv(review, RUBRIC)
    told = ["before-secret", "after-secret", "composer", "sha256:", *NAMES]
    for name in NAMES:
        for member in examples[name].members:
            told += [part for part in (member.profile.name or "").split() if len(part) > 3]
    assert [one for one in told if one in text] == []
    assert text.count(MINE) == 6
    assert LEFT_OUT in text


def test_names_that_a_talking_point_brings_in_are_hidden(
    examples: dict[str, Case], catalogue: Catalogue
) -> None:
    """The agenda may say what its author wrote; who judges it reads `a colleague` instead."""
    case = examples["evergreen/4-friday-at-four"]
    point = case.session.talking_points[0].model_copy(update={
        "text": "On Monday Chukwuemeka Okafor takes my desk; write to c.okafor@example.org."})
    session = case.session.model_copy(update={"talking_points": [point]})
    case = case.model_copy(update={"session": session})
    agenda = generate_agenda(case, catalogue)
    raw = sheet_of_agenda(agenda).to_text()
    assert "Okafor takes my desk" in raw
    safe = safe_sheet_of_agenda(agenda, case, catalogue)
    assert "Okafor" not in safe.to_text()
    assert "example.org" not in safe.to_text()
    assert "takes my desk" in safe.to_text()
    assert [len(block.lines) for block in safe.blocks] == [
        len(block.lines) for block in sheet_of_agenda(agenda).blocks]


def test_the_way_round_by_the_commands(
    runs: tuple[Path, Path], review: Review, tmp_path: Path
) -> None:
    """Export writes page and key; two reviewers' files give wins for b and full agreement."""
    page = tmp_path / "review.html"
    code, _, err = run("export", *runs, "--out", page)
    assert (code, read_key(tmp_path / "review.key.json").review) == (0, review.id), err
    files = [saved(tmp_path / f"{name}.json", filled(review, name)) for name in ("am", "bo")]
    code, out, err = run("import", *files, "--out", runs[1], "--json")
    assert code == 0, err
    found = json.loads(out)
    assert json.loads((runs[1] / "review.json").read_text()) == found
    assert found["tally"] | {"net": 0} == {"b_wins": 12, "ties": 0, "a_wins": 0, "unscored": 0,
                                           "net": 0}
    assert found["tally"]["net"]["value"] == 1
    assert found["first_preferred"]["value"] == 0.5
    assert found["scores"]["a"]["dangers"] == {"language": 12}
    assert found["scores"]["a"]["overall"]["value"] == 1  # capped, not 2
    assert found["scores"]["b"]["overall"]["value"] == 4
    assert found["scores"]["a"]["criteria"]["time"]["value"] is None
    assert found["agreement"]["fit"]["kappa"]["value"] == 1
    assert found["agreement"]["hand_over"]["alpha"]["value"] == 1
    assert set(found["slices"]["language"]) == {"en", "es", "fr"}
    text = run("import", *files)[1]
    assert "2 reviewers, 6 cases; a is before-secret, b is after-secret" in text
    assert "b wins 12, ties 0, a wins 0" in text


def test_both_forms_come_together(
    runs: tuple[Path, Path], review: Review, catalogue: Catalogue
) -> None:
    """Who says `first` to everything agrees with nobody and shows in the share of firsts."""
    other = make_review(read_made(runs[0]), read_made(runs[1]), catalogue, form=2)
    answers = []
    for one in (review, other):
        data = filled(one, f"form-{one.form}")
        for answer in data["answers"].values():
            answer["preference"] = "first"
        answers.append(Answers.model_validate(data))
    keys = [review.key(), other.key()]
    outcome = outcome_of(unblind(answers, keys), keys, RUBRIC)
    assert outcome.first_preferred.value == 1
    assert (outcome.tally.a_wins, outcome.tally.b_wins) == (6, 6)
    assert outcome.agreement["preference"].kappa.value == -1


def test_a_table_comes_back_too(runs: tuple[Path, Path], tmp_path: Path) -> None:
    """Filled in with a spreadsheet, by `;` and with a mark of the byte order; empty is unscored."""
    table = tmp_path / "review.csv"
    assert run("export", *runs, "--out", table)[0] == 0
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == csv_columns(RUBRIC)
    for row in rows:
        row.update(reviewer="Cé", preference="Tie", first_hand_over="small_edits", first_fit="3",
                   second_dangers="fit; time", comment="both; alike")
    rows[0]["preference"] = ""
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, csv_columns(RUBRIC), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    code, out, err = run("import", table, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert (found["tally"]["ties"], found["tally"]["unscored"]) == (5, 1)
    dangers = [found["scores"][run]["dangers"] for run in ("a", "b")]
    assert sum(one.get("fit", 0) for one in dangers) == 6
    assert found["reviewers"] == ["Cé"]


def test_a_cell_is_no_formula(review: Review) -> None:
    """A line that a spreadsheet would run has a mark before it."""
    hostile = Sheet("en", (Block("=1+1", ("x",)),))
    pairs = tuple(replace(pair, about=hostile, sheets=(hostile, pair.sheets[1]))
                  for pair in review.pairs)
    text = render_csv(replace(review, pairs=pairs), RUBRIC)
    assert text.count("'=1+1") == 12
    for row in csv.DictReader(text.splitlines(keepends=True)):
        assert all(not cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def wrong_answers() -> Iterator[tuple[dict[str, Any], str]]:
    yield {"preference": "third"}, "preference: expected one of 'first', 'tie' or 'second'"
    yield {"scores": {"first": {"fit": 6}}}, "scores.first.fit"
    yield {"scores": {"first": {"charm": 3}}}, "'charm' is no criterion"
    yield {"dangers": {"second": ["charm"]}}, "'charm' is no criterion"
    yield {"hand_over": {"first": "maybe"}}, "hand_over.first"
    yield {"verdict": "first"}, "unknown field"


@pytest.mark.parametrize(("change", "problem"), list(wrong_answers()))
def test_an_answer_that_was_not_offered_is_refused(
    review: Review, tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    """By name of file and field."""
    path = saved(tmp_path / "wrong.json", filled(review, "am", **change))
    with pytest.raises(InvalidInputError, match=r"wrong\.json") as caught:
        read_answers(path, RUBRIC)
    assert problem in str(caught.value)


def test_what_does_not_belong_together_is_refused(
    runs: tuple[Path, Path], review: Review, tmp_path: Path
) -> None:
    """No key, another pair, the same reviewer twice, keys of different runs."""
    answers = saved(tmp_path / "am.json", filled(review, "am"))
    code, _, err = run("import", answers)
    assert code == 2
    assert f"no key of review {review.id}" in err
    key = saved(tmp_path / "r.key.json", json.loads(review.key().model_dump_json()))
    assert run("import", answers)[0] == 0
    again = saved(tmp_path / "again.json", filled(review, "am"))
    assert "stands twice" in run("import", answers, again)[2]
    data = filled(review, "bo")
    data["answers"]["p99"] = data["answers"].pop("p01")
    assert "p99 was not shown" in run("import", saved(tmp_path / "bo.json", data))[2]
    other = json.loads(key.read_text()) | {"review": "rv-other", "runs": {"a": "x", "b": "y"}}
    third = saved(tmp_path / "c.json", filled(review, "c") | {"review": "rv-other"})
    saved(tmp_path / "o.key.json", other)
    assert "different runs" in run("import", answers, third)[2]


def test_runs_that_are_alike_have_nothing_to_review(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    """The message says how many cases were looked at; a folder that is no run says so."""
    code, _, err = run("export", runs[0], runs[0], "--out", tmp_path / "r.html")
    assert code == 2
    assert "of 6 cases in both runs, 6 have the same agenda" in err
    assert run("export", tmp_path, runs[0], "--out", tmp_path / "r.html")[0] == 2
    code, _, err = run("export", *runs, "--out", tmp_path / "r.pdf")
    assert code == 2
    assert ".html or .csv" in err
