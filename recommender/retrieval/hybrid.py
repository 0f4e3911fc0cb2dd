"""The one search path: dense, lexical and topic scores, fused under exact eligibility."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recommender.errors import InvalidInputError
from recommender.retrieval.centring import centre_documents
from recommender.retrieval.encoder import Encoder, Floats
from recommender.retrieval.faiss_index import FaissIndex, Mask
from recommender.retrieval.language import main_language
from recommender.retrieval.lexical import LexicalIndex
from recommender.retrieval.needs import NeedsBridge

DENSE_WEIGHT = 0.9
LEXICAL_WEIGHT = 0.1
TOPIC_WEIGHT = 1.5
"""Tuned on the development sets; docs/decisions/0004-fusion.md has the figures."""

TOPIC_SHARES = (1.0, 0.6, 0.45, 0.35)
"""How much a document is about its first, second, third and each later topic."""


@dataclass(frozen=True)
class Weights:
    """How much each part counts in the fused score."""

    dense: float = DENSE_WEIGHT
    lexical: float = LEXICAL_WEIGHT
    topic: float = TOPIC_WEIGHT


@dataclass(frozen=True)
class Document:
    """What is searched in: its text, and what is known of it.

    `words` is more text, for the lexical search alone: too long or too mixed to be embedded.
    """

    id: str
    text: str
    language: str | None = None
    topics: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Query:
    """What is searched with. A language that is not given is guessed where it matters."""

    text: str
    language: str | None = None


@dataclass(frozen=True)
class Found:
    """One document found, with the parts its score is made of (z-scores)."""

    id: str
    score: float
    dense: float
    lexical: float
    topic: float


@dataclass(frozen=True)
class Parts:
    """Fused scores and their parts, each of shape (queries, documents)."""

    fused: Floats
    dense: Floats
    lexical: Floats
    topic: Floats


class HybridIndex:
    """Documents, searchable. Rows are in id order, so ties come out by id.

    Args:
        documents: Ids must differ.
        encoder: Embeds documents once, queries as they come.
        bridge: Adds the topic score where documents have topics, and knows what queries
            have in common, which is taken away before comparing; null leaves both out.

    Raises:
        InvalidInputError: Two documents have the same id.
    """

    def __init__(
        self, documents: Sequence[Document], encoder: Encoder, bridge: NeedsBridge | None = None,
        weights: Weights = Weights(),
    ) -> None:
        self._weights = weights
        self.documents = tuple(sorted(documents, key=lambda document: document.id))
        for one, other in pairwise(self.documents):
            if one.id == other.id:
                raise InvalidInputError.of(f"the id {one.id!r} stands twice; ids must differ")
        self._encoder = encoder
        self._bridge = bridge
        texts = [document.text for document in self.documents]
        main = main_language(texts) if any(d.language is None for d in self.documents) else None
        self._languages = [document.language or main for document in self.documents]
        vectors = encoder.encode_passages(texts)
        centred = None
        if bridge is not None and bridge.topic_ids:
            centred = centre_documents(vectors, self._languages)
        self._centres = bridge.centres if bridge is not None and centred is not None else None
        self._dense = FaissIndex(vectors if centred is None else centred)
        self._lexical = LexicalIndex(
            [f"{document.text} {document.words}" for document in self.documents], self._languages)
        self._topics = _topic_matrix(self.documents, bridge)

    @property
    def everything(self) -> Mask:
        """Return the mask under which all documents are eligible."""
        return np.ones(len(self.documents), dtype=np.bool_)

    def search(
        self, query: Query, k: int, eligible: Mask | None = None
    ) -> list[Found]:
        """Return the best eligible documents, best first, ties by id; at most k, never padded."""
        if k < 1:
            raise ValueError(f"k must be at least 1; got {k}")
        mask = self.everything if eligible is None else eligible
        parts = self.score([query], mask)
        rows = np.flatnonzero(mask)
        order = rows[np.lexsort((rows, -parts.fused[0, rows]))][:k]
        return [
            Found(self.documents[row].id, float(parts.fused[0, row]), float(parts.dense[0, row]),
                  float(parts.lexical[0, row]), float(parts.topic[0, row]))
            for row in order
        ]

    def score(self, queries: Sequence[Query], eligible: Mask) -> Parts:
        """Return fused scores and their parts; 0 where not eligible.

        Dense and topic are z-scores over the eligible documents; lexical is one within each
        language, weighted by how much of the query that language's documents know.
        """
        texts = [query.text for query in queries]
        vectors = self._encoder.encode_queries(texts)
        if self._centres is not None:
            vectors = self._centres.centre(vectors, texts, [query.language for query in queries])
        dense = standardised(self._dense.scores(vectors, eligible), eligible)
        lexical = self._lexical.scores(texts, eligible)
        topic = np.zeros_like(dense)
        if self._bridge is not None and self._topics.any():
            chances = self._bridge.topic_scores(
                texts, [query.language for query in queries])
            topic = standardised(chances @ self._topics.T, eligible)
        own = self._weights
        fused = own.dense * dense + own.lexical * lexical + own.topic * topic
        return Parts(fused, dense, lexical, topic)

    def lexical(self, texts: Sequence[str], eligible: Mask) -> Floats:
        """Return the lexical scores alone, shape (texts, documents), as in `score`."""
        return self._lexical.scores(texts, eligible)


def _topic_matrix(documents: Sequence[Document], bridge: NeedsBridge | None) -> Floats:
    """Return how much of each topic a document is about, shape (documents, topics)."""
    ids = bridge.topic_ids if bridge is not None else ()
    column: Mapping[str, int] = {topic: at for at, topic in enumerate(ids)}
    matrix = np.zeros((len(documents), len(ids)), dtype=np.float32)
    for row, document in enumerate(documents):
        for place, topic in enumerate(document.topics):
            if topic in column:
                matrix[row, column[topic]] = TOPIC_SHARES[min(place, len(TOPIC_SHARES) - 1)]
    return matrix


def standardised(scores: Floats, eligible: Mask) -> Floats:
    """Return z-scores over the eligible columns of each row; 0 elsewhere."""
    result = np.zeros_like(scores)
    if not eligible.any() or not len(scores):
        return result
    chosen = scores[:, eligible]
    spread = chosen.std(axis=1, keepdims=True)
    centred = chosen - chosen.mean(axis=1, keepdims=True)
    result[:, eligible] = np.divide(
        centred, spread, out=np.zeros_like(centred), where=spread > 1e-9
    )
    return result
