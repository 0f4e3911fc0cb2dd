"""Prompts as files: read, checked, and filled with exactly what they declare.

A prompt is `<name>/<version>.md`: front matter with what its parts need, then one part under each
heading `# system`, `# user`, … A version never changes once it is listed in `versions.yaml`;
`labels.yaml` says which one is in production.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

import yaml

from recommender.errors import Fault, InvalidInputError, NotFoundError

HOME = Path(__file__).parent
SYSTEM = "system"
PRODUCTION = "production"
CHANGED = ("has been changed since it was recorded, and versions never change; put its old text "
           "back, and write the new one as {next}.md")

_FRONT = re.compile(r"\A---\n(.*?)^---\n", re.MULTILINE | re.DOTALL)
_PART = re.compile(r"^# ([a-z]+)\n", re.MULTILINE)
_PLACE = re.compile(r"\$([a-z_]+)")
_VERSION = re.compile(r"[1-9]\d*")


@dataclass(frozen=True)
class Prompt:
    """One version of a prompt.

    Attributes:
        about: What it is for, in a sentence.
        parts: Texts by role, in the order of the file; `system` holds no placeholder.
        inputs: What each part needs; a part that is not listed needs nothing.
        digest: SHA-256 of the file.
    """

    name: str
    version: int
    about: str
    parts: Mapping[str, str]
    inputs: Mapping[str, tuple[str, ...]]
    digest: str

    @property
    def id(self) -> str:
        """Return how provenance names it, such as `agenda-draft/1`."""
        return f"{self.name}/{self.version}"

    def fill(self, part: str, **values: str) -> str:
        """Return one part with its placeholders filled.

        Raises:
            InvalidInputError: What is given is not what the part declares.
            NotFoundError: The prompt has no such part.
        """
        if part not in self.parts:
            raise NotFoundError(f"{self.id} has no part {part!r}; it has {', '.join(self.parts)}")
        declared = set(self.inputs.get(part, ()))
        if declared != set(values):
            raise InvalidInputError.of(
                f"the part {part} takes {sorted(declared)}, given were {sorted(values)}",
                source=self.id)
        return Template(self.parts[part]).substitute(values)


def prompt_names(home: Path = HOME) -> list[str]:
    """Return the names of all prompts."""
    return sorted(path.parent.name for path in home.glob("*/1.md"))


def prompt_versions(name: str, home: Path = HOME) -> list[int]:
    """Return the versions of a prompt, oldest first; none where there is no such prompt."""
    return sorted(int(path.stem) for path in (home / name).glob("*.md")
                  if _VERSION.fullmatch(path.stem))


def prompt_labels(home: Path = HOME) -> dict[str, dict[str, int]]:
    """Return for each prompt which version each of its labels means."""
    labels = yaml.safe_load((home / "labels.yaml").read_text("utf-8"))
    return {str(name): {str(label): int(version) for label, version in each.items()}
            for name, each in labels.items()}


def listed_digests(home: Path = HOME) -> dict[str, str]:
    """Return the digest of every version that may not change any more, by its id."""
    path = home / "versions.yaml"
    listed = yaml.safe_load(path.read_text("utf-8")) if path.exists() else None
    return {str(name): str(digest) for name, digest in (listed or {}).items()}


def load_prompt(name: str, wanted: str | int = PRODUCTION, home: Path = HOME) -> Prompt:
    """Return a prompt by its version or label.

    Raises:
        NotFoundError: There is no such prompt, version or label.
        InvalidInputError: The file is malformed, naming every fault; or it is a recorded version
            whose text has been changed since.
    """
    versions = prompt_versions(name, home)
    if not versions:
        raise NotFoundError(f"no prompt {name!r}; there are {', '.join(prompt_names(home))}")
    version = wanted if isinstance(wanted, int) else prompt_labels(home).get(name, {}).get(wanted)
    if version not in versions:
        raise NotFoundError(f"{name} has no version or label {wanted!r}; it has the versions "
                            f"{', '.join(map(str, versions))}")
    prompt = read_prompt(home / name / f"{version}.md")
    if listed_digests(home).get(prompt.id, prompt.digest) != prompt.digest:
        raise InvalidInputError.of(CHANGED.format(next=versions[-1] + 1),
                                   source=f"{name}/{version}.md")
    return prompt


def find_prompt(reference: str, home: Path = HOME) -> Prompt:
    """Return the prompt that people mean by `name`, `name/version` or `name@label`.

    Raises:
        NotFoundError: There is no such prompt, version or label.
        InvalidInputError: The file is malformed or was changed after it was recorded.
    """
    name, at, label = reference.partition("@")
    if at:
        return load_prompt(name, label, home)
    name, slash, version = reference.partition("/")
    if not slash:
        return load_prompt(name, home=home)
    return load_prompt(name, int(version) if _VERSION.fullmatch(version) else version, home)


def read_prompt(path: Path) -> Prompt:
    """Return the prompt in a file, whether or not it is recorded.

    Raises:
        InvalidInputError: The file is malformed; names every fault.
    """
    return _parse(path.read_bytes().decode("utf-8"), path.parent.name, int(path.stem))


@lru_cache(maxsize=32)
def _parse(text: str, name: str, version: int) -> Prompt:
    source = f"{name}/{version}.md"
    front = _FRONT.match(text)
    if front is None:
        raise InvalidInputError.of("begins without front matter between two lines ---",
                                   source=source)
    head = yaml.safe_load(front[1]) or {}
    pieces = _PART.split(text[front.end():])
    parts = {name: body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    inputs = {str(part): tuple(map(str, names))
              for part, names in (head.get("inputs") or {}).items()}
    faults = list(_faults(source, str(head.get("about") or ""), parts, inputs))
    if faults:
        raise InvalidInputError(faults)
    return Prompt(name, version, str(head["about"]), parts, inputs,
                  hashlib.sha256(text.encode()).hexdigest())


def _faults(
    source: str, about: str, parts: Mapping[str, str], inputs: Mapping[str, tuple[str, ...]]
) -> list[Fault]:
    found = []
    if not about:
        found.append(Fault(source, "about", "is missing; say what the prompt is for"))
    if not {SYSTEM, "user"} <= set(parts):
        found.append(Fault(source, "", "needs the parts `# system` and `# user`"))
    for part in inputs:
        if part not in parts:
            found.append(Fault(source, f"inputs.{part}", "there is no such part; take it out"))
    for part, text in parts.items():
        used, declared = set(_PLACE.findall(text)), set(inputs.get(part, ()))
        if not text:
            found.append(Fault(source, part, "is empty"))
        if "$" in _PLACE.sub("", text):
            found.append(Fault(source, part, "a $ that begins no placeholder; take it out"))
        if part == SYSTEM and used:
            found.append(Fault(source, part, "is fixed text; what differs belongs to the user "
                                             "part"))
        elif used != declared:
            found.append(Fault(source, part, f"declares {sorted(declared)} and uses "
                                             f"{sorted(used)}; make them the same"))
    return found
