"""Open the catalogue as the settings say, and encode what no vector file holds, visibly."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from tqdm import tqdm

from content_library.load import Library, load_library
from recommender.catalogue import Catalogue, open_catalogue
from recommender.retrieval.vector_cache import CachedEncoder, LibraryText
from recommender.settings import OPENAI_KEY, Settings

CHUNK = 32
"""Texts encoded between two steps of the progress bar."""


def open_library(settings: Settings) -> Library:
    """Return the library as the settings say: with their overlay, from its compiled copy.

    Raises:
        LibraryError: With every fault of every file.
    """
    return load_library(overlay=settings.overlay, cache=settings.cache_dir)


def open_ready_catalogue(settings: Settings) -> Catalogue:
    """Return the catalogue with every text of the library encoded, once for this machine.

    What had to be encoded is kept in the cache folder; a progress bar shows on a terminal.

    Raises:
        LibraryError: With every fault of every file.
        EncoderError: The encoder cannot be opened or fails.
    """
    export_key(settings)
    catalogue = open_catalogue(
        settings.encoder, cache=settings.cache_dir, base_url=base_url_of(settings),
        overlay=settings.overlay,
    )
    encoder = catalogue.encoder
    if isinstance(encoder, CachedEncoder) and encode_missing(encoder, catalogue.texts()):
        keep_vectors(encoder, settings)
    return catalogue


def keep_vectors(encoder: CachedEncoder, settings: Settings) -> None:
    """Write what had to be encoded to the cache folder; say so where that cannot be done."""
    try:
        encoder.save()
    except OSError as error:
        click.echo(
            f"agendum: vectors are not kept, {settings.cache_dir} cannot be written "
            f"({error.strerror}); set AGENDUM_CACHE_DIR to a folder that can",
            err=True,
        )


def encode_missing(encoder: CachedEncoder, texts: list[LibraryText]) -> int:
    """Encode the texts that the encoder does not hold yet; return how many there were."""
    fresh = list(dict.fromkeys(text for text in texts if not encoder.holds(text)))
    if not fresh:
        return 0
    if not sys.stderr.isatty() and len(fresh) > CHUNK:
        click.echo(f"agendum: encoding {len(fresh)} library texts, once", err=True)
    with progress_bar("encoding the library") as progress:
        for start in range(0, len(fresh), CHUNK):
            chunk = fresh[start : start + CHUNK]
            encoder.encode_kept(chunk)
            progress(start + len(chunk), len(fresh))
    return len(fresh)


@contextmanager
def progress_bar(
    title: str, unit: str = "text", then: str = ""
) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many of how many are done; silent where no one watches.

    Args:
        then: What goes on once all are done, where that takes time of its own.
    """
    with tqdm(desc=title, unit=unit, disable=not sys.stderr.isatty(), file=sys.stderr,
              delay=1) as bar:
        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)
            if then and done >= total:
                bar.set_description(then)

        yield show


def base_url_of(settings: Settings) -> str | None:
    """Return the address of the OpenAI-compatible server, as its client takes it."""
    return None if settings.llm_base_url is None else str(settings.llm_base_url)


def export_key(settings: Settings) -> None:
    """Let the OpenAI client see a key that stands in `.env`; the environment's own comes first."""
    if settings.openai_api_key is not None:
        os.environ.setdefault(OPENAI_KEY, settings.openai_api_key.get_secret_value())
