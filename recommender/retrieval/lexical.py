"""BM25 over each language by itself, with that language's stemmer and stop words (bm25s)."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import bm25s
import numpy as np
import Stemmer

from recommender.domain.base import base_language
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import Mask

_STEMMERS = {"en": "english", "es": "spanish", "fr": "french", "pt": "portuguese", "ar": "arabic"}
FLAT = 1e-9
"""A spread below this tells nothing apart."""
_STOPWORDS = {"en": "en", "es": "es", "fr": "fr", "pt": "pt"}


class LexicalIndex:
    """BM25 (Lucene variant, k1 1.5, b 0.75) over texts whose language is known.

    Args:
        texts: What is searched in.
        languages: The language of each text, regions aside; null joins none of the indexes.
    """

    def __init__(self, texts: Sequence[str], languages: Sequence[str | None]) -> None:
        self._size = len(texts)
        bases = [None if own is None else base_language(own) for own in languages]
        self._rows = {
            language: np.array([row for row, own in enumerate(bases) if own == language])
            for language in sorted({own for own in bases if own is not None})
        }
        self._indexes: dict[str, bm25s.BM25] = {}
        for language, rows in self._rows.items():
            tokens = tokenize([texts[row] for row in rows], language)
            if any(tokens):
                index = bm25s.BM25()
                index.index(tokens, show_progress=False)
                self._indexes[language] = index

    def scores(self, queries: Sequence[str], eligible: Mask) -> Floats:
        """Return how much the words of each query speak for each text, shape (queries, size).

        BM25 as a z-score over the eligible texts of each language, times the square of the
        share of the query's words that this language's texts know. So a query in another
        language, of which only stray words look alike, hardly counts; 0 where not eligible.
        """
        found = np.zeros((len(queries), self._size), dtype=np.float32)
        for language, index in self._indexes.items():
            rows = self._rows[language]
            chosen = eligible[rows]
            if not chosen.any():
                continue
            for at, tokens in enumerate(tokenize(queries, language)):
                known = [token for token in tokens if token in index.vocab_dict]
                if not known:
                    continue
                scores = index.get_scores(known)[chosen]
                spread = float(scores.std())
                if spread > FLAT:
                    trust = (len(known) / len(tokens)) ** 2
                    found[at, rows[chosen]] = trust * (scores - scores.mean()) / spread
        return found


def tokenize(texts: Sequence[str], language: str) -> list[list[str]]:
    """Return the stemmed words of each text, without the language's stop words."""
    tokens: list[list[str]] = bm25s.tokenize(
        list(texts),
        stopwords=_STOPWORDS.get(language, []),
        stemmer=_stemmer(language),
        return_ids=False,
        show_progress=False,
    )
    return tokens


@cache
def _stemmer(language: str) -> Any:
    return Stemmer.Stemmer(_STEMMERS[language]) if language in _STEMMERS else None
