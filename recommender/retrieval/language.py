"""Which language a text is in, for the languages of the library."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from recommender.domain.base import base_language

KNOWN = ("ar", "en", "es", "fr", "pt")
MIN_LETTERS = 12
"""Below this many letters a guess is worth nothing."""


@lru_cache(maxsize=1)
def _identifier() -> Any:
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
