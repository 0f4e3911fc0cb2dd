"""From one run to the next: lists for everybody, earlier lists, roulettes, pairs, decisions."""

import csv
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from people_commands import PEOPLE, Run, answer, refusal

COLLEAGUES = (Path(__file__).resolve().parents[2]
              / "examples/colleague-connect/people.yaml")
WOMEN = Path(__file__).resolve().parents[2] / "examples/women-pilot/people.yaml"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def people_file(folder: Path, people: list[dict[str, Any]]) -> str:
    (folder / "own.yaml").write_text(yaml.safe_dump(people, allow_unicode=True))
    return "own.yaml"


def test_lists_for_everybody_share_out_who_is_shown(run_people: Run, tmp_path: Path) -> None:
    """One list each, the Gini printed, counts kept for the next run and heeded there."""
    args = ("mentors", "--profiles", WOMEN, "--programme", "women-pilot", "--for", "all",
            "--limit", 2)
    found = answer(run_people(*args, "--json", "--shown-out", "shown.csv"))
    assert set(found) == {"lists", "shown", "gini", "gini_unlimited"}
    people = {one["id"]: one for one in yaml.safe_load(WOMEN.read_text())}
    assert [one["person"] for one in found["lists"]] == sorted(
        own for own, one in people.items() if "mentee" in one["roles"])
    counts: dict[str, int] = {}
    for one in found["lists"]:
        assert one["suggestions"] or one["reasons"]
        for each in one["suggestions"]:
            assert {"candidate", "score", "parts", "reasons", "told"} <= set(each)
            counts[each["candidate"]] = counts.get(each["candidate"], 0) + 1
    assert all(count <= 2 * people[own].get("capacity", 1) for own, count in counts.items())
    assert found["shown"] == counts
    assert {one["candidate_id"]: int(one["lists"]) for one in rows_of(tmp_path / "shown.csv")} == (
        counts)
    text = run_people(*args).stdout
    assert f"exposure: Gini {found['gini']:.3f}; {found['gini_unlimited']:.3f} if" in text
    again = answer(run_people(*args, "--json", "--shown", "shown.csv"))
    full = {own for own, count in counts.items() if count == 2 * people[own].get("capacity", 1)}
    assert full
    listed = {each["candidate"] for one in again["lists"] for each in one["suggestions"]}
    assert not listed & full
    assert "--for one person" in refusal(run_people(*args, "--as", "mentor"))


def test_earlier_lists_count_for_one_person_too(run_people: Run, tmp_path: Path) -> None:
    """Whoever stands in enough lists comes last, with a warning; the new list is counted in."""
    args = ("mentors", "--profiles", WOMEN, "--programme", "women-pilot", "--for", "wp-403",
            "--limit", 2, "--json")
    first = [one["candidate"] for one in answer(run_people(*args))]
    (tmp_path / "shown.csv").write_text(f"candidate_id,lists\n{first[0]},9\n")
    result = run_people(*args, "--shown", "shown.csv", "--shown-out", "next.csv")
    later = answer(result)
    assert first[0] not in [one["candidate"] for one in later]
    assert "wrote next.csv" in result.stderr
    assert {one["candidate_id"]: one["lists"] for one in rows_of(tmp_path / "next.csv")} == {
        first[0]: "9"} | {one["candidate"]: "1" for one in later}


def test_somebody_may_be_called_all(run_people: Run, tmp_path: Path) -> None:
    """An id of the file comes before the word."""
    name = people_file(tmp_path, [PEOPLE[0] | {"id": "all"}, PEOPLE[2]])
    found = answer(run_people("mentors", "--profiles", name, "--for", "all", "--json"))
    assert [one["candidate"] for one in found] == ["M"]


def test_a_roulette_goes_on_in_the_next_run(run_people: Run, tmp_path: Path) -> None:
    """Rounds in one run or in several: nobody again before everybody else was met."""
    args = ("match", "--profiles", COLLEAGUES, "--programme", "colleague-connect", "--json")
    data = answer(run_people(*args, "--rounds", 3, "--out", "out.json", "--pairs-out", "met.csv"))
    assert json.loads((tmp_path / "out.json").read_text()) == data
    rounds = data["rounds"]
    assert len(rounds) == 3
    assert all({"pairs", "total", "unmatched"} <= set(one) for one in rounds)
    met = rows_of(tmp_path / "met.csv")
    assert met == [{"mentee": pair["mentee"], "mentor": pair["mentor"], "status": "ended"}
                   for one in rounds for pair in one["pairs"]]
    more = answer(run_people(*args, "--rounds", 3, "--pairs", "met.csv"))["rounds"]
    seen: dict[str, list[str]] = {}
    again = 0
    for one in [*rounds, *more]:
        for pair in one["pairs"]:
            for own, other in ((pair["mentee"], pair["mentor"]), (pair["mentor"], pair["mentee"])):
                again += other in seen.get(own, [])
                seen.setdefault(own, []).append(other)
    assert not again
    text = run_people(*args[:-1], "--rounds", 1).stdout
    assert text.startswith("round 1\n")
    for option in (("--rematch",), ("--fairness", "level"), ("--flip", "level")):
        assert "--rounds: goes with neither" in refusal(run_people(*args, "--rounds", 2, *option))


def test_who_waits_in_a_roulette_is_told_so(run_people: Run, tmp_path: Path) -> None:
    """Not that a rule were in the way; left over in all rounds, their profile is kept."""
    people = [{"id": own, "roles": ["peer"], "languages": [spoken], "level": 3, "function": own}
              for own, spoken in (("a", "en"), ("b", "en"), ("c", "fr"))]
    name = people_file(tmp_path, people)
    data = answer(run_people("match", "--profiles", name, "--programme", "colleague-connect",
                             "--rounds", 2, "--unmatched-out", "left.yaml", "--json"))
    assert [len(one["pairs"]) for one in data["rounds"]] == [1, 1]
    assert [one["id"] for one in yaml.safe_load((tmp_path / "left.yaml").read_text())] == ["c"]


def test_pairs_and_history_are_kept_for_the_next_cohort(run_people: Run, tmp_path: Path) -> None:
    """A mentee whose mentor left is matched anew, never with an earlier one; the file that goes
    to the next run ends the old pair and names the new."""
    base = {"languages": ["en"], "level": 4, "roles": ["mentor"]}
    people = [{"id": "m", "roles": ["mentee"], "languages": ["en"], "level": 2},
              {"id": "k", "roles": ["mentee"], "languages": ["en"], "level": 2},
              base | {"id": "A"}, base | {"id": "B"}]
    (tmp_path / "pairs.csv").write_text(
        "mentee,mentor,status\nm,gone,active\nm,A,ended\nk,A,active\n")
    name = people_file(tmp_path, people)
    result = run_people("match", "--profiles", name, "--pairs", "pairs.csv", "--pairs-out",
                        "next.csv", "--json")
    assert {(one["mentee"], one["mentor"], one["kept"]) for one in answer(result)["pairs"]} == {
        ("m", "B", False), ("k", "A", True)}
    assert [tuple(one.values()) for one in rows_of(tmp_path / "next.csv")] == [
        ("m", "gone", "ended"), ("m", "A", "ended"), ("k", "A", "active"), ("m", "B", "active")]
    later = run_people("match", "--profiles", name, "--pairs", "next.csv", "--json")
    assert all(one["kept"] for one in answer(later)["pairs"])


def test_flipping_an_attribute_changes_nothing_unless_a_rule_reads_it(run_people: Run) -> None:
    """Gender is in no rule, the level is."""
    args = ("match", "--profiles", "people.yaml", "--flip", "gender", "--flip", "level")
    found = answer(run_people(*args, "--json"))
    assert found["flipped"] == {"gender": False, "level": True}
    text = run_people(*args).stdout
    assert "gender handed on to the next person: nothing changes" in text
    assert "level handed on to the next person: the match changes" in text
    assert "total" in text
    assert "did you mean gender" in refusal(
        run_people("match", "--profiles", "people.yaml", "--flip", "gendr"))


def test_one_pair_is_no_pairs(run_people: Run) -> None:
    """Singular and plural in what is printed."""
    text = run_people("match", "--profiles", "people.yaml").stdout
    assert ", 1 pair, at most" in text
    assert "1 personas" not in text
    assert ", 2 pairs, at most" in run_people("match", "--scores", "scores.csv").stdout


@pytest.mark.parametrize(("verdict", "listed"), [
    ("worked_well", True), ("met", False), ("not_interested", False),
])
def test_a_verdict_is_heeded_shown_and_taken_back(
    run_people: Run, tmp_path: Path, verdict: str, listed: bool
) -> None:
    """Who worked well stays eligible; `why` says what keeps others away; undo brings them back."""
    head = "profile_id,candidate_id,verdict\n"
    (tmp_path / "said.csv").write_text(f"{head}fr,M,{verdict}\n")
    (tmp_path / "undone.csv").write_text(f"{head}fr,M,{verdict}\nfr,M,undo\n")
    args = ("--profiles", "people.yaml", "--for", "fr", "--json", "--feedback")
    plain = answer(run_people("mentors", *args[:-1]))
    found = answer(run_people("mentors", *args, "said.csv"))
    assert [one["candidate"] for one in found] == (["M"] if listed else [])
    why = answer(run_people("why", *args, "said.csv", "--candidate", "M"))
    assert why["eligible"] is listed
    broken = [one for one in why["outcomes"] if one["kind"] == "always"
              and one["outcome"] != "met"]
    assert bool(broken) is not listed
    assert all(one["detail"] in why["told"] for one in broken)
    likeness = [one for one in why["parts"] if one["rule"].startswith("like somebody")]
    assert bool(likeness) is listed
    assert answer(run_people("mentors", *args, "undone.csv")) == plain


def test_a_pair_takes_room_though_the_mentee_is_not_in_the_file(
    run_people: Run, tmp_path: Path
) -> None:
    """Who is left out of a file, of another programme say, still has their mentor."""
    (tmp_path / "pairs.csv").write_text("mentee,mentor\nelsewhere,M\n")
    args = ("--profiles", "people.yaml", "--pairs", "pairs.csv", "--json")
    found = answer(run_people("match", *args))
    assert found["pairs"] == []
    assert len(found["unmatched"]) == 2
    assert answer(run_people("mentors", "--for", "fr", *args)) == []


def test_mentors_whom_a_capacity_file_does_not_name_have_no_room(
    run_people: Run, tmp_path: Path
) -> None:
    """The file is the whole truth; without one everybody has a place."""
    (tmp_path / "places.csv").write_text("mentor,capacity\nB,1\n")
    found = answer(run_people("match", "--scores", "scores.csv", "--capacity", "places.csv",
                              "--json"))
    assert [(one["mentee"], one["mentor"]) for one in found["pairs"]] == [("M1", "B")]
    assert len(answer(run_people("match", "--scores", "scores.csv", "--json"))["pairs"]) == 2


def test_a_member_of_a_circle_may_lead_another(run_people: Run, tmp_path: Path) -> None:
    """Whoever is mentee and mentor; nobody leads their own."""
    people = [{"id": f"m{at}", "roles": ["mentee"], "languages": ["en" if at < 3 else "fr"],
               "level": 2} for at in range(5)]
    people.append({"id": "both", "roles": ["mentee", "mentor"], "languages": ["fr", "en"],
                   "level": 4})
    name = people_file(tmp_path, people)
    found = answer(run_people("groups", "--profiles", name, "--programme", "onboarding",
                              "--size", 3, "--circles", "--json"))
    by_mentor = {tuple(one["mentors"]): one["members"] for one in found["groups"]}
    assert by_mentor == {(): ["both", "m3", "m4"], ("both",): ["m0", "m1", "m2"]}


def test_nobody_is_asked_why_of_themselves(run_people: Run) -> None:
    """It is a slip of the keyboard, not somebody in another role."""
    said = refusal(run_people("why", "--profiles", "people.yaml", "--for", "fr",
                              "--candidate", "fr"))
    assert "--candidate: is the person who asks; name somebody else" in said


def test_lists_come_best_first(run_people: Run) -> None:
    """For everybody, as for one."""
    found = answer(run_people("mentors", "--profiles", WOMEN, "--programme", "women-pilot",
                              "--for", "all", "--json"))
    for one in found["lists"]:
        assert all(first["score"] >= second["score"]
                   for first, second in pairwise(one["suggestions"]))
