"""Room to compute in: so many at a time, a short queue, and a quick no to everybody else."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, Request
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

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

    @property
    def is_full(self) -> bool:
        """Return whether whoever comes now is refused at once."""
        return self._free.locked() and self._waiting >= self._queue

    def refusal(self) -> OverloadedError:
        """Return the refusal of somebody who found the queue full, and count it."""
        return self._refusal("queue_full")

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
        if self.is_full:
            raise self.refusal()
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


def computing_routes(routers: Iterable[APIRouter]) -> list[BaseRoute]:
    """Return the routes that take a place."""
    return [route for router in routers for route in router.routes if any(
        one.dependency is place_to_compute for one in getattr(route, "dependencies", []))]


def computing_route(routes: Sequence[BaseRoute], scope: Scope) -> BaseRoute | None:
    """Return the one of these routes that a request goes to."""
    return next((one for one in routes if one.matches(scope)[0] is Match.FULL), None)


async def place_to_compute(request: Request) -> AsyncIterator[None]:
    """Hold a place of the application's room until the response is sent; a dependency of paths."""
    room = request.app.state.room
    assert isinstance(room, Room)
    async with room.place():
        yield
