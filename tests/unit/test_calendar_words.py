"""Days that people name, and which of them are still to come."""

from datetime import date

import pytest

from content_library.load import load_library
from recommender.agendas.calendar_words import days_ahead

PHRASES = load_library().phrases
TODAY = date(2027, 2, 1)


@pytest.mark.parametrize(("language", "text", "days"), [
    ("en", "On 1 March I book eight trucks.", [date(2027, 3, 1)]),
    ("en", "The review is on March 3rd, not on 2nd march.", [date(2027, 3, 2), date(2027, 3, 3)]),
    ("en", "In March the office reviews its posts.", []),
    ("en", "On Thursday the call decides.", []),
    ("es", "El 10 de febrero presento el plan.", [date(2027, 2, 10)]),
    ("fr", "La distribution commence le 17 mai.", [date(2027, 5, 17)]),
    ("fr", "Poste accordé à partir du 1er mars.", [date(2027, 3, 1)]),
    ("en", "It went badly on 12 January.", []),
    ("en", "We moved in on 30 January and leave on 30 February.", []),
    ("en", "The contract ends on 20 August.", []),
    ("en", "Today, 1 February, is the day.", []),
])
def test_days_that_are_coming(language: str, text: str, days: list[date]) -> None:
    """Days with a month within four months; nothing past, far away, or without a day."""
    assert days_ahead([text], TODAY, PHRASES[language]) == tuple(days)


def test_a_year_that_ends() -> None:
    """In December, January is next year's."""
    found = days_ahead(["Le 8 janvier, puis le 20 décembre."], date(2026, 12, 10), PHRASES["fr"])
    assert found == (date(2026, 12, 20), date(2027, 1, 8))
