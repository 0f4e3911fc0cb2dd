"""Keys: shown once, stored as a digest, of one tenant and role; and who is let in without one."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from databases import Databases

from api.addresses import is_local
from api.auth import Gate, caller_with, create_key, revoke_key, rotate_key
from api.cli import cli
from api.rate_limits import RateLimits
from recommender.errors import NotFoundError
from recommender.settings import Settings
from recommender.storage.store import Store


@pytest.fixture
def store(databases: Databases) -> Store:
    """Return an empty store over SQLite."""
    return Store(databases.new("sqlite"))


def test_a_key_opens_its_own_tenant(store: Store) -> None:
    """It is found by its id and proved by its secret; nothing else opens anything."""
    made = create_key(store, "acme", "curator")
    other = create_key(store, "globex", "reader")
    caller = caller_with(store, made.text)
    assert caller is not None
    assert (caller.tenant_id, caller.role, caller.key_id) == ("acme", "curator", made.stored.id)
    secret = other.text.split("_", 2)[2]
    for wrong in ("", "agd", "agd__", made.text[:-1], made.text + "x", made.text.upper(),
                  f"agd_{made.stored.id}_{secret}", f"agd_{made.stored.id}_", "agd_é_x",
                  "agd_' or 1=1_x", made.text.replace("agd", "agx")):
        assert caller_with(store, wrong) is None


def test_the_secret_is_stored_nowhere(databases: Databases) -> None:
    """No byte of it is in the database's files."""
    url = databases.new("sqlite")
    store = Store(url)
    made = create_key(store, "acme", "platform")
    store.close()
    file = Path(url.removeprefix("sqlite:///"))
    for path in file.parent.glob(file.name + "*"):
        assert made.text.split("_", 2)[2].encode() not in path.read_bytes()


def test_a_key_is_replaced_and_revoked(store: Store) -> None:
    """Rotating keeps the role and ends the old one; only the own tenant can do it."""
    old = create_key(store, "acme", "curator")
    for tenant, own in (("globex", old.stored.id), ("acme", "no")):
        with pytest.raises(NotFoundError):
            rotate_key(store, tenant, own)
        with pytest.raises(NotFoundError):
            revoke_key(store, tenant, own)
    new = rotate_key(store, "acme", old.stored.id)
    assert caller_with(store, old.text) is None
    caller = caller_with(store, new.text)
    assert caller is not None
    assert caller.role == "curator"
    revoke_key(store, "acme", new.stored.id)
    assert caller_with(store, new.text) is None


@pytest.mark.parametrize(("require", "local", "before", "after"), [
    ("auto", True, True, False), ("auto", False, False, False),
    ("always", True, False, False), ("never", False, True, True),
])
def test_who_is_let_in_without_a_key(
    store: Store, require: str, local: bool, before: bool, after: bool
) -> None:
    """The first key closes what was open on this machine; revoking it does not open it again."""
    gate = Gate(store, Settings(_env_file=None, require_key=require), local=local)
    assert gate.is_open() is before
    made = create_key(store, "acme", "reader")
    assert gate.is_open() is after
    revoke_key(store, "acme", made.stored.id)
    again = Gate(store, Settings(_env_file=None, require_key=require), local=local)
    assert (gate.is_open(), again.is_open()) == (after, after)


@pytest.mark.parametrize(("host", "local"), [
    ("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.9.1", True),
    ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("example.org", False), ("", False),
])
def test_addresses_of_this_machine(host: str, local: bool) -> None:
    """Only loopback is; a name is not looked up."""
    assert is_local(host) is local


def test_each_key_has_a_share_of_its_own() -> None:
    """The headers count down; past the limit they say when to come back."""
    limits = RateLimits("2/hour")
    first, second, third = (limits.take("a") for _ in range(3))
    assert [one.granted for one in (first, second, third)] == [True, True, False]
    assert first.headers["RateLimit-Policy"] == '"key";q=2;w=3600'
    assert [one.headers["RateLimit"].split(";")[1] for one in (first, second, third)] == [
        "r=1", "r=0", "r=0"]
    assert 0 < third.retry_s <= 3600
    assert limits.take("b").granted


def test_keys_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing to a key in two commands; list shows no secret; bad input ends with 2."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    monkeypatch.setenv("AGENDUM_DATABASE_URL", url)

    def run(*args: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, args)
        assert done.exit_code == code, done.output
        return done.stdout

    run("keys", "create", "--tenant", "acme", code=1)
    assert not list(tmp_path.iterdir())
    run("db", "check", code=1)
    run("db", "upgrade")
    run("db", "upgrade")
    run("db", "check")
    key = run("keys", "create", "--tenant", "acme").strip()
    caller = caller_with(Store(url), key)
    assert caller is not None
    assert caller.role == "platform"
    made = json.loads(run("keys", "create", "--tenant", "acme", "--role", "reader", "--json"))
    assert made["role"] == "reader"
    new = run("keys", "rotate", "--tenant", "acme", made["id"]).strip()
    assert caller_with(Store(url), made["key"]) is None
    listed = run("keys", "list", "--tenant", "acme")
    assert listed.count("\n") == 3
    assert listed.count("revoked") == 1
    assert new.split("_", 2)[2] not in listed
    run("keys", "revoke", "--tenant", "acme", "no", code=2)
    run("keys", "create", "--tenant", "not an id", code=2)
    assert json.loads(run("keys", "list", "--tenant", "globex", "--json")) == []
