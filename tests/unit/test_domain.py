from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from recommender.domain.activity import Activity
from recommender.domain.agenda import TalkingPointPlace
from recommender.domain.case import Case
from recommender.domain.feedback import Feedback
from recommender.domain.profile import Profile
from recommender.domain.programme import NEVER_FOR_AI, Programme
from recommender.domain.resource import Resource, resource_id
from recommender.errors import Fault, faults_of
from recommender.yaml_file import parse_document

Data = dict[str, Any]

URL = "https://example.org/feedback"


def resource(**changes: Any) -> Data:
    return {
        "id": resource_id(URL), "title": "Feedback", "url": URL, "publisher": "P",
        "format": "article", "language": "en", "topics": ["feedback-performance"],
        "level": "introductory", "audience": ["mentee"],
        "gist": "Says how to give feedback that lands.", **changes,
    }


def activity(**changes: Any) -> Data:
    text = {
        "title": "T", "purpose": "P.", "success": "S.", "prompts": ["One?", "Two?"],
        "steps": ["Say it. (4 min)", "Again."],
    }
    return {
        "id": "a", "kind": "discussion", "session_types": ["working"], "relations": ["mentor"],
        "minutes": {"min": 5, "ideal": 10, "max": 20}, "lead": "mentee",
        "text": {language: dict(text) for language in ("en", "es", "fr")}, **changes,
    }


def faults(model: type, data: Data) -> list[Fault]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)  # type: ignore[attr-defined]
    return faults_of(caught.value, "f.yaml")


@pytest.mark.parametrize(("model", "data", "field", "bound"), [
    (Profile, {"id": "p", "name": "x" * 121}, "name", 120),
    (Profile, {"id": "p", "headline": "x" * 301}, "headline", 300),
    (Profile, {"id": "p", "bio": "x" * 2001}, "bio", 2000),
    (Profile, {"id": "p", "skills_wanted": ["ok", "x" * 121]}, "skills_wanted[1]", 120),
    (Profile, {"id": "p", "goals": [{"id": "g", "text": "x" * 301}]}, "goals[0].text", 300),
    (Profile, {"id": "p", "languages": ["en" + "-abcd" * 9]}, "languages[0]", 35),
    (Profile, {"id": "p", "attributes": {"team": "x" * 2001}}, "attributes.team", 2000),
    (Resource, resource(gist="x" * 401), "gist", 400),
    (Resource, resource(title="x" * 301), "title", 300),
    (Feedback, {"profile_id": "p", "target": "item", "target_id": "i", "verdict": "done",
                "comment": "x" * 2001}, "comment", 2000),
])
def test_too_long_text_is_refused_with_its_length_and_bound(
    model: type, data: Data, field: str, bound: int
) -> None:
    """A text past its bound is refused; the fault says where, how long, and what is allowed."""
    (fault,) = faults(model, data)
    assert fault.field == field
    assert f"characters; at most {bound} allowed" in fault.problem
    assert fault.problem.startswith("text of ")


@pytest.mark.parametrize(("path", "bound"), [
    (("session", "talking_points"), 1000), (("goals",), 300), (("notes",), 20000),
    (("actions",), 300),
])
def test_texts_of_a_case_are_bounded(case_data: Data, path: tuple[str, ...], bound: int) -> None:
    """What people write into a case is accepted up to its bound and refused one past it."""
    def filled(length: int) -> Data:
        words = {"id": "w", "text": "x" * length}
        data = parse_document(repr(case_data), "case")
        match path:
            case ("session", name):
                data["session"][name] = [words]
            case ("goals",):
                data["goals"] = [words]
            case ("notes",):
                data["history"] = [{"number": 1, "notes": "x" * length}]
            case ("actions",):
                data["history"] = [{"number": 1, "actions": [words]}]
        return dict(data)

    Case.model_validate(filled(bound))
    (fault,) = faults(Case, filled(bound + 1))
    assert f"text of {bound + 1} characters; at most {bound}" in fault.problem


@pytest.mark.parametrize("model", [Profile, Programme, Case, Feedback])
def test_every_text_of_an_input_has_a_bound(model: type) -> None:
    """No field that callers fill takes a text of any length."""
    schema = TypeAdapter(model).json_schema()
    unbounded: list[str] = []

    def walk(node: Any, place: str) -> None:
        if isinstance(node, dict):
            bounded = {"maxLength", "enum", "const", "format"} & set(node)
            counted = "{" in str(node.get("pattern", "")) and ")*" not in str(node["pattern"])
            if node.get("type") == "string" and not bounded and not counted:
                unbounded.append(place)
            for key, inner in node.items():
                walk(inner, f"{place}.{key}")
        elif isinstance(node, list):
            for inner in node:
                walk(inner, place)

    for name, part in schema.pop("$defs", {}).items():
        if name not in ("Agenda", "Provenance", "CheckResult", "ResourceUse"):
            walk(part, name)
    walk(schema, model.__name__)
    assert unbounded == []


@pytest.mark.parametrize(("change", "field"), [
    ({"surprise": 1}, "surprise"),
    ({"session": {"number": 1, "minutes": 45, "language": "en", "str": 1}}, "session.str"),
    ({"session": {"number": 1, "minutes": 45, "language": "en", "date_": 1}}, "session.date_"),
    ({"session": {"number": 1, "minutes": 45, "language": "en", "list": 1}}, "session.list"),
    ({"members": [{"role": "mentee", "profile": {"id": "a", "shoe_size": 40}},
                  {"role": "mentor", "profile": {"id": "b"}}]}, "members[0].profile.shoe_size"),
    ({"history": [{"number": 1, "actions": [{"id": "x", "text": "t", "when": 1}]}]},
     "history[0].actions[0].when"),
    ({"programme": {"id": "p", "name": "P", "purpose": "p", "success": "s", "relation": "peer",
                    "agenda": {"int": 1}}}, "programme.agenda.int"),
])
def test_unknown_field_is_refused_with_its_path(
    case_data: Data, change: Data, field: str
) -> None:
    """An unknown field is one fault, whose path is the field's, however it is spelt."""
    (fault,) = faults(Case, {**case_data, **change})
    assert (fault.field, fault.problem[:13]) == (field, "unknown field")


@pytest.mark.parametrize(("model", "data", "field"), [
    (Profile, {"id": "p"}, "id"), (Resource, resource(), "title"),
    (Activity, activity(), "kind"),
])
def test_values_are_frozen(model: type, data: Data, field: str) -> None:
    """A value cannot be changed once it is made."""
    value = model.model_validate(data)  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, field, "other")


@pytest.mark.parametrize("due", ["2026-11-26", "'2026-11-26'"])
@pytest.mark.parametrize("start", [
    "2026-12-03T09:00:00Z", "'2026-12-03T09:00:00Z'", "2026-12-03 10:00:00 +01:00",
])
def test_dates_come_as_yaml_dates_or_text(case_data: Data, due: str, start: str) -> None:
    """A date means the same with and without quotation marks in the file."""
    history = parse_document(
        f"- {{number: 1, actions: [{{id: a1, text: Ask, due: {due}}}]}}", "case"
    )
    case_data["session"]["date"] = parse_document(start, "case")
    case = Case.model_validate({**case_data, "history": history})
    assert case.history[0].actions[0].due == date(2026, 11, 26)
    assert case.session.date is not None
    assert case.session.date.replace(tzinfo=case.session.date.tzinfo or UTC) == datetime(
        2026, 12, 3, 9, tzinfo=UTC)


def test_dates_in_attributes_become_text() -> None:
    """A YAML date anywhere in attributes is kept as text, as JSON would hold it."""
    given = parse_document("{joined: 2024-03-01, moves: [2025-01-02], at: {x: 2024-01-01}}", "p")
    profile = Profile.model_validate({"id": "p", "attributes": given})
    assert profile.attributes == {
        "joined": "2024-03-01", "moves": ["2025-01-02"], "at": {"x": "2024-01-01"}}


def test_date_in_a_rule_becomes_text(programme_data: Data) -> None:
    """A YAML date in a matching rule is read as it is written; it is no number to compare with."""
    rule = parse_document(
        "{field: attributes.joined, rule: must, test: same, value: 2024-01-01}", "p")
    programme = Programme.model_validate({**programme_data, "matching": {"rules": [rule]}})
    assert programme.matching.rules[0].value == "2024-01-01"
    (fault,) = faults(Programme, {**programme_data, "matching": {"rules": [
        {**rule, "test": "at_least"}]}})
    assert "test at_least needs a number in `value`" in fault.problem


@pytest.mark.parametrize(("change", "said"), [
    ({"goals": [{"id": "g", "text": "a"}, {"id": "g", "text": "b"}]}, "goals: the id 'g'"),
    ({"members": [{"role": "mentee", "profile": {"id": "a"}},
                  {"role": "mentor", "profile": {"id": "a"}}]}, "members: the id 'a'"),
    ({"session": {"number": 1, "minutes": 45, "language": "en", "talking_points": [
        {"id": "t", "text": "a"}, {"id": "t", "text": "b"}]}}, "talking_points: the id 't'"),
    ({"goals": [{"id": "g", "text": "a", "owner": "nobody"}]}, "goals[0].owner: 'nobody'"),
    ({"session": {"number": 1, "minutes": 45, "language": "en", "talking_points": [
        {"id": "t", "text": "a", "by": "nobody"}]}}, "talking_points[0].by: 'nobody'"),
])
def test_doubled_and_dangling_ids_of_a_case_are_refused(
    case_data: Data, change: Data, said: str
) -> None:
    """Ids in a case differ, and owners are members; the fault names the id."""
    (fault,) = faults(Case, {**case_data, **change})
    assert said in fault.problem


def members(*roles: str) -> list[Data]:
    return [{"role": role, "profile": {"id": f"p-{at}"}} for at, role in enumerate(roles)]


@pytest.mark.parametrize(("roles", "relation", "learners"), [
    (("mentee", "mentor"), "mentor", 1), (("mentor", "mentee"), "mentor", 1),
    (("peer", "peer"), "peer", 2), (("peer", "peer", "peer"), "group", 3),
    (("mentor", "mentee", "mentee"), "group", 2),
])
def test_roles_say_how_members_relate(
    case_data: Data, roles: tuple[str, ...], relation: str, learners: int
) -> None:
    """The relation follows from number and roles; everybody but mentors is a learner."""
    case = Case.model_validate({**case_data, "members": members(*roles)})
    assert (case.relation, len(case.learners)) == (relation, learners)


@pytest.mark.parametrize("roles", [
    ("mentor", "mentor"), ("mentee", "mentee"), ("mentor", "mentor", "mentor"), ("mentee",), (),
    ("peer",) * 13, ("boss", "mentee"),
])
def test_impossible_memberships_are_refused(case_data: Data, roles: tuple[str, ...]) -> None:
    """Two mentors, two mentees, only mentors, one person, or too many make no session."""
    assert faults(Case, {**case_data, "members": members(*roles)})


def test_reverse_programme_makes_a_reverse_pair(case_data: Data, programme_data: Data) -> None:
    """Mentor and mentee in a reverse programme relate in reverse."""
    programme_data["relation"] = "reverse"
    assert Case.model_validate({**case_data, "programme": programme_data}).relation == "reverse"


@pytest.mark.parametrize(("session", "field"), [
    ({"number": 0}, "session.number"), ({"minutes": 14}, "session.minutes"),
    ({"minutes": 181}, "session.minutes"), ({"number": 7, "of": 6}, "session"),
    ({"language": "de"}, "session"), ({"language": "spanish!"}, "session.language"),
    ({"date": "soon"}, "session.date"), ({"talking_points": [{"id": "a b", "text": "t"}]},
                                         "session.talking_points[0].id"),
    ({"talking_points": [{"id": "t", "text": " \n"}]}, "session.talking_points[0].text"),
    ({"talking_points": [{"id": "t", "text": "a\0b"}]}, "session.talking_points[0].text"),
])
def test_session_bounds(case_data: Data, session: Data, field: str) -> None:
    """What is out of bounds in a session is refused where it stands."""
    case_data["session"].update(session)
    assert [fault.field for fault in faults(Case, case_data)] == [field]


@pytest.mark.parametrize("text", ["a\ud800b", "bell\a", "   "])
def test_unreadable_text_is_refused(text: str) -> None:
    """Lone surrogates, control characters and blank texts are refused."""
    assert faults(Profile, {"id": "p", "headline": text})[0].field == "headline"


@pytest.mark.parametrize(("field", "value", "good"), [
    ("level", 0, False), ("level", 1, True), ("level", 7, True), ("level", 8, False),
    ("capacity", 0, True), ("capacity", -1, False), ("country", "SN", True),
    ("country", "sn", False), ("timezone", "Africa/Dakar", True), ("timezone", "Dakar", False),
    ("languages", ["pt-BR"], True), ("languages", ["português"], False),
    ("id", "p" * 128, True), ("id", "p" * 129, False), ("id", "", False), ("id", "p\n", False),
    ("roles", ["coach"], False), ("attributes", {"x": float("nan")}, False),
])
def test_profile_bounds(field: str, value: Any, good: bool) -> None:
    """Each field of a profile takes its range and nothing past it."""
    data = {"id": "p", field: value}
    if good:
        assert getattr(Profile.model_validate(data), field) == value
    else:
        assert faults(Profile, data)


@pytest.mark.parametrize("field", sorted(NEVER_FOR_AI))
def test_personal_fields_are_never_for_a_model(programme_data: Data, field: str) -> None:
    """A programme that opens a personal field to a model is refused, and the field named."""
    (fault,) = faults(Programme, {**programme_data, "ai_fields": ["bio", field]})
    assert fault.field == "ai_fields"
    assert field in fault.problem


@pytest.mark.parametrize("name", [
    "name", "email", "manager_id", "birth_date", "gender", "ethnicity", "health", "pay"])
def test_personal_fields_of_the_contract_are_all_refused(name: str) -> None:
    """Every field that the contract keeps from models is on the list of those refused."""
    assert name in NEVER_FOR_AI


@pytest.mark.parametrize("agenda", [
    {"themes": {7: "feedback-performance"}}, {"reverse_session": 7},
    {"themes": {0: "feedback-performance"}}, {"mode": "free"},
])
def test_programme_plans_only_sessions_it_has(programme_data: Data, agenda: Data) -> None:
    """A theme or reverse session past the programme's end is refused."""
    assert faults(Programme, {**programme_data, "sessions": 6, "agenda": agenda})
    Programme.model_validate({**programme_data, "sessions": 6, "agenda": {"themes": {6: "t"}}})


@pytest.mark.parametrize(("changes", "said"), [
    ({"id": "0" * 12}, resource_id(URL)), ({"url": "ftp:/x"}, "web address"),
    ({"superseded_by": "x"}, "retired"), ({"status": "retired"}, "why_retired"),
    ({"why_retired": "gone away"}, "why_retired"), ({"topics": []}, "at least 1"),
    ({"minutes": 0}, "greater than or equal to 1"),
])
def test_resource_rules(changes: Data, said: str) -> None:
    """A resource has its url's id, retires with a reason, and says where it fails."""
    assert any(said in fault.problem for fault in faults(Resource, resource(**changes)))


@pytest.mark.parametrize(("form", "minutes", "counted"), [
    ("article", None, 10), ("video", None, 15), ("article", 3, 3), ("book", 20, 20)])
def test_unknown_length_counts_its_format_s_default(
    form: str, minutes: int | None, counted: int
) -> None:
    """A time budget counts a resource's own minutes, or those of its format."""
    made = Resource.model_validate(resource(format=form, minutes=minutes))
    assert made.budget_minutes == counted


def changed_text(**changes: Any) -> Data:
    data = activity()
    data["text"]["es"].update(changes)
    return data


@pytest.mark.parametrize(("data", "said"), [
    (changed_text(prompts=["One?", "$goal?"]), "languages differ"),
    (changed_text(steps=["Say it. (4 min)"]), "languages differ"),
    (changed_text(steps=["Say it. (5 min)", "Again."]), "languages differ"),
    (changed_text(quotes={"goal": "“$goal” And?"}), "languages differ"),
    (changed_text(purpose=None), "needs purpose and success"),
    (changed_text(prompts=["One?", "$gaol?"]), "unknown slot $gaol"),
    (changed_text(prompts=["One?"]), "two to four"),
    (changed_text(quotes={"goal": "“$note” And?"}), "quotes.goal must hold $goal"),
    (changed_text(steps=["Long. (11 min)", "Again."]), "steps take longer"),
    (activity(text={"en": activity()["text"]["en"]}), "text.es is missing"),
    (activity(minutes={"min": 10, "ideal": 5, "max": 20}), "must not fall"),
])
def test_activity_is_the_same_in_every_language(data: Data, said: str) -> None:
    """Languages share slots, quotes, steps and minutes; what is wrong is said."""
    assert any(said in fault.problem for fault in faults(Activity, data))


def test_activity_needs_the_slots_of_prompts_and_steps_only() -> None:
    """A slot in prompts or steps is needed; one in quotes is optional."""
    data = activity()
    for text in data["text"].values():
        text.update(prompts=["“$goal” And?", "Two?"], quotes={"note": "“$note” Now?"})
    made = Activity.model_validate(data)
    assert made.needs == {"goal"}
    assert made.text["fr"].step_minutes == [4, None]


def test_talking_point_is_placed_or_deferred_never_both() -> None:
    """A talking point's place is an item or a reason to defer."""
    check = TypeAdapter(list[TalkingPointPlace]).validate_python
    check([{"id": "t", "item": "i1"}, {"id": "u", "deferred": "no time"}])
    for wrong in ({"id": "t"}, {"id": "t", "item": "i1", "deferred": "no time"}):
        with pytest.raises(ValidationError, match="either `item` or `deferred`"):
            check([wrong])
