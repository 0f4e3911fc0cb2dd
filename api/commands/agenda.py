"""`agendum agenda` and `agendum plan`: from a case to what a pair needs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue
    from recommender.domain.agenda import Agenda
    from recommender.domain.base import Role
    from recommender.domain.case import Case
    from recommender.settings import Settings

FORMATS = ("md", "json", "html", "ics", "docx")
ROLES = ("mentee", "mentor", "peer")
GENERATORS = ("auto", "composer", "llm")


@click.command("agenda")
@click.argument("case_file", metavar="CASE.yaml")
@click.option("--format", "form", type=click.Choice(FORMATS), default=None,
              help="By default what the ending of --out says, else md.")
@click.option("--role", type=click.Choice(ROLES), default=None,
              help="Whose agenda: own preparation and resources, \"you open\".")
@click.option("--generator", type=click.Choice(GENERATORS), default=None,
              help="Overrides the case's own.")
@click.option("--out", type=click.Path(path_type=Path), default=None,
              help="Write a file instead of stdout; an agenda that stands there is kept beside it.")
def agenda_command(case_file: str, form: str | None, role: "Role | None",
                   generator: str | None, out: Path | None) -> None:
    """Write the agenda of one session. CASE.yaml may be YAML or JSON; - reads stdin.

    ics is for calendars and needs session.date; docx is for Word.

    \b
    Example:
      agendum agenda examples/peer-quarter/1-two-leads-first-hour.case.yaml
      agendum agenda case.yaml --format html --out agenda.html
      agendum agenda case.yaml --role mentor --format ics --out session.ics
    """
    from datetime import UTC, datetime

    from api.inputs import naming, read_model, source_of, write_bytes
    from api.opening import open_ready_catalogue
    from api.rendering import order_for, render_agenda
    from api.version_file import kept_as, replacing
    from recommender.domain.case import Case
    from recommender.settings import read_settings

    form = form or _form_of(out)
    if form == "docx" and out is None and stdout_is_a_terminal():
        raise click.UsageError("a Word file is not for the terminal; add --out agenda.docx")
    settings = read_settings()
    case = read_model(Case, case_file)
    if generator is not None:
        case = case.model_copy(update={"generator": generator})
    with naming(source_of(case_file)):
        order = order_for(case, form, datetime.now(UTC), role)
        catalogue = open_ready_catalogue(settings)
        agenda = _made(case, catalogue, settings)
    if agenda.provenance.fallback is not None:
        click.echo(f"agendum: composed, not drafted ({agenda.provenance.fallback})", err=True)
    content = render_agenda(agenda, case, catalogue, order)
    if out is None:
        click.echo(content, nl=False)
    else:
        standing = agenda if form == "json" else None
        with replacing(out, standing, "agenda", datetime.now(UTC)) as kept:
            write_bytes(out, content)
        click.echo(f"wrote {out}{kept_as(kept)}", err=True)


def _made(case: "Case", catalogue: "Catalogue", settings: "Settings") -> "Agenda":
    """Return the agenda, drafted where a model is set and the case does not rule it out."""
    from recommender.agendas.generate import generate_agenda

    if not settings.llm or case.generator == "composer":
        return generate_agenda(case, catalogue)
    import asyncio

    from api.drafting import open_drafting
    from recommender.agendas.drafting import generate_drafted

    async def draft() -> "Agenda":
        async with open_drafting(settings) as drafting:
            return await generate_drafted(case, catalogue, drafting)

    return asyncio.run(draft())


def stdout_is_a_terminal() -> bool:
    """Return whether a person would see the bytes."""
    return sys.stdout.isatty()


def _form_of(out: Path | None) -> str:
    ending = "" if out is None else out.suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else "html" if ending == "htm" else "md"


@click.command("plan")
@click.argument("case_file", metavar="CASE.yaml")
@click.option("--minutes-between", type=click.IntRange(1, 6000), default=40, show_default=True,
              help="Learning time between two sessions.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan_command(case_file: str, minutes_between: int, as_json: bool) -> None:
    """Show the arc of all sessions for this pair, with what to learn in between.

    \b
    Example:
      agendum plan examples/peer-quarter/1-two-leads-first-hour.case.yaml
      agendum plan case.yaml --minutes-between 20
    """
    from api.inputs import naming, read_model, source_of
    from api.opening import open_ready_catalogue
    from recommender.agendas.plan import plan_sessions, render_plan
    from recommender.domain.case import Case
    from recommender.settings import read_settings

    settings = read_settings()
    case = read_model(Case, case_file)
    catalogue = open_ready_catalogue(settings)
    with naming(source_of(case_file)):
        plan = plan_sessions(case, catalogue, minutes_between)
    if as_json:
        click.echo(plan.model_dump_json(by_alias=True, indent=2))
    else:
        click.echo(render_plan(plan, catalogue).rstrip("\n"))
