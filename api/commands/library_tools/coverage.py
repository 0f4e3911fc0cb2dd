"""`agendum library coverage`: what each kind of session has to choose from."""

import json

import click


@click.command("coverage")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Count the activities that each kind of session has to choose from; fewer than three are thin.

    A kind of session is a focus area, a session type, a relation, a language and a length.

    \b
    Example:
      agendum library coverage
    """
    from api.opening import open_library
    from content_library.coverage import as_data, as_text, cover
    from recommender.settings import read_settings

    cells = cover(open_library(read_settings()))
    click.echo(json.dumps(as_data(cells), ensure_ascii=False, indent=2) if as_json
               else as_text(cells), nl=as_json)
