"""What people elsewhere say who need the same: which sentence is shown, and which never."""

from dataclasses import replace
from typing import Any

import pytest

from recommender.agendas import parallel
from recommender.agendas.brief import Brief, make_brief
from recommender.agendas.needs import needs_of
from recommender.agendas.parallel import parallel_for, tells_of_others
from recommender.agendas.style import voice_of
from recommender.catalogue import Catalogue
from recommender.domain.base import Written
from recommender.domain.case import Case
from recommender.retrieval.parallels import Parallels

SAID = {
    "delegating": ["I re-do my team's work at night because it is quicker",
                   "Hand the stock count over to somebody and leave it with them"],
    "speaking": ["I speak last in every meeting, when all has been decided",
                 "My voice shakes when the board looks at me"],
}
NEED = "I cannot hand work over; I do my team's reports again in the evening"


@pytest.fixture(scope="module")
def parallels(catalogue: Catalogue) -> Parallels:
    return Parallels(SAID, "en", catalogue.encoder, catalogue.bridge.centres)


def test_the_nearest_of_the_asked_owners_come_in_order(parallels: Parallels) -> None:
    """Meaning and words decide; other owners are not looked through."""
    assert parallels.of([NEED], {"delegating": -9.0})[0] == SAID["delegating"][0]
    assert set(parallels.of([NEED], {"delegating": -9.0})) == set(SAID["delegating"])
    assert set(parallels.of([NEED], {"speaking": -9.0})) == set(SAID["speaking"])


def test_what_is_not_near_enough_is_not_given(parallels: Parallels) -> None:
    """Each owner has its own bound; nothing is said to those who said nothing."""
    assert parallels.of([NEED], {"speaking": 0.0, "delegating": 0.0}) == [SAID["delegating"][0]]
    assert parallels.of([NEED], {"delegating": 9.0}) == []
    assert parallels.of([], {"delegating": -9.0}) == []
    assert parallels.of([NEED], {"unknown": -9.0}) == []


@pytest.fixture
def brief(catalogue: Catalogue, case_data: dict[str, Any]) -> Brief:
    """Return the brief of somebody who cannot leave work in other hands."""
    case_data["goals"] = [{"id": "g1", "text": NEED}]
    case_data["session"] |= {"language": "en"}
    return make_brief(Case.model_validate(case_data), catalogue.library,
                      catalogue.hand_off_rules, catalogue.known_words)


def shown(
    brief: Brief, catalogue: Catalogue, topic: str | None = "delegation"
) -> str | None:
    """Return the parallel that a brief gets from one topic."""
    return parallel_for(brief, needs_of(brief, catalogue), [], topic, catalogue,
                        voice_of(brief, catalogue))


def test_sessions_take_turns(
    brief: Brief, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sessions about one topic show two sentences, of that topic; the third begins again."""
    monkeypatch.setattr(parallel, "NEAR_IN_TOPIC", 1.0)
    made = [shown(replace(brief, arc=replace(brief.arc, number=number)), catalogue)
            for number in (1, 2, 3)]
    assert None not in made
    assert made[0] != made[1]
    assert made[0] == made[2]
    assert set(made) <= set(catalogue.library.topics["delegation"].text["en"].situations)


def test_none_where_none_helps(brief: Brief, catalogue: Catalogue) -> None:
    """Neither in a last session, nor without a topic, nor to those who have said nothing."""
    assert shown(replace(brief, arc=replace(brief.arc, type="closing")), catalogue) is None
    assert shown(brief, catalogue, topic=None) is None
    assert shown(replace(brief, goals=(), talking_points=()), catalogue) is None


@pytest.mark.parametrize(("language", "text", "told"), [
    ("en", "He stays until nine and his figures are late", True),
    ("en", "My boss never says what he wants", False),
    ("en", "Talk to three people who do that job", False),
    ("es", "Informa a su jefa cuando ya es tarde", True),
    ("es", "Que mi jefa lea su correo antes de las once", False),
    ("fr", "Elle reste jusqu'à neuf heures avec ses chiffres", True),
    ("fr", "J'attends son accord depuis un mois", False),
])
def test_what_is_said_of_others_is_left_out(language: Written, text: str, told: bool) -> None:
    """A sentence that tells of somebody else, and not of oneself, is nobody's parallel."""
    assert tells_of_others(text, language) is told
