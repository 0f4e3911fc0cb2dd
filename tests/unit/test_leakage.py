import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from evals.privacy import DATA, Leakage, measure_leakage, read, stands_in
from recommender.agendas.brief import Brief, Words, make_brief
from recommender.agendas.view import view_case, visible_brief
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.names.safe import others_of, safe_text
from recommender.privacy import people_named

FILLED = read(DATA / "filled.jsonl")


def case_of(line: dict[str, Any]) -> Case:
    """Return a case in which somebody wrote the line where it says, and in a bio."""
    text, place = line["text"], line["place"]
    first, second = line["members"]
    past = {"number": 1, "notes": text if place == "note" else None,
            "actions": [{"id": "a1", "text": text, "owner": "p-1", "status": "open"}]
            if place == "action" else []}
    return Case.model_validate({
        "programme": "new-managers",
        "members": [
            {"role": "mentee", "profile": {"id": "p-1", "name": first, "bio": text,
                                           "headline": text[:120], "skills_wanted": [text]}},
            {"role": "mentor", "profile": {"id": "p-2", "name": second, "bio": text,
                                           "skills_offered": [text]}}],
        "goals": [{"id": "g1", "text": text, "owner": "p-1"}] if place == "goal" else [],
        "session": {"number": 2, "minutes": 60, "language": line["language"],
                    "talking_points": [{"id": "t1", "text": text, "by": "p-1"}]
                    if place == "point" else []},
        "history": [past],
    })


def words_of(brief: Brief) -> list[Words]:
    """Return everything in a brief that somebody wrote, but actions."""
    return [*brief.goals, *brief.done, *brief.talking_points, *brief.notes, *brief.skills,
            *brief.offers]


def left(texts: Sequence[str], parts: Sequence[str]) -> Iterator[str]:
    """Yield the parts that stand as a word in one of the texts."""
    for part in parts:
        if any(stands_in(part, text) for text in texts):
            yield part


@pytest.fixture(scope="module")
def leakage(catalogue: Catalogue) -> Leakage:
    """Return what the production path leaves on all templates."""
    known = catalogue.known_words
    phrases = catalogue.library.phrases

    def safe(text: str, language: str, members: Sequence[str]) -> str:
        return safe_text(text, people_named(members, "the other person", known),
                         others_of(known), phrases[language].person_other)

    return measure_leakage(safe)


def test_there_are_enough_templates() -> None:
    """Three hundred filled templates and two hundred ordinary sentences in three languages."""
    assert len(FILLED) >= 300
    assert len({line["text"] for line in FILLED}) == len(FILLED)
    assert {line["language"] for line in FILLED} == {"en", "es", "fr"}
    assert len(read(DATA / "ordinary.jsonl")) >= 200


def test_no_member_and_no_contact_is_left(leakage: Leakage) -> None:
    """No member's name, e-mail, number, link, handle, id, street or birth date is left."""
    print(leakage.to_text())
    assert leakage.members == ()
    assert leakage.contacts == ()


def test_next_to_no_other_name_is_left(leakage: Leakage) -> None:
    """Of the names of people nobody told us of, 97 in 100 parts are hidden."""
    assert leakage.recall >= 0.97


def test_ordinary_sentences_are_hardly_touched(leakage: Leakage) -> None:
    """Products, places, months and departments stay in 92 of 100 sentences."""
    assert leakage.over <= 0.08


def test_briefs_and_views_hold_nobody(catalogue: Catalogue) -> None:
    """Whatever place a template stands in, the brief and what a model sees hold no name of it.

    What may be quoted of goals, actions and notes names nobody either; a talking point is its
    author's own words, without members and addresses.
    """
    named: list[tuple[str, str]] = []
    parts = 0
    for line in FILLED:
        case = case_of(line)
        brief = make_brief(case, catalogue.library, catalogue.hand_off_rules,
                           catalogue.known_words)
        view = view_case(case, visible_brief(brief), catalogue)
        quotes = [one.quote for one in (*words_of(brief), *brief.actions)
                  if one.quote is not None and one not in brief.talking_points]
        seen = [one.text for one in (*words_of(brief), *brief.actions)]
        seen += [*brief.background, *view.texts(), *quotes]
        points = [one.quote or "" for one in brief.talking_points]
        addresses = [one for one in line["contacts"] if "@" in one]
        assert list(left([*seen, *points], line["own"])) == [], line
        assert not [one for one in line["contacts"] if one.lower() in "\n".join(seen).lower()], line
        assert not [one for one in addresses if one in "\n".join(points)
                    and not one.startswith("@")], line
        named += [(line["id"], part) for part in left(seen, line["others"])]
        parts += len(line["others"])
    print(f"{len(named)} of {parts} parts of names left: {named}")
    assert len(named) / parts <= 0.03


def test_nothing_grave_is_seen(catalogue: Catalogue) -> None:
    """Of a goal, action, note, point or bio that needs a person no search or model sees a word."""
    grave = "My husband hit me and I think about suicide"
    for place in ("goal", "action", "note", "point"):
        line = {"text": grave, "place": place, "members": ["Amara Diallo", "Henrik Lindqvist"],
                "language": "en"}
        case = case_of(line)
        brief = make_brief(case, catalogue.library, catalogue.hand_off_rules,
                           catalogue.known_words)
        view = view_case(case, visible_brief(brief), catalogue)
        assert brief.hand_off
        seen = json.dumps([
            [one.text for one in words_of(brief)], [one.quote for one in words_of(brief)],
            [[one.text, one.quote] for one in brief.actions], list(brief.background),
            view.texts()])
        assert "husband" not in seen
        assert "suicide" not in seen
