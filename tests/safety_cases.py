"""The cases of evals/suites/safety, as the tests read them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.safety import SafetyExpect
from recommender.domain.case import Case
from recommender.yaml_file import read_document

ROOT = Path(__file__).parents[1]
SUITE = ROOT / "evals" / "suites" / "safety"


def read_safety() -> Iterator[tuple[str, dict[str, Any], Case, SafetyExpect]]:
    """Yield name, what stands in the file, the case, and what it expects."""
    read: dict[str, Any] = {}
    for path in sorted(SUITE.glob("*.yaml")):
        for one in read_document(path)["cases"]:
            if one["from"] not in read:
                read[one["from"]] = json.dumps(read_document(ROOT / one["from"]), default=str)
            data = json.loads(read[one["from"]])
            for dotted, value in one["set"].items():
                *way, last = dotted.split(".")
                at = data
                for step in way:
                    at = at[int(step)] if isinstance(at, list) else at[step]
                at[int(last) if isinstance(at, list) else last] = value
            yield (f"{path.stem}/{one['name']}", one, Case.model_validate(data),
                   SafetyExpect.model_validate(one["expect"]))
