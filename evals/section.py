"""One section of a report: a title and its HTML."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A section; `html` is escaped already and holds no heading above h3."""

    title: str
    html: str
