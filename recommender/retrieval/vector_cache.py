"""Vectors by text and model, so that nothing is encoded twice.

Passages (library texts, no personal data) may live in a file; queries, which hold people's
own words, stay in memory and leave with the process.
"""

import tempfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Lock, RLock
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.errors import VectorShapeError
from recommender.retrieval.encoder import Encoder, Floats

MAX_QUERIES = 20_000
DIGEST_BYTES = 16


@dataclass(frozen=True)
class LibraryText:
    """A text of the library, which may be kept in a file, as passage or as query."""

    text: str
    as_query: bool = False

    @property
    def key(self) -> bytes:
        """Return what the text's vector is filed under."""
        return key_of(f"query\0{self.text}" if self.as_query else self.text)


class CachedEncoder:
    """An encoder in front of an encoder; the same contract, each text encoded once.

    Threads may share one. The encoder lets one of them in at a time; whoever asks only for what
    is known does not wait for it.

    Args:
        encoder: Opened at the first text that is not in the cache.
        name: The encoder's name, so that vectors can be found before it is opened.
        files: Vector files to read, the last of which is written by `save`.
    """

    def __init__(self, encoder: Callable[[], Encoder], name: str, files: Sequence[Path] = ()):
        self._open = encoder
        self._opened: Encoder | None = None
        self._lock = Lock()
        self._turn = RLock()
        self._name = name
        self._files = tuple(files)
        self._kept: dict[bytes, Floats] = {}
        self._queries: OrderedDict[bytes, Floats] = OrderedDict()
        self._shipped: frozenset[bytes] = frozenset()
        for position, path in enumerate(self._files):
            self._kept.update(read_vectors(path, name))
            if position == len(self._files) - 2:
                self._shipped = frozenset(self._kept)

    @property
    def name(self) -> str:
        """Return the name of the encoder behind it."""
        return self._name

    @property
    def width(self) -> int:
        """Return the number of columns of every vector."""
        if self._opened is None and self._kept:
            return int(next(iter(self._kept.values())).shape[0])
        return self._encoder.width

    @property
    def _encoder(self) -> Encoder:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors; new ones stay in memory, the least recently used leave first."""
        return self._encode_queries(texts, keep=True)

    def encode_unkept(self, texts: Sequence[str]) -> Floats:
        """Return the same unit vectors; new ones are not remembered here."""
        return self._encode_queries(texts, keep=False)

    def _encode_queries(self, texts: Sequence[str], *, keep: bool) -> Floats:
        if not texts:
            return np.empty((0, self.width), dtype=np.float32)
        keys = [key_of(text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        found = self._known(wanted)
        if len(found) < len(wanted):
            with self._turn:
                # Whoever had the turn before may have encoded the same.
                found |= self._known({key: text for key, text in wanted.items()
                                      if key not in found})
                fresh = {key: text for key, text in wanted.items() if key not in found}
                if fresh:
                    vectors = self._encoder.encode_queries(list(fresh.values()))
                    # Copies: a row that stays would hold the rows of all that left.
                    made = {key: row.copy() for key, row in zip(fresh, vectors, strict=True)}
                    found |= made
                    if keep:
                        self._remember(made)
        return np.vstack([found[key] for key in keys])

    def _known(self, wanted: Mapping[bytes, str]) -> dict[bytes, Floats]:
        """Return the vectors that are remembered, or that the files hold of the library's own."""
        found: dict[bytes, Floats] = {}
        with self._lock:
            for key, text in wanted.items():
                vector = self._kept.get(LibraryText(text, as_query=True).key)
                if vector is None and key in self._queries:
                    vector = self._queries[key]
                    self._queries.move_to_end(key)
                if vector is not None:
                    found[key] = vector
        return found

    def _remember(self, made: Mapping[bytes, Floats]) -> None:
        with self._lock:
            self._queries.update(made)
            while len(self._queries) > MAX_QUERIES:
                self._queries.popitem(last=False)

    def encode_library_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors of the library's own queries, kept in the files like passages."""
        return self.encode_kept([LibraryText(text, as_query=True) for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, from the files where they hold them."""
        return self.encode_kept([LibraryText(text) for text in texts])

    def encode_kept(self, texts: Sequence[LibraryText]) -> Floats:
        """Return unit vectors of texts that may be kept, in order."""
        if not all(one.key in self._kept for one in texts):
            with self._turn:
                self._fill(texts)
        rows = [self._kept[one.key] for one in texts]
        return np.vstack(rows) if rows else np.empty((0, self.width), dtype=np.float32)

    def _fill(self, texts: Sequence[LibraryText]) -> None:
        for as_query in (False, True):
            fresh = {one.key: one.text for one in texts
                     if one.as_query == as_query and one.key not in self._kept}
            if fresh:
                encode = (self._encoder.encode_queries if as_query
                          else self._encoder.encode_passages)
                vectors = as_stored(encode(list(fresh.values())))
                self._kept.update(zip(fresh, vectors, strict=True))

    def holds(self, text: LibraryText) -> bool:
        """Return whether this text needs no encoding: a file had it, or it was encoded here."""
        return text.key in self._kept

    def save(self, only: Sequence[LibraryText] | None = None) -> int:
        """Write vectors to the last file and return how many; `only` limits them to these texts.

        The file is replaced in one step, so that a reader never sees half of it.
        """
        if not self._files:
            return 0
        if only is None:
            keys = [key for key in self._kept if key not in self._shipped]
        else:
            keys = [key for key in dict.fromkeys(one.key for one in only) if key in self._kept]
        if keys:
            write_vectors(self._files[-1], self._name,
                          {key: self._kept[key] for key in sorted(keys)})
        return len(keys)


def key_of(text: str) -> bytes:
    """Return what a text's vector is filed under."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST_BYTES).digest()


def read_vectors(path: Path, name: str) -> dict[bytes, Floats]:
    """Return the vectors of a file; none when it is missing, damaged or of another model."""
    try:
        with zipfile.ZipFile(path) as archive:
            model, keys, halves = (_array(archive, part) for part in ("model", "keys", "vectors"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return {}
    if str(model) != name or keys.dtype != np.uint8 or halves.dtype != np.float16:
        return {}
    if halves.ndim != 2 or keys.shape != (len(halves), DIGEST_BYTES):
        return {}
    if not np.isfinite(halves).all() or not halves.any(axis=1).all():
        return {}
    vectors = _from_halves(halves)
    return {bytes(key): vector for key, vector in zip(keys, vectors, strict=True)}


def model_of(path: Path) -> str | None:
    """Return whose vectors a file holds; null for a file that holds none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return str(_array(archive, "model"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def as_stored(vectors: Floats) -> Floats:
    """Return vectors as they come back from a file, so that fresh ones are the same bytes."""
    return _from_halves(vectors.astype(np.float16))


def _array(archive: zipfile.ZipFile, part: str) -> npt.NDArray[Any]:
    with archive.open(f"{part}.npy") as file:
        array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
        return array


def _from_halves(halves: npt.NDArray[np.float16]) -> Floats:
    """Return unit vectors from half precision."""
    vectors = halves.astype(np.float32)
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def write_vectors(
    path: Path, name: str, vectors: Mapping[bytes, Floats], mode: int = 0o644
) -> None:
    """Write vectors by key, in half precision and in one step, readable as `mode` says."""
    widths = {vector.shape for vector in vectors.values()}
    if len(widths) != 1:
        raise VectorShapeError(f"vectors of different widths for one file: {sorted(widths)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = np.frombuffer(b"".join(vectors), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        temporary = Path(file.name)
    try:
        with temporary.open("wb") as whole:
            np.savez(whole, model=np.array(name), keys=keys,
                     vectors=np.vstack(list(vectors.values())).astype(np.float16))
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
