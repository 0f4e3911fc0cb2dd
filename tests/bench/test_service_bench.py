"""The service under load over loopback: rates, times, errors, memory; overload and recovery.

BENCH_SECONDS sets how long the load lasts: 300 for a figure of record, 20 by default.
"""

import asyncio
import itertools
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from serving import Server, served
from shipped import read_examples
from small_tenant import key_for

from content_library.load import Library
from recommender.domain.profile import Profile
from recommender.storage.migrate import upgrade
from recommender.storage.store import Store

pytestmark = pytest.mark.bench
SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "20000"))
CALLERS = 8
CROWD = 200
VOCABULARY, VOICES = 120, 200


def people(library: Library) -> list[Profile]:
    """Return people of whom many say the same, so that encoding them is short.

    Each person's whole text is encoded once, about a tenth of a second; 20,000 take half an hour.
    """
    draw = np.random.default_rng(7)
    texts = [text for one in library.activities.values() for text in one.text["en"].situations]
    texts = texts[:VOCABULARY]
    labels = [one.text["en"].label for one in library.topics.values()]

    def some(of: list[str], number: int) -> list[str]:
        return list(dict.fromkeys(of[at] for at in draw.integers(0, len(of), number)))

    said = [{
        "headline": some(texts, 1)[0], "skills_offered": some(labels, 3),
        "skills_wanted": some(labels, 2), "goals": [{"id": "g1", "text": some(texts, 1)[0]}],
        "level": int(draw.integers(1, 8)), "function": f"f{draw.integers(12)}",
    } for _ in range(VOICES)]
    return [Profile.model_validate({
        "id": f"p-{at:06d}", "roles": ["mentor" if at % 3 else "mentee"], "languages": ["en"],
        "capacity": int(draw.integers(1, 6)), **said[at % VOICES],
    }) for at in range(PEOPLE)]


@pytest.fixture(scope="module")
def loaded(
    tmp_path_factory: pytest.TempPathFactory, library: Library,
) -> Iterator[tuple[Server, dict[str, str]]]:
    """Return a server over SQLite with all those people, its index built, and a key."""
    folder = tmp_path_factory.mktemp("bench")
    url = f"sqlite:///{folder / 'bench.db'}"
    upgrade(url)
    store = Store(url)
    everybody = people(library)
    for start in range(0, len(everybody), 2000):
        with store.write("acme") as unit:
            for one in everybody[start : start + 2000]:
                unit.put_profile(one)
    headers = key_for(store)
    store.close()
    environment = {"AGENDUM_DATABASE_URL": url, "AGENDUM_RATE_LIMIT": "100000000/second"}
    with served(environment, folder) as server:
        started = time.perf_counter()
        while (answer := httpx.get(  # 503 while the tenant's people are being encoded
            f"{server.url}/v1/profiles/p-000000/mentor-suggestions", headers=headers,
            timeout=3000)).status_code == 503:
            time.sleep(1)
        answer.raise_for_status()
        print(f"\nfirst suggestion among {PEOPLE} people, all encoded: "
              f"{time.perf_counter() - started:.1f} s")
        yield server, headers


def memory_mb(server: Server) -> float:
    """Return the resident memory of the server's process."""
    status = Path(f"/proc/{server.popen.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
               ) / 1024


async def press(
    url: str, headers: dict[str, str], callers: int, seconds: float
) -> dict[str, list[tuple[int, float]]]:
    """Return status and seconds of every answer by kind: four agendas to one suggestion."""
    cases = itertools.cycle([one.model_dump(mode="json", by_alias=True)
                             for one in read_examples().values()])
    numbers = itertools.count()
    until = time.perf_counter() + seconds
    answers: dict[str, list[tuple[int, float]]] = {"agendas": [], "suggestions": []}

    async def call(client: httpx.AsyncClient) -> None:
        while time.perf_counter() < until:
            number = next(numbers)
            kind = "suggestions" if number % 5 == 4 else "agendas"
            started = time.perf_counter()
            if kind == "agendas":
                answer = await client.post(f"{url}/v1/agendas", json=next(cases))
            else:
                own = f"p-{number * 37 % PEOPLE // 3 * 3:06d}"
                answer = await client.get(f"{url}/v1/profiles/{own}/mentor-suggestions")
            answers[kind].append((answer.status_code, time.perf_counter() - started))

    limits = httpx.Limits(max_connections=callers)
    async with httpx.AsyncClient(headers=headers, timeout=60, limits=limits) as client:
        await asyncio.gather(*[call(client) for _ in range(callers)])
    return answers


def told(name: str, answers: list[tuple[int, float]], seconds: float) -> str:
    times = np.array([took for _, took in answers]) * 1000
    p50, p95, p99 = np.percentile(times, (50, 95, 99))
    errors = sum(status != 200 for status, _ in answers)
    return (f"{name}: {len(answers)} answers, {len(answers) / seconds:.1f}/s, p50 {p50:.0f} ms, "
            f"p95 {p95:.0f} ms, p99 {p99:.0f} ms, {errors} errors")


def test_steady_load(
    loaded: tuple[Server, dict[str, str]], capsys: pytest.CaptureFixture[str],
) -> None:
    """Stateless composed agendas and suggestions, as many callers as there are places."""
    server, headers = loaded
    asyncio.run(press(server.url, headers, CALLERS, max(5, SECONDS / 5)))
    before = memory_mb(server)
    answers = asyncio.run(press(server.url, headers, CALLERS, SECONDS))
    after = memory_mb(server)
    with capsys.disabled():
        print(f"\n{CALLERS} callers for {SECONDS:.0f} s, {PEOPLE} profiles, "
              f"load of the machine {os.getloadavg()[0]:.1f}")
        for name, own in answers.items():
            print(told(name, own, SECONDS))
        print(f"memory {before:.0f} MB, {after:.0f} MB at the end: {after / before - 1:+.1%}")
    assert all(status == 200 for own in answers.values() for status, _ in own)
    assert after / before < 1.1


def test_overload_is_refused_and_passes(
    loaded: tuple[Server, dict[str, str]], capsys: pytest.CaptureFixture[str],
) -> None:
    """A crowd gets answers or a quick 503; afterwards everything is as before."""
    server, headers = loaded
    seconds = min(SECONDS, 30)
    answers = asyncio.run(press(server.url, headers, CROWD, seconds))
    every = [one for own in answers.values() for one in own]
    refused = [took for status, took in every if status == 503]
    with httpx.Client(headers=headers, timeout=60) as client:
        case: Any = next(iter(read_examples().values())).model_dump(mode="json", by_alias=True)
        after = [client.post(f"{server.url}/v1/agendas", json=case) for _ in range(5)]
    with capsys.disabled():
        print(f"\n{CROWD} callers for {seconds:.0f} s: {dict(Counter(s for s, _ in every))}; "
              f"refusals p50 {np.percentile(refused, 50) * 1000:.0f} ms, "
              f"p95 {np.percentile(refused, 95) * 1000:.0f} ms; afterwards "
              f"{max(one.elapsed.total_seconds() for one in after) * 1000:.0f} ms at most")
    assert {status for status, _ in every} <= {200, 503}
    assert refused
    assert [one.status_code for one in after] == [200] * 5
