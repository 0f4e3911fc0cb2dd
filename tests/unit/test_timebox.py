import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.agendas.timebox import Span, fit_steps, slack_of, split_minutes

spans = st.tuples(*[st.integers(3, 30)] * 3).map(sorted).map(lambda three: Span(*three))


def cost(minutes: tuple[int, ...] | list[int], items: list[Span]) -> float:
    return sum((got - span.ideal) ** 2 / span.ideal
               for got, span in zip(minutes, items, strict=True))


@given(st.lists(spans, min_size=1, max_size=7), st.integers(0, 200))
def test_minutes_always_sum(items: list[Span], more: int) -> None:
    """Minutes sum to the session's, none under three, whatever the bounds say."""
    total = 3 * len(items) + more
    minutes = split_minutes(total, items)
    assert sum(minutes) == total
    assert min(minutes) >= 3


@given(st.lists(spans, min_size=1, max_size=7), st.data())
def test_bounds_hold_where_they_can(items: list[Span], data: st.DataObject) -> None:
    """Where the bounds leave room for the total, every item keeps within its own."""
    total = data.draw(st.integers(sum(s.min for s in items), sum(s.max for s in items)))
    for got, span in zip(split_minutes(total, items), items, strict=True):
        assert span.min <= got <= span.max


@given(st.lists(st.tuples(*[st.integers(3, 9)] * 3).map(sorted).map(lambda t: Span(*t)),
                min_size=1, max_size=4), st.data())
def test_split_is_exact(items: list[Span], data: st.DataObject) -> None:
    """No other split under the same bounds is nearer to the ideals."""
    total = data.draw(st.integers(sum(s.min for s in items), sum(s.max for s in items)))
    every = product(*[range(span.min, span.max + 1) for span in items])
    best = min(cost(one, items) for one in every if sum(one) == total)
    assert cost(split_minutes(total, items), items) == pytest.approx(best)


@pytest.mark.parametrize(("total", "items", "expected"), [
    (45, [Span(5, 5, 8), Span(10, 20, 30), Span(10, 15, 20), Span(3, 5, 8)], [5, 20, 15, 5]),
    (30, [Span(5, 10, 20)], [30]),
    (6, [Span(10, 10, 10), Span(10, 10, 10)], [3, 3]),
    (20, [Span(3, 5, 5), Span(3, 5, 5)], [10, 10]),
    (11, [Span(3, 5, 20), Span(3, 5, 20)], [6, 5]),
])
def test_split_by_hand(total: int, items: list[Span], expected: list[int]) -> None:
    """Ideals where they fit; minima sink to three, maxima rise; ties go to the earlier item."""
    assert split_minutes(total, items) == expected


@pytest.mark.parametrize(("total", "count"), [(2, 1), (8, 3), (45, 0)])
def test_too_little_time_is_refused(total: int, count: int) -> None:
    """Fewer than three minutes per item, or no item, is an error."""
    with pytest.raises(ValueError, match="cannot hold"):
        split_minutes(total, [Span(3, 5, 8)] * count)


timed = st.lists(st.one_of(st.none(), st.integers(1, 30)), max_size=5)


@given(timed, st.integers(3, 90), st.integers(0, 30), st.integers(0, 3))
def test_steps_fit_their_item(
    planned: list[int | None], minutes: int, spare: int, slack: int
) -> None:
    """Timed steps leave an item some room, each at least a minute, or say no minutes at all."""
    steps = [f"Step {at}." if each is None else f"Step {at}. ({each} min)"
             for at, each in enumerate(planned)]
    ideal = max(3, sum(each or 0 for each in planned) + spare)
    fitted = fit_steps(steps, minutes, ideal, slack=slack)
    found = [re.search(r" \((\d+) min\)$", step) for step in fitted]
    assert [re.sub(r" \(\d+ min\)$", "", step) for step in fitted] == [
        f"Step {at}." for at in range(len(steps))]
    total = sum(int(match[1]) for match in found if match)
    assert total <= max(minutes - slack, sum(match is not None for match in found))
    assert total <= minutes
    assert all(int(match[1]) >= 1 for match in found if match)
    if any(found):
        assert [match is None for match in found] == [each is None for each in planned]
    if minutes == ideal and slack <= spare:
        assert fitted == steps


@pytest.mark.parametrize(("steps", "minutes", "ideal", "expected"), [
    (["A (4 min)", "B (6 min)"], 20, 10, ["A (8 min)", "B (12 min)"]),
    (["A (4 min)", "B (6 min)"], 5, 10, ["A (2 min)", "B (3 min)"]),
    (["A (4 min)", "B"], 10, 10, ["A (4 min)", "B"]),
    (["A", "B"], 5, 10, ["A", "B"]),
    (["A (1 min)", "B (1 min)", "C (1 min)", "D (30 min)"], 11, 33,
     ["A (1 min)", "B (1 min)", "C (1 min)", "D (8 min)"]),
    (["A (2 min)"] * 5, 3, 10, ["A"] * 5),
    (["A (20 min)"], 10, 10, ["A (10 min)"]),
    (["Wait (5 min) here"], 5, 10, ["Wait (5 min) here"]),
    ([], 5, 10, []),
])
def test_steps_by_hand(steps: list[str], minutes: int, ideal: int, expected: list[str]) -> None:
    """Steps grow and shrink with the item; where minutes are too few, they are left out."""
    assert fit_steps(steps, minutes, ideal) == expected


def test_slack_is_taken_from_the_steps_that_fill_an_item() -> None:
    """One minute in twelve; where the steps leave room already, they stay as they are."""
    assert [slack_of(minutes) for minutes in (11, 12, 25)] == [0, 1, 2]
    full = fit_steps(["A (10 min)", "B (15 min)"], 25, 25, slack=slack_of(25))
    assert full == ["A (9 min)", "B (14 min)"]
    loose = ["A (6 min)", "B (5 min)"]
    assert fit_steps(loose, 25, 25, slack=slack_of(25)) == loose
