"""Files of many cases: read line by line, written so that an interrupted run can go on."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from recommender.domain.base import Id
from recommender.domain.case import Case
from recommender.errors import Fault, InvalidInputError, faults_of

MAX_LINE = 2 * 1024 * 1024
MAX_FAULTS = 50
"""Faults of a file that are told at once."""

_ID = TypeAdapter(Id)


@dataclass(frozen=True)
class CaseLine:
    """One case of a file, with the key that its request begins with."""

    number: int
    key: str
    case: Case


class CasesFile:
    """A file with one case a line; a line may give its case an `id` of its own.

    Every line is checked before anything is made of any.

    Raises:
        InvalidInputError: With line and field of what is wrong, up to fifty at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        digest = hashlib.sha256()
        faults: list[Fault] = []
        keys: dict[str, int] = {}
        try:
            for number, line in self._lines():
                digest.update(line)
                if not line.strip():
                    continue
                try:
                    own = self._read(number, line)
                except InvalidInputError as error:
                    faults += error.faults
                    if len(faults) >= MAX_FAULTS:
                        break
                    continue
                if own.key in keys:
                    faults.append(Fault(self._place(number), "id",
                                        f"{own.key!r} stands in line {keys[own.key]} too"))
                keys[own.key] = number
        except OSError as error:
            raise InvalidInputError.of(f"cannot be read: {error.strerror or error}",
                                       source=str(path)) from error
        if faults:
            raise InvalidInputError(faults[:MAX_FAULTS])
        if not keys:
            raise InvalidInputError.of("holds no case; write one case as JSON on each line",
                                       source=str(path))
        self.keys = list(keys)
        self.digest = digest.hexdigest()

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[CaseLine]:
        for number, line in self._lines():
            if line.strip():
                yield self._read(number, line)

    def place(self, line: CaseLine) -> str:
        """Return what errors call a line."""
        return self._place(line.number)

    def _place(self, number: int) -> str:
        return f"{self._path}, line {number}"

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise InvalidInputError.of(f"longer than {MAX_LINE} bytes",
                                               source=self._place(number))
                yield number, line

    def _read(self, number: int, line: bytes) -> CaseLine:
        place = self._place(number)
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInputError.of(f"is no JSON ({error})", source=place) from error
        if not isinstance(data, dict):
            raise InvalidInputError.of("is no case; the fields of a Case expected", source=place)
        try:
            key = _ID.validate_python(data.pop("id")) if "id" in data else f"line-{number:06}"
            return CaseLine(number, key, Case.model_validate(data))
        except ValidationError as error:
            raise InvalidInputError(faults_of(error, place)) from None


class ResumedFile:
    """A file that is written line by line beside its place, and put there when it is whole.

    What an interrupted run with the same inputs has written is kept; half a line is cut off.

    Args:
        path: Where it goes in the end.
        inputs: Digest of everything that its lines are made from.
    """

    def __init__(self, path: Path, inputs: str) -> None:
        self._path = path
        if path.is_dir() or not path.resolve().parent.is_dir():
            raise InvalidInputError.of("is a folder, or in none; give a file in a folder that "
                                       "exists", source=f"--out {path}")
        self._part = path.resolve().parent / f".{path.name}.{inputs[:16]}.part"
        self._file: IO[bytes] | None = None

    def kept(self) -> Iterator[dict[str, Any]]:
        """Yield the lines that an earlier run has written; call it before `append`."""
        whole = 0
        if self._part.exists():
            with self._part.open("rb") as file:
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    whole += len(line)
                    yield json.loads(line)
            os.truncate(self._part, whole)

    def append(self, line: Mapping[str, Any] | str) -> None:
        """Write one line, given as data or as JSON."""
        text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
        try:
            if self._file is None:
                self._file = self._part.open("ab")
            self._file.write(text.encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise InvalidInputError.of(f"cannot be written ({error.strerror})",
                                       source=f"--out {self._path}") from error

    def finish(self) -> None:
        """Put the file in its place, in one step."""
        if self._file is None:
            self._part.open("ab").close()
        else:
            self._file.close()
        os.replace(self._part, self._path)

    def close(self) -> None:
        """Leave what is written for the next run."""
        if self._file is not None:
            self._file.close()

    def forget(self) -> None:
        """Take away what was written."""
        self.close()
        with contextlib.suppress(FileNotFoundError):
            self._part.unlink()


def digest_of(*parts: str) -> str:
    """Return one digest of several texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the digest of a file's bytes.

    Raises:
        InvalidInputError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInputError.of(f"cannot be read: {error.strerror or error}",
                                   source=str(path)) from error
