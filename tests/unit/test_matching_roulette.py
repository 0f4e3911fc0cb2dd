"""Roulettes between mentees and mentors, over several runs, and who waits."""

from collections import Counter

import numpy as np
import pytest
from matchmaking import PHRASES, crowd, person, programme, terms

from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.matching.match import Matching
from recommender.matching.roulette import meet_everybody
from recommender.matching.terms import Before, MetFeedback, PastPair


def played(
    people: list[Profile], own: Programme, rounds: int, earlier: list[PastPair]
) -> list[Matching]:
    return meet_everybody(lambda before: terms(people, own, before), rounds, PHRASES, "s",
                          earlier=earlier)


def pairs_of(rounds: list[Matching]) -> list[PastPair]:
    return [PastPair(mentee=pair.mentee, mentor=pair.mentor, status="ended")
            for one in rounds for pair in one.pairs]


@pytest.mark.parametrize("relation", ["mentor", "peer"])
@pytest.mark.parametrize("seed", range(6))
def test_nobody_meets_somebody_again_before_everybody_else(relation: str, seed: int) -> None:
    """Over two runs, under a rule that keeps some apart: of whom somebody may meet, nobody was
    met less often than whom they meet."""
    people = [one.model_copy(update={"capacity": 1})
              for one in crowd(np.random.default_rng(seed), 5, 4)]
    if relation == "peer":
        people = [one.model_copy(update={"roles": ["peer"]}) for one in people]
    rule = {"field": "level", "rule": "must", "test": "gap", "min": -4, "max": 4}
    own = programme([rule], relation=relation)
    plain = terms(people, own)
    ids = plain.pool.ids
    first = played(people, own, 7, [])
    met: dict[str, Counter[str]] = {one: Counter() for one in ids}
    repeated = 0
    for one in [*first, *played(people, own, 7, pairs_of(first))]:
        for pair in one.pairs:
            for own_id, other, as_mentee in ((pair.mentee, pair.mentor, True),
                                             (pair.mentor, pair.mentee, relation == "peer")):
                eligible = plain.eligible(plain.pool.row[own_id], as_mentee=as_mentee)
                least = min(met[own_id][ids[at]] for at in np.flatnonzero(eligible))
                assert met[own_id][other] == least
                repeated += least > 0
        for pair in one.pairs:
            met[pair.mentee][pair.mentor] += 1
            met[pair.mentor][pair.mentee] += 1
    assert repeated


def test_a_better_fit_does_not_starve_another() -> None:
    """One mentor, two mentees: they take turns, whoever fits better."""
    people = [person("a", roles=["mentee"], skills_wanted=["giving feedback"]),
              person("b", roles=["mentee"], skills_wanted=["watercolour"]),
              person("M", roles=["mentor"], skills_offered=["giving feedback"])]
    rounds = played(people, programme(), 4, [])
    assert [one.pairs[0].mentee for one in rounds] == ["a", "b", "a", "b"]
    waits = rounds[1].unmatched[0]
    assert (waits.id, waits.relax) == ("a", None)
    assert waits.reasons == ["everybody eligible has been met before; they come round again once "
                             "they, too, have met everybody"]
    assert rounds[1].relax is None


def test_verdicts_and_active_pairs_hold_through_all_rounds() -> None:
    """Who was turned down stays away, and an active pair takes its place."""
    people = [person("a", roles=["mentee"]), person("M", roles=["mentor"], capacity=2),
              person("N", roles=["mentor"]), person("O", roles=["mentor"])]
    feedback = [MetFeedback(profile_id="a", candidate_id="O", verdict="not_interested")]
    active = PastPair(mentee="elsewhere", mentor="N")
    rounds = meet_everybody(
        lambda before: terms(people, programme(), Before([active, *before.pairs], feedback)), 3,
        PHRASES)
    assert [pair.mentor for one in rounds for pair in one.pairs] == ["M", "M", "M"]


def test_meetings_with_people_who_are_gone_do_not_count() -> None:
    """A history may name anybody."""
    people = [person("a", roles=["peer"]), person("b", roles=["peer"])]
    earlier = [PastPair(mentee="a", mentor="gone", status="ended"),
               PastPair(mentee="b", mentor="a", status="ended")]
    rounds = played(people, programme(relation="peer"), 2, earlier)
    assert [len(one.pairs) for one in rounds] == [1, 1]


def test_the_progress_counts_rounds() -> None:
    """To the last."""
    told: list[tuple[int, int]] = []
    people = [person("a", roles=["peer"]), person("b", roles=["peer"])]
    meet_everybody(lambda before: terms(people, programme(relation="peer"), before), 2, PHRASES,
                   progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
