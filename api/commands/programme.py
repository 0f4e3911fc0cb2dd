"""`agendum programme`: what programmes there are, and a new one made from an old one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from content_library.load import Library
    from recommender.domain.programme import Programme


@click.group("programme")
def programme_command() -> None:
    """List and show programmes; duplicate one to start a new one.

    \b
    Example:
      agendum programme new --from regional --id eca-2027 --sessions 9
    """


@programme_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """List the programmes of the library.

    \b
    Example:
      agendum programme list
    """
    from api.opening import open_library
    from recommender.settings import read_settings

    rows: list[dict[str, Any]] = [
        one.model_dump(include={"id", "name", "intake", "relation", "sessions", "session_minutes",
                                "languages"})
        for one in open_library(read_settings()).programmes.values()
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        length = "open end" if row["sessions"] is None else f"{row['sessions']} x"
        click.echo(f"{row['id']:{width}}  {row['relation']:7}  {row['intake']:9}  {length:>8} "
                   f"{row['session_minutes']:3} min  {row['name']}")


@programme_command.command("show")
@click.argument("programme_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the programme as JSON.")
def show_command(programme_id: str, as_json: bool) -> None:
    """Show one programme: its success, its arc with themes, and its milestones.

    \b
    Example:
      agendum programme show regional
    """
    from api.opening import open_library
    from recommender.settings import read_settings

    library = open_library(read_settings())
    programme = library.programme(programme_id)
    if as_json:
        click.echo(programme.model_dump_json(indent=2))
        return
    for line in (
        f"{programme.id}: {programme.name}",
        f"purpose   {programme.purpose}",
        f"success   {programme.success}",
        f"run as    {programme.intake}, {programme.relation}, {programme.session_minutes} minutes, "
        f"{programme.meetings_per_month:g} a month, in {', '.join(programme.languages)}",
        f"contact   {programme.contact or 'none'}",
        "",
        *_arc(library, programme),
    ):
        click.echo(line)


@programme_command.command("new")
@click.option("--from", "source_id", required=True, metavar="ID", help="The one to duplicate.")
@click.option("--id", "new_id", required=True, help="The new one's id, and its file's name.")
@click.option("--name", default=None, help="What it is called.")
@click.option("--success", default=None, help="What success means in it, in one sentence.")
@click.option("--theme", "themes", multiple=True, metavar="N=TOPIC",
              help="The theme of session N; N= takes it away. As often as needed.")
@click.option("--sessions", type=click.IntRange(1, 1000), default=None,
              help="Its length; themes, reverse session and milestones stretch with it.")
@click.option("--out", type=click.Path(path_type=Path), default=None, metavar="FOLDER",
              help="Write it there instead of the library's programmes.")
def new_command(
    source_id: str, new_id: str, name: str | None, success: str | None, themes: tuple[str, ...],
    sessions: int | None, out: Path | None,
) -> None:
    """Duplicate a programme and adapt it: one checked YAML file, comments and order kept.

    \b
    Example:
      agendum programme new --from regional --id eca-2027 --sessions 9 --theme 3=trust --out .
    """
    from api.inputs import write_text
    from api.opening import open_library
    from content_library.duplicate import Changes, duplicate_programme, nearest
    from content_library.load import HOME
    from recommender.errors import InvalidInputError, NotFoundError
    from recommender.settings import read_settings

    library = open_library(read_settings())
    try:
        source = library.programme(source_id)
    except NotFoundError:
        known = ", ".join(library.programmes)
        raise InvalidInputError.of(
            f"{source_id!r} is no programme of the library, which has {known}"
            + nearest(source_id, list(library.programmes)), source="--from") from None
    overlay = read_settings().overlay
    homes = [HOME / "programmes"] + ([] if overlay is None else [overlay / "programmes"])
    path = (homes[-1] if out is None else out) / f"{new_id}.yaml"
    held = next(home for home in reversed(homes) if (home / f"{source.id}.yaml").exists())
    text = (held / f"{source.id}.yaml").read_text("utf-8")
    programme, written = duplicate_programme(
        library, source, text, Changes(new_id, name, success, sessions, _by_session(themes)))
    if path.exists():
        raise InvalidInputError.of(
            f"is there already; give another id, or move {path} away", source=str(path))
    write_text(path, written)
    click.echo(f"wrote {path}", err=True)
    if success is None:
        click.echo(f"its success is still that of {source.id}; say in `success:` what it means "
                   "here", err=True)
    for line in _arc(library, programme):
        click.echo(line, err=True)


def _by_session(themes: tuple[str, ...]) -> dict[int, str]:
    """Return themes by session number, read from `N=TOPIC`."""
    from recommender.errors import Fault, InvalidInputError

    found: dict[int, str] = {}
    faults: list[Fault] = []
    for one in themes:
        number, equals, theme = one.partition("=")
        number = number.strip()
        if not equals or not (number.isascii() and number.isdigit()) or not 1 <= int(
                number[:5]) <= 1000:
            faults.append(Fault("--theme", "", f"{one!r} is not N=TOPIC; write the number of a "
                                               "session, =, and a topic's id, such as 3=trust"))
        elif int(number) in found:
            faults.append(Fault("--theme", "", f"session {int(number)} stands twice; keep one"))
        else:
            found[int(number)] = theme.strip()
    if faults:
        raise InvalidInputError(faults)
    return found


def _arc(library: "Library", programme: "Programme") -> list[str]:
    """Return one line per session: its type, its theme, its milestone."""
    from recommender.agendas.arc import arc_session, milestone_at, written_of

    of = programme.sessions
    if of is None:
        return ["sessions  no last one; themes: "
                + (", ".join(programme.agenda.themes.values()) or "none")]
    lines = []
    for number in range(1, of + 1):
        arc = arc_session(programme, number, of, goals_set=False)
        kind = milestone_at(programme, number, of)
        parts = [f"session {number:2}", f"{arc.type:12}",
                 f"{arc.theme or '-':32}", library.pulses.labels[kind]["en"] if kind else "",
                 f"must have: {', '.join(arc.must_have)}" if arc.must_have else "",
                 "written" if written_of(programme, number, of) is not None else ""]
        lines.append("  ".join(parts[:3] + [part for part in parts[3:] if part]).rstrip())
    return lines
