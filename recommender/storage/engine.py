"""Open a database: SQLite with a write-ahead log, or PostgreSQL; foreign errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from recommender.errors import StorageError

BUSY_MS = 10_000
"""Milliseconds that SQLite waits for another writer."""
POOL, MORE, WAIT_S = 10, 30, 10
"""Connections kept, more when needed, and seconds to wait for one."""
PERSONAL_TABLES = ("profiles", "pairs", "sessions", "agendas", "agenda_versions", "feedback",
                   "vectors", "replies", "job_items")
"""Those that hold what people wrote."""
_WRITES = "agendum_writes"


def open_engine(url: str) -> Engine:
    """Return the engine of a database; nothing is connected, and no file made, before it is used.

    Args:
        url: `sqlite:///<file>` or `postgresql+psycopg://…`.
    """
    known = make_url(url)
    if known.get_backend_name() != "sqlite":
        return create_engine(known, pool_size=POOL, max_overflow=MORE, pool_timeout=WAIT_S,
                             pool_pre_ping=True)
    engine = create_engine(
        known, pool_size=POOL, max_overflow=MORE, pool_timeout=WAIT_S,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite database; null for any other, or one in memory."""
    known = make_url(url)
    if known.get_backend_name() != "sqlite" or not known.database or known.database == ":memory:":
        return None
    return Path(known.database)


@contextmanager
def transaction(engine: Engine, *, writes: bool) -> Iterator[Connection]:
    """Give a connection inside a transaction, committed at the end, rolled back on any error.

    What is read in one that does not write is one snapshot.

    Raises:
        StorageError: The database cannot be reached, is busy, or lacks its tables.
    """
    with telling(), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
                postgresql_readonly=not writes)
        else:
            connection.execution_options(**{_WRITES: writes})
        with connection.begin():
            yield connection


@contextmanager
def telling() -> Iterator[None]:
    """Turn what the database says into an error of ours, without its parameters: people's words.

    Raises:
        StorageError: The database cannot be reached, is busy, or lacks its tables.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise StorageError("every connection to the database is taken; try again") from error
    except DBAPIError as error:
        name = type(error.orig).__name__
        raise StorageError(f"the database refused the work ({name}: {_first(error.orig)})"
                           ) from error
    except SQLAlchemyError as error:
        raise StorageError(f"the database cannot be used ({type(error).__name__})") from error


def _first(error: BaseException | None) -> str:
    """Return the first line of what a driver says; never its details, which quote values."""
    return next(iter(str(error).splitlines()), "")[:200]


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says
    cursor = connection.cursor()
    for name, value in (("journal_mode", "WAL"), ("busy_timeout", BUSY_MS),
                        ("foreign_keys", "ON"), ("synchronous", "FULL"), ("secure_delete", "ON")):
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
