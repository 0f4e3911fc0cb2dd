"""Exact inner-product search in FAISS under an eligibility mask applied before the search."""

from dataclasses import dataclass
from typing import TypeAlias

import faiss
import numpy as np
import numpy.typing as npt

from recommender.errors import VectorShapeError
from recommender.retrieval.encoder import Floats

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Hit:
    """One row found; score is the cosine, -1 to 1."""

    row: int
    score: float


class FaissIndex:
    """Flat index over unit vectors.

    Args:
        vectors: float32, shape (n, width), rows of unit length.
    """

    def __init__(self, vectors: Floats) -> None:
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise VectorShapeError(f"finite vectors of shape (n, width) expected; {vectors.shape}")
        self.size, self.width = vectors.shape
        self._index = faiss.IndexFlatIP(max(self.width, 1))
        if self.size:
            self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def search(self, queries: Floats, k: int, eligible: Mask) -> list[list[Hit]]:
        """Return the best eligible rows for each query, best first.

        Args:
            queries: float32, shape (m, width), rows of unit length.
            k: Longest list wanted, at least 1.
            eligible: bool, shape (size,); only these rows are searched.

        Returns:
            One list per query, by falling score, then row. Shorter than k when fewer are
            eligible; never padded.

        Raises:
            VectorShapeError: Wrong width or mask, or a value that is not finite.
            ValueError: k below 1.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1; got {k}")
        scores = self.scores(queries, eligible)
        rows = np.flatnonzero(eligible)
        hits: list[list[Hit]] = []
        for line in scores:
            found = line[rows]
            order = np.lexsort((rows, -found))[:k]
            hits.append([Hit(int(rows[at]), float(found[at])) for at in order])
        return hits

    def scores(self, queries: Floats, eligible: Mask) -> Floats:
        """Return the cosine of each query with each eligible row; NaN-free, 0 where not eligible.

        Shape (m, size). The mask selects inside FAISS; what is not eligible is never scored.
        """
        if queries.ndim != 2 or queries.shape[1] != self.width or not np.isfinite(queries).all():
            raise VectorShapeError(
                f"finite queries of shape (m, {self.width}) expected; got {queries.shape}"
            )
        if eligible.shape != (self.size,) or eligible.dtype != np.bool_:
            raise VectorShapeError(f"a bool mask of shape ({self.size},) expected")
        found = np.zeros((len(queries), self.size), dtype=np.float32)
        count = int(eligible.sum())
        if not count or not len(queries):
            return found
        bitmap = np.packbits(eligible, bitorder="little")
        chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bitmap))  # type: ignore[call-arg, arg-type]
        values, rows = self._index.search(
            np.ascontiguousarray(queries, dtype=np.float32), count, params=chosen
        )
        np.put_along_axis(found, rows, values, axis=1)
        return found
