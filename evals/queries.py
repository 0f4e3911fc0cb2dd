"""Resources for graded queries, recommended by the product's own path."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from evals.cases import EvalCase
from evals.metrics.ranking import SHOWN, Ranked
from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, base_language
from recommender.learning.budget import fill_budget
from recommender.learning.recommend import Wish, recommend_resources

LISTED = 10
"""Resources that are asked for."""


def rank_queries(
    cases: Sequence[EvalCase], catalogue: Catalogue,
    progress: Callable[[int, int], None] | None = None,
) -> list[Ranked]:
    """Return what is recommended for each query, best first, as `agendum resources` does."""
    found = []
    for at, one in enumerate(cases, start=1):
        language = base_language(one.file.language or "en")
        own = language if language in LANGUAGES else "en"
        wish = Wish(
            needs=[(str(one.file.query), 1.0)], language=own,
            readable=frozenset(base_language(tag) for tag in one.file.readable),
            longest=one.file.minutes,
            levels=frozenset({one.file.level} if one.file.level else ()),
        )
        if one.file.minutes is None:
            listed = recommend_resources(catalogue, wish, LISTED)
        else:
            everything = max(1, len(catalogue.library.active_resources))
            listed = fill_budget(recommend_resources(catalogue, wish, everything),
                                 one.file.minutes, LISTED)
        slices = {"language": language, "budget": "none" if one.file.minutes is None else "set",
                  **one.slices}
        found.append(Ranked(replace(one, slices=slices), own,
                            tuple((each.resource.id, each.reason) for each in listed),
                            catalogue.library, {}))
        if progress is not None:
            progress(at, len(cases))
    shown = Counter(resource for each in found for resource, _ in each.found[:SHOWN])
    return [replace(each, shown=shown) for each in found]
