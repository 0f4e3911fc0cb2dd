"""BM25 over each language by itself, with that language's stemmer and stop words (bm25s)."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import bm25s
import numpy as np
import Stemmer

from recommender.retrieval.encoder import Floats

_STEMMERS = {"en": "english", "es": "spanish", "fr": "french", "pt": "portuguese", "ar": "arabic"}
_STOPWORDS = {"en": "en", "es": "es", "fr": "fr", "pt": "pt"}


class LexicalIndex:
    """BM25 (Lucene variant, k1 1.5, b 0.75) over texts whose language is known.

    Args:
        texts: What is searched in.
        languages: The language of each text; null joins none of the indexes.
    """

    def __init__(self, texts: Sequence[str], languages: Sequence[str | None]) -> None:
        self._size = len(texts)
        self._rows: dict[str, list[int]] = {}
        for row, language in enumerate(languages):
            if language is not None:
                self._rows.setdefault(language, []).append(row)
        self._indexes: dict[str, bm25s.BM25] = {}
        for language, rows in self._rows.items():
            tokens = tokenize([texts[row] for row in rows], language)
            if any(tokens):
                index = bm25s.BM25()
                index.index(tokens, show_progress=False)
                self._indexes[language] = index

    def scores(self, query: str, language: str | None) -> Floats:
        """Return a BM25 score of at least 0 per text, shape (size,).

        Texts in another language than the query's score 0: a word that looks alike
        across languages is an accident more often than a meaning.
        """
        found = np.zeros(self._size, dtype=np.float32)
        index = self._indexes.get(language or "")
        if language is None or index is None:
            return found
        tokens = [token for token in tokenize([query], language)[0] if token in index.vocab_dict]
        if tokens:
            found[self._rows[language]] = index.get_scores(tokens)
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
