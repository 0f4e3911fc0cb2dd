"""Does the session hold: minutes, shape, its end, its arc, and who leads.

Sources: the invariants of the contract; GROW (Whitmore, Coaching for Performance, 1992) for the
arc; the learner's share and the status meeting after the rubric of eight criteria.
"""

import re

from evals.metrics.base import OPENING, UNSCORED, Made, Metric, Score, all_or_nothing, share
from recommender.agendas.checks import CHECKS
from recommender.agendas.draft_words import STATUS_MEETING
from recommender.domain.activity import STEP_MINUTES
from recommender.domain.base import Kind
from recommender.privacy import plain

LARGEST_REVIEW = 0.3
"""Share of the minutes that looking back may take before it is a status meeting."""
ENOUGH_LED = 0.5
"""Share of the minutes from which the learner leads."""
WORDS_A_MINUTE = (14.0, 32.0)
"""Words to read per minute of session: up to the first it is light, from the second on it is
a hand-out."""

_EXPLORING: frozenset[Kind] = frozenset({"discussion", "reflection", "feedback",
                                         "resource_debrief", "goal_setting", *OPENING})
_TRYING: frozenset[Kind] = frozenset({"exercise", "role_play", "goal_setting", "discussion",
                                      "reflection", "feedback", "resource_debrief"})
_WHEN = {
    "en": re.compile(r"\b(when|day|days|date|dates|week|weeks|hours?|tomorrow|monday|friday|"
                     r"calendar|until|before|next (meeting|time))\b"),
    "es": re.compile(r"\b(cuando|dia|dias|fecha|fechas|semana|semanas|horas?|manana|lunes|viernes|"
                     r"calendario|hasta|antes|proxim[oa])\b"),
    "fr": re.compile(r"\b(quand|jours?|date|dates|semaines?|heures?|demain|lundi|vendredi|"
                     r"calendrier|avant|prochaine?)\b"),
}


def minutes_exact(made: Made) -> Score:
    """Return 1 where the items take exactly the session's minutes, those asked for, else 0."""
    wrong = [*CHECKS["minutes_sum"](made.agenda, made.context)]
    if made.agenda.session.minutes != made.case.session.minutes:
        wrong.append(f"{made.agenda.session.minutes} minutes instead of "
                     f"{made.case.session.minutes}")
    return all_or_nothing(wrong)


def time_fit(made: Made) -> Score:
    """Return the share of items that can be held in their minutes.

    An item can be held if its timed steps fit in it and, where it is an activity of the library,
    its minutes are within that activity's own. A fixed session stretches what the programme
    wrote, so only its steps count.
    """
    held, notes = [], []
    for item in made.agenda.items:
        timed = sum(int(found[1]) for step in item.steps if (found := STEP_MINUTES.search(step)))
        activity = made.activity(item)
        room = (activity.minutes.min, max(activity.minutes.max, 1)) \
            if activity is not None and not made.written_by_programme else (3, 180)
        held.append(timed <= item.minutes and room[0] <= item.minutes <= room[1])
        if not held[-1]:
            notes.append(f"{item.id}: {item.minutes} min, steps {timed}, activity {room}")
    return Score(share(held), "; ".join(notes))


def shape(made: Made) -> Score:
    """Return 1 where the agenda has 3 to 7 items of 3 minutes or more, each with an id, else 0.

    Two items are allowed under 25 minutes.
    """
    checks = ("item_count", "item_minutes", "item_ids")
    return all_or_nothing([one for name in checks
                           for one in CHECKS[name](made.agenda, made.context)])


def action_close(made: Made) -> Score:
    """Return how well it ends: the last item plans or closes (else 0), and says when (else 0.5).

    A closing ends a relationship or a single talk, and need not say when.
    """
    last = made.agenda.items[-1]
    if last.kind not in ("action_planning", "closing"):
        return Score(0.0, f"ends in {last.kind}")
    if last.kind == "closing":
        return Score(1.0)
    said = plain(" ".join((*last.prompts, *last.steps, last.title)))
    return Score(1.0) if _WHEN[made.language].search(said) else Score(0.5, "says no time")


def grow_arc(made: Made) -> Score:
    """Return how much of the arc goal, reality, options, will is there, in this order.

    Asked of working, goal-setting, midpoint and reverse sessions; a fixed session is the
    programme's own. Goal: an item is there because of a goal or a talking point. Reality: what is
    the case is looked at before the last main item or in it. Options: a main item. Will: planning
    comes last. A quarter each.
    """
    if made.brief.arc.type not in ("working", "goal_setting", "midpoint", "reverse") \
            or made.written_by_programme:
        return UNSCORED
    items = [item for item in made.agenda.items if item.pulse is None]
    sources = {reason.source for item in items for reason in item.because}
    mains = [at for at, item in enumerate(items) if item.kind in _TRYING]
    last_main = mains[-1] if mains else -1
    there = {
        "goal": bool(sources & {"goal", "talking_point"}) or not made.brief.goals,
        "reality": any(item.kind in _EXPLORING for item in items[: last_main + 1]),
        "options": bool(mains),
        "will": items[-1].kind == "action_planning" and last_main < len(items) - 1,
    }
    missing = [name for name, found in there.items() if not found]
    return Score(share(list(there.values())), f"without {', '.join(missing)}" if missing else "")


def learner_leads(made: Made) -> Score:
    """Return the minutes led by a learner or by all, over half of the session; at most 1."""
    roles = {*made.brief.learner_roles, "all"}
    led = sum(item.minutes for item in made.agenda.items if item.lead in roles)
    total = sum(item.minutes for item in made.agenda.items)
    return Score(min(1.0, led / total / ENOUGH_LED), f"{led} of {total} minutes")


def no_status_meeting(made: Made) -> Score:
    """Return 1 where the session is no status meeting.

    Looking back takes 30 % of the minutes at most (more costs in proportion), and no line speaks
    of status or progress reports (else 0). The questions of a milestone are the programme's.
    """
    for item in (one for one in made.agenda.items if one.pulse is None):
        for line in (item.title, *item.prompts, *item.steps):
            if STATUS_MEETING[made.language].search(plain(line)):
                return Score(0.0, line[:120])
    total = sum(item.minutes for item in made.agenda.items)
    review = sum(item.minutes for item in made.agenda.items if item.kind == "action_review")
    over = max(0.0, review / total - LARGEST_REVIEW)
    return Score(max(0.0, 1 - over / (1 - LARGEST_REVIEW)), f"{review} of {total} minutes")


def lightness(made: Made) -> Score:
    """Return how light the page is: words to read in the session, per minute of it.

    1 up to 14 words a minute, 0 from 32 on, in a straight line between.
    """
    words = sum(len(line.split()) for item in made.agenda.items
                for line in (item.title, *item.prompts, *item.steps))
    rate = words / made.agenda.session.minutes
    light, heavy = WORDS_A_MINUTE
    return Score(min(1.0, max(0.0, (heavy - rate) / (heavy - light))), f"{rate:.0f} words a minute")


def stage_fit(made: Made) -> Score:
    """Return the share of items meant for this kind of session, stage and relation.

    0 where the session is of another type than its number in the programme asks for. Asked of
    activities of the library; what a programme wrote or asks for itself always fits.
    """
    arc = made.brief.arc
    if made.agenda.session.type != arc.type or made.agenda.session.number != arc.number:
        return Score(0.0, f"{made.agenda.session.type} instead of {arc.type}")
    fits, notes = [], []
    for item in made.agenda.items:
        activity = made.activity(item)
        if activity is None or any(reason.source == "programme" for reason in item.because):
            continue
        fits.append((not activity.session_types or arc.type in activity.session_types)
                    and made.brief.relation in activity.relations
                    and (not activity.stages or arc.stage in activity.stages))
        if not fits[-1]:
            notes.append(f"{activity.id} is for {', '.join(activity.session_types) or 'any'}")
    return Score(share(fits), "; ".join(notes))


METRICS = (
    Metric("minutes_exact", "Do the minutes add up?", "must", minutes_exact),
    Metric("time_fit", "Can it be held in its minutes?", "mean", time_fit),
    Metric("shape", "Has it three to seven items with time for each?", "must", shape),
    Metric("action_close", "Does it end with who, what, by when?", "mean", action_close),
    Metric("grow_arc", "Does it go from the goal to a plan?", "mean", grow_arc),
    Metric("learner_leads", "Does the learner lead?", "mean", learner_leads),
    Metric("no_status_meeting", "Is it more than a status meeting?", "mean", no_status_meeting),
    Metric("lightness", "Is it light to read?", "none", lightness),
    Metric("stage_fit", "Is it the right kind of session?", "mean", stage_fit),
)
