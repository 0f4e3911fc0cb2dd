"""Days that people name in what they write: those that are still to come."""

import datetime
import re
from collections.abc import Iterable

from recommender.domain.phrases import Phrases

LOOKED_AHEAD = 120
"""Days within which a day without a year is taken for one that is coming."""
_DAY = r"(?P<{name}>3[01]|[12]?\d|1er)(?:st|nd|rd|th)?"


def days_ahead(
    texts: Iterable[str], today: datetime.date, phrases: Phrases
) -> tuple[datetime.date, ...]:
    """Return the days with a month that texts name and that are to come, the nearest first.

    "12 March", "March 12", "el 12 de marzo", "le 1er mars"; a day of the week alone may be past
    and is not taken.

    Args:
        today: The day of the session.
    """
    names = [name.lower() for name in phrases.months]
    month = "|".join(map(re.escape, names))
    pattern = re.compile(
        rf"\b{_DAY.format(name='before')} (?:de |of )?(?P<month>{month})\b"
        rf"|\b(?P<first>{month}) {_DAY.format(name='after')}\b", re.IGNORECASE)
    found = set()
    for text in texts:
        for match in pattern.finditer(text):
            number = (match["month"] or match["first"]).lower()
            day = _coming(int((match["before"] or match["after"]).removesuffix("er")),
                          names.index(number) + 1, today)
            if day is not None:
                found.add(day)
    return tuple(sorted(found))


def _coming(day: int, month: int, today: datetime.date) -> datetime.date | None:
    """Return the next such day after today, if it is near."""
    for year in (today.year, today.year + 1):
        try:
            one = datetime.date(year, month, day)
        except ValueError:
            continue
        if datetime.timedelta(0) < one - today <= datetime.timedelta(LOOKED_AHEAD):
            return one
    return None
