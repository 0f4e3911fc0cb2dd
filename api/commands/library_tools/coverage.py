"""`agendum library coverage`: what each kind of session has to choose from, and what is missing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recommender.domain.profile import Profile
    from recommender.learning.gaps import Served

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@click.command("coverage")
@click.option("--format", "kind", type=click.Choice(["text", "html"]), default="text",
              show_default=True, help="A table, or a page with a heat map.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write there instead of to standard output.")
@click.option("--gaps", is_flag=True,
              help="List the goals that find nothing good; of the examples, unless people are "
                   "given.")
@click.option("--people", "people_files", multiple=True, metavar="FILE",
              help="Profiles for --gaps: .jsonl, or a YAML or JSON list. May be repeated.")
@click.option("--cases", "case_files", multiple=True, metavar="FILE",
              help="Case files whose members are looked at for --gaps. May be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    kind: str, out: Path | None, gaps: bool, people_files: tuple[str, ...],
    case_files: tuple[str, ...], as_json: bool,
) -> None:
    """Show what the library covers: activities by kind of session, counts, and targets.

    A kind of session is a focus area, a session type, a relation, a language and a length;
    fewer than three activities are thin. With --gaps: the goals and wanted skills of people that
    find no resource near enough or no activity that surely fits, by topic, worst first.

    \b
    Example:
      agendum library coverage
      agendum library coverage --format html --out coverage.html
      agendum library coverage --gaps
    """
    from api.inputs import write_text
    from api.opening import open_library
    from content_library.coverage import as_data, as_text, cover
    from content_library.coverage_page import as_html
    from content_library.load import HOME
    from content_library.targets import (
        activities_by_topic,
        load_targets,
        resources_by_area,
        resources_by_topic,
        standings,
        targets_text,
    )
    from recommender.errors import InvalidInputError
    from recommender.learning.gaps import as_data as gaps_data
    from recommender.learning.gaps import as_text as gaps_text
    from recommender.settings import read_settings

    gaps = gaps or bool(people_files or case_files)
    if kind == "html" and (gaps or as_json):
        raise InvalidInputError.of("give --format html without --gaps and without --json",
                                   field="--format")
    served = _served(_people(people_files, case_files)) if gaps else None
    if served is not None and not as_json:
        text = gaps_text(served)
    else:
        library = open_library(read_settings())
        cells, targets = cover(library), standings(library, load_targets(library, HOME))
        areas, topics = resources_by_area(library), resources_by_topic(library)
        if kind == "html":
            text = as_html(cells, areas, topics, activities_by_topic(library), targets)
        elif as_json:
            data: dict[str, Any] = as_data(cells) | {
                "resources": {"by_focus_area": areas, "by_topic": topics},
                "activities": {"by_topic": activities_by_topic(library)},
                "targets": [vars(one) | {"met": one.met} for one in targets],
            }
            if served is not None:
                data["gaps"] = gaps_data(served)
            text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
        else:
            text = f"{as_text(cells)}\n{targets_text(targets)}"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(out, text)


def _served(people: "Sequence[Profile]") -> "list[Served]":
    """Return what each need of these people finds."""
    from api.opening import open_ready_catalogue, progress_bar
    from recommender.learning.gaps import find_served, needs_of_people
    from recommender.settings import read_settings

    catalogue = open_ready_catalogue(read_settings())
    needs = needs_of_people(people, catalogue.known_words)
    with progress_bar("looking for what each need finds") as progress:
        return find_served(needs, catalogue, progress)


def _people(people_files: Sequence[str], case_files: Sequence[str]) -> "list[Profile]":
    """Return the profiles of the files; of the shipped examples where none is named."""
    from api.inputs import read_model
    from recommender.domain.case import Case
    from recommender.errors import InvalidInputError

    if not people_files and not case_files:
        people_files = [str(path) for path in sorted(EXAMPLES.glob("*/people.yaml"))]
        if not people_files:
            raise InvalidInputError.of(
                "the examples come with the repository, not with the package; give --people FILE "
                "or --cases FILE", source=str(EXAMPLES))
    people = [one for path in people_files for one in _profiles(Path(path))]
    return people + [member.profile for path in case_files
                     for member in read_model(Case, path).members]


def _profiles(path: Path) -> "list[Profile]":
    from pydantic import TypeAdapter, ValidationError

    from recommender.domain.profile import Profile
    from recommender.errors import Fault, InvalidInputError, faults_of
    from recommender.yaml_file import parse_document, read_document

    if path.suffix != ".jsonl":
        try:
            return TypeAdapter(list[Profile]).validate_python(read_document(path))
        except ValidationError as error:
            raise InvalidInputError(faults_of(error, str(path))) from None
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError.of(f"cannot be read as UTF-8 text: {error}",
                                   source=str(path)) from error
    people: list[Profile] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path}, line {number}"
            try:
                people.append(Profile.model_validate(parse_document(line, where, is_json=True)))
            except ValidationError as error:
                faults += faults_of(error, where)
    if faults:
        raise InvalidInputError(faults)
    return people
