"""`agendum library import`: resources from the file of another system."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from content_library.exchange.plan import Outcome
    from content_library.exchange.rows import Table


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--into", metavar="FOLDER",
              help="The library folder; by default the overlay, else the shipped one.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--update", is_flag=True,
              help="Replace what items that are there already say, field by field.")
@click.option("--default", "defaults", metavar="FIELD=VALUE", multiple=True,
              help="What new items say in a field that their row leaves out; may be repeated.")
@click.option("--skip-column", "skipped", metavar="NAME", multiple=True,
              help="Leave out a column of a CSV; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    file: str, into: str | None, dry_run: bool, update: bool, defaults: tuple[str, ...],
    skipped: tuple[str, ...], as_json: bool,
) -> None:
    """Take in resources from a CSV, schema.org JSON-LD or OPML file; one YAML file each.

    Good rows go in even where others are faulty. An item that is there already, however its
    address is spelled, keeps what it says; only what it lacks is filled. Exit 2 when a row was
    refused or the file cannot be read.

    \b
    Example:
      agendum library import examples/library/resources.csv --dry-run
      agendum library import catalogue.jsonld --default level=introductory --default audience=mentee
    """
    from api.opening import progress_bar
    from api.topics import open_bridge, shelf_in_use, suggest_topics
    from content_library.exchange.csv_file import value_of
    from content_library.exchange.plan import apply_import, field_of_default, plan_import
    from content_library.exchange.read import read_table
    from recommender.settings import read_settings

    said = dict(field_of_default(one, value_of) for one in defaults)
    table = read_table(Path(file), skipped)
    settings = read_settings()
    shelf = shelf_in_use(into, settings)
    home = shelf.home
    outcomes = plan_import(
        table, shelf, update=update, defaults=said,
        suggest=lambda texts: suggest_topics(
            open_bridge(settings, shelf.library, home), texts),
    )
    if not dry_run:
        with progress_bar("writing") as progress:
            apply_import(outcomes, shelf, progress)
    counts = Counter(one.action for one in outcomes)
    if as_json:
        click.echo(json.dumps(_report(file, home, dry_run, table, outcomes),
                              ensure_ascii=False, indent=2))
    else:
        _print(table, outcomes, dry_run)
    if counts["refused"]:
        click.echo(f"agendum: {counts['refused']} of {len(outcomes)} {table.unit}s refused; mend "
                   "them and import again, the others stay as they are", err=True)
        raise click.exceptions.Exit(2)


def _report(
    file: str, home: Path, dry_run: bool, table: "Table", outcomes: Sequence["Outcome"]
) -> dict[str, Any]:
    from content_library.exchange.plan import ACTIONS

    counts = Counter(one.action for one in outcomes)
    return {
        "file": file, "into": str(home), "dry_run": dry_run,
        "counts": {action: counts[action] for action in ACTIONS},
        "notes": list(table.notes),
        "rows": [
            {
                "row": one.row, "action": one.action, "url": one.address,
                "id": None if one.resource is None else one.resource.id,
                "title": None if one.resource is None else one.resource.title,
                "file": None if one.resource is None else f"resources/{one.resource.id}.yaml",
                "filled": list(one.filled), "changed": list(one.changed), "kept": list(one.kept),
                "suggested_topics": [{"topic": topic, "probability": chance}
                                     for topic, chance in one.suggested],
                "faults": [{"field": fault.field, "problem": fault.problem}
                           for fault in one.faults],
                "notes": list(one.notes),
            }
            for one in outcomes
        ],
    }


def _print(table: "Table", outcomes: Sequence["Outcome"], dry_run: bool) -> None:
    from content_library.exchange.plan import ACTIONS
    from content_library.exchange.rows import printable

    for note in table.notes:
        click.echo(f"agendum: {note}", err=True)
    for one in outcomes:
        place = f"{table.unit} {one.row}"
        if one.resource is None:
            about = f" ({one.address[:80]})" if one.address else ""
            for fault in one.faults:
                click.echo(f"{place}{about}: refused: {fault}", err=True)
            continue
        title = printable(one.resource.title, 300)
        click.echo(f"{place}  {one.action:9}  {one.resource.id}  {title}")
        for line in _details(one):
            click.echo(f"    {line}")
    counts = Counter(one.action for one in outcomes)
    total = ", ".join(f"{counts[action]} {action}" for action in ACTIONS)
    click.echo(f"{total}{' (dry run: nothing is written)' if dry_run else ''}")


def _details(one: "Outcome") -> list[str]:
    lines = []
    if one.suggested:
        chances = ", ".join(f"{topic} {chance:.2f}" for topic, chance in one.suggested)
        lines.append(f"suggested topics: {chances}; the first is written")
    for verb, fields in (("filled", one.filled), ("changed", one.changed),
                         ("differs, kept as it is (--update replaces)", one.kept)):
        if fields:
            lines.append(f"{verb}: {', '.join(fields)}")
    return [*lines, *one.notes]
