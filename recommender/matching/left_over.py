"""Why somebody is left over, in their language, and which one rule keeps most away from them."""

from collections.abc import Sequence

from recommender.domain.matching import Unmatched
from recommender.domain.phrases import MatchPhrases
from recommender.matching.suggest import what_shuts_out
from recommender.matching.telling import say_rule
from recommender.matching.terms import Terms


def left_of_pairs(terms: Terms, row: int, words: MatchPhrases) -> Unmatched:
    """Return why somebody is in no pair: nobody is eligible, or all who are were taken."""
    count, rule, more = what_shuts_out(terms, row, as_mentee=True)
    reasons = [words.full.of(count) if count else words.nobody]
    if rule is not None:
        reasons.append(words.relax.of(more, rule=say_rule(rule, words)))
    return Unmatched(id=terms.pool.ids[row], reasons=reasons,
                     eligible=count,
                     relax=None if rule is None else str(rule))


def left_of_groups(terms: Terms, row: int, words: MatchPhrases, *, proposed: bool) -> Unmatched:
    """Return why somebody is in no group.

    Args:
        terms: Among equals.
        proposed: Some group of the size asked for would have held them.
    """
    count, rule, more = what_shuts_out(terms, row, as_mentee=True)
    reasons = [words.group_nobody if not count else
               (words.group_full if proposed else words.group_none).of(count)]
    if rule is not None:
        reasons.append(words.group_relax.of(more, rule=say_rule(rule, words)))
    return Unmatched(id=terms.pool.ids[row], reasons=reasons,
                     eligible=count,
                     relax=None if rule is None else str(rule))


def rule_to_relax(left: Sequence[Unmatched]) -> str | None:
    """Return the one rule without which most of those whom nobody may meet would find somebody."""
    helped: dict[str, int] = {}
    for one in left:
        if one.relax is not None and not one.eligible:
            helped[one.relax] = helped.get(one.relax, 0) + 1
    return max(sorted(helped), key=lambda rule: helped[rule], default=None)
