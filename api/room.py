"""Room to compute in: so many at a time, a short queue, and a quick no to everybody else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from time import perf_counter

from fastapi import APIRouter, Request
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from api.metrics import Metrics
from recommender.errors import OverloadedError

LATELY = 8
"""Requests over which the time that a place is held is averaged, the last of them the most."""


class Room:
    """A number of places, and a queue for them that is bounded in length and in time.

    Whoever would wait too long is told so when they come, by how long places were held of late.

    Args:
        places: Requests that compute at the same time.
        queue: Requests that may wait; one more is refused at once.
        wait_s: Seconds after which one that waited is refused too; one that is expected to wait
            more than half of that is refused at once.
        clock: Seconds, rising.
    """

    def __init__(self, places: int, queue: int, wait_s: float, metrics: Metrics,
                 clock: Callable[[], float] = perf_counter) -> None:
        self._free = asyncio.Semaphore(places)
        self._places = places
        self._queue = queue
        self._wait_s = wait_s
        self._inside = 0
        self._held_s = 0.0
        self._held = 0
        self._metrics = metrics
        self._clock = clock
        self._retry_after_s = max(1, round(wait_s))

    def refusal(self) -> OverloadedError | None:
        """Return why whoever comes now is refused, and count it; null where they may in."""
        before = self._inside - self._places
        if before < 0:
            return None
        if before >= self._queue:
            return self._refused("queue_full")
        if (before + 1) * self._held_s / self._places > self._wait_s / 2:
            return self._refused("queue_slow")
        return None

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Count a request that may in until its response is sent."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Give a place to a visitor.

        Raises:
            OverloadedError: Nothing became free in time.
        """
        await self._wait()
        self._metrics.composing.inc()
        started = self._clock()
        try:
            yield
        finally:
            self._held = min(self._held + 1, LATELY)
            self._held_s += (self._clock() - started - self._held_s) / self._held
            self._metrics.composing.dec()
            self._free.release()

    async def _wait(self) -> None:
        self._metrics.waiting.inc()
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise self._refused("waited_too_long") from None
        finally:
            self._metrics.waiting.dec()

    def _refused(self, reason: str) -> OverloadedError:
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
