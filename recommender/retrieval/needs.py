"""The bridge from what people say to what helps them.

People state needs as symptoms, not as topics. Each topic of the vocabularies, and many an
activity, holds sentences that people in need of it say; a need is compared with those.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

import numpy as np

from recommender.domain.activity import Activity
from recommender.domain.base import LANGUAGES
from recommender.domain.vocabulary import Term
from recommender.retrieval.centring import QueryCentres, unit, within_class_whitening
from recommender.retrieval.encoder import Encoder, Floats
from recommender.retrieval.network import Networks

NEAREST = 8
"""How many sentences of a topic count: the mean of the nearest."""
NEAREST_OF_ACTIVITY, COUNTED_OF_ACTIVITY = 6, 8
"""The same for an activity, which holds 24 or so: where a plain cosine is asked for, and where
activities are compared."""
SHRINKAGE = 0.6
"""Of the covariance within topics. Of sentences left out of the bridge, 43 of 100 find their own
topic first so, 37 with plain cosines (five folds)."""
TEMPERATURE = 0.06
"""Of the softmax over topics, in units of centred cosine."""
NETWORK = 0.6
"""What the networks say counts beside what is near, in logarithms of probabilities."""
LEAST = 1e-9
REMEMBERED = 4096
"""Needs whose nearness is kept in memory, the least recently asked leave first."""


class LibraryEncoder(Encoder, Protocol):
    """An encoder that keeps the library's own queries."""

    def encode_library_queries(self, texts: Sequence[str]) -> Floats:
        """Return the same as `encode_queries`, for texts that are the library's own."""


@dataclass(frozen=True)
class Said:
    """A sentence that somebody says who needs its owner: a topic's or an activity's place."""

    owner: int
    language: str
    text: str


class Situations:
    """How near needs are to what people say, owner by owner.

    Args:
        said: Sentences, in the order of their owners.
        owners: How many owners there are; one without a sentence is near to nothing.
        nearest: How many sentences of an owner count: the mean of the nearest.
        encoder: Embeds sentences and needs alike as queries.
        centres: What sentences have in common.
        shrinkage: From 0 to 1: how little is made of how the sentences of one owner differ;
            1 compares plain cosines.
    """

    def __init__(
        self, said: Sequence[Said], owners: int, nearest: int, encoder: LibraryEncoder,
        centres: QueryCentres, shrinkage: float = 1.0,
    ) -> None:
        self.owners = owners
        self._encoder = encoder
        self._centres = centres
        texts = [one.text for one in said]
        vectors = centres.centre(
            encoder.encode_library_queries(texts), [LONG] * len(said),
            [one.language for one in said])
        places = np.array([one.owner for one in said], dtype=np.intp)
        self._whitening = (None if shrinkage == 1.0
                           else within_class_whitening(vectors, places, shrinkage))
        self._vectors = self._whitened(vectors)
        counts = np.bincount([one.owner for one in said], minlength=owners)
        self._nearest = nearest
        self._counts = np.maximum(np.minimum(counts, nearest), 1)
        self._places = np.full((owners, max(int(counts.max(initial=0)), nearest)), len(said))
        filled = [0] * owners
        for at, one in enumerate(said):
            self._places[one.owner, filled[one.owner]] = at
            filled[one.owner] += 1
        self._none = counts == 0
        self._row = lru_cache(maxsize=REMEMBERED)(self._measure)

    def nearness(
        self, needs: Sequence[str], languages: Sequence[str | None] | None = None
    ) -> Floats:
        """Return centred cosines, shape (n, owners); -1 for an owner who has no sentence.

        Args:
            needs: In people's own words.
            languages: Of the needs, where known; else they are guessed.
        """
        if not needs or not self.owners:
            return np.zeros((len(needs), self.owners), dtype=np.float32)
        self._encoder.encode_queries(needs)
        tags = languages or [None] * len(needs)
        return np.vstack([self._row(need, tag) for need, tag in zip(needs, tags, strict=True)])

    def _whitened(self, vectors: Floats) -> Floats:
        return vectors if self._whitening is None else unit(vectors @ self._whitening)

    def _measure(self, need: str, language: str | None) -> Floats:
        vector = self._whitened(
            self._centres.centre(self._encoder.encode_queries([need]), [need], [language]))
        near = np.append(self._vectors @ vector[0], np.float32(-np.inf))[self._places]
        top = -np.partition(-near, self._nearest - 1, axis=1)[:, : self._nearest]
        top = np.where(np.isfinite(top), top, 0.0)
        top.sort(axis=1)
        row: Floats = (top.sum(axis=1) / self._counts).astype(np.float32)
        row[self._none] = -1.0
        row.flags.writeable = False
        return row


class NeedsBridge:
    """Topic probabilities for needs, in the order of `topic_ids`.

    Args:
        terms: Topics with their situations.
        encoder: Embeds situations and needs alike as queries.
        networks: Trained on the situations of shipped topics; null where the encoder has none.
    """

    def __init__(
        self, terms: Mapping[str, Term], encoder: LibraryEncoder, networks: Networks | None = None,
    ) -> None:
        self.topic_ids = tuple(terms)
        self._encoder = encoder
        self._networks = networks
        self._told: tuple[list[int], list[int]] = ([], [])
        if networks is not None:
            column = {label: at for at, label in enumerate(networks.labels)}
            known = [(at, column[label]) for at, term in enumerate(terms.values())
                     if (label := label_of(term)) in column]
            self._told = ([at for at, _ in known], [theirs for _, theirs in known])
        said = list(said_of_topics(terms))
        labels = list(_labels(terms))
        self.centres = QueryCentres(
            short=_means(encoder.encode_library_queries([text for _, text in labels]),
                         [language for language, _ in labels]),
            long=_means(encoder.encode_library_queries([one.text for one in said]),
                        [one.language for one in said]),
        )
        self._situations = Situations(
            said, len(terms), NEAREST, encoder, self.centres, SHRINKAGE)

    def topic_scores(
        self, needs: Sequence[str], languages: Sequence[str | None] | None = None
    ) -> Floats:
        """Return the probability of each topic for each need, shape (n, topics), rows sum to 1.

        Args:
            needs: In people's own words.
            languages: Of the needs, where known; else they are guessed.
        """
        nearest = self._situations.nearness(needs, languages)
        if not nearest.size:
            return nearest
        powers = np.exp((nearest - nearest.max(axis=1, keepdims=True)) / TEMPERATURE)
        chances: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
        return self._voted(chances, needs, languages)

    def by_nearness(self) -> "NeedsBridge":
        """Return this bridge without its networks: it is never so sure of one topic."""
        plain = copy(self)
        plain._networks = None
        return plain

    def centred(
        self, needs: Sequence[str], languages: Sequence[str | None] | None = None
    ) -> Floats:
        """Return the needs' vectors without what all of their language and kind have in common."""
        return self.centres.centre(
            self._encoder.encode_queries(needs), needs, languages or [None] * len(needs))

    def _voted(
        self, chances: Floats, needs: Sequence[str], languages: Sequence[str | None] | None
    ) -> Floats:
        """Return chances as the networks change them, among the topics that they know.

        A topic that a platform adds, or adds a sentence to, keeps its chance; where it is the
        nearest, nearness decides.
        """
        own, theirs = self._told
        if self._networks is None or not own:
            return chances
        said = self._networks.log_chances(self.centred(needs, languages))[:, theirs]
        known = chances[:, own]
        mixed = (1 - NETWORK) * np.log(known + LEAST) + NETWORK * said
        powers = np.exp(mixed - mixed.max(axis=1, keepdims=True))
        voted = chances.copy()
        voted[:, own] = (powers / powers.sum(axis=1, keepdims=True)
                         * known.sum(axis=1, keepdims=True))
        theirs_first = np.isin(chances.argmax(axis=1), own)
        return np.where(theirs_first[:, None], voted, chances)


class ActivityBridge:
    """How near needs are to the situations of activities, in the order of `ids`.

    Args:
        activities: With situations, or without: those are near to nothing.
        encoder: Embeds situations and needs alike as queries.
        labels: The means of labels by language, for needs that are no sentence.
    """

    def __init__(
        self, activities: Sequence[Activity], encoder: LibraryEncoder,
        labels: Mapping[str, Floats],
    ) -> None:
        self.ids = tuple(one.id for one in activities)
        own = [Said(at, language, text) for at, one in enumerate(activities)
               for language in LANGUAGES for text in one.text[language].situations]
        others = [Said(at, language, text) for at, one in enumerate(activities)
                  for language in LANGUAGES for text in one.text[language].not_for]
        size = len(activities)
        said = [*own, *others]
        centres = QueryCentres(short=labels, long=_means(
            encoder.encode_library_queries([one.text for one in said]),
            [one.language for one in said]))
        self._own = Situations(own, size, NEAREST_OF_ACTIVITY, encoder, centres)
        self._compared = Situations(own, size, COUNTED_OF_ACTIVITY, encoder, centres, SHRINKAGE)
        self._nearest = Situations(own, size, 1, encoder, centres)
        self._others = Situations(others, size, 1, encoder, centres)

    def nearness(self, needs: Sequence[str]) -> Floats:
        """Return centred cosines, shape (n, activities); -1 for those without situations."""
        return self._own.nearness(needs)

    def compared(self, needs: Sequence[str]) -> Floats:
        """Return how near needs are to one activity's situations rather than another's.

        As `nearness`, in a space where what tells activities apart counts more.
        """
        return self._compared.nearness(needs)

    def taken_for(self, needs: Sequence[str]) -> Floats:
        """Return by how much a need is nearer to what an activity is not for; at most 0 if not.

        Shape (n, activities), in units of centred cosine.
        """
        gap: Floats = self._others.nearness(needs) - self._nearest.nearness(needs)
        return gap


LONG = "a sentence that is longer than any label"


def query_texts(terms: Mapping[str, Term], activities: Sequence[Activity]) -> list[str]:
    """Return every text of the bridges that is embedded as a query."""
    texts = [one.text for one in said_of_topics(terms)] + [text for _, text in _labels(terms)]
    for one in activities:
        for language in LANGUAGES:
            texts += [*one.text[language].situations, *one.text[language].not_for]
    return texts


def label_of(term: Term) -> str:
    """Return a topic's id with a digest of its sentences: what networks know it by.

    With a sentence more it is another topic to them, until they are trained again.
    """
    said = "\n".join(text for language in LANGUAGES for text in term.text[language].situations)
    return f"{term.id} {blake2b(said.encode(), digest_size=6).hexdigest()}"


def said_of_topics(terms: Mapping[str, Term]) -> Iterator[Said]:
    """Yield what people say for each topic; the topic's description counts as one."""
    for at, term in enumerate(terms.values()):
        for language in LANGUAGES:
            words = term.text[language]
            for text in (*words.situations, f"{words.label}: {words.description}"):
                yield Said(at, language, text)


def _labels(terms: Mapping[str, Term]) -> Iterator[tuple[str, str]]:
    for term in terms.values():
        for language in LANGUAGES:
            yield language, term.text[language].label


def _means(vectors: Floats, languages: Sequence[str]) -> dict[str, Floats]:
    return {language: vectors[[own == language for own in languages]].mean(axis=0)
            for language in LANGUAGES if language in languages}
