"""Callers of a server, light enough to leave it the machine: plain HTTP/1.1 over asyncio."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np


@dataclass(frozen=True)
class Call:
    """One request to make; `kind` is what its answer is counted under."""

    kind: str
    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the seconds to the last byte, how long to stay away."""

    kind: str
    status: int
    seconds: float
    retry_after_s: int


async def press(
    url: str, headers: Mapping[str, str], call: Callable[[], Call], callers: int, seconds: float,
    *, patient: bool = True,
) -> list[Answer]:
    """Return the answers to as many callers, each of whom asks again when it is answered.

    Args:
        call: Returns the next request.
        patient: Whoever is refused stays away as long as Retry-After says.
    """
    place = urlsplit(url)
    common = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    until = time.perf_counter() + seconds
    answers: list[Answer] = []

    async def caller() -> None:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while time.perf_counter() < until:
            one = call()
            started = time.perf_counter()
            kind = "Content-Type: application/json\r\n" if one.body else ""
            writer.write((f"{one.method} {one.path} HTTP/1.1\r\nHost: {place.netloc}\r\n{common}"
                          f"{kind}Content-Length: {len(one.body)}\r\n\r\n").encode() + one.body)
            status, told = await read_answer(reader)
            wait = int(told.get("retry-after", "0"))
            answers.append(Answer(one.kind, status, time.perf_counter() - started, wait))
            if patient and wait:
                await asyncio.sleep(min(wait, max(0.0, until - time.perf_counter())))
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*[caller() for _ in range(callers)])
    return answers


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Return the status and the headers of an answer whose length is told; its body is read."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (
        line.partition(":") for line in lines if line)}
    await reader.readexactly(int(headers["content-length"]))
    return int(first.split()[1]), headers


def told(name: str, answers: list[Answer], seconds: float) -> str:
    """Return a line of figures."""
    if not answers:
        return f"{name}: none"
    p50, p95, p99 = np.percentile([one.seconds * 1000 for one in answers], (50, 95, 99))
    errors = sum(one.status != 200 for one in answers)
    return (f"{name}: {len(answers)} answers, {len(answers) / seconds:.1f}/s, p50 {p50:.0f} ms, "
            f"p95 {p95:.0f} ms, p99 {p99:.0f} ms, {errors} errors")
