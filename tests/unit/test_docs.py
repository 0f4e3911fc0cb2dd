import json
import re
import shlex
from pathlib import Path
from typing import get_args
from urllib.parse import unquote

import click
import pytest

from api.cli import cli
from api.problems import HTTP_KINDS, KINDS
from recommender.domain.agenda import (
    Agenda,
    AgendaSession,
    CheckResult,
    Confidence,
    Cost,
    HandOff,
    Item,
    Preparation,
    Provenance,
    Reason,
    ResourceUse,
    TalkingPointPlace,
)
from recommender.domain.base import Frozen
from recommender.domain.case import (
    Action,
    Case,
    Goal,
    Member,
    PastSession,
    Session,
    TalkingPoint,
)
from recommender.domain.profile import Profile, ProfileGoal
from recommender.domain.programme import AgendaSettings, Programme
from recommender.schemas import HOME as SCHEMAS
from recommender.schemas import MODELS, schema_of
from recommender.settings import Settings, setting_names

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
GUIDE = DOCS / "platform-engineer.md"

TABLES: list[type[Frozen]] = [
    Case, Member, Profile, Session, PastSession, Programme, Agenda, Item, ResourceUse, Provenance,
]
ROWS: list[type[Frozen]] = [
    Goal, ProfileGoal, TalkingPoint, Action, AgendaSettings, AgendaSession, Reason,
    TalkingPointPlace, Preparation, Confidence, HandOff, CheckResult, Cost,
]

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`(agendum [^`]+)`")
_HERE_DOCUMENT = re.compile(r"<<'(\w+)'.*?^\1$", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"\b(AGENDUM_[A-Z_]+\b|OPENAI_API_KEY)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose_of(page: Path) -> str:
    return _FENCE.sub("", page.read_text("utf-8"))


def commands_of(page: Path) -> list[list[str]]:
    """Return the arguments of every `agendum …` that a page shows, in blocks and in sentences."""
    shown = []
    for language, block in _FENCE.findall(page.read_text("utf-8")):
        if language == "sh":
            shown += _HERE_DOCUMENT.sub("", block).splitlines()
    shown += _INLINE.findall(prose_of(page))
    found = []
    for line in [one for one in shown if "agendum" in one]:
        words = shlex.split(line, comments=True)
        at = next((n for n, word in enumerate(words) if word.split("/")[-1] == "agendum"), None)
        if at is not None:
            rest = words[at + 1:]
            end = next((n for n, word in enumerate(rest) if word in ("|", ">", "<", "&&")),
                       len(rest))
            found.append([word for word in rest[:end] if word != "…"])
    return found


def parse(arguments: list[str]) -> None:
    """Parse a command line as the command would, without running it."""
    command: click.Command = cli
    context = click.Context(cli, info_name="agendum")
    rest = arguments
    while isinstance(command, click.Group):
        context = command.make_context(command.name, list(rest), parent=context)
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        name, found, rest = command.resolve_command(context, list(rest))
        assert found is not None, f"no command {name}"
        command = found
    if rest:
        command.make_context(command.name, list(rest), parent=context)


def section_of(page: Path, title: str) -> list[list[str]]:
    """Return the rows of the table under the last heading of this title, cell by cell."""
    body = page.read_text("utf-8").split(f"\n### {title}\n")[-1].split("\n#")[0]
    rows = [line.strip().strip("|").split("|") for line in body.splitlines()
            if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def fields_of(model: type[Frozen]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link leads to a file or folder that exists inside the repository."""
    for link in _LINK.findall(prose_of(page)):
        target = unquote(link.split("#")[0])
        if target and "://" not in target and not target.startswith("mailto:"):
            path = (page.parent / target).resolve()
            assert path.exists(), f"{link} leads nowhere"
            assert path.is_relative_to(ROOT), f"{link} leads out of the repository"


def anchors_of(page: Path) -> set[str]:
    """Return the anchors that a forge gives the headings of a page."""
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} (.+)$", prose_of(page), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        again = sum(re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", one) is not None for one in found)
        found.append(f"{anchor}-{again}" if again else anchor)
    return set(found)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_anchors_lead_to_a_heading(page: Path) -> None:
    """What follows `#` in a link to a page of ours is one of its headings."""
    for link in _LINK.findall(prose_of(page)):
        target, _, anchor = link.partition("#")
        if anchor and "://" not in target and (not target or target.endswith(".md")):
            assert anchor in anchors_of((page.parent / target).resolve() if target else page), link


def test_every_page_is_in_the_index() -> None:
    """The index links to every page of the documentation."""
    index = DOCS / "README.md"
    linked = {(DOCS / link.split("#")[0]).resolve() for link in _LINK.findall(prose_of(index))}
    assert {page for page in PAGES[1:] if page != index} <= linked


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_can_be_typed(page: Path) -> None:
    """Every `agendum …` shown is a command with those options and values."""
    for arguments in commands_of(page):
        try:
            parse(arguments)
        except click.MissingParameter:
            pass  # a sentence may name a command without its arguments
        except click.UsageError as error:
            pytest.fail(f"agendum {' '.join(arguments)}: {error.format_message()}")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_exist(page: Path) -> None:
    """Every `make …` shown is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shown = re.findall(r"(?:^|`)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    assert set(shown) <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_every_command_is_shown() -> None:
    """Each command of the command line stands somewhere in the documentation."""
    shown = {arguments[0] for page in PAGES for arguments in commands_of(page) if arguments}
    assert set(cli.list_commands(click.Context(cli))) <= shown


def test_every_command_of_a_group_is_shown() -> None:
    """So does each command of `library`, `programme` and the other groups."""
    shown = {tuple(arguments[:2]) for page in PAGES for arguments in commands_of(page)}
    context = click.Context(cli)
    groups = {name: found for name in cli.list_commands(context)
              if isinstance(found := cli.get_command(context, name), click.Group)}
    assert {"library", "programme"} <= set(groups)
    assert {(name, own) for name, group in groups.items()
            for own in group.list_commands(context)} <= shown


@pytest.mark.parametrize("arguments", [
    ["nosuch"], ["agenda", "case.yaml", "--nosuch"], ["agenda", "c.yaml", "--format", "pdf"],
    ["library", "nosuch"], ["serve", "--port", "x"], ["eval", "retrieval", "a", "b"],
], ids=" ".join)
def test_wrong_commands_are_noticed(arguments: list[str]) -> None:
    """The reading of commands does refuse what the command line would refuse."""
    with pytest.raises(click.UsageError):
        parse(arguments)


def test_schemas_are_current() -> None:
    """docs/schemas holds the schema of every model as it is now, and nothing else."""
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{name}.schema.json" for name in MODELS}
    for name in MODELS:
        written = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
        assert written == schema_of(name), f"{name}: run `make schemas`"


def test_settings_are_documented() -> None:
    """The operators' guide has a row for each setting, and no page names one that is not there."""
    rows = re.findall(r"^\| `(\w+)` \| ", (DOCS / "operator.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(setting_names())
    assert len(rows) == len(Settings.model_fields)
    for page in PAGES:
        assert set(_SETTING.findall(page.read_text("utf-8"))) <= {*rows, "AGENDUM_"}, name_of(page)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_fields_are_documented(model: type[Frozen]) -> None:
    """The platform guide lists every field of the larger shapes, in their order."""
    rows = [row[0].strip("`") for row in section_of(GUIDE, model.__name__)]
    assert rows == fields_of(model)


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_small_shapes_are_documented(model: type[Frozen]) -> None:
    """The platform guide names every field of the smaller shapes, and their words."""
    rows = [row for title in ("Smaller shapes", "Smaller shapes of an agenda")
            for row in section_of(GUIDE, title) if row[0] == model.__name__]
    assert len(rows) == 1
    named = re.findall(r"`(\w+)`", rows[0][1])
    words = [word for field in model.model_fields.values() for word in get_args(field.annotation)
             if isinstance(word, str)]
    assert sorted(named) == sorted([*fields_of(model), *words])


def test_problems_are_documented() -> None:
    """The platform guide lists every kind of problem with its status."""
    listed = {
        (int(status), slug)
        for status, slugs in re.findall(r"^\| (\d{3}) \| (.+?) \|", GUIDE.read_text("utf-8"),
                                        re.MULTILINE)
        for slug in re.findall(r"`([a-z-]+)`", slugs)
    }
    assert listed == {(kind.status, kind.slug) for kind in (*KINDS.values(), *HTTP_KINDS.values())}
