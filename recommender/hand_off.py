"""What needs a person, by meaning: labelled sentences that are near, where no rule has a word.

The sentence's embedding is compared with those of labelled sentences by a Gaussian kernel; the
weights come from `python -m evals.hand_off_training`. Docs: decision 0024.
"""

import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommender.errors import EncoderError
from recommender.privacy import HandOffRules, sentences
from recommender.retrieval.encoder import Floats

LONGEST = 240
"""Characters of a text that is read in one piece; a longer one is read by sentences."""
FEWEST_WORDS = 3
"""A piece with fewer says too little to be near to anything."""

Encode = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True)
class HandOffWeights:
    """A kernel machine over labelled sentences.

    Attributes:
        encoder: Name of the encoder whose vectors these are; no other's can be judged.
        mean: float32, shape (width,); taken away before a vector is compared.
        vectors: float32, shape (n, width), unit length, of the labelled sentences.
        weights: float32, shape (n,).
        bias: What a vector far from all of them scores.
        gamma: Of the kernel exp(-gamma |a - b|²).
        threshold: A score above it needs a person.
        data: SHA-256 of the sentences they were trained on.
    """

    encoder: str
    mean: Floats
    vectors: Floats
    weights: Floats
    bias: float
    gamma: float
    threshold: float
    data: str

    def scores(self, rows: Floats) -> Floats:
        """Return how much each row is like a sentence that needs a person.

        Args:
            rows: float32, shape (m, width), as the encoder gives them for queries.
        """
        near = unit(rows - self.mean) @ self.vectors.T
        scores: Floats = np.exp(-2 * self.gamma * (1 - near)) @ self.weights + self.bias
        return scores


class HandOff(HandOffRules):
    """Finds what needs a person by rules and, where its encoder is at hand, by meaning.

    Args:
        patterns: As for `HandOffRules`.
        weights: Null where there are none for the encoder; then the rules judge alone.
        encode: The encoder's queries.
    """

    def __init__(
        self, patterns: Mapping[str, Sequence[str]], weights: HandOffWeights | None,
        encode: Encode,
    ) -> None:
        super().__init__(patterns)
        self._weights = weights
        self._encode = encode

    def for_person(self, text: str, seen: str) -> bool:
        """Return whether a text is for a person, by the rules or by what it means.

        Args:
            text: As it was written; only the rules read it.
            seen: With nobody named, as searches see it; only this is embedded.
        """
        if self.needs_person(text):
            return True
        pieces = pieces_of(seen)
        if self._weights is None or not pieces:
            return False
        scores = self._weights.scores(self._encode(pieces))
        return bool((scores > self._weights.threshold).any())


def pieces_of(text: str) -> list[str]:
    """Return what is judged by itself: a short text whole, a long one by sentences."""
    parts = [text.strip()] if len(text) <= LONGEST else sentences(text)
    return [part for part in parts if len(part.split()) >= FEWEST_WORDS]


def read_weights(path: Path, encoder: str) -> HandOffWeights | None:
    """Return the weights of a file; null where there is none for this encoder.

    Raises:
        EncoderError: The file is damaged: what needs a person would be missed in silence.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            if str(file["encoder"]) != encoder:
                return None
            found = HandOffWeights(
                encoder, file["mean"].astype(np.float32),
                unit(file["vectors"].astype(np.float32)), file["weights"].astype(np.float32),
                float(file["bias"]), float(file["gamma"]), float(file["threshold"]),
                str(file["data"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise EncoderError(
            f"{path.name} cannot be read ({error}); make it again with "
            "python -m evals.hand_off_training") from error
    shapes = (found.mean.shape, found.weights.shape)
    if found.vectors.ndim != 2 or shapes != (found.vectors.shape[1:], found.vectors.shape[:1]):
        raise EncoderError(f"{path.name} holds weights and vectors of different lengths")
    return found


def write_weights(path: Path, weights: HandOffWeights) -> None:
    """Write weights, vectors in half precision."""
    with path.open("wb") as file:
        np.savez_compressed(
            file, encoder=np.array(weights.encoder), mean=weights.mean,
            vectors=weights.vectors.astype(np.float16), weights=weights.weights,
            bias=np.array(weights.bias), gamma=np.array(weights.gamma),
            threshold=np.array(weights.threshold), data=np.array(weights.data))


def unit(rows: Floats) -> Floats:
    """Return rows of unit length."""
    scaled: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled
