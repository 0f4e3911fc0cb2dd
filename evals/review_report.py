"""What a report shows of a review by people and of a judge: agreement beside every verdict."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from evals.section import Section
from recommender.errors import InvalidInputError

REVIEW, JUDGE = "review.json", "judge.json"


def review_section(folder: Path) -> Section | None:
    """Return what people said of a run, from the `review.json` in its folder; null without one."""
    data = _read(folder / REVIEW)
    if data is None:
        return None
    tally, runs = data["tally"], data["runs"]
    parts = [
        Markup("<p>{} people compared {} cases blind: {} against {}. The newer was better in {} "
               "verdicts, neither in {}, the older in {}; {} left open.</p>").format(
            len(data["reviewers"]), data["cases"], runs["b"], runs["a"], tally["b_wins"],
            tally["ties"], tally["a_wins"], tally["unscored"]),
        Markup("<p>On the whole that is {} for the newer, where 1 would be always and -1 never. "
               "The agenda that stood first was preferred in {}; one half means that the order "
               "did not matter.</p>").format(_figure(tally["net"]),
                                            _figure(data["first_preferred"])),
        _table("Mean scores from 1 to 5, and the share that would be handed over",
               ("", runs["a"], runs["b"]), [
                   (name.replace("_", " "), *(_figure(_score(data, run, name)) for run in "ab"))
                   for name in (*data["scores"]["a"]["criteria"], "overall", "handed_over")]),
        Markup("<p>Dangers seen: {}; {}.</p>").format(*(
            Markup("{} in {}").format(_counted(data["scores"][run]["dangers"]), runs[run])
            for run in "ab")),
        _table("How far the people agree beyond chance: 1 is always, 0 is as by chance",
               ("", "Cohen's kappa", "Krippendorff's alpha"), [
                   (name.replace("_", " "), _figure(own["kappa"]), _figure(own["alpha"]))
                   for name, own in data["agreement"].items()]),
    ]
    return Section("What people say", str(Markup("\n").join(parts)))


def judge_section(folder: Path) -> Section | None:
    """Return what a judge said of a run, from the `judge.json` in its folder; null without one."""
    data = _read(folder / JUDGE)
    if data is None:
        return None
    tally = data["outcome"]["tally"]
    leave = ("It may gate." if data["may_gate"] else
             "It may inform and not gate: read its verdicts with its agreement with people.")
    parts = [
        Markup("<p>The model {} was asked {} questions; {} have no verdict. In {} of {} pairs its "
               "verdict followed the place and not the agenda. <strong>{}</strong></p>").format(
            data["model"], data["calls"], sum(data["unscored"].values()), data["flipped"],
            data["both_orders"], leave),
        Markup("<p>The newer was better in {} cases, neither in {}, the older in {}; {} "
               "unscored.</p>").format(tally["b_wins"], tally["ties"], tally["a_wins"],
                                       tally["unscored"]),
        _table("What its verdicts are worth", (
            "", "kappa with people", "people among themselves", "leave"), [
            (name, _figure(own["with_people"]["kappa"]), _figure(own["among_people"]["kappa"]),
             ("may gate" if own["may_gate"] else "may inform") + f": {own['why']}")
            for name, own in data["standing"].items()]),
        _table("Share that passes, as the judge counts it and set right by how often it is right",
               ("", "run", "as counted", "set right"), [
                   (name, data["outcome"]["runs"][run],
                    "none" if own["apparent"] is None else f"{own['apparent']:.2f} of {own['n']}",
                    "cannot be set right" if own["corrected"] is None else
                    f"{own['corrected']:.2f} [{own['low']:.2f}, {own['high']:.2f}]")
                   for name, runs in data["corrected"].items() for run, own in runs.items()])
        if data["corrected"] else Markup(""),
    ]
    return Section("What a model says", str(Markup("\n").join(parts)))


def _read(path: Path) -> Any:
    if not path.exists():
        return None
    try:
        return json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError.of(f"no valid JSON ({error})", source=str(path)) from error


def _score(data: Mapping[str, Any], run: str, name: str) -> Mapping[str, Any]:
    own: Mapping[str, Any] = data["scores"][run]
    found: Mapping[str, Any] = own[name] if name in own else own["criteria"][name]
    return found


def _figure(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "not known"
    interval = "" if one["low"] is None else f" [{one['low']:.2f}, {one['high']:.2f}]"
    return f"{one['value']:.2f}{interval}, n {one['n']}"


def _counted(dangers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in dangers.items()) or "none"


def _table(
    caption: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in heads)
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            first, Markup("").join(Markup("<td>{}</td>").format(one) for one in rest))
        for first, *rest in rows)
    return Markup("<table><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody>"
                  "</table>").format(caption, head, body)
