"""Resources as CSV: one row each, lists in a cell parted by `;`."""

import csv
import difflib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from content_library.exchange.rows import MAX_BYTES, Row, Table
from recommender.domain.resource import Resource
from recommender.errors import Fault, InvalidInputError

COLUMNS = tuple(Resource.model_fields)
LISTS = ("authors", "topics", "focus_areas", "audience", "prerequisites")
WANTED = ("title", "format", "language", "level", "audience", "gist")
"""Without these a new resource is refused."""
_DELIMITERS = (",", ";", "\t")
_FORMULA = re.compile(r"\s*'*[=+\-@＝＋－＠\t\r]")
"""A cell that a spreadsheet might take for a formula, or that such a mark was put before."""
_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def write_csv(resources: Iterable[Resource]) -> str:
    """Return the resources as CSV; a cell that a spreadsheet would run gets a `'` before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for resource in resources:
        data = resource.model_dump(mode="json")
        writer.writerow([_guarded(_cell(data[name])) for name in COLUMNS])
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(one.replace("\\", "\\\\").replace(";", "\\;") for one in value)
    return str(value)


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def split_list(cell: str) -> list[str]:
    r"""Return the parts of a cell between `;`, blank ones left out; `\;` stands for itself."""
    parts = [""]
    for piece in re.findall(r"\\[;\\]|;|[^;\\]+|\\", cell):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece[1] if piece in ("\\;", "\\\\") else piece
    return [part.strip() for part in parts if part.strip()]


def value_of(name: str, cell: str) -> Any:
    """Return what a cell of this column says: a list, true or false, or its text."""
    if name in LISTS:
        return split_list(cell)
    if name == "minutes_estimated":
        return _YES.get(cell.lower(), cell)
    return cell


def read_csv(text: str, source: str, skipped: Sequence[str] = ()) -> Table:
    """Return the rows of a CSV text; the row of the header is number 1, blank rows are left out.

    The separator is the one of `,`, `;` and tab that finds most columns. Letters that were not
    UTF-8 may stand in the text as surrogates: their rows get a fault.

    Args:
        skipped: Columns that are left out on purpose.

    Raises:
        InvalidInputError: No row at all, no column `url`, an unknown or a repeated column.
    """
    lines = list(io.StringIO(text, newline=""))
    first = 1 if lines and re.fullmatch(r'"?sep=.\"?\s*', lines[0], re.IGNORECASE) else 0
    with _cells_of_any_length():
        delimiter, header, used = _header(lines[first:], source)
        columns = _columns(header, source, skipped)
        rows = [
            _row(number, cells, columns) if isinstance(cells, list)
            else Row(number, {}, faults=[Fault("", "", cells)])
            for number, cells in _records(lines, first + used, delimiter, 2)
        ]
    missing = [name for name in WANTED if name not in columns]
    notes = [f"no column {', '.join(missing)}: a new resource needs each of them; add the column, "
             "or say it for all rows with --default"] if missing and rows else []
    return Table([row for row in rows if row.said or row.faults], "row", notes)


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Let the reader take long cells while it is used: a length is refused field by field."""
    before = csv.field_size_limit(MAX_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _header(lines: Sequence[str], source: str) -> tuple[str, list[str], int]:
    """Return the separator, the names of the columns, and how many lines they take."""
    best: tuple[int, str, list[str], int] | None = None
    for delimiter in _DELIMITERS:
        reader = csv.reader(lines, delimiter=delimiter)
        header = [_name(cell) for cell in next(reader, [])]
        known = len(set(header).intersection(COLUMNS))
        if best is None or known > best[0]:
            best = (known, delimiter, header, reader.line_num)
    if best is None or not any(best[2]):
        raise InvalidInputError.of(
            f"row 1: the names of the columns expected, such as {','.join(COLUMNS[1:4])}",
            source=source)
    return best[1], best[2], best[3]


def _name(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().lower())


def _columns(header: Sequence[str], source: str, skipped: Sequence[str]) -> list[str | None]:
    """Return the field of each column, null for one that is left out."""
    left_out = {_name(name) for name in skipped}
    faults = []
    for at, name in enumerate(header):
        shown = name[:40]
        if name in left_out or not name:
            continue
        if name not in COLUMNS:
            near = difflib.get_close_matches(shown, COLUMNS, 1)
            known = f"did you mean {near[0]!r}" if near else f"known are {', '.join(COLUMNS)}"
            faults.append(Fault(source, "", f"row 1: unknown column {shown!r} ({known}); rename "
                                            f"it, take it out, or add --skip-column {shown!r}"))
        elif name in header[:at]:
            faults.append(Fault(source, "", f"row 1: the column {shown!r} stands twice; keep one"))
    if "url" not in header:
        faults.append(Fault(source, "", "row 1: no column `url`; it says which page a row is "
                                        "about, add it"))
    if faults:
        raise InvalidInputError(faults)
    return [name if name in COLUMNS and name not in left_out else None for name in header]


def _records(
    lines: Sequence[str], start: int, delimiter: str, number: int
) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each row's number with its cells, or with what is wrong with its quotation marks.

    After a fault the reading goes on at the next line, so that one row cannot swallow others.
    """
    while start < len(lines):
        rest = (lines[at] for at in range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        read = 0
        try:
            for cells in reader:
                yield number, cells
                number, read = number + 1, reader.line_num
            return
        except csv.Error as error:
            start += read
            yield number, (
                f"the quotation marks do not match (line {start + 1} of the file, {error}); "
                'close each ", and write "" for one inside a cell')
            start, number = start + 1, number + 1


def _row(number: int, cells: Sequence[str], columns: Sequence[str | None]) -> Row:
    if not any(cell.strip() for cell in cells):
        return Row(number, {})
    faults = []
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns):]):
        faults.append(Fault("", "", f"{len(cells)} cells under {len(columns)} columns; put a cell "
                                    "that holds the separator in quotation marks"))
    said = {}
    for name, cell in zip(columns, cells, strict=False):
        text = _unguarded(cell.strip())
        if name is not None and text:
            said[name] = value_of(name, text)
    return Row(number, said, faults=faults)
