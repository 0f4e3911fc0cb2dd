"""Topics that the bridge suggests for new resources of any library folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

from api.opening import CHUNK, base_url_of, encode_missing, export_key, progress_bar
from content_library.exchange.shelf import Shelf, open_shelf
from content_library.load import HOME, Library
from recommender.catalogue import vector_file
from recommender.retrieval.encoder import open_encoder
from recommender.retrieval.needs import NeedsBridge, query_texts
from recommender.retrieval.vector_cache import CachedEncoder, LibraryText
from recommender.settings import Settings

SUGGESTED = 3
"""Topics named for one resource, the likeliest first."""
Open = Callable[[Settings, Library, Path], NeedsBridge]


def shelf_in_use(into: str | None, settings: Settings) -> Shelf:
    """Return the folder that new resources go into: the one named, else the overlay or HOME.

    Raises:
        InvalidInputError: It is no library folder.
        LibraryError: Its vocabularies have faults.
    """
    overlay = settings.overlay
    if into is None or (overlay is not None and Path(into).resolve() == overlay.resolve()):
        return open_shelf(HOME, overlay)
    return open_shelf(Path(into))


def open_bridge(settings: Settings, library: Library, home: Path) -> NeedsBridge:
    """Return the bridge to the topics of a library, what no vector file holds encoded visibly.

    Args:
        home: The library's folder; its own vectors count, and those shipped.

    Raises:
        EncoderError: The encoder cannot be opened or fails.
    """
    export_key(settings)
    folders = dict.fromkeys([home / "vectors", HOME / "vectors", settings.cache_dir])
    encoder = CachedEncoder(
        lambda: open_encoder(settings.encoder, base_url=base_url_of(settings)),
        settings.encoder,
        [vector_file(folder, settings.encoder) for folder in folders if folder is not None],
    )
    encode_missing(encoder, [LibraryText(text, as_query=True)
                             for text in dict.fromkeys(query_texts(library.topics, []))])
    return NeedsBridge(library.topics, encoder)


def suggest_topics(
    bridge: NeedsBridge, texts: Sequence[tuple[str, str]]
) -> list[list[tuple[str, float]]]:
    """Return the likeliest topics of each text with their probabilities, best first.

    Args:
        texts: Each with its language; a progress bar shows where they are many.
    """
    found: list[list[tuple[str, float]]] = []
    with progress_bar("suggesting topics") as progress:
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            scores = bridge.topic_scores([text for text, _ in chunk], [tag for _, tag in chunk])
            for row in scores.tolist():
                ranked = sorted(zip(bridge.topic_ids, row, strict=True),
                                key=lambda one: (-one[1], one[0]))
                found.append([(topic, round(chance, 3)) for topic, chance in ranked[:SUGGESTED]])
            progress(start + len(chunk), len(texts))
    return found
