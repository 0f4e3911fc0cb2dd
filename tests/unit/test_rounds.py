"""Groups of three to eight: everybody's turn comes, and the turns fit into the minutes."""

import re
from typing import Any

import pytest
from fakes import BagOfWordsEncoder
from hypothesis import given
from hypothesis import strategies as st
from invariants import broken

from content_library.load import Library, load_library
from recommender.agendas.generate import generate_agenda
from recommender.agendas.rounds import (
    SHORTEST_TURN,
    in_pairs,
    is_round,
    pair_turns,
    rounds_that_fit,
    say_turns,
    sized,
    turn_of,
)
from recommender.agendas.timebox import fit_steps
from recommender.catalogue import Catalogue
from recommender.domain.activity import STEP_MINUTES
from recommender.domain.base import LANGUAGES
from recommender.domain.case import Case

SIZES = st.integers(3, 8)
LIBRARY = load_library()
CIRCLES = [one for one in LIBRARY.activities.values() if one.relations == ["group"]]


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(LIBRARY, BagOfWordsEncoder())


def group_of(size: int, **session: Any) -> Case:
    return Case.model_validate({
        "programme": "leaders-circle", "session": {"language": "en", **session},
        "members": [{"role": "mentor", "profile": {"id": "m"}}] + [
            {"role": "mentee", "profile": {"id": f"p-{at}"}} for at in range(size - 1)],
    })


def test_every_language_says_in_which_steps_people_take_turns(library: Library) -> None:
    """A group's step is a round, or in pairs, in all three languages or in none; each has one."""
    for one in (one for one in library.activities.values() if "group" in one.relations):
        marks = [[(is_round(step, library.phrases[language]),
                   in_pairs(step, library.phrases[language])) for step in one.text[language].steps]
                 for language in LANGUAGES]
        assert marks[0] == marks[1] == marks[2], one.id
    without = [one.id for one in CIRCLES if not any(
        is_round(step, library.phrases["en"]) for step in one.text["en"].steps)]
    assert without == []


@given(SIZES, st.integers(1, 60))
def test_turns_fit_and_hardly_anything_is_left(size: int, minutes: int) -> None:
    """The turns of all together fill the minutes but for less than half a minute each."""
    turn = turn_of(minutes, size)
    assert size * turn <= 60 * minutes
    assert 60 * minutes - size * turn < size * (30 if turn >= 60 else 10) + size
    assert turn % (30 if turn >= 60 else 10) == 0


@given(SIZES, st.integers(1, 30))
def test_pairs_and_the_one_three_end_together(size: int, minutes: int) -> None:
    """Two turns of a pair and three of a three both fit into the step's minutes."""
    two, three = pair_turns(minutes, size)
    assert 2 * two <= 60 * minutes
    assert 3 * three <= 60 * minutes
    assert three <= two


@pytest.mark.parametrize(("size", "en", "es", "fr"), [
    (3, "1 minute each.", "1 minuto por persona.", "1 minute par personne."),
    (4, "1½ minutes each.", "1 minuto y medio por persona.", "1 minute 30 par personne."),
    (5, "One group of three, 1 minute each there; 1½ minutes each in the pairs.",
     "Un grupo de tres, con 1 minuto por persona; en las parejas, 1 minuto y medio por persona.",
     "Un groupe de trois, 1 minute par personne\u00a0; dans les binômes, 1 minute 30 par "
     "personne."),
])
def test_an_odd_number_makes_one_three(
    library: Library, size: int, en: str, es: str, fr: str
) -> None:
    """Pairs say each one's time; with an odd number one group is of three, and says its own."""
    for language, expected in (("en", en), ("es", es), ("fr", fr)):
        steps = library.activities["circle-tell-it-back-to-me"].text[language].steps
        step = STEP_MINUTES.sub(" (3 min)", steps[1])
        said = say_turns([step], size, library.phrases[language])
        assert said[0].endswith(f"{expected} (3 min)")


def test_rounds_take_longer_with_more_people(library: Library) -> None:
    """What is written for five takes longer for eight, and less for three; silence does not."""
    one = library.activities["circle-where-the-week-went"]
    small, same, big = (sized(one, size, library.phrases["en"], "en") for size in (3, 5, 8))
    assert small.minutes.ideal < same.minutes.ideal == one.minutes.ideal < big.minutes.ideal
    assert big.minutes.ideal == 18
    assert one.minutes.ideal == 12


@given(st.sampled_from(CIRCLES), SIZES, st.integers(3, 60), st.sampled_from(LANGUAGES))
def test_a_short_item_keeps_its_first_round(
    one: Any, size: int, minutes: int, language: Any
) -> None:
    """Rounds in between go until each person has time for a sentence; the first one never goes."""
    phrases = LIBRARY.phrases[language]
    steps = list(one.text[language].steps)
    kept = rounds_that_fit(steps, size, minutes, phrases)
    rounds = [step for step in steps if is_round(step, phrases)]
    left = [step for step in kept if is_round(step, phrases)]
    assert left[0] == rounds[0]
    assert kept == [step for step in steps if step in kept]
    others = sum(STEP_MINUTES.search(step) is not None for step in kept) - len(left)
    assert len(left) == 1 or len(left) * size * SHORTEST_TURN <= 60 * (minutes - others)
    timed = fit_steps(kept, minutes, max(minutes, one.minutes.ideal))
    for step in say_turns(timed, size, phrases):
        assert step.count("(") == step.count(")")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("minutes", [15, 25, 45, 60, 90, 120])
@pytest.mark.parametrize("size", range(3, 9))
def test_everybody_speaks_in_every_session(
    quick: Catalogue, size: int, minutes: int, language: str
) -> None:
    """From first to last, each session has a round that says how long each person has in it."""
    phrases = LIBRARY.phrases[language]
    each = phrases.round_each.removeprefix("{time}")
    for number in (1, 2, 3, 6):
        case = group_of(size, number=number, minutes=minutes, language=language)
        agenda = generate_agenda(case, quick)
        assert broken(case, agenda) == []
        rounds = [step for item in agenda.items for step in item.steps if is_round(step, phrases)]
        assert rounds
        assert any(each in step for step in rounds), (size, minutes, number)
        for step in rounds:
            said = re.search(r"(\d+) (?:seconds|segundos|secondes)", step)
            minute = STEP_MINUTES.search(step)
            if said and each in step:
                assert minute is not None
                assert size * int(said[1]) <= 60 * int(minute[1])
