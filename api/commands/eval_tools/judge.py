"""`agendum eval judge`: a model compares two runs, and how far it may be believed."""

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("judge")
@click.argument("run_a", metavar="RUN_A", type=FOLDER)
@click.argument("run_b", metavar="RUN_B", type=FOLDER)
@click.option("--people", "people", type=FILE, multiple=True,
              help="What reviewers sent back of the same runs; as often as needed.")
@click.option("--key", "keys", type=FILE, multiple=True,
              help="The key of each of their forms; else those that stand beside the files.")
@click.option("--model", default=None, metavar="SPEC",
              help="Such as openai:gpt-5-mini; else AGENDUM_LLM.")
@click.option("--pairs", type=click.IntRange(1, 1000), default=12, show_default=True)
@click.option("--seed", type=int, default=None, help="As for the review, so that cases meet.")
@click.option("--criterion", "criteria", multiple=True, help="Only these; else all eight.")
@click.option("--pairwise/--no-pairwise", default=True, show_default=True)
@click.option("--scores/--no-scores", default=True, show_default=True)
@click.option("--deadline", "deadline_s", type=click.FloatRange(1, 3600), default=120.0,
              show_default=True, help="Seconds for one answer.")
@click.option("--max-tokens", type=click.IntRange(16, 8000), default=2000, show_default=True)
@click.option("--gate", is_flag=True,
              help="Exit 1 where RUN_B is worse; refuses, also with 1, while the judge may not.")
@click.option("--out", type=FOLDER, default=None,
              help="A run's folder: writes judge.json there, for its report.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def judge_command(
    run_a: Path, run_b: Path, people: tuple[Path, ...], keys: tuple[Path, ...],
    model: str | None, pairs: int, seed: int | None, criteria: tuple[str, ...], pairwise: bool,
    scores: bool, deadline_s: float, max_tokens: int, gate: bool, out: Path | None,
    as_json: bool,
) -> None:
    """Let a model judge what no check can, and print its agreement with people beside it.

    It is asked of each pair in both orders, and of each agenda by one criterion at a time. An
    answer that was not offered is unscored. Below a kappa of 0.6 with people, or without people,
    it may inform and not gate.

    \b
    Example:
      agendum eval judge runs/before runs/after --people review-am.json --key review.key.json
    """
    import asyncio

    from api.cli import BadInput, Stop
    from api.inputs import write_text
    from api.opening import base_url_of, export_key, open_ready_catalogue, progress_bar
    from evals.answers import find_keys, read_answers, read_key, unblind
    from evals.blind import SEED, make_review, read_made
    from evals.judge import PAIRWISE, RUBRIC, Asked, ask_judge
    from evals.judge_report import judge_report
    from evals.rubric import load_rubric
    from prompts.load import load_prompt
    from recommender.language_model import open_model
    from recommender.settings import read_settings

    settings = read_settings()
    spec = model or settings.llm
    if not spec:
        raise BadInput("no model is set; give --model, or set AGENDUM_LLM")
    if not (pairwise or scores):
        raise BadInput("nothing to ask; leave --no-pairwise or --no-scores out")
    rubric = load_rubric()
    wanted = [rubric.criterion(one).id for one in criteria] or rubric.ids
    read = [one for path in people for one in read_answers(path, rubric)]
    known = [read_key(path) for path in (keys or find_keys(people))]
    said = unblind(read, [key for key in known if key.review in {one.review for one in read}])
    review = make_review(read_made(run_a), read_made(run_b),
                         open_ready_catalogue(settings), limit=pairs,
                         seed=SEED if seed is None else seed)
    export_key(settings)
    first = load_prompt(PAIRWISE) if pairwise else None
    second = load_prompt(RUBRIC) if scores else None

    async def ask() -> list[Asked]:
        judge = open_model(spec, base_url=base_url_of(settings),
                           options={"max_tokens": max_tokens} | settings.llm_options)
        try:
            with progress_bar("judging", "question") as progress:
                return await ask_judge(review.pairs, judge, rubric, first, second,
                                       criteria=wanted, deadline_s=deadline_s,
                                       progress=progress)
        finally:
            await judge.aclose()

    report = judge_report(asyncio.run(ask()), review.pairs, said, review.key(), rubric, spec,
                          [one.id for one in (first, second) if one is not None])
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=2)
    if out is not None:
        write_text(out / "judge.json", text + "\n")
        click.echo(f"wrote {out / 'judge.json'}", err=True)
    click.echo(text if as_json else report.to_text().rstrip("\n"))
    if gate and not report.may_gate:
        raise Stop("the judge may inform and not gate: " + (
            report.standing["preference"].why if "preference" in report.standing
            else "it was not asked which agenda is better"))
    if gate and report.is_loss:
        raise Stop(f"{run_b} is worse than {run_a}, as the judge sees it")
