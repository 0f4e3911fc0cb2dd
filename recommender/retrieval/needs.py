"""The bridge from what people say to topics.

People state needs as symptoms, not as topics. Each topic of the vocabularies holds sentences
that people in need of it say; a need is compared with those, and topics get a probability.

Embeddings of one language huddle together, whatever they say; taking each language's mean away
lets the meaning speak (docs/decisions/0004-fusion.md has the figures).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from recommender.domain.base import LANGUAGES, base_language
from recommender.domain.vocabulary import Term, TermText
from recommender.retrieval.encoder import Encoder, Floats
from recommender.retrieval.language import detect_language

NEAREST = 5
"""How many sentences of a topic count: the mean of the nearest."""
TEMPERATURE = 0.1
"""Of the softmax over topics, in units of centred cosine."""


class NeedsBridge:
    """Topic probabilities for needs, in the order of `topic_ids`.

    Args:
        terms: Topics with their situations.
        encoder: Embeds situations as passages and needs as queries.
    """

    def __init__(self, terms: Mapping[str, Term], encoder: Encoder) -> None:
        self.topic_ids = tuple(terms)
        self._encoder = encoder
        owners, languages = [], []
        for row, term in enumerate(terms.values()):
            for language in LANGUAGES:
                own = _sentences(term.text[language])
                owners += [row] * len(own)
                languages += [language] * len(own)
        self._owners = np.array(owners, dtype=np.intp)
        vectors = encoder.encode_passages(situations_of(terms))
        self._means = {
            language: vectors[[own == language for own in languages]].mean(axis=0)
            for language in LANGUAGES if language in languages
        }
        self._vectors = _centred(vectors, [self._means[own] for own in languages])

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
        means = [self._mean(need, language) for need, language in
                 zip(needs, languages or [None] * len(needs), strict=True)]
        nearness = _centred(self._encoder.encode_queries(needs), means) @ self._vectors.T
        nearest = np.empty((len(needs), size), dtype=np.float32)
        for row in range(size):
            own = np.sort(nearness[:, self._owners == row], axis=1)
            nearest[:, row] = own[:, -NEAREST:].mean(axis=1)
        powers = np.exp((nearest - nearest.max(axis=1, keepdims=True)) / TEMPERATURE)
        chances: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
        return chances

    def _mean(self, need: str, language: str | None) -> Floats:
        """Return the mean of the need's language; of all languages when it has none of them."""
        own = base_language(language) if language else detect_language(need)
        if own in self._means:
            return self._means[own]
        return np.mean(list(self._means.values()), axis=0)


def situations_of(terms: Mapping[str, Term]) -> list[str]:
    """Return every sentence of the bridge, in the order of the terms."""
    return [line for term in terms.values() for language in LANGUAGES
            for line in _sentences(term.text[language])]


def _sentences(text: TermText) -> list[str]:
    return [*text.situations, f"{text.label}: {text.description}"]


def _centred(vectors: Floats, means: Sequence[Floats]) -> Floats:
    moved = vectors - np.vstack(means)
    unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return unit
