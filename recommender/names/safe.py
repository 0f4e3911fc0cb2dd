"""What a search or a model may see of a text: nobody named, nobody to be reached."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from recommender.names.contacts import without_contacts
from recommender.names.find import Others
from recommender.names.words import ELIDED, ROLES
from recommender.privacy import People, plain

_ARTICLE = re.compile(r"\b(?:the|an)\s+$", re.IGNORECASE)
_NOUN = re.compile(r"\s+[a-z]")
"""What stands around a name that tells a thing apart, as in the Goodison clinic."""
_WORDS = re.compile(r"[^\W\d_](?:.*[^\W\d_])?")
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
    return hidden(without_contacts(text), others, stand_in, [people])


def names_anybody(text: str, others: Others) -> bool:
    """Return whether somebody can be told from the text who is no member."""
    text = unicodedata.normalize("NFC", text)
    return without_contacts(text) != text or bool(others.spans(text))


def hidden(text: str, others: Others, stand_in: str, members: Sequence[People] = ()) -> str:
    """Return a text in which each person is a role.

    Others are looked for while the members' names still stand: a sentence with a role in it reads
    unlike any that people write.

    Args:
        members: Each with the words that take the place of their names.
    """
    text = unicodedata.normalize("NFC", text)
    named = sorted((start, end, people.stand_in) for people in members
                   for start, end in people.spans(text))
    found: list[tuple[int, int, str | None]] = []
    for start, end in others.spans(text):
        own = [one for one in named if one[0] < end and start < one[1]]
        if len(own) > 1:
            gaps = zip([start, *(one[1] for one in own)], [*(one[0] for one in own), end],
                       strict=True)
            found += [(first + match.start(), first + match.end(), None) for first, last in gaps
                      if (match := _WORDS.search(text[first:last]))]
            continue
        named = [one for one in named if one not in own]
        found.append((min([start, *(one[0] for one in own)]), max([end, *(one[1] for one in own)]),
                      own[0][2] if own else None))
    return _replaced(text, sorted([*found, *named], key=lambda one: one[:2]), stand_in)


def _replaced(text: str, spans: Sequence[tuple[int, int, str | None]], stand_in: str) -> str:
    result, last = "", 0
    for start, end, role in spans:
        if start < last:
            last = max(last, end)
            continue
        before = text[last:start]
        said = _BEFORE.search(before)
        elided = ELIDED.search(before)
        if elided:
            result += before[:elided.start()] + _WHOLE[plain(elided[0])[:-1]] + (role or stand_in)
        elif role is not None:
            result += before + role
        elif said and plain(said[1]) in ROLES:
            result += before.rstrip(" ,:")
        elif _ARTICLE.search(before) and _NOUN.match(text, end):
            result += before.rstrip()
        else:
            result += before + stand_in
        last = end
    return result + text[last:]


_WHOLE = {"d": "de ", "l": "", "qu": "que ", "lorsqu": "lorsque ", "puisqu": "puisque ",
          "j": "je ", "m": "me ", "n": "ne ", "s": "se ", "t": "te ", "c": "ce "}
"""What a French word is before a consonant."""
