"""Wake-ups for workers, over PostgreSQL by Procrastinate. The sole import of procrastinate.

What is to be done, and what is done, stands in the tables `jobs` and `job_items`. A task of
Procrastinate only says "look at this job": losing one delays, having one twice does nothing.
So its tables live in a schema of their own that can be dropped and made again at any time, which
is what an upgrade of Procrastinate does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from recommender.errors import StorageError
from recommender.storage.engine import open_engine, transaction

if TYPE_CHECKING:
    from procrastinate import App
    from psycopg_pool import AsyncConnectionPool

SCHEMA = "agendum_queue"
QUEUE = "agendum"
TASK = "agendum.look_at_job"
POLL_S = 5.0
WAIT_S, CONNECTIONS = 10.0, 4
LOCK = 7240272

Look = Callable[[str, str], Awaitable[None]]
"""Does some items of a tenant's job."""


def uses_queue(url: str) -> bool:
    """Return whether workers of their own do the jobs of a database, and not the API's process."""
    return make_url(url).get_backend_name() == "postgresql"


def prepare_queue(url: str) -> bool:
    """Make Procrastinate's tables, anew where another version of it made them; return if so.

    Raises:
        StorageError: The database cannot be used.
    """
    from procrastinate.schema import SchemaManager

    if not uses_queue(url):
        return False
    wanted = f"procrastinate {version('procrastinate')}"
    engine = open_engine(url)
    try:
        with transaction(engine, writes=True) as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            made_by = connection.exec_driver_sql(
                "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace "
                f"WHERE nspname = '{SCHEMA}'").scalar()
            if made_by == wanted:
                return False
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
            connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
            driver = connection.connection.driver_connection
            if driver is None:
                raise StorageError("the connection to the database was lost")
            driver.execute(SchemaManager.get_schema())
            connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{wanted}'")
    finally:
        engine.dispose()
    return True


class Queue:
    """Procrastinate over one database, opened when it is first needed.

    Args:
        look: Run for each wake-up by a worker; null in a process that only wakes others.
    """

    def __init__(self, url: str, look: Look | None = None) -> None:
        self._app = _app(look)
        self._address = make_url(url).set(drivername="postgresql").render_as_string(
            hide_password=False)
        self._pool: AsyncConnectionPool | None = None
        self._opening = asyncio.Lock()

    async def wake(self, tenant_id: str, job_id: str, times: int = 1) -> None:
        """Tell up to so many workers to look at a job.

        Raises:
            StorageError: The database cannot be used.
        """
        async with _telling():
            await self._open()
            deferrer = self._app.configure_task(TASK, queue=QUEUE)
            for _ in range(times):
                await deferrer.defer_async(tenant_id=tenant_id, job_id=job_id)

    async def wake_once(self, tenant_id: str, job_id: str) -> None:
        """Tell a worker to look at a job, unless one is told already and has not begun.

        Raises:
            StorageError: The database cannot be used.
        """
        from procrastinate.exceptions import AlreadyEnqueued

        async with _telling():
            await self._open()
            try:
                await self._app.configure_task(
                    TASK, queue=QUEUE, queueing_lock=f"{tenant_id} {job_id}",
                ).defer_async(tenant_id=tenant_id, job_id=job_id)
            except AlreadyEnqueued:
                return

    async def work(self, name: str, concurrency: int, grace_s: float) -> None:
        """Look at jobs until the process is told to end; what is under way has its grace.

        Raises:
            StorageError: The database cannot be used.
        """
        async with _telling():
            await self._open()
            await self._app.run_worker_async(
                queues=[QUEUE], name=name, concurrency=concurrency, delete_jobs="always",
                fetch_job_polling_interval=POLL_S, shutdown_graceful_timeout=grace_s)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _open(self) -> None:
        from psycopg_pool import AsyncConnectionPool

        async with self._opening:
            if self._pool is not None:
                return
            pool = AsyncConnectionPool(
                self._address, min_size=1, max_size=CONNECTIONS, timeout=WAIT_S, open=False,
                check=AsyncConnectionPool.check_connection,
                kwargs={"options": f"-c search_path={SCHEMA}"})
            try:
                await pool.open(wait=True, timeout=WAIT_S)
            except BaseException:
                await pool.close()
                raise
            await self._app.open_async(pool)
            self._pool = pool


def _app(look: Look | None) -> "App":
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector())
    if look is not None:
        found = look

        async def look_at_job(tenant_id: str, job_id: str) -> None:
            await found(tenant_id, job_id)

        app.task(name=TASK, queue=QUEUE)(look_at_job)
    return app


@asynccontextmanager
async def _telling() -> AsyncIterator[None]:
    """Turn what Procrastinate and its pool say into an error of ours."""
    from procrastinate.exceptions import ProcrastinateException
    from psycopg import Error
    from psycopg_pool import PoolTimeout

    try:
        yield
    except (ProcrastinateException, Error, PoolTimeout) as error:
        raise StorageError(f"the queue cannot be used ({type(error).__name__}); is the database "
                           "there, and was `agendum db upgrade` run?") from error
