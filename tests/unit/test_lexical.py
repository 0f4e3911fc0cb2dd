import numpy as np
import pytest

from recommender.retrieval.lexical import LexicalIndex, tokenize

TEXTS = [
    "Feedback that people act on", "Managing a budget", "The budget meeting",
    "Reuniones que deciden", "Dar retroalimentación clara", "Réunions qui décident",
]
LANGUAGES = ["en", "en", "en", "es", "es", "fr"]


def scores(index: LexicalIndex, query: str, size: int = len(TEXTS)) -> np.ndarray:
    return index.scores([query], np.ones(size, dtype=np.bool_))[0]


@pytest.mark.parametrize(("query", "best"), [
    ("giving feedback", 0), ("people acting", 0), ("una reunión", 3), ("retroalimentaciones", 4),
])
def test_words_are_found_in_other_forms(query: str, best: int) -> None:
    """The text with the query's words, in whatever ending, is ahead of all others."""
    found = scores(LexicalIndex(TEXTS, LANGUAGES), query)
    assert int(found.argmax()) == best
    assert found[best] > 0


@pytest.mark.parametrize("query", ["", "zzz", "the of and", "¿?", "что это", "\0"])
def test_query_without_known_words_scores_nothing(query: str) -> None:
    """No word in common, no score."""
    assert not scores(LexicalIndex(TEXTS, LANGUAGES), query).any()


def test_other_languages_get_nothing_from_a_word_they_do_not_have() -> None:
    """A query moves no text of a language that has none of its words."""
    found = scores(LexicalIndex(TEXTS, LANGUAGES), "budget meeting")
    assert found[:3].any()
    assert not found[3:].any()


def test_region_of_a_language_does_not_matter() -> None:
    """Texts in British and American English are searched as one language, stemmed as English."""
    regions = ["en-GB", "en", "en-US", "es-VE", "es", "fr"]
    query = "budgets and meetings"
    np.testing.assert_array_equal(
        scores(LexicalIndex(TEXTS, regions), query), scores(LexicalIndex(TEXTS, LANGUAGES), query))


def test_only_eligible_texts_are_scored() -> None:
    """What is not eligible scores 0 and does not move the others."""
    mask = np.array([True, True, False, True, True, True])
    index = LexicalIndex(TEXTS, LANGUAGES)
    found = index.scores(["budget"], mask)[0]
    assert found[2] == 0
    assert found[1] > 0
    assert not index.scores(["budget"], np.zeros(6, dtype=np.bool_)).any()


def test_texts_without_language_join_no_index() -> None:
    """A text whose language is not known is not compared by words."""
    index = LexicalIndex(["budget", "other words"], [None, None])
    assert not scores(index, "budget", 2).any()


@pytest.mark.parametrize(("texts", "languages"), [
    ([], []), (["the of"], ["en"]), ([""], ["en"]), (["学习 管理"], ["zh"])])
def test_odd_collections_can_be_searched(texts: list[str], languages: list[str]) -> None:
    """No text, only stop words, or a language without stemmer: a shape that fits, finite scores."""
    found = scores(LexicalIndex(texts, languages), "the budget", len(texts))
    assert found.shape == (len(texts),)
    assert np.isfinite(found).all()


def test_stop_words_are_left_out() -> None:
    """Words that say nothing are no tokens; the others are stems."""
    assert tokenize(["The meetings of the team"], "en") == [["meet", "team"]]
    assert tokenize(["budget"], "xx") == [["budget"]]
