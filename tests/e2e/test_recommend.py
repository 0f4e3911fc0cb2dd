"""Recommended resources: only what may be, the best first, with reasons; measured on needs."""

import random
import re
from dataclasses import replace
from typing import Any

import pytest
from shipped import ROOT

from content_library.load import Library
from evals.retrieval import Beir, evaluate, read_beir
from recommender.catalogue import Catalogue, resource_document
from recommender.domain.base import LANGUAGES
from recommender.domain.profile import Profile
from recommender.domain.resource import Resource
from recommender.learning.budget import fill_budget
from recommender.learning.recommend import Wish, recommend_resources, wish_of_profile

pytestmark = pytest.mark.xdist_group("recommend")
NEEDS = {
    "en": "My two oldest colleagues stopped talking to each other and the work stands still",
    "es": "Me quedo callada en las reuniones y después otro dice lo mismo",
    "fr": "Je refais le travail des autres le soir et personne n'apprend rien",
}
EVERYTHING = 10_000
WISHES = [
    {},
    {"readable": frozenset({"es"})},
    {"readable": frozenset({"fr", "en"}), "audience": frozenset({"mentor"})},
    {"longest": 12},
    {"longest": 45, "formats": frozenset({"video", "podcast"})},
    {"audience": frozenset({"mentee", "peer"}), "readable": frozenset({"en"}), "longest": 30},
    {"readable": frozenset({"ar"})},
    {"formats": frozenset({"course"}), "longest": 100},
]
LENGTHS = {"article": 10, "video": 15, "course": 240, "guide": 20, "podcast": 35, "worksheet": 15,
           "template": 15, "tool": 20, "book": 300}


def wish(language: str = "en", **rules: Any) -> Wish:
    return Wish(needs=[(NEEDS[language], 1.0)], language=language, **rules)


def length(resource: Resource) -> int:
    return LENGTHS[resource.format] if resource.minutes is None else resource.minutes


def may(resource: Resource, asked: Wish) -> bool:
    """Return whether a resource is eligible, from the promise: every rule given must hold."""
    return (
        resource.status == "active" and resource.id not in asked.without
        and (not asked.readable or resource.language.split("-")[0].lower() in asked.readable)
        and (not asked.audience or bool(set(resource.audience) & asked.audience))
        and (not asked.formats or resource.format in asked.formats)
        and (asked.longest is None or length(resource) <= asked.longest)
    )


@pytest.mark.parametrize("rules", WISHES, ids=lambda rules: "-".join(rules) or "any")
def test_what_is_eligible_is_exactly_what_is_found(
    rules: dict[str, Any], catalogue: Catalogue, library: Library
) -> None:
    """A list without end holds every eligible resource and no other; nothing retired."""
    asked = wish(**rules)
    found = {one.resource.id for one in recommend_resources(catalogue, asked, EVERYTHING)}
    assert found == {one.id for one in library.resources.values() if may(one, asked)}
    assert not {one.id for one in library.resources.values() if one.status == "retired"} & found


@pytest.mark.parametrize("language", LANGUAGES)
def test_best_first_and_a_shorter_list_is_its_beginning(
    language: str, catalogue: Catalogue
) -> None:
    """Scores fall, ties go by id, and the first five of fifty are the five."""
    asked = wish(language)
    fifty = recommend_resources(catalogue, asked, 50)
    assert [(-one.score, one.resource.id) for one in fifty] == sorted(
        (-one.score, one.resource.id) for one in fifty)
    assert recommend_resources(catalogue, asked, 5) == fifty[:5]
    assert len({one.resource.id for one in fifty}) == 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_are_in_the_language_asked_for(
    language: str, catalogue: Catalogue, library: Library
) -> None:
    """A reason is the gist, or what the resource practises where its gist cannot be read."""
    found = recommend_resources(catalogue, wish(language), 300)
    assert {one.resource.language.split("-")[0] == language for one in found} == {True, False}
    for one in found:
        assert one.topic in one.resource.topics
        about = library.topics[one.resource.topics[0]]
        practice = about.text[language].practice  # type: ignore[index]
        same = one.resource.language.split("-")[0] == language
        assert (one.resource.gist in one.reason) == same
        assert same or practice in one.reason
        assert not re.search(r"\{\w*\}", one.reason)


def test_what_was_used_never_comes_again(catalogue: Catalogue) -> None:
    """Ten lists in a row, each without what came before, share nothing."""
    used: set[str] = set()
    for _ in range(10):
        found = recommend_resources(catalogue, wish(without=frozenset(used)), 8)
        assert len(found) == 8
        assert not used & {one.resource.id for one in found}
        used |= {one.resource.id for one in found}


def test_budget_is_kept_and_the_best_come_first(catalogue: Catalogue) -> None:
    """A list for some minutes stays within them and passes over only what does not fit."""
    ranked = recommend_resources(catalogue, wish(), 200)
    for minutes in (0, 5, 20, 60, 240):
        chosen = fill_budget(ranked, minutes, 10)
        left, expected = minutes, []
        for one in ranked:
            if length(one.resource) <= left and len(expected) < 10:
                expected.append(one)
                left -= length(one.resource)
        assert chosen == expected
        assert sum(length(one.resource) for one in chosen) <= minutes


def test_the_order_of_the_needs_changes_nothing(catalogue: Catalogue) -> None:
    """The same needs in another order give the same list."""
    needs = [(NEEDS["en"], 1.0), (NEEDS["es"], 0.5), ("managing a team", 0.6)]
    asked = replace(wish(), needs=needs)
    first = [one.resource.id for one in recommend_resources(catalogue, asked, 20)]
    random.Random(4).shuffle(needs)
    again = recommend_resources(catalogue, replace(asked, needs=needs[::-1]), 20)
    assert len(set(first) & {one.resource.id for one in again}) >= 19


def test_nothing_eligible_is_an_empty_list(catalogue: Catalogue) -> None:
    """No resource in the language asked for: an empty list, no error."""
    assert recommend_resources(catalogue, wish(readable=frozenset({"ja"})), 5) == []


def test_profile_asks_for_what_it_says(catalogue: Catalogue) -> None:
    """A profile's active goals and wishes count, in its first written language; none is none."""
    assert wish_of_profile(Profile(id="p"), longest=None, language=None) is None
    profile = Profile.model_validate({
        "id": "p", "roles": ["mentee"], "languages": ["ar", "fr", "en"],
        "skills_wanted": ["déléguer"],
        "goals": [{"id": "g1", "text": NEEDS["fr"]},
                  {"id": "g2", "text": "Parler en public", "status": "reached"}],
    })
    asked = wish_of_profile(profile, longest=30, language=None)
    assert asked is not None
    assert asked.language == "fr"
    assert [text for text, _ in asked.needs] == [NEEDS["fr"], "déléguer"]
    for one in recommend_resources(catalogue, asked, 20):
        assert one.resource.language.split("-")[0] in {"ar", "fr", "en"}
        assert "mentee" in one.resource.audience
        assert length(one.resource) <= 30


def test_bridge_finds_what_people_mean(
    catalogue: Catalogue, library: Library, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """On needs told as symptoms the bridge ranks a third better than fusion alone (nDCG@10)."""
    folder = ROOT / "evals/data/needs"
    (tmp_path / "corpus.jsonl").write_text("")
    for name in ("queries.jsonl", "qrels"):
        (tmp_path / name).symlink_to(folder / name)
    given = read_beir(tmp_path)
    active = {one.id: one for one in library.active_resources}
    judgments = {
        query: kept for query, grades in given.judgments.items()
        if (kept := {one: grade for one, grade in grades.items() if one in active})
    }
    data = Beir(tuple(map(resource_document, active.values())), given.queries, judgments, {})
    report = evaluate(data, catalogue)
    with capsys.disabled():
        print(f"\nNeeds, held out: {len(active)} active resources, "
              f"{sum(map(len, judgments.values()))} judgments\n{report.to_text()}")
    assert report.queries == 24
    assert report.system["ndcg@10"] >= report.fusion["ndcg@10"] * 4 / 3
