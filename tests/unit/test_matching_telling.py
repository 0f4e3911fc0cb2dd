"""What matching says, in three languages: rules, details, one and more, groups and pairs."""

import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from matchmaking import PHRASES, person, programme, terms

from content_library.load import Library
from recommender.domain.base import LANGUAGES
from recommender.domain.phrases import Counted, MatchPhrases
from recommender.domain.profile import Profile
from recommender.domain.programme import Rule
from recommender.matching.groups import form_groups
from recommender.matching.match import match_pool
from recommender.matching.suggest import explain_candidate
from recommender.matching.telling import say_rule

RULES: list[dict[str, Any]] = [
    {"field": "languages", "test": "overlap"}, {"field": "country", "test": "same"},
    {"field": "function", "test": "different"}, {"field": "level", "test": "gap", "min": 1},
    {"field": "level", "test": "gap", "max": 0},
    {"field": "level", "test": "gap", "min": -2, "max": 3},
    {"field": "level", "test": "gap", "min": -1, "max": 1},
    {"field": "attributes.age", "test": "at_most", "value": 35, "of": "mentee"},
    {"field": "level", "test": "at_least", "value": 2.5, "of": "both"},
    {"field": "timezone", "test": "within_hours", "value": 1},
    {"field": "manager_id", "test": "not_reporting_line"},
]
SAID = {
    "en": ["languages: something in common", "country: the same", "function: different",
           "level: at least +1, counted from the one who learns",
           "level: at most 0, counted from the one who learns",
           "level: from −2 to +3, counted from the one who learns", "level: at most 1 apart",
           "age: at most 35 (the mentee)", "level: at least 2.5 (both)",
           "time zone: at most 1 h apart", "no reporting line between the two"],
    "es": ["idiomas: algo en común", "país: lo mismo", "función: nada en común",
           "nivel: al menos +1, a contar desde quien aprende",
           "nivel: 0 como máximo, a contar desde quien aprende",
           "nivel: de −2 a +3, a contar desde quien aprende",
           "nivel: a 1 de distancia como máximo", "age: 35 como máximo (quien aprende)",
           "nivel: al menos 2.5 (las dos personas)",
           "zona horaria: a 1 h de diferencia como máximo",
           "sin línea jerárquica entre las dos personas"],
    "fr": ["langues : un point commun", "pays : la même chose", "fonction : rien en commun",
           "niveau : au moins +1, à compter de la personne accompagnée",
           "niveau : 0 au plus, à compter de la personne accompagnée",
           "niveau : de −2 à +3, à compter de la personne accompagnée",
           "niveau : 1 d'écart au plus", "age : 35 au plus (la personne accompagnée)",
           "niveau : au moins 2.5 (les deux personnes)", "fuseau horaire : 1 h d'écart au plus",
           "pas de lien hiérarchique entre les deux personnes"],
}
OWN = {"not_shown": {"en": "not shown", "es": "no se muestra", "fr": "non affiché"},
       "not_known": {"en": "not known", "es": "no se sabe", "fr": "non renseigné"},
       "in_line": {"en": "in one reporting line", "es": "en una misma línea jerárquica",
                   "fr": "dans une même ligne hiérarchique"}}


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every sentence with its place."""
    if isinstance(value, str):
        yield path, value
    for name, each in value.items() if isinstance(value, dict) else ():
        yield from texts_of(each, f"{path}.{name}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_are_said_in_words(library: Library, language: str) -> None:
    """Each test, with its bounds, its side and the field's name; an attribute by its own."""
    words = library.phrases[language].matching
    rules = [Rule.model_validate({"rule": "must"} | one) for one in RULES]
    said = [say_rule(rule, words).replace("\u00a0", " ") for rule in rules]
    assert said == SAID[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_name(library: Library, language: str) -> None:
    """Of a profile, whatever a rule speaks of; an attribute has its own."""
    assert set(library.phrases[language].matching.rules.fields) == {
        *Profile.model_fields} - {"attributes"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_and_more_are_told_apart(library: Library, language: str) -> None:
    """Of one no number is said and nothing stands in the plural; of two the number is."""
    words = library.phrases[language].matching
    singular = re.compile(r"\b(one (more )?person|una persona|une personne)\b")
    plural = re.compile(r"\d|more people|people are|personas|personnes")
    counted = [getattr(words, name) for name in MatchPhrases.model_fields
               if isinstance(getattr(words, name), Counted)]
    assert len(counted) == 6
    for sentence in counted:
        one, two = (sentence.of(count, rule="R") for count in (1, 2))
        assert singular.search(one), one
        assert not plural.search(one), one
        assert "2" in two
        assert plural.search(two.replace("2", "")), two
        assert ("R" in one) == ("R" in two)


def test_languages_have_the_same_slots(library: Library) -> None:
    """No sentence says less in another language."""
    slots = []
    for language in LANGUAGES:
        slots.append({
            path: {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for path, text in texts_of(library.phrases[language].matching.model_dump())})
    assert slots[0] == slots[1] == slots[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_speaks_the_language_of_who_asks(library: Library, language: str) -> None:
    """What is private, unknown or a reporting line is said in it; so is every broken rule."""
    rules = [{"field": "attributes.gender", "rule": "must", "test": "same"},
             {"field": "region", "rule": "must", "test": "same"},
             {"field": "manager_id", "rule": "must", "test": "not_reporting_line"},
             {"field": "attributes.remote", "rule": "prefer", "test": "same"}]
    people = [person("m", attributes={"gender": "zz", "remote": True}, manager_id="M"),
              person("M", attributes={"gender": "qq", "remote": False}, region="Sahel")]
    judged = terms(people, programme(rules, ai_fields=["attributes.remote"]))
    phrases = library.phrases[language]
    found = explain_candidate(judged, "m", "M", phrases)
    details = [one.detail for one in found.outcomes if one.kind != "always"]
    yes, no = phrases.matching.details.yes, phrases.matching.details.no
    assert details == [OWN["not_shown"][language], f"{OWN['not_known'][language]} / Sahel",
                       OWN["in_line"][language], f"{yes} / {no}"]
    for one in found.outcomes:
        if one.kind == "must":
            assert one.asks in found.told
            assert one.detail in found.told
            assert one.rule not in found.told
    assert "zz" not in found.model_dump_json()
    if language != "en":
        english = explain_candidate(judged, "m", "M", library.phrases["en"])
        assert not {one.detail for one in english.outcomes if one.kind == "must"} & set(details)


def test_left_over_of_groups_and_of_pairs_are_told_apart(library: Library) -> None:
    """No pair is spoken of where there are groups; the reason is the one that holds."""
    rule = {"field": "languages", "rule": "must", "test": "overlap"}
    people = [person(own, roles=["peer"], languages=spoken) for own, spoken in (
        ("a", ["en"]), ("b", ["en"]), ("c", ["en"]), ("d", ["en"]), ("e", ["fr"]),
        ("f", ["fr"]), ("g", ["es"]))]
    judged = terms(people, programme([rule], relation="peer"))
    groups, left = form_groups(judged, 3, 3, PHRASES)
    assert len(groups) == 1
    reasons = {one.id: one.reasons for one in left}
    alone = ({"a", "b", "c", "d"} - set(groups[0].members)).pop()
    assert reasons[alone][0] == (
        "3 people are eligible for the same group, but the groups that take in most people and "
        "fit best have no place left")
    assert reasons["e"] == [
        "one person is eligible for the same group, but no group of the size asked for was "
        "found in which any two may meet",
        "without the rule “languages: something in common”, 5 more people would be eligible for "
        "the same group"]
    assert reasons["g"][0] == "nobody is eligible for the same group under the rules"
    assert {one.id: one.eligible for one in left} == {alone: 3, "e": 1, "f": 1, "g": 0}
    pairs = match_pool(judged, PHRASES).unmatched
    assert [one.id for one in pairs] == ["g"]
    assert pairs[0].reasons[0] == "nobody is eligible under the rules"
    for language in LANGUAGES:
        words = library.phrases[language].matching
        for name in ("group_none", "group_full", "group_relax"):
            text = getattr(words, name).of(2, rule="R")
            assert not re.search("pair|parej|binôme", text), text
