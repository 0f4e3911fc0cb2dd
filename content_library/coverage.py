"""How many activities each kind of session has to choose from, and where there are too few."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, get_args

from content_library.load import Library
from recommender.agendas.candidates import MAINS, REVIEWING
from recommender.domain.activity import Activity
from recommender.domain.base import LANGUAGES, Kind, Relation, SessionType, Written

LENGTHS = (20, 30, 45, 60, 90)
"""Minutes of a session that are looked at."""
AROUND = 8
"""Minutes that an opening and an ending take at least: what is left is for the main item."""
ENOUGH = 3
"""Fewer to choose from, and a pair soon meets the same one again."""


@dataclass(frozen=True)
class Cell:
    """One kind of session, and how many activities may carry it."""

    focus_area: str
    session_type: SessionType
    relation: Relation
    language: Written
    minutes: int
    activities: int


def cover(library: Library) -> list[Cell]:
    """Return a cell for each focus area, session type, relation, language and length, in order.

    An activity counts where it may be the main item: its kind, session types and relations
    allow it, it belongs to the focus area or to any, it is written in the language, and its
    shortest form leaves room for an opening and an ending.
    """
    types: Sequence[SessionType] = get_args(SessionType)
    relations: Sequence[Relation] = get_args(Relation)
    activities = list(library.activities.values())
    return [
        Cell(area, kind, relation, language, minutes,
             sum(_carries(one, area, kind, relation, language, minutes) for one in activities))
        for area, kind, relation, language, minutes in product(
            library.focus_areas, types, relations, LANGUAGES, LENGTHS)
    ]


def thin_of(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells with fewer than three activities."""
    return [cell for cell in cells if cell.activities < ENOUGH]


def as_data(cells: Sequence[Cell]) -> dict[str, Any]:
    """Return the cells in the shape of `library coverage --json`."""
    return {"cells": [vars(cell) for cell in cells],
            "thin": [vars(cell) for cell in thin_of(cells)]}


def fewest_of(cells: Sequence[Cell]) -> dict[tuple[str, SessionType, Relation], list[int]]:
    """Return the fewest of all languages for each length, by focus area, type and relation."""
    found: dict[tuple[str, SessionType, Relation], dict[int, int]] = {}
    for one in cells:
        row = found.setdefault((one.focus_area, one.session_type, one.relation), {})
        row[one.minutes] = min(one.activities, row.get(one.minutes, one.activities))
    return {key: [row[minutes] for minutes in LENGTHS] for key, row in found.items()}


def as_text(cells: Sequence[Cell]) -> str:
    """Return a table for people: the fewest of all languages, a row per area, type and relation."""
    lines = [f"{'focus area':26}{'session':14}{'relation':10}"
             + "".join(f"{minutes:>6}" for minutes in LENGTHS)]
    for (area, kind, relation), numbers in fewest_of(cells).items():
        marked = (f"{number}{'*' if number < ENOUGH else ''}" for number in numbers)
        lines.append(f"{area:26}{kind:14}{relation:10}" + "".join(f"{one:>6}" for one in marked))
    thin = len(thin_of(cells))
    lines += ["", f"{thin} of {len(cells)} cells hold fewer than {ENOUGH} activities"
              + (" (marked *)" if thin else "")]
    return "\n".join(lines) + "\n"


def _carries(
    activity: Activity, area: str, session_type: SessionType, relation: Relation,
    language: Written, minutes: int,
) -> bool:
    kinds: tuple[Kind, ...] = MAINS[session_type] + (
        REVIEWING if session_type in ("midpoint", "closing") else ())
    return (
        activity.kind in kinds
        and session_type in activity.session_types
        and relation in activity.relations
        and (not activity.focus_areas or area in activity.focus_areas)
        and language in activity.text
        and activity.minutes.min <= minutes - AROUND
    )
