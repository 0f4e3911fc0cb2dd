"""What a set of main activities is worth to a session, before its minutes count."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.agendas.brief import Brief
from recommender.agendas.needs import Need
from recommender.domain.activity import Activity
from recommender.domain.base import Kind
from recommender.retrieval.encoder import Floats

COVERAGE, AVERAGE = 1.0, 0.35
SAME_TOPIC, EXPLORE_AND_DO = 0.6, 0.35
EACH_PEER = 1.0
"""Weight of the worse-served of two equals."""

EXPLORING: frozenset[Kind] = frozenset({"discussion", "goal_setting", "resource_debrief",
                                        "reflection", "feedback"})
Ints = npt.NDArray[np.intp]


def values_of(
    sets: Sequence[tuple[int, ...]], mains: Sequence[Activity], fit: Floats, weights: Floats,
    each_peer: Sequence[Sequence[int]],
) -> Floats:
    """Return what each set of mains is worth, shape (sets,); an empty set is worth nothing."""
    topic_codes = _codes([one.topics[0] if one.topics else None for one in mains])
    kind_codes = _codes([one.kind for one in mains])
    exploring = np.array([one.kind in EXPLORING for one in mains], dtype=np.bool_)
    values = np.zeros(len(sets), dtype=np.float32)
    for size in sorted({len(group) for group in sets} - {0}):
        rows = [row for row, group in enumerate(sets) if len(group) == size]
        groups = np.array([sets[row] for row in rows], dtype=np.intp)
        chosen = fit[groups]
        best = chosen.max(axis=1)
        value = COVERAGE * (best @ weights) + AVERAGE * (chosen @ weights).mean(axis=1)
        value -= SAME_TOPIC * _doubles(topic_codes[groups])
        value -= SAME_TOPIC / 2 * _doubles(kind_codes[groups])
        value += EXPLORE_AND_DO * (exploring[groups].any(axis=1) & ~exploring[groups].all(axis=1))
        if each_peer:
            served = np.stack([best[:, list(columns)].max(axis=1) for columns in each_peer])
            value += EACH_PEER * served.min(axis=0)
        values[rows] = value
    return values


def _codes(names: Sequence[str | None]) -> Ints:
    """Return a number for each name, the same for the same name; null ones all differ."""
    known: dict[str, int] = {}
    codes = [known.setdefault(name, len(known)) if name is not None else len(names) + at
             for at, name in enumerate(names)]
    return np.array(codes, dtype=np.intp)


def _doubles(codes: Ints) -> Ints:
    """Return how many codes of each row stand there already, shape (rows,)."""
    ordered = np.sort(codes, axis=1)
    doubles: Ints = (ordered[:, 1:] == ordered[:, :-1]).sum(axis=1)
    return doubles


def of_each_peer(brief: Brief, needs: Sequence[Need]) -> list[list[int]]:
    """Return the goals' columns of each of two equals; none where only one has goals."""
    if brief.relation != "peer":
        return []
    owners = sorted({need.owner for need in needs
                     if need.source == "goal" and need.owner is not None})
    columns = [[at for at, need in enumerate(needs)
                if need.source == "goal" and need.owner == owner] for owner in owners]
    return columns if len(columns) > 1 else []
