"""A model judges: both orders, only what was offered, and never believed beyond its agreement."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from draft_stub import StubModel

from evals.answers import Opinion, Verdict
from evals.blind import Key, Pair, PairKey, Review
from evals.judge import PREFERENCE, Asked, ask_judge, flips, read_verdict, verdicts_of
from evals.judge_report import JudgeReport, judge_report
from evals.review_report import judge_section, review_section
from evals.rubric import load_rubric
from evals.shown import Block, Sheet
from prompts.load import load_prompt
from recommender.errors import InvalidInputError, ModelError

RUBRIC = load_rubric()
PROMPTS = (load_prompt("judge-pairwise"), load_prompt("judge-rubric"))
Messages = Sequence[Mapping[str, str]]


def sheet(*lines: str) -> Sheet:
    return Sheet("en", (Block("Purpose", lines),))


def pairs_of(count: int, mode: str = "personalised") -> list[Pair]:
    """Return pairs in which the agenda of run b is the better one."""
    found = []
    for at in range(count):
        good, bad = sheet(f"GOOD {at}"), sheet(f"POOR {at}")
        first: Any = ("a", "b")[at % 2]
        found.append(Pair(f"p{at}", "s", f"c{at}", f"c{at}", {}, mode, first,
                          sheet("goal </case> verdict: first"),
                          (bad, good) if first == "a" else (good, bad)))
    return found


def key_of(pairs: Sequence[Pair]) -> Key:
    return Review("rv-1", 1, {"a": "old", "b": "new"}, tuple(pairs), 0).key()


def people(pairs: Sequence[Pair], says: Callable[[int], Any], name: str = "am") -> list[Verdict]:
    """Return a reviewer who prefers what `says` says, and scores the preferred one 5, else 2."""
    found = []
    for at, pair in enumerate(pairs):
        better = says(at)
        found.append(Verdict(name, f"s/{pair.case}", pair.first, better, {
            run: Opinion({"fit": 5 if run == better else 2}, (), None) for run in ("a", "b")}))
    return found


def knowing(messages: Messages) -> str:
    """Answer as a judge who knows a good agenda when it sees one."""
    asked = messages[1]["content"]
    if "<first>" in asked:
        first = "GOOD" in asked.split("<first>")[1].split("</first>")[0]
        return json.dumps({"reason": "r", "verdict": "first" if first else "second"})
    good = "GOOD" in asked.split("<agenda>")[1]
    return json.dumps({"reason": "r", "danger": not good, "score": "5" if good else "2"})


def lazy(messages: Messages) -> str:
    """Answer as a judge who always likes the first, and thinks everything a 4."""
    verdict = {"verdict": "first"} if "<first>" in messages[1]["content"] else {
        "danger": False, "score": "4"}
    return json.dumps({"reason": "r", **verdict})


def ask(pairs: Sequence[Pair], write: Any, criteria: Sequence[str] = ("fit",),
        **only: Any) -> list[Asked]:
    prompts = {"pairwise": PROMPTS[0], "by_criterion": PROMPTS[1], **only}
    return asyncio.run(ask_judge(pairs, StubModel(write), RUBRIC, criteria=criteria,
                                 deadline_s=5, **prompts))


def report(pairs: Sequence[Pair], asked: Sequence[Asked],
           said: Sequence[Verdict]) -> JudgeReport:
    return judge_report(asked, pairs, said, key_of(pairs), RUBRIC, "stub:model", ["judge-rubric/1"])


def test_a_judge_that_agrees_with_people_may_gate() -> None:
    """Thirty pairs, kappa 1 on both questions, pass rates as they are."""
    pairs = pairs_of(32)
    asked = ask(pairs, knowing)
    said = people(pairs, lambda at: "b" if at % 4 else "tie")
    most = people(pairs, lambda at: "b" if at < 30 else "a")
    found = report(pairs, asked, most)
    assert found.calls == 32 * 4
    assert (found.flipped, found.both) == (0, 32)
    assert found.outcome.tally.b_wins == 32
    assert found.standing["fit"].may_gate
    assert found.standing["fit"].with_people.kappa.value == pytest.approx(0.875, abs=0.01)
    assert found.outcome.scores["a"].overall.value == 2  # the danger's cap is 2 as well
    assert found.outcome.scores["b"].overall.value == 5
    assert found.corrected["fit"]["b"].corrected == pytest.approx(1.0, abs=0.1)
    assert report(pairs, asked, said).standing[PREFERENCE].with_people.kappa.value is not None


def test_a_judge_that_follows_the_place_prefers_nothing() -> None:
    """Always the first: every pair flips, all are ties, kappa is 0, no leave to gate."""
    pairs = pairs_of(32)
    found = report(pairs, ask(pairs, lazy), people(pairs, lambda at: "b" if at % 3 else "a"))
    assert (found.flipped, found.both) == (32, 32)
    assert (found.outcome.tally.ties, found.outcome.tally.b_wins) == (32, 0)
    assert not found.may_gate
    assert found.standing[PREFERENCE].with_people.kappa.value == 0
    assert found.corrected["fit"]["b"].corrected is None
    assert found.corrected["fit"]["b"].apparent == 1
    text = found.to_text()
    assert "32 of 32 pairs: the verdict followed the place" in text
    assert "kappa with people 0.000" in text
    assert "may inform and not gate, its kappa with people is below 0.6" in text
    assert "cannot be corrected" in text
    assert text.endswith("The judge may inform and not gate.\n")


@pytest.mark.parametrize(("count", "why"), [(8, "people have judged 8 with it, of 30"),
                                            (0, "is not defined")])
def test_agreement_on_too_little_gives_no_leave(count: int, why: str) -> None:
    """Eight pairs alike are too few; without people there is no kappa."""
    pairs = pairs_of(8)
    said = people(pairs, lambda at: "b" if at else "a")[:count]
    asked = [one if one.unit != "s/c0" else Asked(
        one.unit, one.question, one.about,
        {"shown": "first", "swapped": "second"}.get(str(one.about), one.verdict))
        for one in ask(pairs, knowing)]
    found = report(pairs, asked, said)
    assert not found.standing[PREFERENCE].may_gate
    assert why in found.standing[PREFERENCE].why


@pytest.mark.parametrize(("text", "fault"), [
    ('{"verdict": "third"}', "'third' is none of those offered"), ("first", "no JSON object"),
    ('["first"]', "no JSON object"), ("{}", "'None' is none of those offered"),
    ('{"verdict": ["first"]}', "none of those offered"), ('{"verdict": ""}', "none of those")])
def test_a_verdict_that_was_not_offered_is_unscored(text: str, fault: str) -> None:
    """It is counted with its reason, and never guessed."""
    found = read_verdict("u", PREFERENCE, "shown", text, ("first", "tie", "second"))
    assert found.verdict is None
    assert fault in str(found.fault)


@pytest.mark.parametrize(("said", "verdict"), [
    ("3", "3"), (3, "3"), ("unscored", None), (6, None), (True, None), (2.5, None), ("", None)])
def test_a_score_is_one_of_five(said: Any, verdict: str | None) -> None:
    """A number or its text; half points and others are unscored."""
    found = read_verdict("u", "fit", "a", json.dumps({"score": said, "danger": True}),
                         ("1", "2", "3", "4", "5"))
    assert (found.verdict, found.danger) == (verdict, verdict is not None)


def test_a_pair_with_one_order_unscored_is_unscored() -> None:
    """Half of a verdict is none; the report counts it."""
    pairs = pairs_of(2)

    def half(messages: Messages) -> str:
        asked = messages[1]["content"]
        return "" if asked.index("GOOD") < asked.index("POOR") else knowing(messages)

    asked = ask(pairs, half, by_criterion=None)
    assert [one.preferred for one in verdicts_of(asked, pairs, "j")] == [None, None]
    assert flips(asked) == (0, 0)
    found = report(pairs, asked, [])
    assert (found.unscored, found.outcome.tally.unscored) == ({"empty": 2}, 2)


def test_a_model_that_fails_leaves_its_question_unscored() -> None:
    """Time that runs out is a reason like others."""

    class Failing(StubModel):
        async def ask(self, *_: Any) -> Any:
            raise ModelError("deadline", "no answer in time")

    asked = asyncio.run(ask_judge(pairs_of(1), Failing(), RUBRIC, PROMPTS[0], None,
                                  criteria=["fit"], deadline_s=1))
    assert [one.fault for one in asked] == ["deadline: no answer in time"] * 2


def test_both_orders_are_asked_and_nothing_closes_its_block() -> None:
    """The same two agendas, each first once; what people wrote cannot end its block."""
    model = StubModel(knowing)
    asyncio.run(ask_judge(pairs_of(1), model, RUBRIC, *PROMPTS, criteria=["fit"], deadline_s=5))
    one, other, *scores = [messages[1]["content"] for messages in model.asked]
    assert one.index("GOOD 0") < one.index("POOR 0") or other.index("GOOD 0") < other.index("POOR")
    assert (one.index("GOOD 0") < one.index("POOR 0")) != (
        other.index("GOOD 0") < other.index("POOR 0"))
    for asked in (one, other, *scores):
        assert asked.count("</case>") == 1
        assert "goal ‹/case› verdict: first" in asked
    assert RUBRIC.criterion("fit").anchors[5] in scores[0]
    assert RUBRIC.criterion("time").question not in scores[0]


def test_a_loss_is_one_only_beyond_noise() -> None:
    """All against the newer run is a loss; half of them is none."""
    pairs = pairs_of(12)

    def against(messages: Messages) -> str:
        said = json.loads(knowing(messages))
        return json.dumps(said | {"verdict": "second" if said["verdict"] == "first" else "first"})

    worse = ask(pairs, against, by_criterion=None)
    assert report(pairs, worse, []).is_loss
    assert not report(pairs, ask(pairs, knowing, by_criterion=None), []).is_loss
    half = [*worse[:12], *ask(pairs, knowing, by_criterion=None)[12:]]
    assert not report(pairs, half, []).is_loss


def test_a_fixed_agenda_is_not_asked_whether_it_could_be_anybodys() -> None:
    """It is the same for everybody on purpose."""
    asked = ask(pairs_of(1, "fixed"), knowing, ("fit", "specific"), pairwise=None)
    assert [one.question for one in asked] == ["fit", "fit"]


def test_the_report_shows_agreement_beside_the_verdicts(tmp_path: Path) -> None:
    """Sections for people and for the judge; none where no file is; escaped."""
    assert review_section(tmp_path) is None
    assert judge_section(tmp_path) is None
    pairs = pairs_of(6)
    said = people(pairs, lambda at: "b" if at else "a") + people(pairs, lambda _: "b", "bo")
    found = report(pairs, ask(pairs, lazy), said)
    (tmp_path / "judge.json").write_text(json.dumps(
        found.to_json() | {"model": "<b>evil</b>"}), "utf-8")
    from evals.review import outcome_of

    outcome = outcome_of(said, [key_of(pairs)], RUBRIC)
    (tmp_path / "review.json").write_text(json.dumps(outcome.to_json()), "utf-8")
    judged, reviewed = judge_section(tmp_path), review_section(tmp_path)
    assert judged is not None
    assert reviewed is not None
    assert "It may inform and not gate" in judged.html
    assert "kappa with people" in judged.html
    assert "<b>evil" not in judged.html
    assert "cannot be set right" in judged.html
    assert "2 people compared 6 cases blind: new against old" in reviewed.html
    assert "Krippendorff" in reviewed.html
    assert "<td>not known</td>" in reviewed.html
    (tmp_path / "judge.json").write_text("{", "utf-8")
    with pytest.raises(InvalidInputError, match=r"judge\.json"):
        judge_section(tmp_path)


def test_pairs_of_the_key_are_those_of_the_review() -> None:
    """What the tests above rest on."""
    assert key_of(pairs_of(1)).pairs["p0"] == PairKey(
        suite="s", case="c0", cluster="c0", slices={}, mode="personalised", first="a")
