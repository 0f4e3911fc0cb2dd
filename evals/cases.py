"""Cases of a suite: YAML files that a curator reads and adds to, and that do not change again."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from evals.retrieval import read_judgments
from recommender.agendas.brief import fingerprint_of
from recommender.domain.base import Frozen, Id, Language, Line, LongText, Text
from recommender.domain.case import Case
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.yaml_file import read_document

HOME = Path(__file__).parent / "suites"
ROOT = Path(__file__).parent.parent
SEAL = "SEALED"
"""The file that holds the digest of every case that may not change any more."""

Kind = Literal["agenda", "resources", "mentors"]
Grade = Annotated[int, Field(ge=0, le=3)]


class Expect(Frozen):
    """What a case expects, beyond what every agenda must hold. Words count without accents.

    Attributes:
        hand_off: Whether something in it is left to a person; null where nothing is expected.
        absent: Words that the agenda must not hold.
        present: Words that it must.
        hidden: Parts of names, and ways to reach people, that neither the agenda nor a model may
            hold.
        not_instructed: Words of an order in the data, which a model may see as data alone.
    """

    hand_off: bool | None = None
    absent: list[Line] = []
    present: list[Line] = []
    hidden: list[Line] = []
    not_instructed: list[Line] = []


class CaseFile(Frozen):
    """One case as it stands in a file; `why` may come from the file around it."""

    name: Id | None = None
    why: Annotated[str, Field(min_length=10, max_length=600)] | None = None
    kind: Kind = "agenda"
    slices: dict[Id, Line] = {}
    supersedes: Id | None = None
    situation: Line | None = None
    case: dict[str, Any] | None = None
    from_: Annotated[Line | None, Field(alias="from")] = None
    set: dict[str, Any] = {}
    expect: Expect = Expect()
    answer: LongText | None = None
    ahead: Annotated[int, Field(ge=0, le=6)] = 0
    query: Text | None = None
    language: Language | None = None
    minutes: Annotated[int, Field(ge=1, le=6000)] | None = None
    level: Literal["introductory", "intermediate", "advanced"] | None = None
    readable: list[Language] = []
    grades: dict[Id, Grade] = {}
    folder: Line | None = None
    people: Line | None = None
    programme: Id | None = None
    qrels: Line | None = None


@dataclass(frozen=True)
class EvalCase:
    """One case, ready to be run.

    Attributes:
        cluster: The situation it is a variant of; cases of one cluster are not independent.
        slices: What it is counted under, by kind of slice; those of its agenda come later.
        file: As it stands in its file, overrides applied.
        case: What an agenda is made from; null for other kinds.
        ahead: How many further sessions of the same people are made after it.
        digest: SHA-256 of all that is run and judged; `why` is not part of it.
    """

    suite: str
    name: str
    why: str
    kind: Kind
    cluster: str
    slices: Mapping[str, str]
    file: CaseFile
    case: Case | None
    digest: str
    ahead: int = 0
    expect: Expect = field(default_factory=Expect)


def suite_names(home: Path = HOME) -> list[str]:
    """Return the suites there are: folders with a card."""
    return sorted(path.parent.name for path in home.glob("*/CARD.md"))


def load_suite(name: str, home: Path = HOME) -> list[EvalCase]:
    """Return the cases of a suite by name, without those that another one supersedes.

    Raises:
        InvalidInputError: There is no such suite; a file is no case; a sealed case was changed
            or taken away. With every fault of every file.
    """
    if name not in suite_names(home):
        raise InvalidInputError.of(
            f"no suite {name!r}; write one of {', '.join(suite_names(home))}", field="SUITE")
    cases: dict[str, EvalCase] = {}
    faults: list[Fault] = []
    for path in sorted((home / name).glob("*.yaml")):
        try:
            for one in read_cases(path, name):
                if one.name in cases:
                    raise InvalidInputError.of(f"{one.name} stands twice", source=str(path))
                cases[one.name] = one
        except InvalidInputError as error:
            faults += error.faults
    faults += _broken_seals(name, cases, home)
    gone = {one.file.supersedes for one in cases.values()} - {None}
    faults += [Fault(name, "supersedes", f"{one} is no case of the suite")
               for one in sorted(str(one) for one in gone) if one not in cases]
    if faults:
        raise InvalidInputError(faults)
    return [cases[one] for one in sorted(cases) if one not in gone]


def read_cases(path: Path, suite: str) -> list[EvalCase]:
    """Return the case, or the `cases`, of one file.

    Raises:
        InvalidInputError: Names file and field.
    """
    source, stem = str(path), path.name.removesuffix(".yaml").removesuffix(".case")
    data = read_document(path)
    if not isinstance(data, dict):
        raise InvalidInputError.of("the fields of a case expected", source=source)
    if "cases" not in data:
        return _expanded(_case(data, stem, suite, source), source)
    shared = {key: value for key, value in data.items() if key != "cases"}
    if not isinstance(data["cases"], list) or not all(
            isinstance(one, dict) and "name" in one for one in data["cases"]):
        raise InvalidInputError.of("a list of cases, each with a name, expected", source=source,
                                   field="cases")
    found = []
    for one in data["cases"]:
        own = {**shared, **one,
               "slices": {**shared.get("slices", {}), **one.get("slices", {})}}
        found += _expanded(_case(own, f"{stem}/{one['name']}", suite, source), source)
    return found


def data_hash(cases: Sequence[EvalCase]) -> str:
    """Return one digest of everything that a suite's cases hold."""
    lines = "".join(f"{one.digest}  {one.name}\n" for one in cases)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def seal_suite(name: str, home: Path = HOME) -> list[str]:
    """Seal the cases of a suite that are new, and return their names.

    Raises:
        InvalidInputError: As `load_suite`; a changed case is not sealed anew.
    """
    load_suite(name, home)
    sealed = read_seals(name, home)
    every = {one.name: one.digest for path in sorted((home / name).glob("*.yaml"))
             for one in read_cases(path, name)}
    fresh = [one for one in every if one not in sealed]
    lines = "".join(f"{digest}  {one}\n" for one, digest in sorted({**every, **sealed}.items()))
    (home / name / SEAL).write_text(lines, "utf-8")
    return fresh


def read_seals(name: str, home: Path = HOME) -> dict[str, str]:
    """Return the digest of each sealed case by its name."""
    path = home / name / SEAL
    if not path.exists():
        return {}
    pairs = (line.split("  ", 1) for line in path.read_text("utf-8").splitlines())
    return {case: digest for digest, case in pairs}


def unsealed(cases: Sequence[EvalCase], home: Path = HOME) -> list[str]:
    """Return the cases that may still change."""
    return [one.name for one in cases if one.name not in read_seals(one.suite, home)]


def _broken_seals(name: str, cases: Mapping[str, EvalCase], home: Path) -> Iterator[Fault]:
    for one, digest in read_seals(name, home).items():
        if one not in cases:
            yield Fault(f"{name}/{one}", "", "is sealed and gone; bring it back, or write a case "
                        "that supersedes it and keep this one")
        elif cases[one].digest != digest:
            yield Fault(f"{name}/{one}", "", "is sealed and was changed; put it back and write "
                        f"the better one as a new case with `supersedes: {one}`")


def _expanded(one: EvalCase, source: str) -> list[EvalCase]:
    """Return a case, or for a folder of graded queries one case for each of them."""
    if one.file.folder is None:
        return [one]
    folder = ROOT / one.file.folder
    grades = read_judgments(folder / "qrels" / "test.tsv")
    found = []
    for number, line in enumerate((folder / "queries.jsonl").read_text("utf-8").splitlines(), 1):
        query = json.loads(line)
        about = query.get("metadata") or {}
        data = {"why": one.why, "kind": "resources", "query": query["text"], "slices": {
            **one.slices, "set": folder.name},
            **{name: about[name] for name in ("language", "minutes", "level", "readable")
               if about.get(name) is not None},
            "grades": grades.get(query["_id"], {})}
        found.append(_case(data, f"{one.name}/{query['_id']}", one.suite,
                           f"{source}, {folder.name}, line {number}"))
    return found


def _case(data: Mapping[str, Any], name: str, suite: str, source: str) -> EvalCase:
    where = f"{source}, {name}"
    try:
        file = CaseFile.model_validate(data if "members" not in data else
                                       {"why": _comment(Path(source)), "case": data})
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, where)) from None
    if file.why is None:
        raise InvalidInputError.of("is missing: say what the case is for", source=where,
                                   field="why")
    cluster, case = name, None
    if file.kind == "agenda":
        given, cluster = _resolved(file, name, where)
        try:
            case = Case.model_validate(given)
        except ValidationError as error:
            raise InvalidInputError(faults_of(error, where)) from None
    elif file.kind == "resources" and (file.query is None) == (file.folder is None):
        raise InvalidInputError.of("give either `query` or `folder`", source=where)
    elif file.kind == "mentors" and (file.people is None or file.programme is None):
        raise InvalidInputError.of("needs `people` and `programme`", source=where)
    cluster = file.situation or cluster
    held = file.model_dump(mode="json", by_alias=True, exclude_defaults=True,
                           exclude={"why", "name", "situation", "slices", "from_", "set", "case"})
    if case is not None:
        held["fingerprint"] = fingerprint_of(case)
    text = json.dumps(held, sort_keys=True, ensure_ascii=True)
    return EvalCase(suite, name, file.why, file.kind, cluster, file.slices, file, case,
                    hashlib.sha256(text.encode()).hexdigest(), file.ahead, file.expect)


def _comment(path: Path) -> str:
    """Return the first comment of a bare Case file, which says why it is there."""
    first = path.read_text("utf-8").splitlines()[0]
    return first.lstrip("# ") if first.startswith("#") else "A bare case, kept for its own sake."


def _resolved(file: CaseFile, name: str, where: str) -> tuple[Any, str]:
    """Return the data of the Case, and the cluster it belongs to."""
    if (file.case is None) == (file.from_ is None):
        raise InvalidInputError.of("give either `case` or `from`", source=where)
    if file.case is not None:
        data, cluster = json.loads(json.dumps(file.case, default=str)), name
    else:
        path = (ROOT / str(file.from_)).resolve()
        if not path.is_relative_to(ROOT.resolve()):
            raise InvalidInputError.of("leads out of the repository", source=where, field="from")
        data = json.loads(json.dumps(read_document(path), default=str))
        cluster = str(file.from_).removesuffix(".yaml").removesuffix(".case")
        if isinstance(data, dict) and "case" in data:
            data = data["case"]
    for dotted, value in file.set.items():
        _put(data, dotted.split("."), value, where)
    return data, cluster


def _put(data: Any, path: list[str], value: Any, where: str) -> None:
    """Put a value at a dotted path; null takes away what is there."""
    at: Any = data
    try:
        for step in path[:-1]:
            at = at[int(step)] if isinstance(at, list) else at[step]
        last: Any = int(path[-1]) if isinstance(at, list) else path[-1]
        if value is None and isinstance(at, dict):
            at.pop(last, None)
        else:
            at[last] = json.loads(json.dumps(value, default=str))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidInputError.of(f"{'.'.join(path)} leads nowhere in the case",
                                   source=where, field="set") from error
