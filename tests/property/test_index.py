import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import InvalidInputError, VectorShapeError
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import FaissIndex, Hit, Mask
from recommender.retrieval.hybrid import Document, HybridIndex, Query

CLOSE = 1e-5
"""Between FAISS's sums and NumPy's."""


def unit(rng: np.random.Generator, rows: int, width: int) -> Floats:
    return scaled(rng.normal(size=(rows, width)).astype(np.float32))


def scaled(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


@st.composite
def searches(draw: st.DrawFn) -> tuple[Floats, Floats, Mask]:
    """Return vectors with doubles among them, queries and a mask."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size, width = draw(st.integers(1, 60)), draw(st.sampled_from([1, 3, 8, 24, 384]))
    vectors = unit(rng, size, width)[rng.integers(0, size, size)]
    share = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    return vectors, unit(rng, draw(st.integers(1, 30)), width), rng.random(size) < share


@given(searches(), st.integers(1, 80))
def test_search_is_exact(search: tuple[Floats, Floats, Mask], k: int) -> None:
    """The best eligible rows, best first, as brute force finds them; never padded."""
    vectors, queries, eligible = search
    expected = queries @ vectors.T
    rows = set(np.flatnonzero(eligible))
    for line, hits in zip(expected, FaissIndex(vectors).search(queries, k, eligible), strict=True):
        assert len(hits) == min(k, len(rows))
        assert {hit.row for hit in hits} <= rows
        np.testing.assert_allclose([hit.score for hit in hits],
                                   np.sort(line[eligible])[::-1][:k], atol=CLOSE)
        np.testing.assert_allclose([hit.score for hit in hits], line[[hit.row for hit in hits]],
                                   atol=CLOSE)


@given(searches())
def test_ties_come_by_row(search: tuple[Floats, Floats, Mask]) -> None:
    """Falling score, then row: equal vectors score the same and keep their order."""
    vectors, queries, eligible = search
    for hits in FaissIndex(vectors).search(queries, len(vectors), eligible):
        order = [(-hit.score, hit.row) for hit in hits]
        assert order == sorted(order)
        scores: dict[bytes, float] = {}
        for hit in hits:
            assert scores.setdefault(vectors[hit.row].tobytes(), hit.score) == hit.score


@given(searches(), st.integers(1, 60), st.integers(1, 60))
def test_shorter_list_is_a_prefix(
    search: tuple[Floats, Floats, Mask], one: int, other: int
) -> None:
    """The top j are the first j of the top k."""
    vectors, queries, eligible = search
    index, (j, k) = FaissIndex(vectors), sorted((one, other))
    short, long = (index.search(queries, n, eligible) for n in (j, k))
    assert short == [hits[:j] for hits in long]


@given(searches(), st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(
    search: tuple[Floats, Floats, Mask], random: object
) -> None:
    """Shuffled vectors give the same scores; each query is answered for itself."""
    vectors, queries, eligible = search
    order = np.random.default_rng(len(vectors)).permutation(len(vectors))
    index = FaissIndex(vectors)
    plain = index.scores(queries, eligible)
    moved = FaissIndex(vectors[order]).scores(queries, eligible[order])
    np.testing.assert_array_equal(moved, plain[:, order])
    alone = np.vstack([index.scores(queries[at : at + 1], eligible) for at in range(len(queries))])
    np.testing.assert_array_equal(alone, plain)


@given(searches())
def test_rows_that_are_not_eligible_change_nothing(
    search: tuple[Floats, Floats, Mask]
) -> None:
    """A search under a mask equals one of an index that holds nothing else."""
    vectors, queries, eligible = search
    rows = np.flatnonzero(eligible)
    masked = FaissIndex(vectors).search(queries, 10, eligible)
    alone = FaissIndex(vectors[eligible]).search(queries, 10, np.ones(len(rows), dtype=np.bool_))
    assert masked == [[Hit(int(rows[hit.row]), hit.score) for hit in hits] for hits in alone]
    assert not FaissIndex(vectors).scores(queries, eligible)[:, ~eligible].any()


VECTORS = np.eye(4, 3, dtype=np.float32)
ALL = np.ones(4, dtype=np.bool_)
WRONG = {
    "narrow queries": "index.search(np.ones((1, 2), np.float32), 1, mask)",
    "one dimension": "index.search(np.ones(3, np.float32), 1, mask)",
    "NaN": "index.search(np.full((1, 3), np.nan, np.float32), 1, mask)",
    "short mask": "index.search(np.ones((1, 3), np.float32), 1, mask[:3])",
    "mask of numbers": "index.search(np.ones((1, 3), np.float32), 1, mask.astype(int))",
    "infinite vectors": "FaissIndex(np.full((2, 3), np.inf, np.float32))",
    "flat vectors": "FaissIndex(np.ones(3, np.float32))",
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_wrong_shapes_are_refused(call: str) -> None:
    """Wrong width, wrong mask or a value that is not finite is an error, not an answer."""
    names = {"np": np, "FaissIndex": FaissIndex, "index": FaissIndex(VECTORS), "mask": ALL}
    with pytest.raises(VectorShapeError):
        eval(call, names)


def test_wrong_shapes_are_refused_without_asserts() -> None:
    """`python -O`, which takes asserts out, changes nothing about that."""
    lines = ["import numpy as np", "from recommender.errors import VectorShapeError",
             "from recommender.retrieval.faiss_index import FaissIndex",
             "index, mask = FaissIndex(np.eye(4, 3, dtype=np.float32)), np.ones(4, np.bool_)",
             "refused = 0"]
    for call in WRONG.values():
        lines += ["try:", f"    {call}", "except VectorShapeError:", "    refused += 1"]
    lines.append("print(refused)")
    done = subprocess.run([sys.executable, "-O", "-c", "\n".join(lines)], capture_output=True,
                          text=True, check=True)
    assert done.stdout.split() == [str(len(WRONG))]


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(k: int) -> None:
    """A list has room for one at least."""
    with pytest.raises(ValueError, match="at least 1"):
        FaissIndex(VECTORS).search(VECTORS[:1], k, ALL)
    with pytest.raises(ValueError, match="at least 1"):
        HybridIndex(DOCUMENTS, WORDS).search(Query("budget"), k)


def test_empty_index_answers_empty_lists() -> None:
    """An index without rows finds nothing, for each query."""
    index = FaissIndex(np.empty((0, 3), dtype=np.float32))
    assert index.search(VECTORS, 5, np.empty(0, dtype=np.bool_)) == [[], [], [], []]


# The one search path


class Words:
    """An encoder by words: texts that share words are near."""

    name = "words"
    width = 64

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        rows = np.full((len(texts), self.width), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[sum(word.encode()) % self.width] += 1
        return scaled(rows)

    encode_queries = encode_passages


WORDS = Words()
VOCABULARY = ("feedback", "team", "budget", "meeting", "reunión", "equipo", "objectif")
DOCUMENTS = [
    Document("b1", "a budget for the team", "en"), Document("b2", "the budget meeting", "en"),
    Document("e1", "una reunión del equipo", "es"), Document("f1", "un objectif clair", "fr"),
    Document("n1", "nothing of the kind", "en"),
]

documents = st.lists(
    st.tuples(st.lists(st.sampled_from(VOCABULARY), max_size=5).map(" ".join),
              st.sampled_from(["en", "es", "fr", None])), min_size=1, max_size=12,
).map(lambda made: [Document(f"d{at:02}", text, language)
                    for at, (text, language) in enumerate(made)])
queries = st.lists(st.sampled_from(VOCABULARY), max_size=4).map(" ".join).map(Query)


@given(documents, queries, st.data())
def test_only_eligible_documents_are_found(
    made: list[Document], query: Query, data: st.DataObject
) -> None:
    """All eligible documents and no other, best first, ties by id; k only cuts the list."""
    index = HybridIndex(made, WORDS)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(made), max_size=len(made))))
    found = index.search(query, len(made), mask)
    assert {one.id for one in found} == {
        document.id for document, good in zip(index.documents, mask, strict=True) if good}
    order = [(-one.score, one.id) for one in found]
    assert order == sorted(order)
    k = data.draw(st.integers(1, len(made)))
    assert index.search(query, k, mask) == found[:k]
    parts = index.score([query], mask)
    for part in (parts.fused, parts.dense, parts.lexical, parts.topic):
        assert not part[0, ~mask].any()


@given(documents, queries, st.randoms(use_true_random=False))
def test_ranking_ignores_document_order(
    made: list[Document], query: Query, random: st.DrawFn
) -> None:
    """Documents given in another order are ranked the same, score for score."""
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    k = len(made)
    found, expected = (HybridIndex(one, WORDS).search(query, k) for one in (shuffled, made))
    assert found == expected


@given(documents, queries, st.data())
def test_documents_that_are_not_eligible_do_not_move_the_dense_order(
    made: list[Document], query: Query, data: st.DataObject
) -> None:
    """Dense scores are standardised over the eligible documents alone."""
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(made), max_size=len(made))))
    kept = [document for document, good in zip(made, mask, strict=True) if good]
    part = HybridIndex(made, WORDS).score([query], mask).dense[0, mask]
    alone = HybridIndex(kept, WORDS)
    np.testing.assert_allclose(part, alone.score([query], alone.everything).dense[0], atol=1e-4)


def test_lexical_adds_nothing_across_languages() -> None:
    """A query's words speak for documents in their own language, and for no other."""
    index = HybridIndex(DOCUMENTS, WORDS)
    parts = index.score([Query("budget meeting", "en")], index.everything)
    foreign = [document.language != "en" for document in index.documents]
    assert not parts.lexical[0, foreign].any()
    assert parts.lexical[0, 1] > 0
    assert index.search(Query("budget meeting", "en"), 1)[0].id == "b2"


def test_no_documents() -> None:
    """An index without documents finds nothing."""
    assert HybridIndex([], WORDS).search(Query("budget"), 3) == []


def test_several_queries_are_scored_as_each_alone() -> None:
    """Scoring queries together changes no score."""
    index = HybridIndex(DOCUMENTS, WORDS)
    asked = [Query("budget"), Query("un objectif"), Query("")]
    together = index.score(asked, index.everything).fused
    for row, query in enumerate(asked):
        np.testing.assert_allclose(together[row], index.score([query], index.everything).fused[0],
                                   atol=1e-5)


def test_doubled_ids_are_refused() -> None:
    """Two documents of one id cannot be told apart, so they are refused."""
    with pytest.raises(InvalidInputError, match="'b1' stands twice"):
        HybridIndex([DOCUMENTS[0], *DOCUMENTS], WORDS)
