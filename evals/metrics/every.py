"""Every metric, by what it is asked of."""

from evals.cases import Kind
from evals.metrics import content, continuity, matching, ranking, readings, safety, structure, words
from evals.metrics.base import Metric

METRICS: dict[Kind, tuple[Metric, ...]] = {
    "agenda": (*structure.METRICS, *content.METRICS, *continuity.METRICS, *readings.METRICS,
               *words.METRICS, *safety.METRICS),
    "resources": ranking.METRICS,
    "mentors": matching.METRICS,
}


def metric_of(name: str) -> Metric | None:
    """Return the metric of this name, if there is one; names differ over all kinds."""
    return next((one for each in METRICS.values() for one in each if one.name == name), None)
