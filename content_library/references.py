"""References between items, and decisions about them: each must lead somewhere."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from content_library.overlay import NAMES, Laid, nearest
from recommender.domain.curation import Curation, Pinned, Refused
from recommender.domain.resource import Resource
from recommender.domain.vocabulary import Term
from recommender.errors import Fault

if TYPE_CHECKING:
    from content_library.load import Library

SHOWN = 5
"""Places that a fault lists before it only counts them."""
NOTHING: Mapping[tuple[str, str], str] = {}


def dangling(
    library: "Library", sources: Mapping[tuple[str, str], str],
    hidden: Mapping[tuple[str, str], str] = NOTHING, orders: str = "",
) -> Iterator[Fault]:
    """Yield a fault for each reference that leads nowhere, one for each hidden id still named."""
    named: dict[tuple[str, str], list[str]] = {}
    for name, field, kinds, one in _references(library, sources):
        if any((kind, one) in sources for kind in kinds):
            continue
        if "topics" in kinds and "focus_areas" in kinds and library.term(one) is not None:
            continue
        kind = next((kind for kind in kinds if (kind, one) in hidden), None)
        if kind is not None:
            named.setdefault((kind, hidden[kind, one]), []).append(f"{name} ({field})")
            continue
        yield Fault(name, field, f"{one!r} is no {NAMES[kinds[0]]} of this library; check the "
                                 "spelling, or add it to the vocabulary first")
    for (kind, one), places in named.items():
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        yield Fault(orders, f"hide.{kind}",
                    f"{one!r} is named by {', '.join(places[:SHOWN])}{more}; change or hide "
                    "those too, or do not hide it")


def _references(
    library: "Library", sources: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Yield place, field, possible kinds and id of every reference between items."""
    for topic in library.topics.values():
        name = sources["topics", topic.id]
        for one in topic.prerequisites:
            yield name, "prerequisites", ("topics",), one
        for one in topic.focus_areas:
            yield name, "focus_areas", ("focus_areas",), one
    for resource in library.resources.values():
        name = sources["resources", resource.id]
        for one in resource.topics:
            yield name, "topics", ("topics",), one
        for one in resource.focus_areas:
            yield name, "focus_areas", ("focus_areas",), one
        for one in resource.prerequisites:
            yield name, "prerequisites", ("resources",), one
        if resource.superseded_by is not None:
            yield name, "superseded_by", ("resources",), resource.superseded_by
    for activity in library.activities.values():
        name = sources["activities", activity.id]
        for kind, ids in (("topics", activity.topics), ("focus_areas", activity.focus_areas),
                          ("resources", activity.resources)):
            for one in ids:
                yield name, kind, (kind,), one
        for one in activity.practises:
            yield name, "practises", ("topics",), one
    for programme in library.programmes.values():
        name = sources["programmes", programme.id]
        for one in programme.focus_areas:
            yield name, "focus_areas", ("focus_areas",), one
        agenda = programme.agenda
        for one in agenda.themes.values():
            yield name, "agenda.themes", ("topics", "focus_areas"), one
        for number, ids in agenda.must_have.items():
            for one in ids:
                yield (name, f"agenda.must_have.{number}",
                       ("activities", "topics", "focus_areas"), one)
        for one in agenda.repeat:
            yield name, "agenda.repeat", ("activities", "resources"), one
        for number, session in agenda.sessions.items():
            for at, item in enumerate(session.items):
                if item.activity is not None:
                    yield (name, f"agenda.sessions.{number}.items[{at}].activity",
                           ("activities",), item.activity)
            for use in session.resources:
                yield name, f"agenda.sessions.{number}.resources", ("resources",), use.id


def circular(library: "Library", sources: Mapping[tuple[str, str], str]) -> Iterator[Fault]:
    """Yield a fault for what builds on itself, straight or by way of others."""
    shelves: tuple[tuple[str, Mapping[str, Resource | Term]], ...] = (
        ("resources", library.resources), ("topics", library.topics))
    for kind, items in shelves:
        for one in items.values():
            reached, ahead = set[str](), list(one.prerequisites)
            while ahead:
                next_one = ahead.pop()
                if next_one in items and next_one not in reached:
                    reached.add(next_one)
                    ahead += items[next_one].prerequisites
            if one.id in reached:
                yield Fault(sources[kind, one.id], "prerequisites",
                            f"{one.id!r} comes to build on itself; take one of them out")


def unfit(library: "Library", sources: Mapping[tuple[str, str], str]) -> Iterator[Fault]:
    """Yield a fault for what a programme asks for and no session of its can hold."""
    for programme in library.programmes.values():
        name = sources["programmes", programme.id]
        agenda = programme.agenda
        for number, ids in agenda.must_have.items():
            for one in ids:
                activity = library.activities.get(one)
                if activity is not None and programme.relation not in activity.relations:
                    yield Fault(name, f"agenda.must_have.{number}",
                                f"{one!r} is for {', '.join(activity.relations)}, the programme "
                                f"for {programme.relation}; choose another")
        for number, session in agenda.sessions.items():
            for use in session.resources:
                resource = library.resources.get(use.id)
                if resource is not None and resource.status == "retired":
                    yield Fault(name, f"agenda.sessions.{number}.resources",
                                f"{use.id!r} is retired and never named; choose another")


def undecided(library: "Library", curation: Curation, source: str) -> Iterator[Fault]:
    """Yield a fault for each decision about something that is not there."""
    decisions: list[tuple[str, Refused | Pinned]] = [
        *((f"refused[{at}]", one) for at, one in enumerate(curation.refused)),
        *((f"pinned[{at}]", one) for at, one in enumerate(curation.pinned)),
    ]
    for place, one in decisions:
        resource = library.resources.get(one.resource)
        if resource is None:
            yield Fault(source, f"{place}.resource",
                        f"{one.resource!r} is no resource of this library; "
                        f"{nearest(one.resource, library.resources, 'resource')}")
        elif isinstance(one, Pinned) and resource.status == "retired":
            yield Fault(source, f"{place}.resource",
                        f"{one.resource!r} is retired and never recommended; pin another")
        if one.topic is not None and one.topic not in library.topics:
            yield Fault(source, f"{place}.topic",
                        f"{one.topic!r} is no topic of this library; "
                        f"{nearest(one.topic, library.topics, 'topic')}")


def still_meant(curation: Curation, library: "Library", work: Laid) -> Curation:
    """Return shipped decisions without those that an overlay has taken the ground from.

    They are about what it hides, or pin what it retires; the shipped file is not its to mend.
    """
    hidden = {one for ids in work.hidden.values() for one in ids}
    touched = {*work.retired, *work.changed.get("resources", ())}
    retired = {one for one in touched
               if one in library.resources and library.resources[one].status == "retired"}
    return Curation(
        refused=[one for one in curation.refused if not {one.resource, one.topic} & hidden],
        pinned=[one for one in curation.pinned
                if not {one.resource, one.topic} & (hidden | retired)],
    )
