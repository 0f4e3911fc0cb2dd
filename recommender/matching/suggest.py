"""Suggestions for one person: the best eligible others, each with parts, reasons and warnings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.domain.matching import (
    MatchReason,
    Outcome,
    Part,
    RuleOutcome,
    Suggestion,
    Why,
)
from recommender.domain.phrases import MatchPhrases, Phrases
from recommender.domain.programme import Rule
from recommender.errors import NotFoundError
from recommender.matching.meaning import PHRASE
from recommender.matching.pool import Mask, Rows
from recommender.matching.rules import met_by, outcomes_of
from recommender.matching.terms import Terms, shown_too_often
from recommender.retrieval.encoder import Floats

REASONS = 3
WHOLE_POOL = 20_000
"""People in a pool up to whom the list is exact."""
SECOND_STAGE = 2_000
"""People whose phrases are compared at first."""
DIGITS, TINY = 6, 1e-5
"""Digits of a score, and more than rounding can change."""
ALIKE = "like somebody it worked well with"
LIKED_WEIGHT = 1.0
"""Weight of being like somebody with whom it worked well."""


@dataclass(frozen=True)
class Scores:
    """Scores of some of the pool, and what they are made of.

    Attributes:
        rows: Of the pool.
        values: Shape (parts, rows), from 0 to 1: rules, meaning, then likeness if it counts.
        weights: Shape (parts,), or the values' where not every part counts with everybody.
    """

    rows: Rows
    values: Floats
    weights: Floats

    @property
    def total(self) -> Floats:
        """Return the scores, shape (rows,)."""
        return weighted(self.values, self.weights)


def suggest_mentors(
    terms: Terms, person_id: str, phrases: Phrases, limit: int = 5, *, as_mentee: bool = True
) -> list[Suggestion]:
    """Return the best eligible people for somebody, best first; fewer where fewer are eligible.

    Ties go by id. Whoever stands in as many lists as they have room for comes after the
    others.

    Args:
        phrases: Of the person's language.
        as_mentee: Look for a mentor; else for a mentee.

    Raises:
        NotFoundError: The pool has nobody of this id.
    """
    row = find_row(terms, person_id)
    eligible = np.flatnonzero(terms.eligible(row, as_mentee=as_mentee))
    if not len(eligible):
        return []
    often = shown_too_often(terms.before, terms.room, terms.pool, limit)
    scores = best_scores(terms, row, eligible, limit, as_mentee=as_mentee, after=often[eligible])
    total = scores.total
    order = np.lexsort((scores.rows, -total, often[scores.rows]))[:limit]
    return [_suggestion(terms, row, scores, int(at), phrases, as_mentee=as_mentee,
                        often=bool(often[scores.rows[at]])) for at in order]


def describe(terms: Terms, row: int, rows: Rows, phrases: Phrases) -> list[Suggestion]:
    """Return these people as suggestions to somebody who learns, best first, ties by id.

    Args:
        rows: Of people who are eligible.
    """
    if not len(rows):
        return []
    scores = score_rows(terms, row, rows, as_mentee=True)
    return [_suggestion(terms, row, scores, int(at), phrases, as_mentee=True, often=False)
            for at in np.lexsort((rows, -scores.total))]


def explain_candidate(
    terms: Terms, person_id: str, candidate_id: str, phrases: Phrases, *, as_mentee: bool = True
) -> Why:
    """Return why somebody was, or was not, suggested: every rule with its outcome.

    Raises:
        NotFoundError: The pool has nobody of one of these ids.
    """
    row, other = find_row(terms, person_id), find_row(terms, candidate_id)
    words = phrases.matching
    outcomes = []
    for name, met in terms.standing(row, as_mentee=as_mentee).items():
        outcome: Outcome = "met" if met[other] else "not_met"
        who = f"{person_id} " if name in terms.lacks(row) else ""
        outcomes.append(RuleOutcome(rule=name, kind="always", outcome=outcome,
                                    detail="" if met[other] else who + words.standing[name]))
    outcomes += [one for rule in terms.rules for one in outcomes_of(
        rule, terms.pool, row, other, words, as_mentee=as_mentee, both_ways=terms.both_ways,
        shown=terms.programme.ai_fields)]
    eligible = terms.eligible(row, as_mentee=as_mentee)
    scores = score_rows(terms, row, np.array([other]), as_mentee=as_mentee)
    reasons = reasons_between(terms, row, other, as_mentee=as_mentee)
    broken = [one for one in outcomes
              if one.outcome != "met" and one.kind in ("must", "always")]
    if not eligible[other]:
        told = "; ".join(_said_of(one, words) for one in broken)
        return Why(person=person_id, candidate=candidate_id, eligible=False, rank=None,
                   score=None, parts=parts_of(terms, scores, 0), reasons=reasons,
                   outcomes=outcomes, told=told)
    rows = np.flatnonzero(eligible)
    scores = score_rows(terms, row, rows, as_mentee=as_mentee)
    total = scores.total
    place = int(np.flatnonzero(rows == other)[0])
    better = (total > total[place]) | ((total == total[place]) & (rows < other))
    return Why(person=person_id, candidate=candidate_id, eligible=True,
               rank=int(better.sum()) + 1, score=_round(total[place]),
               parts=parts_of(terms, scores, place), reasons=reasons, outcomes=outcomes,
               told=tell(reasons, person_id, phrases,
                         read=_is_read(terms, row, other, as_mentee=as_mentee)))


def best_scores(
    terms: Terms, row: int, eligible: Rows, limit: int, *, as_mentee: bool,
    after: Mask | None = None, whole_pool: int = WHOLE_POOL,
) -> Scores:
    """Return the scores of a few people among whom the best `limit` are.

    All is compared but phrases; those of the best follow, best first. In a pool of up to
    `whole_pool` that goes on until nobody left could reach the list even if their phrases
    fitted perfectly, so that the list is exact; in a larger one it ends with the first
    `SECOND_STAGE`, among whom nearly always the whole list is (`make bench` prints how often).

    Args:
        eligible: Rows to choose from.
        after: Of `eligible`, who comes after all the others; null for nobody.
        whole_pool: People in the pool up to whom the list is exact.
    """
    if len(eligible) <= SECOND_STAGE:
        return score_rows(terms, row, eligible, as_mentee=as_mentee)
    least = score_rows(terms, row, eligible, as_mentee=as_mentee, phrases=False)
    weights = least.weights
    bonus = PHRASE * float(terms.programme.matching.semantic.weight) / max(
        float(weights.sum(axis=0).min()), TINY) + TINY
    late = np.zeros(len(eligible), dtype=np.bool_) if after is None else after
    order = np.lexsort((eligible, -least.total, late))
    seen = SECOND_STAGE
    while True:
        chosen = order[:seen]
        scores = score_rows(terms, row, eligible[chosen], as_mentee=as_mentee)
        on_time = np.sort(scores.total[~late[chosen]])[::-1]
        sure = seen >= len(order) or (
            len(on_time) >= limit and on_time[limit - 1] > least.total[order[seen]] + bonus)
        if sure or (len(terms.pool) > whole_pool and len(on_time) >= limit):
            return scores
        seen *= 2


def score_rows(
    terms: Terms, row: int, rows: Rows, *, as_mentee: bool, phrases: bool = True
) -> Scores:
    """Return how well others fit somebody, part by part.

    Args:
        phrases: Compare phrase by phrase too; else meaning lacks that part.
    """
    parts = [terms.rule_values(row, rows, as_mentee=as_mentee),
             meaning_of(terms, row, rows, as_mentee=as_mentee, phrases=phrases)[None, :]]
    return Scores(rows, *with_liked(terms, row, rows, parts))


def with_liked(
    terms: Terms, row: int, rows: Rows, parts: Sequence[Floats]
) -> tuple[Floats, Floats]:
    """Return parts and weights, with likeness to those it worked well with if there are any.

    Between equals it counts for whom of the two it worked well, for both the weaker.
    """
    weights = terms.weights
    alike = np.full(len(rows), np.inf, dtype=np.float32)
    own = terms.well[terms.well[:, 0] == row, 1]
    if len(own):
        alike = np.max([terms.meaning.alike(one, rows) for one in own.tolist()], axis=0)
    if terms.both_ways and len(terms.well):
        theirs = np.full(len(terms.pool), -np.inf, dtype=np.float32)
        np.maximum.at(theirs, terms.well[:, 0], terms.meaning.alike(row, terms.well[:, 1]))
        alike = np.where(np.isfinite(theirs[rows]), np.minimum(alike, theirs[rows]), alike)
    known = np.isfinite(alike)
    if known.any():
        parts = [*parts, np.where(known, alike, 0.0)[None, :]]
        weights = np.append(weights, np.float32(LIKED_WEIGHT))
        if not known.all():
            weights = np.repeat(weights[:, None], len(rows), axis=1)
            weights[-1] *= known
    return np.vstack(parts).astype(np.float32), weights


def meaning_of(
    terms: Terms, row: int, rows: Rows, *, as_mentee: bool, phrases: bool = True
) -> Floats:
    """Return how wants are met, from 0 to 1; between equals the side that gains less counts."""
    meaning = terms.meaning
    if not phrases:
        sides = [meaning.first_stage(row, rows, as_mentee=as_mentee)]
        if terms.both_ways:
            sides.append(meaning.first_stage(row, rows, as_mentee=not as_mentee))
    else:
        there, back = meaning.met_for(row, rows).value, None
        if not as_mentee or terms.both_ways:
            back = meaning.met_by(row, rows).value
        if terms.both_ways and back is not None:
            sides = [there, back]
        else:
            sides = [there if back is None else back]
    weaker: Floats = np.min(sides, axis=0)
    return weaker


def weighted(values: Floats, weights: Floats) -> Floats:
    """Return sum of value × weight over sum of weights, per column; 0 where nothing counts.

    Rounded as it is shown, so that what looks equal is equal and goes by id, or by lot.
    """
    whole = weights.sum(axis=0)
    summed = weights @ values if weights.ndim == 1 else (weights * values).sum(axis=0)
    total: Floats = np.round(summed / np.where(whole > 0, whole, np.float32(1)), DIGITS)
    return total


def parts_of(terms: Terms, scores: Scores, at: int) -> list[Part]:
    """Return the parts of one score, from which it can be recomputed by hand."""
    labels = [*(f"{rule.rule} {rule}" for rule in terms.scored), "semantic", ALIKE]
    weights = scores.weights if scores.weights.ndim == 1 else scores.weights[:, at]
    return [Part(rule=label, value=_round(value), weight=float(weight))
            for label, value, weight in zip(labels, scores.values[:, at], weights, strict=False)
            if weight > 0 or label != ALIKE]


def reasons_between(
    terms: Terms, row: int, other: int, *, as_mentee: bool
) -> list[MatchReason]:
    """Return what one wants and the other offers, word for word from both profiles."""
    ids = terms.pool.ids
    return [
        MatchReason(want=one.want, offer=one.offer, similarity=max(0.0, one.similarity),
                    wanted_by=ids[wanting], offered_by=ids[offering])
        for wanting, offering in _directions(terms, row, other, as_mentee=as_mentee)
        for one in terms.meaning.matches(wanting, offering, REASONS)
    ]


def _directions(
    terms: Terms, row: int, other: int, *, as_mentee: bool
) -> list[tuple[int, int]]:
    """Return who wants and who offers, between equals both ways."""
    there = (row, other) if as_mentee else (other, row)
    return [there, there[::-1]] if terms.both_ways else [there]


def _is_read(terms: Terms, row: int, other: int, *, as_mentee: bool) -> bool:
    """Return whether what the two wrote counts, and there is something to compare."""
    meaning = terms.meaning
    return terms.programme.matching.semantic.weight > 0 and any(
        meaning.wants.counts[wanting] and meaning.offers.counts[offering]
        for wanting, offering in _directions(terms, row, other, as_mentee=as_mentee))


def tell(
    reasons: Sequence[MatchReason], person_id: str, phrases: Phrases, *, read: bool
) -> str:
    """Return the first reasons as one or two sentences to the person who asked.

    Args:
        read: What the two wrote counts; without a reason, that is said.
    """
    words = phrases.matching
    if not reasons:
        return words.no_phrase if read else words.no_reason
    told = []
    for mine in (True, False):
        first = next((one for one in reasons if (one.wanted_by == person_id) == mine), None)
        if first is not None:
            text = words.wants if mine else words.wants_back
            told.append(text.format(want=phrases.quoted(first.want),
                                    offer=phrases.quoted(first.offer)))
    return " ".join(told)


def find_row(terms: Terms, person_id: str) -> int:
    """Return somebody's row.

    Raises:
        NotFoundError: The pool has nobody of this id.
    """
    row = terms.row_of(person_id)
    if row is None:
        raise NotFoundError(f"nobody in the pool has the id {person_id!r}; check its spelling")
    return row


def what_shuts_out(
    terms: Terms, row: int, *, as_mentee: bool
) -> tuple[int, Rule | None, int]:
    """Return how many are eligible, and the one rule without which most more would be.

    Returns:
        Count, the rule (null when no single rule brings anybody), how many more it brings.
    """
    standing = np.logical_and.reduce(list(terms.standing(row, as_mentee=as_mentee).values()))
    must = [rule for rule in terms.rules if rule.rule == "must"]
    met = [met_by(rule, terms.pool, row, as_mentee=as_mentee, both_ways=terms.both_ways)
           for rule in must]
    failed = np.sum([~one for one in met], axis=0) if met else np.zeros(len(standing), dtype=int)
    count = int((standing & (failed == 0)).sum())
    best: Rule | None = None
    more = 0
    for rule, one in zip(must, met, strict=True):
        gained = int((standing & (failed == 1) & ~one).sum())
        if gained > more:
            best, more = rule, gained
    return count, best, more


def _suggestion(
    terms: Terms, row: int, scores: Scores, at: int, phrases: Phrases, *, as_mentee: bool,
    often: bool,
) -> Suggestion:
    other = int(scores.rows[at])
    parts = parts_of(terms, scores, at)
    reasons = reasons_between(terms, row, other, as_mentee=as_mentee)
    return Suggestion(
        candidate=terms.pool.ids[other], score=_round(scores.total[at]), parts=parts,
        reasons=reasons,
        told=tell(reasons, terms.pool.ids[row], phrases,
                  read=_is_read(terms, row, other, as_mentee=as_mentee)),
        warnings=_warnings(terms, row, other, phrases.matching, as_mentee=as_mentee, often=often),
    )


def _warnings(
    terms: Terms, row: int, other: int, words: MatchPhrases, *, as_mentee: bool, often: bool
) -> list[str]:
    wanting, offering = (row, other) if as_mentee else (other, row)
    found = []
    if not terms.meaning.wants.counts[wanting]:
        found.append(f"{terms.pool.ids[wanting]} {words.nothing_wanted}")
    if not terms.meaning.offers.counts[offering]:
        found.append(f"{terms.pool.ids[offering]} {words.nothing_offered}")
    if often:
        found.append(f"{terms.pool.ids[other]} {words.shown_often}")
    return found


def _said_of(outcome: RuleOutcome, words: MatchPhrases) -> str:
    if outcome.kind == "always":
        return outcome.detail
    text = words.not_met if outcome.outcome == "not_met" else words.not_known
    return text.format(rule=outcome.asks, detail=outcome.detail)


def _round(value: float) -> float:
    return round(min(1.0, max(0.0, float(value))), DIGITS)
