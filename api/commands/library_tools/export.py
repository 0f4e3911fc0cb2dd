"""`agendum library export`: the resources for other systems."""

from pathlib import Path

import click


@click.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "jsonld"]), default="csv",
              show_default=True)
@click.option("--status", type=click.Choice(["active", "all"]), default="active",
              show_default=True, help="`all` holds retired resources too.")
@click.option("--from", "folder", metavar="FOLDER",
              help="The library folder; by default the one in use, with its overlay.")
@click.option("--out", metavar="FILE", help="Write to a file instead of stdout.")
def command(form: str, status: str, folder: str | None, out: str | None) -> None:
    """Write the resources as CSV, or as JSON-LD in the words of schema.org and LRMI.

    `agendum library import` reads both without loss. Same library, same bytes.

    \b
    Example:
      agendum library export --format jsonld --out resources.jsonld
    """
    from api.opening import open_library
    from content_library.exchange.csv_file import write_csv
    from content_library.exchange.jsonld import write_jsonld
    from content_library.exchange.shelf import save
    from content_library.load import load_library
    from recommender.settings import read_settings

    library = (open_library(read_settings()) if folder is None
               else load_library(Path(folder)))
    resources = sorted(library.resources.values() if status == "all"
                       else library.active_resources, key=lambda one: one.id)
    text = write_csv(resources) if form == "csv" else write_jsonld(resources, library)
    if out is None:
        click.echo(text, nl=False)
        return
    save(Path(out), text)
    click.echo(f"agendum: {len(resources)} resources written to {out}", err=True)
