"""`mentors`, `why`, `match` and `groups` as people meet them."""

import json
from pathlib import Path

import pytest
import yaml
from people_commands import PEOPLE, Run, answer, refusal

EVERGREEN = Path(__file__).resolve().parents[2] / "examples/evergreen/people.yaml"
PEERS = Path(__file__).resolve().parents[2] / "examples/peer-quarter/people.yaml"


def test_together_published_example_gives_fourteen(run_people: Run, tmp_path: Path) -> None:
    """With one place each, and with a file of places."""
    found = answer(run_people("match", "--scores", "scores.csv", "--capacity", 1, "--json"))
    assert (found["total"], found["bound"], found["unmatched"]) == (14, 14, [])
    assert [(one["mentee"], one["mentor"], one["score"]) for one in found["pairs"]] == [
        ("M1", "B", 5), ("M2", "A", 9)]
    (tmp_path / "places.csv").write_text("mentor,capacity\nA,2\n")
    found = answer(run_people("match", "--scores", "scores.csv", "--capacity", "places.csv",
                              "--json"))
    assert found["total"] == 17


@pytest.mark.parametrize(("name", "text", "told"), [
    ("scores.csv", "mentee,mentor,score\nM1,A,8\nM1,B,five\n", "line 3: score"),
    ("scores.csv", "mentee,mentor,score\nM1,A,nan\n", "line 2: score"),
    ("scores.csv", "mentee,mentor,score\nM 1,A,3\n", "line 2: mentee"),
    ("scores.csv", "mentee,mentor,score\nM1,A,1e300\n", "line 2: score"),
    ("scores.csv", "mentee,score\n", "a column `mentor` is needed"),
    ("scores.csv", "mentee,mentor,score\n", "holds no score"),
    ("scores.csv", f"mentee,mentor,score\nM1,A,{'8' * 200_000}\n", "line 2"),
    ("places.csv", "mentor,capacity\nA,2\nB,-1\n", "line 3: capacity"),
    ("places.csv", "mentor,capacity\nA,²\n", "line 2: capacity"),
])
def test_scores_and_places_that_cannot_be_read_are_named(
    run_people: Run, tmp_path: Path, name: str, text: str, told: str
) -> None:
    """With file and row."""
    (tmp_path / "places.csv").write_text("mentor,capacity\nA,2\n")
    (tmp_path / name).write_text(text)
    said = refusal(run_people("match", "--scores", "scores.csv", "--capacity", "places.csv"))
    assert name in said
    assert told in said


@pytest.mark.parametrize("given", ["-1", "+-1", "none.csv"])
def test_a_capacity_that_is_none_is_refused(run_people: Run, given: str) -> None:
    """Below zero, or no file."""
    assert refusal(run_people("match", "--scores", "scores.csv", "--capacity", given))


def test_mentors_prints_suggestions_as_the_contract_has_them(run_people: Run) -> None:
    """Best first, each score recomputable from its parts, told in the person's language."""
    for own, start in (("fr", "Tu cherches"), ("es", "Tú buscas")):
        (one,) = answer(run_people("mentors", "--profiles", "people.yaml", "--for", own, "--json"))
        assert {"candidate", "score", "parts", "reasons", "warnings"} <= set(one)
        assert set(one["parts"][0]) == {"rule", "value", "weight"}
        assert {"want", "offer", "similarity"} <= set(one["reasons"][0])
        assert one["told"].startswith(start)
        assert one["score"] == pytest.approx(
            sum(part["value"] * part["weight"] for part in one["parts"])
            / sum(part["weight"] for part in one["parts"]), abs=1e-5)
    found = answer(run_people("mentors", "--profiles", EVERGREEN, "--for", "eg-201", "--json",
                       "--limit", 2))
    assert len(found) == 2
    shown = run_people("mentors", "--profiles", EVERGREEN, "--for", "eg-201", "--limit", 2).stdout
    assert shown.startswith(f" 1. {found[0]['candidate']}  {found[0]['score']:.3f}")
    assert run_people("mentors", "--profiles", EVERGREEN, "--for", "nobody").exit_code == 2


def test_why_names_every_rule(run_people: Run) -> None:
    """Of the standing ones and of the programme, for who is listed and who is not."""
    found = answer(run_people("why", "--profiles", "people.yaml", "--for", "fr", "--candidate", "M",
                       "--json"))
    assert (found["eligible"], found["rank"]) == (True, 1)
    rules = [one["rule"] for one in found["outcomes"]]
    assert {"role", "available", "room", "languages overlap"} <= set(rules)
    other = answer(run_people("why", "--profiles", "people.yaml", "--for", "fr",
                              "--candidate", "es", "--json"))
    assert (other["eligible"], other["rank"], other["score"]) == (False, None, None)
    assert "n'a pas le rôle recherché" in other["told"]
    assert "not eligible" in run_people("why", "--profiles", "people.yaml", "--for", "fr",
                                 "--candidate", "es").stdout


def test_match_writes_the_whole_file_or_none(run_people: Run, tmp_path: Path) -> None:
    """Pairs, total, who is left over with reasons; `--out` holds the same JSON."""
    args = ("match", "--profiles", "people.yaml", "--fairness", "gender", "--json")
    found = answer(run_people(*args, "--out", "out.json"))
    assert len(found["pairs"]) == len(found["unmatched"]) == 1
    assert set(found["unmatched"][0]) >= {"id", "reasons"}
    assert found["total"] == found["pairs"][0]["score"]
    assert {one["value"] for one in found["fairness"]["slices"]["gender"]} == {"f", "m"}
    assert json.loads((tmp_path / "out.json").read_text()) == found
    before = sorted(one.name for one in tmp_path.iterdir())
    assert run_people(*args, "--out", "no/such/out.json").exit_code == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == before
    assert "did you mean gender" in refusal(
        run_people("match", "--profiles", "people.yaml", "--fairness", "gendr"))


def test_groups_prints_pods_and_who_is_left(run_people: Run) -> None:
    """Everyone of the file who is a peer stands once."""
    found = answer(run_people("groups", "--profiles", PEERS, "--size", "2-5", "--json"))
    assert set(found) == {"groups", "unmatched"}
    inside = [own for one in found["groups"] for own in one["members"]]
    assert inside
    assert len(set(inside)) == len(inside)
    assert not set(inside) & {one["id"] for one in found["unmatched"]}
    for bad in ("5-3", "x", "²", "1-3"):
        assert "size" in refusal(run_people("groups", "--profiles", PEERS, "--size", bad))


@pytest.mark.parametrize(("change", "told"), [
    ({"field": "langauges"}, "did you mean languages"), ({"test": "overlapp"}, "overlap"),
])
def test_a_rule_that_cannot_be_kept_is_refused(
    run_people: Run, tmp_path: Path, change: dict[str, str], told: str
) -> None:
    """Its field or test is named, and what was probably meant."""
    rule = {"field": "languages", "rule": "must", "test": "overlap"} | change
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({
        "id": "own", "name": "N", "purpose": "P", "success": "S", "relation": "mentor",
        "matching": {"rules": [rule]}}))
    assert told in refusal(run_people("match", "--profiles", "people.yaml",
                                      "--programme", "own.yaml"))


def test_a_bad_row_is_refused_or_skipped(run_people: Run, tmp_path: Path) -> None:
    """Capacity below zero names the row; with `--skip-bad` the rest goes on."""
    (tmp_path / "people.csv").write_text(
        "id,roles,level,languages,capacity\nm,mentee,2,en,\nX,mentor,3,en,-1\nM,mentor,3,en,1\n")
    assert "line 3: capacity" in refusal(run_people("match", "--profiles", "people.csv"))
    result = run_people("match", "--profiles", "people.csv", "--skip-bad", "--json")
    assert "skipped" in result.stderr
    assert [one["mentor"] for one in json.loads(result.stdout)["pairs"]] == ["M"]


def test_nobody_eligible_names_the_rule_to_relax(run_people: Run, tmp_path: Path) -> None:
    """The list is empty, the exit 0, the message in the person's language."""
    data = [PEOPLE[0], PEOPLE[2] | {"languages": ["ja"]}]
    (tmp_path / "people.yaml").write_text(yaml.safe_dump(data))
    result = run_people("mentors", "--profiles", "people.yaml", "--for", "fr", "--json")
    assert answer(result) == []
    assert "personne ne répond aux règles" in result.stderr
    assert "sans la règle «\u00a0langues\u00a0: un point commun\u00a0»" in result.stderr
    assert "[languages overlap]" in result.stderr


def test_groups_says_when_nobody_can_be_grouped(run_people: Run) -> None:
    """A file of mentees holds no equals: that is told, and what to write instead."""
    circle = PEERS.parents[1] / "leaders-circle/people.yaml"
    result = run_people("groups", "--profiles", circle, "--size", "3-5")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "holds no peers" in result.stderr
    assert "--circles" in result.stderr
