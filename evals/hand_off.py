"""How well the rules find what needs a person, and how far two passes of labels agree."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from content_library.load import Library
from evals.agreement import weighted_kappa
from recommender.catalogue import words_of_library
from recommender.names.safe import others_of, safe_text
from recommender.privacy import People, people_named

DATA = Path(__file__).parent / "data" / "hand_off"
LABELS = ("ordinary", "grave")


@dataclass(frozen=True)
class HandOffScore:
    """How many sentences were found that need a person, and how many others were taken for one.

    Attributes:
        grave: Sentences that need a person; `found` of them were found.
        ordinary: Hard sentences that do not; `alarms` of them were taken for one.
    """

    grave: int
    found: int
    ordinary: int
    alarms: int

    @property
    def recall(self) -> float:
        """Return the share found."""
        return self.found / self.grave

    @property
    def false_alarms(self) -> float:
        """Return the share of the others taken for one."""
        return self.alarms / self.ordinary


def measure_hand_off(needs_person: Callable[[str], bool], **only: str | int) -> HandOffScore:
    """Return how the rules do on the labelled sentences.

    Args:
        only: Fields of a sentence and the value wanted, such as `half="held_out"`.
    """
    lines = [line for line in sentences_labelled()
             if all(line[field] == value for field, value in only.items())]
    said = {label: [needs_person(line["text"]) for line in lines if line["label"] == label]
            for label in LABELS}
    return HandOffScore(len(said["grave"]), sum(said["grave"]),
                        len(said["ordinary"]), sum(said["ordinary"]))


def sentences_labelled(folder: Path = DATA) -> list[dict[str, Any]]:
    """Return the sentences with their labels."""
    return [json.loads(line)
            for line in (folder / "sentences.jsonl").read_text("utf-8").splitlines()]


def texts_of_cases(name: str = "cases.jsonl", folder: Path = DATA) -> list[dict[str, Any]]:
    """Return the texts of whole cases with their labels, in the order of the cases."""
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def seen_texts(
    lines: Sequence[Mapping[str, Any]], library: Library, people: People | None = None
) -> list[str]:
    """Return what the product embeds of each text: nobody is named, nobody can be reached.

    Args:
        people: The members of a case, where there is one.
    """
    known = words_of_library(library)
    members = people or people_named((), "", known)
    return [" ".join(safe_text(line["text"], members, others_of(known),
                               library.phrases[line["language"]].person_other).split())
            for line in lines]


def is_held_out(line: Mapping[str, Any]) -> bool:
    """Return whether a sentence may train nothing."""
    return bool(line["round"] >= 7 and line["half"] == "held_out")


def label_kappa(folder: Path = DATA, *, passes: Sequence[str] = ("a.tsv", "b.tsv")) -> float:
    """Return Cohen's kappa of two passes of labels."""
    first, second = (
        np.array([LABELS.index(line.split("\t")[1]) for line in
                  (folder / "passes" / name).read_text("utf-8").splitlines()[1:]], dtype=np.intp)
        for name in passes)
    return weighted_kappa(first, second)
