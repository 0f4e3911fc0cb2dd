"""Say how well what needs a person is found in the sentences that trained nothing.

`python -m evals.hand_off_measures` prints, for each held-out round: the rules alone, networks and
n-grams alone, as with another encoder, and all together as shipped, by language, matter and place;
what the threshold of notes costs; and the recall at other shares of false alarms. Rounds 7 and 11
set the threshold; round 15 set nothing. Then whole cases, as the product judges them.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from evals.hand_off import is_held_out, seen_texts, sentences_labelled, texts_of_cases
from evals.hand_off_training import ENCODER, FILE
from recommender.catalogue import Catalogue, open_catalogue
from recommender.hand_off import read_model
from recommender.privacy import Evidence
from recommender.retrieval.universal_sentence_encoder import encode_sentences

SHARES = (0.02, 0.05, 0.08, 0.1)
NOTHING = Evidence(tells=False, names=False, points=0, work=False, plainly=False)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """Held-out sentences, with how they were judged.

    Attributes:
        lines: The sentences.
        rules, meaning, alone, together, told: Whether each is for a person: by the rules, by
            networks and n-grams, as with another encoder, as shipped, and as shipped for notes.
        scores: Of together; infinite where a pattern is enough.
    """

    lines: Sequence[dict[str, Any]]
    rules: Bools
    meaning: Bools
    alone: Bools
    together: Bools
    told: Bools
    scores: npt.NDArray[np.float64]


def judge(lines: Sequence[dict[str, Any]], catalogue: Catalogue) -> Judged:
    """Return how sentences are judged."""
    hand_off = catalogue.hand_off_rules
    model, other = read_model(FILE, ENCODER), read_model(FILE, "")
    if model is None or other is None:
        raise FileNotFoundError(FILE)
    written = [line["text"] for line in lines]
    texts = seen_texts(lines, catalogue.library)
    rows, own = catalogue.encoder.encode_queries(texts), encode_sentences(texts)
    evidence = [hand_off.evidence(text) for text in written]
    plainly = np.array([one.plainly for one in evidence])
    scores = np.array([model.scores(row[None], theirs[None], [text], one)[0]
                       for row, theirs, text, one in zip(rows, own, texts, evidence, strict=True)])
    alone = np.array([other.scores(None, theirs[None], [text], one)[0]
                      for theirs, text, one in zip(own, texts, evidence, strict=True)])
    return Judged(
        lines, np.array([hand_off.needs_person(text) for text in written]),
        model.scores(rows, own, texts, NOTHING) > model.together.threshold,
        plainly | (alone > other.alone.threshold),
        np.array([hand_off.for_person(text, seen)
                  for text, seen in zip(written, texts, strict=True)]),
        np.array([hand_off.for_person(text, seen, told=True)
                  for text, seen in zip(written, texts, strict=True)]),
        np.where(plainly, np.inf, scores))


def report(found: Judged) -> Iterator[str]:
    """Yield lines that say what was found."""
    grave = np.array([line["label"] == "grave" for line in found.lines])

    def share(hits: Bools, own: Bools) -> str:
        return f"{hits[own].mean():.2f} ({hits[own].sum()} of {own.sum()})"

    for field in ("", "language", "place", "matter"):
        values = sorted({line.get(field, "all") for line in found.lines})
        for value in values:
            own = np.array([line.get(field, "all") == value for line in found.lines])
            for label, side in (("recall", own & grave), ("false alarms", own & ~grave)):
                if side.any():
                    yield (f"{value}, {label}: rules {share(found.rules, side)}, meaning "
                           f"{share(found.meaning, side)}, with another encoder "
                           f"{share(found.alone, side)}, together {share(found.together, side)}, "
                           f"as notes {share(found.told, side)}")
    falling = np.sort(found.scores[~grave])[::-1]
    for most in SHARES:
        least = falling[int(most * len(falling))]
        yield (f"at {(found.scores[~grave] > least).mean():.3f} false alarms: recall "
               f"{share(found.scores > least, grave)}, threshold {least:.2f}")


@dataclass(frozen=True)
class CasesJudged:
    """Whole cases that trained nothing, each text judged by its own place.

    Attributes:
        grave: Texts that need a person; `found` of them were found, in `found_cases` of
            `grave_cases`.
        ordinary: Texts that do not, of cases that have none; `alarms` of them were taken for
            one, in `alarmed_cases` of `ordinary_cases`.
        beside: Ordinary texts beside grave ones; `beside_alarms` were taken for one.
    """

    grave: int
    found: int
    grave_cases: int
    found_cases: int
    ordinary: int
    alarms: int
    ordinary_cases: int
    alarmed_cases: int
    beside: int
    beside_alarms: int

    def to_text(self) -> str:
        """Return the figures in a line."""
        return (f"whole cases: {self.found} of {self.grave} grave texts found, in "
                f"{self.found_cases} of {self.grave_cases} cases; {self.alarms} of "
                f"{self.ordinary} ordinary texts taken for grave, in {self.alarmed_cases} of "
                f"{self.ordinary_cases} cases; of ordinary ones beside grave ones "
                f"{self.beside_alarms} of {self.beside}")


def judge_cases(catalogue: Catalogue) -> CasesJudged:
    """Return how the held-out cases are judged, as the product does."""
    lines = texts_of_cases("held_out_cases.jsonl")
    rules = catalogue.hand_off_rules
    cases: dict[str, list[tuple[bool, bool]]] = {}
    for line, seen in zip(lines, seen_texts(lines, catalogue.library), strict=True):
        found = rules.for_person(line["text"], seen, told=line["place"] == "note")
        cases.setdefault(line["case"], []).append((line["label"] == "grave", found))
    mixed = [texts for texts in cases.values() if any(grave for grave, _ in texts)]
    plain = [texts for texts in cases.values() if not any(grave for grave, _ in texts)]
    grave = [found for texts in mixed for is_grave, found in texts if is_grave]
    beside = [found for texts in mixed for is_grave, found in texts if not is_grave]
    ordinary = [found for texts in plain for _, found in texts]
    return CasesJudged(
        len(grave), sum(grave), len(mixed), sum(any(map(all, texts)) for texts in mixed),
        len(ordinary), sum(ordinary), len(plain),
        sum(any(found for _, found in texts) for texts in plain), len(beside), sum(beside))


def main() -> int:
    """Print the report of each held-out round, and of the held-out cases."""
    catalogue = open_catalogue(ENCODER, cache=None)
    for number in (7, 11, 15):
        lines = [line for line in sentences_labelled()
                 if is_held_out(line) and line["round"] == number]
        sys.stdout.write("\n".join([f"round {number}", *report(judge(lines, catalogue))]) + "\n\n")
    sys.stdout.write(f"{judge_cases(catalogue).to_text()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
