"""An agenda as a Word file, to be printed, written into and read aloud."""

from recommender.agendas.render.sheet import EVERYBODY, Sheet, TimedItem, View, sheet_of, whole
from recommender.agendas.render.word_file import ABOUT, META, NOTE, SMALL, SUCCESS, Paper
from recommender.domain.agenda import Agenda
from recommender.domain.phrases import Phrases

WIDTHS = (3.2, 8.6, 4.8)
"""Of the columns of the timetable, in centimetres: minutes, item, who opens."""


def render_word(agenda: Agenda, phrases: Phrases, view: View = EVERYBODY) -> bytes:
    """Return the agenda as a .docx file in its own language; the same agenda, the same bytes.

    Args:
        phrases: Of the agenda's language.
        view: Whose it is.
    """
    sheet = sheet_of(agenda, phrases, view)
    agenda, heading = sheet.agenda, phrases.headings
    title = heading["meeting"].format(which=sheet.which)
    paper = Paper(agenda.language, title)
    paper.footer(title, heading["page_of"])
    paper.line(" · ".join(sheet.about), ABOUT)
    paper.heading(sheet.heading, 1)
    if sheet.behind:
        paper.line(sheet.behind, NOTE)
    paper.line(agenda.success_test, SUCCESS, label=heading["success"])
    if agenda.hand_off is not None:
        paper.heading(heading["hand_off"], 2)
        paper.line(agenda.hand_off.why, NOTE)
        paper.line(f"→ {agenda.hand_off.to}", NOTE)
    if sheet.preparation:
        paper.heading(heading["before"], 2)
    for label, lines in sheet.preparation:
        paper.heading(label, 3)
        paper.bullets([whole(line) for line in lines])
    paper.heading(heading["agenda"], 2)
    _timetable(paper, sheet, heading)
    for each in sheet.items:
        with paper.together():
            _item(paper, each, heading)
    if sheet.points:
        paper.heading(heading["points"], 2)
        paper.bullets(sheet.points)
    if sheet.readings:
        paper.heading(heading["resources"], 2)
    for one in sheet.readings:
        with paper.together():
            paper.link(one.use.title, one.use.url if one.is_link else None, one.use.language)
            paper.line(one.about, META)
            if one.is_link:
                paper.line(one.use.url, META)
            paper.line(one.use.reason, "Normal")
    if agenda.confidence.missing:
        paper.heading(heading["ask"], 2)
        paper.bullets(agenda.confidence.missing)
    paper.line(sheet.made, SMALL)
    return paper.saved()


def _timetable(paper: Paper, sheet: Sheet, heading: dict[str, str]) -> None:
    header = [heading[f"column_{name}"] for name in ("minutes", "item", "lead")]
    rows = [(f"{each.item.minutes} min ({each.start}–{each.end})", each.item.title,
             each.lead[:1].upper() + each.lead[1:]) for each in sheet.items]
    paper.table(header, rows, WIDTHS, title=heading["agenda"],
                bold=[each.own for each in sheet.items])


def _item(paper: Paper, each: TimedItem, heading: dict[str, str]) -> None:
    item = each.item
    paper.heading(item.title, 3)
    paper.line(" · ".join([f"{item.minutes} min", *each.about]), META)
    paper.bullets(item.prompts)
    paper.numbers([whole(step) for step in item.steps])
    for one in each.readings:
        paper.link(one.use.title, one.use.url if one.is_link else None, one.use.language,
                   label=heading["use_here"])
