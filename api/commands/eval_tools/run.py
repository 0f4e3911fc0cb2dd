"""`agendum eval run`, `cases`, `seal`, `embed`: suites and the runs made of them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from evals.run import Run
    from evals.vectors import SuiteEncoder
    from recommender.catalogue import Catalogue
    from recommender.settings import Settings

FOLDER = click.Path(path_type=Path)


@click.command("run")
@click.argument("suites", metavar="[SUITE …]", nargs=-1)
@click.option("--out", type=FOLDER, help="Write the run into this folder.")
@click.option("--agendas", type=FOLDER, metavar="FILE",
              help="Judge these agendas (JSONL, as batch import writes them), make none.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def run_command(
    suites: tuple[str, ...], out: Path | None, agendas: Path | None, as_json: bool
) -> None:
    """Make what the cases of suites ask for and measure it; every suite unless some are named.

    Needs no model and no network. With --agendas, agendas of a model are judged: write the cases
    with `agendum eval cases`, let any model answer them with `agendum batch`.

    \b
    Example:
      agendum eval run --out run-today
      agendum eval run agendas --agendas agendas.jsonl --out run-model
    """
    from api.inputs import check_place
    from evals.cases import suite_names
    from evals.run import summarise, write_run
    from evals.told import run_text

    check_place(out, "--out")
    names = list(suites) or suite_names()
    if agendas is not None and not suites:
        names = ["agendas"]
    run = make_run(names, agendas)
    if out is not None:
        write_run(run, out)
        click.echo(f"wrote {out}: {len(run.results)} cases in {run.record['seconds']['total']} s",
                   err=True)
    if as_json:
        click.echo(json.dumps(
            {suite: {name: one.to_json() for name, one in figures.items()}
             for suite, figures in summarise(run.results).items()}, indent=2))
    else:
        click.echo(run_text(run).rstrip("\n"))


@click.command("cases")
@click.argument("suites", metavar="[SUITE …]", nargs=-1)
@click.option("--out", type=FOLDER, required=True, help="Where the cases go, one a line.")
def cases_command(suites: tuple[str, ...], out: Path) -> None:
    """Write the cases that ask for an agenda as JSONL, for `agendum batch export`.

    \b
    Example:
      agendum eval cases agendas --out cases.jsonl
      agendum batch export cases.jsonl --out requests.jsonl
    """
    from api.inputs import write_text
    from evals.cases import load_suite

    lines = []
    for name in suites or ("agendas",):
        for one in load_suite(name):
            if one.case is not None:
                data = one.case.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                key = f"{name}.{one.name}".replace("/", ".")
                lines.append(json.dumps({"id": key[:128], **data}, ensure_ascii=False) + "\n")
    write_text(out, "".join(lines))
    click.echo(f"wrote {out}: {len(lines)} cases", err=True)


@click.command("seal")
@click.argument("suites", metavar="[SUITE …]", nargs=-1)
def seal_command(suites: tuple[str, ...]) -> None:
    """Seal new cases, so that nobody changes them unseen; a correction supersedes.

    \b
    Example:
      agendum eval seal agendas
    """
    from evals.cases import seal_suite, suite_names

    for name in suites or suite_names():
        fresh = seal_suite(name)
        click.echo(f"{name}: {len(fresh)} cases sealed")
        for one in fresh:
            click.echo(f"  {one}")


@click.command("embed")
def embed_command() -> None:
    """Run every suite and ship the vectors of what their people wrote, so that runs are quick.

    \b
    Example:
      agendum eval embed
    """
    from evals.cases import suite_names
    from evals.run import run_suites
    from evals.vectors import suite_catalogue
    from recommender.settings import read_settings

    catalogue, encoder = suite_catalogue(_open(read_settings()), None)
    with _bars() as progress:
        run_suites(suite_names(), catalogue, progress=progress)
    click.echo(f"{encoder.save(asked_only=True)} vectors shipped, {encoder.fresh} of them new")


@click.command("baseline")
@click.argument("folder", metavar="DIR", type=FOLDER, required=False)
@click.option("--out", type=FOLDER, default=Path("evals/baseline.json"), show_default=True,
              help="The file that runs are compared with.")
def baseline_command(folder: Path | None, out: Path) -> None:
    """Make a run the one that others are compared with; without DIR a new one is made.

    \b
    Example:
      agendum eval baseline run-today
    """
    from api.inputs import check_place
    from evals.cases import suite_names
    from evals.run import read_run, write_baseline

    check_place(out, "--out")
    run = read_run(folder) if folder is not None else make_run(suite_names(), None)
    write_baseline(run, out)
    click.echo(f"wrote {out}: {len(run.results)} cases", err=True)


def make_run(names: Sequence[str], agendas: Path | None) -> "Run":
    """Return a run of these suites with the settings as they are, showing how far it is."""
    from evals.make import read_agendas
    from evals.run import judges, run_suites
    from evals.vectors import suite_catalogue
    from recommender.settings import Settings, read_settings

    settings = read_settings()
    given, told = None, None
    if agendas is not None:
        lines, digest = _lines_of(agendas)
        given = read_agendas(lines, str(agendas))
        models = sorted({one.provenance.model for one in given.values()
                         if one.provenance.model is not None})
        prompts = sorted({one.provenance.prompt for one in given.values()
                          if one.provenance.prompt is not None})
        told = {"file": agendas.name, "sha256": digest, "models": models, "prompts": prompts}
    catalogue, encoder = suite_catalogue(_open(settings), settings.cache_dir)
    changed = {name: str(value) for name, value in settings.model_dump().items()
               if name not in ("database_url", "openai_api_key", "cache_dir")
               and value != Settings.model_fields[name].default and value != {}}
    with _bars() as progress:
        run = run_suites(names, catalogue, given=given, agendas=told, settings=changed,
                         progress=progress, swap_judges=judges(settings.cache_dir))
    _keep(encoder)
    return run


def _open(settings: "Settings") -> "Catalogue":
    from api.opening import open_ready_catalogue

    return open_ready_catalogue(settings)


def _keep(encoder: "SuiteEncoder") -> None:
    """Keep what had to be encoded for the next run; say so where that cannot be done."""
    if not encoder.fresh:
        return
    click.echo(f"agendum: {encoder.fresh} texts were encoded, once", err=True)
    try:
        encoder.save()
    except OSError as error:
        click.echo(f"agendum: their vectors are not kept ({error.strerror}); "
                   "set AGENDUM_CACHE_DIR to a folder that can be written", err=True)


def _lines_of(path: Path) -> tuple[list[str], str]:
    from api.batch_files import digest_of_file

    digest = digest_of_file(path)
    return path.read_text("utf-8").splitlines(), f"sha256:{digest}"


@contextmanager
def _bars() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Give a function that opens a progress bar for each suite."""
    from api.opening import progress_bar

    with ExitStack() as stack:
        def begin(name: str) -> Callable[[int, int], None]:
            stack.close()
            show: Any = stack.enter_context(progress_bar(name, "case", "measuring"))
            return show  # type: ignore[no-any-return]

        yield begin
