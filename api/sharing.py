"""What all requests share: one catalogue, its indexes built once, in the background."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, Request

from api.auth import Caller, anybody
from api.drafting import open_drafting
from api.metered import MeteredModel
from api.metrics import Metrics
from api.problems import log_failure
from api.working import Waker, Worker, working_here
from content_library.load import Library
from recommender.agendas.drafting import Drafting
from recommender.agendas.generate import compose_case
from recommender.bulk import Maker
from recommender.catalogue import Catalogue
from recommender.domain.base import LANGUAGES, Written
from recommender.domain.case import Case
from recommender.matching.stored_people import StoredPeople
from recommender.retrieval.language import detect_language
from recommender.storage.queue import Queue, uses_queue
from recommender.storage.tenant_catalogues import TenantCatalogues


def catalogue_of(request: Request) -> Catalogue:
    """Return the application's catalogue."""
    catalogue = request.app.state.catalogue
    assert isinstance(catalogue, Catalogue)
    return catalogue


def tenant_catalogue_of(
    request: Request, caller: Annotated[Caller | None, Depends(anybody)]
) -> Catalogue:
    """Return the catalogue as the caller's tenant sees it; the shipped one without a key."""
    catalogues: TenantCatalogues = request.app.state.catalogues
    return catalogues.of(None if caller is None else caller.tenant_id)


def people_of(request: Request) -> StoredPeople:
    """Return the application's people, ready to be matched."""
    people = request.app.state.people
    assert isinstance(people, StoredPeople)
    return people


def drafting_of(request: Request) -> Drafting:
    """Return how the application makes drafts; without a model where none is set."""
    drafting = request.app.state.drafting
    assert isinstance(drafting, Drafting)
    return drafting


def metrics_of(request: Request) -> Metrics:
    """Return the application's measures."""
    metrics = request.app.state.metrics
    assert isinstance(metrics, Metrics)
    return metrics


def warm(catalogue: Catalogue) -> None:
    """Build every index of a catalogue, open its encoder, and compose an agenda per language.

    Afterwards requests only read what they share, but for the encoder's memory, which has a
    lock of its own; so threads may share the catalogue. Nor does memory grow after that but by
    what caches hold, which are bounded.
    """
    catalogue.resources  # noqa: B018
    catalogue.hand_off_rules  # noqa: B018
    catalogue.known_words  # noqa: B018
    for language in LANGUAGES:
        catalogue.activities(language)
    catalogue.encoder.encode_queries(["ready"])
    detect_language("long enough for the model of languages to be read")
    for language in LANGUAGES:
        compose_case(first_case(catalogue.library, language), catalogue)


def first_case(library: Library, language: Written) -> Case:
    """Return a case that needs whatever composing reads, in a programme of its own.

    What it says is a label of the library, whose vector is known.
    """
    text = next(iter(library.topics.values())).text[language].label
    return Case.model_validate({
        "programme": {"id": "warming", "name": "Warming", "purpose": text, "success": text,
                      "intake": "evergreen", "relation": "mentor", "sessions": None,
                      "languages": [language]},
        "members": [
            {"role": role, "profile": {"id": role, "roles": [role], "languages": [language],
                                       "goals": [{"id": "g1", "text": text}]}}
            for role in ("mentee", "mentor")],
        "session": {"number": 3, "minutes": 45, "language": language},
        "history": [{"number": 2, "notes": text}],
    })


@asynccontextmanager
async def warming(app: FastAPI) -> AsyncIterator[None]:
    """Warm the catalogue in a thread while the application already answers /healthz.

    The language model is opened before, so that a wrong setting stops the start.
    """
    async with open_drafting(app.state.settings) as drafting:
        if drafting.model is not None:
            metered = MeteredModel(drafting.model, app.state.metrics, app.state.tracing)
            drafting = replace(drafting, model=metered)
        app.state.drafting = drafting
        task = asyncio.create_task(asyncio.to_thread(warm, app.state.catalogue))
        task.add_done_callback(_report)
        app.state.warming = task
        try:
            async with doing_jobs(app):
                yield
        finally:
            task.cancel()
            await asyncio.to_thread(app.state.tracing.close)
            await asyncio.to_thread(app.state.store.close)


@asynccontextmanager
async def doing_jobs(app: FastAPI) -> AsyncIterator[None]:
    """Do bulk jobs in this process meanwhile, or, over PostgreSQL, wake the workers that do."""
    state, settings = app.state, app.state.settings
    url = state.store.engine.url.render_as_string(hide_password=False)
    if uses_queue(url):
        state.waker = Waker(None, Queue(url))
        try:
            yield
        finally:
            await state.waker.aclose()
        return
    maker = Maker(state.store, state.catalogues.of, lambda: state.drafting,
                  state.metrics.count_agenda)
    worker = Worker(maker, state.metrics, settings.job_lease_s)
    state.waker = Waker(worker, None)
    async with working_here(worker, settings.job_concurrency):
        yield


def readiness_of(app: FastAPI) -> Literal["ready", "warming", "failed", "draining"]:
    """Return how far warming is."""
    if app.state.draining:
        return "draining"
    task: asyncio.Task[None] | None = getattr(app.state, "warming", None)
    if task is None or not task.done():
        return "warming"
    return "failed" if task.cancelled() or task.exception() else "ready"


def _report(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log_failure(error, "warming")
