"""What is stored over HTTP, on SQLite and on PostgreSQL: documents, lists, conditions, keys."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from databases import KINDS, Databases
from starlette.testclient import TestClient
from stored import Api, Caller, open_api, problem

from api.app import create_app
from recommender.catalogue import Catalogue
from recommender.domain.pair import StoredPair
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.settings import Settings

MENTEE = {"id": "p-1", "name": "Amara Diallo", "roles": ["mentee"], "languages": ["fr", "en"],
          "skills_wanted": ["giving feedback"], "level": 3,
          "goals": [{"id": "g1", "text": "Give feedback that people act on"}]}
MENTOR = {"id": "p-2", "name": "Ben Okoro", "roles": ["mentor"], "languages": ["en"], "level": 5,
          "skills_offered": ["performance conversations", "feedback"], "capacity": 2}
PAIR = {"id": "pair-1", "programme_id": "peer-quarter", "members": [
    {"role": "mentee", "profile_id": "p-1"}, {"role": "mentor", "profile_id": "p-2"}]}
PROGRAMME = {"id": "ours", "name": "Ours", "purpose": "To learn", "success": "Learnt",
             "relation": "mentor", "sessions": 6}


@pytest.fixture(scope="module", params=KINDS)
def api(request: pytest.FixtureRequest, catalogue: Catalogue, databases: Databases
        ) -> Iterator[Api]:
    """Return an application over each kind of database."""
    with open_api(catalogue, databases, request.param) as opened:
        yield opened


@pytest.fixture
def call(api: Api) -> Caller:
    """Return a platform whose tenant holds nothing yet."""
    return api.caller()


DOCS = [("profiles", MENTEE, {"level": 4}), ("programmes", PROGRAMME, {"sessions": 4}),
        ("pairs", PAIR, {"status": "paused"})]


@pytest.mark.parametrize(("kind", "doc", "change"), DOCS, ids=[one[0] for one in DOCS])
def test_a_document_is_put_got_listed_and_deleted(
    call: Caller, kind: str, doc: dict[str, Any], change: dict[str, Any]
) -> None:
    """201 when new, 200 when replaced, the same ETag for the same content, 404 once gone."""
    if kind == "pairs":
        call.put("profiles", MENTEE, MENTOR)
    path = f"/v1/{kind}/{doc['id']}"
    problem(call("GET", path), 404, "not-found")
    first = call("PUT", path, doc)
    assert (first.status_code, first.headers["location"]) == (201, path)
    model = {"profiles": Profile, "programmes": Programme, "pairs": StoredPair}[kind]
    assert first.json() == model.model_validate(doc).model_dump(mode="json")  # type: ignore[attr-defined]
    same = call("PUT", path, doc)
    assert (same.status_code, same.headers["etag"]) == (200, first.headers["etag"])
    changed = call("PUT", path, doc | change)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    got = call("GET", path)
    assert (got.json(), got.headers["etag"]) == (changed.json(), changed.headers["etag"])
    assert call("GET", f"/v1/{kind}").json() == {"data": [got.json()], "next_cursor": None}
    assert call("DELETE", path).status_code == 204
    problem(call("GET", path), 404, "not-found")
    problem(call("DELETE", path), 404, "not-found")
    assert call("GET", f"/v1/{kind}").json()["data"] == []


@pytest.mark.parametrize(("kind", "doc"), [one[:2] for one in DOCS], ids=[one[0] for one in DOCS])
def test_conditions_hold_or_nothing_changes(
    call: Caller, kind: str, doc: dict[str, Any]
) -> None:
    """If-Match and If-None-Match refuse with 412; If-None-Match of a GET saves the body."""
    if kind == "pairs":
        call.put("profiles", MENTEE, MENTOR)
    path = f"/v1/{kind}/{doc['id']}"
    problem(call("PUT", path, doc, If_Match="*"), 412, "precondition-failed")
    etag = call("PUT", path, doc, If_None_Match="*").headers["etag"]
    problem(call("PUT", path, doc, If_None_Match="*"), 412, "precondition-failed")
    for wrong in ('"0"', '"999999"', "nonsense", 'W/"x"'):
        problem(call("PUT", path, doc, If_Match=wrong), 412, "precondition-failed")
        problem(call("DELETE", path, If_Match=wrong), 412, "precondition-failed")
    problem(call("PUT", path, doc, If_None_Match='"1"'), 422, "invalid-input")
    assert call("PUT", path, doc, If_Match=f'"7", {etag}').status_code == 200
    for known in (etag, f"W/{etag}", f'"1x", {etag}', "*"):
        answer = call("GET", path, If_None_Match=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
    assert call("GET", path, If_None_Match='"no"').status_code == 200
    assert call("DELETE", path, If_Match=etag).status_code == 204


def test_a_repeated_write_is_done_once(call: Caller) -> None:
    """The same key and content give the same answer; another content is refused."""
    first = call("PUT", "/v1/profiles/p-1", MENTEE, Idempotency_Key="k-1")
    call("DELETE", "/v1/profiles/p-1")
    assert first.status_code == 201
    again = call("PUT", "/v1/profiles/p-1", MENTEE, Idempotency_Key="new")
    twice = call("PUT", "/v1/profiles/p-1", MENTEE, Idempotency_Key="new")
    assert (again.status_code, twice.status_code) == (201, 201)
    assert twice.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in again.headers
    assert (twice.content, twice.headers["etag"]) == (again.content, again.headers["etag"])
    for path, body in (("/v1/profiles/p-1", MENTEE | {"level": 5}), ("/v1/profiles/p-2", MENTOR)):
        problem(call("PUT", path, body, Idempotency_Key="new"), 422, "invalid-input")
    problem(call("PUT", "/v1/profiles/p-1", MENTEE, Idempotency_Key="two words"),
            422, "invalid-input")
    assert call("GET", "/v1/profiles/p-1").json()["level"] == 3


def test_the_same_write_many_times_at_once_is_done_once(call: Caller) -> None:
    """Eight at the same moment store one verdict."""
    call.put("profiles", MENTEE)
    said = {"profile_id": "p-1", "target": "item", "target_id": "a-day-seen-from-below",
            "verdict": "helpful"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda _: call("POST", "/v1/feedback", said, Idempotency_Key="f-1"), range(8)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["id"] for one in answers}) == 1


def test_lists_come_in_pages(call: Caller) -> None:
    """Nothing twice, nothing missing, in the order of ids; a foreign cursor is refused."""
    ids = [f"p-{number:02}" for number in range(7)]
    call.put("profiles", *({"id": one} for one in ids))
    found: list[str] = []
    cursor = ""
    while True:
        page = call("GET", f"/v1/profiles?limit=3{cursor}").json()
        found += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == ids
    for wrong in ("limit=0", "limit=201", "limit=x", "cursor=%00", "cursor=abc", "page=2"):
        problem(call("GET", f"/v1/profiles?{wrong}"), 422, "invalid-input")


def test_pairs_of_one_person(call: Caller) -> None:
    """A list of pairs may be of one person; a pair names only people and programmes there are."""
    call.put("profiles", MENTEE, MENTOR, {"id": "p-3"})
    other = PAIR | {"id": "pair-2", "members": [
        {"role": "mentee", "profile_id": "p-3"}, {"role": "mentor", "profile_id": "p-2"}]}
    call.put("pairs", PAIR, other)
    for own, expected in (("p-1", ["pair-1"]), ("p-2", ["pair-1", "pair-2"]), ("p-9", [])):
        page = call("GET", f"/v1/pairs?profile_id={own}").json()
        assert [one["id"] for one in page["data"]] == expected
    first = call("GET", "/v1/pairs?profile_id=p-2&limit=1").json()
    rest = call("GET", f"/v1/pairs?profile_id=p-2&cursor={first['next_cursor']}").json()
    assert [one["id"] for one in rest["data"]] == ["pair-2"]
    for change, field in (({"programme_id": "no"}, "programme_id"),
                          ({"focus_area": "no"}, "focus_area"),
                          ({"members": [PAIR["members"][0],  # type: ignore[index]
                                        {"role": "mentor", "profile_id": "p-9"}]},
                           "members[1].profile_id")):
        told = problem(call("PUT", "/v1/pairs/pair-1", PAIR | change), 422, "invalid-input")
        assert [one["field"] for one in told["errors"]] == [field]


def test_a_programme_that_is_used_stays(call: Caller) -> None:
    """409 while a pair is in it; a programme of the library may be got, and covered."""
    call.put("profiles", MENTEE, MENTOR)
    call.put("programmes", PROGRAMME)
    call.put("pairs", PAIR | {"programme_id": "ours"})
    problem(call("DELETE", "/v1/programmes/ours"), 409, "conflict")
    call("DELETE", "/v1/pairs/pair-1")
    assert call("DELETE", "/v1/programmes/ours").status_code == 204
    shipped = call("GET", "/v1/programmes/peer-quarter").json()
    call.put("programmes", shipped | {"name": "Covered"})
    assert call("GET", "/v1/programmes/peer-quarter").json()["name"] == "Covered"
    assert call("DELETE", "/v1/programmes/peer-quarter").status_code == 204
    assert call("GET", "/v1/programmes/peer-quarter").json() == shipped
    told = problem(call("PUT", "/v1/programmes/ours", PROGRAMME | {
        "agenda": {"themes": {"1": "no-such-topic"}}}), 422, "invalid-input")
    assert told["errors"][0]["field"] == "agenda.themes.1"


def test_ids_in_path_and_body_are_the_same(call: Caller) -> None:
    """A document is never stored under another's id; what is no id is refused."""
    for kind, doc in (("profiles", MENTEE), ("programmes", PROGRAMME), ("pairs", PAIR)):
        told = problem(call("PUT", f"/v1/{kind}/other", doc), 422, "invalid-input")
        assert told["errors"][0]["field"] == "id"
    problem(call("GET", "/v1/profiles/no%20id"), 422, "invalid-input")


def test_many_people_at_once(call: Caller) -> None:
    """CSV and NDJSON: good rows are stored, each bad one is reported with its line and field."""
    csv = (b"id,name,languages,level,goal_1\n"
           b'h-1,"Doe, Jane",en;fr,3,Lead a team\nh-2,B,en,nine,\nh-3,C,en,4,\nh-3,D,en,4,\n')
    report = call("POST", "/v1/profiles:import", csv, Content_Type="text/csv; charset=utf-8")
    assert report.status_code == 200
    body = report.json()
    assert (body["created"], body["updated"], body["unchanged"], body["refused"]) == (2, 0, 0, 2)
    assert [(one["row"], one["field"]) for one in body["problems"]] == [
        ("line 3", "level"), ("line 5", "id")]
    assert call("GET", "/v1/profiles/h-1").json()["goals"][0]["text"] == "Lead a team"
    lines = [{"id": "h-1", "level": 4}, {"id": "h-4"}]
    text = "\n".join([*map(json.dumps, lines), "{broken", "", '{"id": "h-5", "no": 1}'])
    for expected in ((1, 1, 0), (0, 0, 2)):
        body = call("POST", "/v1/profiles:import", text.encode(),
                    Content_Type="application/x-ndjson").json()
        assert (body["created"], body["updated"], body["unchanged"]) == expected
        assert [(one["row"], one["field"]) for one in body["problems"]] == [
            ("line 3", ""), ("line 5", "no")]
    problem(call("POST", "/v1/profiles:import", b"name\nx\n", Content_Type="text/csv"),
            422, "invalid-input")
    problem(call("POST", "/v1/profiles:import", b"{}", Content_Type="application/json"),
            415, "unsupported-media-type")
    problem(call("POST", "/v1/profiles:import", b"x" * (1024 * 1024 + 1),
                 Content_Type="text/csv"), 413, "body-too-large")


ROLES = [
    ("GET", "/v1/profiles", None, "reader"), ("GET", "/v1/pairs/x", None, "reader"),
    ("PUT", "/v1/profiles/x", {"id": "x"}, "platform"),
    ("DELETE", "/v1/profiles/x", None, "platform"),
    ("POST", "/v1/profiles:import", None, "platform"),
    ("PUT", "/v1/pairs/x/sessions/1/notes", {}, "platform"),
    ("POST", "/v1/pairs/x/sessions/1/agenda", {}, "platform"),
    ("POST", "/v1/feedback", {}, "platform"),
    ("POST", "/v1/agendas/x/edits", {"ops": [{"op": "lock", "item": "i1"}]}, "platform"),
    ("PUT", "/v1/resources/x", {}, "curator"), ("DELETE", "/v1/resources/x", None, "curator"),
    ("GET", "/v1/profiles/x/mentor-suggestions", None, "reader"),
    ("POST", "/v1/programmes/x/matches", {}, "reader"),
]


@pytest.mark.parametrize(("method", "path", "body", "least"), ROLES,
                         ids=[f"{one[0]} {one[1]}" for one in ROLES])
def test_each_path_asks_for_a_key_and_a_role(
    api: Api, method: str, path: str, body: Any, least: str
) -> None:
    """401 without a key or with a wrong one, 403 with too low a role, and never anything done."""
    answer = api.client.request(method, path, json=body)
    problem(answer, 401, "key-needed")
    assert answer.headers["www-authenticate"] == "Bearer"
    for wrong in ("Bearer no", "Basic abc", "Bearer agd_x_y", "Bearer"):
        problem(api.client.request(method, path, json=body, headers={"Authorization": wrong}),
                401, "key-needed")
    roles = ("reader", "curator", "platform")
    for role in roles:
        status = api.caller(role)(method, path, body).status_code  # type: ignore[arg-type]
        assert (status == 403) is (roles.index(role) < roles.index(least)), role
        assert status != 401


def test_stateless_paths_close_with_the_first_key(
    catalogue: Catalogue, databases: Databases, case_data: dict[str, Any]
) -> None:
    """On a laptop no key and no database are needed; once there is a key, every path needs one."""
    with open_api(catalogue, databases, "sqlite") as api:
        assert api.client.post("/v1/agendas", json=case_data).status_code == 200
        assert api.client.get("/v1/resources?q=trust").status_code == 200
        problem(api.client.post("/v1/agendas?store=true", json=case_data), 401, "key-needed")
        problem(api.client.get("/v1/profiles"), 401, "key-needed")
        reader = api.caller("reader")
        problem(api.client.post("/v1/agendas", json=case_data), 401, "key-needed")
        problem(api.client.get("/v1/resources?q=trust"), 401, "key-needed")
        assert reader("POST", "/v1/agendas", case_data).status_code == 200
        assert reader("GET", "/v1/resources?q=trust").status_code == 200
        problem(reader("POST", "/v1/agendas?store=true", case_data), 403, "role-too-low")


def test_other_addresses_are_closed_from_the_start(
    catalogue: Catalogue, databases: Databases, case_data: dict[str, Any], tmp_path: Any
) -> None:
    """A server that others reach answers nobody without a key, unless it is told to."""
    url = f"sqlite:///{tmp_path / 'none.db'}"
    for require, status in (("auto", 401), ("never", 200)):
        settings = Settings(_env_file=None, database_url=url, require_key=require)
        with TestClient(create_app(catalogue, settings, local=False)) as client:
            assert client.post("/v1/agendas", json=case_data).status_code == status
            assert client.get("/v1/profiles").status_code == 401
            assert client.get("/healthz").status_code == 200
    assert not list(tmp_path.iterdir())


def test_each_key_has_its_share(catalogue: Catalogue, databases: Databases) -> None:
    """429 with Retry-After past the limit, headers before it, and others are not held up."""
    with open_api(catalogue, databases, "sqlite", rate_limit="3/hour") as api:
        one, other = api.caller(), api.caller()
        answers = [one("GET", "/v1/profiles") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=3600'
        assert answers[0].headers["ratelimit"].startswith('"key";r=2;t=')
        problem(answers[3], 429, "too-many-requests")
        assert 0 < int(answers[3].headers["retry-after"]) <= 3600
        assert other("GET", "/v1/profiles").status_code == 200
        assert api.client.get("/healthz").status_code == 200


def test_a_database_that_is_not_migrated_answers_503(
    catalogue: Catalogue, databases: Databases
) -> None:
    """It is told as what an operator must mend, and is not changed on the side."""
    settings = Settings(_env_file=None, database_url=databases.empty("postgresql"))
    with TestClient(create_app(catalogue, settings)) as client:
        answer = client.get("/v1/profiles", headers={"Authorization": "Bearer agd_x_y"})
        problem(answer, 503, "storage-failed")
