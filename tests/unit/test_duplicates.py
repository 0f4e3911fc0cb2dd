"""The same thing twice: by address, by meaning, and what a person said of a pair."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from content_library.duplicates import (
    Features,
    as_data,
    as_text,
    find_duplicates,
    probability,
    read_verdicts,
)
from content_library.load import HOME, Library
from evals.duplicates import evaluate_duplicates, read_judged
from recommender.catalogue import Catalogue, comparable_vectors
from recommender.domain.resource import Resource, resource_id
from recommender.errors import InvalidInputError

JUDGED = Path(__file__).parents[2] / "evals" / "data" / "duplicates"
GIST = "Shows managers how to hand work over and stay calm."


def resource(url: str = "https://a.example/1", **fields: Any) -> Resource:
    return Resource.model_validate({
        "id": resource_id(url), "title": "Handing work over", "url": url, "publisher": "House",
        "format": "article", "language": "en", "topics": ["delegation"],
        "level": "introductory", "audience": ["manager"], "gist": GIST,
    } | fields)


def test_one_page_under_two_addresses(library: Library) -> None:
    """Tracking, fragment, scheme and `www.` hide nobody; YouTube's forms are one video."""
    same = [
        ("https://www.a.example/p?utm_source=x#top", "http://a.example/p/"),
        ("https://youtu.be/wtl5UrrgU8c", "https://www.youtube.com/embed/wtl5UrrgU8c"),
    ]
    for first, second in same:
        [pair] = find_duplicates([resource(first, title="One"), resource(second, title="Two")],
                                 None)
        assert (pair.reason, pair.score) == ("same address", 1.0)
    other = [resource("https://a.example/p?id=1", title="One"),
             resource("https://a.example/p?id=2", title="Two")]
    assert find_duplicates(other, None) == []


def test_found_and_told_apart(catalogue: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    """Of pairs it was not tuned on, nine in ten reported are the same, nine in ten are found."""
    report = evaluate_duplicates(JUDGED, catalogue.encoder)
    with capsys.disabled():
        print(f"\n{report.to_text()}", end="")
    for figures in report.halves:
        assert figures.precision is not None
        assert figures.precision >= 0.9
        assert figures.recall >= 0.9
    assert report.unjudged == ()


def test_the_set_is_what_its_card_says() -> None:
    """60 planted pairs and 363 neighbours, each pair once and in one half."""
    _, judged = read_judged(JUDGED)
    counts = {(half, verdict): sum((one.half, one.verdict) == (half, verdict) for one in judged)
              for half in ("dev", "held_out") for verdict in ("same", "different")}
    assert counts == {("dev", "same"): 40, ("dev", "different"): 265,
                      ("held_out", "same"): 20, ("held_out", "different"): 98}
    assert len({one.ids for one in judged}) == len(judged)


def test_nothing_unhandled_is_shipped(catalogue: Catalogue) -> None:
    """No two active resources of the library are the same thing, but for what a person judged."""
    library = catalogue.library
    verdicts = read_verdicts(HOME / "not_duplicates.yaml", library.resources)
    pairs = find_duplicates(
        list(library.resources.values()),
        comparable_vectors(library.active_resources, catalogue.encoder),
        [frozenset(one.ids) for one in verdicts])
    assert [(pair.keep.id, pair.retire.id) for pair in pairs] == []
    assert len(library.active_resources) >= 500


def test_a_person_wins() -> None:
    """What a person judged different is not reported, even at one address."""
    two = [resource("https://a.example/1"), resource("http://www.a.example/1/")]
    assert len(find_duplicates(two, None)) == 1
    assert find_duplicates(two, None, [frozenset(one.id for one in two)]) == []


def test_editions_in_two_languages_are_two_things() -> None:
    """The same talk with the same title is reported in one language, not across languages."""
    first = resource("https://a.example/1", authors=["Ada Lin"], minutes=12)
    second = resource("https://b.example/2", authors=["Ada Lin"], minutes=12)
    vectors = np.array([[1, 0], [1, 0]], dtype=np.float32)
    [pair] = find_duplicates([first, second], vectors)
    assert (pair.reason, pair.authors, pair.words[:1]) == ("same thing", ("Ada Lin",),
                                                           ("handing",))
    other = second.model_copy(update={"language": "fr"})
    assert find_duplicates([first, other], vectors) == []


def test_which_to_keep() -> None:
    """Active before retired, then checked last, then with minutes, then the publisher's own."""
    here, there = "https://a.example/1", "http://www.a.example/1/"
    for better, why in (
        ({"checked_on": "2026-03-01"}, "it was checked last"),
        ({"minutes": 9}, "it says how long it takes"),
        ({"publisher": "Example"}, "it stands on its publisher's own site"),
    ):
        for first, second in ((here, there), (there, here)):
            keep = resource(first, **better)
            [pair] = find_duplicates([keep, resource(second)], None)
            assert (pair.keep.id, pair.keep_because) == (keep.id, why)
    retired = resource(there, status="retired", why_retired="gone", minutes=9)
    [pair] = find_duplicates([retired, resource(here)], None)
    assert (pair.keep.url, pair.keep_because) == (here, "it is active")


def test_what_was_superseded_is_mended() -> None:
    """A retired resource is not reported with its successor, nor two retired ones."""
    kept = resource("https://a.example/1")
    retired = resource("http://a.example/1", status="retired", why_retired="a copy",
                       superseded_by=kept.id)
    assert find_duplicates([kept, retired], None) == []
    more = resource("http://www.a.example/1", status="retired", why_retired="a copy")
    assert find_duplicates([retired, more], None) == []


def test_one_site_under_two_titles() -> None:
    """Two titles on one site make it less probable, an author in common more."""
    plain = Features(0.7, 0.6, 0.3, 0, 0, 1, 0, 0, 0)
    assert probability(Features(**vars(plain) | {"one_site": 1.0})) < probability(plain)
    assert probability(Features(**vars(plain) | {"author": 1.0})) > probability(plain)
    assert probability(Features(**vars(plain) | {"other_author": 1.0})) < probability(plain)


def test_words_that_differ_by_their_ending() -> None:
    """“Guide du mentor” and “Guide du mentoré” are two titles."""
    pair = [resource("https://a.example/1", title="Guide du mentor", language="fr"),
            resource("https://b.example/2", title="Guide du mentoré", language="fr")]
    vectors = np.array([[1, 0], [1, 0]], dtype=np.float32)
    [found] = find_duplicates(pair, vectors, threshold=1e-9)
    assert found.features is not None
    assert found.features.title < 0.7


def test_reports_say_how_to_mend() -> None:
    """A pair is printed with reason, which to keep, and the fields to write; JSON has the ids."""
    two = [resource("https://a.example/1", minutes=9), resource("http://a.example/1")]
    pairs = find_duplicates(two, None)
    text = as_text(pairs)
    assert f"resources/{two[1].id}.yaml: status: retired, superseded_by: {two[0].id}" in text
    assert "keep the first because it says how long it takes" in text
    [entry] = as_data(pairs)["pairs"]
    assert (entry["keep"], entry["retire"]) == (two[0].id, two[1].id)
    assert (entry["reason"], entry["score"], entry["similarity"]) == ("same address", 1.0, None)


@pytest.mark.parametrize(("written", "said"), [
    ("- {ids: [aaa, none], why: by two houses}", "'none' is no resource"),
    ("- {ids: [aaa, aaa], why: by two houses}", "'aaa' stands twice"),
    ("- {ids: [aaa], why: by two houses}", "ids"),
    ("- {ids: [aaa, bbb]}", "why: is missing"),
    ("- {ids: [aaa, bbb], why: by two houses, who: me}", "unknown field"),
])
def test_verdicts_are_checked(tmp_path: Path, written: str, said: str) -> None:
    """A verdict names two resources of the library and says why; else its entry is named."""
    path = tmp_path / "not_duplicates.yaml"
    path.write_text(written, "utf-8")
    with pytest.raises(InvalidInputError, match=said):
        read_verdicts(path, ["aaa", "bbb"])


def test_no_verdicts_yet(tmp_path: Path) -> None:
    """A library without the file, or with an empty one, has no verdicts."""
    assert read_verdicts(tmp_path / "not_duplicates.yaml", []) == []
    (tmp_path / "not_duplicates.yaml").write_text("# none yet\n", "utf-8")
    assert read_verdicts(tmp_path / "not_duplicates.yaml", []) == []
