"""Resources as JSON-LD in the words of schema.org and LRMI."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from content_library.exchange.rows import Row, Table, minutes_of, printable
from content_library.load import Library
from recommender.domain.resource import Resource
from recommender.errors import Fault, InvalidInputError
from recommender.yaml_file import parse_document

OWN = "agendum"
"""Prefix of what schema.org has no word for."""
CONTEXT = ["https://schema.org", {OWN: "urn:agendum:"}]
_OWN_FIELDS = ("status", "superseded_by", "checked_on", "why_retired", "minutes_estimated",
               "prerequisites")
ESTIMATE = "timeRequired is an estimate."
_TYPES = {
    "article": "Article", "video": "VideoObject", "course": "Course", "guide": "Guide",
    "podcast": "PodcastEpisode", "worksheet": "DigitalDocument", "template": "DigitalDocument",
    "tool": "WebApplication", "book": "Book",
}
_FORMATS = {
    "article": "article", "blogposting": "article", "newsarticle": "article",
    "scholarlyarticle": "article", "techarticle": "article", "report": "article",
    "blog post": "article", "essay": "article", "video": "video", "videoobject": "video",
    "talk": "video", "lecture": "video", "webinar": "video", "movie": "video", "clip": "video",
    "course": "course", "online course": "course", "courseinstance": "course", "mooc": "course",
    "guide": "guide", "howto": "guide", "how to": "guide", "handbook": "guide",
    "manual": "guide", "tutorial": "guide", "podcast": "podcast", "podcastepisode": "podcast",
    "podcastseries": "podcast", "audioobject": "podcast", "audio": "podcast",
    "worksheet": "worksheet", "exercise": "worksheet", "activity": "worksheet",
    "template": "template", "checklist": "template", "form": "template", "tool": "tool",
    "webapplication": "tool", "softwareapplication": "tool", "calculator": "tool",
    "book": "book", "textbook": "book", "ebook": "book",
}
_WORKS = {*_FORMATS, "learningresource", "creativework", "webpage", "digitaldocument",
          "mediaobject", "presentationdigitaldocument", "textdigitaldocument", "quiz"}
_LEVELS = {
    "introductory": "introductory", "beginner": "introductory", "basic": "introductory",
    "novice": "introductory", "intermediate": "intermediate", "advanced": "advanced",
    "expert": "advanced",
}
_ROLES = {
    "mentee": "mentee", "learner": "mentee", "student": "mentee", "mentor": "mentor",
    "coach": "mentor", "teacher": "mentor", "peer": "peer", "colleague": "peer",
    "professional": "peer", "manager": "manager", "supervisor": "manager", "leader": "manager",
}
_PREFIX = re.compile(r"^(?:https?://schema\.org/|schema:)")


def write_jsonld(resources: Iterable[Resource], library: Library) -> str:
    """Return the resources as one JSON-LD document, labels in each resource's own language."""
    graph = [_node(one, library) for one in resources]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, indent=2) + "\n"


def _node(one: Resource, library: Library) -> dict[str, Any]:
    def label(term_id: str) -> str:
        text = (library.topics.get(term_id) or library.focus_areas[term_id]).text
        return next((text[lang].label for lang in text if lang == one.language[:2].lower()),
                    text["en"].label)

    node: dict[str, Any] = {
        "@type": ["LearningResource", _TYPES[one.format]],
        "identifier": one.id,
        "name": one.title,
        "url": one.url,
        "publisher": {"@type": "Organization", "name": one.publisher},
        "author": [{"@type": "Person", "name": name} for name in one.authors],
        "inLanguage": one.language,
        "learningResourceType": one.format,
        "educationalLevel": one.level,
        "audience": [{"@type": "EducationalAudience", "educationalRole": role}
                     for role in one.audience],
        "about": [{"@type": "DefinedTerm", "termCode": topic, "name": label(topic)}
                  for topic in one.topics],
        "educationalAlignment": [
            {"@type": "AlignmentObject", "alignmentType": "educationalSubject",
             "targetName": area, "targetDescription": label(area)} for area in one.focus_areas],
        "description": one.gist,
    }
    if one.minutes is not None:
        node["timeRequired"] = f"PT{one.minutes}M"
    if one.minutes_estimated:
        node["comment"] = {"@type": "Comment", "text": ESTIMATE}
    data = one.model_dump(mode="json")
    for name in _OWN_FIELDS:
        if data[name] not in (None, False, []):
            node[f"{OWN}:{name}"] = data[name]
    return {name: value for name, value in node.items() if value != []}


def read_jsonld(text: str, source: str) -> Table:
    """Return one row for each work in a JSON-LD text: a single one, a list, or a graph.

    Raises:
        InvalidInputError: No JSON, or no work in it.
    """
    entries = list(_entries(_plain_keys(parse_document(text, source, is_json=True))))
    index = {one["@id"]: one for one in entries
             if isinstance(one, dict) and isinstance(one.get("@id"), str) and len(one) > 1}
    rows = []
    others: Counter[str] = Counter()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            rows.append(Row(number, {}, faults=[Fault("", "", "an object with @type, name and url "
                                                              f"expected; got {entry!r:.60}")]))
        elif is_work(entry):
            rows.append(row_of_work(number, entry, index))
        else:
            others[", ".join(_words(entry.get("@type"))) or "no @type"] += 1
    if not rows:
        raise InvalidInputError.of(
            "no learning resource in it; objects of @type LearningResource, CreativeWork, "
            "Article, VideoObject, Course, Book … expected", source=source)
    notes = [f"{count} of @type {printable(name, 60)} left out: no learning resource"
             for name, count in sorted(others.items())]
    return Table(rows, "entry", notes)


def _plain_keys(value: Any) -> Any:
    """Return the document with schema.org's prefix taken off every key."""
    if isinstance(value, dict):
        return {_PREFIX.sub("", key): _plain_keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain_keys(inner) for inner in value]
    return value


def _entries(document: Any) -> Iterator[Any]:
    """Yield every object of a document, those of lists and graphs one by one."""
    if isinstance(document, list):
        for one in document:
            yield from _entries(one)
    elif isinstance(document, dict) and isinstance(document.get("@graph"), list | dict):
        yield from _entries(document["@graph"])
    elif isinstance(document, dict) and "ItemList" in _words(document.get("@type")):
        yield from _entries(document.get("itemListElement", []))
    elif isinstance(document, dict) and isinstance(document.get("item"), dict):
        yield from _entries(document["item"])
    else:
        yield document


def is_work(entry: Mapping[str, Any]) -> bool:
    """Return whether an object is something that can be read, watched or filled in."""
    types = {_PREFIX.sub("", one).lower() for one in _words(entry.get("@type"))}
    return bool(types & _WORKS) or "learningResourceType" in entry


def row_of_work(
    number: int, entry: Mapping[str, Any], index: Mapping[str, Mapping[str, Any]]
) -> Row:
    """Return what one work says in the words of a Resource.

    Args:
        index: Objects of the document by `@id`, where the work refers to them.
    """
    faults: list[Fault] = []
    notes: list[str] = []
    said: dict[str, Any] = {
        "title": _first(_words(entry.get("name")) or _words(entry.get("headline"))),
        "url": _first([*_words(entry.get("url")), *(
            one for one in _words(entry.get("@id")) if one.startswith(("http:", "https:")))]),
        "publisher": _first(_names(entry.get("publisher"), index)
                            or _names(entry.get("provider"), index)),
        "authors": _names(entry.get("author"), index) or _names(entry.get("creator"), index),
        "language": _first(_words(entry.get("inLanguage"), "alternateName", "name")),
        "format": _format(entry),
        "gist": _first(_words(entry.get("description")) or _words(entry.get("abstract"))),
        "level": _mapped("educationalLevel", entry, _LEVELS, faults),
        "audience": _audience(entry, faults, notes),
        "minutes": _minutes(entry, faults, notes),
    }
    for name in _OWN_FIELDS:
        said[name] = entry.get(f"{OWN}:{name}")
    focus_areas, keywords = _matter(entry, index)
    said["focus_areas"] = focus_areas
    given = {name: value for name, value in said.items() if value not in (None, "", [])}
    return Row(number, given, keywords, faults, notes)


def _matter(
    entry: Mapping[str, Any], index: Mapping[str, Mapping[str, Any]]
) -> tuple[list[str], list[str]]:
    """Return the focus areas that are named by id, and all words for what the work is about."""
    alignments = entry.get("educationalAlignment")
    areas = [] if alignments is None else _words(alignments, "targetName")
    words: list[str] = []
    for name in ("about", "teaches", "keywords"):
        found = _words(entry.get(name), "termCode", "name", index=index)
        if name == "keywords":
            found = [part.strip() for one in found for part in re.split(r"[,;]", one)]
        words += found
    return areas, list(dict.fromkeys(word for word in words if word))


def _format(entry: Mapping[str, Any]) -> str | None:
    stated = _words(entry.get("learningResourceType"), "name")
    types = [_PREFIX.sub("", one) for one in _words(entry.get("@type"))]
    found = next((_FORMATS[one.lower()] for one in (*stated, *types) if one.lower() in _FORMATS),
                 None)
    return found or _first(stated)


def _mapped(
    name: str, entry: Mapping[str, Any], known: Mapping[str, str], faults: list[Fault]
) -> str | None:
    words = _words(entry.get(name), "name", "termCode")
    found = next((known[one.lower()] for one in words if one.lower() in known), None)
    if words and found is None:
        faults.append(Fault("", name, f"one of {', '.join(known)} expected; got {words[0]!r:.60}"))
    return found


def _audience(entry: Mapping[str, Any], faults: list[Fault], notes: list[str]) -> list[str]:
    words = _words(entry.get("audience"), "educationalRole", "audienceType", "name")
    found = [_ROLES[one.lower()] for one in words if one.lower() in _ROLES]
    unknown = [one for one in words if one.lower() not in _ROLES]
    if unknown and not found:
        faults.append(Fault("", "audience.educationalRole",
                            f"one of {', '.join(_ROLES)} expected; got {unknown[0]!r:.60}"))
    elif unknown:
        notes.append(f"audience {printable(', '.join(unknown), 100)} left out: no role here")
    return list(dict.fromkeys(found))


def _minutes(entry: Mapping[str, Any], faults: list[Fault], notes: list[str]) -> int | None:
    for name in ("timeRequired", "duration"):
        stated = _first(_words(entry.get(name)))
        if stated is None:
            continue
        try:
            minutes = minutes_of(stated)
        except ValueError as error:
            faults.append(Fault("", name, str(error)))
            continue
        if minutes is not None:
            return minutes
        notes.append(f"{name} {printable(stated, 40)} left out: calendar time, no time of work")
    return None


def _names(value: Any, index: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return _words(value, "name", index=index)


def _words(
    value: Any, *keys: str, index: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    """Return the texts in a value of JSON-LD: plain, tagged, in an object's key, or in a list.

    Args:
        keys: Of an object, the first that is there counts.
        index: Where an object that is only an `@id` is looked up.
    """
    if isinstance(value, list):
        return [word for one in value for word in _words(one, *keys, index=index)]
    if isinstance(value, dict):
        if "@value" in value:
            return _words(value["@value"])
        if index and set(value) == {"@id"} and isinstance(value["@id"], str):
            value = index.get(value["@id"], {})
        return next((_words(value[key]) for key in keys if key in value), [])
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [str(value)]
    return []


def _first(words: Sequence[str]) -> str | None:
    return words[0] if words else None
