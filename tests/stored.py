"""The application over a real database, for tests, with callers of any tenant and role."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

from databases import Databases
from starlette.testclient import TestClient

from api.app import create_app
from api.auth import create_key
from recommender.catalogue import Catalogue
from recommender.settings import Settings
from recommender.storage.kept_access import KeyRole
from recommender.storage.queue import prepare_queue
from recommender.storage.store import Store

PROBLEM = "application/problem+json"


class Caller:
    """Somebody with a key; requests carry it."""

    def __init__(self, client: TestClient, key: str, tenant: str) -> None:
        self._client = client
        self.key = key
        self.tenant = tenant

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request and return the answer; `If_Match="…"` is a header."""
        sent = {"Authorization": f"Bearer {self.key}"} | {
            name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            return self._client.request(method, path, content=body, headers=sent)
        return self._client.request(method, path, json=body, headers=sent)

    def put(self, kind: str, *docs: dict[str, Any]) -> None:
        """Store documents of one kind."""
        for doc in docs:
            answer = self("PUT", f"/v1/{kind}/{doc['id']}", doc)
            assert answer.status_code in (200, 201), answer.text


class Api:
    """An application whose indexes are built."""

    def __init__(self, client: TestClient, store: Store) -> None:
        self.client = client
        self.store = store

    def caller(self, role: KeyRole = "platform", tenant: str | None = None) -> Caller:
        """Return somebody with a new key, by default of a tenant of their own."""
        own = tenant or f"t-{token_hex(6)}"
        return Caller(self.client, create_key(self.store, own, role).text, own)


@contextmanager
def open_api(
    catalogue: Catalogue, databases: Databases, kind: str, **settings: Any
) -> Iterator[Api]:
    """Give an application over a new database of a kind."""
    url = databases.new(kind)
    prepare_queue(url)
    store = Store(url)
    app = create_app(catalogue, Settings(_env_file=None, **{
        "rate_limit": "1000000/second", **settings}), store=store)
    with TestClient(app, raise_server_exceptions=False) as client:
        deadline = time.monotonic() + 300
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield Api(client, store)
    store.close()


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    """Return the problem an answer holds, once its shape is right."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"]) == (status, status), answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert body["type"] == f"urn:problem-type:agendum:{slug}"
    assert body["request_id"] == answer.headers["x-request-id"]
    return body
