"""An agenda as Markdown: what a participant reads first."""

from collections.abc import Iterator

from recommender.domain.agenda import Agenda, Item, ResourceUse, TalkingPointPlace
from recommender.domain.phrases import Phrases


def render_markdown(agenda: Agenda, phrases: Phrases) -> str:
    """Return the agenda as Markdown in its own language, ending in a newline.

    Args:
        phrases: Of the agenda's language.
    """
    return "\n".join(_lines(agenda, phrases)).rstrip() + "\n"


def _lines(agenda: Agenda, phrases: Phrases) -> Iterator[str]:
    heading = phrases.headings
    session = agenda.session
    which = heading["session"] if session.of is not None else heading["session_open"]
    yield f"# {_plain(agenda.purpose)}"
    yield ""
    yield " · ".join([
        which.format(number=session.number, of=session.of),
        phrases.type_of(session.type, session.of),
        heading["minutes"].format(minutes=session.minutes),
    ])
    yield ""
    yield f"**{heading['success']}** {_plain(agenda.success_test)}"
    yield ""
    if agenda.hand_off is not None:
        yield f"> **{heading['hand_off']}.** {_plain(agenda.hand_off.why)}"
        yield f"> → {_plain(agenda.hand_off.to)}"
        yield ""
    yield from _preparation(agenda, phrases)
    for item in agenda.items:
        yield from _item(item, phrases)
    yield from _points(agenda, phrases)
    if agenda.resources:
        yield f"## {heading['resources']}"
        yield ""
        for use in agenda.resources:
            yield _resource(use, phrases)
        yield ""
    if agenda.confidence.missing:
        yield f"## {heading['ask']}"
        yield ""
        for question in agenda.confidence.missing:
            yield f"- {_plain(question)}"


def _preparation(agenda: Agenda, phrases: Phrases) -> Iterator[str]:
    roles = [("mentee", agenda.preparation.mentee), ("mentor", agenda.preparation.mentor),
             ("all", agenda.preparation.all)]
    if not any(lines for _, lines in roles):
        return
    heading = phrases.headings
    yield f"## {heading['before']}"
    yield ""
    for role, lines in roles:
        for line in lines:
            yield f"- **{heading[f'for_{role}']}:** {_plain(line)}"
    yield ""


def _item(item: Item, phrases: Phrases) -> Iterator[str]:
    lead = phrases.headings["opened_by"].format(lead=phrases.leads[item.lead])
    yield f"## {item.minutes} min · {_plain(item.title)}"
    yield ""
    yield f"*{phrases.kinds[item.kind]}, {lead}*"
    yield ""
    for prompt in item.prompts:
        yield f"- {_plain(prompt)}"
    yield ""
    for number, step in enumerate(item.steps, start=1):
        yield f"{number}. {_plain(step)}"
    if item.steps:
        yield ""


def places_shown(agenda: Agenda, phrases: Phrases) -> list[TalkingPointPlace]:
    """Return the talking points that a page may list: not those that are for a person.

    Both read the page; only the caller, who has the ids, can tell whose words were left out.
    """
    return [place for place in agenda.talking_points
            if place.deferred != phrases.deferred_person]


def _points(agenda: Agenda, phrases: Phrases) -> Iterator[str]:
    shown = places_shown(agenda, phrases)
    if all(place.deferred is None for place in shown):
        return
    yield f"## {phrases.headings['points']}"
    yield ""
    titles = {item.id: item.title for item in agenda.items}
    for place in shown:
        where = (
            phrases.headings["not_today"].format(reason=place.deferred)
            if place.item is None
            else phrases.headings["in_item"].format(title=titles[place.item])
        )
        yield f"- {place.id}: {_plain(where)}"
    yield ""


def _resource(use: ResourceUse, phrases: Phrases) -> str:
    length = phrases.length_of(use.minutes, estimated=use.minutes_estimated)
    about = ", ".join([phrases.formats[use.format], length, use.language, phrases.uses[use.use]])
    url = use.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"- [{_plain(use.title)}]({url}) ({about}). {_plain(use.reason)}"


_ACTIVE = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|~"})


def _plain(text: str) -> str:
    """Return text that Markdown shows as it was written: no markup, no line break, no HTML."""
    return " ".join(text.split()).translate(_ACTIVE)
