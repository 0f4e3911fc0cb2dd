"""The catalogue as one tenant sees it: the shipped library with its own resources laid over."""

import hashlib
from collections import OrderedDict
from threading import Lock

from recommender.catalogue import Catalogue
from recommender.domain.resource import Resource
from recommender.storage.store import Store

MAX_TENANTS = 64
TAKEN_OUT = "taken out by this tenant"


class TenantCatalogues:
    """Catalogues by tenant, each current by the number of its last change of resources.

    Args:
        base: What everybody sees who has laid nothing over it.
    """

    def __init__(self, base: Catalogue, store: Store) -> None:
        self._base = base
        self._store = store
        self._made: OrderedDict[str, tuple[int, Catalogue]] = OrderedDict()
        self._lock = Lock()

    def of(self, tenant_id: str | None) -> Catalogue:
        """Return a tenant's catalogue; the shipped one for nobody.

        Raises:
            StorageError: The database cannot be used.
        """
        if tenant_id is None:
            return self._base
        with self._store.read(tenant_id) as unit:
            changed = unit.counters().library
            if not changed:
                return self._base
            with self._lock:
                kept = self._made.get(tenant_id)
                if kept is not None and kept[0] == changed:
                    self._made.move_to_end(tenant_id)
                    return kept[1]
            own = {one.id: one.doc for one in unit.resources.page()}
            hidden = unit.resources.hidden()
        catalogue = self._base.with_resources(*laid_over(self._base, own, hidden))
        with self._lock:
            self._made[tenant_id] = (changed, catalogue)
            while len(self._made) > MAX_TENANTS:
                self._made.popitem(last=False)
        return catalogue

    def forget(self, tenant_id: str) -> None:
        """Drop what is held in memory of a tenant."""
        with self._lock:
            self._made.pop(tenant_id, None)


def laid_over(
    base: Catalogue, own: dict[str, Resource], hidden: frozenset[str]
) -> tuple[dict[str, Resource], str]:
    """Return the resources a tenant sees, by id in order, and the fingerprint of its library.

    A hidden one stays as retired, so that what names it still finds it.
    """
    shipped = base.library.resources
    gone = {one: shipped[one].model_copy(update={
        "status": "retired", "why_retired": TAKEN_OUT, "superseded_by": None})
        for one in hidden if one in shipped}
    merged = shipped | own | gone
    digest = hashlib.sha256(base.library.fingerprint.encode())
    for one in sorted(own):
        digest.update(own[one].model_dump_json().encode())
    digest.update(",".join(sorted(gone)).encode())
    return ({one: merged[one] for one in sorted(merged)}, f"sha256:{digest.hexdigest()}")
