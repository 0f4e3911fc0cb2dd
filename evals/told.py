"""Runs and comparisons as text for a terminal, and as Markdown for a pull request."""

from collections.abc import Iterator, Mapping
from typing import Any

from evals.compare import CaseChange, Comparison, MetricChange, SliceChange
from evals.metrics.every import metric_of
from evals.run import ANSWERED, CaseResult, Run, summarise

FEW = 3
"""Cases without an answer that are named on the terminal; the run's folder names all."""
SIGNS = {"better": "▲ better", "worse": "▼ worse", "unsure": "± may be chance", "same": "= same"}


def run_text(run: Run) -> str:
    """Return a run's figures as a table, suite by suite."""
    lines = []
    for suite, figures in summarise(run.results).items():
        lines += ["", f"{suite}, {len(run.of(suite))} cases",
                  f"  {'':20}{'value':>7}{'95 % interval':>17}{'n':>6}{'unscored':>10}  guard"]
        for name, one in figures.items():
            if one.value is None:
                lines.append(f"  {name:20}{'–':>7}{'':17}{0:6}{one.unscored:10}")
                continue
            interval = f"{one.low:.3f} – {one.high:.3f}"
            lines.append(f"  {name:20}{one.value:7.3f}{interval:>17}{one.n:6}{one.unscored:10}"
                         f"  {guard_text(name)}")
    lines += _unanswered(run)
    seconds: Mapping[str, Any] = run.record.get("seconds", {})
    lines += ["", f"{len(run.results)} cases in {seconds.get('total', '?')} s, revision "
              f"{revision_of(run.record)}"]
    return "\n".join(lines[1:]) + "\n"


def _unanswered(run: Run) -> Iterator[str]:
    """Yield what came to nothing: a line for each reason, with the first cases of it."""
    by_reason: dict[str, list[str]] = {}
    for one in run.results:
        if one.error is not None:
            by_reason.setdefault(one.error, []).append(f"{one.suite}/{one.case}")
    for reason, names in by_reason.items():
        count = "1 case" if len(names) == 1 else f"{len(names)} cases"
        more = ", …" if len(names) > FEW else ""
        yield f"  no answer for {count} ({reason}): {', '.join(names[:FEW])}{more}"


def comparison_text(found: Comparison) -> str:
    """Return a comparison for a terminal."""
    lines = [f"{found.compared} cases in both, {found.other_agendas} with another agenda or list",
             f"{'':34}{'before':>8}{'after':>8}{'difference':>12}{'95 % interval':>19}{'p':>8}"]
    for one in _told(found):
        lines.append(f"{one.name:34}{_number(one.before):>8}{_number(one.after):>8}"
                     f"{one.change.difference:+12.4f}"
                     f"{f'{one.change.low:+.4f} – {one.change.high:+.4f}':>19}"
                     f"{one.change.p:8.4f}  {SIGNS[one.verdict]}")
    if len(lines) == 2:
        lines.append("no figure moved")
    lines += ["", f"{'':34}{'won':>6}{'tied':>6}{'lost':>6}{'difference':>12}"]
    lines += [f"{f'{one.kind} {one.value}':34}{one.wins:6}{one.ties:6}{one.losses:6}"
              f"{one.difference:+12.4f}" for one in found.slices]
    if found.cases:
        lines += ["", "Changed most:"]
    for case in found.cases:
        lines.append(f"  {'/'.join(case.after.key)}")
        lines += [f"    {line}" for line in _moves(case)]
        lines += [f"    {line}" for line in _side_by_side(case)]
    lines += ["", gate_text(found)]
    return "\n".join(lines) + "\n"


def comparison_markdown(found: Comparison) -> str:
    """Return a comparison as a comment for a pull request."""
    head = ("✅ **The gate lets this pass.**" if found.passes else
            "❌ **The gate stops here.**")
    lines = ["## Agendum harness", "", head, "",
             f"{found.compared} cases compared, {found.other_agendas} with another agenda or "
             f"list; {revision_of(found.before)} → {revision_of(found.after)}.", ""]
    if not found.passes:
        lines += ["Real losses, beyond noise:", "", *(f"- {one}" for one in found.losses), ""]
    told = list(_told(found))
    if told:
        lines += ["| figure | asks | before | after | difference (95 %) | verdict |",
                  "| --- | --- | ---: | ---: | --- | --- |"]
        lines += [f"| {one.name} | {question_of(one.metric)} | {_number(one.before)} | "
                  f"{_number(one.after)} | {one.change.difference:+.3f} "
                  f"({one.change.low:+.3f} to {one.change.high:+.3f}) | {SIGNS[one.verdict]} |"
                  for one in told]
    else:
        lines.append("No figure moved.")
    moved = [one for one in found.slices if one.wins or one.losses]
    if moved:
        lines += ["", "<details><summary>Won, tied, lost</summary>", "",
                  "| slice | won | tied | lost | difference |",
                  "| --- | ---: | ---: | ---: | ---: |",
                  *(_slice_row(one) for one in moved), "", "</details>"]
    if found.cases:
        lines += ["", f"<details><summary>The {len(found.cases)} cases that changed most"
                  "</summary>", ""]
        for case in found.cases:
            lines += [f"**{'/'.join(case.after.key)}** {_escaped(case.after.why)}", "",
                      *(f"- {_escaped(line)}" for line in _moves(case)), "", "| before | after |",
                      "| --- | --- |", *(f"| {_escaped(one)} | {_escaped(other)} |"
                                         for one, other in paired(case)), ""]
        lines.append("</details>")
    return "\n".join(lines) + "\n"


def gate_text(found: Comparison) -> str:
    """Return the gate's verdict, and how to accept what is wanted."""
    if found.passes:
        return "The gate lets this pass: no guarded figure is worse by more than noise."
    lines = ["The gate stops here:", *(f"  {one}" for one in found.losses),
             "If this is wanted, move the baseline: make baseline"]
    return "\n".join(lines)


def paired(case: CaseChange) -> list[tuple[str, str]]:
    """Return what was made before and after, line beside line."""
    before, after = made_lines(case.before), made_lines(case.after)
    size = max(len(before), len(after))
    return list(zip(before + [""] * (size - len(before)), after + [""] * (size - len(after)),
                    strict=True))


def question_of(metric: str) -> str:
    """Return what a figure asks, as a curator would."""
    if metric == ANSWERED:
        return "Did anything come?"
    found = metric_of(metric)
    return "" if found is None else found.question


def guard_text(metric: str) -> str:
    """Return how a figure is guarded, in a word."""
    if metric == ANSWERED:
        return "must"
    found = metric_of(metric)
    return "" if found is None or found.guard == "none" else found.guard


def revision_of(record: Mapping[str, Any]) -> str:
    """Return the revision of a record, short; with a star where files differed from it."""
    git: Mapping[str, Any] = record.get("git", {})
    revision = git.get("revision")
    return "unknown" if not revision else f"{revision[:10]}{'*' if git.get('changed') else ''}"


def _told(found: Comparison) -> Iterator[MetricChange]:
    """Yield the figures that moved, losses first."""
    order = {"worse": 0, "better": 1, "unsure": 2, "same": 3}
    moved = (one for one in found.metrics if one.change.moved or one.silent or one.voiced)
    yield from sorted(moved, key=lambda one: (order[one.verdict], one.change.difference))


def _moves(case: CaseChange) -> list[str]:
    return [f"{name}: {_number(x)} to {_number(y)}"
            + (f" ({case.after.notes[name][:160]})" if case.after.notes.get(name) else "")
            for name, (x, y) in case.moves.items()]


def _side_by_side(case: CaseChange) -> list[str]:
    return [f"{one[:58]:60}| {other[:58]}" for one, other in paired(case) if one != other]


def made_lines(one: CaseResult) -> list[str]:
    """Return what was made for a case, in a few lines."""
    if one.agenda is None:
        return [str(part) for part in one.answer or []] if isinstance(one.answer, list) else []
    found = [one.agenda["purpose"]]
    found += [f"{item['minutes']} min {item['title']}" for item in one.agenda["items"]]
    return found + [f"read: {use['title']}" for use in one.agenda["resources"]]


def _slice_row(one: SliceChange) -> str:
    return (f"| {one.kind} {one.value} | {one.wins} | {one.ties} | {one.losses} | "
            f"{one.difference:+.4f} |")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
