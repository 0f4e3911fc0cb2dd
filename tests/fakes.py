"""Stand-ins that are quick: an encoder that hashes words, and one that remembers queries."""

import os
import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np

from recommender.privacy import plain
from recommender.retrieval.encoder import Encoder, Floats, clean

_WORD = re.compile(r"\w+")


class BagOfWordsEncoder:
    """Hashed bags of words of unit length: texts that share words are near each other.

    A text without a word gets a direction of its own.
    """

    name = "bag-of-words"
    width = 64

    def __init__(self) -> None:
        self._made: dict[str, Floats] = {}

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, one per text."""
        rows = np.empty((len(texts), self.width), dtype=np.float32)
        for row, text in enumerate(texts):
            if text not in self._made:
                self._made[text] = self._vector(text)
            rows[row] = self._made[text]
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


class KeptQueries:
    """The real encoder, whose query vectors the tests keep in a file from one run to the next.

    The product keeps no queries, as people wrote them; those of the tests are nobody's.
    """

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder = encoder
        self._path = path
        self._fresh = False
        self._kept: dict[str, Floats] = {}
        if path.exists():
            with np.load(path, allow_pickle=False) as file:
                self._kept = dict(zip(file["texts"].tolist(), file["vectors"], strict=True))

    @property
    def name(self) -> str:
        """Return the name of the encoder behind it."""
        return self._encoder.name

    @property
    def width(self) -> int:
        """Return the number of columns of every vector."""
        return self._encoder.width

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, kept ones where there are any."""
        wanted = [clean(text) for text in texts]
        fresh = [text for text in dict.fromkeys(wanted) if text not in self._kept]
        if fresh:
            self._kept.update(zip(fresh, self._encoder.encode_queries(fresh), strict=True))
            self._fresh = True
        if not texts:
            return np.empty((0, self.width), dtype=np.float32)
        return np.vstack([self._kept[text] for text in wanted])

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, kept ones where there are any; those of the library never ask."""
        names = [f"passage: {clean(text)}" for text in texts]
        fresh = [at for at, name in enumerate(names) if name not in self._kept]
        if fresh:
            vectors = self._encoder.encode_passages([texts[at] for at in fresh])
            self._kept.update(zip((names[at] for at in fresh), vectors, strict=True))
            self._fresh = True
        if not texts:
            return np.empty((0, self.width), dtype=np.float32)
        return np.vstack([self._kept[name] for name in names])

    def save(self) -> None:
        """Write what was learnt, in one step, so that a reader never sees half of it."""
        if not self._fresh:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(f".{os.getpid()}.npz")
        np.savez(part, texts=np.array(list(self._kept)),
                 vectors=np.vstack(list(self._kept.values())))
        os.replace(part, self._path)
