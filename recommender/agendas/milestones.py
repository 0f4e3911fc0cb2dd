"""Milestones in an agenda: what people are asked at a pulse or at the end, and what lies ahead."""

from collections.abc import Sequence

from content_library.pulses import pulse_questions
from recommender.agendas.arc import milestone_at
from recommender.agendas.brief import Brief
from recommender.agendas.style import Voice
from recommender.catalogue import Catalogue
from recommender.domain.agenda import MIN_ITEM_MINUTES, Item, Reason
from recommender.domain.base import PulseKind, Role
from recommender.domain.pulse import PulseQuestion, PulseText

ORDER: tuple[Role, ...] = ("mentee", "peer", "mentor")
NAMED = 3
"""Milestones that a first session names at most."""
LOOKED_AHEAD = 60
"""Sessions of a relationship without an end in which its first milestone is sought."""

Asked = Sequence[tuple[PulseQuestion, PulseText]]


def pulse_minutes(minutes: int) -> int:
    """Return how long the questions of a milestone take in a session of so many minutes."""
    return MIN_ITEM_MINUTES if minutes < 30 else 5 if minutes < 60 else 6


def pulse_item(brief: Brief, kind: PulseKind, catalogue: Catalogue, voice: Voice,
               minutes: int, item_id: str) -> Item:
    """Return the item that asks a milestone's questions: each role its own.

    Numbers are written alone, in the steps; the open question of each role is the prompt.
    """
    asked = _by_role(brief, kind, catalogue)
    phrases = voice.phrases
    steps, prompts = [phrases.pulse_intro], []
    for role, questions in asked.items():
        scales = [phrases.pulse_scale.format(question=voice.say(words.question),
                                             low=voice.say(words.low or ""),
                                             high=voice.say(words.high or ""))
                  for one, words in questions if one.answer == "scale"]
        opened = [voice.say(words.question) for one, words in questions if one.answer == "open"]
        if len(asked) == 1:
            steps += scales
            prompts += opened
        else:
            name = phrases.pulse_roles[role]
            steps.append(phrases.pulse_role.format(role=name, questions=" · ".join(scales)))
            prompts += [phrases.pulse_role.format(role=name, questions=one) for one in opened]
    return Item(
        id=item_id, kind="reflection", title=label_of(kind, brief, catalogue), minutes=minutes,
        lead="all", prompts=prompts, steps=steps,
        because=[Reason(source="programme", id=brief.programme.id)], pulse=kind)


def pulse_lines(
    brief: Brief, kind: PulseKind, catalogue: Catalogue, voice: Voice
) -> dict[Role, list[str]]:
    """Return a milestone's questions by role, for sessions that have no room for an item."""
    phrases = voice.phrases
    return {role: [phrases.pulse_scale.format(
        question=voice.say(words.question), low=words.low, high=words.high)
        if one.answer == "scale" else voice.say(words.question) for one, words in questions]
        for role, questions in _by_role(brief, kind, catalogue).items()}


def label_of(kind: PulseKind, brief: Brief, catalogue: Catalogue) -> str:
    """Return what a milestone is called in the session's language."""
    return catalogue.library.pulses.labels[kind][brief.language]


def what_lies_ahead(brief: Brief, voice: Voice) -> str:
    """Return how the programme runs, in a sentence or two: meetings, questions, the end."""
    phrases, of = voice.phrases, brief.arc.of
    last = of if of is not None else LOOKED_AHEAD
    asked = [number for number in range(2, last + 1) if number != of
             and milestone_at(brief.programme, number, of) is not None]
    asked = asked[:NAMED] if of is not None else asked[:1]
    said = [phrases.ahead_open if of is None else phrases.ahead.format(of=of)]
    if asked:
        numbers = [str(one) for one in asked]
        joined = phrases.joiner.join([", ".join(numbers[:-1]), numbers[-1]] if len(numbers) > 1
                                     else numbers)
        said.append((phrases.ahead_pulses if len(numbers) > 1 else phrases.ahead_pulse).format(
            numbers=joined))
    if of is not None:
        said.append(phrases.ahead_end)
    return " ".join(said)


def _by_role(brief: Brief, kind: PulseKind, catalogue: Catalogue) -> dict[Role, Asked]:
    found = {role: pulse_questions(catalogue.library, kind, role, brief.language)
             for role in ORDER if role in brief.roles}
    return {role: questions for role, questions in found.items() if questions}
