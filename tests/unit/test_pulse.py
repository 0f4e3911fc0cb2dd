"""The questions at the milestones of a programme: which, to whom, when, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from content_library.check import summarise_library
from content_library.load import HOME, Library, read_library
from content_library.pulses import pulse_questions
from recommender.agendas.arc import milestone_at
from recommender.domain.base import LANGUAGES, PulseKind, Role
from recommender.domain.programme import Programme


@pytest.mark.parametrize("kind", get_args(PulseKind))
@pytest.mark.parametrize("role", get_args(Role))
def test_two_minutes_of_questions_for_every_role(
    library: Library, kind: PulseKind, role: Role
) -> None:
    """Three to five questions, first reaction and then learning, the one open question last."""
    asked = [one for one, _ in pulse_questions(library, kind, role, "en")]
    assert 3 <= len(asked) <= 5
    levels = [one.level for one in asked]
    assert levels[0] == "reaction"
    assert levels[-1] == "learning"
    assert levels == sorted(levels, reverse=True)
    assert [one.answer for one in asked] == ["scale"] * (len(asked) - 1) + ["open"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_come_in_the_asked_language(library: Library, language: Any) -> None:
    """Each question has its own words in each language, and a scale says what 1 and 5 mean."""
    for kind in get_args(PulseKind):
        for role in get_args(Role):
            for one, words in pulse_questions(library, kind, role, language):
                assert words == one.text[language]
                assert (words.low is None) == (words.high is None) == (one.answer == "open")
                assert "?" in words.question
    said = [one.text[language].question for one in library.pulses.questions]
    assert len(set(said)) == len(said)


def test_roles_are_asked_what_they_can_answer(library: Library) -> None:
    """A mentor is asked about mentoring, and a mentee is not."""
    ids = {role: {one.id for one, _ in pulse_questions(library, "end", role, "es")}
           for role in get_args(Role)}
    assert "end-mentor-again" in ids["mentor"]
    assert "end-mentor-again" not in ids["mentee"] | ids["peer"]
    assert ids["mentor"] & ids["mentee"] == {"end-worthwhile"}


@pytest.mark.parametrize(("programme_id", "at"), [
    ("peer-quarter", {4: "pulse_30", 7: "pulse_60", 9: "end"}),
    ("functional-hr", {3: "pulse_30", 6: "pulse_60", 8: "end"}),
    ("leaders-circle", {4: "pulse_30", 6: "end"}),
    ("onboarding", {3: "pulse_30", 5: "pulse_60", 6: "end"}),
    ("colleague-connect", {}),
])
def test_milestones_of_programmes_map_to_questions(
    library: Library, programme_id: str, at: dict[int, str]
) -> None:
    """The first pulse, later ones and the end each fall on one session of the programme."""
    programme = library.programme(programme_id)
    of = programme.sessions
    assert of is not None
    found = {number: milestone_at(programme, number, of) for number in range(1, of + 1)}
    assert {number: kind for number, kind in found.items() if kind} == at


def test_a_shorter_relationship_still_ends_with_the_evaluation(library: Library) -> None:
    """In six sessions instead of nine the second pulse gives way to the end."""
    programme = library.programme("peer-quarter")
    found = [milestone_at(programme, number, 6) for number in range(1, 7)]
    assert found == [None, None, None, "pulse_30", None, "end"]


def test_an_open_end_has_pulses_and_no_evaluation(library: Library) -> None:
    """Evergreen pairs are asked on their days, however long they meet."""
    programme = library.programme("evergreen")
    found = {number: milestone_at(programme, number, None) for number in range(1, 40)}
    assert {number: kind for number, kind in found.items() if kind} == {
        4: "pulse_30", 13: "pulse_60", 26: "pulse_60"}


def test_a_programme_without_milestones_asks_nothing(programme_data: dict[str, Any]) -> None:
    """Not even its last session has an evaluation."""
    programme = Programme.model_validate({**programme_data, "sessions": 3})
    assert {milestone_at(programme, number, 3) for number in (1, 2, 3)} == {None}


def test_library_counts_its_questions(library: Library) -> None:
    """`library check` says how many pulse questions there are."""
    assert summarise_library(library, [])["pulses"] == len(library.pulses.questions) > 0


Data = dict[str, Any]


def of_id(data: Data, one: str) -> Data:
    found: Data = next(entry for entry in data["questions"] if entry["id"] == one)
    return found


def no_french(data: Data) -> str:
    del of_id(data, "p30-tried")["text"]["fr"]
    return "questions[7]: text.fr is missing"


def half_a_scale(data: Data) -> str:
    del of_id(data, "p30-of-use")["text"]["es"]["low"]
    return "questions[0]: text.es: a scale names both its ends"


def open_with_a_scale(data: Data) -> str:
    of_id(data, "p30-tried")["text"]["en"]["low"] = "Never"
    return "questions[7]: text.en: an open question has no scale"


def doubled_role(data: Data) -> str:
    of_id(data, "p30-of-use")["roles"] = ["mentee", "peer", "peer"]
    return "questions[0]: roles: a role stands twice"


def doubled_id(data: Data) -> str:
    of_id(data, "p30-tried")["id"] = "p30-of-use"
    return "questions: the id 'p30-of-use' stands 2 times"


def no_label(data: Data) -> str:
    del data["labels"]["end"]["es"]
    return "labels.end: es is missing"


def too_few(data: Data) -> str:
    for one in ("p30-fits-my-weeks", "p30-what-for-the-other"):
        data["questions"].remove(of_id(data, one))
    return "questions: pulse_30, mentor: 2 questions; 3 to 5 expected"


def too_many(data: Data) -> str:
    for one in ("p60-on-my-desk", "p60-step-and-date"):
        of_id(data, one)["roles"].append("mentor")
    return "questions: pulse_60, mentor: 6 questions; 3 to 5 expected"


def learning_first(data: Data) -> str:
    of_id(data, "p60-time-i-give")["level"] = "learning"
    return "questions: pulse_60, mentor: first what they made of it (reaction)"


def open_question_in_the_middle(data: Data) -> str:
    data["questions"].append(data["questions"].pop(
        data["questions"].index(of_id(data, "end-for-my-own-work"))))
    return "questions: end, mentor: one open question, the last"


def unknown_kind(data: Data) -> str:
    of_id(data, "p30-of-use")["kind"] = "pulse_45"
    return "questions[0].kind: expected one of 'pulse_30', 'pulse_60' or 'end'"


@pytest.mark.parametrize("damage", [
    no_french, half_a_scale, open_with_a_scale, doubled_role, doubled_id, no_label, too_few,
    too_many, learning_first, open_question_in_the_middle, unknown_kind,
], ids=lambda damage: damage.__name__)
def test_faults_of_questions_are_reported(
    tmp_path: Path, damage: Callable[[Data], str]
) -> None:
    """Each way to spoil the questions is one fault of pulses.yaml, with the mend."""
    data = yaml.safe_load((HOME / "pulses.yaml").read_text("utf-8"))
    expected = f"pulses.yaml: {damage(data)}"
    (tmp_path / "pulses.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    _, faults = read_library(tmp_path)
    said = [str(one) for one in faults if one.source == "pulses.yaml"]
    assert [one[: len(expected)] for one in said] == [expected]


def test_all_faults_between_questions_are_reported_at_once(tmp_path: Path) -> None:
    """One reading names every milestone and role that is wrong."""
    data = yaml.safe_load((HOME / "pulses.yaml").read_text("utf-8"))
    expected = {f"pulses.yaml: {damage(data)}" for damage in (no_label, too_few, learning_first)}
    (tmp_path / "pulses.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    _, faults = read_library(tmp_path)
    said = [str(one) for one in faults if one.source == "pulses.yaml"]
    assert all(any(line.startswith(one) for line in said) for one in expected)
    assert len(said) == len(expected)


def test_fingerprint_covers_the_questions(tmp_path: Path) -> None:
    """Another word in a question is another library."""
    text = (HOME / "pulses.yaml").read_text("utf-8")
    prints = set()
    for words in (text, text.replace("so far?", "up to now?")):
        (tmp_path / "pulses.yaml").write_text(words, "utf-8")
        prints.add(read_library(tmp_path)[0].fingerprint)
    assert len(prints) == 2
