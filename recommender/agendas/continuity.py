"""What earlier sessions left open or done, as an item says it."""

from collections.abc import Sequence

from recommender.agendas.brief import Brief, OpenAction
from recommender.domain.phrases import Phrases

SHOWN = 3
"""Open actions, or finished ones, that one line quotes."""
OFTEN = 2
"""Sessions that an action was missed in before it is asked about differently."""


def oldest_action(brief: Brief) -> OpenAction | None:
    """Return the quotable open action that was agreed longest ago."""
    return next((action for action in sorted(brief.actions, key=lambda one: -one.missed)
                 if action.quote), None)


def action_prompts(brief: Brief, phrases: Phrases) -> list[str]:
    """Return what happened with the oldest action, and what a finished one showed.

    What was missed twice is not asked about as if it were new: what gets in its way comes first.
    """
    prompts = []
    oldest = oldest_action(brief)
    if oldest is not None:
        quote = phrases.quoted(oldest.quote or "")
        if oldest.missed >= OFTEN:
            prompts += [phrases.action_missed.format(quote=quote, since=_since(oldest, brief)),
                        phrases.action_missed_then]
        else:
            prompts.append(phrases.action_prompt.format(quote=quote))
    return prompts + done_prompts(brief, phrases)


def done_prompts(brief: Brief, phrases: Phrases) -> list[str]:
    """Return what an action just finished has shown; nothing where none is a learner's own.

    What a mentor has sent or arranged is named, and not asked about.
    """
    own = [one for one in brief.done if one.quote and one.owner in (None, *brief.learners)]
    return [phrases.done_prompt.format(quote=phrases.quoted(one.quote or "")) for one in own[:1]]


def done_lines(brief: Brief, phrases: Phrases, asked: int) -> list[str]:
    """Return the line that names what was finished, where it is more than is asked about."""
    quotes = [phrases.quoted(one.quote) for one in brief.done if one.quote][:SHOWN]
    return [phrases.done_line.format(quotes=" · ".join(quotes))] if len(quotes) > asked else []


def goal_prompts(brief: Brief, phrases: Phrases) -> list[str]:
    """Return the question on a goal that earlier sessions did not have, or not in these words."""
    said = phrases.goal_changed if brief.goals_replaced else phrases.goal_added
    return [said.format(quote=phrases.quoted(one.quote))
            for one in brief.new_goals if one.quote][:1]


def action_lines(brief: Brief, room: int, phrases: Phrases) -> list[str]:
    """Return one line per open action, the last one counting what does not fit."""
    actions: Sequence[OpenAction] = brief.actions
    shown = actions if len(actions) <= room else actions[: room - 1]
    lines = list(dict.fromkeys(action_line(action, brief, phrases) for action in shown))
    if len(shown) < len(actions):
        lines.append(phrases.actions_also.format(count=len(actions) - len(shown)))
    return lines


def action_line(action: OpenAction, brief: Brief, phrases: Phrases) -> str:
    """Return an open action as one line: its words where they may be quoted, its day, and the
    mentor's role where it is theirs.
    """
    line = _line(action, brief, phrases)
    theirs = (brief.relation in ("mentor", "reverse") and action.owner is not None
              and action.owner not in brief.learners)
    return f"{line} · {phrases.pulse_roles['mentor']}" if theirs else line


def _line(action: OpenAction, brief: Brief, phrases: Phrases) -> str:
    due = None if action.due is None else phrases.date_of(action.due)
    since = _since(action, brief) if action.missed >= OFTEN else None
    if since is None:
        return phrases.line_of(action.quote, action.due)
    if action.quote is None:
        return phrases.action_line_unquoted_missed.format(since=since)
    quote = phrases.quoted(action.quote)
    return (phrases.action_line_missed.format(quote=quote, since=since) if due is None
            else phrases.action_line_missed_due.format(quote=quote, date=due, since=since))


def still_open(brief: Brief, phrases: Phrases) -> list[str]:
    """Return the one line in which an ending names open actions that no item reviews, if any."""
    if not brief.actions:
        return []
    quotes = [phrases.quoted(one.quote) for one in brief.actions if one.quote][:SHOWN]
    return [phrases.open_in_planning.format(quotes=" · ".join(quotes)) if quotes
            else action_line(brief.actions[0], brief, phrases)]


def _since(action: OpenAction, brief: Brief) -> int:
    return brief.arc.number - action.missed
