"""How much of people is left in what a search or a model sees, and how much else is hidden."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.privacy import plain

DATA = Path(__file__).parent / "data" / "pii"
Safe = Callable[[str, str, Sequence[str]], str]
"""Makes a text safe: the text, its language, the members' names."""


@dataclass(frozen=True)
class Leakage:
    """What was left of people in the filled templates, and what ordinary sentences lost.

    Attributes:
        members: Parts of members' names that were left, as id and part.
        contacts: E-mails, numbers, links, handles, ids, addresses and birth dates left.
        others: Parts of other people's names left.
        named: Parts of other people's names there were.
        masked: Ordinary sentences in which something was hidden, by id.
        ordinary: Ordinary sentences there were.
    """

    members: tuple[tuple[str, str], ...]
    contacts: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    named: int
    masked: tuple[str, ...]
    ordinary: int

    @property
    def recall(self) -> float:
        """Return the share of other people's names that was hidden."""
        return 1 - len(self.others) / self.named

    @property
    def over(self) -> float:
        """Return the share of ordinary sentences in which something was hidden."""
        return len(self.masked) / self.ordinary

    def to_text(self) -> str:
        """Return the figures, one line each."""
        return (f"members' names left {len(self.members)}, contacts left {len(self.contacts)}\n"
                f"other people's names hidden {self.recall:.3f} of {self.named} parts\n"
                f"ordinary sentences touched {self.over:.3f} of {self.ordinary}\n")


def measure_leakage(safe: Safe, half: str | None = None, folder: Path = DATA) -> Leakage:
    """Return what a way to make texts safe leaves, and what it hides in vain.

    Args:
        half: `dev` or `held_out`; null for both.
    """
    filled, ordinary = (read(folder / name, half) for name in ("filled.jsonl", "ordinary.jsonl"))
    seen = [(line, safe(line["text"], line["language"], line["members"])) for line in filled]
    return Leakage(
        members=_left(seen, "own"),
        contacts=tuple((line["id"], contact) for line, text in seen for contact in line["contacts"]
                       if contact.lower() in text.lower()),
        others=_left(seen, "others"),
        named=sum(len(line["others"]) for line in filled),
        masked=tuple(line["id"] for line in ordinary
                     if safe(line["text"], line["language"], ()) != line["text"]),
        ordinary=len(ordinary),
    )


def read(path: Path, half: str | None = None) -> list[dict[str, Any]]:
    """Return the lines of a JSONL file, of one half or of both."""
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    return [line for line in lines if half is None or line["half"] == half]


def _left(seen: Sequence[tuple[dict[str, Any], str]], field: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (line["id"], part) for line, text in seen for part in line[field]
        if re.search(rf"(?<!\w){re.escape(plain(part))}(?!\w)", plain(text)))
