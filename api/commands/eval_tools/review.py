"""`agendum eval review`: people compare two runs blind, and what they say comes back."""

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("review")
def review_command() -> None:
    """Let people compare two runs blind, by a page or a CSV that can be mailed, and read it back.

    \b
    Example:
      agendum eval review export runs/before runs/after --out review.html
      agendum eval review import review-*.json --key review.key.json
    """


@review_command.command("export")
@click.argument("run_a", metavar="RUN_A", type=FOLDER)
@click.argument("run_b", metavar="RUN_B", type=FOLDER)
@click.option("--out", type=FILE, required=True, help="A name that ends in .html or .csv.")
@click.option("--pairs", type=click.IntRange(1, 200), default=12, show_default=True,
              help="Cases at most; drawn over languages and kinds of session.")
@click.option("--form", type=click.Choice(["1", "2"]), default="1", show_default=True,
              help="Form 2 shows every pair the other way round; give half of the people each.")
@click.option("--seed", type=int, default=None, help="Draws other cases and orders.")
@click.option("--scores/--no-scores", default=True, show_default=True,
              help="Ask for the eight criteria too.")
def export_command(
    run_a: Path, run_b: Path, out: Path, pairs: int, form: str, seed: int | None, scores: bool
) -> None:
    """Write a blind review of RUN_A and RUN_B, and the key that undoes the blinding beside it.

    Send the page or the CSV; keep the key (OUT with .key.json). Nothing of the file says which
    agenda comes from where, nor any name that stands in a case.

    \b
    Example:
      agendum eval review export runs/before runs/after --out review.html
      agendum eval review export runs/before runs/after --form 2 --out review-2.csv
    """
    from api.inputs import check_place, write_text
    from api.opening import open_ready_catalogue
    from evals.answers import KEY_ENDING
    from evals.blind import SEED, make_review, read_made
    from evals.review_page import render_csv, render_page
    from evals.rubric import load_rubric
    from recommender.errors import InvalidInputError
    from recommender.settings import read_settings

    kind = out.suffix.lower()
    if kind not in (".html", ".csv"):
        raise InvalidInputError.of("a name that ends in .html or .csv expected",
                                   source=f"--out {out}")
    check_place(out, "--out")
    first, second = read_made(run_a), read_made(run_b)
    rubric = load_rubric()
    review = make_review(first, second, open_ready_catalogue(read_settings()), limit=pairs,
                         form=1 if form == "1" else 2, seed=SEED if seed is None else seed)
    text = (render_csv(review, rubric) if kind == ".csv"
            else render_page(review, rubric, with_scores=scores))
    key = out.with_name(out.stem + KEY_ENDING)
    write_text(out, text)
    write_text(key, review.key().model_dump_json(indent=1) + "\n")
    click.echo(f"wrote {out}: {len(review.pairs)} pairs, form {review.form}"
               + (f"; {review.same} cases have the same agenda in both runs" if review.same
                  else ""), err=True)
    click.echo(f"wrote {key}: keep it, and do not send it", err=True)


@review_command.command("import")
@click.argument("files", metavar="FILES...", type=FILE, nargs=-1, required=True)
@click.option("--key", "keys", type=FILE, multiple=True,
              help="The key of each form; else those that stand beside the files.")
@click.option("--out", type=FOLDER, default=None,
              help="A run's folder: writes review.json there, for its report.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_command(
    files: tuple[Path, ...], keys: tuple[Path, ...], out: Path | None, as_json: bool
) -> None:
    """Read what reviewers sent back: wins, scores, dangers, and how far they agree.

    FILES are saved answers (.json) and filled-in tables (.csv), of one comparison. Agreement is
    Cohen's kappa and Krippendorff's alpha, with 95 % intervals over cases.

    \b
    Example:
      agendum eval review import review-*.json --key review.key.json --out runs/after
    """
    from api.inputs import write_text
    from evals.answers import find_keys, read_answers, read_key, unblind
    from evals.review import outcome_of
    from evals.rubric import load_rubric

    rubric = load_rubric()
    read = [one for path in files for one in read_answers(path, rubric)]
    known = [read_key(path) for path in (keys or find_keys(files))]
    used = [key for key in known if key.review in {one.review for one in read}]
    outcome = outcome_of(unblind(read, used), used, rubric)
    text = json.dumps(outcome.to_json(), ensure_ascii=False, indent=2)
    if out is not None:
        write_text(out / "review.json", text + "\n")
        click.echo(f"wrote {out / 'review.json'}", err=True)
    click.echo(text if as_json else outcome.to_text().rstrip("\n"))
