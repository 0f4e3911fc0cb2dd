"""The people to match, and the BEIR folder made of them."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from content_library.load import Library
from evals.mentor_data import load_people, write_beir
from recommender.errors import InvalidInputError

FOLDER = Path(__file__).parents[2] / "evals" / "data" / "mentors"


def test_the_folder_is_made_of_its_people(tmp_path: Path) -> None:
    """Queries and corpus are, byte for byte, what the profiles give."""
    shutil.copy(FOLDER / "people.jsonl", tmp_path)
    write_beir(tmp_path)
    for name in ("corpus.jsonl", "queries.jsonl"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_two_hundred_mentors_and_sixty_mentees_in_three_languages(library: Library) -> None:
    """Each id, name, headline and bio is one person's; offers, wants and goals are filled in."""
    people = load_people(FOLDER)
    mentors = [one for one in people if "mentor" in one.roles]
    mentees = [one for one in people if one.roles == ["mentee"]]
    assert Counter(one.languages[0] for one in mentors) == {"en": 91, "es": 55, "fr": 54}
    assert Counter(one.languages[0] for one in mentees) == {"en": 27, "es": 17, "fr": 16}
    for told in ("id", "name", "headline", "bio"):
        assert len({getattr(one, told) for one in people}) == 260, told
    assert all(2 <= len(one.skills_offered) <= 4 and one.capacity is not None for one in mentors)
    assert all(one.skills_wanted and one.goals for one in mentees)
    assert {area for one in people for area in one.focus_areas} == set(library.focus_areas)


def test_a_line_that_is_no_profile_is_named(tmp_path: Path) -> None:
    """A fault in people.jsonl is told with file and line."""
    (tmp_path / "people.jsonl").write_text('{"id": "a"}\n{"id": "b", "level": 9}\n')
    with pytest.raises(InvalidInputError, match="line 2"):
        load_people(tmp_path)
