"""Compose: brief and library to an agenda, with no model."""

from collections.abc import Sequence

from recommender.agendas.brief import Brief, Words, shortened
from recommender.agendas.candidates import is_general
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
from recommender.agendas.reasons import reasons_of
from recommender.agendas.selection import Choice, choose_activities, span_of
from recommender.agendas.timebox import split_minutes
from recommender.agendas.wording import Matter, Wording
from recommender.catalogue import Catalogue
from recommender.domain.activity import Activity, ActivityText
from recommender.domain.agenda import (
    Agenda,
    AgendaSession,
    Confidence,
    HandOff,
    Item,
    Lead,
    Preparation,
    Provenance,
    ResourceUse,
)
from recommender.domain.phrases import Phrases
from recommender.retrieval.lexical import tokenize

MAX_OF_ONE, MAX_OF_TWO = 140, 90
"""Characters of a goal quoted in the purpose, alone and beside another's."""


def compose_agenda(brief: Brief, catalogue: Catalogue) -> Agenda:
    """Return the best agenda the library can make of a brief; the same brief, the same agenda."""
    needs = needs_of(brief, catalogue)
    choice = choose_activities(brief, needs, catalogue)
    composer = _Composer(brief, catalogue, needs, choice)
    return composer.agenda()


class _Composer:
    def __init__(
        self, brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice
    ) -> None:
        self.brief = brief
        self.catalogue = catalogue
        self.needs = needs
        self.choice = choice
        self.phrases: Phrases = catalogue.library.phrases[brief.language]
        self.personal = brief.mode != "fixed"
        self.matter = _matter(brief, catalogue, needs, choice)
        spans = [span_of(one, principal=at == choice.principal)
                 for at, one in enumerate(choice.activities)]
        minutes = split_minutes(brief.minutes, spans)
        self.drafts = [Draft(one, each) for one, each in
                       zip(choice.activities, minutes, strict=True)]
        self.wording = Wording(brief, catalogue, choice, self.drafts, self.matter)

    def agenda(self) -> Agenda:
        brief = self.brief
        placed = place_points(brief, self.choice, self.drafts, self.catalogue)
        resources = readings_for(brief, self.needs, self.matter.topic, self.catalogue)
        items = [self._item(at, resources) for at in range(len(self.drafts))]
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
            talking_points=places_of(brief, placed, self.phrases),
            actions_carried=[action.id for action in brief.actions],
            preparation=self._preparation(resources),
            resources=resources,
            confidence=self._confidence(),
            hand_off=self._hand_off(),
            provenance=Provenance(generator="composer", encoder=self.catalogue.encoder.name,
                                  library=self.catalogue.library.fingerprint),
        )

    def _item(self, at: int, resources: Sequence[ResourceUse]) -> Item:
        draft = self.drafts[at]
        activity = draft.activity
        own = [use.id for use in resources if use.use == "during"]
        return Item(
            id=f"i{at + 1}",
            kind=activity.kind,
            title=self._text(activity).title,
            minutes=draft.minutes,
            lead=self._lead(activity),
            prompts=self.wording.prompts(at),
            steps=self.wording.steps(at),
            because=reasons_of(at, self.drafts, self.brief, self.choice, self.needs),
            activity=activity.id,
            resources=own if at == self.choice.principal else [],
        )

    def _purpose(self) -> str:
        """Return what the main item is for, in the topic's everyday words where it is general."""
        draft = self.drafts[self.choice.principal]
        purpose = self._text(draft.activity).purpose or ""
        point = next((p.quote for p in draft.points if p.quote), None)
        goals = self._goals_of_purpose() if self.brief.relation != "group" else []
        if not self.personal:
            point, goals = None, []
        if self.matter.words is not None and is_general(draft.activity) and not (goals or point):
            purpose = self.phrases.purpose_practice.format(
                purpose=purpose, practice=self.matter.words.practice)
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

    def _success(self) -> str:
        activity = self.drafts[self.choice.principal].activity
        success = self._text(activity).success or ""
        if self.personal and self.matter.words is not None:
            return self.phrases.success_sign.format(success=success, sign=self.matter.words.sign)
        return success

    def _preparation(self, resources: Sequence[ResourceUse]) -> Preparation:
        order = [self.choice.principal] + [at for at in self.choice.mains
                                           if at != self.choice.principal]
        return prepare(
            self.brief, self.phrases, [self._text(self.drafts[at].activity) for at in order],
            resources, note=unquoted_note(self.brief, self.matter.notes, self.wording.spent),
            question=self.wording.question())

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


def _matter(
    brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice
) -> Matter:
    """Return what a session is about; without goals or in fixed mode, the topic's own words."""
    topic = _sure_topic(brief, catalogue, needs, choice)
    words = None if topic is None else words_of(catalogue, topic, brief.language)
    wanted = next((need.text for need in needs if need.source in ("goal", "talking_point")), None)
    if wanted is not None and brief.mode != "fixed":
        questions = questions_for(wanted, catalogue, brief.language)
    else:
        questions = [] if words is None else list(words.questions)
    return Matter(topic, words, questions, _by_shared_words(brief))


def _sure_topic(
    brief: Brief, catalogue: Catalogue, needs: list[Need], choice: Choice
) -> str | None:
    """Return the topic one can build on: the needs', the main item's or the theme; or none."""
    principal = choice.activities[choice.principal]
    theme = next((need.term for need in needs if need.source == "theme"), None)
    own = None if is_general(principal) or not principal.topics else principal.topics[0]
    for topic in (matter_of(brief, needs, catalogue), own, theme):
        if topic in catalogue.library.topics and topic not in NOT_THE_MATTER:
            return str(topic)
    return None


def _by_shared_words(brief: Brief) -> list[Words]:
    """Return the notes that share a word with goals or talking points, most words first."""
    wanted = [one.text for one in (*brief.goals, *brief.talking_points)]
    tokens = [set(line) for line in tokenize(
        [*wanted, *(note.text for note in brief.notes)], brief.language)]
    sought = set().union(*tokens[: len(wanted)])
    shared = [len(sought & own) for own in tokens[len(wanted):]]
    order = sorted(range(len(shared)), key=lambda at: (-shared[at], at))
    return [brief.notes[at] for at in order if shared[at]]
