"""Words wanted that are offered too, whatever their ending and, often, their language."""

import re
from collections.abc import Sequence

import bm25s
import numpy as np
from bm25s import stopwords
from scipy import sparse

from recommender.matching.phrases import Phrases
from recommender.matching.pool import Rows
from recommender.privacy import plain
from recommender.retrieval.encoder import Floats

STEM = 6
"""Letters a word is cut to, so that négociation meets negociación and negotiating, whatever
language somebody writes in (McNamee and Mayfield 2004, truncation as a stemmer)."""

_WORD = re.compile(r"\w\w+")
_STOP = frozenset(plain(word) for words in (
    stopwords.STOPWORDS_EN, stopwords.STOPWORDS_SPANISH, stopwords.STOPWORDS_FRENCH,
    stopwords.STOPWORDS_PORTUGUESE) for word in words)


class Words:
    """Words wanted that are offered too: BM25 (bm25s) as a share of the most that was to be had.

    A wanted word that nobody offers counts as much as the mean of the others.
    """

    def __init__(self, wants: Phrases, offers: Phrases) -> None:
        offered = tokens_of([offers.of(row) for row in range(len(offers.counts))])
        index = bm25s.BM25()
        known: dict[str, int] = {}
        scores = sparse.csc_matrix((len(offers.counts), 0), dtype=np.float32)
        if any(offered):
            index.index(offered, show_progress=False)
            known = {word: at for word, at in index.vocab_dict.items() if word}
            parts = index.scores
            scores = sparse.csc_matrix(
                (parts["data"], parts["indices"], parts["indptr"]),
                shape=(len(offered), len(parts["indptr"]) - 1), dtype=np.float32)
        self._scores = scores
        most = (np.asarray(scores.max(axis=0).todense()).ravel() if scores.shape[1]
                else np.zeros(0, dtype=np.float32))
        usual = float(most[most > 0].mean()) if (most > 0).any() else 1.0
        lines, columns, totals = [], [], []
        for row, tokens in enumerate(
            tokens_of([wants.of(row) for row in range(len(wants.counts))])
        ):
            own = sorted(set(tokens))
            found = [known[word] for word in own if word in known]
            lines += [row] * len(found)
            columns += found
            totals.append(float(most[found].sum()) + usual * (len(own) - len(found)))
        self._wanted = sparse.csr_matrix(
            (np.ones(len(lines), dtype=np.float32), (lines, columns)),
            shape=(len(wants.counts), scores.shape[1]))
        self._totals = np.maximum(np.array(totals, dtype=np.float32), 1e-6)
        self._by_person = scores.tocsr()

    def found_in(self, row: int, rows: Rows) -> Floats:
        """Return how much of what one wants each of the others offers, shape (rows,)."""
        columns = self._wanted.indices[self._wanted.indptr[row] : self._wanted.indptr[row + 1]]
        total = np.zeros(self._scores.shape[0], dtype=np.float32)
        for column in columns:
            span = slice(self._scores.indptr[column], self._scores.indptr[column + 1])
            total[self._scores.indices[span]] += self._scores.data[span]
        share: Floats = np.minimum(total[rows] / self._totals[row], 1.0)
        return share

    def held_by(self, row: int, rows: Rows) -> Floats:
        """Return how much of what each of the others wants one offers, shape (rows,)."""
        own = np.zeros(self._scores.shape[1], dtype=np.float32)
        span = slice(self._by_person.indptr[row], self._by_person.indptr[row + 1])
        own[self._by_person.indices[span]] = self._by_person.data[span]
        wanted = self._wanted if len(rows) == self._wanted.shape[0] else self._wanted[rows]
        share: Floats = np.minimum((wanted @ own) / self._totals[rows], 1.0)
        return share

    def block(self, wanting: Rows, offering: Rows) -> Floats:
        """Return the same of many to many, shape (wanting, offering)."""
        both = (self._wanted[wanting] @ self._by_person[offering].T).toarray()
        share: Floats = np.minimum(both / self._totals[wanting][:, None], 1.0)
        return share


def tokens_of(said: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return each person's words as they are compared: plain, cut to a stem, no stop words."""
    return [[word[:STEM] for text in own for word in _WORD.findall(plain(text))
             if word not in _STOP] for own in said]
