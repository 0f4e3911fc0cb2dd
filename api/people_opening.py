"""Open what the commands about people work on: profiles, rules, vectors, what happened before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

import click

from api.people_inputs import (
    check_fields,
    read_feedback,
    read_pairs,
    read_programme,
    read_shown,
)
from content_library.load import Library
from recommender.domain.phrases import Phrases
from recommender.domain.profile import Profile, language_of
from recommender.domain.programme import Programme
from recommender.errors import InvalidInputError
from recommender.matching.meaning import Meaning, meaning_of_people
from recommender.matching.phrase_vectors import PhraseVectors
from recommender.matching.pool import Pool
from recommender.matching.rules import check_filled, check_rules
from recommender.matching.terms import Before, Terms
from recommender.people_file import read_people
from recommender.retrieval.vector_cache import model_of
from recommender.settings import read_settings

TOLD_FROM_S = 2.0
"""Seconds of encoding from which it is said how fast it went."""


@dataclass(frozen=True)
class People:
    """A pool of people under a programme, ready to be matched."""

    pool: Pool
    programme: Programme
    meaning: Meaning
    before: Before
    library: Library
    vectors: PhraseVectors

    def terms(self, before: Before | None = None) -> Terms:
        """Return what a matching is judged by; `before` instead of what the files say."""
        return Terms(self.pool, self.programme, self.meaning,
                     self.before if before is None else before)

    def phrases_of(self, row: int) -> Phrases:
        """Return the phrases in the language of the person in this row."""
        return self.library.phrases[language_of(self.pool.profiles[row])]

    def changed(self, profiles: Sequence[Profile]) -> Terms:
        """Return what the same matching is judged by for other profiles."""
        pool = Pool(profiles)
        meaning = meaning_of_people(pool.profiles, self.vectors, self.programme.ai_fields)
        return Terms(pool, self.programme, meaning, self.before)


def open_people(
    people: Path | None, programme: str, *, pairs: Path | None = None,
    feedback: Path | None = None, shown: Path | None = None, vectors: Path | None = None,
    skip_bad: bool = False, filled: bool = True,
    compared: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> People:
    """Return the people of a file under a programme; what is skipped is told on stderr.

    Vectors encoded so far are kept in their file whatever stops the encoding.

    Args:
        filled: Refuse a `must` over a field of the profile that nobody has filled in.
        compared: Fields that are reported on, by option; refused where nobody has them.

    Raises:
        InvalidInputError: A file cannot be read, or a rule speaks of a field nobody has.
    """
    from api.opening import open_ready_catalogue, progress_bar

    if people is None:
        raise InvalidInputError.of("is missing; give a file of profiles", field="--profiles")
    with progress_bar(f"reading {people.name}", "B") as progress:
        held = read_people(people, skip_bad=skip_bad, progress=progress)
    for fault in held.faults:
        click.echo(f"agendum: skipped: {fault}", err=True)
    pool = Pool(held.profiles)
    for option, fields in compared.items():
        check_fields(fields, pool, option)
    before = Before(read_pairs(pairs), read_feedback(feedback), read_shown(shown))
    catalogue = open_ready_catalogue(read_settings())
    own = read_programme(programme, catalogue.library)
    source = f"{programme}: matching.rules"
    check_rules(own.matching.rules, pool, source)
    if filled:
        check_filled(own.matching.rules, pool, source)
    _check_vectors(vectors, catalogue.encoder.name)
    kept = PhraseVectors(catalogue.encoder, catalogue.bridge.centres, vectors)
    with telling_pace("encoding what people wrote") as progress:
        try:
            meaning = meaning_of_people(pool.profiles, kept, own.ai_fields, progress)
        finally:
            kept.save()
    return People(pool, own, meaning, before, catalogue.library, kept)


def _check_vectors(path: Path | None, encoder: str) -> None:
    """Refuse to write vectors over a file that is none of this encoder's."""
    if path is None or not path.exists():
        return
    model = None if path.is_dir() else model_of(path)
    if model != encoder:
        held = "no vectors" if model is None else f"vectors of {model}, not of {encoder}"
        raise InvalidInputError.of(f"holds {held}; give another file, or take it away",
                                   source=f"--vectors {path}")


@contextmanager
def telling_pace(
    title: str, clock: Callable[[], float] = perf_counter
) -> Iterator[Callable[[int, int], None]]:
    """Give a progress bar's function; at the end say on stderr how many texts a second it was.

    Nothing is said of less than two seconds. It is said too where something stops the work.
    """
    from api.opening import progress_bar

    calls: list[tuple[float, int, int]] = []
    try:
        with progress_bar(title) as show:
            def note(done: int, total: int) -> None:
                calls[1:] = [(clock(), done, total)]
                show(done, total)

            yield note
    finally:
        seconds = calls[-1][0] - calls[0][0] if calls else 0.0
        if seconds >= TOLD_FROM_S:
            _, done, total = calls[-1]
            of = "" if done == total else f" of {total:,}"
            click.echo(f"agendum: encoded {done:,}{of} texts in {seconds:.1f} s, "
                       f"{done / seconds:,.0f} a second", err=True)
