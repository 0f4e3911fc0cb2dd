"""The shipped examples with their agendas, made once by the real path."""

import pytest
from shipped import Agendas, read_examples

from recommender.catalogue import Catalogue
from recommender.domain.case import Case


@pytest.fixture(scope="session")
def examples() -> dict[str, Case]:
    """Return every shipped case by `programme/name`."""
    return read_examples()


@pytest.fixture(scope="session")
def agendas(examples: dict[str, Case], catalogue: Catalogue) -> Agendas:
    """Return the agendas of the shipped cases."""
    return Agendas(examples, catalogue)
