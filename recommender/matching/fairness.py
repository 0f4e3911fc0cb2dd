"""Who is shown, who is matched and how well, group by group; nothing here ever matches anybody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.domain.profile import Profile
from recommender.matching.pool import Numbers, value_of

NOT_SAID = "not said"


@dataclass(frozen=True)
class Slice:
    """How those with one value of an attribute fared.

    Attributes:
        people: How many there are.
        matched: The share that was matched, 0 to 1.
        mean: Mean score of those matched; null where nobody was.
    """

    value: str
    people: int
    matched: float
    mean: float | None


@dataclass(frozen=True)
class FairnessReport:
    """How evenly a matching treats people.

    Attributes:
        gini: Of how often mentors with room are shown per place: 0 all alike, towards 1 one
            mentor alone; null where nobody was shown.
        unmatched: Share of mentees without anybody, 0 to 1.
        worst: The lowest score of a pair; null without pairs.
        slices: By attribute.
        gaps: By attribute, the largest mean score of a slice less the smallest.
    """

    gini: float | None
    unmatched: float
    worst: float | None
    slices: Mapping[str, Sequence[Slice]]
    gaps: Mapping[str, float]


def report_fairness(
    mentees: Sequence[Profile], scores: Mapping[str, float], attributes: Sequence[str],
    shown: Mapping[str, int], places: Mapping[str, int],
) -> FairnessReport:
    """Return how evenly people are shown and matched.

    Args:
        scores: Of the matched, by mentee id.
        attributes: Fields of a profile, or attributes, that are compared.
        shown: By mentor id, in how many lists they stand.
        places: By mentor id, how many pairs they take on; those with none are left out.
    """
    exposure = np.array([shown.get(own, 0) / room for own, room in places.items() if room > 0])
    slices = {attribute: _slices(mentees, scores, attribute) for attribute in attributes}
    gaps = {}
    for attribute, found in slices.items():
        means = [one.mean for one in found if one.mean is not None]
        gaps[attribute] = round(max(means) - min(means), 6) if means else 0.0
    matched = sum(one.id in scores for one in mentees)
    return FairnessReport(
        gini=gini(exposure) if exposure.sum() > 0 else None,
        unmatched=round(1 - matched / len(mentees), 6) if mentees else 0.0,
        worst=min(scores.values(), default=None),
        slices=slices, gaps=gaps,
    )


def gini(values: Numbers) -> float:
    """Return the Gini coefficient of values that are not below zero: 0 all alike, up to 1.

    Half the mean absolute difference over the mean (Gini 1912), from the ordered values.
    """
    ordered = np.sort(values)
    count = len(ordered)
    ranks = 2 * np.arange(1, count + 1) - count - 1
    return round(float((ranks * ordered).sum() / (count * ordered.sum())), 6)


def flipped(profiles: Sequence[Profile], attribute: str) -> list[Profile]:
    """Return the same people with one attribute's values handed on to the next person.

    With anything that does not use the attribute, the result must be the same as before.
    """
    ordered = sorted(profiles, key=lambda one: one.id)
    values = [value_of(one, attribute) for one in ordered]
    return [
        one.model_copy(update={attribute: value}) if attribute in Profile.model_fields else
        one.model_copy(update={"attributes": {
            **one.attributes, attribute.removeprefix("attributes."): value}})
        for one, value in zip(ordered, [*values[1:], *values[:1]], strict=True)
    ]


def depends_on(
    profiles: Sequence[Profile], attribute: str,
    run: Callable[[Sequence[Profile]], object],
) -> bool:
    """Return whether a result changes when an attribute's values change places.

    Args:
        run: What is done with the profiles; its results are compared with `==`.
    """
    return run(list(profiles)) != run(flipped(profiles, attribute))


def _slices(
    mentees: Sequence[Profile], scores: Mapping[str, float], attribute: str
) -> list[Slice]:
    by_value: dict[str, list[str]] = {}
    for one in mentees:
        value = value_of(one, attribute)
        texts = value if isinstance(value, list) else [NOT_SAID if value is None else value]
        for text in texts or [NOT_SAID]:
            by_value.setdefault(str(getattr(text, "text", text)), []).append(one.id)
    return [
        Slice(value, len(ids), round(sum(own in scores for own in ids) / len(ids), 6),
              _mean([scores[own] for own in ids if own in scores]))
        for value, ids in sorted(by_value.items())
    ]


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None
