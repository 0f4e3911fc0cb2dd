"""The resource files of a library folder: where each address is, and writing without loss."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from content_library.addresses import normal_address
from content_library.load import Library, read_library
from content_library.overlay import ORDERS
from recommender.domain.resource import Resource, resource_id
from recommender.errors import InvalidInputError, LibraryError
from recommender.yaml_file import parse_document, read_document

_VOCABULARIES = ("topics.yaml", "focus_areas.yaml")
_QUIET: dict[str, Any] = {"minutes_estimated": False, "why_retired": None, "prerequisites": []}
"""Fields that a file leaves out while they say nothing."""
_URL_LINE = re.compile(r"^\s*url:\s*['\"]?(https?://[^\s'\"]+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Shelf:
    """A library folder as imports see it, or an overlay over one.

    Attributes:
        home: Where files are written: the folder, or the overlay.
        library: What can be read of it; with an overlay, of both.
        addresses: File name by normal address, of every file that names one, faulty ones too.
        stems: Names of all resource files, without `.yaml`.
        own: Those of them that stand in `home`.
        ordered: Ids that `overlay.yaml` changes, hides or retires.
    """

    home: Path
    library: Library
    addresses: dict[str, str]
    stems: frozenset[str]
    own: frozenset[str]
    ordered: frozenset[str] = frozenset()

    def file_at(self, url: str) -> str | None:
        """Return the name of the file that is about this address, if there is one."""
        own = resource_id(url)
        return f"{own}.yaml" if own in self.stems else self.addresses.get(normal_address(url))


def open_shelf(home: Path, overlay: Path | None = None) -> Shelf:
    """Return the library folder; faults of single resource files do not hinder.

    Args:
        overlay: A folder laid over it, which gets what is written.

    Raises:
        InvalidInputError: It is no library folder.
        LibraryError: Its vocabularies have faults.
    """
    for name in _VOCABULARIES:
        if not (home / name).is_file():
            raise InvalidInputError.of(f"is no library folder: it holds no {name}; give the "
                                       "folder that does", source=str(home))
    library, faults = read_library(home, overlay=overlay)
    names = _VOCABULARIES if overlay is None else (
        *_VOCABULARIES, *(f"{overlay}/{name}" for name in (*_VOCABULARIES, ORDERS)))
    mine = [fault for fault in faults if fault.source.startswith(names)]
    if mine:
        raise LibraryError(mine)
    shipped = sorted((home / "resources").glob("[!.]*.yaml"))
    own = shipped if overlay is None else sorted((overlay / "resources").glob("[!.]*.yaml"))
    addresses: dict[str, str] = {}
    for path in own if overlay is None else [*own, *shipped]:
        known = library.resources.get(path.stem)
        url = _address_in(path) if known is None else known.url
        if url is not None:
            addresses.setdefault(normal_address(url), path.name)
    stems = frozenset(path.stem for path in own)
    ordered: frozenset[str] = frozenset()
    if library.laid is not None:
        laid = library.laid
        ordered = frozenset(
            {*laid.changed["resources"], *laid.hidden["resources"], *laid.retired} - stems)
    return Shelf(home if overlay is None else overlay, library, addresses,
                 stems | {path.stem for path in shipped}, stems, ordered)


def _address_in(path: Path) -> str | None:
    """Return the address in a file that is no valid resource."""
    try:
        data = read_document(path)
    except InvalidInputError:
        found = _URL_LINE.search(path.read_text("utf-8", "replace"))
        return found[1] if found else None
    url = data.get("url") if isinstance(data, dict) else None
    return url if isinstance(url, str) else None


def yaml_of(resource: Resource) -> str:
    """Return a resource as the text of its file, in the order and style of the shipped ones."""
    data = {name: value for name, value in resource.model_dump().items()
            if name not in _QUIET or value != _QUIET[name]}
    return snippet(data)


def snippet(data: dict[str, object]) -> str:
    """Return fields as lines of YAML, each list on one line."""
    holds_lists = any(isinstance(value, list) for value in data.values())
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1_000_000,
                          default_flow_style=None if holds_lists else False)


def amended(text: str, resource: Resource, fields: Iterable[str]) -> str:
    """Return the text of a file with these fields as the resource has them, all else untouched.

    Comments, order and spelling of other fields stay.

    Raises:
        InvalidInputError: The text is laid out so that a single field cannot be told apart.
    """
    data = resource.model_dump()
    lines = text.splitlines(keepends=True)
    order = list(Resource.model_fields)
    for name in fields:
        new = "" if name in _QUIET and data[name] == _QUIET[name] else snippet({name: data[name]})
        start = next((at for at, line in enumerate(lines) if line.startswith(f"{name}:")), None)
        if start is None:
            before = [f"{one}:" for one in order[: order.index(name)]]
            last = max((at for at, line in enumerate(lines)
                        if line.startswith(tuple(before))), default=-1)
            at = _end(lines, last) if last >= 0 else len(lines)
            if at and not lines[at - 1].endswith("\n"):
                lines[at - 1] += "\n"
            lines[at:at] = [new] if new else []
        else:
            lines[start : _end(lines, start)] = [new] if new else []
    result = "".join(lines)
    try:
        if Resource.model_validate(parse_document(result, resource.id)) == resource:
            return result
    except (InvalidInputError, ValidationError):
        pass
    raise InvalidInputError.of("cannot be changed line by line; write each field on a line of "
                               "its own", source=f"resources/{resource.id}.yaml")


def _end(lines: Sequence[str], start: int) -> int:
    """Return the line after the last one that belongs to the field that starts at `start`."""
    end = start + 1
    while end < len(lines) and lines[end][:1] in (" ", "\t", "-", "]", "}") \
            and lines[end].strip():
        end += 1
    return end


def save(path: Path, text: str) -> None:
    """Write a file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8", newline="\n")
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
