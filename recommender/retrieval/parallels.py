"""Parallels: what people elsewhere say who need the same, found by meaning and by words."""

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from recommender.domain.base import Written
from recommender.retrieval.centring import QueryCentres
from recommender.retrieval.encoder import Floats
from recommender.retrieval.lexical import FLAT, LexicalIndex
from recommender.retrieval.needs import LONG, LibraryEncoder

WORDS = 0.5
"""What shared words count beside meaning, each as standard deviations over all sentences."""


class Parallels:
    """The sentences of topics and activities in one language, each by itself.

    Args:
        said: Sentences by the id of the topic or activity whose situations they are.
        language: Of the sentences.
        encoder: Embeds sentences and needs alike as queries.
        centres: What sentences have in common.
    """

    def __init__(
        self, said: Mapping[str, Sequence[str]], language: Written, encoder: LibraryEncoder,
        centres: QueryCentres,
    ) -> None:
        self._texts = list(chain.from_iterable(said.values()))
        self._owners = np.array([owner for owner, texts in said.items() for _ in texts])
        self._encoder = encoder
        self._centres = centres
        self._words = LexicalIndex(self._texts, [language] * len(self._texts))
        self._vectors = centres.centre(
            encoder.encode_library_queries(self._texts), [LONG] * len(self._texts),
            [language] * len(self._texts))

    def of(
        self, needs: Sequence[str], owners: Mapping[str, float]
    ) -> list[str]:
        """Return the sentences of some owners that are near to the needs, the nearest first.

        Args:
            needs: In people's own words; what is near to all of them is nearest.
            owners: Topics and activities by id, each with the standard deviations by which a
                sentence must be nearer than those of the whole library are on average.
        """
        least = np.full(len(self._owners), np.inf)
        for owner, its in owners.items():
            least[self._owners == owner] = its
        if not needs or not np.isfinite(least).any():
            return []
        vectors = self._centres.centre(
            self._encoder.encode_queries(needs), needs, [None] * len(needs))
        meaning = _standard((vectors @ self._vectors.T).mean(axis=0))
        words = _standard(self._words.scores(needs, np.ones(len(least), dtype=bool)).mean(axis=0))
        nearness = (meaning + WORDS * words) / np.hypot(1.0, WORDS)
        rows = np.flatnonzero(nearness >= least)
        order = rows[np.argsort(-nearness[rows], kind="stable")]
        return [self._texts[row] for row in order]


def _standard(values: Floats) -> Floats:
    """Return values as standard deviations from their mean; zeros where all are alike."""
    spread = float(values.std())
    standard: Floats = (values - values.mean()) / spread if spread > FLAT else values * 0.0
    return standard
