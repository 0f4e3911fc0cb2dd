"""`agendum library check`: what the library holds, and every fault."""

import json
from typing import Any

import click


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Count what the library holds and list every fault of every file; exit 2 when there are any.

    With AGENDUM_OVERLAY, what it adds, changes, hides and retires is counted too.

    \b
    Example:
      agendum library check --json
    """
    from content_library.check import summarise_library
    from content_library.load import read_library
    from recommender.settings import read_settings

    library, faults = read_library(overlay=read_settings().overlay)
    summary = summarise_library(library, faults)
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        _print_summary(summary)
    if faults:
        if not as_json:
            for fault in faults:
                click.echo(str(fault))
        click.echo(f"agendum: {len(faults)} faults in the library; mend the files named", err=True)
        raise click.exceptions.Exit(2)


def _print_summary(summary: dict[str, Any]) -> None:
    resources, activities = summary["resources"], summary["activities"]
    click.echo(f"resources   {resources['active']} active, {resources['retired']} retired")
    click.echo(f"activities  {activities['total']}")
    click.echo(f"programmes  {summary['programmes']}")
    click.echo(f"pulses      {summary['pulses']} questions")
    for title, counts in (
        ("resources by language", resources["by_language"]),
        ("activities by language", activities["by_language"]),
        ("resources by focus area", resources["by_focus_area"]),
        ("resources by topic", resources["by_topic"]),
    ):
        click.echo(f"\n{title}")
        width = max(map(len, counts), default=0)
        for name, count in counts.items():
            click.echo(f"  {name:{width}}  {count:4}")
    if "overlay" in summary:
        click.echo("\noverlay")
        for name, counts in summary["overlay"].items():
            shown = (", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in counts.items() if n)
                     if isinstance(counts, dict) else str(counts))
            click.echo(f"  {name:10}  {shown or 0}")
    click.echo(f"\nfaults      {len(summary['faults'])}")
