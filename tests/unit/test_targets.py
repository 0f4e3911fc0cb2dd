"""What the library should hold, the heat map, and the counts behind both."""

import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from content_library.coverage import cover
from content_library.coverage_page import as_html
from content_library.load import HOME, Library, read_library
from content_library.targets import (
    Standing,
    activities_by_topic,
    load_targets,
    read_targets,
    resources_by_area,
    resources_by_topic,
    standings,
    targets_text,
)
from recommender.errors import LibraryError


class Page(HTMLParser):
    """Collects tags, table cells and what a page would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._in_cell = tag == "td"

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells.append(data)


def page_of(library: Library) -> str:
    return as_html(cover(library), resources_by_area(library), resources_by_topic(library),
                   activities_by_topic(library), standings(library, load_targets(library, HOME)))


def test_targets_are_those_agreed(library: Library) -> None:
    """50 English, 12 Spanish, 10 French per focus area; 8 per topic; 4 activities per theme."""
    targets = load_targets(library, HOME)
    assert targets.resources.by_focus_area == {"en": 50, "es": 12, "fr": 10}
    assert targets.resources.by_topic == 8
    assert targets.activities.at_least == 4
    assert len(targets.activities.themes) == 19
    found = standings(library, targets)
    assert len(found) == 3 * len(library.focus_areas) + len(library.topics) + 19
    assert all(one.met for one in found if one.kind == "activities by theme")


def test_what_is_taken_away_is_missed(library: Library) -> None:
    """A retired resource no longer counts; a target that it met before is not met then."""
    targets = load_targets(library, HOME)
    area = next(iter(library.focus_areas))
    key = f"{area}, en"
    [before] = [one for one in standings(library, targets) if one.name == key]
    left = {one.id: one for one in library.resources.values()
            if not (one.status == "active" and one.language == "en" and area in one.focus_areas)}
    [after] = [one for one in standings(replace(library, resources=left), targets)
               if one.name == key]
    assert before.count > 0
    assert (after.count, after.met) == (0, False)
    assert f"not met  {key}" in targets_text([after])
    assert "0 of 1 met" in targets_text([after])


def test_an_activity_counts_once_for_a_theme(library: Library) -> None:
    """A theme of two topics counts an activity that has both of them once."""
    both = [one for one in library.activities.values()
            if {"inclusive-leadership", "dei"} & set(one.topics)]
    [theme] = [one for one in standings(library, load_targets(library, HOME))
               if one.name == "inclusion"]
    assert theme.count == len(both) >= 4


@pytest.mark.parametrize(("old", "new", "said"), [
    ("topics: [being-heard]", "topics: [nosuch]", "'nosuch' is no topic of this library"),
    ("by_topic: 8", "by_topic: 0", "resources.by_topic"),
    ("by_topic: 8", "by_topics: 8", "unknown field"),
    ("{en: 50,", "{de: 50,", "resources.by_focus_area"),
])
def test_the_loader_checks_targets(
    library: Library, tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A wrong target is a fault of the library: file, field, what was expected."""
    text = (HOME / "targets.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "targets.yaml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(LibraryError, match=said):
        load_targets(library, tmp_path)


def test_a_library_without_targets_has_a_fault(library: Library, tmp_path: Path) -> None:
    """A missing file is named, by itself and in the check of the whole library."""
    targets, [fault] = read_targets(library, tmp_path)
    assert targets is None
    assert (fault.source, fault.problem) == ("targets.yaml", "no such file; check the path")
    for path in HOME.glob("*.yaml"):
        if path.name != "targets.yaml":
            shutil.copy(path, tmp_path)
    for folder in ("resources", "activities", "programmes"):
        (tmp_path / folder).mkdir()
    assert [one.source for one in read_library(tmp_path)[1]] == ["targets.yaml"]


def test_the_page_is_whole_in_itself(library: Library) -> None:
    """No script, nothing loaded; a title, a language, headings of rows and columns."""
    text = page_of(library)
    page = Page(text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert "url(" not in text
    assert ("lang", "en") in page.attributes
    assert {("scope", "row"), ("scope", "col")} <= set(page.attributes)
    assert page.tags.count("table") == page.tags.count("caption")


def test_the_page_switches_languages(library: Library) -> None:
    """Four views of each focus area: the fewest of all languages, chosen at first, and each."""
    page = Page(page_of(library))
    assert page.tags.count("input") == 4
    assert page.tags.count("label") == 4
    assert page.attributes.count(("checked", None)) == 1
    assert page.tags.count("div") == 4


def test_thin_cells_say_so_in_words(library: Library) -> None:
    """Each cell holds its number; a thin one says thin, so that no colour is needed."""
    few = dict(list(library.activities.items())[:3])
    page = Page(page_of(replace(library, activities=few)))
    numbers = [cell for cell in page.cells if cell.split()[0].isdigit()]
    assert len(numbers) >= 4 * 700
    assert "0 thin" in page.cells
    assert "0 of 50, short" in Page(page_of(replace(library, resources={}))).cells


def test_names_are_escaped(library: Library) -> None:
    """A name with signs of HTML in it stands as it is written."""
    odd = [Standing("activities by theme", "<b>&", 0, 4)]
    assert "&lt;b&gt;&amp;" in as_html(cover(library)[:5], {}, {}, {}, odd)
