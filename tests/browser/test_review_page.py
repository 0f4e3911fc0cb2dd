"""The review as a page, in a real browser: no network, for everybody, saved to a file and back."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from evals.answers import read_answers, unblind
from evals.blind import Pair, Review
from evals.review_page import render_page
from evals.rubric import load_rubric
from evals.shown import Block, Sheet

SCREENSHOTS = os.environ.get("SCREENSHOTS")
RUBRIC = load_rubric()
NOTHING_YET = "0 of 2 pairs answered, 30 of 30 criteria unscored"
HOSTILE = "</script><img src=x onerror=alert(1)> {{ 7 * 7 }} \u2028 “quoted”"

pytestmark = pytest.mark.xdist_group("browser")


def sheet(language: str, *lines: str) -> Sheet:
    return Sheet(language, (Block("Purpose", lines), Block("1. Un punto (20 min)", ("? ¿Qué?",
                                                                                 "- Escribe."))))


def pair(at: int, mode: str = "personalised") -> Pair:
    return Pair(f"p0{at}", "s", f"c{at}", f"c{at}", {"language": "es"}, mode,
                "a" if at % 2 else "b", sheet("es", HOSTILE), (sheet("es", "Uno"),
                                                               sheet("fr", "Deux")))


REVIEW = Review("rv-test", 1, {"a": "old-run", "b": "new-run"}, (pair(1), pair(2, "fixed")), 0)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page as a file, as it is mailed."""
    path = tmp_path_factory.mktemp("review") / "review.html"
    path.write_text(render_page(REVIEW, RUBRIC), "utf-8")
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    """Return the page opened from its file; at its end nothing was asked of any other address."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda request: noise.append(request.url)
            if request.url != file.as_uri() and not request.url.startswith("blob:") else None)
    page.goto(file.as_uri())
    yield page
    assert noise == []
    context.close()


def save(page: Page, path: Path) -> dict[str, object]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save answers to a file").click()
    assert download.value.suggested_filename.startswith("review-rv-test-")
    download.value.save_as(path)
    data = json.loads(path.read_text("utf-8"))
    assert isinstance(data, dict)
    return data


def test_answers_are_saved_read_by_import_and_taken_up_again(page: Page, tmp_path: Path) -> None:
    """What is chosen stands in the file; another visit goes on from it; the progress is told."""
    assert page.locator("#progress").inner_text() == NOTHING_YET
    page.get_by_label("Your initials").fill("Zoë K.")
    page.get_by_role("group", name="Pair 1: which one").get_by_label("The second").check()
    page.get_by_role("group", name="First agenda: would you").first.get_by_label("No").check()
    page.get_by_text("First agenda: score by criterion").first.click()
    goals = page.get_by_role("group", name="Goals and focus area").first
    goals.get_by_label("4", exact=True).check()
    goals.get_by_label("Danger:").check()
    page.get_by_label("Pair 1: what decided it").fill("shorter")
    assert page.locator("#progress").inner_text() == (
        "1 of 2 pairs answered, 29 of 30 criteria unscored")
    assert page.get_by_text("First agenda: score by criterion").first.inner_text() == (
        "First agenda: score by criterion, 1 of 8")
    data = save(page, tmp_path / "zoe.json")
    assert data["reviewer"] == "Zoë K."
    answers = read_answers(tmp_path / "zoe.json", RUBRIC)
    first, second = unblind(answers, [REVIEW.key()])
    assert (first.preferred, second.preferred) == ("b", None)
    assert first.opinions["a"].scores == {"fit": 4}
    assert first.opinions["a"].dangers == ("fit",)
    assert (first.opinions["a"].hand_over, first.opinions["b"].hand_over) == ("no", None)
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.locator("#progress").inner_text() == NOTHING_YET
    page.get_by_label("Go on from answers").set_input_files(tmp_path / "zoe.json")
    page.get_by_text("1 of 2 pairs answered").wait_for()
    assert save(page, tmp_path / "again.json") == data


def test_what_was_chosen_is_kept_without_saving(page: Page) -> None:
    """Who closes the page goes on where they were."""
    page.get_by_role("group", name="Pair 2: which one").get_by_label("Neither is better").check()
    page.reload()
    assert page.get_by_role("group", name="Pair 2: which one").get_by_label(
        "Neither is better").is_checked()


def test_it_asks_for_initials_and_refuses_another_reviews_answers(
    page: Page, tmp_path: Path
) -> None:
    """Both are told in words."""
    page.get_by_role("button", name="Save answers").click()
    assert "First write your initials" in page.locator("#progress").inner_text()
    assert page.evaluate("document.activeElement.id") == "reviewer"
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"review": "rv-other", "answers": {}}))
    page.get_by_label("Go on from answers").set_input_files(other)
    page.get_by_text("That file is of another review.").wait_for()
    other.write_text("{")
    page.get_by_label("Go on from answers").set_input_files(other)
    page.get_by_text("That file holds no answers.").wait_for()


@pytest.mark.parametrize("width", [320, 1100])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(browser: Browser, file: Path, width: int, scheme: str) -> None:
    """No fault that axe finds, with everything unfolded; nothing runs off a phone."""
    context = browser.new_context(viewport={"width": width, "height": 900},
                                  color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if SCREENSHOTS:
        page.screenshot(path=str(Path(SCREENSHOTS) / f"review-{width}-{scheme}.png"))
    context.close()


def test_what_a_score_means_stands_at_each_criterion(page: Page) -> None:
    """By the keyboard alone: from the score to what a 1, a 3 and a 5 look like, and back."""
    fit = next(one for one in RUBRIC.criteria if one.id == "fit")
    page.get_by_text("First agenda: score by criterion").first.click()
    goals = page.get_by_role("group", name=fit.title).first
    text = goals.get_by_text(fit.anchors[3])
    assert not text.is_visible()
    goals.get_by_label("1", exact=True).focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    for level in (1, 3, 5):
        assert goals.get_by_text(fit.anchors[level]).is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert goals.get_by_label("1", exact=True).is_checked()
    asked = page.locator(".score").count()
    assert page.locator(".score details.anchors").count() == asked == 30


def test_hostile_text_is_text(page: Page) -> None:
    """What people wrote is shown as they wrote it; agendas are read in their own language."""
    assert page.locator("#pair-p01 details").first.inner_text().count("onerror=alert(1)") == 1
    assert page.locator("img").count() == 0
    assert page.get_by_text("Deux").first.evaluate(
        "(node) => node.closest('[lang]').lang") == "fr"


def test_the_page_may_load_nothing(browser: Browser, file: Path) -> None:
    """Its policy allows its own script, by its digest, and no other; a fetch is refused."""
    page = browser.new_page()
    page.goto(file.as_uri())
    policy = page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "script-src 'sha256-" in policy
    assert page.evaluate(
        "() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
        " document.head.append(one); return typeof window.ran; }") == "undefined"
    assert page.evaluate(
        "fetch('data:text/plain,x').then(() => 'loaded', () => 'refused')") == "refused"
    page.close()


def test_a_fixed_agenda_is_not_asked_whether_it_could_be_anybodys(page: Page) -> None:
    """The criterion is there for the first pair and not for the second."""
    assert page.locator("[name='p01.scores.first.specific']").count() == 6
    assert page.locator("[name='p02.scores.first.specific']").count() == 0


def test_without_scores_only_the_choice_is_asked(file: Path) -> None:
    """A short form for people with little time."""
    page = render_page(REVIEW, RUBRIC, with_scores=False)
    assert "p01.preference" in page
    assert ".scores." not in page
    assert "look like" not in page
    assert "old-run" not in page
