"""A curator works in the console in a real browser: by keyboard, on a phone, in the dark."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from serving import free_port

from api.app import create_app
from api.auth import create_key
from recommender.catalogue import Catalogue
from recommender.domain.feedback import Feedback
from recommender.domain.profile import Profile
from recommender.settings import Settings
from recommender.storage.migrate import upgrade
from recommender.storage.store import Store

pytestmark = pytest.mark.xdist_group("browser")


@dataclass(frozen=True)
class Place:
    """A console that is served, a key for it, and a resource that was spoken of."""

    url: str
    key: str
    resource: str
    store: Store


@pytest.fixture(scope="module")
def place(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a console on a real server."""
    url = f"sqlite:///{tmp_path_factory.mktemp('console') / 'console.db'}"
    upgrade(url)
    store = Store(url)
    resource = catalogue.library.active_resources[0].id
    with store.write("acme") as unit:
        unit.put_profile(Profile(id="p"))
        for verdict, comment in (("helpful", "It helped on a Monday."), ("broken_link", None)):
            unit.feedback.add(Feedback.model_validate({
                "profile_id": "p", "target": "resource", "target_id": resource,
                "verdict": verdict, "comment": comment}))
    key = create_key(store, "acme", "curator").text
    app = create_app(catalogue, Settings(_env_file=None), store=store)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield Place(f"http://127.0.0.1:{port}/curate", key, resource, store)
    server.should_exit = True
    thread.join(60)


def signed_in(page: Page, place: Place) -> Page:
    """Return the page with the library on it."""
    page.goto(f"{place.url}/sign-in")
    page.get_by_label("Your key").fill(place.key)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{place.url}/resources")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fetch_nothing(
    browser: Browser, place: Place, scheme: str,
) -> None:
    """axe finds nothing, on a phone nothing is cut off, the policy blocks nothing of ours."""
    context = browser.new_context(
        viewport={"width": 320, "height": 780}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    noise: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("console", lambda message: noise.append(message.text))
    signed_in(page, place)
    state = context.storage_state()
    paths = ["resources", "resources?q=zzzz", "resources/new", f"resources/{place.resource}",
             "coverage", "feedback", f"feedback/resource/{place.resource}"]
    for path in paths:
        page.goto(f"{place.url}/{path}", wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert page.locator("h1").count() == 1
        assert page.locator("nav [aria-current=page]").count() == 1
    assert noise == []
    assert [one for one in asked if not one.startswith((place.url, "data:"))] == []
    context.close()
    bare = browser.new_context(bypass_csp=True, color_scheme=scheme,  # type: ignore[arg-type]
                               storage_state=state)
    checked = bare.new_page()
    for path in paths:
        checked.goto(f"{place.url}/{path}")
        found = Axe().run(checked)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    checked.goto(f"{place.url}/resources/new")
    checked.get_by_role("button", name="Add").click()
    assert checked.title().startswith("Error: ")
    found = Axe().run(checked)
    assert found.violations_count == 0, found.generate_report()
    bare.clear_cookies()
    checked.goto(f"{place.url}/sign-in")
    found = Axe().run(checked)
    assert found.violations_count == 0, found.generate_report()
    bare.close()


def test_a_curator_adds_finds_and_retires_by_keyboard(browser: Browser, place: Place) -> None:
    """A slip is told at its field, what was typed stays, and the library has it then."""
    page = signed_in(browser.new_context().new_page(), place)
    page.goto(f"{place.url}/resources/new")
    for label, text in (("Address", "https://example.org/browser"), ("Title", "Zebra crossings"),
                        ("Publisher", "Example"), ("Minutes", "7"),
                        ("Gist", "Too short")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Format", exact=True).select_option("guide")
    page.get_by_label("Level", exact=True).select_option("introductory")
    page.get_by_label("Topic 1").select_option("delegation")
    page.get_by_label("Title", exact=True).press("Enter")
    page.get_by_role("alert").get_by_role("link", name="Gist").click()
    assert page.evaluate("document.activeElement.id") == "f-gist"
    assert page.get_by_label("Gist", exact=True).get_attribute("aria-invalid") == "true"
    assert page.get_by_label("Minutes", exact=True).input_value() == "7"
    assert page.get_by_label("Topic 1").input_value() == "delegation"
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("What to do at a zebra crossing when nobody stops.")
    page.get_by_role("button", name="Add").press("Enter")
    assert "Added" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Library").first.click()
    page.get_by_label("Words in title").fill("zebra")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    assert "1 of 604" in page.get_by_role("heading", level=2).inner_text()
    page.get_by_role("link", name="Zebra crossings").press("Enter")
    page.get_by_label("Why", exact=True).fill("Nobody stops any more.")
    page.get_by_label("Successor", exact=True).fill(place.resource)
    page.get_by_role("button", name="Retire").press("Enter")
    assert "Retired" in page.get_by_role("status").inner_text()
    with place.store.read("acme") as unit:
        stored = unit.resources.page()[0].doc
        done = [one.action for one in unit.audit.page(50) if one.kind == "resource"]
    assert (stored.status, stored.superseded_by) == ("retired", place.resource)
    assert done == ["put", "put"]
    page.get_by_role("button", name="Sign out").press("Enter")
    page.goto(f"{place.url}/resources")
    assert page.url == f"{place.url}/sign-in"
    page.context.close()


def test_a_form_on_another_site_does_nothing(browser: Browser, place: Place) -> None:
    """The browser sends no cookie with it, and the server takes it for what it is."""
    context = browser.new_context()
    page = signed_in(context.new_page(), place)
    with place.store.read("acme") as unit:
        before = unit.counters()
    other = place.url.replace("127.0.0.1", "localhost").rsplit("/", 1)[0]
    page.goto(f"{other}/healthz")
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status))
    page.evaluate("""address => {
        const form = document.createElement("form");
        form.method = "post"; form.action = address; document.body.append(form); form.submit();
    }""", f"{place.url}/resources/{place.resource}/take-out")
    page.wait_for_load_state("load")
    deadline = time.monotonic() + 20
    while not answers and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert answers == [403]
    with place.store.read("acme") as unit:
        assert unit.counters() == before
    context.close()
