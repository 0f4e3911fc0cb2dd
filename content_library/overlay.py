"""An overlay: a platform's own content laid over the shipped library, before it is validated."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from recommender.domain.curation import Overlay
from recommender.errors import Fault

ORDERS = "overlay.yaml"
ITEMS = {"resources": "resource", "activities": "activity", "programmes": "programme"}
TERMS = {"topics": "topic", "focus_areas": "focus area"}
NAMES = {**ITEMS, **TERMS}
"""What one of each kind is called in messages."""


@dataclass(frozen=True)
class Entry:
    """One item or term as it stands in a file, and what faults call the place."""

    source: str
    data: Any


Shelves = dict[str, dict[str, Entry]]
"""Entries by kind and id."""


@dataclass(frozen=True)
class Laid:
    """What an overlay did: ids by kind, and how many situations it added to shipped terms."""

    added: dict[str, list[str]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)
    situations: int = 0


def lay_over(
    shipped: Shelves, own: Shelves, orders: Overlay, source: str, faults: list[Fault]
) -> tuple[Shelves, Laid]:
    """Return the shipped entries with an overlay's laid over them, and what that did.

    Args:
        own: The overlay's own entries; an item of a shipped id replaces it, a term of a shipped
            id is merged into it, its situations added.
        orders: What `overlay.yaml` says.
        source: What faults call `overlay.yaml`.
        faults: Gets a fault for each order that cannot be carried out.
    """
    faults += _contradictions(shipped, own, orders, source)
    hidden = {kind: [one for one in getattr(orders.hide, kind) if one in shipped[kind]]
              for kind in NAMES}
    retired = [one for one in orders.retire
               if one in shipped["resources"] and one not in hidden["resources"]]
    laid: Shelves = {}
    added: dict[str, list[str]] = {}
    changed: dict[str, list[str]] = {}
    situations = 0
    for kind in NAMES:
        shelf = {one: entry for one, entry in shipped[kind].items() if one not in hidden[kind]}
        patches: Mapping[str, Any] = getattr(orders.change, kind, {})
        for one, patch in patches.items():
            if one in shelf:
                fields = {name: value for name, value in patch.items() if name != "id"}
                shelf[one] = Entry(f"{source}: change.{kind}.{one}",
                                   merged(shelf[one].data, fields))
        for one, entry in own[kind].items():
            if kind in TERMS and one in shipped[kind]:
                situations += sum(len(texts) for texts in _situations(entry.data).values())
                entry = Entry(entry.source, merged(_data(shipped[kind][one]), _with_added(
                    _data(shipped[kind][one]), entry.data)))
            shelf[one] = entry
        added[kind] = sorted(one for one in own[kind] if one not in shipped[kind])
        changed[kind] = sorted(one for one in {*patches, *own[kind]} if one in shipped[kind])
        laid[kind] = shelf
    for one in retired:
        entry = laid["resources"][one]
        why = orders.retire[one]
        laid["resources"][one] = Entry(f"{source}: retire.{one}", {
            **_data(entry), "status": "retired", "why_retired": why.why,
            "superseded_by": why.superseded_by,
        })
    return laid, Laid(added, changed, hidden, retired, situations)


def merged(data: Any, patch: Any) -> Any:
    """Return data with a patch: keys of mappings are merged, anything else is replaced."""
    if not isinstance(data, dict) or not isinstance(patch, dict):
        return patch
    return {**data, **{key: merged(data.get(key), value) for key, value in patch.items()}}


def nearest(name: str, known: Collection[str], what: str) -> str:
    """Return how to mend a name that is not known."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else f"write the id of a {what}"


def _contradictions(
    shipped: Shelves, own: Shelves, orders: Overlay, source: str
) -> Iterator[Fault]:
    """Yield a fault for each id that an order cannot find, or that two orders claim."""
    claims: dict[tuple[str, str], str] = {
        (kind, one): own[kind][one].source for kind in NAMES for one in own[kind]
    }
    wanted = [(f"change.{kind}", kind, one) for kind in ITEMS
              for one in getattr(orders.change, kind)]
    wanted += [(f"hide.{kind}", kind, one) for kind in NAMES for one in getattr(orders.hide, kind)]
    wanted += [("retire", "resources", one) for one in orders.retire]
    for place, kind, one in wanted:
        if (kind, one) in claims:
            yield Fault(source, f"{place}.{one}",
                        f"{claims[kind, one]} is about the same {NAMES[kind]}; keep one")
            continue
        claims[kind, one] = f"{place}.{one}"
        if one not in shipped[kind]:
            yield Fault(source, place, f"{one!r} is no {NAMES[kind]} of the shipped library; "
                                       f"{nearest(one, shipped[kind], NAMES[kind])}")
        elif place == "retire" and _data(shipped[kind][one]).get("status") == "retired":
            yield Fault(source, f"{place}.{one}", "is retired already; take it out")
    for kind in ITEMS:
        for one, patch in getattr(orders.change, kind).items():
            if "id" in patch:
                yield Fault(source, f"change.{kind}.{one}.id",
                            "an id is never changed; hide this one and add a file of the new id")


def _data(entry: Entry) -> dict[str, Any]:
    """Return an entry's mapping; an empty one where it holds something else, a fault elsewhere."""
    return entry.data if isinstance(entry.data, dict) else {}


def _with_added(shipped: dict[str, Any], own: Any) -> Any:
    """Return a term's own entry, its situations preceded by the shipped ones."""
    before = _situations(shipped)
    more = {language: {"situations": [*before.get(language, []), *texts]}
            for language, texts in _situations(own).items()}
    return merged(own, {"text": more}) if more else own


def _situations(term: Any) -> dict[str, list[Any]]:
    """Return what a term's entry holds of situations, by language."""
    text = term.get("text") if isinstance(term, dict) else None
    found = {}
    for language, words in (text if isinstance(text, dict) else {}).items():
        texts = words.get("situations") if isinstance(words, dict) else None
        if isinstance(texts, list):
            found[language] = texts
    return found
