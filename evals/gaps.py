"""How often the search for gaps calls a need unserved: needs of work, and needs of elsewhere."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, Written
from recommender.learning.gaps import SpokenNeed, find_served
from recommender.retrieval.language import detect_language


@dataclass(frozen=True)
class GapShares:
    """Of `of` needs, how many find no resource near enough, and how many no sure activity."""

    no_resource: int
    no_activity: int
    of: int

    def __str__(self) -> str:
        return (f"no resource near enough {self.no_resource} of {self.of}, "
                f"no sure activity {self.no_activity} of {self.of}")


def measure_gaps(needs: Sequence[SpokenNeed], catalogue: Catalogue) -> GapShares:
    """Return how many of these needs the search for gaps calls unserved."""
    served = find_served(needs, catalogue)
    return GapShares(sum(one.no_resource for one in served),
                     sum(one.no_activity for one in served), len(served))


def read_needs(path: Path) -> list[SpokenNeed]:
    """Return the queries of a `queries.jsonl` as needs of somebody who reads their language.

    A query that does not say its language, or one that is not written here, counts as English.
    """
    needs = []
    for line in path.read_text("utf-8").splitlines():
        query = json.loads(line)
        said = query.get("metadata", {}).get("language") or detect_language(query["text"])
        language: Written = next((one for one in LANGUAGES if one == said), "en")
        needs.append(SpokenNeed(query["_id"], "goal", query["text"], language,
                                frozenset({language}), frozenset()))
    return needs
