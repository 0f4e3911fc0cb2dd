import pytest

from recommender.retrieval.language import KNOWN, detect_language, fits_language, main_language

TEXTS = {
    "en": "I want to give feedback that people can act on.",
    "es": "Quiero dar una retroalimentación que la gente pueda usar.",
    "fr": "Je voudrais faire des retours que les gens puissent utiliser.",
    "pt": "Quero dar um retorno que as pessoas consigam usar, não só ouvir.",
    "ar": "أريد أن أعطي ملاحظات يستطيع الناس أن يعملوا بها",
}


@pytest.mark.parametrize("language", KNOWN)
def test_language_of_a_sentence(language: str) -> None:
    """A plain sentence in each known language is told."""
    assert detect_language(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "ok", "12345 67890 12345", "?!?!?!?!?!?!?!", "KPI, OKR"])
def test_too_short_to_tell(text: str) -> None:
    """A text with too few letters has no language rather than a guessed one."""
    assert detect_language(text) is None


@pytest.mark.parametrize(("text", "language", "expected"), [
    (TEXTS["es"], "es", True), (TEXTS["es"], "es-VE", True), (TEXTS["es"], "ES", True),
    (TEXTS["es"], "en", False), ("ok", "fr", True), ("", "fr", True),
])
def test_text_fits_language(text: str, language: str, expected: bool) -> None:
    """A text fits its own language, in any region; one that cannot be told fits all."""
    assert fits_language(text, language) is expected


def test_main_language_is_that_of_most() -> None:
    """The language of most texts wins; short ones do not vote; a tie is stable."""
    assert main_language([TEXTS["fr"], TEXTS["en"], TEXTS["fr"], "ok"]) == "fr"
    assert main_language(["ok", ""]) is None
    assert main_language([TEXTS["fr"], TEXTS["en"]]) == main_language([TEXTS["en"], TEXTS["fr"]])
    assert main_language([TEXTS["en"], TEXTS["fr"], TEXTS["fr"]], limit=1) == "en"
