"""An agenda's file and, beside it, `FILE.versions.jsonl`: what stood in it before."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from recommender.agendas.versions import is_same, next_number
from recommender.domain.agenda import Agenda
from recommender.domain.version import By, Kept
from recommender.errors import InvalidInputError
from recommender.yaml_file import read_document

SUFFIX = ".versions.jsonl"


@dataclass(frozen=True)
class Log:
    """What a versions file holds: versions, oldest first, and lines that cannot be read."""

    kept: list[Kept]
    unreadable: list[int]


def versions_path(path: Path) -> Path:
    """Return where the earlier versions of an agenda's file are kept."""
    return path.with_name(path.name + SUFFIX)


@contextmanager
def replacing(
    path: Path, agenda: Agenda | None, by: By, now: datetime
) -> Iterator[int | None]:
    """Keep the agenda that stands in a file, then let the caller write another over it.

    What stood there is on disk as a version before the file changes. Two that replace at once
    take turns, where the system can lock a folder, so that neither loses the other's.

    Args:
        agenda: The one that is about to be written; null for a page, which cannot be read back.

    Yields:
        The number under which the earlier agenda is kept; null when there was none, or the same.

    Raises:
        InvalidInputError: It cannot be kept; nothing has changed then.
    """
    with _taking_turns(path):
        yield _keep_standing(path, agenda, by, now)


def kept_as(number: int | None) -> str:
    """Return what a message adds of the agenda that was kept, if any was."""
    return "" if number is None else f"; what stood there is version {number}"


def read_log(path: Path) -> Log:
    """Return the earlier versions of an agenda's file; none where nothing was kept.

    Raises:
        InvalidInputError: The versions file cannot be read.
    """
    log = versions_path(path)
    kept, unreadable = list[Kept](), list[int]()
    try:
        lines = log.read_bytes().splitlines() if log.exists() else []
    except OSError as error:
        raise InvalidInputError.of(
            f"cannot be read ({error.strerror}); mend that, or move it away", source=str(log)
        ) from error
    for number, line in enumerate(lines, start=1):
        try:
            kept.append(Kept.model_validate_json(line))
        except ValidationError:
            unreadable.append(number)
    return Log(kept, unreadable)


def standing_agenda(path: Path) -> Agenda | None:
    """Return the agenda that stands in a file; null where there is no file.

    Raises:
        InvalidInputError: The file holds something else.
    """
    if not path.exists():
        return None
    try:
        return Agenda.model_validate(read_document(path, is_json=True))
    except (ValidationError, InvalidInputError) as error:
        raise InvalidInputError.of(
            "holds no agenda that this version of Agendum can read; give a file that `agendum "
            "agenda --format json --out` or `agendum edit --out` wrote, or move this one away",
            source=str(path)) from error


def _keep_standing(path: Path, agenda: Agenda | None, by: By, now: datetime) -> int | None:
    standing = _agenda_like(path)
    if standing is None or (agenda is not None and _is_same(standing, agenda)):
        return None
    log = read_log(path)
    if log.kept and _is_same(standing, log.kept[-1].agenda):  # the write after it failed
        return log.kept[-1].number
    number = max(next_number(log.kept), max(log.unreadable, default=0) + 1)
    line = json.dumps(
        {"number": number, "kept_at": now.isoformat(), "replaced_by": by, "agenda": standing},
        ensure_ascii=False, separators=(",", ":")) + "\n"
    _append(versions_path(path), line.encode())
    return number


def _agenda_like(path: Path) -> dict[str, Any] | None:
    """Return what stands in the file if it is an agenda, of this version of Agendum or another."""
    if not path.is_file():
        return None
    try:
        data = read_document(path, is_json=True)
    except InvalidInputError:
        return None
    agenda_like = isinstance(data, dict) and {"items", "case_fingerprint", "session"} <= set(data)
    return data if agenda_like else None


def _is_same(standing: dict[str, Any], agenda: Agenda) -> bool:
    try:
        return is_same(Agenda.model_validate(standing), agenda)
    except ValidationError:
        return False


def _append(path: Path, line: bytes) -> None:
    """Add a line in one write, on disk when this returns; a line torn before is closed first."""
    try:
        with path.open("ab+") as file:
            end = file.seek(0, os.SEEK_END)
            torn = False
            if end:
                file.seek(end - 1)
                torn = file.read(1) != b"\n"
            try:
                file.write((b"\n" if torn else b"") + line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    file.truncate(end)
                raise
    except OSError as error:
        raise InvalidInputError.of(
            f"cannot be written ({error.strerror}), so nothing was changed; mend that, or give "
            "another place", source=str(path)) from error


@contextmanager
def _taking_turns(path: Path) -> Iterator[None]:
    """Let one process at a time replace agendas in this folder, where the system can lock it."""
    folder = path.resolve().parent
    try:
        import fcntl
    except ImportError:
        yield
        return
    if not folder.is_dir():
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
