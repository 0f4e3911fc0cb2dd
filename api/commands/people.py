"""`agendum mentors` and `why`: the people worth meeting, and why, or why not."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.people_options import (
    PATH,
    as_option,
    feedback_option,
    json_option,
    pairs_option,
    profiles_option,
    programme_option,
    seed_option,
    skip_option,
    vectors_option,
)

if TYPE_CHECKING:
    from api.people_opening import People
    from recommender.domain.matching import Suggestion, Why
    from recommender.matching.exposure import Lists

EVERYBODY = "all"


@click.command("mentors")
@profiles_option
@click.option("--for", "person", required=True, metavar="ID|all",
              help="Whom the list is for; `all`: a list for everybody who looks, in which nobody "
                   "stands more often than room × limit.")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True,
              help="Names on a list.")
@programme_option
@as_option
@pairs_option
@feedback_option
@click.option("--shown", type=PATH, metavar="FILE",
              help="In how many lists people stand already: CSV of candidate_id,lists.")
@click.option("--shown-out", type=PATH, metavar="FILE",
              help="Write the same here with the new lists counted, for the next run's --shown.")
@seed_option
@vectors_option
@skip_option
@json_option
def mentors_command(
    people: Path, person: str, limit: int, programme: str, role: str | None, pairs: Path | None,
    feedback: Path | None, shown: Path | None, shown_out: Path | None, seed: str,
    vectors: Path | None, skip_bad: bool, as_json: bool,
) -> None:
    """Suggest the people worth meeting, best first, each with the reasons.

    \b
    Example:
      agendum mentors --profiles examples/evergreen/people.yaml --for eg-201
      agendum mentors --profiles examples/evergreen/people.yaml --for all --limit 3
    """
    from api.inputs import check_place
    from api.people_opening import open_people

    check_place(shown_out, "--shown-out")
    opened = open_people(people, programme, pairs=pairs, feedback=feedback, shown=shown,
                         vectors=vectors, skip_bad=skip_bad)
    if person == EVERYBODY and person not in opened.pool.row:
        _list_for_all(opened, limit, role, seed, shown_out, as_json=as_json)
    else:
        _list_for_one(opened, person, limit, role, shown_out, as_json=as_json)


def _list_for_one(
    opened: "People", person: str, limit: int, role: str | None, shown_out: Path | None, *,
    as_json: bool,
) -> None:
    from api.people_outputs import write_shown
    from recommender.matching.suggest import find_row, suggest_mentors, what_shuts_out
    from recommender.matching.telling import say_rule
    from recommender.matching.terms import is_mentee

    terms = opened.terms()
    row = find_row(terms, person)
    as_mentee = is_mentee(terms, row, role)
    phrases = opened.phrases_of(row)
    found = suggest_mentors(terms, person, phrases, limit, as_mentee=as_mentee)
    if not found:
        _, rule, more = what_shuts_out(terms, row, as_mentee=as_mentee)
        words = phrases.matching
        click.echo(f"agendum: {person}: {words.nobody}", err=True)
        if rule is not None:
            click.echo(f"agendum: {words.relax.of(more, rule=say_rule(rule, words))} [{rule}]",
                       err=True)
    if shown_out is not None:
        counts = dict(opened.before.shown)
        for one in found:
            counts[one.candidate] = counts.get(one.candidate, 0) + 1
        write_shown(shown_out, counts)
    if as_json:
        print_json([one.model_dump() for one in found])
        return
    _print_suggestions(found)


def _list_for_all(
    opened: "People", limit: int, role: str | None, seed: str, shown_out: Path | None, *,
    as_json: bool,
) -> None:
    from api.opening import progress_bar
    from api.people_outputs import write_shown
    from recommender.errors import InvalidInputError
    from recommender.matching.exposure import suggest_for_all

    if role == "mentor":
        raise InvalidInputError.of(
            "goes with --for one person; lists for all are made for those who look for a mentor",
            field="--as mentor")
    with progress_bar("comparing wants and offers", "step") as progress:
        found = suggest_for_all(opened.terms(), opened.phrases_of, limit, seed=seed,
                                progress=progress)
    if shown_out is not None:
        write_shown(shown_out, found.shown)
    if as_json:
        print_json({"lists": [one.model_dump() for one in found.lists], "shown": found.shown,
                    "gini": found.gini, "gini_unlimited": found.gini_unlimited})
        return
    for one in found.lists:
        click.echo(one.person)
        _print_suggestions(one.suggestions)
        for reason in one.reasons:
            click.echo(f"    - {reason}")
    click.echo(_exposure(found))


def _exposure(found: "Lists") -> str:
    if found.gini is None:
        return "nobody is shown to anybody"
    return (f"exposure: Gini {found.gini:.3f}; {found.gini_unlimited:.3f} if everybody were shown "
            "their best, however often")


def _print_suggestions(found: Sequence["Suggestion"]) -> None:
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
    from api.people_opening import open_people
    from recommender.errors import InvalidInputError
    from recommender.matching.suggest import explain_candidate, find_row
    from recommender.matching.terms import is_mentee

    if person == candidate:
        raise InvalidInputError.of("is the person who asks; name somebody else",
                                   field="--candidate")
    opened = open_people(people, programme, pairs=pairs, feedback=feedback, vectors=vectors,
                         skip_bad=skip_bad, filled=False)
    terms = opened.terms()
    row = find_row(terms, person)
    found = explain_candidate(terms, person, candidate, opened.phrases_of(row),
                              as_mentee=is_mentee(terms, row, role))
    if as_json:
        print_json(found.model_dump())
        return
    _print_why(found)


def _print_why(found: "Why") -> None:
    verdict = (f"eligible, place {found.rank}, score {found.score:.3f}" if found.eligible
               else "not eligible")
    click.echo(f"{found.candidate} for {found.person}: {verdict}")
    click.echo(f"  {found.told}")
    for outcome in found.outcomes:
        detail = f"  ({outcome.detail})" if outcome.detail else ""
        click.echo(f"  {outcome.kind:7} {outcome.outcome:10} {outcome.rule}{detail}")
    for part in found.parts:
        click.echo(f"  part    {part.value:.3f} × {part.weight:g}  {part.rule}")
    for reason in found.reasons:
        click.echo(f"  reason  {reason.similarity:.2f}  {reason.want} ← {reason.offer}")


def print_json(data: Any) -> None:
    """Print data as JSON, texts readable."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
