"""Two small runs of shipped examples, as the harness writes them, and answers to them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from recommender.domain.agenda import Agenda
from recommender.domain.case import Case

NAMES = (
    "peer-quarter/2-propuestas-que-se-olvidan", "new-managers/5-hard-talk-and-a-hand-off",
    "reverse/3-note-de-dix-lignes", "evergreen/4-friday-at-four",
    "women-pilot/2-mi-idea-con-mi-nombre", "women-pilot/3-new-mentor-same-story",
)


def write_run(
    folder: Path, cases: Mapping[str, Case], agendas: Mapping[str, Agenda],
    names: Iterable[str] = NAMES, **change: Any,
) -> Path:
    """Write the run.json and cases.jsonl of a run; `change` goes into every agenda."""
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"format": 1, "generator": "composer"}))
    lines = []
    for name in names:
        agenda = agendas[name].model_copy(update=change)
        lines.append(json.dumps({
            "suite": "agendas", "case": name, "cluster": name.split("/")[0],
            "slices": {"language": agenda.language}, "why": "", "metrics": {}, "notes": {},
            "answer": None, "error": None,
            "input": cases[name].model_dump(mode="json", by_alias=True),
            "agenda": agenda.model_dump(mode="json", by_alias=True)}))
    (folder / "cases.jsonl").write_text("\n".join(lines) + "\n")
    return folder
