"""What the people commands read beside profiles: programmes, pairs, feedback, scores, sizes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError

from api.inputs import read_model
from content_library.load import Library
from recommender.csv_rows import (
    Progress,
    check_separator,
    damage_in,
    lines_of,
    records_of,
    too_wide,
)
from recommender.domain.base import Frozen, Id
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.errors import Fault, InvalidInputError, faults_of
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


class _Shown(Frozen):
    candidate_id: Id
    lists: Annotated[int, Field(ge=0, le=10**9)]


class _Places(Frozen):
    mentor: Id
    capacity: Annotated[int, Field(ge=0, le=10**9)]


def read_programme(name: str, library: Library) -> Programme:
    """Return a programme of the library by its id, or from a YAML file by its path."""
    if name.endswith((".yaml", ".yml", ".json")):
        return read_model(Programme, name)
    return library.programme(name)


def read_pairs(path: Path | None) -> list[PastPair]:
    """Return the pairs of a CSV file of mentee,mentor and, optionally, status; none for null.

    Raises:
        InvalidInputError: A row is bad, of one person only, or of a pair that is active already.
    """
    if path is None:
        return []
    found = _read(PastPair, path)
    active: set[tuple[str, str]] = set()
    faults = []
    for one in found:
        pair = (one.mentee, one.mentor)
        if one.mentee == one.mentor:
            faults.append(Fault(str(path), ", ".join(pair), "is a pair of one person; take it out"))
        if one.status == "active" and pair in active:
            faults.append(Fault(str(path), ", ".join(pair), "is active twice; keep one row"))
        if one.status == "active":
            active.add(pair)
    if faults:
        raise InvalidInputError(faults)
    return found


def read_feedback(path: Path | None) -> list[MetFeedback]:
    """Return the verdicts of a CSV file, in its order; none for null."""
    return [] if path is None else _read(MetFeedback, path)


def read_shown(path: Path | None) -> dict[str, int]:
    """Return in how many lists each person stands, from a CSV file of candidate_id,lists.

    Raises:
        InvalidInputError: A row is bad, or somebody stands twice.
    """
    if path is None:
        return {}
    found = _read(_Shown, path)
    _refuse_doubles([one.candidate_id for one in found], path)
    return {one.candidate_id: one.lists for one in found}


def read_scores(path: Path, progress: Progress | None = None) -> list[tuple[str, str, float]]:
    """Return mentee, mentor and score of each row of a CSV file."""
    found = _read(_Score, path, progress)
    if not found:
        raise InvalidInputError.of("holds no score", source=str(path))
    return [(one.mentee, one.mentor, one.score) for one in found]


def read_capacity(given: str | None, mentors: set[str]) -> dict[str, int]:
    """Return the places of each mentor: one number for all, or a CSV file of mentor,capacity.

    Whom the file does not name has no place; without a number or a file each has one.
    """
    if given is None:
        return dict.fromkeys(mentors, 1)
    if _WHOLE.fullmatch(given):
        if int(given) < 0:
            raise InvalidInputError.of("is below zero; write 0 for nobody", field="--capacity")
        return dict.fromkeys(mentors, int(given))
    found = _read(_Places, Path(given))
    _refuse_doubles([one.mentor for one in found], Path(given))
    places = {one.mentor: one.capacity for one in found}
    return dict.fromkeys(mentors, 0) | places


def read_size(given: str) -> tuple[int, int]:
    """Return the smallest and the largest size from `4` or `3-5`."""
    first, _, last = given.partition("-")
    if not _WHOLE.fullmatch(first) or not _WHOLE.fullmatch(last or first):
        raise InvalidInputError.of(f"{given!r}: a number, or two such as 3-5, expected",
                                   field="--size")
    return int(first), int(last or first)


def check_fields(fields: Sequence[str], pool: Pool, option: str) -> None:
    """Refuse fields that nobody has.

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
                field=option)


def _refuse_doubles(ids: Sequence[str], path: Path) -> None:
    if doubles := [own for own, times in Counter(ids).items() if times > 1]:
        raise InvalidInputError([Fault(str(path), own, "stands twice; keep one row")
                                 for own in doubles])


def _read(
    model: type[FrozenT], path: Path, progress: Progress | None = None
) -> list[FrozenT]:
    needed = tuple(name for name, field in model.model_fields.items() if field.is_required())
    found, faults = [], []
    for where, row in _rows(path, needed, tuple(model.model_fields), progress):
        if isinstance(row, str):
            faults.append(Fault(where, "", row))
            continue
        try:
            found.append(model.model_validate(row))
        except ValidationError as error:
            faults += faults_of(error, where)
    if faults:
        raise InvalidInputError(faults)
    return found


def _rows(
    path: Path, needed: Sequence[str], known: Sequence[str], progress: Progress | None
) -> Iterator[tuple[str, dict[str, str] | str]]:
    """Yield where each row stands, and its cells that are not empty, or what is wrong with it.

    Raises:
        InvalidInputError: The file or a heading cannot be used.
    """
    records = records_of(lines_of(path, progress=progress))
    _, header = next(records, (1, []))
    source = f"{path}, line 1"
    if isinstance(header, str):
        raise InvalidInputError.of(header, source=source)
    if (damage := damage_in(",".join(header))) is not None:
        raise InvalidInputError.of(damage, source=source)
    header = [name.strip() for name in header]
    check_separator(header, source)
    if missing := [name for name in needed if name not in header]:
        raise InvalidInputError.of(f"a column `{missing[0]}` is needed", source=source)
    faults = [Fault(source, name or "(no name)",
                    f"unknown column; only {', '.join(known)} are read")
              for name in header if name not in known]
    faults += [Fault(source, name, "stands twice; keep one")
               for name in dict.fromkeys(header) if header.count(name) > 1]
    if faults:
        raise InvalidInputError(faults)
    for number, cells in records:
        where = f"{path}, line {number}"
        if isinstance(cells, str):
            yield where, cells
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) > len(header):
            yield where, too_wide(cells, header)
        elif (damage := next(filter(None, map(damage_in, cells)), None)) is not None:
            yield where, damage
        else:
            yield where, {name: cell.strip() for name, cell in zip(header, cells, strict=False)
                          if cell.strip()}
