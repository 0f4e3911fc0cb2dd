"""What each kind of session has to choose from."""

from dataclasses import replace

from content_library.coverage import ENOUGH, Cell, as_data, as_text, cover, thin_of
from content_library.load import Library


def cell(cells: list[Cell], *key: object) -> Cell:
    [found] = [one for one in cells if (
        one.focus_area, one.session_type, one.relation, one.language, one.minutes) == key]
    return found


def test_every_kind_of_session_has_three_to_choose_from(library: Library) -> None:
    """The shipped library has no thin cell: 5 areas × 7 types × 4 relations × 3 × 5 lengths."""
    cells = cover(library)
    assert len(cells) == 2100
    assert thin_of(cells) == []


def test_what_is_taken_out_is_missed(library: Library) -> None:
    """Without the activities for groups, the cells of groups are thin and marked, and no others."""
    left = {key: one for key, one in library.activities.items() if "group" not in one.relations}
    cells = cover(replace(library, activities=left))
    thin = thin_of(cells)
    assert {one.relation for one in thin} == {"group"}
    assert len(thin) == 525
    assert as_data(cells)["thin"][0]["activities"] == 0
    assert "0*" in as_text(cells)
    assert "525 of 2100 cells hold fewer than 3" in as_text(cells)


def test_only_what_fits_the_length_counts(library: Library) -> None:
    """An activity counts only where its shortest form leaves eight minutes for the rest."""
    one = next(each for each in library.activities.values()
               if each.kind == "exercise" and "working" in each.session_types
               and "mentor" in each.relations and each.minutes.min > 12)
    cells = cover(replace(library, activities={one.id: one}))
    area = (one.focus_areas or list(library.focus_areas))[0]
    assert cell(cells, area, "working", "mentor", "es", 20).activities == 0
    assert cell(cells, area, "working", "mentor", "es", 90).activities == 1
    assert cell(cells, area, "closing", "group", "es", 90).activities == 0
    assert ENOUGH == 3
