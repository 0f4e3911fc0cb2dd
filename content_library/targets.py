"""What the library should hold, and how much of it there is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationError

from recommender.domain.base import LANGUAGES, Frozen, Id, Short, Written, base_language
from recommender.errors import Fault, InvalidInputError, LibraryError, faults_of
from recommender.yaml_file import read_document

if TYPE_CHECKING:
    from content_library.load import Library

NAME = "targets.yaml"
Count = Annotated[int, Field(ge=1, le=10_000)]


class Theme(Frozen):
    """A theme that runs through all focus areas, and the topics it is written under."""

    name: Short
    topics: Annotated[list[Id], Field(min_length=1, max_length=10)]


class ResourceTargets(Frozen):
    """How many active resources each focus area and each topic should have."""

    by_focus_area: dict[Written, Count]
    by_topic: Count


class ActivityTargets(Frozen):
    """How many activities each theme should have."""

    at_least: Count
    themes: Annotated[list[Theme], Field(max_length=100)]


class Targets(Frozen):
    """The content of `targets.yaml`."""

    resources: ResourceTargets
    activities: ActivityTargets


@dataclass(frozen=True)
class Standing:
    """One target, and what there is.

    Attributes:
        kind: What is counted.
        name: A focus area and a language, a topic, or a theme.
    """

    kind: Literal["resources by focus area", "resources by topic", "activities by theme"]
    name: str
    count: int
    at_least: int

    @property
    def met(self) -> bool:
        """Return whether there is enough."""
        return self.count >= self.at_least


def load_targets(library: "Library", home: Path) -> Targets:
    """Return the targets of the library in `home`.

    Raises:
        LibraryError: The file is missing or has faults.
    """
    targets, faults = read_targets(library, home)
    if targets is None or faults:
        raise LibraryError(faults)
    return targets


def read_targets(library: "Library", home: Path) -> tuple[Targets | None, list[Fault]]:
    """Return the targets of the library in `home`, if they can be read, and every fault."""
    try:
        targets = Targets.model_validate(read_document(home / NAME))
    except InvalidInputError as error:
        return None, [Fault(NAME, fault.field, fault.problem) for fault in error.faults]
    except ValidationError as error:
        return None, faults_of(error, NAME)
    return targets, [
        Fault(NAME, f"activities.themes[{at}].topics",
              f"{topic!r} is no topic of this library; check the spelling")
        for at, theme in enumerate(targets.activities.themes) for topic in theme.topics
        if topic not in library.topics
    ]


def standings(library: "Library", targets: Targets) -> list[Standing]:
    """Return each target with what there is, in the order of the file and the vocabularies."""
    shares = resources_by_area(library)
    topics = resources_by_topic(library)
    found = [
        Standing("resources by focus area", f"{area}, {language}", shares[area][language], least)
        for area in library.focus_areas
        for language, least in targets.resources.by_focus_area.items()
    ]
    found += [Standing("resources by topic", topic, count, targets.resources.by_topic)
              for topic, count in topics.items()]
    found += [
        Standing("activities by theme", theme.name,
                 sum(not set(theme.topics).isdisjoint(one.topics)
                     for one in library.activities.values()),
                 targets.activities.at_least)
        for theme in targets.activities.themes
    ]
    return found


def resources_by_area(library: "Library") -> dict[str, dict[str, int]]:
    """Return active resources by focus area and language; a zero shows for those we write."""
    counts = Counter((area, base_language(one.language))
                     for one in library.active_resources for area in one.focus_areas)
    languages = [*LANGUAGES, *sorted({language for _, language in counts} - set(LANGUAGES))]
    return {area: {language: counts[area, language] for language in languages}
            for area in library.focus_areas}


def resources_by_topic(library: "Library") -> dict[str, int]:
    """Return active resources by topic, in the order of the vocabulary."""
    counts = Counter(topic for one in library.active_resources for topic in one.topics)
    return {topic: counts[topic] for topic in library.topics}


def activities_by_topic(library: "Library") -> dict[str, int]:
    """Return activities by topic, in the order of the vocabulary."""
    counts = Counter(topic for one in library.activities.values() for topic in one.topics)
    return {topic: counts[topic] for topic in library.topics}


def targets_text(found: Sequence[Standing]) -> str:
    """Return the targets for people: those not met in full, those met as a number."""
    short = [one for one in found if not one.met]
    lines = [f"targets (targets.yaml): {len(found) - len(short)} of {len(found)} met"]
    width = max((len(one.name) for one in short), default=0)
    for kind in dict.fromkeys(one.kind for one in found):
        own = [one for one in found if one.kind == kind]
        lines.append(f"  {kind}: {sum(one.met for one in own)} of {len(own)} met")
        lines += [f"    not met  {one.name:{width}}  {one.count:3} of {one.at_least}"
                  for one in own if not one.met]
    return "\n".join(lines) + "\n"
