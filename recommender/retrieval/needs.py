"""The bridge from what people say to topics.

People state needs as symptoms, not as topics. Each topic of the vocabularies holds sentences
that people in need of it say; a need is compared with those, and topics get a probability.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from recommender.domain.vocabulary import Term, TermText
from recommender.retrieval.encoder import Encoder, Floats

NEAREST = 3
"""How many sentences of a topic count: the mean of the nearest."""
TEMPERATURE = 0.02
"""Of the softmax over topics, in units of cosine."""


class NeedsBridge:
    """Topic probabilities for needs. Rows are topics, in the order of `topic_ids`."""

    def __init__(self, terms: Mapping[str, Term], encoder: Encoder) -> None:
        self.topic_ids = tuple(terms)
        self._encoder = encoder
        sentences: list[str] = []
        owners: list[int] = []
        for row, term in enumerate(terms.values()):
            for text in term.text.values():
                own = _sentences(text)
                sentences += own
                owners += [row] * len(own)
        self._owners = np.array(owners, dtype=np.intp)
        self._vectors = encoder.encode_passages(sentences)

    def topic_scores(self, needs: Sequence[str]) -> Floats:
        """Return the probability of each topic for each need, shape (n, topics), rows sum to 1."""
        size = len(self.topic_ids)
        if not needs or not size:
            return np.zeros((len(needs), size), dtype=np.float32)
        nearness = self._encoder.encode_queries(needs) @ self._vectors.T
        means = np.empty((len(needs), size), dtype=np.float32)
        for row in range(size):
            own = np.sort(nearness[:, self._owners == row], axis=1)
            means[:, row] = own[:, -NEAREST:].mean(axis=1)
        return _softmax(means / TEMPERATURE)


def situations_of(terms: Mapping[str, Term]) -> list[str]:
    """Return every sentence of the bridge, in the order of the terms."""
    return [line for term in terms.values() for text in term.text.values()
            for line in _sentences(text)]


def _sentences(text: TermText) -> list[str]:
    return [*text.situations, f"{text.label}: {text.description}"]


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    result: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return result
