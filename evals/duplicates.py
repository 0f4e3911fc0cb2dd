"""How well duplicates are told from honest neighbours, against judged pairs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from content_library.duplicates import THRESHOLD, find_duplicates
from recommender.catalogue import comparable_vectors
from recommender.domain.resource import Resource
from recommender.errors import InvalidInputError
from recommender.retrieval.needs import LibraryEncoder

HALVES = ("dev", "held_out")
COLUMNS = "first\tsecond\tverdict\thalf\thow"


@dataclass(frozen=True)
class JudgedPair:
    """Two resources, and whether they are the same thing; tuned on (`dev`) or not."""

    ids: frozenset[str]
    verdict: Literal["same", "different"]
    half: str
    how: str


@dataclass(frozen=True)
class Figures:
    """What was found of one half.

    Attributes:
        found: Pairs reported that are the same; of `same` such pairs.
        wrong: Pairs reported that are different; of `different` such pairs.
    """

    half: str
    found: int
    same: int
    wrong: int
    different: int

    @property
    def precision(self) -> float | None:
        """Return the share of the reported that are the same; null when none is reported."""
        reported = self.found + self.wrong
        return self.found / reported if reported else None

    @property
    def recall(self) -> float:
        """Return the share of the same that are reported."""
        return self.found / self.same


@dataclass(frozen=True)
class DuplicateReport:
    """Figures by half, and the pairs reported that nobody planted and nobody judged."""

    halves: tuple[Figures, ...]
    unjudged: tuple[frozenset[str], ...]

    def to_text(self) -> str:
        """Return a table, one line per half."""
        lines = [f"{'':10}{'precision':>11}{'recall':>9}{'found':>12}{'wrong':>12}"]
        for one in self.halves:
            precision = "none" if one.precision is None else f"{one.precision:.3f}"
            lines.append(f"{one.half:10}{precision:>11}{one.recall:9.3f}"
                         f"{f'{one.found} of {one.same}':>12}"
                         f"{f'{one.wrong} of {one.different}':>12}")
        lines.append(f"reported beside the judged pairs: {len(self.unjudged)}")
        return "\n".join(lines) + "\n"

    def as_data(self) -> dict[str, Any]:
        """Return the figures by half."""
        return {one.half: {"precision": one.precision, "recall": one.recall, **vars(one)}
                for one in self.halves} | {"unjudged": [sorted(one) for one in self.unjudged]}


def evaluate_duplicates(
    folder: Path, encoder: LibraryEncoder, threshold: float = THRESHOLD
) -> DuplicateReport:
    """Return what the search finds among the resources of a folder, against its judged pairs.

    Raises:
        InvalidInputError: A file is missing or malformed.
    """
    resources, judged = read_judged(folder)
    reported = {frozenset((pair.keep.id, pair.retire.id)) for pair in find_duplicates(
        resources, comparable_vectors(resources, encoder), threshold=threshold)}
    halves = []
    for half in HALVES:
        same, different = ({one.ids for one in judged
                            if one.half == half and one.verdict == verdict}
                           for verdict in ("same", "different"))
        halves.append(Figures(half, len(reported & same), len(same), len(reported & different),
                              len(different)))
    unjudged = reported - {one.ids for one in judged} - _planted_twice(judged)
    return DuplicateReport(tuple(halves), tuple(sorted(unjudged, key=sorted)))


def read_judged(folder: Path) -> tuple[list[Resource], list[JudgedPair]]:
    """Return the resources and the judged pairs of `resources.jsonl` and `pairs.tsv`.

    Raises:
        InvalidInputError: A file is missing or malformed.
    """
    try:
        lines = (folder / "resources.jsonl").read_text("utf-8").splitlines()
        rows = (folder / "pairs.tsv").read_text("utf-8").splitlines()
        resources = [Resource.model_validate(json.loads(line)) for line in lines]
    except (OSError, ValueError) as error:
        raise InvalidInputError.of(
            f"no resources.jsonl and pairs.tsv that can be read ({error}); "
            "give a folder such as evals/data/duplicates", source=str(folder)) from error
    if not rows or rows[0] != COLUMNS:
        raise InvalidInputError.of(f"the first line must be {COLUMNS!r}",
                                   source=str(folder / "pairs.tsv"))
    known = {one.id for one in resources}
    judged = []
    for number, row in enumerate(rows[1:], start=2):
        cells = row.split("\t")
        if len(cells) != 5 or not known.issuperset(cells[:2]) or cells[3] not in HALVES \
                or cells[2] not in ("same", "different"):
            raise InvalidInputError.of(
                f"line {number}: two ids of resources.jsonl, same or different, "
                f"{' or '.join(HALVES)}, and how expected", source=str(folder / "pairs.tsv"))
        first, second, verdict, half, how = cells
        judged.append(JudgedPair(frozenset((first, second)), verdict,  # type: ignore[arg-type]
                                 half, how))
    return resources, judged


def _planted_twice(judged: Sequence[JudgedPair]) -> set[frozenset[str]]:
    """Return the pairs that are the same because both are the same as a third."""
    same = [one.ids for one in judged if one.verdict == "same"]
    return {one ^ other for at, one in enumerate(same) for other in same[at + 1:] if one & other}
