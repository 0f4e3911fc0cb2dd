"""Reasons over random profiles: word for word from both sides, and never a private field."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from matchmaking import PHRASES, english, programme, terms

from recommender.domain.profile import Profile
from recommender.domain.programme import DEFAULT_AI_FIELDS
from recommender.matching.exposure import suggest_for_all
from recommender.matching.groups import form_groups
from recommender.matching.match import match_pool
from recommender.matching.suggest import explain_candidate, suggest_mentors
from recommender.privacy import sentences

TOPICS = ("giving feedback", "budget planning", "negotiation", "public speaking")
SECRETS = ("Quilla", "Zabulon", "Ottoline", "Wenceslas")
"""Names, which stand in no text of a topic."""


def secret(at: int, what: str) -> str:
    return f"{SECRETS[at % 4].lower()}{at}{what}"


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[Profile], list[str], str]:
    """Return people who let slip this and that, what a programme may read, and its relation."""
    relation = draw(st.sampled_from(["mentor", "peer"]))
    people = []
    for at in range(draw(st.integers(2, 6))):
        name = f"{SECRETS[at % 4]} {SECRETS[(at + 1) % 4]}son"
        slips = [f"{SECRETS[at % 4]} on {topic}" for topic in TOPICS[:2]]
        slips += [f"{TOPICS[0]} at {secret(at, 'mail')}@corp.example",
                  f"{TOPICS[1]} +33 6 12 34 5{at} 78"]
        texts = st.lists(st.sampled_from([*TOPICS, *slips]), max_size=4, unique=True)
        roles = ["peer"] if relation == "peer" else ["mentee"] if at % 2 else ["mentor"]
        data: dict[str, Any] = {
            "id": f"p{at}", "name": name, "email": f"{secret(at, 'mail')}@corp.example",
            "roles": roles, "skills_wanted": draw(texts), "skills_offered": draw(texts),
            "manager_id": f"boss-{secret(at, 'line')}", "level": draw(st.integers(1, 7)),
            "attributes": {"gender": secret(at, "gender"), "pay": secret(at, "pay"),
                           "note": f"{TOPICS[at % 4]} {secret(at, 'note')}"},
        }
        if draw(st.booleans()):
            data["headline"] = draw(st.sampled_from([*TOPICS, *slips]))
        if draw(st.booleans()):
            data["bio"] = ". ".join(draw(texts)) or None
        people.append(Profile.model_validate(data))
    fields = draw(st.lists(st.sampled_from(DEFAULT_AI_FIELDS), unique=True))
    return people, fields, relation


@given(pools())
def test_reasons_quote_both_profiles_and_nothing_private(
    given_people: tuple[list[Profile], list[str], str]
) -> None:
    """Each want and offer is a text of a field that the programme opens, of the person named;
    no answer holds a name, an address, a number, an attribute or a manager."""
    people, fields, relation = given_people
    rules = [{"field": field, "rule": kind, "test": "same"} for field, kind in (
        ("attributes.gender", "prefer"), ("attributes.pay", "avoid"), ("email", "prefer"),
        ("attributes.note", "prefer"), ("name", "avoid"))]
    judged = terms(people, programme(rules, relation=relation, ai_fields=fields))
    by_id = {one.id: one for one in people}
    answers: list[Any] = []
    for own in by_id:
        found = suggest_mentors(judged, own, english(), 10)
        whys = [explain_candidate(judged, own, other, english()) for other in by_id if other != own]
        answers += [*found, *whys]
        for one in [*found, *whys]:
            for reason in one.reasons:
                assert {reason.wanted_by, reason.offered_by} == {own, one.candidate}
                assert relation == "peer" or reason.wanted_by == own
                wants, offers = by_id[reason.wanted_by], by_id[reason.offered_by]
                assert reason.want in (wants.skills_wanted if "skills_wanted" in fields else [])
                open_to = [*(offers.skills_offered if "skills_offered" in fields else []),
                           *([offers.headline] if "headline" in fields else []),
                           *(sentences(offers.bio or "") if "bio" in fields else [])]
                assert reason.offer in open_to
    groups, left = form_groups(judged, 2, 3, PHRASES)
    lists = suggest_for_all(judged, PHRASES, 2).lists
    answers += [*groups, *left, *lists, *match_pool(judged, PHRASES).unmatched]
    text = " ".join(one.model_dump_json() for one in answers).casefold()
    for at, one in enumerate(people):
        for private in (SECRETS[at % 4], secret(at, "mail"), "@corp", f"34 5{at}",
                        *(str(value) for value in one.attributes.values()), one.manager_id or ""):
            assert private.casefold() not in text, private
