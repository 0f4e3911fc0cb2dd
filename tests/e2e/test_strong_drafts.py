"""Ten exported requests as a strong writer answered them: what the checks make of good drafts.

The answers stand in tests/data beside the agenda that was composed when they were written, so
that their aliases mean what they meant then, whatever is composed today.
"""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import BagOfWordsEncoder
from invariants import broken, texts
from shipped import read_examples

from content_library.load import load_library
from prompts.load import load_prompt
from recommender.agendas.draft import AgendaDraft
from recommender.agendas.draft_checks import about_them
from recommender.agendas.generate import compose_case
from recommender.agendas.judge import Judged, Prepared, judge_answer, prepare_draft
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import base_language
from recommender.domain.case import Case
from recommender.model_answers import Answer

RECORDED: list[dict[str, Any]] = [json.loads(line) for line in (
    Path(__file__).parents[1] / "data" / "strong_drafts.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def prepared(catalogue: Catalogue) -> dict[str, tuple[Case, Prepared]]:
    """Return each case with the request whose answer was recorded.

    Offers are those of the quick catalogue it was made with; what needs a person is judged as
    with the shipped encoder.
    """
    quick, cases = Catalogue(load_library(), BagOfWordsEncoder()), read_examples()
    vars(quick)["hand_off_rules"] = catalogue.hand_off_rules
    found = {}
    for line in RECORDED:
        case = cases[line["case"]]
        composed = replace(compose_case(case, quick), agenda=Agenda.model_validate(
            line["composed"]))
        found[line["case"]] = (case, prepare_draft(
            composed, case, quick, load_prompt("agenda-draft")))
    return found


def judged(line: dict[str, Any], prepared: Prepared) -> Judged:
    return judge_answer(Answer(json.dumps(line["answer"]), None, None), prepared)


def test_good_drafts_are_taken(prepared: dict[str, tuple[Case, Prepared]]) -> None:
    """All ten hold as they stand: no check throws good prose away, and code mends nothing."""
    became: Counter[str] = Counter()
    for line in RECORDED:
        case, request = prepared[line["case"]]
        outcome = judged(line, request)
        assert outcome.agenda is not None, (line["case"], [*map(str, outcome.faults)])
        assert broken(case, outcome.agenda) == [], line["case"]
        became["mended by code" if outcome.repaired else "as they stand"] += 1
        said = " ".join(texts(outcome.agenda))
        assert line["answer"]["purpose"] in said
        assert line["answer"]["items"][1]["questions"][0] in said
    print(dict(became))
    assert became == {"as they stand": len(RECORDED)}


def test_they_are_of_every_kind(prepared: dict[str, tuple[Case, Prepared]]) -> None:
    """Three languages, several programmes; a reverse session, a group, an end, a thin profile."""
    briefs = [request.offer.brief for _, request in prepared.values()]
    assert len(RECORDED) == 10
    assert {base_language(brief.language) for brief in briefs} == {"en", "es", "fr"}
    assert len({brief.programme.id for brief in briefs}) >= 7
    assert {"reverse", "closing", "first", "midpoint", "working"} <= {
        brief.arc.type for brief in briefs}
    assert {"mentor", "peer", "reverse", "group"} == {brief.relation for brief in briefs}
    assert any(not brief.goals for brief in briefs)


def test_another_pairs_draft_is_not_taken(prepared: dict[str, tuple[Case, Prepared]]) -> None:
    """The words of one pair put into the plan of another are refused four times in five."""
    passed, tried = [], 0
    for mine in RECORDED:
        _, request = prepared[mine["case"]]
        for other in RECORDED:
            language = prepared[other["case"]][1].offer.brief.language
            if mine is other or language != request.offer.brief.language or (
                    not request.offer.brief.goals):
                continue
            tried += 1
            if "specific" not in {one.check for one in about_them(
                    AgendaDraft.model_validate(with_words_of(mine, other)), request.context)}:
                passed.append((mine["case"], other["case"]))
    print(f"{len(passed)} of {tried} pass: {passed}")
    assert tried >= 15
    assert len(passed) <= tried // 5


def with_words_of(mine: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return one answer's plan with the purpose and the questions of another."""
    answer = {**mine["answer"], "purpose": other["answer"]["purpose"],
              "success_test": other["answer"]["success_test"]}
    for at, item in enumerate(answer["items"]):
        questions = other["answer"]["items"][
            min(at, len(other["answer"]["items"]) - 1)]["questions"]
        answer["items"] = [*answer["items"][:at], {**item, "questions": questions},
                           *answer["items"][at + 1:]]
    return answer
