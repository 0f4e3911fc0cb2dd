"""By how much one ranking is better than another, with an interval over the queries."""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import bootstrap

from evals.retrieval import Judgments, Run, ndcg_by_query

SEED = 20260115
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """A mean paired difference of nDCG@10 and the interval it lies in at 95 %."""

    difference: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return the contract's shape."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.difference:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


def differences_from(
    runs: dict[str, Run], judgments: Judgments, system: str, others: tuple[str, ...]
) -> dict[str, Difference]:
    """Return how much better the system ranks each query than each of the others do, on average.

    Empty for fewer than two queries, which have no spread to judge by.
    """
    if len(judgments) < 2:
        return {}
    own = ndcg_by_query(runs[system], judgments)
    found = {}
    for name in others:
        other = ndcg_by_query(runs[name], judgments)
        found[name] = difference_of([own[query] - other[query] for query in judgments])
    return found


def difference_of(differences: list[float]) -> Difference:
    """Return the mean of paired differences with its interval, the same at every run.

    A bias-corrected and accelerated bootstrap over the pairs (Efron 1987), by SciPy. Where all
    are equal the interval is a point.
    """
    values = np.array(differences)
    mean = float(values.mean())
    if np.ptp(values) == 0:
        low = high = mean
    else:
        interval = bootstrap((values,), np.mean, confidence_level=CONFIDENCE,
                             rng=np.random.default_rng(SEED)).confidence_interval
        low, high = float(interval.low), float(interval.high)
    return Difference(round(mean, 6), round(low, 6), round(high, 6))
