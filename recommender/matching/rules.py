"""Rules as data: who may meet whom, and what a pair gains or loses by each rule.

A pair is always a mentee and a mentor. Between equals a rule counts both ways, each in the
mentee's place once, and the weaker way counts.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from recommender.domain.matching import Outcome, RuleOutcome
from recommender.domain.phrases import MatchPhrases
from recommender.domain.profile import Profile
from recommender.domain.programme import Rule
from recommender.errors import Fault, InvalidInputError
from recommender.matching.pool import Mask, Numbers, Pool, value_of
from recommender.matching.telling import say_detail, say_rule

ONE_SIDED = frozenset({"gap", "at_most", "at_least"})
"""Tests that can turn out otherwise when the two change places."""
REMEMBERED = 64_000_000
"""Bytes of tests that a pool keeps: whoever has the same value has the same test."""


@dataclass(frozen=True)
class Test:
    """How a rule's test turns out between one person and everybody, shape (people,) each.

    Attributes:
        met: The test is met; false where it is not known.
        known: Both sides have the field.
    """

    met: Mask
    known: Mask

    def __post_init__(self) -> None:
        for mask in (self.met, self.known):
            mask.flags.writeable = False


def check_rules(rules: Sequence[Rule], pool: Pool, source: str = "matching.rules") -> None:
    """Refuse rules over fields that nobody has.

    Raises:
        InvalidInputError: Names every such rule, and the field that was probably meant.
    """
    names = [*Profile.model_fields, *sorted({f"attributes.{name}" for one in pool.profiles
                                             for name in one.attributes})]
    faults = []
    for at, rule in enumerate(rules):
        if not pool.has(rule.field):
            near = get_close_matches(rule.field, names, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            faults.append(Fault(source, f"[{at}].field",
                                f"nobody in the pool has {rule.field!r}; use a field of the "
                                f"profile or attributes.<name>{meant}"))
    if faults:
        raise InvalidInputError(faults)


def check_filled(rules: Sequence[Rule], pool: Pool, source: str = "matching.rules") -> None:
    """Refuse a `must` over a field that nobody has filled in, since it lets nobody meet.

    Without managers on the profiles nobody is known to be in a line; that lets people meet.

    Raises:
        InvalidInputError: Names every such rule.
    """
    faults = [
        Fault(source, f"[{at}].field",
              f"nobody in the pool has a value in {rule.field!r}, and `{rule}` lets nobody meet "
              "without one; fill it in, or take the rule out of a copy of the programme")
        for at, rule in enumerate(rules)
        if rule.rule == "must" and rule.test != "not_reporting_line" and len(pool)
        and all(value_of(one, rule.field) in (None, []) for one in pool.profiles)]
    if faults:
        raise InvalidInputError(faults)


def test_rule(rule: Rule, pool: Pool, row: int, *, as_mentee: bool) -> Test:
    """Return how a rule turns out between one person and everybody in the pool.

    Args:
        row: The one person.
        as_mentee: They are the mentee of the pair, everybody else the mentor; else the reverse.
    """
    own = _own_value(rule, pool, row)
    if own is None:
        return _TESTS[rule.test](rule, pool, row, as_mentee)
    key = (rule.test, rule.field, rule.min, rule.max, str(rule.value), rule.of, as_mentee, own)
    if key not in pool.tested:
        if len(pool.tested) * 2 * len(pool) > REMEMBERED:
            del pool.tested[next(iter(pool.tested))]
        pool.tested[key] = _TESTS[rule.test](rule, pool, row, as_mentee)
    found: Test = pool.tested[key]
    return found


def _own_value(rule: Rule, pool: Pool, row: int) -> Hashable | None:
    """Return all that a test looks at on the one person's side; null where that is themselves."""
    if rule.test == "not_reporting_line":
        return None
    if rule.test == "within_hours":
        return str(pool.offsets[row])
    if rule.test in ONE_SIDED:
        return str(pool.numbers(rule.field)[row])
    return pool.values(rule.field).of(row).tobytes()


def places_of(rule: Rule, *, as_mentee: bool, both_ways: bool) -> tuple[bool, ...]:
    """Return in which places of a pair somebody is tested: as the mentee, as the mentor, or both.

    Args:
        both_ways: The two are equals.
    """
    one_sided = rule.test in ONE_SIDED and rule.of != "both"
    return (True, False) if both_ways and one_sided else (as_mentee,)


def met_by(rule: Rule, pool: Pool, row: int, *, as_mentee: bool, both_ways: bool = False) -> Mask:
    """Return with whom a rule's test is met, between equals both ways, shape (people,)."""
    met: Mask = np.logical_and.reduce([
        test_rule(rule, pool, row, as_mentee=place).met
        for place in places_of(rule, as_mentee=as_mentee, both_ways=both_ways)])
    return met


def eligible_for(
    rules: Sequence[Rule], pool: Pool, row: int, *, as_mentee: bool, both_ways: bool = False
) -> Mask:
    """Return who may meet somebody by every `must` rule; what is not known does not pass.

    An `avoid` rule only takes weight, it shuts nobody out.
    """
    passed = np.ones(len(pool), dtype=np.bool_)
    for rule in rules:
        if rule.rule == "must":
            passed &= met_by(rule, pool, row, as_mentee=as_mentee, both_ways=both_ways)
    passed[row] = False
    return passed


def value_of_rule(
    rule: Rule, pool: Pool, row: int, *, as_mentee: bool, both_ways: bool = False
) -> Numbers:
    """Return what a `prefer` or `avoid` rule is worth with everybody, 0 or 1, shape (people,)."""
    tests = [test_rule(rule, pool, row, as_mentee=place)
             for place in places_of(rule, as_mentee=as_mentee, both_ways=both_ways)]
    good: Mask = np.logical_and.reduce(
        [test.met if rule.rule == "prefer" else ~test.met for test in tests])
    return good.astype(np.float64)


def outcomes_of(
    rule: Rule, pool: Pool, row: int, other: int, words: MatchPhrases, *, as_mentee: bool,
    both_ways: bool = False, shown: Sequence[str] = (),
) -> list[RuleOutcome]:
    """Return how one rule turns out between two people, in words; between equals each way.

    Args:
        words: In the language of the person in this row.
        shown: The programme's `ai_fields`; an attribute that is not on it is not quoted.
    """
    places = places_of(rule, as_mentee=as_mentee, both_ways=both_ways)
    found = []
    for place in places:
        test = test_rule(rule, pool, row, as_mentee=place)
        outcome: Outcome = ("met" if test.met[other] else
                            "not_met" if test.known[other] else "not_known")
        one, to = (row, other) if place or len(places) == 1 else (other, row)
        detail = say_detail(rule, pool, one, to, shown, words)
        if len(places) > 1:
            detail = f"{pool.ids[one]} → {pool.ids[to]}: {detail}"
        found.append(RuleOutcome(rule=str(rule), kind=rule.rule, outcome=outcome,
                                 asks=say_rule(rule, words), detail=detail))
    return found


def _overlap(rule: Rule, pool: Pool, row: int, as_mentee: bool) -> Test:
    values = pool.values(rule.field)
    known = (values.counts > 0) & (values.counts[row] > 0)
    return Test((values.shared_with(row) > 0) & known, known)


def _same(rule: Rule, pool: Pool, row: int, as_mentee: bool) -> Test:
    values = pool.values(rule.field)
    known = (values.counts > 0) & (values.counts[row] > 0)
    same = ((values.shared_with(row) == values.counts[row])
            & (values.counts == values.counts[row]))
    return Test(same & known, known)


def _different(rule: Rule, pool: Pool, row: int, as_mentee: bool) -> Test:
    values = pool.values(rule.field)
    known = (values.counts > 0) & (values.counts[row] > 0)
    return Test((values.shared_with(row) == 0) & known, known)


def _gap(rule: Rule, pool: Pool, row: int, as_mentee: bool) -> Test:
    numbers = pool.numbers(rule.field)
    gap = numbers - numbers[row] if as_mentee else numbers[row] - numbers
    known = np.isfinite(gap)
    low = -np.inf if rule.min is None else rule.min
    high = np.inf if rule.max is None else rule.max
    with np.errstate(invalid="ignore"):
        return Test((gap >= low) & (gap <= high) & known, known)


def _bound(rule: Rule, pool: Pool, row: int, as_mentee: bool) -> Test:
    numbers = pool.numbers(rule.field)
    limit = float(rule.value)  # type: ignore[arg-type]
    known = np.isfinite(numbers)
    with np.errstate(invalid="ignore"):
        met = (numbers <= limit if rule.test == "at_most" else numbers >= limit) & known
    every = np.ones(len(pool), dtype=np.bool_)
    if rule.of == "both":
        return Test(met & met[row], known & known[row])
    if (rule.of == "mentee") == as_mentee:
        return Test(every & met[row], every & known[row])
    return Test(met, known)


def _within_hours(rule: Rule, pool: Pool, row: int, as_mentee: bool) -> Test:
    apart = np.abs(pool.offsets - pool.offsets[row]) % 24
    apart = np.minimum(apart, 24 - apart)
    known = np.isfinite(apart)
    with np.errstate(invalid="ignore"):
        return Test((apart <= float(rule.value)) & known, known)  # type: ignore[arg-type]


def _not_reporting_line(rule: Rule, pool: Pool, row: int, as_mentee: bool) -> Test:
    return Test(~pool.in_line_with(row), np.ones(len(pool), dtype=np.bool_))


_TESTS: dict[str, Callable[[Rule, Pool, int, bool], Test]] = {
    "overlap": _overlap, "same": _same, "different": _different, "gap": _gap,
    "at_most": _bound, "at_least": _bound, "within_hours": _within_hours,
    "not_reporting_line": _not_reporting_line,
}
