"""How well what one offers meets what the other wants: whole against whole, phrase against
phrase, word against word, each from 0 to 1.

Ranking is by all three, reasons are by the phrase; docs/decisions/0015-matching.md has the
figures of what was tried.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import bm25s
import numpy as np
from bm25s import stopwords
from scipy import sparse

from recommender.domain.profile import Profile
from recommender.matching.phrases import Phrases, phrases_of
from recommender.matching.pool import Rows
from recommender.privacy import plain
from recommender.retrieval.centring import QueryCentres, unit
from recommender.retrieval.encoder import Encoder, Floats
from recommender.retrieval.language import detect_language
from recommender.retrieval.vector_cache import as_stored, key_of, read_vectors, write_vectors

WHOLE, PHRASE, WORDS = 0.55, 0.35, 0.1
"""How much each part counts; they sum to 1."""
WHOLE_FROM, WHOLE_TO = -0.1, 0.6
PHRASE_FROM, PHRASE_TO = 0.0, 0.5
"""Centred cosines that count as nothing and as all."""
BATCH, SAVED = 64, 50
"""Phrases encoded at a time, and batches after which the file is written."""
DRAWN = 6.0
"""So many texts of the library weigh in the mean of a language's."""
STEM = 6
"""Letters a word is cut to, so that négociation meets negociación and negotiating, whatever
language somebody writes in (McNamee and Mayfield 2004, truncation as a stemmer)."""

Progress = Callable[[int, int], None]
_WORD = re.compile(r"\w\w+")
_STOP = frozenset(plain(word) for words in (
    stopwords.STOPWORDS_EN, stopwords.STOPWORDS_SPANISH, stopwords.STOPWORDS_FRENCH,
    stopwords.STOPWORDS_PORTUGUESE) for word in words)


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


class PhraseVectors:
    """Vectors of what people wrote, each text encoded once.

    Args:
        encoder: Embeds texts as queries.
        centres: What sentences and labels of one language have in common, for pools that are
            too small to tell it themselves.
        path: File that vectors are read from and, by `save` and every so often, written to;
            null keeps them in memory only, since they are made from what people wrote.
    """

    def __init__(
        self, encoder: Encoder, centres: QueryCentres, path: Path | None = None
    ) -> None:
        self._encoder = encoder
        self._path = path
        self._kept: dict[bytes, Floats] = (
            {} if path is None else read_vectors(path, encoder.name))
        self._saved = len(self._kept)
        self._means = centres.long

    def holds(self, text: str) -> bool:
        """Return whether a text needs no encoding."""
        return key_of(text) in self._kept

    def fill(self, texts: Sequence[str], progress: Progress | None = None) -> None:
        """Encode what is not held yet, in batches; what a batch brought stays if a later fails.

        Texts of a length go together, so that no batch waits for one long text, and vectors do
        not depend on the order of people.
        """
        fresh = sorted({text for text in texts if not self.holds(text)},
                       key=lambda text: (len(text), text))
        if fresh and progress is not None:
            progress(0, len(fresh))
        for start in range(0, len(fresh), BATCH):
            chunk = fresh[start : start + BATCH]
            vectors = as_stored(self._encoder.encode_queries(chunk))
            self._kept.update(zip(map(key_of, chunk), vectors, strict=True))
            if start // BATCH % SAVED == SAVED - 1:
                self.save()
            if progress is not None:
                progress(start + len(chunk), len(fresh))

    def save(self) -> None:
        """Write the vectors to the file, if there is one and they are not in it, in one step."""
        if self._path is not None and len(self._kept) > self._saved:
            write_vectors(self._path, self._encoder.name, self._kept, mode=0o600)
            self._saved = len(self._kept)

    def of(self, texts: Sequence[str], languages: Sequence[str | None]) -> Floats:
        """Return unit vectors less what those of one language share, shape (n, width).

        That is their mean, drawn towards the library's own where there are few of them. An
        empty text has no direction: zeros.

        Args:
            languages: Of the texts; null where not known.
        """
        self.fill([text for text in texts if text])
        vectors = np.zeros((len(texts), self._encoder.width), dtype=np.float32)
        said = np.array([bool(text) for text in texts], dtype=np.bool_)
        if not said.any():
            return vectors
        vectors[said] = np.vstack([self._kept[key_of(text)] for text in texts if text])
        every = np.mean(list(self._means.values()), axis=0)
        for language in sorted(set(languages), key=str):
            own = said & np.array([one == language for one in languages], dtype=np.bool_)
            if own.any():
                usual = every if language is None else self._means.get(language, every)
                count = int(own.sum())
                vectors[own] -= (count * vectors[own].mean(axis=0) + DRAWN * usual) / (
                    count + DRAWN)
        return unit(vectors)


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
    def _words(self) -> "_Words":
        return _Words(self.wants, self.offers)


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


class _Words:
    """Words wanted that are offered too: BM25 (bm25s) as a share of the most that was to be had.

    A wanted word that nobody offers counts as much as the mean of the others.
    """

    def __init__(self, wants: Phrases, offers: Phrases) -> None:
        offered = tokens_of([offers.of(row) for row in range(len(offers.counts))])
        index = bm25s.BM25()
        known: dict[str, int] = {}
        scores = sparse.csc_matrix((len(offers.counts), 0), dtype=np.float32)
        if any(offered):
            index.index(offered, show_progress=False)
            known = {word: at for word, at in index.vocab_dict.items() if word}
            parts = index.scores
            scores = sparse.csc_matrix(
                (parts["data"], parts["indices"], parts["indptr"]),
                shape=(len(offered), len(parts["indptr"]) - 1), dtype=np.float32)
        self._scores = scores
        most = (np.asarray(scores.max(axis=0).todense()).ravel() if scores.shape[1]
                else np.zeros(0, dtype=np.float32))
        usual = float(most[most > 0].mean()) if (most > 0).any() else 1.0
        lines, columns, totals = [], [], []
        for row, tokens in enumerate(
            tokens_of([wants.of(row) for row in range(len(wants.counts))])
        ):
            own = sorted(set(tokens))
            found = [known[word] for word in own if word in known]
            lines += [row] * len(found)
            columns += found
            totals.append(float(most[found].sum()) + usual * (len(own) - len(found)))
        self._wanted = sparse.csr_matrix(
            (np.ones(len(lines), dtype=np.float32), (lines, columns)),
            shape=(len(wants.counts), scores.shape[1]))
        self._totals = np.maximum(np.array(totals, dtype=np.float32), 1e-6)
        self._by_person = scores.tocsr()

    def found_in(self, row: int, rows: Rows) -> Floats:
        columns = self._wanted.indices[self._wanted.indptr[row] : self._wanted.indptr[row + 1]]
        total = np.zeros(self._scores.shape[0], dtype=np.float32)
        for column in columns:
            span = slice(self._scores.indptr[column], self._scores.indptr[column + 1])
            total[self._scores.indices[span]] += self._scores.data[span]
        share: Floats = np.minimum(total[rows] / self._totals[row], 1.0)
        return share

    def held_by(self, row: int, rows: Rows) -> Floats:
        own = np.zeros(self._scores.shape[1], dtype=np.float32)
        span = slice(self._by_person.indptr[row], self._by_person.indptr[row + 1])
        own[self._by_person.indices[span]] = self._by_person.data[span]
        wanted = self._wanted if len(rows) == self._wanted.shape[0] else self._wanted[rows]
        share: Floats = np.minimum((wanted @ own) / self._totals[rows], 1.0)
        return share

    def block(self, wanting: Rows, offering: Rows) -> Floats:
        both = (self._wanted[wanting] @ self._by_person[offering].T).toarray()
        share: Floats = np.minimum(both / self._totals[wanting][:, None], 1.0)
        return share


def tokens_of(said: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return each person's words as they are compared: plain, cut to a stem, no stop words."""
    return [[word[:STEM] for text in own for word in _WORD.findall(plain(text))
             if word not in _STOP] for own in said]


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
