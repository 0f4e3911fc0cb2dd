"""`agendum library links` as a curator runs it, against a small web on this machine."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from web_server import Reply, SmallWeb

from api.cli import cli
from content_library.links import Pace
from content_library.load import HOME, Library
from recommender.catalogue import Catalogue
from recommender.domain.resource import Resource

Run = Callable[..., Result]
TODAY = datetime.now(UTC).date()


@pytest.fixture
def chosen(library: Library) -> list[Resource]:
    """Return three active resources, each on a host of its own without encryption."""
    by_host = {one.url.split("/")[2]: one for one in library.active_resources
               if one.url.startswith("http://") and one.url.count("/") > 3}
    return list(by_host.values())[:3]


@pytest.fixture
def home(tmp_path: Path, chosen: list[Resource]) -> Path:
    """Return a library folder with the files of these resources."""
    folder = tmp_path / "library"
    (folder / "resources").mkdir(parents=True)
    for one in chosen:
        shutil.copy(HOME / "resources" / f"{one.id}.yaml", folder / "resources")
    return folder


@pytest.fixture
def web(chosen: list[Resource]) -> Iterator[SmallWeb]:
    """Return a web where the first is gone, the second in trouble and the third alive."""
    gone, troubled, _ = (one.url.split("/")[2] for one in chosen)

    def respond(method: str, host: str, path: str) -> Reply:
        if path == "/robots.txt" or host == gone:
            raise KeyError
        return Reply(500) if host == troubled else Reply()

    with SmallWeb(respond).serving() as served:
        yield served


@pytest.fixture
def run(
    web: SmallWeb, home: Path, chosen: list[Resource], library: Library, catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> Run:
    """Return a function that runs the command over these resources and that web."""
    small = replace(library, resources={one.id: one for one in chosen})
    monkeypatch.setattr("content_library.load.HOME", home)
    monkeypatch.setattr("api.opening.open_library", lambda _: small)
    monkeypatch.setattr("api.link_check.open_ready_catalogue", lambda _: catalogue)
    monkeypatch.setattr("api.link_check.open_web", lambda agent: web.client(agent=agent))
    monkeypatch.setattr("api.link_check.PACE", Pace(delay_s=0, backoff_s=0.01))
    for name in list(os.environ):
        if name.upper().startswith("AGENDUM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AGENDUM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def run(*args: object) -> Result:
        return CliRunner().invoke(cli, ["library", "links", *map(str, args)])

    return run


def history_of(*rows: tuple[Resource, int, str]) -> str:
    """Return a history: resource, days ago, state."""
    return "".join(json.dumps({"id": one.id, "day": str(TODAY - timedelta(days=ago)),
                               "state": state}) + "\n" for one, ago, state in rows)


def test_a_run_reports_keeps_history_and_changes_no_file(
    run: Run, home: Path, chosen: list[Resource], tmp_path: Path, web: SmallWeb
) -> None:
    """Broken first with a replacement; the history is in the cache folder; no file changed."""
    before = {path: path.read_bytes() for path in home.rglob("*.yaml")}
    result = run("--format", "json", "--contact", "lib@a.test")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [one["state"] for one in report["links"]] == ["gone", "passing", "ok"]
    assert report["links"][0]["id"] == chosen[0].id
    assert report["links"][0]["instead"]["id"] != chosen[0].id
    assert report["links"][0]["why_retire"] is None
    assert report["links"][1]["instead"] is None
    kept = (tmp_path / "cache" / "link-history.jsonl").read_text().splitlines()
    assert {json.loads(line)["id"] for line in kept} == {one.id for one in chosen}
    assert {path: path.read_bytes() for path in home.rglob("*.yaml")} == before
    assert all("lib@a.test" in one.agent for one in web.asked)


def test_retire_writes_two_fields_and_nothing_else(
    run: Run, home: Path, chosen: list[Resource], tmp_path: Path
) -> None:
    """On the third day it would be retired; with --retire it is; passing trouble is not."""
    history = tmp_path / "h.jsonl"
    gone, troubled, _ = chosen
    history.write_text(history_of((gone, 9, "gone"), (gone, 4, "soft_404"),
                                  (troubled, 9, "passing"), (troubled, 4, "passing")))
    path = home / "resources" / f"{gone.id}.yaml"
    path.write_text("# by hand\n" + path.read_text())
    before = {one.id: (home / "resources" / f"{one.id}.yaml").read_text() for one in chosen}
    result = run("--history", history)
    assert "1 to be retired: run again with --retire" in result.stdout
    assert path.read_text() == before[gone.id]
    result = run("--history", history, "--retire")
    assert result.exit_code == 0, result.output
    assert "1 retired" in result.stdout
    old, new = before[gone.id].splitlines(), path.read_text().splitlines()
    assert set(old) - set(new) == {"status: active"}
    added = [line for line in new if line not in old]
    assert added[0] == "status: retired"
    assert added[1].startswith("why_retired: ")
    assert len(added) == 2
    read = Resource.model_validate(yaml.safe_load(path.read_text()))
    assert (read.status, read.superseded_by) == ("retired", None)
    assert str(TODAY) in (read.why_retired or "")
    for one in chosen[1:]:
        assert (home / "resources" / f"{one.id}.yaml").read_text() == before[one.id]


def test_write_sets_checked_on_where_a_link_is_alive(
    run: Run, home: Path, chosen: list[Resource]
) -> None:
    """Alive links get today's date, one line each; the others keep theirs."""
    before = [(home / "resources" / f"{one.id}.yaml").read_text() for one in chosen]
    assert run("--write").exit_code == 0
    after = [(home / "resources" / f"{one.id}.yaml").read_text() for one in chosen]
    assert after[:2] == before[:2]
    assert after[2] == before[2].replace("checked_on: null", f"checked_on: {TODAY}")
    assert after[2] != before[2]


def test_what_stands_in_the_overlay_is_changed_there(
    run: Run, home: Path, chosen: list[Resource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An overlay's file is retired in the overlay; the shipped one of the same id stays."""
    overlay = tmp_path / "ours"
    (overlay / "resources").mkdir(parents=True)
    monkeypatch.setenv("AGENDUM_OVERLAY", str(overlay))
    gone, troubled, alive = (home / "resources" / f"{one.id}.yaml" for one in chosen)
    shutil.copy(gone, overlay / "resources")
    before = [path.read_text() for path in (gone, troubled, alive)]
    history = tmp_path / "h.jsonl"
    history.write_text(history_of((chosen[0], 9, "gone"), (chosen[0], 4, "gone")))
    done = run("--history", history, "--retire", "--write")
    assert done.exit_code == 0, done.output
    assert "status: retired" in (overlay / "resources" / gone.name).read_text()
    assert [gone.read_text(), troubled.read_text()] == before[:2]
    assert f"checked_on: {TODAY}" in alive.read_text()
    assert [path.name for path in (overlay / "resources").iterdir()] == [gone.name]


def test_an_address_of_overlay_yaml_is_not_written_into_the_shipped_file(
    run: Run, home: Path, chosen: list[Resource]
) -> None:
    """Where the file names another address than the one asked, it stays, and that is said."""
    path = home / "resources" / f"{chosen[2].id}.yaml"
    path.write_text(path.read_text().replace(chosen[2].url, "https://example.org/elsewhere"))
    before = path.read_text()
    done = run("--write")
    assert done.exit_code == 0, done.output
    assert path.read_text() == before
    assert f"another address: {chosen[2].id}; write it there" in done.stderr


def test_html_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    """`--out` writes the page, whole, and says so on stderr."""
    result = run("--format", "html", "--out", tmp_path / "links.html")
    assert result.exit_code == 0, result.output
    assert "wrote" in result.stderr
    assert result.stdout == ""
    assert (tmp_path / "links.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(("args", "said"), [
    (["nosuch"], "'nosuch'"), (["--history", "bad.jsonl"], "bad.jsonl: line 1"),
    (["--history", "file/h.jsonl"], "--history"), (["--contact", "a\nb"], "--contact"),
])
def test_bad_input_is_named_before_anything_is_asked(
    run: Run, web: SmallWeb, tmp_path: Path, args: list[str], said: str
) -> None:
    """Exit 2 with the file, line or option, and no request was made."""
    (tmp_path / "bad.jsonl").write_text("{\n")
    (tmp_path / "file").write_text("")
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert web.asked == []
