"""Recommended resources against graded judgments, and whether they suit and are explained.

Ranking by ir-measures (trec_eval): nDCG with linear gain, recall and reciprocal rank with grade 2
or 3 as relevant. A resource that nobody graded counts as not relevant there, as is usual; how
many of the list were graded at all is a figure of its own, so that a better list is not taken for
a worse one unseen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from content_library.load import Library
from evals.cases import EvalCase
from evals.metrics.base import UNSCORED, Metric, Score, share
from recommender.domain.base import LEVELS, base_language
from recommender.domain.resource import Resource
from recommender.errors import MissingExtraError
from recommender.privacy import plain
from recommender.retrieval.lexical import tokenize

RELEVANT = 2
"""Grade from which a resource is one that this person should be shown."""
SHOWN = 5
"""Resources of a list that somebody looks at."""
TRUE_WORDS = 0.34
"""Share of a reason's stems that must stand in the resource's entry, in a reason by a model."""

_MINUTES = re.compile(r"(\d+)\s*(?:min|minutes|minutos)\b")


@dataclass(frozen=True)
class Ranked:
    """One query and what was recommended for it, best first.

    Attributes:
        found: Ids with their reasons.
        shown: In how many lists of the run each resource stands.
    """

    of: EvalCase
    language: str
    found: tuple[tuple[str, str], ...]
    library: Library
    shown: Mapping[str, int]

    @property
    def resources(self) -> list[Resource]:
        """Return the resources shown that the library has."""
        return [self.library.resources[one] for one, _ in self.found[:SHOWN]
                if one in self.library.resources]


def ndcg_at_5(ranked: Ranked) -> Score:
    """Return nDCG@5 with linear gain; unscored where no resource is graded above 0."""
    return _measured(ranked, "nDCG@5")


def recall_at_10(ranked: Ranked) -> Score:
    """Return how many of the resources graded 2 or 3 are among the first ten.

    Where there are more than ten, of ten. Unscored where there are none.
    """
    wanted = {one for one, grade in ranked.of.file.grades.items() if grade >= RELEVANT}
    if not wanted:
        return UNSCORED
    hit = [one for one, _ in ranked.found[:10] if one in wanted]
    return Score(len(hit) / min(10, len(wanted)))


def mrr(ranked: Ranked) -> Score:
    """Return one over the place of the first resource graded 2 or 3; unscored without any."""
    return _measured(ranked, "RR(rel=2)")


def judged(ranked: Ranked) -> Score:
    """Return the share of the first five that somebody graded; the rest counts as grade 0."""
    return Score(share([one in ranked.of.file.grades for one, _ in ranked.found[:SHOWN]]))


def budget_fit(ranked: Ranked) -> Score:
    """Return 1 where the list keeps the minutes asked for, else 0; unscored without a budget.

    An empty list keeps any budget and helps nobody: 0.
    """
    budget = ranked.of.file.minutes
    if budget is None:
        return UNSCORED
    spent = sum(one.budget_minutes for one in ranked.library.resources.values()
                if one.id in {own for own, _ in ranked.found})
    return Score(float(bool(ranked.found) and spent <= budget), f"{spent} of {budget} minutes")


def level_fit(ranked: Ranked) -> Score:
    """Return how near the first five are to the level asked for: 1 the same, 0.5 one off, 0."""
    wanted = ranked.of.file.level
    if wanted is None or not ranked.resources:
        return UNSCORED
    away = [abs(LEVELS.index(one.level) - LEVELS.index(wanted)) for one in ranked.resources]
    return Score(sum(1 - one / 2 for one in away) / len(away))


def readable(ranked: Ranked) -> Score:
    """Return the share of the list in a language that may be shown; unscored where any may."""
    allowed = {base_language(one) for one in ranked.of.file.readable}
    if not allowed or not ranked.found:
        return UNSCORED
    return Score(share([base_language(ranked.library.resources[one].language) in allowed
                        for one, _ in ranked.found if one in ranked.library.resources]))


def diversity(ranked: Ranked) -> Score:
    """Return how much the first five differ: one less the mean overlap of their topics (Jaccard).

    Intra-list distance after Smyth and McClave (2001). Unscored for fewer than two.
    """
    sets = [set(one.topics) for one in ranked.resources]
    pairs = [(one, other) for at, one in enumerate(sets) for other in sets[at + 1:]]
    if not pairs:
        return UNSCORED
    return Score(1 - sum(len(a & b) / len(a | b) for a, b in pairs) / len(pairs))


def coverage(ranked: Ranked) -> Score:
    """Return this list's part in how much of the library is shown.

    The mean over its first five of one over the lists of the run that show the resource too;
    averaged over all lists of five it is the number of different resources shown over the number
    of places: 1 nothing twice, near 0 the same few for everybody.
    """
    first = [one for one, _ in ranked.found[:SHOWN]]
    return Score(sum(1 / ranked.shown[one] for one in first) / len(first)) if first else UNSCORED


def faithful(ranked: Ranked) -> Score:
    """Return the share of the first five whose reason is true; see `is_faithful`."""
    return Score(share([is_faithful(one, reason, ranked.library, ranked.language)
                        for one, reason in ranked.found[:SHOWN]]))


def in_library(ranked: Ranked) -> Score:
    """Return 1 where every resource of the list is active in the library and none twice, else 0."""
    ids = [one for one, _ in ranked.found]
    wrong = [one for one in ids if one not in ranked.library.resources
             or ranked.library.resources[one].status != "active" or ids.count(one) > 1]
    return Score(0.0 if wrong else 1.0, ", ".join(wrong))


def is_faithful(resource_id: str, reason: str, library: Library, language: str) -> bool:
    """Return whether a reason says what the library's own entry says.

    It is the gist word for word, or says what one of the resource's topics practises, or, in a
    model's own words, shares a third of its stems with gist, title and topics. Minutes that it
    names are the resource's own.
    """
    resource = library.resources.get(resource_id)
    if resource is None:
        return False
    minutes = [int(one) for one in _MINUTES.findall(reason)]
    if any(one != resource.minutes for one in minutes):
        return False
    said = plain(reason)
    terms = [library.topics[one].text for one in resource.topics if one in library.topics]
    if plain(resource.gist) in said:
        return True
    if any(plain(text.practice) in said for words in terms for text in words.values()):
        return True
    base = base_language(language)
    entry = [resource.title, resource.gist, *(
        part for words in terms for own, text in words.items() if own == base
        for part in (text.label, text.practice, text.description))]
    own, known = (_stems(texts, base) for texts in ([reason], entry))
    return bool(own) and len(own & known) / len(own) >= TRUE_WORDS


def _stems(texts: Sequence[str], language: str) -> set[str]:
    return {token for tokens in tokenize(list(texts), language) for token in tokens}


def _measured(ranked: Ranked, name: str) -> Score:
    try:
        from ir_measures import iter_calc, parse_measure
    except ImportError as error:
        raise MissingExtraError(
            "ir-measures is not installed; run: pip install 'agendum[evals]'") from error
    grades = ranked.of.file.grades
    least = RELEVANT if name.startswith("RR") else 1
    if not any(grade >= least for grade in grades.values()):
        return UNSCORED
    run = {"q": {one: float(-at) for at, (one, _) in enumerate(ranked.found)} or {"-": 0.0}}
    values = list(iter_calc([parse_measure(name)], {"q": grades}, run))
    return Score(float(values[0].value))


METRICS = (
    Metric("ndcg@5", "Do the best resources come first?", "mean", ndcg_at_5),
    Metric("recall@10", "Are the good ones among the first ten?", "mean", recall_at_10),
    Metric("mrr", "How soon comes the first good one?", "mean", mrr),
    Metric("judged@5", "How many of the list did somebody grade?", "none", judged),
    Metric("in_library", "Is every resource there?", "must", in_library),
    Metric("budget_fit", "Does the list keep to the time?", "mean", budget_fit),
    Metric("level_fit", "Does it suit their level?", "none", level_fit),
    Metric("readable", "Is it in a language they read?", "mean", readable),
    Metric("diversity", "Do the resources differ?", "mean", diversity),
    Metric("coverage", "Is more than a handful ever shown?", "mean", coverage),
    Metric("faithful", "Is what is said of them true?", "mean", faithful),
)
