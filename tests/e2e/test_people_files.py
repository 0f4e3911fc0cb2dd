"""Files of people through the command line: what is bad is named, and loses nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from people_commands import Run, answer, refusal

from recommender.people_file import read_people

KINDS = ("csv", "jsonl", "yaml")
GOOD: list[dict[str, Any]] = [
    {"id": "m", "roles": ["mentee"], "level": 2, "languages": ["en"], "headline": "Field officer"},
    {"id": "M", "roles": ["mentor"], "level": 3, "languages": ["en"], "headline": "Café owner"},
]
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an id twice": ({"id": "M"}, "id: 'M' stands in {first} already; give each person an id"),
    "capacity below zero": (
        {"id": "X", "capacity": -1}, "capacity: input should be greater than or equal to 0"),
    "ten million characters": (
        {"id": "X", "headline": "x" * 10_000_000},
        "headline: text of 10000000 characters; at most 300 allowed, shorten it"),
    "Latin-1": ({"id": "X", "headline": "L\udce9on"}, "is not UTF-8; save the file as UTF-8"),
}
WHERE = {"csv": "line {}", "jsonl": "line {}", "yaml": "entry {}"}


def text_of(people: list[dict[str, Any]], kind: str) -> bytes:
    """Return people in one of the formats; half a surrogate stands for a byte of Latin-1."""
    if kind == "csv":
        heads = ["id", "roles", "level", "languages", "headline", "capacity"]
        rows = [[";".join(value) if isinstance(value := one.get(head, ""), list) else str(value)
                 for head in heads] for one in people]
        text = "\n".join(",".join(row) for row in [heads, *rows]) + "\n"
    elif kind == "jsonl":
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in people)
    else:
        text = "".join("- " + json.dumps(one, ensure_ascii=False) + "\n" for one in people)
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", BAD)
def test_a_bad_person_is_named_and_can_be_skipped(
    run_people: Run, tmp_path: Path, kind: str, fault: str
) -> None:
    """File, row, field and the mend, exit 2; with `--skip-bad` the rest is matched."""
    bad, told = BAD[fault]
    path = tmp_path / f"people.{kind}"
    path.write_bytes(text_of([*GOOD, bad], kind))
    first = 1 if kind == "csv" else 0
    said = refusal(run_people("match", "--profiles", path.name))
    where = WHERE[kind].format(3 + first)
    assert f"{path.name}, {where}" in said
    assert told.format(first=WHERE[kind].format(2 + first)) in said
    assert len(said) < 400
    result = run_people("match", "--profiles", path.name, "--skip-bad", "--json")
    assert f"agendum: skipped: {path.name}, {where}" in result.stderr
    assert [(one["mentee"], one["mentor"]) for one in answer(result)["pairs"]] == [("m", "M")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_byte_order_mark_does_no_harm(
    run_people: Run, tmp_path: Path, kind: str
) -> None:
    """As spreadsheets put one at the beginning."""
    path = tmp_path / f"people.{kind}"
    path.write_bytes(b"\xef\xbb\xbf" + text_of(GOOD, kind))
    found = answer(run_people("match", "--profiles", path.name, "--json"))
    assert [one["mentor"] for one in found["pairs"]] == ["M"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_in_utf_16_says_so(run_people: Run, tmp_path: Path, kind: str) -> None:
    """It is what some spreadsheets call Unicode."""
    path = tmp_path / f"people.{kind}"
    path.write_bytes(text_of(GOOD, kind).decode().encode("utf-16"))
    said = refusal(run_people("match", "--profiles", path.name))
    assert "is UTF-16; save the file as UTF-8" in said


@pytest.mark.parametrize("command", [
    ("mentors", "--for", "fr"), ("why", "--for", "fr", "--candidate", "M"), ("match",),
    ("groups", "--programme", "evergreen"),
], ids=lambda command: command[0])
def test_every_command_reads_every_format(
    run_people: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """The same people in three formats give the same answer."""
    people = yaml.safe_load((tmp_path / "people.yaml").read_text())
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(one) + "\n" for one in people))
    heads = ["id", "roles", "languages", "level", "skills_wanted", "skills_offered", "capacity",
             "attributes.gender"]
    rows = [",".join(";".join(value) if isinstance(value, list) else str(value) for value in (
        one.get("attributes", {}).get("gender", "") if head == "attributes.gender"
        else one.get(head, "") for head in heads)) for one in people]
    (tmp_path / "p.csv").write_text("\n".join([",".join(heads), *rows]) + "\n")
    found = [answer(run_people(*command, "--profiles", name, "--json"))
             for name in ("people.yaml", "p.jsonl", "p.csv")]
    assert found[0] == found[1] == found[2]
    assert found[0]


@pytest.mark.parametrize(("change", "told"), [
    ({"rule": "ought"}, "matching.rules[0].rule: expected one of 'must', 'prefer' or 'avoid'"),
    ({"test": "like"}, "matching.rules[0].test: expected one of 'overlap'"),
    ({"field": "langauges"}, "own.yaml: matching.rules: [0].field: nobody in the pool has "
                             "'langauges'; use a field of the profile or attributes.<name>; did "
                             "you mean languages?"),
    ({"field": "region"}, "own.yaml: matching.rules: [0].field: nobody in the pool has a value in "
                          "'region', and `region overlap` lets nobody meet without one; fill it "
                          "in, or take the rule out"),
    ({"test": "gap"}, "test gap needs `min`, `max` or both"),
])
def test_a_rule_that_cannot_be_kept_is_named(
    run_people: Run, tmp_path: Path, change: dict[str, str], told: str
) -> None:
    """With its place in the file and the mend, by all commands that would use it."""
    rule = {"field": "languages", "rule": "must", "test": "overlap"} | change
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({
        "id": "own", "name": "N", "purpose": "P", "success": "S", "relation": "mentor",
        "matching": {"rules": [rule]}}))
    shared = ("--profiles", "people.yaml", "--programme", "own.yaml")
    for command in (("match",), ("mentors", "--for", "fr"), ("mentors", "--for", "all"),
                    ("groups",)):
        assert told in refusal(run_people(*command, *shared)), command
    why = run_people("why", "--for", "fr", "--candidate", "M", *shared)
    assert why.exit_code == (0 if change == {"field": "region"} else 2)


def test_without_managers_the_reporting_line_keeps_nobody_apart(
    run_people: Run, tmp_path: Path
) -> None:
    """A `must` over the line is met by people of whom no manager is known."""
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({
        "id": "own", "name": "N", "purpose": "P", "success": "S", "relation": "mentor",
        "matching": {"rules": [{"field": "manager_id", "rule": "must",
                                "test": "not_reporting_line"}]}}))
    found = answer(run_people("match", "--profiles", "people.yaml", "--programme", "own.yaml",
                              "--json"))
    assert len(found["pairs"]) == 1


@pytest.mark.parametrize(("option", "text", "told"), [
    ("pairs", b"mentee,mentor\nm,caf\xe9\n", "line 2: is not UTF-8; save the file as UTF-8"),
    ("pairs", b"mentee;mentor\nm;M\n", "line 1: the cells are not separated by commas"),
    ("pairs", b"mentee,mentor,status\nm,M,paused\n", "line 2: status: expected one of 'active'"),
    ("pairs", b"mentee,mentor\nm,M,x\n", "line 2: 3 cells under 2 headings"),
    ("pairs", b"mentee,mentor,since\nm,M,x\n", "since: unknown column; only mentee, mentor, st"),
    ("pairs", b"mentee,mentor\nm,M\nm,M\n", "m, M: is active twice; keep one row"),
    ("pairs", b"mentee,mentor\nm,m\n", "m, m: is a pair of one person; take it out"),
    ("pairs", b"mentee,mentor\nm,M" + b"x" * 10_000_000 + b"\n", "line 2: mentor: string should m"),
    ("feedback", b"profile_id,candidate_id,verdict\nm,M,liked\n", "line 2: verdict: expected one "
     "of 'not_interested', 'met', 'worked_well' or 'undo'; got 'liked'"),
    ("shown", b"candidate_id,lists\nM,-1\n", "line 2: lists: input should be greater"),
    ("shown", b"candidate_id,lists\nM,1\nM,2\n", "M: stands twice; keep one row"),
    ("capacity", b"mentor,capacity\nA,1\nA,2\n", "A: stands twice; keep one row"),
    ("scores", b"mentee,mentor,score\nm,caf\xe9,1\nm,M,x\n", "line 3: score"),
])
def test_other_files_are_named_with_the_row(
    run_people: Run, tmp_path: Path, option: str, text: bytes, told: str
) -> None:
    """Pairs, feedback, earlier lists, scores and places: the same care as people."""
    (tmp_path / "mine.csv").write_bytes(text)
    args = {"scores": ("match", "--scores", "mine.csv"),
            "capacity": ("match", "--scores", "scores.csv", "--capacity", "mine.csv"),
            }.get(option, ("mentors", "--profiles", "people.yaml", "--for", "fr",
                           f"--{option}", "mine.csv"))
    said = refusal(run_people(*args))
    assert "mine.csv" in said
    assert told in said
    assert len(said) < 600


def test_other_files_may_begin_with_a_byte_order_mark(
    run_people: Run, tmp_path: Path
) -> None:
    """And hold empty lines."""
    (tmp_path / "pairs.csv").write_bytes(b"\xef\xbb\xbfmentee,mentor,status\r\n\r\nfr,M,ended\r\n")
    assert answer(run_people("mentors", "--profiles", "people.yaml", "--for", "fr", "--pairs",
                      "pairs.csv", "--json")) == []


@pytest.mark.parametrize("kind", [*KINDS, "json"])
def test_those_left_over_can_be_read_again(
    run_people: Run, tmp_path: Path, kind: str
) -> None:
    """`--unmatched-out` holds their whole profiles, for the next run."""
    name = f"left.{kind}"
    result = run_people("match", "--profiles", "people.yaml", "--json", "--unmatched-out", name)
    left = [one["id"] for one in answer(result)["unmatched"]]
    assert len(left) == 1
    assert f"wrote {name}" in result.stderr
    before = {one.id: one for one in read_people(tmp_path / "people.yaml").profiles}
    assert read_people(tmp_path / name).profiles == [before[own] for own in left]
    (tmp_path / "new.jsonl").write_text(json.dumps(
        {"id": "N", "roles": ["mentor"], "level": 3, "languages": ["en"]}) + "\n")
    if kind == "jsonl":
        both = (tmp_path / name).read_text() + (tmp_path / "new.jsonl").read_text()
        (tmp_path / "next.jsonl").write_text(both)
        found = answer(run_people("match", "--profiles", "next.jsonl", "--json"))
        assert [(one["mentee"], one["mentor"]) for one in found["pairs"]] == [(left[0], "N")]


def test_what_csv_cannot_hold_is_refused(run_people: Run, tmp_path: Path) -> None:
    """A `;` inside a skill would make two of it; another ending is no people file."""
    people = [{"id": "m", "roles": ["mentee"], "level": 2, "languages": ["en"],
               "skills_wanted": ["planning; and keeping to it"]}]
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(people))
    args = ("match", "--profiles", "one.yaml", "--unmatched-out")
    said = refusal(run_people(*args, "left.csv"))
    assert "skills_wanted: m: CSV cannot hold it as it is; give a .jsonl or .yaml file" in said
    assert not (tmp_path / "left.csv").exists()
    assert "--unmatched-out left.txt: a .jsonl" in refusal(run_people(*args, "left.txt"))
    assert run_people(*args, "left.jsonl").exit_code == 0


@pytest.mark.parametrize("option", ["--out", "--unmatched-out", "--pairs-out"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(
    run_people: Run, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """No folder, or a folder in its place."""
    def never(_: object) -> None:
        raise AssertionError("work was done")

    monkeypatch.setattr("api.opening.open_ready_catalogue", never)
    for path, told in (("no/such/out.jsonl", "there is no such folder"), (".", "is a folder")):
        said = refusal(run_people("match", "--profiles", "people.yaml", option, path))
        assert f"{option} {path}: cannot be written ({told}); give another place" in said
