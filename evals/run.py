"""Run suites: every case made, every metric asked, and all of it written so that it can be read.

A run is a folder: `run.json` says what it was made of, `cases.jsonl` holds each case with what
came of it and its figures, `summary.json` the figures over all. docs/evals.md has the fields.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from evals.cases import EvalCase, load_suite
from evals.make import Compose, Failed, Progress, make_agendas, with_swaps
from evals.metrics.base import Made, Metric
from evals.metrics.every import METRICS
from evals.people import Judged, suggest_people
from evals.queries import rank_queries
from evals.record import make_record
from evals.statistics import Figure, figure_of
from evals.swap import Judge, bm25_judge, dense_judge
from evals.vectors import kept_sentence_encoder
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.errors import InvalidInputError

ANSWERED = "answered"
"""The one figure of a case for which nothing came: 0."""
PROMISES = ("robustness", "safety")
"""Suites whose agendas are asked only for what must hold: their cases are made to break it."""
OTHER_ENCODER = "USE multilingual v3"
SWAPPED = "agendas"
"""The suite whose agendas are swapped."""


@dataclass(frozen=True)
class CaseResult:
    """One case of a run: a line of `cases.jsonl`.

    Attributes:
        cluster: The situation it is a variant of.
        metrics: From 0 to 1, higher is better; null where a metric does not speak of the case.
        notes: What a metric misses, in words.
        agenda: What was made, or null.
        answer: What other kinds of cases gave back: ids in order, or pairs.
        error: Why nothing came; else null.
        input: What it was made from.
    """

    suite: str
    case: str
    cluster: str
    why: str
    slices: Mapping[str, str]
    metrics: Mapping[str, float | None]
    notes: Mapping[str, str] = field(default_factory=dict)
    agenda: Mapping[str, Any] | None = None
    answer: Any = None
    error: str | None = None
    input: Mapping[str, Any] | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what it is compared by."""
        return self.suite, self.case


@dataclass(frozen=True)
class Run:
    """A run: its record and its cases, by suite and name."""

    record: Mapping[str, Any]
    results: tuple[CaseResult, ...]

    def of(self, suite: str) -> list[CaseResult]:
        """Return the cases of one suite."""
        return [one for one in self.results if one.suite == suite]


def run_suites(
    names: Sequence[str], catalogue: Catalogue, *, given: Mapping[str, Agenda] | None = None,
    agendas: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None,
    compose: Compose | None = None, progress: Callable[[str], Progress] | None = None,
    swap_judges: Mapping[str, Judge] | None = None, clock: Callable[[], float] = perf_counter,
) -> Run:
    """Return a run of these suites.

    Args:
        given: Agendas by the fingerprint of their case, instead of composed ones.
        agendas: What the record says of them.
        compose: Makes an agenda; null for the product's own path.
        progress: Gives, for the name of a suite, what is told how far it is.
        swap_judges: Who tells whether an agenda fits a pair; null for `judges`.

    Raises:
        InvalidInputError: A suite is not there or has faults.
    """
    suites = {name: load_suite(name) for name in names}
    started = clock()
    record = make_record(suites, catalogue, settings=settings or {}, agendas=agendas)
    results: list[CaseResult] = []
    seconds = {}
    for name, cases in suites.items():
        begun = clock()
        tell = progress(name) if progress is not None else None
        results += _run_suite(name, cases, catalogue, given, compose, tell, swap_judges)
        seconds[name] = round(clock() - begun, 1)
    record["seconds"] = {"total": round(clock() - started, 1), **seconds}
    return Run(record, tuple(sorted(results, key=lambda one: one.key)))


def score_agendas(made: Sequence[Made | Failed]) -> list[CaseResult]:
    """Return the figures of agendas that were made, and of those that were not."""
    return [_failed(one) if isinstance(one, Failed) else _scored_agenda(one) for one in made]


def metrics_of(suite: str) -> tuple[Metric, ...]:
    """Return what is asked of agendas of a suite: of some only what must hold."""
    every = METRICS["agenda"]
    return tuple(one for one in every if one.guard == "must") if suite in PROMISES else every


def judges(cache: Path | None) -> dict[str, Judge]:
    """Return the judges of the swap test: words, and an encoder the composer does not know.

    Args:
        cache: Folder in which that encoder's vectors of agendas' lines are kept; null for none.
    """
    return {"BM25": bm25_judge, OTHER_ENCODER: dense_judge(kept_sentence_encoder(cache))}


def summarise(results: Sequence[CaseResult]) -> dict[str, dict[str, Figure]]:
    """Return each suite's figures by metric, in the order metrics are listed."""
    summary: dict[str, dict[str, Figure]] = {}
    for suite in dict.fromkeys(one.suite for one in results):
        own = [one for one in results if one.suite == suite]
        names = dict.fromkeys(name for one in own for name in one.metrics)
        summary[suite] = {
            name: figure_of([one.metrics.get(name) for one in own], [one.cluster for one in own])
            for name in names}
    return summary


def write_run(run: Run, folder: Path) -> None:
    """Write a run into a folder that is made for it.

    Raises:
        InvalidInputError: It cannot be written there, or holds something else.
    """
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / "run.json").exists():
            raise InvalidInputError.of("holds files that are no run; give another folder",
                                       source=f"--out {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in run.results)
        (folder / "cases.jsonl").write_text(lines, "utf-8")
        summary = {suite: {name: figure.to_json() for name, figure in figures.items()}
                   for suite, figures in summarise(run.results).items()}
        _write_json(folder / "summary.json", summary)
        _write_json(folder / "run.json", {**run.record, "cases_sha256": hashlib.sha256(
            lines.encode()).hexdigest()})
    except OSError as error:
        raise InvalidInputError.of(f"cannot be written ({error.strerror}); give another place",
                                   source=f"--out {folder}") from error


def read_run(path: Path) -> Run:
    """Return the run of a folder, or of a baseline file, which holds no agendas.

    Raises:
        InvalidInputError: There is no run, or it cannot be read.
    """
    try:
        if path.is_file():
            data = json.loads(path.read_text("utf-8"))
            return Run(data["record"], tuple(CaseResult(**one) for one in data["cases"]))
        record = json.loads((path / "run.json").read_text("utf-8"))
        lines = (path / "cases.jsonl").read_text("utf-8").splitlines()
        return Run(record, tuple(CaseResult(**json.loads(line)) for line in lines))
    except FileNotFoundError as error:
        raise InvalidInputError.of(
            "no run here; make one with: agendum eval run --out DIR", source=str(path)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError.of(f"no run that can be read ({str(error)[:200]})",
                                   source=str(path)) from error


def write_baseline(run: Run, path: Path) -> None:
    """Write a run as one small file: its record and figures, and what was chosen, no texts."""
    cases = [{"suite": one.suite, "case": one.case, "cluster": one.cluster, "why": "",
              "slices": dict(one.slices),
              "metrics": {name: value if value is None else round(value, 4)
                          for name, value in one.metrics.items()},
              "answer": chosen(one)} for one in run.results]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in cases)
    record = json.dumps(run.record, ensure_ascii=False, indent=1)
    path.write_text(f'{{"record": {record},\n"cases": [\n{lines}\n]}}\n', "utf-8")


def chosen(one: CaseResult) -> Any:
    """Return what a reader tells two results apart by, whether a run or a baseline holds them.

    Of an agenda that is its purpose, its items and its resources.
    """
    if one.agenda is None:
        return one.answer
    return [one.agenda["purpose"],
            *(item["activity"] or item["title"] for item in one.agenda["items"]),
            *(use["id"] for use in one.agenda["resources"])]


def _run_suite(
    name: str, cases: Sequence[EvalCase], catalogue: Catalogue,
    given: Mapping[str, Agenda] | None, compose: Compose | None, progress: Progress | None,
    swap_judges: Mapping[str, Judge] | None,
) -> list[CaseResult]:
    kinds = Counter(one.kind for one in cases)
    done = 0

    def tell(at: int, _: int) -> None:
        if progress is not None:
            progress(done + at, len(cases))

    results: list[CaseResult] = []
    agendas = [one for one in cases if one.kind == "agenda"]
    made = make_agendas(agendas, catalogue, given, tell, compose)
    if name == SWAPPED:
        good = {one.of.name: one for one in with_swaps(
            [one for one in made if isinstance(one, Made)], swap_judges or judges(None))}
        made = [good.get(one.of.name, one) for one in made]
    results += score_agendas(made)
    done += kinds["agenda"]
    for ranked in rank_queries([one for one in cases if one.kind == "resources"], catalogue, tell):
        results.append(CaseResult(
            name, ranked.of.name, ranked.of.cluster, ranked.of.why, ranked.of.slices,
            *_scores(METRICS["resources"], ranked), answer=[one for one, _ in ranked.found],
            input={"query": ranked.of.file.query}))
    done += kinds["resources"]
    for judged in suggest_people([one for one in cases if one.kind == "mentors"], catalogue, tell):
        results.append(_scored_people(judged))
    return results


def _scored_agenda(made: Made) -> CaseResult:
    metrics, notes = _scores(metrics_of(made.of.suite), made)
    return CaseResult(
        made.of.suite, made.of.name, made.of.cluster, made.of.why, slices_of(made),
        {ANSWERED: 1.0, **metrics}, notes,
        agenda=made.agenda.model_dump(mode="json", by_alias=True),
        input=made.case.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def _failed(failed: Failed) -> CaseResult:
    case = failed.of.case
    return CaseResult(
        failed.of.suite, failed.of.name, failed.of.cluster, failed.of.why, failed.of.slices,
        {ANSWERED: 0.0, **{one.name: None for one in metrics_of(failed.of.suite)}},
        {ANSWERED: failed.error}, error=failed.error,
        input=None if case is None else case.model_dump(mode="json", by_alias=True,
                                                        exclude_defaults=True))


def _scored_people(judged: Judged) -> CaseResult:
    metrics, notes = _scores(METRICS["mentors"], judged.suggested)
    return CaseResult(judged.of.suite, judged.name, judged.name, judged.of.why,
                      {**judged.of.slices, **judged.slices}, metrics, notes,
                      answer=judged.answer, input=judged.input)


def _scores(
    metrics: Sequence[Metric], made: object
) -> tuple[dict[str, float | None], dict[str, str]]:
    values: dict[str, float | None] = {}
    notes = {}
    for metric in metrics:
        score = metric.score(made)
        values[metric.name] = None if score.value is None else round(score.value, 6)
        if score.note and score.value is not None and score.value < 1:
            notes[metric.name] = score.note
    return values, notes


def slices_of(made: Made) -> dict[str, str]:
    """Return what an agenda's case is counted under: its own slices and those it has by nature."""
    programme = made.brief.programme
    minutes = made.case.session.minutes
    return {
        "language": made.language, "format": made.brief.relation,
        "session_type": made.brief.arc.type, "focus_area": made.brief.focus_area or "none",
        "programme": programme.id, "mode": made.brief.mode,
        "minutes": "up to 30" if minutes <= 30 else "up to 60" if minutes <= 60 else "over 60",
        **made.of.slices,
    }


def _write_json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", "utf-8")
