"""The people of a tenant ready to be matched, from what is stored, kept current by its changes."""

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock, Thread
from time import monotonic
from typing import NamedTuple

from recommender.catalogue import Catalogue
from recommender.domain.pair import StoredPair
from recommender.domain.phrases import Phrases
from recommender.domain.policy import within
from recommender.domain.profile import Profile, language_of
from recommender.domain.programme import Programme
from recommender.errors import NotFoundError, OverloadedError
from recommender.matching.meaning import meaning_of_people, texts_of_people
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.pool import Pool
from recommender.matching.rules import check_filled
from recommender.matching.terms import Before, PastPair, Terms
from recommender.retrieval.encoder import Floats
from recommender.storage.documents import Stored
from recommender.storage.store import Store, Unit

MAX_PEOPLE = 200_000
"""People of all tenants together that are held in memory."""
KIND = "profile"
PATIENCE_S, RETRY_S = 10.0, 5
"""Seconds that a request waits for people to be ready, and when to come back else."""
TENANTS_AT_ONCE = 4
"""Tenants whose people are made ready at the same time."""
_NEVER = -1


class _Work(NamedTuple):
    """Terms that are being made, and since when."""

    future: "Future[tuple[int, Terms]]"
    began: float


@dataclass
class _Tenant:
    """What is held of one tenant; whoever changes it holds the lock."""

    lock: Lock = field(default_factory=Lock)
    changed: int = _NEVER
    profiles: dict[str, Stored[Profile]] = field(default_factory=dict)
    vectors: dict[str, dict[bytes, Floats]] = field(default_factory=dict)
    pool: Pool = field(default_factory=lambda: Pool([]))
    before: Before = field(default_factory=Before)
    terms: dict[tuple[int, str], Terms] = field(default_factory=dict)
    under_way: "dict[str, _Work]" = field(default_factory=dict)


class StoredPeople:
    """Terms by tenant and programme, made when first asked for and after each change.

    One tenant's work holds up nobody else's: it is done beside the request that asked for it.

    Args:
        catalogue: Its encoder embeds what people wrote, its library has the shipped programmes.
        patience_s: Seconds from the beginning of the work that somebody who asks waits for it.
            Who comes later is told at once to come back, so that they hold up nobody else.
    """

    def __init__(
        self, store: Store, catalogue: Catalogue, patience_s: float = PATIENCE_S
    ) -> None:
        self._store = store
        self._patience_s = patience_s
        self._turns = BoundedSemaphore(TENANTS_AT_ONCE)
        self._catalogue = catalogue
        self._tenants: OrderedDict[str, _Tenant] = OrderedDict()
        self._lock = Lock()

    def terms(self, tenant_id: str, programme_id: str, *, filled: bool = True) -> Terms:
        """Return what a matching of everybody is judged by: the same as of a file of them.

        Args:
            filled: Refuse a `must` over a field of the profile that nobody has filled in.

        Raises:
            NotFoundError: There is no such programme.
            InvalidInputError: A rule speaks of a field that nobody has.
            OverloadedError: It takes longer than one may wait, such as the first time that
                many people are encoded; it goes on meanwhile.
            StorageError: The database cannot be used.
        """
        own = self._tenant(tenant_id)
        with self._store.read(tenant_id) as unit:
            changed = unit.counters().people
            programme_of(unit, self._catalogue, programme_id)
        terms = own.terms.get((changed, programme_id))
        if terms is None:
            terms = self._made(own, tenant_id, programme_id, changed)
        if filled:
            check_filled(terms.programme.matching.rules, terms.pool,
                         f"{programme_id}: matching.rules")
        return terms

    def phrases(self, terms: Terms, row: int) -> Phrases:
        """Return the phrases in the language of the person in this row."""
        return self._catalogue.library.phrases[language_of(terms.pool.profiles[row])]

    def forget(self, tenant_id: str) -> None:
        """Drop what is held in memory of a tenant."""
        with self._lock:
            self._tenants.pop(tenant_id, None)

    def _made(self, own: _Tenant, tenant_id: str, programme_id: str, changed: int) -> Terms:
        """Return terms that a thread of their own makes, however many ask for them.

        Args:
            changed: They are of this change, or a later one.
        """
        until = monotonic() + self._patience_s
        while True:
            with self._lock:
                work = own.under_way.get(programme_id)
                if work is None:
                    work = own.under_way[programme_id] = _Work(Future(), monotonic())
                    Thread(target=self._run, args=(own, tenant_id, programme_id, work.future),
                           daemon=True).start()
            left = min(until, work.began + self._patience_s) - monotonic()
            try:
                number, terms = work.future.result(max(0.0, left))
            except TimeoutError as error:
                raise OverloadedError(
                    "The people are being read and encoded; ask again after the seconds that "
                    "Retry-After says.", RETRY_S) from error
            if number >= changed:
                return terms

    def _run(
        self, own: _Tenant, tenant_id: str, programme_id: str,
        future: "Future[tuple[int, Terms]]",
    ) -> None:
        made: tuple[int, Terms] | Exception
        try:
            with own.lock, self._turns:
                made = self._refreshed(own, tenant_id, programme_id)
        except Exception as error:
            made = error  # raised again by whoever waits
        with self._lock:
            own.under_way.pop(programme_id, None)
        if isinstance(made, Exception):
            future.set_exception(made)
        else:
            future.set_result(made)
            self._trim()

    def _refreshed(
        self, own: _Tenant, tenant_id: str, programme_id: str
    ) -> tuple[int, Terms]:
        with self._store.read(tenant_id) as unit:
            changed = unit.counters().people
            programme = programme_of(unit, self._catalogue, programme_id)
            if changed != own.changed:
                self._load(own, unit, changed)
        terms = own.terms.get((changed, programme_id))
        if terms is None:
            terms = own.terms[changed, programme_id] = self._make(own, tenant_id, programme)
        return changed, terms

    def _tenant(self, tenant_id: str) -> _Tenant:
        with self._lock:
            own = self._tenants.setdefault(tenant_id, _Tenant())
            self._tenants.move_to_end(tenant_id)
            return own

    def _trim(self) -> None:
        """Let go of who was not asked for longest, but never of the last."""
        with self._lock:
            held = sum(len(one.profiles) for one in self._tenants.values())
            while held > MAX_PEOPLE and len(self._tenants) > 1:
                _, gone = self._tenants.popitem(last=False)
                held -= len(gone.profiles)

    def _load(self, own: _Tenant, unit: Unit, changed: int) -> None:
        versions = unit.profiles.versions()
        same = {one: stored for one, stored in own.profiles.items()
                if versions.get(one) == stored.version}
        fresh = unit.profiles.several(one for one in versions if one not in same)
        own.profiles = same | fresh
        own.vectors = {one: own.vectors[one] for one in same if one in own.vectors}
        own.vectors |= unit.vectors.of(KIND, self._catalogue.encoder.name,
                                       fresh if same else None)
        own.pool = Pool([one.doc for one in own.profiles.values()])
        own.before = Before([pair for one in unit.pairs.page() for pair in pairs_in(one.doc)])
        own.terms = {}
        own.changed = changed

    def _make(self, own: _Tenant, tenant_id: str, programme: Programme) -> Terms:
        known = {key: vector for one in own.vectors.values() for key, vector in one.items()}
        vectors = PhraseVectors(self._catalogue.encoder, self._catalogue.bridge.centres,
                                known=known)
        profiles = own.pool.profiles
        meaning = meaning_of_people(profiles, vectors, programme.ai_fields)
        self._keep(own, tenant_id, vectors, texts_of_people(profiles, programme.ai_fields))
        return Terms(own.pool, programme, meaning, own.before)

    def _keep(
        self, own: _Tenant, tenant_id: str, vectors: PhraseVectors, texts: Sequence[Sequence[str]]
    ) -> None:
        """Store the vectors that are new, of people who are still as they were."""
        new: dict[str, dict[bytes, Floats]] = {}
        for one, said in zip(own.pool.ids, texts, strict=True):
            held = own.vectors.setdefault(one, {})
            more = {key: vector for key, vector in vectors.vectors_of(said).items()
                    if key not in held}
            if more:
                new[one] = more
                held |= more
        if not new:
            return
        with self._store.write(tenant_id) as unit:
            now = unit.profiles.versions()
            unit.vectors.add(KIND, self._catalogue.encoder.name, {
                one: more for one, more in new.items()
                if now.get(one) == own.profiles[one].version})


def programme_of(unit: Unit, catalogue: Catalogue, programme_id: str) -> Programme:
    """Return a tenant's programme, or else the shipped one of this id, as its policy bounds it.

    Raises:
        NotFoundError: There is neither.
    """
    stored = unit.programmes.find(programme_id)
    if stored is not None:
        return within(stored.doc, unit.policy())
    shipped = catalogue.library.programmes.get(programme_id)
    if shipped is None:
        raise NotFoundError(f"there is no programme {programme_id!r}; PUT it first, or write one "
                            f"of {', '.join(catalogue.library.programmes)}")
    return within(shipped, unit.policy())


def pairs_in(pair: StoredPair) -> list[PastPair]:
    """Return who meets whom in a stored pair: each who learns with each who mentors, or equals.

    A pair that pauses takes room as an active one does.
    """
    status = "ended" if pair.status == "ended" else "active"
    mentors = [one.profile_id for one in pair.members if one.role == "mentor"]
    learners = [one.profile_id for one in pair.members if one.role != "mentor"]
    if mentors:
        met = [(learner, mentor) for learner in learners for mentor in mentors]
    else:
        met = [(one, other) for at, one in enumerate(learners) for other in learners[at + 1:]]
    return [PastPair.model_validate({"mentee": one, "mentor": other, "status": status})
            for one, other in met]
