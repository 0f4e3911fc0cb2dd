"""CSV and lines of text from files, row by row, so that one bad row loses no other."""

import csv
import io
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from recommender.errors import InvalidInputError

NOT_UTF8 = "is not UTF-8; save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”)"

TOLD = 1000
"""Lines read between two steps of a progress bar."""

Progress = Callable[[int, int], None]
_UTF16 = ("\udcff\udcfe", "\udcfe\udcff")


def records_of(lines: Iterator[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each record's first line and its cells, or what is wrong with it.

    After a record that is no CSV, reading goes on in the line below the one it began in, so
    that a quote nobody closed swallows no other row.
    """
    csv.field_size_limit(sys.maxsize)
    held: list[str] = []
    again: deque[str] = deque()

    def following() -> Iterator[str]:
        while True:
            line = again.popleft() if again else next(lines, None)
            if line is None:
                return
            held.append(line)
            yield line

    number = 1
    reader = csv.reader(following(), strict=True)
    while True:
        held.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"no valid CSV ({error}); look at the double quotes"
            again.extendleft(reversed(held[1:]))
            number += 1
            reader = csv.reader(following(), strict=True)
            continue
        yield number, cells
        number += len(held)


def check_separator(header: Sequence[str], source: str) -> None:
    """Refuse a file whose cells are not separated by commas.

    Raises:
        InvalidInputError: Says how to save it.
    """
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise InvalidInputError.of(
            "the cells are not separated by commas; save it with commas, `;` stands inside lists",
            source=source)


def too_wide(cells: Sequence[str], header: Sequence[str]) -> str:
    """Return what is wrong with a row of more cells than there are headings."""
    return (f"{len(cells)} cells under {len(header)} heading{'' if len(header) == 1 else 's'}; "
            "put texts that hold a comma in double quotes")


def lines_of(
    path: Path, most: int | None = None, progress: Progress | None = None
) -> Iterator[str]:
    """Yield a file's lines; bytes that are not UTF-8 are found again by `damage_in`.

    Args:
        most: Bytes above which a file is refused, where all of it is held at once.
        progress: Told how much of how much is read.

    Raises:
        InvalidInputError: The file is missing, too large or cannot be read.
    """
    try:
        size = path.stat().st_size
        if most is not None and size > most:
            raise InvalidInputError.of(
                f"over {most // 1024**2} MiB; write it as .jsonl, which is read line by line",
                source=str(path))
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            first = next(file, "")
            if first.startswith(_UTF16):
                raise InvalidInputError.of(NOT_UTF8.replace("not UTF-8", "UTF-16"),
                                           source=str(path))
            if first:
                yield first
            done = len(first)
            for number, line in enumerate(file):
                yield line
                done += len(line)
                if progress is not None and number % TOLD == 0:
                    progress(min(done, size), size)
            if progress is not None:
                progress(size, size)
    except FileNotFoundError as error:
        raise InvalidInputError.of("no such file; check the path", source=str(path)) from error
    except OSError as error:
        raise InvalidInputError.of(f"cannot be read: {error.strerror}",
                                   source=str(path)) from error


def lines_in(data: bytes, source: str) -> Iterator[str]:
    """Yield the lines of a file's content; bytes that are not UTF-8 are found by `damage_in`.

    Raises:
        InvalidInputError: It is UTF-16.
    """
    text = data.decode("utf-8-sig", "surrogateescape")
    if text.startswith(_UTF16):
        raise InvalidInputError.of(NOT_UTF8.replace("not UTF-8", "UTF-16"), source=source)
    yield from io.StringIO(text, newline="")


def damage_in(text: str) -> str | None:
    """Return what is wrong with a text's characters; null if nothing is."""
    if "\0" in text:
        return "holds a NUL character; take it out"
    if not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text):
        return NOT_UTF8
    return None
