"""Compose: brief and library to an agenda, with no model."""

from collections.abc import Sequence
from dataclasses import replace

from recommender.agendas.assemble import Body, assemble
from recommender.agendas.brief import Brief, Words, shortened
from recommender.agendas.candidates import is_general, lead_of
from recommender.agendas.milestones import pulse_item, pulse_minutes, what_lies_ahead
from recommender.agendas.needs import (
    NOT_THE_MATTER,
    SURE_TO_SAY,
    Need,
    likeliest,
    matter_of,
    needs_of,
    needs_say_something,
    questions_for,
    speaks_of,
)
from recommender.agendas.parallel import parallel_for
from recommender.agendas.points import Draft, about_the_meeting, place_points, places_of
from recommender.agendas.preparation import prepare, unquoted_note
from recommender.agendas.readings import readings_for
from recommender.agendas.reasons import reasons_of
from recommender.agendas.script import play_script
from recommender.agendas.selection import Choice, choose_activities, spans_of
from recommender.agendas.style import Voice, voice_of
from recommender.agendas.timebox import split_minutes
from recommender.agendas.wording import Matter, Wording
from recommender.catalogue import Catalogue
from recommender.domain.agenda import MAX_ITEMS, Agenda, Item, Preparation, ResourceUse
from recommender.domain.base import Kind
from recommender.domain.phrases import Phrases
from recommender.retrieval.lexical import tokenize

MAX_OF_ONE, MAX_OF_TWO = 160, 130
"""Characters of a goal quoted in the purpose, alone and beside another's."""
ABOUT_THE_SESSION: tuple[Kind, ...] = ("goal_setting", "agreement", "feedback")
"""Kinds of main items whose situations tell of goals and of mentoring, not of people's matter."""
NOT_WRITTEN = ("unwritten: the programme has not written its session {number}; composed from its "
               "theme and the focus area, the same for everybody")


def compose_agenda(brief: Brief, catalogue: Catalogue) -> Agenda:
    """Return the best agenda the library can make of a brief; the same brief, the same agenda."""
    if brief.script is not None:
        return play_script(brief, brief.script, catalogue)
    needs = needs_of(brief, catalogue)
    asking = 0 if brief.arc.milestone is None else pulse_minutes(brief.minutes)
    choice = choose_activities(
        replace(brief, minutes=brief.minutes - asking), needs, catalogue,
        most_items=MAX_ITEMS - (asking > 0))
    minutes = split_minutes(brief.minutes - asking, spans_of(choice))
    return Composer(brief, catalogue, needs, choice, minutes, asking).agenda()


class Composer:
    """Words a choice, whose minutes are given in order: its items, and what surrounds them.

    `asking` minutes go to the questions of a milestone, before the last item.
    """

    def __init__(
        self, brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice,
        minutes: Sequence[int], asking: int = 0,
    ) -> None:
        self.brief = brief
        self.catalogue = catalogue
        self.needs = needs
        self.choice = choice
        self.asking = asking
        self.voice = voice_of(brief, catalogue)
        self.phrases: Phrases = self.voice.phrases
        self.personal = brief.mode != "fixed"
        self.matter = _matter(brief, catalogue, needs, choice, self.voice)
        self.drafts = [Draft(one, each) for one, each in
                       zip(choice.activities, minutes, strict=True)]
        self.wording = Wording(brief, catalogue, choice, self.drafts, self.matter, self.voice)

    def agenda(self) -> Agenda:
        """Return the whole agenda."""
        brief, kind = self.brief, self.brief.arc.milestone
        placed = place_points(brief, self.choice, self.drafts, self.catalogue)
        resources = readings_for(brief, self.needs, self.matter.topic, self.catalogue, self.voice)
        items = [self.item(at, resources) for at in range(len(self.drafts))]
        if kind is not None and self.asking:
            items.insert(-1, pulse_item(brief, kind, self.catalogue, self.voice,
                                        self.asking, f"i{len(items)}"))
        return assemble(brief, self.catalogue, self.phrases, Body(
            purpose=self.purpose(),
            success_test=self.success(),
            items=items,
            talking_points=places_of(brief, {point: items[at].id for point, at in placed.items()},
                                     self.phrases),
            preparation=self._preparation(resources),
            resources=resources,
            generator="composer",
            fallback=None if self.personal else NOT_WRITTEN.format(number=brief.arc.number),
            unmet=(*self.choice.unmet, *(
                f"{draft.activity.id} cannot be said without a word to avoid"
                for draft in self.drafts if self.voice.avoids_activity(draft.activity))),
        ))

    def item(self, at: int, resources: Sequence[ResourceUse]) -> Item:
        """Return one item in words, with the talking points that its draft holds."""
        draft, last = self.drafts[at], at == len(self.drafts) - 1
        activity = draft.activity
        own = [use.id for use in resources if use.use == "during"]
        return Item(
            id=f"i{at + 1 + (last and self.asking > 0)}",
            kind=activity.kind,
            title=self.voice.text(activity).title,
            minutes=draft.minutes,
            lead=lead_of(activity, self.brief),
            prompts=self.wording.prompts(at),
            steps=self.wording.steps(at),
            because=reasons_of(at, self.drafts, self.brief, self.choice, self.needs),
            activity=activity.id,
            resources=own if at == self.choice.principal else [],
        )

    def purpose(self) -> str:
        """Return what the main item is for, in the topic's everyday words where it is general."""
        draft = self.drafts[self.choice.principal]
        purpose = self.voice.text(draft.activity).purpose or ""
        point = next((p.quote for p in draft.points
                      if p.quote and not about_the_meeting(p, self.phrases)), None)
        goals = self._goals_of_purpose() if self.brief.relation != "group" else []
        if not self.personal:
            point, goals = None, []
        words = self.matter.words
        if words is not None and is_general(draft.activity) and not (
                goals or point or self.voice.avoids(words.practice)):
            purpose = self.phrases.purpose_practice.format(
                purpose=purpose, practice=words.practice)
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
        success = self.voice.text(activity).success or ""
        words = self.matter.words
        if self.personal and words is not None and not self.voice.avoids(words.sign):
            return self.phrases.success_sign.format(success=success, sign=words.sign)
        return success

    def _preparation(self, resources: Sequence[ResourceUse]) -> Preparation:
        order = [self.choice.principal] + [at for at in self.choice.mains
                                           if at != self.choice.principal]
        prepared = prepare(
            self.brief, self.phrases, [self.voice.text(self.drafts[at].activity) for at in order],
            resources, note=unquoted_note(self.brief, self.matter.notes, self.wording.spent),
            question=self.wording.question(), parallel=self._parallel(order))
        agreed = any(draft.activity.kind == "agreement" for draft in self.drafts)
        if self.brief.arc.type != "first" or agreed:
            return prepared
        return prepared.model_copy(update={
            "all": [*prepared.all, what_lies_ahead(self.brief, self.voice)]})

    def _parallel(self, order: Sequence[int]) -> str | None:
        """Return what somebody elsewhere says who needs what the main items or the topic are for.
        """
        if not self.personal:
            return None
        activities = [self.drafts[at].activity for at in order]
        return parallel_for(
            self.brief, self.needs,
            [one.id for one in activities if one.kind not in ABOUT_THE_SESSION],
            self.matter.topic, self.catalogue, self.voice)



def _matter(
    brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice, voice: Voice
) -> Matter:
    """Return what a session is about; without goals or in fixed mode, the topic's own words."""
    sure = _sure_topic(brief, catalogue, needs, choice)
    words = None if sure is None else voice.words(sure)
    asked = sure or _practised(catalogue, needs, choice)
    topic = sure or matter_of(brief, needs, catalogue) or asked
    wanted = next((need.text for need in needs if need.source in ("goal", "talking_point")), None)
    if wanted is not None and brief.mode != "fixed":
        topics = [] if asked is None else [asked]
        questions = questions_for(wanted, topics, catalogue, brief.language)
    else:
        questions = [] if words is None else list(words.questions)
    said = [line for line in map(voice.say, questions) if not voice.avoids(line)]
    return Matter(topic, words, said, _by_shared_words(brief))


def _sure_topic(
    brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice
) -> str | None:
    """Return the topic one can build on: the needs', the main item's or the theme; or none."""
    principal = choice.activities[choice.principal]
    theme = next((need.term for need in needs if need.source == "theme"), None)
    if theme is not None and needs_say_something(needs) and not speaks_of(
            theme, needs, catalogue):
        theme = None
    own = None if is_general(principal) or not principal.topics else principal.topics[0]
    for topic in (matter_of(brief, needs, catalogue, SURE_TO_SAY), own, theme):
        if topic in catalogue.library.topics and topic not in NOT_THE_MATTER:
            return str(topic)
    return None


def _practised(catalogue: Catalogue, needs: list[Need], choice: Choice) -> str | None:
    """Return the topic that the main item's method practises here, for questions and reading."""
    principal = choice.activities[choice.principal]
    return likeliest(principal.practises, needs, catalogue) if principal.practises else None


def _by_shared_words(brief: Brief) -> list[Words]:
    """Return the notes that share a word with goals or talking points, most words first."""
    wanted = [one.text for one in (*brief.goals, *brief.talking_points) if one.text]
    tokens = [set(line) for line in tokenize(
        [*wanted, *(note.text for note in brief.notes)], brief.language)]
    sought = set().union(*tokens[: len(wanted)])
    shared = [len(sought & own) for own in tokens[len(wanted):]]
    order = sorted(range(len(shared)), key=lambda at: (-shared[at], at))
    return [brief.notes[at] for at in order if shared[at]]
