"""The plan: the whole arc, and what to learn between sessions."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from fakes import BagOfWordsEncoder
from hypothesis import given
from hypothesis import strategies as st

from content_library.load import load_library
from recommender.agendas.plan import Plan, foundations_first, plan_sessions, render_plan
from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES
from recommender.domain.case import Case
from recommender.errors import InvalidInputError
from recommender.learning.between import LearningPlan
from recommender.learning.recommend import work_of

LIBRARY = load_library()
QUICK = Catalogue(LIBRARY, BagOfWordsEncoder())
PROGRAMMES = sorted(LIBRARY.programmes)


def case_of(programme: str = "regional", **update: Any) -> Case:
    session = {"number": 2, "minutes": 60, "language": "en", **update.pop("session", {})}
    roles = update.pop("roles", ("mentee", "mentor"))
    return Case.model_validate({
        "programme": programme, "session": session,
        "members": [{"role": role, "profile": {"id": f"p-{at}"}} for at, role in enumerate(roles)],
        "goals": [{"id": "g1", "text": "Say no to one more task"}], **update})


def planned(plan: Plan) -> list[str]:
    return [one.id for session in plan.sessions for one in session.before]


@given(st.sampled_from(PROGRAMMES), st.integers(1, 200), st.sampled_from(LANGUAGES),
       st.sampled_from([("mentee", "mentor"), ("peer", "peer"), ("peer", "peer", "mentor")]),
       st.integers(1, 9))
def test_every_plan_keeps_its_budget_and_repeats_nothing(
    programme: str, minutes: int, language: str, roles: Sequence[str], number: int
) -> None:
    """Any programme, format and language: inside the minutes, each thing once in any language."""
    of = LIBRARY.programme(programme).sessions
    case = case_of(programme, roles=roles, session={
        "number": min(number, of or number), "language": language})
    plan = plan_sessions(case, QUICK, minutes)
    assert plan.minutes_between == minutes
    for session in plan.sessions:
        assert sum(one.counted_minutes for one in session.before) <= minutes
        assert session.state != "past" or session.before == []
    used = planned(plan)
    assert len(set(used)) == len(used)
    works = [work_of(LIBRARY.resources[one]) for one in used]
    assert len(set(works)) == len(works)
    numbers = [session.number for session in plan.sessions]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert [session.number for session in plan.sessions if session.state == "now"] == [
        case.session.number]
    assert render_plan(plan, QUICK).count("\n## ") == len(numbers)


def test_more_time_plans_more(catalogue: Catalogue) -> None:
    """Two hours between sessions hold more than ten minutes."""
    few, many = (sum(len(session.before) for session in plan_sessions(
        case_of(), catalogue, minutes).sessions) for minutes in (10, 120))
    assert few < many


def test_no_time_is_refused() -> None:
    """Less than a minute is no budget."""
    with pytest.raises(InvalidInputError, match="minutes_between: at least one minute expected"):
        plan_sessions(case_of(), QUICK, 0)


def test_past_now_and_ahead_are_told_apart() -> None:
    """The session of the case is now; milestones, must-haves and the end are named."""
    case = case_of("new-managers", session={"number": 4}, mode="guided")
    plan = plan_sessions(case, QUICK)
    assert [session.state for session in plan.sessions] == ["past"] * 3 + ["now"] + ["ahead"] * 2
    assert plan.sessions[4].must_have == ["hard-talk-first-sentence"]
    milestones = [session.milestone.kind for session in plan.sessions if session.milestone]
    assert milestones == ["pulse_30", "pulse_60", "end"]
    text = render_plan(plan, QUICK)
    assert "Whatever else: The first sentence of the hard talk." in text
    assert "· this one" in text
    assert "*Between sessions: up to 40 minutes to read, watch or try.*" in text
    assert plan_sessions(case.model_copy(update={"mode": "personalised"}),
                         QUICK).sessions[4].must_have == []


def test_evergreen_plans_from_now_on_with_something_to_read_first(catalogue: Catalogue) -> None:
    """Eight sessions without a last one, and what to read before the one of now."""
    plan = plan_sessions(case_of("evergreen", session={"number": 5}), catalogue)
    assert (plan.of, [session.number for session in plan.sessions]) == (None, list(range(5, 13)))
    assert plan.sessions[0].before


def test_what_is_known_is_not_planned(catalogue: Catalogue) -> None:
    """What history, other programmes or verdicts name does not come up again."""
    first = planned(plan_sessions(case_of(), catalogue))
    assert len(first) > 3
    again = case_of(feedback=[{"profile_id": "p-0", "target": "resource", "target_id": first[0],
                               "verdict": "done"}])
    data = again.model_dump(mode="json", by_alias=True)
    data["members"][0]["seen"] = {"resources": first[1:3]}
    assert not set(first[:3]) & set(planned(plan_sessions(Case.model_validate(data), catalogue)))


def learning(changed: dict[str, Any], used: frozenset[str] = frozenset()) -> LearningPlan:
    """Return a learning plan over the shipped library, some of its resources changed."""
    resources = {key: one.model_copy(update=changed.get(key, {}))
                 for key, one in LIBRARY.resources.items()}
    library = LIBRARY.__class__(**{**vars(LIBRARY), "resources": resources})
    return LearningPlan(
        Catalogue(library, BagOfWordsEncoder()), 120, language="en", readable=frozenset({"en"}),
        audience=frozenset(), used=used, goals=[], topics=[])


def test_what_a_resource_builds_on_comes_before_it() -> None:
    """A prerequisite that is not known yet holds a resource back until it has been given."""
    plain = [one.id for one in learning({}).next("negotiation")]
    second = plain[0]
    basis = next(one for one in LIBRARY.active_resources if one.id not in plain
                 and one.language == "en" and one.budget_minutes <= 120
                 and "negotiation" not in one.topics)
    builds = {second: {"prerequisites": [basis.id]}}
    assert second not in [one.id for one in learning(builds).next("negotiation")]
    known = learning(builds, used=frozenset({basis.id}))
    assert second in [one.id for one in known.next("negotiation")]
    gone = {**builds, basis.id: {"status": "retired", "why_retired": "gone"}}
    assert second in [one.id for one in learning(gone).next("negotiation")]


def test_easy_comes_before_hard() -> None:
    """Of one topic the introduction comes first, whatever ranks higher, and then what follows it.

    Where nothing easier is to be had, the hard one is not held back.
    """
    plain = learning({}).next("listening")
    first, second = [one for one in plain if one.topics[0] == "listening"][:2]
    hard = {first.id: {"level": "advanced"}}
    chosen = [one.id for one in learning(hard).next("listening")]
    assert second.id in chosen
    assert first.id not in chosen[: chosen.index(second.id) + 1]
    only_hard = {key: {"level": "advanced"} for key in LIBRARY.resources}
    assert [one.id for one in learning(only_hard).next("listening")] == [one.id for one in plain]


def test_one_work_is_given_in_one_language() -> None:
    """A talk in two languages counts once."""
    first, second = learning({}).next("listening")[:2]
    same = {second.id: {"url": f"{first.url}?language=es"}}
    chosen = [one.id for one in learning(same).next("listening")]
    assert first.id in chosen
    assert second.id not in chosen
    assert work_of(second.model_copy(update={"url": "https://a.b/c?v=1&hl=fr"})) == (
        "https://a.b/c?v=1")


def test_topics_come_after_those_they_build_on() -> None:
    """Listening comes before difficult conversations, where both are ahead; else order stays."""
    assert foundations_first(["difficult-conversations", "trust", "listening"], QUICK) == [
        "listening", "difficult-conversations", "trust"]
    assert foundations_first(["difficult-conversations", "trust"], QUICK) == [
        "difficult-conversations", "trust"]


def test_the_json_keeps_its_shape() -> None:
    """What readers of plans rely on is there; new fields stand beside it."""
    data = json.loads(plan_sessions(case_of(), QUICK).model_dump_json())
    assert {"programme", "language", "of", "minutes", "sessions"} <= set(data)
    session = next(one for one in data["sessions"] if one["before"])
    assert {"number", "type", "stage", "theme", "topic", "label", "milestone", "before"} <= set(
        session)
    assert {"id", "title", "url", "minutes", "minutes_estimated", "counted_minutes", "language",
            "format", "reason"} <= set(session["before"][0])
