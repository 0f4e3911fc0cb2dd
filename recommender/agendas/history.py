"""What earlier sessions tell: what was used, what was finished, which goals are new."""

from collections.abc import Iterable

from recommender.domain.agenda import Agenda
from recommender.domain.case import Action, Case, Goal
from recommender.privacy import plain

ELSEWHERE = 0
"""The session number of what somebody was given in another programme."""


def open_actions_of(case: Case) -> dict[str, tuple[Action, int]]:
    """Return open actions by id with the session each was first agreed in; the last status wins."""
    latest: dict[str, tuple[Action, int]] = {}
    for past in case.history:
        for action in past.actions:
            first = latest[action.id][1] if action.id in latest else past.number
            latest[action.id] = (action, first)
    return {key: value for key, value in latest.items() if value[0].status == "open"}


def newly_done(case: Case) -> list[Action]:
    """Return the actions that the last session has as done and no earlier one had."""
    if not case.history:
        return []
    *earlier, last = case.history
    before = {action.id for past in earlier for action in past.actions if action.status == "done"}
    done = {action.id: action for action in last.actions}
    return [action for action in done.values()
            if action.status == "done" and action.id not in before]


def used_activities(case: Case) -> dict[str, int]:
    """Return activities with the number of the session that used them last; 0: elsewhere."""
    used = dict.fromkeys((one for member in case.members for one in member.seen.activities),
                         ELSEWHERE)
    used |= dict.fromkeys((one.target_id for one in case.feedback if one.target == "item"),
                          ELSEWHERE)
    for past in case.history:
        if past.agenda is not None:
            used.update({item.activity: past.number for item in past.agenda.items
                         if item.activity is not None})
    return used


def used_resources(case: Case) -> frozenset[str]:
    """Return resources that were named before, that learners know, or gave a verdict on."""
    learners = {member.profile.id for member in case.learners}
    used = {use.id for past in case.history if past.agenda is not None
            for use in past.agenda.resources}
    used |= {one for member in case.learners for one in member.seen.resources}
    used |= {one.target_id for one in case.feedback
             if one.target == "resource" and one.profile_id in learners}
    return frozenset(used)


def changed_goals(case: Case, goals: Iterable[Goal]) -> tuple[list[Goal], bool]:
    """Return the goals that are new or worded anew, and whether they stand in place of others.

    They are compared with the goals of the last session that says them, or else with the ids
    that earlier agendas served. Where none of this is known, nothing is new.
    """
    now = list(goals)
    told = next((past.goals for past in reversed(case.history) if past.goals), None)
    if told is not None:
        before = {goal.id: plain(goal.text).split() for goal in told}
        new = [goal for goal in now if before.get(goal.id) != plain(goal.text).split()]
        kept = {goal.id for goal in now if goal not in new}
        return new, bool(new) and bool(before.keys() - kept)
    served = {one for past in case.history if past.agenda is not None
              for one in _goals_of(past.agenda)}
    if not served:
        return [], False
    new = [goal for goal in now if goal.id not in served]
    return new, bool(new) and bool(served - {goal.id for goal in now})


def _goals_of(agenda: Agenda) -> set[str]:
    return {reason.id for item in agenda.items for reason in item.because
            if reason.source == "goal"}
