"""Faults that are planted into what the product made, and the figure that has to see each.

The table in docs/planted-faults.md is written from `FAULTS`; a test compares.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from evals.make import compose_one, with_swaps
from evals.metrics.base import Made
from evals.metrics.matching import Suggested
from evals.metrics.ranking import Ranked
from evals.run import judges
from recommender.domain.agenda import Agenda, HandOff, Item, Reason, ResourceUse

GENERIC = {
    "en": ("Have a good and useful conversation.", "It felt worthwhile."),
    "es": ("Tener una buena charla, útil.", "Valió la pena."),
    "fr": ("Avoir un bon échange, utile.", "Cela en valait la peine."),
}
HEAVY = {
    "en": "Notwithstanding organisational considerations, operationalise interdepartmental "
          "accountability methodologies comprehensively through collaborative prioritisation.",
    "es": "Considerando las consideraciones interdepartamentales, operacionalicen metodologías "
          "organizacionales pluridimensionales mediante priorizaciones colaborativas.",
    "fr": "Nonobstant les considérations organisationnelles, opérationnalisez les méthodologies "
          "interdépartementales de responsabilisation collaborative multidimensionnelle.",
}
CLOSED = {"en": "Did it go well?", "es": "¿Has terminado?", "fr": "As-tu fini ?"}
STATUS = {"en": "Any updates? A progress report from each.",
          "es": "Informe de avances de cada quien.", "fr": "Rapport d'avancement de chacun."}


@dataclass(frozen=True)
class Fault:
    """One planted fault.

    Attributes:
        figure: Suite and metric that has to fall.
        plant: Makes what the product made worse, all cases of the suite at once.
    """

    name: str
    says: str
    figure: str
    plant: Callable[[list[Any]], list[Any]]


def _agendas(change: Callable[[Made], Agenda]) -> Callable[[list[Any]], list[Any]]:
    return lambda made: [replace(one, agenda=change(one)) for one in made]


def _with(made: Made, **fields: Any) -> Agenda:
    return made.agenda.model_copy(update=fields)


def _items(made: Made, change: Callable[[Item], Item]) -> Agenda:
    return _with(made, items=[change(one) for one in made.agenda.items])


def _item(item: Item, **fields: Any) -> Item:
    return item.model_copy(update=fields)


def _minutes_off(made: Made) -> Agenda:
    first, *rest = made.agenda.items
    return _with(made, items=[_item(first, minutes=first.minutes + 1), *rest])


def _swollen(made: Made) -> Agenda:
    first, *rest = made.agenda.items
    largest = max(rest, key=lambda one: one.minutes)
    moved = largest.minutes - 1
    return _with(made, items=[_item(first, minutes=first.minutes + moved), *(
        _item(one, minutes=1) if one is largest else one for one in rest)])


def _crumbs(made: Made) -> Agenda:
    first, *rest = made.agenda.items
    return _with(made, items=[_item(first, minutes=2),
                              _item(rest[0], minutes=rest[0].minutes + first.minutes - 2),
                              *rest[1:]])


def _no_close(made: Made) -> Agenda:
    *rest, last = made.agenda.items
    return _with(made, items=[*rest[:-1], _item(rest[-1], minutes=rest[-1].minutes + last.minutes)])


def _plan_first(made: Made) -> Agenda:
    *rest, last = made.agenda.items
    return _with(made, items=[last, *rest])


def _mentor_leads(made: Made) -> Agenda:
    return _items(made, lambda item: _item(item, lead="mentor"))


def _status(made: Made) -> Agenda:
    first, *rest = made.agenda.items
    return _with(made, items=[_item(first, prompts=[STATUS[made.language]]), *rest])


def _wall(made: Made) -> Agenda:
    return _items(made, lambda item: _item(item, steps=[*item.steps, *item.steps, *item.prompts,
                                                        *item.steps, *item.steps]))


def _wrong_type(made: Made) -> Agenda:
    other = "first" if made.agenda.session.type != "first" else "working"
    return _with(made, session=made.agenda.session.model_copy(update={"type": other}))


def _no_goal(made: Made) -> Agenda:
    return _items(made, lambda item: _item(item, because=[
        one for one in item.because if one.source != "goal"]))


def _no_focus(made: Made) -> Agenda:
    areas = {made.brief.focus_area}
    other = next(one for one in made.library.activities.values()
                 if one.kind == "discussion" and not areas & {*one.focus_areas, *one.topics})
    return _items(made, lambda item: _item(
        item, activity=other.id if item in made.mains else item.activity,
        because=[one for one in item.because if one.source != "focus_area"]))


def _generic_purpose(made: Made) -> Agenda:
    return _with(made, purpose=GENERIC[made.language][0])


def _generic_success(made: Made) -> Agenda:
    return _with(made, success_test=GENERIC[made.language][1])


def _same_for_all(made: list[Any]) -> list[Any]:
    first: dict[tuple[str, str, bool], Agenda] = {}
    found = []
    for one in made:
        key = (one.language, one.agenda.session.type, len(one.case.members) > 2)
        same = first.setdefault(key, one.agenda)
        found.append(replace(one, agenda=same))
    return with_swaps(found, JUDGES)


def _nowhere(made: Made) -> Agenda:
    return _items(made, lambda item: _item(item, because=[Reason(source="goal", id="g-none")]))


def _invented_quote(made: Made) -> Agenda:
    return _with(made, success_test=made.agenda.success_test
                 + " “We will never ever speak of the blue door again”")


def _invented_number(made: Made) -> Agenda:
    return _with(made, purpose=made.agenda.purpose + " 7319")


def _action_dropped(made: Made) -> Agenda:
    return _with(made, actions_carried=made.agenda.actions_carried[1:])


def _point_lost(made: Made) -> Agenda:
    return _with(made, talking_points=made.agenda.talking_points[1:])


def _steps_unnamed(made: Made) -> Agenda:
    quotes = [one.quote for one in made.brief.actions if one.quote]
    def without(lines: Sequence[str]) -> list[str]:
        return [line for line in lines if not any(one[:20] in line for one in quotes)]
    return _items(made, lambda item: _item(item, prompts=without(item.prompts),
                                           steps=without(item.steps)))


def _old_material(made: Made) -> Agenda:
    used = next(iter(made.brief.used_activities), None)
    return _items(made, lambda item: _item(item, activity=used)
                  if used and item in made.mains else item)


def _same_each_session(made: list[Any]) -> list[Any]:
    return [replace(one, ahead=tuple(one.agenda for _ in one.ahead)) for one in made]


def _by_the_dice(made: list[Any]) -> list[Any]:
    random = Random(5)
    pool = [one.agenda for one in made]
    return [one if one.again is None else replace(one, again=random.choice(pool)) for one in made]


def _invented_link(made: Made) -> Agenda:
    made_up = ResourceUse.model_validate({
        "id": "ffffffffffff", "title": "The perfect guide", "url": "https://example.org/perfect",
        "minutes": 5, "language": made.language, "format": "article", "use": "before",
        "for": ["all"], "reason": "It is perfect."})
    return _with(made, resources=[*made.agenda.resources[:9], made_up])


def _resource(made: Made, wanted: Callable[[Any], bool]) -> Agenda:
    found = next((one for one in made.library.active_resources if wanted(one)), None)
    if found is None or not made.agenda.resources:
        return made.agenda
    use = made.agenda.resources[0].model_copy(update={
        "id": found.id, "title": found.title, "url": found.url, "language": found.language,
        "use": "before"})
    return _with(made, resources=[use])


def _unreadable(made: Made) -> Agenda:
    known = {tag.split("-")[0] for member in made.case.members
             for tag in member.profile.languages} | {made.language}
    return _resource(made, lambda one: one.language.split("-")[0] not in known)


def _whole_course(made: Made) -> Agenda:
    return _resource(made, lambda one: one.budget_minutes > 200)


def _false_minutes(made: Made) -> Agenda:
    return _with(made, resources=[one.model_copy(update={"reason": "997 minutes on everything."})
                                  for one in made.agenda.resources])


def _no_resources(made: Made) -> Agenda:
    return _with(made, resources=[], items=[_item(one, resources=[]) for one in made.agenda.items])


def _wrong_language(made: Made) -> Agenda:
    other = {"en": "es", "es": "fr", "fr": "en"}[made.language]
    def turned(item: Item) -> Item:
        activity = made.activity(item)
        if activity is None:
            return item
        text = activity.text[other]  # type: ignore[index]
        return _item(item, title=text.title, prompts=text.prompts[:4], steps=text.steps[:5])
    return _items(made, turned)


def _heavy(made: Made) -> Agenda:
    return _items(made, lambda item: _item(item, prompts=[HEAVY[made.language]], steps=[]))


def _closed(made: Made) -> Agenda:
    return _items(made, lambda item: _item(item, prompts=[CLOSED[made.language]]))


def _named(made: Made) -> Agenda:
    name = next((one.profile.name for one in made.case.members if one.profile.name), None)
    return _with(made, success_test=f"{name}: {made.agenda.success_test}") if name else made.agenda


def _coached(made: Made) -> Agenda:
    return _with(made, hand_off=None)


def _all_handed(made: Made) -> Agenda:
    return _with(made, hand_off=HandOff(why="Something here is for a person.", to="somebody"))


def _hidden_told(made: Made) -> Agenda:
    told = list(made.of.expect.hidden)
    return _with(made, success_test=" ".join(told)) if told else made.agenda


def _obeyed(made: Made) -> Agenda:
    orders = made.of.expect.not_instructed
    return _with(made, success_test=orders[0]) if orders else made.agenda


def _unsaid(made: Made) -> Agenda:
    return _with(made, success_test=" ".join(made.of.expect.absent)[:2000] or "nothing")


def _not_used(made: list[Any]) -> list[Any]:
    return [one if one.drafted is None else replace(one, drafted=False) for one in made]


def _lists(change: Callable[[Ranked], Any]) -> Callable[[list[Any]], list[Any]]:
    def plant(ranked: list[Any]) -> list[Any]:
        found = [replace(one, found=tuple(change(one))) for one in ranked]
        shown: dict[str, int] = {}
        for one in found:
            for resource, _ in one.found[:5]:
                shown[resource] = shown.get(resource, 0) + 1
        return [replace(one, shown=shown) for one in found]
    return plant


def _shuffled(ranked: Ranked) -> Any:
    random = Random(ranked.of.name)
    pool = [(one.id, one.gist) for one in ranked.library.active_resources]
    return random.sample(pool, 10)


def _worst_first(ranked: Ranked) -> Any:
    return ranked.found[::-1]


def _good_ones_late(ranked: Ranked) -> Any:
    grades = ranked.of.file.grades
    return [one for one in ranked.found if grades.get(one[0], 0) < 2]


def _over_budget(ranked: Ranked) -> Any:
    long = [(one.id, one.gist) for one in ranked.library.active_resources
            if one.budget_minutes > 200]
    return [*ranked.found[:4], *long[:3]]


def _wrong_level(ranked: Ranked) -> Any:
    away = {"introductory": "advanced", "advanced": "introductory", "intermediate": "advanced"}
    level = away.get(str(ranked.of.file.level))
    return [(one.id, one.gist) for one in ranked.library.active_resources
            if one.level == level][:5] or ranked.found


def _other_language(ranked: Ranked) -> Any:
    allowed = {one.split("-")[0] for one in ranked.of.file.readable}
    return [(one.id, one.gist) for one in ranked.library.active_resources
            if one.language.split("-")[0] not in allowed][:5]


def _same_five(ranked: Ranked) -> Any:
    return [(one.id, one.gist) for one in ranked.library.active_resources[:5]]


def _one_topic(ranked: Ranked) -> Any:
    topic = ranked.resources[0].topics if ranked.resources else []
    same = [(one.id, one.gist) for one in ranked.library.active_resources if one.topics == topic]
    return (same * 5)[:5] if same else ranked.found


def _false_reasons(ranked: Ranked) -> Any:
    return [(one, "The one thing that everybody must read; 997 minutes.") for one, _ in
            ranked.found]


def _retired(ranked: Ranked) -> Any:
    return [("000000000000", "Gone"), *ranked.found[1:]]


def _people(change: Callable[[Suggested], dict[str, Any]]) -> Callable[[list[Any]], list[Any]]:
    def plant(every: list[Any]) -> list[Any]:
        found = [replace(one, **change(one)) for one in every]
        shown: dict[str, int] = {}
        for one in found:
            for person in one.found[:5]:
                shown[person] = shown.get(person, 0) + 1
        return [replace(one, shown=shown) for one in found]
    return plant


def _by_lot(one: Suggested) -> dict[str, Any]:
    mentors = sorted(own for own, each in one.people.items() if "mentor" in each.roles)
    return {"found": tuple(Random(one.person).sample(mentors, min(5, len(mentors))))
            if one.found else ()}


def _backwards(one: Suggested) -> dict[str, Any]:
    """Match in the order of the file, each with the worst that is allowed."""
    if one.pairs is None or one.scores is None:
        return {}
    return {"total": one.total * 0.9}


def _same_mentors(one: Suggested) -> dict[str, Any]:
    mentors = sorted(own for own, each in one.people.items() if "mentor" in each.roles)
    return {"found": tuple(mentors[:5]) if one.found else ()}


def _false_want(one: Suggested) -> dict[str, Any]:
    return {"reasons": {own: tuple((a, "juggling fire", b, offer) for a, _, b, offer in each)
                        for own, each in one.reasons.items()}}


JUDGES = judges(None)
MAKE_AGAIN = compose_one
_DIGITS = re.compile(r"\d")

FAULTS = (
    Fault("minutes off by one", "The first item takes a minute more than there is.",
          "agendas/minutes_exact", _agendas(_minutes_off)),
    Fault("a minute for the main thing", "The opening swallows the largest item's time.",
          "agendas/time_fit", _agendas(_swollen)),
    Fault("crumbs", "An item of two minutes.", "agendas/shape", _agendas(_crumbs)),
    Fault("no close", "The last item is dropped and its time given away.",
          "agendas/action_close", _agendas(_no_close)),
    Fault("the plan comes first", "What to do next is settled before anything was looked at.",
          "agendas/grow_arc", _agendas(_plan_first)),
    Fault("the mentor leads", "Every item is opened by the mentor.", "agendas/learner_leads",
          _agendas(_mentor_leads)),
    Fault("a status meeting", "The opening asks for progress reports.",
          "agendas/no_status_meeting", _agendas(_status)),
    Fault("a wall of text", "Every step is there four times.", "agendas/lightness",
          _agendas(_wall)),
    Fault("another kind of session", "A first meeting in the middle of a programme.",
          "agendas/stage_fit", _agendas(_wrong_type)),
    Fault("goals ignored", "No item is there because of a goal.", "agendas/goal_coverage",
          _agendas(_no_goal)),
    Fault("focus area ignored", "The main activities are about something else.",
          "agendas/focus_fit", _agendas(_no_focus)),
    Fault("a generic purpose", "“Have a good and useful conversation.”",
          "agendas/purpose_specific", _agendas(_generic_purpose)),
    Fault("a generic success test", "“It felt worthwhile.”", "agendas/success_specific",
          _agendas(_generic_success)),
    Fault("the same agenda for everybody", "One agenda for each kind of session and language.",
          "agendas/swap", _same_for_all),
    Fault("reasons that lead nowhere", "Items are there because of a goal that nobody has.",
          "agendas/because_resolves", _agendas(_nowhere)),
    Fault("an invented quotation", "Words that nobody said stand in quotation marks.",
          "agendas/groundedness", _agendas(_invented_quote)),
    Fault("an invented number", "A figure that stands nowhere in the case.",
          "agendas/groundedness", _agendas(_invented_number)),
    Fault("an action dropped", "The first open step is carried on no more.",
          "agendas/actions_carried", _agendas(_action_dropped)),
    Fault("a talking point lost", "The first point is neither placed nor put off.",
          "agendas/talking_points", _agendas(_point_lost)),
    Fault("steps without their words", "Open steps are counted and not repeated.",
          "agendas/steps_named", _agendas(_steps_unnamed)),
    Fault("last month's activity again", "What was done before comes again.",
          "agendas/new_material", _agendas(_old_material)),
    Fault("every session the same", "The next sessions repeat this one.", "agendas/variety",
          _same_each_session),
    Fault("by the dice", "The same situation, told in another order, gets another agenda.",
          "agendas/stability", _by_the_dice),
    Fault("an invented link", "A resource that the library does not have.",
          "agendas/resources_valid", _agendas(_invented_link)),
    Fault("a resource nobody reads", "Reading in a language that no member knows.",
          "agendas/resources_readable", _agendas(_unreadable)),
    Fault("a course before Thursday", "Hours of reading before the meeting.",
          "agendas/resources_fit", _agendas(_whole_course)),
    Fault("a false reason", "“997 minutes on everything.”", "agendas/reasons_faithful",
          _agendas(_false_minutes)),
    Fault("nothing to read", "No agenda names a resource.", "agendas/resources_there",
          _agendas(_no_resources)),
    Fault("the wrong language", "The activities' texts in another language.",
          "agendas/language", _agendas(_wrong_language)),
    Fault("office prose", "Questions of abstract nouns.", "agendas/readability",
          _agendas(_heavy)),
    Fault("closed questions", "Every question can be answered with yes.",
          "agendas/open_questions", _agendas(_closed)),
    Fault("a name is told", "The success test begins with a member's name.",
          "agendas/private", _agendas(_named)),
    Fault("distress is coached", "Nothing is left to a person any more.",
          "safety/handed_over", _agendas(_coached)),
    Fault("everything is alarming", "Every case is left to a person.", "safety/handed_over",
          _agendas(_all_handed)),
    Fault("hidden parts are told", "What must not be seen stands in the agenda.",
          "safety/hidden", _agendas(_hidden_told)),
    Fault("an order obeyed", "The agenda says what a text in the data ordered.",
          "safety/not_obeyed", _agendas(_obeyed)),
    Fault("resources shuffled", "Ten resources by lot.", "resources/ndcg@5", _lists(_shuffled)),
    Fault("resources nobody graded", "Ten resources by lot: hardly any was graded.",
          "resources/judged@5", _lists(_shuffled)),
    Fault("the worst first", "The list is turned round.", "resources/mrr", _lists(_worst_first)),
    Fault("the good ones missing", "What was graded 2 or 3 is left out.",
          "resources/recall@10", _lists(_good_ones_late)),
    Fault("the budget ignored", "Courses are added to every list.", "resources/budget_fit",
          _lists(_over_budget)),
    Fault("the level ignored", "Advanced where a beginning was asked for.",
          "resources/level_fit", _lists(_wrong_level)),
    Fault("a list nobody reads", "Only languages that were not asked for.",
          "resources/readable", _lists(_other_language)),
    Fault("the same five for everybody", "One list for all.", "resources/coverage",
          _lists(_same_five)),
    Fault("five of a kind", "Only resources with the same topics.", "resources/diversity",
          _lists(_one_topic)),
    Fault("reasons made up", "“The one thing that everybody must read.”", "resources/faithful",
          _lists(_false_reasons)),
    Fault("a resource that is gone", "The first of each list is not in the library.",
          "resources/in_library", _lists(_retired)),
    Fault("mentors by lot", "Five mentors by lot.", "mentors/need_offer_fit", _people(_by_lot)),
    Fault("a rule ignored", "Mentors by lot, whatever the programme's rules say.",
          "mentors/rules_kept", _people(_by_lot)),
    Fault("a worse assignment", "The assignment is worth a tenth less than it could be.",
          "mentors/optimality", _people(_backwards)),
    Fault("the same mentors for everybody", "Five mentors stand in every list.",
          "mentors/exposure", _people(_same_mentors)),
    Fault("a want made up", "Reasons quote what nobody wants.", "mentors/reasons_true",
          _people(_false_want)),
)
