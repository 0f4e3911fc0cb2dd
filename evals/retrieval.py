"""Rank any folder in BEIR format with the production path, beside BM25 and dense alone."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from recommender.catalogue import Catalogue
from recommender.domain.base import base_language
from recommender.errors import InvalidInputError, MissingExtraError
from recommender.retrieval.faiss_index import FaissIndex, Mask
from recommender.retrieval.hybrid import DENSE_WEIGHT, LEXICAL_WEIGHT, Document, HybridIndex, Query

if TYPE_CHECKING:
    from evals.intervals import Difference

DEPTH = 100
"""Ranks kept per query, as TREC runs have them."""
BATCH = 64
METRICS = ("ndcg@10", "recall@10", "mrr")

Run = dict[str, dict[str, float]]
Judgments = dict[str, dict[str, int]]
Scores = dict[str, float]


@dataclass(frozen=True)
class Beir:
    """A test collection: documents, queries, judgments and, if given, candidates per query."""

    documents: tuple[Document, ...]
    queries: dict[str, Query]
    judgments: Judgments
    candidates: dict[str, frozenset[str]]


@dataclass(frozen=True)
class Report:
    """What an evaluation found: nDCG@10 (linear gain), recall@10 and MRR, means over queries.

    `fusion` is the system without the bridge from needs to topics, and of mentors without the
    comparison phrase by phrase; `dense` is the encoder's own cosine, neither centred nor fused.
    `overlap` counts equal words, as most products match. `differences` say by how much nDCG@10
    of the system is above that of others.
    """

    queries: int
    system: Scores
    fusion: Scores
    bm25: Scores
    dense: Scores
    encoder: str
    run: Run
    overlap: Scores | None = None
    runs: dict[str, Run] | None = None
    differences: "Mapping[str, Difference] | None" = None

    def to_json(self) -> dict[str, Any]:
        """Return the contract's shape."""
        return {"queries": self.queries, "system": self.system, "fusion": self.fusion,
                "bm25": self.bm25, "dense": self.dense, "encoder": self.encoder} | (
                    {} if self.overlap is None else {"overlap": self.overlap}) | (
                    {} if not self.differences else {"differences": {
                        name: one.to_json() for name, one in self.differences.items()}})

    def to_text(self) -> str:
        """Return a table, one line per ranking, then one line per difference."""
        lines = [f"{self.queries} queries, encoder {self.encoder}",
                 f"{'':8}" + "".join(f"{name:>12}" for name in METRICS)]
        for name in ("system", "fusion", "bm25", "dense", "overlap"):
            scores: Scores | None = getattr(self, name)
            if scores is None:
                continue
            lines.append(f"{name:8}" + "".join(f"{scores[one]:12.4f}" for one in METRICS))
        lines += [f"better than {name} by {one}" for name, one in (self.differences or {}).items()]
        return "\n".join(lines) + "\n"

    def run_lines(self) -> Iterator[str]:
        """Yield the system's ranking as TREC run lines."""
        for query, ranked in self.run.items():
            best = sorted(ranked.items(), key=lambda pair: (-pair[1], pair[0]))
            for rank, (document, score) in enumerate(best, start=1):
                yield f"{query} Q0 {document} {rank} {score:.6f} agendum"


def evaluate_folder(
    folder: Path, catalogue: Catalogue, task: str = "resources",
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Return how well the production path ranks a BEIR folder.

    Args:
        task: `resources`, or `mentors`: what documents offer is compared with what queries
            want, phrase by phrase, as people are matched.
        progress: Told how many of how many documents are embedded.

    Raises:
        InvalidInputError: A file is missing or a line is malformed; names file and line.
    """
    if task not in ("resources", "mentors"):
        raise InvalidInputError.of(f"{task!r}: write resources or mentors", field="--task")
    if task == "mentors":
        from evals.mentors import evaluate_mentors

        return evaluate_mentors(read_beir(folder), catalogue, progress)
    return evaluate(read_beir(folder), catalogue, progress)


def evaluate(
    data: Beir, catalogue: Catalogue, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Return how well the production path ranks a test collection."""
    texts = [document.text for document in data.documents]
    for start in range(0, len(texts), BATCH):
        catalogue.encoder.encode_passages(texts[start : start + BATCH])
        if progress is not None:
            progress(min(start + BATCH, len(texts)), len(texts))
    index = HybridIndex(data.documents, catalogue.encoder, catalogue.bridge)
    plain = FaissIndex(catalogue.encoder.encode_passages([one.text for one in index.documents]))
    runs: dict[str, Run] = {"system": {}, "fusion": {}, "bm25": {}, "dense": {}}
    ids = [document.id for document in index.documents]
    for query_id, query in data.queries.items():
        if query_id not in data.judgments:
            continue
        mask: Mask = index.everything
        if data.candidates:
            allowed = data.candidates.get(query_id, frozenset())
            mask = np.array([one in allowed for one in ids], dtype=np.bool_)
        parts = index.score([query], mask)
        dense = plain.scores(catalogue.encoder.encode_queries([query.text]), mask)
        fusion = DENSE_WEIGHT * parts.dense[0] + LEXICAL_WEIGHT * parts.lexical[0]
        for name, scores in (("system", parts.fused[0]), ("fusion", fusion),
                             ("bm25", parts.lexical[0]), ("dense", dense[0])):
            runs[name][query_id] = top_of(scores, ids, mask)
    judged = {query: data.judgments[query] for query in runs["system"]}
    measured = {name: measure(run, judged) for name, run in runs.items()}
    return Report(len(judged), measured["system"], measured["fusion"], measured["bm25"],
                  measured["dense"], catalogue.encoder.name, runs["system"])


def measure(run: Run, judgments: Judgments) -> Scores:
    """Return nDCG@10, recall@10 and MRR by ir-measures (trec_eval), rounded to six places.

    A judgment of 1 or more is relevant; a query without a relevant document counts 0.

    Raises:
        MissingExtraError: ir-measures is not installed.
    """
    try:
        from ir_measures import RR, R, calc_aggregate, nDCG
    except ImportError as error:
        raise _missing() from error
    values = calc_aggregate([nDCG @ 10, R @ 10, RR], judgments, run)
    return {name: round(float(values[metric]), 6)
            for name, metric in zip(METRICS, (nDCG @ 10, R @ 10, RR), strict=True)}


def _missing() -> MissingExtraError:
    return MissingExtraError("ir-measures is not installed; run: pip install 'agendum[evals]'")


def ndcg_by_query(run: Run, judgments: Judgments) -> Scores:
    """Return each judged query's nDCG@10; 0 where nothing relevant was to be found.

    Raises:
        MissingExtraError: ir-measures is not installed.
    """
    try:
        from ir_measures import iter_calc, nDCG
    except ImportError as error:
        raise _missing() from error
    return {one.query_id: float(one.value) for one in iter_calc([nDCG @ 10], judgments, run)}


def read_beir(folder: Path) -> Beir:
    """Return the test collection in a folder.

    Raises:
        InvalidInputError: A file is missing or a line is malformed; names file and line.
    """
    documents = []
    for where, line in _lines(folder / "corpus.jsonl"):
        data = line.get("metadata") or {}
        title, text = str(line.get("title") or ""), str(line.get("text") or "")
        documents.append(Document(
            _id(line, where), f"{title}. {text}" if title else text,
            base_language(data["language"]) if data.get("language") else None,
            tuple(data.get("topics") or ()),
        ))
    queries = {}
    for where, line in _lines(folder / "queries.jsonl"):
        language = (line.get("metadata") or {}).get("language")
        queries[_id(line, where)] = Query(str(line.get("text") or ""), language)
    candidates = {}
    if (folder / "candidates.jsonl").exists():
        candidates = {_id(line, where): frozenset(map(str, line.get("candidates") or ()))
                      for where, line in _lines(folder / "candidates.jsonl")}
    ids = [document.id for document in documents]
    if len(set(ids)) != len(ids):
        raise InvalidInputError.of(
            "two documents share an _id", source=str(folder / "corpus.jsonl"))
    return Beir(tuple(documents), queries, read_judgments(folder / "qrels" / "test.tsv"),
                candidates)


def ids_of(path: Path) -> frozenset[str]:
    """Return the `_id` of every line of a corpus or of queries."""
    return frozenset(_id(line, where) for where, line in _lines(path))


def read_judgments(path: Path) -> Judgments:
    """Return grades by query and document, from `query-id, corpus-id, score` by tabs.

    Raises:
        InvalidInputError: The file is missing, empty or malformed; names file and line.
    """
    judgments: Judgments = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        parts = line.rstrip("\n").split("\t")
        if number == 1 and not parts[-1].lstrip("-").isdigit():
            continue
        if len(parts) != 3 or not parts[2].strip().lstrip("-").isdigit():
            raise InvalidInputError.of(
                "query-id, corpus-id and a whole score expected, by tabs",
                source=f"{path}, line {number}")
        judgments.setdefault(parts[0], {})[parts[1]] = int(parts[2])
    if not judgments:
        raise InvalidInputError.of("holds no judgment", source=str(path))
    return judgments


def _lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(_read(path).splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidInputError.of(f"no valid JSON ({error.msg})", source=where) from error
        if not isinstance(data, dict):
            raise InvalidInputError.of("a JSON object expected", source=where)
        yield where, data


def _id(line: Mapping[str, Any], where: str) -> str:
    if not isinstance(line.get("_id"), str):
        raise InvalidInputError.of("a text is needed", source=where, field="_id")
    return str(line["_id"])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InvalidInputError.of(
            "no such file; a BEIR folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv",
            source=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError.of(f"cannot be read ({error})", source=str(path)) from error


def top_of(
    scores: npt.NDArray[np.floating[Any]], ids: Sequence[str], mask: Mask
) -> dict[str, float]:
    """Return the best scores by id, as many as a run holds, ties by position."""
    rows = np.flatnonzero(mask)
    order = rows[np.lexsort((rows, -scores[rows]))][:DEPTH]
    return {ids[row]: float(scores[row]) for row in order}
