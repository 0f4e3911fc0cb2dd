"""Sessions that a programme has written itself, for `fixed` agendas: the same for every pair."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recommender.domain.activity import STEP_MINUTES
from recommender.domain.agenda import (
    MAX_ITEMS,
    MAX_PROMPTS,
    MAX_STEPS,
    MIN_ITEM_MINUTES,
    Lead,
    Preparation,
)
from recommender.domain.base import Frozen, Id, Kind, Line, Text, Written

MIN_ITEMS = 3
ENDINGS: tuple[Kind, ...] = ("action_planning", "closing")
_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|(?<![\w-])(?!(?:19|20)\d\d[-./]\d)\+?\(?\d(?:[ ().\-/]{0,3}\d){7,14}")
"""An e-mail address, or digits that could be a telephone number."""


class WrittenItemText(Frozen):
    """An item in one language, as people will read it."""

    title: Line
    prompts: Annotated[list[Text], Field(max_length=MAX_PROMPTS)] = []
    steps: Annotated[list[Text], Field(max_length=MAX_STEPS)] = []

    @property
    def step_minutes(self) -> int:
        """Return the minutes that the steps name, together."""
        matches = [STEP_MINUTES.search(step) for step in self.steps]
        return sum(int(match[1]) for match in matches if match)


class WrittenItem(Frozen):
    """One item; `activity` says which of the library it is, where it is one."""

    kind: Kind
    minutes: Annotated[int, Field(ge=MIN_ITEM_MINUTES, le=180)]
    lead: Lead = "all"
    activity: Id | None = None
    text: dict[Written, WrittenItemText]

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        for language, words in self.text.items():
            if words.step_minutes > self.minutes:
                raise ValueError(f"text.{language}: the steps take {words.step_minutes} of "
                                 f"{self.minutes} minutes; shorten them, or give the item more")
        return self


class WrittenSessionText(Frozen):
    """What a session is for, in one language."""

    purpose: Text
    success_test: Text
    preparation: Preparation = Preparation()


class WrittenResource(Frozen):
    """A resource of the library that the session comes with."""

    id: Id
    use: Literal["before", "during", "after"]


class WrittenSession(Frozen):
    """A whole session, word for word, in one language or more."""

    items: Annotated[list[WrittenItem], Field(min_length=MIN_ITEMS, max_length=MAX_ITEMS)]
    text: Annotated[dict[Written, WrittenSessionText], Field(min_length=1)]
    resources: Annotated[list[WrittenResource], Field(max_length=3)] = []

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.items[-1].kind not in ENDINGS:
            raise ValueError(f"items: the last one is {self.items[-1].kind}; end with "
                             f"{' or '.join(ENDINGS)}, so that there is room for who, what, when")
        for at, item in enumerate(self.items):
            if set(item.text) != set(self.text):
                raise ValueError(
                    f"items[{at}].text is written in {', '.join(sorted(item.text)) or 'nothing'}, "
                    f"the session in {', '.join(sorted(self.text))}; write both in the same")
        for line in self.lines:
            if _ADDRESS.search(line):
                raise ValueError(f"{line[:60]!r} holds an address or a number; write it into "
                                 "the programme's `contact`")
        return self

    @property
    def lines(self) -> list[str]:
        """Return every text of the session, in every language."""
        found: list[str] = []
        for words in self.text.values():
            found += [words.purpose, words.success_test, *words.preparation.mentee,
                      *words.preparation.mentor, *words.preparation.all]
        for item in self.items:
            for own in item.text.values():
                found += [own.title, *own.prompts, *own.steps]
        return found

    @property
    def minutes(self) -> int:
        """Return how long the session is as it was written."""
        return sum(item.minutes for item in self.items)
