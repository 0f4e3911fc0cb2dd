"""Read the library: every file, every fault of every file, and one frozen value."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from content_library.targets import read_targets
from recommender.domain.activity import Activity
from recommender.domain.base import LANGUAGES, Frozen
from recommender.domain.phrases import Phrases
from recommender.domain.programme import Programme
from recommender.domain.resource import Resource
from recommender.domain.vocabulary import Term
from recommender.errors import Fault, InvalidInputError, LibraryError, NotFoundError, faults_of
from recommender.yaml_file import read_document

HOME = Path(__file__).parent
"""Where the shipped library lives."""

ModelT = TypeVar("ModelT", Resource, Activity, Programme)


@dataclass(frozen=True)
class Library:
    """All content, by id, in id order; topics and focus areas in file order.

    `fingerprint` is the SHA-256 of every file; it changes when any text does.
    """

    resources: dict[str, Resource]
    activities: dict[str, Activity]
    programmes: dict[str, Programme]
    focus_areas: dict[str, Term]
    topics: dict[str, Term]
    phrases: dict[str, Phrases]
    hand_off: dict[str, list[str]]
    fingerprint: str

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


def load_library(home: Path = HOME) -> Library:
    """Return the library in `home`.

    Raises:
        LibraryError: With every fault of every file.
    """
    library, faults = read_library(home)
    if faults:
        raise LibraryError(faults)
    return library


def read_library(home: Path = HOME) -> tuple[Library, list[Fault]]:
    """Return what can be read of the library in `home`, and every fault found."""
    faults: list[Fault] = []
    focus_areas = _read_terms(home / "focus_areas.yaml", faults)
    topics = _read_terms(home / "topics.yaml", faults)
    resources = _read_folder(home, "resources", Resource, faults)
    activities = _read_folder(home, "activities", Activity, faults)
    programmes = _read_folder(home, "programmes", Programme, faults)
    phrases = _read_phrases(home / "phrases.yaml", faults)
    library = Library(
        resources, activities, programmes, focus_areas, topics, phrases,
        _read_hand_off(home / "hand_off.yaml", faults), _fingerprint(home)
    )
    faults += _dangling(library)
    faults += read_targets(library, home)[1]
    return library, faults


def _read_folder(
    home: Path, folder: str, model: type[ModelT], faults: list[Fault]
) -> dict[str, ModelT]:
    found: dict[str, ModelT] = {}
    for path in sorted((home / folder).glob("[!.]*")):
        name = f"{folder}/{path.name}"
        if path.suffix != ".yaml":
            faults.append(Fault(name, "", "is not read; end the file name in .yaml, or move it"))
            continue
        data = _read(path, name, faults)
        if data is None:
            continue
        item = _validate(model, data, name, faults)
        if item is None:
            continue
        if item.id != path.stem:
            faults.append(Fault(name, "id", f"is {item.id!r}; the file name says {path.stem!r}, "
                                            "make them the same"))
        found[item.id] = item
    return found


def _read_terms(path: Path, faults: list[Fault]) -> dict[str, Term]:
    data = _read(path, path.name, faults)
    if data is None:
        return {}
    if not isinstance(data, list):
        faults.append(Fault(path.name, "", "a list of entries expected"))
        return {}
    terms: dict[str, Term] = {}
    for position, entry in enumerate(data):
        label = entry.get("id", position) if isinstance(entry, dict) else position
        term = _validate(Term, entry, f"{path.name}: {label}", faults)
        if term is None:
            continue
        if term.id in terms:
            faults.append(Fault(path.name, "id", f"{term.id!r} stands twice; keep one"))
        terms[term.id] = term
    return terms


def _read_phrases(path: Path, faults: list[Fault]) -> dict[str, Phrases]:
    data = _read(path, path.name, faults)
    if data is None:
        return {}
    if not isinstance(data, dict) or set(data) != set(LANGUAGES):
        faults.append(Fault(path.name, "", f"one mapping for each of {', '.join(LANGUAGES)} "
                                           "expected"))
        return {}
    read = {language: _validate(Phrases, data[language], f"{path.name}: {language}", faults)
            for language in LANGUAGES}
    return {language: phrases for language, phrases in read.items() if phrases is not None}


def _read_hand_off(path: Path, faults: list[Fault]) -> dict[str, list[str]]:
    data = _read(path, path.name, faults)
    if data is None:
        return {}
    try:
        patterns = TypeAdapter(dict[str, list[str]]).validate_python(data)
    except ValidationError as error:
        faults += faults_of(error, path.name)
        return {}
    for language, each in patterns.items():
        for at, pattern in enumerate(each):
            try:
                re.compile(pattern)
            except re.error as error:
                faults.append(Fault(path.name, f"{language}[{at}]",
                                    f"{pattern!r} is no regular expression: {error}"))
    return patterns


def _read(path: Path, name: str, faults: list[Fault]) -> Any:
    """Return the content of a file; null, and a fault, where there is none."""
    try:
        data = read_document(path)
    except InvalidInputError as error:
        faults += [Fault(name, fault.field, fault.problem) for fault in error.faults]
        return None
    if data is None:
        faults.append(Fault(name, "", "is empty; fill it or take it away"))
    return data


FrozenT = TypeVar("FrozenT", bound=Frozen)


def _validate(
    model: type[FrozenT], data: Any, name: str, faults: list[Fault]
) -> FrozenT | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults += faults_of(error, name)
        return None


def _dangling(library: Library) -> Iterator[Fault]:
    """Yield a fault for each reference that leads nowhere."""
    checks: list[tuple[str, str, list[str], Callable[[str], bool], str]] = []
    is_topic = library.topics.__contains__
    is_theme = lambda one: library.term(one) is not None  # noqa: E731
    is_area = library.focus_areas.__contains__
    is_resource = library.resources.__contains__
    for topic in library.topics.values():
        checks.append((f"topics.yaml: {topic.id}", "focus_areas", topic.focus_areas, is_area,
                       "focus area"))
    for resource in library.resources.values():
        name = f"resources/{resource.id}.yaml"
        successor = [resource.superseded_by] if resource.superseded_by else []
        checks += [
            (name, "topics", resource.topics, is_topic, "topic"),
            (name, "focus_areas", resource.focus_areas, is_area, "focus area"),
            (name, "superseded_by", successor, is_resource, "resource"),
        ]
    for activity in library.activities.values():
        name = f"activities/{activity.id}.yaml"
        checks += [
            (name, "topics", activity.topics, is_topic, "topic"),
            (name, "focus_areas", activity.focus_areas, is_area, "focus area"),
            (name, "resources", activity.resources, is_resource, "resource"),
        ]
    for programme in library.programmes.values():
        name = f"programmes/{programme.id}.yaml"
        checks += [
            (name, "focus_areas", programme.focus_areas, is_area, "focus area"),
            (name, "agenda.themes", list(programme.agenda.themes.values()), is_theme, "topic"),
        ]
    for name, field, ids, known, what in checks:
        for one in ids:
            if not known(one):
                yield Fault(name, field, f"{one!r} is no {what} of this library; check the "
                                         "spelling, or add it to the vocabulary first")


def _fingerprint(home: Path) -> str:
    digest = hashlib.sha256()
    paths = [home / "focus_areas.yaml", home / "topics.yaml", home / "phrases.yaml",
             home / "hand_off.yaml"]
    for folder in ("activities", "programmes", "resources"):
        paths += sorted((home / folder).glob("*.yaml"))
    for path in paths:
        if path.is_file():
            digest.update(f"{path.relative_to(home)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{digest.hexdigest()}"
