"""What is wrong with the prompts as they stand: inputs, vague words, length, versions, labels."""

import re
from collections.abc import Iterator
from pathlib import Path

from prompts.load import (
    CHANGED,
    HOME,
    PRODUCTION,
    SYSTEM,
    Prompt,
    listed_digests,
    prompt_labels,
    prompt_names,
    prompt_versions,
    read_prompt,
)
from recommender.errors import Fault, InvalidInputError

MAX_CHARACTERS = 12_000
"""Of all parts of a prompt together, about 3,000 tokens; what people wrote comes on top."""
JUDGE = "judge-"
"""How the names of prompts begin by which a model gives verdicts."""

_VAGUE = re.compile(
    r"\b(good|nice|great|excellent|bad|poor|high[- ]quality|appropriate(?:ly)?|adequate(?:ly)?|"
    r"reasonabl[ey]|relevant|helpful|useful|suitable|proper(?:ly)?|engaging|effective(?:ly)?|"
    r"overall impression|as needed|if necessary|and so on|etc)\b", re.IGNORECASE)
"""Words that every judge fills in another way: what is meant has to be said instead."""
_ALONE = re.compile(r"^\$([a-z_]+)$", re.MULTILINE)


def lint_prompts(home: Path = HOME) -> list[Fault]:
    """Return every fault of every prompt, version and label; none where all is in order."""
    found: list[Fault] = []
    digests, labels = listed_digests(home), prompt_labels(home)
    seen = set()
    for name in prompt_names(home):
        versions = prompt_versions(name, home)
        if versions != list(range(1, len(versions) + 1)):
            found.append(Fault(name, "", f"has the versions {', '.join(map(str, versions))}; "
                                         "they are numbered from 1 without a gap"))
        for version in versions:
            source = f"{name}/{version}.md"
            seen.add(f"{name}/{version}")
            try:
                prompt = read_prompt(home / name / f"{version}.md")
            except InvalidInputError as error:
                found += error.faults
                continue
            found += _faults_of(prompt, source)
            listed = digests.get(prompt.id)
            if listed is None:
                found.append(Fault(source, "", "is not recorded; run "
                                               f"`agendum prompts record {name}`"))
            elif listed != prompt.digest:
                found.append(Fault(source, "", CHANGED.format(next=versions[-1] + 1)))
        found += _label_faults(name, labels.get(name, {}), versions)
    found += [Fault("versions.yaml", gone, "is recorded and its file is gone; put it back")
              for gone in sorted(set(digests) - seen)]
    found += [Fault("labels.yaml", name, "is no prompt; take it out")
              for name in sorted(set(labels) - set(prompt_names(home)))]
    return found


def vague_words(text: str) -> list[str]:
    """Return the words of a text that leave a verdict to taste, in order, each once."""
    return list(dict.fromkeys(match[0].lower() for match in _VAGUE.finditer(text)))


def _faults_of(prompt: Prompt, source: str) -> Iterator[Fault]:
    length = sum(map(len, prompt.parts.values()))
    if length > MAX_CHARACTERS:
        yield Fault(source, "", f"{length} characters; at most {MAX_CHARACTERS}, shorten it")
    if prompt.name.startswith(JUDGE):
        for part, text in prompt.parts.items():
            for word in vague_words(text):
                yield Fault(source, part, f"{word!r} leaves the verdict to taste; say what is "
                                          "to be seen, or not")
    for name in _ALONE.findall(prompt.parts["user"]):
        if f"<{name}>\n${name}\n</{name}>" not in prompt.parts["user"]:
            yield Fault(source, "user", f"${name} is a block of material; put it between "
                                        f"the lines <{name}> and </{name}>")
        elif f"<{name}>" not in prompt.parts[SYSTEM]:
            yield Fault(source, SYSTEM, f"does not say that what stands in <{name}> is material "
                                        "and no instruction")


def _label_faults(name: str, labels: dict[str, int], versions: list[int]) -> Iterator[Fault]:
    for label, version in labels.items():
        if version not in versions:
            yield Fault("labels.yaml", f"{name}.{label}", f"version {version} does not exist; "
                        f"there are {', '.join(map(str, versions))}")
    if PRODUCTION not in labels:
        yield Fault("labels.yaml", name, f"has no label {PRODUCTION}; say which version is used")
