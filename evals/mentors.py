"""Rank people's offers for people's wants with the production path of matching."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from evals.intervals import differences_from
from evals.retrieval import Beir, Report, Run, measure, top_of
from recommender.catalogue import Catalogue
from recommender.matching.meaning import PHRASE, WHOLE, WORDS, Meaning
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.phrases import MAX_CHARACTERS, phrases_from
from recommender.matching.pool import Mask
from recommender.matching.words import tokens_of
from recommender.privacy import sentences
from recommender.retrieval.encoder import Floats
from recommender.retrieval.faiss_index import FaissIndex
from recommender.retrieval.hybrid import Document
from recommender.retrieval.language import main_language
from recommender.retrieval.lexical import LexicalIndex

OTHERS = ("bm25", "dense", "overlap")
"""What the system is compared with, query by query."""
_BREAK = re.compile(r"\s*[;\n|•]\s*")


def evaluate_mentors(
    data: Beir, catalogue: Catalogue, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Return how well offers are ranked for wants, beside BM25, one vector each and equal words."""
    documents = sorted(data.documents, key=lambda one: one.id)
    queries = {own: query for own, query in data.queries.items() if own in data.judgments}
    texts = [query.text for query in queries.values()]
    said = [*(phrases_in(text) for text in texts), *([] for _ in documents)]
    told: list[list[str]] = [*([] for _ in texts),
                             *(phrases_in(one.text) for one in documents)]
    meaning = Meaning(phrases_from(said), phrases_from(told),
                      PhraseVectors(catalogue.encoder, catalogue.bridge.centres), progress)
    rows = np.arange(len(texts), len(texts) + len(documents))
    dense = FaissIndex(catalogue.encoder.encode_passages([one.text for one in documents]))
    wanted = catalogue.encoder.encode_queries(texts)
    lexical = LexicalIndex([one.text for one in documents], _languages(documents))
    shared = _shared(texts, documents)
    runs: dict[str, Run] = {name: {} for name in
                            ("system", "fusion", "bm25", "dense", "overlap")}
    ids = [one.id for one in documents]
    for at, query_id in enumerate(queries):
        mask: Mask = np.ones(len(ids), dtype=np.bool_)
        if data.candidates:
            allowed = data.candidates.get(query_id, frozenset())
            mask = np.array([one in allowed for one in ids], dtype=np.bool_)
        met = meaning.met_for(at, rows)
        fusion = (WHOLE * met.whole + WORDS * met.words) / (1 - PHRASE)
        for name, scores in (
            ("system", met.value), ("fusion", fusion),
            ("bm25", lexical.scores([texts[at]], mask)[0]),
            ("dense", dense.scores(wanted[at : at + 1], mask)[0]), ("overlap", shared[at]),
        ):
            runs[name][query_id] = top_of(scores, ids, mask)
    judged = {query: data.judgments[query] for query in queries}
    measured = {name: measure(run, judged) for name, run in runs.items()}
    return Report(len(judged), measured["system"], measured["fusion"], measured["bm25"],
                  measured["dense"], catalogue.encoder.name, runs["system"], measured["overlap"],
                  runs, differences_from(runs, judged, "system", OTHERS))


def phrases_in(text: str) -> list[str]:
    """Return a text as phrases: its lines, the parts of a list, its sentences."""
    parts = [phrase[:MAX_CHARACTERS] for part in _BREAK.split(text) for phrase in sentences(part)]
    return list(dict.fromkeys(parts))


def _languages(documents: Sequence[Document]) -> list[str | None]:
    main = main_language([one.text for one in documents])
    return [one.language or main for one in documents]


def _shared(queries: Sequence[str], documents: Sequence[Document]) -> Floats:
    """Return how many different words each query shares with each document."""
    wanted = [set(tokens) for tokens in tokens_of([[one] for one in queries])]
    offered = [set(tokens) for tokens in tokens_of([[one.text] for one in documents])]
    return np.array([[len(want & offer) for offer in offered] for want in wanted],
                    dtype=np.float32)
