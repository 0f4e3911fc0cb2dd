"""Heavy libraries are each imported in one place, those of the formats only when asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOMES = {
    "icalendar": "recommender/agendas/render/calendar.py",
    "docx": "recommender/agendas/render/word_file.py",
    "matplotlib": "evals/charts.py",
    "pyphen": "evals/metrics/words.py",
    "lingua": "evals/metrics/words.py",
}


ROOMS = {"sqlalchemy": "recommender/storage/", "alembic": "recommender/storage/",
         "psycopg": "recommender/storage/", "pgvector": "recommender/storage/",
         "pycrfsuite": ("recommender/names/recognise.py", "evals/names_training.py"),
         "limits": "api/rate_limits.py", "itsdangerous": "api/signing.py"}


def importers(package: str) -> list[str]:
    """Return the files of the product that import a package or a part of it."""
    found = []
    for folder in ("recommender", "content_library", "prompts", "api", "evals"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = ([one.name for one in node.names] if isinstance(node, ast.Import)
                         else [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
                if any(name.split(".")[0] == package for name in names):
                    found.append(str(path.relative_to(ROOT)))
    return sorted(set(found))


@pytest.mark.parametrize("package", sorted(HOMES))
def test_a_formats_library_is_imported_in_one_module(package: str) -> None:
    """Nobody but its own module knows the library."""
    assert importers(package) == [HOMES[package]]


@pytest.mark.parametrize("package", sorted(ROOMS))
def test_what_a_database_needs_is_imported_in_one_room(package: str) -> None:
    """Nobody outside of it knows the library."""
    assert all(path.startswith(ROOMS[package]) for path in importers(package))


def test_other_formats_do_not_pay_for_them() -> None:
    """The application and the other renderings start without them."""
    script = ("import sys, api.app, api.rendering\n"
              "assert not {'icalendar', 'docx'} & set(sys.modules)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          timeout=60, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
