"""A case and an agenda as those who judge them read them: no name, nothing of how it was made."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from recommender.agendas.brief import make_brief
from recommender.agendas.draft import LANGUAGE_NAMES
from recommender.agendas.view import View, view_case, visible_brief
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Item, ResourceUse
from recommender.domain.case import Case
from recommender.names.contacts import without_contacts

LEFT_OUT = ("Something that people wrote here needs a person (distress, harassment, danger). "
            "It is not shown; an agenda leaves it to people.")
_WORD = re.compile(r"\w[\w'’-]*\w|\w")



@dataclass(frozen=True)
class Block:
    """A heading with its lines; a line that begins with a dash or a question mark says so."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What is shown of a case, or of an agenda."""

    language: str
    blocks: tuple[Block, ...]

    def to_text(self) -> str:
        """Return it as plain text, one blank line between blocks."""
        return "\n\n".join("\n".join((block.heading, *block.lines)) for block in self.blocks)


def sheet_of_case(case: Case, catalogue: Catalogue) -> Sheet:
    """Return what may be shown of a case: what a model may see of it, and no more.

    People are roles; what leads to them, what is not allow-listed and what needs a person are
    left out.

    Raises:
        InvalidInputError: The case names something the library does not have.
    """
    full = make_brief(case, catalogue.library, catalogue.hand_off_rules, catalogue.known_words)
    brief = visible_brief(full)
    view = view_case(case, brief, catalogue)
    of = "no fixed number" if full.arc.of is None else str(full.arc.of)
    session = [f"Session {full.arc.number} of {of}, {full.minutes} minutes, "
               f"in {LANGUAGE_NAMES[full.language]}",
               f"Kind: {full.arc.type}; mode: {full.mode}"]
    if full.focus_area is not None:
        area = catalogue.library.focus_areas[full.focus_area].text["en"].label
        session.append(f"Focus area: {area}")
    if full.arc.theme is not None and full.arc.theme in catalogue.library.topics:
        session.append(f"Theme: {catalogue.library.topics[full.arc.theme].text['en'].label}")
    blocks = [Block("The session", tuple(session)),
              Block("The programme", tuple(f"{key.capitalize()}: {text}"
                                           for key, text in view.programme.items())),
              Block("Who meets", tuple(_person(one) for one in view.people)),
              *_said(view)]
    if full.hand_off:
        blocks.append(Block("Left out", (LEFT_OUT,)))
    return Sheet(full.language, tuple(block for block in blocks if block.lines))


def safe_sheet_of_agenda(agenda: Agenda, case: Case, catalogue: Catalogue) -> Sheet:
    """Return what participants get of an agenda, without names that a talking point brought in.

    What the library says stays as it is; a word of the talking points that a model may not see
    is hidden wherever it stands.
    """
    brief = make_brief(case, catalogue.library, catalogue.hand_off_rules, catalogue.known_words)
    somebody = catalogue.library.phrases[brief.language].person_other
    private = {word for raw, seen in zip(case.session.talking_points, brief.talking_points,
                                         strict=True)
               for word in set(_WORD.findall(raw.text)) - set(_WORD.findall(seen.text))
               if seen.text and not word.islower()}
    names = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(private)))})\b") if private else None

    def safe(line: str) -> str:
        line = without_contacts(line)
        return line if names is None else names.sub(somebody, line)

    sheet = sheet_of_agenda(agenda)
    return replace(sheet, blocks=tuple(Block(safe(block.heading), tuple(map(safe, block.lines)))
                                       for block in sheet.blocks))


def sheet_of_agenda(agenda: Agenda) -> Sheet:
    """Return what participants get of an agenda, without its provenance and ids."""
    blocks = [Block("Purpose", (agenda.purpose,)), Block("Success test", (agenda.success_test,))]
    blocks += [_item(at, item) for at, item in enumerate(agenda.items, start=1)]
    prepared = agenda.preparation
    blocks.append(Block("Before the session", tuple(
        f"- {role}: {line}" for role, lines in
        (("mentee", prepared.mentee), ("mentor", prepared.mentor), ("all", prepared.all))
        for line in lines)))
    blocks.append(Block("Resources", tuple(map(_resource, agenda.resources))))
    blocks.append(Block("Put off", tuple(f"- {one.deferred}" for one in agenda.talking_points
                                         if one.deferred is not None)))
    blocks.append(Block("Would help to know", tuple(
        f"- {line}" for line in agenda.confidence.missing)))
    if agenda.hand_off is not None:
        blocks.append(Block("For a person", (agenda.hand_off.why, agenda.hand_off.to)))
    return Sheet(agenda.language, tuple(block for block in blocks if block.lines))


def _person(person: dict[str, object]) -> str:
    facts = [f"{name.replace('_', ' ')}: "
             f"{', '.join(map(str, value)) if isinstance(value, list) else value}"
             for name, value in person.items() if name != "role"]
    return "; ".join([f"- {person['role']}", *facts])


def _said(view: View) -> Iterable[Block]:
    def lines(said: Iterable[object]) -> tuple[str, ...]:
        found = []
        for one in said:
            by = getattr(one, "by", None)
            text = getattr(one, "text", one)
            about = "".join(f"; {name.replace('_', ' ')}: {value}"
                            for name, value in getattr(one, "about", ()))
            found.append(f"- {text}" + (f" ({by}{about})" if by else ""))
        return tuple(found)

    return (Block("Goals", lines(view.goals)), Block("Open actions", lines(view.actions)),
            Block("Done since", lines(view.done)),
            Block("Talking points for this session", lines(view.points)),
            Block("Notes of earlier sessions, the newest first", lines(view.notes)))


def _item(at: int, item: Item) -> Block:
    lines = [f"? {one}" for one in item.prompts] + [f"- {one}" for one in item.steps]
    return Block(f"{at}. {item.title} ({item.minutes} min, opened by {item.lead})", tuple(lines))


def _resource(use: ResourceUse) -> str:
    length = "" if use.minutes is None else f", {use.minutes} min"
    return (f"- {use.title} ({use.format}{length}, in {use.language}; {use.use} the session, "
            f"for {', '.join(use.for_)}): {use.reason}")
