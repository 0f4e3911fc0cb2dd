"""Which kind of file it is, and its rows."""

from collections.abc import Sequence
from pathlib import Path

from content_library.exchange.csv_file import read_csv
from content_library.exchange.jsonld import read_jsonld
from content_library.exchange.opml import read_opml
from content_library.exchange.rows import MAX_BYTES, Table
from recommender.errors import InvalidInputError

_KINDS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json", ".jsonld": "json",
          ".opml": "xml", ".xml": "xml"}


def read_table(path: Path, skipped: Sequence[str] = ()) -> Table:
    """Return the rows of a CSV, JSON-LD or OPML file; its name or its first letter tells which.

    Args:
        skipped: Columns of a CSV that are left out on purpose.

    Raises:
        InvalidInputError: It cannot be read at all; names the line.
    """
    source = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise InvalidInputError.of("no such file; check the path", source=source) from error
    except OSError as error:
        raise InvalidInputError.of(f"cannot be read: {error.strerror}", source=source) from error
    return table_of(data, source, skipped)


def table_of(data: bytes, source: str, skipped: Sequence[str] = ()) -> Table:
    """Return the rows of a file's content; `source` names it in errors and tells its kind.

    Raises:
        InvalidInputError: It cannot be read at all; names the line.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInputError.of(f"over {MAX_BYTES // 1024**2} MiB; split it", source=source)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInputError.of("is UTF-16; save it as UTF-8", source=source)
    if not data.strip():
        raise InvalidInputError.of("is empty; is it the right file?", source=source)
    kind = _KINDS.get(Path(source).suffix.lower()) or {
        b"{": "json", b"[": "json", b"<": "xml",
    }.get(data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1], "csv")
    if kind == "xml":
        return read_opml(data, source)
    if kind == "csv":
        return read_csv(data.decode("utf-8-sig", "surrogateescape"), source, skipped)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidInputError.of(
            f"line {line} is not UTF-8; save the file as UTF-8", source=source) from error
    return read_jsonld(text, source)
