"""The store: transactions of one tenant each, over SQLite or PostgreSQL.

There is no way to read anything without naming a tenant but one: a key, which says whose it is.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, inspect, select

from recommender.domain.pair import StoredPair
from recommender.domain.policy import Policy, StoredPolicy
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.domain.resource import Resource
from recommender.errors import StorageError
from recommender.retrieval.encoder import Floats
from recommender.storage.documents import ANY, Condition, Documents, Kind, Stored
from recommender.storage.engine import file_of, open_engine, telling, transaction
from recommender.storage.kept_access import Audit, Keys, Replies, StoredKey, key_of_row
from recommender.storage.kept_agendas import Agendas, Sessions
from recommender.storage.kept_jobs import Claim, Jobs, claim_item, open_jobs, renew_leases
from recommender.storage.kept_people import FeedbackLog, PairMembers, Vectors
from recommender.storage.kept_resources import Overlaid
from recommender.storage.migrate import Revisions, revisions_over
from recommender.storage.nearest import Found, Indexes, nearest_in_database
from recommender.storage.scope import Counters, Scope
from recommender.storage.scrubbing import Left, scrub
from recommender.storage.tables import (
    keys,
    pairs,
    policies,
    profiles,
    programmes,
    resources,
    tenants,
)

PROGRAMMES = Kind("programme", Programme, programmes, ("people",))
PROFILES = Kind("profile", Profile, profiles, ("people",))
PAIRS = Kind("pair", StoredPair, pairs, ("people",))
POLICIES = Kind("policy", StoredPolicy, policies, ("people",))
RESOURCES = Kind("resource", Resource, resources, ("library",))


class Unit:
    """What may be done with the data of one tenant inside one transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self.tenant_id = scope.tenant_id
        self.now = scope.now
        self._scope = scope
        self.programmes = Documents(connection, scope, PROGRAMMES)
        self.profiles = Documents(connection, scope, PROFILES)
        self.pairs = Documents(connection, scope, PAIRS)
        self.policies = Documents(connection, scope, POLICIES)
        self.resources = Overlaid(connection, scope, RESOURCES)
        self.members = PairMembers(connection, scope)
        self.sessions = Sessions(connection, scope)
        self.agendas = Agendas(connection, scope)
        self.feedback = FeedbackLog(connection, scope)
        self.vectors = Vectors(connection, scope)
        self.keys = Keys(connection, scope)
        self.replies = Replies(connection, scope)
        self.audit = Audit(connection, scope)
        self.jobs = Jobs(connection, scope)

    def counters(self) -> Counters:
        """Return how often the tenant's data has changed, as this transaction sees it."""
        return self._scope.counters()

    def policy(self) -> Policy:
        """Return what the tenant allows in all of its programmes."""
        found = self.policies.find(StoredPolicy().id)
        return Policy() if found is None else found.doc

    def put_profile(
        self, profile: Profile, condition: Condition = ANY
    ) -> tuple[Stored[Profile], bool]:
        """Store a person, and return them and whether they are new.

        Vectors of what they said before go; those of what they say now come when first needed.

        Raises:
            StaleError: The profile is not as the condition says.
        """
        before = self.profiles.find(profile.id)
        stored, new = self.profiles.put(profile, condition)
        if before is not None and before.version != stored.version:
            self.vectors.remove("profile", profile.id)
        return stored, new

    def put_profiles(self, people: Sequence[Profile]) -> tuple[int, int]:
        """Store people of different ids at once; return how many are new, and how many changed.

        Vectors of what the changed ones said before go.
        """
        created, changed = self.profiles.put_many(people)
        for one in changed:
            self.vectors.remove("profile", one)
        return len(created), len(changed)

    def put_pair(
        self, pair: StoredPair, condition: Condition = ANY
    ) -> tuple[Stored[StoredPair], bool]:
        """Store a pair, and return it and whether it is new.

        Raises:
            StaleError: The pair is not as the condition says.
        """
        stored, new = self.pairs.put(pair, condition)
        self.members.set(pair)
        return stored, new

    def erase_profile(self, profile_id: str, condition: Condition = ANY) -> bool:
        """Delete a person and everything that holds their words; return whether there was one.

        Their pairs go with notes and agendas, and so does every agenda whose session they took
        part in: what they said cannot be told from what the others said.

        Raises:
            StaleError: The profile is not as the condition says.
        """
        if not self.profiles.remove(profile_id, condition):
            return False
        self.vectors.remove("profile", profile_id)
        said = self.feedback.remove_of(profile_id)
        for pair_id in self.members.pairs_of(profile_id):
            self.erase_pair(pair_id)
        ids = [one.id for one in self.agendas.of_person(profile_id)]
        self.agendas.remove(ids)
        for about in ("profiles/import", f"profiles/{profile_id}",
                      *(f"agendas/{one}" for one in ids),
                      *(f"feedbacks/{one}" for one in said)):
            self.replies.forget(about)
        return True

    def erase_pair(self, pair_id: str, condition: Condition = ANY) -> bool:
        """Delete a pair with its sessions and agendas; return whether there was one.

        Raises:
            StaleError: The pair is not as the condition says.
        """
        ids = self.agendas.ids_of_pair(pair_id)
        if not self.pairs.remove(pair_id, condition):
            return False
        self.jobs.forget_subjects([pair_id])
        self.agendas.remove(ids)
        for about in (f"pairs/{pair_id}", *(f"agendas/{one}" for one in ids)):
            self.replies.forget(about)
        return True


class Store:
    """A database, and the indexes that are made of it.

    Args:
        url: `sqlite:///<file>` or `postgresql+psycopg://…`.
        clock: Now, with a time zone.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        with telling():
            self._engine = open_engine(url)
            self._file = file_of(url)
        self._clock = clock
        self._indexes = Indexes()
        self._to_scrub = self._file is not None  # whoever was killed may have left something

    @contextmanager
    def read(self, tenant_id: str) -> Iterator[Unit]:
        """Give one snapshot of a tenant's data.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=False) as connection:
            yield Unit(connection, Scope(connection, tenant_id, self._clock()))

    @contextmanager
    def write(self, tenant_id: str) -> Iterator[Unit]:
        """Give a tenant's data to change: all that is done is kept at the end, or nothing.

        Nobody else changes this tenant's data meanwhile.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=True) as connection:
            scope = Scope(connection, tenant_id, self._clock())
            scope.lock()
            yield Unit(connection, scope)

    def key(self, own: str) -> StoredKey | None:
        """Return a key by its id, whosever it is; null where there is none, or no database.

        Raises:
            StorageError: The database cannot be used.
        """
        if self._is_missing():
            return None
        with transaction(self._engine, writes=False) as connection:
            row = connection.execute(select(keys).where(keys.c.id == own)).first()
        return None if row is None else key_of_row(row)

    def has_keys(self) -> bool:
        """Return whether a key was ever created; false where there is no database yet.

        Raises:
            StorageError: The database cannot be used.
        """
        if self._is_missing():
            return False
        with transaction(self._engine, writes=False) as connection:
            return bool(inspect(connection).has_table("keys")) and (
                connection.execute(select(keys.c.id).limit(1)).first() is not None)

    def nearest(
        self, tenant_id: str, kind: str, model: str, key: bytes, query: Floats, k: int,
        eligible: Collection[str] | None = None,
    ) -> list[Found]:
        """Return the documents of a tenant whose vector under a key is nearest, best first.

        PostgreSQL answers itself; over SQLite an index in memory does, which is built again when
        the tenant's vectors have changed. Both give the same list.

        Args:
            kind: Of the documents, such as `profile`.
            model: The encoder's name.
            key: Which of a document's vectors is compared.
            query: float32, shape (width,), of unit length.
            eligible: Ids that may be found; null for all.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=False) as connection:
            scope = Scope(connection, tenant_id, self._clock())
            if connection.dialect.name == "postgresql":
                return nearest_in_database(connection, scope, kind, model, key, query, k, eligible)
            return self._indexes.nearest(connection, scope, kind, model, key, query, k, eligible)

    def note(
        self, tenant_id: str, key_id: str, action: str, kind: str, subject: str, request_id: str
    ) -> None:
        """Note one deed that changes nothing else, without waiting for who changes something.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=True) as connection:
            Audit(connection, Scope(connection, tenant_id, self._clock())).add(
                key_id, action, kind, subject, request_id)

    def scrub(self, *, compact: bool = False) -> Left:
        """Let nothing of what was deleted be left in the database's files; return what is.

        What could not be emptied of SQLite's log, because somebody read, `scrub_later` empties.
        PostgreSQL is scrubbed only to compact.

        Args:
            compact: Write the tables anew; nobody else can use them meanwhile.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        left = scrub(self._engine, compact=compact)
        self._to_scrub = bool(left) and self._file is not None
        return left

    def scrub_later(self) -> None:
        """Empty the log of SQLite if that could not be done when it was asked for.

        Raises:
            StorageError: The database cannot be used.
        """
        if self._to_scrub and not self._is_missing():
            self.scrub()

    def revisions(self) -> Revisions | None:
        """Return how far the database is migrated; null where there is no file of SQLite.

        Raises:
            StorageError: The database cannot be used.
        """
        if self._is_missing():
            return None
        with transaction(self._engine, writes=False) as connection:
            return revisions_over(connection)

    def tenants(self) -> list[str]:
        """Return whose data is stored here.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=False) as connection:
            return list(connection.scalars(
                select(tenants.c.tenant_id).order_by(tenants.c.tenant_id)))

    def claim(self, tenant_id: str, job_id: str, worker: str, lease: timedelta) -> Claim | None:
        """Take an item of a job to do; null where none is left. See `claim_item`.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=True) as connection:
            return claim_item(connection, self._clock(), tenant_id, job_id, worker, lease)

    def renew(self, worker: str, lease: timedelta) -> int:
        """Keep all that a worker is doing for longer; return how many items that is.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=True) as connection:
            return renew_leases(connection, self._clock(), worker, lease)

    def open_jobs(self) -> list[tuple[str, str]]:
        """Return tenant and id of every job that somebody could do an item of.

        Raises:
            StorageError: The database cannot be used.
        """
        self._refuse_missing()
        with transaction(self._engine, writes=False) as connection:
            return open_jobs(connection, self._clock())

    def forget(self, tenant_id: str) -> None:
        """Drop what this process holds in memory of a tenant's vectors."""
        self._indexes.forget(tenant_id)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """Return the engine, for migrations."""
        return self._engine

    def _is_missing(self) -> bool:
        return self._file is not None and not self._file.exists()

    def _refuse_missing(self) -> None:
        """Refuse to make an empty file where a database was expected."""
        if self._is_missing():
            raise StorageError("there is no database yet; run `agendum db upgrade`, or set "
                               "AGENDUM_DATABASE_URL to the one you mean")
