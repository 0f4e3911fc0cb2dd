"""What each person wants and offers, phrase by phrase, without anybody's name or address."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from recommender.domain.profile import Profile
from recommender.matching.pool import Rows
from recommender.privacy import EMAIL, MIN_NAME, PHONE, plain, sentences

WANTS = ("skills_wanted", "goals")
OFFERS = ("skills_offered", "headline", "bio")
Side = Literal["wants", "offers"]
MAX_PHRASES = 24
"""Phrases of one side of one person that are read; the rest of a long list changes little."""
MAX_CHARACTERS = 300

_BLANK = re.compile(r"\s+")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Phrases:
    """One side of everybody, each different text once.

    Attributes:
        texts: Every different phrase, in the order of its first appearance.
        which: For each phrase of each person, its place in `texts`, person after person.
        starts: Where each person's phrases begin in `which`, shape (people + 1,).
    """

    texts: tuple[str, ...]
    which: Rows
    starts: Rows

    def of(self, row: int) -> list[str]:
        """Return one person's phrases, word for word."""
        return [self.texts[at] for at in self.which[self.starts[row] : self.starts[row + 1]]]

    @cached_property
    def counts(self) -> Rows:
        """Return how many phrases each person has."""
        return np.diff(self.starts)

    @cached_property
    def owners(self) -> Rows:
        """Return whose each of `which` is."""
        return np.repeat(np.arange(len(self.counts)), self.counts)


def phrases_of(profiles: Sequence[Profile], side: Side, fields: frozenset[str]) -> Phrases:
    """Return what people want or offer, of the fields that the programme lets models see.

    A phrase that holds the person's own name, an e-mail address or a phone number is left out.

    Args:
        fields: The programme's `ai_fields`.
    """
    return phrases_from([_said(profile, side, fields) for profile in profiles])


def phrases_from(said: Sequence[Sequence[str]]) -> Phrases:
    """Return what each person said as phrases, each different text once."""
    known: dict[str, int] = {}
    which = [known.setdefault(text, len(known)) for own in said for text in own]
    starts = np.concatenate([[0], np.cumsum([len(own) for own in said])]).astype(np.intp)
    return Phrases(tuple(known), np.array(which, dtype=np.intp), starts)


def _said(profile: Profile, side: Side, fields: frozenset[str]) -> list[str]:
    texts: list[str] = []
    if side == "wants":
        if "skills_wanted" in fields:
            texts += profile.skills_wanted
        if "goals" in fields:
            texts += [goal.text for goal in profile.goals if goal.status == "active"]
    else:
        if "skills_offered" in fields:
            texts += profile.skills_offered
        if "headline" in fields and profile.headline:
            texts.append(profile.headline)
        if "bio" in fields and profile.bio:
            texts += sentences(profile.bio)
    clean = (_BLANK.sub(" ", text).strip() for text in texts)
    name = _name_parts(profile)
    kept = (text[:MAX_CHARACTERS].strip() for text in clean if text and not _reveals(text, name))
    return list(dict.fromkeys(kept))[:MAX_PHRASES]


def _name_parts(profile: Profile) -> frozenset[str]:
    """Return the parts of somebody's name; of a name of short parts only, the whole of it."""
    parts = [part for part in _NO_WORD.split(plain(profile.name or "")) if part]
    return frozenset([part for part in parts if len(part) >= MIN_NAME] or [" ".join(parts)])


def _reveals(text: str, name: frozenset[str]) -> bool:
    if "@" in text and EMAIL.search(text):
        return True
    if any(char.isdigit() for char in text) and PHONE.search(text):
        return True
    words = [word for word in _NO_WORD.split(plain(text)) if word]
    said = f" {' '.join(words)} "
    return any(part and f" {part} " in said for part in name)
