"""Whatever a case holds, its agenda keeps the contract.

The invariants are written here from the contract's text, not from the product's own checks.
"""

import json
import os
import re
import unicodedata
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from content_library.load import load_library
from fakes import BagOfWordsEncoder
from hand_off_examples import GRAVE
from recommender.agendas.generate import generate_agenda
from recommender.agendas.render.markdown import render_markdown
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda, Item
from recommender.domain.case import Case
from recommender.retrieval.needs import LibraryEncoder

SHARE = 250
"""Random cases per test; four tests make a thousand."""
SESSION_TYPES = {"first", "goal_setting", "working", "midpoint", "reverse", "closing", "one_off"}
STAGES = {"starting", "building", "deepening", "ending"}
LIBRARY = load_library()

# What people write

NAMES = (
    "Zbigniew Wąsik", "Nkechi Okonjo-Adeyemi", "Åsa Björkqvist", "Seán Ó Súilleabháin",
    "Amélie Guéguen", "Íñigo Muñoz Etxeberria", "Nguyễn Thị Hường", "Jürgen Groß", "Bo Xu",
    "Мария Ковальчук", "ليلى حداد", "D’Angelo McIntyre", "Zoë", "İlknur Şahin",
)
WRITTEN = (
    "Give feedback that people act on without damaging the relationship",
    "Stop answering mail at eleven at night",
    "Half of my team thinks it is pointless, and I did not decide it.",
    "i never know what to say when she cries",
    "Get the stock count done by somebody else; it takes the whole Friday!",
    "What happens if I say no?",
    "Que mi jefa decida antes de irse de misión",
    "Me quedo callado en las reuniones y luego me arrepiento.",
    "Diriger mes anciens collègues sans jouer au chef",
    "On me coupe la parole à chaque réunion.",
    "Apresentar o relatório sem ler", "Mehr delegieren", "أريد أن أتحدث أمام الناس",
    "Ask two colleagues for feedback (99 min)", "{goal} and {quote} and %s",
    "“quoted” «entre comillas» « espacés » \"plain\" ‘inner’", "100 % <b>bold</b> | `code` # head",
    "a\tb\n\nc", "...", "?", "🙂🙃🚀", "e\u0301te\u0301 de\u0301ja\u0300 vu",
    "zero\u200bwidth\u200djoin\u2060er", "\u202eright to left\u202c", "x" * 290,
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "ﬁne ligature Ⅷ ½", "Costs £5 or $5 or 5 €",
)
EMAILS = ("zoe.b@carewell.example", "n_okonjo+x@mail.un-org.example", "ÅSA@exämple.org")
PHONES = ("+44 20 7946 0958", "(0034) 612-345-678", "2125550175", "06.12.34.56.78")
ODD = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="$"), min_size=1, max_size=60,
).filter(lambda text: bool(text.strip()))
LIKE_NAMES = tuple(part for name in NAMES for part in (name, *name.split()))
JOINTS = (" and {} said so", " with {}", "; {} knows", "\n{} came late.", " ({})", " d'{}", " {}’s")


@st.composite
def writing(draw: st.DrawFn, names: tuple[str, ...], limit: int = 300) -> str:
    """Return what a person may write: plain, odd, with names, addresses or numbers in it."""
    text = draw(st.one_of(st.sampled_from(WRITTEN), st.sampled_from(WRITTEN), ODD))
    kind = draw(st.integers(0, 9))
    if kind < 3 and names:
        name = draw(st.sampled_from(names))
        form = draw(st.sampled_from(("", "first", "upper", "decomposed", "bare")))
        name = {"first": name.split()[0], "upper": name.upper(),
                "decomposed": unicodedata.normalize("NFD", name),
                "bare": "".join(one for one in unicodedata.normalize("NFD", name)
                                if not unicodedata.combining(one))}.get(form, name)
        text = draw(st.sampled_from(("{} told me. ", "Ask {}: ", "")))
        text = text.format(name) + draw(st.sampled_from(WRITTEN)) + draw(
            st.sampled_from(JOINTS)).format(name)
    elif kind == 3:
        text += draw(st.sampled_from((" ", "\n", " at: "))) + draw(st.sampled_from(EMAILS + PHONES))
    elif kind == 4:
        text = draw(st.sampled_from(GRAVE[draw(st.sampled_from(("en", "es", "fr")))]))
    return text[:limit].strip() or "x"


def ids(prefix: str, most: int = 12) -> st.SearchStrategy[list[str]]:
    return st.integers(0, most).map(lambda count: [f"{prefix}{at}" for at in range(count)])


@st.composite
def profiles(draw: st.DrawFn, key: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a profile, often empty."""
    profile: dict[str, Any] = {"id": key}
    if draw(st.booleans()):
        profile["name"] = draw(st.sampled_from(NAMES))
    if draw(st.booleans()):
        return profile
    texts = writing(names, 100)
    profile |= {
        "headline": draw(texts), "bio": draw(texts), "email": draw(st.sampled_from(EMAILS)),
        "level": draw(st.integers(1, 7)),
        "languages": draw(st.lists(st.sampled_from(["en", "es", "fr", "pt-BR", "ar"]),
                                   max_size=3, unique=True)),
        "skills_wanted": draw(st.lists(texts, max_size=3)),
        "skills_offered": draw(st.lists(texts, max_size=3)),
        "goals": [{"id": one, "text": draw(texts),
                   "status": draw(st.sampled_from(["active", "active", "reached"]))}
                  for one in draw(ids("g", 3))],
    }
    return profile


@st.composite
def programmes(draw: st.DrawFn) -> str | dict[str, Any]:
    """Return a programme of the library, or one of the caller's own with aliases as themes."""
    if draw(st.booleans()):
        return draw(st.sampled_from(sorted(LIBRARY.programmes)))
    length = draw(st.one_of(st.none(), st.integers(1, 12)))
    last = length or 30
    topics = sorted([*LIBRARY.topics, *LIBRARY.focus_areas, *(
        alias for term in (*LIBRARY.topics.values(), *LIBRARY.focus_areas.values())
        for alias in term.aliases)])
    themes = draw(st.dictionaries(st.integers(1, last), st.sampled_from(topics), max_size=4))
    return {
        "id": "own", "name": "Own", "purpose": "People learn from each other",
        "success": "They know what they changed",
        "relation": draw(st.sampled_from(["mentor", "peer", "reverse", "group"])),
        "intake": draw(st.sampled_from(["cohort", "evergreen"])), "sessions": length,
        "agenda": {"mode": draw(st.sampled_from(["fixed", "guided", "personalised"])),
                   "themes": themes,
                   "reverse_session": draw(st.one_of(st.none(), st.integers(1, last)))},
    }


@st.composite
def pasts(draw: st.DrawFn, number: int, names: tuple[str, ...]) -> dict[str, Any]:
    """Return an earlier session; its actions share ids with those of the others."""
    past: dict[str, Any] = {"number": number}
    if draw(st.booleans()):
        past["notes"] = "\n".join(draw(st.lists(writing(names), min_size=1, max_size=4)))
    past["actions"] = [
        {"id": one, "text": draw(writing(names)),
         "status": draw(st.sampled_from(["open", "open", "done", "dropped"])),
         **({"due": "2026-12-24"} if draw(st.booleans()) else {})}
        for one in draw(ids("a"))
    ]
    if draw(st.integers(0, 2)) == 0:
        used = draw(st.lists(st.sampled_from(sorted(LIBRARY.activities)), min_size=1, max_size=4))
        past["agenda"] = past_agenda(number, used)
    return past


def past_agenda(number: int, activities: list[str]) -> dict[str, Any]:
    return {
        "id": f"ag_{number}", "case_fingerprint": "sha256:0", "language": "en",
        "mode": "personalised", "purpose": "P", "success_test": "S",
        "session": {"number": number, "of": None, "minutes": 60, "type": "working"},
        "items": [{"id": f"i{at}", "kind": LIBRARY.activities[one].kind, "title": "T",
                   "minutes": 10, "lead": "all", "activity": one}
                  for at, one in enumerate(activities)],
        "confidence": {"level": "high"}, "provenance": {"generator": "composer"},
    }


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """Return any case that the contract allows, as read from a file."""
    size = draw(st.sampled_from([2, 2, 2, 3, 4, 6, 8]))
    if size == 2:
        roles = draw(st.sampled_from([("mentee", "mentor"), ("mentor", "mentee"),
                                      ("peer", "peer")]))
    else:
        roles = tuple(draw(st.lists(st.sampled_from(["mentor", "mentee", "peer"]),
                                    min_size=size, max_size=size)))
        if set(roles) == {"mentor"}:
            roles = ("mentee", *roles[1:])
    said = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)))
    people = [draw(profiles(f"p-{at}", said)) for at in range(size)]
    if draw(st.booleans()):
        for person, name in zip(people, said, strict=False):
            person["name"] = name
    programme = draw(programmes())
    length = (LIBRARY.programmes[programme].sessions if isinstance(programme, str)
              else programme["sessions"])
    number = draw(st.integers(1, length or 14))
    session: dict[str, Any] = {
        "number": number, "minutes": draw(st.integers(15, 120)),
        "language": draw(st.sampled_from(["en", "es", "fr", "en", "es-VE", "fr-CA"])),
        "talking_points": [
            {"id": one, "text": draw(writing(said)), "by": f"p-{draw(st.integers(0, size - 1))}"}
            for one in draw(ids("t"))],
    }
    if draw(st.booleans()):
        session["of"] = draw(st.integers(number, number + 12))
    earlier = draw(st.lists(st.integers(1, max(number - 1, 1)), max_size=3, unique=True)
                   if number > 1 else st.just([]))
    case: dict[str, Any] = {
        "programme": programme, "session": session,
        "members": [{"role": role, "profile": person}
                    for role, person in zip(roles, people, strict=True)],
        "history": [draw(pasts(one, said)) for one in sorted(earlier)],
    }
    if draw(st.booleans()):
        case["goals"] = [{"id": one, "text": draw(writing(said))} for one in draw(ids("g"))]
    if draw(st.booleans()):
        case["focus_area"] = draw(st.sampled_from(sorted(LIBRARY.focus_areas)))
    if draw(st.booleans()):
        case["mode"] = draw(st.sampled_from(["fixed", "guided", "personalised"]))
    return case


# The contract, section 1


def broken(case: Case, agenda: Agenda) -> list[str]:
    """Return what the contract promises of every agenda and this one does not keep."""
    return [*_shape(case, agenda), *_carried(case, agenda), *_reasons(case, agenda),
            *_private(case, agenda), *_clean(case, agenda)]


def _shape(case: Case, agenda: Agenda) -> list[str]:
    minutes = case.session.minutes
    wrong = []
    if sum(item.minutes for item in agenda.items) != minutes:
        wrong.append(f"items take {[item.minutes for item in agenda.items]}, not {minutes}")
    if not (2 if minutes < 25 else 3) <= len(agenda.items) <= 7:
        wrong.append(f"{len(agenda.items)} items in {minutes} minutes")
    if any(item.minutes < 3 for item in agenda.items):
        wrong.append("an item under 3 minutes")
    if agenda.items[-1].kind not in ("action_planning", "closing"):
        wrong.append(f"ends in {agenda.items[-1].kind}")
    if len({item.id for item in agenda.items}) != len(agenda.items):
        wrong.append("two items share an id")
    if agenda.language != case.session.language.split("-")[0]:
        wrong.append(f"language {agenda.language}")
    if (agenda.session.number, agenda.session.minutes) != (case.session.number, minutes):
        wrong.append("another session than asked for")
    for item in agenda.items:
        if len(item.prompts) > 4 or len(item.steps) > 5:
            wrong.append(f"{item.id}: {len(item.prompts)} prompts, {len(item.steps)} steps")
        if not item.prompts or not item.title.strip():
            wrong.append(f"{item.id} asks nothing")
        timed = [int(found[1]) for step in item.steps
                 if (found := re.search(r"\((\d+) min\)\s*$", step))]
        if sum(timed) > item.minutes:
            wrong.append(f"{item.id}: steps take {timed} of {item.minutes} minutes")
    return wrong


def _carried(case: Case, agenda: Agenda) -> list[str]:
    status: dict[str, str] = {}
    for past in case.history:
        status.update({action.id: action.status for action in past.actions})
    expected = sorted(one for one, last in status.items() if last == "open")
    wrong = []
    if sorted(agenda.actions_carried) != expected:
        wrong.append(f"carries {agenda.actions_carried}, open are {expected}")
    points = [point.id for point in case.session.talking_points]
    if sorted(place.id for place in agenda.talking_points) != sorted(points):
        wrong.append(f"talking points {[place.id for place in agenda.talking_points]}")
    items = {item.id for item in agenda.items}
    for place in agenda.talking_points:
        if place.item is None and not (place.deferred or "").strip():
            wrong.append(f"{place.id} is deferred without a reason")
        if place.item is not None and (place.item not in items or place.deferred is not None):
            wrong.append(f"{place.id} is both, or in no item")
    return wrong


def _reasons(case: Case, agenda: Agenda) -> list[str]:
    programme = (LIBRARY.programmes[case.programme] if isinstance(case.programme, str)
                 else case.programme)
    goals = {goal.id for goal in case.goals or []}
    if case.goals is None:
        for member in case.learners:
            goals |= {goal.id for goal in member.profile.goals}
            goals |= {f"{member.profile.id}.{goal.id}" for goal in member.profile.goals}
    there = {
        "action": set(agenda.actions_carried), "goal": goals,
        "talking_point": {point.id for point in case.session.talking_points},
        "focus_area": {case.focus_area} - {None},
        "theme": set(programme.agenda.themes.values()),
        "resource": set(LIBRARY.resources), "activity": set(LIBRARY.activities),
        "stage": SESSION_TYPES | STAGES, "programme": {programme.id},
    }
    wrong = [f"{item.id} has no reason" for item in agenda.items if not item.because]
    wrong += [f"{item.id} because of {reason.source} {reason.id}, which is nowhere"
              for item in agenda.items for reason in item.because
              if reason.id not in there[reason.source]]
    wrong += [f"no activity {item.activity}" for item in agenda.items
              if item.activity is not None and item.activity not in LIBRARY.activities]
    listed = {use.id for use in agenda.resources}
    wrong += [f"no resource {one}" for item in agenda.items for one in item.resources
              if one not in listed]
    wrong += [f"no active resource {one}" for one in listed
              if one not in LIBRARY.resources or LIBRARY.resources[one].status != "active"]
    used = {use.id for past in case.history if past.agenda for use in past.agenda.resources}
    wrong += [f"the resource {one} again" for one in listed & used]
    return wrong


def _private(case: Case, agenda: Agenda) -> list[str]:
    """Return names, addresses and numbers of people that stand in the agenda.

    What stands in a talking point may be said again, and is not looked for.
    """
    allowed = folded(" ".join(point.text for point in case.session.talking_points))
    secret: set[str] = set()
    for member in case.members:
        name = member.profile.name or ""
        secret |= {folded(name), *(folded(part) for part in name.split() if len(part) > 2)}
    secret |= {folded(one) for one in EMAILS}
    secret = {one for one in secret if one and one not in allowed}
    wrong = []
    own = {folded(title) for title in (use.title for use in agenda.resources)}
    for text in texts(agenda):
        plain_text = folded(text)
        if plain_text in own:
            continue
        wrong += [f"{one!r} stands in {text!r}" for one in secret
                  if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", plain_text)]
        digits = re.sub(r"\D", "", text)
        wrong += [f"{one!r} stands in {text!r}" for one in PHONES
                  if re.sub(r"\D", "", one) in digits
                  and re.sub(r"\D", "", one) not in re.sub(r"\D", "", allowed)]
        if re.search(r"\w@\w", text) and "@" not in allowed:
            wrong.append(f"an address in {text!r}")
    grave = [folded(one)[:40] for each in GRAVE.values() for one in each]
    written = folded(" ".join([
        *(point.text for point in case.session.talking_points),
        *(goal.text for goal in case.goals or []),
        *(past.notes or "" for past in case.history)]))
    for one in grave:
        if one in written and agenda.hand_off is None:
            wrong.append(f"{one!r} is handed to nobody")
        wrong += [f"{one!r} is quoted in {text!r}" for text in texts(agenda)
                  if one in folded(text)]
    return wrong


def _clean(case: Case, agenda: Agenda) -> list[str]:
    wrong = []
    for text in texts(agenda):
        if re.search(r"\$\{?[a-z_]+", text):
            wrong.append(f"an unfilled slot in {text!r}")
        if not text.strip():
            wrong.append("an empty text")
    for item in agenda.items:
        lines = [folded(line) for line in (item.title, *item.prompts, *item.steps)]
        wrong += [f"{item.id} says {line!r} twice" for line in set(lines) if lines.count(line) > 1]
    return wrong


def texts(agenda: Agenda) -> list[str]:
    """Return every text of an agenda that its readers see."""
    def of_item(item: Item) -> list[str]:
        return [item.title, *item.prompts, *item.steps]

    found = [agenda.purpose, agenda.success_test]
    found += [line for item in agenda.items for line in of_item(item)]
    found += [*agenda.preparation.mentee, *agenda.preparation.mentor, *agenda.preparation.all]
    found += [place.deferred for place in agenda.talking_points if place.deferred is not None]
    found += [text for use in agenda.resources for text in (use.title, use.reason)]
    found += agenda.confidence.missing
    if agenda.hand_off is not None:
        found += [agenda.hand_off.why, agenda.hand_off.to]
    return found


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Return lower-case text without accents, marks that show nothing, or doubled space."""
    text = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    text = "".join(one for one in text if not unicodedata.combining(one))
    return " ".join(text.split())


def as_bytes(agenda: Agenda) -> bytes:
    """Return an agenda as JSON, but for the time it took."""
    data = agenda.model_dump(mode="json", by_alias=True)
    del data["provenance"]["latency_ms"]
    return json.dumps(data, ensure_ascii=False).encode()


# The tests


@pytest.fixture(scope="module")
def two_quick_catalogues() -> tuple[Catalogue, Catalogue]:
    """Return two catalogues that share nothing, with the encoder that hashes words."""
    return (Catalogue(load_library(), BagOfWordsEncoder()),
            Catalogue(load_library(), BagOfWordsEncoder()))


def examples(count: int) -> Any:
    return settings(
        max_examples=max(1, int(count * float(os.environ.get("AGENDUM_TEST_SHARE", "1")))),
        deadline=None, database=None, derandomize=False, print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("part", range(4))
def test_every_agenda_keeps_the_contract(
    part: int, two_quick_catalogues: tuple[Catalogue, Catalogue]
) -> None:
    """A thousand random cases: no invariant breaks, and the same case gives the same bytes."""
    one, other = two_quick_catalogues

    @seed(20261203 + part)
    @examples(SHARE)
    @given(cases())
    def check(data: dict[str, Any]) -> None:
        case = Case.model_validate(data)
        agenda = generate_agenda(case, one)
        assert broken(case, agenda) == []
        again = generate_agenda(Case.model_validate(json.loads(json.dumps(data))), other)
        assert as_bytes(again) == as_bytes(agenda)
        assert render_markdown(agenda, LIBRARY.phrases[agenda.language]).startswith("# ")

    check()
