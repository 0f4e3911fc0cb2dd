"""What reviewers send back: read, checked, and set right by the key."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from evals.blind import Form, Key, PairKey, RunName
from evals.review_page import SIDES, csv_columns
from evals.rubric import HandOver, Rubric, Score
from recommender.domain.base import Frozen, Id, Short, Text
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.yaml_file import decode_document, read_document

Preference = Literal["first", "tie", "second"]
KEY_ENDING = ".key.json"


class BothSides(Frozen):
    """Whether each of the two would be handed over; null is unscored."""

    first: HandOver | None = None
    second: HandOver | None = None


class SideScores(Frozen):
    """Scores by criterion; one that is not there is unscored."""

    first: dict[Id, Score] = {}
    second: dict[Id, Score] = {}


class SideDangers(Frozen):
    """Criteria whose danger is there."""

    first: list[Id] = []
    second: list[Id] = []


class PairAnswer(Frozen):
    """What one reviewer says of one pair."""

    preference: Preference | None = None
    hand_over: BothSides = BothSides()
    scores: SideScores = SideScores()
    dangers: SideDangers = SideDangers()
    comment: Text | None = None


class Answers(Frozen):
    """What one reviewer sent back."""

    review: Id
    form: Form
    reviewer: Short
    answers: Annotated[dict[Id, PairAnswer], Field(min_length=1)]


@dataclass(frozen=True)
class Opinion:
    """What one reviewer says of one agenda.

    Attributes:
        scores: What was scored, by criterion.
    """

    scores: Mapping[str, int]
    dangers: tuple[str, ...]
    hand_over: HandOver | None

    @property
    def said_anything(self) -> bool:
        """Return whether anything of it was judged."""
        return bool(self.scores or self.dangers or self.hand_over)


@dataclass(frozen=True)
class Verdict:
    """What one reviewer says of one case, with the runs behind the two sides known.

    Attributes:
        unit: Suite and case.
        preferred: The run whose agenda is better, or `tie`; null is unscored.
        shown_first: The run that stood first.
    """

    reviewer: str
    unit: str
    shown_first: RunName
    preferred: RunName | Literal["tie"] | None
    opinions: Mapping[RunName, Opinion]


def read_answers(path: Path, rubric: Rubric) -> list[Answers]:
    """Return what a file holds: one reviewer's answers as JSON, or anybody's rows as CSV.

    Raises:
        InvalidInputError: It is malformed, or an answer is none of those that were offered;
            names the file and the field or the row.
    """
    if path.suffix.lower() == ".csv":
        return _read_csv(path, rubric)
    return [_checked(read_document(path, is_json=True), str(path), rubric)]


def read_key(path: Path) -> Key:
    """Return a review's key.

    Raises:
        InvalidInputError: It is malformed; names the field.
    """
    try:
        return Key.model_validate(read_document(path, is_json=True))
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, str(path))) from None


def find_keys(files: Sequence[Path]) -> list[Path]:
    """Return the keys that stand beside files of answers."""
    return sorted({key for path in files for key in path.resolve().parent.glob(f"*{KEY_ENDING}")})


def unblind(answers: Sequence[Answers], keys: Sequence[Key]) -> list[Verdict]:
    """Return what was said of which run.

    Raises:
        InvalidInputError: A key is missing, an answer is of a pair that was not shown, keys are
            of different runs, or a reviewer's answers to a case stand twice.
    """
    by_review = {key.review: key for key in keys}
    if len({tuple(sorted(key.runs.items())) for key in by_review.values()}) > 1:
        raise InvalidInputError.of("the keys are of different runs; import one comparison at a "
                                   "time", field="--key")
    found: dict[tuple[str, str], Verdict] = {}
    for one in answers:
        key = by_review.get(one.review)
        if key is None:
            raise InvalidInputError.of(f"no key of review {one.review}; give it with --key",
                                       source=one.reviewer)
        for pair, answer in one.answers.items():
            shown = key.pairs.get(pair)
            if shown is None:
                raise InvalidInputError.of(f"{pair} was not shown in {one.review}",
                                           source=one.reviewer)
            verdict = _verdict(one.reviewer, shown, answer)
            if (one.reviewer, verdict.unit) in found:
                raise InvalidInputError.of(
                    f"{verdict.unit} stands twice; each reviewer answers one form, under a name "
                    "of their own", source=one.reviewer)
            found[one.reviewer, verdict.unit] = verdict
    return list(found.values())


def _verdict(reviewer: str, shown: PairKey, answer: PairAnswer) -> Verdict:
    second: RunName = "b" if shown.first == "a" else "a"
    runs: dict[str, RunName] = {"first": shown.first, "second": second}
    said = answer.preference
    return Verdict(
        reviewer, f"{shown.suite}/{shown.case}", shown.first,
        "tie" if said == "tie" else None if said is None else runs[said],
        {runs[side]: Opinion(getattr(answer.scores, side), tuple(getattr(answer.dangers, side)),
                             getattr(answer.hand_over, side)) for side in SIDES})


def _checked(data: Any, source: str, rubric: Rubric) -> Answers:
    try:
        answers = Answers.model_validate(data)
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, source)) from None
    faults = [
        Fault(source, f"answers.{pair}.{what}.{side}",
              f"{one!r} is no criterion; write one of {', '.join(rubric.ids)}")
        for pair, answer in answers.answers.items() for what in ("scores", "dangers")
        for side in SIDES for one in getattr(getattr(answer, what), side)
        if one not in rubric.ids]
    if faults:
        raise InvalidInputError(faults)
    return answers


def _read_csv(path: Path, rubric: Rubric) -> list[Answers]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InvalidInputError.of("no such file; check the path", source=str(path)) from error
    except UnicodeDecodeError:
        decode_document(path.read_bytes(), str(path))
        raise
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    missing = [one for one in csv_columns(rubric)
               if one not in (reader.fieldnames or []) and one not in ("case", "first", "second")]
    if missing:
        raise InvalidInputError.of(f"the columns {', '.join(missing)} are missing; keep those of "
                                   "the exported file", source=str(path))
    by_reviewer: dict[tuple[str, str], dict[str, Any]] = {}
    for number, row in enumerate(reader, start=2):
        cells = {name: (cell or "").strip() for name, cell in row.items() if isinstance(name, str)}
        source = f"{path}, row {number}"
        if not cells["reviewer"]:
            raise InvalidInputError.of("is empty; write initials in every row", source=source,
                                       field="reviewer")
        own = by_reviewer.setdefault((cells["reviewer"], cells["review"]), {
            "review": cells["review"], "form": 2 if cells["form"] == "2" else 1,
            "reviewer": cells["reviewer"], "answers": {}})
        if cells["pair"] in own["answers"]:
            raise InvalidInputError.of(f"{cells['pair']} stands twice", source=source)
        own["answers"][cells["pair"]] = _row(cells, rubric)
        _checked(own | {"answers": {cells["pair"]: own["answers"][cells["pair"]]}}, source, rubric)
    if not by_reviewer:
        raise InvalidInputError.of("holds no row", source=str(path))
    return [_checked(own, str(path), rubric) for own in by_reviewer.values()]


def _row(cells: Mapping[str, str], rubric: Rubric) -> dict[str, Any]:
    def score(cell: str) -> int | str:
        return int(cell) if cell.isdigit() else cell

    return {
        "preference": cells["preference"].lower() or None,
        "hand_over": {side: cells[f"{side}_hand_over"].lower() or None for side in SIDES},
        "scores": {side: {one: score(cells[f"{side}_{one}"]) for one in rubric.ids
                          if cells[f"{side}_{one}"]} for side in SIDES},
        "dangers": {side: [one.strip() for one in cells[f"{side}_dangers"].split(";")
                           if one.strip()] for side in SIDES},
        "comment": cells["comment"] or None,
    }
