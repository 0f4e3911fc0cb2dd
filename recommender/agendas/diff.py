"""What is different between two agendas, and which operation made it so."""

from collections.abc import Iterator
from typing import Any

from recommender.domain.agenda import Agenda, Item
from recommender.domain.edit import Change

FIELDS = ("kind", "activity", "title", "minutes", "lead", "prompts", "steps", "because",
          "resources", "locked")
AROUND = ("purpose", "success_test", "resources", "actions_carried")


def changes_between(
    before: Agenda, after: Agenda, op: str, *, moved: str | None = None
) -> list[Change]:
    """Return every difference in what an agenda says, the items' first, in their order.

    Args:
        op: What made them.
        moved: The item whose place was asked for; the places of the others just follow.
    """
    return [Change.model_validate({"op": op, "item": item, "field": field, "before": old,
                                   "after": new})
            for item, field, old, new in _differences(before, after, moved)]


def _differences(
    before: Agenda, after: Agenda, moved: str | None
) -> Iterator[tuple[str | None, str, Any, Any]]:
    then, now = ({item.id: item for item in agenda.items} for agenda in (before, after))
    for key, item in then.items():
        if key not in now:
            yield key, "item", _plain(item), None
    for place, (key, item) in enumerate(now.items(), start=1):
        if key not in then:
            yield key, "item", None, _plain(item)
            continue
        old, new = _plain(then[key]), _plain(item)
        if key == moved and list(then).index(key) + 1 != place:
            yield key, "position", list(then).index(key) + 1, place
        for field in FIELDS:
            if old[field] != new[field]:
                yield key, field, old[field], new[field]
    where = {place.id: place for place in before.talking_points}
    for place_now in after.talking_points:
        if where.get(place_now.id) != place_now:
            old_place = where.get(place_now.id)
            yield (place_now.item, "talking_points",
                   None if old_place is None else old_place.model_dump(mode="json"),
                   place_now.model_dump(mode="json"))
    old, new = _plain(before), _plain(after)
    for field in AROUND:
        if old[field] != new[field]:
            yield None, field, old[field], new[field]
    for role in ("mentee", "mentor", "all"):
        if old["preparation"][role] != new["preparation"][role]:
            yield None, f"preparation.{role}", old["preparation"][role], new["preparation"][role]


def _plain(model: Agenda | Item) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True)
