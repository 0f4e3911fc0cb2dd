"""The HTTP application."""

from secrets import token_hex

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.auth import Gate
from api.metrics import Metrics
from api.problems import MEDIA_TYPE, install_problems, problem_schema
from api.requests import RequestFrame
from api.room import Room, computing_routes
from api.routes import (
    agendas,
    curate,
    curate_resources,
    imports,
    jobs,
    links,
    matching,
    operations,
    people,
    policy,
    privacy,
    resources,
    sessions,
)
from api.sharing import warming
from api.tracing import open_tracing
from recommender.agendas.drafting import Drafting
from recommender.catalogue import Catalogue
from recommender.matching.stored_people import StoredPeople
from recommender.settings import Settings, split_secrets
from recommender.storage.store import Store
from recommender.storage.tenant_catalogues import TenantCatalogues
from recommender.version import version

ABOUT = """\
The agenda for the next mentoring session, and the resources worth the time.

Every error is `application/problem+json` (RFC 9457) with a stable `type`; every response carries
`X-Request-Id`, the request's own where it sends a sane one. Request bodies are bounded by 1 MiB.
"""


PLACES = 4
"""Requests that compute at the same time in one process, whose Python runs one thread at once."""


def create_app(
    catalogue: Catalogue, settings: Settings, *, local: bool = True, store: Store | None = None
) -> FastAPI:
    """Return the application over one catalogue, which all its requests share.

    The catalogue's indexes are built in the background when the application starts; /readyz
    says when they are there. The database is opened when a request first needs it.

    Args:
        local: It is served on this machine only.
        store: What is stored; by default the settings' database.
    """
    app = FastAPI(title="Agendum", version=version(), description=ABOUT, docs_url=None,
                  redoc_url=None, lifespan=warming)
    app.state.catalogue = catalogue
    app.state.settings = settings
    app.state.drafting = Drafting()
    app.state.draining = False
    app.state.tracing = open_tracing()
    app.state.metrics = metrics = Metrics()
    app.state.room = Room(places_of(settings), settings.composing_queue,
                          settings.composing_wait_s, metrics)
    opened = store or Store(settings.database_url.get_secret_value())
    app.state.store = opened
    app.state.catalogues = TenantCatalogues(catalogue, opened)
    app.state.waker = None
    app.state.console_secrets = split_secrets(settings.link_secrets) or [token_hex(32)]
    app.state.people = StoredPeople(opened, catalogue)
    app.state.gate = Gate(opened, settings, local=local)
    install_problems(app)
    app.add_middleware(RequestFrame)
    routers = [module.router for module in (
        agendas, sessions, people, imports, matching, resources, jobs, privacy, policy, links,
        operations, curate, curate_resources)]
    for router in routers:
        app.include_router(router)
    app.state.computing = computing_routes(routers)
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]
    return app


def places_of(settings: Settings) -> int:
    """Return how many requests compute at the same time; those that wait for a model are more."""
    if settings.composing is not None:
        return settings.composing
    return PLACES + (settings.llm_concurrency if settings.llm else 0)


def openapi_of(app: FastAPI) -> dict[str, object]:
    """Return the OpenAPI description: FastAPI's, with our problems in place of its errors."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description,
                             routes=app.routes)
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            components.pop(name, None)
        problem = problem_schema()
        components.update(problem.pop("$defs"))
        components["Problem"] = problem
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = {
                    "description": "Any error",
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
        app.openapi_schema = schema
    return app.openapi_schema
