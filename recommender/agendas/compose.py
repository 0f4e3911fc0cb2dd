"""Compose: brief and library to an agenda, with no model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Template

import numpy as np

from recommender.agendas.brief import Brief, OpenAction, Words
from recommender.agendas.needs import (
    NOT_THE_MATTER,
    matter_of,
    needs_of,
    questions_for,
    topics_of,
    words_of,
)
from recommender.agendas.selection import Choice, Need, choose_activities, is_general, span_of
from recommender.agendas.timebox import fit_steps, split_minutes
from recommender.catalogue import Catalogue, activity_document, matter
from recommender.domain.activity import CARRYING, Activity, ActivityText
from recommender.domain.agenda import (
    MAX_PROMPTS,
    MAX_STEPS,
    Agenda,
    AgendaSession,
    Confidence,
    HandOff,
    Item,
    Lead,
    Preparation,
    Provenance,
    Reason,
    ResourceUse,
    TalkingPointPlace,
)
from recommender.domain.base import Slot
from recommender.domain.phrases import Phrases
from recommender.learning.recommend import Recommendation, Wish, recommend_resources

ROOM_FOR_TWO = 18
"""Minutes from which an item can hold a second talking point."""
MAX_REASONS = 8
BEFORE_MINUTES, AFTER_MINUTES = 20, 45
"""Longest resource before and after a session; people have a week, and work to do."""
WORTH = 1.2
"""Score from which a resource is worth naming, in weighted z-scores."""
CONSIDERED = 30
"""Resources looked at before those about something else are left out."""
MATTER = 1.0
"""Weight of the session's topic among the texts that resources are searched with."""
MAX_PREPARATION = 3


def compose_agenda(brief: Brief, catalogue: Catalogue) -> Agenda:
    """Return the best agenda the library can make of a brief; the same brief, the same agenda."""
    needs = needs_of(brief, catalogue)
    choice = choose_activities(brief, needs, catalogue)
    composer = _Composer(brief, catalogue, needs, choice)
    return composer.agenda()


@dataclass
class _Draft:
    """An item in the making."""

    activity: Activity
    minutes: int
    points: list[Words] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)


class _Composer:
    def __init__(
        self, brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice
    ) -> None:
        self.brief = brief
        self.catalogue = catalogue
        self.needs = needs
        self.choice = choice
        self.phrases: Phrases = catalogue.library.phrases[brief.language]
        own = choice.activities[choice.principal].topics[:1]
        self.matter = (own[0] if own and own[0] not in NOT_THE_MATTER
                       else matter_of(brief, needs, catalogue))
        self.words = words_of(catalogue, self.matter, brief.language)
        wanted = [need.text for need in needs if need.source in ("goal", "talking_point")]
        self.questions = (questions_for(wanted[0], catalogue, brief.language)
                          if wanted and brief.mode != "fixed" else self.words.questions)
        self.spent: set[str] = set()
        self.asked: set[str] = set()
        spans = [span_of(one, principal=at == choice.principal)
                 for at, one in enumerate(choice.activities)]
        minutes = split_minutes(brief.minutes, spans)
        self.drafts = [_Draft(one, each) for one, each in
                       zip(choice.activities, minutes, strict=True)]

    def agenda(self) -> Agenda:
        places = self._place_points()
        resources = self._resources()
        items = [self._item(at, resources) for at in range(len(self.drafts))]
        brief = self.brief
        return Agenda(
            id=f"ag_{brief.fingerprint.removeprefix('sha256:')[:20]}",
            case_fingerprint=brief.fingerprint,
            language=brief.language,
            mode=brief.mode,
            session=AgendaSession(number=brief.arc.number, of=brief.arc.of, minutes=brief.minutes,
                                  type=brief.arc.type),
            purpose=self._purpose(),
            success_test=self._success(),
            items=items,
            talking_points=places,
            actions_carried=[action.id for action in brief.actions],
            preparation=self._preparation(resources),
            resources=resources,
            confidence=self._confidence(),
            hand_off=self._hand_off(),
            provenance=Provenance(generator="composer", encoder=self.catalogue.encoder.name,
                                  library=self.catalogue.library.fingerprint),
        )

    # What each item says

    def _item(self, at: int, resources: Sequence[ResourceUse]) -> Item:
        draft = self.drafts[at]
        activity = draft.activity
        text = self._text(activity)
        is_review = activity.kind == "action_review"
        steps = fit_steps([self._filled(step) for step in text.steps], draft.minutes,
                          activity.minutes.ideal)
        if is_review:
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
            lead=self._lead(activity),
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
        own = [self._filled(prompt) for prompt in text.prompts]
        first: list[str] = []
        hosted = list(draft.points)
        if "talking_point" in draft.activity.needs and hosted:
            hosted.pop(0)
        for position, point in enumerate(hosted):
            if point.quote is None:
                continue
            template = text.quotes.get("talking_point")
            if position == 0 and template is not None and not draft.spoken:
                first.append(self._said(template, "talking_point", point.quote))
            else:
                phrase = self.phrases.point_prompt if not first else self.phrases.point_also
                first.append(phrase.format(quote=self.phrases.quoted(point.quote)))
        if draft.activity.kind == "action_review":
            first += self._action_prompts()[: room - len(first)]
        elif len(first) < 2 and self.brief.mode != "fixed":
            first += self._quotation(text, draft.activity, allow_goal=not first)
        if is_general(draft.activity) and draft.activity.kind in CARRYING:
            question = self._question(own)
            if question is not None:
                own.insert(min(1, len(own)), question)
        chosen = first + own[: max(1, max(room, len(first) + 1) - len(first))]
        return chosen[:MAX_PROMPTS]

    def _quotation(
        self, text: ActivityText, activity: Activity, *, allow_goal: bool
    ) -> list[str]:
        """Return the one quoting prompt whose words matter most for this item, if any does."""
        offers: list[tuple[Slot, Words]] = []
        for slot, words in (("note", self.brief.notes), ("offer", self.brief.offers),
                            ("skill", self.brief.skills), ("goal", self.brief.goals)):
            if slot in text.quotes and (slot != "goal" or allow_goal):
                offers += [(slot, one) for one in words
                           if one.quote and f"{slot}:{one.id}" not in self.spent]
        if not offers:
            return []
        document = activity_document(activity, self.brief.language).text
        nearness = (self.catalogue.encoder.encode_queries([one.text for _, one in offers])
                    @ self.catalogue.encoder.encode_passages([document])[0])
        bonus = np.array([_SLOT_BONUS.get(slot, 0.0) for slot, _ in offers], dtype=np.float32)
        slot, best = offers[int(np.argmax(nearness + bonus))]
        self.spent.add(f"{slot}:{best.id}")
        return [self._said(text.quotes[slot], slot, best.quote or "")]

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
        phrases = self.phrases
        due = None if action.due is None else phrases.date.format(
            day=action.due.day, month=phrases.months[action.due.month - 1])
        if action.quote is None:
            return (phrases.action_line_unquoted if due is None
                    else phrases.action_line_unquoted_due.format(date=due))
        quote = phrases.quoted(action.quote)
        return (phrases.action_line.format(quote=quote) if due is None
                else phrases.action_line_due.format(quote=quote, date=due))

    def _ending_steps(self, steps: list[str]) -> list[str]:
        """Return the last item's steps: open actions no item reviews, and a step to borrow."""
        reviewed = any(draft.activity.kind == "action_review" for draft in self.drafts)
        added = []
        if self.brief.actions and not reviewed:
            quotes = [self.phrases.quoted(a.quote) for a in self.brief.actions if a.quote][:3]
            added.append(self.phrases.open_in_planning.format(quotes=" · ".join(quotes))
                         if quotes else self._action_line(self.brief.actions[0]))
        if self.brief.arc.type != "one_off" and self.brief.mode != "fixed":
            added.append(self.phrases.step_hint.format(step=self.words.step))
        return steps[: MAX_STEPS - len(added)] + added

    def _question(self, own: Sequence[str] = ()) -> str | None:
        """Return the topics' question that is nearest to what people want and not asked yet."""
        best = next((one for one in self.questions if one not in self.asked and one not in own),
                    None)
        if best is not None:
            self.asked.add(best)
        return best

    def _filled(self, text: str) -> str:
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
        point = self._point_spoken_by.get(text)
        if point is not None:
            values["talking_point"] = self.phrases.inside(point)
        if brief.focus_area is not None:
            values["focus_area"] = words_of(self.catalogue, brief.focus_area, brief.language).label
        if brief.arc.theme is not None:
            values["theme"] = words_of(self.catalogue, brief.arc.theme, brief.language).label
        return Template(text).safe_substitute(values)

    def _said(self, template: str, slot: Slot, quote: str) -> str:
        return Template(template).safe_substitute({slot: self.phrases.inside(quote)})

    # Where talking points go

    def _place_points(self) -> list[TalkingPointPlace]:
        """Put each talking point into the item it fits best, or defer it with a reason."""
        self._point_spoken_by: dict[str, str] = {}
        points = [p for p in self.brief.talking_points
                  if p.id not in self.brief.needs_person]
        room: dict[int, int] = {}
        for at in self.choice.mains:
            room[at] = 2 if self.drafts[at].minutes >= ROOM_FOR_TWO else 1
        column = {need.id: n for n, need in enumerate(self.needs)
                  if need.source == "talking_point"}
        placed: dict[str, int] = {}
        demanding = [at for at in self.choice.mains
                     if "talking_point" in self.drafts[at].activity.needs]
        waiting = list(points)
        for at in demanding:
            able = [p for p in waiting if p.quote is not None]
            best = max(able, key=lambda p: (self._fit(at, column.get(p.id)), -points.index(p)))
            placed[best.id] = at
            waiting.remove(best)
        pairs = sorted(
            ((-self._fit(at, column.get(point.id)), points.index(point), at)
             for point in waiting for at in room),
        )
        for at in placed.values():
            room[at] -= 1
        for _, position, at in pairs:
            point = points[position]
            if point.id not in placed and room[at] > 0:
                placed[point.id] = at
                room[at] -= 1
        for point in points:
            if point.id in placed:
                draft = self.drafts[placed[point.id]]
                draft.points.append(point)
        for at in demanding:
            draft = self.drafts[at]
            quoted = next(p for p in draft.points if p.quote is not None)
            draft.points.remove(quoted)
            draft.points.insert(0, quoted)
            draft.spoken.append(quoted.id)
            text = self._text(draft.activity)
            for line in (*text.prompts, *text.steps):
                self._point_spoken_by[line] = quoted.quote or ""
        return [self._place(point, placed) for point in self.brief.talking_points]

    def _place(self, point: Words, placed: dict[str, int]) -> TalkingPointPlace:
        if point.id in placed:
            return TalkingPointPlace(id=point.id, item=f"i{placed[point.id] + 1}")
        if point.id in self.brief.needs_person:
            return TalkingPointPlace(id=point.id, deferred=self.phrases.deferred_person)
        last = self.brief.arc.of == self.brief.arc.number
        reason = (self.phrases.deferred_last if last
                  else self.phrases.deferred_time.format(minutes=self.brief.minutes))
        return TalkingPointPlace(id=point.id, deferred=reason)

    def _fit(self, at: int, column: int | None) -> float:
        return 0.0 if column is None else float(self.choice.fit[at, column])

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
                  if self.choice.fit[at, n] >= best[n] - 1e-6 and self.needs[n].weight > 0]
        column.sort(key=lambda n: (-self.needs[n].weight, n))
        held = {point.id for draft in self.drafts for point in draft.points}
        sources = [self.needs[n] for n in column
                   if self.needs[n].source != "talking_point" or self.needs[n].id not in held]
        return [Reason(source=need.source, id=need.id)
                for need in sources[:MAX_REASONS] if need.source != "talking_point"]

    # The session as a whole

    def _purpose(self) -> str:
        """Return what the main item is for, in the topic's everyday words where it is general."""
        draft = self.drafts[self.choice.principal]
        purpose = self._text(draft.activity).purpose or ""
        point = next((p.quote for p in draft.points if p.quote), None)
        goal = next((g.quote for g in self._goals_by_fit() if g.quote), None)
        if self.brief.mode == "fixed":
            point = goal = None
        if is_general(draft.activity) or (goal is None and point is None):
            purpose = self.phrases.purpose_practice.format(
                purpose=purpose, practice=self.words.practice)
        if goal is not None:
            return self.phrases.purpose_goal.format(
                purpose=purpose, quote=self.phrases.quoted(goal))
        if point is not None:
            return self.phrases.purpose_point.format(
                purpose=purpose, quote=self.phrases.quoted(point))
        return purpose

    def _goals_by_fit(self) -> list[Words]:
        """Return the goals, the one the main item serves best first."""
        column = {need.id: n for n, need in reversed(list(enumerate(self.needs)))
                  if need.source == "goal"}
        return sorted(self.brief.goals,
                      key=lambda goal: -self._fit(self.choice.principal, column.get(goal.id)))

    def _success(self) -> str:
        activity = self.drafts[self.choice.principal].activity
        success = self._text(activity).success or ""
        if self.brief.mode != "fixed":
            return self.phrases.success_sign.format(success=success, sign=self.words.sign)
        return success

    def _resources(self) -> list[ResourceUse]:
        """Return up to two resources: a short one before, another one after; none if none fits."""
        brief = self.brief
        texts = [(need.text, need.weight) for need in self.needs
                 if need.source in ("goal", "talking_point", "theme")]
        if brief.hand_off or (brief.mode == "fixed" and brief.arc.theme is None) or not texts:
            return []
        topics = topics_of(texts, brief, self.catalogue) | {self.matter}
        texts.append((matter(self.words), MATTER))
        roles: frozenset[str] = brief.learner_roles
        wish = Wish(needs=texts, language=brief.language, readable=brief.readable, audience=roles,
                    focus_area=brief.focus_area, longest=AFTER_MINUTES,
                    without=brief.used_resources)
        found = [one for one in recommend_resources(self.catalogue, wish, CONSIDERED)
                 if one.score >= WORTH and one.resource.topics[0] in topics]
        uses: list[ResourceUse] = []
        if brief.arc.type not in ("first", "one_off"):
            short = next((one for one in found
                          if one.resource.minutes is not None
                          and one.resource.minutes <= BEFORE_MINUTES), None)
            if short is not None:
                uses.append(self._use(short, "before"))
        after = next((one for one in found
                      if all(one.resource.id != use.id for use in uses)), None)
        if after is not None:
            uses.append(self._use(after, "after"))
        return uses

    def _use(self, found: Recommendation, moment: str) -> ResourceUse:
        resource = found.resource
        roles: list[Lead] = [role for role in ("mentee", "peer")
                             if role in self.brief.learner_roles]
        return ResourceUse.model_validate({
            "id": resource.id, "title": resource.title, "url": resource.url,
            "minutes": resource.minutes, "language": resource.language,
            "format": resource.format, "use": moment, "for": roles, "reason": found.reason,
        })

    def _preparation(self, resources: Sequence[ResourceUse]) -> Preparation:
        lines: dict[str, list[str]] = {"mentee": [], "mentor": [], "all": []}
        order = [self.choice.principal] + [at for at in self.choice.mains
                                           if at != self.choice.principal]
        for at in order:
            text = self._text(self.drafts[at].activity).preparation
            for role, each in (("mentee", text.mentee), ("mentor", text.mentor), ("all", text.all)):
                lines[role] += [line for line in each if line not in lines[role]]
        oldest = next((a for a in sorted(self.brief.actions, key=lambda a: -a.missed) if a.quote),
                      None)
        if oldest is not None and self.brief.mode != "fixed":
            asked = "mentee" if oldest.owner in (None, *self.brief.learners) else "mentor"
            lines[asked].insert(0, self.phrases.prep_action.format(
                quote=self.phrases.quoted(oldest.quote or "")))
        question = self._question()
        if question is not None and self.brief.mode != "fixed":
            lines["mentee"].insert(1, self.phrases.prep_question.format(question=question))
        note = self._note_for_preparation()
        if note is not None:
            lines["mentor"].append(self.phrases.prep_note.format(quote=self.phrases.quoted(note)))
        for use in resources:
            if use.use == "before":
                phrase = (self.phrases.prep_resource if use.minutes is None
                          else self.phrases.prep_resource_minutes)
                lines["mentee"].insert(1, phrase.format(title=use.title, minutes=use.minutes))
        if "peer" in self.brief.learner_roles:
            lines["all"] += [line for role in ("mentee", "mentor") for line in lines[role]
                             if line not in lines["all"]]
            lines["mentee"], lines["mentor"] = [], []
        limits = MAX_PREPARATION + ("peer" in self.brief.learner_roles)
        return Preparation(**{role: each[:limits] for role, each in lines.items()})

    def _note_for_preparation(self) -> str | None:
        """Return the sentence of the notes that is nearest to the goal and not yet quoted."""
        left = [note for note in self.brief.last_notes if f"note:{note.id}" not in self.spent]
        if not left or not self.brief.goals or self.brief.mode == "fixed":
            return None
        encode = self.catalogue.encoder.encode_queries
        nearness = (encode([note.text for note in left])
                    @ encode([goal.text for goal in self.brief.goals]).mean(axis=0))
        best = left[int(np.argmax(nearness))]
        self.spent.add(f"note:{best.id}")
        return best.quote

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

    def _lead(self, activity: Activity) -> Lead:
        if activity.lead == "all":
            return "all"
        peers = "peer" in self.brief.learner_roles
        if activity.lead == "mentor":
            return "all" if peers or self.brief.relation == "peer" else "mentor"
        return "peer" if peers and "mentee" not in self.brief.learner_roles else "mentee"

    def _text(self, activity: Activity) -> ActivityText:
        return activity.text[self.brief.language]


_SLOT_BONUS: dict[Slot, float] = {"note": 0.03, "goal": 0.02}
"""What was said last time matters most; cosines of this encoder differ by a few hundredths."""
