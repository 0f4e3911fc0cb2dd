"""The nearest vectors of one tenant: by FAISS over what the database holds, or by pgvector.

Engines add up in another order, so their last digits differ; the candidates' scores are worked
out again the same way, and the same lists come out.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from sqlalchemy import Connection, select

from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import FaissIndex
from recommender.storage.scope import Scope
from recommender.storage.tables import vectors

MORE = 20
"""Candidates fetched beyond the list, among which rounding may have changed the order."""
DIGITS = 5
MAX_INDEXES = 64


@dataclass(frozen=True)
class Found:
    """One document found; the score is the cosine, -1 to 1."""

    id: str
    score: float


@dataclass(frozen=True)
class _Built:
    changed: int
    ids: tuple[str, ...]
    matrix: Floats
    index: FaissIndex


class Indexes:
    """Indexes in memory, each of one tenant, current by the number of its last change."""

    def __init__(self) -> None:
        self._built: OrderedDict[tuple[str, str, str, bytes], _Built] = OrderedDict()
        self._lock = Lock()

    def nearest(
        self, connection: Connection, scope: Scope, kind: str, model: str, key: bytes,
        query: Floats, k: int, eligible: Collection[str] | None,
    ) -> list[Found]:
        """Return the nearest documents, best first, ties by id."""
        built = self._current(connection, scope, kind, model, key)
        mask = np.ones(len(built.ids), dtype=np.bool_)
        if eligible is not None:
            wanted = frozenset(eligible)
            mask = np.array([one in wanted for one in built.ids], dtype=np.bool_)
        if not mask.any():
            return []
        hits = built.index.search(query[None, :], k + MORE, mask)[0]
        return _ranked([built.ids[hit.row] for hit in hits],
                       built.matrix[[hit.row for hit in hits]], query, k)

    def forget(self, tenant_id: str) -> None:
        """Drop a tenant's indexes."""
        with self._lock:
            for one in [one for one in self._built if one[0] == tenant_id]:
                del self._built[one]

    def _current(
        self, connection: Connection, scope: Scope, kind: str, model: str, key: bytes
    ) -> _Built:
        changed = scope.counters().vectors
        name = (scope.tenant_id, kind, model, key)
        with self._lock:
            built = self._built.get(name)
            if built is not None and built.changed == changed:
                self._built.move_to_end(name)
                return built
        rows = connection.execute(
            select(vectors.c.owner_id, vectors.c.embedding)
            .where(*scope.of(vectors), vectors.c.kind == kind, vectors.c.model == model,
                   vectors.c.key == key).order_by(vectors.c.owner_id)).all()
        matrix = (np.vstack([row.embedding for row in rows]) if rows
                  else np.zeros((0, 1), dtype=np.float32))
        built = _Built(changed, tuple(str(row.owner_id) for row in rows), matrix,
                       FaissIndex(matrix))
        with self._lock:
            self._built[name] = built
            while len(self._built) > MAX_INDEXES:
                self._built.popitem(last=False)
        return built


def nearest_in_database(
    connection: Connection, scope: Scope, kind: str, model: str, key: bytes, query: Floats,
    k: int, eligible: Collection[str] | None,
) -> list[Found]:
    """Return the nearest documents as pgvector finds them, exactly, best first, ties by id."""
    wanted = select(vectors.c.owner_id, vectors.c.embedding).where(
        *scope.of(vectors), vectors.c.kind == kind, vectors.c.model == model,
        vectors.c.key == key)
    if eligible is not None:
        wanted = wanted.where(vectors.c.owner_id.in_(sorted(eligible)))
    distance = vectors.c.embedding.op("<#>")(query)
    rows = connection.execute(
        wanted.order_by(distance, vectors.c.owner_id).limit(k + MORE)).all()
    if not rows:
        return []
    return _ranked([str(row.owner_id) for row in rows],
                   np.vstack([row.embedding for row in rows]), query, k)


def _ranked(ids: Sequence[str], matrix: Floats, query: Floats, k: int) -> list[Found]:
    scores = np.round(matrix.astype(np.float64) @ query.astype(np.float64), DIGITS)
    found = [Found(own, float(score)) for own, score in zip(ids, scores, strict=True)]
    return sorted(found, key=lambda one: (-one.score, one.id))[:k]
