"""Finds people who are no members in what somebody wrote: rules first, then a recogniser."""

import re
from functools import lru_cache

from recommender.names.features import features_of, spans_of
from recommender.names.recognise import Recogniser, open_recogniser
from recommender.names.rules import Rules, things
from recommender.names.words import PARTICLES, Span, Token, lists, tokens_of
from recommender.privacy import REMEMBERED

LIKELY, NAMELIKE, STRANGE, COMMON, DOUBTFUL = 0.02, 0.05, 0.1, 0.15, 0.5
"""The chance above which a word is a name: one that the rules take for one too; a given name, or a
word with a capital that the library has not; another that it has not; one that it has; and a
place, a product, a month, or what begins a sentence as any word may."""
_CONTRACTED = re.compile(r"(?:i|he|she|it|we|you|they|that|what|who)'")
_JOINING = PARTICLES - {"y", "e"}
"""Particles that stand inside a name; the two left out stand between people more often."""


class Others:
    """Finds names of people nobody told us of.

    Args:
        known: Words in lower case that are no names, in every language.
        recogniser: Null reads the shipped one.
    """

    def __init__(self, known: frozenset[str], recogniser: Recogniser | None = None) -> None:
        self._rules = Rules(known)
        self._recogniser = recogniser
        self._found = lru_cache(maxsize=REMEMBERED)(self._find)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return where people are named, in order, not overlapping."""
        return self._found(text)

    def _find(self, text: str) -> tuple[Span, ...]:
        tokens = list(tokens_of(text))
        ruled = self._rules.verdicts(tokens, text)
        features, whose = features_of(text, tokens, ruled, self._rules.known)
        chances = (self._recogniser or open_recogniser()).chances(features)
        named = [False] * len(tokens)
        for chance, at in zip(chances, whose, strict=True):
            if at is not None:
                named[at] = chance > (LIKELY if ruled[at] else self._enough(tokens, at, text))
        said = {token.word for token, one in zip(tokens, named, strict=True)
                if one and token.capital}
        again = [token.capital and token.word in said and not self._rules.orders(tokens, at, text)
                 for at, token in enumerate(tokens)]
        named = [(one or same) and not thing for one, same, thing
                 in zip(named, again, things(tokens, text), strict=True)]
        return spans_of(tokens, _joined(tokens, named, text), text)

    def _enough(self, tokens: list[Token], at: int, text: str) -> float:
        """Return the chance above which a word is a name that the rules do not take for one.

        A letter by itself is none but beside one.
        """
        token = tokens[at]
        given, words, nobody = lists()
        if len(token.text) == 1 or _CONTRACTED.match(token.word):
            return 1.0
        if token.word in nobody or self._rules.orders(tokens, at, text):
            return DOUBTFUL
        if token.word in given or token.word in words:
            return NAMELIKE
        if token.word in self._rules.known:
            first = token.capital and self._rules.begins(tokens, at, text)
            return DOUBTFUL if first else COMMON
        return NAMELIKE if token.capital else STRANGE


def _joined(tokens: list[Token], named: list[bool], text: str) -> list[bool]:
    """Return the same with particles between names and initials before them."""
    found = list(named)
    for at in range(len(tokens) - 2, -1, -1):
        if found[at] or not found[at + 1] or not _beside(tokens, at, text):
            continue
        first = at
        while first > 0 and tokens[first].word in _JOINING and _beside(tokens, first - 1, text):
            first -= 1
        found[at] = tokens[at].initial or (first < at and found[first])
    return found


def _beside(tokens: list[Token], at: int, text: str) -> bool:
    """Return whether a word and the next have but a space between them."""
    return not text[tokens[at].end:tokens[at + 1].start].strip(" .\u00a0")
