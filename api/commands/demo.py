"""`agendum demo`: the main job on shipped examples, and what to look at."""

from pathlib import Path

import click

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WHOLE = 3
"""Agendas printed whole; the others get a line."""
GUIDE = """\
Three whole agendas follow, one per language, each composed from a case file in examples/ without
a language model. What to look at:

  1. The first line: is the purpose about this pair, in their words?
  2. Quotations: goals, steps and notes come back as people wrote them, names never do.
  3. Minutes: they sum to the session's, and the last item leaves room for who, what, by when.
  4. "Worth your time": every resource exists in the library, with the reason it is there.

Any of them again, as a page, for one of the two, for a calendar, for Word, or as data:
  agendum agenda {example} --out agenda.html
  agendum agenda {example} --role mentor
  agendum agenda {example} --out session.ics
  agendum agenda {example} --out agenda.docx
  agendum agenda {example} --format json
"""


@click.command("demo")
def demo_command() -> None:
    """Write agendas for a handful of shipped examples and say what to look at.

    \b
    Example:
      agendum demo
      agendum demo | less
    """
    from api.inputs import naming, read_model
    from api.opening import open_ready_catalogue
    from api.rendering import Order, render_agenda
    from recommender.agendas.generate import generate_agenda
    from recommender.domain.base import LANGUAGES, base_language
    from recommender.domain.case import Case
    from recommender.errors import InvalidInputError
    from recommender.settings import read_settings

    paths = sorted(EXAMPLES.glob("*/*.case.yaml"))
    if not paths:
        raise InvalidInputError.of(
            "the examples come with the repository, not with the package; get the repository, "
            "or run `agendum agenda` on a case of your own",
            source=str(EXAMPLES),
        )
    settings = read_settings()
    cases = {path: read_model(Case, str(path)) for path in paths}
    whole = [
        next((path for path, case in cases.items() if case.history and len(case.members) == 2
              and base_language(case.session.language) == language), None)
        for language in LANGUAGES
    ]
    first = [path for path in whole if path is not None][:WHOLE]
    group = next((path for path, case in cases.items() if len(case.members) > 2), None)
    shown = {path.parent for path in first}
    others = [] if group is None else [group]
    for path in paths:
        if path not in first and path.parent not in shown and path not in others:
            others.append(path)
            shown.add(path.parent)
    catalogue = open_ready_catalogue(settings)
    click.echo(GUIDE.format(example=_short((first or paths)[0])))
    for path in first:
        with naming(str(path)):
            agenda = generate_agenda(cases[path], catalogue)
        click.echo(f"{'─' * 78}\n{_short(path)}\n")
        click.echo(render_agenda(agenda, cases[path], catalogue, Order("md")))
    click.echo(f"{'─' * 78}\nAnd in a line each:\n")
    for path in others:
        with naming(str(path)):
            agenda = generate_agenda(cases[path], catalogue)
        session = agenda.session
        click.echo(f"{_short(path)}\n  {len(cases[path].members)} people, {agenda.language}, "
                   f"{session.type}, {session.minutes} min: {agenda.purpose}")


def _short(path: Path) -> str:
    """Return the path as it can be typed from here, or in full."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
