"""The texts of a draft one by one, and what they are compared with."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from content_library.load import Library
from recommender.agendas.draft import AgendaDraft, DraftItem
from recommender.agendas.offer import Offer
from recommender.domain.phrases import Phrases
from recommender.names.find import Others
from recommender.names.safe import others_of
from recommender.privacy import HandOffRules, People, plain
from recommender.retrieval.language import fits_language
from recommender.retrieval.lexical import tokenize

_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Line:
    """One text of a draft: where it stands, and what part it plays there."""

    place: str
    part: str
    text: str


@dataclass(frozen=True)
class DraftContext:
    """What a draft is checked against.

    Attributes:
        people: The members' names.
        instructions: The prompt's system text.
        known: Words in lower case that are no names.
        rules: Find what needs a person.
    """

    offer: Offer
    library: Library
    people: People
    instructions: str
    known: frozenset[str]
    rules: HandOffRules

    @property
    def language(self) -> str:
        """Return the language that was asked for."""
        return self.offer.brief.language

    @property
    def others(self) -> Others:
        """Return what finds people who are no members."""
        return others_of(self.known)

    @property
    def phrases(self) -> Phrases:
        """Return Agendum's own phrases in that language."""
        return self.library.phrases[self.offer.brief.language]

    @cached_property
    def given(self) -> str:
        """Return everything the model saw, as plain text."""
        offer = self.offer
        library = [str(text) for one in offer.activities.values()
                   for text in _flat(one.shown(offer.voice))]
        library += [str(text) for one in offer.resources.values() for text in _flat(one.shown())]
        about = [*map(str, offer.about.values()), *self._dates(), *offer.voice.use.values()]
        return plain("\n".join([*offer.view.texts(), *library, *about]))

    def _dates(self) -> list[str]:
        return [str(value) for one in self.offer.view.actions for _, value in one.about]

    @cached_property
    def given_words(self) -> frozenset[str]:
        """Return the words of everything the model saw, in lower case without accents."""
        return frozenset(_WORDS.findall(self.given))

    @cached_property
    def own_stems(self) -> frozenset[str]:
        """Return the stems of what these people wrote in the session's language.

        Those that stand in the offered activities too tell nobody apart, and are left out.
        """
        return self.stems(self.readable) - self.offered_stems

    @cached_property
    def readable(self) -> tuple[str, ...]:
        """Return what these people wrote in the session's language."""
        return tuple(text for text in self.offer.view.said() if fits_language(text, self.language))

    @cached_property
    def offered_stems(self) -> frozenset[str]:
        """Return the stems of the activities that the model was offered."""
        return self.stems([str(text) for one in self.offer.activities.values()
                           for text in _flat(one.shown(self.offer.voice))])

    @cached_property
    def given_stems(self) -> frozenset[str]:
        """Return the stems of everything the model saw of these people and their programme."""
        return self.stems(self.offer.view.texts())

    def stems(self, texts: Sequence[str]) -> frozenset[str]:
        """Return the stems of texts in the session's language, without its stop words."""
        return frozenset(stem for line in tokenize(list(texts), self.language) for stem in line
                         if len(stem) > 2 and not stem.isdigit())


def lines_of(draft: AgendaDraft) -> list[Line]:
    """Return every text of a draft."""
    lines = [Line("purpose", "purpose", draft.purpose),
             Line("success_test", "success_test", draft.success_test)]
    for item in draft.items:
        lines += lines_of_item(item)
    for role in ("mentee", "mentor", "all"):
        lines += [Line(f"preparation.{role}", "preparation", text)
                  for text in getattr(draft.preparation, role)]
    lines += [Line(f"resources.{one.resource}", "reason", one.reason) for one in draft.resources]
    return lines


def lines_of_item(item: DraftItem) -> list[Line]:
    """Return every text of one item."""
    place = f"items.{item.activity}"
    return [Line(place, "title", item.title),
            *(Line(place, "question", text) for text in item.questions),
            *(Line(place, "step", text) for text in item.steps)]


def _flat(shown: object) -> Iterable[object]:
    if isinstance(shown, dict):
        for value in shown.values():
            yield from _flat(value)
    elif isinstance(shown, list | tuple):
        for value in shown:
            yield from _flat(value)
    elif shown is not None:
        yield shown
