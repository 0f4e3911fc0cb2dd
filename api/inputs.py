"""What people hand in: files and standard input, read, checked and named in every error."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from recommender.domain.base import Frozen
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.yaml_file import MAX_BYTES, decode_document, read_document

STDIN = "-"
FrozenT = TypeVar("FrozenT", bound=Frozen)


def read_model(model: type[FrozenT], path: str, *, list_as: str | None = None) -> FrozenT:
    """Return what a YAML or JSON file, or standard input for `-`, holds.

    Args:
        list_as: The field that a bare list stands for.

    Raises:
        InvalidInputError: Names the file, and the line or the field.
    """
    source = source_of(path)
    data = _read(path, source)
    if isinstance(data, list) and list_as is not None:
        data = {list_as: data}
    if not isinstance(data, dict):
        raise InvalidInputError.of(
            f"holds {_kind(data)}; the fields of a {model.__name__} expected, "
            f"beginning with `{next(iter(model.model_fields))}:`",
            source=source,
        )
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, source)) from None


def checked(kind: Any, value: object, name: str) -> Any:
    """Return an option's value as one of the domain's bounded types.

    Raises:
        InvalidInputError: Names the option.
    """
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, name)) from None


def source_of(path: str) -> str:
    """Return what errors call this input."""
    return "standard input" if path == STDIN else path


@contextmanager
def naming(source: str) -> Iterator[None]:
    """Name the file in faults found later, where the file itself was no longer known."""
    try:
        yield
    except InvalidInputError as error:
        raise type(error)([
            Fault(fault.source or source, fault.field, fault.problem) for fault in error.faults
        ]) from error


def write_text(path: Path, text: str, *, source: str | None = None) -> None:
    """Write a file of UTF-8 text in one step: it is whole or as it was before.

    Args:
        source: What errors call the file; else it was given with --out.

    Raises:
        InvalidInputError: It cannot be written there.
    """
    write_bytes(path, text.encode("utf-8"), source=source)


def write_bytes(path: Path, content: bytes, *, source: str | None = None) -> None:
    """Write a file in one step, as `write_text` does."""
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder")
        folder = path.resolve().parent
        with tempfile.NamedTemporaryFile(
            "wb", dir=folder, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.close()
                temporary.chmod(_mode_of(path))
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InvalidInputError.of(
            f"cannot be written ({error.strerror}); give another place",
            source=source or f"--out {path}",
        ) from error


def check_place(path: Path | None, option: str) -> None:
    """Refuse a file that cannot be written before any work is done for it; null is fine.

    Raises:
        InvalidInputError: It is a folder, or stands in none that can be written.
    """
    if path is None:
        return
    folder = path.resolve().parent
    problem = ("is a folder" if path.is_dir() else
               "there is no such folder" if not folder.is_dir() else
               "its folder may not be written" if not os.access(folder, os.W_OK) else None)
    if problem is not None:
        raise InvalidInputError.of(f"cannot be written ({problem}); give another place",
                                   source=f"{option} {path}")


def _mode_of(path: Path) -> int:
    """Return the permissions a file has, or those that a new file gets here."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _read(path: str, source: str) -> Any:
    if path != STDIN:
        return read_document(Path(path))
    return decode_document(sys.stdin.buffer.read(MAX_BYTES + 1), source)


def _kind(data: Any) -> str:
    if data is None:
        return "nothing"
    names = {list: "a list", str: "only text", bool: "only a truth value"}
    return names.get(type(data), "only a number or date")
