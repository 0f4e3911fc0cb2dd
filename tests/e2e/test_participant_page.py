"""The page that a participant's link opens."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from small_tenant import key_for
from starlette.testclient import TestClient

from api.app import create_app
from api.links import Link, sign_link
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.settings import Settings
from recommender.storage.store import Store

SECRET = "0123456789abcdef" * 2
OPEN = "default-src 'none'"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return a store over a database of its own."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def agenda_id(store: Store, catalogue: Catalogue, examples: dict[str, Case]) -> str:
    """Return the id of a stored agenda, in Spanish."""
    case = examples["women-pilot/2-mi-idea-con-mi-nombre"]
    with store.write("acme") as unit:
        return unit.agendas.add(generate_agenda(case, catalogue), case).id


@pytest.fixture
def client(catalogue: Catalogue, store: Store) -> TestClient:
    """Return a client of an application with a secret."""
    settings = Settings(_env_file=None, link_secrets=SECRET)  # type: ignore[arg-type]
    return TestClient(create_app(catalogue, settings, store=store))


def test_a_link_shows_the_agenda_to_its_role(
    client: TestClient, store: Store, agenda_id: str,
) -> None:
    """HTML in the agenda's language, for the role; no cache, no index, no script; noted."""
    answer = client.post(f"/v1/agendas/{agenda_id}/links", json={"role": "mentor", "days": 3},
                         headers=key_for(store))
    assert answer.status_code == 201
    link = answer.json()
    ends = datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=2, hours=23) < ends <= timedelta(days=3)
    page = client.get(link["path"])
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-security-policy"].startswith(OPEN)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert '<html lang="es">' in page.text
    with store.read("acme") as unit:
        preparation = unit.agendas.get(agenda_id).agenda.preparation
        deeds = [(one.key_id, one.action) for one in unit.audit.page(50, subject=agenda_id)]
    text = page.text.replace("&#39;", "'").replace("\u00a0", " ").replace("&#34;", '"')
    assert all(line.split(" (")[0] in text for line in preparation.mentor)
    assert not any(line in text for line in preparation.mentee)
    assert ("link:mentor", "read") in deeds
    assert any(action == "create link" for _, action in deeds)


def test_a_link_that_opens_nothing_says_so_in_three_languages(
    client: TestClient, store: Store, agenda_id: str, catalogue: Catalogue,
) -> None:
    """404 for a wrong one and for an agenda that is gone, 410 once expired; never a redirect."""
    def token(**more: object) -> str:
        fields = {"tenant_id": "acme", "agenda_id": agenda_id, "role": None,
                  "expires_at": datetime.now(UTC) + timedelta(days=1)} | more
        return sign_link(Link(**fields), [SECRET])  # type: ignore[arg-type]

    expired = token(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    for path, status in ((token(), 200), (token()[:-2] + "xx", 404), ("x", 404), (expired, 410),
                         (token(agenda_id="ag_gone"), 404), (token(tenant_id="rival"), 404)):
        page = client.get(f"/a/{path}", follow_redirects=False)
        assert page.status_code == status, path
        assert page.headers["content-security-policy"].startswith(OPEN)
        assert page.headers["cache-control"] == "no-store"
        if status != 200:
            assert all(f'lang="{one}"' in page.text for one in ("en", "es", "fr"))
            assert "$" not in page.text
    other = TestClient(create_app(catalogue, Settings(_env_file=None), store=store))
    assert other.get(f"/a/{token()}").status_code == 404
    with store.write("acme") as unit:
        unit.agendas.remove([agenda_id])
    assert client.get(f"/a/{token()}").status_code == 404


def test_a_link_is_made_by_a_platform_for_a_role_of_the_session(
    client: TestClient, store: Store, agenda_id: str, catalogue: Catalogue,
) -> None:
    """Others may not, a role that is not there is refused, and without a secret there is none."""
    path = f"/v1/agendas/{agenda_id}/links"
    assert client.post(path, json={}).status_code == 401
    assert client.post(path, json={}, headers=key_for(store, role="curator")).status_code == 403
    assert client.post(path, json={}, headers=key_for(store, "rival")).status_code == 404
    headers = key_for(store)
    wrong = client.post(path, json={"role": "peer"}, headers=headers)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "role")
    bare = TestClient(create_app(catalogue, Settings(_env_file=None), store=store))
    answer = bare.post(path, json={}, headers=headers)
    assert answer.status_code == 503
    assert "AGENDUM_LINK_SECRETS" in answer.json()["detail"]


def test_readiness_says_what_the_database_lacks(
    catalogue: Catalogue, databases: object, client: TestClient,
) -> None:
    """Current: 200. Without tables: 503 and the command. No file of SQLite: 200, absent."""
    def ready(store: Store | None) -> tuple[int, str]:
        app = create_app(catalogue, Settings(_env_file=None), store=store)
        with TestClient(app) as own:
            for _ in range(600):
                answer = own.get("/readyz")
                if "being built" not in answer.text:
                    return answer.status_code, answer.text
                time.sleep(0.05)
        raise AssertionError

    kind = client.app.state.store.engine.dialect.name  # type: ignore[attr-defined]
    url = databases.empty(kind)  # type: ignore[attr-defined]
    if kind == "sqlite":
        assert ready(Store(url)) == (200, '{"status":"ready","database":"absent"}')
        Store(url).engine.connect().close()
    status, text = ready(Store(url))
    assert status == 503
    assert "agendum db upgrade" in text
    current = client.app.state.store.engine.url  # type: ignore[attr-defined]
    assert ready(Store(current.render_as_string(hide_password=False))) == (
        200, '{"status":"ready","database":"current"}')
