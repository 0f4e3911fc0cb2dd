"""Situations: a sentence added to a vocabulary file, and to nothing else in it."""

import pytest
import yaml

from content_library.load import HOME, Library
from content_library.situations import NEW_FILE, with_situation
from recommender.domain.base import LANGUAGES
from recommender.errors import InvalidInputError
from recommender.learning.situations import add_command, refuse_situation

ENOUGH = 8
SENTENCES = (
    "They nod, and on Monday it is as it was.",
    "He said: \"not now\", and I've been waiting since",
    "- and then nobody came",
    "# of people who answer: none",
    "«¿Y tú?», me dijo: nada más",
    "yes",
)
FILE = """\
# Our own words.
- id: trust   # shipped
  text:
    en:
      situations:
        - They lock their drawers.
        - "She copies
          everyone in."
      # more to come

- id: ours
  text: {en: {label: Ours, situations: [one, two]}, fr: {situations: []}}
- id: influence
  text:
    es:
      step: Prueba una vez.
"""


@pytest.mark.parametrize("kind", ["topics", "focus_areas"])
def test_every_term_has_enough_situations(library: Library, kind: str) -> None:
    """Each topic and focus area holds at least eight situations in each language."""
    counts = {(term.id, language): len(set(term.text[language].situations))
              for term in getattr(library, kind).values() for language in LANGUAGES}
    assert {place: count for place, count in counts.items() if count < ENOUGH} == {}
    assert counts


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_one_new_line_of_the_shipped_file(library: Library, sentence: str) -> None:
    """Of the shipped topics nothing changes but for one line, where the language ends."""
    before = (HOME / "topics.yaml").read_bytes()
    old = before.decode("utf-8").splitlines()
    new = with_situation(before, "trust", "es", sentence, "topics.yaml").decode().splitlines()
    at = next(n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    assert new[:at] + new[at + 1:] == old
    assert yaml.safe_load(new[at]) == [sentence]
    last = library.topics["trust"].text["es"].situations[-1]
    assert last.split()[0].strip("'\"") in new[at - 1]


@pytest.mark.parametrize(("term", "language"), [
    ("trust", "en"), ("trust", "fr"), ("ours", "en"), ("ours", "fr"), ("influence", "es"),
    ("influence", "en"), ("listening", "fr"),
])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_sentence_finds_its_place_in_any_overlay(term: str, language: str, newline: str) -> None:
    """Lists in blocks and in brackets, missing languages and terms: every old line stays."""
    content = FILE.replace("\n", newline).encode()
    before = yaml.safe_load(content)
    new = with_situation(content, term, language, SENTENCES[1], "t.yaml")
    terms = {one["id"]: one for one in yaml.safe_load(new)}
    assert terms[term]["text"][language]["situations"][-1] == SENTENCES[1]
    terms[term]["text"][language]["situations"].pop()
    for one in before:
        for tag, words in one["text"].items():
            for field, value in words.items():
                assert terms[one["id"]]["text"][tag][field] == value
    kept = [line for line in FILE.splitlines() if "id: ours" not in line and "{en" not in line]
    assert [line for line in kept if line not in new.decode().splitlines()] == []
    assert new.count(b"\r\n") == (new.count(b"\n") if newline == "\r\n" else 0)


def test_a_last_line_without_an_end_is_ended_first() -> None:
    """A file whose last line has no line end gets the sentence on a line of its own."""
    new = with_situation(FILE.rstrip().encode(), "influence", "es", "Nadie contesta.", "t.yaml")
    assert new.decode().endswith(
        "      step: Prueba una vez.\n      situations:\n        - Nadie contesta.\n")


def test_a_file_is_begun_where_there_is_none() -> None:
    """Without a file the sentence begins one."""
    new = with_situation(None, "trust", "fr", "Ils ferment tout à clé.", "t.yaml").decode()
    assert new == (f"{NEW_FILE}- id: trust\n  text:\n    fr:\n      situations:\n"
                   "        - Ils ferment tout à clé.\n")


@pytest.mark.parametrize("text", [
    "- {id: trust, text: {en: {step: Go.}}}\n",
    "- id: trust\n  text: &a\n    en: &b\n      situations: &c\n        - one\n    fr: *b\n",
])
def test_a_file_that_one_line_cannot_mend_is_left_alone(text: str) -> None:
    """Where one line would not do, or would change more, the curator is asked to do it."""
    with pytest.raises(InvalidInputError, match=r"t\.yaml: a line cannot be added under trust"):
        with_situation(text.encode(), "trust", "en", "They lock their drawers.", "t.yaml")


@pytest.mark.parametrize(("language", "sentence", "problem"), [
    ("en", "My report is", None),
    ("en", "Short.", "6 characters"),
    ("en", "Nobody says a word when I come into the staff room. " * 9, "467 characters"),
    ("en", "Me dijo que sí y después no hizo nada de lo prometido.", "reads as 'es', not 'en'"),
    ("fr", "Elle m'a dit oui, et puis elle n'a rien fait de la semaine.", None),
    ("en", "I can't be trusted with the keys any more, they say.", "holds 'trusted'"),
    ("es", "Desde el traslado ya no hay confianza en mi turno.", "holds 'confianza'"),
])
def test_a_sentence_is_refused_with_its_reason(
    library: Library, language: str, sentence: str, problem: str | None
) -> None:
    """Too short, too long, in another language, or with the topic's own name: each says so."""
    faults = refuse_situation(sentence.strip(), library.topics["trust"],
                              language, library)  # type: ignore[arg-type]
    assert len(faults) == (problem is not None)
    assert problem is None or problem in faults[0].problem


def test_a_sentence_that_is_there_already_is_refused(library: Library) -> None:
    """Under whatever term, and though marks, capitals or a letter differ."""
    known = library.topics["listening"].text["fr"].situations[3]
    for sentence in (known, known.upper(), f"{known[:-1]} !", known[:20] + known[21:]):
        faults = refuse_situation(sentence, library.topics["trust"], "fr", library)
        assert any("listening holds it already" in one.problem for one in faults)


def test_the_command_is_quoted_for_a_shell() -> None:
    """A sentence with marks, or one that begins with a dash, comes through the shell whole."""
    import shlex

    for sentence in SENTENCES:
        words = shlex.split(add_command("trust", "en", sentence))
        assert words[-1] == sentence
        assert ("--" in words) == sentence.startswith("-")
