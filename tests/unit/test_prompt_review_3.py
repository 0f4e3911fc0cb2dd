"""Versions 2 and 3 of the prompt reviewed blind: the card says what the files say."""

import re
from collections import Counter
from pathlib import Path

import pytest

import evals
from evals.answers import read_answers, read_key, unblind
from evals.review import Outcome, outcome_of
from evals.rubric import load_rubric
from prompts.load import prompt_labels

HOME = Path(evals.__file__).parent / "data" / "prompt_review_3"
CARD = (HOME / "CARD.md").read_text("utf-8")
RUBRIC = load_rubric()


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Return what came of both passes."""
    keys = [read_key(path) for path in sorted(HOME.glob("*.key.json"))]
    verdicts = unblind([one for path in sorted(HOME.glob("pass-*.csv"))
                        for one in read_answers(path, RUBRIC)], keys)
    assert Counter(one.reviewer for one in verdicts) == {"A": 12, "B": 12}
    return outcome_of(verdicts, keys, RUBRIC)


def test_the_card_says_who_wins(outcome: Outcome) -> None:
    """Wins, ties and losses stand in it, and the interval leaves nothing out."""
    said = re.search(r"wins (\d+) of 24 verdicts, (\d+) tie, (\d+) lost; net \+(\S+) "
                     r"\[(\S+), (\S+)\]", CARD)
    assert said is not None
    tally = outcome.tally
    assert (tally.b_wins, tally.ties, tally.a_wins) == tuple(map(int, said.groups()[:3]))
    net = tally.net
    assert net.value is not None
    assert net.low is not None
    assert net.high is not None
    assert [f"{value:.2f}".lstrip("0") for value in (net.value, net.low, net.high)] == [
        value.lstrip("0") for value in said.groups()[3:]]
    assert net.low > 0


def test_the_better_version_is_in_production() -> None:
    """Who moves the label back must say why."""
    assert prompt_labels()["agenda-draft"]["production"] >= 3
