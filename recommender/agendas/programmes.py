"""The programme of a case: which it is, whether it names what exists, what it has written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from content_library.load import Library
from recommender.agendas.arc import ArcSession, written_of
from recommender.domain.agenda import MIN_ITEM_MINUTES, Item, Preparation
from recommender.domain.base import Written
from recommender.domain.case import Case
from recommender.domain.programme import Programme
from recommender.domain.written import WrittenResource
from recommender.errors import Fault, InvalidInputError, NotFoundError


@dataclass(frozen=True)
class Script:
    """What a programme has written for a session, in its language, members' names taken out.

    The items have their minutes as written, and no reasons yet.
    """

    purpose: str
    success_test: str
    preparation: Preparation
    items: tuple[Item, ...]
    resources: tuple[WrittenResource, ...]

    @property
    def lines(self) -> list[str]:
        """Return every text of its items."""
        return [line for item in self.items for line in (item.title, *item.prompts, *item.steps)]


def programme_of(case: Case, library: Library) -> Programme:
    """Return the case's programme, from the library where the case gives its id.

    Raises:
        InvalidInputError: The library has no such programme, or the case's own names what the
            library does not have.
    """
    if isinstance(case.programme, Programme):
        faults = list(unknown_in(case.programme, library, "programme."))
        if faults:
            raise InvalidInputError(faults)
        return case.programme
    try:
        return library.programme(case.programme)
    except NotFoundError as error:
        raise InvalidInputError.of(str(error), field="programme") from error


def script_of(
    programme: Programme, arc: ArcSession, language: Written, minutes: int,
    clean: Callable[[str], str],
) -> Script | None:
    """Return what the programme has written for this session; null where it has written nothing.

    Args:
        clean: Takes the members' names out of a text.

    Raises:
        InvalidInputError: It is not written in the session's language, or the session is too
            short for its items.
    """
    planned = written_of(programme, arc.number, arc.of)
    if planned is None:
        return None
    session = programme.agenda.sessions[planned]
    if language not in session.text:
        known = " or ".join(sorted(session.text))
        raise InvalidInputError.of(
            f"{programme.id} has written its session {planned} in {known}, not in {language}; add "
            f"`{language}` to every text of agenda.sessions.{planned}, ask for {known}, or choose "
            "mode guided", field="session.language")
    if minutes < MIN_ITEM_MINUTES * len(session.items):
        raise InvalidInputError.of(
            f"{minutes} minutes cannot hold the {len(session.items)} items that {programme.id} has "
            f"written for its session {planned}; give it "
            f"{MIN_ITEM_MINUTES * len(session.items)} or more, or choose mode guided",
            field="session.minutes")
    words = session.text[language]
    items = []
    for at, item in enumerate(session.items, start=1):
        own = item.text[language]
        items.append(Item(
            id=f"i{at}", kind=item.kind, title=clean(own.title), minutes=item.minutes,
            lead=item.lead, prompts=[clean(line) for line in own.prompts],
            steps=[clean(line) for line in own.steps], activity=item.activity))
    own_lines = words.preparation
    return Script(
        purpose=clean(words.purpose), success_test=clean(words.success_test),
        preparation=Preparation(**{role: [clean(line) for line in getattr(own_lines, role)]
                                   for role in ("mentee", "mentor", "all")}),
        items=tuple(items), resources=tuple(session.resources))


def unknown_in(programme: Programme, library: Library, prefix: str = "") -> Iterator[Fault]:
    """Yield a fault for each id of a platform's own programme that the library does not have.

    Args:
        prefix: What the paths of fields begin with.
    """
    agenda = programme.agenda
    for number, topic in agenda.themes.items():
        if library.term(topic) is None:
            yield Fault("", f"{prefix}agenda.themes.{number}",
                        f"{topic!r} is no topic of the library; see content_library/topics.yaml")
    for number, ids in agenda.must_have.items():
        for one in ids:
            if one not in library.activities and library.term(one) is None:
                yield Fault("", f"{prefix}agenda.must_have.{number}",
                            f"{one!r} is neither activity nor topic of the library; check the "
                            "spelling")
    for number, session in agenda.sessions.items():
        place = f"{prefix}agenda.sessions.{number}"
        for at, item in enumerate(session.items):
            if item.activity is not None and item.activity not in library.activities:
                yield Fault("", f"{place}.items[{at}].activity",
                            f"{item.activity!r} is no activity of the library; take it out, or "
                            "check the spelling")
        for at, use in enumerate(session.resources):
            resource = library.resources.get(use.id)
            if resource is None or resource.status != "active":
                yield Fault("", f"{place}.resources[{at}].id",
                            f"{use.id!r} is no active resource of the library; take it out, or "
                            "check the spelling")
