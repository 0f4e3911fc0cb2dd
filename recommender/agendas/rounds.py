"""Groups: activities in the time that this many people need, and what each of them has of it."""

import re
from collections.abc import Sequence

from recommender.domain.activity import STEP_MINUTES, Activity, Minutes
from recommender.domain.base import Written
from recommender.domain.phrases import Phrases

WRITTEN_FOR = 5
"""So many people are meant by the minutes of a group's activity; they may be three to eight."""
SHORTEST_TURN = 20
"""Seconds in which somebody can say a sentence; rounds that leave less are left out."""
LONGEST = 90
"""Minutes of the longest activity."""


def sized(activity: Activity, size: int, phrases: Phrases, language: Written) -> Activity:
    """Return an activity with the minutes that so many people need: rounds grow with the group."""
    text = activity.text[language]
    turns = sum(minutes or 0 for step, minutes in zip(text.steps, text.step_minutes, strict=True)
                if is_round(step, phrases))
    own = activity.minutes
    if size == WRITTEN_FOR or not turns:
        return activity
    grown = 1 + turns * (size / WRITTEN_FOR - 1) / own.ideal
    least, ideal, most = (min(max(3, round(one * grown)), LONGEST)
                          for one in (own.min, own.ideal, own.max))
    return activity.model_copy(update={"minutes": Minutes(min=least, ideal=ideal, max=most)})


def is_round(step: str, phrases: Phrases) -> bool:
    """Return whether everybody speaks in a step, one after the other."""
    return re.search(phrases.in_turn, step, re.IGNORECASE) is not None


def in_pairs(step: str, phrases: Phrases) -> bool:
    """Return whether people speak two by two in a step."""
    return re.search(phrases.in_pairs, step, re.IGNORECASE) is not None


def weights_of(steps: Sequence[str], size: int, phrases: Phrases) -> list[float]:
    """Return how much longer than written each step takes with so many people."""
    return [size / WRITTEN_FOR if is_round(step, phrases) else 1.0 for step in steps]


def rounds_that_fit(steps: Sequence[str], size: int, minutes: int, phrases: Phrases) -> list[str]:
    """Return the steps without the rounds in between that a short item has no time for.

    The first round stays, so that everybody is heard, and then the last, as long as each person
    has time for a sentence.

    Args:
        steps: With their minutes as written.
    """
    kept = list(steps)
    while True:
        rounds = [at for at, step in enumerate(kept) if is_round(step, phrases)]
        others = sum(STEP_MINUTES.search(step) is not None for step in kept) - len(rounds)
        if len(rounds) < 2 or len(rounds) * size * SHORTEST_TURN <= 60 * (minutes - others):
            return kept
        del kept[rounds[-2] if len(rounds) > 2 else rounds[-1]]


def turn_of(minutes: int, size: int) -> int:
    """Return the seconds each of so many people has in these minutes, in round figures.

    Half minutes from one minute on, tens below; together never more than the minutes.
    """
    seconds = 60 * minutes // size
    return seconds // 30 * 30 if seconds >= 60 else seconds // 10 * 10


def say_turns(steps: Sequence[str], size: int, phrases: Phrases) -> list[str]:
    """Return steps that say how long each person has, where people speak in turn or in pairs."""
    return [_said(step, size, phrases) for step in steps]


def pair_turns(minutes: int, size: int) -> tuple[int, int]:
    """Return the seconds each has in a pair, and in the one group of three of an odd number."""
    return turn_of(minutes, 2), turn_of(minutes, 3)


def _said(step: str, size: int, phrases: Phrases) -> str:
    match = STEP_MINUTES.search(step)
    if match is None:
        return step
    minutes = int(match[1])
    if is_round(step, phrases):
        turn = turn_of(minutes, size)
        if turn < SHORTEST_TURN:
            return step
        words = phrases.round_each.format(time=phrases.time_of(turn))
    elif in_pairs(step, phrases):
        two, three = pair_turns(minutes, size)
        if size == 3:
            words = phrases.round_each.format(time=phrases.time_of(three))
        elif size % 2:
            words = phrases.pairs_odd.format(time=phrases.time_of(two),
                                             three=phrases.time_of(three))
        else:
            words = phrases.round_each.format(time=phrases.time_of(two))
    else:
        return step
    if not words:
        return step
    return f"{step[: match.start()]} {words[0].upper()}{words[1:]}{match[0]}"
