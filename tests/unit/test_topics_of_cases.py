"""The topic a session builds on is one that a reader would give, and networks help to find it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from shipped import ROOT, read_examples

from evals.topic_training import ENCODER, FILE, digest_of
from recommender.agendas.brief import make_brief
from recommender.agendas.needs import matter_of, needs_of
from recommender.catalogue import Catalogue
from recommender.domain.case import Case
from recommender.errors import EncoderError
from recommender.retrieval.needs import NeedsBridge, label_of
from recommender.retrieval.network import Networks, read_networks, write_networks
from recommender.yaml_file import read_document

pytestmark = pytest.mark.xdist_group("examples")
RIGHT, NAMED = 0.8, 0.75
"""Least share of named topics that are right, and of cases for which one is named."""


@pytest.fixture(scope="module")
def networks() -> Networks:
    """Return the shipped networks."""
    found = read_networks(FILE, ENCODER)
    assert found is not None
    return found


def labelled() -> dict[str, tuple[Case, set[str]]]:
    """Return the labelled cases with the topics that are right for them."""
    cases = dict(read_examples())
    for path in Path(ROOT / "evals/suites/swap").glob("*.case.yaml"):
        cases[f"swap/{path.name.removesuffix('.case.yaml')}"] = Case.model_validate(
            read_document(path))
    topics: Mapping[str, list[str]] = read_document(ROOT / "evals/data/case_topics/topics.yaml")
    return {name: (cases[name], set(right)) for name, right in topics.items()}


def test_the_topic_is_one_a_reader_would_give(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the topics that are named most are right, and most cases have one."""
    found, right = 0, 0
    cases = labelled()
    for case, topics in cases.values():
        brief = make_brief(case, catalogue.library, catalogue.hand_off_rules,
                           catalogue.known_words)
        topic = matter_of(brief, needs_of(brief, catalogue), catalogue)
        found += topic is not None
        right += topic in topics
    with capsys.disabled():
        print(f"\ntopics of {len(cases)} cases: {found} named, {right} right")
    assert right >= RIGHT * found
    assert found >= NAMED * len(cases)


def test_the_networks_were_trained_on_the_library_as_it_is(
    catalogue: Catalogue, networks: Networks
) -> None:
    """Whoever changes a situation of a topic trains again: `python -m evals.topic_training`."""
    assert networks.data == digest_of(catalogue.library.topics)
    assert networks.labels == tuple(map(label_of, catalogue.library.topics.values()))


def test_a_topic_of_a_platform_keeps_its_chance(
    catalogue: Catalogue, networks: Networks
) -> None:
    """What the networks do not know is as likely as by nearness; the rows sum to 1."""
    topics = dict(catalogue.library.topics)
    own = "ports-and-cranes"
    topics[own] = topics["delegation"].model_copy(update={"id": own})
    need = ["I stay until nine redoing my assistant's slides."]
    plain = NeedsBridge(topics, catalogue.encoder).topic_scores(need)
    voted = NeedsBridge(topics, catalogue.encoder, networks).topic_scores(need)
    assert voted[0, -1] == pytest.approx(plain[0, -1])
    assert plain[0, -1] > 0.05
    assert voted.sum() == pytest.approx(1.0, abs=1e-4)
    assert not np.allclose(voted, plain)


def test_networks_of_another_encoder_are_left_alone(tmp_path: Path, networks: Networks) -> None:
    """They are read for their own encoder only; a damaged file is told, never guessed at."""
    path = tmp_path / "topics.npz"
    write_networks(path, networks)
    assert read_networks(path, "another") is None
    assert read_networks(tmp_path / "none.npz", ENCODER) is None
    again = read_networks(path, ENCODER)
    assert again is not None
    np.testing.assert_array_equal(again.inner, networks.inner)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(EncoderError, match=r"topics\.npz cannot be read"):
        read_networks(path, ENCODER)
