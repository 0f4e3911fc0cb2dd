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
ALIKE_FROM, STANDS_OUT = 0.25, 2.75
"""A phrase is named as a reason where all that one wants and all that the other offers are so
near, by centred cosine, and the phrase stands out by so many standard deviations from what the
pool offers for that want;"""
LESS_ALIKE, CLOSE = 0.18, 0.5
"""or where both are so near: the two as a whole, and the phrases;"""
EQUAL = 0.85
"""or where phrases are all but the same."""
BACKGROUND = 2_000
"""Offered phrases of the pool that one is measured against."""
OWNERS = 500
"""People whose phrases are reduced at once, to stay in the processor's cache."""
FEW, SPREAD = 20, 0.12
"""So many phrases of this standard deviation are added in thought, for pools that are too small
to tell their own."""


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
            best = _per_owner(np.maximum, near, their_place, offer_starts, -1.0)
            scaled = np.ascontiguousarray(_scaled(best, PHRASE_FROM, PHRASE_TO).T)
            counts = np.maximum(np.diff(starts), 1)[:, None]
            phrase = (_per_owner(np.add, scaled, my_place, starts, 0.0) / counts).astype(
                np.float32)
        result: Floats = (WHOLE * whole + PHRASE * phrase + WORDS * words).astype(np.float32)
        return result

    def matches(self, wanting: int, offering: int, limit: int) -> list[Match]:
        """Return for what one wants the nearest that the other offers, the nearest first.

        Only what is sure enough to be said; docs/decisions/0015-matching.md has the figures.
        """
        wanted = self.wants.which[_span(self.wants, wanting)]
        offered = self.offers.which[_span(self.offers, offering)]
        if not len(wanted) or not len(offered):
            return []
        alike = float(self._offering[offering] @ self._wanting[wanting])
        near = self._want_vectors[wanted] @ self._offer_vectors[offered].T
        best, most = near.argmax(axis=1), near.max(axis=1)
        usual = self._want_vectors[wanted] @ self._background.T
        share = usual.shape[1] / (usual.shape[1] + FEW)
        spread = np.sqrt(usual.var(axis=1) * share + SPREAD**2 * (1 - share))
        stands_out = (most - usual.mean(axis=1) * share) / spread
        sure = ((alike >= ALIKE_FROM) & (stands_out >= STANDS_OUT)
                | (alike >= LESS_ALIKE) & (most >= CLOSE) | (most >= EQUAL))
        found = [Match(self.wants.texts[want], self.offers.texts[offered[at]],
                       round(min(1.0, float(near[line, at])), 4))
                 for line, (want, at) in enumerate(zip(wanted, best, strict=True))
                 if sure[line]]
        return sorted(found, key=lambda one: (-one.similarity, one.want))[:limit]

    def alike(self, row: int, rows: Rows) -> Floats:
        """Return how alike what others offer is to what one offers, from 0 to 1."""
        return _scaled(self._offering[rows] @ self._offering[row], WHOLE_FROM, WHOLE_TO)

    @cached_property
    def _background(self) -> Floats:
        """Return some of all that is offered."""
        return self._offer_vectors[:: len(self._offer_vectors) // BACKGROUND + 1]

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


def texts_of_people(
    profiles: Sequence[Profile], fields: Iterable[str]
) -> list[list[str]]:
    """Return of each person every text whose vector `meaning_of_people` uses."""
    seen = frozenset(fields)
    sides = [phrases_of(profiles, "wants", seen), phrases_of(profiles, "offers", seen)]
    told = [_told(side) for side in sides]
    return [list(dict.fromkeys(text for side, own in zip(sides, told, strict=True)
                               for text in (*side.of(row), own[row]) if text))
            for row in range(len(profiles))]


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


def _per_owner(
    reduce: np.ufunc, lines: Floats, which: Rows, starts: Rows, empty: float
) -> Floats:
    """Return the lines of each owner reduced to one, shape (owners, columns).

    In small parts, and one line of every owner after the other: several times as quick as
    gathering all the lines and `reduceat`.

    Args:
        which: Places in `lines`, owner after owner.
        starts: Where each owner's begin in `which`, shape (owners + 1,).
        empty: For an owner without any.
    """
    counts = np.diff(starts)
    result = np.full((len(counts), lines.shape[1]), empty, dtype=np.float32)
    for start in range(0, len(counts), OWNERS):
        part = counts[start : start + OWNERS]
        for turn in range(int(part.max(initial=0))):
            owners = np.flatnonzero(part > turn) + start
            more = lines[which[starts[owners] + turn]]
            result[owners] = reduce(result[owners], more) if turn else more
    return result


def _nearest(mine: Floats, phrases: Phrases, vectors: Floats, rows: Rows) -> Floats:
    """Return the mean over what one wants of the nearest that each of the others offers."""
    offered, starts = _gathered(phrases, rows)
    if not len(mine) or not len(offered):
        return np.zeros(len(rows), dtype=np.float32)
    near = vectors[offered] @ mine.T
    best = _per_owner(np.maximum, near, np.arange(len(offered)), starts, -1.0)
    mean: Floats = _scaled(best, PHRASE_FROM, PHRASE_TO).mean(axis=1)
    return mean


def _mean_of_nearest(phrases: Phrases, vectors: Floats, mine: Floats, rows: Rows) -> Floats:
    """Return the mean over what each of the others wants of the nearest that one offers."""
    wanted, starts = _gathered(phrases, rows)
    if not len(mine) or not len(wanted):
        return np.zeros(len(rows), dtype=np.float32)
    best = _scaled((vectors[wanted] @ mine.T).max(axis=1, keepdims=True), PHRASE_FROM, PHRASE_TO)
    total = _per_owner(np.add, best, np.arange(len(wanted)), starts, 0.0)[:, 0]
    mean: Floats = (total / np.maximum(np.diff(starts), 1)).astype(np.float32)
    return mean


def _scaled(cosines: Floats, low: float, high: float) -> Floats:
    scaled: Floats = np.clip((cosines - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return scaled
