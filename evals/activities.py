"""Which activity is chosen first for a need, against graded needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.retrieval import measure
from recommender.agendas.fit import SURE, VERY_SURE, score_activities
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity
from recommender.domain.base import Kind, Written

KINDS: tuple[Kind, ...] = (
    "discussion", "exercise", "role_play", "resource_debrief", "goal_setting", "feedback")


@dataclass(frozen=True)
class GradedNeed:
    """What somebody says, and how well activities would serve it: 3 to -1, else 0."""

    id: str
    text: str
    language: Written
    relation: str
    grades: Mapping[str, int]


@dataclass(frozen=True)
class FirstChoice:
    """The activity that comes first for a need, its fit as a z-score, and its grade."""

    need: str
    activity: str
    fit: float
    grade: int


@dataclass(frozen=True)
class ActivityReport:
    """How good first choices are, and the nDCG@10 of the whole ranking (harm counts as 0)."""

    choices: tuple[FirstChoice, ...]
    ndcg: float

    def share_good(self, least: float = -np.inf, most: float = np.inf) -> tuple[int, int]:
        """Return how many first choices are good (grade 2 or 3), and of how many, by their fit."""
        within = [one for one in self.choices if least <= one.fit < most]
        return sum(one.grade >= 2 for one in within), len(within)

    def to_text(self) -> str:
        """Return a few lines for people."""
        bands = [("very sure", VERY_SURE, np.inf), ("sure", SURE, VERY_SURE),
                 ("unsure", -np.inf, SURE)]
        lines = [f"nDCG@10 {self.ndcg:.4f}; first choices good "
                 f"{self.share_good()[0]} of {len(self.choices)}, harmful "
                 f"{sum(one.grade < 0 for one in self.choices)}"]
        for name, least, most in bands:
            good, of = self.share_good(least, most)
            lines.append(f"    {name:10}{good:4} of {of}")
        return "\n".join(lines) + "\n"


def read_graded_needs(folder: Path) -> list[GradedNeed]:
    """Return the needs of a folder with `queries.jsonl` and `qrels/test.tsv`."""
    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        need, activity, grade = line.split("\t")
        grades.setdefault(need, {})[activity] = int(grade)
    needs = []
    for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
        data = json.loads(line)
        about = data["metadata"]
        needs.append(GradedNeed(data["_id"], data["text"], about["language"], about["relation"],
                                grades[data["_id"]]))
    return needs


def evaluate_activities(needs: Sequence[GradedNeed], catalogue: Catalogue) -> ActivityReport:
    """Return how well the production scores choose the main activity for each need alone."""
    choices, run, judged = [], {}, {}
    for need in needs:
        able: list[Activity] = [one for one in catalogue.library.activities.values()
                                if one.kind in KINDS and need.relation in one.relations]
        fit = score_activities([need.text], able, [], need.language, catalogue).fit[0]
        order = sorted(range(len(able)), key=lambda at: (-float(fit[at]), able[at].id))
        best = able[order[0]].id
        choices.append(FirstChoice(need.id, best, float(fit[order[0]]), need.grades.get(best, 0)))
        run[need.id] = {able[at].id: float(fit[at]) for at in order[:10]}
        judged[need.id] = {one: max(grade, 0) for one, grade in need.grades.items()}
    return ActivityReport(tuple(choices), measure(run, judged)["ndcg@10"])
