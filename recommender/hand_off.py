"""What needs a person: what patterns find, what a text means and its words, weighed together.

Small networks judge two embeddings side by side, the searches' and one of its own, a linear model
the n-grams, and a logistic fit weighs both with the patterns' evidence;
`python -m evals.hand_off_training` trains them. Docs: decisions 0024 and 0029.
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
from recommender.retrieval.universal_sentence_encoder import WIDTH, encode_sentences

LONGEST = 240
"""Characters of a text that is read in one piece; a longer one is read by sentences."""
FEWEST_WORDS = 3
"""A piece with fewer says too little to be like anything."""
LABELS = ("ordinary", "grave")
SECTIONS = ("both", "own")
"""What the parts of the two kinds of networks begin with, in a file."""
PARTS = 6
"""What is weighed: networks, n-grams, and what is weighed of the patterns' evidence."""

DOUBT = 2.0
"""A text whose score by the embedding at hand is that far under its threshold is ordinary."""

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

    def least(self, *, told: bool) -> float:
        """Return the threshold, of sentences of notes or of anything else."""
        return self.told_threshold if told else self.threshold

    def scores(self, parts: Floats) -> Floats:
        """Return the score of each row of parts."""
        scores: Floats = parts @ self.weights + self.bias
        return scores


@dataclass(frozen=True)
class HandOffModel:
    """What was trained on labelled sentences.

    Attributes:
        both: Networks over the two embeddings side by side; null where the encoder of searches
            is not the one they were trained with.
        own: Networks over the embedding that is always at hand.
        mean: float32, shape (both widths,); taken away before vectors are judged.
        together: Weighs what `both` say with n-grams and evidence.
        alone: Weighs what `own` say with them, where there are no others.
        data: SHA-256 of the sentences.
    """

    both: Networks | None
    own: Networks
    mean: Floats
    grams: NGrams
    together: Weighing
    alone: Weighing
    data: str

    def scores(
        self, rows: Floats | None, own: Floats, texts: Sequence[str], evidence: Evidence
    ) -> Floats:
        """Return how much each text is like one that needs a person.

        Weighed are `both`, by `together`, or `own`, by `alone`, where there are no rows or no
        networks for them.

        Args:
            rows: float32, shape (n, width), as the encoder of searches gives them for queries.
            own: float32, shape (n, width), of `encode_sentences`.
            texts: The same texts.
            evidence: Of all of them.
        """
        parts = np.zeros((len(texts), PARTS), dtype=np.float32)
        if self.both is not None and rows is not None:
            weighing = self.together
            parts[:, 0] = margins(self.both, side_by_side(rows, own, self.mean))
        else:
            weighing = self.alone
            parts[:, 0] = margins(self.own, unit(own - self.mean[-own.shape[1] :]))
        parts[:, 1] = self.grams.scores(texts)
        parts[:, 2:] = np.array(evidence.weighed, dtype=np.float32)
        return weighing.scores(parts)


def side_by_side(rows: Floats, own: Floats, mean: Floats) -> Floats:
    """Return two embeddings as one of unit length, each centred and counting alike.

    Args:
        rows, own: float32, shapes (n, width) of either.
        mean: Of both, one behind the other.
    """
    width = rows.shape[1]
    both: Floats = np.hstack([unit(rows - mean[:width]), unit(own - mean[width:])])
    return both * np.float32(np.sqrt(0.5))


class HandOff(HandOffRules):
    """Finds what needs a person by rules, by words and, where its encoder is at hand, by meaning.

    Args:
        patterns: As for `HandOffRules`.
        model: Null where there is none; then the rules judge alone.
        encode: The queries of the encoder of searches.
        encode_own: What embeds whatever that encoder is.
    """

    def __init__(
        self, patterns: Mapping[str, Sequence[str]], model: HandOffModel | None, encode: Encode,
        encode_own: Encode = encode_sentences,
    ) -> None:
        super().__init__(patterns)
        self._model = model
        self._encode = encode
        self._encode_own = encode_own

    def for_person(self, text: str, seen: str, *, told: bool = False) -> bool:
        """Return whether a text is for a person.

        What a pattern finds is evidence, unless no ordinary sentence is known to have it. The
        embedding of searches takes long and is asked only where the other leaves doubt.

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
        model, own = self._model, self._encode_own(pieces)
        scores = model.scores(None, own, pieces, evidence)
        if model.both is None:
            return bool((scores > model.alone.least(told=told)).any())
        doubtful = scores > model.alone.threshold - DOUBT
        if not doubtful.any():
            return False
        chosen = [piece for piece, one in zip(pieces, doubtful, strict=True) if one]
        scores = model.scores(self._encode(chosen), own[doubtful], chosen, evidence)
        return bool((scores > model.together.least(told=told)).any())


def pieces_of(text: str) -> list[str]:
    """Return what is judged by itself: a short text whole, a long one by sentences."""
    parts = [text.strip()] if len(text) <= LONGEST else sentences(text)
    return [part for part in parts if len(part.split()) >= FEWEST_WORDS]


def margins(networks: Networks, rows: Floats) -> Floats:
    """Return by how much networks hold each row, centred and unit, for grave, not ordinary."""
    said = networks.log_chances(rows)
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
            both, own = (networks_in(_section(file, name), path.name) for name in SECTIONS)
            grams = NGrams(file["grams"].astype(np.float32), file["rarity"].astype(np.float32),
                           float(file["grams_bias"]))
            found = HandOffModel(both, own, file["mean"].astype(np.float32), grams,
                                 _weighing(file["together"]), _weighing(file["alone"]),
                                 both.data)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise EncoderError(
            f"{path.name} cannot be read ({error}); make it again with "
            "python -m evals.hand_off_training") from error
    fits = (found.mean.shape == both.inner.shape[1:2] and both.labels == own.labels == LABELS
            and own.inner.shape[1] == WIDTH
            and grams.weights.shape == grams.rarity.shape == (BUCKETS,)
            and found.together.weights.shape == found.alone.weights.shape == (PARTS,))
    if not fits:
        raise EncoderError(f"{path.name} holds parts that do not fit each other; make it again "
                           "with python -m evals.hand_off_training")
    return found if both.encoder == encoder else replace(found, both=None)


def write_model(path: Path, model: HandOffModel) -> None:
    """Write a model that has all networks; they and the n-grams in half precision.

    Raises:
        EncoderError: It has not.
    """
    if model.both is None:
        raise EncoderError("a model without networks for the encoder of searches is not written")
    parts = {f"{section}_{name}": part
             for section, networks in zip(SECTIONS, (model.both, model.own), strict=True)
             for name, part in parts_of(networks).items()}
    with path.open("wb") as file:
        np.savez_compressed(
            file, mean=model.mean, grams=model.grams.weights.astype(np.float16),
            rarity=model.grams.rarity.astype(np.float16), grams_bias=np.array(model.grams.bias),
            together=_row(model.together), alone=_row(model.alone), **parts)


def _section(file: Mapping[str, Any], section: str) -> dict[str, Any]:
    """Return the parts of a file that belong to one kind of networks, by their own names."""
    return {name.removeprefix(f"{section}_"): file[name] for name in file
            if name.startswith(f"{section}_")}


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
