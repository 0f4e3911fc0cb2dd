"""How often a named reason is one: phrases labelled sensible or chance, by the production rule."""

import csv
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recommender.catalogue import Catalogue
from recommender.domain.profile import Profile
from recommender.errors import InvalidInputError
from recommender.matching.meaning import Meaning, meaning_of_people
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.phrases import MAX_PHRASES
from recommender.matching.pool import Pool
from recommender.people_file import read_people

COLUMNS = ("batch", "people", "programme", "wanted_by", "offered_by", "want", "offer", "a", "b")
RANDOM = "1"
"""The batch that was drawn without regard to what the rule names."""


@dataclass(frozen=True)
class LabelledReason:
    """A want, the offer nearest to it, and whether both passes found it a reason to meet.

    Attributes:
        people: File of the people, from the folder of the labels.
    """

    batch: str
    people: str
    programme: str
    wanted_by: str
    offered_by: str
    want: str
    offer: str
    a: bool
    b: bool

    @property
    def sensible(self) -> bool:
        """Return whether both passes say so."""
        return self.a and self.b


@dataclass(frozen=True)
class ReasonReport:
    """What the rule does with labelled reasons.

    Attributes:
        named: Those that it names; of them `right` are sensible, and of the `across` named across
            languages `across_right` are.
        kept: Sensible ones of the random batch that it names, of `to_keep`.
        alike: Pairs that both passes label the same way.
    """

    pairs: int
    sensible: int
    named: int
    right: int
    across: int
    across_right: int
    kept: int
    to_keep: int
    alike: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)

    def to_text(self) -> str:
        """Return three lines for people."""
        return (
            f"{self.pairs} pairs of phrases, {self.sensible} sensible; the passes agree on "
            f"{self.alike}\n"
            f"named: {self.named}, of them sensible {self.right} (precision "
            f"{self.right / max(self.named, 1):.3f}); across languages {self.across_right} of "
            f"{self.across}\n"
            f"kept of the sensible in the random batch: {self.kept} of {self.to_keep}\n")


def read_reasons(folder: Path) -> list[LabelledReason]:
    """Return the labelled pairs of `pairs.tsv`.

    Raises:
        InvalidInputError: The file is missing, or a line is not as it must be; names the line.
    """
    path = folder / "pairs.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError.of(f"cannot be read ({error})", source=str(path)) from error
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(next(rows, [])) != COLUMNS:
        raise InvalidInputError.of(f"the columns {', '.join(COLUMNS)} expected",
                                   source=f"{path}, line 1")
    found = []
    for number, row in enumerate(rows, start=2):
        if len(row) != len(COLUMNS) or not {row[-2], row[-1]} <= {"0", "1"}:
            raise InvalidInputError.of(
                f"{len(COLUMNS)} fields expected, the last two 0 or 1",
                source=f"{path}, line {number}")
        batch, people, programme, wanted_by, offered_by, want, offer, a, b = row
        found.append(LabelledReason(batch, people, programme, wanted_by, offered_by, want, offer,
                                    a == "1", b == "1"))
    return found


def measure_reasons(
    folder: Path, catalogue: Catalogue, progress: Callable[[int, int], None] | None = None
) -> ReasonReport:
    """Return what the production rule names of the labelled pairs, and how much of it is right.

    Raises:
        InvalidInputError: A file is missing or malformed, or somebody is not in their file.
    """
    labelled = read_reasons(folder)
    vectors = PhraseVectors(catalogue.encoder, catalogue.bridge.centres)
    named: set[LabelledReason] = set()
    across: set[LabelledReason] = set()
    for people, programme in sorted({(one.people, one.programme) for one in labelled}):
        pool = Pool(read_people(folder / people).profiles)
        meaning = meaning_of_people(
            pool.profiles, vectors, catalogue.library.programme(programme).ai_fields, progress)
        for one in labelled:
            if (one.people, one.programme) != (people, programme):
                continue
            unknown = {one.wanted_by, one.offered_by} - {*pool.ids}
            if unknown:
                raise InvalidInputError.of(f"{people} has nobody of the id {min(unknown)}",
                                           source=str(folder / "pairs.tsv"))
            if _is_named(one, pool, meaning):
                named.add(one)
            if _language(pool, one.wanted_by) != _language(pool, one.offered_by):
                across.add(one)
    random = [one for one in labelled if one.batch == RANDOM and one.sensible]
    return ReasonReport(
        pairs=len(labelled), sensible=sum(one.sensible for one in labelled), named=len(named),
        right=sum(one.sensible for one in named), across=len(named & across),
        across_right=sum(one.sensible for one in named & across),
        kept=sum(one in named for one in random), to_keep=len(random),
        alike=sum(one.a == one.b for one in labelled))


def _is_named(one: LabelledReason, pool: Pool, meaning: Meaning) -> bool:
    found = meaning.matches(pool.row[one.wanted_by], pool.row[one.offered_by], MAX_PHRASES)
    return any((reason.want, reason.offer) == (one.want, one.offer) for reason in found)


def _language(pool: Pool, person_id: str) -> str | None:
    profile: Profile = pool.profiles[pool.row[person_id]]
    return next(iter(profile.languages), None)
