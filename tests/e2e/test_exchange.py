"""Curators take resources in and out on the command line."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from web_server import Reply, SmallWeb

from api.cli import cli
from content_library.links import Pace
from content_library.load import HOME, VOCABULARIES, Library, load_library, read_library
from recommender.catalogue import Catalogue
from recommender.domain.resource import resource_id

Run = Callable[..., Result]
RETIRED = "6067259a2dc5"
"""A shipped resource that the overlay of these tests takes out."""
COLUMNS = ["url", "title", "publisher", "authors", "format", "language", "topics", "minutes",
           "level", "audience", "gist"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a library folder with the shipped vocabularies and no item."""
    folder = tmp_path / "library"
    folder.mkdir()
    for name in (*VOCABULARIES, "targets.yaml"):
        shutil.copy(HOME / name, folder)
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs `agendum library …`; a bridge must not be opened."""

    def never(*_: object) -> None:
        raise AssertionError("the bridge was opened")

    monkeypatch.setattr("api.topics.open_bridge", never)
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(cli, ["library", *map(str, args)])


def files(home: Path) -> dict[str, bytes]:
    """Return the bytes of every resource file by name."""
    return {path.name: path.read_bytes() for path in sorted((home / "resources").iterdir())}


def row_of(n: int, **changes: str) -> list[str]:
    """Return one good row, as a platform's export has it."""
    fields = dict(zip(COLUMNS, [
        f"https://example.org/{n}", f"Title {n}", "Example", "Ada A;Ben B", "article", "en",
        "trust;listening", str(n % 60 + 1), "introductory", "mentee;peer",
        f"Shows number {n} how a hard talk begins.", ], strict=True))
    return list({**fields, **changes}.values())


def write(path: Path, rows: list[list[str]]) -> Path:
    """Write rows under the columns as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def test_five_thousand_rows_go_in_and_the_faulty_ones_are_named(
    run: Run, home: Path, tmp_path: Path
) -> None:
    """Of 5,000 rows 250 are faulty: each is named, the others are in, a second run is idle."""
    faulty = {n: [{"gist": ""}, {"minutes": "ten"}, {"format": "clip"}, {"topics": "nosuch"},
                  {"url": "example.org"}][n // 20 % 5] for n in range(7, 5000, 20)}
    file = write(tmp_path / "big.csv", [row_of(n, **faulty.get(n, {})) for n in range(5000)])
    done = run("import", file, "--into", home, "--json")
    assert done.exit_code == 2
    report = json.loads(done.stdout)
    assert report["counts"] == {"added": 4750, "updated": 0, "unchanged": 0, "refused": 250}
    assert {one["row"]: one["faults"][0]["field"] for one in report["rows"] if one["faults"]} == {
        n + 2: next(iter(change)) for n, change in faulty.items()}
    assert done.stderr == ("agendum: 250 of 5000 rows refused; mend them and import again, the "
                           "others stay as they are\n")
    before = files(home)
    assert set(before) == {f"{resource_id(f'https://example.org/{n}')}.yaml"
                           for n in range(5000) if n not in faulty}
    again = run("import", file, "--into", home, "--json")
    assert json.loads(again.stdout)["counts"] == {
        "added": 0, "updated": 0, "unchanged": 4750, "refused": 250}
    assert files(home) == before


def test_what_is_exported_is_imported_without_loss(run: Run, home: Path, tmp_path: Path) -> None:
    """The shipped library leaves as CSV and arrives elsewhere byte for byte; exit 0."""
    out = tmp_path / "all.csv"
    assert run("export", "--status", "all", "--out", out).exit_code == 0
    assert run("import", out, "--into", home).exit_code == 0
    assert files(home) == files(HOME)
    assert read_library(home)[1] == []
    assert run("export", "--status", "all", "--from", home).stdout == out.read_text("utf-8")


def test_only_active_resources_leave_unless_asked(run: Run) -> None:
    """`--status active`, the default, holds no retired resource; JSON-LD says its context."""
    done = run("export", "--format", "jsonld")
    document = json.loads(done.stdout)
    assert document["@context"][0] == "https://schema.org"
    assert len(document["@graph"]) == len(read_library()[0].active_resources)


def test_a_dry_run_says_the_same_and_writes_nothing(
    run: Run, home: Path, tmp_path: Path
) -> None:
    """Its report is that of the run itself; good rows on stdout, refused ones on stderr."""
    file = write(tmp_path / "a.csv", [row_of(1), row_of(2, gist="short"), row_of(1)])
    planned = run("import", file, "--into", home, "--dry-run")
    assert planned.exit_code == 2
    assert not (home / "resources").exists()
    lines = planned.stdout.splitlines()
    assert lines == [
        f"row 2  added      {resource_id('https://example.org/1')}  Title 1",
        f"row 4  unchanged  {resource_id('https://example.org/1')}  Title 1",
        "    same as row 2",
        "1 added, 0 updated, 1 unchanged, 1 refused (dry run: nothing is written)"]
    assert planned.stderr.splitlines()[0] == (
        "row 3 (https://example.org/2): refused: gist: text is too short; at least 20 "
        "character(s) expected")
    done = run("import", file, "--into", home)
    assert done.stdout == planned.stdout.replace(" (dry run: nothing is written)", "")
    assert done.stderr == planned.stderr


@pytest.mark.parametrize(("name", "text", "said"), [
    ("a.csv", "url,titel\n", "agendum: a.csv: row 1: unknown column 'titel'"),
    ("a.json", "{", "agendum: a.json: line 1: no valid JSON"),
    ("a.opml", '<!DOCTYPE a [<!ENTITY b "c">]><opml/>', "agendum: a.opml: holds a DTD"),
])
def test_a_file_that_cannot_be_read_ends_with_2(
    run: Run, home: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    """The message names the file, nothing is printed as data."""
    (tmp_path / name).write_text(text, "utf-8")
    done = run("import", name, "--into", home)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(said)


def test_a_folder_that_is_no_library_is_refused(run: Run, tmp_path: Path) -> None:
    """The message says what is missing there."""
    done = run("import", write(tmp_path / "a.csv", [row_of(1)]), "--into", tmp_path)
    assert done.exit_code == 2
    assert "is no library folder: it holds no topics.yaml" in done.stderr


def test_the_real_encoder_suggests_topics_for_rows_without(
    run: Run, home: Path, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row about listening gets a topic of its own matter, marked as suggested."""
    monkeypatch.setattr("api.topics.open_bridge", lambda *_: catalogue.bridge)
    file = write(tmp_path / "a.csv", [row_of(
        1, topics="", title="How to run a negotiation",
        gist="Prepares people who must negotiate a price or a contract with a tough buyer.")])
    done = run("import", file, "--into", home, "--json")
    assert done.exit_code == 0
    (row,) = json.loads(done.stdout)["rows"]
    assert row["suggested_topics"][0]["topic"] == "negotiation"
    chances = [one["probability"] for one in row["suggested_topics"]]
    assert len(chances) == 3
    assert chances == sorted(chances, reverse=True)
    assert "topics are suggested, not the file's: look at them" in row["notes"]
    assert yaml.safe_load((home / row["file"]).read_text("utf-8"))["topics"] == ["negotiation"]


def test_a_file_is_begun_from_an_address(
    run: Run, home: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the page says is filled in, topics stand in a comment, and `check` refuses the file."""
    monkeypatch.setattr("api.topics.open_bridge", lambda *_: catalogue.bridge)
    asked: list[str] = []

    def fetch(url: str) -> str:
        asked.append(url)
        return '<html lang="en"><title>How to run a negotiation</title>'

    monkeypatch.setattr("api.link_check.read_page", fetch)
    url = "https://example.org/how-to-run-a-negotiation"
    done = run("add", url, "--into", home)
    assert done.exit_code == 0, done.output
    path = Path(done.stdout.strip())
    assert path == home / "resources" / f"{resource_id(url)}.yaml"
    text = path.read_text("utf-8")
    assert yaml.safe_load(text)["title"] == "How to run a negotiation"
    assert re.search(r"probability: [\w, .-]*negotiation 0\.", text)
    fields = {fault.field for fault in read_library(home)[1] if path.name in fault.source}
    assert {"gist", "topics", "level", "audience"} <= fields
    again = run("add", f"{url}/?utm_source=mail", "--into", home)
    assert again.exit_code == 2
    assert f"is in the library already, as resources/{path.name}" in again.stderr
    assert asked == [url]
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(("body", "said", "title"), [
    (b"<title>On trust</title>", "", "On trust"),
    (None, "agendum: the page was not read: answers 404; nothing is taken from it\n", ""),
], ids=["there", "gone"])
def test_a_page_is_read_over_the_network(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, body: bytes | None, said: str,
    title: str,
) -> None:
    """The page's own title is written; one that is gone costs a line on stderr, not the file."""
    known = {} if body is None else {"a.test/on-trust": Reply(body=body)}
    with SmallWeb(lambda method, host, path: known[host + path]).serving() as web:
        monkeypatch.setattr("api.link_check.open_web", lambda agent: web.client(agent=agent))
        monkeypatch.setattr("api.link_check.ONE_PAGE", Pace(delay_s=0))
        done = run("add", "http://a.test/on-trust", "--into", home, "--topic", "trust")
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith(f"{said}agendum: fill in what is empty")
    assert yaml.safe_load(Path(done.stdout.strip()).read_text("utf-8"))["title"] == title
    assert web.requests("a.test") == ["GET /robots.txt", "GET /on-trust"]
    assert all(one.agent.startswith("agendum-linkcheck/") for one in web.asked)


def test_offline_nothing_is_fetched_and_named_topics_are_written(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--offline` and `--topic` neither the page nor the bridge is asked."""
    monkeypatch.setattr("api.link_check.read_page", lambda _: pytest.fail("fetched"))
    done = run("add", "https://example.org/x", "--into", home, "--offline", "--topic", "Trust",
               "--title", "On trust", "--language", "en")
    assert done.exit_code == 0, done.output
    data = yaml.safe_load(Path(done.stdout.strip()).read_text("utf-8"))
    assert (data["topics"], data["title"], data["language"]) == (["trust"], "On trust", "en")


@pytest.mark.parametrize(("arguments", "said"), [
    (["https://youtu.be/wtl5UrrgU8c"], "as resources/6067259a2dc5.yaml; change that file"),
    (["ftp://example.org/x"], "agendum: URL: 'ftp://example.org/x' is no web address"),
    (["https://example.org/x", "--topic", "nosuch"], "--topic: 'nosuch' is not in topics.yaml"),
    (["https://example.org/x", "--language", "English please"], "--language: "),
])
def test_what_cannot_be_begun_is_refused(run: Run, arguments: list[str], said: str) -> None:
    """An address that is there, or is none, and unknown words end with 2 and the mend."""
    done = run("add", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an overlay in use, which retires one shipped resource."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "overlay.yaml").write_text(f"retire: {{{RETIRED}: {{why: We saw it often.}}}}\n")
    monkeypatch.setenv("AGENDUM_OVERLAY", str(folder))
    monkeypatch.setenv("AGENDUM_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def test_with_an_overlay_what_is_new_goes_into_it(
    run: Run, overlay: Path, tmp_path: Path
) -> None:
    """`import` and `add` write beside the overlay's own files; `export` holds both libraries."""
    shipped = files(HOME)
    assert run("import", write(tmp_path / "a.csv", [row_of(1)])).exit_code == 0
    done = run("add", "https://example.org/2", "--offline", "--topic", "trust")
    assert done.exit_code == 0, done.output
    begun = Path(done.stdout.strip())
    assert set(files(overlay)) == {f"{resource_id('https://example.org/1')}.yaml", begun.name}
    assert files(HOME) == shipped
    begun.unlink()
    laid = load_library(overlay=overlay)
    assert resource_id("https://example.org/1") in laid.resources
    rows = list(csv.DictReader(run("export").stdout.splitlines()))
    assert {row["id"] for row in rows} == {one.id for one in laid.active_resources}
    again = run("add", "https://example.org/1")
    assert again.exit_code == 2
    assert "is in the library already" in again.stderr


def test_with_an_overlay_a_shipped_item_stays_unless_asked(
    run: Run, overlay: Path, tmp_path: Path, library: Library
) -> None:
    """A row for a shipped item changes nothing; `--update` gives the overlay a file of it."""
    known = next(one for one in library.active_resources
                 if one.minutes is None and one.id != RETIRED)
    file = tmp_path / "a.csv"
    file.write_text(f"url,minutes\n{known.url},7\n", "utf-8")
    shipped = files(HOME)
    row = json.loads(run("import", file, "--json").stdout)["rows"][0]
    assert (row["action"], "minutes" in row["kept"]) == ("unchanged", True)
    assert "ships with Agendum" in row["notes"]
    assert not (overlay / "resources").exists()
    assert run("import", file, "--update").exit_code == 0
    assert load_library(overlay=overlay).resources[known.id].minutes == 7
    assert files(HOME) == shipped
    assert json.loads(run("import", file, "--json").stdout)["counts"]["unchanged"] == 1


def test_what_overlay_yaml_orders_is_mended_there(
    run: Run, overlay: Path, tmp_path: Path, library: Library
) -> None:
    """A file beside an order for the same item would be a fault, so none is written."""
    file = tmp_path / "a.csv"
    for orders in (f"retire: {{{RETIRED}: {{why: Old.}}}}",
                   f"hide: {{resources: [{RETIRED}]}}"):
        (overlay / "overlay.yaml").write_text(f"{orders}\n")
        url = library.resources[RETIRED].url
        file.write_text(f"url,minutes\n{url},99\n", "utf-8")
        done = run("import", file, "--update")
        assert done.exit_code == 2
        assert f"overlay.yaml changes, hides or retires {RETIRED}; mend it there" in done.stderr
        assert run("add", url, "--offline").exit_code == 2
        assert not (overlay / "resources").exists()
