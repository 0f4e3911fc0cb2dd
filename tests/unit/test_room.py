"""Who may in to compute, who may wait, and who is refused at once."""

import asyncio

import pytest

from api.metrics import Metrics
from api.room import Room
from recommender.errors import OverloadedError


class Visitors:
    """Whoever comes to a room as the frame of requests lets them, and what became of them."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.told: list[str] = []

    async def come(self, go: asyncio.Event | None = None) -> None:
        """Take a place, until told to go; or be refused."""
        if self.room.refusal() is not None:
            self.told.append("refused")
            return
        with self.room.visit():
            try:
                async with self.room.place():
                    self.told.append("in")
                    if go is not None:
                        await go.wait()
            except OverloadedError:
                self.told.append("gave up")

    def start(self, go: asyncio.Event | None = None) -> "asyncio.Task[None]":
        """Let somebody come, beside what goes on."""
        return asyncio.create_task(self.come(go))


def counts(metrics: Metrics) -> dict[str, float]:
    """Return the refusals by their reason."""
    value = metrics.registry.get_sample_value
    return {reason: value("agendum_refused_total", {"reason": reason}) or 0
            for reason in ("queue_full", "queue_slow", "waited_too_long")}


def test_the_queue_is_short_and_refuses_quickly() -> None:
    """So many compute, so many wait; one more is refused at once, a waiter after its time."""
    async def run() -> Metrics:
        metrics = Metrics()
        visitors, go = Visitors(Room(1, 1, 0.2, metrics)), asyncio.Event()
        first = visitors.start(go)
        await asyncio.sleep(0)
        waiter = visitors.start()
        await asyncio.sleep(0)
        await visitors.come()
        assert visitors.told == ["in", "refused"]
        await waiter
        assert visitors.told == ["in", "refused", "gave up"]
        go.set()
        await first
        return metrics

    metrics = asyncio.run(run())
    assert counts(metrics) == {"queue_full": 1, "queue_slow": 0, "waited_too_long": 1}
    value = metrics.registry.get_sample_value
    assert value("agendum_composing") == value("agendum_composing_waiting") == 0


@pytest.mark.parametrize(("held", "waiting"), [(0.1, 10), (1.0, 6), (9.0, 0)])
def test_the_queue_is_no_longer_than_places_become_free(held: float, waiting: int) -> None:
    """With two places, held so long of late, as many may wait as get one in three seconds."""
    async def run() -> tuple[Visitors, Metrics]:
        times = iter([0.0, held] * 20 + [0.0] * 40)
        metrics = Metrics()
        visitors = Visitors(Room(2, 10, 6, metrics, clock=lambda: next(times)))
        for _ in range(20):
            await visitors.come()
        go = asyncio.Event()
        tasks = []
        for _ in range(2 + waiting + 5):
            tasks.append(visitors.start(go))
            await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*tasks)
        return visitors, metrics

    visitors, metrics = asyncio.run(run())
    assert visitors.told.count("in") == 20 + 2 + waiting
    assert visitors.told.count("refused") == 5
    assert counts(metrics)["queue_slow"] == (0 if waiting == 10 else 5)


def test_a_room_that_was_slow_takes_in_whoever_finds_a_place() -> None:
    """It learns that it is quick again from them, whatever it thought."""
    async def run() -> list[str]:
        times = iter([0.0, 1000.0] + [0.0] * 60)
        visitors = Visitors(Room(1, 5, 3, Metrics(), clock=lambda: next(times)))
        for _ in range(20):
            await visitors.come()
        return visitors.told

    assert asyncio.run(run()) == ["in"] * 20
