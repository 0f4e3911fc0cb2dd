"""A recogniser of people's names, trained on sentences of this project: decision 0030.

The only module that imports pycrfsuite. `python -m evals.names_training` trains it.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import pycrfsuite

from recommender.errors import EncoderError
from recommender.names.features import Features

FILE = Path(__file__).parent / "names.crf"
PERSON, NOBODY = "P", "O"


class Recogniser:
    """Says how likely each piece of a text is part of a person's name.

    Args:
        path: A model that CRFsuite wrote, with the labels `PERSON` and `NOBODY`; beside it the
            file of `digest_file`, since a damaged model would take the whole process with it.

    Raises:
        EncoderError: It cannot be read, or is not the one of that file: names would reach a
            model in silence.
    """

    def __init__(self, path: Path = FILE) -> None:
        self._tagger = pycrfsuite.Tagger()
        self._lock = Lock()
        try:
            self._model = path.read_bytes()  # kept: the tagger reads on where it lies
            digests = digest_file(path).read_text("utf-8").split()
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(path, f"cannot be read ({error})") from error
        if hashlib.sha256(self._model).hexdigest() not in digests:
            raise _unusable(path, "is not the model that was trained")
        self._tagger.open_inmemory(self._model)

    def chances(self, features: Sequence[Features]) -> list[float]:
        """Return the chance of each piece, 0 to 1; from any thread, one text at a time."""
        if not features:
            return []
        with self._lock:
            self._tagger.set(features)
            return [self._tagger.marginal(PERSON, at) for at in range(len(features))]


def digest_file(path: Path = FILE) -> Path:
    """Return the file with the SHA-256 of what a model was trained on, and of the model."""
    return path.with_suffix(".sha256")


def _unusable(path: Path, why: str) -> EncoderError:
    return EncoderError(f"{path.name} {why}; make it again with python -m evals.names_training")


@lru_cache(maxsize=1)
def open_recogniser() -> Recogniser:
    """Return the shipped one, opened once."""
    return Recogniser()
