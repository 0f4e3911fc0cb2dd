"""Minutes: the exact best split of a session over its items, and of an item over its steps."""

from collections.abc import Sequence
from dataclasses import dataclass

from recommender.domain.activity import STEP_MINUTES
from recommender.domain.agenda import MAX_PROMPTS, MIN_ITEM_MINUTES

SLACK_EVERY = 12
"""Minutes of an item of which one is slack."""


@dataclass(frozen=True)
class Span:
    """How long an item may, should and can take, in minutes."""

    min: int
    ideal: int
    max: int


def split_minutes(total: int, spans: Sequence[Span]) -> list[int]:
    """Return whole minutes per item that sum to `total`, as near to the ideals as possible.

    Minimises the sum of (minutes - ideal)² / ideal under min and max. The sum is separable and
    convex, so that giving each next minute to the item whose cost grows least is exact.
    Where the bounds cannot hold, the minima sink to 3, or the maxima rise in proportion.

    Raises:
        ValueError: Fewer than 3 minutes per item.
    """
    if total < MIN_ITEM_MINUTES * len(spans) or not spans:
        raise ValueError(f"{total} minutes cannot hold {len(spans)} items")
    lows = [span.min for span in spans]
    if sum(lows) > total:
        lows = [MIN_ITEM_MINUTES] * len(spans)
    highs = [span.max for span in spans]
    if sum(highs) < total:
        highs = [-(-high * total // sum(highs)) for high in highs]
    minutes = list(lows)
    for _ in range(total - sum(lows)):
        growing = [at for at in range(len(spans)) if minutes[at] < highs[at]]
        best = min(growing, key=lambda at: (
            (2 * (minutes[at] - spans[at].ideal) + 1) / spans[at].ideal, at))
        minutes[best] += 1
    return minutes


def room_for(minutes: int) -> int:
    """Return how many questions an item of so many minutes has time for."""
    return 2 if minutes <= 6 else 3 if minutes <= 12 else MAX_PROMPTS


def slack_of(minutes: int) -> int:
    """Return how many minutes of an item belong to no step: people talk, and come late."""
    return minutes // SLACK_EVERY


def fit_steps(
    steps: Sequence[str], minutes: int, ideal: int, weights: Sequence[float] | None = None,
    *, slack: int = 0,
) -> list[str]:
    """Return the steps with their minutes rescaled from `ideal` to the item's minutes.

    A step that names no minutes stays as it is. Where there is less than a minute for
    each timed step, the minutes are left out rather than made up.

    Args:
        weights: How much longer than written each step takes; `ideal` has it in already.
        slack: Minutes of the item that no step takes, unless each needs its one.
    """
    matches = [STEP_MINUTES.search(step) for step in steps]
    planned = [int(match[1]) * weight if match else 0.0 for match, weight in
               zip(matches, weights or [1.0] * len(steps), strict=True)]
    timed = [at for at, value in enumerate(planned) if value]
    if not timed:
        return list(steps)
    available = max(int(sum(planned) * minutes / ideal + 1e-9),
                    int(min(minutes, sum(planned)) * 9 / 10 + 1e-9))
    available = max(min(available, minutes - slack), min(len(timed), minutes))
    if available < len(timed):
        return [STEP_MINUTES.sub("", step) for step in steps]
    exact = [value * available / sum(planned) for value in planned]
    whole = [max(1, int(value)) if value else 0 for value in exact]
    while sum(whole) > available:
        longer = [at for at in timed if whole[at] > 1]
        whole[max(longer, key=lambda at: (whole[at] - exact[at], whole[at]))] -= 1
    while sum(whole) < available:
        whole[max(timed, key=lambda at: (exact[at] - whole[at], -at))] += 1
    return [
        STEP_MINUTES.sub(f" ({whole[at]} min)", step) if planned[at] else step
        for at, step in enumerate(steps)
    ]


