"""Record a version of a prompt for good, and move the labels that say which one is used."""

import os
import re
from pathlib import Path

from prompts.lint import lint_prompts
from prompts.load import (
    HOME,
    listed_digests,
    load_prompt,
    prompt_labels,
    prompt_versions,
)
from recommender.errors import InvalidInputError

LABEL = re.compile(r"[a-z][a-z0-9-]{0,39}")


def record_versions(name: str, home: Path = HOME) -> list[str]:
    """Record the digest of every version that has none yet; return their ids.

    From then on its text may not change.

    Raises:
        NotFoundError: There is no such prompt.
        InvalidInputError: A version is malformed, breaks a rule of the lint, or has changed.
    """
    if not prompt_versions(name, home):
        load_prompt(name, home=home)
    _refuse_faults(name, home, but="is not recorded")
    listed = listed_digests(home)
    fresh = {prompt.id: prompt.digest for version in prompt_versions(name, home)
             if (prompt := load_prompt(name, version, home)).id not in listed}
    if fresh:
        path = home / "versions.yaml"
        kept = path.read_text("utf-8").rstrip("\n") + "\n" if path.exists() else ""
        _replace(path, kept + "".join(f"{one}: {digest}\n" for one, digest in fresh.items()))
    return list(fresh)


def move_label(name: str, version: int, label: str, home: Path = HOME) -> int | None:
    """Let a label mean another version; return which one it meant before, null if none.

    To roll back, move it to the version it came from.

    Raises:
        NotFoundError: There is no such prompt or version.
        InvalidInputError: The version is not recorded, or the label is no word.
    """
    if LABEL.fullmatch(label) is None:
        raise InvalidInputError.of("a word of small letters expected, such as production",
                                   source=label)
    prompt = load_prompt(name, version, home)
    if prompt.id not in listed_digests(home):
        raise InvalidInputError.of("is not recorded, so its text could still change; first run "
                                   f"`agendum prompts record {name}`", source=prompt.id)
    labels = prompt_labels(home)
    before = labels.get(name, {}).get(label)
    labels[name] = {**labels.get(name, {}), label: version}
    path = home / "labels.yaml"
    comment = [line for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
    lines = [f"{one}: {{{', '.join(f'{key}: {value}' for key, value in each.items())}}}"
             for one, each in labels.items()]
    _replace(path, "\n".join([*comment, *lines]) + "\n")
    return before


def _refuse_faults(name: str, home: Path, but: str) -> None:
    faults = [fault for fault in lint_prompts(home)
              if fault.source.split("/")[0] == name and but not in fault.problem]
    if faults:
        raise InvalidInputError(faults)


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is whole or as it was before."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InvalidInputError.of(f"cannot be written ({error.strerror})",
                                   source=str(path)) from error
