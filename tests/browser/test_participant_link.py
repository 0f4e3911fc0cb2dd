"""A participant opens a link in a real browser: the agenda, or a page that says what to do."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from serving import free_port

from api.app import create_app
from api.links import Link, sign_link
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.settings import Settings
from recommender.storage.migrate import upgrade
from recommender.storage.store import Store
from recommender.yaml_file import read_document

SECRET = "0123456789abcdef" * 2
CASE = Path(__file__).resolve().parents[2] / (
    "examples/women-pilot/2-mi-idea-con-mi-nombre.case.yaml")

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def links(
    catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Return addresses on a real server: of an agenda, an expired one, a wrong one."""
    url = f"sqlite:///{tmp_path_factory.mktemp('links') / 'links.db'}"
    upgrade(url)
    store = Store(url)
    case = Case.model_validate(read_document(CASE))
    with store.write("acme") as unit:
        own = unit.agendas.add(generate_agenda(case, catalogue), case).id
    settings = Settings(_env_file=None, link_secrets=SECRET)  # type: ignore[arg-type]
    app = create_app(catalogue, settings, store=store)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    now = datetime.now(UTC)

    def address(days: int) -> str:
        token = sign_link(Link("acme", own, "mentor", now + timedelta(days=days)), [SECRET])
        return f"http://127.0.0.1:{port}/a/{token}"

    yield {"agenda": address(1), "expired": address(-1), "wrong": f"{address(1)[:-3]}xyz"}
    server.should_exit = True
    thread.join(60)


@pytest.mark.parametrize("name", ["agenda", "expired", "wrong"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fetch_nothing(
    browser: Browser, links: dict[str, str], name: str, scheme: str,
) -> None:
    """axe finds nothing, the policy blocks nothing of ours, nothing else is asked for."""
    context = browser.new_context(
        viewport={"width": 320, "height": 780},
        color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    noise: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("console", lambda message: noise.append(message.text))
    answer = page.goto(links[name], wait_until="load")
    assert answer is not None
    assert answer.status == {"agenda": 200, "expired": 410, "wrong": 404}[name]
    assert [one for one in asked if not one.startswith("data:")] == [links[name]]
    assert [one for one in noise if str(answer.status) not in one] == []
    assert page.get_attribute("html", "lang") == ("es" if name == "agenda" else "en")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("h1").count() == 1
    context.close()
    open_context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    checked = open_context.new_page()
    checked.goto(links[name])
    found = Axe().run(checked)
    assert found.violations_count == 0, found.generate_report()
    open_context.close()
