"""What the contract promises of every agenda ever returned, written from its text alone."""

import json
import re
import unicodedata
from functools import lru_cache

from hand_off_examples import GRAVE

from content_library.load import load_library
from recommender.domain.agenda import Agenda, Item
from recommender.domain.case import Case

SESSION_TYPES = {"first", "goal_setting", "working", "midpoint", "reverse", "closing", "one_off"}
STAGES = {"starting", "building", "deepening", "ending"}
LIBRARY = load_library()
_IN_TURN = re.compile(r"in turn|por turnos|à tour de rôle", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_NUMBER = re.compile(r"\+?\(?\d(?:[ ().\-/]{0,2}\d){8,14}(?!\w)")


def broken(case: Case, agenda: Agenda) -> list[str]:
    """Return what the contract promises of every agenda and this one does not keep."""
    return [*_shape(case, agenda), *_carried(case, agenda), *_reasons(case, agenda),
            *_private(case, agenda), *_clean(case, agenda), *_formats(case, agenda)]


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
        written = agenda.provenance.generator == "programme"
        if not item.title.strip() or not (item.prompts or written):
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
    there: dict[str, set[str | None]] = {
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
    if agenda.provenance.generator != "programme":
        wrong += [f"the resource {one} again" for one in listed & used]
        seen = {one for member in case.learners for one in member.seen.resources}
        wrong += [f"the resource {one}, known from elsewhere" for one in listed & seen]
    return wrong


def _formats(case: Case, agenda: Agenda) -> list[str]:
    """Return what is missing of what groups and the end of a programme are promised."""
    programme = (LIBRARY.programmes[case.programme] if isinstance(case.programme, str)
                 else case.programme)
    wrong = []
    if agenda.provenance.generator == "programme" or agenda.provenance.edits:
        return wrong
    of = case.session.of if case.session.of is not None else programme.sessions
    ends = case.session.number == of and any(
        one.kind == "closing" for one in programme.milestones)
    if ends != any(item.pulse == "end" for item in agenda.items):
        wrong.append(f"an end evaluation is {'missing' if ends else 'there too early'}")
    if len(case.members) > 2 and not programme.agenda.style.use and not any(
            _IN_TURN.search(step) for item in agenda.items for step in item.steps):
        wrong.append("nobody's turn comes")
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
    secret = {one for one in secret if one and one not in allowed}
    wrong = []
    own = {folded(title) for title in (use.title for use in agenda.resources)}
    for text in texts(agenda):
        plain_text = folded(text)
        if plain_text in own:
            continue
        wrong += [f"{one!r} stands in {text!r}" for one in secret
                  if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", plain_text)
                  and not (text in _own_lines() and one in _lower_words(text))]
        wrong += [f"the address {one!r} stands in {text!r}" for one in _ADDRESS.findall(text)
                  if folded(one) not in allowed]
        wrong += [f"the number {one!r} stands in {text!r}" for one in _NUMBER.findall(text)
                  if one not in allowed]
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


@lru_cache(maxsize=1)
def _own_lines() -> frozenset[str]:
    """Return the library's lines that hold no slot: nobody can be named in them."""
    return frozenset(
        line for activity in LIBRARY.activities.values() for text in activity.text.values()
        for line in (*text.prompts, *text.steps, *text.preparation.mentee,
                     *text.preparation.mentor, *text.preparation.all) if "$" not in line)


def _lower_words(text: str) -> set[str]:
    """Return the words of a text that stand in lower case: consuelo is a word, too."""
    return {folded(word) for word in re.findall(r"\w+", text) if word.islower()}


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
