"""Compose: brief and library to an agenda, with no model."""

from collections.abc import Sequence
from string import Template

from recommender.agendas.brief import Brief, OpenAction, Words, shortened
from recommender.agendas.candidates import is_general, lead_of
from recommender.agendas.needs import (
    NOT_THE_MATTER,
    Need,
    matter_of,
    needs_of,
    questions_for,
    words_of,
)
from recommender.agendas.points import Draft, place_points, places_of
from recommender.agendas.preparation import prepare, unquoted_note
from recommender.agendas.readings import readings_for
from recommender.agendas.selection import Choice, choose_activities, spans_of
from recommender.agendas.timebox import fit_steps, split_minutes
from recommender.catalogue import Catalogue
from recommender.domain.activity import CARRYING, Activity, ActivityText
from recommender.domain.agenda import (
    MAX_PROMPTS,
    MAX_STEPS,
    Agenda,
    AgendaSession,
    Confidence,
    HandOff,
    Item,
    Preparation,
    Provenance,
    Reason,
    ResourceUse,
)
from recommender.domain.phrases import Phrases
from recommender.retrieval.lexical import tokenize

MAX_REASONS = 8
MAX_OF_ONE, MAX_OF_TWO = 140, 90
"""Characters of a goal quoted in the purpose, alone and beside another's."""
NEAR_ENOUGH = 0.15
"""Centred cosine from which somebody's words are near enough to an activity to be quoted in it."""


def compose_agenda(brief: Brief, catalogue: Catalogue) -> Agenda:
    """Return the best agenda the library can make of a brief; the same brief, the same agenda."""
    needs = needs_of(brief, catalogue)
    choice = choose_activities(brief, needs, catalogue)
    minutes = split_minutes(brief.minutes, spans_of(choice))
    return Composer(brief, catalogue, needs, choice, minutes).agenda()


class Composer:
    """Words a choice, whose minutes are given in order: its items, and what surrounds them."""

    def __init__(
        self, brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice,
        minutes: Sequence[int],
    ) -> None:
        self.brief = brief
        self.catalogue = catalogue
        self.needs = needs
        self.choice = choice
        self.phrases: Phrases = catalogue.library.phrases[brief.language]
        self.personal = brief.mode != "fixed"
        self.topic = self._sure_topic()
        self.words = (None if self.topic is None
                      else words_of(catalogue, self.topic, brief.language))
        wanted = next((need.text for need in needs
                       if need.source in ("goal", "talking_point")), None)
        if wanted is not None and self.personal:
            self.questions = questions_for(wanted, catalogue, brief.language)
        else:
            self.questions = [] if self.words is None else list(self.words.questions)
        self.notes = _by_shared_words(brief)
        self.spent: set[str] = set()
        self.asked: set[str] = set()
        self.drafts = [Draft(one, each) for one, each in
                       zip(choice.activities, minutes, strict=True)]

    def agenda(self) -> Agenda:
        """Return the whole agenda."""
        brief = self.brief
        placed = place_points(brief, self.choice, self.drafts, self.catalogue)
        resources = readings_for(brief, self.needs, self.topic, self.catalogue)
        items = [self.item(at, resources) for at in range(len(self.drafts))]
        return Agenda(
            id=f"ag_{brief.fingerprint.removeprefix('sha256:')[:20]}",
            case_fingerprint=brief.fingerprint,
            language=brief.language,
            mode=brief.mode,
            session=AgendaSession(number=brief.arc.number, of=brief.arc.of, minutes=brief.minutes,
                                  type=brief.arc.type),
            purpose=self.purpose(),
            success_test=self.success(),
            items=items,
            talking_points=places_of(brief, placed, self.phrases),
            actions_carried=[action.id for action in brief.actions],
            preparation=self._preparation(resources),
            resources=resources,
            confidence=self._confidence(),
            hand_off=self._hand_off(),
            provenance=Provenance(generator="composer", encoder=self.catalogue.encoder.name,
                                  library=self.catalogue.library.fingerprint),
        )

    def _sure_topic(self) -> str | None:
        """Return the topic one can build on: the needs', the main item's or the theme; or none."""
        principal = self.choice.activities[self.choice.principal]
        theme = next((need.term for need in self.needs if need.source == "theme"), None)
        own = None if is_general(principal) or not principal.topics else principal.topics[0]
        for topic in (matter_of(self.brief, self.needs, self.catalogue), own, theme):
            if topic in self.catalogue.library.topics and topic not in NOT_THE_MATTER:
                return str(topic)
        return None

    # What each item says

    def item(self, at: int, resources: Sequence[ResourceUse]) -> Item:
        """Return one item in words, with the talking points that its draft holds."""
        draft = self.drafts[at]
        activity = draft.activity
        text = self._text(activity)
        steps = fit_steps([self._filled(step, draft) for step in text.steps], draft.minutes,
                          activity.minutes.ideal)
        if activity.kind == "action_review":
            lines = self._action_lines(MAX_STEPS - min(len(steps), 2))
            steps = lines + steps[: MAX_STEPS - len(lines)]
        elif at == len(self.drafts) - 1:
            steps = self._ending_steps(steps)
        own = [use.id for use in resources if use.use == "during"]
        return Item(
            id=f"i{at + 1}",
            kind=activity.kind,
            title=text.title,
            minutes=draft.minutes,
            lead=lead_of(activity, self.brief),
            prompts=self._prompts(at, text),
            steps=steps,
            because=self._because(at),
            activity=activity.id,
            resources=own if at == self.choice.principal else [],
        )

    def _prompts(self, at: int, text: ActivityText) -> list[str]:
        """Return the item's questions: first those that quote, then the activity's own."""
        draft = self.drafts[at]
        room = 2 if draft.minutes <= 6 else 3 if draft.minutes <= 12 else MAX_PROMPTS
        own = [self._filled(prompt, draft) for prompt in text.prompts]
        first: list[str] = []
        for point in draft.points:
            if point.quote is not None and point.quote != draft.spoken:
                first.append(self._point_prompt(point.quote, draft, also=bool(first)))
        if draft.activity.kind == "action_review":
            first += self._action_prompts()[: room - len(first)]
        elif len(first) < 2 and self.personal:
            first += self._quotation(text, draft.activity, allow_goal=not first)
        open_to_any = is_general(draft.activity) and self.brief.relation != "group"
        if open_to_any and at in (*self.choice.mains, self.choice.principal):
            for place in ((1, 3) if room == MAX_PROMPTS else (1,)):
                question = self._question(own)
                if question is not None:
                    own.insert(min(place, len(own)), question)
        chosen = first + own[: max(1, max(room, len(first) + 1) - len(first))]
        return chosen[:MAX_PROMPTS]

    def _point_prompt(self, quote: str, draft: Draft, *, also: bool) -> str:
        """Return the question on a talking point: the activity's own where it has one."""
        template = self._text(draft.activity).quotes.get("talking_point")
        if template is not None and not also and draft.spoken is None:
            return self._said(template, "talking_point", quote)
        asks = quote.rstrip(" »”\"").endswith("?")
        phrase = (self.phrases.point_also if also else
                  self.phrases.point_question if asks else self.phrases.point_prompt)
        return phrase.format(quote=self.phrases.quoted(quote))

    def _quotation(
        self, text: ActivityText, activity: Activity, *, allow_goal: bool
    ) -> list[str]:
        """Return the one quoting prompt whose words matter most for this item, if any do.

        What was said last time comes first where it speaks of the goal or of today's points,
        then a goal that is near to the activity, then what somebody offers; bare skills only
        where nothing else is known.
        """
        brief = self.brief
        known = bool(brief.notes or brief.goals or brief.talking_points)
        goals = [one for one in brief.goals if allow_goal and self._is_near(one.text, activity)]
        offered = () if brief.notes else brief.offers
        for slot, words in (("note", self.notes), ("goal", goals), ("offer", offered),
                            ("skill", () if known else brief.skills)):
            free = [one for one in words if one.quote and f"{slot}:{one.id}" not in self.spent]
            template = text.quotes.get(slot)  # type: ignore[call-overload]
            if free and template is not None:
                self.spent.add(f"{slot}:{free[0].id}")
                return [self._said(template, slot, free[0].quote or "")]
        return []

    def _is_near(self, words: str, activity: Activity) -> bool:
        """Return whether words are near to what people say who need it, where it tells."""
        bridge = self.catalogue.activity_bridge
        if not activity.text["en"].situations:
            return True
        return bool(bridge.nearness([words])[0, bridge.ids.index(activity.id)] >= NEAR_ENOUGH)

    def _action_prompts(self) -> list[str]:
        """Return what happened with the oldest action, and what a finished one showed."""
        oldest = sorted((a for a in self.brief.actions if a.quote), key=lambda a: -a.missed)
        prompts = []
        if oldest:
            prompts.append(self.phrases.action_prompt.format(
                quote=self.phrases.quoted(oldest[0].quote or "")))
        if self.brief.done and self.brief.done[0].quote:
            prompts.append(self.phrases.done_prompt.format(
                quote=self.phrases.quoted(self.brief.done[0].quote)))
        return prompts

    def _action_lines(self, room: int) -> list[str]:
        """Return one line per open action, the last one counting what does not fit."""
        actions = self.brief.actions
        shown = actions if len(actions) <= room else actions[: room - 1]
        lines = list(dict.fromkeys(self._action_line(action) for action in shown))
        if len(shown) < len(actions):
            lines.append(self.phrases.actions_also.format(count=len(actions) - len(shown)))
        return lines

    def _action_line(self, action: OpenAction) -> str:
        return self.phrases.line_of(action.quote, action.due)

    def _ending_steps(self, steps: list[str]) -> list[str]:
        """Return the last item's steps: open actions no item reviews, and a step to borrow."""
        reviewed = any(draft.activity.kind == "action_review" for draft in self.drafts)
        added = []
        if self.brief.actions and not reviewed:
            quotes = [self.phrases.quoted(a.quote) for a in self.brief.actions if a.quote][:3]
            added.append(self.phrases.open_in_planning.format(quotes=" · ".join(quotes))
                         if quotes else self._action_line(self.brief.actions[0]))
        if self.words is not None and self.brief.arc.type != "one_off" and self.personal:
            added.append(self.phrases.step_hint.format(step=self.words.step))
        return steps[: MAX_STEPS - len(added)] + added

    def _question(self, own: Sequence[str] = ()) -> str | None:
        """Return the topics' question that is nearest to what people want and not asked yet."""
        best = next((one for one in self.questions if one not in self.asked and one not in own),
                    None)
        if best is not None:
            self.asked.add(best)
        return best

    def _filled(self, text: str, draft: Draft) -> str:
        """Return a text with the slots it needs filled with what this item or brief holds."""
        if "$" not in text:
            return text
        brief = self.brief
        values: dict[str, str] = {}
        for slot, words in (("goal", brief.goals), ("note", brief.notes), ("skill", brief.skills),
                            ("offer", brief.offers)):
            quote = next((one.quote for one in words if one.quote), None)
            if quote is not None:
                values[slot] = self.phrases.inside(quote)
        action = next((one.quote for one in brief.actions if one.quote), None)
        if action is not None:
            values["action"] = self.phrases.inside(action)
        if draft.spoken is not None:
            values["talking_point"] = self.phrases.inside(draft.spoken)
        if brief.focus_area is not None:
            values["focus_area"] = words_of(self.catalogue, brief.focus_area, brief.language).label
        if brief.arc.theme is not None:
            values["theme"] = words_of(self.catalogue, brief.arc.theme, brief.language).label
        return Template(text).safe_substitute(values)

    def _said(self, template: str, slot: str, quote: str) -> str:
        return Template(template).safe_substitute({slot: self.phrases.inside(quote)})

    # Why each item is there

    def _because(self, at: int) -> list[Reason]:
        draft, brief = self.drafts[at], self.brief
        reasons: list[Reason] = []
        reviewed = any(d.activity.kind == "action_review" for d in self.drafts)
        if draft.activity.kind == "action_review" or (
            at == len(self.drafts) - 1 and not reviewed
        ):
            reasons += [Reason(source="action", id=action.id) for action in brief.actions]
        reasons += [Reason(source="talking_point", id=point.id) for point in draft.points]
        if at in self.choice.mains:
            reasons += self._served(at)
        elif at == len(self.drafts) - 1 or draft.activity.kind in CARRYING:
            reasons += [Reason(source="goal", id=goal.id) for goal in brief.goals[:MAX_REASONS]]
        if at not in self.choice.mains or not reasons:
            reasons.append(Reason(source="stage", id=brief.arc.type))
        reasons.append(Reason(source="activity", id=draft.activity.id))
        return list(dict.fromkeys(reasons))

    def _served(self, at: int) -> list[Reason]:
        """Return the needs for which this item is the best of the session, the weightiest first."""
        best = self.choice.fit[list(self.choice.mains)].max(axis=0)
        column = [n for n in range(len(self.needs))
                  if self.choice.fit[at, n] >= best[n] - 1e-6 and best[n] > 0]
        column.sort(key=lambda n: (-self.needs[n].weight, n))
        return [Reason(source=need.source, id=need.id)
                for need in [self.needs[n] for n in column][:MAX_REASONS]
                if need.source != "talking_point"]

    # The session as a whole

    def purpose(self) -> str:
        """Return what the main item is for, in the topic's everyday words where it is general."""
        draft = self.drafts[self.choice.principal]
        purpose = self._text(draft.activity).purpose or ""
        point = next((p.quote for p in draft.points if p.quote), None)
        goals = self._goals_of_purpose() if self.brief.relation != "group" else []
        if not self.personal:
            point, goals = None, []
        if self.words is not None and is_general(draft.activity) and not (goals or point):
            purpose = self.phrases.purpose_practice.format(
                purpose=purpose, practice=self.words.practice)
        if len(goals) > 1:
            first, second = (self.phrases.quoted(shortened(one, MAX_OF_TWO)) for one in goals)
            return self.phrases.purpose_goals.format(purpose=purpose, first=first, second=second)
        if goals:
            return self.phrases.purpose_goal.format(
                purpose=purpose, quote=self.phrases.quoted(shortened(goals[0], MAX_OF_ONE)))
        if point is not None:
            return self.phrases.purpose_point.format(
                purpose=purpose, quote=self.phrases.quoted(shortened(point, MAX_OF_ONE)))
        return purpose

    def _goals_of_purpose(self) -> list[str]:
        """Return the goal that the main item serves best; between peers, the other's best too."""
        column = {need.id: n for n, need in enumerate(self.needs) if need.source == "goal"}
        at = self.choice.principal
        goals = sorted((goal for goal in self.brief.goals if goal.quote), key=lambda goal: -float(
            self.choice.fit[at, column[goal.id]] if goal.id in column else 0.0))
        if not goals:
            return []
        other = next((goal for goal in goals if goal.owner != goals[0].owner), None)
        chosen = [goals[0]] + ([other] if other and self.brief.relation == "peer" else [])
        chosen.sort(key=lambda goal: goal.owner or 0)
        return [goal.quote or "" for goal in chosen]

    def success(self) -> str:
        """Return how both will know, in the main item's words and the topic's."""
        activity = self.drafts[self.choice.principal].activity
        success = self._text(activity).success or ""
        if self.personal and self.words is not None:
            return self.phrases.success_sign.format(success=success, sign=self.words.sign)
        return success

    def _preparation(self, resources: Sequence[ResourceUse]) -> Preparation:
        order = [self.choice.principal] + [at for at in self.choice.mains
                                           if at != self.choice.principal]
        return prepare(
            self.brief, self.phrases, [self._text(self.drafts[at].activity) for at in order],
            resources, note=unquoted_note(self.brief, self.notes, self.spent),
            question=self._question())

    def _confidence(self) -> Confidence:
        missing = self.brief.missing
        level = ("high" if not missing else
                 "thin" if len(missing) >= 3 or missing[0] in ("goal", "group_goal") else "partial")
        asks = [getattr(self.phrases, f"ask_{one}") for one in missing[:3]]
        if level == "thin" and len(asks) < 2:
            asks.append(self.phrases.ask_point)
        return Confidence(level=level, missing=asks)

    def _hand_off(self) -> HandOff | None:
        if not self.brief.hand_off:
            return None
        return HandOff(why=self.phrases.hand_off_why,
                       to=self.brief.programme.contact or self.phrases.hand_off_to)

    def _text(self, activity: Activity) -> ActivityText:
        return activity.text[self.brief.language]


def _by_shared_words(brief: Brief) -> list[Words]:
    """Return the notes that share a word with goals or talking points, most words first."""
    wanted = [one.text for one in (*brief.goals, *brief.talking_points) if one.text]
    tokens = [set(line) for line in tokenize(
        [*wanted, *(note.text for note in brief.notes)], brief.language)]
    sought = set().union(*tokens[: len(wanted)])
    shared = [len(sought & own) for own in tokens[len(wanted):]]
    order = sorted(range(len(shared)), key=lambda at: (-shared[at], at))
    return [brief.notes[at] for at in order if shared[at]]
