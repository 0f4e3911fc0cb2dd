"""`agendum library`: check the content library, show what it covers, encode its texts."""

import json
from typing import Any

import click


@click.group("library")
def library_command() -> None:
    """Check the content library; show what it covers; encode its texts.

    \b
    Example:
      agendum library check
    """


@library_command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(as_json: bool) -> None:
    """Count what the library holds and list every fault of every file; exit 2 when there are any.

    \b
    Example:
      agendum library check --json
    """
    from content_library.check import summarise_library
    from content_library.load import read_library

    library, faults = read_library()
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


@library_command.command("coverage")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def coverage(as_json: bool) -> None:
    """Count the activities that each kind of session has to choose from; fewer than three are thin.

    A kind of session is a focus area, a session type, a relation, a language and a length.

    \b
    Example:
      agendum library coverage
    """
    from content_library.coverage import as_data, as_text, cover
    from content_library.load import load_library

    cells = cover(load_library())
    click.echo(json.dumps(as_data(cells), ensure_ascii=False, indent=2) if as_json
               else as_text(cells), nl=as_json)


@library_command.command("embed")
def embed() -> None:
    """Encode the library's texts that the shipped vector file does not hold, and write that file.

    The encoder is the one that AGENDUM_ENCODER names.

    \b
    Example:
      agendum library embed
    """
    from api.opening import base_url_of, encode_missing, export_key
    from content_library.load import HOME, load_library
    from recommender.catalogue import Catalogue, vector_file
    from recommender.errors import InvalidInputError
    from recommender.retrieval.encoder import open_encoder
    from recommender.retrieval.vector_cache import CachedEncoder
    from recommender.settings import read_settings

    settings = read_settings()
    export_key(settings)
    shipped = vector_file(HOME / "vectors", settings.encoder)
    encoder = CachedEncoder(
        lambda: open_encoder(settings.encoder, base_url=base_url_of(settings)),
        settings.encoder,
        [shipped],
    )
    texts = Catalogue(load_library(), encoder).texts()
    fresh = encode_missing(encoder, texts)
    try:
        held = encoder.save(only=texts)
    except OSError as error:
        raise InvalidInputError.of(
            f"cannot be written ({error.strerror}); run this where the library is yours to change",
            source=str(shipped),
        ) from error
    click.echo(f"{shipped}: {held} vectors, {fresh} new")


def _print_summary(summary: dict[str, Any]) -> None:
    resources, activities = summary["resources"], summary["activities"]
    click.echo(f"resources   {resources['active']} active, {resources['retired']} retired")
    click.echo(f"activities  {activities['total']}")
    click.echo(f"programmes  {summary['programmes']}")
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
    click.echo(f"\nfaults      {len(summary['faults'])}")
