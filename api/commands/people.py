"""`agendum mentors`, `why`, `match`, `groups`: the people worth meeting."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recommender.domain.phrases import Phrases
    from recommender.domain.profile import Profile
    from recommender.matching.terms import Terms

_PEOPLE = click.Path(path_type=Path)
profiles_option = click.option(
    "--profiles", "people", type=_PEOPLE, metavar="PEOPLE",
    help="Everybody: .jsonl, .yaml or .csv, one profile a row.")
programme_option = click.option(
    "--programme", default="evergreen", show_default=True, metavar="P",
    help="Whose rules count: an id of the library, or a YAML file.")
pairs_option = click.option(
    "--pairs", type=_PEOPLE, metavar="FILE",
    help="Pairs so far: CSV of mentee,mentor,status (active or ended).")
feedback_option = click.option(
    "--feedback", type=_PEOPLE, metavar="FILE",
    help="What people made of suggestions: CSV of profile_id,candidate_id,verdict "
         "(not_interested, met, worked_well or undo), oldest first.")
skip_option = click.option(
    "--skip-bad", is_flag=True, help="Go on without rows that cannot be read, naming each.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
as_option = click.option(
    "--as", "role", type=click.Choice(["mentee", "mentor"]), default=None,
    help="Which side the person is on; by default the one their roles say, mentee first.")
vectors_option = click.option(
    "--vectors", type=_PEOPLE, metavar="FILE",
    help="Keep the phrases' vectors here, so that a next run encodes only new ones. They are "
         "made from what people wrote: keep the file as safe as their profiles.")


@click.command("mentors")
@profiles_option
@click.option("--for", "person", required=True, metavar="ID", help="Whom the list is for.")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True)
@programme_option
@as_option
@pairs_option
@feedback_option
@vectors_option
@skip_option
@json_option
def mentors_command(
    people: Path, person: str, limit: int, programme: str, role: str | None, pairs: Path | None,
    feedback: Path | None, vectors: Path | None, skip_bad: bool, as_json: bool,
) -> None:
    """Suggest the people worth meeting, best first, each with the reasons.

    \b
    Example:
      agendum mentors --profiles examples/evergreen/people.yaml --for eg-201
    """
    from recommender.matching.suggest import suggest_mentors, what_shuts_out

    terms, phrases_of = _open(people, programme, pairs, feedback, vectors, skip_bad)
    row = _row(terms, person)
    as_mentee = _as_mentee(terms, row, role)
    found = suggest_mentors(terms, person, phrases_of(row), limit, as_mentee=as_mentee)
    if not found:
        _, rule, more = what_shuts_out(terms, row, as_mentee=as_mentee)
        words = phrases_of(row).matching
        click.echo(f"agendum: {person}: {words.nobody}", err=True)
        if rule is not None:
            click.echo(f"agendum: {words.relax.format(rule=rule, count=more)}", err=True)
    if as_json:
        _print([one.model_dump() for one in found])
        return
    for place, one in enumerate(found, start=1):
        click.echo(f"{place:2}. {one.candidate}  {one.score:.3f}")
        click.echo(f"    {one.told}")
        click.echo("    " + ", ".join(f"{part.rule} {part.value:.2f} × {part.weight:g}"
                                      for part in one.parts))
        for warning in one.warnings:
            click.echo(f"    ! {warning}")


@click.command("why")
@profiles_option
@click.option("--for", "person", required=True, metavar="ID", help="Who asks.")
@click.option("--candidate", required=True, metavar="ID", help="Who was, or was not, suggested.")
@programme_option
@as_option
@pairs_option
@feedback_option
@vectors_option
@skip_option
@json_option
def why_command(
    people: Path, person: str, candidate: str, programme: str, role: str | None,
    pairs: Path | None, feedback: Path | None, vectors: Path | None, skip_bad: bool,
    as_json: bool,
) -> None:
    """Say why somebody was, or was not, suggested: every rule with its outcome.

    \b
    Example:
      agendum why --profiles examples/evergreen/people.yaml --for eg-201 --candidate eg-204
    """
    from recommender.matching.suggest import explain_candidate

    terms, phrases_of = _open(people, programme, pairs, feedback, vectors, skip_bad)
    row = _row(terms, person)
    found = explain_candidate(terms, person, candidate, phrases_of(row),
                              as_mentee=_as_mentee(terms, row, role))
    if as_json:
        _print(found.model_dump())
        return
    verdict = (f"eligible, place {found.rank}, score {found.score:.3f}" if found.eligible
               else "not eligible")
    click.echo(f"{candidate} for {person}: {verdict}")
    click.echo(f"  {found.told}")
    for outcome in found.outcomes:
        detail = f"  ({outcome.detail})" if outcome.detail else ""
        click.echo(f"  {outcome.kind:7} {outcome.outcome:10} {outcome.rule}{detail}")
    for part in found.parts:
        click.echo(f"  part    {part.value:.3f} × {part.weight:g}  {part.rule}")
    for reason in found.reasons:
        click.echo(f"  reason  {reason.similarity:.2f}  {reason.want} ← {reason.offer}")


@click.command("match")
@profiles_option
@programme_option
@click.option("--scores", type=_PEOPLE, metavar="FILE",
              help="Your own scores instead of profiles: CSV of mentee,mentor,score.")
@click.option("--capacity", metavar="N|FILE",
              help="With --scores: places of every mentor, or a CSV of mentor,capacity.")
@click.option("--rematch", is_flag=True,
              help="Active pairs only take room; their mentees are matched again.")
@click.option("--seed", default="", help="Draws the lots between equals.")
@click.option("--fairness", multiple=True, metavar="FIELD",
              help="Report how those with each value of a field fared; repeatable.")
@click.option("--out", type=_PEOPLE, metavar="FILE", help="Write the JSON here.")
@pairs_option
@feedback_option
@vectors_option
@skip_option
@json_option
def match_command(
    people: Path | None, programme: str, scores: Path | None, capacity: str | None,
    rematch: bool, seed: str, fairness: tuple[str, ...], out: Path | None, pairs: Path | None,
    feedback: Path | None, vectors: Path | None, skip_bad: bool, as_json: bool,
) -> None:
    """Find the best assignment of everybody under capacity and rules.

    \b
    Example:
      agendum match --profiles examples/women-pilot/people.yaml --programme women-pilot
      agendum match --scores scores.csv --capacity 1 --json
    """
    from api.inputs import write_text
    from api.opening import progress_bar
    from api.people_inputs import read_capacity, read_scores
    from recommender.errors import InvalidInputError
    from recommender.matching.match import match_pool, match_scores

    if (people is None) == (scores is None):
        raise InvalidInputError.of("give either --profiles PEOPLE or --scores FILE")
    report: dict[str, Any] | None = None
    if scores is not None:
        rows = read_scores(scores)
        found = match_scores(rows, read_capacity(capacity, {mentor for _, mentor, _ in rows}),
                             seed)
    else:
        if capacity is not None:
            raise InvalidInputError.of("goes with --scores; profiles say their own capacity",
                                       field="--capacity")
        terms, phrases_of = _open(people, programme, pairs, feedback, vectors, skip_bad)
        with progress_bar("comparing wants and offers") as progress:
            found = match_pool(terms, phrases_of, seed=seed, keep=not rematch, progress=progress)
        if fairness:
            report = _fairness(terms, found.pairs, fairness)
    data = {
        "pairs": [one.model_dump() for one in found.pairs], "total": round(found.total, 6),
        "bound": round(found.bound, 6),
        "unmatched": [one.model_dump() for one in found.unmatched], "relax": found.relax,
    } | ({} if report is None else {"fairness": report})
    if out is not None:
        write_text(out, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        click.echo(f"wrote {out}", err=True)
    if as_json:
        _print(data)
        return
    for pair in found.pairs:
        kept = "  (as before)" if pair.kept else ""
        click.echo(f"{pair.mentee}  {pair.mentor}  {pair.score:.3f}{kept}")
    click.echo(f"total {found.total:.3f}, {len(found.pairs)} pairs, at most {found.bound:.3f}")
    for left in found.unmatched:
        click.echo(f"left over: {left.id}: {'; '.join(left.reasons)}")
    if found.relax is not None:
        click.echo(f"one rule keeps most of them apart: {found.relax}")
    if report is not None:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))


@click.command("groups")
@profiles_option
@click.option("--size", default="3-5", show_default=True, metavar="N|N-M",
              help="Members of a group, mentors not counted.")
@click.option("--circles", is_flag=True, help="Give each group a mentor.")
@click.option("--programme", default="peer-quarter", show_default=True, metavar="P",
              help="Whose rules count: an id of the library, or a YAML file.")
@click.option("--seed", default="", help="Draws the lots between equals.")
@vectors_option
@skip_option
@json_option
def groups_command(
    people: Path, size: str, circles: bool, programme: str, seed: str, vectors: Path | None,
    skip_bad: bool, as_json: bool,
) -> None:
    """Form pods of equals, or circles with a mentor.

    \b
    Example:
      agendum groups --profiles examples/peer-quarter/people.yaml --size 3-5
    """
    from api.opening import progress_bar
    from api.people_inputs import read_size
    from recommender.matching.groups import form_groups

    smallest, largest = read_size(size)
    terms, phrases_of = _open(people, programme, None, None, vectors, skip_bad)
    with progress_bar("comparing wants and offers", "person") as progress:
        groups, left = form_groups(terms, smallest, largest, phrases_of, circles=circles,
                                   seed=seed, progress=progress)
    if as_json:
        _print({"groups": [one.model_dump() for one in groups],
                "unmatched": [one.model_dump() for one in left]})
        return
    for one in groups:
        mentors = f"  with {', '.join(one.mentors)}" if one.mentors else ""
        click.echo(f"{one.score:.3f}  {', '.join(one.members)}{mentors}")
    for person in left:
        click.echo(f"left over: {person.id}: {'; '.join(person.reasons)}")


def _open(
    people: Path | None, programme: str, pairs: Path | None, feedback: Path | None,
    vectors: Path | None, skip_bad: bool,
) -> "tuple[Terms, Any]":
    """Return the terms of a matching, and the phrases for a row in that person's language."""
    from api.opening import open_ready_catalogue, progress_bar
    from api.people_inputs import read_feedback, read_pairs, read_programme, shared_vectors
    from recommender.errors import InvalidInputError
    from recommender.matching.meaning import meaning_of_people
    from recommender.matching.pool import Pool
    from recommender.matching.terms import Before, Terms
    from recommender.people_file import read_people
    from recommender.settings import read_settings

    if people is None:
        raise InvalidInputError.of("is missing; give a file of profiles", field="--profiles")
    held = read_people(people, skip_bad=skip_bad)
    for fault in held.faults:
        click.echo(f"agendum: skipped: {fault}", err=True)
    catalogue = open_ready_catalogue(read_settings())
    own = read_programme(programme, catalogue.library)
    pool = Pool(held.profiles)
    before = Before(read_pairs(pairs), read_feedback(feedback))
    kept = shared_vectors(catalogue, vectors)
    with progress_bar("encoding what people wrote") as progress:
        meaning = meaning_of_people(pool.profiles, kept, own.ai_fields, progress)
    kept.save()
    library = catalogue.library

    def phrases_of(row: int) -> "Phrases":
        return library.phrases[_language(pool.profiles[row])]

    return Terms(pool, own, meaning, before), phrases_of


def _language(profile: "Profile") -> str:
    from recommender.domain.base import LANGUAGES, base_language

    bases = [base_language(tag) for tag in profile.languages]
    return next((one for one in bases if one in LANGUAGES), "en")


def _row(terms: "Terms", person: str) -> int:
    from recommender.matching.suggest import find_row

    return find_row(terms, person)


def _as_mentee(terms: "Terms", row: int, role: str | None) -> bool:
    if role is not None:
        return role == "mentee"
    return bool(terms.mentees[row]) or not bool(terms.mentors[row])


def _fairness(terms: "Terms", pairs: Any, fields: tuple[str, ...]) -> dict[str, Any]:
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


def _print(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
