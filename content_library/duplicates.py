"""The same thing twice among resources: at one address, or the same talk, course or text."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from pydantic import Field, TypeAdapter, ValidationError

from content_library.addresses import normal_address
from recommender.domain.base import Frozen, Id, base_language
from recommender.domain.resource import Resource
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.yaml_file import read_document

Vectors = npt.NDArray[np.float32]

THRESHOLD = 0.4
"""Probability from which a pair is reported."""
BASE = -10.0
WEIGHTS = {
    "similarity": 4.5, "title": 7.0, "gist": 3.0, "author": 4.0, "other_author": -1.5,
    "format": 1.5, "minutes": 3.0, "other_minutes": -1.0, "one_site": -3.0,
}
"""A logistic model of `Features`, fitted to the development half of evals/data/duplicates and
rounded; its card has the figures of the other half."""

NEAR, CLOSE_TITLE = 0.3, 0.35
"""Similarity, or share of the titles' words, from which a pair is looked at more closely."""
SAME_TITLE = 0.9
"""Share of the titles' words from which they are the same title."""
BLOCK = 1024
"""Rows of the similarity matrix that are in memory at a time."""
_WORD = re.compile(r"[^\W_]+")
_APART = re.compile(r"\s+[|–—·»-]\s+|\s*[|»]\s*|(?<=\w)\s*:\s+")
_CARRIERS = frozenset(
    "youtube vimeo ted tedx amara coursera edx futurelearn spotify apple podcasts podcast video "
    "talk talks blog www com org net".split())


class Verdict(Frozen):
    """Two resources that a person judged different, and why."""

    ids: Annotated[list[Id], Field(min_length=2, max_length=2)]
    why: Annotated[str, Field(min_length=3, max_length=300)]


@dataclass(frozen=True)
class Features:
    """What two resources have in common, each from 0 to 1 but the similarity, a cosine.

    Attributes:
        similarity: Of their titles and gists by meaning; 0 where meaning is not compared.
        title: Share of the titles' words that both have; rare words count more.
        gist: The same of the gists.
        author: 1 where an author of one is named with the other.
        other_author: 1 where both name authors, and none is the same.
        format: 1 where the formats are the same.
        minutes: 1 where both lengths are known and about the same.
        other_minutes: 1 where both are known and far apart.
        one_site: 1 where both stand on one site under different titles: what a site lists twice
            it calls by one name.
    """

    similarity: float
    title: float
    gist: float
    author: float
    other_author: float
    format: float
    minutes: float
    other_minutes: float
    one_site: float


@dataclass(frozen=True)
class Pair:
    """Two resources that seem to be the same, the one to keep first.

    Attributes:
        reason: `same address` or `same thing`.
        score: Probability that they are the same; 1 at one address.
        features: Null at one address.
        words: Words that both titles have, rarest first.
        authors: Authors that both name.
        keep_because: Why the first is the one to keep.
    """

    keep: Resource
    retire: Resource
    reason: Literal["same address", "same thing"]
    score: float
    features: Features | None
    words: tuple[str, ...]
    authors: tuple[str, ...]
    keep_because: str


def find_duplicates(
    resources: Sequence[Resource], vectors: Vectors | None,
    different: Iterable[frozenset[str]] = (), threshold: float = THRESHOLD,
) -> list[Pair]:
    """Return the pairs that seem to be the same thing, the surest first.

    Editions in different languages are different things. What a person judged different
    (`different`) is left out, whatever the figures say. Retired resources are compared by
    address only, with active ones that are not their successors.

    Args:
        vectors: Unit vectors of the active resources' titles and gists, in order, centred by
            language; null leaves meaning out, as with too few resources to know a centre.
        threshold: Probability from which a pair is reported, above 0.
    """
    known = set(different)
    pairs = [pair for pair in (*_at_one_address(resources), *_same_things(
        [one for one in resources if one.status == "active"], vectors, threshold))
        if frozenset((pair.keep.id, pair.retire.id)) not in known]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.keep.id, pair.retire.id))


def _at_one_address(resources: Sequence[Resource]) -> Iterator[Pair]:
    """Yield the pairs whose addresses lead to the same page, an active one in each."""
    at: dict[str, list[Resource]] = defaultdict(list)
    for one in resources:
        at[normal_address(one.url)].append(one)
    for found in at.values():
        for first, second in combinations(found, 2):
            keep, retire, because = _which_to_keep(first, second)
            if keep.status == "active" and retire.superseded_by != keep.id:
                yield Pair(keep, retire, "same address", 1.0, None, (), (), because)


def _same_things(
    resources: Sequence[Resource], vectors: Vectors | None, threshold: float
) -> Iterator[Pair]:
    """Yield the pairs at two addresses that are probably the same."""
    texts = Texts(resources)
    addresses = [normal_address(one.url) for one in resources]
    for one, other in _candidates(resources, vectors, texts):
        if addresses[one] == addresses[other]:
            continue
        similarity = 0.0 if vectors is None else float(vectors[one] @ vectors[other])
        features = texts.compare(one, other, similarity)
        score = probability(features)
        if score >= threshold:
            keep, retire, because = _which_to_keep(resources[one], resources[other])
            yield Pair(keep, retire, "same thing", score, features,
                       texts.shared_words(one, other), texts.shared_authors(one, other), because)


def probability(features: Features) -> float:
    """Return how probable it is that two resources are the same thing: a logistic model."""
    total = BASE + sum(weight * getattr(features, name) for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-total))


class Texts:
    """Titles, gists and authors of resources as words that can be compared.

    A word's weight is its inverse document frequency among these resources.
    """

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = resources
        self._people = [frozenset(plain(name) for name in one.authors) for one in resources]
        self.titles = [_title_words(one) for one in resources]
        self._gists = [_words(one.gist) for one in resources]
        self._plain_titles = [plain(one.title) for one in resources]
        counts: Counter[str] = Counter()
        for title, gist in zip(self.titles, self._gists, strict=True):
            counts.update(title | gist)
        total = len(resources)
        self._weight = {word: math.log(1 + total / count) for word, count in counts.items()}

    def compare(self, one: int, other: int, similarity: float) -> Features:
        """Return what the resources at these places have in common."""
        first, second = self._resources[one], self._resources[other]
        title = self.common(self.titles[one], self.titles[other])
        shared = bool(self.shared_authors(one, other))
        both_named = bool(first.authors) and bool(second.authors)
        return Features(
            similarity=similarity, title=title,
            gist=self.common(self._gists[one], self._gists[other]),
            author=float(shared), other_author=float(both_named and not shared),
            format=float(first.format == second.format),
            **_minutes(first, second),
            one_site=float(title < SAME_TITLE and site_of(first.url) == site_of(second.url)),
        )

    def common(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Return the share of the weight of all words that both sides have."""
        whole = sum(self._weight[word] for word in one | other)
        return sum(self._weight[word] for word in one & other) / whole if whole else 0.0

    def shared_words(self, one: int, other: int) -> tuple[str, ...]:
        """Return the words that both titles have, as the first writes them, rarest first."""
        both = self.titles[one] & self.titles[other]
        written = {_stem(plain(word)): word.casefold()
                   for word in _WORD.findall(self._resources[one].title)}
        rarest = sorted(both, key=lambda stem: (-self._weight[stem], stem))
        return tuple(written[stem] for stem in rarest if stem in written)

    def shared_authors(self, one: int, other: int) -> tuple[str, ...]:
        """Return the authors of one that the other names, as author or in its title."""
        names = []
        for here, there in ((one, other), (other, one)):
            for name in self._resources[here].authors:
                key = plain(name)
                if key in self._people[there] or (" " in key
                                                  and key in self._plain_titles[there]):
                    names.append(name)
        return tuple({plain(name): name for name in reversed(names)}.values())[::-1]


def read_verdicts(path: Path, known: Iterable[str]) -> list[Verdict]:
    """Return the pairs that a person judged different; none where there is no such file.

    Raises:
        InvalidInputError: Malformed, or an id that is no resource; names the entry.
    """
    if not path.exists():
        return []
    data = read_document(path)
    try:
        verdicts = TypeAdapter(list[Verdict]).validate_python([] if data is None else data)
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, path.name)) from None
    ids = set(known)
    faults = [
        Fault(path.name, f"[{at}].ids", f"{one!r} is no resource of this library; check the id")
        for at, verdict in enumerate(verdicts) for one in verdict.ids if one not in ids
    ]
    faults += [
        Fault(path.name, f"[{at}].ids", f"{verdict.ids[0]!r} stands twice; name two resources")
        for at, verdict in enumerate(verdicts) if len(set(verdict.ids)) == 1
    ]
    if faults:
        raise InvalidInputError(faults)
    return verdicts


def as_data(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return the pairs in the shape of `library duplicates --json`."""
    return {"pairs": [{
        "keep": pair.keep.id, "retire": pair.retire.id, "reason": pair.reason,
        "score": round(pair.score, 4),
        "similarity": None if pair.features is None else round(pair.features.similarity, 4),
        "shared_title_words": list(pair.words), "shared_authors": list(pair.authors),
        "keep_because": pair.keep_because,
    } for pair in pairs]}


def as_text(pairs: Sequence[Pair]) -> str:
    """Return the pairs for people: both, the reason, which to keep, and how to mend."""
    blocks = []
    for number, pair in enumerate(pairs, start=1):
        blocks.append("\n".join([
            f"{number}. {pair.reason}: {_reason(pair)}",
            f"   keep    {_line(pair.keep)}",
            f"   retire  {_line(pair.retire)}",
            f"   keep the first because {pair.keep_because}",
            f"   mend    resources/{pair.retire.id}.yaml: status: retired, "
            f"superseded_by: {pair.keep.id}, why_retired: …",
            f"   or, if they differ, in not_duplicates.yaml: "
            f"- {{ids: [{pair.keep.id}, {pair.retire.id}], why: …}}",
        ]))
    return "\n\n".join([*blocks, f"{len(pairs)} pairs that seem to be the same"]) + "\n"


def plain(text: str) -> str:
    """Return the text in lower case without accents, apostrophes made straight."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def site_of(url: str) -> str:
    """Return the host of an address without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _candidates(
    resources: Sequence[Resource], vectors: Vectors | None, texts: Texts
) -> list[tuple[int, int]]:
    """Return the places of each pair worth a closer look, once: of one language, and near in
    meaning or alike in title.
    """
    languages = np.array([base_language(one.language) for one in resources])
    found = set(_alike_in_title(texts, languages))
    if vectors is not None:
        for start in range(0, len(resources), BLOCK):
            near = vectors[start:start + BLOCK] @ vectors.T
            near[languages[start:start + BLOCK, None] != languages[None, :]] = -1.0
            rows, columns = np.nonzero(near >= NEAR)
            later = rows + start < columns
            found.update(zip((rows[later] + start).tolist(), columns[later].tolist(),
                             strict=True))
    return sorted(found)


def _alike_in_title(texts: Texts, languages: npt.NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Yield pairs of one language whose titles share a rare word and are alike on the whole."""
    holders: dict[str, list[int]] = defaultdict(list)
    for place, words in enumerate(texts.titles):
        for word in words:
            holders[word].append(place)
    rare = max(20, len(texts.titles) // 50)
    seen: set[tuple[int, int]] = set()
    for places in holders.values():
        if len(places) > rare:
            continue
        for pair in combinations(places, 2):
            if pair in seen or languages[pair[0]] != languages[pair[1]]:
                continue
            seen.add(pair)
            if texts.common(texts.titles[pair[0]], texts.titles[pair[1]]) >= CLOSE_TITLE:
                yield pair


def _title_words(resource: Resource) -> frozenset[str]:
    """Return the words of a title without its author's and its site's names."""
    names = {_stem(word) for name in resource.authors for word in _WORD.findall(plain(name))}
    house = _words(f"{resource.publisher} {site_of(resource.url)}") | _CARRIERS
    parts = [part for part in _APART.split(resource.title) if part]
    kept = [part for part in parts
            if not all(word in house or word.startswith("tedx") for word in _words(part))]
    words = _words(" ".join(kept or parts))
    return (words - names) or words


def _words(text: str) -> frozenset[str]:
    """Return the stems of the words that can carry meaning."""
    return frozenset(_stem(word) for word in _WORD.findall(plain(text))
                     if len(word) > 2 or word.isdigit() or not word.isascii())


def _stem(word: str) -> str:
    """Return a plain word without the s of a plural; forms that mean others stay apart."""
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _minutes(first: Resource, second: Resource) -> dict[str, float]:
    if first.minutes is None or second.minutes is None:
        return {"minutes": 0.0, "other_minutes": 0.0}
    longer, apart = max(first.minutes, second.minutes), abs(first.minutes - second.minutes)
    return {"minutes": float(apart <= max(1, longer / 10)),
            "other_minutes": float(apart > max(2, longer / 3))}


def _which_to_keep(first: Resource, second: Resource) -> tuple[Resource, Resource, str]:
    """Return the one to keep, the other, and why."""
    tests: list[tuple[str, Any, Any]] = [
        (name, test(first), test(second)) for name, test in (
            ("it is active", lambda one: one.status == "active"),
            ("it was checked last", lambda one: one.checked_on or date.min),
            ("it says how long it takes", lambda one: one.minutes is not None),
            ("it stands on its publisher's own site", _on_own_site),
        )]
    for name, here, there in tests:
        if here != there:
            return (first, second, name) if here > there else (second, first, name)
    keep, retire = sorted((first, second), key=lambda one: one.id)
    return keep, retire, "nothing tells them apart; it comes first by id"


def _on_own_site(resource: Resource) -> bool:
    """Return whether the publisher's name, less its carrier in brackets, stands in the host."""
    host = site_of(resource.url)
    name = plain(re.sub(r"\(.*?\)", "", resource.publisher))
    return any(len(word) > 2 and word in host for word in _WORD.findall(name))


def _reason(pair: Pair) -> str:
    if pair.features is None:
        return normal_address(pair.keep.url)
    parts = [f"titles share “{', '.join(pair.words)}”" if pair.words else "no title word shared"]
    if pair.authors:
        parts.append(f"by {', '.join(pair.authors)}")
    if pair.features.minutes:
        parts.append("about as long")
    parts.append(f"similarity {pair.features.similarity:.2f}")
    return f"{'; '.join(parts)}; score {pair.score:.2f}"


def _line(resource: Resource) -> str:
    length = "length unknown" if resource.minutes is None else f"{resource.minutes} min"
    return (f"{resource.id}  {resource.title} ({resource.publisher}; {resource.format}, "
            f"{resource.language}, {length}, {resource.status})\n           {resource.url}")
