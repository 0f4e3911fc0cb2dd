"""Centring: take away what all texts of one language and kind share, so that meaning speaks.

Sentence embeddings are anisotropic: those of one language huddle in a narrow cone, and short
labels in another than whole sentences. Subtracting the mean of their kind before comparing
(Mu and Viswanath 2018, "All-but-the-Top", without its second step) raised nDCG@10 across
languages by a tenth and within them a little; docs/decisions/0004-fusion.md has the figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.domain.base import base_language
from recommender.retrieval.encoder import Floats
from recommender.retrieval.language import detect_language

SHORT_WORDS = 8
"""A query of up to so many words is taken for a label, a longer one for a sentence."""
ENOUGH = 20
"""A mean over fewer documents says nothing; such a collection is left as it is."""


@dataclass(frozen=True)
class QueryCentres:
    """The means of queries, by language: of labels and of sentences people say."""

    short: Mapping[str, Floats]
    long: Mapping[str, Floats]

    def centre(
        self, vectors: Floats, texts: Sequence[str], languages: Sequence[str | None]
    ) -> Floats:
        """Return the queries' vectors less the mean of their kind, of unit length.

        Args:
            vectors: float32, shape (n, width).
            texts: The queries, n of them.
            languages: Of the queries where known; null ones are guessed.
        """
        if not len(vectors):
            return vectors
        means = [self._mean(text, language) for text, language in
                 zip(texts, languages, strict=True)]
        return unit(vectors - np.vstack(means))

    def _mean(self, text: str, language: str | None) -> Floats:
        """Return the mean of the text's language and kind; of all languages if it has neither."""
        means = self.short if len(text.split()) <= SHORT_WORDS else self.long
        own = base_language(language) if language else detect_language(text)
        if own is not None and own in means:
            return means[own]
        every: Floats = np.mean(list(means.values()), axis=0)
        return every


def centre_documents(vectors: Floats, languages: Sequence[str | None]) -> Floats | None:
    """Return documents less the mean of their language; null when there are too few to tell.

    A language with too few documents uses the mean of all.
    """
    if len(vectors) < ENOUGH:
        return None
    means = np.tile(vectors.mean(axis=0), (len(vectors), 1))
    for language in sorted({one for one in languages if one is not None}):
        own = np.array([one == language for one in languages])
        if own.sum() >= ENOUGH:
            means[own] = vectors[own].mean(axis=0)
    return unit(vectors - means)


def within_class_whitening(
    vectors: Floats, classes: npt.NDArray[np.intp], shrinkage: float
) -> Floats:
    """Return the matrix that makes vectors of one class differ alike in every direction.

    What tells classes apart counts more after it (Fisher's linear discriminant; Friedman 1989
    for the shrinkage towards a multiple of the identity).

    Args:
        vectors: float32, shape (n, width).
        classes: Of the vectors, shape (n,).
        shrinkage: From 0 to 1.
    """
    known = np.unique(classes)
    means = np.stack([vectors[classes == one].mean(axis=0) for one in known])
    rest = (vectors - means[np.searchsorted(known, classes)]).astype(np.float64)
    covariance = rest.T @ rest / len(rest)
    even = np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    values, directions = np.linalg.eigh((1 - shrinkage) * covariance + shrinkage * even)
    whitening: Floats = ((directions / np.sqrt(values)) @ directions.T).astype(np.float32)
    return whitening


def unit(vectors: Floats) -> Floats:
    """Return the vectors at unit length; those of no length stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit
