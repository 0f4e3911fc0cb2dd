"""Phrases: the few sentences that Agendum itself says in an agenda, in one language."""

import datetime
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from recommender.domain.base import Frozen


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class MatchPhrases(Frozen):
    """What is said of two people who may meet; `standing` is about what no programme sets."""

    wants: str
    wants_back: str
    no_reason: str
    nothing_wanted: str
    nothing_offered: str
    shown_often: str
    standing: dict[str, str]
    not_met: str
    not_known: str
    nobody: str
    full: str
    relax: str


class Phrases(Frozen):
    """Texts with `{named}` places; every field is explained by its use in `agendas`.

    `about_the_meeting` are regular expressions, over text in lower case without accents, for
    what somebody asks about the meeting itself: its order, its time, who hears of it.
    `first_day` stands for the first of a month in languages that count it otherwise.
    """

    quote: Annotated[list[str], Field(min_length=2, max_length=2)]
    inner_quote: Annotated[list[str], Field(min_length=2, max_length=2)]
    purpose_goal: str
    purpose_goals: str
    purpose_point: str
    purpose_practice: str
    success_sign: str
    about_the_meeting: Annotated[list[Pattern], Field(min_length=1)]
    point_prompt: str
    point_question: str
    point_also: str
    action_prompt: str
    action_line: str
    action_line_due: str
    action_line_unquoted: str
    action_line_unquoted_due: str
    actions_also: str
    done_prompt: str
    open_in_planning: str
    step_hint: str
    deferred_time: str
    deferred_last: str
    deferred_person: str
    hand_off_why: str
    hand_off_to: str
    prep_note: str
    prep_action: str
    prep_skills: str
    prep_offers: str
    prep_question: str
    prep_resource: str
    prep_resource_minutes: str
    reason_minutes: str
    reason: str
    reason_course: str
    person_pair: str
    person_group: str
    person_other: str
    months: Annotated[list[str], Field(min_length=12, max_length=12)]
    date: str
    first_day: str | None = None
    ask_goal: str
    ask_group_goal: str
    ask_situation: str
    ask_offer: str
    ask_notes: str
    ask_role: str
    ask_point: str
    kinds: dict[str, str]
    leads: dict[str, str]
    formats: dict[str, str]
    uses: dict[str, str]
    types: dict[str, str]
    confidence: dict[str, str]
    headings: dict[str, str]
    sources: dict[str, str]
    matching: MatchPhrases

    def type_of(self, session_type: str, of: int | None) -> str:
        """Return what a type of session is called; a look back is no half-way without an end."""
        open_ended = session_type == "midpoint" and of is None
        return self.types["midpoint_open" if open_ended else session_type]

    def date_of(self, day: datetime.date) -> str:
        """Return a day and its month in words."""
        first = self.first_day if day.day == 1 else None
        return self.date.format(day=first or day.day, month=self.months[day.month - 1])

    def length_of(self, minutes: int | None, *, estimated: bool) -> str:
        """Return how long a resource is, in words: its minutes, about so many, or not stated."""
        if minutes is None:
            return self.headings["unknown_minutes"]
        return self.headings["about_minutes" if estimated else "known_minutes"].format(
            minutes=minutes)

    def quoted(self, words: str) -> str:
        """Return somebody's words in this language's quotation marks, inner ones changed."""
        opening, closing = self.quote
        return f"{opening}{self.inside(words)}{closing}"

    def inside(self, words: str) -> str:
        """Return somebody's words as they stand between quotation marks of this language."""
        inner_open, inner_close = self.inner_quote
        for mark in ("«\u00a0", "« ", "«", "“", "„"):
            words = words.replace(mark, inner_open)
        for mark in ("\u00a0»", " »", "»", "”"):
            words = words.replace(mark, inner_close)
        return words
