"""The rubric of agendas: eight criteria with anchors, and the dangers that cap a whole agenda."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from prompts.lint import vague_words
from recommender.domain.base import Frozen, Id, Line, Short
from recommender.errors import Fault, InvalidInputError, faults_of
from recommender.yaml_file import read_document

PATH = Path(__file__).parent / "rubric.yaml"
LOWEST, HIGHEST = 1, 5
NOT_IN_FIXED_MODE = "specific"
"""Not scored where a programme's agendas are the same for every pair on purpose."""
HandOver = Literal["as_is", "small_edits", "no"]
Score = Annotated[int, Field(ge=LOWEST, le=HIGHEST)]


class Danger(Frozen):
    """An error that caps the whole agenda."""

    cap: Annotated[int, Field(ge=LOWEST, le=HIGHEST)]
    what: Line


class Criterion(Frozen):
    """One thing that is judged, with what a 1, a 3 and a 5 look like."""

    id: Id
    title: Short
    question: Line
    checked: Line
    anchors: Annotated[dict[int, Line], Field(min_length=3, max_length=3)]
    danger: Danger

    def to_text(self) -> str:
        """Return what a judge reads of it."""
        lines = [f"{self.title}: {self.question}",
                 *(f"{level}: {text}" for level, text in sorted(self.anchors.items())),
                 f"Danger: {self.danger.what}", f"Checked by code already: {self.checked}"]
        return "\n".join(lines)


class HandOverQuestion(Frozen):
    """The answer that counts."""

    question: Line
    answers: dict[HandOver, Short]


class Rubric(Frozen):
    """All criteria; `pass_at` is the score from which an agenda passes one of them."""

    version: Annotated[int, Field(ge=1)]
    pass_at: Score
    criteria: Annotated[list[Criterion], Field(min_length=1)]
    hand_over: HandOverQuestion

    @property
    def ids(self) -> list[str]:
        """Return the criteria's ids, in order."""
        return [one.id for one in self.criteria]

    def criterion(self, wanted: str) -> Criterion:
        """Return one criterion.

        Raises:
            InvalidInputError: There is no such criterion.
        """
        for one in self.criteria:
            if one.id == wanted:
                return one
        raise InvalidInputError.of(f"{wanted!r} is no criterion; write one of "
                                   f"{', '.join(self.ids)}", field="criterion")

    def overall(self, scores: Mapping[str, int | None], dangers: Iterable[str]) -> float | None:
        """Return the mean of what was scored, at most the lowest cap of its dangers.

        Null where nothing was scored; what is unscored counts nothing.
        """
        given = [score for score in scores.values() if score is not None]
        if not given:
            return None
        caps = [self.criterion(one).danger.cap for one in dangers]
        return min([sum(given) / len(given), *caps])


@cache
def load_rubric(path: Path = PATH) -> Rubric:
    """Return the rubric.

    Raises:
        InvalidInputError: The file is malformed.
    """
    try:
        return Rubric.model_validate(read_document(path))
    except ValidationError as error:
        raise InvalidInputError(faults_of(error, path.name)) from None


def rubric_faults(path: Path = PATH) -> list[Fault]:
    """Return what in the rubric's words leaves a verdict to taste, and anchors that are missing."""
    found = []
    for one in load_rubric(path).criteria:
        if sorted(one.anchors) != [1, 3, 5]:
            found.append(Fault(path.name, one.id, "needs the anchors 1, 3 and 5"))
        texts = {"question": one.question, "danger": one.danger.what,
                 **{f"anchors.{level}": text for level, text in one.anchors.items()}}
        found += [
            Fault(path.name, f"{one.id}.{field}", f"{word!r} leaves the verdict to taste; say what "
                                                  "is to be seen, or not")
            for field, text in texts.items() for word in vague_words(text)]
    return found
