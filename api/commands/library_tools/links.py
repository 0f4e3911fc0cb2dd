"""`agendum library links`: which links of the library are alive, and what to do about the rest."""

from pathlib import Path

import click


@click.command("links")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--older-than", type=click.IntRange(0, 3650), metavar="DAYS",
              help="Only links not seen for this many days.")
@click.option("--limit", type=click.IntRange(1, 100_000), help="At most so many links, those "
              "not seen for longest first.")
@click.option("--history", "history_file", type=click.Path(path_type=Path, dir_okay=False),
              help="What earlier runs found.  [default: link-history.jsonl in the cache folder]")
@click.option("--format", "form", type=click.Choice(["md", "html", "json"]), default="md",
              show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write a file instead of stdout.")
@click.option("--retire", is_flag=True, help="Retire what has failed by the rule of three.")
@click.option("--write", is_flag=True, help="Set checked_on where a link is alive.")
@click.option("--contact", default="", metavar="TEXT",
              help="A web or e-mail address, told to every host that is asked.")
def command(
    ids: tuple[str, ...], older_than: int | None, limit: int | None, history_file: Path | None,
    form: str, out: Path | None, retire: bool, write: bool, contact: str,
) -> None:
    """Check that the links of active resources are alive, politely; report the broken ones first.

    Three failures of a lasting kind on three days make a link ripe to be retired; so does a
    month of passing trouble. Nothing in the library changes without --retire or --write, which
    write into the overlay's file of a resource where it has one, else into the shipped one.
    Interrupted, it keeps what it has found.

    \b
    Example:
      agendum library links --older-than 30 --limit 60 --format html --out links.html
      agendum library links 6067259a2dc5 --format json
    """
    from datetime import UTC, datetime

    from api import link_check
    from api.inputs import write_text
    from api.opening import open_library
    from content_library.load import HOME
    from recommender.settings import read_settings

    settings = read_settings()
    agent = link_check.user_agent(contact)
    library = open_library(settings)
    place = history_file or settings.cache_dir / "link-history.jsonl"
    history = link_check.read_history(place)
    today = datetime.now(UTC).date()
    chosen = link_check.choose(library, history, ids, today, older_than=older_than, limit=limit)
    link_check.make_room(place)
    outcomes, is_whole = link_check.run(chosen, agent)
    history = link_check.keep(place, history, outcomes, today)
    report = link_check.findings(chosen, outcomes, history, today, settings)
    folders = [HOME] if settings.overlay is None else [settings.overlay, HOME]
    left: list[str] = []
    if write:
        left += link_check.write_checked_on(report, folders)
    if retire:
        report, still = link_check.retire(report, folders)
        left += still
    text = link_check.rendered(report, form)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(out, text)
        click.echo(f"wrote {out}", err=True)
    if left:
        click.echo(f"agendum: not changed, since overlay.yaml gives them another address: "
                   f"{', '.join(left)}; write it there", err=True)
    if not is_whole:
        click.echo(f"agendum: stopped; what was found is kept in {place}", err=True)
        raise click.exceptions.Exit(1)
