"""The best assignment of a whole pool: who meets whom, who is left over, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from recommender.domain.matching import Pair, Unmatched
from recommender.domain.phrases import Phrases
from recommender.errors import InvalidInputError
from recommender.matching.assign import TIE, assign, lots_of
from recommender.matching.left_over import left_of_pairs, rule_to_relax
from recommender.matching.pool import Mask, Numbers, Rows
from recommender.matching.suggest import score_rows, weighted, with_liked
from recommender.matching.terms import PastPair, Terms
from recommender.retrieval.encoder import Floats

BLOCK = 250
"""Mentees whose wants are compared with all offers at once."""
NEAREST_PEERS = 40
"""Others per person that the pairing of equals looks at, in a pool where that is not everybody."""
PEER_GAP = 1e-6
PEER_SECONDS = 60.0
"""What the pairing of equals may leave open, relative to the total, and how long it may take."""

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
    """Return the best pairing of equals: a maximum-weight matching, by SciPy's HiGHS."""
    ids = terms.pool.ids
    people = waiting
    if len(people) < 2:
        return [], 0.0, 0.0
    scores = score_matrix(terms, people, people, progress)
    scores = np.minimum(scores, scores.T)
    first, second = np.nonzero(np.triu(np.isfinite(scores) & nearest_of(scores, NEAREST_PEERS), 1))
    if not len(first):
        return [], 0.0, 0.0
    value = scores[first, second].astype(np.float64)
    lots = lots_of([ids[at] for at in people], [ids[at] for at in people], seed)
    order = np.argsort(lots[first, second], kind="stable")  # the solver takes equals as they come
    first, second, value = first[order], second[order], value[order]
    degrees = sparse.csr_matrix(
        (np.ones(2 * len(first)), (np.concatenate([first, second]),
                                   np.tile(np.arange(len(first)), 2))),
        shape=(len(people), len(first)))
    answer = milp(-value - TIE, constraints=LinearConstraint(degrees, ub=terms.room[people]),
                  bounds=Bounds(0, 1), integrality=np.ones(len(first)),
                  options={"mip_rel_gap": PEER_GAP, "time_limit": PEER_SECONDS})
    if answer.x is None:
        raise InvalidInputError.of(f"these people cannot be paired in time ({answer.message}); "
                                   "split the pool, or use stricter rules")
    chosen = np.flatnonzero(answer.x > 0.5)
    pairs = [Pair(mentee=ids[people[first[at]]], mentor=ids[people[second[at]]],
                  score=round(float(value[at]), 6)) for at in chosen]
    total = float(value[chosen].sum())
    bound = -float(answer.mip_dual_bound) if answer.mip_dual_bound is not None else total
    if len(people) > NEAREST_PEERS + 1:
        bound = max(bound, _bound_of_equals(scores, terms.room[people]))
    return pairs, total, max(bound, total)


def _bound_of_equals(scores: Floats, room: Rows) -> float:
    """Return half the sum of what each could have at best: it holds for every pairing."""
    best = -np.sort(-np.maximum(scores, 0.0), axis=1)
    return float(sum(line[:most].sum(dtype=np.float64)
                     for line, most in zip(best, room, strict=True))) / 2


def nearest_of(scores: Floats, count: int) -> Mask:
    """Return which pairs are among the best of either side, a symmetric mask."""
    if scores.shape[1] <= count + 1:
        return np.ones(scores.shape, dtype=np.bool_)
    best = np.zeros(scores.shape, dtype=np.bool_)
    np.put_along_axis(best, np.argpartition(-scores, count, axis=1)[:, :count], True, axis=1)
    both: Mask = best | best.T
    return both


def _score_of(terms: Terms, pair: PastPair) -> float:
    row, other = terms.pool.row[pair.mentee], terms.pool.row[pair.mentor]
    return round(float(score_rows(terms, row, np.array([other]), as_mentee=True).total[0]), 6)
