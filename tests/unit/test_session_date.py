"""When the session is, in words, on what people read."""

import pytest
from fakes import BagOfWordsEncoder
from readers import read, rendered
from small_agenda import small_agenda, small_case

from content_library.load import Library, load_library
from recommender.agendas.render.meeting import reader_time
from recommender.catalogue import Catalogue

DAKAR_OSLO = ("Africa/Dakar", "Europe/Oslo")


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(load_library(), BagOfWordsEncoder())


@pytest.mark.parametrize("form", ["md", "html", "docx"])
@pytest.mark.parametrize(("language", "said"), [
    ("en", "4 March 2027, 09:00"), ("es", "4 de marzo de 2027, 09:00"),
    ("fr", "4 mars 2027, 09:00")])
def test_the_date_stands_on_the_sheet(
    quick: Catalogue, form: str, language: str, said: str
) -> None:
    """In the agenda's language, with the hour."""
    agenda, case = small_agenda(language=language), small_case()
    assert said in read(rendered(agenda, case, quick, form), form).text


@pytest.mark.parametrize("form", ["md", "html", "docx"])
def test_without_a_date_nothing_is_said(quick: Catalogue, form: str) -> None:
    """No date, no guess."""
    text = read(rendered(small_agenda(), small_case(None), quick, form), form).text
    assert "2027" not in text


def test_each_reads_their_own_clock(library: Library) -> None:
    """The reader's zone; it is named where the other's clock differs."""
    phrases = library.phrases["en"]

    def said(case: object, role: object = None) -> str:
        when, zone = reader_time(case, role) or (None, None)  # type: ignore[arg-type]
        assert when is not None
        return phrases.moment_of(when, zone)

    both = small_case(zones=DAKAR_OSLO)
    assert said(both) == "4 March 2027, 09:00 (Africa/Dakar)"
    assert said(both, "mentor") == "4 March 2027, 10:00 (Europe/Oslo)"
    assert said(small_case(zones=("Europe/Oslo", "Europe/Oslo"))) == "4 March 2027, 10:00"
    assert said(small_case()) == "4 March 2027, 09:00 (UTC)"
    assert said(small_case("2027-03-01")) == "1 March 2027"
    assert said(small_case("2027-03-01", zones=DAKAR_OSLO), "mentor") == "1 March 2027"


def test_the_first_of_the_month_is_french(library: Library) -> None:
    """“1er” where the language says so."""
    when, _ = reader_time(small_case("2027-03-01")) or (None, None)
    assert when is not None
    assert library.phrases["fr"].moment_of(when) == "1er mars 2027"
