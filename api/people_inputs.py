"""What the people commands read beside profiles: programmes, pairs, feedback, scores, sizes."""

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError

from api.inputs import read_model
from content_library.load import Library
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen, Id
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.pool import Pool
from recommender.matching.terms import MetFeedback, PastPair

FrozenT = TypeVar("FrozenT", bound=Frozen)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
MOST = 1e9
"""Largest score, either side of zero, that is still told apart from its neighbours."""


class _Score(Frozen):
    mentee: Id
    mentor: Id
    score: Annotated[float, Field(ge=-MOST, le=MOST)]


def read_programme(name: str, library: Library) -> Programme:
    """Return a programme of the library by its id, or from a YAML file by its path."""
    if name.endswith((".yaml", ".yml", ".json")):
        return read_model(Programme, name)
    return library.programme(name)


def read_pairs(path: Path | None) -> list[PastPair]:
    """Return the pairs of a CSV file of mentee,mentor and, optionally, status; none for null."""
    return [] if path is None else _read(PastPair, path)


def read_feedback(path: Path | None) -> list[MetFeedback]:
    """Return the verdicts of a CSV file, in its order; none for null."""
    return [] if path is None else _read(MetFeedback, path)


def read_scores(path: Path) -> list[tuple[str, str, float]]:
    """Return mentee, mentor and score of each row of a CSV file."""
    found = _read(_Score, path)
    if not found:
        raise InvalidInputError.of("holds no score", source=str(path))
    return [(one.mentee, one.mentor, one.score) for one in found]


def read_capacity(given: str | None, mentors: set[str]) -> dict[str, int]:
    """Return the places of each mentor: one number for all, or a CSV file of mentor,capacity."""
    if given is None:
        return dict.fromkeys(mentors, 1)
    if _WHOLE.fullmatch(given):
        if int(given) < 0:
            raise InvalidInputError.of("is below zero; write 0 for nobody", field="--capacity")
        return dict.fromkeys(mentors, int(given))
    places, faults = {}, []
    for where, row in _rows(Path(given), ("mentor", "capacity")):
        text = (row["capacity"] or "").strip()
        if not _WHOLE.fullmatch(text) or int(text) < 0:
            faults.append(Fault(where, "capacity",
                                f"a whole number of at least 0 expected; got {text!r}"))
            continue
        places[(row["mentor"] or "").strip()] = int(text)
    if faults:
        raise InvalidInputError(faults)
    return dict.fromkeys(mentors, 0) | places


def read_size(given: str) -> tuple[int, int]:
    """Return the smallest and the largest size from `4` or `3-5`."""
    first, _, last = given.partition("-")
    if not _WHOLE.fullmatch(first) or not _WHOLE.fullmatch(last or first):
        raise InvalidInputError.of(f"{given!r}: a number, or two such as 3-5, expected",
                                   field="--size")
    return int(first), int(last or first)


def check_fields(fields: Sequence[str], pool: Pool) -> None:
    """Refuse to report on fields that nobody has.

    Raises:
        InvalidInputError: Names the field, and the one that was probably meant.
    """
    names = [*Profile.model_fields, *sorted({name for one in pool.profiles
                                             for name in one.attributes})]
    for field in fields:
        if not pool.has(field):
            near = get_close_matches(field, names, n=1)
            raise InvalidInputError.of(
                f"nobody has {field!r}" + (f"; did you mean {near[0]}?" if near else ""),
                field="--fairness")


def shared_vectors(catalogue: Catalogue, path: Path | None) -> PhraseVectors:
    """Return the vectors of phrases, those of a file first, which `save` writes again."""
    return PhraseVectors(catalogue.encoder, catalogue.bridge.centres, path)


def _read(model: type[FrozenT], path: Path) -> list[FrozenT]:
    needed = tuple(name for name, field in model.model_fields.items() if field.is_required())
    found, faults = [], []
    for where, row in _rows(path, needed):
        try:
            found.append(model.model_validate(
                {name: value.strip() for name, value in row.items() if value and value.strip()}))
        except ValidationError as error:
            faults += faults_of(error, where)
    if faults:
        raise InvalidInputError(faults)
    return found


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    csv.field_size_limit(sys.maxsize)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInputError.of(f"a column `{missing[0]}` is needed",
                                           source=f"{path}, line 1")
            for row in reader:
                if None in row:
                    raise InvalidInputError.of("more cells than headings",
                                               source=f"{path}, line {reader.line_num}")
                yield f"{path}, line {reader.line_num}", row
    except FileNotFoundError as error:
        raise InvalidInputError.of("no such file; check the path", source=str(path)) from error
    except UnicodeDecodeError as error:
        raise InvalidInputError.of("is not UTF-8; save the file as UTF-8",
                                   source=str(path)) from error
    except csv.Error as error:
        raise InvalidInputError.of(f"line {reader.line_num}: no valid CSV ({error})",
                                   source=str(path)) from error
    except OSError as error:
        raise InvalidInputError.of(f"cannot be read: {error.strerror}",
                                   source=str(path)) from error
