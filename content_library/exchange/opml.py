"""Resources from OPML: reading lists and feeds, as readers and outliners write them."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from content_library.exchange.csv_file import COLUMNS, value_of
from content_library.exchange.rows import Row, Table
from recommender.errors import InvalidInputError

_FIELDS = {name: name for name in COLUMNS if name not in ("url", "id")}
_FIELDS |= {"author": "authors", "description": "gist", "created_by": "authors"}


def read_opml(data: bytes, source: str) -> Table:
    """Return one row for each outline that has an address, folders giving keywords.

    `htmlUrl` or `url` is the address, `title` or `text` the title, `description` the gist,
    `category` more keywords; any other field of a Resource may stand as an attribute.

    Raises:
        InvalidInputError: No XML, or XML with entities or a DTD; no outline with an address.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise InvalidInputError.of(f"line {error.position[0]}: no valid XML ({error})",
                                   source=source) from error
    except DefusedXmlException as error:
        raise InvalidInputError.of("holds a DTD or entities, which can hide an attack; take "
                                   "everything between <!DOCTYPE and > out",
                                   source=source) from error
    except (ValueError, LookupError) as error:
        raise InvalidInputError.of(f"no valid XML ({error})", source=source) from error
    rows = [_row(number, outline, folders)
            for number, (outline, folders) in enumerate(_outlines(root), start=1)]
    if not rows:
        raise InvalidInputError.of("no outline with htmlUrl or url in it", source=source)
    return Table(rows, "outline")


def _outlines(root: Element) -> Iterator[tuple[Element, tuple[str, ...]]]:
    """Yield every outline with an address, in order, and the names of the folders it is in."""
    waiting: list[tuple[Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, folders = waiting.pop()
        inside = folders
        if element.tag == "outline":
            if _address(element):
                yield element, folders
            elif element.get("text"):
                inside = (*folders[-3:], str(element.get("text")))
        waiting += [(one, inside) for one in reversed(element)]


def _address(outline: Element) -> str:
    return (outline.get("htmlUrl") or outline.get("url") or "").strip()


def _row(number: int, outline: Element, folders: tuple[str, ...]) -> Row:
    said: dict[str, Any] = {"url": _address(outline)}
    for attribute, value in outline.attrib.items():
        name = _FIELDS.get(attribute)
        if name is not None and value.strip():
            said[name] = value_of(name, value.strip())
    title = (outline.get("title") or outline.get("text") or "").strip()
    if title:
        said["title"] = title
    words = [part.strip(" /") for part in (outline.get("category") or "").split(",")]
    keywords = [word.rsplit("/", 1)[-1] for word in words if word] + list(reversed(folders))
    return Row(number, said, list(dict.fromkeys(keywords)))
