"""Charts as SVG that stands in a page: text stays text, and a sentence says what is seen."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from recommender.errors import MissingExtraError

GOOD, BAD, NEUTRAL, INK = "#00695c", "#b23c17", "#6b7280", "#1f2937"


@dataclass(frozen=True)
class Point:
    """One line of a chart: a value with its interval."""

    label: str
    value: float
    low: float
    high: float
    colour: str


def interval_chart(points: Sequence[Point], about: str, *, zero: bool) -> str:
    """Return dots with their intervals, one line each, as SVG.

    Args:
        about: What is seen, for those who cannot see it.
        zero: Whether a line marks no difference; else values from 0 to 1 are drawn.
    """
    figure, axes = _figure(0.34 * len(points) + 0.9)
    for at, one in enumerate(reversed(points)):
        axes.plot([one.low, one.high], [at, at], color=one.colour, linewidth=5, alpha=0.35,
                  solid_capstyle="round")
        axes.plot([one.value], [at], "o", color=one.colour, markersize=7)
    axes.set_yticks(range(len(points)), [one.label for one in reversed(points)])
    axes.set_ylim(-0.7, len(points) - 0.3)
    if zero:
        axes.axvline(0, color=INK, linewidth=1)
        reach = max([abs(edge) for one in points for edge in (one.low, one.high)] + [0.01])
        axes.set_xlim(-1.1 * reach, 1.1 * reach)
        axes.set_xlabel("worse  ←  no difference  →  better")
    else:
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel("0 never  …  1 always")
    axes.grid(axis="x", color="#e5e7eb")
    axes.set_axisbelow(True)
    return _svg(figure, about)


def won_chart(rows: Sequence[tuple[str, int, int, int]], about: str) -> str:
    """Return bars of cases that lost, stayed and won, one line each, as SVG."""
    figure, axes = _figure(0.34 * len(rows) + 0.9)
    for at, (_, won, _, lost) in enumerate(reversed(rows)):
        axes.barh(at, -lost, color=BAD, height=0.6)
        axes.barh(at, won, color=GOOD, height=0.6)
        if lost:
            axes.text(-lost, at, f"{lost} ", ha="right", va="center", fontsize=9, color=INK)
        if won:
            axes.text(won, at, f" {won}", ha="left", va="center", fontsize=9, color=INK)
    axes.set_yticks(range(len(rows)), [label for label, *_ in reversed(rows)])
    reach = max([max(won, lost) for _, won, _, lost in rows] + [1])
    axes.set_xlim(-1.2 * reach, 1.2 * reach)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xticks([])
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_xlabel("cases that got worse  |  cases that got better")
    return _svg(figure, about)


def _figure(height: float) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(
            "matplotlib is not installed; run: pip install 'agendum[evals]'") from error
    figure = Figure(figsize=(8, height), layout="constrained")
    axes = figure.subplots()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, labelsize=10, colors=INK)
    return figure, axes


def _svg(figure: Any, about: str) -> str:
    from matplotlib import rc_context

    held = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "agendum",
                     "font.family": "sans-serif"}):
        figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None})
    svg = held.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(about, quote=True)}"', 1)
