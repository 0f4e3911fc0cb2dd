"""The encoder that is always at hand: unit vectors, meaning across languages, known weights."""

import numpy as np
import pytest

from recommender.errors import EncoderError
from recommender.retrieval import universal_sentence_encoder as encoder

TEXTS = ["I have not slept for weeks", "Llevo semanas sin dormir", "The budget is due on Monday"]


def test_meaning_is_nearer_than_language() -> None:
    """Vectors are of unit length; the same said in Spanish is nearer than another matter."""
    rows = encoder.encode_sentences(TEXTS)
    assert rows.shape == (3, encoder.WIDTH)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_one_by_one_or_many_is_the_same() -> None:
    """Batches change nothing but the time they take; nothing to encode is no row."""
    np.testing.assert_allclose(encoder.encode_many(TEXTS), encoder.encode_sentences(TEXTS),
                               atol=1e-4)
    for encode in (encoder.encode_many, encoder.encode_sentences):
        assert encode([]).shape == (0, encoder.WIDTH)


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks were trained on these vectors; with others they would judge in silence."""
    encoder._model.cache_clear()
    monkeypatch.setattr(encoder, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EncoderError, match="other weights"):
        encoder.encode_many(["A text that nobody has encoded"])
    encoder._model.cache_clear()
