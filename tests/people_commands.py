"""The commands about people, run in this process on three of them in an empty folder."""

import json
from collections.abc import Callable
from typing import Any

from click.testing import Result

SCORES = "mentee,mentor,score\nM1,A,8\nM1,B,5\nM2,A,9\nM2,B,4\n"
Run = Callable[..., Result]
PEOPLE: list[dict[str, Any]] = [
    {"id": "fr", "roles": ["mentee"], "languages": ["fr", "en"], "level": 2,
     "skills_wanted": ["négocier un budget"], "attributes": {"gender": "f"}},
    {"id": "es", "roles": ["mentee"], "languages": ["es", "en"], "level": 2,
     "skills_wanted": ["negociar un presupuesto"], "attributes": {"gender": "m"}},
    {"id": "M", "roles": ["mentor"], "languages": ["en"], "level": 4, "capacity": 1,
     "skills_offered": ["negotiating budgets"]},
]



def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refusal(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr
