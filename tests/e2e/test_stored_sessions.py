"""From stored people to the next agenda, matching, resources and feedback, on both databases."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from databases import KINDS, Databases
from invariants import broken
from stored import Api, Caller, open_api, problem

from api.cli import cli
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.matching import stored_people
from recommender.people_file import read_people
from recommender.storage.store import Store

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MENTEE = {"id": "p-1", "roles": ["mentee"], "languages": ["es", "en"], "level": 3,
          "skills_wanted": ["giving feedback"],
          "goals": [{"id": "g1", "text": "Give feedback that people act on"}]}
MENTOR = {"id": "p-2", "roles": ["mentor"], "languages": ["en", "es"], "level": 5,
          "skills_offered": ["performance conversations"]}
PAIR = {"id": "pair-1", "programme_id": "regional", "members": [
    {"role": "mentee", "profile_id": "p-1"}, {"role": "mentor", "profile_id": "p-2"}]}
SESSION = "/v1/pairs/pair-1/sessions"


@pytest.fixture(scope="module", params=KINDS)
def api(request: pytest.FixtureRequest, catalogue: Catalogue, databases: Databases
        ) -> Iterator[Api]:
    """Return an application over each kind of database."""
    with open_api(catalogue, databases, request.param) as opened:
        yield opened


@pytest.fixture
def call(api: Api) -> Caller:
    """Return a platform with two people who are a pair."""
    caller = api.caller()
    caller.put("profiles", MENTEE, MENTOR)
    caller.put("pairs", PAIR)
    return caller


def case_of(api: Api, call: Caller, own: str) -> Case:
    with api.store.read(call.tenant) as unit:
        return unit.agendas.get(own).case


def test_sessions_follow_each_other(api: Api, call: Caller) -> None:
    """The second agenda carries what was undertaken, repeats nothing, keeps every promise."""
    first = call("POST", f"{SESSION}/1/agenda", {"minutes": 45})
    assert first.status_code == 201
    agenda = first.json()
    assert first.headers["location"] == f"/v1/agendas/{agenda['id']}"
    assert (agenda["language"], agenda["session"]["minutes"]) == ("es", 45)
    notes = {"notes": "Ana dio feedback a dos colegas y uno se molestó mucho.",
             "actions": [{"id": "a1", "text": "Pedir feedback a dos colegas", "owner": "p-1"}]}
    put = call("PUT", f"{SESSION}/1/notes", notes)
    assert put.status_code == 201
    assert call("GET", f"{SESSION}/1/notes").json() == put.json()
    second = call("POST", f"{SESSION}/2/agenda", {"talking_points": [
        {"id": "t1", "text": "¿Cómo sigo con mi colega?", "by": "p-1"}]}).json()
    assert second["actions_carried"] == ["a1"]
    assert [one["id"] for one in second["talking_points"]] == ["t1"]
    used = [{item["activity"] for item in one["items"]} - {None} for one in (agenda, second)]
    assert not used[0] & used[1]
    case = case_of(api, call, second["id"])
    assert [past.number for past in case.history] == [1]
    assert case.history[0].agenda is not None
    assert case.history[0].agenda.id == agenda["id"]
    stored = call("GET", f"{SESSION}/2/agenda")
    assert stored.json() == second
    with api.store.read(call.tenant) as unit:
        assert broken(case, unit.agendas.get(second["id"]).agenda) == []


def test_an_agenda_written_again_keeps_its_id(call: Caller) -> None:
    """With something new to say the one before is kept; with nothing new nothing happens."""
    first = call("POST", f"{SESSION}/1/agenda", {})
    same = call("POST", f"{SESSION}/1/agenda", {})
    assert (first.status_code, same.status_code) == (201, 200)
    assert same.headers["etag"] == first.headers["etag"]
    other = call("POST", f"{SESSION}/1/agenda", {"minutes": 30})
    assert other.json()["id"] == first.json()["id"]
    assert other.headers["etag"] != first.headers["etag"]
    versions = call("GET", f"/v1/agendas/{first.json()['id']}/versions").json()["data"]
    assert [(one["number"], one["replaced_by"], one["agenda"]["session"]["minutes"])
            for one in versions] == [(1, "agenda", 60), (2, None, 30)]


def test_a_repeated_session_request_makes_one_agenda(call: Caller) -> None:
    """The answer says that it is a repetition; another body under the key is refused."""
    answers = [call("POST", f"{SESSION}/1/agenda", {}, Idempotency_Key="k") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    problem(call("POST", f"{SESSION}/1/agenda", {"minutes": 30}, Idempotency_Key="k"),
            422, "invalid-input")


@pytest.mark.parametrize(("number", "body", "status", "field"), [
    (7, {"of": 6}, 422, ""), (1, {"language": "de"}, 422, ""), (1, {"minutes": 5}, 422, "minutes"),
    (1, {"number": 1}, 422, "number"), (0, {}, 422, "number"),
    (1, {"talking_points": [{"id": "t", "text": "x", "by": "p-9"}]}, 422, ""),
    (1, {"generator": "llm"}, 422, "generator"),
])
def test_what_does_not_go_together_is_refused(
    call: Caller, number: int, body: dict[str, Any], status: int, field: str
) -> None:
    """422 with the field; nothing is stored."""
    told = problem(call("POST", f"{SESSION}/{number}/agenda", body), status, "invalid-input")
    assert field in told["errors"][0]["field"]
    problem(call("GET", f"{SESSION}/1/agenda"), 404, "not-found")


def test_notes_are_of_the_pair(call: Caller) -> None:
    """An action is a member's own, and ids differ; conditions hold."""
    for actions in ([{"id": "a", "text": "x", "owner": "p-9"}],
                    [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]):
        problem(call("PUT", f"{SESSION}/1/notes", {"actions": actions}), 422, "invalid-input")
    etag = call("PUT", f"{SESSION}/1/notes", {"notes": "one"}).headers["etag"]
    assert call("PUT", f"{SESSION}/1/notes", {"notes": "two"}, If_Match=etag).status_code == 200
    problem(call("PUT", f"{SESSION}/1/notes", {"notes": "three"}, If_Match=etag), 412,
            "precondition-failed")
    assert call("GET", f"{SESSION}/1/notes").json()["notes"] == "two"
    problem(call("PUT", "/v1/pairs/no/sessions/1/notes", {}), 404, "not-found")


def test_a_stored_agenda_is_edited_and_keeps_its_versions(
    call: Caller, case_data: dict[str, Any]
) -> None:
    """Stored under its own id; edits change it in place, all of them or none."""
    made = call("POST", "/v1/agendas?store=true", case_data)
    agenda = made.json()
    path = made.headers["location"]
    assert (made.status_code, path) == (201, f"/v1/agendas/{agenda['id']}")
    got = call("GET", path)
    assert (got.json(), got.headers["etag"]) == (agenda, made.headers["etag"])
    assert call("GET", path, If_None_Match=got.headers["etag"]).status_code == 304
    for accept in ("text/markdown", "text/html"):
        page = call("GET", path, Accept=accept)
        assert page.headers["content-type"].startswith(accept)
        assert agenda["items"][0]["title"] in page.text.replace("&#39;", "'")
    item = agenda["items"][1]["id"]
    ops = {"ops": [{"op": "rename", "item": item, "title": "Lo nuestro"}]}
    problem(call("POST", f"{path}/edits", ops, If_Match='"0"'), 412, "precondition-failed")
    problem(call("POST", f"{path}/edits", {"ops": [*ops["ops"], {"op": "lock", "item": "no"}]}),
            422, "invalid-input")
    edited = call("POST", f"{path}/edits", ops, If_Match=made.headers["etag"])
    assert edited.status_code == 200
    assert edited.json()["agenda"]["id"] == agenda["id"]
    assert [(one["op"], one["item"], one["after"]) for one in edited.json()["diff"]] == [
        ("rename", item, "Lo nuestro")]
    assert call("GET", path).json() == edited.json()["agenda"]
    again = {"ops": [{"op": "regenerate", "item": item}]}
    answers = [call("POST", f"{path}/edits", again, Idempotency_Key="e") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    first = call("GET", f"{path}/versions?limit=2").json()
    rest = call("GET", f"{path}/versions?cursor={first['next_cursor']}").json()
    versions = first["data"] + rest["data"]
    assert [one["replaced_by"] for one in versions] == ["edit", "edit", None]
    assert versions[0]["agenda"] == agenda
    assert versions[2]["agenda"] == call("GET", path).json()


def test_a_stream_may_be_stored(call: Caller, case_data: dict[str, Any]) -> None:
    """The last event has the id under which the agenda is stored."""
    answer = call("POST", "/v1/agendas?store=true", case_data, Accept="text/event-stream")
    last = answer.text.split("event: agenda\ndata: ")[1]
    agenda = json.loads(last.splitlines()[0])
    assert call("GET", f"/v1/agendas/{agenda['id']}").json() == agenda


def test_a_store_request_repeated_stores_once(call: Caller, case_data: dict[str, Any]) -> None:
    """In another form too the repeated request gets the same agenda."""
    answers = [call("POST", "/v1/agendas?store=true", case_data, Idempotency_Key="s",
                    Accept=accept) for accept in ("application/json", "*/*", "text/markdown")]
    assert {one.headers["location"] for one in answers} == {answers[0].headers["location"]}
    assert answers[2].text.startswith("#")
    unkept = call("POST", "/v1/agendas", case_data).json()
    problem(call("GET", f"/v1/agendas/{unkept['id']}"), 404, "not-found")


def on_the_command_line(monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue,
                        *args: str) -> Any:
    monkeypatch.setattr("api.opening.open_ready_catalogue", lambda _: catalogue)
    done = CliRunner().invoke(cli, [*args, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(("folder", "person", "candidate"), [
    ("evergreen", "eg-201", "eg-204"), ("peer-quarter", "", ""), ("women-pilot", "", "")])
def test_stored_people_are_matched_as_a_file_of_them(
    api: Api, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, folder: str, person: str,
    candidate: str,
) -> None:
    """Suggestions, why and matches are those of `agendum mentors`, `why` and `match`."""
    file = EXAMPLES / folder / "people.yaml"
    people = read_people(file).profiles
    person, candidate = person or people[0].id, candidate or people[-1].id
    call = api.caller()
    call.put("profiles", *(one.model_dump(mode="json") for one in people))
    options = ("--profiles", str(file), "--programme", folder)
    path = f"/v1/profiles/{person}/mentor-suggestions"
    found = call("GET", f"{path}?programme={folder}&limit=5")
    assert found.json() == on_the_command_line(
        monkeypatch, catalogue, "mentors", *options, "--for", person)
    why = call("GET", f"{path}/{candidate}/why?programme={folder}")
    assert why.json() == on_the_command_line(
        monkeypatch, catalogue, "why", *options, "--for", person, "--candidate", candidate)
    match = call("POST", f"/v1/programmes/{folder}/matches", {})
    assert match.json() == on_the_command_line(monkeypatch, catalogue, "match", *options)
    assert match.json()["pairs"]


def test_suggestions_follow_what_is_stored(
    api: Api, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change shows at once, in another process too; nothing is encoded twice."""
    people = read_people(EXAMPLES / "evergreen" / "people.yaml").profiles
    call = api.caller()
    call.put("profiles", *(one.model_dump(mode="json") for one in people))
    path = "/v1/profiles/eg-201/mentor-suggestions"
    before = call("GET", path).json()
    best = before[0]["candidate"]
    with api.store.read(call.tenant) as unit:
        vectors = unit.vectors.of("profile", catalogue.encoder.name)
    assert set(vectors) == {one.id for one in people if one.goals or one.skills_offered
                            or one.skills_wanted or one.headline or one.bio}
    other = Store(api.store.engine.url.render_as_string(hide_password=False))
    from recommender.matching.stored_people import StoredPeople
    from recommender.matching.suggest import suggest_mentors

    def refuse(texts: Any) -> Any:
        raise RuntimeError("encoded again")

    monkeypatch.setattr(catalogue.encoder, "encode_unkept", refuse)
    elsewhere = StoredPeople(other, catalogue)

    def seen() -> list[str]:
        terms = elsewhere.terms(call.tenant, "evergreen")
        row = terms.pool.row["eg-201"]
        return [one.candidate for one in suggest_mentors(
            terms, "eg-201", elsewhere.phrases(terms, row))]

    assert seen() == [one["candidate"] for one in before]
    monkeypatch.undo()
    call.put("pairs", {"id": "x", "programme_id": "evergreen", "status": "ended", "members": [
        {"role": "mentee", "profile_id": "eg-201"}, {"role": "mentor", "profile_id": best}]})
    assert best not in [one["candidate"] for one in call("GET", path).json()]
    assert best not in seen()
    assert call("DELETE", "/v1/pairs/x").status_code == 204
    assert call("GET", path).json() == before
    assert call("DELETE", f"/v1/profiles/{best}").status_code == 204
    assert best not in [one["candidate"] for one in call("GET", path).json()]
    assert best not in seen()
    with api.store.read(call.tenant) as unit:
        assert best not in unit.vectors.of("profile", catalogue.encoder.name)
    problem(call("GET", f"/v1/profiles/{best}/mentor-suggestions"), 404, "not-found")
    problem(call("GET", f"{path}?programme=no"), 404, "not-found")
    problem(call("GET", f"{path}/eg-201/why"), 422, "invalid-input")
    other.close()


def test_people_who_take_long_to_encode_hold_up_nobody_else(
    api: Api, call: Caller, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for them is told to come back; others are answered; then they are there."""
    go = threading.Event()
    encode = catalogue.encoder.encode_unkept  # type: ignore[attr-defined]

    def slow(texts: Any) -> Any:
        assert go.wait(60)
        return encode(texts)

    monkeypatch.setattr(catalogue.encoder, "encode_unkept", slow)
    monkeypatch.setattr(api.client.app.state.people, "_patience_s", 0.05)  # type: ignore[attr-defined]
    path = "/v1/profiles/p-1/mentor-suggestions"
    answers = [call("GET", path) for _ in range(3)]
    for one in answers:
        problem(one, 503, "overloaded")
        assert one.headers["retry-after"] == "5"
    other = api.caller()
    other.put("profiles", {"id": "a", "roles": ["mentee"]}, {"id": "b", "roles": ["mentor"]})
    other.put("programmes", {"id": "plain", "name": "P", "purpose": "P", "success": "S",
                             "relation": "mentor"})
    monkeypatch.setattr(api.client.app.state.people, "_patience_s", 30)  # type: ignore[attr-defined]
    assert [one["candidate"] for one in other(
        "GET", "/v1/profiles/a/mentor-suggestions?programme=plain").json()] == ["b"]
    go.set()
    assert call("GET", path).status_code == 200


def test_who_asks_long_after_the_work_began_does_not_wait_for_it(
    api: Api, call: Caller, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would hold a place that others could compute in."""
    go = threading.Event()
    encode = catalogue.encoder.encode_unkept  # type: ignore[attr-defined]

    def slow(texts: Any) -> Any:
        assert go.wait(60)
        return encode(texts)

    monkeypatch.setattr(catalogue.encoder, "encode_unkept", slow)
    people: Any = api.client.app.state.people  # type: ignore[attr-defined]
    monkeypatch.setattr(people, "_patience_s", 0.05)
    path = "/v1/profiles/p-1/mentor-suggestions"
    problem(call("GET", path), 503, "overloaded")
    monkeypatch.setattr(people, "_patience_s", 30)
    monkeypatch.setattr(stored_people, "monotonic", lambda: time.monotonic() + 31)
    later = threading.Timer(5, go.set)  # whoever waited all the same would get an answer
    later.start()
    problem(call("GET", path), 503, "overloaded")
    later.cancel()
    go.set()
    monkeypatch.setattr(stored_people, "monotonic", time.monotonic)
    assert call("GET", path).status_code == 200


RESOURCE = {"title": "How we give feedback here", "url": "https://example.org/our-feedback",
            "publisher": "Us", "format": "guide", "language": "en",
            "topics": ["feedback-performance"],
            "minutes": 9, "level": "introductory", "audience": ["mentee", "mentor", "peer"],
            "gist": "Giving feedback that people act on without damaging the relationship."}


def test_a_tenants_resources_are_its_own(
    api: Api, call: Caller, catalogue: Catalogue
) -> None:
    """Put by a curator, found by all of the tenant and by nobody else; a shipped one is hidden."""
    from recommender.domain.resource import resource_id

    own = resource_id(str(RESOURCE["url"]))
    resource = RESOURCE | {"id": own}
    curator = api.caller("curator", call.tenant)
    query = f"/v1/resources?q={str(RESOURCE['gist']).replace(' ', '+')}&language=en&limit=5"
    before = call("GET", query)
    assert curator("PUT", f"/v1/resources/{own}", resource).status_code == 201
    after = call("GET", query)
    assert own in [one["id"] for one in after.json()]
    assert before.headers["x-library"] != after.headers["x-library"]
    other = api.caller()
    assert other("GET", query).json() == before.json()
    assert other("GET", query).headers["x-library"] == catalogue.library.fingerprint
    problem(other("GET", f"/v1/resources/{own}"), 404, "not-found")
    shipped = before.json()[0]["id"]
    assert curator("DELETE", f"/v1/resources/{shipped}").status_code == 204
    problem(curator("DELETE", f"/v1/resources/{shipped}"), 404, "not-found")
    problem(call("GET", f"/v1/resources/{shipped}"), 404, "not-found")
    assert shipped not in [one["id"] for one in call("GET", query).json()]
    assert other("GET", f"/v1/resources/{shipped}").status_code == 200
    assert curator("DELETE", f"/v1/resources/{own}").status_code == 204
    assert own not in [one["id"] for one in call("GET", query).json()]
    told = problem(curator("PUT", f"/v1/resources/{own}", resource | {
        "topics": ["no-such"], "prerequisites": ["nothing"]}), 422, "invalid-input")
    assert [one["field"] for one in told["errors"]] == ["topics[0]", "prerequisites[0]"]


def test_feedback_changes_what_the_same_person_gets_next(call: Caller) -> None:
    """Resources with a verdict do not come again, in lists or agendas; others' lists stay."""
    call.put("profiles", MENTEE | {"id": "p-3"})
    path = "/v1/profiles/p-1/resources?limit=5&minutes=120"
    before = [one["id"] for one in call("GET", path).json()]
    assert before
    assert sum(one["counted_minutes"] for one in call("GET", path).json()) <= 120
    agenda = call("POST", f"{SESSION}/1/agenda", {}).json()
    named = [one["id"] for one in agenda["resources"]]
    for one in {before[0], *named}:
        said = {"profile_id": "p-1", "target": "resource", "target_id": one, "verdict": "done"}
        answer = call("POST", "/v1/feedback", said)
        assert answer.status_code == 201
        assert answer.json()["feedback"]["at"]
    after = [one["id"] for one in call("GET", path).json()]
    assert before[0] not in after
    assert [one["id"] for one in call(
        "GET", path.replace("p-1", "p-3")).json()] == before
    again = call("POST", f"{SESSION}/1/agenda", {}).json()
    assert not {one["id"] for one in again["resources"]} & set(named)
    for wrong, field in (({"profile_id": "no"}, "profile_id"), ({"target_id": "no"}, "target_id"),
                         ({"target": "agenda"}, "target_id")):
        told = problem(call("POST", "/v1/feedback", said | wrong), 422, "invalid-input")
        assert [one["field"] for one in told["errors"]] == [field]


def test_what_was_given_in_another_pair_counts(api: Api, call: Caller) -> None:
    """Somebody in two pairs does not get the same activity twice."""
    call.put("profiles", {"id": "p-3", "roles": ["mentor"], "languages": ["es"]})
    call.put("pairs", PAIR | {"id": "pair-2", "members": [
        {"role": "mentee", "profile_id": "p-1"}, {"role": "mentor", "profile_id": "p-3"}]})
    first = call("POST", f"{SESSION}/2/agenda", {"language": "es"}).json()
    other = call("POST", "/v1/pairs/pair-2/sessions/2/agenda", {"language": "es"}).json()
    seen = case_of(api, call, other["id"]).members[0].seen
    assert set(seen.activities) == {one["activity"] for one in first["items"]} - {None}


def test_erasing_a_person_erases_their_sessions(
    api: Api, call: Caller, case_data: dict[str, Any]
) -> None:
    """Pair, notes and agendas are gone for everybody; the other person stays."""
    agenda = call("POST", f"{SESSION}/1/agenda", {}).json()
    loose = call("POST", "/v1/agendas?store=true", case_data).json()
    call("PUT", f"{SESSION}/1/notes", {"notes": "x"})
    assert call("DELETE", "/v1/profiles/p-1").status_code == 204
    for path in (f"/v1/agendas/{agenda['id']}", f"/v1/agendas/{loose['id']}",
                 "/v1/pairs/pair-1", f"{SESSION}/1/notes", f"{SESSION}/1/agenda"):
        problem(call("GET", path), 404, "not-found")
    assert call("GET", "/v1/profiles/p-2").status_code == 200
