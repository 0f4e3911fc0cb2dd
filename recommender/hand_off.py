"""What needs a person: what patterns find, what a text means and its words, weighed together.

Small networks judge the embedding, a linear model the n-grams, and a logistic fit weighs both with
the patterns' evidence; `python -m evals.hand_off_training` trains them. Docs: decision 0024.
"""

import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.errors import EncoderError
from recommender.privacy import Evidence, HandOffRules, sentences
from recommender.retrieval.encoder import Floats
from recommender.retrieval.n_grams import BUCKETS, NGrams
from recommender.retrieval.network import Networks, networks_in, parts_of

LONGEST = 240
"""Characters of a text that is read in one piece; a longer one is read by sentences."""
FEWEST_WORDS = 3
"""A piece with fewer says too little to be like anything."""
LABELS = ("ordinary", "grave")
PARTS = 6
"""What is weighed: networks, n-grams, and what is weighed of the patterns' evidence."""

Encode = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True)
class Weighing:
    """How much each part says, and what is enough.

    Attributes:
        weights: Shape (PARTS,): networks, n-grams, then `Evidence.weighed`.
        bias: What is added.
        threshold: A score above it needs a person.
        told_threshold: The same for a sentence of notes: a case has a dozen of them, so they
            must be surer.
    """

    weights: Floats
    bias: float
    threshold: float
    told_threshold: float

    def scores(self, parts: Floats) -> Floats:
        """Return the score of each row of parts."""
        scores: Floats = parts @ self.weights + self.bias
        return scores


@dataclass(frozen=True)
class HandOffModel:
    """What was trained on labelled sentences.

    Attributes:
        networks: Null where the encoder at hand is not the one they were trained with.
        mean: float32, shape (width,); taken away before a vector is judged.
        together: Weighs all parts.
        alone: Weighs n-grams and evidence where there are no networks.
        data: SHA-256 of the sentences.
    """

    networks: Networks | None
    mean: Floats
    grams: NGrams
    together: Weighing
    alone: Weighing
    data: str

    @property
    def weighing(self) -> Weighing:
        """Return the weighing that fits the encoder at hand."""
        return self.alone if self.networks is None else self.together

    def scores(self, rows: Floats | None, texts: Sequence[str], evidence: Evidence) -> Floats:
        """Return how much each text is like one that needs a person.

        Args:
            rows: float32, shape (n, width), as the encoder gives them for queries; null where
                there are no networks.
            texts: The same texts.
            evidence: Of all of them.
        """
        parts = np.zeros((len(texts), PARTS), dtype=np.float32)
        if self.networks is not None and rows is not None:
            parts[:, 0] = margins(self.networks, rows - self.mean)
        parts[:, 1] = self.grams.scores(texts)
        parts[:, 2:] = np.array(evidence.weighed, dtype=np.float32)
        return self.weighing.scores(parts)


class HandOff(HandOffRules):
    """Finds what needs a person by rules, by words and, where its encoder is at hand, by meaning.

    Args:
        patterns: As for `HandOffRules`.
        model: Null where there is none; then the rules judge alone.
        encode: The encoder's queries.
    """

    def __init__(
        self, patterns: Mapping[str, Sequence[str]], model: HandOffModel | None, encode: Encode
    ) -> None:
        super().__init__(patterns)
        self._model = model
        self._encode = encode

    def for_person(self, text: str, seen: str, *, told: bool = False) -> bool:
        """Return whether a text is for a person.

        What a pattern finds is evidence, unless no ordinary sentence is known to have it.

        Args:
            text: As it was written; only the patterns read it.
            seen: With nobody named, as searches see it; only this is embedded.
            told: Whether it is a sentence of somebody's notes.
        """
        pieces = pieces_of(seen)
        if self._model is None or not pieces:
            return self.needs_person(text)
        evidence = self.evidence(text)
        if evidence.plainly:
            return True
        rows = None if self._model.networks is None else self._encode(pieces)
        scores = self._model.scores(rows, pieces, evidence)
        weighing = self._model.weighing
        return bool((scores > (weighing.told_threshold if told else weighing.threshold)).any())


def pieces_of(text: str) -> list[str]:
    """Return what is judged by itself: a short text whole, a long one by sentences."""
    parts = [text.strip()] if len(text) <= LONGEST else sentences(text)
    return [part for part in parts if len(part.split()) >= FEWEST_WORDS]


def margins(networks: Networks, rows: Floats) -> Floats:
    """Return by how much the networks hold each centred row for grave rather than ordinary."""
    said = networks.log_chances(unit(rows))
    return said[:, 1] - said[:, 0]


def read_model(path: Path, encoder: str) -> HandOffModel | None:
    """Return the model of a file, without networks for another encoder; null without a file.

    Raises:
        EncoderError: The file is damaged: what needs a person would be missed in silence.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            networks = networks_in(file, path.name)
            grams = NGrams(file["grams"].astype(np.float32), file["rarity"].astype(np.float32),
                           float(file["grams_bias"]))
            found = HandOffModel(networks, file["mean"].astype(np.float32), grams,
                                 _weighing(file["together"]), _weighing(file["alone"]),
                                 networks.data)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise EncoderError(
            f"{path.name} cannot be read ({error}); make it again with "
            "python -m evals.hand_off_training") from error
    fits = (found.mean.shape == networks.inner.shape[1:2] and networks.labels == LABELS
            and grams.weights.shape == grams.rarity.shape == (BUCKETS,)
            and found.together.weights.shape == found.alone.weights.shape == (PARTS,))
    if not fits:
        raise EncoderError(f"{path.name} holds parts that do not fit each other; make it again "
                           "with python -m evals.hand_off_training")
    return found if networks.encoder == encoder else replace(found, networks=None)


def write_model(path: Path, model: HandOffModel) -> None:
    """Write a model that has networks, networks and n-grams in half precision.

    Raises:
        EncoderError: It has none.
    """
    if model.networks is None:
        raise EncoderError("a model without networks is not written")
    with path.open("wb") as file:
        np.savez_compressed(
            file, mean=model.mean, grams=model.grams.weights.astype(np.float16),
            rarity=model.grams.rarity.astype(np.float16), grams_bias=np.array(model.grams.bias),
            together=_row(model.together), alone=_row(model.alone), **parts_of(model.networks))


def _weighing(row: npt.NDArray[Any]) -> Weighing:
    *weights, bias, threshold, told = row.tolist()
    return Weighing(np.array(weights, dtype=np.float32), bias, threshold, told)


def _row(weighing: Weighing) -> npt.NDArray[np.float64]:
    return np.array([*weighing.weights, weighing.bias, weighing.threshold,
                     weighing.told_threshold])


def unit(rows: Floats) -> Floats:
    """Return rows of unit length."""
    scaled: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled
