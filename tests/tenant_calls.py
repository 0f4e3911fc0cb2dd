"""Every call of the API that a tenant may make, as a small language for the property of isolation.

A call is its name and arguments: `("get_profile", "p-1")`. Those that begin with `steal` name
what belongs to another tenant.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from sqlalchemy import func, select
from stored import Api, Caller

from api.metrics import Metrics
from api.working import Worker
from recommender.agendas.drafting import Drafting
from recommender.bulk import Maker
from recommender.domain.resource import resource_id
from recommender.storage.kept_access import KeyRole
from recommender.storage.tables import job_items

ROLES: tuple[KeyRole, ...] = ("reader", "curator", "platform")
MARKS = {"one": "Quetzalcoatlus", "two": "Archaeopteryx"}
URL = "https://example.org/shared"
OWN = resource_id(URL)
NOTHING = f"{0:024}"
CALLS: Mapping[str, tuple[str, ...]] = {
    "put_profile": ("person", "side"), "get_profile": ("person",), "delete_profile": ("person",),
    "export": ("person",), "suggest": ("person",), "why": ("person", "person"),
    "for_person": ("person",), "feedback": ("person",), "pairs_of": ("person",),
    "import": ("person",), "lists": (), "put_pair": ("person", "person"), "get_pair": (),
    "delete_pair": (), "match": (), "programme": (), "get_programme": (), "programmes": (),
    "delete_programme": (), "put_resource": (), "get_resource": (), "delete_resource": (),
    "delete_shipped": (), "search": (), "agenda": ("number",), "notes": ("number",),
    "get_notes": ("number",), "get_session": ("number",), "store": (), "get_last": (),
    "edit_last": (), "versions_last": (), "feedback_last": ("person",), "link_last": (),
    "page": (), "start_job": (), "get_job": (), "job_items": (), "cancel_job": (),
    "audit": (), "audit_of": ("person",), "put_policy": ("side",), "get_policy": (),
    "console": (), "console_resource": (), "console_feedback": (), "console_save": (),
    "steal": (), "steal_edit": (), "steal_versions": (), "steal_link": (),
    "steal_feedback": ("person",), "steal_job": (), "steal_items": (), "steal_cancel": (),
}
"""The calls, and what kinds of arguments each has."""
LOOKS: list[tuple[Any, ...]] = [
    ("lists",), ("programmes",), ("pairs_of", "p-1"), ("get_profile", "p-1"), ("export", "p-1"),
    ("suggest", "p-1"), ("search",), ("get_resource",), ("get_notes", 1), ("get_last",),
    ("versions_last",), ("page",), ("get_job",), ("job_items",), ("get_policy",), ("console",),
    ("console_feedback",), ("steal",), ("steal_edit",), ("steal_versions",), ("steal_link",),
    ("steal_feedback", "p-1"), ("steal_job",), ("steal_items",), ("steal_cancel",), ("audit",)]
"""Asked of each at the end, whatever came before."""
_PLAIN_CALLS = {
    "get_profile": "/v1/profiles/{0}", "export": "/v1/profiles/{0}/export",
    "suggest": "/v1/profiles/{0}/mentor-suggestions",
    "why": "/v1/profiles/{0}/mentor-suggestions/{1}/why",
    "for_person": "/v1/profiles/{0}/resources?limit=3", "pairs_of": "/v1/pairs?profile_id={0}",
    "lists": "/v1/profiles?limit=2", "get_pair": "/v1/pairs/pair-1",
    "get_programme": "/v1/programmes/own", "programmes": "/v1/programmes",
    "get_resource": f"/v1/resources/{OWN}",
    "search": "/v1/resources?q=giving+feedback+at+work&limit=5",
    "get_notes": "/v1/pairs/pair-1/sessions/{0}/notes",
    "get_session": "/v1/pairs/pair-1/sessions/{0}/agenda", "audit": "/v1/audit?limit=200",
    "audit_of": "/v1/audit?subject={0}", "get_policy": "/v1/policy",
    "get_last": "/v1/agendas/{agenda}", "versions_last": "/v1/agendas/{agenda}/versions",
    "get_job": "/v1/jobs/{job}", "job_items": "/v1/jobs/{job}/items", "page": "{link}",
    "console": "/curate/resources?q=giving+feedback",
    "console_resource": f"/curate/resources/{OWN}",
    "console_feedback": "/curate/feedback/resource/{shipped}",
}
"""Those that only read."""


@dataclass
class Had:
    """What a tenant was given last: an agenda, a job, the address of a link."""

    agenda: str = f"ag_{NOTHING}"
    job: str = f"job_{NOTHING}"
    link: str = "/a/none"


class Tenant:
    """A tenant with three keys, which remembers what it was given.

    Args:
        shipped: A resource of the library, which every tenant knows.
    """

    def __init__(self, api: Api, name: str, shipped: str) -> None:
        platform = api.caller()
        self.id = platform.tenant
        self.mark = MARKS[name]
        self.had = Had()
        self._api = api
        self._shipped = shipped
        self._cookies: dict[str, tuple[str, str]] = {}
        self.callers: dict[str, Caller] = {
            role: platform if role == "platform" else api.caller(role, self.id)
            for role in ROLES}
        for call in (("put_profile", "p-1", "mentee"), ("put_profile", "p-2", "mentor"),
                     ("put_pair", "p-1", "p-2"), ("notes", 1), ("put_resource",),
                     ("feedback", "p-1"), ("programme",), ("store",), ("start_job",),
                     ("link_last",)):
            answer = self.do("platform", call, None, Had())
            assert answer.status_code in (200, 201, 202), answer.text

    def do(self, role: str, call: tuple[Any, ...], key: str | None, stolen: Had) -> Any:
        """Make one call and return the answer, once what it began is over.

        Args:
            key: The request's Idempotency-Key.
            stolen: What another tenant has.
        """
        method, path, body = self.request(call, stolen)
        if path.startswith("/curate"):
            return self._in_console(role, method, path, body)
        headers = {} if key is None or method == "GET" else {"Idempotency_Key": key}
        if isinstance(body, bytes):
            headers["Content_Type"] = "text/csv"
        answer = self.callers[role](method, path, body, **headers)
        if answer.status_code < 300 and not call[0].startswith("steal"):
            self._remember(call[0], answer)
        return answer

    def request(self, call: tuple[Any, ...], stolen: Had) -> tuple[str, str, Any]:
        """Return method, path and body of a call."""
        name, *given = call
        if name in _PLAIN_CALLS:
            return "GET", _PLAIN_CALLS[name].format(
                *given, shipped=self._shipped, **vars(self.had)), None
        own = given[0] if given else ""
        match name:
            case "put_profile":
                return "PUT", f"/v1/profiles/{own}", self._profile(own, given[1])
            case "delete_profile":
                return "DELETE", f"/v1/profiles/{own}", None
            case "feedback":
                return "POST", "/v1/feedback", self._verdict(own, "resource", self._shipped)
            case "feedback_last" | "steal_feedback":
                whose = self.had if name == "feedback_last" else stolen
                return "POST", "/v1/feedback", self._verdict(own, "agenda", whose.agenda)
            case "import":
                return "POST", "/v1/profiles:import", f"id,bio\n{own},{self.mark}\n".encode()
            case "put_pair":
                return "PUT", "/v1/pairs/pair-1", {
                    "id": "pair-1", "programme_id": "evergreen", "goals": [
                        {"id": "g", "text": f"Understand {self.mark}"}],
                    "members": [{"role": "mentee", "profile_id": own},
                                {"role": "mentor", "profile_id": given[1]}]}
            case "delete_pair":
                return "DELETE", "/v1/pairs/pair-1", None
            case "match":
                return "POST", "/v1/programmes/evergreen/matches", {}
            case "programme":
                return "PUT", "/v1/programmes/own", {
                    "id": "own", "name": self.mark, "purpose": "p", "success": "s",
                    "relation": "mentor"}
            case "delete_programme":
                return "DELETE", "/v1/programmes/own", None
            case "put_resource":
                return "PUT", f"/v1/resources/{OWN}", self._resource()
            case "delete_resource":
                return "DELETE", f"/v1/resources/{OWN}", None
            case "delete_shipped":
                return "DELETE", f"/v1/resources/{self._shipped}", None
            case "console_save":
                return "POST", f"/curate/resources/{OWN}", self._resource() | {"minutes": "9"}
            case "agenda":
                return "POST", f"/v1/pairs/pair-1/sessions/{own}/agenda", {"minutes": 45}
            case "notes":
                return "PUT", f"/v1/pairs/pair-1/sessions/{own}/notes", {"notes": self.mark}
            case "store":
                return "POST", "/v1/agendas?store=true", {
                    "programme": "peer-quarter", "members": [
                        {"role": "mentee", "profile": self._profile("p-1", "mentee")},
                        {"role": "mentor", "profile": {"id": "p-2"}}],
                    "session": {"number": 2, "minutes": 45, "language": "en"}}
            case "edit_last" | "steal_edit":
                whose = self.had if name == "edit_last" else stolen
                return "POST", f"/v1/agendas/{whose.agenda}/edits", {
                    "ops": [{"op": "rename", "item": "i2", "title": self.mark}]}
            case "link_last" | "steal_link":
                whose = self.had if name == "link_last" else stolen
                return "POST", f"/v1/agendas/{whose.agenda}/links", {}
            case "start_job":
                return "POST", "/v1/programmes/evergreen/agendas", {"minutes": 30}
            case "cancel_job" | "steal_cancel":
                whose = self.had if name == "cancel_job" else stolen
                return "DELETE", f"/v1/jobs/{whose.job}", None
            case "put_policy":
                fields = {"mentee": ["goals", "skills_wanted"], "mentor": ["bio"]}[own]
                return "PUT", "/v1/policy", {"ai_fields": fields}
            case "steal" | "steal_versions":
                end = "/versions" if name == "steal_versions" else ""
                return "GET", f"/v1/agendas/{stolen.agenda}{end}", None
            case "steal_job" | "steal_items":
                end = "/items" if name == "steal_items" else ""
                return "GET", f"/v1/jobs/{stolen.job}{end}", None
        raise AssertionError(name)

    def _remember(self, name: str, answer: Any) -> None:
        if name in ("store", "agenda"):
            self.had.agenda = answer.json()["id"]
        elif name == "link_last":
            self.had.link = answer.json()["path"]
        elif name == "start_job":
            self.had.job = answer.json()["id"]
            finish_jobs(self._api, self.id)

    def _in_console(self, role: str, method: str, path: str, form: Any) -> Any:
        """Send what a browser does that is signed in with a key, and forget its cookie."""
        client = self._api.client
        if role not in self._cookies:
            answer = client.post("/curate/sign-in", data={"key": self.callers[role].key},
                                 follow_redirects=False)
            if answer.status_code != 303:
                return answer
            cookie = answer.headers["set-cookie"].split(";")[0]
            page = client.get("/curate/resources/new", headers={"Cookie": cookie})
            token = re.search(r'name="token" value="([^"]+)"', page.text)
            assert token is not None
            self._cookies[role] = cookie, token[1]
        cookie, token_text = self._cookies[role]
        client.cookies.clear()
        headers = {"Cookie": cookie}
        if method == "POST":
            found = re.search(r'name="version" value="(\d*)"',
                              client.get(path, headers=headers).text)
            form = form | {"token": token_text, "version": found[1] if found else ""}
        return client.request(method, path, data=form, headers=headers, follow_redirects=False)

    def _verdict(self, person: str, target: str, own: str) -> dict[str, Any]:
        return {"profile_id": person, "target": target, "target_id": own, "verdict": "done",
                "comment": self.mark}

    def _resource(self) -> dict[str, Any]:
        return {"id": OWN, "url": URL, "title": f"About {self.mark}", "publisher": "P",
                "format": "guide", "language": "en", "topics": ["feedback-performance"],
                "level": "introductory", "audience": ["mentee"],
                "gist": f"What {self.mark} has to do with giving feedback at work."}

    def _profile(self, own: str, role: str) -> dict[str, Any]:
        return {"id": own, "roles": [role], "languages": ["en"], "bio": f"Knows {self.mark} well",
                "skills_wanted": ["giving feedback"], "skills_offered": ["giving feedback"]}


def finish_jobs(api: Api, tenant: str) -> None:
    """Return once nothing of a tenant's jobs is left to do: here, as workers do it elsewhere."""
    state: Any = api.client.app.state  # type: ignore[attr-defined]
    if api.store.engine.dialect.name == "postgresql":
        worker = Worker(Maker(api.store, state.catalogues.of, Drafting, lambda _: None),
                        Metrics(), 60)
        for whose, job in api.store.open_jobs():
            if whose == tenant:
                asyncio.run(worker.look(whose, job))
    deadline = time.monotonic() + 60
    while True:
        with api.store.engine.connect() as connection:
            left = connection.scalar(select(func.count()).where(
                job_items.c.tenant_id == tenant, job_items.c.state.in_(["waiting", "running"])))
        if not left:
            return
        assert time.monotonic() < deadline
        time.sleep(0.01)


_MADE = re.compile(r"(ag|fb|job)_[0-9a-f]{16,}")
_KEY = re.compile('(?<=")[0-9a-f]{16}(?=")')
_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")
# the case of a later session holds the agenda before it, with its id: its fingerprint changes
_CHANGING = re.compile(r'"(latency_ms|request_id|case_fingerprint)": ?("[^"]*"|\d+|null)')
_PLACE = re.compile(r'(?<="next_cursor":)"[^"]*"')
_PAGE = re.compile(r'name="token" value="[^"]*"|request [0-9a-f]{32}|t-[0-9a-f]{12}')


def plain(answer: Any, mark: str) -> tuple[int, str, str]:
    """Return what an answer says, without what differs from run to run."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"<{len(names)}>")

    text = _KEY.sub(named, _MADE.sub(named, answer.text))
    text = _MOMENT.sub("<moment>", text).replace(mark, "<mark>")
    text = re.sub(r"/a/[\w.-]+", "<link>", _CHANGING.sub(r'"\1":0', text))
    if '"key_id"' in text:
        text = _PLACE.sub("<place>", text)
    if answer.headers.get("content-type", "").startswith("text/html"):
        text = _PAGE.sub("<once>", unescape(text))
    return answer.status_code, answer.headers.get("etag", ""), text
