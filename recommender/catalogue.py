"""The catalogue: the content library made searchable, with one encoder."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from content_library.load import HOME, Library, load_library
from recommender.domain.activity import SLOT, Activity
from recommender.domain.base import LANGUAGES, Written, base_language
from recommender.domain.resource import Resource
from recommender.domain.vocabulary import TermText
from recommender.hand_off import HandOff, read_model
from recommender.retrieval.centring import centre_documents
from recommender.retrieval.encoder import Floats, open_encoder
from recommender.retrieval.hybrid import Document, HybridIndex
from recommender.retrieval.language import warm_up
from recommender.retrieval.needs import (
    ActivityBridge,
    LibraryEncoder,
    NeedsBridge,
    query_texts,
)
from recommender.retrieval.network import read_networks
from recommender.retrieval.parallels import Parallels
from recommender.retrieval.vector_cache import CachedEncoder, LibraryText

_LOWER = re.compile(r"(?<![^\W\d_])[^\W\d_A-ZÀ-ÖØ-Þ][^\W\d_]*(?:'[^\W\d_A-ZÀ-ÖØ-Þ][^\W\d_]*)*")


class Catalogue:
    """Library, bridge and indexes; each is built when it is first asked for.

    Args:
        library: What is searched.
        encoder: Embeds it and the needs.
    """

    def __init__(self, library: Library, encoder: LibraryEncoder) -> None:
        self.library = library
        self.encoder = encoder
        self._activities: dict[str, HybridIndex] = {}
        self._parallels: dict[str, Parallels] = {}

    @cached_property
    def bridge(self) -> NeedsBridge:
        """Return the bridge from needs to topics."""
        return NeedsBridge(self.library.topics, self.encoder, read_networks(
            HOME / "vectors" / "topics.npz", self.encoder.name))

    @cached_property
    def activity_bridge(self) -> ActivityBridge:
        """Return the bridge from needs to activities."""
        return ActivityBridge(
            list(self.library.activities.values()), self.encoder, self.bridge.centres.short)

    @cached_property
    def resources(self) -> HybridIndex:
        """Return the index of active resources, in every language."""
        return HybridIndex(
            [resource_document(one) for one in self.library.active_resources],
            self.encoder, self.bridge,
        )

    def activities(self, language: Written) -> HybridIndex:
        """Return the index of activities in one language of the library."""
        if language not in self._activities:
            self._activities[language] = HybridIndex(
                [activity_document(one, language) for one in self.library.activities.values()],
                self.encoder, self.bridge.by_nearness(),
            )
        return self._activities[language]

    def parallels(self, language: Written) -> Parallels:
        """Return what people say in one language who need a topic or an activity."""
        if language not in self._parallels:
            said = {own: one.text[language].situations for own, one in self.library.topics.items()}
            said |= {own: one.text[language].situations
                     for own, one in self.library.activities.items()}
            self._parallels[language] = Parallels(
                said, language, self.encoder, self.bridge.centres)
        return self._parallels[language]

    @cached_property
    def hand_off_rules(self) -> HandOff:
        """Return what finds what needs a person, by meaning too where the encoder has networks."""
        model = read_model(HOME / "vectors" / "hand_off.npz", self.encoder.name)
        return HandOff(self.library.hand_off, model, self.encoder.encode_queries)

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Return every lower-case word of the library: words that are no names."""
        return words_of_library(self.library)

    def with_resources(self, resources: Mapping[str, Resource], fingerprint: str) -> "Catalogue":
        """Return this catalogue with other resources; all that does not depend on them is shared.

        Args:
            resources: All there are, by id.
            fingerprint: Of the library with them.
        """
        other = Catalogue(replace(self.library, resources=dict(resources),
                                  fingerprint=fingerprint), self.encoder)
        other._activities, other._parallels = self._activities, self._parallels
        for name in ("bridge", "activity_bridge", "hand_off_rules", "known_words"):
            other.__dict__[name] = getattr(self, name)
        return other

    def texts(self) -> list[LibraryText]:
        """Return every text of the library that is embedded."""
        passages = [activity_document(one, language).text
                    for language in LANGUAGES for one in self.library.activities.values()]
        passages += [resource_document(one).text for one in self.library.active_resources]
        queries = query_texts(self.library.topics, list(self.library.activities.values()))
        for term in (*self.library.topics.values(), *self.library.focus_areas.values()):
            for words in term.text.values():
                queries += [about(words), matter(words), *words.questions]
        return [LibraryText(text) for text in passages] + [
            LibraryText(text, as_query=True) for text in dict.fromkeys(queries)]


def open_catalogue(
    encoder: str, *, cache: Path | None, base_url: str | None = None, home: Path = HOME,
    overlay: Path | None = None,
) -> Catalogue:
    """Return the catalogue of the library in `home`, with an overlay laid over it.

    Args:
        encoder: A spec as in `open_encoder`.
        cache: Folder for vectors that are not shipped with the library, and for a compiled
            copy of it; null keeps none.
        base_url: Root of an OpenAI-compatible server, for `openai:` encoders.
        overlay: Folder with a platform's own content.

    Raises:
        LibraryError: With every fault of every file.
    """
    warm_up()
    files = [vector_file(home / "vectors", encoder)]
    if cache is not None:
        files.append(vector_file(cache, encoder))
    cached = CachedEncoder(lambda: open_encoder(encoder, base_url=base_url), encoder, files)
    return Catalogue(load_library(home, overlay=overlay, cache=cache), cached)


def words_of_library(library: Library) -> frozenset[str]:
    """Return every lower-case word of a library's activities, topics and focus areas."""
    texts: list[str] = []
    for activity in library.activities.values():
        for text in activity.text.values():
            texts += [text.purpose or "", text.success or "", *text.prompts, *text.steps]
    for term in (*library.topics.values(), *library.focus_areas.values()):
        for words in term.text.values():
            texts += [words.description, words.practice, words.sign, words.step,
                      *words.questions, *words.situations]
    return frozenset(word for word in _LOWER.findall(" ".join(texts).replace("’", "'"))
                     if word == word.lower())


def vector_file(folder: Path, encoder: str) -> Path:
    """Return where the vectors of this encoder are kept in a folder."""
    return folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', encoder)}.npz"


def about(words: TermText) -> str:
    """Return a topic or focus area as a need: what it is about, in full."""
    return f"{words.label}: {words.practice}. {words.description}"


def matter(words: TermText) -> str:
    """Return a topic as resources are searched with it: its name and what it practises."""
    return f"{words.label}: {words.practice}"


def activity_document(activity: Activity, language: Written) -> Document:
    """Return an activity as it is searched in one language.

    Title, purpose and questions are embedded; the words of its steps and situations count too.
    """
    text = activity.text[language]
    lines = [f"{text.title}.", text.purpose or "", *text.prompts]
    more = [*text.steps, *text.situations]
    return Document(activity.id, _plain(lines), language, tuple(activity.topics), _plain(more))


def _plain(lines: Sequence[str]) -> str:
    return " ".join(SLOT.sub("", line).strip(" “”«»\u00a0") for line in lines)


def resource_document(resource: Resource) -> Document:
    """Return a resource as it is searched."""
    return Document(resource.id, f"{resource.title}. {resource.gist}", resource.language,
                    tuple(resource.topics))


def comparable_vectors(resources: Sequence[Resource], encoder: LibraryEncoder) -> Floats | None:
    """Return resources as unit vectors that can be compared with each other.

    Shape (n, width), less the mean of their language; null when there are too few to know it.
    """
    vectors = encoder.encode_passages([resource_document(one).text for one in resources])
    return centre_documents(vectors, [base_language(one.language) for one in resources])
