"""`agendum match` and `groups`: who meets whom, everybody at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.people import print_json
from api.people_options import (
    PATH,
    feedback_option,
    json_option,
    left_option,
    pairs_option,
    profiles_option,
    programme_option,
    seed_option,
    skip_option,
    vectors_option,
)

if TYPE_CHECKING:
    from api.people_opening import People
    from api.people_outputs import Outputs
    from recommender.domain.matching import Pair, Unmatched
    from recommender.matching.match import Matching
    from recommender.matching.terms import Terms

ASSIGNING = "choosing the best assignment"


@click.command("match")
@profiles_option
@programme_option
@click.option("--scores", type=PATH, metavar="FILE",
              help="Your own scores instead of profiles: CSV of mentee,mentor,score.")
@click.option("--capacity", metavar="N|FILE",
              help="With --scores: places of every mentor, or a CSV of mentor,capacity.")
@click.option("--rematch", is_flag=True,
              help="Active pairs only take room; their mentees are matched again.")
@click.option("--rounds", type=click.IntRange(1, 1000), metavar="N",
              help="A roulette of so many rounds: nobody again before everybody else was met. "
                   "Ended pairs of --pairs count as met.")
@seed_option
@click.option("--fairness", multiple=True, metavar="FIELD",
              help="Report how those with each value of a field fared; repeatable.")
@click.option("--flip", multiple=True, metavar="FIELD",
              help="Match again with this field's values handed on to the next person, and say "
                   "whether anything changes; repeatable.")
@click.option("--out", type=PATH, metavar="FILE", help="Write the JSON here.")
@left_option
@click.option("--pairs-out", type=PATH, metavar="FILE",
              help="Write earlier and new pairs here, for the next run's --pairs.")
@pairs_option
@feedback_option
@vectors_option
@skip_option
@json_option
def match_command(
    people: Path | None, programme: str, scores: Path | None, capacity: str | None,
    rematch: bool, rounds: int | None, seed: str, fairness: tuple[str, ...],
    flip: tuple[str, ...], out: Path | None, left_file: Path | None, pairs_out: Path | None,
    pairs: Path | None, feedback: Path | None, vectors: Path | None, skip_bad: bool,
    as_json: bool,
) -> None:
    """Find the best assignment of everybody under capacity and rules.

    \b
    Example:
      agendum match --profiles examples/women-pilot/people.yaml --programme women-pilot
      agendum match --profiles examples/colleague-connect/people.yaml \\
        --programme colleague-connect --rounds 3
      agendum match --scores scores.csv --capacity 1 --json
    """
    from api.people_opening import open_people
    from api.people_outputs import Outputs
    from recommender.errors import InvalidInputError

    if (people is None) == (scores is None):
        raise InvalidInputError.of("give either --profiles PEOPLE or --scores FILE")
    files = Outputs(out, left_file, pairs_out)
    files.check()
    if scores is not None:
        for option, given in (
            ("--rounds", rounds), ("--rematch", rematch), ("--fairness", fairness),
            ("--flip", flip), ("--unmatched-out", left_file), ("--pairs-out", pairs_out),
            ("--pairs", pairs), ("--feedback", feedback), ("--vectors", vectors),
        ):
            if given:
                raise InvalidInputError.of("goes with --profiles, not with --scores",
                                           field=option)
        _print_match(_match_scores(scores, capacity, seed), {}, files, as_json=as_json)
        return
    if capacity is not None:
        raise InvalidInputError.of("goes with --scores; profiles say their own capacity",
                                   field="--capacity")
    if rounds is not None and (rematch or fairness or flip):
        raise InvalidInputError.of("goes with neither --rematch, --fairness nor --flip",
                                   field="--rounds")
    opened = open_people(people, programme, pairs=pairs, feedback=feedback, vectors=vectors,
                         skip_bad=skip_bad, compared={"--fairness": fairness, "--flip": flip})
    if rounds is not None:
        _run_roulette(opened, rounds, seed, files, as_json=as_json)
    else:
        _run_match(opened, rematch, seed, fairness, flip, files, as_json=as_json)


def _match_scores(scores: Path, capacity: str | None, seed: str) -> "Matching":
    from api.opening import progress_bar
    from api.people_inputs import read_capacity, read_scores
    from recommender.matching.match import match_scores

    with progress_bar(f"reading {scores.name}", "B") as progress:
        rows = read_scores(scores, progress)
    return match_scores(rows, read_capacity(capacity, {mentor for _, mentor, _ in rows}), seed)


def _run_match(
    opened: "People", rematch: bool, seed: str, fairness: tuple[str, ...], flip: tuple[str, ...],
    files: "Outputs", *, as_json: bool,
) -> None:
    from api.opening import progress_bar
    from api.people_outputs import pairs_after
    from recommender.matching.fairness import flipped
    from recommender.matching.match import match_pool

    terms = opened.terms()
    with progress_bar("comparing wants and offers", "person", ASSIGNING) as progress:
        found = match_pool(terms, opened.phrases_of, seed=seed, keep=not rematch,
                           progress=progress)
    more: dict[str, Any] = {}
    if fairness:
        more["fairness"] = _fairness(terms, found.pairs, fairness)
    if flip:
        more["flipped"] = {}
        for field in flip:
            other = opened.changed(flipped(opened.pool.profiles, field))
            title = f"matching again, {field} handed on"
            with progress_bar(title, "person", ASSIGNING) as progress:
                again = match_pool(other, opened.phrases_of, seed=seed, keep=not rematch,
                                   progress=progress)
            more["flipped"][field] = again != found
    files.write_left(_profiles_of(opened, found.unmatched))
    files.write_pairs(pairs_after(terms, found, keep=not rematch))
    _print_match(found, more, files, as_json=as_json)


def _run_roulette(
    opened: "People", rounds: int, seed: str, files: "Outputs", *, as_json: bool
) -> None:
    from api.opening import progress_bar
    from recommender.matching.roulette import meet_everybody
    from recommender.matching.terms import Before, PastPair

    before = opened.before
    active = [pair for pair in before.pairs if pair.status == "active"]
    ended = [pair for pair in before.pairs if pair.status == "ended"]
    with progress_bar("pairing", "round") as progress:
        found = meet_everybody(
            lambda more: opened.terms(Before([*active, *more.pairs], before.feedback)), rounds,
            opened.phrases_of, seed, earlier=ended, progress=progress)
    met = {own for one in found for pair in one.pairs for own in (pair.mentee, pair.mentor)}
    never = {left.id: left for one in found for left in one.unmatched if left.id not in met}
    files.write_left(_profiles_of(opened, list(never.values())))
    files.write_pairs([*before.pairs, *(
        PastPair(mentee=pair.mentee, mentor=pair.mentor, status="ended")
        for one in found for pair in one.pairs)])
    data = {"rounds": [_data_of(one) for one in found]}
    files.write(data)
    if as_json:
        print_json(data)
        return
    for number, one in enumerate(found, start=1):
        click.echo(f"round {number}")
        _print_pairs(one)


def _profiles_of(opened: "People", left: Sequence["Unmatched"]) -> list[Any]:
    return [opened.pool.profiles[opened.pool.row[one.id]] for one in left]


def _print_match(
    found: "Matching", more: dict[str, Any], files: "Outputs", *, as_json: bool
) -> None:
    data = _data_of(found) | more
    files.write(data)
    if as_json:
        print_json(data)
        return
    _print_pairs(found)
    if "fairness" in more:
        print_json(more["fairness"])
    for field, changes in more.get("flipped", {}).items():
        click.echo(f"{field} handed on to the next person: "
                   + ("the match changes" if changes else "nothing changes"))


def _data_of(found: "Matching") -> dict[str, Any]:
    return {
        "pairs": [one.model_dump() for one in found.pairs], "total": round(found.total, 6),
        "bound": round(found.bound, 6),
        "unmatched": [one.model_dump() for one in found.unmatched], "relax": found.relax,
    }


def _print_pairs(found: "Matching") -> None:
    for pair in found.pairs:
        kept = "  (as before)" if pair.kept else ""
        click.echo(f"{pair.mentee}  {pair.mentor}  {pair.score:.3f}{kept}")
    count = len(found.pairs)
    click.echo(f"total {found.total:.3f}, {count} pair{'' if count == 1 else 's'}, "
               f"at most {found.bound:.3f}")
    _print_left(found.unmatched)
    if found.relax is not None:
        click.echo(f"one rule keeps most of them apart: {found.relax}")


def _print_left(unmatched: Sequence["Unmatched"]) -> None:
    for left in unmatched:
        rule = "" if left.relax is None else f" [{left.relax}]"
        click.echo(f"left over: {left.id}: {'; '.join(left.reasons)}{rule}")


@click.command("groups")
@profiles_option
@click.option("--size", default="3-5", show_default=True, metavar="N|N-M",
              help="Members of a group, mentors not counted.")
@click.option("--circles", is_flag=True, help="Give each group a mentor.")
@click.option("--programme", default="peer-quarter", show_default=True, metavar="P",
              help="Whose rules count: an id of the library, or a YAML file.")
@seed_option
@click.option("--out", type=PATH, metavar="FILE", help="Write the JSON here.")
@left_option
@vectors_option
@skip_option
@json_option
def groups_command(
    people: Path, size: str, circles: bool, programme: str, seed: str, out: Path | None,
    left_file: Path | None, vectors: Path | None, skip_bad: bool, as_json: bool,
) -> None:
    """Form pods of equals, or circles with a mentor.

    \b
    Example:
      agendum groups --profiles examples/peer-quarter/people.yaml --size 3-5
      agendum groups --profiles examples/leaders-circle/people.yaml \\
        --programme leaders-circle --size 3-6 --circles
    """
    from api.opening import progress_bar
    from api.people_inputs import read_size
    from api.people_opening import open_people
    from api.people_outputs import Outputs
    from recommender.matching.groups import form_groups
    from recommender.matching.rules import check_filled

    smallest, largest = read_size(size)
    files = Outputs(out, left_file)
    files.check()
    opened = open_people(people, programme, vectors=vectors, skip_bad=skip_bad, filled=circles)
    check_filled(opened.terms().among_equals().rules, opened.pool, f"{programme}: matching.rules")
    with progress_bar("comparing wants and offers", "person", "choosing groups") as progress:
        groups, left = form_groups(opened.terms(), smallest, largest, opened.phrases_of,
                                   circles=circles, seed=seed, progress=progress)
    files.write_left(_profiles_of(opened, left))
    data = {"groups": [one.model_dump() for one in groups],
            "unmatched": [one.model_dump() for one in left]}
    files.write(data)
    if as_json:
        print_json(data)
        return
    for one in groups:
        mentors = f"  with {', '.join(one.mentors)}" if one.mentors else ""
        click.echo(f"{one.score:.3f}  {', '.join(one.members)}{mentors}")
    _print_left(left)
    if not groups and not left:
        wanted = "mentees or peers" if circles else "peers who are available and have room"
        click.echo(f"nobody to group: {people} holds no {wanted}"
                   f"{'' if circles else '; circles with a mentor come with --circles'}", err=True)


def _fairness(
    terms: "Terms", pairs: Sequence["Pair"], fields: tuple[str, ...]
) -> dict[str, Any]:
    from dataclasses import asdict

    from recommender.matching.fairness import report_fairness

    pool = terms.pool
    mentees = [one for at, one in enumerate(pool.profiles) if terms.mentees[at]]
    places = {own: int(pool.capacity[at]) for at, own in enumerate(pool.ids) if terms.mentors[at]}
    shown: dict[str, int] = {}
    scores: dict[str, float] = {}
    for pair in pairs:
        for own, other in [(pair.mentee, pair.mentor), (pair.mentor, pair.mentee)][
            : 2 if terms.both_ways else 1
        ]:
            shown[other] = shown.get(other, 0) + 1
            scores[own] = max(pair.score, scores.get(own, pair.score))
    return asdict(report_fairness(mentees, scores, fields, shown, places))
