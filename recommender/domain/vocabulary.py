"""Focus areas and topics: the words that tie people, activities and resources together."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recommender.domain.base import LANGUAGES, Frozen, Id

Words = Annotated[str, Field(min_length=3, max_length=200)]


class TermText(Frozen):
    """A focus area or topic in one language; the fields are explained in the library's README."""

    label: Annotated[str, Field(min_length=2, max_length=60)]
    description: Words
    practice: Words
    sign: Words
    questions: Annotated[list[Words], Field(min_length=3, max_length=6)]
    step: Words
    situations: Annotated[
        list[Annotated[str, Field(min_length=10, max_length=400)]],
        Field(min_length=4, max_length=120),
    ]


class Term(Frozen):
    """A focus area, or a topic with the focus areas it belongs to (none: it cuts across).

    `aliases` are other ids that mean the same, kept for those who use them; `prerequisites` are
    topics that come before it where both are learnt.
    """

    id: Id
    aliases: list[Id] = []
    focus_areas: list[Id] = []
    prerequisites: list[Id] = []
    text: dict[Literal["en", "es", "fr"], TermText]

    @model_validator(mode="after")
    def _every_language(self) -> Self:
        missing = [language for language in LANGUAGES if language not in self.text]
        if missing:
            raise ValueError(f"text.{missing[0]} is missing; write it in every language")
        return self
