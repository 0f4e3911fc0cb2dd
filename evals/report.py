"""A run, or two compared, as one HTML page for people who never saw an interval before."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from evals.charts import BAD, GOOD, NEUTRAL, Point, interval_chart, won_chart
from evals.compare import CaseChange, Comparison, MetricChange, compare_runs, guard_of
from evals.review_report import judge_section, review_section
from evals.run import CaseResult, Run, summarise
from evals.section import Section
from evals.told import made_lines, paired, question_of, revision_of

TEMPLATE = Path(__file__).parent / "report.html.j2"
SHOWN = 24
"""Figures in one chart at most."""
WEAKEST = 10


def report_html(run: Run, before: Run | None, folder: Path | None = None) -> str:
    """Return a page that needs nothing else.

    Args:
        before: The run it is compared with, if any.
        folder: Where the run lies; what people and models judged there has sections of its own.
    """
    found = None if before is None else compare_runs(before, run)
    page = {
        "comparison": found is not None, "figures": list(_figures(run)),
        "record": list(_record(run.record)), "sections": _sections(folder),
        **(_alone(run) if found is None else _compared(found)),
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(TEMPLATE.read_text("utf-8")).render(**page)


def _compared(found: Comparison) -> dict[str, Any]:
    told = [one for one in found.metrics if one.change.moved or one.silent]
    worse = [one for one in told if one.verdict == "worse"]
    better = [one for one in told if one.verdict == "better"]
    unsure = [one for one in told if one.verdict == "unsure"]
    shown = sorted((one for one in told if one.change.n), key=lambda one: one.change.difference)
    slices = [one for one in found.slices if one.wins or one.losses]
    if not found.passes:
        verdict = f"It got worse: {len(found.losses)} guarded figures are really lower."
        if found.gone:
            verdict += " Some cases are gone."
    elif better:
        verdict = f"It got better: {len(better)} figures are really higher, and none is lower."
    elif told:
        verdict = "No real difference: what moved may be chance."
    else:
        verdict = "Nothing moved."
    return {
        "title": "Did it get better?",
        "subtitle": f"{found.compared} cases; {revision_of(found.before)} before, "
                    f"{revision_of(found.after)} after. {found.other_agendas} cases got another "
                    "agenda or list.",
        "mood": "bad" if not found.passes else "good" if better else "", "verdict": verdict,
        "worse": [_line(one) for one in worse], "better": [_line(one) for one in better],
        "unsure": ", ".join(one.name for one in unsure),
        "chart": interval_chart(
            [Point(f"{question_of(one.metric) or one.metric}\n{one.name}", one.change.difference,
                   one.change.low, one.change.high, _colour(one)) for one in _ends(shown)],
            "Differences of each figure with their intervals; the same numbers stand in the "
            "lists above.", zero=True) if shown else "",
        "whom": "" if slices else "Nobody: no case moved.",
        "slices_chart": won_chart(
            [(f"{one.kind.replace('_', ' ')}: {one.value}", one.wins, one.ties, one.losses)
             for one in slices],
            "Cases that got better and worse by slice; the table below has the same numbers.")
        if slices else "",
        "slices": found.slices, "cases": [_case(one) for one in found.cases],
    }


def _alone(run: Run) -> dict[str, Any]:
    charts = []
    for suite, figures in summarise(run.results).items():
        points = [Point(f"{question_of(name) or name}\n{name}", one.value, one.low, one.high,
                        NEUTRAL if guard_of(name) == "none" else GOOD)
                  for name, one in figures.items()
                  if one.value is not None and one.low is not None and one.high is not None]
        charts.append((f"{suite}, {len(run.of(suite))} cases", interval_chart(
            points, f"Figures of the suite {suite}; the table below has the same numbers.",
            zero=False)))
    failed = [one for one in run.results if one.error]
    return {
        "title": "How good is it?",
        "subtitle": f"{len(run.results)} cases, revision {revision_of(run.record)}.",
        "mood": "bad" if failed else "good",
        "verdict": f"{len(failed)} cases got no answer." if failed else
                   "Every case got an answer; what is weak stands below.",
        "suite_charts": charts, "weakest": [_weak(one) for one in _weakest(run.results)],
    }


def _weakest(results: Sequence[CaseResult]) -> list[CaseResult]:
    def missing(one: CaseResult) -> float:
        return sum(1 - value for name, value in one.metrics.items()
                   if value is not None and guard_of(name) != "none")

    return sorted(results, key=lambda one: (-missing(one), one.key))[:WEAKEST]


def _weak(one: CaseResult) -> dict[str, Any]:
    low = sorted((value, name) for name, value in one.metrics.items()
                 if value is not None and value < 1 and guard_of(name) != "none")
    return {"name": "/".join(one.key), "why": one.why, "lines": made_lines(one),
            "moves": [f"{question_of(name) or name} {value:.2f}"
                      + (f": {one.notes[name][:200]}" if one.notes.get(name) else "")
                      for value, name in low]}


def _case(one: CaseChange) -> dict[str, Any]:
    moves = [f"{question_of(name) or name} {_number(x)} before, {_number(y)} after"
             + (f": {one.after.notes[name][:200]}" if one.after.notes.get(name) else "")
             for name, (x, y) in one.moves.items()]
    return {"name": "/".join(one.after.key), "why": one.after.why, "moves": moves,
            "pairs": paired(one)}


def _line(one: MetricChange) -> dict[str, str]:
    text = (f"{_number(one.before)} before, {_number(one.after)} after, over {one.change.n} cases "
            f"({one.name})")
    if one.broken:
        text += f"; held before, and now broken by {', '.join(one.broken[:3])}"
    if one.silent:
        text += f"; {one.silent} cases are no longer scored"
    return {"question": question_of(one.metric) or one.metric, "text": text}


def _ends(shown: Sequence[MetricChange]) -> list[MetricChange]:
    """Return the figures that fell and rose most, as many as a chart holds."""
    if len(shown) <= SHOWN:
        return list(shown)
    return [*shown[: SHOWN // 2], *shown[-(SHOWN // 2):]]


def _colour(one: MetricChange) -> str:
    return {"worse": BAD, "better": GOOD}.get(one.verdict, NEUTRAL)


def _figures(run: Run) -> Iterator[dict[str, str]]:
    for suite, figures in summarise(run.results).items():
        for name, one in figures.items():
            guard = guard_of(name)
            yield {"name": f"{suite}/{name}", "question": question_of(name),
                   "value": _number(one.value), "n": str(one.n), "unscored": str(one.unscored),
                   "interval": "" if one.low is None else f"{one.low:.3f} to {one.high:.3f}",
                   "guard": "" if guard == "none" else guard}


def _record(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sections(folder: Path | None) -> list[Section]:
    """Return what people and models judged of this run, where it lies beside it."""
    if folder is None or not folder.is_dir():
        return []
    found: list[Section] = []
    for name in ("review.json", "judge.json"):
        if not (folder / name).exists():
            continue
        make = review_section if name == "review.json" else judge_section
        section = make(folder)
        if section is not None:
            found.append(section)
    return found


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
