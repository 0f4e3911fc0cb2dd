"""Each format of every shipped example, opened with a reader library, holds the whole agenda."""

import pytest
from hostile import HOSTILE, XML_UNREADABLE
from readers import SHOWN, flat, missing, read, rendered
from shipped import Agendas, read_examples

from recommender.agendas.render.sheet import headline
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Confidence, Preparation, TalkingPointPlace
from recommender.domain.base import Role
from recommender.domain.case import Case
from recommender.errors import InvalidInputError

pytestmark = pytest.mark.xdist_group("examples")
NAMES = sorted(read_examples())
PAIR, GROUP = "nextgen/2-does-yes-mean-yes", "leaders-circle/2-lo-publico-y-lo-mio"
FRENCH, PEERS = "nextgen/1-trois-semaines-au-bureau", "peer-quarter/1-two-leads-first-hour"
HANDED_OFF = "new-managers/5-hard-talk-and-a-hand-off"


def opening(agenda: Agenda) -> list[str]:
    """Return what stands before the items, in order."""
    hand_off = [] if agenda.hand_off is None else [agenda.hand_off.why, agenda.hand_off.to]
    own = agenda.preparation
    purpose = [part for part in headline(agenda.purpose) if part]
    return [*purpose, agenda.success_test, *hand_off, *own.mentee, *own.mentor, *own.all]


def middle(agenda: Agenda) -> list[str]:
    """Return what the items say, in order."""
    return [words for item in agenda.items
            for words in (item.title, f"{item.minutes} min", *item.prompts, *item.steps)]


def ending(agenda: Agenda) -> list[str]:
    """Return what stands behind the items, in order."""
    readings = [words for use in agenda.resources for words in (use.title, use.reason)]
    return [*readings, *agenda.confidence.missing, "Agendum"]


def other_role(role: str) -> str:
    return "mentor" if role == "mentee" else "mentee"


@pytest.mark.parametrize("form", SHOWN)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_in_any_format(
    name: str, form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """Purpose, preparation, every item with its minutes, prompts and steps, resources, questions.

    All in the order of reading; every resource's address is a link; the same agenda gives the
    same bytes.
    """
    case, agenda = agendas.cases[name], agendas[name]
    content = rendered(agenda, case, catalogue, form)
    found = read(content, form)
    assert missing(opening(agenda), found.text) == []
    minutes_first = form in ("md", "html")
    for item in agenda.items:
        title, length = item.title, f"{item.minutes} min"
        head = [length, title] if minutes_first else [title, length]
        assert missing([*head, *item.prompts, *item.steps], found.text) == []
    assert missing([item.title for item in agenda.items], found.text) == []
    assert missing(ending(agenda), found.text) == []
    assert {use.url for use in agenda.resources} <= found.links
    phrases = catalogue.library.phrases[agenda.language]
    waiting = [place.deferred for place in agenda.talking_points
               if place.deferred not in (None, phrases.deferred_person)]
    assert missing(waiting, found.text) == []
    assert content == rendered(agenda, case, catalogue, form)


@pytest.mark.parametrize("form", SHOWN)
@pytest.mark.parametrize("role", ["mentee", "mentor"])
@pytest.mark.parametrize("name", [PAIR, FRENCH, GROUP])
def test_a_role_gets_its_own_and_everybodys(
    name: str, role: Role, form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """Own preparation first, the other's nowhere; only resources for that role; "you open"."""
    case, agenda = agendas.cases[name], agendas[name]
    own = agenda.preparation
    mine, theirs = getattr(own, role), getattr(own, other_role(role))
    assert mine
    assert theirs
    found = read(rendered(agenda, case, catalogue, form, role), form)
    assert missing([*mine, *own.all], found.text) == []
    for line in theirs:
        if line not in [*mine, *own.all]:
            assert flat(line) not in found.text
    links = {use.url for use in agenda.resources if role in use.for_}
    assert found.links == links
    heading = catalogue.library.phrases[agenda.language].headings
    several = sum(member.role == role for member in case.members) > 1
    opens = sum(item.lead == role for item in agenda.items)
    assert found.text.count(heading["you_open"]) == (0 if several else opens)


@pytest.mark.parametrize("form", SHOWN)
def test_peers_have_everything_in_common(
    form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """A peer's own agenda holds all that the agenda for everybody holds."""
    case, agenda = agendas.cases[PEERS], agendas[PEERS]
    found = read(rendered(agenda, case, catalogue, form, "peer"), form)
    assert missing(opening(agenda), found.text) == []
    assert missing([item.title for item in agenda.items], found.text) == []
    assert {use.url for use in agenda.resources} <= found.links


@pytest.mark.parametrize("role", ["mentee", "mentor"])
def test_a_role_that_nobody_has_is_refused(
    role: Role, agendas: Agendas, catalogue: Catalogue
) -> None:
    """The refusal names the field and the roles there are."""
    with pytest.raises(InvalidInputError) as caught:
        rendered(agendas[PEERS], agendas.cases[PEERS], catalogue, "md", role)
    (fault,) = caught.value.faults
    assert fault.field == "role"
    assert "write peer" in fault.problem


def test_data_for_a_role_has_its_own_and_everybodys(
    agendas: Agendas, catalogue: Catalogue
) -> None:
    """JSON leaves out the same as the other formats, and nothing else; it stays an Agenda."""
    case, agenda = agendas.cases[PAIR], agendas[PAIR]
    whole = Agenda.model_validate_json(rendered(agenda, case, catalogue, "json"))
    own = Agenda.model_validate_json(rendered(agenda, case, catalogue, "json", "mentor"))
    assert whole == agenda
    assert own == agenda.model_copy(update={
        "preparation": agenda.preparation.model_copy(update={"mentee": []}), "resources": []})
    assert agenda.resources


@pytest.mark.parametrize("form", SHOWN)
def test_what_is_for_a_person_is_handed_off_and_not_told(
    form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """The note and whom to turn to are there for each role; whose words they were is not."""
    case, agenda = agendas.cases[HANDED_OFF], agendas[HANDED_OFF]
    assert agenda.hand_off is not None
    for role in (None, "mentee", "mentor"):
        found = read(rendered(agenda, case, catalogue, form, role), form)
        assert missing([agenda.hand_off.why, agenda.hand_off.to], found.text) == []
        assert "remarks that frighten me" not in found.text
        assert flat(catalogue.library.phrases["en"].deferred_person) not in found.text


@pytest.mark.parametrize("form", SHOWN)
def test_a_talking_point_that_waits_is_told_in_its_words(
    form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """Its own words with the reason, not the caller's id; no member's name in them."""
    phrases = catalogue.library.phrases["en"]
    agenda = agendas[PAIR]
    reason = phrases.deferred_time.format(minutes=45)
    point = {"id": "t9", "text": "Should Tobias come to the audit?", "by": None}
    case = Case.model_validate(agendas.cases[PAIR].model_dump(mode="json", by_alias=True) | {
        "session": {"number": 3, "of": 6, "minutes": 45, "language": "en",
                    "date": "2027-05-06T08:00:00Z", "talking_points": [point]}})
    first = case.members[0].profile.model_copy(update={"name": "Tobias Quill"})
    case = case.model_copy(update={
        "members": [case.members[0].model_copy(update={"profile": first}), *case.members[1:]]})
    waiting = agenda.model_copy(update={
        "talking_points": [TalkingPointPlace(id="t9", deferred=reason)]})
    found = read(rendered(waiting, case, catalogue, form), form)
    assert missing(["Should the other person come to the audit?", reason], found.text) == []
    assert "Tobias" not in found.text
    assert "t9" not in found.text


@pytest.mark.parametrize("form", SHOWN)
def test_locks_questions_and_what_is_used_in_an_item_are_told(
    form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """A locked item says so; an item's resource stands in it, for both roles; questions too."""
    case, agenda = agendas.cases[PAIR], agendas[PAIR]
    use = agenda.resources[0].model_copy(update={"use": "during"})
    first = agenda.items[0].model_copy(update={"locked": True, "resources": [use.id]})
    asked = Confidence(level="partial", missing=["What happened in the last session?"])
    changed = agenda.model_copy(update={
        "items": [first, *agenda.items[1:]], "resources": [use], "confidence": asked})
    plain = read(rendered(agenda, case, catalogue, form), form)
    assert "locked" not in plain.text
    for role in (None, "mentee", "mentor"):
        found = read(rendered(changed, case, catalogue, form, role), form)
        assert missing([first.title, *first.steps, use.title, agenda.items[1].prompts[0],
                        *asked.missing], found.text) == []
        assert found.text.count("locked") == 1
        assert use.url in found.links


@pytest.mark.parametrize("form", SHOWN)
def test_it_says_whether_a_model_wrote_it(
    form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """Composed agendas say that no model did; the others which one."""
    case, agenda = agendas.cases[FRENCH], agendas[FRENCH]
    assert "aucun modèle de langage" in read(rendered(agenda, case, catalogue, form), form).text
    made = agenda.provenance.model_copy(update={"generator": "llm", "model": "a{b}"})
    worded = agenda.model_copy(update={"provenance": made})
    text = read(rendered(worded, case, catalogue, form), form).text
    assert "rédigé par un modèle de langage (a{b})" in text


@pytest.mark.parametrize("form", SHOWN)
def test_what_people_wrote_stays_text(
    form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """Markup, escapes, commands and odd characters come out as they were written, as text."""
    case, agenda = agendas.cases[PAIR], agendas[PAIR]
    for hostile in HOSTILE:
        shown = XML_UNREADABLE.sub("", hostile) if form == "docx" else hostile
        first = agenda.items[0].model_copy(update={
            "title": hostile, "prompts": [hostile], "steps": [hostile]})
        use = agenda.resources[0].model_copy(update={"title": hostile, "reason": hostile})
        changed = agenda.model_copy(update={
            "purpose": hostile, "items": [first, *agenda.items[1:]], "resources": [use],
            "preparation": Preparation(all=[hostile])})
        found = read(rendered(changed, case, catalogue, form), form)
        assert found.text.count(flat(shown)) >= 7, hostile
        assert missing(middle(agenda)[-3:], found.text) == []
        assert found.links == ({use.url} if form != "ics" else found.links)


@pytest.mark.parametrize("form", SHOWN)
def test_an_address_that_is_no_web_address_is_no_link(
    form: str, agendas: Agendas, catalogue: Catalogue
) -> None:
    """A resource without a web address has its title, and leads nowhere."""
    case, agenda = agendas.cases[PAIR], agendas[PAIR]
    use = agenda.resources[0].model_copy(update={"url": "javascript:alert(1)"})
    found = read(rendered(agenda.model_copy(update={"resources": [use]}), case, catalogue, form),
                 form)
    assert use.title in found.text
    assert found.links == frozenset()
    assert "javascript" not in found.text
