"""Small pools of people with a quick encoder, and random ones, for the tests of matching."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from fakes import BagOfWordsEncoder

from content_library.load import load_library
from recommender.domain.phrases import Phrases
from recommender.domain.profile import Profile
from recommender.domain.programme import Programme
from recommender.matching.match import PhrasesFor
from recommender.matching.meaning import meaning_of_people
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.pool import Pool
from recommender.matching.terms import Before, Terms
from recommender.retrieval.centring import QueryCentres
from recommender.retrieval.encoder import Floats

ENCODER = BagOfWordsEncoder()
NOTHING = Before()
SKILLS = ("giving feedback", "budget planning", "negotiation", "public speaking",
          "managing a team", "forecasting", "hard conversations", "writing clearly")


def centres() -> QueryCentres:
    """Return centres of three languages, small beside the vectors."""
    rng = np.random.default_rng(1)
    means: dict[str, Floats] = {
        one: (rng.normal(size=ENCODER.width) * 0.02).astype(np.float32)
        for one in ("en", "es", "fr")}
    return QueryCentres(short=means, long=means)


VECTORS = PhraseVectors(ENCODER, centres())


@lru_cache
def english() -> Phrases:
    """Return the library's English phrases."""
    return load_library().phrases["en"]


def english_for(row: int) -> Phrases:
    """Return the same for whoever it is."""
    return english()


PHRASES: PhrasesFor = english_for


def programme(
    rules: Sequence[dict[str, Any]] = (), *, relation: str = "mentor", semantic: float = 5,
    **more: Any,
) -> Programme:
    """Return a programme of these rules."""
    return Programme.model_validate({
        "id": "p", "name": "P", "purpose": "To learn", "success": "Learnt", "relation": relation,
        "matching": {"rules": list(rules), "semantic": {"weight": semantic}}, **more})


def person(own: str, **more: Any) -> Profile:
    """Return a profile."""
    return Profile.model_validate({"id": own, **more})


def terms(
    people: Sequence[Profile], own: Programme | None = None, before: Before = NOTHING
) -> Terms:
    """Return what these people are judged by."""
    used = own or programme()
    pool = Pool(people)
    return Terms(pool, used, meaning_of_people(pool.profiles, VECTORS, used.ai_fields), before)


def crowd(rng: np.random.Generator, mentees: int, mentors: int) -> list[Profile]:
    """Return random people, with gaps in what they say, in no order."""
    people = []
    for at in range(mentees + mentors):
        is_mentor = at >= mentees
        some = [str(one) for one in rng.choice(SKILLS, size=2, replace=False)]
        data: dict[str, Any] = {
            "id": f"{'M' if is_mentor else 'm'}{at:03}",
            "roles": ["mentor"] if is_mentor else ["mentee"],
            "skills_offered" if is_mentor else "skills_wanted": some,
            "languages": [str(rng.choice(["en", "es", "fr"]))],
            "level": int(rng.integers(1, 8)),
            "function": str(rng.choice(["finance", "people", "data"])),
            "attributes": {"gender": str(rng.choice(["f", "m", "x"])),
                           "site": str(rng.choice(["north", "south"]))},
        }
        if is_mentor:
            data["capacity"] = int(rng.integers(0, 4))
        for field in ("languages", "level", "function"):
            if rng.random() < 0.1:
                del data[field]
        people.append(Profile.model_validate(data))
    return [people[at] for at in rng.permutation(len(people))]
