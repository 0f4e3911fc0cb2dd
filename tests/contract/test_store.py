"""Every store keeps the same promises: SQLite, and PostgreSQL with pgvector."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from databases import KINDS, Databases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Action, Case
from recommender.domain.feedback import Feedback
from recommender.domain.pair import SessionNotes, StoredPair
from recommender.domain.profile import Profile
from recommender.domain.resource import Resource, resource_id
from recommender.errors import NotFoundError, StaleError, StorageError
from recommender.retrieval.encoder import Floats
from recommender.storage.documents import Condition
from recommender.storage.kept_access import Reply
from recommender.storage.migrate import differences, revisions, upgrade
from recommender.storage.store import Store

ROOT = Path(__file__).resolve().parents[2]
T, OTHER = "acme", "globex"
PAIR = {"id": "pair-1", "programme_id": "peer-quarter", "members": [
    {"role": "mentee", "profile_id": "p-1"}, {"role": "mentor", "profile_id": "p-2"}]}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return an empty store of each kind."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture(scope="module")
def made(catalogue: Catalogue) -> tuple[Case, Agenda]:
    """Return a small case with its agenda."""
    case = Case.model_validate({
        "programme": "peer-quarter",
        "members": [{"role": "mentee", "profile": {"id": "p-1"}},
                    {"role": "mentor", "profile": {"id": "p-2"}}],
        "session": {"number": 1, "of": 6, "minutes": 45, "language": "es"}})
    return case, generate_agenda(case, catalogue)


def renamed(agenda: Agenda, purpose: str) -> Agenda:
    return agenda.model_copy(update={"purpose": purpose})


def put(store: Store, *ids: str, tenant: str = T, **more: Any) -> None:
    with store.write(tenant) as unit:
        for own in ids:
            unit.profiles.put(Profile(id=own, **more))


def test_a_document_comes_back_as_it_was_put(store: Store) -> None:
    """Every field, every script, and a version that rises only when something changes."""
    profile = Profile(id="p-1", name="Ñandú 🦤 \u202eabc", attributes={"a": [1, None, {"b": 2.5}]},
                      available=False, goals=[{"id": "g", "text": "Lead ↑"}])  # type: ignore[list-item]
    with store.write(T) as unit:
        first, new = unit.profiles.put(profile)
    with store.write(T) as unit:
        again, newer = unit.profiles.put(profile)
    with store.write(T) as unit:
        changed, _ = unit.profiles.put(profile.model_copy(update={"level": 3}))
    with store.read(T) as unit:
        found = unit.profiles.get("p-1")
    assert (new, newer) == (True, False)
    assert first.version == again.version < changed.version == found.version
    assert found.doc == profile.model_copy(update={"level": 3})
    assert abs(found.updated_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_nothing_of_another_tenant_is_seen_or_changed(
    store: Store, made: tuple[Case, Agenda]
) -> None:
    """The same ids in two tenants are two things; every kind is looked through."""
    case, agenda = made
    for tenant in (T, OTHER):
        put(store, "p-1", "p-2", tenant=tenant, headline=tenant)
        with store.write(tenant) as unit:
            unit.pairs.put(StoredPair.model_validate(PAIR))
            unit.members.set(StoredPair.model_validate(PAIR))
            unit.sessions.set_notes("pair-1", 1, SessionNotes(notes=tenant))
            unit.feedback.add(Feedback(profile_id="p-1", target="resource", target_id="r",
                                       verdict="done", comment=tenant))
            unit.vectors.add("profile", "m", {"p-1": {b"0" * 16: unit_vector(3)}})
            unit.keys.add(f"k-{tenant}", "reader", b"s" * 16, b"d" * 32)
            unit.replies.add("same", Reply("f", 200, {}, tenant), "profiles/p-1")
            own = unit.agendas.add(renamed(agenda, tenant), case, "pair-1").id
            unit.sessions.set_agenda("pair-1", 1, own)
    with store.read(T) as unit:
        (mine,) = unit.agendas.ids_of_pair("pair-1")
    with store.write(OTHER) as unit:
        for change in (unit.agendas.get, lambda own: unit.agendas.replace(
                own, agenda, case, "edit")):
            with pytest.raises(NotFoundError):
                change(mine)
        assert unit.agendas.several([mine]) == {}
        assert unit.agendas.history(mine) == []
        unit.agendas.remove([mine])
        unit.erase_profile("p-1")
        assert not unit.keys.revoke(f"k-{T}")
    with store.read(T) as unit:
        assert unit.profiles.get("p-1").doc.headline == T
        assert [one.id for one in unit.profiles.page(10)] == ["p-1", "p-2"]
        (session,) = unit.sessions.of_pair("pair-1")
        assert session.notes == SessionNotes(notes=T)
        assert unit.agendas.get(str(session.agenda_id)).agenda.purpose == T
        assert [one.feedback.comment for one in unit.feedback.of(["p-1"])] == [T]
        assert list(unit.vectors.of("profile", "m")) == ["p-1"]
        assert [one.id for one in unit.keys.every()] == [f"k-{T}"]
        assert unit.replies.find("same") == Reply("f", 200, {}, T)
        assert unit.members.pairs_of("p-1") == ["pair-1"]
    with store.read(OTHER) as unit:
        assert unit.profiles.find("p-1") is None
        assert unit.sessions.of_pair("pair-1") == []
        assert unit.agendas.of_person("p-2") == unit.feedback.of(["p-1"]) == []
        assert unit.vectors.of("profile", "m") == {}
        assert unit.replies.find("same") is None


def test_who_knows_an_older_version_changes_nothing(store: Store) -> None:
    """A condition that does not hold refuses the change, and the rest of its transaction."""
    put(store, "p-1", headline="one")
    with store.read(T) as unit:
        version = unit.profiles.get("p-1").version
    put(store, "p-1", headline="two")
    for condition in (Condition(frozenset({version})), Condition(absent=True)):
        with pytest.raises(StaleError), store.write(T) as unit:
            unit.profiles.put(Profile(id="p-2"))
            unit.profiles.put(Profile(id="p-1", headline="three"), condition)
        with pytest.raises(StaleError), store.write(T) as unit:
            unit.profiles.remove("p-1", condition)
    with pytest.raises(StaleError), store.write(T) as unit:
        unit.profiles.put(Profile(id="new"), Condition(frozenset()))
    with store.read(T) as unit:
        assert [(one.id, one.doc.headline) for one in unit.profiles.page(9)] == [("p-1", "two")]


def test_many_documents_at_once(store: Store) -> None:
    """New, changed and unchanged ones are told apart; another tenant's are not touched."""
    put(store, "p-1", "p-2", tenant=OTHER, level=1)
    put(store, "p-1", "p-2", level=1)
    with store.write(T) as unit:
        unit.vectors.add("profile", "m", {one: {b"k" * 16: unit_vector(1)}
                                          for one in ("p-1", "p-2")})
        before = unit.profiles.get("p-1").version
        assert unit.put_profiles([Profile(id="p-1", level=1), Profile(id="p-2", level=2),
                                  *(Profile(id=f"n-{at}") for at in range(1200))]) == (1200, 1)
        assert unit.put_profiles([Profile(id="n-1")]) == unit.put_profiles([]) == (0, 0)
    with store.read(T) as unit:
        assert unit.profiles.get("p-1").version == before
        assert unit.profiles.get("p-2").version == unit.profiles.get("n-7").version > before
        assert unit.profiles.get("p-2").doc == Profile(id="p-2", level=2)
        assert len(unit.profiles.versions()) == 1202
        assert list(unit.vectors.of("profile", "m")) == ["p-1"]
    with store.read(OTHER) as unit:
        assert [one.doc.level for one in unit.profiles.page()] == [1, 1]


def test_a_version_never_comes_twice(store: Store) -> None:
    """Deleted and put again, a document is another one."""
    put(store, "p-1")
    with store.write(T) as unit:
        first = unit.profiles.get("p-1").version
        assert unit.profiles.remove("p-1")
        assert not unit.profiles.remove("p-1")
    put(store, "p-1")
    with store.read(T) as unit:
        assert unit.profiles.get("p-1").version > first


def test_pages_follow_each_other(store: Store) -> None:
    """In byte order of ids, whatever the database's language; nothing twice, nothing missing."""
    ids = ["B", "a", "_", "a-1", "a.2", "Z9", "0", "~"[:0] + "z"]
    put(store, *ids)
    found: list[str] = []
    with store.read(T) as unit:
        while page := unit.profiles.page(3, found[-1] if found else ""):
            found += [one.id for one in page]
        assert set(unit.profiles.versions()) == set(unit.profiles.several([*ids, "no"])) == set(ids)
    assert found == sorted(ids)


def test_what_fails_leaves_nothing(store: Store) -> None:
    """A transaction that ends in an error is as if it had never begun."""
    with pytest.raises(ZeroDivisionError), store.write(T) as unit:
        unit.profiles.put(Profile(id="p-1"))
        1 // 0
    with store.read(T) as unit:
        assert unit.profiles.page(9) == []
        assert unit.counters().change == 0


def test_edits_keep_what_stood_before(store: Store, made: tuple[Case, Agenda]) -> None:
    """A stored agenda has one id for ever, and every agenda that stood there is kept."""
    case, agenda = made
    with store.write(T) as unit:
        first = unit.agendas.add(agenda, case)
        other = unit.agendas.add(agenda, case)
    assert first.id != other.id
    with store.write(T) as unit:
        second = unit.agendas.replace(first.id, renamed(agenda, "two"), case, "edit",
                                      Condition(frozenset({first.version})))
        same = unit.agendas.replace(first.id, renamed(agenda, "two"), case, "edit")
        third = unit.agendas.replace(first.id, renamed(agenda, "three"), case, "edit")
    assert second == same
    with pytest.raises(StaleError), store.write(T) as unit:
        unit.agendas.replace(first.id, agenda, case, "edit", Condition(frozenset({first.version})))
    with store.read(T) as unit:
        found = unit.agendas.get(first.id)
        history = unit.agendas.history(first.id)
        with pytest.raises(NotFoundError):
            unit.agendas.get("ag_no")
    assert (found.agenda.id, found.agenda.purpose, found.version) == (
        first.id, "three", third.version)
    assert found.case == case
    assert [(one.number, one.agenda.purpose) for one in history] == [
        (1, agenda.purpose), (2, "two")]


def test_a_session_holds_notes_and_agenda(store: Store, made: tuple[Case, Agenda]) -> None:
    """Notes may come before or after the agenda; each keeps the other."""
    notes = SessionNotes(notes="Said", actions=[Action(id="a", text="Ask")])
    with store.write(T) as unit:
        unit.pairs.put(StoredPair.model_validate(PAIR))
        one, new = unit.sessions.set_notes("pair-1", 2, notes, Condition(absent=True))
        agenda = unit.agendas.add(made[1], made[0], "pair-1")
        two = unit.sessions.set_agenda("pair-1", 2, agenda.id)
        unit.sessions.set_agenda("pair-1", 1, agenda.id)
        three, newer = unit.sessions.set_notes("pair-1", 2, notes)
    assert (new, newer, one.agenda_id, two.notes, three) == (True, False, None, notes, two)
    with pytest.raises(StaleError), store.write(T) as unit:
        unit.sessions.set_notes("pair-1", 2, SessionNotes(), Condition(frozenset({one.version})))
    with store.read(T) as unit:
        assert [one.number for one in unit.sessions.of_pair("pair-1")] == [1, 2]


def test_erasing_a_person_takes_what_holds_their_words(
    store: Store, made: tuple[Case, Agenda]
) -> None:
    """Pairs, sessions, agendas, feedback, vectors and kept answers; others' stay."""
    case, agenda = made
    put(store, "p-1", "p-2", "p-3")
    with store.write(T) as unit:
        pair = StoredPair.model_validate(PAIR)
        unit.pairs.put(pair)
        unit.members.set(pair)
        own = unit.agendas.add(agenda, case, "pair-1").id
        loose = unit.agendas.add(agenda, case).id
        unit.agendas.replace(loose, renamed(agenda, "x"), case, "edit")
        unit.sessions.set_agenda("pair-1", 1, own)
        for one in ("p-1", "p-3"):
            unit.vectors.add("profile", "m", {one: {b"0" * 16: unit_vector(1)}})
            unit.feedback.add(Feedback(profile_id=one, target="resource", target_id="r",
                                       verdict="done"))
            unit.replies.add(one, Reply("f", 200, {}, "x"), f"profiles/{one}")
        unit.replies.add("loose", Reply("f", 200, {}, "x"), f"agendas/{loose}")
    with store.write(T) as unit:
        assert unit.erase_profile("p-1")
        assert not unit.erase_profile("p-1")
    with store.read(T) as unit:
        assert unit.pairs.page(9) == unit.sessions.of_pair("pair-1") == []
        assert unit.agendas.several([own, loose]) == {}
        assert unit.agendas.history(loose) == []
        assert [one.feedback.profile_id for one in unit.feedback.of(["p-1", "p-3"])] == ["p-3"]
        assert list(unit.vectors.of("profile", "m")) == ["p-3"]
        assert [unit.replies.find(one) is None for one in ("p-1", "loose", "p-3")] == [
            True, True, False]


def test_a_tenant_hides_and_replaces_shipped_resources(store: Store) -> None:
    """A hidden resource is no document; putting it again brings it back."""
    url = "https://example.org/a"
    resource = Resource.model_validate({
        "id": resource_id(url), "title": "A", "url": url, "publisher": "P", "format": "article",
        "language": "en", "topics": ["trust"], "level": "introductory", "audience": ["mentee"],
        "gist": "What it is about, in one line."})
    with store.write(T) as unit:
        assert unit.resources.hide(resource.id)
        assert not unit.resources.hide(resource.id)
    with store.read(T) as unit:
        assert unit.resources.hidden() == {resource.id}
        assert unit.resources.find(resource.id) is None
        library = unit.counters().library
    with store.write(T) as unit:
        assert unit.resources.put(resource)[1]
    with store.read(T) as unit:
        assert unit.resources.hidden() == frozenset()
        assert unit.resources.get(resource.id).doc == resource
        assert unit.counters().library > library
    with store.read(OTHER) as unit:
        assert unit.resources.page() == []


def test_answers_are_kept_for_a_day(database_url: str) -> None:
    """The answer to a repeated write is the first one, until it is too old."""
    now = [datetime(2026, 5, 1, tzinfo=UTC)]
    store = Store(database_url, clock=lambda: now[0])
    reply = Reply("f", 201, {"ETag": '"1"'}, "body ¡")
    with store.write(T) as unit:
        unit.replies.add("k", reply, "profiles/p-1")
    now[0] += timedelta(hours=23)
    with store.read(T) as unit:
        assert unit.replies.find("k") == reply
    now[0] += timedelta(hours=2)
    with store.read(T) as unit:
        assert unit.replies.find("k") is None
    with store.write(T) as unit:
        unit.replies.add("k", Reply("g", 200, {}, "new"), "profiles/p-1")
        assert unit.replies.find("k") == Reply("g", 200, {}, "new")
    store.close()


def test_a_key_is_found_by_its_id_alone(store: Store) -> None:
    """Only a key is looked up without a tenant; a revoked one says so; ids are never shared."""
    assert not store.has_keys()
    with store.write(T) as unit:
        made = unit.keys.add("k1", "curator", b"s" * 16, b"d" * 32)
    assert store.has_keys()
    found = store.key("k1")
    assert found == made
    assert (made.tenant_id, made.role, made.revoked_at) == (T, "curator", None)
    with store.write(T) as unit:
        assert unit.keys.revoke("k1")
        assert not unit.keys.revoke("k1")
    revoked = store.key("k1")
    assert revoked is not None
    assert revoked.revoked_at is not None
    assert store.key("k2") is None
    with pytest.raises(StorageError), store.write(OTHER) as unit:
        unit.keys.add("k1", "reader", b"s" * 16, b"d" * 32)


def test_writers_of_one_tenant_take_turns(store: Store) -> None:
    """Changes of many threads at once are all kept, each with a number of its own."""
    versions: list[int] = []

    def work(name: int) -> None:
        for turn in range(5):
            with store.write(T) as unit:
                versions.append(unit.profiles.put(Profile(id=f"p-{name}", level=turn + 1))[0]
                                .version)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(versions) == list(range(1, 31))
    with store.read(T) as unit:
        assert {one.doc.level for one in unit.profiles.page()} == {5}


def test_a_snapshot_does_not_move(store: Store) -> None:
    """What a transaction reads is of one moment, while another writes."""
    put(store, "p-1", headline="one")
    with store.read(T) as unit:
        assert unit.profiles.get("p-1").doc.headline == "one"
        put(store, "p-1", "p-2", headline="two")
        assert [one.doc.headline for one in unit.profiles.page()] == ["one"]


def test_two_stores_over_one_database_see_each_others_writes(database_url: str) -> None:
    """Documents, counters and the index of vectors, at the next look."""
    one, other = Store(database_url), Store(database_url)
    key, near, far = b"k" * 16, unit_vector(1), unit_vector(2)
    put(one, "p-1", "p-2")
    with one.write(T) as unit:
        unit.vectors.add("profile", "m", {"p-1": {key: far}})
    assert [hit.id for hit in other.nearest(T, "profile", "m", key, near, 5)] == ["p-1"]
    with one.write(T) as unit:
        unit.vectors.add("profile", "m", {"p-2": {key: near}})
    with other.read(T) as unit:
        assert set(unit.profiles.versions()) == {"p-1", "p-2"}
    assert [hit.id for hit in other.nearest(T, "profile", "m", key, near, 5)] == ["p-2", "p-1"]
    with other.write(T) as unit:
        unit.erase_profile("p-2")
    assert [hit.id for hit in one.nearest(T, "profile", "m", key, near, 5)] == ["p-1"]
    one.close()
    other.close()


WRITER = """
import sys
import numpy as np
from recommender.domain.profile import Profile
from recommender.storage.store import Store
store = Store(sys.argv[1])
with store.write("acme") as unit:
    unit.profiles.put(Profile(id="elsewhere"))
    unit.vectors.add("profile", "m", {"elsewhere": {b"k" * 16: np.array([0, 1], np.float32)}})
store.close()
"""


def test_another_process_is_seen(database_url: str) -> None:
    """What another process wrote is there at the next look, in lists and in the index."""
    store = Store(database_url)
    put(store, "here")
    with store.write(T) as unit:
        unit.vectors.add("profile", "m", {"here": {b"k" * 16: np.array([1, 0], np.float32)}})
    query = np.array([0, 1], np.float32)
    assert [one.id for one in store.nearest(T, "profile", "m", b"k" * 16, query, 2)] == ["here"]
    subprocess.run([sys.executable, "-c", WRITER, database_url], check=True, timeout=60,
                   cwd=ROOT)
    with store.read(T) as unit:
        assert set(unit.profiles.versions()) == {"elsewhere", "here"}
    assert [one.id for one in store.nearest(T, "profile", "m", b"k" * 16, query, 2)] == [
        "elsewhere", "here"]
    store.close()


def unit_vector(seed: int, width: int = 16) -> Floats:
    vector = np.random.default_rng(seed).normal(size=width).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


@pytest.fixture(scope="module")
def both(databases: Databases) -> Iterator[list[Store]]:
    """Return a store of each kind, for the same data."""
    stores = [Store(databases.new(kind)) for kind in KINDS]
    yield stores
    for store in stores:
        store.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeds=st.lists(st.integers(0, 12), min_size=0, max_size=40), query=st.integers(0, 12),
       k=st.integers(1, 12), every=st.booleans(), number=st.integers(0, 10**9))
def test_faiss_and_pgvector_give_the_same_lists(
    both: list[Store], seeds: list[int], query: int, k: int, every: bool, number: int
) -> None:
    """With ties, with few, with none, with some that may not be found: ids and scores alike."""
    key, model = b"k" * 16, f"m{number}-{len(seeds)}-{k}"
    found = {f"p-{at}": {key: unit_vector(seed)} for at, seed in enumerate(seeds)}
    eligible = None if every else [f"p-{at}" for at in range(0, len(seeds), 2)]
    lists = []
    for store in both:
        for tenant, more in ((T, found), (OTHER, {"x": {key: unit_vector(query)}})):
            with store.write(tenant) as unit:
                unit.vectors.add("profile", model, more)
        lists.append(store.nearest(T, "profile", model, key, unit_vector(query), k, eligible))
    assert lists[0] == lists[1]
    scores = {own: float(one[key] @ unit_vector(query)) for own, one in found.items()
              if eligible is None or own in eligible}
    best = sorted(scores, key=lambda own: (-round(scores[own], 5), own))[:k]
    assert [hit.id for hit in lists[0]] == best


def test_vectors_come_back_bit_for_bit(store: Store) -> None:
    """float32 in, the same float32 out, whatever the width."""
    found = {"p-1": {b"a" * 16: unit_vector(5, 384), b"b" * 16: unit_vector(6, 8)}}
    with store.write(T) as unit:
        unit.vectors.add("profile", "m", found)
        unit.vectors.add("profile", "m", found)
    with store.read(T) as unit:
        back = unit.vectors.of("profile", "m", ["p-1", "p-2"])
    assert {key: vector.tobytes() for key, vector in back["p-1"].items()} == {
        key: vector.tobytes() for key, vector in found["p-1"].items()}


def test_vectors_go_when_what_they_were_made_of_changes(store: Store) -> None:
    """The same profile again keeps them; a changed one has none until they are made anew."""
    first = Profile(id="p-1", bio="old words")
    for profile, left in ((first, ["p-1"]), (first.model_copy(update={"bio": "new"}), [])):
        with store.write(T) as unit:
            unit.put_profile(first)
            unit.vectors.add("profile", "m", {"p-1": {b"a" * 16: unit_vector(5)}})
            before = unit.counters()
            unit.put_profile(profile)
        with store.read(T) as unit:
            assert list(unit.vectors.of("profile", "m")) == left
            assert (unit.counters() == before) is bool(left)


@pytest.mark.parametrize("kind", KINDS)
def test_migrations_make_the_tables_of_the_code(databases: Databases, kind: str) -> None:
    """An empty database becomes what the code expects; doing it again changes nothing."""
    url = databases.empty(kind)
    assert not revisions(url).current
    before = upgrade(url)
    assert before.present is None
    assert revisions(url).current
    assert upgrade(url).current
    assert differences(url) == []


def test_a_missing_database_is_said_and_not_made(tmp_path: Any) -> None:
    """Reading makes no file; the message says what to run."""
    store = Store(f"sqlite:///{tmp_path / 'no.db'}")
    assert not store.has_keys()
    with pytest.raises(StorageError, match="agendum db upgrade"), store.read(T):
        pass
    assert not list(tmp_path.iterdir())


def test_a_database_out_of_reach_is_an_error_of_ours() -> None:
    """The driver's error does not come through, nor the password."""
    store = Store("postgresql+psycopg://me:secret@127.0.0.1:9/none")
    with pytest.raises(StorageError) as caught, store.read(T):
        pass
    assert "secret" not in str(caught.value)
