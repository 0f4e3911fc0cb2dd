"""The library as a tenant's curator sees it: every resource, whose it is, search and filters."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import Field

from content_library.load import Library
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen
from recommender.domain.resource import Resource
from recommender.storage.store import Unit

PER_PAGE = 50
Origin = Literal["shipped", "own", "changed", "out"]
ORIGINS: Mapping[Origin, str] = {
    "shipped": "Library", "own": "Yours", "changed": "Changed by you", "out": "Taken out"}
"""Whose a resource is: of the library as it came, of the tenant alone, laid over, hidden."""


class Search(Frozen):
    """What is looked for; an empty field asks for nothing."""

    q: Annotated[str, Field(max_length=200)] = ""
    status: Literal["active", "retired", "all"] = "active"
    origin: Literal["", "shipped", "own", "changed", "out"] = ""
    language: Annotated[str, Field(max_length=35)] = ""
    format: Annotated[str, Field(max_length=20)] = ""
    level: Annotated[str, Field(max_length=20)] = ""
    topic: Annotated[str, Field(max_length=128)] = ""
    focus_area: Annotated[str, Field(max_length=128)] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    done: Annotated[str, Field(max_length=20)] = ""

    def at(self, page: int) -> str:
        """Return the query string of another page of the same search."""
        asked = {name: value for name, value in self.model_dump(exclude={"page", "done"}).items()
                 if value != type(self).model_fields[name].default}
        return urlencode(asked | {"page": page})


@dataclass(frozen=True)
class Row:
    """One resource, and whose it is."""

    resource: Resource
    origin: Origin

    @property
    def status(self) -> str:
        """Return whether it is in use, in a word for people."""
        return ORIGINS["out"] if self.origin == "out" else self.resource.status.capitalize()


@dataclass(frozen=True)
class Shelf:
    """All that a tenant has or had, by id; `versions` of what it laid over the library."""

    library: Library
    rows: Mapping[str, Row]
    versions: Mapping[str, int]


def shelf_of(catalogue: Catalogue, merged: Library, unit: Unit) -> Shelf:
    """Return a tenant's shelf.

    Args:
        catalogue: What everybody sees.
        merged: The library as this tenant sees it.
    """
    shipped = catalogue.library.resources
    own, hidden = unit.resources.versions(), unit.resources.hidden()
    return Shelf(merged, {
        one: Row(shipped[one] if one in hidden and one in shipped else resource,
                 _origin(one, shipped, own, hidden))
        for one, resource in merged.resources.items()}, own)


def found_on(shelf: Shelf, search: Search) -> list[Row]:
    """Return what a search finds, by title."""
    words = _plain(search.q).split()
    return sorted(
        (row for row in shelf.rows.values() if _fits(row, search) and _holds(row, words)),
        key=lambda row: (_plain(row.resource.title), row.resource.id))


def near(shelf: Shelf, resource: Resource, most: int = 30) -> list[Resource]:
    """Return what could follow a resource: active, on a topic of it; its language first."""
    topics = set(resource.topics)
    found = [row.resource for row in shelf.rows.values()
             if row.resource.status == "active" and row.origin != "out"
             and row.resource.id != resource.id and topics & set(row.resource.topics)]
    return sorted(found, key=lambda one: (
        one.language != resource.language, -len(topics & set(one.topics)), one.title))[:most]


def languages_on(shelf: Shelf) -> Sequence[str]:
    """Return every language there is something in."""
    return sorted({row.resource.language for row in shelf.rows.values()})


def _origin(
    own_id: str, shipped: Collection[str], own: Collection[str], hidden: Collection[str]
) -> Origin:
    if own_id in hidden:
        return "out"
    if own_id in own:
        return "changed" if own_id in shipped else "own"
    return "shipped"


def _fits(row: Row, search: Search) -> bool:
    one = row.resource
    in_use = one.status == "active" and row.origin != "out"
    return ((search.status == "all" or in_use == (search.status == "active")
             or search.origin == "out")
            and search.origin in ("", row.origin)
            and search.language in ("", one.language)
            and search.format in ("", one.format)
            and search.level in ("", one.level)
            and (not search.topic or search.topic in one.topics)
            and (not search.focus_area or search.focus_area in one.focus_areas))


def _holds(row: Row, words: Sequence[str]) -> bool:
    one = row.resource
    text = _plain(" ".join((one.title, one.gist, one.publisher, one.url, one.id, *one.authors)))
    return all(word in text for word in words)


def _plain(text: str) -> str:
    """Return a text without accents and capitals."""
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold())
                   if not unicodedata.combining(one))
