"""JSON Schemas of what people write by hand, for their editors."""

import json
from pathlib import Path
from typing import Any

from recommender.domain.activity import Activity
from recommender.domain.agenda import Agenda
from recommender.domain.base import Frozen
from recommender.domain.case import Case
from recommender.domain.curation import Curation, Overlay
from recommender.domain.edit import Edits
from recommender.domain.feedback import Feedback
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.domain.pulse import Pulses
from recommender.domain.resource import Resource
from recommender.domain.vocabulary import Term

HOME = Path(__file__).parent.parent / "docs" / "schemas"
MODELS: dict[str, type[Frozen]] = {
    "activity": Activity, "agenda": Agenda, "case": Case, "curation": Curation,
    "edits": Edits, "feedback": Feedback, "overlay": Overlay, "profile": Profile,
    "programme": Programme, "pulses": Pulses, "resource": Resource, "term": Term,
}


def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one of `MODELS`, by alias, as it is read."""
    schema = MODELS[name].model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def write_schemas(home: Path = HOME) -> list[Path]:
    """Write every schema to `<home>/<name>.schema.json` and return the files."""
    home.mkdir(parents=True, exist_ok=True)
    written = []
    for name in MODELS:
        path = home / f"{name}.schema.json"
        path.write_text(json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n", "utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    write_schemas()
