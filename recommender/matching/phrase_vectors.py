"""Vectors of what people wrote, each text encoded once, less what its language shares."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from recommender.retrieval.centring import QueryCentres, unit
from recommender.retrieval.encoder import Encoder, Floats
from recommender.retrieval.vector_cache import as_stored, key_of, read_vectors, write_vectors

BATCH, SAVED = 64, 50
"""Phrases encoded at a time, and batches after which the file is written."""
DRAWN = 6.0
"""So many texts of the library weigh in the mean of a language's."""

Progress = Callable[[int, int], None]


class PhraseVectors:
    """Vectors of what people wrote, each text encoded once.

    Args:
        encoder: Embeds texts as queries.
        centres: What sentences and labels of one language have in common, for pools that are
            too small to tell it themselves.
        path: File that vectors are read from and, by `save` and every so often, written to;
            null keeps them in memory only, since they are made from what people wrote.
        known: Vectors by key that somebody else has kept, as `vectors_of` returned them.
    """

    def __init__(
        self, encoder: Encoder, centres: QueryCentres, path: Path | None = None,
        known: Mapping[bytes, Floats] | None = None,
    ) -> None:
        self._encoder = encoder
        self._encode = getattr(encoder, "encode_unkept", encoder.encode_queries)
        self._path = path
        self._kept: dict[bytes, Floats] = (
            {} if path is None else read_vectors(path, encoder.name))
        self._kept |= known or {}
        self._saved = len(self._kept)
        self._means = centres.long

    def holds(self, text: str) -> bool:
        """Return whether a text needs no encoding."""
        return key_of(text) in self._kept

    def fill(self, texts: Sequence[str], progress: Progress | None = None) -> None:
        """Encode what is not held yet, in batches; what a batch brought stays if a later fails.

        Texts of a length go together, so that no batch waits for one long text, and vectors do
        not depend on the order of people.
        """
        fresh = sorted({text for text in texts if not self.holds(text)},
                       key=lambda text: (len(text), text))
        if fresh and progress is not None:
            progress(0, len(fresh))
        for start in range(0, len(fresh), BATCH):
            chunk = fresh[start : start + BATCH]
            vectors = as_stored(self._encode(chunk))
            self._kept.update(zip(map(key_of, chunk), vectors, strict=True))
            if start // BATCH % SAVED == SAVED - 1:
                self.save()
            if progress is not None:
                progress(start + len(chunk), len(fresh))

    def vectors_of(self, texts: Sequence[str]) -> dict[bytes, Floats]:
        """Return the vectors of texts that are held, by key, for somebody else to keep."""
        return {key: self._kept[key] for key in map(key_of, texts) if key in self._kept}

    def save(self) -> None:
        """Write the vectors to the file, if there is one and they are not in it, in one step."""
        if self._path is not None and len(self._kept) > self._saved:
            write_vectors(self._path, self._encoder.name, self._kept, mode=0o600)
            self._saved = len(self._kept)

    def of(self, texts: Sequence[str], languages: Sequence[str | None]) -> Floats:
        """Return unit vectors less what those of one language share, shape (n, width).

        That is their mean, drawn towards the library's own where there are few of them. An
        empty text has no direction: zeros.

        Args:
            languages: Of the texts; null where not known.
        """
        self.fill([text for text in texts if text])
        vectors = np.zeros((len(texts), self._encoder.width), dtype=np.float32)
        said = np.array([bool(text) for text in texts], dtype=np.bool_)
        if not said.any():
            return vectors
        vectors[said] = np.vstack([self._kept[key_of(text)] for text in texts if text])
        every = np.mean(list(self._means.values()), axis=0)
        for language in sorted(set(languages), key=str):
            own = said & np.array([one == language for one in languages], dtype=np.bool_)
            if own.any():
                usual = every if language is None else self._means.get(language, every)
                count = int(own.sum())
                vectors[own] -= (count * vectors[own].mean(axis=0) + DRAWN * usual) / (
                    count + DRAWN)
        return unit(vectors)
