"""An agenda as Markdown: what a participant reads first."""

import re
from collections.abc import Iterator

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


def render_markdown(agenda: Agenda, phrases: Phrases, view: View = EVERYBODY) -> str:
    """Return the agenda as Markdown in its own language, ending in a newline.

    Args:
        phrases: Of the agenda's language.
        view: Whose it is.
    """
    sheet = sheet_of(agenda, phrases, view)
    return "\n".join(_lines(sheet, phrases.headings)).rstrip() + "\n"


def _lines(sheet: Sheet, heading: dict[str, str]) -> Iterator[str]:
    agenda = sheet.agenda
    yield f"# {_plain(sheet.heading)}"
    yield ""
    yield " · ".join(sheet.about)
    yield ""
    if sheet.behind:
        yield _plain(sheet.behind)
        yield ""
    yield f"**{heading['success']}** {_plain(agenda.success_test)}"
    yield ""
    if agenda.hand_off is not None:
        yield f"> **{heading['hand_off']}.** {_plain(agenda.hand_off.why)}"
        yield f"> → {_plain(agenda.hand_off.to)}"
        yield ""
    if sheet.preparation:
        yield f"## {heading['before']}"
        yield ""
    for label, lines in sheet.preparation:
        yield f"### {label}"
        yield ""
        yield from (f"- {_plain(line)}" for line in lines)
        yield ""
    for each in sheet.items:
        yield from _item(each, heading)
    if sheet.points:
        yield f"## {heading['points']}"
        yield ""
        yield from (f"- {_plain(point)}" for point in sheet.points)
        yield ""
    if sheet.readings:
        yield f"## {heading['resources']}"
        yield ""
        yield from (f"- {_link(one)} ({one.about.replace(' · ', ', ')}). "
                    f"{_plain(one.use.reason)}" for one in sheet.readings)
        yield ""
    if agenda.confidence.missing:
        yield f"## {heading['ask']}"
        yield ""
        yield from (f"- {_plain(question)}" for question in agenda.confidence.missing)
        yield ""
    yield "---"
    yield ""
    yield f"*{_plain(sheet.made)}*"


def _item(each: TimedItem, heading: dict[str, str]) -> Iterator[str]:
    item = each.item
    yield f"## {item.minutes} min · {_plain(item.title)}"
    yield ""
    yield f"*{', '.join(each.about)}*"
    yield ""
    yield from (f"- {_plain(prompt)}" for prompt in item.prompts)
    yield ""
    for number, step in enumerate(item.steps, start=1):
        yield f"{number}. {_plain(step)}"
    if item.steps:
        yield ""
    for one in each.readings:
        yield f"{heading['use_here']} {_link(one)}"
        yield ""


def _link(one: Reading) -> str:
    title = _plain(one.use.title)
    if not one.is_link:
        return title
    url = "".join(_IN_ADDRESS.get(char, char) for char in one.use.url)
    return f"[{title}]({url})"


_IN_ADDRESS = {char: f"%{ord(char):02X}" for char in "()<> \\\t\r\n"}
_ACTIVE = re.compile(
    r"[\\`*_\[\]<>#|~]"  # anywhere
    r"|&(?=#?\w+;)"  # what would be read as a character
    r"|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]"  # what would begin a list or a line under a heading
)


def _plain(text: str) -> str:
    """Return text that Markdown shows as it was written: no markup, no line break, no HTML."""
    return _ACTIVE.sub(r"\\\g<0>", one_line(text))
