"""`agendum eval compare`, `gate`, `calibrate`: is one run better than another, beyond noise."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from evals.compare import Comparison

FOLDER = click.Path(path_type=Path)


@click.command("compare")
@click.argument("before", metavar="DIR_A", type=FOLDER)
@click.argument("after", metavar="DIR_B", type=FOLDER)
@click.option("--markdown", is_flag=True, help="Print Markdown for a pull request.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare_command(before: Path, after: Path, markdown: bool, as_json: bool) -> None:
    """Compare two runs, the earlier one first; exit 1 where a guarded figure is really worse.

    A run is a folder, or a file such as evals/baseline.json.

    \b
    Example:
      agendum eval compare run-before run-after
      agendum eval compare evals/baseline.json run-after --markdown
    """
    from evals.compare import compare_runs
    from evals.run import read_run

    found = compare_runs(read_run(before), read_run(after))
    _print(found, markdown=markdown, as_json=as_json)
    if not found.passes:
        raise SystemExit(1)


@click.command("gate")
@click.option("--baseline", type=FOLDER, default=Path("evals/baseline.json"), show_default=True,
              help="What must not be lost.")
@click.option("--out", type=FOLDER, help="Keep the new run in this folder.")
@click.option("--markdown", is_flag=True, help="Print Markdown for a pull request.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def gate_command(baseline: Path, out: Path | None, markdown: bool, as_json: bool) -> None:
    """Run every suite of the baseline and exit 1 where a guarded figure is really worse.

    \b
    Example:
      agendum eval gate
    """
    from api.commands.eval_tools.run import make_run
    from api.inputs import check_place
    from evals.compare import compare_runs
    from evals.run import read_run, write_run

    check_place(out, "--out")
    before = read_run(baseline)
    after = make_run(list(before.record["suites"]), None)
    if out is not None:
        write_run(after, out)
    found = compare_runs(before, after)
    _print(found, markdown=markdown, as_json=as_json)
    if not found.passes:
        raise SystemExit(1)


@click.command("calibrate")
@click.argument("folders", metavar="DIR DIR …", type=FOLDER, nargs=-1)
@click.option("--comparisons", type=click.IntRange(1, 10_000), default=200, show_default=True)
@click.option("--planted", type=click.IntRange(1, 10_000), default=50, show_default=True,
              help="Comparisons for each planted loss.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def calibrate_command(
    folders: tuple[Path, ...], comparisons: int, planted: int, as_json: bool
) -> None:
    """Say how often the gate stops for nothing, and which losses it finds.

    The runs must differ by chance alone: other seeds, or a model asked again.

    \b
    Example:
      agendum eval calibrate run-seed-1 run-seed-2 run-seed-3
    """
    from api.opening import progress_bar
    from evals.calibrate import calibrate
    from evals.run import read_run

    runs = [read_run(folder) for folder in folders]
    with progress_bar("comparing", "comparison") as progress:
        found = calibrate(runs, comparisons, planted, progress=progress)
    click.echo(json.dumps(found.to_json(), indent=2) if as_json else found.to_text().rstrip("\n"))


@click.command("report")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--against", type=FOLDER, help="An earlier run to compare with.")
@click.option("--out", type=FOLDER, required=True, help="The HTML file.")
def report_command(folder: Path, against: Path | None, out: Path) -> None:
    """Write a run as one HTML page: what got better, what got worse, how sure, see for yourself.

    \b
    Example:
      agendum eval report run-today --against evals/baseline.json --out report.html
    """
    from api.inputs import check_place, write_text
    from evals.report import report_html
    from evals.run import read_run

    check_place(out, "--out")
    before = None if against is None else read_run(against)
    write_text(out, report_html(read_run(folder), before, folder))
    click.echo(f"wrote {out}", err=True)


def _print(found: "Comparison", *, markdown: bool, as_json: bool) -> None:
    from evals.told import comparison_markdown, comparison_text

    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        text = comparison_markdown(found) if markdown else comparison_text(found)
        click.echo(text.rstrip("\n"))
