"""A review as files that can be mailed: one HTML page that needs nothing else, or a CSV."""

import csv
import hashlib
import io
import json
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from evals.blind import Review
from evals.rubric import NOT_IN_FIXED_MODE, Rubric
from evals.shown import Sheet

PAGES = Path(__file__).parent / "pages"
SIDES = ("first", "second")
_FORMULA = re.compile(r"\s*'*[=+\-@\t\r]")
"""A cell that a spreadsheet might take for a formula."""
_MARKED = re.compile(r"\A([-?]) (.*)\Z", re.DOTALL)


def render_page(review: Review, rubric: Rubric, *, with_scores: bool = True) -> str:
    """Return the review as one HTML page, without a network, script from elsewhere or the key.

    Args:
        with_scores: Ask for scores by criterion too, not only which one and whether to hand over.
    """
    style, script = ((PAGES / name).read_text("utf-8").strip()
                     for name in ("review.css", "review.js"))
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = json.dumps({"review": review.id, "form": review.form,
                       "pairs": [one.id for one in review.pairs]})
    return _template().render(
        review=review, rubric=rubric, with_scores=with_scores, fixed_unscored=NOT_IN_FIXED_MODE,
        style=Markup(style), script=Markup(script), script_hash=f"sha256-{digest}",
        data=Markup(data), sheet=_sheet) + "\n"


def csv_columns(rubric: Rubric) -> list[str]:
    """Return the columns of a review as CSV; what a reviewer fills in comes last."""
    return ["review", "form", "pair", "case", "first", "second", "reviewer", "preference",
            *(f"{side}_hand_over" for side in SIDES),
            *(f"{side}_{one}" for side in SIDES for one in rubric.ids),
            *(f"{side}_dangers" for side in SIDES), "comment"]


def render_csv(review: Review, rubric: Rubric) -> str:
    """Return the review as CSV: a row per pair; a cell that might be run gets a `'` before it."""
    out = io.StringIO()
    columns = csv_columns(rubric)
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for pair in review.pairs:
        row = {"review": review.id, "form": str(review.form), "pair": pair.id,
               "case": pair.about.to_text(), "first": pair.sheets[0].to_text(),
               "second": pair.sheets[1].to_text()}
        writer.writerow({key: f"'{cell}" if _FORMULA.match(cell) else cell
                         for key, cell in row.items()})
    return out.getvalue()


def _sheet(sheet: Sheet) -> Markup:
    """Return a sheet as HTML; headings of a case are ours, in English."""
    own = Markup(' lang="{}"').format(sheet.language)
    blocks = []
    for block in sheet.blocks:
        numbered = block.heading[:1].isdigit()
        rows = Markup("").join(_row(line, numbered) for line in block.lines)
        blocks.append(Markup('<div class="block"><b{}>{}</b><div{}>{}</div></div>').format(
            own if numbered else "", block.heading,
            "" if block.heading in ("The session", "Left out") else own, rows))
    return Markup("\n").join(blocks)


def _row(line: str, numbered: bool) -> Markup:
    marked = _MARKED.match(line)
    if marked is None:
        return Markup("<p>{}</p>").format(line)
    sign = "? " if marked[1] == "?" else "• " if not numbered else "→ "
    return Markup('<p class="row"><span aria-hidden="true">{}</span>{}</p>').format(
        sign, escape(marked[2]))


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("evals", "pages"), autoescape=True,
                       undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _template() -> Template:
    return _environment().get_template("review.html.j2")
