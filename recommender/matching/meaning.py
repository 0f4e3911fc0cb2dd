"""How well what one offers meets what the other wants: whole against whole, phrase against
phrase, word against word, each from 0 to 1.

Ranking is by all three, reasons are by the phrase; docs/decisions/0015-matching.md has the
figures of what was tried.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.domain.profile import Profile
from recommender.matching.phrase_vectors import PhraseVectors, Progress
from recommender.matching.phrases import Phrases, phrases_of
from recommender.matching.pool import Rows
from recommender.matching.words import Words
from recommender.retrieval.encoder import Floats
from recommender.retrieval.language import detect_language

WHOLE, PHRASE, WORDS = 0.55, 0.35, 0.1
"""How much each part counts; they sum to 1."""
WHOLE_FROM, WHOLE_TO = -0.1, 0.6
PHRASE_FROM, PHRASE_TO = 0.0, 0.5
"""Centred cosines that count as nothing and as all."""


@dataclass(frozen=True)
class Met:
    """How wants are met, part by part, arrays of one shape with values from 0 to 1."""

    whole: Floats
    phrase: Floats
    words: Floats

    @property
    def value(self) -> Floats:
        """Return the parts together."""
        value: Floats = WHOLE * self.whole + PHRASE * self.phrase + WORDS * self.words
        return value


@dataclass(frozen=True)
class Match:
    """One wanted phrase and the offered one that is nearest to it, by centred cosine, 0 to 1."""

    want: str
    offer: str
    similarity: float


class Meaning:
    """What everybody wants and offers, ready to be compared.

    Args:
        wants: Of everybody, in the pool's order.
        offers: The same people's.
        vectors: Of what they wrote; may be shared between pools.
        progress: Told how many of how many texts are encoded.
    """

    def __init__(
        self, wants: Phrases, offers: Phrases, vectors: PhraseVectors,
        progress: Progress | None = None,
    ) -> None:
        self.wants = wants
        self.offers = offers
        wanted, offered = _told(wants), _told(offers)
        vectors.fill([text for text in (*wants.texts, *offers.texts, *wanted, *offered) if text],
                     progress)
        spoken, written = [*map(_language, wanted)], [*map(_language, offered)]
        self._want_vectors = vectors.of(wants.texts, _of_phrases(wants, spoken))
        self._offer_vectors = vectors.of(offers.texts, _of_phrases(offers, written))
        self._wanting = vectors.of(wanted, spoken)
        self._offering = vectors.of(offered, written)

    def met_for(self, row: int, rows: Rows) -> Met:
        """Return how what others offer meets what one wants, shape (rows,)."""
        mine = self._want_vectors[self.wants.which[_span(self.wants, row)]]
        whole = self._offering[rows] @ self._wanting[row]
        return Met(_scaled(whole, WHOLE_FROM, WHOLE_TO),
                   _nearest(mine, self.offers, self._offer_vectors, rows),
                   self._words.found_in(row, rows))

    def met_by(self, row: int, rows: Rows) -> Met:
        """Return how what one offers meets what others want, shape (rows,)."""
        mine = self._offer_vectors[self.offers.which[_span(self.offers, row)]]
        whole = self._wanting[rows] @ self._offering[row]
        return Met(_scaled(whole, WHOLE_FROM, WHOLE_TO),
                   _mean_of_nearest(self.wants, self._want_vectors, mine, rows),
                   self._words.held_by(row, rows))

    def first_stage(self, row: int, rows: Rows, *, as_mentee: bool) -> Floats:
        """Return all but the phrase part, shape (rows,): what costs little."""
        if as_mentee:
            whole = self._offering[rows] @ self._wanting[row]
            words = self._words.found_in(row, rows)
        else:
            whole = self._wanting[rows] @ self._offering[row]
            words = self._words.held_by(row, rows)
        first: Floats = WHOLE * _scaled(whole, WHOLE_FROM, WHOLE_TO) + WORDS * words
        return first

    def block(self, wanting: Rows, offering: Rows) -> Floats:
        """Return how every offer meets every want, shape (wanting, offering)."""
        whole = _scaled(self._wanting[wanting] @ self._offering[offering].T, WHOLE_FROM, WHOLE_TO)
        words = self._words.block(wanting, offering)
        phrase = np.zeros_like(whole)
        wanted, starts = _gathered(self.wants, wanting)
        offered, offer_starts = _gathered(self.offers, offering)
        if len(wanted) and len(offered):
            mine, my_place = np.unique(wanted, return_inverse=True)
            theirs, their_place = np.unique(offered, return_inverse=True)
            near = self._offer_vectors[theirs] @ self._want_vectors[mine].T
            best = _per_owner(np.maximum, near[their_place], offer_starts, -1.0).T[my_place]
            scaled = _scaled(best, PHRASE_FROM, PHRASE_TO)
            counts = np.maximum(np.diff(starts), 1)[:, None]
            phrase = (_per_owner(np.add, scaled, starts, 0.0) / counts).astype(np.float32)
        result: Floats = (WHOLE * whole + PHRASE * phrase + WORDS * words).astype(np.float32)
        return result

    def matches(self, wanting: int, offering: int, least: float, limit: int) -> list[Match]:
        """Return for what one wants the nearest that the other offers, the nearest first.

        Args:
            least: Centred cosine below which nothing is said.
        """
        wanted = self.wants.which[_span(self.wants, wanting)]
        offered = self.offers.which[_span(self.offers, offering)]
        if not len(wanted) or not len(offered):
            return []
        near = self._want_vectors[wanted] @ self._offer_vectors[offered].T
        best = near.argmax(axis=1)
        found = [Match(self.wants.texts[want], self.offers.texts[offered[at]],
                       round(min(1.0, float(near[line, at])), 4))
                 for line, (want, at) in enumerate(zip(wanted, best, strict=True))
                 if near[line, at] >= least]
        return sorted(found, key=lambda one: (-one.similarity, one.want))[:limit]

    def alike(self, row: int, rows: Rows) -> Floats:
        """Return how alike what others offer is to what one offers, from 0 to 1."""
        return _scaled(self._offering[rows] @ self._offering[row], WHOLE_FROM, WHOLE_TO)

    @cached_property
    def _words(self) -> Words:
        return Words(self.wants, self.offers)


def meaning_of_people(
    profiles: Sequence[Profile], vectors: PhraseVectors, fields: Iterable[str],
    progress: Progress | None = None,
) -> Meaning:
    """Return what people want and offer, ready to be compared.

    Args:
        profiles: In the pool's order.
        fields: The programme's `ai_fields`: nothing else is read.
    """
    seen = frozenset(fields)
    return Meaning(phrases_of(profiles, "wants", seen), phrases_of(profiles, "offers", seen),
                   vectors, progress)


def _span(phrases: Phrases, row: int) -> slice:
    return slice(int(phrases.starts[row]), int(phrases.starts[row + 1]))


def _told(phrases: Phrases) -> list[str]:
    """Return one text per person: their phrases one after the other; empty for none."""
    return [". ".join(text.rstrip(".") for text in phrases.of(row))
            for row in range(len(phrases.counts))]


def _language(text: str) -> str | None:
    return detect_language(text) if text else None


def _of_phrases(phrases: Phrases, languages: Sequence[str | None]) -> list[str | None]:
    """Return the language of each phrase: that of the first person who said it."""
    found: list[str | None] = [None] * len(phrases.texts)
    for owner, at in zip(phrases.owners[::-1], phrases.which[::-1], strict=True):
        found[at] = languages[owner]
    return found


def _gathered(phrases: Phrases, rows: Rows) -> tuple[Rows, Rows]:
    """Return the phrases of these people one after the other, and where each person's begin."""
    counts = phrases.counts[rows]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    inside = np.arange(starts[-1]) - np.repeat(starts[:-1], counts)
    return phrases.which[np.repeat(phrases.starts[rows], counts) + inside], starts


def _per_owner(reduce: np.ufunc, lines: Floats, starts: Rows, empty: float) -> Floats:
    """Return the lines of each owner reduced to one, shape (owners, columns)."""
    chosen = np.diff(starts) > 0
    result = np.full((len(chosen), lines.shape[1]), empty, dtype=np.float32)
    if chosen.any():
        result[chosen] = reduce.reduceat(lines, starts[:-1][chosen], axis=0)
    return result


def _nearest(mine: Floats, phrases: Phrases, vectors: Floats, rows: Rows) -> Floats:
    """Return the mean over what one wants of the nearest that each of the others offers."""
    offered, starts = _gathered(phrases, rows)
    if not len(mine) or not len(offered):
        return np.zeros(len(rows), dtype=np.float32)
    best = _per_owner(np.maximum, vectors[offered] @ mine.T, starts, -1.0)
    mean: Floats = _scaled(best, PHRASE_FROM, PHRASE_TO).mean(axis=1)
    return mean


def _mean_of_nearest(phrases: Phrases, vectors: Floats, mine: Floats, rows: Rows) -> Floats:
    """Return the mean over what each of the others wants of the nearest that one offers."""
    wanted, starts = _gathered(phrases, rows)
    if not len(mine) or not len(wanted):
        return np.zeros(len(rows), dtype=np.float32)
    best = _scaled((vectors[wanted] @ mine.T).max(axis=1, keepdims=True), PHRASE_FROM, PHRASE_TO)
    total = _per_owner(np.add, best, starts, 0.0)[:, 0]
    mean: Floats = (total / np.maximum(np.diff(starts), 1)).astype(np.float32)
    return mean


def _scaled(cosines: Floats, low: float, high: float) -> Floats:
    scaled: Floats = np.clip((cosines - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return scaled
