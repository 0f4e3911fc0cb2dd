"""How far two passes of grading agree, beyond chance."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evals.retrieval import Judgments, ids_of, read_judgments
from recommender.errors import InvalidInputError

Rows = npt.NDArray[np.intp]
Pool = frozenset[tuple[str, str]]
PASSES = ("a.tsv", "b.tsv")
HIGHEST = 3


@dataclass(frozen=True)
class Agreement:
    """Quadratic weighted kappa between two passes.

    Attributes:
        pairs: Every query with every document, or those of the pool that was read; what a pass
            does not name it graded 0.
        kappa: Over all pairs.
        graded: Pairs that either pass graded above 0.
        kappa_graded: Over those alone, where it is harder to agree by chance; lower, as a rule.
        same: Of those, how many have the same grade.
    """

    pairs: int
    kappa: float
    graded: int
    kappa_graded: float
    same: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)

    def to_text(self) -> str:
        """Return one line for all pairs and one for those that either pass graded."""
        return (f"kappa {self.kappa:.3f} over all {self.pairs} pairs\n"
                f"kappa {self.kappa_graded:.3f} over the {self.graded} pairs that either pass "
                f"graded, {self.same} of them alike\n")


def measure_agreement(folder: Path) -> Agreement:
    """Return how far `passes/a.tsv` and `passes/b.tsv` of a BEIR folder agree.

    Where `pool.tsv` says which documents were read for each query, those are the pairs; else all.

    Raises:
        InvalidInputError: A file is missing or malformed, or a grade is not from 0 to 3; names
            the file.
    """
    queries = ids_of(folder / "queries.jsonl")
    pool = _pool(folder / "pool.tsv")
    documents = ids_of(folder / "corpus.jsonl") if pool is None else frozenset(
        document for _, document in pool)
    passes = [_grades(folder / "passes" / name, queries, documents, pool) for name in PASSES]
    named = sorted({(query, document) for grades in passes
                    for query, own in grades.items() for document in own})
    table: Rows = np.array([[grades.get(query, {}).get(document, 0) for query, document in named]
                            for grades in passes], dtype=np.intp)
    either = table[:, table.any(axis=0)]
    pairs = len(queries) * len(documents) if pool is None else len(pool)
    every = np.pad(either, ((0, 0), (0, pairs - either.shape[1])))
    return Agreement(pairs, weighted_kappa(every[0], every[1]), either.shape[1],
                     weighted_kappa(either[0], either[1]), int((either[0] == either[1]).sum()))


def weighted_kappa(first: Rows, second: Rows) -> float:
    """Return the quadratic weighted kappa of two lists of grades (Cohen 1968): 1 all alike.

    One less the mean squared distance between the two grades of a thing, over what it would be
    were the second list dealt out at random. 1 where neither list varies and both say the same.
    """
    seen = float(((first - second) ** 2).mean())
    by_chance = float(first.var() + second.var() + (first.mean() - second.mean()) ** 2)
    return round(1.0 - seen / by_chance, 6) if by_chance > 0 else 1.0


def _pool(path: Path) -> Pool | None:
    """Return the pairs that were read, null where the folder does not say."""
    if not path.exists():
        return None
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    for number, row in enumerate(rows, start=2):
        if len(row) != 2:
            raise InvalidInputError.of("query-id and corpus-id expected, by a tab",
                                       source=f"{path}, line {number}")
    return frozenset((query, document) for query, document in rows)


def _grades(
    path: Path, queries: frozenset[str], documents: frozenset[str], pool: Pool | None
) -> Judgments:
    grades = read_judgments(path)
    for query, own in grades.items():
        if query not in queries:
            raise InvalidInputError.of(f"{query!r} is no query of the folder; check its spelling",
                                       source=str(path))
        for document, grade in own.items():
            if document not in documents:
                raise InvalidInputError.of(
                    f"{document!r} is no document of the folder; check its spelling",
                    source=str(path))
            if pool is not None and (query, document) not in pool:
                raise InvalidInputError.of(f"{query}, {document}: stands in no line of pool.tsv",
                                           source=str(path))
            if not 0 <= grade <= HIGHEST:
                raise InvalidInputError.of(f"{query}, {document}: a grade from 0 to {HIGHEST} "
                                           f"expected; got {grade}", source=str(path))
    if not any(grade for own in grades.values() for grade in own.values()):
        raise InvalidInputError.of("no grade is above 0", source=str(path))
    return grades
