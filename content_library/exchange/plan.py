"""What an import does, row by row, before anything is written; then the writing."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ValidationError

from content_library.addresses import normal_address
from content_library.exchange.rows import Row, Table, Vocabulary, printable
from content_library.exchange.shelf import Shelf, amended, save, yaml_of
from recommender.domain.resource import Resource, resource_id
from recommender.errors import Fault, InvalidInputError, faults_of

Action = Literal["added", "unchanged", "updated", "refused"]
ACTIONS: tuple[Action, ...] = ("added", "updated", "unchanged", "refused")
Suggestion = tuple[str, float]
Suggest = Callable[[Sequence[tuple[str, str]]], Sequence[Sequence[Suggestion]]]
"""Takes texts with their languages; returns topics with probabilities for each, best first."""
MOST_TOPICS, MOST_AREAS = 8, 5
MOST_LOOKED_UP = 300
"""Unknown words for which the nearest term is looked up; that is slow work."""
_ORDERED = "overlay.yaml changes, hides or retires {id}; mend it there, or take it out there first"
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FOREIGN = re.compile("[\ud800-\udfff]")
_MENDS = {
    "url": "is missing; add the address of the page",
    "gist": "is missing; write one or two sentences, in the resource's language, that say who "
            "gains what (20 to 400 characters)",
    "title": "is missing; add the page's own title",
    "topics": "is missing, and none can be suggested; name one of topics.yaml",
}


@dataclass(frozen=True)
class Outcome:
    """What happens, or happened, to one row.

    Attributes:
        row: Its number.
        action: `updated` when a field is filled or changed.
        address: As the row writes it, shortened where it is very long.
        resource: As it is afterwards; null for a refused row.
        filled: Fields that were missing in the item that is there already.
        changed: Fields that were replaced, because that was asked for.
        kept: Fields in which the row differs and the item stays as it is.
        suggested: Topics the file did not name, best first; the first is the one written.
        faults: Why it is refused.
        notes: What else is worth knowing.
    """

    row: int
    action: Action
    address: str
    resource: Resource | None = None
    filled: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    suggested: tuple[Suggestion, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def plan_import(
    table: Table,
    shelf: Shelf,
    *,
    update: bool = False,
    defaults: Mapping[str, Any] | None = None,
    suggest: Suggest | None = None,
) -> list[Outcome]:
    """Return what an import does with each row, in their order; nothing is written.

    Args:
        update: Replace the fields of items that are there already.
        defaults: Fields of new items whose row does not say them.
        suggest: Suggests topics for new items whose row names none; asked once, for all.

    Raises:
        InvalidInputError: A default names a topic or focus area that is not there.
    """
    planner = _Planner(shelf, update, defaults or {})
    rows = [planner.resolved(row) for row in table.rows]
    suggested: dict[int, tuple[Suggestion, ...]] = {}
    untold = [at for at, row in enumerate(rows) if planner.wants_topics(row)]
    if suggest is not None and untold:
        texts = [planner.text_of(rows[at]) for at in untold]
        suggested = {at: tuple(found) for at, found in zip(untold, suggest(texts), strict=True)}
    outcomes = [planner.outcome(row, suggested.get(at, ()), table.unit)
                for at, row in enumerate(rows)]
    return _without_dangling(outcomes, set(shelf.library.resources))


class _Planner:
    """Decides row after row; remembers which row an item was last named by."""

    def __init__(self, shelf: Shelf, update: bool, defaults: Mapping[str, Any]) -> None:
        self._shelf = shelf
        self._update = update
        self._words = Vocabulary(shelf.library)
        self._mends: dict[str, str] = {}
        general = self.resolved(Row(0, defaults))
        if general.faults:
            raise InvalidInputError([replace(one, source="--default") for one in general.faults])
        self._defaults = general.said
        self._seen: dict[str, tuple[Row, Resource | None]] = {}
        self._new: dict[str, str] = {}

    def resolved(self, row: Row) -> Row:
        """Return the row with ids for its topics and focus areas, and a fault for every cell
        that cannot be read.
        """
        said, faults, notes = dict(row.said), list(row.faults), list(row.notes)
        for name, value in row.said.items():
            texts = value if isinstance(value, list) else [value]
            if any(isinstance(text, str) and _FOREIGN.search(text) for text in texts):
                faults.append(Fault("", name, "is not UTF-8; save the file as UTF-8"))
            elif any(isinstance(text, str) and _UNREADABLE.search(text) for text in texts):
                faults.append(Fault("", name, "holds control characters; take them out"))
        for name, find, names in (
            ("topics", self._words.topic, self._words.topics),
            ("focus_areas", self._words.focus_area, self._words.focus_areas),
        ):
            ids = []
            for words in said.get(name, []):
                found = find(str(words))
                if found is None:
                    faults.append(Fault("", name, f"{str(words)[:60]!r} is not in {name}.yaml; "
                                                  f"{self._mend_of(str(words)[:60], names)}"))
                else:
                    ids.append(found)
            if name in said:
                said[name] = list(dict.fromkeys(ids))
        if row.keywords:
            self._add_keywords(row.keywords, said, notes)
        return replace(row, said=said, faults=faults, notes=notes)

    def _mend_of(self, words: str, names: Mapping[str, str]) -> str:
        """Return what to write in place of words that are no term; each is looked up once."""
        if words not in self._mends:
            near = (difflib.get_close_matches(words.casefold(), names, 1)
                    if len(self._mends) < MOST_LOOKED_UP else [])
            self._mends[words] = (f"did you mean {names[near[0]]!r}?" if near
                                  else "check the spelling")
        return self._mends[words]

    def _add_keywords(
        self, keywords: Sequence[str], said: dict[str, Any], notes: list[str]
    ) -> None:
        topics = [topic for topic in map(self._words.topic, keywords) if topic is not None]
        others = [word for word in keywords if self._words.topic(word) is None]
        areas = [area for area in map(self._words.focus_area, others) if area is not None]
        unknown = [word for word in others if self._words.focus_area(word) is None]
        if topics and "topics" not in said:
            said["topics"] = list(dict.fromkeys(topics))[:MOST_TOPICS]
        if areas and "focus_areas" not in said:
            said["focus_areas"] = list(dict.fromkeys(areas))[:MOST_AREAS]
        if unknown:
            notes.append(f"no topics of this library: {printable(', '.join(unknown), 120)}")

    def wants_topics(self, row: Row) -> bool:
        """Return whether nothing but topics is missing for a new item."""
        if "topics" in row.said or row.faults or "url" not in row.said:
            return False
        if "topics" in self._defaults or self._known(str(row.said["url"])) is not None:
            return False
        topic = next(iter(self._shelf.library.topics), "topic")
        return isinstance(self._new_item({**self._complete(row), "topics": [topic]}), Resource)

    def text_of(self, row: Row) -> tuple[str, str]:
        """Return what topics are suggested for: title and gist, and their language."""
        data = self._complete(row)
        return f"{data['title']}. {data['gist']}", str(data["language"])

    def outcome(self, row: Row, suggested: tuple[Suggestion, ...], unit: str) -> Outcome:
        """Return what happens with a row after those before it."""
        url = str(row.said.get("url", ""))
        base = Outcome(row.number, "refused", printable(url, 200), notes=tuple(row.notes))
        if row.faults:
            return replace(base, faults=tuple(row.faults))
        if not url:
            return replace(base, faults=(Fault("", "url", _MENDS["url"]),))
        known = self._known(url)
        target = resource_id(url) if known is None else known.id
        target = self._new.get(normal_address(url), target) if known is None else target
        if target in self._seen:
            return self._again(row, *self._seen[target], base, unit)
        if known is not None:
            outcome = self._met(row, known, base)
        elif target in self._shelf.ordered:
            outcome = replace(base, faults=(Fault("", "url", _ORDERED.format(id=target)),))
        elif (there := self._shelf.file_at(url)) is not None:
            outcome = replace(base, faults=(Fault("", "url", (
                f"the file resources/{there} is there for it and has faults, or another name "
                "than its id; mend it first, `agendum library check` says how")),))
        else:
            outcome = self._added(row, suggested, base)
        if outcome.action != "refused":
            self._seen[target] = (row, outcome.resource)
            self._new.setdefault(normal_address(url), target)
        return outcome

    def _known(self, url: str) -> Resource | None:
        """Return the item in the library that is about this address; its own spelling first."""
        name = self._shelf.file_at(url)
        return self._shelf.library.resources.get(name.removesuffix(".yaml")) if name else None

    def _again(
        self, row: Row, first: Row, resource: Resource | None, base: Outcome, unit: str
    ) -> Outcome:
        """Return what becomes of a row for an item that an earlier row named."""
        other = [name for name, value in row.said.items()
                 if name not in ("id", "url") and first.said.get(name) != value]
        if other:
            return replace(base, faults=(Fault("", "url", (
                f"is the address of {unit} {first.number} too, which says something else in "
                f"{', '.join(other)}; keep one of them")),))
        return replace(base, action="unchanged", resource=resource,
                       notes=(*base.notes, f"same as {unit} {first.number}"))

    def _complete(self, row: Row) -> dict[str, Any]:
        data = {**self._defaults, **row.said}
        if "publisher" not in data and "url" in data:
            data["publisher"] = _site(str(data["url"])) or "?"
        return data

    def _new_item(self, data: dict[str, Any]) -> Resource | list[Fault]:
        try:
            return Resource.model_validate({"id": resource_id(str(data["url"])), **data})
        except ValidationError as error:
            return [_with_mend(fault) for fault in faults_of(error, "")]

    def _added(self, row: Row, suggested: tuple[Suggestion, ...], base: Outcome) -> Outcome:
        data = self._complete(row)
        notes = base.notes
        if "publisher" not in row.said and "publisher" not in self._defaults:
            notes = (*notes, f"publisher {data['publisher']} is taken from the address")
        if suggested:
            data["topics"] = [suggested[0][0]]
            notes = (*notes, "topics are suggested, not the file's: look at them")
        made = self._new_item(data)
        if isinstance(made, Resource):
            return replace(base, action="added", resource=made, suggested=suggested, notes=notes)
        return replace(base, faults=tuple(made))

    def _met(self, row: Row, known: Resource, base: Outcome) -> Outcome:
        """Return what a row does to an item that is there already."""
        if row.said.get("id", known.id) not in (known.id, resource_id(str(row.said["url"]))):
            return replace(base, faults=(Fault("", "id", f"is not that of its url; write "
                                                         f"{known.id!r} or leave it out"),))
        own = known.model_dump()
        data = {**own, **{name: value for name, value in row.said.items()
                          if name not in ("id", "url")}}
        if data["status"] == "active" and known.status == "retired":
            data |= {name: row.said.get(name) for name in ("why_retired", "superseded_by")}
        if "minutes" in row.said and "minutes_estimated" not in row.said:
            data["minutes_estimated"] = (
                known.minutes_estimated and str(data["minutes"]) == str(known.minutes))
        try:
            wanted = Resource.model_validate(data).model_dump()
        except ValidationError as error:
            return replace(base, faults=tuple(_with_mend(one) for one in faults_of(error, "")))
        differs = [name for name, value in wanted.items() if value != own[name]]
        missing = {name for name in ("minutes", "authors", "focus_areas", "checked_on")
                   if own[name] in (None, [])}
        if "minutes" in missing:
            missing.add("minutes_estimated")
        is_own = known.id in self._shelf.own
        if not is_own and not self._update:
            missing = set()
        filled = tuple(name for name in differs if name in missing)
        others = tuple(name for name in differs if name not in missing)
        taken = differs if self._update else filled
        if taken and known.id in self._shelf.ordered:
            return replace(base, faults=(Fault("", "url", _ORDERED.format(id=known.id)),))
        resource = known.model_copy(update={name: wanted[name] for name in taken})
        try:
            if taken and is_own:
                self._amended(resource, taken)
        except InvalidInputError as error:
            return replace(base, faults=error.faults)
        notes = base.notes
        if str(row.said["url"]) != known.url:
            notes = (*notes, f"there as {known.url}")
        if known.status == "retired":
            notes = (*notes, "retired here")
        if not is_own and differs:
            notes = (*notes, "ships with Agendum" if not taken else
                     "the overlay gets a file of its own in place of the shipped one")
        return replace(
            base,
            action="updated" if taken else "unchanged",
            resource=resource,
            filled=filled,
            changed=others if self._update else (),
            kept=() if self._update else others,
            notes=notes,
        )


    def _amended(self, resource: Resource, fields: Sequence[str]) -> str:
        return amended(_path(self._shelf, resource).read_text("utf-8-sig"), resource, fields)


def _path(shelf: Shelf, resource: Resource) -> Path:
    return shelf.home / "resources" / f"{resource.id}.yaml"


def _site(url: str) -> str:
    """Return the host of an address as people write it, or nothing for what has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")[:120]
    except ValueError:
        return ""


def _with_mend(fault: Fault) -> Fault:
    """Return the fault; for what is missing, with a mend that fits an import."""
    if fault.problem != "is missing; add it":
        return fault
    mend = _MENDS.get(fault.field, f"is missing; add it, or say it for all rows with "
                                   f"--default {fault.field}=…")
    return replace(fault, problem=mend)


def _without_dangling(outcomes: list[Outcome], known: set[str]) -> list[Outcome]:
    """Return the outcomes; a new successor that is nowhere makes its row, and others, refused."""
    known = known | {one.resource.id for one in outcomes if one.resource is not None}
    while True:
        lost = [at for at, one in enumerate(outcomes)
                if one.resource is not None and one.action in ("added", "updated")
                and one.resource.superseded_by is not None
                and one.resource.superseded_by not in known]
        if not lost:
            return outcomes
        for at in lost:
            one = outcomes[at]
            assert one.resource is not None
            if one.action == "added":
                known.discard(one.resource.id)
            outcomes[at] = Outcome(one.row, "refused", one.address, notes=one.notes, faults=(
                Fault("", "superseded_by", f"{one.resource.superseded_by!r} is no resource of "
                                           "this library or of a good row; check the id"),))


def apply_import(
    outcomes: Sequence[Outcome], shelf: Shelf, progress: Callable[[int, int], None]
) -> None:
    """Write the file of every row that is added or updated; a file is whole or not there.

    Raises:
        InvalidInputError: A file has become another one since the import was planned.
        OSError: The folder cannot be written; what is written stays.
    """
    todo = [one for one in outcomes if one.action in ("added", "updated")]
    for done, one in enumerate(todo, start=1):
        resource = one.resource
        if resource is None:
            continue
        path = _path(shelf, resource)
        if one.action == "added" or resource.id not in shelf.own:
            save(path, yaml_of(resource))
        else:
            text = path.read_text("utf-8-sig")
            save(path, amended(text, resource, (*one.filled, *one.changed)))
        progress(done, len(todo))


def field_of_default(text: str, value_of: Callable[[str, str], Any]) -> tuple[str, Any]:
    """Return field and value of `FIELD=VALUE`.

    Raises:
        InvalidInputError: No such field, or one that every resource says for itself.
    """
    name, equals, value = text.partition("=")
    allowed = [one for one in Resource.model_fields if one not in ("id", "url", "title", "gist")]
    if not equals or name not in allowed or not value:
        raise InvalidInputError.of(f"{text!r}: FIELD=VALUE expected, the field one of "
                                   f"{', '.join(allowed)}", source="--default")
    return name, value_of(name, value)
