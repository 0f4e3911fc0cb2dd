"""A Word file that prints, is read aloud in order, and tells nothing about who wrote it."""

import itertools
import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as DocumentType
from docx.oxml.ns import qn
from small_agenda import small_agenda

from content_library.load import Library
from recommender.agendas.render.sheet import View
from recommender.agendas.render.word import render_word
from recommender.domain.agenda import Agenda

ORDER = {
    "pPr": "pStyle keepNext keepLines widowControl numPr pBdr shd tabs spacing ind "
           "contextualSpacing jc outlineLvl",
    "rPr": "rStyle rFonts b bCs i color sz szCs u lang",
    "tblPr": "tblStyle tblW tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
    "trPr": "cantSplit tblHeader",
    "style": "name basedOn next uiPriority semiHidden unhideWhenUsed qFormat rsid pPr rPr tblPr",
}
"""Children in the order that the schema (ISO 29500) demands and Word insists on."""


def opened(library: Library, agenda: Agenda, view: View | None = None) -> DocumentType:
    content = render_word(agenda, library.phrases[agenda.language], view or View())
    return Document(BytesIO(content))


def part(library: Library, name: str) -> str:
    content = render_word(small_agenda(), library.phrases["en"])
    return ZipFile(BytesIO(content)).read(name).decode()


def test_headings_are_real_and_skip_no_level(library: Library) -> None:
    """One heading of level 1, the purpose; the outline goes down one level at a time."""
    heads = [(int(p.style.name[-1]), p.text) for p in opened(library, small_agenda()).paragraphs
             if p.style.name.startswith("Heading")]
    assert [text for level, text in heads if level == 1] == ["Say it once"]
    assert heads[0][0] == 1
    assert all(after[0] - before[0] <= 1 for before, after in itertools.pairwise(heads))
    assert (3, "The hard sentence") in heads


def test_the_timetable_is_a_table_with_a_header(library: Library) -> None:
    """Minutes, item, who opens; the header comes again on each page and has a name."""
    agenda = small_agenda()
    document = opened(library, agenda, View("mentee", ("mentee", "mentor")))
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Minutes", "Item", "Who opens"],
        ["20 min (0–20)", "The hard sentence", "You"],
        ["10 min (20–30)", "One step", "Anybody"]]
    repeated = [row._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
                for row in table.rows]
    assert repeated == [True, False, False]
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "The session"
    assert table._tbl.tblPr.find(qn("w:tblLook")).get(qn("w:firstRow")) == "1"
    bold = [row.cells[-1].paragraphs[0].runs[0].bold for row in table.rows]
    assert bold == [True, True, None]


def test_each_list_of_steps_begins_with_one(library: Library) -> None:
    """Prompts are bullets; steps are numbered, every item's by a list of its own."""
    document = opened(library, small_agenda())
    numbers = [p._p.pPr.numPr.numId.val for p in document.paragraphs
               if p.style.name == "List Number"]
    assert len(numbers) == 3
    assert numbers[0] == numbers[1] != numbers[2]
    numbering = document.part.numbering_part.element
    for number in set(numbers):
        starts = numbering.xpath(f"w:num[@w:numId={number}]/w:lvlOverride/w:startOverride/@w:val")
        assert starts == ["1"]
    assert [p.text for p in document.paragraphs if p.style.name == "List Bullet"][3] == (
        "What is it?")


@pytest.mark.parametrize(("language", "tag"), [("en", "en-GB"), ("es", "es-ES"), ("fr", "fr-FR")])
def test_the_language_is_set(library: Library, language: str, tag: str) -> None:
    """The document, its properties, and what is in another language."""
    document = opened(library, small_agenda(language=language))
    assert document.styles.element.xpath("w:docDefaults//w:lang/@w:val") == [tag]
    assert document.core_properties.language == language
    inside = document.element.xpath("//w:hyperlink//w:lang/@w:val")
    assert inside == ([] if language == "es" else ["es-ES"])


def test_links_lead_to_their_address(library: Library) -> None:
    """One link on the title, its address a valid URI; the address stands beside it for paper."""
    document = opened(library, small_agenda())
    (link,) = [link for p in document.paragraphs for link in p.hyperlinks]
    assert (link.text, link.address) == ("Hablar", "https://example.org/a?b=1&c=%C3%A9%20x")
    assert link.runs[0].style.name == "Hyperlink"
    assert any(p.text == "https://example.org/a?b=1&c=é x" for p in document.paragraphs)


def test_the_properties_name_nobody(library: Library) -> None:
    """A title without anybody's words, Agendum as the author, no dates, no other program."""
    document = opened(library, small_agenda())
    own = document.core_properties
    assert own.title == "Mentoring · Session 3 of 6"
    assert (own.author, own.comments, own.last_modified_by) == ("Agendum", "", "")
    assert (own.created, own.modified) == (None, None)
    names = ZipFile(BytesIO(render_word(small_agenda(), library.phrases["en"]))).namelist()
    assert not [name for name in names if "thumbnail" in name or "app.xml" in name]


def test_the_page_is_a4_with_its_number_at_the_foot(library: Library) -> None:
    """A4 upright; the footer counts pages in the agenda's language."""
    document = opened(library, small_agenda(language="fr"))
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    footer = section.footer.paragraphs[0]._p.xml
    assert re.findall(r'w:instr="(\w+)"', footer) == ["PAGE", "NUMPAGES"]
    assert "Page " in footer
    assert " sur " in footer


def test_an_item_stays_on_its_page(library: Library) -> None:
    """Every paragraph of an item but the last keeps with the next; rows do not break."""
    document = opened(library, small_agenda())
    texts = [p.text for p in document.paragraphs]
    first = texts.index("The hard sentence")
    last = texts.index("Say it.")
    kept = [p.paragraph_format.keep_with_next for p in document.paragraphs[first:last + 1]]
    assert kept == [True] * (last - first) + [None]


def test_no_part_tells_when_it_was_made(library: Library) -> None:
    """Every date in the archive is the same, whenever the file is written."""
    content = render_word(small_agenda(), library.phrases["en"])
    dates = {info.date_time for info in ZipFile(BytesIO(content)).infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("name", ["word/document.xml", "word/styles.xml"])
def test_elements_stand_in_the_order_word_asks_for(library: Library, name: str) -> None:
    """No property out of its place: Word calls such a file damaged where others read it."""
    document = opened(library, small_agenda())
    root = document.element if name.endswith("document.xml") else document.styles.element
    seen = 0
    for kind, names in ORDER.items():
        order = names.split()
        for element in root.iter(qn(f"w:{kind}")):
            children = [child.tag.split("}")[1] for child in element]
            assert set(children) <= set(order), (kind, children)
            assert children == sorted(children, key=order.index), (kind, children)
            seen += 1
    assert seen > 20


def test_only_the_styles_that_are_used_are_in_it(library: Library) -> None:
    """The file is small: no unused style, no second copy of them."""
    styles = part(library, "word/styles.xml")
    assert styles.count("<w:style ") == 18
    content = render_word(small_agenda(), library.phrases["en"])
    assert len(content) < 20_000
