"""`agendum library duplicates`: the same thing twice, and how to mend it."""

import json
from pathlib import Path

import click


@click.command("duplicates")
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True), metavar="X",
              help="Probability from which a pair is listed; 0.4 unless told.")
@click.option("--measure", "folder", metavar="FOLDER",
              type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Print precision and recall on judged pairs instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(threshold: float | None, folder: Path | None, as_json: bool) -> None:
    """List resources that seem to be the same thing twice, by address and by meaning.

    Each pair comes with the reason, which to keep, and how to mend it. Pairs that stand in
    not_duplicates.yaml, of the library or of the overlay, are left out.

    \b
    Example:
      agendum library duplicates
      agendum library duplicates --measure evals/data/duplicates
    """
    from api.opening import open_ready_catalogue
    from content_library.duplicates import (
        THRESHOLD,
        as_data,
        as_text,
        find_duplicates,
        read_verdicts,
    )
    from content_library.load import HOME, VERDICTS
    from evals.duplicates import evaluate_duplicates
    from recommender.catalogue import comparable_vectors
    from recommender.settings import read_settings

    settings = read_settings()
    catalogue = open_ready_catalogue(settings)
    least = THRESHOLD if threshold is None else threshold
    if folder is not None:
        report = evaluate_duplicates(folder, catalogue.encoder, least)
        click.echo(json.dumps(report.as_data(), indent=2) if as_json else report.to_text(),
                   nl=as_json)
        return
    library = catalogue.library
    hidden = [] if library.laid is None else library.laid.hidden["resources"]
    verdicts = read_verdicts(HOME / VERDICTS, {*library.resources, *hidden})
    if settings.overlay is not None:
        verdicts += read_verdicts(settings.overlay / VERDICTS, library.resources)
    pairs = find_duplicates(
        list(library.resources.values()),
        comparable_vectors(library.active_resources, catalogue.encoder),
        [frozenset(verdict.ids) for verdict in verdicts], least)
    click.echo(json.dumps(as_data(pairs), ensure_ascii=False, indent=2) if as_json
               else as_text(pairs), nl=as_json)
