"""The swap test: does an agenda fit its own pair's goals better than another pair's agenda does?

What people wrote is taken out first, so that only what the library chose and said is judged.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import bm25s
import numpy as np

from recommender.agendas.brief import goals_of
from recommender.agendas.generate import generate_agenda
from recommender.catalogue import Catalogue
from recommender.domain.agenda import Agenda
from recommender.domain.base import SessionType, Written, written_language
from recommender.domain.case import Case
from recommender.privacy import plain
from recommender.retrieval.encoder import Floats
from recommender.retrieval.lexical import tokenize

RUN = 4
"""So many words in a row that the case holds too count as quoted, and are taken out."""

_WORD = re.compile(r"[^\W_]+")
_EMPTY_MARKS = re.compile(r"[“«‘\"][\s.,;:!?…·'’-]*[”»’\"]")

Judge = Callable[[Sequence[Sequence[str]], Sequence[Sequence[str]], str], Floats]
"""Goals per case, agenda lines per case, language -> fit, shape (cases, agendas)."""


@dataclass(frozen=True)
class Entry:
    """One case with its agenda, without anything that people wrote."""

    name: str
    language: Written
    type: SessionType
    group: bool
    goals: tuple[str, ...]
    lines: tuple[str, ...]
    activities: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """One pair's goals against its own agenda and another's of the same type and language."""

    judge: str
    entry: Entry
    other: Entry
    own_fit: float
    other_fit: float

    @property
    def won(self) -> bool:
        """Return whether the own agenda fits better; as good is not better."""
        return self.own_fit > self.other_fit + 1e-9

    @property
    def tied(self) -> bool:
        """Return whether both fit alike."""
        return abs(self.own_fit - self.other_fit) <= 1e-9


@dataclass(frozen=True)
class SwapReport:
    """Every comparison of every judge."""

    comparisons: tuple[Comparison, ...]

    def of(self, judge: str | None = None, language: str | None = None,
           type_: str | None = None, group: bool | None = None) -> list[Comparison]:
        """Return the comparisons of a judge, language, session type, or of groups only."""
        return [
            one for one in self.comparisons
            if judge in (None, one.judge) and language in (None, one.entry.language)
            and type_ in (None, one.entry.type) and group in (None, one.entry.group)
        ]

    @property
    def judges(self) -> list[str]:
        """Return the judges' names in order."""
        return list(dict.fromkeys(one.judge for one in self.comparisons))

    def to_text(self) -> str:
        """Return the table, then every comparison that was not won."""
        lines = [f"{'':44}{'pairwise':>9}{'ties':>6}{'n':>6}{'rank 1':>9}{'of':>4}"]
        for group in (False, True):
            for judge in self.judges:
                whole = self.of(judge, group=group)
                if not whole:
                    continue
                who = "groups" if group else "pairs"
                lines.append(_row(f"{judge}, {who}", whole))
                languages = sorted({one.entry.language for one in whole})
                types = sorted({one.entry.type for one in whole})
                lines += [_row(f"    {own}", self.of(judge, own, group=group))
                          for own in languages]
                lines += [_row(f"    {own}", self.of(judge, type_=own, group=group))
                          for own in types]
        lines += ["", f"{'Share won per case, worst first':60}" + "".join(
            f"{judge[:12]:>13}" for judge in self.judges)]
        names = {one.entry.name: one.entry for one in self.comparisons}
        shares = {name: [share_won([one for one in self.of(judge) if one.entry.name == name])
                         for judge in self.judges] for name in names}
        for name in sorted(names, key=lambda one: (sum(shares[one]), one)):
            entry = names[name]
            lines.append(f"{entry.language} {entry.type:12} {name:44}"
                         + "".join(f"{share:13.2f}" for share in shares[name]))
            if sum(shares[name]) < len(self.judges) * 0.75:
                lines.append(f"      {' / '.join(entry.goals)[:230]}")
                lines.append(f"      {', '.join(entry.activities)}")
        for judge in self.judges:
            lines += ["", f"Not won, {judge}:"]
            for one in self.of(judge):
                if not one.won:
                    lines.append(
                        f"  {one.own_fit:.3f} {'=' if one.tied else '<'} {one.other_fit:.3f}  "
                        f"{one.entry.language} {one.entry.type}: {one.entry.name} "
                        f"[{', '.join(one.entry.activities)}] against {one.other.name} "
                        f"[{', '.join(one.other.activities)}]")
        return "\n".join(lines) + "\n"


def share_won(comparisons: Sequence[Comparison]) -> float:
    """Return the share of pairwise comparisons won; a tie is not won."""
    return sum(one.won for one in comparisons) / len(comparisons) if comparisons else 0.0


def first_ranks(comparisons: Sequence[Comparison]) -> tuple[int, int]:
    """Return for how many cases the own agenda fits best of all, and of how many."""
    by_case: dict[tuple[str, str], bool] = {}
    for one in comparisons:
        key = (one.judge, one.entry.name)
        by_case[key] = by_case.get(key, True) and one.won
    return sum(by_case.values()), len(by_case)


def run_swap(
    cases: Mapping[str, Case], catalogue: Catalogue, judges: Mapping[str, Judge],
    progress: Callable[[int, int], None] | None = None,
) -> SwapReport:
    """Return how often each case's agenda fits its goals better than agendas of other cases.

    Compared are agendas of the same session type and language, pairs with pairs and groups
    with groups. Cases without a goal are left out, and so are fixed agendas, which are meant to
    be the same for everybody.
    """
    entries = []
    for at, (name, case) in enumerate(cases.items(), start=1):
        agenda = generate_agenda(case, catalogue) if goals_of(case) else None
        if agenda is not None and agenda.mode != "fixed":
            entries.append(entry_of(name, case, agenda))
        if progress is not None:
            progress(at, len(cases))
    return compare_entries(entries, judges)


def compare_entries(entries: Sequence[Entry], judges: Mapping[str, Judge]) -> SwapReport:
    """Return every comparison within the same session type, language and size."""
    found: list[Comparison] = []
    by_language = sorted(entries, key=lambda one: one.language)
    for judge_name, judge in judges.items():
        for language, members in groupby(by_language, key=lambda one: one.language):
            pool = list(members)
            fit = judge([one.goals for one in pool], [one.lines for one in pool], language)
            found += [
                Comparison(judge_name, entry, other, float(fit[row, row]), float(fit[row, column]))
                for row, entry in enumerate(pool) for column, other in enumerate(pool)
                if row != column and (entry.type, entry.group) == (other.type, other.group)
            ]
    return SwapReport(tuple(found))


def entry_of(name: str, case: Case, agenda: Agenda) -> Entry:
    """Return a case and its agenda, ready to be compared."""
    return Entry(
        name, written_language(agenda.language), agenda.session.type, len(case.members) > 2,
        tuple(goal.text for goal in goals_of(case)), tuple(bare_lines(agenda, case)),
        tuple(item.activity or "" for item in agenda.items),
    )


def agenda_lines(agenda: Agenda) -> list[str]:
    """Return what a participant reads in an agenda, in order, but for a milestone's questions.

    Those are the same for everybody, as the programme wants them.
    """
    lines = [agenda.purpose, agenda.success_test]
    for item in agenda.items:
        if item.pulse is not None:
            continue
        lines += [item.title, *item.prompts, *item.steps]
    for role in (agenda.preparation.mentee, agenda.preparation.mentor, agenda.preparation.all):
        lines += role
    for use in agenda.resources:
        lines += [use.title, use.reason]
    return lines


def bare_lines(agenda: Agenda, case: Case) -> list[str]:
    """Return an agenda's texts without anything that stands in the case word for word."""
    return without_written(agenda_lines(agenda), case)


def without_written(lines: Iterable[str], case: Case) -> list[str]:
    """Return texts without what people wrote; a line that held nothing else is left out.

    Every run of `RUN` words that a goal, action, note or talking point holds too is taken out,
    and so is one of these that is shorter as a whole.
    """
    runs = _runs(case)
    bare = (_without(line, runs) for line in lines)
    return [line for line in bare if _WORD.search(line)]


def written_texts(case: Case) -> list[str]:
    """Return every goal, action, note and talking point of a case."""
    texts = [goal.text for goal in goals_of(case)]
    texts += [goal.text for member in case.members for goal in member.profile.goals]
    texts += [point.text for point in case.session.talking_points]
    for past in case.history:
        texts += [past.notes or "", *(action.text for action in past.actions)]
    return [text for text in texts if text.strip()]


def words_of_text(text: str) -> list[str]:
    """Return the words of a text as they are compared: lower case, no accents."""
    return [plain(match[0]) for match in _WORD.finditer(text)]


def _runs(case: Case) -> frozenset[tuple[str, ...]]:
    """Return the runs of two to `RUN` words that count as quoted."""
    runs: set[tuple[str, ...]] = set()
    for text in written_texts(case):
        words = words_of_text(text)
        length = min(RUN, len(words))
        runs.update(tuple(words[at : at + length]) for at in range(len(words) - length + 1))
    return frozenset(run for run in runs if len(run) > 1)


def _without(line: str, runs: frozenset[tuple[str, ...]]) -> str:
    found = list(_WORD.finditer(line))
    words = [plain(match[0]) for match in found]
    quoted = [False] * len(words)
    for length in range(2, RUN + 1):
        for at in range(len(words) - length + 1):
            if tuple(words[at : at + length]) in runs:
                quoted[at : at + length] = [True] * length
    kept, last = [], 0
    for match, gone in zip(found, quoted, strict=True):
        if gone:
            kept.append(line[last : match.start()])
            last = match.end()
    rest = "".join([*kept, line[last:]])
    return " ".join(_EMPTY_MARKS.sub("", rest).split())


def dense_judge(encode: Callable[[Sequence[str]], Floats]) -> Judge:
    """Return a judge by an encoder: cosine of each goal and the agenda, mean over goals.

    An agenda's vector is the mean of its lines' vectors, weighted by their words, since
    encoders read only the beginning of a long text.
    """

    def judge(goals: Sequence[Sequence[str]], agendas: Sequence[Sequence[str]],
              language: str) -> Floats:
        texts = list(dict.fromkeys(line for lines in agendas for line in lines))
        vectors = dict(zip(texts, encode(texts), strict=True))
        rows = []
        for lines in agendas:
            weights = np.array([len(_WORD.findall(line)) for line in lines], dtype=np.float32)
            mean = weights @ np.vstack([vectors[line] for line in lines])
            rows.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
        matrix = np.vstack(rows)
        return np.vstack([(encode(own) @ matrix.T).mean(axis=0) for own in goals])

    return judge


def bm25_judge(goals: Sequence[Sequence[str]], agendas: Sequence[Sequence[str]],
               language: str) -> Floats:
    """Judge by BM25 (Lucene variant, stemmed): mean over goals; all agendas are the corpus."""
    index: Any = bm25s.BM25()
    index.index(tokenize([" ".join(lines) for lines in agendas], language), show_progress=False)
    rows = []
    for own in goals:
        scores = []
        for tokens in tokenize(own, language):
            known = [token for token in tokens if token in index.vocab_dict]
            scores.append(index.get_scores(known) if known else np.zeros(len(agendas)))
        rows.append(np.mean(scores, axis=0))
    return np.asarray(np.vstack(rows), dtype=np.float32)


def _row(name: str, comparisons: Sequence[Comparison]) -> str:
    first, of = first_ranks(comparisons)
    return (f"{name:44}{share_won(comparisons):9.3f}{sum(one.tied for one in comparisons):6}"
            f"{len(comparisons):6}{first:9}{of:4}")
