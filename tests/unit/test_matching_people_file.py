"""Profiles from files: one answer in three formats, and every bad row named."""

import json
from pathlib import Path

import pytest
import yaml

from recommender.domain.profile import Profile
from recommender.errors import InvalidInputError
from recommender.people_file import PeopleFile, read_people

HEAD = "id,headline,level,skills_offered,goal_1,available,attributes.site"
GOOD = "a,Runs the office,3,giving feedback; hiring,Learn,no,Lyon"


def written(folder: Path, text: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(path: Path) -> PeopleFile:
    return read_people(path, skip_bad=True)


def test_three_formats_give_the_same_people(tmp_path: Path) -> None:
    """Lists, goals, numbers, yes and no, attributes; a BOM and empty lines do no harm."""
    data = {"id": "a", "headline": "Runs the office", "level": 3, "available": False,
            "skills_offered": ["giving feedback", "hiring"],
            "goals": [{"id": "g1", "text": "Learn"}], "attributes": {"site": "Lyon"}}
    expected = [Profile.model_validate(data), Profile(id="b")]
    both = [data, {"id": "b"}]
    files = {
        "p.csv": f"\ufeff{HEAD}\r\n{GOOD}\r\n\r\nb,,,,,,\r\n",
        "p.jsonl": "\ufeff" + "\n\n".join(map(json.dumps, both)),
        "p.yaml": yaml.safe_dump(both), "q.yaml": yaml.safe_dump({"people": both}),
        "p.json": json.dumps(both),
    }
    for name, text in files.items():
        assert read_people(written(tmp_path, text, name)) == PeopleFile(expected, []), name


@pytest.mark.parametrize(("row", "told"), [
    ("a,again,,,,,", "line 4: id: 'a' stands in line 2 already"),
    ("b,,9,,,,", "line 4: level: input should be less than or equal to 7; got 9"),
    ("b,,²,,,,", "line 4: level: "),
    ("b,,+-5,,,,", "line 4: level: "),
    (f"b,,{'9' * 5000},,,,", "line 4: level: "),
    ("b,,,,,perhaps,", "line 4: available: "),
    ("b,nul \0 here,,,,,", "line 4: holds a NUL character"),
    ("b,one,two,3,4,5,6,7,8", "line 4: 9 cells under 7 headings"),
    (b"b,caf\xe9,,,,,", "line 4: is not UTF-8; save the file as UTF-8"),
    (f"b,{'x' * 10_000_000},,,,,", "line 4: headline: text of 10000000 characters"),
    ('b,"shut"x,,,,,', "line 4: no valid CSV"),
    ('b,"never shut,,,,,', "line 4: no valid CSV"),
])
def test_a_bad_row_is_named_and_loses_no_other(
    tmp_path: Path, row: str | bytes, told: str
) -> None:
    """The whole file is refused, or with `skip_bad` only that row."""
    own = row.encode() if isinstance(row, str) else row
    text = f'{HEAD}\n{GOOD}\nc,"two\nlines",,,,,\n'.encode().replace(b"two\nlines", b"two lines")
    path = written(tmp_path, text + own + b"\nd,,,,,,\n")
    found = read(path)
    assert [one.id for one in found.profiles] == ["a", "c", "d"]
    assert len(found.faults) == 1
    assert told in str(found.faults[0])
    with pytest.raises(InvalidInputError, match=r"people\.csv, line 4"):
        read_people(path)


def test_a_cell_of_two_lines_counts_both(tmp_path: Path) -> None:
    """A later row is named by the line it begins in."""
    path = written(tmp_path, 'id,headline,level\na,"two\nlines",2\nb,,0\n"c",,3\n')
    found = read(path)
    assert [one.id for one in found.profiles] == ["a", "c"]
    assert found.profiles[0].headline == "two\nlines"
    assert "line 4" in found.faults[0].source


@pytest.mark.parametrize(("head", "told"), [
    ("id,skils", "line 1: skils: unknown column"), ("name", "a column `id` is needed"),
    ("id,level,level", "level: stands twice"), ("id;level", "not separated by commas"),
    ("id,goal_²", "goal_²: unknown column"), ('id,"x', "no valid CSV"), ("", "`id` is needed"),
])
def test_a_heading_that_cannot_be_used_is_refused(tmp_path: Path, head: str, told: str) -> None:
    """Nothing can be skipped there."""
    with pytest.raises(InvalidInputError, match=r".") as caught:
        read(written(tmp_path, f"{head}\n"))
    assert told in str(caught.value)


@pytest.mark.parametrize(("line", "told"), [
    ('{"id": "b", "capacity": -1}', "capacity: input should be greater than or equal to 0"),
    ('{"id": "b", "skils": []}', "skils: unknown field"), ("[1]", "a JSON object expected"),
    ("{", "no valid JSON"), ('{"id": "a"}', "stands in line 1 already"),
    (f'{{"id": "b", "level": {"9" * 5000}}}', "no valid JSON"),
    ("[" * 100_000, "no valid JSON (too deep)"), ('{"id": "b", "bio": "\0"}', "NUL"),
])
def test_a_bad_line_of_json_is_named(tmp_path: Path, line: str, told: str) -> None:
    """The good lines around it stay with `skip_bad`."""
    found = read(written(tmp_path, f'{{"id": "a"}}\n{line}\n{{"id": "c"}}\n', "p.jsonl"))
    assert [one.id for one in found.profiles] == ["a", "c"]
    assert "line 2" in found.faults[0].source
    assert told in str(found.faults[0])


def test_words_that_look_like_numbers_stay_words(tmp_path: Path) -> None:
    """`nan` and `inf` are texts; whole and decimal numbers are numbers."""
    path = written(tmp_path, "id,attributes.a,attributes.b,attributes.c,attributes.d\n"
                             "x,nan,inf,3,2.5\n")
    assert read_people(path).profiles[0].attributes == {"a": "nan", "b": "inf", "c": 3, "d": 2.5}


def test_a_bad_entry_of_yaml_is_named(tmp_path: Path) -> None:
    """By its place in the list; other kinds of file are refused."""
    found = read(written(tmp_path, "- {id: a}\n- {id: b, level: 8}\n- text\n", "p.yaml"))
    assert [one.id for one in found.profiles] == ["a"]
    assert [one.source[-7:] for one in found.faults] == ["entry 2", "entry 3"]
    with pytest.raises(InvalidInputError, match=r"\.txt: a \.jsonl"):
        read(written(tmp_path, "", "p.txt"))
    with pytest.raises(InvalidInputError, match="no such file"):
        read(tmp_path / "none.csv")
