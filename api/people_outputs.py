"""What the people commands write for the next run: counts, pairs, and who was left over."""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from api.inputs import check_place, write_text
from recommender.domain.profile import Profile
from recommender.errors import InvalidInputError
from recommender.matching.match import Matching, standing_pairs
from recommender.matching.terms import PastPair, Terms
from recommender.people_file import read_people

FORMATS = (".jsonl", ".yaml", ".yml", ".json", ".csv")


@dataclass(frozen=True)
class Outputs:
    """The files that `match` and `groups` may write; null for each that is not wanted."""

    out: Path | None
    left: Path | None
    pairs: Path | None = None

    def check(self) -> None:
        """Refuse what cannot be written before any work is done for it.

        Raises:
            InvalidInputError: Names the option and the file.
        """
        for option, path in (("--out", self.out), ("--unmatched-out", self.left),
                             ("--pairs-out", self.pairs)):
            check_place(path, option)
        if self.left is not None:
            _format_of(self.left)

    def write(self, data: Mapping[str, Any]) -> None:
        """Write the JSON of a result."""
        if self.out is not None:
            write_text(self.out, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            click.echo(f"wrote {self.out}", err=True)

    def write_left(self, profiles: Sequence[Profile]) -> None:
        """Write the profiles of those left over as `--profiles` reads them.

        Raises:
            InvalidInputError: A profile that CSV cannot hold as it is.
        """
        if self.left is not None:
            write_text(self.left, _people_text(self.left, profiles),
                       source=f"--unmatched-out {self.left}")
            click.echo(f"wrote {self.left}", err=True)

    def write_pairs(self, pairs: Iterable[PastPair]) -> None:
        """Write pairs as `--pairs` reads them."""
        if self.pairs is not None:
            rows = [(one.mentee, one.mentor, one.status) for one in pairs]
            _write_csv(self.pairs, ("mentee", "mentor", "status"), rows, "--pairs-out")


def write_shown(path: Path, counts: Mapping[str, int]) -> None:
    """Write in how many lists each person stands, as `--shown` reads it."""
    rows = [(own, str(count)) for own, count in sorted(counts.items()) if count]
    _write_csv(path, ("candidate_id", "lists"), rows, "--shown-out")


def pairs_after(terms: Terms, found: Matching, *, keep: bool) -> list[PastPair]:
    """Return earlier pairs and new ones; whose people were matched anew is ended.

    Args:
        keep: Active pairs stayed, so that a new one stands for one that stands no more.
    """
    new = [PastPair(mentee=one.mentee, mentor=one.mentor) for one in found.pairs if not one.kept]
    anew = {own for one in new
            for own in ((one.mentee, one.mentor) if terms.both_ways else (one.mentee,))}
    stands = {(one.mentee, one.mentor) for one in standing_pairs(terms)}

    def ends(pair: PastPair) -> bool:
        own = {pair.mentee, pair.mentor} if terms.both_ways else {pair.mentee}
        return keep and (pair.mentee, pair.mentor) not in stands and bool(own & anew)

    return [*(pair.model_copy(update={"status": "ended"}) if ends(pair) else pair
              for pair in terms.before.pairs), *new]


def _people_text(path: Path, profiles: Sequence[Profile]) -> str:
    suffix = _format_of(path)
    data = [one.model_dump(mode="json", exclude_defaults=True) for one in profiles]
    if suffix == ".jsonl":
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in data)
    if suffix == ".json":
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    if suffix != ".csv":
        return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    text = _people_csv(data)
    _check_csv(text, profiles, f"--unmatched-out {path}")
    return text


def _format_of(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise InvalidInputError.of("a .jsonl, .yaml, .json or .csv file expected",
                                   source=f"--unmatched-out {path}")
    return suffix


def _people_csv(data: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for one in data:
        row: dict[str, str] = {}
        for name, value in one.items():
            if name == "goals":
                row |= {f"goal_{goal['id'].removeprefix('g')}": goal["text"] for goal in value}
            elif name == "attributes":
                row |= {f"attributes.{own}": str(each) for own, each in value.items()}
            else:
                row[name] = ";".join(value) if isinstance(value, list) else _cell(value)
        rows.append(row)
    heads = list(dict.fromkeys(["id", *(name for row in rows for name in row)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, heads, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _cell(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _check_csv(text: str, profiles: Sequence[Profile], source: str) -> None:
    """Refuse what would not come back from CSV as it was, such as a `;` inside of a skill."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_text(text, encoding="utf-8", newline="")
        again = {one.id: one for one in read_people(path, skip_bad=True).profiles}
    for one in profiles:
        other = again.get(one.id)
        if other != one:
            field = next((name for name in Profile.model_fields
                          if other is None or getattr(one, name) != getattr(other, name)), "id")
            raise InvalidInputError.of(
                f"{one.id}: CSV cannot hold it as it is; give a .jsonl or .yaml file",
                source=source, field=field)


def _write_csv(
    path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]], option: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    write_text(path, text.getvalue(), source=f"{option} {path}")
    click.echo(f"wrote {path}", err=True)
