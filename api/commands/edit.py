"""`agendum edit` and `agendum versions`: change an agenda, and go back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recommender.agendas.versions import Version

_FILE = click.Path(path_type=Path)


@click.command("edit")
@click.argument("agenda_file", metavar="AGENDA.json")
@click.option("--ops", "ops_file", required=True, metavar="OPS.json",
              help="What to change: a list of operations, or {\"ops\": [...]}.")
@click.option("--case", "case_file", default=None, metavar="CASE.yaml",
              help="The case the agenda was made of: needed to regenerate, and then every "
                   "promise of an agenda is checked.")
@click.option("--out", type=_FILE, default=None, metavar="FILE",
              help="Write the new agenda there as JSON; an agenda that stands there is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print the new agenda and the diff as JSON.")
def edit_command(
    agenda_file: str, ops_file: str, case_file: str | None, out: Path | None, as_json: bool
) -> None:
    """Change an agenda by typed operations: all of them, or none.

    \b
    Operations: retime, move, rename, replace_prompts, remove, add, lock, unlock, regenerate.
    Example:
      agendum edit agenda.json --ops examples/edits/ops.json --out agenda.json
      agendum edit agenda.json --ops ops.json --case case.yaml --json
    """
    from api.inputs import STDIN, naming, read_model, source_of, write_text
    from api.opening import open_ready_catalogue
    from api.rendering import agenda_json, agenda_markdown
    from api.version_file import kept_as, replacing
    from recommender.agendas.edit import context_of, edit_agenda
    from recommender.agendas.render.changes import render_changes
    from recommender.domain.agenda import Agenda
    from recommender.domain.case import Case
    from recommender.domain.edit import Edits
    from recommender.errors import InvalidInputError
    from recommender.settings import read_settings

    if [agenda_file, ops_file, case_file].count(STDIN) > 1:
        raise InvalidInputError.of("only one file can be -, standard input; name the others")
    settings = read_settings()
    agenda = read_model(Agenda, agenda_file)
    edits = read_model(Edits, ops_file, list_as="ops")
    case = None if case_file is None else read_model(Case, case_file)
    catalogue = open_ready_catalogue(settings)
    if case is not None and case_file is not None:
        with naming(source_of(case_file)):
            context_of(agenda, case, catalogue)
    with naming(source_of(ops_file)):
        edited = edit_agenda(agenda, edits.ops, catalogue, case)
    library = catalogue.library
    if out is not None:
        text = agenda_json(edited.agenda)
        with replacing(out, edited.agenda, "edit", datetime.now(UTC)) as kept:
            write_text(out, text)
        click.echo(f"wrote {out}{kept_as(kept)}", err=True)
    if as_json:
        click.echo(edited.model_dump_json(by_alias=True, indent=2))
        return
    if out is None:
        click.echo(agenda_markdown(edited.agenda, library))
    phrases = library.phrases[edited.agenda.language]
    click.echo(render_changes(edited.diff, agenda, edited.agenda, phrases), nl=False)


@click.group("versions")
def versions_command() -> None:
    """List, show and restore the agendas that stood in a file before.

    \b
    Example:
      agendum versions list agenda.json
    """


@versions_command.command("list")
@click.argument("file", type=_FILE, metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(file: Path, as_json: bool) -> None:
    """List every version, oldest first; the last is the one that stands in the file.

    \b
    Example:
      agendum versions list agenda.json
    """
    rows = [{
        "number": one.number, "current": one.kept is None, "id": one.agenda.id,
        "kept_at": None if one.kept is None else one.kept.kept_at.isoformat(),
        "replaced_by": None if one.kept is None else one.kept.replaced_by,
        "mode": one.agenda.mode, "session": one.agenda.session.number,
        "minutes": one.agenda.session.minutes, "items": len(one.agenda.items),
        "edits": one.agenda.provenance.edits, "parent": one.agenda.provenance.parent,
    } for one in _versions(file)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        until = "now" if row["current"] else f"until {str(row['kept_at'])[:16].replace('T', ' ')}"
        by = "" if row["current"] else f"gave way to: {row['replaced_by']}"
        click.echo(f"{row['number']:3}  {until:22}  session {row['session']}  {row['mode']:12}  "
                   f"{row['minutes']:3} min  {row['items']} items  {row['id']:24}  {by}".rstrip())


@versions_command.command("show")
@click.argument("file", type=_FILE, metavar="FILE")
@click.argument("number", type=click.IntRange(1), metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_command(file: Path, number: int, as_json: bool) -> None:
    """Show one version.

    \b
    Example:
      agendum versions show agenda.json 1
    """
    from api.inputs import naming
    from api.opening import open_library
    from api.rendering import agenda_json, agenda_markdown
    from recommender.agendas.versions import version_at
    from recommender.settings import read_settings

    with naming(str(file)):
        found = version_at(_versions(file), number)
    click.echo(agenda_json(found.agenda) if as_json
               else agenda_markdown(found.agenda, open_library(read_settings())), nl=False)


@versions_command.command("restore")
@click.argument("file", type=_FILE, metavar="FILE")
@click.argument("number", type=click.IntRange(1), metavar="N")
def restore_command(file: Path, number: int) -> None:
    """Put one version back into the file; the one that stands there is kept like the others.

    \b
    Example:
      agendum versions restore agenda.json 1
    """
    from api.inputs import naming, write_text
    from api.rendering import agenda_json
    from api.version_file import kept_as, replacing
    from recommender.agendas.versions import version_at

    with naming(str(file)):
        agenda = version_at(_versions(file), number).agenda
    text = agenda_json(agenda)
    with replacing(file, agenda, "restore", datetime.now(UTC)) as kept:
        write_text(file, text, source=str(file))
    click.echo(f"restored version {number} of {file}{kept_as(kept)}", err=True)


def _versions(file: Path) -> "list[Version]":
    from api.version_file import read_log, standing_agenda, versions_path
    from recommender.agendas.versions import versions_of
    from recommender.errors import InvalidInputError

    log = read_log(file)
    for line in log.unreadable:
        click.echo(f"agendum: {versions_path(file)}: line {line} cannot be read by this version "
                   "of Agendum and is left out", err=True)
    current = standing_agenda(file)
    if current is None and not log.kept:
        raise InvalidInputError.of("no such file; check the path", source=str(file))
    return versions_of(log.kept, current)
