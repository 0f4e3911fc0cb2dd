"""An agenda in a calendar: the right moment, in the right zone, once, privately."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event
from small_agenda import small_agenda, small_case

from content_library.load import Library
from recommender.agendas.render.calendar import render_calendar
from recommender.agendas.render.meeting import Meeting, meeting_of
from recommender.agendas.render.sheet import EVERYBODY, View
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.errors import InvalidInputError

NOW = datetime(2026, 11, 28, 12, 30, 15, 999, tzinfo=UTC)
DAKAR_OSLO = ("Africa/Dakar", "Europe/Oslo")


def written(library: Library, case: Case, view: View = EVERYBODY,
            agenda: Agenda | None = None, meeting: Meeting | None = None) -> bytes:
    agenda = agenda or small_agenda()
    return render_calendar(agenda, library.phrases[agenda.language],
                           meeting or meeting_of(case, NOW, view.role), view)


def event_of(content: bytes) -> Event:
    (event,) = Calendar.from_ical(content).events
    return event


def refused(case: Case) -> str:
    with pytest.raises(InvalidInputError) as caught:
        meeting_of(case, NOW)
    (fault,) = caught.value.faults
    assert fault.field == "session.date"
    return fault.problem


def test_an_entry_says_when_in_the_learners_zone(library: Library) -> None:
    """Start and end with the zone of the learner, of a mentor who asks for their own."""
    case = small_case(zones=DAKAR_OSLO)
    event = event_of(written(library, case))
    assert (event.start.isoformat(), event.end.isoformat()) == (
        "2027-03-04T09:00:00+00:00", "2027-03-04T09:30:00+00:00")
    assert b"DTSTART;TZID=Africa/Dakar:20270304T090000\r\n" in written(library, case)
    own = written(library, case, View("mentor", ("mentee", "mentor")))
    assert b"DTSTART;TZID=Europe/Oslo:20270304T100000\r\n" in own
    assert event_of(own).start.isoformat() == "2027-03-04T10:00:00+01:00"


def test_the_others_clock_is_told_where_it_differs(library: Library) -> None:
    """The time at the other end, with its day where that differs; nothing where clocks agree."""
    both = ("mentee", "mentor")
    said = str(event_of(written(library, small_case(zones=DAKAR_OSLO)))["DESCRIPTION"])
    assert "Start elsewhere: 10:00." in said
    mentor = written(library, small_case(zones=DAKAR_OSLO), View("mentor", both))
    assert "Start for the other person: 09:00." in str(event_of(mentor)["DESCRIPTION"])
    far = small_case("2027-03-04T22:00:00Z", ("Africa/Dakar", "Pacific/Auckland"))
    assert "11:00, 5 March" in str(event_of(written(library, far))["DESCRIPTION"])
    same = small_case(zones=("Africa/Dakar", "Africa/Abidjan"))
    assert "Start" not in str(event_of(written(library, same))["DESCRIPTION"])


@pytest.mark.parametrize("zones", [(None, None), ("UTC", None), ("Etc/UTC", None)])
def test_without_a_zone_it_is_universal_time(
    library: Library, zones: tuple[str | None, ...]
) -> None:
    """The moment as UTC, and no time zone in the file."""
    content = written(library, small_case("2027-03-04T09:00:00-05:00", zones))
    assert b"DTSTART:20270304T140000Z" in content
    assert b"VTIMEZONE" not in content


def test_a_date_without_an_offset_is_the_learners_clock(library: Library) -> None:
    """09:00 where the learner is; a zone that only the mentor has will do."""
    assert event_of(written(library, small_case("2027-07-04T09:00:00", ("Europe/Oslo", None)))
                    ).start.isoformat() == "2027-07-04T09:00:00+02:00"
    assert event_of(written(library, small_case("2027-07-04T09:00:00", (None, "Asia/Tokyo")))
                    ).start.isoformat() == "2027-07-04T09:00:00+09:00"


def test_what_a_calendar_cannot_place_is_refused_with_the_mend() -> None:
    """No date, no time of day, no offset and no zone, a far year: each names session.date."""
    assert "year 9999" in refused(small_case("9999-12-31T09:00:00Z"))
    assert "year 1;" in refused(small_case("0001-01-01T09:00:00Z"))
    assert "set session.date" in refused(small_case(None))
    assert "2027-03-04T09:00:00Z" in refused(small_case(date(2027, 3, 4), DAKAR_OSLO))
    assert "timezone" in refused(small_case("2027-03-04T09:00:00"))


def test_the_same_session_keeps_its_entry() -> None:
    """The uid survives another date, agenda, role and order of people; no other session has it."""
    case = small_case(zones=DAKAR_OSLO)
    uid = meeting_of(case, NOW).uid
    moved = small_case("2027-03-05T09:00:00Z")
    turned = case.model_copy(update={"members": case.members[::-1]})
    assert {meeting_of(one, NOW, "mentor").uid for one in (case, moved, turned)} == {uid}
    later = small_case(session={"number": 4, "of": 6, "minutes": 30, "language": "en",
                                "date": "2027-03-04T09:00:00Z"})
    elsewhere = small_case(programme="regional")
    assert len({uid, meeting_of(later, NOW).uid, meeting_of(elsewhere, NOW).uid}) == 3


def test_edits_and_the_hour_of_writing_are_told(library: Library) -> None:
    """SEQUENCE is the number of edits; DTSTAMP the clock that was passed in, in UTC."""
    edited = meeting_of(small_case(), NOW.astimezone(ZoneInfo("Asia/Tokyo")), sequence=2)
    event = event_of(written(library, small_case(), meeting=edited))
    assert event["SEQUENCE"] == 2
    assert event.stamp == NOW.replace(microsecond=0)


def test_it_reminds_of_the_preparation_and_of_the_purpose(library: Library) -> None:
    """A day before with the reader's lines, if any; fifteen minutes before with the purpose."""
    view = View("mentor", ("mentee", "mentor"))
    early, soon = event_of(written(library, small_case(), view)).walk("VALARM")
    assert (early["TRIGGER"].dt, soon["TRIGGER"].dt) == (
        timedelta(days=-1), timedelta(minutes=-15))
    assert str(early["DESCRIPTION"]).splitlines() == [
        "Tomorrow: Session 3 of 6. Before you meet:", "You", "– Bring patience.", "All of you",
        "– Bring paper."]
    assert str(soon["DESCRIPTION"]) == "In 15 minutes: Say it once"
    nothing = small_agenda(preparation={})
    (only,) = event_of(written(library, small_case(), agenda=nothing)).walk("VALARM")
    assert only["TRIGGER"].dt == timedelta(minutes=-15)


def test_it_is_private_and_names_nobody(library: Library) -> None:
    """CLASS:PRIVATE, no attendee, no organiser, no name, id or address of a person anywhere."""
    content = written(library, small_case(zones=DAKAR_OSLO))
    event = event_of(content)
    assert event["CLASS"] == "PRIVATE"
    assert "Session 3 of 6" in event["SUMMARY"]
    for words in (b"ATTENDEE", b"ORGANIZER", b"Amara", b"Diallo", b"@", b"p-mentee"):
        assert words not in content


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_texts_name_their_language(library: Library, language: str) -> None:
    """Summary, description and reminders carry LANGUAGE, and are in it."""
    agenda = small_agenda(language=language)
    event = event_of(written(library, small_case(), agenda=agenda))
    texts = [event["SUMMARY"], event["DESCRIPTION"],
             *(alarm["DESCRIPTION"] for alarm in event.walk("VALARM"))]
    assert len(texts) == 4
    assert {text.params["LANGUAGE"] for text in texts} == {language}
    opens = {"en": "opened by the mentee", "es": "abre quien aprende",
             "fr": "à la personne accompagnée d'ouvrir"}[language]
    assert opens in event["DESCRIPTION"]


def test_lines_are_folded_at_75_octets_and_never_inside_a_character(library: Library) -> None:
    """RFC 5545, 3.1: CRLF everywhere, no longer line, each line by itself valid UTF-8."""
    agenda = small_agenda(purpose="é\U0001f600;,\\" * 40)
    content = written(library, small_case(), agenda=agenda)
    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode() is not None for line in lines)
    assert agenda.purpose in str(event_of(content)["DESCRIPTION"])


def test_a_backslash_before_n_is_no_line_break(library: Library) -> None:
    """The wire holds each backslash twice, as RFC 5545, 3.3.11 asks, whatever follows."""
    agenda = small_agenda(purpose="C:\\New\\notes")
    unfolded = written(library, small_case(), agenda=agenda).replace(b"\r\n ", b"")
    assert b"C:\\\\New\\\\notes\\n" in unfolded


@pytest.mark.parametrize("zone", [
    "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
    "America/Caracas", "Asia/Kathmandu", "Pacific/Auckland", "Europe/Dublin",
])
@pytest.mark.parametrize("month", [1, 3, 4, 7, 10])
def test_the_zone_in_the_file_is_the_zone_of_the_world(
    library: Library, zone: str, month: int
) -> None:
    """By the file alone each day of the half year around has the offset it really has.

    So has each hour of a day on which clocks change.
    """
    case = small_case(f"2027-{month:02}-28T12:00:00Z", (zone, None))
    (component,) = Calendar.from_ical(written(library, case)).timezones
    assert component.tz_name == zone
    alone, real = component.to_tz(lookup_tzid=False), ZoneInfo(zone)
    first = datetime(2027, month, 28, tzinfo=UTC) - timedelta(days=182)
    for day in (first + timedelta(days=one) for one in range(364)):
        quiet = day.astimezone(real).utcoffset() == (
            day + timedelta(days=1)).astimezone(real).utcoffset()
        for moment in [day] if quiet else [day + timedelta(hours=one) for one in range(24)]:
            assert moment.astimezone(alone).utcoffset() == moment.astimezone(
                real).utcoffset(), moment


def test_an_hour_that_the_clocks_skip_is_not_lost(library: Library) -> None:
    """Thirty minutes over the change to summer time are thirty minutes."""
    case = small_case("2027-03-28T00:45:00Z", ("Europe/Oslo", None))
    event = event_of(written(library, case))
    assert (event.start.isoformat(), event.end.isoformat()) == (
        "2027-03-28T01:45:00+01:00", "2027-03-28T03:15:00+02:00")
