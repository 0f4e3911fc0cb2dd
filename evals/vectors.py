"""Vectors of what the suites' people wrote: they are nobody's, so they may be kept in a file.

The product never writes such vectors. Kept and fresh ones are rounded alike, so that a first run
and a later one make the same agendas.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evals.cases import HOME
from recommender.catalogue import Catalogue, vector_file
from recommender.retrieval.encoder import Floats
from recommender.retrieval.needs import LibraryEncoder
from recommender.retrieval.universal_sentence_encoder import encode_many
from recommender.retrieval.vector_cache import (
    CachedEncoder,
    LibraryText,
    as_stored,
    key_of,
    read_vectors,
    write_vectors,
)

WORTH_KEEPING = 100
"""New vectors at once from which the file is written again."""


class SuiteEncoder:
    """The product's encoder, with a memory for the queries of the suites.

    Args:
        inner: Encodes what is not kept.
        files: Read in order; the last one is written by `save`.

    Attributes:
        fresh: How many texts had to be encoded.
    """

    def __init__(self, inner: LibraryEncoder, files: Sequence[Path]) -> None:
        self._inner = inner
        self._files = tuple(files)
        self._kept: dict[bytes, Floats] = {}
        for path in self._files:
            self._kept.update(read_vectors(path, inner.name))
        self._asked: set[bytes] = set()
        self.fresh = 0

    @property
    def name(self) -> str:
        """Return the name of the encoder behind it."""
        return self._inner.name

    @property
    def width(self) -> int:
        """Return the number of columns of every vector."""
        return self._inner.width

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, kept ones where there are any."""
        own = [text for text in dict.fromkeys(texts) if not self._of_library(text)]
        missing = [text for text in own if key_of(text) not in self._kept]
        if missing:
            vectors = as_stored(self._inner.encode_queries(missing))
            self._kept.update(zip(map(key_of, missing), vectors, strict=True))
            self.fresh += len(missing)
        self._asked.update(map(key_of, own))
        rows = [self._kept[key_of(text)] if not self._of_library(text)
                else self._inner.encode_queries([text])[0] for text in texts]
        return np.vstack(rows) if rows else np.empty((0, self.width), dtype=np.float32)

    def encode_library_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors of the library's own queries."""
        return self._inner.encode_library_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors of passages."""
        return self._inner.encode_passages(texts)

    def save(self, *, asked_only: bool = False) -> int:
        """Write vectors to the last file and return how many.

        Args:
            asked_only: Leave out what no text since the start asked for.
        """
        keys = self._asked if asked_only else self._kept.keys()
        if keys:
            write_vectors(self._files[-1], self.name,
                          {key: self._kept[key] for key in sorted(keys)})
        return len(keys)

    def _of_library(self, text: str) -> bool:
        return isinstance(self._inner, CachedEncoder) and self._inner.holds(
            LibraryText(text, as_query=True))


def suite_catalogue(catalogue: Catalogue, cache: Path | None) -> tuple[Catalogue, SuiteEncoder]:
    """Return the same library with an encoder that remembers the suites' texts.

    Args:
        cache: Folder for vectors that are not shipped with the suites; null keeps none.
    """
    files = [shipped_vectors(catalogue.encoder.name)]
    if cache is not None:
        files.append(vector_file(cache, f"suites-{catalogue.encoder.name}"))
    encoder = SuiteEncoder(catalogue.encoder, files)
    return Catalogue(catalogue.library, encoder), encoder


def kept_sentence_encoder(cache: Path | None) -> Callable[[Sequence[str]], Floats]:
    """Return the Universal Sentence Encoder, which remembers in a folder what it encoded."""
    path = None if cache is None else vector_file(cache, "suites-use3")
    kept = {} if path is None else read_vectors(path, "use3")

    def encode(texts: Sequence[str]) -> Floats:
        fresh = [text for text in dict.fromkeys(texts) if key_of(text) not in kept]
        if fresh:
            kept.update(zip(map(key_of, fresh), as_stored(encode_many(fresh)), strict=True))
            if path is not None and len(fresh) >= WORTH_KEEPING:
                write_vectors(path, "use3", kept)
        return np.vstack([kept[key_of(text)] for text in texts])

    return encode


def shipped_vectors(encoder: str) -> Path:
    """Return the file of vectors that stands beside the suites."""
    return vector_file(HOME, encoder)
