"""Doing the items of bulk jobs: in the API's process over SQLite, in workers over PostgreSQL."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import token_hex

from api.logs import log_of
from api.metrics import Metrics
from api.problems import log_failure
from recommender.bulk import Maker, do_item, give_up
from recommender.errors import StorageError
from recommender.storage.kept_jobs import MAX_ATTEMPTS, Claim, ItemState
from recommender.storage.queue import Queue

MOST_ITEMS, MOST_S = 20, 5.0
"""Of one job before another has its turn, so that a small job does not wait for a large one."""
POLL_S = 2.0
GRACE_S = 25.0

log = log_of("agendum.jobs")


class Worker:
    """Does items of jobs, one claim each, and keeps their leases while it lives."""

    def __init__(self, maker: Maker, metrics: Metrics, lease_s: float) -> None:
        self.name = f"{socket.gethostname()[:40]}.{os.getpid()}.{token_hex(4)}"
        self._maker = maker
        self._metrics = metrics
        self._lease = timedelta(seconds=lease_s)
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()
        self._doing = 0
        self._reachable = True

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()
        self._woken.set()

    async def look(self, tenant_id: str, job_id: str) -> bool:
        """Do some items of a job; return whether there may be more of them.

        Raises:
            StorageError: The database cannot be used.
        """
        until = asyncio.get_running_loop().time() + MOST_S
        for _ in range(MOST_ITEMS):
            if self._stopping.is_set():
                return False
            claim = await asyncio.to_thread(
                self._maker.store.claim, tenant_id, job_id, self.name, self._lease)
            if claim is None:
                return False
            await self._do(claim)
            if asyncio.get_running_loop().time() >= until:
                break
        return True

    async def run(self) -> None:
        """Do what there is to do in any job, in turn, until stopped."""
        while not self._stopping.is_set():
            self._woken.clear()
            if not await self._round():
                try:
                    async with asyncio.timeout(POLL_S):
                        await self._woken.wait()
                except TimeoutError:
                    continue

    async def open_jobs(self) -> list[tuple[str, str]]:
        """Return the jobs in which something waits; none where the database cannot be used."""
        try:
            found = await asyncio.to_thread(self._maker.store.open_jobs)
        except StorageError:
            if self._reachable:
                log.warning("jobs wait for a database", worker=self.name)
            self._reachable = False
            return []
        self._reachable = True
        self._metrics.open_jobs.set(len(found))
        return found

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Keep the leases of what is being done, as long as this process does it."""
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _round(self) -> bool:
        """Give each job its turn; return whether any of them may have more."""
        more = False
        try:
            await asyncio.to_thread(self._maker.store.scrub_later)
        except StorageError as error:
            log_failure(error, "scrubbing")
        for tenant_id, job_id in await self.open_jobs():
            try:
                more |= await self.look(tenant_id, job_id)
            except StorageError as error:
                log_failure(error, job_id)
        return more

    async def _do(self, claim: Claim) -> None:
        self._doing += 1
        try:
            state = await self._done(claim)
        finally:
            self._doing -= 1
        self._metrics.job_items.labels(state or "lost").inc()
        log.info("item", tenant_id=claim.tenant_id, job_id=claim.job_id, state=state or "lost",
                 worker=self.name, count=claim.attempt)

    async def _done(self, claim: Claim) -> ItemState | None:
        try:
            if claim.attempt > MAX_ATTEMPTS:
                return await asyncio.to_thread(
                    give_up, self._maker.store, claim,
                    f"the worker ended at this {MAX_ATTEMPTS} times")
            return await do_item(self._maker, claim)
        except StorageError:
            raise
        except Exception as error:
            # The outermost frame of an item: a defect fails this item, and the others go on.
            log_failure(error, claim.job_id)
            return await asyncio.to_thread(give_up, self._maker.store, claim, "internal-error")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            if not self._doing:
                continue
            try:
                await asyncio.to_thread(self._maker.store.renew, self.name, self._lease)
            except StorageError as error:
                log_failure(error, self.name)


class Waker:
    """Tells whoever does jobs that there is one: this process, or workers by the queue."""

    def __init__(self, worker: Worker | None, queue: Queue | None) -> None:
        self._worker = worker
        self._queue = queue

    async def wake(self, tenant_id: str, job_id: str, items: int) -> None:
        """Tell them; where the queue cannot be told now, workers find the job by themselves."""
        if self._worker is not None:
            self._worker.wake()
        if self._queue is not None:
            try:
                await self._queue.wake(tenant_id, job_id, min(8, 1 + items // MOST_ITEMS))
            except StorageError as error:
                log_failure(error, job_id)

    async def aclose(self) -> None:
        """Close what was opened for it."""
        if self._queue is not None:
            await self._queue.aclose()


@asynccontextmanager
async def working_here(worker: Worker, concurrency: int) -> AsyncIterator[None]:
    """Do jobs in this process meanwhile; what is being done at the end is finished."""
    tasks = [asyncio.create_task(worker.run()) for _ in range(concurrency)]
    try:
        async with worker.beating():
            yield
            worker.stop()
            await asyncio.wait(tasks, timeout=GRACE_S)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def work_for_queue(url: str, worker: Worker, concurrency: int) -> None:
    """Do jobs as the queue says until the process is told to end, and look for lost ones.

    Raises:
        StorageError: The database cannot be used.
    """
    async def look(tenant_id: str, job_id: str) -> None:
        try:
            if await worker.look(tenant_id, job_id):
                await queue.wake_once(tenant_id, job_id)
        except StorageError as error:
            log_failure(error, job_id)

    async def find_lost() -> None:
        while True:
            try:
                for tenant_id, job_id in await worker.open_jobs():
                    await queue.wake_once(tenant_id, job_id)
            except StorageError as error:
                log_failure(error, "queue")
            await asyncio.sleep(POLL_S)

    queue = Queue(url, look)
    finding = asyncio.create_task(find_lost())
    try:
        async with worker.beating():
            await queue.work(worker.name, concurrency, GRACE_S)
    finally:
        finding.cancel()
        await asyncio.wait([finding])
        await queue.aclose()
