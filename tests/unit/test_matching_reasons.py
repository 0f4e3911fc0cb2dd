"""Which phrases are named as reasons, and what is said where none is."""

from collections.abc import Sequence

import numpy as np
import pytest
from matchmaking import english, person, programme, terms

from recommender.matching import meaning as meaning_module
from recommender.matching.meaning import Meaning
from recommender.matching.phrases import phrases_from
from recommender.matching.suggest import explain_candidate, suggest_mentors
from recommender.retrieval.encoder import Floats

WIDTH = 64


class Placed:
    """Vectors at will: the whole of what each person says lies where it is put."""

    def __init__(self, places: dict[str, Floats]) -> None:
        self.places = places

    def fill(self, texts: Sequence[str], progress: object = None) -> None:
        """Need nothing encoded."""

    def of(self, texts: Sequence[str], languages: Sequence[str | None]) -> Floats:
        return np.vstack([self.places[text] for text in texts])


def towards(cosine: float, side: int) -> Floats:
    """Return a unit vector that has this cosine to the first axis."""
    vector = np.zeros(WIDTH, dtype=np.float32)
    vector[0], vector[side] = cosine, np.sqrt(1 - cosine**2)
    return vector


def two_among(others: int, alike: float, near: float, usual: float = 0.0) -> Meaning:
    """Return one who wants one thing, one who offers two, and others who offer other things.

    Args:
        alike: Cosine of all that the first wants and all that the second offers.
        near: Of the wanted phrase and the nearer offered one.
        usual: Of the wanted phrase and what the others offer.
    """
    places = {"want": towards(1, 1), "offer": towards(near, 1), "another": towards(-0.1, 2),
              "": np.zeros(WIDTH, dtype=np.float32), "offer. another": towards(alike, 3)}
    places |= {f"other {at}": towards(usual, 4 + at % 50) for at in range(others)}
    said = [["want"], *([] for _ in range(others + 1))]
    told = [[], ["offer", "another"], *([f"other {at}"] for at in range(others))]
    return Meaning(phrases_from(said), phrases_from(told), Placed(places))  # type: ignore[arg-type]


@pytest.mark.parametrize(("alike", "near", "named"), [
    (0.26, 0.30, True), (0.24, 0.30, False), (0.26, 0.14, False), (0.24, 0.49, False),
    (0.19, 0.51, True), (0.17, 0.51, False), (0.0, 0.9, True), (0.0, 0.8, False),
])
def test_a_phrase_is_named_where_it_is_sure(alike: float, near: float, named: bool) -> None:
    """The two are alike as a whole and it stands out; or it is very near; or all but the same."""
    found = two_among(100, alike, near).matches(0, 1, 3)
    assert [(one.want, one.offer) for one in found] == ([("want", "offer")] if named else [])


def test_what_everybody_offers_is_no_reason_to_meet_one() -> None:
    """A phrase stands out from what the pool offers, not from nothing."""
    assert two_among(100, 0.4, 0.45).matches(0, 1, 3)
    assert not two_among(100, 0.4, 0.45, usual=0.35).matches(0, 1, 3)


def test_a_small_pool_takes_the_usual_spread() -> None:
    """With next to nobody to compare with, a phrase has to be as near as in most pools."""
    assert not two_among(0, 0.4, 0.25).matches(0, 1, 3)
    assert two_among(0, 0.4, 0.4).matches(0, 1, 3)


def test_some_of_a_large_pool_tell_what_is_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reasons in a large pool cost no more, and are the same where people are alike."""
    whole = two_among(100, 0.26, 0.45)
    monkeypatch.setattr(meaning_module, "BACKGROUND", 20)
    few = two_among(100, 0.26, 0.45)
    assert few.matches(0, 1, 3) == whole.matches(0, 1, 3) != []
    assert len(few._background) <= 20


@pytest.mark.parametrize(("wanted", "weight", "told"), [
    (["forecasting demand", "giving feedback"], 5, "no_phrase"),
    (["forecasting demand", "giving feedback"], 0, "no_reason"),
    ([], 5, "no_reason"),
])
def test_without_a_sure_phrase_it_is_said_what_the_score_rests_on(
    wanted: list[str], weight: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On all that was written, if it counts and there is something to compare; else on rules."""
    for name in ("ALIKE_FROM", "LESS_ALIKE", "EQUAL"):
        monkeypatch.setattr(meaning_module, name, 2.0)
    people = [person("m1", roles=["mentee"], skills_wanted=wanted),
              person("M", roles=["mentor"], skills_offered=["giving feedback", "budgets"])]
    judged = terms(people, programme(semantic=weight))
    words = getattr(english().matching, told)
    listed = suggest_mentors(judged, "m1", english())[0]
    assert (listed.reasons, listed.told) == ([], words)
    assert explain_candidate(judged, "m1", "M", english()).told == words
