"""Reasons between people: the labelled pairs, and how many of those named are sensible."""

from collections import Counter
from pathlib import Path

import pytest

from evals.reasons import LabelledReason, measure_reasons, read_reasons
from recommender.catalogue import Catalogue
from recommender.errors import InvalidInputError
from recommender.people_file import read_people

FOLDER = Path(__file__).parents[2] / "evals" / "data" / "reasons"
LINE = "1\tpeople.jsonl\tevergreen\ta\tb\tgiving feedback\tfeedback\t1\t1"


def test_labels_are_of_phrases_that_stand_on_profiles() -> None:
    """Want and offer are in the fields of the two people; no pair of phrases stands twice."""
    labelled = read_reasons(FOLDER)
    assert len({(one.want, one.offer) for one in labelled}) == len(labelled) == 554
    assert Counter(one.batch for one in labelled) == {"1": 280, "2": 170, "3": 83, "4": 21}
    for people in {one.people for one in labelled}:
        by_id = {one.id: one for one in read_people(FOLDER / people).profiles}
        for one in (one for one in labelled if one.people == people):
            wanting, offering = by_id[one.wanted_by], by_id[one.offered_by]
            assert one.want in [*wanting.skills_wanted, *(goal.text for goal in wanting.goals)]
            assert one.offer in [*offering.skills_offered, offering.headline] or (
                one.offer in (offering.bio or "")), one


def test_nine_of_ten_named_reasons_are_sensible(catalogue: Catalogue) -> None:
    """Whatever language the two write in; a third of what is sensible is named."""
    found = measure_reasons(FOLDER, catalogue)
    print(found.to_text())
    assert found.named >= 125
    assert found.right >= 0.9 * found.named
    assert found.across >= 40
    assert found.across_right >= 0.9 * found.across
    assert found.kept >= 0.3 * found.to_keep
    assert (found.pairs, found.sensible, found.alike) == (554, 270, 542)


@pytest.mark.parametrize(("text", "told"), [
    (None, "cannot be read"),
    ("batch\twant\n", "pairs.tsv, line 1: the columns batch, people"),
    ("HEAD\n1\tx\n", "line 2: 9 fields expected"),
    (f"HEAD\n{LINE[:-1]}2\n", "line 2: 9 fields expected, the last two 0 or 1"),
])
def test_a_file_that_is_not_as_it_must_be_is_named(
    tmp_path: Path, text: str | None, told: str
) -> None:
    """With its line and what is expected."""
    if text is not None:
        head = (FOLDER / "pairs.tsv").read_text(encoding="utf-8").splitlines()[0]
        (tmp_path / "pairs.tsv").write_text(text.replace("HEAD", head), encoding="utf-8")
    with pytest.raises(InvalidInputError, match=told):
        read_reasons(tmp_path)


def test_somebody_who_is_not_in_the_file_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    """With the file that lacks them."""
    head = (FOLDER / "pairs.tsv").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "pairs.tsv").write_text(f"{head}\n{LINE}\n", encoding="utf-8")
    (tmp_path / "people.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"people\.jsonl has nobody of the id b"):
        measure_reasons(tmp_path, catalogue)


@pytest.mark.parametrize(("a", "b"), [(True, False), (False, True), (False, False)])
def test_what_one_pass_doubts_is_not_sensible(a: bool, b: bool) -> None:
    """Both passes have to say so."""
    assert not LabelledReason("1", "p", "q", "a", "b", "want", "offer", a, b).sensible
    assert LabelledReason("1", "p", "q", "a", "b", "want", "offer", True, True).sensible
