"""Rules, and what they find on two profiles, in the words of one language."""

from collections.abc import Sequence

from recommender.domain.phrases import MatchPhrases
from recommender.domain.profile import Profile
from recommender.domain.programme import NEVER_FOR_AI, Rule
from recommender.matching.pool import Pool, value_of


def say_rule(rule: Rule, words: MatchPhrases) -> str:
    """Return what a rule asks for, in one language: "level: from 0 to +3, …"."""
    own = words.rules
    name = rule.field.removeprefix("attributes.")
    slots = {"field": own.fields.get(rule.field, name), "value": _number(rule.value),
             "side": own.sides[rule.of]}
    if rule.test != "gap":
        return str(getattr(own, rule.test)).format(**slots)
    if rule.max is not None and rule.min == -rule.max:
        return own.around.format(most=_number(rule.max), **slots)
    bounds = (own.between if None not in (rule.min, rule.max) else
              own.from_least if rule.max is None else own.to_most)
    return own.gap.format(
        bounds=bounds.format(least=_signed(rule.min), most=_signed(rule.max)), **slots)


def say_detail(
    rule: Rule, pool: Pool, row: int, other: int, shown: Sequence[str], words: MatchPhrases
) -> str:
    """Return the two sides of a rule as they stand on the profiles, but for private fields.

    Args:
        shown: The programme's `ai_fields`; an attribute that is not on it is not quoted.
    """
    own = words.details
    if rule.test == "not_reporting_line":
        return own.in_line if pool.in_line_with(row)[other] else own.no_line
    if _is_private(rule.field, shown):
        return own.not_shown
    return " / ".join(_quoted(value_of(pool.profiles[at], rule.field), words)
                      for at in (row, other))


def _is_private(field: str, shown: Sequence[str]) -> bool:
    name = field.removeprefix("attributes.")
    if name.casefold() in NEVER_FOR_AI or field == "avoid":
        return True
    return field not in Profile.model_fields and not {field, name, f"attributes.{name}"} & {*shown}


def _quoted(value: object, words: MatchPhrases) -> str:
    if value is None or value == []:
        return words.details.not_known
    if isinstance(value, bool):
        return words.details.yes if value else words.details.no
    if isinstance(value, list):
        return ", ".join(_quoted(getattr(one, "text", one), words) for one in value)
    return str(value)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _signed(bound: float | None) -> str:
    """Return a bound with its sign, in typographer's minus; nothing for none."""
    return "" if bound is None else f"{bound:+g}".replace("-", "−") if bound else "0"
