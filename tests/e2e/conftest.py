"""The shipped examples with their agendas, made once by the real path; commands about people."""

import os
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from people_commands import PEOPLE, SCORES, Run
from shipped import Agendas, read_examples

from api.cli import cli
from recommender.catalogue import Catalogue
from recommender.domain.case import Case


@pytest.fixture(scope="session")
def examples() -> dict[str, Case]:
    """Return every shipped case by `programme/name`."""
    return read_examples()


@pytest.fixture(scope="session")
def agendas(examples: dict[str, Case], catalogue: Catalogue) -> Agendas:
    """Return the agendas of the shipped cases."""
    return Agendas(examples, catalogue)


@pytest.fixture
def run_people(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs the command line in this process, in an empty folder."""
    monkeypatch.setattr("api.opening.open_ready_catalogue", lambda _: catalogue)
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.upper().startswith("AGENDUM_"):
            monkeypatch.delenv(name)
    (tmp_path / "people.yaml").write_text(yaml.safe_dump(PEOPLE, allow_unicode=True))
    (tmp_path / "scores.csv").write_text(SCORES)
    return lambda *args: CliRunner().invoke(cli, [str(one) for one in args])
