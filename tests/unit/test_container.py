"""The container files, as far as they can be checked where no container can be run."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from api.cli import cli
from recommender.settings import setting_names

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
IGNORED = (ROOT / ".dockerignore").read_text("utf-8").split()
INSTRUCTIONS = [tuple(line.split(maxsplit=1)) for line in re.sub(
    r"^\s*#.*\n", "", CONTAINERFILE, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    if line.strip()]
KNOWN = {"FROM", "ARG", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
         "ENTRYPOINT", "CMD"}


def of(name: str) -> list[str]:
    return [rest for instruction, rest in INSTRUCTIONS if instruction == name]


def test_every_instruction_is_one_and_every_source_is_there() -> None:
    """No misspelt instruction; what is copied exists, and is not ignored."""
    assert {name for name, _ in INSTRUCTIONS} <= KNOWN
    sources = [source for line in of("COPY") if "--from" not in line
               for source in shlex.split(line)[:-1]]
    assert len(sources) >= 8
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source not in IGNORED


def test_every_package_is_in_the_image() -> None:
    """All that pyproject.toml installs is copied, so that the build finds it."""
    packages = re.search(r'include = \[(.*)\]', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert packages is not None
    names = re.findall(r'"(\w+)\*"', packages[1])
    assert set(names) <= {shlex.split(line)[0] for line in of("COPY")}


def test_the_image_has_no_torch_and_runs_as_nobody_special() -> None:
    """The default extras are without torch, the build checks it; the user has no rights."""
    assert [line for line in of("ARG") if line.startswith("EXTRAS=")] == ["EXTRAS=tracing"]
    assert any("import torch" in line and "!" in line for line in of("RUN"))
    assert of("USER") == ["agendum"]
    assert of("STOPSIGNAL") == ["SIGTERM"]


@pytest.mark.parametrize("service", ["upgrade", "api", "worker"])
def test_commands_of_services_are_commands_of_ours(service: str) -> None:
    """What compose runs parses as the command line does, and it knows its settings."""
    own = COMPOSE["services"][service]
    arguments = [str(one) for one in own["command"]]
    context = click.Context(cli)
    command: click.Command | None = cli
    while isinstance(command, click.Group):
        command = command.get_command(context, arguments.pop(0))
    assert command is not None
    command.make_context("x", arguments, resilient_parsing=False)
    names = {name for name in own["environment"] if name.startswith("AGENDUM_")}
    assert names <= set(setting_names())
    assert int(own["stop_grace_period"].removesuffix("s")) > 35
    assert own["build"]["dockerfile"] == "Containerfile"


def test_the_database_has_pgvector_and_is_not_open_to_the_world() -> None:
    """Its image is pgvector's, it has no port, its password comes from outside, data stays."""
    db = COMPOSE["services"]["db"]
    assert db["image"].startswith("pgvector/pgvector:pg")
    assert "ports" not in db
    assert ":?" in db["environment"]["POSTGRES_PASSWORD"]
    for service in COMPOSE["services"].values():
        for volume in service["volumes"]:
            assert volume.split(":")[0] in COMPOSE["volumes"]
    assert COMPOSE["services"]["api"]["ports"] == ["127.0.0.1:8000:8000"]
    assert COMPOSE["services"]["api"]["depends_on"]["upgrade"]["condition"] == (
        "service_completed_successfully")
