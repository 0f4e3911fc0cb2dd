"""What somebody's verdicts change in what they get next."""

from collections.abc import Sequence
from dataclasses import replace

from recommender.domain.base import LEVELS
from recommender.domain.feedback import Feedback
from recommender.learning.recommend import Wish

SHORT_MINUTES = 20
"""A resource's longest time for those who found one too long."""


def wish_after(wish: Wish, said: Sequence[Feedback]) -> Wish:
    """Return a wish as somebody's verdicts on resources change it.

    What they gave a verdict on does not come again; too easy or too hard changes the level that
    is preferred, too long how long one may be.
    """
    verdicts = {one.verdict for one in said if one.target == "resource"}
    known = frozenset(one.target_id for one in said if one.target == "resource")
    levels = wish.levels
    if ("too_easy" in verdicts) != ("too_hard" in verdicts):
        levels = frozenset(LEVELS[1:] if "too_easy" in verdicts else LEVELS[:1])
    longest = wish.longest
    if "too_long" in verdicts:
        longest = SHORT_MINUTES if longest is None else min(longest, SHORT_MINUTES)
    return replace(wish, without=wish.without | known, levels=levels, longest=longest)
