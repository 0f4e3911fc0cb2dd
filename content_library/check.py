"""What the library holds, counted, and what is wrong with it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from content_library.load import Library
from recommender.domain.base import base_language
from recommender.errors import Fault


def summarise_library(library: Library, faults: Sequence[Fault]) -> dict[str, Any]:
    """Return the counts of a library and its faults, in the shape of `library check --json`.

    Resources are counted by language, focus area and topic while they are active; every focus
    area and topic of the vocabularies is listed, so that a zero shows. `overlay` stands there
    only where one was laid over the library.
    """
    active = library.active_resources
    areas = Counter(area for resource in active for area in resource.focus_areas)
    topics = Counter(topic for resource in active for topic in resource.topics)
    written = Counter(language for one in library.activities.values() for language in one.text)
    summary: dict[str, Any] = {
        "resources": {
            "active": len(active),
            "retired": len(library.resources) - len(active),
            "by_language": dict(sorted(
                Counter(base_language(one.language) for one in active).items())),
            "by_focus_area": {area: areas[area] for area in library.focus_areas},
            "by_topic": {topic: topics[topic] for topic in library.topics},
        },
        "activities": {"total": len(library.activities),
                       "by_language": dict(sorted(written.items()))},
        "programmes": len(library.programmes),
        "pulses": len(library.pulses.questions),
        "faults": [
            {"file": fault.source, "field": fault.field, "problem": fault.problem}
            for fault in faults
        ],
    }
    if library.laid is not None:
        laid = library.laid
        summary["overlay"] = {
            **{name: {kind: len(ids) for kind, ids in by_kind.items()} for name, by_kind in
               (("added", laid.added), ("changed", laid.changed), ("hidden", laid.hidden))},
            "retired": len(laid.retired),
            "situations": laid.situations,
            "refused": len(library.curation.refused),
            "pinned": len(library.curation.pinned),
        }
    return summary
