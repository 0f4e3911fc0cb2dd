"""What earlier sessions left open or done, as an item says it."""

from collections.abc import Sequence

from recommender.agendas.brief import Brief, OpenAction
from recommender.domain.phrases import Phrases

MAX_OPEN = 3
"""Open actions that an ending quotes where no item reviews them."""


def oldest_action(brief: Brief) -> OpenAction | None:
    """Return the quotable open action that was agreed longest ago."""
    return next((action for action in sorted(brief.actions, key=lambda one: -one.missed)
                 if action.quote), None)


def action_prompts(brief: Brief, phrases: Phrases) -> list[str]:
    """Return what happened with the oldest action, and what a finished one showed."""
    prompts = []
    oldest = oldest_action(brief)
    if oldest is not None:
        prompts.append(phrases.action_prompt.format(quote=phrases.quoted(oldest.quote or "")))
    if brief.done and brief.done[0].quote:
        prompts.append(phrases.done_prompt.format(quote=phrases.quoted(brief.done[0].quote)))
    return prompts


def action_lines(actions: Sequence[OpenAction], room: int, phrases: Phrases) -> list[str]:
    """Return one line per open action, the last one counting what does not fit."""
    shown = actions if len(actions) <= room else actions[: room - 1]
    lines = list(dict.fromkeys(action_line(action, phrases) for action in shown))
    if len(shown) < len(actions):
        lines.append(phrases.actions_also.format(count=len(actions) - len(shown)))
    return lines


def action_line(action: OpenAction, phrases: Phrases) -> str:
    """Return an open action as one line: its words where they may be quoted, and its day."""
    due = None if action.due is None else phrases.date_of(action.due)
    if action.quote is None:
        return (phrases.action_line_unquoted if due is None
                else phrases.action_line_unquoted_due.format(date=due))
    quote = phrases.quoted(action.quote)
    return (phrases.action_line.format(quote=quote) if due is None
            else phrases.action_line_due.format(quote=quote, date=due))


def still_open(brief: Brief, phrases: Phrases) -> list[str]:
    """Return the one line in which an ending names open actions that no item reviews, if any."""
    if not brief.actions:
        return []
    quotes = [phrases.quoted(one.quote) for one in brief.actions if one.quote][:MAX_OPEN]
    return [phrases.open_in_planning.format(quotes=" · ".join(quotes)) if quotes
            else action_line(brief.actions[0], phrases)]
