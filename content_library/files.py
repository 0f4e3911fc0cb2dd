"""The files of a library, read once: what is parsed is what the fingerprint covers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recommender.yaml_file import MAX_BYTES

FOLDERS = ("activities", "programmes", "resources")
"""Folders that hold one item per file."""


@dataclass(frozen=True)
class Snapshot:
    """The files of one library or overlay as they were at one moment.

    Attributes:
        files: Content by name relative to the folder, in the order of the fingerprint.
        unreadable: Why a file could not be read, by name.
        strays: Names in the folders that no loader reads.
        prefix: Stands before a name in faults.
    """

    files: dict[str, bytes]
    unreadable: dict[str, str]
    strays: tuple[str, ...]
    prefix: str = ""

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of every name and content, as `sha256:…`."""
        digest = hashlib.sha256()
        for name, content in self.files.items():
            digest.update(f"{name}\0".encode())
            digest.update(hashlib.sha256(content).digest())
        return f"sha256:{digest.hexdigest()}"

    @property
    def key(self) -> str:
        """Return the same over all that a reading of these files depends on, strays too."""
        odd = "\0".join((self.fingerprint, *self.unreadable, "", *self.strays))
        return hashlib.sha256(odd.encode("utf-8", "surrogateescape")).hexdigest()

    def of_folder(self, folder: str) -> list[str]:
        """Return the names in one folder, in order; those that could not be read too."""
        return sorted(name for name in (*self.files, *self.unreadable)
                      if name.startswith(f"{folder}/"))

    def with_file(self, name: str, content: bytes) -> "Snapshot":
        """Return the snapshot with one file added or replaced."""
        return replace(self, files={**self.files, name: content})


def take_snapshot(home: Path, names: Sequence[str], *, prefix: str = "",
                  closed: bool = False) -> Snapshot:
    """Return the files of `home`: those named and those in the folders of items.

    Args:
        names: Files that stand in `home` itself; those that are not there are left out.
        closed: Whether anything else in `home`, but for Markdown, counts as a stray.
    """
    files: dict[str, bytes] = {}
    unreadable: dict[str, str] = {}
    strays: list[str] = []
    paths = [home / name for name in names]
    for folder in FOLDERS:
        inside = sorted((home / folder).glob("[!.]*"))
        paths += [path for path in inside if path.suffix == ".yaml"]
        strays += [f"{folder}/{path.name}" for path in inside if path.suffix != ".yaml"]
    if closed:
        known = {*names, *FOLDERS}
        strays += [path.name for path in sorted(home.glob("[!.]*"))
                   if path.name not in known and path.suffix != ".md"]
    for path in paths:
        name = path.relative_to(home).as_posix()
        try:
            with path.open("rb") as file:
                files[name] = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            unreadable[name] = f"cannot be read: {error.strerror}"
    return Snapshot(files, unreadable, tuple(strays), prefix)
