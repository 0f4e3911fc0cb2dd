"""Does it remember: open steps, talking points, what was done before, and what comes after."""

import re

from evals.metrics.base import UNSCORED, Made, Metric, Score, all_or_nothing, share
from recommender.agendas.checks import CHECKS
from recommender.domain.activity import CARRYING
from recommender.domain.agenda import Agenda
from recommender.privacy import plain

_MARKS = re.compile(r"[“”«»\"'‘’‹›]")


def actions_carried(made: Made) -> Score:
    """Return 1 where every open action is carried and stands in some item, else 0.

    Unscored where nothing is open.
    """
    if not made.brief.actions:
        return UNSCORED
    return all_or_nothing(list(CHECKS["actions_carried"](made.agenda, made.context)))


def talking_points(made: Made) -> Score:
    """Return 1 where each talking point is placed once or put off with a reason, else 0.

    The words of a point that is placed must stand in its item, unless it needs a person.
    Unscored where nobody brought one.
    """
    if not made.brief.talking_points:
        return UNSCORED
    wrong = [one for name in ("talking_points", "talking_points_said_once")
             for one in CHECKS[name](made.agenda, made.context)]
    items = {item.id: " ".join((*item.prompts, *item.steps)) for item in made.agenda.items}
    quotes = {point.id: point.quote for point in made.brief.talking_points}
    for place in made.agenda.talking_points:
        quote = quotes.get(place.id)
        if place.item in items and quote and not made.agenda.provenance.model \
                and _folded(quote)[:40] not in _folded(items[place.item]):
            wrong.append(f"{place.id} is not said in {place.item}")
    return all_or_nothing(wrong)


def steps_named(made: Made) -> Score:
    """Return the share of open steps, up to three, whose words the session repeats.

    Continuity that people see: they are asked about the very thing they undertook. Unscored
    where no open step may be quoted, and in fixed mode.
    """
    quotes = [action.quote for action in made.brief.actions if action.quote][:3]
    if not quotes or made.written_by_programme:
        return UNSCORED
    said = _folded(" ".join(line for item in made.agenda.items
                            for line in (*item.prompts, *item.steps)))
    return Score(share([_folded(one)[:30] in said for one in quotes]))


def new_material(made: Made) -> Score:
    """Return the share of main activities and resources that were not used before.

    Unscored without earlier agendas, and in fixed mode.
    """
    used = {*made.brief.used_activities, *made.brief.used_resources}
    past = [one.agenda for one in made.case.history if one.agenda is not None]
    if not past or made.written_by_programme:
        return UNSCORED
    own = _material(made.agenda)
    return Score(share([one not in used for one in own]),
                 ", ".join(sorted(set(own) & used)))


def variety(made: Made) -> Score:
    """Return how many main activities and resources differ over the sessions to come.

    The next agendas of the same people are made one after the other, each with those before in
    its history; 1 where nothing comes twice. Asked of cases that say `ahead`.
    """
    if not made.ahead:
        return UNSCORED
    every = [one for agenda in (made.agenda, *made.ahead) for one in _material(agenda)]
    again = sorted({one for one in every if every.count(one) > 1})
    return Score(len(set(every)) / len(every) if every else None, ", ".join(again))


def stability(made: Made) -> Score:
    """Return how alike the agenda is when the same situation is told in another order.

    Members, skills and earlier talking points change places and everybody gets another id;
    overlap of main activities and resources (Jaccard). One agenda in three of the agenda suite is
    made twice; unscored for the others, and in fixed mode.
    """
    if made.again is None or made.written_by_programme:
        return UNSCORED
    one, other = set(_material(made.agenda)), set(_material(made.again))
    return Score(len(one & other) / len(one | other) if one | other else 1.0,
                 ", ".join(sorted(one ^ other)))


def _material(agenda: Agenda) -> list[str]:
    return [*(item.activity for item in agenda.items
              if item.kind in CARRYING and item.pulse is None and item.activity),
            *(use.id for use in agenda.resources)]


def _folded(text: str) -> str:
    return " ".join(_MARKS.sub(" ", plain(text)).split())


METRICS = (
    Metric("actions_carried", "Is every open step carried on?", "must", actions_carried),
    Metric("talking_points", "Has everything they brought its place?", "must", talking_points),
    Metric("steps_named", "Are they asked about the very steps they took on?", "mean", steps_named),
    Metric("new_material", "Is nothing repeated from earlier sessions?", "mean", new_material),
    Metric("variety", "Do the coming sessions differ?", "mean", variety),
    Metric("stability", "Does the same situation get the same agenda?", "mean", stability),
)
