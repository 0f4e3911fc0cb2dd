"""The compiled copy of the library: the same library, sooner, and never a wrong one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from shipped import ROOT, wanted_by_programmes

from content_library import compiled, load
from content_library.files import Snapshot
from content_library.load import HOME, Library, load_library, read_library
from recommender.errors import LibraryError


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """Return a copy of the shipped library with few items."""
    home = tmp_path_factory.mktemp("library")
    for path in HOME.glob("*.yaml"):
        shutil.copy(path, home)
    own = [one.id for one in library.activities.values() if not one.resources][:2]
    own += wanted_by_programmes(library)
    kept = {"resources": [one.id for one in library.active_resources[:3]], "activities": own,
            "programmes": list(library.programmes)}
    for folder, ids in kept.items():
        (home / folder).mkdir()
        for one in ids:
            shutil.copy(HOME / folder / f"{one}.yaml", home / folder)
    return home


@pytest.fixture
def home(small: Path, tmp_path: Path) -> Path:
    """Return the small library, free to change."""
    return Path(shutil.copytree(small, tmp_path / "library"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache folder that does not exist yet."""
    return tmp_path / "cache"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets an entry each time YAML is parsed for a library."""
    times: list[int] = []
    read = load.read_sources

    def counted(
        shipped: Snapshot, own: Snapshot | None
    ) -> object:
        times.append(len(shipped.files))
        return read(shipped, own)

    monkeypatch.setattr(load, "read_sources", counted)
    return times


def copy_in(cache: Path) -> Path:
    (path,) = cache.iterdir()
    return path


def test_the_shipped_library_is_the_same_from_its_copy(
    library: Library, cache: Path, parsed: list[int]
) -> None:
    """The second load parses no YAML and gives the same library, in the same order."""
    for _ in range(2):
        found = load_library(cache=cache)
        assert found == library
        for kind in ("resources", "activities", "programmes", "topics", "focus_areas"):
            assert list(getattr(found, kind)) == list(getattr(library, kind))
    assert len(parsed) == 1


def test_an_overlay_is_in_the_copy(home: Path, cache: Path, tmp_path: Path,
                                   parsed: list[int]) -> None:
    """Libraries with and without an overlay have copies of their own, decisions included."""
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    one = next((home / "resources").iterdir()).stem
    (overlay / "overlay.yaml").write_text(f"change: {{resources: {{'{one}': {{minutes: 7}}}}}}\n")
    (overlay / "curation.yaml").write_text(f"pinned: [{{resource: '{one}', topic: trust}}]\n")
    with_it, without = (load_library(home, overlay=over, cache=cache) for over in (overlay, None))
    again = load_library(home, overlay=overlay, cache=cache)
    assert again == with_it == read_library(home, overlay=overlay)[0]
    assert again.resources[one].minutes == 7
    assert again.curation.pinned[0].resource == one
    assert without == load_library(home)
    assert again.laid is not None
    assert len(list(cache.iterdir())) == 2


def test_a_changed_file_is_seen_whatever_its_date(home: Path, cache: Path) -> None:
    """A file of the same name, size and time but another byte is read anew."""
    load_library(home, cache=cache)
    path = next((home / "programmes").iterdir())
    times, text = path.stat(), path.read_text("utf-8")
    name = yaml.safe_load(text)["name"]
    path.write_text(text.replace(name, name.swapcase(), 1), "utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert load_library(home, cache=cache).programmes[path.stem].name == name.swapcase()


def test_a_fault_is_seen_although_there_is_a_copy(home: Path, cache: Path) -> None:
    """What makes a library unsound is reported, even where no fingerprint covers it."""
    load_library(home, cache=cache)
    (home / "resources" / "notes.txt").write_text("to do")
    with pytest.raises(LibraryError, match=r"notes\.txt: is not read"):
        load_library(home, cache=cache)
    (home / "resources" / "notes.txt").unlink()
    (home / "topics.yaml").unlink()
    with pytest.raises(LibraryError, match=r"topics\.yaml: no such file"):
        load_library(home, cache=cache)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def one_byte_changed(path: Path) -> None:
    data = path.read_bytes()
    at = data.index(b'"minutes":') - 20
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def no_json(path: Path) -> None:
    path.write_bytes(b"\xff\x00" * 500)


def of_other_code(path: Path) -> None:
    seal, _, body = path.read_bytes().partition(b"\n")
    path.write_bytes(seal[::-1] + b"\n" + body)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [truncated, one_byte_changed, emptied, no_json, of_other_code,
                                    a_folder], ids=lambda damage: damage.__name__)
def test_a_damaged_copy_is_made_anew(
    home: Path, cache: Path, damage: object, parsed: list[int],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A copy with any byte wrong counts as none: the library comes from its files, silently."""
    good = load_library(home, cache=cache)
    path = copy_in(cache)
    assert callable(damage)
    damage(path)
    assert load_library(home, cache=cache) == good
    assert len(parsed) == 2
    if path.is_file():
        assert load_library(home, cache=cache) == good
        assert len(parsed) == 2
    assert capfd.readouterr() == ("", "")
    assert [one.name for one in cache.iterdir()] == [path.name]


def test_a_sealed_copy_is_validated_all_the_same(home: Path, cache: Path) -> None:
    """A copy that holds what no library may hold is not used, although its seal is right."""
    good = load_library(home, cache=cache)
    path = copy_in(cache)
    body = json.loads(path.read_bytes().partition(b"\n")[2])
    next(iter(body["resources"].values()))["minutes"] = -3
    shipped, _ = load.take_sources(home, None)
    content = json.dumps(body).encode()
    seal = compiled._seal(f"{shipped.key} None", content)
    path.write_bytes(seal + b"\n" + content)
    assert load_library(home, cache=cache) == good


def test_other_code_makes_its_own_copy(
    home: Path, cache: Path, parsed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade of the code that reads libraries an old copy is not used."""
    load_library(home, cache=cache)
    monkeypatch.setattr(compiled, "_code", lambda: "another version")
    load_library(home, cache=cache)
    assert len(parsed) == 2


def test_without_a_cache_folder_it_works(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A cache folder that cannot be made costs time, and no word."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert load_library(home, cache=blocked / "cache") == load_library(home)
    assert capfd.readouterr() == ("", "")


def test_several_processes_may_load_at_once(home: Path, cache: Path) -> None:
    """Processes that compile and read side by side all get the library, and leave one copy."""
    script = ("import sys; from pathlib import Path; from content_library.load import load_library"
              "\nfor _ in range(5): print(load_library(Path(sys.argv[1]), cache=Path(sys.argv[2]))"
              ".fingerprint)")
    running = [subprocess.Popen([sys.executable, "-c", script, home, cache], cwd=ROOT, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for _ in range(3)]
    said = [process.communicate(timeout=60) for process in running]
    assert {err for _, err in said} == {""}
    assert {line for out, _ in said for line in out.split()} == {load_library(home).fingerprint}
    assert copy_in(cache).is_file()
