"""What each item of a composed session says: its questions and its steps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from recommender.agendas.brief import Brief, Words, shortened
from recommender.agendas.candidates import is_general
from recommender.agendas.continuity import (
    action_lines,
    action_prompts,
    done_lines,
    done_prompts,
    goal_prompts,
    still_open,
)
from recommender.agendas.milestones import what_lies_ahead
from recommender.agendas.points import Draft
from recommender.agendas.rounds import rounds_that_fit, say_turns, weights_of
from recommender.agendas.selection import Choice
from recommender.agendas.style import Voice
from recommender.agendas.timebox import fit_steps, room_for, slack_of
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity, ActivityText
from recommender.domain.agenda import MAX_PROMPTS, MAX_STEPS
from recommender.domain.base import Kind
from recommender.domain.phrases import Phrases
from recommender.domain.vocabulary import TermText

LOOKING_BACK: tuple[Kind, ...] = ("action_review", "check_in")
"""Kinds that ask what has happened since the last session."""
MAX_IN_STEP = 130
"""Characters of a goal that a step quotes."""
TWO_TURNS = 18
"""Minutes from which an item holds the matter of two peers, one after the other."""
NEAR_ENOUGH = 0.15
"""Centred cosine from which somebody's words are near enough to an activity to be quoted in it."""


@dataclass(frozen=True)
class Matter:
    """What a session is about, in words that may be said.

    Attributes:
        topic: Id of the topic one can build on, or else that the method practises; null where
            there is none.
        words: The topic one can build on, in the session's language; null where none is sure.
        questions: Of the topics that the goals speak of, the nearest first.
        notes: Sentences of earlier notes that speak of goals or points, most first.
    """

    topic: str | None
    words: TermText | None
    questions: Sequence[str]
    notes: Sequence[Words]


class Wording:
    """Says the items of one session, one after the other; nothing is quoted or asked twice.

    Attributes:
        spent: What is quoted so far, as `slot:id`.
        asked: Questions of topics that are asked so far.
    """

    def __init__(
        self, brief: Brief, catalogue: Catalogue, choice: Choice, drafts: Sequence[Draft],
        matter: Matter, voice: Voice,
    ) -> None:
        self.spent: set[str] = set()
        self.asked: set[str] = set()
        self._brief = brief
        self._catalogue = catalogue
        self._choice = choice
        self._drafts = drafts
        self._matter = matter
        self._voice = voice
        self._phrases: Phrases = voice.phrases
        self._personal = brief.mode != "fixed"
        self._reviewed = any(one.activity.kind == "action_review" for one in drafts)
        self._goal_at = next((at for at, one in enumerate(drafts)
                              if one.activity.kind in LOOKING_BACK), choice.principal)

    def prompts(self, at: int) -> list[str]:
        """Return an item's questions: first those that quote, then the activity's own."""
        draft = self._drafts[at]
        text = self._text(draft.activity)
        room = self._room(draft)
        own = [self._filled(prompt, draft) for prompt in text.prompts]
        first: list[str] = []
        taken = self._taken_up(at)
        for point in draft.points:
            if point.quote is not None and point.quote != draft.spoken:
                first.append(self._point_prompt(point.quote, draft, also=bool(first)))
        if taken is not None:
            own, first = ([self._without(line, taken) for line in lines] for lines in (own, first))
        told = self._told(at)
        if told:
            first += told
        elif draft.activity.kind != "action_review" and len(first) < 2 and self._personal:
            first += self._quotation(text, draft.activity, allow_goal=not first)
        if at == len(self._drafts) - 1 and self._brief.coming and self._personal:
            day = self._phrases.date_of(self._brief.coming[0])
            first = [self._phrases.before_date.format(date=day), *first][:2]
        open_to_any = (is_general(draft.activity) and self._brief.relation != "group"
                       and self._brief.arc.type != "closing")
        if open_to_any and at in (*self._choice.mains, self._choice.principal):
            for place in ((1, 3) if room == MAX_PROMPTS else (1,)):
                question = self.question(own)
                if question is not None:
                    own.insert(min(place, len(own)), question)
        first = [line for line in first if line]
        chosen = first + own[: max(1, max(room, len(first) + 1) - len(first))]
        return chosen[:MAX_PROMPTS]

    def steps(self, at: int) -> list[str]:
        """Return an item's steps in its minutes, with the open actions where they belong."""
        draft = self._drafts[at]
        activity = draft.activity
        steps = [self._filled(step, draft) for step in self._text(activity).steps]
        weights = None
        if self._brief.relation == "group":
            steps = rounds_that_fit(steps, self._brief.size, draft.minutes, self._phrases)
            weights = weights_of(steps, self._brief.size, self._phrases)
        turns = self._turns(at)
        each = draft.minutes // turns
        steps = fit_steps(steps, each, activity.minutes.ideal, weights, slack=slack_of(each))
        if turns > 1:
            steps = [*steps[: MAX_STEPS - 1], self._turn_over(draft, draft.minutes // turns)]
        taken = self._taken_up(at)
        if taken is not None:
            steps = [take_up(steps[0], self._phrases.quoted(taken), self._phrases), *steps[1:]]
        if self._brief.relation == "group":
            steps = say_turns(steps, self._brief.size, self._phrases)
        if activity.kind in LOOKING_BACK:
            lines: list[str] = []
            if self._tells_done(at):
                asked = set(done_prompts(self._brief, self._phrases)) & set(self._told(at))
                lines = done_lines(self._brief, self._phrases, len(asked))
            if activity.kind == "action_review":
                room = MAX_STEPS - min(len(steps), 2) - len(lines)
                lines += action_lines(self._brief, room, self._phrases)
            return lines + steps[: MAX_STEPS - len(lines)]
        if activity.kind == "agreement":
            return [*steps[: MAX_STEPS - 1], what_lies_ahead(self._brief, self._voice)]
        return self._ended(steps) if at == len(self._drafts) - 1 else steps

    def _taken_up(self, at: int) -> str | None:
        """Return the talking point that an item's first step begins with, if one does.

        A method for any matter works on what was brought; its questions need not repeat it.
        """
        draft = self._drafts[at]
        if (at not in self._choice.mains or not is_general(draft.activity) or not draft.points
                or not self._phrases.brought or not self._text(draft.activity).steps):
            return None
        quote = draft.points[0].quote
        return None if quote is None or is_question(quote) else quote

    def _without(self, line: str, quote: str) -> str:
        """Return a question without the quotation that it begins with."""
        bare = line.removeprefix(self._phrases.quoted(quote)).strip()
        return bare[:1].upper() + bare[1:] if bare != line else line

    def _turns(self, at: int) -> int:
        """Return how many people's matter an item takes up, one after the other.

        Between peers the longest item is for both, where both brought something or have a goal.
        """
        brief, draft = self._brief, self._drafts[at]
        owners = {one.owner for one in (*draft.points, *brief.goals)}
        both = (brief.relation == "peer" and self._personal and at == self._choice.principal
                and draft.activity.lead == "mentee" and draft.minutes >= TWO_TURNS
                and len(owners - {None}) > 1)
        return 2 if both else 1

    def _turn_over(self, draft: Draft, minutes: int) -> str:
        """Return the step that gives the second of two peers their turn.

        One who brought nothing, where the other did, works on their goal.
        """
        brought = {point.owner for point in draft.points} - {None}
        goal = next((goal.quote for goal in self._brief.goals
                     if goal.quote and goal.owner not in (*brought, None)), None)
        if len(brought) != 1 or goal is None:
            return self._phrases.turn_over.format(minutes=minutes)
        return self._phrases.turn_over_goal.format(
            minutes=minutes, quote=self._phrases.quoted(shortened(goal, MAX_IN_STEP)))

    def _room(self, draft: Draft) -> int:
        """Return how many questions an item of these minutes asks."""
        return min(room_for(draft.minutes), self._voice.most_prompts)

    def _told(self, at: int) -> list[str]:
        """Return what is asked of the time since, as far as there is room beside talking points.

        A goal that is new comes first, then open actions, then finished ones.
        """
        brief, phrases = self._brief, self._phrases
        told: list[str] = []
        if self._drafts[at].activity.kind == "action_review":
            told = action_prompts(brief, phrases)
        elif self._tells_done(at):
            told = done_prompts(brief, phrases)
        if at == self._goal_at and self._personal:
            told = goal_prompts(brief, phrases) + told
        draft = self._drafts[at]
        return [line for line in told if line][: max(self._room(draft) - len(draft.points), 0)]

    def _tells_done(self, at: int) -> bool:
        """Return whether finished actions are named in this item: in the review, or else first."""
        kind = self._drafts[at].activity.kind
        return kind == "action_review" or (kind == "check_in" and not self._reviewed)

    def question(self, own: Sequence[str] = ()) -> str | None:
        """Return the topics' question that is nearest to what people want and not asked yet."""
        best = next((one for one in self._matter.questions
                     if one not in self.asked and one not in own), None)
        if best is not None:
            self.asked.add(best)
        return best

    def _point_prompt(self, quote: str, draft: Draft, *, also: bool) -> str:
        """Return the question on a talking point: the activity's own where it has one.

        What is a question stands alone: another one beside it seldom fits.
        """
        template = self._text(draft.activity).quotes.get("talking_point")
        asks = is_question(quote)
        if template is not None and not (also or asks) and draft.spoken is None:
            return self._said(template, "talking_point", quote)
        phrase = (self._phrases.point_also if also else
                  self._phrases.point_question if asks else self._phrases.point_prompt)
        return phrase.format(quote=self._phrases.quoted(quote))

    def _quotation(
        self, text: ActivityText, activity: Activity, *, allow_goal: bool
    ) -> list[str]:
        """Return the one quoting prompt whose words matter most for this item, if any do.

        What was said last time comes first where it speaks of the goal or of today's points,
        then a goal that is near to the activity, then what somebody offers; bare skills only
        where nothing else is known.
        """
        brief = self._brief
        known = bool(brief.notes or brief.goals or brief.talking_points)
        goals = [one for one in brief.goals if allow_goal and self._is_near(one.text, activity)]
        offered = () if brief.notes else brief.offers
        notes = [one for one in self._matter.notes
                 if not re.search(self._phrases.told, one.quote or "", re.IGNORECASE)
                 and self._is_near(one.text, activity)]
        for slot, words in (("note", notes), ("goal", goals), ("offer", offered),
                            ("skill", () if known else brief.skills)):
            free = [one for one in words if one.quote and f"{slot}:{one.id}" not in self.spent]
            template = text.quotes.get(slot)  # type: ignore[call-overload]
            if free and template is not None:
                self.spent.add(f"{slot}:{free[0].id}")
                return [self._said(template, slot, free[0].quote or "")]
        return []

    def _is_near(self, words: str, activity: Activity) -> bool:
        """Return whether words are near to what people say who need it, where it tells."""
        bridge = self._catalogue.activity_bridge
        if not activity.text["en"].situations:
            return True
        return bool(bridge.nearness([words])[0, bridge.ids.index(activity.id)] >= NEAR_ENOUGH)

    def _ended(self, steps: list[str]) -> list[str]:
        """Return the last item's steps with what belongs there: open actions, a step to borrow.

        In the last session people hear what is valued in them, here if nowhere else.
        """
        phrases, brief = self._phrases, self._brief
        added = [] if self._reviewed else still_open(brief, phrases)
        words = self._matter.words
        if (words is not None and brief.arc.type not in ("one_off", "closing") and self._personal
                and phrases.step_hint and not self._voice.avoids(words.step)):
            added.append(phrases.step_hint.format(step=words.step))
        if brief.arc.type == "closing" and not any(
                draft.activity.recognises for draft in self._drafts):
            group = brief.relation == "group"
            said = phrases.recognition_group if group else phrases.recognition
            before = steps[: MAX_STEPS - len(added) - 1][:-1]
            steps = [*before, *([said] if said else []), *steps[-1:]]
        return steps[: MAX_STEPS - len(added)] + added

    def _filled(self, text: str, draft: Draft) -> str:
        """Return a text with the slots it needs filled with what this item or brief holds."""
        if "$" not in text:
            return text
        brief = self._brief
        values: dict[str, str] = {}
        for slot, words in (("goal", brief.goals), ("note", brief.notes), ("skill", brief.skills),
                            ("offer", brief.offers)):
            quote = next((one.quote for one in words if one.quote), None)
            if quote is not None:
                values[slot] = self._phrases.inside(quote)
        action = next((one.quote for one in brief.actions if one.quote), None)
        if action is not None:
            values["action"] = self._phrases.inside(action)
        if draft.spoken is not None:
            values["talking_point"] = self._phrases.inside(draft.spoken)
        if brief.focus_area is not None:
            values["focus_area"] = self._label(brief.focus_area)
        if brief.arc.theme is not None:
            values["theme"] = self._label(brief.arc.theme)
        return Template(text).safe_substitute(values)

    def _said(self, template: str, slot: str, quote: str) -> str:
        return Template(template).safe_substitute({slot: self._phrases.inside(quote)})

    def _label(self, term_id: str) -> str:
        words = self._voice.words(term_id)
        return "" if words is None else words.label

    def _text(self, activity: Activity) -> ActivityText:
        return self._voice.text(activity)


def take_up(step: str, quoted: str, phrases: Phrases) -> str:
    """Return a first step that begins with what was brought, in its own words."""
    lead, own = phrases.brought, step.removeprefix(phrases.brought)
    if own != step:
        return f"{lead} ({quoted}){own}"
    return phrases.brought_alone.format(brought=lead, quote=quoted, step=step)


def is_question(words: str) -> bool:
    """Return whether somebody's words end in a question, which a method cannot work on."""
    return words.rstrip(" »”\"").endswith("?")
