"""Profiles from files: JSON Lines, YAML or CSV, row by row, so that one bad row loses no other."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from recommender.csv_rows import (
    NOT_UTF8,
    Progress,
    check_separator,
    damage_in,
    lines_in,
    lines_of,
    records_of,
    too_wide,
)
from recommender.domain.profile import Profile
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.yaml_file import parse_document

MAX_SHOWN = 200
"""Faults that are listed; more are counted."""
_LISTS = ("roles", "languages", "skills_offered", "skills_wanted", "focus_areas", "avoid")
_NUMBERS = ("level", "capacity")
_YES, _NO = ("true", "yes", "1", "sí", "si", "oui"), ("false", "no", "0", "non")
_PLAIN = ("id", "name", "email", "headline", "bio", "function", "department", "region", "country",
          "timezone", "manager_id", "available")

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}[.][0-9]{1,18}")
_GOAL = re.compile(r"goal_[0-9]{1,3}")

_SURROGATES = re.compile("[\udc80-\udcff]+")
_LOST = "\ufffd"
"""Stands for bytes that are not UTF-8."""
MAX_YAML_BYTES = 64 * 1024 * 1024

Row = tuple[str, Any]
"""Where something stands, and what was read there: a mapping, or a fault's text."""


@dataclass(frozen=True)
class PeopleFile:
    """What a file holds: profiles in its order, and a fault for each row that holds none."""

    profiles: list[Profile]
    faults: list[Fault]


def read_people(
    path: Path, *, skip_bad: bool = False, progress: Progress | None = None
) -> PeopleFile:
    """Return the profiles of a `.jsonl`, `.yaml`, `.json` or `.csv` file.

    Args:
        skip_bad: Keep the good rows and return the faults; else any fault is an error.
        progress: Told how much of how much is read.

    Raises:
        InvalidInputError: The file cannot be read, or a row is bad: names file, row and field.
    """
    held = _read(_rows(path, progress), f"{path}, ")
    if held.faults and not skip_bad:
        raise InvalidInputError(_shortened(held.faults, path))
    return held


def parse_people(data: bytes, kind: Literal["csv", "jsonl"]) -> PeopleFile:
    """Return the profiles that a file's content holds, and a fault for each row that has none.

    Raises:
        InvalidInputError: It cannot be read at all, or has a heading that is not known.
    """
    lines = lines_in(data, "")
    return _read(_csv_rows(lines, "") if kind == "csv" else _jsonl_rows(lines), "")


def _read(rows: Iterator[Row], place: str) -> PeopleFile:
    """Return what rows hold.

    Args:
        place: What faults put before a row's own place.
    """
    profiles: list[Profile] = []
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for where, data in rows:
        source = place + where
        if isinstance(data, str):
            faults.append(Fault(source, "", data))
            continue
        try:
            profile = Profile.model_validate(data)
        except ValidationError as error:
            faults += faults_of(error, source)
            continue
        if profile.id in seen:
            faults.append(Fault(source, "id", f"{profile.id!r} stands in {seen[profile.id]} "
                                              "already; give each person an id of their own"))
            continue
        seen[profile.id] = where
        profiles.append(profile)
    return PeopleFile(profiles, faults)


def _shortened(faults: Sequence[Fault], path: Path) -> list[Fault]:
    if len(faults) <= MAX_SHOWN:
        return list(faults)
    count = len(faults) - MAX_SHOWN
    more = Fault(str(path), "", f"and {count} more fault{'' if count == 1 else 's'}; mend these "
                                "first")
    return [*faults[:MAX_SHOWN], more]


def _rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _csv_rows(lines_of(path, progress=progress), f"{path}, ")
    if suffix == ".jsonl":
        return _jsonl_rows(lines_of(path, progress=progress))
    if suffix in (".yaml", ".yml", ".json"):
        return _yaml_rows(path, progress)
    raise InvalidInputError.of(
        f"{suffix or 'no ending'}: a .jsonl, .yaml, .json or .csv file expected", source=str(path))


def _yaml_rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    text = "".join(lines_of(path, MAX_YAML_BYTES))
    if (nul := text.find("\0")) >= 0:
        raise InvalidInputError.of("holds a NUL character; take it out",
                                   source=f"{path}, line {text.count(chr(10), 0, nul) + 1}")
    whole, text = text, _SURROGATES.sub(_LOST, text)
    damaged = text != whole
    data = parse_document(text, str(path), is_json=path.suffix.lower() == ".json",
                          progress=progress)
    if isinstance(data, Mapping) and isinstance(data.get("people"), list):
        data = data["people"]
    if not isinstance(data, list):
        raise InvalidInputError.of("a list of profiles expected", source=str(path))
    for at, one in enumerate(data, start=1):
        where = f"entry {at}"
        if not isinstance(one, Mapping):
            yield where, "a profile's fields expected"
        elif damaged and (field := _damaged_field(one)) is not None:
            yield where, f"{field}: {NOT_UTF8}"
        else:
            yield where, one


def _damaged_field(entry: Mapping[str, Any]) -> str | None:
    """Return the first field in which characters were lost; null if none is."""
    return next((str(name) for name, value in entry.items()
                 if _LOST in json.dumps([name, value], ensure_ascii=False, default=str)), None)


def _jsonl_rows(lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        where = f"line {number}"
        if not line.strip():
            continue
        if (damage := damage_in(line)) is not None:
            yield where, damage
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = "too deep" if isinstance(error, RecursionError) else getattr(
                error, "msg", "a number too long to read")
            yield where, f"no valid JSON ({said})"
            continue
        yield where, data if isinstance(data, dict) else "a JSON object expected"


def _csv_rows(lines: Iterator[str], place: str) -> Iterator[Row]:
    records = records_of(lines)
    _, header = next(records, (1, []))
    if isinstance(header, str):
        raise InvalidInputError.of(header, source=f"{place}line 1")
    header = [name.strip() for name in header]
    _check_header(header, f"{place}line 1")
    for number, cells in records:
        where = f"line {number}"
        if isinstance(cells, str):
            yield where, cells
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) > len(header):
            yield where, too_wide(cells, header)
        elif damage := next(filter(None, map(damage_in, cells)), None):
            yield where, damage
        else:
            yield where, _profile_of(dict(zip(header, cells, strict=False)))


def _check_header(header: Sequence[str], source: str) -> None:
    check_separator(header, source)
    if "id" not in header:
        raise InvalidInputError.of("a column `id` is needed", source=source)
    faults = [Fault(source, name or "(no name)", "unknown column; use a field of the profile, "
                                                 "goal_1, goal_2 … or attributes.<name>")
              for name in header if not _known(name)]
    faults += [Fault(source, name, "stands twice; keep one")
               for name in dict.fromkeys(header) if header.count(name) > 1]
    if faults:
        raise InvalidInputError(faults)


def _known(name: str) -> bool:
    return (name in (*_PLAIN, *_LISTS, *_NUMBERS) or name.startswith("attributes.")
            or _GOAL.fullmatch(name) is not None)


def _profile_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return a row's cells as a profile's fields; empty cells are left out."""
    data: dict[str, Any] = {}
    goals = []
    for name, cell in cells.items():
        text = cell.strip()
        if not text:
            continue
        if name in _LISTS:
            data[name] = [part.strip() for part in text.split(";") if part.strip()]
        elif name in _NUMBERS:
            data[name] = int(text) if _WHOLE.fullmatch(text) else text
        elif name == "available":
            low = text.lower()
            data[name] = True if low in _YES else False if low in _NO else text
        elif name.startswith("goal_"):
            goals.append({"id": f"g{int(name[5:])}", "text": text})
        elif name.startswith("attributes."):
            data.setdefault("attributes", {})[name.removeprefix("attributes.")] = _value(text)
        else:
            data[name] = text
    if goals:
        data["goals"] = goals
    return data


def _value(text: str) -> Any:
    """Return a number where one is written; `nan` and `inf` are words."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
