"""Phrases: the few sentences that Agendum itself says in an agenda, in one language."""

import datetime
from typing import Annotated, Literal

from pydantic import Field

from recommender.domain.base import Frozen, Pattern, Role


class Counted(Frozen):
    """A sentence about one, and one about more; `{count}` stands for how many."""

    one: str
    more: str

    def of(self, count: int, **slots: str) -> str:
        """Return the sentence for so many, at least one."""
        return (self.one if count == 1 else self.more).format(count=count, **slots)


class RuleWords(Frozen):
    """How a matching rule is called: a sentence per test, `fields` and `sides` for its slots.

    `around` is a gap as far up as down; `between`, `from_least` and `to_most` are its bounds.
    """

    fields: dict[str, str]
    overlap: str
    same: str
    different: str
    gap: str
    around: str
    between: str
    from_least: str
    to_most: str
    at_most: str
    at_least: str
    sides: dict[Literal["mentor", "mentee", "both"], str]
    within_hours: str
    not_reporting_line: str


class DetailWords(Frozen):
    """What is said of two people's values under a rule where these are not quoted."""

    not_shown: str
    not_known: str
    in_line: str
    no_line: str
    yes: str
    no: str


class MatchPhrases(Frozen):
    """What is said of two people who may meet; `standing` is about what no programme sets.

    `group_` speaks of groups, where the others speak of pairs.
    """

    wants: str
    wants_back: str
    no_reason: str
    no_phrase: str
    nothing_wanted: str
    nothing_offered: str
    shown_often: str
    standing: dict[str, str]
    rules: RuleWords
    details: DetailWords
    not_met: str
    not_known: str
    nobody: str
    full: Counted
    relax: Counted
    met_all: str
    listed_out: Counted
    group_nobody: str
    group_none: Counted
    group_full: Counted
    group_relax: Counted


class EditPhrases(Frozen):
    """What is said of an agenda that somebody changed; `title` and `before` come in quotes."""

    heading: str
    along: str
    nothing: str
    added: str
    removed: str
    replaced: str
    minutes: str
    position: str
    title: str
    prompts: str
    steps: str
    locked: str
    unlocked: str
    point_to: str
    point_waits: str
    purpose: str
    success_test: str
    preparation: str
    resources: str


class Phrases(Frozen):
    """Texts with `{named}` places; every field is explained by its use in `agendas`.

    `about_the_meeting` are regular expressions, over text in lower case without accents, for
    what somebody asks about the meeting itself: its order, its time, who hears of it.
    `in_turn` and `in_pairs` are regular expressions, in any case, for steps in which everybody
    speaks one after the other, or two by two.
    `told` is a regular expression, in any case, for notes that tell of somebody instead of
    speaking to them; such a sentence is no question's beginning.
    `first_day` stands for the first of a month in languages that count it otherwise.
    """

    quote: Annotated[list[str], Field(min_length=2, max_length=2)]
    inner_quote: Annotated[list[str], Field(min_length=2, max_length=2)]
    purpose_goal: str
    purpose_goals: str
    purpose_point: str
    purpose_practice: str
    success_sign: str
    success_own: str
    about_the_meeting: Annotated[list[Pattern], Field(min_length=1)]
    point_prompt: str
    point_question: str
    point_also: str
    point_unquoted: str
    brought: str
    brought_alone: str
    turn_over: str
    turn_over_goal: str
    before_date: str
    told: Pattern
    action_prompt: str
    action_missed: str
    action_missed_then: str
    action_line: str
    action_line_due: str
    action_line_missed: str
    action_line_missed_due: str
    action_line_unquoted: str
    action_line_unquoted_due: str
    action_line_unquoted_missed: str
    actions_also: str
    done_prompt: str
    done_line: str
    goal_changed: str
    goal_added: str
    open_in_planning: str
    step_hint: str
    in_turn: Pattern
    in_pairs: Pattern
    round_each: str
    pairs_odd: str
    times: dict[Literal["seconds", "half", "one", "one_half", "more", "more_half"], str]
    joiner: str
    ahead: str
    ahead_open: str
    ahead_pulse: str
    ahead_pulses: str
    ahead_end: str
    recognition: str
    recognition_group: str
    pulse_intro: str
    pulse_scale: str
    pulse_role: str
    pulse_roles: dict[Role, str]
    deferred_time: str
    deferred_last: str
    deferred_person: str
    deferred_removed: str
    hand_off_why: str
    hand_off_to: str
    prep_note: str
    prep_action: str
    prep_action_group: str
    prep_action_missed: str
    prep_goal_changed: str
    prep_skills: str
    prep_offers: str
    prep_question: str
    prep_parallel: str
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
    date_year: str
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
    copies: dict[str, str]
    made: dict[str, str]
    formats: dict[str, str]
    uses: dict[str, str]
    types: dict[str, str]
    confidence: dict[str, str]
    headings: dict[str, str]
    sources: dict[str, str]
    matching: MatchPhrases
    edits: EditPhrases

    def type_of(self, session_type: str, of: int | None) -> str:
        """Return what a type of session is called; a look back is no half-way without an end."""
        open_ended = session_type == "midpoint" and of is None
        return self.types["midpoint_open" if open_ended else session_type]

    def date_of(self, day: datetime.date) -> str:
        """Return a day and its month in words."""
        first = self.first_day if day.day == 1 else None
        return self.date.format(day=first or day.day, month=self.months[day.month - 1])

    def moment_of(self, moment: datetime.datetime, zone: str | None = None) -> str:
        """Return a day with its year in words, and the hour unless it is midnight.

        Args:
            zone: Named after the hour where the clock's place must be told.
        """
        day = self.date_year.format(date=self.date_of(moment.date()), year=moment.year)
        if moment.time() == datetime.time():
            return day
        return f"{day}, {moment:%H:%M}" + (f" ({zone})" if zone else "")

    def time_of(self, seconds: int) -> str:
        """Return a time that somebody has, in words; half minutes from one minute on."""
        whole, rest = divmod(seconds, 60)
        if whole == 0:
            return self.times["half"] if rest == 30 else self.times["seconds"].format(n=rest)
        name = "one" if whole == 1 else "more"
        half = "_half" if rest >= 30 else ""
        return self.times[f"{name}{half}"].format(n=whole)  # type: ignore[index]

    def line_of(self, quote: str | None, due: datetime.date | None) -> str:
        """Return an open step from before as a line: quoted where it may be, with its date."""
        date = None if due is None else self.date_of(due)
        if quote is None:
            return (self.action_line_unquoted if date is None
                    else self.action_line_unquoted_due.format(date=date))
        quoted = self.quoted(quote)
        return (self.action_line.format(quote=quoted) if date is None
                else self.action_line_due.format(quote=quoted, date=date))

    def length_of(self, minutes: int | None, *, estimated: bool) -> str:
        """Return how long a resource is, in words: its minutes, about so many, or not stated."""
        if minutes is None:
            return self.headings["unknown_minutes"]
        return self.headings["about_minutes" if estimated else "known_minutes"].format(
            minutes=minutes)

    @property
    def on_the_table(self) -> str:
        """Return what stands in a purpose between its sentence and a talking point."""
        return self.purpose_point.removeprefix("{purpose}").split("{")[0]

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
