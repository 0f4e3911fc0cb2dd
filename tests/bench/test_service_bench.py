"""The service under load over loopback: rates, times, errors, memory; overload and recovery.

BENCH_SECONDS sets how long the load lasts: 300 for a figure of record, 20 by default.
"""

import asyncio
import itertools
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import pytest
from callers import Answer, Call, press, told
from serving import Server, served
from shipped import read_examples
from small_tenant import key_for

from content_library.load import Library
from recommender.domain.profile import Profile
from recommender.storage.migrate import upgrade
from recommender.storage.store import Store

pytestmark = pytest.mark.bench
NEW, KNOWN, SUGGESTIONS = "agendas, new words", "agendas, known words", "suggestions"
KINDS = (NEW, KNOWN, NEW, KNOWN, SUGGESTIONS)
WRITTEN = frozenset({"text", "notes", "headline", "bio"})
LISTED = frozenset({"skills_wanted", "skills_offered"})
SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "20000"))
CALLERS = 4
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


class Loaded(NamedTuple):
    """A server with people, a key, and what it is asked."""

    server: Server
    headers: dict[str, str]
    call: Callable[[], Call]

    def press(
        self, callers: int, seconds: float, *, patient: bool = True, only: str | None = None,
    ) -> list[Answer]:
        """Return the answers to so many callers; `only` asks for one kind."""
        def call() -> Call:
            return next(one for one in iter(self.call, None) if only in (None, one.kind))

        return asyncio.run(press(self.server.url, self.headers, call, callers, seconds,
                                 patient=patient))


@pytest.fixture(scope="module")
def loaded(
    tmp_path_factory: pytest.TempPathFactory, library: Library,
) -> Iterator[Loaded]:
    """Return a server over SQLite with all those people, its index built, its cases known."""
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
    environment = {"AGENDUM_DATABASE_URL": url, "AGENDUM_RATE_LIMIT": "100000000/second",
                   "OMP_NUM_THREADS": str(os.cpu_count())}  # as where nobody sets it
    with served(environment, folder) as server:
        started = time.perf_counter()
        while (answer := httpx.get(  # 503 while the tenant's people are being encoded
            f"{server.url}/v1/profiles/p-000000/mentor-suggestions", headers=headers,
            timeout=3000)).status_code == 503:
            time.sleep(1)
        answer.raise_for_status()
        print(f"\nfirst suggestion among {PEOPLE} people, all encoded: "
              f"{time.perf_counter() - started:.1f} s")
        for case in read_examples().values():
            httpx.post(f"{server.url}/v1/agendas", headers=headers, timeout=60,
                       json=case.model_dump(mode="json", by_alias=True)).raise_for_status()
        found = Loaded(server, headers, calls())
        found.press(CALLERS, 20, only=SUGGESTIONS)  # until the process has its size
        yield found


def memory_mb(server: Server) -> tuple[float, float]:
    """Return the server's resident memory, and the part of it that is not pages of files."""
    lines = Path(f"/proc/{server.popen.pid}/status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return int(status["VmRSS"].split()[0]) / 1024, int(status["RssAnon"].split()[0]) / 1024


def calls() -> Callable[[], Call]:
    """Return what gives the next request: a new agenda, one whose words are known, a suggestion.

    A text is encoded once by a process. In a new case every text is new, as no two callers write
    the same; known is what comes again: a second form of an agenda, an edit, another session.
    """
    cases = [one.model_dump(mode="json", by_alias=True) for one in read_examples().values()]
    numbers = itertools.count()

    def call() -> Call:
        number = next(numbers)
        kind = KINDS[number % len(KINDS)]
        if kind == SUGGESTIONS:
            own = f"p-{number * 37 % PEOPLE // 3 * 3:06d}"
            return Call(kind, "GET", f"/v1/profiles/{own}/mentor-suggestions")
        case = cases[number // len(KINDS) % len(cases)]
        if kind == NEW:
            case = renewed(case, word_of(number))
        return Call(kind, "POST", "/v1/agendas", json.dumps(case).encode())

    return call


def renewed(value: Any, word: str) -> Any:
    """Return the same document with a word more in every sentence that people wrote."""
    def with_word(text: str) -> str:
        return re.sub(r"(?<=\w)(?=[.?!](\s|$))", f" {word}", f"{text} {word}")

    if isinstance(value, list):
        return [renewed(one, word) for one in value]
    if isinstance(value, dict):
        return {key: with_word(one) if key in WRITTEN and isinstance(one, str)
                else [with_word(each) for each in one] if key in LISTED
                else renewed(one, word) for key, one in value.items()}
    return value


def word_of(number: int) -> str:
    """Return a word that no other number has."""
    letters = ""
    while number:
        number, at = divmod(number, 26)
        letters += chr(ord("a") + at)
    return f"zw{letters}"


def test_steady_load(
    loaded: Loaded, capsys: pytest.CaptureFixture[str],
) -> None:
    """Stateless composed agendas and suggestions, by callers who never pause."""
    loaded.press(CALLERS, max(10, SECONDS / 5))
    before, own_before = memory_mb(loaded.server)
    answers = loaded.press(CALLERS, SECONDS)
    after, own = memory_mb(loaded.server)
    with capsys.disabled():
        print(f"\n{CALLERS} callers for {SECONDS:.0f} s, {PEOPLE} profiles, "
              f"load of the machine {os.getloadavg()[0]:.1f}")
        for name in (NEW, KNOWN, SUGGESTIONS):
            print(told(name, [one for one in answers if one.kind == name], SECONDS))
        print(f"memory {before:.0f} MB, {after:.0f} MB at the end: {after / before - 1:+.1%}; "
              f"without pages of files {own_before:.0f} MB, {own:.0f} MB")
    assert all(one.status == 200 for one in answers)
    assert after / before < 1.1


@pytest.mark.parametrize("patient", [True, False], ids=["patient", "impatient"])
def test_overload_is_refused_and_passes(
    loaded: Loaded, capsys: pytest.CaptureFixture[str], patient: bool,
) -> None:
    """A crowd gets answers or a quick 503, also where it asks again at once; then it passes."""
    seconds, seen = min(SECONDS, 30), len(loaded.server.lines())
    answers = loaded.press(CROWD, seconds, patient=patient)
    refused = [one.seconds * 1000 for one in answers if one.status == 503]
    own = [one["ms"] for one in loaded.server.lines()[seen:] if one.get("status") == 503]
    after = loaded.press(1, 5)
    with capsys.disabled():
        print(f"\n{CROWD} {'patient' if patient else 'impatient'} callers for {seconds:.0f} s, "
              f"load of the machine {os.getloadavg()[0]:.1f}: "
              f"{dict(Counter(one.status for one in answers))}\n"
              f"refusals: {spread(refused)}; by the server's own clock {spread(own)}")
        print(told("answered meanwhile", [one for one in answers if one.status == 200], seconds))
        print(told("one caller afterwards", after, 5))
    assert {one.status for one in answers} <= {200, 503}
    assert refused
    assert {one.status for one in after} == {200}


def spread(times: list[float]) -> str:
    return "p50 {:.0f} ms, p95 {:.0f} ms, p99 {:.0f} ms".format(
        *np.percentile(times, (50, 95, 99)))
