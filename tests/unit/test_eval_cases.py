"""Cases of a suite: read, changed by a path, sealed, superseded."""

from pathlib import Path

import pytest

from evals.cases import HOME, data_hash, load_suite, seal_suite, suite_names, unsealed
from recommender.errors import InvalidInputError

CASE = """why: Nothing is known, and the agenda has to say so.
case:
  programme: evergreen
  members:
    - {role: mentee, profile: {id: a}}
    - {role: mentor, profile: {id: b}}
  session: {number: 2, minutes: 45, language: en}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with one suite of one case."""
    (tmp_path / "small").mkdir()
    (tmp_path / "small/CARD.md").write_text("A card.")
    (tmp_path / "small/one.yaml").write_text(CASE)
    return tmp_path


def test_every_shipped_case_is_sealed() -> None:
    """Nobody can change a shipped case unseen."""
    for name in suite_names():
        assert unsealed(load_suite(name)) == [], f"run: agendum eval seal {name}"


def test_there_are_enough_cases_of_every_kind() -> None:
    """At least 120 agendas in three languages and every programme, 80 queries, 200 for safety."""
    agendas = load_suite("agendas")
    said = {one.case.session.language for one in agendas if one.case}
    programmes = {one.case.programme for one in agendas
                  if one.case and isinstance(one.case.programme, str)}
    assert len(agendas) >= 120
    assert said == {"en", "es", "fr"}
    assert len(programmes) == 11
    assert {25, 45, 60, 90} <= {one.case.session.minutes for one in agendas if one.case}
    assert sum(bool(one.file.grades) for one in load_suite("resources")) >= 80
    assert len(load_suite("safety")) >= 200
    for name in suite_names():
        assert "Licence" in (HOME / name / "CARD.md").read_text("utf-8")


def test_a_sealed_case_is_not_changed(home: Path) -> None:
    """A change is refused and says the mend; better words for why are not a change."""
    assert seal_suite("small", home) == ["one"]
    (home / "small/one.yaml").write_text(CASE.replace("minutes: 45", "minutes: 30"))
    with pytest.raises(InvalidInputError, match="supersedes: one"):
        load_suite("small", home)
    (home / "small/one.yaml").write_text(CASE.replace("has to say so", "must say so"))
    assert [one.name for one in load_suite("small", home)] == ["one"]


def test_a_sealed_case_does_not_vanish(home: Path) -> None:
    """A case that is taken away is missed."""
    seal_suite("small", home)
    (home / "small/one.yaml").unlink()
    with pytest.raises(InvalidInputError, match="sealed and gone"):
        load_suite("small", home)


def test_a_better_case_supersedes(home: Path) -> None:
    """The case it corrects stays in the folder and is not run."""
    seal_suite("small", home)
    before = data_hash(load_suite("small", home))
    (home / "small/two.yaml").write_text(
        "supersedes: one\n" + CASE.replace("minutes: 45", "minutes: 30"))
    assert [one.name for one in load_suite("small", home)] == ["two"]
    assert data_hash(load_suite("small", home)) != before
    assert seal_suite("small", home) == ["two"]
    assert seal_suite("small", home) == []


def test_a_case_varies_another(home: Path) -> None:
    """`from` takes a file of the repository, `set` changes it by path, null takes away."""
    (home / "small/vary.yaml").write_text("""cases:
  - name: shorter
    why: The same meeting in half the time.
    from: examples/evergreen/4-friday-at-four.case.yaml
    set: {session.minutes: 25, history.0.notes: null, members.0.profile.level: 2}
""")
    one = next(one for one in load_suite("small", home) if one.name == "vary/shorter")
    assert one.cluster == "examples/evergreen/4-friday-at-four"
    assert one.case is not None
    assert one.case.session.minutes == 25
    assert one.case.history[0].notes is None
    assert one.case.members[0].profile.level == 2


@pytest.mark.parametrize(("change", "said"), [
    ("wy: no\n" + CASE, "wy"),
    (CASE.replace("minutes: 45", "minutes: 4500"), "minutes"),
    (CASE.replace("why: Nothing is known, and the agenda has to say so.\n", ""), "why"),
    ("why: Nothing to be read here at all.\n", "case"),
    ("why: It leads out of here.\nfrom: ../../etc/passwd\n", "repository"),
    ("why: It leads nowhere at all.\nfrom: examples/evergreen/4-friday-at-four.case.yaml\n"
     "set: {nothing.here: 1}\n", "nowhere"),
    ("why: A query that is none.\nkind: resources\n", "query"),
    ("supersedes: nobody\n" + CASE, "nobody"),
])
def test_a_faulty_case_is_named(change: str, said: str, home: Path) -> None:
    """Every fault names the file and the field."""
    (home / "small/one.yaml").write_text(change)
    with pytest.raises(InvalidInputError, match=said):
        load_suite("small", home)


def test_an_unknown_suite_lists_those_there_are() -> None:
    """The mend is in the message."""
    with pytest.raises(InvalidInputError, match="agendas"):
        load_suite("agenda")
