"""A process that does nothing but bulk jobs."""

import asyncio
from dataclasses import replace

from api.drafting import open_drafting
from api.logs import log_of
from api.metered import MeteredModel
from api.metrics import Metrics, serve_metrics
from api.sharing import warm
from api.tracing import open_tracing
from api.working import Worker, work_for_queue
from recommender.bulk import Maker
from recommender.catalogue import Catalogue
from recommender.settings import Settings
from recommender.storage.store import Store
from recommender.storage.tenant_catalogues import TenantCatalogues

log = log_of("agendum.worker")


async def run_worker(
    catalogue: Catalogue, settings: Settings, metrics_port: int | None = None
) -> None:
    """Do jobs until the process is told to end; what is under way is finished.

    Raises:
        StorageError: The database cannot be used.
    """
    url = settings.database_url.get_secret_value()
    store, metrics, tracing = Store(url), Metrics(), open_tracing()
    if metrics_port is not None:
        serve_metrics(metrics, metrics_port)
    catalogues = TenantCatalogues(catalogue, store)
    try:
        async with open_drafting(settings) as drafting:
            if drafting.model is not None:
                drafting = replace(
                    drafting, model=MeteredModel(drafting.model, metrics, tracing))
            opened = drafting
            await asyncio.to_thread(warm, catalogue)
            worker = Worker(
                Maker(store, catalogues.of, lambda: opened, metrics.count_agenda), metrics,
                settings.job_lease_s)
            log.info("worker ready", worker=worker.name)
            await work_for_queue(url, worker, settings.job_concurrency)
    finally:
        store.close()
        await asyncio.to_thread(tracing.close)
    log.info("worker stopped")
