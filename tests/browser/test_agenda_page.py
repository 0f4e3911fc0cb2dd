"""The agenda as a page, in a real browser: readable by everybody, on a phone too."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from recommender.agendas.generate import generate_agenda
from recommender.agendas.render.html import labels_of, render_html
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.case import Case
from recommender.yaml_file import read_document

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PHONE, DESKTOP = {"width": 320, "height": 780}, {"width": 1100, "height": 900}
SCREENSHOTS = os.environ.get("SCREENSHOTS")

pytestmark = pytest.mark.xdist_group("browser")

CONTRAST = """
() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = [r, g, b].map((v) => (v /= 255) <= 0.04045
      ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll("body *")].filter((node) =>
    [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
  return texts.map((node) => {
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.textContent.slice(0, 40)];
  });
}
"""


@pytest.fixture(scope="module")
def agendas(catalogue: Catalogue) -> dict[str, Agenda]:
    """Return an agenda per language, the English one with something to read."""
    names = ("nextgen/2-does-yes-mean-yes", "women-pilot/2-mi-idea-con-mi-nombre",
             "nextgen/1-trois-semaines-au-bureau")
    made = [generate_agenda(Case.model_validate(read_document(EXAMPLES / f"{name}.case.yaml")),
                            catalogue) for name in names]
    return {agenda.language: agenda for agenda in made}


@pytest.fixture(scope="module")
def pages(agendas: dict[str, Agenda], catalogue: Catalogue) -> dict[str, str]:
    """Return each agenda as HTML."""
    library = catalogue.library
    return {language: render_html(agenda, library.phrases[language], labels_of(library, language))
            for language, agenda in agendas.items()}


@pytest.fixture
def opened(browser: Browser) -> Iterator[list[Page]]:
    """Return the pages of a test, closed afterwards."""
    found: list[Page] = []
    yield found
    for page in found:
        page.context.close()


def show(browser: Browser, opened: list[Page], html: str, viewport: dict[str, int],
         scheme: str = "light") -> tuple[Page, list[str]]:
    """Return the page as it is shown, and all that the browser complained about or asked for."""
    context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    opened.append(page)
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda request: noise.append(request.url)
            if not request.url.startswith(("data:", "about:")) else None)
    page.set_content(html, wait_until="load")
    return page, noise


def widest(page: Page) -> float:
    """Return how far to the right anything reaches, the page's own scrolling too."""
    return float(page.evaluate(
        "Math.max(document.documentElement.scrollWidth,"
        " ...[...document.querySelectorAll('body *')]"
        ".map(one => one.getBoundingClientRect().right))"))


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_the_page_stands_alone_and_is_in_order(
    browser: Browser, opened: list[Page], pages: dict[str, str], agendas: dict[str, Agenda],
    language: str,
) -> None:
    """No error, no request; lang, title, one h1, headings that skip no level, every item."""
    page, noise = show(browser, opened, pages[language], DESKTOP)
    assert noise == []
    assert page.get_attribute("html", "lang") == language
    assert page.title()
    levels = [int(one[1]) for one in page.eval_on_selector_all(
        "h1, h2, h3, h4", "all => all.map(one => one.tagName)")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    nameless = page.eval_on_selector_all(
        "[aria-labelledby]", "all => all.filter(one => "
        "!document.getElementById(one.getAttribute('aria-labelledby'))).length")
    assert nameless == 0
    assert page.locator(".timeline > li").count() == len(agendas[language].items)
    shown = page.locator(".when b").all_inner_texts()
    assert shown == [f"{item.minutes} min" for item in agendas[language].items]
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/agenda-{language}-desktop.png", full_page=True)


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_a_phone_needs_no_sideways_scrolling(
    browser: Browser, opened: list[Page], pages: dict[str, str], language: str
) -> None:
    """At 320 pixels nothing is wider than the screen, and text stays at least 12 px."""
    page, _ = show(browser, opened, pages[language], PHONE)
    assert widest(page) <= 320
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('body *')]"
        ".map(one => parseFloat(getComputedStyle(one).fontSize)))")
    assert smallest >= 12
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/agenda-{language}-phone.png", full_page=True)


def test_a_word_of_any_length_is_broken(
    browser: Browser, opened: list[Page], agendas: dict[str, Agenda], catalogue: Catalogue
) -> None:
    """What people wrote without a space makes no page wider."""
    agenda, word = agendas["en"], "Donaudampfschiff" * 15
    item = agenda.items[0].model_copy(update={"title": word, "prompts": [word], "steps": [word]})
    html = render_html(agenda.model_copy(update={"purpose": word, "items": [item]}),
                       catalogue.library.phrases["en"])
    page, _ = show(browser, opened, html, PHONE)
    assert widest(page) <= 320


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_letters_of_twice_the_size_need_no_sideways_scrolling(
    browser: Browser, opened: list[Page], pages: dict[str, str], language: str
) -> None:
    """With the browser's letters at 200 % all grows, and nothing is wider or cut off."""
    page, _ = show(browser, opened, pages[language], {"width": 640, "height": 900})
    before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 2 * before
    assert widest(page) <= 640
    cut = page.evaluate("[...document.querySelectorAll('body *')].filter(one =>"
                        " getComputedStyle(one).overflow !== 'visible').length")
    assert cut == 0


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1100, "light")])
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_axe_finds_nothing(
    browser: Browser, opened: list[Page], pages: dict[str, str], language: str, width: int,
    scheme: str,
) -> None:
    """No violation of WCAG 2.2 AA or of axe's best practices, reasons opened."""
    page, _ = show(browser, opened, pages[language], {"width": width, "height": 900}, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    results = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
    assert results.response["passes"], "axe looked at nothing"
    assert results.violations_count == 0, results.generate_report()


def test_axe_would_find_something(browser: Browser, opened: list[Page],
                                  pages: dict[str, str]) -> None:
    """A page without a language and with pale letters is reported."""
    pale = pages["en"].replace('<html lang="en">', "<html>").replace(
        "--ink: #23211d", "--ink: #ccc")
    page, _ = show(browser, opened, pale, DESKTOP)
    found = {one["id"] for one in Axe().run(page).response["violations"]}
    assert found == {"html-has-lang", "color-contrast"}


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_it_prints_on_a4_item_by_item(
    browser: Browser, opened: list[Page], pages: dict[str, str], agendas: dict[str, Agenda],
    language: str, tmp_path: Path,
) -> None:
    """A tagged PDF in its language: every item whole on one page, every address in letters."""
    page, _ = show(browser, opened, pages[language], DESKTOP)
    path = tmp_path / "agenda.pdf"
    page.pdf(path=path, format="A4", tagged=True)
    reader = PdfReader(path)
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == language
    assert catalog["/MarkInfo"]["/Marked"]
    texts = ["".join(one.extract_text().split()) for one in reader.pages]
    assert 1 < len(texts) < 7
    for item in agendas[language].items:
        words = ["".join(one.split()) for one in (item.title, *item.prompts, *item.steps)]
        assert any(all(word in text for word in words) for text in texts), item.title
    whole = "".join(texts)
    for use in agendas[language].resources:
        assert use.url in whole
    assert f"1/{len(texts)}" in texts[0]
    assert "Agendum" in texts[0], "how it was made stands at the head, and takes no sheet alone"
    if SCREENSHOTS:
        Path(f"{SCREENSHOTS}/agenda-{language}.pdf").write_bytes(path.read_bytes())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(browser: Browser, opened: list[Page], pages: dict[str, str],
                                 scheme: str) -> None:
    """At least 4.5 to 1 for all text, in light and in dark."""
    page, _ = show(browser, opened, pages["en"], DESKTOP, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = page.evaluate(CONTRAST)
    assert len(found) > 30
    poor = [(round(ratio, 2), text) for ratio, text in found if ratio < 4.5]
    assert poor == []


def test_reasons_are_there_for_who_asks(browser: Browser, opened: list[Page],
                                        pages: dict[str, str]) -> None:
    """Closed at first; a key opens them; they are words, not ids."""
    page, _ = show(browser, opened, pages["en"], DESKTOP)
    first = page.locator("details").first
    assert not first.locator("li").first.is_visible()
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert first.locator("li").first.is_visible()
    assert "activity from the library" in first.inner_text()


def test_what_people_wrote_is_text_and_never_markup(
    browser: Browser, opened: list[Page], agendas: dict[str, Agenda], catalogue: Catalogue
) -> None:
    """Tags, quotes and script addresses in an agenda are shown, not run."""
    evil = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&"
    agenda = agendas["en"]
    item = agenda.items[0].model_copy(update={"title": evil, "prompts": [evil], "steps": [evil]})
    use = agenda.resources[0].model_copy(update={
        "title": evil, "reason": evil, "url": "javascript:document.title='owned'"})
    html = render_html(
        agenda.model_copy(update={"purpose": evil, "items": [item, *agenda.items[1:]],
                                  "resources": [use]}),
        catalogue.library.phrases["en"],
    )
    page, noise = show(browser, opened, html, DESKTOP)
    assert noise == []
    assert page.title() != "owned"
    assert page.locator("h1").inner_text() == evil
    assert page.locator("main script, main img, main a").count() == 0


def test_on_paper_nothing_is_hidden_but_the_reasons(
    browser: Browser, opened: list[Page], pages: dict[str, str]
) -> None:
    """Printing drops the reasons and shows the addresses."""
    page, _ = show(browser, opened, pages["en"], DESKTOP, "dark")
    page.emulate_media(media="print", color_scheme="light")
    assert page.locator("details").first.is_hidden()
    address = page.evaluate(
        "getComputedStyle(document.querySelector('.worth a'), '::after').content")
    assert "http" in address
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
