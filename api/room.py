"""Room to compute in: so many at a time, a short queue, and a quick no to everybody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from api.metrics import Metrics
from recommender.errors import OverloadedError


class Room:
    """A number of places, and a queue for them that is bounded in length and in time.

    Args:
        places: Requests that compute at the same time.
        queue: Requests that may wait; one more is refused at once.
        wait_s: Seconds after which one that waited is refused too.
    """

    def __init__(self, places: int, queue: int, wait_s: float, metrics: Metrics) -> None:
        self._free = asyncio.Semaphore(places)
        self._queue = queue
        self._wait_s = wait_s
        self._waiting = 0
        self._metrics = metrics
        self._retry_after_s = max(1, round(wait_s))

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Give a place.

        Raises:
            OverloadedError: The queue is full, or nothing became free in time.
        """
        await self._enter()
        self._metrics.composing.inc()
        try:
            yield
        finally:
            self._metrics.composing.dec()
            self._free.release()

    async def _enter(self) -> None:
        if self._free.locked() and self._waiting >= self._queue:
            raise self._refusal("queue_full")
        self._waiting += 1
        self._metrics.waiting.inc()
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise self._refusal("waited_too_long") from None
        finally:
            self._waiting -= 1
            self._metrics.waiting.dec()

    def _refusal(self, reason: str) -> OverloadedError:
        self._metrics.refused.labels(reason).inc()
        return OverloadedError(
            "As much is being computed as this process can; ask again after the seconds that "
            "Retry-After says.", self._retry_after_s)


async def place_to_compute(request: Request) -> AsyncIterator[None]:
    """Hold a place of the application's room until the response is sent; a dependency of paths."""
    room = request.app.state.room
    assert isinstance(room, Room)
    async with room.place():
        yield
