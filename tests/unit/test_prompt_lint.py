"""Prompts are kept in order: lint, versions that never change, labels that move and move back."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli
from evals.rubric import PATH, load_rubric, rubric_faults
from prompts.lint import MAX_CHARACTERS, lint_prompts, vague_words
from prompts.load import (
    HOME,
    find_prompt,
    listed_digests,
    load_prompt,
    prompt_labels,
    prompt_names,
    prompt_versions,
)
from prompts.record import move_label, record_versions
from recommender.errors import InvalidInputError, NotFoundError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a copy of the first version of each shipped prompt, in production, free to change."""
    for name in prompt_names():
        (tmp_path / name).mkdir()
        shutil.copy(HOME / name / "1.md", tmp_path / name)
    (tmp_path / "labels.yaml").write_text("# Which version a label means.\n" + "".join(
        f"{name}: {{production: 1, candidate: 1}}\n" for name in prompt_names()), "utf-8")
    (tmp_path / "versions.yaml").write_text("# SHA-256 of every version.\n" + "".join(
        f"{one}: {digest}\n" for one, digest in listed_digests().items() if one.endswith("/1")),
        "utf-8")
    return tmp_path


def run(*args: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["prompts", *args])
    return done.exit_code, done.stdout, done.stderr


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def problems(home: Path) -> str:
    return "\n".join(map(str, lint_prompts(home)))


def test_the_shipped_prompts_and_the_rubric_have_no_fault() -> None:
    """Lint runs here, and by its command."""
    assert lint_prompts() == []
    assert rubric_faults() == []
    code, said, _ = run("lint")
    count = sum(len(prompt_versions(name)) for name in prompt_names())
    assert (code, said) == (0, f"{count} versions, no fault\n")


@pytest.mark.parametrize(("file", "old", "new", "problem"), [
    ("agenda-draft/1.md", "user: [language, minutes, data]", "user: [language, data]", "same"),
    ("agenda-draft/1.md", "user: [language, minutes, data]", "user: [language, minutes, data, x]",
     "same"),
    ("judge-rubric/1.md", "Length counts nothing", "A good agenda counts", "'good'"),
    ("judge-rubric/1.md", "Score this agenda", "Score this relevant agenda", "'relevant'"),
    ("judge-rubric/1.md", "<case>\n$case\n</case>", "$case", "between the lines <case>"),
    ("judge-pairwise/1.md", "inside <case>, <first> and <second>", "inside them", "versions never"),
    ("agenda-draft/1.md", "You have one", "You have one", ""),
    ("labels.yaml", "production: 1", "production: 9", "version 9 does not exist"),
    ("labels.yaml", "production: 1, ", "", "has no label production"),
    ("labels.yaml", "agenda-draft:", "agenda-lost:", "is no prompt"),
    ("versions.yaml", "judge-rubric/1: ", "judge-rubric/7: ", "its file is gone"),
])
def test_lint_finds(home: Path, file: str, old: str, new: str, problem: str) -> None:
    """Each rule has a case that breaks it."""
    if not problem:
        assert lint_prompts(home) == []
        return
    change(home / file, old, new)
    assert problem in problems(home)


def test_lint_finds_what_is_too_long_unrecorded_or_numbered_with_a_gap(home: Path) -> None:
    """A new version is a fault until it is recorded; 3 does not come after 1."""
    text = (HOME / "judge-rubric" / "1.md").read_text("utf-8")
    (home / "judge-rubric" / "3.md").write_text(text + "word " * (MAX_CHARACTERS // 5), "utf-8")
    found = problems(home)
    for part in ("without a gap", "characters; at most", "judge-rubric/3.md: is not recorded"):
        assert part in found


def test_material_that_the_system_part_does_not_name_is_a_fault(home: Path) -> None:
    """A judge is told which blocks are material and no instruction."""
    path = home / "judge-pairwise" / "1.md"
    path.write_text(path.read_text("utf-8").replace("<criteria> holds", "It holds"), "utf-8")
    assert "does not say that what stands in <criteria> is material" in problems(home)


@pytest.mark.parametrize(("name", "version"), [("agenda-draft", 1), ("judge-rubric", "production")])
def test_a_recorded_version_that_was_changed_is_refused(
    home: Path, name: str, version: int | str
) -> None:
    """Nothing runs with a text that is not the one of its version; the message says what to do."""
    load_prompt(name, version, home)
    change(home / name / "1.md", "You", "you")
    with pytest.raises(InvalidInputError, match=r"versions never change.*2\.md"):
        load_prompt(name, version, home)
    with pytest.raises(InvalidInputError, match="versions never change"):
        record_versions(name, home)


def test_a_new_version_is_recorded_labelled_and_rolled_back(home: Path) -> None:
    """The whole way of a curator, by the commands; the comment of the files stays."""
    text = (home / "agenda-draft" / "1.md").read_text("utf-8")
    (home / "agenda-draft" / "2.md").write_text(text.replace("warm, plain", "plain, warm"), "utf-8")
    at = ("--folder", str(home))
    code, _, err = run("label", "agenda-draft", "2", "candidate", *at)
    assert code == 2
    assert "not recorded" in err
    assert run("record", "agenda-draft", *at)[1] == "agenda-draft/2\n"
    assert run("record", "agenda-draft", *at)[1] == "nothing new\n"
    assert run("label", "agenda-draft", "2", "production", *at)[1] == (
        "agenda-draft@production is 2 (was 1)\n")
    assert load_prompt("agenda-draft", home=home).version == 2
    assert lint_prompts(home) == []
    code, diff, _ = run("diff", "agenda-draft/1", "agenda-draft", *at)
    assert code == 0
    assert "-8. It is light: warm, plain" in diff
    assert "+8. It is light: plain, warm" in diff
    assert run("label", "agenda-draft", "1", "production", *at)[0] == 0
    assert load_prompt("agenda-draft", home=home).version == 1
    assert (home / "labels.yaml").read_text("utf-8").startswith("# Which version")
    assert prompt_labels(home) == {name: {"production": 1, "candidate": 1}
                                   for name in prompt_names()}


def test_labels_are_words_and_lead_to_versions(home: Path) -> None:
    """A label that is no word, and a version that is not there, are refused by name."""
    with pytest.raises(InvalidInputError, match="small letters"):
        move_label("agenda-draft", 1, "My Label", home)
    with pytest.raises(NotFoundError, match="versions 1"):
        move_label("agenda-draft", 4, "production", home)
    with pytest.raises(NotFoundError, match="there are"):
        record_versions("nothing", home)


def test_a_prompt_is_found_by_name_version_and_label() -> None:
    """Three ways to name it; what is none of them is refused."""
    labels = prompt_labels()["agenda-draft"]
    assert [find_prompt(one).version for one in (
        "agenda-draft", "agenda-draft/1", "agenda-draft@candidate")] == [
        labels["production"], 1, labels["candidate"]]
    for wrong in ("agenda-draft/x", "agenda-draft@x", "agenda-draft/0", "x"):
        with pytest.raises(NotFoundError):
            find_prompt(wrong)


def test_list_and_show_say_what_stands_in_the_files() -> None:
    """As a table, as JSON, and as the file itself."""
    rows = json.loads(run("list", "--json")[1])
    assert [(row["id"], row["recorded"]) for row in rows] == [
        (f"{name}/{version}", "yes") for name in prompt_names()
        for version in prompt_versions(name)]
    assert "production, candidate" in run("list")[1]
    assert run("show", "judge-rubric/1")[1] == (HOME / "judge-rubric" / "1.md").read_text("utf-8")
    shown = json.loads(run("show", "agenda-draft/1", "--json")[1])
    assert shown["digest"] == load_prompt("agenda-draft", 1).digest


def test_vague_words_are_whole_words() -> None:
    """`good` is one, `goods` and `badge` are none; each is told once."""
    assert vague_words("Good goods, good badge, etc.") == ["good", "etc"]


def test_the_rubric_caps_by_its_dangers() -> None:
    """The mean of what was scored, never above the lowest cap; nothing scored is null."""
    rubric = load_rubric(PATH)
    assert rubric.overall({"fit": 5, "time": 4, "specific": None}, []) == 4.5
    assert rubric.overall({"fit": 5, "time": 5}, ["fit", "language"]) == 1
    assert rubric.overall({"fit": 1}, ["fit"]) == 1
    assert rubric.overall({"fit": None}, []) is None
    with pytest.raises(InvalidInputError, match="no criterion"):
        rubric.overall({"fit": 5}, ["charm"])


def test_a_vague_rubric_is_a_fault(tmp_path: Path) -> None:
    """Anchors say what is to be seen."""
    path = tmp_path / "rubric.yaml"
    text = PATH.read_text("utf-8")
    path.write_text(text.replace("Talk only, or", "Not engaging, or").replace(
        "      3: On the topic", "      2: On the topic"), "utf-8")
    assert [str(fault) for fault in rubric_faults(path)] == [
        "rubric.yaml: activities.anchors.1: 'engaging' leaves the verdict to taste; say what is "
        "to be seen, or not", "rubric.yaml: resources: needs the anchors 1, 3 and 5"]
