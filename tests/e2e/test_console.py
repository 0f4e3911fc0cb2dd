"""The curator's console over HTTP: who gets in, what it shows and changes, and for whom."""

import re
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest
from databases import KINDS, Databases
from stored import Api, Caller, open_api

from api.auth import revoke_key
from api.console.session import COOKIE, FORM, SESSION
from api.signing import signed
from recommender.catalogue import Catalogue
from recommender.domain.resource import resource_id

URL = "https://example.org/console"
OWN = resource_id(URL)
NEW: dict[str, Any] = {
    "url": URL, "title": "First words with a mentor", "publisher": "Example",
    "authors": "A. One\nB. Two", "format": "guide", "language": "en", "level": "introductory",
    "minutes": "12",
    "gist": "What to say in the first ten minutes with somebody you have never met.",
    "topics": ["feedback-performance", "", ""], "audience": ["mentee", "mentor"],
}


@pytest.fixture(scope="module", params=KINDS)
def api(request: pytest.FixtureRequest, catalogue: Catalogue, databases: Databases
        ) -> Iterator[Api]:
    """Return an application over each kind of database."""
    with open_api(catalogue, databases, request.param) as opened:
        yield opened


class Console:
    """A browser of somebody with a key, as far as forms need one."""

    def __init__(self, api: Api, caller: Caller) -> None:
        self.api = api
        self.caller = caller
        self.cookie = ""
        self.token = ""

    def sign_in(self) -> "Console":
        """Sign in with the key."""
        answer = self.send("POST", "/curate/sign-in", {"key": self.caller.key})
        assert (answer.status_code, answer.headers["location"]) == (303, "/curate/resources")
        self.token = field(self.get("/curate/resources/new").text, "token")
        return self

    def get(self, path: str) -> Any:
        """Return a page."""
        return self.send("GET", path)

    def post(self, path: str, form: dict[str, Any], **headers: str) -> Any:
        """Send a form of a page."""
        return self.send("POST", path, {"token": self.token, **form}, **headers)

    def send(self, method: str, path: str, form: dict[str, Any] | None = None,
             **headers: str) -> Any:
        """Send a request and return the answer; its cookie is kept."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = self.cookie
        self.api.client.cookies.clear()
        answer = self.api.client.request(
            method, path, data=form, headers=sent, follow_redirects=False)
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        return answer


def field(text: str, name: str) -> str:
    """Return the value of the first field of a name on a page."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', text)
    assert found is not None, name
    return unescape(found[1])


def deeds(api: Api, tenant: str) -> list[tuple[str, str, str, str]]:
    """Return who did what to what."""
    with api.store.read(tenant) as unit:
        return [(one.key_id, one.action, one.kind, one.subject)
                for one in unit.audit.page(200) if one.kind != "key"]


def test_who_gets_in(api: Api) -> None:
    """A curator's key or a platform's; signed cookie; revoked, changed or no key: out."""
    curator = api.caller("curator")
    console = Console(api, curator)
    assert console.get("/curate").headers["location"] == "/curate/resources"
    assert console.get("/curate/resources").headers["location"] == "/curate/sign-in"
    for key in ("", "agd_x_y", api.caller("reader").key):
        refused = console.send("POST", "/curate/sign-in", {"key": key})
        assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
        assert 'role="alert"' in refused.text
        assert not key or key not in refused.text
    answer = console.send("POST", "/curate/sign-in", {"key": curator.key},
                          X_Forwarded_Proto="https")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/curate", "Secure", "Max-Age=36000"} <= {
        part.strip() for part in cookie.split(";")}
    assert curator.key.split("_", 2)[2] not in cookie
    page = console.get("/curate/resources")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "form-action 'self'" in policy
    assert "<script" not in page.text
    assert page.headers["cache-control"] == "no-store"
    kept = console.cookie
    console.cookie = kept[:-9] + ("a" if kept[-9] != "a" else "b") + kept[-8:]
    assert console.get("/curate/resources").status_code == 401
    console.cookie = kept
    secrets = api.client.app.state.console_secrets  # type: ignore[attr-defined]
    own = curator.key.split("_")[1]
    for ends, status in ((time.time() + 60, 200), (time.time() - 1, 401)):
        console.cookie = f"{COOKIE}={signed([own, int(ends)], secrets, SESSION)}"
        assert console.get("/curate/resources").status_code == status
    console.cookie = f"{COOKIE}={signed(own, secrets, FORM)}"
    assert console.get("/curate/resources").status_code == 401
    console.cookie = kept
    revoke_key(api.store, curator.tenant, own)
    assert console.get("/curate/resources").status_code == 401
    other = Console(api, api.caller()).sign_in()
    gone = other.post("/curate/sign-out", {})
    assert 'agendum_console=""' in gone.headers["set-cookie"]
    assert "Max-Age=0" in gone.headers["set-cookie"]


def test_forms_of_others_are_refused(api: Api) -> None:
    """Without the token, with another key's, or from another site nothing is changed."""
    console, other = (Console(api, api.caller("curator")).sign_in() for _ in range(2))
    for form, headers in (
        ({**NEW, "token": ""}, {}), ({**NEW, "token": other.token}, {}),
        (NEW, {"Origin": "https://evil.example"}), (NEW, {"Sec_Fetch_Site": "cross-site"}),
        (NEW, {"Sec_Fetch_Site": "same-site"}),
    ):
        answer = console.post("/curate/resources", form, **headers)
        assert answer.status_code == 403
        assert "<h1>" in answer.text
    assert console.post("/curate/resources", NEW, Content_Type="text/plain").status_code == 415
    assert deeds(api, console.caller.tenant) == []
    assert console.post("/curate/resources", NEW, Origin="http://testserver").status_code == 303


def test_a_resource_is_added_changed_retired_and_put_back(
    api: Api, catalogue: Catalogue,
) -> None:
    """By the functions of the API: what it returns, its ETag, its audit, no other tenant's."""
    caller = api.caller("curator")
    console, rival = Console(api, caller).sign_in(), Console(api, api.caller("curator")).sign_in()
    added = console.post("/curate/resources", NEW)
    assert added.headers["location"] == f"/curate/resources/{OWN}?done=added"
    page = console.get(added.headers["location"])
    assert 'role="status"' in page.text
    stored = caller("GET", f"/v1/resources/{OWN}")
    assert stored.json() | {"authors": [], "topics": []} == {
        **NEW, "id": OWN, "authors": [], "topics": [], "minutes": 12, "minutes_estimated": False,
        "focus_areas": [], "prerequisites": [], "status": "active", "superseded_by": None,
        "checked_on": None, "why_retired": None}
    assert stored.json()["authors"] == ["A. One", "B. Two"]
    assert stored.json()["topics"] == ["feedback-performance"]
    assert f'"{field(page.text, "version")}"' == stored.headers["etag"]
    assert rival.get(f"/curate/resources/{OWN}").status_code == 404
    assert rival.post(f"/curate/resources/{OWN}", NEW).status_code == 404
    assert rival.post(f"/curate/resources/{OWN}/take-out", {"sure": "yes"}).status_code == 404
    again = console.post("/curate/resources", {**NEW, "url": f"{URL}/?utm_source=x"})
    assert again.status_code == 422
    assert "in your library already" in again.text

    version = field(page.text, "version")
    saved = console.post(f"/curate/resources/{OWN}", {
        **NEW, "title": "Changed", "version": version, "checked_on": "2026-11-28"})
    assert saved.status_code == 303
    version = caller("GET", f"/v1/resources/{OWN}").headers["etag"].strip('"')
    successor = catalogue.library.active_resources[0]
    retired = console.post(f"/curate/resources/{OWN}/retire", {
        "why_retired": "A better one is here.", "superseded_by": successor.url,
        "version": version})
    assert retired.status_code == 303, retired.text
    doc = caller("GET", f"/v1/resources/{OWN}").json()
    assert (doc["status"], doc["superseded_by"], doc["title"], doc["checked_on"]) == (
        "retired", successor.id, "Changed", "2026-11-28")
    page = console.get(f"/curate/resources/{OWN}")
    assert successor.title in unescape(page.text)
    version = field(page.text, "version")
    assert console.post(f"/curate/resources/{OWN}/restore",
                        {"version": version}).status_code == 303
    assert caller("GET", f"/v1/resources/{OWN}").json()["status"] == "active"
    version = field(console.get(f"/curate/resources/{OWN}").text, "version")
    unsure = console.post(f"/curate/resources/{OWN}/take-out", {"version": version})
    assert (unsure.status_code, 'id="e-sure-1"' in unsure.text) == (422, True)
    gone = console.post(f"/curate/resources/{OWN}/take-out", {"version": version, "sure": "yes"})
    assert gone.headers["location"] == "/curate/resources?done=out"
    assert caller("GET", f"/v1/resources/{OWN}").status_code == 404
    key = caller.key.split("_")[1]
    assert deeds(api, caller.tenant) == [
        (key, action, "resource", OWN) for action in ("put", "put", "put", "put", "delete")]
    assert deeds(api, rival.caller.tenant) == []


def test_a_resource_of_the_library_is_taken_out_for_one_tenant(
    api: Api, catalogue: Catalogue,
) -> None:
    """Changed, it is laid over; taken out, it is hidden; saved again, it is back."""
    shipped = catalogue.library.active_resources[3]
    caller = api.caller("curator")
    console, rival = Console(api, caller).sign_in(), Console(api, api.caller("curator")).sign_in()
    path = f"/curate/resources/{shipped.id}"
    assert console.post(f"{path}/take-out", {"version": "", "sure": "yes"}).status_code == 303
    assert caller("GET", f"/v1/resources/{shipped.id}").status_code == 404
    assert "You have taken it out" in console.get(path).text
    assert "It came with the library" in rival.get(path).text
    found = console.get(f"/curate/resources?origin=out&q={shipped.id}").text
    assert "1 of 603 resources" in found
    assert "0 of 603 resources" in console.get(f"/curate/resources?q={shipped.id}").text
    assert "1 of 603 resources" in rival.get(f"/curate/resources?q={shipped.id}").text
    back = console.post(path, as_form(shipped.model_dump(mode="json")) | {
        "version": "", "title": "Ours"})
    assert back.status_code == 303, back.text
    assert caller("GET", f"/v1/resources/{shipped.id}").json() == shipped.model_dump(
        mode="json") | {"title": "Ours"}
    assert "Changed by you" in console.get(path).text


def as_form(doc: dict[str, Any]) -> dict[str, Any]:
    """Return a resource as the page's form sends it unchanged."""
    return {name: "\n".join(value) if name in ("authors", "prerequisites")
            else value if isinstance(value, list) else "yes" if value is True
            else "" if value in (None, False) else str(value)
            for name, value in doc.items() if value is not False}


def test_every_resource_survives_its_form(catalogue: Catalogue) -> None:
    """What the page holds, sent back as it stands, is the resource itself."""
    from urllib.parse import parse_qs, urlencode

    from api.console.forms import form_of, resource_in

    for resource in catalogue.library.resources.values():
        filled = form_of(resource, 1)
        sent = parse_qs(urlencode({**filled.values, "topics": filled.chosen_topics()},
                                  doseq=True), keep_blank_values=True)
        assert resource_in(sent, resource) == resource


def test_nothing_typed_is_lost(api: Api) -> None:
    """Errors stand at their fields with what was typed; a change of others meanwhile is told;
    a session that has ended is taken up again with the same form.
    """
    caller = api.caller("curator")
    console = Console(api, caller).sign_in()
    wrong = console.post("/curate/resources", {
        **NEW, "title": "", "minutes": "ten <b>", "gist": "Too short", "topics": ["", ""],
        "audience": [], "checked_on": "31.12.2026"})
    assert wrong.status_code == 422
    text = wrong.text
    for name in ("title", "minutes", "gist", "topics", "audience", "checked_on"):
        assert f'href="#f-{name}"' in text, name
        assert f'id="f-{name}"' in text
        assert f'id="e-{name}-1"' in text
    assert "ten &lt;b&gt;" in text
    assert ">\nToo short</textarea>" in text
    assert field(text, "publisher") == "Example"
    assert field(text, "url") == URL
    unknown = console.post("/curate/resources", {**NEW, "topics": ["gossip"],
                                                 "prerequisites": "nothing"})
    assert unknown.status_code == 422
    assert "is no topic of the library" in unescape(unknown.text)
    assert "is no resource" in unescape(unknown.text)
    assert deeds(api, caller.tenant) == []

    console.post("/curate/resources", NEW)
    version = field(console.get(f"/curate/resources/{OWN}").text, "version")
    theirs = {**NEW, "title": "Theirs", "version": version}
    assert console.post(f"/curate/resources/{OWN}", theirs).status_code == 303
    assert console.post(f"/curate/resources/{OWN}", theirs).status_code == 303  # sent twice
    mine = console.post(f"/curate/resources/{OWN}", {
        **NEW, "title": "Mine", "version": version})
    assert mine.status_code == 409
    assert "Somebody changed this" in mine.text
    assert field(mine.text, "title") == "Mine"
    assert caller("GET", f"/v1/resources/{OWN}").json()["title"] == "Theirs"
    newer = field(mine.text, "version")
    assert console.post(f"/curate/resources/{OWN}", {
        **NEW, "title": "Mine", "version": newer}).status_code == 303
    assert caller("GET", f"/v1/resources/{OWN}").json()["title"] == "Mine"

    version = field(console.get(f"/curate/resources/{OWN}").text, "version")
    bad = console.post(f"/curate/resources/{OWN}/retire", {
        "why_retired": "", "superseded_by": "nobody", "version": version})
    assert (bad.status_code, field(bad.text, "superseded_by")) == (422, "nobody")
    bad = console.post(f"/curate/resources/{OWN}/retire", {
        "why_retired": "Because.", "superseded_by": "nobody", "version": version})
    assert (bad.status_code, field(bad.text, "why_retired")) == (422, "Because.")
    assert 'id="e-superseded_by-1"' in bad.text

    console.cookie = ""
    ended = console.post(f"/curate/resources/{OWN}", {
        **NEW, "title": "Kept", "version": version})
    assert ended.status_code == 401
    assert field(ended.text, "title") == "Kept"
    kept = {name: unescape(value) for name, value in re.findall(
        r'type="hidden" name="([^"]+)" value="([^"]*)"', ended.text)}
    assert unescape(re.search(r'<form method="post" action="([^"]+)">', ended.text)[1]) == (  # type: ignore[index]
        f"/curate/resources/{OWN}")
    many = {"topics": NEW["topics"], "audience": NEW["audience"]}
    wrong_key = console.send("POST", f"/curate/resources/{OWN}", {**kept, **many, "key": "no"})
    assert (wrong_key.status_code, field(wrong_key.text, "title")) == (401, "Kept")
    taken = console.send("POST", f"/curate/resources/{OWN}",
                         {**kept, **many, "key": caller.key})
    assert taken.status_code == 303
    assert caller("GET", f"/v1/resources/{OWN}").json()["title"] == "Kept"
    assert console.get("/curate/resources").status_code == 200


def test_the_library_is_searched_and_paged(api: Api, catalogue: Catalogue) -> None:
    """Words in any order, without accents; filters together; every resource on one page only."""
    console = Console(api, api.caller("curator")).sign_in()
    shipped = catalogue.library.resources.values()

    def found(query: str) -> set[str]:
        ids: set[str] = set()
        for number in range(1, 20):
            page = console.get(f"/curate/resources?{query}&page={number}")
            assert page.status_code == 200
            here = set(re.findall(r'href="/curate/resources/([0-9a-f]{12})"', page.text))
            assert not here & ids
            ids |= here
            if 'rel="next"' not in page.text:
                return ids
        raise AssertionError(query)

    assert found("status=all") == {one.id for one in shipped}
    assert found("") == {one.id for one in catalogue.library.active_resources}
    assert found("language=es&format=video&status=all") == {
        one.id for one in shipped if one.language == "es" and one.format == "video"}
    assert found("topic=delegation&level=introductory&status=all") == {
        one.id for one in shipped
        if "delegation" in one.topics and one.level == "introductory"}
    one = next(one for one in catalogue.library.active_resources
               if "équipe" in one.gist and "equipe" not in one.url)
    assert one.id in found("q=EQUIPE")
    assert found("q=EQUIPE") == found(str(httpx.QueryParams({"q": "équipe"})))
    assert "Nothing fits" in console.get("/curate/resources?q=zzzzzz").text
    assert console.get("/curate/resources?page=0").status_code == 422


def test_coverage_says_what_the_command_says(api: Api, catalogue: Catalogue) -> None:
    """The same numbers as `agendum library coverage`."""
    from content_library.coverage import cover, fewest_of, thin_of

    text = Console(api, api.caller("curator")).sign_in().get("/curate/coverage").text
    cells = cover(catalogue.library)
    assert f"{len(thin_of(cells))} of {len(cells)} cells" in text
    numbers = [int(one) for one in re.findall(r'<td class="n (?:few|some|many)">(\d+)', text)]
    assert numbers[: len(cells) // 3] == [one for row in fewest_of(cells).values() for one in row]
    for topic in catalogue.library.topics.values():
        assert f'href="/curate/resources?topic={topic.id}"' in text


def test_feedback_is_shown_without_who_said_it(api: Api, catalogue: Catalogue) -> None:
    """Counted by verdict, comments as text; of this tenant alone; that it was read is noted."""
    platform = api.caller()
    console = Console(api, api.caller("curator", platform.tenant)).sign_in()
    rival = Console(api, api.caller("curator")).sign_in()
    resource = catalogue.library.active_resources[0]
    activity = next(iter(catalogue.library.activities.values()))
    platform.put("profiles", {"id": "p-secret"})
    for target, own, verdict, comment in (
        ("resource", resource.id, "broken_link", "It is <i>gone</i>"),
        ("resource", resource.id, "helpful", None), ("item", activity.id, "too_long", "Forty!"),
    ):
        assert platform("POST", "/v1/feedback", {
            "profile_id": "p-secret", "target": target, "target_id": own, "verdict": verdict,
            "comment": comment}).status_code == 201
    text = console.get("/curate/feedback").text
    row = re.search(rf'<tr>.*feedback/resource/{resource.id}.*</tr>', text)
    assert row is not None
    assert re.findall(r'<td class="n[^"]*">(\d+)</td>', row[0]) == ["2", "1", "1"]
    assert activity.text["en"].title in unescape(text)
    only = console.get("/curate/feedback?verdict=too_long").text
    assert resource.id not in only
    assert activity.id in only
    said = console.get(f"/curate/feedback/resource/{resource.id}").text
    assert "It is &lt;i&gt;gone&lt;/i&gt;" in said
    assert "p-secret" not in text + said
    assert (console.caller.key.split("_")[1], "read", "feedback", resource.id) in deeds(
        api, platform.tenant)
    theirs = rival.get(f"/curate/feedback/resource/{resource.id}")
    assert (theirs.status_code, "gone" in theirs.text) == (200, False)
    assert "Nobody has said anything yet" in rival.get("/curate/feedback").text


def test_errors_are_pages(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there, a wrong filter, a database out of reach: HTML that says what to do."""
    from recommender.errors import StorageError

    console = Console(api, api.caller("curator")).sign_in()
    for path, status in (("/curate/resources/nothing", 404), ("/curate/resources?status=x", 422),
                         ("/curate/feedback/agenda/x", 422)):
        page = console.get(path)
        assert (page.status_code, page.headers["content-type"]) == (
            status, "text/html; charset=utf-8")
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert page.headers["x-request-id"] in page.text

    def fails(*_: object) -> None:
        raise StorageError("the database is out of reach")

    monkeypatch.setattr(api.store, "key", fails)
    page = console.get("/curate/resources")
    assert page.status_code == 503
    assert "the database is out of reach" in page.text
