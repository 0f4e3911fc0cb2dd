"""Groups: pods of equals, and circles with a mentor, of people who fit each other well.

Choosing the best groups of a pool is a set-packing problem. Groups are proposed around each
person from those nearest to them, every one of a small pool, and HiGHS (through SciPy) chooses
among the proposals: first as many people as possible, then the best fit.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from recommender.domain.matching import Group, Unmatched
from recommender.errors import InvalidInputError
from recommender.matching.assign import TIE, assign, lots_of
from recommender.matching.left_over import left_of_groups
from recommender.matching.match import PhrasesFor, score_matrix
from recommender.matching.pool import Mask, Rows
from recommender.matching.terms import Terms
from recommender.retrieval.encoder import Floats

SMALL = 14
"""People up to whom every possible group is weighed."""
NEAREST = 7
"""Others per person among whom groups are looked for in a larger pool."""
SECONDS, GAP = 60.0, 1e-4
"""How long the choice may take, and what it may leave open, relative to the fit of all; nothing
in a small pool."""
SMALLEST, LARGEST = 2, 12

Progress = Callable[[int, int], None]


def form_groups(
    terms: Terms, smallest: int, largest: int, phrases_for: PhrasesFor, *, circles: bool = False,
    seed: str = "", progress: Progress | None = None,
) -> tuple[list[Group], list[Unmatched]]:
    """Return pods of equals, or circles, and who is left over with the reason.

    Every two members of a pod may meet by every rule. A group's score is the mean over its
    pairs, between equals of the side that gains less. A circle's mentor may meet each member.

    Args:
        smallest: Members of a group at least, mentors not counted.
        largest: Members at most.
        circles: Give each group a mentor, as far as mentors have room.

    Raises:
        InvalidInputError: The sizes make no sense, or no answer came in time.
    """
    if not SMALLEST <= smallest <= largest <= LARGEST:
        raise InvalidInputError.of(
            f"{smallest}-{largest}: two numbers from {SMALLEST} to {LARGEST} expected, "
            "the smaller first", field="size")
    ids = terms.pool.ids
    people = np.flatnonzero(
        (terms.mentees if circles else _equals(terms)) & terms.pool.open)
    pods = terms.among_equals()
    scores = _between(pods, people, progress)
    proposals = _proposals(scores, smallest, largest)
    chosen = _choose(proposals, scores, len(people),
                     lots_of([ids[at] for at in people], ["group"], seed)[:, 0])
    groups = [Group(members=[ids[people[at]] for at in members],
                    score=round(_fit(scores, members), 6)) for members in chosen]
    inside = {own for group in groups for own in group.members}
    proposed = {at for group in proposals for at in group}
    left = [left_of_groups(pods, row, phrases_for(row).matching, proposed=at in proposed)
            for at, row in enumerate(people.tolist()) if ids[row] not in inside]
    if circles:
        groups = _with_mentors(terms, groups, seed)
    return groups, left


def _equals(terms: Terms) -> Mask:
    return terms.pool.side("peer") if terms.programme.relation == "peer" else terms.mentees


def _between(pods: Terms, people: Rows, progress: Progress | None) -> Floats:
    """Return how well any two fit, the weaker way; -inf where a rule keeps them apart."""
    if not len(people):
        return np.zeros((0, 0), dtype=np.float32)
    scores = score_matrix(pods, people, people, progress)
    return np.minimum(scores, scores.T)


def _proposals(scores: Floats, smallest: int, largest: int) -> list[tuple[int, ...]]:
    """Return groups worth weighing, each as rising positions."""
    count = len(scores)
    fits = np.isfinite(scores)
    found: set[tuple[int, ...]] = set()
    if count <= SMALL:
        around = [(at, [other for other in range(at + 1, count) if fits[at, other]])
                  for at in range(count)]
    else:
        order = np.argsort(-scores, axis=1, kind="stable")
        around = [(at, [int(other) for other in order[at, :NEAREST] if fits[at, other]])
                  for at in range(count)]
    for at, others in around:
        for size in range(smallest - 1, largest):
            for more in combinations(others, size):
                group = tuple(sorted((at, *more)))
                if group not in found and all(fits[one, other]
                                              for one, other in combinations(more, 2)):
                    found.add(group)
    return sorted(found)


def _choose(
    proposals: Sequence[tuple[int, ...]], scores: Floats, count: int, lots: Floats
) -> list[tuple[int, ...]]:
    """Return the best proposals that share nobody."""
    if not proposals:
        return []
    covered = count + 1.0  # one more person is worth more than the best fit of everybody
    worth = np.array([len(group) * (covered + _fit(scores, group))
                      + TIE * float(lots[list(group)].sum()) for group in proposals])
    order = np.argsort([sum(lots[at] for at in group) % 1 for group in proposals], kind="stable")
    proposals, worth = [proposals[at] for at in order], worth[order]
    lines = np.concatenate([np.array(group) for group in proposals])
    columns = np.repeat(np.arange(len(proposals)), [len(group) for group in proposals])
    members = sparse.csr_matrix((np.ones(len(lines)), (lines, columns)),
                                shape=(count, len(proposals)))
    answer = milp(-worth, constraints=LinearConstraint(members, ub=np.ones(count)),
                  bounds=Bounds(0, 1), integrality=np.ones(len(proposals)),
                  options={"mip_rel_gap": GAP / covered if count > SMALL else 0.0,
                           "time_limit": SECONDS})
    if answer.x is None:
        raise InvalidInputError.of(f"no groups were found in time ({answer.message}); "
                                   "split the pool, or use stricter rules")
    return sorted(proposals[at] for at in np.flatnonzero(answer.x > 0.5).tolist())


def _fit(scores: Floats, members: Sequence[int]) -> float:
    pairs = list(combinations(members, 2))
    return float(np.mean([scores[one, other] for one, other in pairs]))


def _with_mentors(terms: Terms, groups: Sequence[Group], seed: str) -> list[Group]:
    """Return the groups with the mentors who serve all of their members best."""
    mentors = np.flatnonzero(terms.mentors & terms.pool.open & (terms.room > 0))
    if not len(mentors) or not groups:
        return list(groups)
    rows = [[terms.pool.row[own] for own in group.members] for group in groups]
    scores = np.vstack([
        score_matrix(terms, np.array(members), mentors).mean(axis=0) for members in rows])
    for line, members in enumerate(rows):
        scores[line, np.isin(mentors, members)] = -np.inf
    lots = lots_of([" ".join(group.members) for group in groups],
                   [terms.pool.ids[at] for at in mentors], seed)
    best = assign(scores, terms.room[mentors], lots)
    return [group if to < 0 else
            group.model_copy(update={"mentors": [terms.pool.ids[mentors[to]]]})
            for group, to in zip(groups, best.mentor, strict=True)]
