"""Which language a text is in, for the languages of the library."""

import sys
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock, Thread
from typing import Any

from recommender.domain.base import base_language

KNOWN = ("ar", "en", "es", "fr", "pt")
MIN_LETTERS = 12
"""Below this many letters a guess is worth nothing."""


TURN = 0.0002
"""Seconds between turns of threads while the model is loaded."""
_loading = Lock()


def warm_up() -> None:
    """Begin to load the model, half a second of unpacking, beside whatever is done next.

    It is unpacked in small pieces, each of which asks for the interpreter again; threads
    take turns faster until it is done.
    """
    before = sys.getswitchinterval()

    def load() -> None:
        try:
            _identifier()
        finally:
            sys.setswitchinterval(before)

    if not _load.cache_info().currsize:
        sys.setswitchinterval(TURN)
        Thread(target=load, daemon=True).start()


def _identifier() -> Any:
    with _loading:
        return _load()


@lru_cache(maxsize=1)
def _load() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(KNOWN))
    return identifier


@lru_cache(maxsize=4096)
def detect_language(text: str) -> str | None:
    """Return the likeliest of `KNOWN`, or null for a text too short to tell."""
    if sum(map(str.isalpha, text)) < MIN_LETTERS:
        return None
    language, _ = _identifier().classify(text)
    return str(language)


def main_language(texts: Iterable[str], limit: int = 200) -> str | None:
    """Return the language of most of the first `limit` texts."""
    votes: dict[str, int] = {}
    for text, _ in zip(texts, range(limit), strict=False):
        language = detect_language(text)
        if language is not None:
            votes[language] = votes.get(language, 0) + 1
    return max(sorted(votes), key=votes.__getitem__) if votes else None


def fits_language(text: str, language: str) -> bool:
    """Return whether a text may stand in a text of this language: it is, or cannot be told."""
    return detect_language(text) in (None, base_language(language))
