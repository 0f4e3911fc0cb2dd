"""The curator's console: the library of a tenant, and each of its resources."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.bodies import OwnId
from api.console.forms import (
    AUDIENCES,
    FORMATS,
    LABELS,
    SURE,
    Filled,
    empty_form,
    form_of,
    in_use_again,
    resource_in,
    retired,
    sent_back,
)
from api.console.library import (
    ORIGINS,
    PER_PAGE,
    Row,
    Search,
    Shelf,
    found_on,
    languages_on,
    near,
    shelf_of,
)
from api.console.pages import HOME, ConsoleRoute, moved, page
from api.console.session import (
    PATH,
    Curator,
    Form,
    one,
    reading_curator,
    sent_form,
    writing_curator,
)
from api.routes.curate import seen_by
from api.routes.resources import store_resource, take_out
from api.sharing import catalogue_of
from api.writing import Writing, store_of
from content_library.addresses import normal_address
from recommender.catalogue import Catalogue
from recommender.domain.base import LEVELS
from recommender.domain.resource import Resource
from recommender.errors import Fault, InvalidInputError, NotFoundError, StaleError
from recommender.storage.documents import Condition
from recommender.storage.store import Store

DONE = {
    "added": "Added. It can be recommended from now on.", "saved": "Saved.",
    "retired": "Retired. It is not recommended any more; agendas that name it still show it.",
    "restored": "Back in use.", "out": "Taken out of your library.",
}
STALE = ("Somebody changed this since you opened it. What you typed is below; what is stored now "
         "is on its page. Save again to replace that.")
router = APIRouter(prefix=f"{PATH}/resources", route_class=ConsoleRoute, include_in_schema=False)


class Desk:
    """One curator's request: what they see and how they change it."""

    def __init__(
        self, request: Request, curator: Curator, store: Store, form: Form | None = None
    ) -> None:
        self.curator = curator
        self.form: Form = form or {}
        self._request = request
        self._store = store
        self.base: Catalogue = catalogue_of(request)

    def shelf(self) -> Shelf:
        """Return the tenant's library."""
        merged = seen_by(self._request, self.curator).library
        with self._store.read(self.curator.caller.tenant_id) as unit:
            return shelf_of(self.base, merged, unit)

    def writing(self, version: int | None) -> Writing:
        """Return a write like that of the API, of what the tenant has in this version, or not."""
        condition = (Condition(absent=True) if version is None
                     else Condition(frozenset({version})))
        return Writing(self._store, self.curator.caller, str(self._request.state.request_id),
                       condition, None, "")


def reading_desk(
    request: Request, curator: Annotated[Curator, Depends(reading_curator)],
    store: Annotated[Store, Depends(store_of)],
) -> Desk:
    """Return the desk of somebody who looks."""
    return Desk(request, curator, store)


def writing_desk(
    request: Request, curator: Annotated[Curator, Depends(writing_curator)],
    store: Annotated[Store, Depends(store_of)], form: Annotated[Form, Depends(sent_form)],
) -> Desk:
    """Return the desk of somebody who sends a form."""
    return Desk(request, curator, store, form)


@router.get("")
def library_page(
    search: Annotated[Search, Query()], desk: Annotated[Desk, Depends(reading_desk)],
) -> Response:
    """Show what a search finds in the tenant's library."""
    shelf = desk.shelf()
    found = found_on(shelf, search)
    pages = max(1, -(-len(found) // PER_PAGE))
    at = min(search.page, pages)
    return page(
        "resources", desk.curator, search=search, found=len(found), all=len(shelf.rows),
        rows=found[(at - 1) * PER_PAGE : at * PER_PAGE], at=at, pages=pages,
        languages=languages_on(shelf), library=shelf.library, formats=FORMATS, levels=LEVELS,
        origins=ORIGINS, done=DONE.get(search.done, ""))


@router.get("/new")
def new_page(desk: Annotated[Desk, Depends(reading_desk)]) -> Response:
    """Show an empty form."""
    return _form_page(desk, desk.shelf(), None, empty_form())


@router.post("")
def add(desk: Annotated[Desk, Depends(writing_desk)]) -> Response:
    """Store a new resource; one whose page is there already is refused."""
    shelf = desk.shelf()

    def work(version: int | None) -> str:
        given = resource_in(desk.form, None)
        if version is None:
            _refuse_known(given, shelf)
        return _stored(desk, shelf, given, version)

    return _doing(desk, shelf, None, work, "added")


@router.get("/{id}")
def resource_page(
    id: OwnId, desk: Annotated[Desk, Depends(reading_desk)], done: str = "",
) -> Response:
    """Show one resource: a form to change it, and what else can be done."""
    shelf = desk.shelf()
    row = _row(shelf, id)
    return _form_page(desk, shelf, row, form_of(row.resource, shelf.versions.get(id)),
                      done=DONE.get(done, ""))


@router.post("/{id}")
def save(id: OwnId, desk: Annotated[Desk, Depends(writing_desk)]) -> Response:
    """Change a resource; one that was taken out comes back by it."""
    shelf = desk.shelf()
    row = _row(shelf, id)
    return _doing(desk, shelf, row, lambda version: _stored(
        desk, shelf, resource_in(desk.form, row.resource), version), "saved")


@router.post("/{id}/retire")
def retire(id: OwnId, desk: Annotated[Desk, Depends(writing_desk)]) -> Response:
    """Retire a resource, with the reason and, where there is one, its successor."""
    shelf = desk.shelf()
    row = _row(shelf, id)

    def work(version: int | None) -> str:
        given = retired(row.resource, desk.form)
        successor = shelf.rows.get(given.superseded_by or "")
        if given.superseded_by == id or (given.superseded_by is not None and (
                successor is None or successor.status != "Active")):
            raise InvalidInputError.of(
                "is no active resource of your library; give the id or the address of one",
                field="superseded_by")
        return _stored(desk, shelf, given, version)

    return _doing(desk, shelf, row, work, "retired")


@router.post("/{id}/restore")
def restore(id: OwnId, desk: Annotated[Desk, Depends(writing_desk)]) -> Response:
    """Put a retired resource back into use."""
    shelf = desk.shelf()
    row = _row(shelf, id)
    return _doing(desk, shelf, row, lambda version: _stored(
        desk, shelf, in_use_again(row.resource), version), "restored")


@router.post("/{id}/take-out")
def remove(id: OwnId, desk: Annotated[Desk, Depends(writing_desk)]) -> Response:
    """Take a resource out, as DELETE of the API does."""
    shelf = desk.shelf()
    row = _row(shelf, id)

    def work(version: int | None) -> str:
        if not one(desk.form, SURE):
            raise InvalidInputError.of("tick this to take it out", field=SURE)
        take_out(desk.writing(version), id, desk.base)
        return id if row.origin in ("shipped", "changed") else ""

    return _doing(desk, shelf, row, work, "out")


def _doing(
    desk: Desk, shelf: Shelf, row: Row | None, work: Callable[[int | None], str], done: str
) -> Response:
    """Do what a form asks for, and lead to what came of it; else show the form as it was sent.

    Args:
        work: Takes the version that the form was made from; returns the id of what was changed,
            empty for what is gone.
    """
    version = _version(desk.form)
    try:
        own = work(version)
    except InvalidInputError as error:
        faults: tuple[Fault, ...] = error.faults
    except StaleError:
        now = desk.shelf()
        version = now.versions.get(row.resource.id) if row else version
        faults = (Fault("", "", STALE),)
        return _form_page(desk, now, row, sent_back(desk.form, faults, version), 409)
    else:
        return moved(f"{HOME}/{own}?done={done}" if own else f"{HOME}?done={done}")
    filled = sent_back(desk.form, faults, version)
    if row is not None and "title" not in desk.form:  # another form of the page than the large one
        filled = Filled({**form_of(row.resource, version).values, **{
            name: one(desk.form, name) for name in ("why_retired", "superseded_by")}},
            filled.errors, version)
    return _form_page(desk, shelf, row, filled, 422)


def _stored(desk: Desk, shelf: Shelf, given: Resource, version: int | None) -> str:
    """Store a resource and return its id; nothing is done for what stands there already."""
    try:
        store_resource(desk.writing(version), given, desk.base)
    except StaleError:
        now = desk.shelf().rows.get(given.id)
        if now is None or now.origin in ("out", "shipped") or now.resource != given:
            raise
    return given.id


def _form_page(
    desk: Desk, shelf: Shelf, row: Row | None, filled: Filled, status: int = 200, done: str = "",
) -> Response:
    library = shelf.library
    successor = shelf.rows.get((row.resource.superseded_by if row else None) or "")
    return page(
        "resource", desk.curator, status, row=row, form=filled, labels=LABELS, done=done,
        formats=FORMATS, levels=LEVELS, audiences=AUDIENCES, languages=languages_on(shelf),
        topics=library.topics, areas=library.focus_areas, origins=ORIGINS, successor=successor,
        near=near(shelf, row.resource) if row and row.status == "Active" else [])


def _row(shelf: Shelf, own: str) -> Row:
    row = shelf.rows.get(own)
    if row is None:
        raise NotFoundError(f"there is no resource {own!r} in your library")
    return row


def _refuse_known(given: Resource, shelf: Shelf) -> None:
    address = normal_address(given.url)
    for row in shelf.rows.values():
        if normal_address(row.resource.url) == address:
            raise InvalidInputError.of(
                f"this page is in your library already: “{row.resource.title}”, "
                f"{row.resource.id}", field="url")


def _version(form: Form) -> int | None:
    """Return the version that a form was made from; null where the tenant had none."""
    text = one(form, "version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
