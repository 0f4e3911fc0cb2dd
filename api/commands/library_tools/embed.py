"""`agendum library embed`: the vectors that are shipped with the library."""

import click


@click.command("embed")
def command() -> None:
    """Encode the library's texts that the shipped vector file does not hold, and write that file.

    The encoder is the one that AGENDUM_ENCODER names. Texts of an overlay are left to the cache
    folder: the file is shipped with the library.

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
