"""An agenda as an entry for a calendar: iCalendar (RFC 5545) with its time zone and reminders.

The only module that imports icalendar.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import (
    Alarm,
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vDatetime,
    vText,
)
from icalendar.enums import CLASS

from recommender.agendas.render.meeting import Meeting
from recommender.agendas.render.sheet import (
    EVERYBODY,
    Reading,
    Sheet,
    TimedItem,
    View,
    one_line,
    sheet_of,
)
from recommender.domain.agenda import Agenda
from recommender.domain.phrases import Phrases

PRODUCT = "-//Agendum//Agendum//EN"
PREPARE, SOON = timedelta(days=-1), timedelta(minutes=-15)
"""When the reminders come, before the session."""
AROUND = timedelta(days=370)
"""How far around the session its time zone is written out: every change of a year."""


def render_calendar(
    agenda: Agenda, phrases: Phrases, meeting: Meeting, view: View = EVERYBODY
) -> bytes:
    """Return the agenda as an iCalendar file with one private entry and its reminders.

    The day before reminds of the preparation, where the reader has any; a quarter of an hour
    before, of the purpose.

    Args:
        phrases: Of the agenda's language.
        view: Whose it is.
    """
    sheet = sheet_of(agenda, phrases, view)
    heading = phrases.headings
    event = Event.new(
        uid=meeting.uid, stamp=meeting.stamp, last_modified=meeting.stamp,
        sequence=meeting.sequence, classification=CLASS.PRIVATE,
    )
    _set(event, "DTSTART", meeting.start)
    _set(event, "DTEND", _end(meeting.start, agenda.session.minutes))
    _say(event, "SUMMARY", heading["meeting"].format(which=sheet.which), agenda.language)
    _say(event, "DESCRIPTION", "\n".join(_description(sheet, phrases, meeting, view)),
         agenda.language)
    if sheet.preparation:
        which = heading["tomorrow"].format(which=sheet.which)
        lines = "\n".join(_prepared(sheet))
        _remind(event, PREPARE, f"{which}\n{lines}", agenda.language)
    _remind(event, SOON, heading["soon"].format(purpose=one_line(agenda.purpose)), agenda.language)
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    if isinstance(meeting.start.tzinfo, ZoneInfo):
        calendar.add_component(_zone(meeting.start.tzinfo, meeting.start))
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


class _Text(vText):
    """Text that is escaped as RFC 5545, 3.3.11 asks; a backslash before N is no line break."""

    def to_ical(self) -> bytes:
        text = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return "\\n".join(text.splitlines()).encode()


def _set(event: Event, name: str, moment: datetime) -> None:
    """Set a moment under its zone's own name, where the library would take an equal zone's."""
    if not isinstance(moment.tzinfo, ZoneInfo):
        event.add(name, moment)
        return
    clock = vDatetime(moment.replace(tzinfo=None))
    clock.params["TZID"] = moment.tzinfo.key
    event.add(name, clock)


def _say(component: Component, name: str, text: str, language: str) -> None:
    component.add(name, _Text(text, params={"LANGUAGE": language}))


def _remind(event: Event, before: timedelta, text: str, language: str) -> None:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("TRIGGER", before)
    _say(alarm, "DESCRIPTION", text, language)
    event.add_component(alarm)


def _description(
    sheet: Sheet, phrases: Phrases, meeting: Meeting, view: View
) -> Iterator[str]:
    heading, agenda = phrases.headings, sheet.agenda
    yield one_line(agenda.purpose)
    yield ""
    yield f"{heading['success']} {one_line(agenda.success_test)}"
    yield ""
    if meeting.elsewhere:
        times = " · ".join(_clock(one, meeting.start, phrases) for one in meeting.elsewhere)
        pair = view.role is not None and len(view.roles) == 2
        yield heading["elsewhere_pair" if pair else "elsewhere"].format(times=times)
        yield ""
    if agenda.hand_off is not None:
        yield f"{heading['hand_off']}. {one_line(agenda.hand_off.why)}"
        yield f"→ {one_line(agenda.hand_off.to)}"
        yield ""
    if sheet.preparation:
        yield heading["before"].upper()
        yield from _prepared(sheet)
        yield ""
    yield heading["agenda"].upper()
    yield ""
    for each in sheet.items:
        yield from _item(each, heading)
    if sheet.points:
        yield heading["points"].upper()
        yield from (f"– {one_line(point)}" for point in sheet.points)
        yield ""
    if sheet.readings:
        yield heading["resources"].upper()
        for one in sheet.readings:
            yield f"– {_named(one)}"
            yield f"  {one.about}. {one_line(one.use.reason)}"
        yield ""
    if agenda.confidence.missing:
        yield heading["ask"].upper()
        yield from (f"– {one_line(question)}" for question in agenda.confidence.missing)
        yield ""
    yield sheet.made


def _prepared(sheet: Sheet) -> Iterator[str]:
    for label, lines in sheet.preparation:
        yield label
        yield from (f"– {one_line(line)}" for line in lines)


def _item(each: TimedItem, heading: dict[str, str]) -> Iterator[str]:
    item = each.item
    yield f"{each.start}–{each.end} · {one_line(item.title)} ({item.minutes} min)"
    yield " · ".join(each.about)
    yield from (f"– {one_line(prompt)}" for prompt in item.prompts)
    yield from (f"{number}. {one_line(step)}" for number, step in enumerate(item.steps, start=1))
    yield from (f"{heading['use_here']} {_named(one)}" for one in each.readings)
    yield ""


def _named(one: Reading) -> str:
    return f"{one_line(one.use.title)}: {one.use.url}" if one.is_link else one_line(one.use.title)


def _clock(there: datetime, here: datetime, phrases: Phrases) -> str:
    clock = f"{there:%H:%M}"
    return clock if there.date() == here.date() else f"{clock}, {phrases.date_of(there.date())}"


def _end(start: datetime, minutes: int) -> datetime:
    """Return the end by the clock's own pace, also where the clocks change in between."""
    return (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(start.tzinfo)


def _zone(zone: ZoneInfo, around: datetime) -> Timezone:
    """Return a time zone with every change of its clocks in the year around a moment.

    Standard is the earlier time, also where the law calls it the exception (Ireland, Morocco):
    readers that meet an hour twice take it so.
    """
    first = (around - AROUND).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    moments = [first, *_changes(zone, first, around + AROUND)]
    offsets = [moment.astimezone(zone).utcoffset() or timedelta() for moment in moments]
    component = Timezone()
    component.add("TZID", zone.key)
    before = min(offsets)
    for moment, after in zip(moments, offsets, strict=True):
        part = TimezoneDaylight() if after > min(offsets) else TimezoneStandard()
        part.DTSTART = (moment + before).replace(tzinfo=None)
        part.TZOFFSETFROM, part.TZOFFSETTO = before, after
        part.add("TZNAME", moment.astimezone(zone).tzname())
        component.add_component(part)
        before = after
    return component


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Sequence[datetime]:
    """Return the moments, in UTC and to the minute, from which a zone's offset is another."""
    found, day = [], timedelta(days=1)
    while first < last:
        early, late = first, first + day
        if early.astimezone(zone).utcoffset() != late.astimezone(zone).utcoffset():
            while late - early > timedelta(minutes=1):
                middle = early + (late - early) // 2
                same = middle.astimezone(zone).utcoffset() == early.astimezone(zone).utcoffset()
                early, late = (middle, late) if same else (early, middle)
            found.append(late.replace(second=0, microsecond=0))
        first += day
    return found
