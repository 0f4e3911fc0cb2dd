"""A Word file of our own: A4, real styles, one language, the same bytes for the same words.

The only module that imports python-docx. What the file says is decided in `word`.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Length, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

INK, SOFT, MARK, RULE = "23211D", "5F5A54", "7A4B1E", "C9C2B6"
FONT = "Calibri"
MARGIN, WIDTH = Cm(2.2), Cm(16.6)
PROOFED = {"en": "en-GB", "es": "es-ES", "fr": "fr-FR"}
"""The names under which Word spells and reads aloud the languages agendas are written in."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every part; a file that holds the time it was made differs each time."""

ABOUT, SUCCESS, NOTE = "Agenda About", "Agenda Success", "Agenda Note"
META, LINK, SMALL = "Agenda Meta", "Agenda Link", "Agenda Small"
_KEPT = ("Normal", "Heading 1", "Heading 2", "Heading 3", "List Bullet", "List Number",
         "Table Grid", "Footer", "Default Paragraph Font", "Normal Table", "No List")
_UNREADABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_ADDRESS = "%/:=&?~#+!$,;'@()*[]"
_DROPPED = ("/stylesWithEffects", "/customXml", "/thumbnail", "/extended-properties",
            "/webSettings")
"""Parts of python-docx's own template that say nothing, or something untrue, about an agenda."""


class Paper:
    """A document that grows downwards, one block after the other."""

    def __init__(self, language: str, title: str) -> None:
        self._language = PROOFED.get(language, language)
        self._document = Document(BytesIO(_blank()))
        self._added: list[Paragraph] = []
        self._describe(language, title)

    def heading(self, text: str, level: int) -> None:
        """Add a heading of level 1 to 3."""
        self._add(text, f"Heading {level}")

    def line(self, text: str, style: str, *, label: str = "") -> None:
        """Add a paragraph in one of this module's styles, a label in bold before it."""
        paragraph = self._add("", style)
        if label:
            paragraph.add_run(_clean(label) + " ").bold = True
        paragraph.add_run(_clean(text))

    def bullets(self, lines: Sequence[str]) -> None:
        """Add a bulleted list."""
        for line in lines:
            self._add(line, "List Bullet")

    def numbers(self, lines: Sequence[str]) -> None:
        """Add a numbered list that begins with 1."""
        if not lines:
            return
        numbering = self._document.part.numbering_part.element
        abstract = self._abstract_of("List Number")
        number = numbering.add_num(abstract)
        number.add_lvlOverride(0).add_startOverride(1)
        for line in lines:
            properties = self._add(line, "List Number")._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = number.numId

    def link(self, text: str, url: str | None, language: str, *, label: str = "") -> None:
        """Add a line that leads to an address, read aloud in the language of what is there."""
        paragraph = self._add("", LINK)
        if label:
            paragraph.add_run(_clean(label) + " ")
        run = paragraph.add_run(_clean(text))
        if PROOFED.get(language, language) != self._language:
            run._r.get_or_add_rPr().append(_element("w:lang", val=PROOFED.get(language, language)))
        if url is None:
            run.bold = True
            return
        run.style = self._document.styles["Hyperlink"]
        target = quote(url, safe=_IN_ADDRESS)
        relation = self._document.part.relate_to(
            target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        anchor = _element("w:hyperlink", history="1")
        anchor.set(qn("r:id"), relation)
        paragraph._p.append(anchor)
        anchor.append(run._r)

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float],
        *, title: str, bold: Sequence[bool],
    ) -> None:
        """Add a table whose first row is its header and comes again on every page.

        Args:
            widths: Of the columns, in centimetres.
            title: What screen readers call it.
            bold: Of each row, whether its last cell stands out.
        """
        table = self._document.add_table(rows=0, cols=len(header), style="Table Grid")
        table.autofit = False
        properties = table._tbl.tblPr
        properties.insert_element_before(_borders(), "w:tblLayout", "w:tblCellMar", "w:tblLook")
        look = properties.find(qn("w:tblLook"))
        if look is not None:
            properties.remove(look)
        properties.append(_element("w:tblLook", val="0620", firstRow="1", lastRow="0",
                                   firstColumn="0", lastColumn="0", noHBand="1", noVBand="1"))
        properties.append(_element("w:tblCaption", val=_clean(title)))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for at, words in enumerate([header, *rows]):
            row = table.add_row()
            rules = row._tr.get_or_add_trPr()
            rules.append(_element("w:cantSplit"))
            if at == 0:
                rules.append(_element("w:tblHeader"))
            for number, (cell, text) in enumerate(zip(row.cells, words, strict=True)):
                cell.width = Cm(widths[number])
                last = number == len(words) - 1
                _fill(cell, text, bold=at == 0 or (last and bold[at - 1]))

    def footer(self, left: str, page_of: str) -> None:
        """Set the foot of every page: words on the left, page and number of pages on the right.

        Args:
            page_of: With `{page}` and `{pages}`.
        """
        paragraph = self._document.sections[0].footer.paragraphs[0]
        paragraph.style = self._document.styles["Footer"]
        paragraph.add_run(_clean(left) + "\t")
        for piece in re.split(r"(\{pages?\})", page_of):
            if piece in ("{page}", "{pages}"):
                field = _element("w:fldSimple", instr="PAGE" if piece == "{page}" else "NUMPAGES")
                run = OxmlElement("w:r")
                text = OxmlElement("w:t")
                text.text = "1"
                run.append(text)
                field.append(run)
                paragraph._p.append(field)
            elif piece:
                paragraph.add_run(piece)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep on one page, as far as it goes, what is added within."""
        first = len(self._added)
        yield
        for paragraph in self._added[first:-1]:
            paragraph.paragraph_format.keep_with_next = True

    def saved(self) -> bytes:
        """Return the file, the same for the same content."""
        buffer, steady = BytesIO(), BytesIO()
        self._document.save(buffer)
        with ZipFile(buffer) as source, ZipFile(steady, "w") as target:
            for name in source.namelist():
                info = ZipInfo(name, EPOCH)
                info.compress_type, info.create_system = ZIP_DEFLATED, 0
                target.writestr(info, source.read(name))
        return steady.getvalue()

    # How it is made

    def _add(self, text: str, style: str) -> Paragraph:
        paragraph = self._document.add_paragraph(_clean(text), style=style)
        self._added.append(paragraph)
        return paragraph

    def _abstract_of(self, style: str) -> int:
        """Return the definition of the list that a paragraph style belongs to."""
        own = self._document.styles[style].element.xpath("w:pPr/w:numPr/w:numId/@w:val")[0]
        numbering = self._document.part.numbering_part.element
        return int(numbering.xpath(f"w:num[@w:numId={own}]/w:abstractNumId/@w:val")[0])

    def _describe(self, language: str, title: str) -> None:
        """Set the document's language, and properties that name nobody."""
        for tag in self._document.styles.element.xpath("w:docDefaults//w:lang"):
            tag.set(qn("w:val"), self._language)
        for tag in self._document.settings.element.xpath("w:themeFontLang"):
            tag.attrib.clear()
            tag.set(qn("w:val"), self._language)
        properties = self._document.core_properties
        properties.title, properties.language = _clean(title), language
        properties.author, properties.comments = "Agendum", ""
        for child in list(properties._element):
            if child.tag.endswith(("}created", "}modified")):
                properties._element.remove(child)


@cache
def _blank() -> bytes:
    """Return an empty file with our page and styles."""
    document = Document()
    _strip(document)
    _lay_out(document)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _strip(document: DocumentType) -> None:
    """Take out what the template brings that an agenda does not need."""
    part = document.part
    for relations in (part.rels, part.package.rels):
        for key in [key for key, one in relations.items()
                    if one.reltype.endswith(_DROPPED)]:
            del relations[key]
    styles = document.styles.element
    kept = {document.styles[name].style_id for name in _KEPT}
    for style in styles.xpath("w:style"):
        if style.styleId not in kept:
            styles.remove(style)
    for link in styles.xpath("w:style/w:link"):
        link.getparent().remove(link)
    settings = document.settings.element
    for name in ("w:savePreviewPicture", "w:rsids", "w:proofState"):
        for found in settings.xpath(name):
            settings.remove(found)
    for mode in settings.xpath("w:compat/w:compatSetting[@w:name='compatibilityMode']"):
        mode.set(qn("w:val"), "15")


def _lay_out(document: DocumentType) -> None:
    """Set page and styles."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = MARGIN
    section.bottom_margin = Cm(2)
    section.footer_distance = Cm(1)
    _style(document, "Normal", size=10.5, after=4, line=1.15)
    _style(document, "Heading 1", size=17, before=2, after=8, bold=True)
    _style(document, "Heading 2", size=13, before=16, after=4, bold=True, colour=MARK)
    _style(document, "Heading 3", size=11.5, before=12, after=1, bold=True)
    _style(document, "List Bullet", after=2)
    _style(document, "List Number", after=2)
    _style(document, ABOUT, size=9.5, after=4, colour=SOFT)
    _style(document, META, size=9, after=3, colour=SOFT, follows=True)
    _style(document, LINK, before=8)
    _style(document, SMALL, size=8.5, before=10, colour=SOFT)
    for name in (SUCCESS, NOTE):
        style = _style(document, name, after=6)
        style.paragraph_format.left_indent = Cm(0.35)
        sides = OxmlElement("w:pBdr")
        sides.append(_element("w:left", val="single", sz="18", space="8", color=MARK))
        style.element.get_or_add_pPr().insert_element_before(
            sides, "w:shd", "w:tabs", "w:spacing", "w:ind")
    footer = _style(document, "Footer", size=8.5, colour=SOFT)
    for tab in footer.element.xpath("w:pPr/w:tabs"):
        tab.getparent().remove(tab)
    footer.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    link = document.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER, builtin=True)
    link.font.color.rgb = RGBColor.from_string(MARK)
    link.font.underline = True


def _style(
    document: DocumentType, name: str, *, size: float | None = None, before: float = 0,
    after: float = 0, line: float | None = None, bold: bool = False, colour: str = INK,
    follows: bool = False,
) -> ParagraphStyle:
    styles = document.styles
    known = name in (one.name for one in styles)
    style = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)
    if not known:
        style.base_style = styles["Normal"]
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for side in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{side}"), FONT)
    if size is not None:
        style.font.size = Pt(size)
    style.font.bold = bold or None
    style.font.color.rgb = RGBColor.from_string(colour)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.line_spacing = line
    shape.keep_with_next = follows or name.startswith("Heading") or None
    shape.widow_control = True
    return style


def _fill(cell: _Cell, text: str, *, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.add_run(_clean(text)).bold = bold or None
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Length(Pt(3))


def _borders() -> BaseOxmlElement:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        drawn = side in ("top", "bottom", "insideH")
        borders.append(_element(f"w:{side}", val="single" if drawn else "nil", sz="4",
                                space="0", color=RULE))
    return borders


def _element(name: str, **attributes: str) -> BaseOxmlElement:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _clean(text: str) -> str:
    """Return text that XML can hold, its line breaks kept."""
    return _UNREADABLE.sub("", "\n".join(text.strip().splitlines()))
