"""Why each item is there: what of the case, the library or the programme it serves."""

from collections.abc import Sequence

from recommender.agendas.brief import Brief
from recommender.agendas.needs import Need
from recommender.agendas.points import Draft
from recommender.agendas.selection import Choice
from recommender.agendas.wording import LOOKING_BACK
from recommender.domain.activity import CARRYING
from recommender.domain.agenda import Reason

MAX_REASONS = 8


def reasons_of(
    at: int, drafts: Sequence[Draft], brief: Brief, choice: Choice, needs: Sequence[Need]
) -> list[Reason]:
    """Return why the item at this position is there, at least one reason."""
    draft = drafts[at]
    reasons: list[Reason] = []
    reviewed = any(one.activity.kind == "action_review" for one in drafts)
    looking_back = next((one for one in drafts if one.activity.kind in LOOKING_BACK), None)
    if draft.activity.kind == "action_review" or (at == len(drafts) - 1 and not reviewed):
        reasons += [Reason(source="action", id=action.id) for action in brief.actions]
    reasons += [Reason(source="talking_point", id=point.id) for point in draft.points]
    if draft is looking_back and brief.mode != "fixed":
        reasons += [Reason(source="goal", id=goal.id) for goal in brief.new_goals[:1]]
    if draft.activity.kind == "agreement" or draft.activity.id in choice.wanted:
        reasons.append(Reason(source="programme", id=brief.programme.id))
    if at in choice.mains:
        reasons += _served(at, choice, needs)
    elif at == len(drafts) - 1 or draft.activity.kind in CARRYING:
        reasons += [Reason(source="goal", id=goal.id) for goal in brief.goals[:MAX_REASONS]]
    if at not in choice.mains or not reasons:
        reasons.append(Reason(source="stage", id=brief.arc.type))
    reasons.append(Reason(source="activity", id=draft.activity.id))
    return list(dict.fromkeys(reasons))


def _served(at: int, choice: Choice, needs: Sequence[Need]) -> list[Reason]:
    """Return the needs for which this item is the best of the session, the weightiest first."""
    best = choice.fit[list(choice.mains)].max(axis=0)
    column = [n for n in range(len(needs))
              if choice.fit[at, n] >= best[n] - 1e-6 and best[n] > 0]
    column.sort(key=lambda n: (-needs[n].weight, n))
    return [Reason(source=need.source, id=need.id)
            for need in [needs[n] for n in column][:MAX_REASONS]
            if need.source != "talking_point"]
