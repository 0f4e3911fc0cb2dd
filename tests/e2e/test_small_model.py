"""What a real small model wrote with time enough: fourteen whole answers, and each is caught.

The answers stand in tests/data beside the agenda that was composed when they were written, so
that their aliases mean what they meant then. With AGENDUM_LONG_TESTS test_real_model asks it anew.
"""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import BagOfWordsEncoder
from shipped import read_examples

from content_library.load import load_library
from prompts.load import load_prompt
from recommender.agendas.generate import compose_case
from recommender.agendas.judge import judge_answer, prepare_draft, repair_request
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.model_answers import Answer

RECORDED: list[dict[str, Any]] = [json.loads(line) for line in (
    Path(__file__).parents[1] / "data" / "small_model.jsonl").read_text("utf-8").splitlines()]
BADLY_WRITTEN = {"repeated", "open_questions", "language", "specific", "placeholders"}


@pytest.fixture(scope="module")
def found() -> dict[str, set[str]]:
    """Return the names of the checks that each recorded answer fails."""
    quick, cases = Catalogue(load_library(), BagOfWordsEncoder()), read_examples()
    prompt, failed = load_prompt("agenda-draft"), {}
    for line in RECORDED:
        case = cases[line["case"]]
        composed = replace(compose_case(case, quick),
                           agenda=Agenda.model_validate(line["composed"]))
        prepared = prepare_draft(composed, case, quick, prompt)
        answer = Answer(line["answer"], None, None)
        judged = judge_answer(answer, prepared)
        assert judged.agenda is None, line["case"]
        assert repair_request(prepared, answer, judged) is not None
        failed[line["case"]] = {fault.check for fault in judged.faults}
    return failed


def test_every_answer_is_caught_for_its_words(found: dict[str, set[str]]) -> None:
    """None is taken; but for one that is out of shape, each is caught by how it is written."""
    assert len(found) == len(RECORDED) >= 12
    shapeless = [case for case, checks in found.items() if not checks & BADLY_WRITTEN]
    assert [found[case] for case in shapeless] in ([], [{"schema"}])


def test_each_way_of_writing_badly_is_among_them(found: dict[str, set[str]]) -> None:
    """Repeated lines, closed questions, wrong language, texts that could be anybody's."""
    counts = Counter(check for checks in found.values() for check in checks)
    print(dict(counts.most_common()))
    for check in BADLY_WRITTEN:
        assert counts[check] >= 3, check
