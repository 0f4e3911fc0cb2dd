"""A list of resources that fits the time somebody has."""

from collections.abc import Sequence

from recommender.learning.recommend import Recommendation


def fill_budget(
    ranked: Sequence[Recommendation], minutes: int, limit: int
) -> list[Recommendation]:
    """Return the best resources whose minutes together stay within a budget, best first.

    What does not fit any more is passed over for what does. A resource that does not say its
    length counts its format's default.
    """
    chosen: list[Recommendation] = []
    left = minutes
    for one in ranked:
        if len(chosen) == limit:
            break
        if one.resource.budget_minutes <= left:
            chosen.append(one)
            left -= one.resource.budget_minutes
    return chosen
