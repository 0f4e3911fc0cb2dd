"""No call ever returns, counts or changes what belongs to another tenant.

Whatever two tenants do in turn, with the same ids and the same keys of repetition, each gets,
call by call, what it would have got alone; no answer holds a word of the other; and at the end
the database holds for each what it would have held.
"""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from databases import KINDS, Databases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from stored import Api, Caller, open_api

from recommender.catalogue import Catalogue
from recommender.domain.resource import resource_id
from recommender.storage.kept_access import KeyRole
from recommender.storage.tables import metadata

LONG = bool(os.environ.get("AGENDUM_LONG_TESTS"))
ROLES: tuple[KeyRole, ...] = ("reader", "curator", "platform")
MARKS = {"one": "Quetzalcoatlus", "two": "Archaeopteryx"}
URL = "https://example.org/shared"
OWN = resource_id(URL)
_MADE = re.compile(r"(ag|fb|job)_[0-9a-f]{16,}")
_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")

PEOPLE = st.sampled_from(["p-1", "p-2", "p-3"])
CALLS = st.one_of(
    st.tuples(st.just("put_profile"), PEOPLE, st.sampled_from(["mentee", "mentor"])),
    st.tuples(st.sampled_from([
        "get_profile", "delete_profile", "suggest", "for_person", "feedback", "pairs_of",
        "import"]), PEOPLE),
    st.tuples(st.just("why"), PEOPLE, PEOPLE),
    st.tuples(st.just("put_pair"), PEOPLE, PEOPLE),
    st.tuples(st.sampled_from(["get_pair", "delete_pair", "lists", "match", "programme",
                               "delete_programme", "put_resource", "get_resource",
                               "delete_resource", "delete_shipped", "search"])),
    st.tuples(st.sampled_from(["agenda", "notes", "get_notes", "get_session"]),
              st.integers(1, 3)),
    st.tuples(st.sampled_from(["store", "get_last", "edit_last", "versions_last"])),
    st.tuples(st.sampled_from(["steal", "steal_edit", "steal_versions", "steal_job"])),
)
LOOKS: list[tuple[Any, ...]] = [
    ("lists",), ("pairs_of", "p-1"), ("get_profile", "p-1"), ("suggest", "p-1"), ("search",),
    ("get_resource",), ("get_notes", 1), ("get_last",), ("versions_last",), ("steal",),
    ("steal_edit",), ("steal_versions",)]
"""Asked of each at the end, whatever came before."""
STEPS = st.lists(st.tuples(st.sampled_from(["one", "one", "two"]),
                           st.sampled_from([*ROLES, "platform", "platform", "platform"]),
                           CALLS, st.booleans()), min_size=4, max_size=30 if LONG else 14)


@pytest.fixture(scope="module", params=KINDS)
def api(request: pytest.FixtureRequest, catalogue: Catalogue, databases: Databases
        ) -> Iterator[Api]:
    """Return an application over each kind of database."""
    with open_api(catalogue, databases, request.param) as opened:
        yield opened


class Tenant:
    """A tenant with three keys, which remembers what it was given."""

    def __init__(self, api: Api, name: str) -> None:
        platform = api.caller()
        self.id = platform.tenant
        self.mark = MARKS[name]
        self.callers: dict[str, Caller] = {
            role: platform if role == "platform" else api.caller(role, self.id)
            for role in ROLES}
        self.last = f"ag_{0:024}"
        for call in (("put_profile", "p-1", "mentee"), ("put_profile", "p-2", "mentor"),
                     ("put_pair", "p-1", "p-2"), ("notes", 1), ("put_resource",), ("store",)):
            assert self.do("platform", call, None, "").status_code == 201

    def do(self, role: str, call: tuple[Any, ...], key: str | None, stolen: str) -> Any:
        """Make one call and return the answer."""
        method, path, body = self._request(call, stolen)
        headers = {} if key is None or method == "GET" else {"Idempotency_Key": key}
        if isinstance(body, bytes):
            headers["Content_Type"] = "text/csv"
        answer = self.callers[role](method, path, body, **headers)
        if path.startswith(("/v1/agendas?", "/v1/pairs/pair-1/sessions")) and (
                answer.status_code in (200, 201) and "items" in answer.text):
            self.last = answer.json()["id"]
        return answer

    def _request(self, call: tuple[Any, ...], stolen: str) -> tuple[str, str, Any]:
        name, *given = call
        own = given[0] if given else ""
        match name:
            case "put_profile":
                return "PUT", f"/v1/profiles/{own}", self._profile(own, given[1])
            case "get_profile":
                return "GET", f"/v1/profiles/{own}", None
            case "delete_profile":
                return "DELETE", f"/v1/profiles/{own}", None
            case "suggest":
                return "GET", f"/v1/profiles/{own}/mentor-suggestions", None
            case "why":
                return "GET", f"/v1/profiles/{own}/mentor-suggestions/{given[1]}/why", None
            case "for_person":
                return "GET", f"/v1/profiles/{own}/resources?limit=3", None
            case "feedback":
                return "POST", "/v1/feedback", {
                    "profile_id": own, "target": "resource", "target_id": SHIPPED,
                    "verdict": "done", "comment": self.mark}
            case "pairs_of":
                return "GET", f"/v1/pairs?profile_id={own}", None
            case "import":
                return "POST", "/v1/profiles:import", f"id,bio\n{own},{self.mark}\n".encode()
            case "put_pair":
                return "PUT", "/v1/pairs/pair-1", {
                    "id": "pair-1", "programme_id": "evergreen", "goals": [
                        {"id": "g", "text": f"Understand {self.mark}"}],
                    "members": [{"role": "mentee", "profile_id": own},
                                {"role": "mentor", "profile_id": given[1]}]}
            case "get_pair" | "delete_pair":
                return name.split("_")[0].upper(), "/v1/pairs/pair-1", None
            case "lists":
                return "GET", "/v1/profiles?limit=2", None
            case "match":
                return "POST", "/v1/programmes/evergreen/matches", {}
            case "programme":
                return "PUT", "/v1/programmes/own", {
                    "id": "own", "name": self.mark, "purpose": "p", "success": "s",
                    "relation": "mentor"}
            case "delete_programme":
                return "DELETE", "/v1/programmes/own", None
            case "put_resource":
                return "PUT", f"/v1/resources/{OWN}", {
                    "id": OWN, "url": URL, "title": f"About {self.mark}", "publisher": "P",
                    "format": "guide", "language": "en", "topics": ["feedback-performance"],
                    "level": "introductory", "audience": ["mentee"],
                    "gist": f"What {self.mark} has to do with giving feedback at work."}
            case "get_resource" | "delete_resource":
                return name.split("_")[0].upper(), f"/v1/resources/{OWN}", None
            case "delete_shipped":
                return "DELETE", f"/v1/resources/{SHIPPED}", None
            case "search":
                return "GET", "/v1/resources?q=giving+feedback+at+work&limit=5", None
            case "agenda":
                return "POST", f"/v1/pairs/pair-1/sessions/{own}/agenda", {"minutes": 45}
            case "notes":
                return "PUT", f"/v1/pairs/pair-1/sessions/{own}/notes", {"notes": self.mark}
            case "get_notes" | "get_session":
                what = "notes" if name == "get_notes" else "agenda"
                return "GET", f"/v1/pairs/pair-1/sessions/{own}/{what}", None
            case "store":
                return "POST", "/v1/agendas?store=true", {
                    "programme": "peer-quarter", "members": [
                        {"role": "mentee", "profile": self._profile("p-1", "mentee")},
                        {"role": "mentor", "profile": {"id": "p-2"}}],
                    "session": {"number": 2, "minutes": 45, "language": "en"}}
            case "get_last" | "versions_last":
                end = "/versions" if name == "versions_last" else ""
                return "GET", f"/v1/agendas/{self.last}{end}", None
            case "edit_last" | "steal_edit":
                own = self.last if name == "edit_last" else stolen
                return "POST", f"/v1/agendas/{own}/edits", {
                    "ops": [{"op": "rename", "item": "i2", "title": self.mark}]}
            case "steal" | "steal_versions":
                end = "/versions" if name == "steal_versions" else ""
                return "GET", f"/v1/agendas/{stolen}{end}", None
            case "steal_job":
                return "GET", f"/v1/jobs/{stolen}", None
        raise AssertionError(name)

    def _profile(self, own: str, role: str) -> dict[str, Any]:
        return {"id": own, "roles": [role], "languages": ["en"], "bio": f"Knows {self.mark} well",
                "skills_wanted": ["giving feedback"], "skills_offered": ["giving feedback"]}


SHIPPED = ""


@pytest.fixture(scope="module", autouse=True)
def _shipped(catalogue: Catalogue) -> None:
    """Choose a resource of the library that both tenants know."""
    global SHIPPED
    SHIPPED = catalogue.library.active_resources[0].id


def plain(answer: Any, mark: str) -> tuple[int, str, str]:
    """Return what an answer says, without what differs from run to run."""
    names: dict[str, str] = {}
    text = _MADE.sub(lambda found: names.setdefault(found[0], f"<{len(names)}>"), answer.text)
    text = _MOMENT.sub("<moment>", text).replace(mark, "<mark>")
    text = re.sub(r'"(latency_ms|request_id)": ?("[^"]*"|\d+|null)', r'"\1":0', text)
    return answer.status_code, answer.headers.get("etag", ""), text


def rows_of(api: Api, tenant: str) -> dict[str, int]:
    """Return how many rows each table has of a tenant."""
    with api.store.engine.connect() as connection:
        return {table.name: connection.scalar(
            select(func.count()).where(table.c.tenant_id == tenant)) or 0
            for table in metadata.sorted_tables}


@settings(max_examples=150 if LONG else 3, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_two_tenants_never_meet(api: Api, steps: list[Any]) -> None:
    """Each gets what it would get alone, and the database holds what it would hold."""
    together = {name: Tenant(api, name) for name in MARKS}
    answers: dict[str, list[Any]] = {name: [] for name in MARKS}
    for at, (name, role, call, repeats) in enumerate(steps):
        other = next(one for one in MARKS if one != name)
        key = f"k-{at // 3}" if repeats else None
        stolen = together[other].last
        answer = together[name].do(role, call, key, stolen)
        assert MARKS[other] not in json.dumps(answer.text) + str(answer.headers)
        if call[0].startswith("steal"):
            assert answer.status_code in (403, 404)
        answers[name].append(plain(answer, MARKS[name]))
    end = [(name, "platform", call, False) for name in MARKS for call in LOOKS]
    for name, role, call, _ in end:
        other = next(one for one in MARKS if one != name)
        answer = together[name].do(role, call, None, together[other].last)
        assert MARKS[other] not in answer.text
        assert answer.status_code == 404 or not call[0].startswith("steal")
        answers[name].append(plain(answer, MARKS[name]))
    steps = [*steps, *end]
    for name in MARKS:
        alone = Tenant(api, name)
        replayed = [plain(alone.do(role, call, f"k-{at // 3}" if repeats else None,
                                   f"ag_{0:024}"), MARKS[name])
                    for at, (one, role, call, repeats) in enumerate(steps) if one == name]
        assert answers[name] == replayed
        assert rows_of(api, together[name].id) == rows_of(api, alone.id)
