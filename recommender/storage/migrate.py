"""Bring a database to the tables of this version, and say how far it is."""

from dataclasses import dataclass
from functools import cache

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from recommender.storage.engine import file_of, open_engine, telling, transaction
from recommender.storage.tables import metadata

SCRIPTS = "recommender.storage:migrations"


@dataclass(frozen=True)
class Revisions:
    """Which migration a database has, null for none, and which this version needs."""

    present: str | None
    needed: str | None

    @property
    def current(self) -> bool:
        """Return whether nothing is left to do."""
        return self.present == self.needed


def upgrade(url: str) -> Revisions:
    """Bring a database to this version, in one transaction, and return what was and what is.

    Raises:
        StorageError: It cannot be used.
    """
    before = revisions(url)
    if before.current:
        return before
    engine = open_engine(url)
    try:
        with transaction(engine, writes=True) as connection:
            if connection.dialect.name == "postgresql":  # two that upgrade at once take turns
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7240271)")
            command.upgrade(_config(connection), "head")
    finally:
        engine.dispose()
    return before


def revisions(url: str) -> Revisions:
    """Return which migration a database has and which it needs; no file is made for that.

    Raises:
        StorageError: It cannot be used.
    """
    needed = _needed()
    file = file_of(url)
    if file is not None and not file.exists():
        return Revisions(None, needed)
    engine = open_engine(url)
    try:
        with transaction(engine, writes=False) as connection:
            return revisions_over(connection)
    finally:
        engine.dispose()


def revisions_over(connection: Connection) -> Revisions:
    """Return which migration a database has and which it needs."""
    present = MigrationContext.configure(connection).get_current_revision()
    return Revisions(present, _needed())


@cache
def _needed() -> str | None:
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def differences(url: str) -> list[str]:
    """Return how a database's tables differ from those of this version; none when all is well.

    Raises:
        StorageError: It cannot be used.
    """
    engine = open_engine(url)
    try:
        with telling(), engine.connect() as connection:
            return [str(one) for one in compare_metadata(
                MigrationContext.configure(connection), metadata)]
    finally:
        engine.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    return config
