"""The best assignment of a whole pool: who meets whom, who is left over, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.domain.matching import Pair, Unmatched
from recommender.domain.phrases import Phrases
from recommender.errors import InvalidInputError
from recommender.matching.assign import assign, lots_of
from recommender.matching.equals import pair_equals
from recommender.matching.left_over import left_of_pairs, rule_to_relax
from recommender.matching.pool import Numbers, Rows
from recommender.matching.suggest import score_rows, weighted, with_liked
from recommender.matching.terms import PastPair, Terms
from recommender.retrieval.encoder import Floats

BLOCK = 250
"""Mentees whose wants are compared with all offers at once."""

Progress = Callable[[int, int], None]
PhrasesFor = Callable[[int], Phrases]
"""Phrases in the language of the person in this row."""


@dataclass(frozen=True)
class Matching:
    """Everybody's assignment.

    Attributes:
        total: Sum of the scores of new pairs.
        bound: No assignment of the same people can reach more.
        relax: The one rule without which most of those left over would find somebody.
    """

    pairs: list[Pair]
    total: float
    bound: float
    unmatched: list[Unmatched]
    relax: str | None


def match_pool(
    terms: Terms, phrases_for: PhrasesFor, *, seed: str = "", keep: bool = True,
    progress: Progress | None = None,
) -> Matching:
    """Return the assignment with the largest total under capacity and rules.

    Ties are drawn by lot from the ids and the seed, so that no order of a file favours anybody.

    Args:
        keep: Pairs that are active stay, and their mentee is not matched again; else they only
            take room. A pair whose mentor has left or takes a break is no longer one.
    """
    kept = standing_pairs(terms) if keep else []
    settled = {pair.mentee for pair in kept}
    if terms.programme.relation == "peer":
        settled |= {pair.mentor for pair in kept}
    looking = terms.mentees & terms.pool.available
    if terms.both_ways:
        looking &= terms.room > 0
    waiting = np.array([at for at in np.flatnonzero(looking) if terms.pool.ids[at] not in settled],
                       dtype=np.intp)
    if terms.programme.relation == "peer":
        new, total, bound = _pair_equals(terms, waiting, seed, progress)
    else:
        new, total, bound = _assign_mentors(terms, waiting, seed, progress)
    found = {own for pair in new for own in (
        (pair.mentee, pair.mentor) if terms.programme.relation == "peer" else (pair.mentee,))}
    left = [int(at) for at in waiting if terms.pool.ids[at] not in found]
    unmatched = [left_of_pairs(terms, at, phrases_for(at).matching) for at in left]
    pairs = [Pair(mentee=one.mentee, mentor=one.mentor, score=_score_of(terms, one), kept=True)
             for one in kept] + new
    return Matching(sorted(pairs, key=lambda one: (one.mentee, one.mentor)), total, bound,
                    unmatched, rule_to_relax(unmatched))


def standing_pairs(terms: Terms) -> list[PastPair]:
    """Return the active pairs of which both people are still there and open to it."""
    pool = terms.pool
    return [pair for pair in terms.before.pairs
            if pair.status == "active" and pair.mentee in pool.row and pair.mentor in pool.row
            and pool.profiles[pool.row[pair.mentor]].available
            and pool.profiles[pool.row[pair.mentee]].available]


def match_scores(
    scores: Sequence[tuple[str, str, float]], capacity: dict[str, int], seed: str = ""
) -> Matching:
    """Return the best assignment for scores that a platform has made itself.

    Args:
        scores: Mentee, mentor, score; pairs that are not named are not allowed.
        capacity: Places by mentor; one where a mentor is not named.

    Raises:
        InvalidInputError: A pair stands twice, a score is not finite, a capacity is below zero.
    """
    mentees = sorted({mentee for mentee, _, _ in scores})
    mentors = sorted({mentor for _, mentor, _ in scores})
    row = {own: at for at, own in enumerate(mentees)}
    column = {own: at for at, own in enumerate(mentors)}
    matrix = np.full((len(mentees), len(mentors)), -np.inf, dtype=np.float64)
    for mentee, mentor, score in scores:
        if not np.isfinite(score):
            raise InvalidInputError.of("a score that is a number expected",
                                       field=f"{mentee}, {mentor}")
        if np.isfinite(matrix[row[mentee], column[mentor]]):
            raise InvalidInputError.of("this pair stands twice; keep one",
                                       field=f"{mentee}, {mentor}")
        matrix[row[mentee], column[mentor]] = score
    places = np.array([capacity.get(own, 1) for own in mentors], dtype=np.intp)
    best = assign(matrix, places, lots_of(mentees, mentors, seed))  # type: ignore[arg-type]
    pairs = [Pair(mentee=mentees[at], mentor=mentors[to], score=float(matrix[at, to]))
             for at, to in enumerate(best.mentor) if to >= 0]
    left = [Unmatched(id=mentees[at], reasons=[_why_left(matrix[at], places)],
                      eligible=int((np.isfinite(matrix[at]) & (places > 0)).sum()))
            for at, to in enumerate(best.mentor) if to < 0]
    return Matching(pairs, best.total, best.bound, left, None)


def _why_left(scores: Numbers, places: Rows) -> str:
    """Return why somebody of a platform's own scores has nobody; no language is known of them."""
    open_to = scores[np.isfinite(scores) & (places > 0)]
    if not len(open_to):
        return "no mentor they may have has a place"
    if open_to.max() < 0:
        return "every score with a mentor who has a place is below zero"
    return "every place of a mentor they may have is taken"


def score_matrix(
    terms: Terms, mentees: Rows, mentors: Rows, progress: Progress | None = None
) -> Floats:
    """Return every pair's score, -inf where a rule shuts it out, shape (mentees, mentors).

    The same scores as in a list of suggestions, in blocks that keep the memory small.
    """
    result = np.full((len(mentees), len(mentors)), -np.inf, dtype=np.float32)
    for start in range(0, len(mentees), BLOCK):
        chunk = mentees[start : start + BLOCK]
        meaning = terms.meaning.block(chunk, mentors)
        if terms.both_ways:
            meaning = np.minimum(meaning, terms.meaning.block(mentors, chunk).T)
        for line, row in enumerate(chunk.tolist()):
            allowed = terms.eligible(row, as_mentee=True)[mentors]
            values, counted = with_liked(
                terms, row, mentors, [terms.rule_values(row, mentors, as_mentee=True),
                                      meaning[line][None, :]])
            score = weighted(values, counted)
            result[start + line] = np.where(allowed, score, -np.inf)
        if progress is not None:
            progress(min(start + BLOCK, len(mentees)), len(mentees))
    return result


def _assign_mentors(
    terms: Terms, waiting: Rows, seed: str, progress: Progress | None
) -> tuple[list[Pair], float, float]:
    ids = terms.pool.ids
    mentors = np.flatnonzero(terms.mentors & terms.pool.open & (terms.room > 0))
    scores = score_matrix(terms, waiting, mentors, progress)
    lots = lots_of([ids[at] for at in waiting], [ids[at] for at in mentors], seed)
    best = assign(scores, terms.room[mentors], lots)
    pairs = [Pair(mentee=ids[waiting[at]], mentor=ids[mentors[to]],
                  score=round(float(scores[at, to]), 6))
             for at, to in enumerate(best.mentor) if to >= 0]
    return pairs, best.total, best.bound


def _pair_equals(
    terms: Terms, waiting: Rows, seed: str, progress: Progress | None
) -> tuple[list[Pair], float, float]:
    ids = [terms.pool.ids[at] for at in waiting]
    scores = score_matrix(terms, waiting, waiting, progress)
    scores = np.minimum(scores, scores.T)
    best = pair_equals(scores, terms.room[waiting], lots_of(ids, ids, seed))
    pairs = [Pair(mentee=ids[one], mentor=ids[other], score=round(float(scores[one, other]), 6))
             for one, other in zip(best.first, best.second, strict=True)]
    return pairs, best.total, best.bound


def _score_of(terms: Terms, pair: PastPair) -> float:
    row, other = terms.pool.row[pair.mentee], terms.pool.row[pair.mentor]
    return round(float(score_rows(terms, row, np.array([other]), as_mentee=True).total[0]), 6)
