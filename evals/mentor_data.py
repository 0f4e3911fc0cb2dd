"""The mentor-matching set as a BEIR folder, derived from its profiles so that it cannot drift."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from recommender.domain.profile import Profile
from recommender.errors import InvalidInputError


def load_people(folder: Path) -> list[Profile]:
    """Return the people in `people.jsonl` of a folder, in its order.

    Raises:
        InvalidInputError: The file is missing or a line is no profile; names file and line.
    """
    path = folder / "people.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError.of(f"cannot be read ({error})", source=str(path)) from error
    people = []
    for number, line in enumerate(lines, start=1):
        try:
            people.append(Profile.model_validate_json(line))
        except ValidationError as error:
            raise InvalidInputError.of(
                f"no profile: {error.errors()[0]['msg']}",
                source=f"{path}, line {number}") from error
    return people


def write_beir(folder: Path) -> None:
    """Write `queries.jsonl` (what mentees want) and `corpus.jsonl` (what mentors offer).

    A query is the skills wanted and the active goals; a document is the skills offered, the
    headline and the bio. Both carry the person's first language and level.
    """
    people = load_people(folder)
    _write(folder / "corpus.jsonl", (
        _line(one, [*one.skills_offered, one.headline, one.bio])
        for one in people if "mentor" in one.roles))
    _write(folder / "queries.jsonl", (
        _line(one, [*one.skills_wanted,
                    *(goal.text for goal in one.goals if goal.status == "active")])
        for one in people if one.roles == ["mentee"]))


def _line(person: Profile, said: Iterable[str | None]) -> dict[str, Any]:
    text = " ".join(part if part[-1] in ".!?" else f"{part}." for part in said if part)
    metadata = {"language": next(iter(person.languages), None), "level": person.level}
    return {"_id": person.id, "text": text, "metadata": metadata}


def _write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    path.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
