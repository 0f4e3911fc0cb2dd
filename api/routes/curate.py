"""The curator's console: signing in, coverage, and what people said of what they got."""

from functools import lru_cache
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Gate, gate_of
from api.bodies import OwnId
from api.console.pages import HOME, ConsoleRoute, moved, page
from api.console.session import (
    PATH,
    Curator,
    Form,
    SignInNeeded,
    one,
    reading_curator,
    sent_form,
    sign_in,
    writing_curator,
)
from api.sharing import catalogue_of
from api.writing import store_of
from content_library.coverage import ENOUGH, LENGTHS, cover, fewest_of, thin_of
from content_library.load import HOME as LIBRARY_HOME
from content_library.load import Library
from content_library.targets import (
    activities_by_topic,
    load_targets,
    resources_by_area,
    resources_by_topic,
    standings,
)
from recommender.catalogue import Catalogue
from recommender.domain.base import Frozen
from recommender.domain.feedback import Feedback
from recommender.storage.store import Store
from recommender.storage.tenant_catalogues import TenantCatalogues

VERDICTS = get_args(Feedback.model_fields["verdict"].annotation)
MOST = 200
"""Rows of a table of verdicts, and comments on a page."""

router = APIRouter(prefix=PATH, route_class=ConsoleRoute, include_in_schema=False)


class Said(Frozen):
    """Which verdicts are wanted; empty: all."""

    verdict: Literal["", "helpful", "not_helpful", "done", "not_interested", "too_easy",
                     "too_hard", "too_long", "broken_link"] = ""


def seen_by(request: Request, curator: Curator) -> Catalogue:
    """Return the catalogue as a curator's tenant sees it."""
    catalogues: TenantCatalogues = request.app.state.catalogues
    return catalogues.of(curator.caller.tenant_id)


@router.get("")
@router.get("/")
async def home() -> Response:
    """Lead to the library."""
    return moved(HOME)


@router.get("/sign-in")
async def sign_in_page() -> Response:
    """Return the page to sign in."""
    return page("sign_in", None, why="", action=f"{PATH}/sign-in", kept=[])


@router.post("/sign-in")
async def signing_in(
    request: Request, form: Annotated[Form, Depends(sent_form)],
    gate: Annotated[Gate, Depends(gate_of)],
) -> Response:
    """Let somebody in who has a key."""
    if not (key := one(form, "key")):
        raise SignInNeeded("Fill in your key.")
    await run_in_threadpool(sign_in, request, gate, key)
    return moved(HOME)


@router.post("/sign-out")
async def sign_out(
    request: Request, curator: Annotated[Curator, Depends(writing_curator)],
) -> Response:
    """Forget the session in this browser."""
    request.state.console_cookie = ""
    return moved(f"{PATH}/sign-in")


@router.get("/coverage")
def coverage(
    request: Request, curator: Annotated[Curator, Depends(reading_curator)],
) -> Response:
    """Show what `agendum library coverage` prints, of the library as the tenant sees it."""
    library = seen_by(request, curator).library
    areas, thin, cells = _map_of(Activities(catalogue_of(request).library))
    targets = standings(library, load_targets(library, LIBRARY_HOME))
    counts = activities_by_topic(library)
    return page(
        "coverage", curator, areas=areas, thin=thin, cells=cells, lengths=LENGTHS, enough=ENOUGH,
        by_area=resources_by_area(library), library=library,
        by_topic=[(topic, count, counts[topic])
                  for topic, count in resources_by_topic(library).items()],
        least={(one.kind, one.name): one.at_least for one in targets},
        short=[one for one in targets if not one.met], targets=len(targets))


@router.get("/feedback")
def feedback(
    request: Request, query: Annotated[Said, Query()],
    curator: Annotated[Curator, Depends(reading_curator)],
    store: Annotated[Store, Depends(store_of)],
) -> Response:
    """Show how many verdicts of each kind resources and activities got."""
    library = seen_by(request, curator).library
    with store.read(curator.caller.tenant_id) as unit:
        tally = unit.feedback.tally()
    tables = {}
    for target in ("resource", "item"):
        rows = [(own, title_of(library, target, own), said)
                for (kind, own), said in tally.items()
                if kind == target and (not query.verdict or query.verdict in said)]
        rows.sort(key=lambda row: (-(row[2][query.verdict] if query.verdict
                                     else sum(row[2].values())), row[1], row[0]))
        tables[target] = rows
    return page("feedback", curator, tables=tables, verdicts=VERDICTS, query=query, most=MOST)


@router.get("/feedback/{target}/{id}")
def said(
    target: Literal["resource", "item"], id: OwnId, request: Request,
    curator: Annotated[Curator, Depends(reading_curator)],
    store: Annotated[Store, Depends(store_of)],
) -> Response:
    """Show what was said about one thing, without who said it; that is noted as read."""
    library = seen_by(request, curator).library
    with store.read(curator.caller.tenant_id) as unit:
        found = unit.feedback.about(target, id, MOST)
    state: Any = request.app.state
    if state.settings.audit_reads:
        store.note(curator.caller.tenant_id, curator.caller.key_id, "read", "feedback", id,
                   str(request.state.request_id))
    return page("said", curator, found=[one.feedback for one in found], target=target, id=id,
                title=title_of(library, target, id), most=MOST)


def title_of(library: Library, target: str, own: str) -> str:
    """Return what a resource or an activity is called; its id where there is none any more."""
    if target == "resource" and own in library.resources:
        return library.resources[own].title
    if target == "item" and own in library.activities:
        return library.activities[own].text["en"].title
    return own


class Activities:
    """A library, the same as another of the same fingerprint; its activities are what counts."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def __hash__(self) -> int:
        return hash(self.library.fingerprint)

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Activities)
                and other.library.fingerprint == self.library.fingerprint)


@lru_cache(maxsize=4)
def _map_of(
    activities: Activities,
) -> tuple[dict[str, list[tuple[str, list[int]]]], int, int]:
    """Return the rows of each focus area, how many cells are thin, and how many there are."""
    cells = cover(activities.library)
    areas: dict[str, list[tuple[str, list[int]]]] = {}
    for (area, kind, relation), numbers in fewest_of(cells).items():
        areas.setdefault(area, []).append((f"{kind}, {relation}".replace("_", " "), numbers))
    return areas, len(thin_of(cells)), len(cells)
