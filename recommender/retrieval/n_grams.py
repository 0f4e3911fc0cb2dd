"""Words and parts of words as evidence: a linear model over hashed n-grams.

They need no encoder and no vocabulary: what stands in a text is counted under the CRC-32 of its
words, pairs of words and their parts of two to five letters. Docs: decision 0024.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from recommender.privacy import plain
from recommender.retrieval.encoder import Floats

BUCKETS = 2 ** 17
SHORTEST, LONGEST = 2, 5
"""Letters of a part of a word, a space before and behind it counted."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class NGrams:
    """What each bucket of n-grams says, and how rare it is.

    Attributes:
        weights: float32, shape (BUCKETS,).
        rarity: float32, shape (BUCKETS,); what a bucket counts in a text.
        bias: What a text without a known n-gram scores.
    """

    weights: Floats
    rarity: Floats
    bias: float

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return how much each text is like what is looked for."""
        return np.array([self._score(buckets_of(text)) for text in texts], dtype=np.float32)

    def _score(self, buckets: npt.NDArray[np.intp]) -> float:
        rare = self.rarity[buckets]
        length = sqrt(float(rare @ rare))
        return float(rare @ self.weights[buckets]) / length + self.bias if length else self.bias


def buckets_of(text: str) -> npt.NDArray[np.intp]:
    """Return the buckets of a text's n-grams, each once, in order."""
    words = _WORD.findall(plain(text))
    found = {f"w{word}" for word in words}
    found |= {f"b{one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True)}
    for word in words:
        padded = f" {word} "
        for size in range(SHORTEST, LONGEST + 1):
            found |= {padded[at : at + size] for at in range(len(padded) - size + 1)}
    return np.array(sorted({zlib.crc32(one.encode()) % BUCKETS for one in found}), dtype=np.intp)
