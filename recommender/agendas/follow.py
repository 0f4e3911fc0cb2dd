"""What follows from the items of an agenda: purpose, success, preparation, resources."""

from collections.abc import Iterable, Sequence

from content_library.load import Library
from recommender.agendas.preparation import MAX_PREPARATION
from recommender.domain.activity import CARRYING, ActivityText
from recommender.domain.agenda import Agenda, Item, Preparation
from recommender.domain.base import written_language
from recommender.errors import InvalidInputError

ROLES = ("mentee", "mentor", "all")


def follow_items(before: Agenda, after: Agenda, seen: Sequence[Item], library: Library) -> Agenda:
    """Return the agenda with everything around its items as they are now.

    Purpose and success begin with the main item's own sentence: where that item is gone or has
    another, the new main item's takes its place. Words that no item of ours began go with the
    longest item.

    Args:
        seen: Every state of an item on the way, so that its sentences are known again.

    Raises:
        InvalidInputError: The item that the session turns on is gone, and no main item is left.
    """
    after = _without_table(before, _with_resources(after, library), library)
    return after.model_copy(update={
        **_purpose(before, after, seen, library),
        "preparation": _preparation(before, after, library)})


def principal_of(agenda: Agenda, library: Library) -> Item | None:
    """Return the item that the session turns on: the one the purpose begins with, or the longest.

    Null when no item can carry a session.
    """
    mains = [item for item in agenda.items if item.kind in CARRYING and item.pulse is None]
    return next((item for item in mains
                 if agenda.purpose.startswith(_sentences(item, agenda, library)[0])),
                max(mains, key=lambda item: item.minutes, default=None))


def between_peers(agenda: Agenda) -> bool:
    """Return whether an agenda is for equals: nobody in it is called mentor or mentee."""
    leads = {item.lead for item in agenda.items}
    leads |= {one for use in agenda.resources for one in use.for_}
    return not leads & {"mentor", "mentee"} and not (
        agenda.preparation.mentee or agenda.preparation.mentor)


def _purpose(
    before: Agenda, after: Agenda, seen: Sequence[Item], library: Library
) -> dict[str, str]:
    mains = [item for item in after.items if item.kind in CARRYING and item.pulse is None]
    if any(after.purpose.startswith(_sentences(item, after, library)[0]) for item in mains):
        return {}
    gone = next((item for item in seen if item.kind in CARRYING
                 and after.purpose.startswith(_sentences(item, after, library)[0])), None)
    known = gone is not None
    gone = gone or principal_of(before, library)
    if gone is None or (not known and any(item.id == gone.id for item in mains)):
        return {}
    if not mains:
        raise InvalidInputError.of(
            f"{gone.id} is what the session is for; add another main item, such as an exercise "
            "or a discussion, or regenerate this one")
    ours = [item for item in mains if item.activity in library.activities] or mains
    principal = next((item for item in mains if item.id == gone.id),
                     max(ours, key=lambda item: item.minutes))
    old_purpose, old_success = (_sentences(gone, after, library) if known
                                else (after.purpose, after.success_test))
    purpose, success = _sentences(principal, after, library)
    changed = {"purpose": purpose + after.purpose.removeprefix(old_purpose)}
    if after.success_test.startswith(old_success):
        changed["success_test"] = success + after.success_test.removeprefix(old_success)
    return changed


def _sentences(item: Item, agenda: Agenda, library: Library) -> tuple[str, str]:
    """Return how purpose and success begin where a session turns on this item."""
    text = _text(item, agenda, library)
    if text is not None and text.purpose and text.success:
        return text.purpose, text.success
    phrases = library.phrases[written_language(agenda.language)]
    title = item.title if item.title.endswith((".", "!", "?", "…")) else f"{item.title}."
    return title, phrases.success_own.format(title=phrases.quoted(item.title))


def _text(item: Item, agenda: Agenda, library: Library) -> ActivityText | None:
    activity = library.activities.get(item.activity or "")
    return None if activity is None else activity.text[written_language(agenda.language)]


def _preparation(before: Agenda, after: Agenda, library: Library) -> Preparation:
    """Return the preparation without that of activities which left, with that of new main ones."""
    then, now = ({item.activity for item in agenda.items} for agenda in (before, after))
    stay = _ready([item for item in after.items if item.activity in then], after, library)
    left = _ready([item for item in before.items if item.activity not in now], before, library)
    drop = {line for each in left.values() for line in each} - {
        line for each in stay.values() for line in each}
    offered = {use.title for use in after.resources}
    drop |= {line for use in before.resources if use.title not in offered
             for line in _lines(before) if line.startswith(use.title)}
    new = _ready([item for item in after.items
                  if item.activity not in then and item.kind in CARRYING], after, library)
    lines = {role: [line for line in getattr(after.preparation, role) if line not in drop]
             for role in ROLES}
    peers = between_peers(after)
    most = MAX_PREPARATION + 1 + peers
    for role, each in new.items():
        own = lines["all" if peers else role]
        own += [line for line in each if line not in own][: max(most - len(own), 0)]
    return Preparation(**lines)


def _lines(agenda: Agenda) -> Iterable[str]:
    ready = agenda.preparation
    return (*ready.mentee, *ready.mentor, *ready.all)


def _ready(items: Sequence[Item], agenda: Agenda, library: Library) -> dict[str, list[str]]:
    """Return what each role gets ready for these items' activities."""
    texts = [text for item in items if (text := _text(item, agenda, library)) is not None]
    return {role: [line for text in texts for line in getattr(text.preparation, role)]
            for role in ROLES}


def _without_table(before: Agenda, after: Agenda, library: Library) -> Agenda:
    """Return the agenda whose purpose puts no talking point on the table that has to wait now."""
    waiting = {place.id for place in before.talking_points if place.item is None}
    lead = library.phrases[written_language(after.language)].on_the_table
    if lead in after.purpose and any(
            place.item is None and place.id not in waiting for place in after.talking_points):
        return after.model_copy(update={"purpose": after.purpose.split(lead)[0]})
    return after


def _with_resources(agenda: Agenda, library: Library) -> Agenda:
    """Return the agenda without resources that are retired, or were for an item that is gone."""
    named = {one for item in agenda.items for one in item.resources}
    uses = []
    for use in agenda.resources:
        resource = library.resources.get(use.id)
        if resource is not None and resource.status == "active" and (
                use.use != "during" or use.id in named):
            uses.append(use.model_copy(update={"title": resource.title, "url": resource.url}))
    ids = {use.id for use in uses}
    items = [item.model_copy(update={"resources": [one for one in item.resources if one in ids]})
             for item in agenda.items]
    return agenda.model_copy(update={"resources": uses, "items": items})
