"""Stand-ins that are quick: an encoder that hashes words."""

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from recommender.privacy import plain
from recommender.retrieval.encoder import Floats

_WORD = re.compile(r"\w+")


class BagOfWordsEncoder:
    """Hashed bags of words of unit length: texts that share words are near each other.

    A text without a word gets a direction of its own.
    """

    name = "bag-of-words"
    width = 64

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, one per text."""
        rows = np.empty((len(texts), self.width), dtype=np.float32)
        for row, text in enumerate(texts):
            rows[row] = self._vector(text)
        return rows

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return the same as for queries."""
        return self.encode_queries(texts)

    def encode_library_queries(self, texts: Sequence[str]) -> Floats:
        """Return the same as for queries."""
        return self.encode_queries(texts)

    def _vector(self, text: str) -> Floats:
        vector = np.zeros(self.width, dtype=np.float32)
        for word in _WORD.findall(plain(text)) or [f"\0{text}"]:
            digest = blake2b(word[:5].encode("utf-8", "replace"), digest_size=2).digest()
            vector[digest[0] % self.width] += 1.0 if digest[1] % 2 else -1.0
        length = float(np.linalg.norm(vector))
        if length == 0:
            vector[0] = length = 1.0
        return np.asarray(vector / length, dtype=np.float32)
