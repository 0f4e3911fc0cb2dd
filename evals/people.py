"""People suggested and matched by the product's own path, for a graded pool."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evals.cases import ROOT, EvalCase
from evals.metrics.matching import Suggested, broken_rules
from evals.metrics.ranking import SHOWN
from evals.retrieval import Judgments, read_judgments
from recommender.catalogue import Catalogue
from recommender.domain.base import base_language, written_language
from recommender.domain.phrases import Phrases
from recommender.domain.profile import Profile
from recommender.matching.match import match_pool, score_matrix
from recommender.matching.meaning import meaning_of_people
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.pool import Pool
from recommender.matching.suggest import suggest_mentors
from recommender.matching.terms import Terms
from recommender.people_file import read_people

MATCHED = "everybody"
"""What the assignment of a whole pool is called."""


@dataclass(frozen=True)
class Judged:
    """One person's list, or one assignment, ready to be measured."""

    of: EvalCase
    name: str
    suggested: Suggested
    slices: Mapping[str, str]
    answer: Any
    input: Mapping[str, Any]


def suggest_people(
    cases: Sequence[EvalCase], catalogue: Catalogue,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Judged]:
    """Yield, for each pool, the list of everybody who looks and the assignment of all."""
    for at, one in enumerate(cases, start=1):
        yield from _pool(one, catalogue)
        if progress is not None:
            progress(at, len(cases))


def _pool(one: EvalCase, catalogue: Catalogue) -> Iterator[Judged]:
    people = read_people(ROOT / str(one.file.people)).profiles
    programme = catalogue.library.programme(str(one.file.programme))
    pool = Pool(people)
    vectors = PhraseVectors(catalogue.encoder, catalogue.bridge.centres)
    meaning = meaning_of_people(pool.profiles, vectors, programme.ai_fields)
    terms = Terms(pool, programme, meaning)
    grades: Judgments = {} if one.file.qrels is None else read_judgments(ROOT / one.file.qrels)
    by_id = {each.id: each for each in pool.profiles}
    rules = tuple(programme.matching.rules)
    input_ = {"people": one.file.people, "programme": programme.id}

    def phrases_of(row: int) -> Phrases:
        return catalogue.library.phrases[_language(pool.profiles[row])]

    listed = []
    for row in np.flatnonzero(terms.mentees).tolist():
        person = pool.profiles[row]
        if "mentor" in person.roles:
            continue
        found = suggest_mentors(terms, person.id, phrases_of(row), SHOWN)
        allowed = {each.id for each in pool.profiles if "mentor" in each.roles
                   and not broken_rules(person, each, rules)}
        own = {other: grade for other, grade in grades.get(person.id, {}).items()
               if other in allowed}
        reasons = {each.candidate: tuple((why.wanted_by, why.want, why.offered_by, why.offer)
                                         for why in each.reasons) for each in found}
        listed.append((person, Suggested(person.id, tuple(each.candidate for each in found), own,
                                         reasons, by_id, rules, {})))
    shown = Counter(each for _, suggested in listed for each in suggested.found)
    for person, suggested in listed:
        yield Judged(one, f"{one.name}/{person.id}", replace(suggested, shown=shown),
                     {"language": _language(person), "programme": programme.id},
                     list(suggested.found), {**input_, "for": person.id})
    yield _matched(one, terms, by_id, phrases_of, input_)


def _matched(
    one: EvalCase, terms: Terms, by_id: Mapping[str, Profile],
    phrases_of: Callable[[int], Phrases], input_: Mapping[str, Any],
) -> Judged:
    matching = match_pool(terms, phrases_of)
    rows = np.flatnonzero(terms.mentees & terms.pool.available)
    columns = np.flatnonzero(terms.mentors & terms.pool.open & (terms.room > 0))
    suggested = Suggested(
        MATCHED, (), {}, {}, by_id, tuple(terms.rules), {},
        pairs=tuple((pair.mentee, pair.mentor) for pair in matching.pairs), total=matching.total,
        scores=score_matrix(terms, rows, columns),
        places=tuple(int(room) for room in terms.room[columns]))
    return Judged(one, f"{one.name}/{MATCHED}", suggested, {"programme": terms.programme.id},
                  [[pair.mentee, pair.mentor, round(pair.score, 4)] for pair in matching.pairs],
                  input_)


def _language(person: Profile) -> Any:
    for tag in person.languages:
        if base_language(tag) in ("en", "es", "fr"):
            return written_language(tag)
    return "en"
