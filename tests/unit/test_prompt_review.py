"""Two prompt versions reviewed by two readers who had not met: the files, the card, the guide."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import evals
from api.cli import cli
from evals.answers import Verdict, read_answers, read_key, unblind
from evals.blind import Key
from evals.review import Outcome, outcome_of
from evals.rubric import load_rubric
from recommender.domain.agenda import Agenda

HOME = Path(evals.__file__).parent / "data" / "prompt_review"
GUIDE = (HOME.parents[2] / "docs" / "review.md").read_text("utf-8")
CARD = (HOME / "CARD.md").read_text("utf-8")
PASSES = [HOME / "pass-a.json", HOME / "pass-b.csv"]
FELL_BACK = "colleague-connect/4-ia-et-candidatures"
RUBRIC = load_rubric()


@pytest.fixture(scope="module")
def keys() -> list[Key]:
    """Return both keys."""
    return [read_key(path) for path in sorted(HOME.glob("*.key.json"))]


@pytest.fixture(scope="module")
def verdicts(keys: list[Key]) -> list[Verdict]:
    """Return what both readers said, each agenda with its run."""
    return unblind([one for path in PASSES for one in read_answers(path, RUBRIC)], keys)


@pytest.fixture(scope="module")
def outcome(verdicts: list[Verdict], keys: list[Key]) -> Outcome:
    """Return what came of it."""
    return outcome_of(verdicts, keys, RUBRIC)


def short(value: float | None) -> str:
    """Return a figure as the card writes it: two places, no 0 before the point."""
    assert value is not None
    return re.sub(r"^(-?)0\.", r"\1.", f"{value:.2f}")


def agendas(version: int) -> list[Agenda]:
    lines = (HOME / f"agendas-{version}.jsonl").read_text("utf-8").splitlines()
    return [Agenda.model_validate_json(line) for line in lines]


def answers() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HOME / "answers.jsonl").read_text("utf-8").splitlines()]


def test_two_readers_read_every_pair_in_both_forms(
    outcome: Outcome, verdicts: list[Verdict], keys: list[Key]
) -> None:
    """Twelve pairs, nothing left open; where an agenda stood did not decide."""
    assert (outcome.cases, outcome.reviewers, len(verdicts)) == (12, ("A", "B"), 24)
    assert [key.form for key in keys] == [1, 2]
    assert {key.runs["a"] for key in keys} == {"prompt-1"}
    assert outcome.tally.unscored == 0
    assert all(len(opinion.scores) == len(RUBRIC.ids)
               for one in verdicts for opinion in one.opinions.values())
    assert outcome.first_preferred.value == 0.5
    assert "preferred in half of the verdicts" in CARD


def test_wins_are_what_card_and_guide_say(
    outcome: Outcome, verdicts: list[Verdict], keys: list[Key]
) -> None:
    """Verdicts, net with its interval, and what is left without the case that fell back."""
    tally = outcome.tally
    said = (f"wins {tally.b_wins} of {tally.b_wins + tally.ties + tally.a_wins} verdicts, "
            f"{tally.ties} ties, {tally.a_wins} lost; net +{short(tally.net.value)} "
            f"[{short(tally.net.low)}, {short(tally.net.high)}]")
    assert said in CARD
    assert said in GUIDE
    drafted = outcome_of([one for one in verdicts if one.unit != f"agendas/{FELL_BACK}"], keys,
                         RUBRIC).tally
    assert f"{drafted.b_wins} of {drafted.b_wins + drafted.ties + drafted.a_wins}." in CARD


def test_scores_and_kappas_are_what_card_and_guide_say(outcome: Outcome) -> None:
    """Each criterion of both versions, and how far the readers agree on each question."""
    before, after = outcome.scores["a"], outcome.scores["b"]
    for name in RUBRIC.ids:
        two = [one.criteria[name].value for one in (before, after)]
        title = {"time": "Time plan"}.get(name, name)
        assert f"{title} {two[0]:.2f} to {two[1]:.2f}" in CARD
        row = f"| {name} | {two[0]:.2f} | {two[1]:.2f} | " \
              f"{short(outcome.agreement[name].kappa.value)} |"
        assert row in GUIDE
    for name, one in outcome.agreement.items():
        assert f"{short(one.kappa.value)} {name}" in CARD
    assert f"{short(before.handed_over.value)} to {after.handed_over.value:.2f}" in CARD
    assert (before.dangers, after.dangers) == ({"fit": 1}, {})
    told = [short(outcome.agreement[name].kappa.value) for name in ("preference", "hand_over")]
    assert f"Kappa is {told[0]} on which is better and {told[1]} on handing over" in GUIDE


def test_the_command_of_the_card_prints_the_same(outcome: Outcome) -> None:
    """The keys beside the answers are found, and kappa stands in what is printed."""
    done = CliRunner().invoke(cli, ["eval", "review", "import", *map(str, PASSES)])
    assert done.exit_code == 0, done.output
    assert f"b wins {outcome.tally.b_wins}, ties 0, a wins {outcome.tally.a_wins}" in done.stdout
    assert f"{outcome.agreement['preference'].kappa.value:.3f}" in done.stdout


@pytest.mark.parametrize(("version", "said"), [
    (1, "10 drafted, 1 repaired by code, 1 fell back"), (2, "11 drafted, 1 repaired by code")])
def test_what_became_of_the_answers(version: int, said: str) -> None:
    """As the card counts them."""
    became = Counter(
        "fell back" if one.provenance.fallback else
        "repaired by code" if one.provenance.repaired else "drafted" for one in agendas(version))
    assert {one.provenance.prompt for one in agendas(version)} == {f"agenda-draft/{version}"}
    counts = [(became[name], name) for name in ("drafted", "repaired by code", "fell back")]
    assert ", ".join(f"{count} {name}" for count, name in counts if count) == said
    assert f"Version {version}: {said}" in CARD


@pytest.mark.parametrize("version", [1, 2])
def test_the_aliases_of_an_answer_mean_what_they_meant(
    version: int, keys: list[Key]
) -> None:
    """The recorded agenda is built from the activities the answer named, in its words."""
    own = [one for one in answers() if one["prompt"] == f"agenda-draft/{version}"]
    assert {one["case"] for one in own} == {one.case for one in keys[0].pairs.values()}
    for line, agenda in zip(own, agendas(version), strict=True):
        if agenda.provenance.fallback:
            assert line["case"] == FELL_BACK
            assert line["answer"]["purpose"] != agenda.purpose
            continue
        written = [item for item in agenda.items if item.pulse is None]
        named = [line["activities"][one["activity"]] for one in line["answer"]["plan"]]
        assert [item.activity for item in written] == named, line["case"]
        assert [item.title for item in written] == [
            one["title"] for one in line["answer"]["items"]], line["case"]
        assert line["answer"]["purpose"] == agenda.purpose
        assert {use.id for use in agenda.resources} >= {
            line["resources"][one["resource"]] for one in line["answer"].get("resources", [])}
