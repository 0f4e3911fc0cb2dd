from typing import Any

import pytest

from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.privacy import (
    EMAIL,
    PHONE,
    People,
    people_named,
    people_of,
    plain,
    quotable,
    sentences,
)

KNOWN = frozenset(
    "ask the my team i will what question claire une is have to in we meet say before "
    "j'ai demande l'équipe preguntar qué may rate".split()
)


def named(*names: str | None, known: frozenset[str] = frozenset()) -> People:
    roles = ("mentee", "mentor", "mentee", "mentee")
    data: dict[str, Any] = {
        "programme": "p",
        "members": [{"role": role, "profile": {"id": f"p-{at}", "name": name}}
                    for at, (role, name) in enumerate(zip(roles, names, strict=False))],
        "session": {"number": 1, "minutes": 45, "language": "en"},
    }
    return people_of(Case.model_validate(data), "X", known)


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("Amara Diallo", "I asked Amara, then Diallo.", "I asked X, then X."),
    ("Amara Diallo", "AMARA DIALLO and amara said yes", "X and X said yes"),
    ("Amara Diallo", "Amaranth and Diallobe stay", "Amaranth and Diallobe stay"),
    ("Amara Diallo", "Amara's plan, l'Amara", "X's plan, l'X"),
    ("Diallo, Amara", "Amara and Diallo", "X and X"),
    ("Robert (Bob) Smith", "Bob says Robert is Mr Smith.", "X says X is Mr X."),
    ("José Muñoz", "Jose y José, Munoz y MUÑOZ", "X y X, X y X"),
    ("Jose Munoz", "José y Muñoz", "X y X"),
    ("José Muñoz", "Jose\u0301 came", "X came"),
    ("Zoë Åström", "zoe astrom", "X"),
    ("Jean-Luc Petit", "Jean-Luc et Luc, Jean", "X et X, X"),
    ("Sinéad O’Brien", "Sinead O'Brien came", "X came"),
    ("Sinéad O'Brien", "with O’Brien today", "with X today"),
    ("María de la Cruz", "de la casa, la Cruz", "de la casa, la X"),
    ("Ludwig van Beethoven", "a van for Beethoven", "a van for X"),
    ("Ben Okafor", "Ben was late", "X was late"),
    ("Bo Li", "Bo Li said so", "X said so"),
    ("Bo Lindqvist", "about Lindqvist", "about X"),
    ("Straße Groß", "strasse und GROSS", "X und X"),
    ("Ｆｕｌｌ Wide", "full text, wide", "X text, X"),
    ("محمد علي", "قال محمد نعم", "قال X نعم"),
    ("Олена Коваль", "Олена прийшла", "X прийшла"),
    ("A.J. Quentin", "quentin", "X"),
    ("!!!", "wow!!!", "wow!!!"),
    (None, "nobody is named", "nobody is named"),
])
def test_names_become_roles(name: str | None, text: str, expected: str) -> None:
    """Every part of a member's name, however spelt, is replaced; other words stay."""
    people = named(name, None)
    assert people.without_names(text) == expected
    assert people.named_in(text) == (expected != text)


def test_both_members_are_looked_for() -> None:
    """Names of all members are replaced, the longest first."""
    people = named("Ana Ruiz", "Ana Maria Ruiz")
    assert people.without_names("Ana Maria Ruiz, Maria, Ruiz") == "X, X, X"


@pytest.mark.parametrize(("name", "text", "replaced", "counts"), [
    ("Will Okoro", "What will you ask Will?", "What will you ask X?", True),
    ("Will Okoro", "I will ask.", "I will ask.", False),
    ("Claire Dubois", "Une question claire à poser", "Une question claire à poser", False),
    ("Claire Dubois", "J'ai vu Claire", "J'ai vu X", True),
    ("Will Okoro", "Will you ask? “Will it work?”", "X you ask? “X it work?”", False),
    ("Will Okoro", "ask okoro", "ask X", True),
    ("May Rate", "the rate may rise", "the rate may rise", False),
])
def test_names_that_are_words_need_a_capital(
    name: str, text: str, replaced: str, counts: bool
) -> None:
    """A name that is a word of the library is a name only with a capital.

    Where a sentence begins, it may be the word: it is replaced, but an agenda may hold it.
    """
    people = named(name, None, known=KNOWN)
    assert people.without_names(text) == replaced
    assert people.named_in(text) is counts
    assert people.may_be_named_in(text) is (replaced != text)


@pytest.mark.parametrize("text", [
    "amara.diallo@example.org", "write to a+b@mail.example.co.uk now", "é.b@exämple.org",
    "o'brien@example.org",
])
def test_email_is_found_and_replaced(text: str) -> None:
    """No part of an e-mail address is left but what could not be one."""
    assert EMAIL.search(text)
    assert "@" not in named(None, None).without_names(text)


@pytest.mark.parametrize("text", [
    "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78", "(555) 123-4567", "555-123-4567",
    "tel.0612345678", "06.12.34.56.78", "06 12\u00a034 56 78", "+221771234567", "612 345 678",
    "+1 (202) 555 - 0143", "06/12/34/56/78", "call 0612345678.",
])
def test_phone_is_found_and_replaced(text: str) -> None:
    """Phone numbers as people write them are found."""
    assert PHONE.search(text)
    assert sum(map(str.isdigit, named(None, None).without_names(text))) <= 3


@pytest.mark.parametrize("text", [
    "by 2026-11-26 at the latest", "26/11/2026", "26.11.2026", "the 2019-2024 plan", "2019–2024",
    "budget of 1,200,000", "3.14159265358", "room 1203", "45 60 90", "1234567", "v1.2.3",
    "2026-12-03T09:00", "between 2020/2025", "id a12345678b",
])
def test_dates_and_amounts_are_no_phone(text: str) -> None:
    """Dates, spans of years and amounts stay as they are."""
    assert not PHONE.search(text)
    assert named(None, None).without_names(text) == text


def test_long_texts_are_searched_quickly() -> None:
    """A long text without a space takes no more than its length deserves."""
    for text in ("a" * 20_000, "1" * 20_000, "a." * 10_000, "1 " * 10_000):
        assert named("Amara Diallo", None).without_names(text)


@pytest.mark.parametrize(("text", "told", "expected"), [
    ("Ask the team.", True, True),
    ("Ask Maria.", False, False),
    ("Maria and the team.", True, False),
    ("Before we meet, ask. Tomás will say.", True, False),
    ("Ask the team: Maria will say", False, False),
    ("Ask AI and the HR team", True, True),
    ("In March, I will ask", True, True),
    ("J’ai demandé à l'équipe", False, True),
    ("J’ai demande l’équipe", True, True),
    ("Renegociar qué preguntar", False, True),
    ("Renegociar qué preguntar", True, False),
    ("ask amara", True, False),
    ("ask me at a@example.org", True, False),
    ("ask 0612345678", True, False),
    ("", True, True),
    ("¿qué preguntar?", True, True),
])
def test_quotable(text: str, told: bool, expected: bool) -> None:
    """A sentence with a name, a capital that may be one, an address or a number is not quoted."""
    assert quotable(text, named("Amara Diallo", None), KNOWN, told=told) is expected


def test_member_named_like_a_word_is_not_quoted() -> None:
    """A sentence that may begin with a member's name is not quoted."""
    assert not quotable("Will have to ask", named("Will Okoro", None, known=KNOWN), KNOWN,
                        told=True)


def test_sentences_keep_their_order_and_words() -> None:
    """Sentences end at a stop or a line; decimals and abbreviations without space do not."""
    assert sentences(" One. Two?  Three…\nFour 1.5 five\n\n") == [
        "One.", "Two?", "Three…", "Four 1.5 five"]


@pytest.mark.parametrize(("text", "expected"), [
    ("É", "e"), ("L’Été", "l'ete"), ("ﬁne", "fine"), ("Straße", "strasse"), ("e\u0301", "e"),
    ("", ""),
])
def test_plain(text: str, expected: str) -> None:
    """Plain text has no case, accents or curly apostrophes."""
    assert plain(text) == expected


def test_known_words_hold_no_names(catalogue: Catalogue) -> None:
    """The library's words are lower case, with those that any sentence may begin with."""
    words = catalogue.known_words
    assert {"the", "qué", "une"} <= words
    assert all(word == word.lower() for word in words)


def test_a_full_name_of_words_alone_is_found_by_its_capitals() -> None:
    """Will May is no name in "you will may be"; at the start of a sentence May tells it."""
    people = people_named(["Will May"], "the other person", frozenset({"will", "may"}))
    assert not people.named_in("as it will may be")
    assert people.without_names("as it will may be") == "as it will may be"
    assert not people.named_in("Will may be too strong a word.")
    assert people.named_in("Will May said so.")
    assert people.named_in("and Will May said so")
    assert people.without_names("Will May said so.") == "the other person said so."
