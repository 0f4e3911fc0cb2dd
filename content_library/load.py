"""Read the library: every file, every fault of every file, and one frozen value."""

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from content_library.compiled import compiled_file, read_compiled, write_compiled
from content_library.files import Snapshot, take_snapshot
from content_library.overlay import (
    ITEMS,
    ORDERS,
    TERMS,
    Entry,
    Laid,
    Shelves,
    lay_over,
)
from content_library.references import circular, dangling, still_meant, undecided, unfit
from content_library.targets import read_targets
from recommender.domain.activity import Activity
from recommender.domain.base import LANGUAGES, Frozen
from recommender.domain.curation import Curation, Overlay
from recommender.domain.phrases import Phrases
from recommender.domain.programme import Programme
from recommender.domain.pulse import Pulses, faults_among
from recommender.domain.resource import Resource
from recommender.domain.vocabulary import Term
from recommender.errors import Fault, InvalidInputError, LibraryError, NotFoundError, faults_of
from recommender.yaml_file import decode_document

HOME = Path(__file__).parent
"""Where the shipped library lives."""

VOCABULARIES = ("focus_areas.yaml", "topics.yaml", "phrases.yaml", "hand_off.yaml", "pulses.yaml")
"""Files that every library holds, in the order of its fingerprint."""
DECISIONS = "curation.yaml"
"""What curators refused or pinned; a library may do without."""
VERDICTS = "not_duplicates.yaml"
"""Resources that look alike and are not the same; a library may do without."""
OVERLAID = ("focus_areas.yaml", "topics.yaml", ORDERS, DECISIONS, VERDICTS)
"""Files that an overlay may hold beside the folders of items."""

_PART = re.compile(r"<([a-z_]+)>")
"""A name of `words` in a pattern of hand_off.yaml."""


@dataclass(frozen=True)
class Library:
    """All content, by id, in id order; topics and focus areas in file order.

    Attributes:
        fingerprint: The SHA-256 of every file, an overlay's too; it changes when any text does.
        curation: What was refused and pinned; an overlay's decisions come first.
        laid: What an overlay did; null without one.
    """

    resources: dict[str, Resource]
    activities: dict[str, Activity]
    programmes: dict[str, Programme]
    focus_areas: dict[str, Term]
    topics: dict[str, Term]
    phrases: dict[str, Phrases]
    hand_off: dict[str, list[str]]
    pulses: Pulses
    fingerprint: str
    curation: Curation = field(default_factory=Curation)
    laid: Laid | None = None

    @property
    def active_resources(self) -> list[Resource]:
        """Return what may be recommended."""
        return [resource for resource in self.resources.values() if resource.status == "active"]

    def programme(self, programme_id: str) -> Programme:
        """Return the programme of this id.

        Raises:
            NotFoundError: The library has no such programme; the message lists those it has.
        """
        try:
            return self.programmes[programme_id]
        except KeyError:
            known = ", ".join(self.programmes)
            raise NotFoundError(
                f"programme {programme_id!r} is not in the library; write one of {known}, "
                "or the whole programme in its place"
            ) from None

    def term(self, term_id: str) -> Term | None:
        """Return the topic or focus area of this id or alias, if there is one."""
        return (self.topics.get(term_id) or self.focus_areas.get(term_id)
                or next((one for one in self.topics.values() if term_id in one.aliases), None))

def load_library(
    home: Path = HOME, *, overlay: Path | None = None, cache: Path | None = None
) -> Library:
    """Return the library in `home`, with an overlay laid over it.

    Args:
        overlay: A platform's own content; see docs/curator.md.
        cache: Folder for a compiled copy, which is read in place of the same files as YAML.

    Raises:
        LibraryError: With every fault of every file.
    """
    shipped, own = take_sources(home, overlay)
    if cache is None:
        return _sound(shipped, own)
    copy = compiled_file(cache, home, overlay)
    key = f"{shipped.key} {own.key if own else None}"
    kept = read_compiled(_adapter(), copy, key)
    if kept is not None:
        return kept
    library = _sound(shipped, own)
    write_compiled(_adapter(), copy, key, library)
    return library


def read_library(
    home: Path = HOME, *, overlay: Path | None = None
) -> tuple[Library, list[Fault]]:
    """Return what can be read of the library in `home`, an overlay over it, and every fault."""
    library, faults = read_sources(*take_sources(home, overlay))
    return library, faults + read_targets(library, home)[1]


def take_sources(home: Path, overlay: Path | None) -> tuple[Snapshot, Snapshot | None]:
    """Return the files of a library and of its overlay, if there is one.

    Raises:
        InvalidInputError: The overlay is no folder.
    """
    shipped = take_snapshot(home, (*VOCABULARIES, DECISIONS))
    if overlay is None:
        return shipped, None
    if not overlay.is_dir():
        raise InvalidInputError.of(
            "is no folder; make it, or mend AGENDUM_OVERLAY", source=str(overlay))
    return shipped, take_snapshot(overlay, OVERLAID, prefix=f"{overlay}/", closed=True)


def read_sources(shipped: Snapshot, own: Snapshot | None) -> tuple[Library, list[Fault]]:
    """Return the library of these files and of an overlay's, and every fault found."""
    faults: list[Fault] = []
    shelves = _shelves(shipped, faults)
    decided = _model_of(shipped, DECISIONS, Curation, faults) or Curation()
    if own is None:
        library, sources = _built(shelves, shipped, faults)
        faults += [*dangling(library, sources), *unfit(library, sources),
                   *circular(library, sources)]
        faults += undecided(library, decided, shipped.prefix + DECISIONS)
        return replace(library, curation=decided), faults
    orders = _model_of(own, ORDERS, Overlay, faults) or Overlay()
    laid, work = lay_over(shelves, _shelves(own, faults), orders, own.prefix + ORDERS, faults)
    library, sources = _built(laid, shipped, faults)
    hidden = {(kind, name): one for kind, ids in work.hidden.items() for one in ids
              for name in (one, *_aliases(shelves[kind][one]))}
    faults += dangling(library, sources, hidden, own.prefix + ORDERS)
    faults += [*unfit(library, sources), *circular(library, sources)]
    decisions = _model_of(own, DECISIONS, Curation, faults) or Curation()
    kept = still_meant(decided, library, work)
    faults += undecided(library, kept, shipped.prefix + DECISIONS)
    faults += undecided(library, decisions, own.prefix + DECISIONS)
    both = Snapshot({"": shipped.fingerprint.encode(), **own.files}, {}, ())
    return replace(
        library, curation=decisions.over(kept), laid=work,
        fingerprint=both.fingerprint if own.files else shipped.fingerprint,
    ), faults


def _built(
    shelves: Shelves, shipped: Snapshot, faults: list[Fault]
) -> tuple[Library, dict[tuple[str, str], str]]:
    """Return the library of validated entries, and where each of them stands."""
    sources: dict[tuple[str, str], str] = {}
    library = Library(
        resources=_validated("resources", Resource, shelves, sources, faults),
        activities=_validated("activities", Activity, shelves, sources, faults),
        programmes=_validated("programmes", Programme, shelves, sources, faults),
        focus_areas=_validated("focus_areas", Term, shelves, sources, faults),
        topics=_validated("topics", Term, shelves, sources, faults),
        phrases=_read_phrases(shipped, faults),
        hand_off=_read_hand_off(shipped, faults),
        pulses=_read_pulses(shipped, faults),
        fingerprint=shipped.fingerprint,
    )
    return library, sources


def _sound(shipped: Snapshot, own: Snapshot | None) -> Library:
    library, faults = read_sources(shipped, own)
    if faults:
        raise LibraryError(faults)
    return library


@cache
def _adapter() -> TypeAdapter[Library]:
    return TypeAdapter(Library)


def _shelves(snapshot: Snapshot, faults: list[Fault]) -> Shelves:
    """Return what the files of one folder hold, not validated yet, by kind and id."""
    shelves: Shelves = {}
    faults += [Fault(snapshot.prefix + name, "", "is not read; end the file name in .yaml, or "
                                                 "move it") for name in snapshot.strays]
    for kind in TERMS:
        shelves[kind] = _read_terms(snapshot, f"{kind}.yaml", faults)
    for kind in ITEMS:
        shelves[kind] = {}
        for name in snapshot.of_folder(kind):
            data = _read(snapshot, name, faults)
            if data is not None:
                item = Path(name).stem
                shelves[kind][item] = Entry(snapshot.prefix + name, data)
    return shelves


def _read_terms(snapshot: Snapshot, name: str, faults: list[Fault]) -> dict[str, Entry]:
    source = snapshot.prefix + name
    if snapshot.prefix and name not in snapshot.files and name not in snapshot.unreadable:
        return {}
    data = _read(snapshot, name, faults)
    if data is None:
        return {}
    if not isinstance(data, list):
        faults.append(Fault(source, "", "a list of entries expected"))
        return {}
    terms: dict[str, Entry] = {}
    for position, entry in enumerate(data):
        label = str(entry.get("id", position) if isinstance(entry, dict) else position)
        if label in terms:
            faults.append(Fault(source, "id", f"{label!r} stands twice; keep one"))
            continue
        terms[label] = Entry(f"{source}: {label}", entry)
    return terms


ModelT = TypeVar("ModelT", Resource, Activity, Programme, Term)


def _validated(
    kind: str, model: type[ModelT], shelves: Shelves, sources: dict[tuple[str, str], str],
    faults: list[Fault],
) -> dict[str, ModelT]:
    """Return the sound items of one kind: terms in their order, others by id."""
    found: dict[str, ModelT] = {}
    shelf = shelves[kind]
    for name in sorted(shelf) if kind in ITEMS else shelf:
        entry = shelf[name]
        sources[kind, name] = entry.source
        item = _validate(model, entry.data, entry.source, faults)
        if item is None:
            continue
        if item.id != name:
            faults.append(Fault(entry.source, "id", f"is {item.id!r}; the file name says "
                                                    f"{name!r}, make them the same"))
        found[item.id] = item
        sources[kind, item.id] = entry.source
    return found


def _read_phrases(snapshot: Snapshot, faults: list[Fault]) -> dict[str, Phrases]:
    name = "phrases.yaml"
    data = _read(snapshot, name, faults)
    if data is None:
        return {}
    if not isinstance(data, dict) or set(data) != set(LANGUAGES):
        faults.append(Fault(name, "", f"one mapping for each of {', '.join(LANGUAGES)} "
                                           "expected"))
        return {}
    read = {language: _validate(Phrases, data[language], f"{name}: {language}", faults)
            for language in LANGUAGES}
    return {language: phrases for language, phrases in read.items() if phrases is not None}


def _read_hand_off(snapshot: Snapshot, faults: list[Fault]) -> dict[str, list[str]]:
    name = "hand_off.yaml"
    data = _read(snapshot, name, faults)
    if data is None:
        return {}
    try:
        patterns = TypeAdapter(dict[str, list[str]]).validate_python(data)
    except ValidationError as error:
        faults += faults_of(error, name)
        return {}
    words = dict(line.split(" = ", 1) for line in patterns.pop("words", []))
    for language, each in patterns.items():
        for at, written in enumerate(each):
            each[at] = pattern = _PART.sub(lambda name: words.get(name[1], name[0]), written)
            try:
                re.compile(pattern)
            except re.error as error:
                faults.append(Fault(name, f"{language}[{at}]",
                                    f"{pattern!r} is no regular expression: {error}"))
    return patterns


def _read_pulses(shipped: Snapshot, faults: list[Fault]) -> Pulses:
    name = "pulses.yaml"
    data = _read(shipped, name, faults)
    pulses = None if data is None else _validate(Pulses, data, shipped.prefix + name, faults)
    if pulses is None:
        return Pulses()
    faults += [Fault(shipped.prefix + name, field, problem)
               for field, problem in faults_among(pulses)]
    return pulses


def _read(snapshot: Snapshot, name: str, faults: list[Fault]) -> Any:
    """Return the content of a file; null, and a fault, where there is none."""
    source = snapshot.prefix + name
    if name in snapshot.unreadable:
        faults.append(Fault(source, "", snapshot.unreadable[name]))
        return None
    if name not in snapshot.files:
        faults.append(Fault(source, "", "no such file; check the path"))
        return None
    try:
        data = decode_document(snapshot.files[name], source)
    except InvalidInputError as error:
        faults += error.faults
        return None
    if data is None:
        faults.append(Fault(source, "", "is empty; fill it or take it away"))
    return data


FrozenT = TypeVar("FrozenT", bound=Frozen)


def _model_of(
    snapshot: Snapshot, name: str, model: type[FrozenT], faults: list[Fault]
) -> FrozenT | None:
    """Return what an optional file holds; null where it is not there, or has faults."""
    if name not in snapshot.files and name not in snapshot.unreadable:
        return None
    data = _read(snapshot, name, faults)
    return None if data is None else _validate(model, data, snapshot.prefix + name, faults)


def _validate(
    model: type[FrozenT], data: Any, name: str, faults: list[Fault]
) -> FrozenT | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults += faults_of(error, name)
        return None


def _aliases(entry: Entry) -> list[str]:
    """Return the other ids of a term, as far as it holds a list of them."""
    aliases = entry.data.get("aliases") if isinstance(entry.data, dict) else None
    return [one for one in aliases if isinstance(one, str)] if isinstance(aliases, list) else []
