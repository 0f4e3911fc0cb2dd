"""The report of a comparison: one file, no network, readable by everybody."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from evals.report import report_html
from evals.run import Run, read_run

ROOT = Path(__file__).parents[2]
SCREENSHOTS = os.environ.get("SCREENSHOTS")

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def runs() -> tuple[Run, Run]:
    """Return the baseline, and one in which agendas lost their goals and lists got better."""
    before = read_run(ROOT / "evals/baseline.json")
    results = []
    for at, one in enumerate(before.results):
        metrics = dict(one.metrics)
        if one.suite == "agendas" and metrics.get("goal_coverage") and at % 3 == 0:
            metrics["goal_coverage"] = 0.4
        if metrics.get("ndcg@5") is not None:
            metrics["ndcg@5"] = min(1.0, (metrics["ndcg@5"] or 0) + 0.1)
        results.append(replace(one, metrics=metrics))
    return before, Run(before.record, tuple(results))


@pytest.mark.parametrize("width", [390, 1100])
@pytest.mark.parametrize("against", [True, False])
def test_report_is_accessible_and_loads_nothing(
    against: bool, width: int, runs: tuple[Run, Run], browser: Browser, tmp_path: Path
) -> None:
    """Axe finds nothing; no request leaves the page; nothing is wider than the window."""
    before, after = runs
    path = tmp_path / "report.html"
    path.write_text(report_html(after, before if against else None), "utf-8")
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    heading = page.locator("h1").inner_text()
    assert heading == ("Did it get better?" if against else "How good is it?")
    if against:
        assert "It got worse" in page.locator(".verdict").inner_text()
        assert "Is every goal worked on?" in page.locator("ul.bad").inner_text()
        assert "Do the best resources come first?" in page.locator("ul.good").inner_text()
    assert page.locator("svg[role=img][aria-label]").count() >= 1
    assert path.stat().st_size < 1_500_000
    if SCREENSHOTS and against and width > 1000:
        page.screenshot(path=Path(SCREENSHOTS) / "eval-report.png")
    page.close()


def test_report_of_equal_runs_says_so(runs: tuple[Run, Run]) -> None:
    """Where nothing moved no chart is drawn and nobody is alarmed."""
    html = report_html(runs[0], runs[0])
    assert "Nothing moved." in html
    assert re.search(r"No figure moved at all", html)
