"""Embeddings from OpenAI, or from any server that speaks its API."""

from collections.abc import Sequence

import numpy as np

from recommender.language_model import embed_texts
from recommender.retrieval.encoder import Floats, clean, unit_rows

BATCH = 128
"""Texts per request."""


class OpenAIEmbeddings:
    """Embeddings by HTTP. The width is learnt from one probe when it is made.

    Raises:
        EncoderError: The server refuses, or cannot be reached.
    """

    def __init__(self, model: str, *, base_url: str | None = None) -> None:
        self._model = model
        self._base_url = base_url
        self._width = len(embed_texts(["width"], model, base_url=base_url)[0])

    @property
    def name(self) -> str:
        """Return `openai:<model>`."""
        return f"openai:{self._model}"

    @property
    def width(self) -> int:
        """Return the embedding size the server uses."""
        return self._width

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors; these models know no prefix for queries."""
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors."""
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.empty((0, self._width), dtype=np.float32)
        cleaned = [clean(text) or " " for text in texts]
        rows: list[list[float]] = []
        for start in range(0, len(cleaned), BATCH):
            rows += embed_texts(
                cleaned[start : start + BATCH], self._model, base_url=self._base_url
            )
        width = self._width
        if any(len(row) != width for row in rows):
            width = -1
        with np.errstate(over="ignore"):
            vectors = np.asarray(rows if width > 0 else [[]], dtype=np.float32)
        return unit_rows(vectors, len(texts), self._width, self.name)
