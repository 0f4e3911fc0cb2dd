"""`agendum programme`: list, show, and a new programme made from an old one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from api.cli import cli
from content_library.load import HOME, Library
from recommender.agendas.generate import generate_agenda
from recommender.agendas.plan import plan_sessions, render_plan
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.domain.programme import Programme
from recommender.yaml_file import read_document

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def one_library(monkeypatch: pytest.MonkeyPatch, library: Library) -> None:
    """Read the shipped library once for all these tests."""
    monkeypatch.setattr("content_library.load.load_library", lambda **_: library)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs `agendum programme …` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(cli, ["programme", *map(str, args)])


def new(run: Run, source: str, *args: object) -> tuple[Programme, str]:
    """Return the programme that `new` writes, and its file."""
    result = run("new", "--from", source, "--id", "eca-2027", "--out", ".", *args)
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    text = Path("eca-2027.yaml").read_text("utf-8")
    return Programme.model_validate(yaml.safe_load(text)), text


def said(result: Result) -> list[str]:
    """Return the faults of a refused command, which wrote nothing."""
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert not list(Path().iterdir())
    lines = result.stderr.removeprefix("agendum: ").splitlines()
    return [line.strip() for line in (lines if len(lines) == 1 else lines[1:])]


def test_list_names_every_programme(run: Run, library: Library) -> None:
    """One row each, in the table and in JSON."""
    rows = json.loads(run("list", "--json").stdout)
    assert [row["id"] for row in rows] == list(library.programmes)
    assert [line.split()[0] for line in run("list").stdout.splitlines()] == list(library.programmes)
    assert {row["id"]: row["sessions"] for row in rows}["evergreen"] is None


def test_show_tells_the_arc(run: Run, library: Library) -> None:
    """The arc of a programme shows types, themes and milestones by session."""
    lines = run("show", "peer-quarter").stdout.splitlines()
    sessions = [line for line in lines if line.startswith("session ")]
    assert len(sessions) == 9
    assert "professional-branding" in sessions[2]
    assert sessions[3].endswith("First pulse check")
    assert sessions[8].endswith("End evaluation")
    data = json.loads(run("show", "evergreen", "--json").stdout)
    assert Programme.model_validate(data) == library.programmes["evergreen"]
    assert "no last one" in run("show", "evergreen").stdout


def test_show_of_an_unknown_programme_lists_those_there_are(run: Run) -> None:
    """A wrong id is bad input."""
    assert "regional" in said(run("show", "regionl"))[0]


def test_duplicate_without_changes_differs_in_its_id(run: Run, library: Library) -> None:
    """Every field but the id is the source's, and its comments and order are kept."""
    programme, text = new(run, "onboarding")
    source = library.programmes["onboarding"]
    assert programme == source.model_copy(update={"id": "eca-2027"})
    old = (HOME / "programmes/onboarding.yaml").read_text("utf-8")
    assert text == "# Duplicated from onboarding.\n" + old.replace("id: onboarding",
                                                                   "id: eca-2027", 1)


def test_every_programme_can_be_duplicated_and_changed(run: Run, library: Library) -> None:
    """Whatever the source's file looks like, the changes arrive and the rest stays."""
    for source in library.programmes.values():
        programme, _ = new(run, source.id, "--name", "East: 2027", "--success",
                           "Each says “yes”, or 'no': #1", "--theme", "1=trust")
        assert programme == source.model_copy(update={
            "id": "eca-2027", "name": "East: 2027", "success": "Each says “yes”, or 'no': #1",
            "agenda": source.agenda.model_copy(
                update={"themes": {**source.agenda.themes, 1: "trust"}}),
        })
        Path("eca-2027.yaml").unlink()


def test_a_changed_length_stretches_the_whole_arc(run: Run) -> None:
    """Nine sessions instead of eight: themes, reverse session and milestones keep their place."""
    programme, text = new(run, "regional", "--sessions", 9)
    assert programme.sessions == 9
    assert programme.agenda.themes == {
        3: "cross-cultural-communication", 4: "difficult-conversations", 6: "feedback-performance",
        7: "speaking-up-psychological-safety", 8: "managing-up"}
    assert programme.agenda.reverse_session == 7
    assert [one.day for one in programme.milestones] == [68, 169, 270]
    assert text.startswith("# Duplicated from regional.\nid: eca-2027\n")
    assert "shared template of the region-only" not in text


def test_themes_make_room_for_each_other(run: Run) -> None:
    """Seven sessions hold five themes in their order, none in the first or the last session."""
    programme, _ = new(run, "regional", "--sessions", 7)
    assert programme.agenda.themes == {
        2: "cross-cultural-communication", 3: "difficult-conversations", 4: "feedback-performance",
        5: "speaking-up-psychological-safety", 6: "managing-up"}
    Path("eca-2027.yaml").unlink()
    programme, _ = new(run, "new-managers", "--sessions", 5)
    assert list(programme.agenda.themes) == [1, 2, 3, 4]
    assert programme.agenda.reverse_session == 3


def test_a_comment_goes_with_the_value_it_is_about(run: Run) -> None:
    """What was said of an old theme or reverse session is not said of the new one."""
    _, text = new(run, "onboarding", "--sessions", 8)
    assert "fresh eyes see\n" in text
    assert "# the new colleague says what fresh eyes see" not in text
    assert "# people start all year" in text


def test_a_theme_can_be_taken_away(run: Run) -> None:
    """`--theme 3=` leaves session 3 to the pair."""
    programme, _ = new(run, "peer-quarter", "--theme", "3=")
    assert programme.agenda.themes == {6: "communicating-so-others-listen"}


def test_themes_that_meet_are_refused_or_chosen(run: Run) -> None:
    """Too few sessions for the themes name both, until a theme says which it is."""
    args = ("new", "--from", "regional", "--id", "short", "--sessions", 4, "--out", ".")
    faults = said(run(*args))
    assert faults == ["--sessions: 4 are too few: the themes of sessions 3, 4 and 5 would all "
                      "fall on session 2; say which it is with --theme 2=TOPIC, or give more "
                      "sessions"]
    programme, _ = new(run, "regional", "--sessions", 4, "--theme", "2=trust")
    assert programme.agenda.themes == {
        2: "trust", 3: "speaking-up-psychological-safety", 4: "managing-up"}


@pytest.mark.parametrize(("args", "faults"), [
    (("--from", "regionl", "--id", "x"), ["--from: 'regionl' is no programme of the library, "]),
    (("--from", "regional", "--id", "Women-Pilot"), ["--id: 'Women-Pilot' is taken"]),
    (("--from", "regional", "--id", "../x"), ["--id: '../x' cannot be a file name"]),
    (("--from", "regional", "--id", "x", "--theme", "3=trsut"),
     ["--theme: 'trsut' is no topic or focus area of this library; did you mean 'trust'?"]),
    (("--from", "regional", "--id", "x", "--theme", "9=trust", "--theme", "8=zzz"),
     ["--theme: 'zzz' is no topic or focus area of this library; `agendum library check`",
      "--theme: session 9 of 8: the number is past the end"]),
    (("--from", "regional", "--id", "x", "--theme", "trust", "--theme", "0=trust",
      "--theme", "2=trust", "--theme", "2=dei"),
     ["--theme: 'trust' is not N=TOPIC", "--theme: '0=trust' is not N=TOPIC",
      "--theme: session 2 stands twice"]),
    (("--from", "regional", "--id", "x", "--name", " "), ["x: name: is blank"]),
])
def test_what_cannot_be_is_refused_with_its_mend(
    run: Run, args: tuple[str, ...], faults: list[str]
) -> None:
    """Every fault at once, each with the option it is about; nothing is written."""
    lines = said(run("new", *args, "--out", "."))
    assert [line[: len(fault)] for line, fault in zip(lines, faults, strict=True)] == faults


def test_unknown_source_lists_those_there_are(run: Run, library: Library) -> None:
    """The list comes with the nearest spelling."""
    line, = said(run("new", "--from", "regionl", "--id", "x", "--out", "."))
    assert all(one in line for one in library.programmes)
    assert line.endswith("did you mean 'regional'?")


def test_a_file_that_is_there_is_never_overwritten(run: Run) -> None:
    """A second duplicate of the same name is refused."""
    Path("x.yaml").write_text("mine", "utf-8")
    result = run("new", "--from", "regional", "--id", "x", "--out", ".")
    assert result.exit_code == 2
    assert "x.yaml: is there already" in result.stderr
    assert Path("x.yaml").read_text("utf-8") == "mine"


def agenda_of(programme: Any, number: int, catalogue: Catalogue) -> Agenda:
    """Return the agenda of a pair that has said nothing about itself yet."""
    return generate_agenda(Case.model_validate({
        "programme": programme,
        "members": [{"role": "mentee", "profile": {"id": "p-1"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}],
        "session": {"number": number, "minutes": 60, "language": "en"},
    }), catalogue)


def test_agendas_follow_the_changed_success_and_theme(run: Run, catalogue: Catalogue) -> None:
    """A duplicated programme, whole in a case, gives other agendas where it was changed."""
    _, text = new(run, "regional", "--success",
                  "Each mentee has run one meeting in which everybody spoke, including the "
                  "people on the screen",
                  "--theme", "3=meetings")
    changed = yaml.safe_load(text)
    before, after = (agenda_of(one, 3, catalogue) for one in ("regional", changed))
    themes = [{reason.id for item in one.items for reason in item.because
               if reason.source == "theme"} for one in (before, after)]
    assert themes == [{"cross-cultural-communication"}, {"meetings"}]
    assert catalogue.library.topics["meetings"].text["en"].sign in after.success_test
    before, after = (agenda_of(one, 2, catalogue) for one in ("regional", changed))
    assert ([item.activity for item in before.items], before.success_test) != (
        [item.activity for item in after.items], after.success_test)
    assert ("programme", "eca-2027") in {
        (reason.source, reason.id) for item in after.items for reason in item.because}


def test_plan_names_the_milestones(catalogue: Catalogue) -> None:
    """The plan says at which sessions people are asked, in the pair's language."""
    case = Case.model_validate(read_document(
        ROOT / "examples/leaders-circle/1-primera-lo-que-se-queda-aqui.case.yaml"))
    plan = plan_sessions(case, catalogue)
    assert {one.number: (one.milestone.kind, one.milestone.label)
            for one in plan.sessions if one.milestone is not None} == {
        4: ("pulse_30", "Primer sondeo breve"), 6: ("end", "Evaluación final")}
    text = render_plan(plan, catalogue)
    assert text.count("*Primer sondeo breve*") == text.count("*Evaluación final*") == 1
