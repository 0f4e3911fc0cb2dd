"""What earlier link checks found, and when a link has failed often enough to be retired."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field, ValidationError

from content_library.links import Outcome, State
from recommender.domain.base import Frozen, Id
from recommender.errors import Fault, InvalidInputError, faults_of

LASTING: frozenset[State] = frozenset({"gone", "soft_404", "home_page"})
"""The page itself is no longer there; three days of it retire a link."""
SLOW: frozenset[State] = frozenset({"certificate", "loop", "refused", "passing"})
"""May be mended tomorrow; only a month of nothing else retires a link."""
ALIVE: frozenset[State] = frozenset({"ok", "moved"})

LASTING_DAYS = 3
SLOW_DAYS = 5
SLOW_SPAN = 30
"""Days between the first and the last failure."""
KEPT = 60
"""Days kept of each link."""


class Check(Frozen):
    """One link on one day; the last check of a day that says something stands for the day."""

    id: Id
    day: date
    state: State
    detail: Annotated[str, Field(max_length=1000)] = ""


History = Mapping[str, Sequence[Check]]
"""The checks of each link by its id, the oldest first."""


@dataclass(frozen=True)
class Standing:
    """Where a link stands.

    Attributes:
        failures: Days it failed on since it was last seen alive.
        why_retire: Why it should be retired now; null: it should not.
    """

    failures: int
    why_retire: str | None


def parse_history(text: str, source: str) -> dict[str, list[Check]]:
    """Return the checks of a JSON Lines text.

    Raises:
        InvalidInputError: Names every line that cannot be read.
    """
    history: defaultdict[str, list[Check]] = defaultdict(list)
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            check = Check.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            faults.append(Fault(source, f"line {number}", f"no valid JSON ({error.msg}); mend or "
                                                          "delete the line"))
        except ValidationError as error:
            faults += [Fault(source, f"line {number}: {one.field}", one.problem)
                       for one in faults_of(error, "")]
        else:
            history[check.id].append(check)
    if faults:
        raise InvalidInputError(faults)
    return {one: sorted(checks, key=lambda check: check.day) for one, checks in history.items()}


def history_lines(history: History) -> str:
    """Return the checks as JSON Lines, by id and day."""
    lines = (check.model_dump_json(exclude_defaults=True)
             for one in sorted(history) for check in history[one])
    return "".join(f"{line}\n" for line in lines)


def with_outcomes(history: History, outcomes: Iterable[Outcome], day: date) -> History:
    """Return the history with the outcomes of one day.

    A check that says nothing (`not_checked`, `unclear`) does not replace one that does.
    """
    merged = {one: list(checks) for one, checks in history.items()}
    for outcome in outcomes:
        own = merged.setdefault(outcome.id, [])
        today = next((check for check in own if check.day == day), None)
        if today is not None:
            if _says_something(today.state) and not _says_something(outcome.state):
                continue
            own.remove(today)
        own.append(Check(id=outcome.id, day=day, state=outcome.state,
                         detail=outcome.detail[:1000]))
        own.sort(key=lambda check: check.day)
        del own[:-KEPT]
    return merged


def standing(checks: Sequence[Check]) -> Standing:
    """Return where a link stands by the rule of three.

    Failures count since the link was last seen alive. It is to be retired when

    - its page was not there on three different days, or
    - it failed on at least five days, over at least thirty, whatever the trouble.

    A day that says nothing neither counts nor breaks the row. What was not failing when it was
    last looked at is not retired.
    """
    since: list[Check] = []
    for check in checks:
        if check.state in ALIVE:
            since = []
        elif _says_something(check.state):
            since.append(check)
    lasting = [check for check in since if check.state in LASTING]
    why = None
    if len(lasting) >= LASTING_DAYS:
        why = f"link check: {_named(lasting)}"
    elif len(since) >= SLOW_DAYS and (since[-1].day - since[0].day).days >= SLOW_SPAN:
        why = (f"link check: no good answer on {len(since)} days from {since[0].day} "
               f"to {since[-1].day}")
    return Standing(len(since), why)


def last_seen(checks: Sequence[Check]) -> date | None:
    """Return the last day on which a check said something about a link."""
    return next((one.day for one in reversed(checks) if _says_something(one.state)), None)


def _says_something(state: State) -> bool:
    return state not in ("not_checked", "unclear")


_NAMES: dict[State, str] = {
    "gone": "page gone", "soft_404": "page says it is not there", "home_page": "leads to home page",
}


def _named(lasting: Sequence[Check]) -> str:
    last = lasting[-LASTING_DAYS:]
    return "; ".join(f"{_NAMES[check.state]} on {check.day}" for check in last)
