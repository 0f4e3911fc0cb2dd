"""Pairs of agendas to be judged blind: the same cases from two runs, in a balanced order."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any, Literal

from pydantic import ValidationError

from evals.shown import Sheet, safe_sheet_of_agenda, sheet_of_agenda, sheet_of_case
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import Frozen, Id
from recommender.domain.case import Case
from recommender.errors import InvalidInputError, faults_of
from recommender.yaml_file import read_document

RunName = Literal["a", "b"]
Form = Literal[1, 2]
"""The second form shows every pair the other way round."""
SEED = 20260115
PAIRS = 12


@dataclass(frozen=True)
class Made:
    """The agenda that one run made of one case."""

    suite: str
    case: str
    cluster: str
    slices: Mapping[str, str]
    input: Case
    agenda: Agenda


@dataclass(frozen=True)
class MadeRun:
    """The agendas of a run by suite and case, and what its record says of it."""

    folder: Path
    record: Mapping[str, Any]
    made: Mapping[tuple[str, str], Made]


@dataclass(frozen=True)
class Pair:
    """One case with two agendas, in the order they are shown; `first` is the run it is of."""

    id: str
    suite: str
    case: str
    cluster: str
    slices: Mapping[str, str]
    mode: str
    first: RunName
    about: Sheet
    sheets: tuple[Sheet, Sheet]


class PairKey(Frozen):
    """Which agendas a pair showed; kept by who exported it."""

    suite: Id
    case: str
    cluster: str
    slices: dict[str, str]
    mode: str
    first: RunName


class Key(Frozen):
    """What undoes the blinding of a review. Reviewers never get it."""

    review: Id
    form: Form
    runs: dict[RunName, str]
    pairs: dict[Id, PairKey]


@dataclass(frozen=True)
class Review:
    """What is shown to a reviewer.

    Attributes:
        same: Cases of which both runs made the same agenda; nobody is asked about them.
    """

    id: str
    form: Form
    runs: Mapping[RunName, str]
    pairs: tuple[Pair, ...]
    same: int

    def key(self) -> Key:
        """Return what undoes the blinding."""
        return Key(review=self.id, form=self.form, runs=dict(self.runs), pairs={
            one.id: PairKey(suite=one.suite, case=one.case, cluster=one.cluster,
                            slices=dict(one.slices), mode=one.mode, first=one.first)
            for one in self.pairs})


def read_made(folder: Path) -> MadeRun:
    """Return the agendas of a run's folder; cases without one are left out.

    Raises:
        InvalidInputError: It is no run, or a line is malformed; names file and line.
    """
    record = read_document(folder / "run.json")
    path = folder / "cases.jsonl"
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise InvalidInputError.of("no such file; a run has it, see `agendum eval run`",
                                   source=str(path)) from error
    made = {}
    for number, text in enumerate(lines, start=1):
        try:
            line = json.loads(text)
            if line.get("agenda") is None or line.get("input") is None:
                continue
            one = Made(line["suite"], line["case"], line.get("cluster") or line["case"],
                       line.get("slices") or {}, Case.model_validate(line["input"]),
                       Agenda.model_validate(line["agenda"]))
        except json.JSONDecodeError as error:
            raise InvalidInputError.of(f"no valid JSON ({error.msg})",
                                       source=f"{path}, line {number}") from error
        except ValidationError as error:
            raise InvalidInputError(faults_of(error, f"{path}, line {number}")) from error
        except (KeyError, AttributeError) as error:
            raise InvalidInputError.of("suite, case, input and agenda expected",
                                       source=f"{path}, line {number}") from error
        made[one.suite, one.case] = one
    return MadeRun(folder, record if isinstance(record, dict) else {}, made)


def make_review(
    first: MadeRun, second: MadeRun, catalogue: Catalogue, *, limit: int = PAIRS,
    form: Form = 1, seed: int = SEED,
) -> Review:
    """Return pairs of agendas to be judged blind.

    Cases are drawn so that languages and kinds of session come in turn, and no situation twice
    while there are others. In each form either run stands first in half of the pairs, give or
    take one; what stands first in form 1 stands second in form 2.

    Raises:
        InvalidInputError: The runs have no case in common whose agendas differ.
    """
    shared = [key for key in first.made if key in second.made]
    same = sum(_same(first.made[key].agenda, second.made[key].agenda) for key in shared)
    differ = [key for key in shared
              if not _same(first.made[key].agenda, second.made[key].agenda)]
    if not differ:
        raise InvalidInputError.of(
            f"nothing to review: of {len(shared)} cases in both runs, {same} have the same agenda "
            "in both", source=f"{first.folder}, {second.folder}")
    random = Random(seed)
    chosen = _draw([first.made[key] for key in differ], limit, random)
    orders: list[RunName] = [("a", "b")[at % 2] for at in range(len(chosen))]
    random.shuffle(orders)
    if form == 2:
        orders = ["b" if one == "a" else "a" for one in orders]
    pairs = []
    for at, (one, leading) in enumerate(zip(chosen, orders, strict=True), start=1):
        sides = [safe_sheet_of_agenda(run.made[one.suite, one.case].agenda, one.input, catalogue)
                 for run in (first, second)]
        pairs.append(Pair(
            f"p{at:02}", one.suite, one.case, one.cluster, one.slices, one.agenda.mode, leading,
            sheet_of_case(one.input, catalogue),
            (sides[0], sides[1]) if leading == "a" else (sides[1], sides[0])))
    said = json.dumps([seed, form, [(p.suite, p.case, p.first, p.sheets[0].to_text(),
                                     p.sheets[1].to_text()) for p in pairs]])
    return Review(f"rv-{hashlib.sha256(said.encode()).hexdigest()[:12]}", form,
                  {"a": first.folder.name, "b": second.folder.name}, tuple(pairs), same)


def _same(one: Agenda, other: Agenda) -> bool:
    return sheet_of_agenda(one) == sheet_of_agenda(other)


def _draw(made: Sequence[Made], limit: int, random: Random) -> list[Made]:
    """Return up to `limit` of them: strata in turn, situations that were not drawn yet first."""
    strata: dict[tuple[str, str], list[Made]] = {}
    shuffled = sorted(made, key=lambda one: (one.suite, one.case))
    random.shuffle(shuffled)
    for one in shuffled:
        strata.setdefault((one.agenda.language, one.agenda.session.type), []).append(one)
    order = sorted(strata)
    random.shuffle(order)
    in_turn = [one for row in zip_longest(*_by_language(order, strata)) for one in row
               if one is not None]
    seen: set[str] = set()
    fresh: list[Made] = []
    again: list[Made] = []
    for one in in_turn:
        (again if one.cluster in seen else fresh).append(one)
        seen.add(one.cluster)
    return (fresh + again)[:limit]


def _by_language(
    order: Sequence[tuple[str, str]], strata: Mapping[tuple[str, str], list[Made]]
) -> Iterable[list[Made]]:
    """Return a list for each language, in which kinds of session come in turn."""
    for language in sorted({one for one, _ in order}):
        kinds = [strata[stratum] for stratum in order if stratum[0] == language]
        yield [one for row in zip_longest(*kinds) for one in row if one is not None]
