"""Prompts as files: declared inputs, immutable versions, labels that lead somewhere."""

import hashlib
from pathlib import Path

import pytest

from prompts.load import (
    HOME,
    listed_digests,
    load_prompt,
    prompt_labels,
    prompt_names,
    prompt_versions,
)
from recommender.errors import InvalidInputError, NotFoundError

GOOD = ("---\nabout: A test.\ninputs:\n  user: [data]\n---\n"
        "# system\n\nBe kind.\n\n# user\n\n$data\n")


def home_with(folder: Path, text: str) -> Path:
    (folder / "own").mkdir()
    (folder / "own" / "1.md").write_text(text, "utf-8")
    (folder / "labels.yaml").write_text("own: {production: 1, lost: 7}\n", "utf-8")
    return folder


def test_no_listed_version_has_changed() -> None:
    """Every version is listed with its digest, and is still what was listed."""
    found = {f"{name}/{version}": hashlib.sha256((HOME / name / f"{version}.md").read_bytes())
             .hexdigest() for name in prompt_names() for version in prompt_versions(name)}
    assert found == listed_digests()


def test_every_label_leads_to_a_version() -> None:
    """Production and candidate of each prompt exist; no label is for a prompt that is not there."""
    labels = prompt_labels()
    assert set(labels) == set(prompt_names())
    for name, each in labels.items():
        assert {"production", "candidate"} <= set(each)
        for label, version in each.items():
            assert load_prompt(name, label).version == version


def test_a_prompt_is_filled_with_what_it_declares() -> None:
    """Too little, too much or another name is refused; JSON braces and dollars are no trouble."""
    prompt = load_prompt("agenda-draft")
    filled = prompt.fill("user", language="Spanish", minutes="45", data='{"a": "$data {x} $9"}')
    assert '{"a": "$data {x} $9"}' in filled
    assert "Spanish" in filled
    for values in ({}, {"language": "x"}, {"language": "x", "minutes": "1", "data": "", "y": ""}):
        with pytest.raises(InvalidInputError, match="takes"):
            prompt.fill("user", **values)
    with pytest.raises(NotFoundError):
        prompt.fill("nothing")


@pytest.mark.parametrize("wanted", [99, "lost", "nothing"])
def test_versions_and_labels_that_lead_nowhere_are_named(
    tmp_path: Path, wanted: int | str
) -> None:
    """The message says which versions there are."""
    with pytest.raises(NotFoundError, match="versions 1"):
        load_prompt("own", wanted, home_with(tmp_path, GOOD))
    with pytest.raises(NotFoundError, match="there are own"):
        load_prompt("other", home=tmp_path)


@pytest.mark.parametrize(("change", "problem"), [
    (("$data", "$date"), "make them the same"), (("$data", "here"), "make them the same"),
    (("Be kind.", "Be $kind."), "fixed text"), (("$data", "$data, 5 $"), "begins no placeholder"),
    (("about: A test.\n", ""), "is missing"), (("# user", "# person"), "needs the parts"),
    (("---\nabout", "about"), "front matter"), (("Be kind.", ""), "is empty"),
    (("user: [data]", "user: [data]\n  other: [x]"), "no such part"),
])
def test_a_malformed_prompt_is_refused(
    tmp_path: Path, change: tuple[str, str], problem: str
) -> None:
    """Undeclared, unused and misplaced inputs, parts and front matter are faults."""
    assert change[0] in GOOD
    home = home_with(tmp_path, GOOD.replace(*change))
    with pytest.raises(InvalidInputError, match=r"own/1\.md") as caught:
        load_prompt("own", home=home)
    assert problem in str(caught.value)


def test_the_system_part_tells_how_each_language_speaks() -> None:
    """It is fixed text that names the block of data, the schema's fields, and three languages."""
    system = load_prompt("agenda-draft").parts["system"]
    for word in ("<data>", "`plan`", "`items`", "`preparation`", "`resources`", "tú", "ustedes",
                 "tu for one", "British"):
        assert word in system
