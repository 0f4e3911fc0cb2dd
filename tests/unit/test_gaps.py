"""Goals that find nothing good: whose they are, what they say, in which order."""

from pathlib import Path
from typing import Any

import pytest

from evals.gaps import measure_gaps, read_needs
from recommender.agendas.fit import SURE
from recommender.catalogue import Catalogue
from recommender.domain.profile import Profile
from recommender.learning.gaps import (
    NEAR_ENOUGH,
    NEAR_ENOUGH_LABEL,
    Served,
    SpokenNeed,
    as_data,
    as_text,
    find_served,
    gaps_by_topic,
    near_enough,
    needs_of_people,
)

DATA = Path(__file__).parents[2] / "evals" / "data"


def profile(**fields: Any) -> Profile:
    return Profile.model_validate({"id": "p-1", "languages": ["en"]} | fields)


def served(topic: str = "trust", nearness: float | None = 0.9, fit: float | None = 4.0,
           text: str = "my team stays silent when I ask what they think of it") -> Served:
    need = SpokenNeed("p-1", "goal", text, "en", frozenset({"en"}), frozenset())
    return Served(need, topic, "r", nearness, "a", fit)


def test_names_stay_out() -> None:
    """Names of anybody in the file, e-mails and phones leave the text; people appear as ids."""
    people = [
        profile(name="Amara Diallo", email="amara@example.org", goals=[
            {"id": "g1", "text": "Tell Ravi Menon what I need, or write to amara@example.org"}]),
        profile(id="p-2", name="Ravi Menon", skills_wanted=["calls to Diallo"]),
    ]
    needs = needs_of_people(people)
    assert [(one.person_id, one.kind) for one in needs] == [("p-1", "goal"), ("p-2", "skill")]
    words = " ".join(one.text for one in needs)
    assert not any(name in words for name in ("Amara", "Diallo", "Ravi", "Menon", "@"))
    assert "what I need" in words


def test_only_active_goals_and_each_person_once() -> None:
    """A reached goal is no need; somebody who stands in two files counts once."""
    one = profile(goals=[{"id": "g1", "text": "Run a meeting that decides"},
                         {"id": "g2", "text": "Speak in public", "status": "reached"}],
                  skills_wanted=["delegating"])
    assert [need.text for need in needs_of_people([one, one])] == [
        "Run a meeting that decides", "delegating"]


def test_language_of_a_need() -> None:
    """A goal counts in the language it is written in if the person reads it, else in theirs."""
    goal = "Quiero que mi equipo hable cuando pregunto en la reunión del lunes"
    [both] = needs_of_people([profile(languages=["en", "es"], goals=[{"id": "g", "text": goal}])])
    [english] = needs_of_people([profile(languages=["en"], goals=[{"id": "g", "text": goal}])])
    assert (both.language, english.language) == ("es", "en")
    assert both.readable == {"en", "es"}


def test_what_counts_as_served() -> None:
    """A sentence and a label have their own bounds; nothing eligible is a gap."""
    assert near_enough("delegating") == NEAR_ENOUGH_LABEL
    assert near_enough("my team stays silent when I ask what they think") == NEAR_ENOUGH
    assert served(nearness=NEAR_ENOUGH).no_resource is False
    assert served(nearness=NEAR_ENOUGH - 0.001).no_resource is True
    assert served(nearness=None).no_resource is True
    assert served(fit=SURE).no_activity is False
    assert served(fit=SURE - 0.01).no_activity is True


def test_worst_first() -> None:
    """The topic with most needs without a resource first, in it the need farthest from any."""
    every = [served("trust", 0.79), served("dei", 0.80), served("dei", 0.78),
             served("ethics", 0.9, fit=1.0), served("dei"), served("meetings")]
    grouped = gaps_by_topic(every)
    assert [(topic, len(own), count) for topic, own, count in grouped] == [
        ("dei", 2, 3), ("trust", 1, 1), ("ethics", 1, 1)]
    assert [one.nearness for one in grouped[0][1]] == [0.78, 0.80]
    data = as_data(every)
    assert (data["needs"], data["no_resource"], data["no_activity"]) == (6, 3, 1)
    assert data["topics"][0]["gaps"][0]["person"] == "p-1"
    assert as_text(every).splitlines()[2] == "dei: 2 of 3"
    assert "no sure activity" in as_text(every)


def test_only_what_people_read_counts(catalogue: Catalogue) -> None:
    """A need of somebody who reads no language of the library finds no resource."""
    [need] = needs_of_people([profile(languages=["sw"], skills_wanted=["giving feedback"])])
    [found] = find_served([need], catalogue)
    assert (found.resource, found.nearness, found.no_resource) == (None, None, True)
    assert found.topic == "feedback-performance"
    [need] = needs_of_people([profile(skills_wanted=["giving feedback"])])
    [found] = find_served([need], catalogue)
    assert found.resource in catalogue.library.resources
    assert not found.no_resource


def test_bread_is_a_gap_and_work_is_not(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most needs of elsewhere find no resource near enough, few graded needs of work do."""
    elsewhere = measure_gaps(read_needs(DATA / "out_of_scope" / "queries.jsonl"), catalogue)
    work = measure_gaps(read_needs(DATA / "needs_dev" / "queries.jsonl"), catalogue)
    with capsys.disabled():
        print(f"\nelsewhere: {elsewhere}\nwork:      {work}")
    assert elsewhere.no_resource >= 0.6 * elsewhere.of
    assert work.no_resource <= 0.2 * work.of
