"""Small networks over embeddings, trained on labelled sentences and shipped as weights.

One hidden layer each; several of them, trained from other beginnings, vote. They need no package
to be asked. Docs: decision 0027.
"""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recommender.errors import EncoderError
from recommender.retrieval.encoder import Floats

SCALE = 8.0
"""What unit vectors are multiplied with, so that their parts are of the size that networks like."""


@dataclass(frozen=True)
class Networks:
    """Networks with one hidden layer that vote on labels.

    Attributes:
        encoder: Name of the encoder whose vectors they read; no other's can be judged.
        labels: What each column of the answer stands for.
        data: SHA-256 of the labelled sentences they were trained on.
        inner: float32, shape (networks, width, hidden).
        inner_bias: Shape (networks, 1, hidden).
        outer: Shape (networks, hidden, labels).
        outer_bias: Shape (networks, 1, labels).
    """

    encoder: str
    labels: tuple[str, ...]
    data: str
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    def logits(self, rows: Floats) -> Floats:
        """Return what each network says of each row, shape (networks, rows, labels).

        Args:
            rows: float32, shape (n, width), of unit length.
        """
        hidden = np.maximum(SCALE * rows[None] @ self.inner + self.inner_bias, 0.0)
        said: Floats = hidden @ self.outer + self.outer_bias
        return said

    def log_chances(self, rows: Floats) -> Floats:
        """Return the networks' mean log-probability of each label, shape (rows, labels)."""
        said = self.logits(rows)
        said = said - said.max(axis=2, keepdims=True)
        own: Floats = (said - np.log(np.exp(said).sum(axis=2, keepdims=True))).mean(axis=0)
        return own


_PARTS = ("inner", "inner_bias", "outer", "outer_bias")


def read_networks(path: Path, encoder: str) -> Networks | None:
    """Return the networks of a file; null where there are none for this encoder.

    Raises:
        EncoderError: The file is damaged: answers would get worse in silence.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return networks_in(file, path.name) if str(file["encoder"]) == encoder else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise EncoderError(f"{path.name} cannot be read ({error}); train it again") from error


def networks_in(file: Mapping[str, Any], name: str) -> Networks:
    """Return the networks of an open file.

    Raises:
        EncoderError: Their layers do not fit each other.
        KeyError: A part is missing.
    """
    parts = [file[part].astype(np.float32) for part in _PARTS]
    found = Networks(str(file["encoder"]), tuple(file["labels"].tolist()), str(file["data"]),
                     *parts)
    _, width, hidden = found.inner.shape if found.inner.ndim == 3 else (0, 0, 0)
    count = len(found.inner)
    shapes = [(count, width, hidden), (count, 1, hidden), (count, hidden, len(found.labels)),
              (count, 1, len(found.labels))]
    if not count or [part.shape for part in parts] != shapes:
        raise EncoderError(f"{name} holds layers that do not fit each other; train it again")
    return found


def write_networks(path: Path, networks: Networks) -> None:
    """Write networks, in half precision."""
    with path.open("wb") as file:
        np.savez_compressed(file, **parts_of(networks))


def parts_of(networks: Networks) -> dict[str, Any]:
    """Return what a file holds of networks."""
    parts = {name: getattr(networks, name).astype(np.float16) for name in _PARTS}
    return parts | {"encoder": np.array(networks.encoder), "data": np.array(networks.data),
                    "labels": np.array(networks.labels)}


def stacked(
    encoder: str, labels: Sequence[str], data: str, layers: Sequence[Sequence[Floats]]
) -> Networks:
    """Return networks of the layers of each: inner, inner bias, outer, outer bias."""
    inner, inner_bias, outer, outer_bias = (
        np.stack([one[at] for one in layers]).astype(np.float32) for at in range(len(_PARTS)))
    return Networks(encoder, tuple(labels), data, inner, inner_bias[:, None], outer,
                    outer_bias[:, None])
