"""The bridge from what people say to topics.

People state needs as symptoms, not as topics. Each topic of the vocabularies holds sentences
that people in need of it say; a need is compared with those, and topics get a probability.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from recommender.domain.base import LANGUAGES
from recommender.domain.vocabulary import Term
from recommender.retrieval.centring import QueryCentres
from recommender.retrieval.encoder import Encoder, Floats

NEAREST = 8
"""How many sentences of a topic count: the mean of the nearest."""
TEMPERATURE = 0.06
"""Of the softmax over topics, in units of centred cosine."""


class LibraryEncoder(Encoder, Protocol):
    """An encoder that keeps the library's own queries."""

    def encode_library_queries(self, texts: Sequence[str]) -> Floats:
        """Return the same as `encode_queries`, for texts that are the library's own."""


class NeedsBridge:
    """Topic probabilities for needs, in the order of `topic_ids`.

    Args:
        terms: Topics with their situations.
        encoder: Embeds situations and needs alike as queries.
    """

    def __init__(self, terms: Mapping[str, Term], encoder: LibraryEncoder) -> None:
        self.topic_ids = tuple(terms)
        self._encoder = encoder
        place = {topic: row for row, topic in enumerate(terms)}
        said = list(_situations(terms))
        labels = list(_labels(terms))
        owners = np.array([place[topic] for topic, _, _ in said], dtype=np.intp)
        edges = np.searchsorted(owners, np.arange(len(place) + 1)).tolist()
        self._spans = tuple(pairwise(edges))
        vectors = encoder.encode_library_queries([text for _, _, text in said])
        self.centres = QueryCentres(
            short=_means(encoder.encode_library_queries([text for _, text in labels]),
                         [language for language, _ in labels]),
            long=_means(vectors, [language for _, language, _ in said]),
        )
        self._vectors = self.centres.centre(
            vectors, [_LONG] * len(said), [language for _, language, _ in said])

    def topic_scores(
        self, needs: Sequence[str], languages: Sequence[str | None] | None = None
    ) -> Floats:
        """Return the probability of each topic for each need, shape (n, topics), rows sum to 1.

        Args:
            needs: In people's own words.
            languages: Of the needs, where known; else they are guessed.
        """
        size = len(self.topic_ids)
        if not needs or not size:
            return np.zeros((len(needs), size), dtype=np.float32)
        vectors = self.centres.centre(
            self._encoder.encode_queries(needs), needs, languages or [None] * len(needs))
        nearness = vectors @ self._vectors.T
        nearest = np.empty((len(needs), size), dtype=np.float32)
        for row, (first, last) in enumerate(self._spans):
            own = nearness[:, first:last]
            count = min(NEAREST, last - first)
            top = np.partition(own, last - first - count, axis=1)[:, -count:]
            nearest[:, row] = np.sort(top, axis=1).mean(axis=1)
        powers = np.exp((nearest - nearest.max(axis=1, keepdims=True)) / TEMPERATURE)
        chances: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
        return chances


_LONG = "a sentence that is longer than any label"


def query_texts(terms: Mapping[str, Term]) -> list[str]:
    """Return every text of the bridge that is embedded as a query."""
    return [text for _, _, text in _situations(terms)] + [text for _, text in _labels(terms)]


def _situations(terms: Mapping[str, Term]) -> Iterator[tuple[str, str, str]]:
    """Yield topic, language and sentence; the topic's description counts as one."""
    for topic, term in terms.items():
        for language in LANGUAGES:
            words = term.text[language]
            for text in (*words.situations, f"{words.label}: {words.description}"):
                yield topic, language, text


def _labels(terms: Mapping[str, Term]) -> Iterator[tuple[str, str]]:
    for term in terms.values():
        for language in LANGUAGES:
            yield language, term.text[language].label


def _means(vectors: Floats, languages: Sequence[str]) -> dict[str, Floats]:
    return {language: vectors[[own == language for own in languages]].mean(axis=0)
            for language in LANGUAGES if language in languages}
