"""Reasons, privacy, feedback, pairs, exposure, fairness, groups, and who is left over."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest
from fakes import BagOfWordsEncoder
from matchmaking import PHRASES, SKILLS, centres, crowd, english, person, programme, terms

from recommender.catalogue import Catalogue
from recommender.domain.profile import Profile
from recommender.errors import InvalidInputError
from recommender.matching.fairness import depends_on, gini, report_fairness
from recommender.matching.groups import form_groups
from recommender.matching.match import match_pool, score_matrix
from recommender.matching.meaning import meaning_of_people
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.phrases import phrases_of
from recommender.matching.pool import Pool
from recommender.matching.roulette import meet_everybody
from recommender.matching.suggest import explain_candidate, suggest_mentors, what_shuts_out
from recommender.matching.terms import Before, MetFeedback, PastPair, Terms
from recommender.retrieval.encoder import Floats

MENTEE = person("m1", roles=["mentee"], skills_wanted=["giving feedback"])
COACHES = [person(f"M{at}", roles=["mentor"], skills_offered=[skill], capacity=2)
           for at, skill in enumerate(SKILLS)]
PRIVATE = person(
    "p1", name="Seán O'Brien", email="sean@corp.example", roles=["mentor"], capacity=1,
    headline="Coach for giving feedback", skills_offered=["giving feedback", "O'Brien's method"],
    bio="I give feedback daily. Write to me at sean@corp.example. Call +33 6 12 34 56 78. "
        "Brien is what they call me.",
    attributes={"gender": "f", "age": 47, "note": "giving feedback quietly"})


class Listening(BagOfWordsEncoder):
    """Remembers every text it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def encode_queries(self, texts: object) -> Floats:  # type: ignore[override]
        self.heard += list(texts)  # type: ignore[call-overload]
        return super().encode_queries(texts)  # type: ignore[arg-type]


def names(judged: Terms, own: str = "m1", limit: int = 50) -> list[str]:
    return [one.candidate for one in suggest_mentors(judged, own, english(), limit)]


def said(*verdicts: tuple[str, str]) -> Before:
    return Before(feedback=[MetFeedback.model_validate(
        {"profile_id": "m1", "candidate_id": own, "verdict": verdict})
        for own, verdict in verdicts])


def test_reasons_stand_word_for_word_on_both_profiles() -> None:
    """Want and offer are fields of the people named, and only of those the programme opens."""
    people = [*crowd(np.random.default_rng(3), 8, 12), PRIVATE]
    for fields in (["skills_wanted", "skills_offered"], ["skills_wanted", "headline"]):
        judged = terms(people, programme(ai_fields=fields))
        by_id = {one.id: one for one in people}
        seen = 0
        for own in [one.id for one in people if one.roles == ["mentee"]]:
            for one in suggest_mentors(judged, own, english(), 20):
                for reason in one.reasons:
                    seen += 1
                    assert (reason.wanted_by, reason.offered_by) == (own, one.candidate)
                    assert reason.want in by_id[own].skills_wanted
                    offer = by_id[one.candidate]
                    assert reason.offer in (offer.skills_offered if "skills_offered" in fields
                                            else [offer.headline])
                    assert reason.want in one.told or reason != one.reasons[0]
        assert seen


def test_no_name_or_address_reaches_the_encoder() -> None:
    """Nor a phone number, an attribute, or half an address where a long text is cut."""
    long = person("p2", name="Bo Li", roles=["mentor"],
                  bio="x" * 285 + " mail zoe.quartz@corp.example now",
                  skills_offered=["Bo Li teaches", "a list"])
    encoder = Listening()
    people = [MENTEE, PRIVATE, long]
    used = programme()
    pool = Pool(people)
    Terms(pool, used, meaning_of_people(
        pool.profiles, PhraseVectors(encoder, centres()), used.ai_fields))
    heard = " | ".join(encoder.heard).lower()
    assert "giving feedback" in heard
    assert "a list" in heard
    for private in ("sean", "brien", "corp.example", "12 34", "quietly", "47", "quartz", "bo li"):
        assert private not in heard, private


def test_private_fields_are_not_quoted_by_why() -> None:
    """A rule may use gender or an attribute; its outcome is told, its values are not."""
    rules = [{"field": field, "rule": "must", "test": "same"}
             for field in ("attributes.gender", "attributes.Age", "attributes.site", "email")]
    mentee = MENTEE.model_copy(update={
        "attributes": {"gender": "zz", "Age": 61, "site": "Lyon"}, "email": "me@x.example"})
    mentor = COACHES[0].model_copy(update={
        "attributes": {"gender": "qq", "Age": 62, "site": "Paris"}, "email": "you@x.example"})
    found = explain_candidate(terms([mentee, mentor], programme(rules)), "m1", "M0", english())
    assert [one.detail for one in found.outcomes if one.kind == "must"] == ["not shown"] * 4
    assert [one.outcome for one in found.outcomes if one.kind == "must"] == ["not_met"] * 4
    text = found.model_dump_json()
    for private in ("zz", "qq", "61", "62", "Lyon", "Paris", "x.example"):
        assert private not in text
    opened = programme(rules[2:3], ai_fields=["attributes.site"])
    shown = explain_candidate(terms([mentee, mentor], opened), "m1", "M0", english())
    assert shown.outcomes[-1].detail == "Lyon / Paris"


def test_a_verdict_changes_the_next_list_and_can_be_undone() -> None:
    """Turned down and met people go, for both sides; undo brings them back."""
    people = [MENTEE, *COACHES]
    every = names(terms(people))
    for verdict in ("not_interested", "met"):
        assert "M3" not in names(terms(people, before=said(("M3", verdict))))
        assert names(terms(people, before=said(("M3", verdict), ("M3", "undo")))) == every
        before = Before(feedback=[MetFeedback.model_validate(
            {"profile_id": "M3", "candidate_id": "m1", "verdict": verdict})])
        assert "M3" not in names(terms(people, before=before))
        why = explain_candidate(terms(people, before=before), "m1", "M3", english())
        assert "turned down" not in why.told
    for status in ("active", "ended"):
        pair = PastPair.model_validate({"mentee": "m1", "mentor": "M3", "status": status})
        assert "M3" not in names(terms(people, before=Before(pairs=[pair])))


def test_what_worked_well_lifts_people_alike() -> None:
    """A part of its own says so, in lists and in the match."""
    people = [MENTEE, *COACHES, person("N", roles=["mentor"], skills_offered=["negotiation now"])]
    assert SKILLS[2] == "negotiation"
    plain = {one.candidate: one for one in suggest_mentors(terms(people), "m1", english(), 50)}
    judged = terms(people, before=said(("M2", "worked_well")))
    lifted = {one.candidate: one for one in suggest_mentors(judged, "m1", english(), 50)}
    assert lifted["N"].score > plain["N"].score
    assert lifted["N"].parts[-1].rule.startswith("like somebody")
    assert lifted["N"].parts[-1].value > 0.3
    assert match_pool(judged, PHRASES).pairs[0].score == pytest.approx(
        max(one.score for one in lifted.values()), abs=2e-6)


def test_active_pairs_stay_and_take_room() -> None:
    """They are told as kept; with `keep` off they only take room."""
    mentees = [person(f"m{at}", roles=["mentee"]) for at in range(3)]
    mentor = person("M", roles=["mentor"], capacity=2)
    before = Before(pairs=[PastPair(mentee="m1", mentor="M")])
    found = match_pool(terms([*mentees, mentor], before=before), PHRASES)
    assert [one.mentee for one in found.pairs if one.kept] == ["m1"]
    assert len(found.pairs) == 2
    assert len(found.unmatched) == 1
    again = match_pool(terms([*mentees, mentor], before=before), PHRASES, keep=False)
    assert len(again.pairs) == 1
    assert again.pairs[0].mentee != "m1"


@pytest.mark.parametrize("relation", ["mentor", "peer"])
@pytest.mark.parametrize("left", ["gone", "paused", "ended"])
def test_who_lost_their_partner_is_matched_again(relation: str, left: str) -> None:
    """With somebody else, never with the former partner."""
    peer = relation == "peer"
    people = [person("m", roles=["peer" if peer else "mentee"]),
              person("X", roles=["peer" if peer else "mentor"], available=left != "paused"),
              person("Y", roles=["peer" if peer else "mentor"], avoid=["X"])]
    if left == "gone":
        people = [one for one in people if one.id != "X"]
    status = "ended" if left == "ended" else "active"
    before = Before(pairs=[PastPair.model_validate(
        {"mentee": "m", "mentor": "X", "status": status})])
    found = match_pool(terms(people, programme(relation=relation), before), PHRASES)
    assert {"m", "Y"} in [{one.mentee, one.mentor} for one in found.pairs]
    assert not any({"m", "X"} == {one.mentee, one.mentor} for one in found.pairs)


@pytest.mark.parametrize("count", [4, 5, 6])
def test_a_roulette_repeats_nobody_until_all_were_met(count: int) -> None:
    """Between equals: whoever meets somebody again has met everybody else before."""
    people = [person(f"p{at}", roles=["peer"]) for at in range(count)]
    rounds = meet_everybody(
        lambda before: terms(people, programme(relation="peer"), before), 2 * count, PHRASES)
    met: dict[str, list[str]] = {one.id: [] for one in people}
    for one in rounds:
        assert one.pairs
        for pair in one.pairs:
            for own, other in ((pair.mentee, pair.mentor), (pair.mentor, pair.mentee)):
                assert other not in met[own] or len(set(met[own])) == count - 1, (own, met[own])
        for pair in one.pairs:
            met[pair.mentee].append(pair.mentor)
            met[pair.mentor].append(pair.mentee)
    assert all(len(set(one)) == count - 1 for one in met.values())


def test_no_room_is_never_shown_and_popular_ones_come_last() -> None:
    """Whoever stands in room × limit lists comes after the others, with a warning."""
    full = person("A", roles=["mentor"], skills_offered=["giving feedback"], capacity=0)
    taken = person("B", roles=["mentor"], skills_offered=["giving feedback"])
    popular = person("C", roles=["mentor"], skills_offered=["giving feedback"], capacity=2)
    people = [MENTEE, full, taken, popular, *COACHES[1:3]]
    pairs = [PastPair(mentee="other", mentor="B")]
    for count, place in ((5, 0), (6, 2)):
        before = Before(pairs=pairs, shown={"C": count})
        found = suggest_mentors(terms(people, before=before), "m1", english(), 3)
        assert {one.candidate for one in found} == {"C", "M1", "M2"}
        assert found[place].candidate == "C"
        assert any("lists" in text for text in found[place].warnings) == (place == 2)


def test_an_occupied_mentor_may_still_learn() -> None:
    """`capacity: 0` says no to mentees, not to a mentor of one's own, on either side's list."""
    both = person("m1", roles=["mentee", "mentor"], capacity=0)
    judged = terms([both, COACHES[0]])
    assert [one.mentee for one in match_pool(judged, PHRASES).pairs] == ["m1"]
    shown = suggest_mentors(judged, "M0", english(), as_mentee=False)
    assert [(one.candidate, len(one.warnings)) for one in shown] == [("m1", 1)]


def test_gini_and_slices_by_hand() -> None:
    """All alike 0; one of four alone 3/4; 1, 2, 3, 4 a quarter; gaps between mean scores."""
    assert gini(np.array([2.0, 2, 2])) == 0
    assert gini(np.array([0.0, 0, 0, 5])) == 0.75
    assert gini(np.array([4.0, 1, 3, 2])) == 0.25
    people = [person(own, attributes={"gender": value}) if value else person(own)
              for own, value in (("a", "f"), ("b", "f"), ("c", "m"), ("d", ""))]
    found = report_fairness(people, {"a": 0.5, "b": 0.7, "c": 0.9}, ["gender"],
                            {"M": 2}, {"M": 2, "N": 1, "full": 0})
    assert found.gini == 0.5
    assert (found.unmatched, found.worst) == (0.25, 0.5)
    assert found.gaps == {"gender": pytest.approx(0.3)}
    assert [(one.value, one.people, one.matched, one.mean) for one in found.slices["gender"]] == [
        ("f", 2, 1.0, 0.6), ("m", 1, 1.0, 0.9), ("not said", 1, 0.0, None)]


def test_a_rule_over_a_protected_attribute_is_found_out() -> None:
    """The check by exchange says true where a rule uses the attribute, else false."""
    people = crowd(np.random.default_rng(8), 8, 8)
    rule = {"field": "attributes.gender", "rule": "prefer", "test": "same", "weight": 5}
    for rules, expected in (([], False), ([rule], True)):
        assert depends_on(people, "gender", lambda some, rules=rules: match_pool(
            terms(some, programme(rules)), PHRASES)) is expected


def partitions(people: list[int], least: int, most: int) -> Iterator[list[tuple[int, ...]]]:
    """Yield every way to form groups of some of these people."""
    if len(people) < least:
        yield []
        return
    first, rest = people[0], people[1:]
    yield from partitions(rest, least, most)
    for size in range(least - 1, most):
        for more in combinations(rest, size):
            left = [one for one in rest if one not in more]
            for others in partitions(left, least, most):
                yield [(first, *more), *others]


@pytest.mark.parametrize("seed", range(6))
def test_pods_of_a_small_pool_are_the_best_there_are(seed: int) -> None:
    """As many people as possible, then the best fit: held against every set of groups."""
    people = [one.model_copy(update={"roles": ["peer"], "capacity": None,
                                     "skills_wanted": [SKILLS[at % 8]]})
              for at, one in enumerate(crowd(np.random.default_rng(seed), 4, 4 + seed % 2))]
    rules = [{"field": "level", "rule": "must", "test": "gap", "min": -3, "max": 3}]
    judged = terms(people, programme(rules, relation="peer"))
    groups, left = form_groups(judged, 3, 5, PHRASES)
    every = np.arange(len(people))
    scores = score_matrix(judged, every, every)
    scores = np.minimum(scores, scores.T)

    def worth(some: list[tuple[int, ...]]) -> tuple[int, float]:
        fits = [float(np.mean([scores[pair] for pair in combinations(one, 2)])) for one in some]
        if not all(np.isfinite(fits)):
            return -1, 0.0
        return (sum(map(len, some)),
                sum(len(one) * fit for one, fit in zip(some, fits, strict=True)))

    best = max(map(worth, partitions(every.tolist(), 3, 5)))
    found = worth([tuple(judged.pool.row[own] for own in one.members) for one in groups])
    assert found[0] == best[0] == len(people) - len(left)
    assert found[1] == pytest.approx(best[1], abs=1e-4)


def test_a_circle_gets_a_mentor_with_room_who_may_meet_each() -> None:
    """One without room, or apart from one member by a rule, leads none."""
    rule = {"field": "function", "rule": "must", "test": "different"}
    mentees = [person(f"m{at}", roles=["mentee"], function=f"f{at}") for at in range(4)]
    mentors = [person("full", roles=["mentor"], capacity=0, function="x"),
               person("near", roles=["mentor"], function="f0"),
               person("free", roles=["mentor"], function="y")]
    groups, left = form_groups(terms([*mentees, *mentors], programme([rule])), 4, 4, PHRASES,
                               circles=True)
    assert [one.mentors for one in groups] == [["free"]]
    assert not left
    with pytest.raises(InvalidInputError, match="5-3"):
        form_groups(terms(mentees), 5, 3, PHRASES)


def test_the_rule_to_relax_is_the_one_that_brings_most() -> None:
    """Held against leaving out each rule in turn; the reason and the rule are named."""
    rules = [{"field": "languages", "rule": "must", "test": "overlap"},
             {"field": "level", "rule": "must", "test": "gap", "min": 1, "max": 2},
             {"field": "function", "rule": "must", "test": "same"}]
    seen = 0
    for seed in range(12):
        people = crowd(np.random.default_rng(seed), 5, 9)
        judged = terms(people, programme(rules))
        for row in np.flatnonzero(judged.mentees).tolist():
            count, rule, more = what_shuts_out(judged, row, as_mentee=True)
            assert count == judged.eligible(row, as_mentee=True).sum()
            gains = {}
            for at in range(3):
                fewer = terms(people, programme(rules[:at] + rules[at + 1:]))
                gains[str(judged.rules[at])] = int(
                    fewer.eligible(row, as_mentee=True).sum()) - count
            assert more == max(gains.values())
            assert rule is None if more == 0 else gains[str(rule)] == more
        found = match_pool(judged, PHRASES)
        for one in found.unmatched:
            seen += one.relax is not None
            assert one.reasons[0]
            assert one.relax is None or one.relax.split()[0] in one.reasons[1]
    assert seen


def test_a_rule_over_a_field_nobody_has_names_the_nearest() -> None:
    """A misspelt field is no reason to shut everybody out."""
    rule = {"field": "langauges", "rule": "must", "test": "overlap"}
    with pytest.raises(InvalidInputError, match="did you mean languages"):
        terms([MENTEE], programme([rule]))


def test_a_region_of_a_language_keeps_nobody_apart() -> None:
    """Who writes es-MX and who writes es have a language in common."""
    people = [person("m1", languages=["es-MX"]), person("M", languages=["en", "es"])]
    rule = {"field": "languages", "rule": "must", "test": "overlap"}
    assert names(terms(people, programme([rule]))) == ["M"]


def test_whoever_takes_a_break_is_not_matched() -> None:
    """Nor counted among those left over."""
    paused = person("m1", roles=["mentee"], available=False)
    found = match_pool(terms([paused, *COACHES]), PHRASES)
    assert (found.pairs, found.unmatched) == ([], [])


def test_hours_apart_go_round_the_clock() -> None:
    """Auckland and Honolulu are an hour apart in January, on two dates."""
    people = [person("m1", timezone="Pacific/Honolulu"),
              person("M", timezone="Pacific/Auckland"), person("N", timezone="Europe/Paris")]
    rule = {"field": "timezone", "rule": "must", "test": "within_hours", "value": 2}
    assert names(terms(people, programme([rule]))) == ["M"]


def test_a_reporting_line_keeps_apart_both_ways_and_at_any_distance() -> None:
    """Neither the manager's manager nor who reports to one's reports; a colleague is free."""
    people = [person("boss"), person("head", manager_id="boss"), person("m1", manager_id="head"),
              person("peer", manager_id="head"), person("low", manager_id="m1"),
              person("lowest", manager_id="low")]
    rule = {"field": "manager_id", "rule": "must", "test": "not_reporting_line"}
    assert names(terms(people, programme([rule]))) == ["peer"]


def test_the_rule_that_keeps_most_apart_is_told_of_the_pool() -> None:
    """Counted over those without anybody eligible, not over those who lost a place."""
    rules = [{"field": "languages", "rule": "must", "test": "overlap"},
             {"field": "level", "rule": "must", "test": "gap", "min": 1}]
    people = [person(own, roles=["mentee"], languages=["en"], level=level)
              for own, level in (("a", 6), ("b", 6), ("c", 1), ("d", 1))]
    mentors = [person("M", roles=["mentor"], languages=["en"], level=3),
               *(person(own, roles=["mentor"], languages=["fr"], level=3) for own in "NOP")]
    found = match_pool(terms([*people, *mentors], programme(rules)), PHRASES)
    assert found.relax == "level gap min 1"
    assert {one.id: one.relax for one in found.unmatched}["a"] == "level gap min 1"


def test_nobody_leads_the_circle_they_are_in() -> None:
    """Who is both may lead another one."""
    people = [person(f"m{at}", roles=["mentee", "mentor"]) for at in range(3)]
    groups, _ = form_groups(terms(people), 3, 3, PHRASES, circles=True)
    assert [one.mentors for one in groups] == [[]]


def test_goals_that_are_not_active_are_no_wants() -> None:
    """Only what somebody is after now."""
    one = person("a", goals=[{"id": "g1", "text": "now"},
                             {"id": "g2", "text": "done", "status": "reached"}])
    assert phrases_of([one], "wants", frozenset({"goals"})).texts == ("now",)


def test_the_real_encoder_meets_wants_across_languages(catalogue: Catalogue) -> None:
    """A French want finds the English offer, with the reason, and parts of the same shape."""
    people: list[Profile] = [
        person("m1", roles=["mentee"], languages=["fr"], skills_wanted=["négocier un budget"]),
        person("A", roles=["mentor"], skills_offered=["negotiating budgets"]),
        person("B", roles=["mentor"], skills_offered=["watercolour painting"])]
    used, pool = programme(), Pool(people)
    vectors = PhraseVectors(catalogue.encoder, catalogue.bridge.centres)
    judged = Terms(pool, used, meaning_of_people(pool.profiles, vectors, used.ai_fields))
    found = suggest_mentors(judged, "m1", catalogue.library.phrases["fr"])
    assert [one.candidate for one in found] == ["A", "B"]
    assert found[0].reasons[0].offer == "negotiating budgets"
    assert found[0].told.startswith("Tu cherches")
    assert [one.rule for one in found[0].parts] == ["semantic"]
