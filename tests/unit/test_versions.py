"""Versions: what gives way is kept, numbered, and comes back byte for byte."""

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from edits import editing, make_agenda

from api.inputs import write_text
from api.version_file import read_log, replacing, standing_agenda, versions_path
from content_library.load import Library
from recommender.agendas.versions import is_same, keep, next_number, version_at, versions_of
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.errors import InvalidInputError

NOW = datetime(2027, 1, 15, 9, 30, tzinfo=UTC)


@pytest.fixture
def agendas(library: Library, catalogue: Catalogue) -> list[Agenda]:
    """Return an agenda and four that came of it, each renamed once more."""
    found = [make_agenda(library)]
    for title in ("One", "Two", "Three", "Four"):
        edit = editing(found[-1], catalogue)
        found.append(edit({"op": "rename", "item": "i2", "title": title}).agenda)
    return found


def put(path: Path, agenda: Agenda) -> int | None:
    """Write an agenda as the command line does."""
    with replacing(path, agenda, "edit", NOW) as kept:
        write_text(path, agenda.model_dump_json(by_alias=True, indent=2) + "\n")
    return kept


# The core


def test_versions_are_numbered_in_order(agendas: list[Agenda]) -> None:
    """What was kept comes first, what stands now last; numbers go on from there."""
    first = keep([], agendas[0], "edit", NOW)
    second = keep([first], agendas[1], "restore", NOW)
    versions = versions_of([first, second], agendas[2])
    assert [one.number for one in versions] == [1, 2, 3]
    assert [one.agenda.id for one in versions] == [one.id for one in agendas[:3]]
    assert [one.kept for one in versions] == [first, second, None]
    assert next_number([second]) == 3
    assert version_at(versions, 2).agenda == agendas[1]


def test_a_version_that_is_not_there_is_named(agendas: list[Agenda]) -> None:
    """With those that are."""
    with pytest.raises(InvalidInputError, match="there is no version 3; there are 1, 2"):
        version_at(versions_of([keep([], agendas[0], "edit", NOW)], agendas[1]), 3)


def test_the_time_it_took_makes_no_version(agendas: list[Agenda]) -> None:
    """The same agenda made again is the same."""
    slow = agendas[0].provenance.model_copy(update={"latency_ms": 9999})
    assert is_same(agendas[0], agendas[0].model_copy(update={"provenance": slow}))
    assert not is_same(agendas[0], agendas[1])


# The file


def test_nothing_is_lost(tmp_path: Path, agendas: list[Agenda]) -> None:
    """Every agenda that stood in the file is in the versions file, in order, byte for byte."""
    path = tmp_path / "a.json"
    assert [put(path, one) for one in agendas] == [None, 1, 2, 3, 4]
    log = read_log(path)
    assert [one.agenda for one in log.kept] == agendas[:-1]
    assert {one.kept_at for one in log.kept} == {NOW}
    assert standing_agenda(path) == agendas[-1]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.json", "a.json.versions.jsonl"]


def test_what_is_no_agenda_or_the_same_makes_no_version(
    tmp_path: Path, agendas: list[Agenda]
) -> None:
    """A page, other JSON, a first file, and the same agenda once more."""
    path = tmp_path / "a.json"
    for text in ("# An agenda\n", "{}", "[1]", '{"items": 1, ', "\xff"):
        path.write_text(text, encoding="latin-1")
        assert put(path, agendas[0]) is None
    again = agendas[0].model_copy(update={
        "provenance": agendas[0].provenance.model_copy(update={"latency_ms": 1})})
    assert put(path, again) is None
    assert not versions_path(path).exists()


def test_a_page_over_an_agenda_makes_a_version_of_the_same(
    tmp_path: Path, agendas: list[Agenda]
) -> None:
    """A page shows the agenda, and cannot be edited or restored from."""
    path = tmp_path / "a.json"
    put(path, agendas[0])
    with replacing(path, None, "agenda", NOW) as kept:
        write_text(path, "# An agenda\n")
    assert kept == 1
    assert read_log(path).kept[0].agenda == agendas[0]


def test_an_agenda_of_another_version_of_agendum_is_kept_too(
    tmp_path: Path, agendas: list[Agenda]
) -> None:
    """It cannot be shown, and its line says so; it stays on disk, and its number is not reused."""
    path = tmp_path / "a.json"
    data = agendas[0].model_dump(mode="json", by_alias=True) | {"mood": "new in version 9"}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert put(path, agendas[1]) == 1
    assert put(path, agendas[2]) == 2
    log = read_log(path)
    assert (log.unreadable, [one.number for one in log.kept]) == ([1], [2])
    line = versions_path(path).read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(line)["agenda"] == data


def test_a_line_torn_by_a_crash_is_left_out(tmp_path: Path, agendas: list[Agenda]) -> None:
    """The next version begins a line of its own, and every other one can be read."""
    path = tmp_path / "a.json"
    put(path, agendas[0])
    put(path, agendas[1])
    with versions_path(path).open("a", encoding="utf-8") as file:
        file.write('{"number":2,"kept_at":"2027-01-1')
    assert put(path, agendas[2]) == 3
    log = read_log(path)
    assert [(one.number, one.agenda) for one in log.kept] == [(1, agendas[0]), (3, agendas[1])]
    assert log.unreadable == [2]


def test_a_write_that_fails_keeps_what_stands_once(
    tmp_path: Path, agendas: list[Agenda]
) -> None:
    """Tried again, the agenda that stands is not kept a second time."""
    path = tmp_path / "a.json"
    put(path, agendas[0])
    with pytest.raises(OSError, match="full"), replacing(path, agendas[1], "edit", NOW) as kept:
        raise OSError("full")
    assert kept == 1
    assert standing_agenda(path) == agendas[0]
    assert put(path, agendas[1]) == 1
    assert [one.agenda for one in read_log(path).kept] == [agendas[0]]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_where_nothing_can_be_kept_nothing_is_written(
    tmp_path: Path, agendas: list[Agenda]
) -> None:
    """The agenda that stands there stays."""
    path = tmp_path / "a.json"
    put(path, agendas[0])
    versions_path(path).touch(mode=0o400)
    with pytest.raises(InvalidInputError, match="so nothing was changed"):
        put(path, agendas[1])
    assert standing_agenda(path) == agendas[0]


def test_a_folder_in_place_of_the_versions_file_is_refused(
    tmp_path: Path, agendas: list[Agenda]
) -> None:
    """The agenda that stands there stays."""
    path = tmp_path / "a.json"
    put(path, agendas[0])
    versions_path(path).mkdir()
    with pytest.raises(InvalidInputError, match=r"versions\.jsonl: cannot be"):
        put(path, agendas[1])
    assert standing_agenda(path) == agendas[0]


def test_writers_at_once_lose_nothing(tmp_path: Path, agendas: list[Agenda]) -> None:
    """Eight writers of one file take turns: each agenda stands there or is kept."""
    path = tmp_path / "a.json"
    own = [agendas[0].model_copy(update={"id": f"ag_{n}"}) for n in range(24)]

    def write(part: list[Agenda]) -> None:
        for one in part:
            put(path, one)

    threads = [threading.Thread(target=write, args=(own[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = read_log(path)
    standing = standing_agenda(path)
    assert standing is not None
    assert sorted([*(one.agenda.id for one in log.kept), standing.id]) == sorted(
        one.id for one in own)
    assert [one.number for one in log.kept] == list(range(1, 24))
