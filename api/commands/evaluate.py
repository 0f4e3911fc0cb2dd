"""`agendum eval`: run suites, compare runs, measure the production ranking."""

import json
from pathlib import Path

import click

from api.commands.eval_tools.compare import (
    calibrate_command,
    compare_command,
    gate_command,
    report_command,
)
from api.commands.eval_tools.judge import judge_command
from api.commands.eval_tools.review import review_command
from api.commands.eval_tools.run import (
    baseline_command,
    cases_command,
    embed_command,
    run_command,
    seal_command,
)


@click.group("eval")
def eval_command() -> None:
    """See whether agendas, recommendations and matches got better, and by more than noise.

    \b
    Example:
      agendum eval run --out run-today
      agendum eval compare evals/baseline.json run-today
    """


for _one in (run_command, compare_command, report_command, gate_command, baseline_command,
             cases_command, seal_command, embed_command, calibrate_command):
    eval_command.add_command(_one)


@eval_command.command("retrieval")
@click.argument("folder", metavar="BEIR_DIR", type=click.Path(path_type=Path))
@click.option("--task", type=click.Choice(["resources", "mentors"]), default="resources",
              show_default=True)
@click.option("--run-out", type=click.Path(path_type=Path), help="Write TREC run lines here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def retrieval(folder: Path, task: str, run_out: Path | None, as_json: bool) -> None:
    """Rank a BEIR-format folder with the production path, beside BM25 and dense alone.

    BEIR_DIR holds corpus.jsonl, queries.jsonl, qrels/test.tsv and, optionally, candidates.jsonl.
    For mentors it is also compared with counting equal words, and each difference of nDCG@10 is
    printed with its 95 % interval.

    \b
    Example:
      agendum eval retrieval ./my-beir --json
      agendum eval retrieval ./my-beir --task mentors --run-out run.trec
    """
    from api.inputs import write_text
    from api.opening import open_ready_catalogue, progress_bar
    from evals.retrieval import evaluate_folder
    from recommender.settings import read_settings

    catalogue = open_ready_catalogue(read_settings())
    with progress_bar("encoding the corpus") as progress:
        report = evaluate_folder(folder, catalogue, task, progress)
    if run_out is not None:
        write_text(run_out, "".join(f"{line}\n" for line in report.run_lines()))
        click.echo(f"wrote {run_out}", err=True)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(report.to_text().rstrip("\n"))


@eval_command.command("agreement")
@click.argument("folder", metavar="BEIR_DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def agreement(folder: Path, as_json: bool) -> None:
    """Say how far two passes of grading agree: quadratic weighted kappa.

    BEIR_DIR holds queries.jsonl, the passes passes/a.tsv and passes/b.tsv, and corpus.jsonl, or
    pool.tsv with the documents that were read for each query.

    \b
    Example:
      agendum eval agreement evals/data/mentors
      agendum eval agreement evals/data/needs_more
    """
    from evals.agreement import measure_agreement

    found = measure_agreement(folder)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=2))
    else:
        click.echo(found.to_text().rstrip("\n"))


@eval_command.command("reasons")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reasons(folder: Path, as_json: bool) -> None:
    """Say how many of the reasons that matching names between two people are sensible.

    DIR holds pairs.tsv: phrases of people, labelled twice.

    \b
    Example:
      agendum eval reasons evals/data/reasons
    """
    from api.opening import open_ready_catalogue, progress_bar
    from evals.reasons import measure_reasons
    from recommender.settings import read_settings

    catalogue = open_ready_catalogue(read_settings())
    with progress_bar("encoding what people wrote") as progress:
        report = measure_reasons(folder, catalogue, progress)
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2))
    else:
        click.echo(report.to_text().rstrip("\n"))


eval_command.add_command(review_command)
eval_command.add_command(judge_command)
