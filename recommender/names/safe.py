"""What a search or a model may see of a text: nobody named, nobody to be reached."""

import re
from collections.abc import Sequence
from functools import lru_cache

from recommender.names.contacts import without_contacts
from recommender.names.find import Others
from recommender.names.words import ELIDED, ROLES, Span
from recommender.privacy import People, plain

_ARTICLE = re.compile(r"\b(?:the|an?)\s+$", re.IGNORECASE)
_NOUN = re.compile(r"\s+[a-z]")
"""What stands around a name that tells a thing apart, as in the Goodison clinic."""
_BEFORE = re.compile(r"([^\W\d_]+)\W?\s*$")


@lru_cache(maxsize=4)
def others_of(known: frozenset[str]) -> Others:
    """Return the finder that knows a set of words, once for the set."""
    return Others(known)


def safe_text(text: str, people: People, others: Others, stand_in: str) -> str:
    """Return a text in which nobody is named and nothing leads to a person.

    Args:
        people: The members; a name of theirs becomes their role.
        others: Finds everybody else.
        stand_in: The words for somebody who is no member.
    """
    return hidden(people.without_names(without_contacts(text)), others, stand_in)


def names_anybody(text: str, others: Others) -> bool:
    """Return whether somebody can be told from the text who is no member."""
    return without_contacts(text) != text or bool(others.spans(text))


def hidden(text: str, others: Others, stand_in: str) -> str:
    """Return a text in which each person the finder finds is a role."""
    return _replaced(text, others.spans(text), stand_in)


def _replaced(text: str, spans: Sequence[Span], stand_in: str) -> str:
    result, last = "", 0
    for start, end in spans:
        before = text[last:start]
        role = _BEFORE.search(before)
        elided = ELIDED.search(before)
        if role and plain(role[1]) in ROLES:
            result += before.rstrip(" ,:")
        elif _ARTICLE.search(before) and _NOUN.match(text, end):
            result += before.rstrip()
        elif elided:
            result += before[:elided.start()] + _WHOLE[plain(elided[0])[:-1]] + stand_in
        else:
            result += before + stand_in
        last = end
    return result + text[last:]


_WHOLE = {"d": "de ", "l": "", "qu": "que ", "lorsqu": "lorsque ", "puisqu": "puisque ",
          "j": "je ", "m": "me ", "n": "ne ", "s": "se ", "t": "te ", "c": "ce "}
"""What a French word is before a consonant."""
