"""What code mends in a draft by itself, and what it takes over from the composed agenda."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from draft_stub import Draft, honest_draft
from fakes import BagOfWordsEncoder
from invariants import broken

from content_library.load import load_library
from prompts.load import load_prompt
from recommender.agendas.draft import AgendaDraft, read_draft
from recommender.agendas.generate import compose_case
from recommender.agendas.judge import Judged, Prepared, judge_draft, prepare_draft
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case

POINTS = ["How do I tell my warehouse lead that the stock counts are late?",
          "Who should hear about the rota first?",
          "What do I say when he goes silent in the Monday meeting?"]
ACTIONS = ["Write down the last three times he went silent", "Ask the deputy about bad news"]
Judge = Callable[[Draft], Judged]


@pytest.fixture(scope="module")
def quick() -> Catalogue:
    """Return the shipped library with the encoder that hashes words."""
    return Catalogue(load_library(), BagOfWordsEncoder())


@pytest.fixture(scope="module")
def case() -> Case:
    """Return a working session with a goal, three talking points and two open actions."""
    return Case.model_validate({
        "programme": "evergreen", "focus_area": "conflict-management",
        "members": [{"role": "mentee", "profile": {"id": "p-1", "name": "Thandeka Mokoena"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}],
        "goals": [{"id": "g1", "text": "Tell my warehouse lead what isn't working without him "
                                       "going silent on me for a week", "owner": "p-1"}],
        "session": {"number": 3, "minutes": 45, "language": "en", "talking_points": [
            {"id": f"t{at}", "text": text, "by": "p-1"} for at, text in enumerate(POINTS)]},
        "history": [{"number": 2, "actions": [
            {"id": f"a{at}", "text": text, "owner": "p-1"} for at, text in enumerate(ACTIONS)]}],
    })


@pytest.fixture(scope="module")
def prepared(case: Case, quick: Catalogue) -> Prepared:
    """Return what a model is asked about the case."""
    return prepare_draft(compose_case(case, quick), case, quick, load_prompt("agenda-draft"))


@pytest.fixture
def draft(prepared: Prepared) -> Draft:
    """Return a draft that holds; free to change."""
    return honest_draft([{"role": one.role, "content": one.content}
                         for one in prepared.request.messages])


@pytest.fixture
def judge(prepared: Prepared) -> Judge:
    """Return a function that judges a draft."""
    def judged(given: Draft) -> Judged:
        read = read_draft(json.dumps(given))
        assert isinstance(read, AgendaDraft), read
        return judge_draft(read, prepared)

    return judged


def held(judged: Judged, case: Case, prepared: Prepared) -> Agenda:
    """Return the agenda of a draft that held; it keeps the contract."""
    assert judged.faults == ()
    assert judged.agenda is not None
    assert broken(case, judged.agenda) == []
    return judged.agenda


def test_minutes_that_do_not_add_up_are_split_anew(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """The longest wish stays the longest item; the sum is the session's."""
    for at, entry in enumerate(draft["plan"]):
        entry["minutes"] = 40 if at == 1 else 7
    judged = judge(draft)
    minutes = [item.minutes for item in held(judged, case, prepared).items]
    assert "minutes" in judged.repaired
    assert sum(minutes) == 45
    assert max(minutes) == minutes[1]


def test_minutes_that_add_up_are_kept(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """A plan inside the bounds is not touched."""
    plan = draft["plan"]
    for entry in plan:
        bounds = prepared.offer.activities[entry["activity"]].activity.minutes
        entry["minutes"] = bounds.min
    left = 45 - sum(entry["minutes"] for entry in plan)
    for entry in plan:
        bounds = prepared.offer.activities[entry["activity"]].activity.minutes
        more = min(left, bounds.max - bounds.min)
        entry["minutes"] += more
        left -= more
    judged = judge(draft)
    assert [item.minutes for item in held(judged, case, prepared).items] == [
        entry["minutes"] for entry in plan]
    assert "minutes" not in judged.repaired


def test_a_title_begins_as_a_heading_does(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """The first letter is a capital, and the others are the model's."""
    draft["items"][1]["title"] = "what the counts say"
    judged = judge(draft)
    assert held(judged, case, prepared).items[1].title == "What the counts say"
    assert "style" not in judged.repaired


def test_a_line_of_preparation_stands_once(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """What is for everybody is not for one role again, and a role has each line once."""
    line = "Bring the page on which you wrote the first sentence."
    draft["preparation"] = {"all": [line], "mentor": [line], "mentee": ["Note one date."] * 2}
    judged = judge(draft)
    kept = held(judged, case, prepared).preparation
    assert (kept.all, kept.mentor) == ([line], [])
    assert kept.mentee.count("Note one date.") == 1
    assert "preparation" in judged.repaired
    draft["preparation"] = {"all": [], "mentor": [line], "mentee": [line, "Note one date."]}
    shared = held(judge(draft), case, prepared).preparation
    assert (shared.all, shared.mentor) == ([line], [])
    draft["preparation"] = {"all": [line], "mentor": [], "mentee": ["Note one date."]}
    assert "preparation" not in judge(draft).repaired


def test_the_ending_comes_last_and_the_opening_first(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """A plan turned round is put in order, and the words go with their items."""
    titles = [item["title"] for item in draft["items"]]
    draft["plan"].reverse()
    draft["items"].reverse()
    judged = judge(draft)
    agenda = held(judged, case, prepared)
    assert "order" in judged.repaired
    assert agenda.items[-1].kind == "action_planning"
    assert sorted(item.title for item in agenda.items) == sorted(titles)


def test_a_required_item_that_is_left_out_comes_back(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """It stands there as it was composed."""
    lost = draft["plan"].pop()
    draft["items"].pop()
    judged = judge(draft)
    agenda = held(judged, case, prepared)
    assert {"order", "items"} <= judged.repaired
    composed = prepared.offer.activities[lost["activity"]].composed
    assert composed is not None
    assert (agenda.items[-1].title, agenda.items[-1].prompts) == (composed.title, composed.prompts)


def test_a_lost_talking_point_is_asked_about_in_its_own_words(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """It goes where it was composed, or where there is room, quoted; or it is put off."""
    for entry in draft["plan"]:
        entry["points"] = []
        entry["minutes"] = 40 if entry is draft["plan"][0] else 10
    judged = judge(draft)
    agenda = held(judged, case, prepared)
    assert "talking_points" in judged.repaired
    before = prepared.offer.composed
    composed = {place.id for place in before.talking_points if place.item}
    items = {item.id: item for item in agenda.items}
    homes = {place.id: item.activity for place in before.talking_points for item in before.items
             if item.id == place.item}
    kept = {item.activity for item in agenda.items}
    for place in agenda.talking_points:
        if homes.get(place.id) in kept:
            assert place.item is not None
            assert items[place.item].activity == homes[place.id]
        if place.item is not None:
            text = POINTS[int(place.id[1:])]
            assert any(text in prompt for prompt in items[place.item].prompts)
    assert any(place.item for place in agenda.talking_points)
    assert {place.id for place in agenda.talking_points if place.item} <= composed


def test_a_talking_point_in_two_items_stays_in_the_first(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """Doubled ones are dropped."""
    for entry in draft["plan"]:
        entry["points"] = ["T1"]
    draft["items"][1]["questions"] = ["What would your warehouse lead need to hear first?"]
    judged = judge(draft)
    agenda = held(judged, case, prepared)
    assert "talking_points" in judged.repaired
    (place,) = [one for one in agenda.talking_points if one.id == "t0"]
    assert place.item == "i1"


def test_the_same_words_twice_are_asked_about_once(case: Case, quick: Catalogue) -> None:
    """Two talking points that say the same give one question."""
    data = case.model_dump(mode="json", by_alias=True)
    for point in data["session"]["talking_points"]:
        point["text"] = POINTS[0]
    data["session"]["minutes"] = 90
    same = Case.model_validate(data)
    prepared = prepare_draft(compose_case(same, quick), same, quick, load_prompt("agenda-draft"))
    draft = honest_draft([{"role": one.role, "content": one.content}
                          for one in prepared.request.messages])
    for entry in draft["plan"]:
        entry |= {"points": [], "minutes": 40}  # room for two in one item
    draft["items"][1]["questions"] = ["What does your warehouse lead hear first?"]
    read = read_draft(json.dumps(draft))
    assert isinstance(read, AgendaDraft)
    agenda = held(judge_draft(read, prepared), same, prepared)
    assert [place.item for place in agenda.talking_points].count("i2") >= 2
    assert sum(POINTS[0] in prompt for prompt in agenda.items[1].prompts) == 1


def test_open_actions_are_carried_by_the_item_that_looks_back(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """What its words leave out is listed in its steps, and each action is a reason for it."""
    draft["items"][0] |= {"questions": ["What has moved since then?"], "steps": []}
    judged = judge(draft)
    agenda = held(judged, case, prepared)
    assert "actions_carried" in judged.repaired
    first = agenda.items[0]
    assert first.kind == "action_review"
    assert all(any(text in step for step in first.steps) for text in ACTIONS)
    assert {"a0", "a1"} <= {reason.id for reason in first.because}


def test_an_item_that_speaks_of_the_actions_is_left_alone(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """Nothing is listed twice."""
    draft["items"][0] |= {"steps": [], "questions": [
        "Which of the three times he went silent surprised you as you wrote it down?",
        "What did the deputy say about bad news that you could say too?"]}
    judged = judge(draft)
    assert held(judged, case, prepared).items[0].steps == []
    assert "actions_carried" not in judged.repaired


def test_timed_steps_fit_their_item(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """Minutes of steps are scaled to what the item has."""
    draft["items"][1]["steps"] = ["Say it aloud once. (30 min)", "Say it once more. (30 min)"]
    agenda = held(judge(draft), case, prepared)
    assert agenda.items[1].steps[0] != "Say it aloud once. (30 min)"


@pytest.mark.parametrize(("spoil", "check"), [
    (lambda draft: draft["plan"].append({"activity": "A99", "minutes": 5}), "ids"),
    (lambda draft: draft["plan"][1].update(goals=["G9"]), "ids"),
    (lambda draft: draft["plan"][1].update(points=["T9"]), "ids"),
    (lambda draft: draft["items"].pop(1), "items"),
    (lambda draft: draft["items"].append(dict(draft["items"][1])), "items"),
    (lambda draft: draft.update(plan=[draft["plan"][0], draft["plan"][-1]],
                                items=[draft["items"][0], draft["items"][-1]]), "item_count"),
    (lambda draft: draft.update(resources=[
        {"resource": "R77", "use": "after", "reason": "For the week after."}]), "ids"),
])
def test_what_code_cannot_mend_is_a_fault(
    draft: Draft, judge: Judge, spoil: Callable[[Draft], Any], check: str
) -> None:
    """Wrong aliases, lost words and a plan without a middle go back to the model."""
    spoil(draft)
    judged = judge(draft)
    assert judged.agenda is None
    assert check in judged.names


def test_resources_are_the_librarys_own(
    draft: Draft, judge: Judge, case: Case, prepared: Prepared
) -> None:
    """The model chooses, and says why; title, address and length are never its words."""
    if not prepared.offer.resources:
        pytest.skip("no resource fits the case with this encoder")
    alias, offered = next(iter(prepared.offer.resources.items()))
    draft["resources"] = [{"resource": alias, "use": offered.moments[-1],
                           "reason": "A check on your two sentences."}]
    (use,) = held(judge(draft), case, prepared).resources
    assert (use.id, use.title, use.url) == (offered.use.id, offered.use.title, offered.use.url)
    assert use.reason == "A check on your two sentences."
