"""A compiled copy of a library, so that its YAML is parsed once and not at every start.

The copy is JSON in the cache folder, sealed: its first line is a SHA-256 over what it was made
from, the code that made it, and itself. A copy whose seal does not hold counts as missing, and
reading it validates every field again. Whatever is wrong with it costs time, never an answer.
"""

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TypeVar

import pydantic
from pydantic import TypeAdapter, ValidationError

from recommender import yaml_file
from recommender.domain import base

ValueT = TypeVar("ValueT")


def compiled_file(folder: Path, *homes: Path | None) -> Path:
    """Return where the copy of the library in these folders is kept; a new one replaces it."""
    places = "\0".join("" if home is None else str(home.resolve()) for home in homes)
    name = hashlib.sha256(places.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return folder / f"library-{name}.json"


def read_compiled(adapter: TypeAdapter[ValueT], path: Path, key: str) -> ValueT | None:
    """Return the value compiled from what `key` names; null where there is no sound copy."""
    try:
        seal, _, body = path.read_bytes().partition(b"\n")
        if seal != _seal(key, body):
            return None
        return adapter.validate_json(body)
    except (OSError, ValidationError):
        return None


def write_compiled(adapter: TypeAdapter[ValueT], path: Path, key: str, value: ValueT) -> bool:
    """Keep a copy of a value, in one step; return false, silently, where that cannot be.

    A copy that would not be read as the same value is not written.
    """
    try:
        body = adapter.dump_json(value)
        if adapter.validate_json(body) != value:
            return False
        content = _seal(key, body) + b"\n" + body
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".json", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.replace(temporary, path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except (OSError, ValueError):
        return False
    return True


def _seal(key: str, body: bytes) -> bytes:
    digest = hashlib.sha256(f"{key}\0{_code()}\0".encode())
    digest.update(hashlib.sha256(body).digest())
    return digest.hexdigest().encode()


@cache
def _code() -> str:
    """Return the SHA-256 of the code that decides what a library is.

    Raises:
        OSError: Installed without its source; then nothing is compiled.
    """
    digest = hashlib.sha256(pydantic.VERSION.encode())
    own = sorted(Path(__file__).parent.glob("*.py"))
    domain = sorted(Path(base.__file__).parent.glob("*.py"))
    for path in (*own, *domain, Path(yaml_file.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
