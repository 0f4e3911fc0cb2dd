"""The beginning of a resource's file: what its page says of itself, and what is left to write."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from html.parser import HTMLParser
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

from content_library.exchange.jsonld import is_work, row_of_work
from content_library.exchange.shelf import snippet
from recommender.domain.resource import Format, resource_id

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
MOST_LD = 200
"""Objects of JSON-LD looked at in one page."""


@dataclass(frozen=True)
class Facts:
    """What is known of a page; null or empty what is not."""

    title: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    format: str | None = None
    language: str | None = None
    minutes: int | None = None
    description: str | None = None

    def over(self, other: "Facts") -> "Facts":
        """Return these facts, and the other's where these are silent."""
        return replace(other, **{one.name: value for one in fields(self)
                                 if (value := getattr(self, one.name))})


class _Page(HTMLParser):
    """Collects what the head of a page says of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.language = ""
        self.title = ""
        self.linked_data: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element says of the page."""
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = self.language or given.get("lang", "")
        elif tag == "meta":
            name = given.get("property") or given.get("name") or given.get("itemprop") or ""
            self.meta.setdefault(name.lower(), given.get("content", ""))
        elif tag == "title" and not self.title:
            self._inside = tag
        elif tag == "script" and given.get("type", "").lower() == "application/ld+json":
            self._inside = tag
            self.linked_data.append("")

    def handle_endtag(self, tag: str) -> None:
        """Stop collecting text."""
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Collect the text of a title or of linked data."""
        if self._inside == "title":
            self.title += data
        elif self._inside == "script":
            self.linked_data[-1] += data


def page_facts(html: str) -> Facts:
    """Return what a page says of itself: schema.org first, then OpenGraph, `<title>`, `lang`.

    Nothing is guessed from its text. What is broken in it is passed over.
    """
    page = _Page()
    page.feed(html)
    page.close()
    meta = {name: " ".join(text.split()) for name, text in page.meta.items() if text.strip()}
    general = Facts(
        title=meta.get("og:title") or " ".join(page.title.split()) or None,
        publisher=meta.get("og:site_name"),
        authors=tuple(name for name in [meta.get("author", "")] if name and "://" not in name),
        format="video" if meta.get("og:type", "").startswith("video") else
               "article" if meta.get("og:type") == "article" else None,
        language=page.language or meta.get("og:locale"),
        description=meta.get("og:description") or meta.get("description"),
    )
    facts = _linked(page.linked_data).over(general)
    tag = (facts.language or "").strip()
    return replace(
        facts,
        language=tag.replace("_", "-") if _LANGUAGE.fullmatch(tag) else None,
        format=facts.format if facts.format in get_args(Format) else None,
        minutes=facts.minutes if facts.minutes and facts.minutes <= 6000 else None,
    )


def _linked(texts: Sequence[str]) -> Facts:
    """Return what the first work in a page's JSON-LD says."""
    for text in texts:
        try:
            waiting: list[Any] = [json.loads(text)]
        except (ValueError, RecursionError):
            continue
        for _ in range(MOST_LD):
            if not waiting:
                break
            one = waiting.pop(0)
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, dict) and isinstance(one.get("@graph"), list):
                waiting += one["@graph"]
            elif isinstance(one, dict) and is_work(one):
                said = row_of_work(1, one, {}).said
                if "title" in said and str(said["title"]).strip():
                    return Facts(
                        title=said["title"], publisher=said.get("publisher"),
                        authors=tuple(said.get("authors", ())), format=said.get("format"),
                        language=said.get("language"), minutes=said.get("minutes"),
                        description=said.get("gist"))
    return Facts()


def words_of_address(url: str) -> str:
    """Return the words in the path of an address, for searching when no title is known."""
    path = unquote(urlsplit(url).path).rsplit(".", 1)[0]
    return " ".join(re.findall(r"[^\W\d_]{2,}", path))


def scaffold(
    url: str, facts: Facts, topics: Sequence[str], suggested: Sequence[tuple[str, float]]
) -> str:
    """Return the text of a new resource's file; `library check` refuses it until it is filled.

    The gist is always left to a person; what the page says of itself stands in a comment.

    Args:
        topics: Those the curator named.
        suggested: Others that may fit, with their probabilities.
    """
    chances = ", ".join(f"{topic} {chance:.2f}" for topic, chance in suggested)
    lines = [
        "# Fill in what is empty and take the comments out; `agendum library check` says what is",
        "# still missing.",
        snippet({"id": resource_id(url)}),
        _line("title", facts.title or "", "" if facts.title else "the page's own title"),
        snippet({"url": url}),
        _line("publisher", (facts.publisher or "")[:120],
              "" if facts.publisher else "who publishes it"),
        _line("authors", [name[:120] for name in facts.authors][:20], ""),
        _line("format", facts.format or "", "" if facts.format
              else "one of " + ", ".join(get_args(Format))),
        _line("language", facts.language or "", "" if facts.language
              else "of the thing itself, such as en, es, fr"),
        _line("topics", list(topics), "" if topics else
              "the one or two it really teaches, most important first"),
        f"# suggested topics, with their probability: {chances}\n" if chances else "",
        _line("focus_areas", [], ""),
        _line("minutes", facts.minutes, "" if facts.minutes
              else "its own; null where it does not say"),
        _line("level", "", "introductory, intermediate or advanced"),
        _line("audience", [], "any of mentee, mentor, peer, manager"),
        _line("gist", "", "one or two sentences in its language, 20 to 400 characters: who gains "
                          "what"),
        _comment("the page says of itself: ", facts.description),
        snippet({"status": "active"}), snippet({"superseded_by": None}),
        snippet({"checked_on": None}),
    ]
    return "".join(line if line.endswith("\n") or not line else line + "\n" for line in lines)


def _line(name: str, value: Any, comment: str) -> str:
    text = snippet({name: value}).rstrip("\n")
    return f"{text}  # {comment}\n" if comment else f"{text}\n"


def _comment(lead: str, text: str | None) -> str:
    """Return text as one comment line, or nothing; it cannot break out of the comment."""
    kept = " ".join("".join(one if one.isprintable() else " " for one in text or "").split())
    return f"# {lead}{kept[:400]}\n" if kept else ""
