"""Which questions people are asked at a milestone of their programme."""

from content_library.load import Library
from recommender.domain.base import PulseKind, Role, Written
from recommender.domain.pulse import PulseQuestion, PulseText


def pulse_questions(
    library: Library, milestone: PulseKind, role: Role, language: Written
) -> list[tuple[PulseQuestion, PulseText]]:
    """Return the questions for a role at a milestone, in order, each with its words.

    Reaction comes before learning, and the open question last. `recommender.domain.pulse.kind_of`
    says which milestone a day of a programme is.
    """
    return [(one, one.text[language]) for one in library.pulses.questions
            if one.kind == milestone and role in one.roles]
