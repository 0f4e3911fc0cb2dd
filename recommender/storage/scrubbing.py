"""Leaving nothing of what was deleted in the files of the database; each kind its own way."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from recommender.errors import StorageError
from recommender.storage.engine import BUSY_MS, PERSONAL_TABLES, telling

SCRUB_MS = 1000
"""Milliseconds that emptying SQLite's log waits for readers."""
LOCK_S = 5
"""Seconds that writing a table of PostgreSQL anew waits for those who use it: whoever comes
meanwhile waits behind it."""
GRANTS = ("GRANT pg_checkpoint, pg_monitor TO <role>; "
          "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO <role>")
_STATISTICS = "pg_statistic"
_DENIED, _LOCKED = "42501", "55P03"
_SEGMENT = re.compile(r"[0-9A-F]{24}")


@dataclass(frozen=True)
class Left:
    """Where something that was deleted may still stand, and the mend; nothing: it is gone.

    Attributes:
        rows: In tables.
        log: In the log of what was written.
    """

    rows: tuple[str, ...] = ()
    log: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.log)


def scrub(engine: Engine, *, compact: bool) -> Left:
    """Overwrite what was deleted, as far as that can be done now, and return what is left.

    SQLite: the write-ahead log is emptied; rows are overwritten when they are deleted.
    PostgreSQL, to compact: tables that hold texts are written anew, each while nobody uses it,
    and then the write-ahead log is turned over, so that every segment of it is new or zeros.

    Args:
        compact: Write the whole database anew.

    Raises:
        StorageError: The database cannot be used.
    """
    with telling(), engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if connection.dialect.name != "postgresql":
            return _scrub_sqlite(connection, compact=compact)
        if not compact:
            return Left(rows=("PostgreSQL keeps what was deleted until its tables are written "
                              "anew; run `agendum db prune --compact`",))
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_S}s'")
        try:
            rows = [said for table in PERSONAL_TABLES
                    if (said := _write_anew(connection, table)) is not None]
            _write_anew(connection, _STATISTICS)
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
        return Left(tuple(rows), tuple(_turn_log(connection)))


def _scrub_sqlite(connection: Connection, *, compact: bool) -> Left:
    driver = _driver_of(connection)
    driver.execute(f"PRAGMA busy_timeout={SCRUB_MS}")
    try:
        if compact:
            driver.execute("VACUUM")
        busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    return Left(log=("somebody reads; the log is emptied once they have ended",) if busy else ())


def _write_anew(connection: Connection, table: str) -> str | None:
    """Write a table of PostgreSQL anew; return why something deleted may still be in it."""
    told: list[tuple[str, str]] = []

    def hear(said: Any) -> None:
        told.append((said.severity_nonlocalized, said.message_detail or ""))

    driver = _driver_of(connection)
    driver.add_notice_handler(hear)
    try:
        connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table}")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCKED:
            raise
        return f"{table} was in use for {LOCK_S} s; run it again"
    finally:
        driver.remove_notice_handler(hear)
    if any(severity == "WARNING" for severity, _ in told):
        return f"{table} belongs to another role, which has to run it"
    # the first number of the detail is that of rows somebody may still read, in any language
    kept = [int(found[0]) for _, detail in told
            if (found := re.search(r"\d+", detail)) is not None]
    if not kept:
        raise StorageError(f"PostgreSQL did not say what it wrote of {table}")
    if any(kept):
        return (f"{table} keeps {sum(kept)} deleted rows that a transaction from before, or a "
                "replica, may still read; run it again when that has ended")
    return None


def _turn_log(connection: Connection) -> list[str]:
    """Turn the write-ahead log over; return why something deleted may still be in it.

    What comes before a checkpoint is removed, or renamed for later, content and all; so every
    segment that waits is begun and ended once, which fills it with zeros.
    """
    try:
        _next_segment(connection)
        connection.exec_driver_sql("CHECKPOINT")
        first, names = _segments(connection)
        for _ in range(1 + sum(name >= first for name in names)):
            _next_segment(connection)
        connection.exec_driver_sql("CHECKPOINT")
        older = [name for name in _segments(connection)[1] if name < first]
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _DENIED:
            raise
        return [f"this role may not turn the log over, so it holds what was deleted until it is "
                f"recycled and written over; allow it: {GRANTS}"]
    if older:
        return [f"{len(older)} older segments of the log are kept for a replica, a replication "
                "slot or the archive"]
    return []


def _next_segment(connection: Connection) -> None:
    """End a segment of the log, for which something has to stand in it."""
    connection.exec_driver_sql("SELECT pg_logical_emit_message(false, 'agendum', '')")
    connection.exec_driver_sql("SELECT pg_switch_wal()")


def _segments(connection: Connection) -> tuple[str, list[str]]:
    """Return the segment that is written now, and all there are, without their timelines."""
    current = str(connection.exec_driver_sql(
        "SELECT pg_walfile_name(pg_current_wal_lsn())").scalar())
    names = connection.exec_driver_sql("SELECT name FROM pg_ls_waldir()").scalars()
    return current[8:], [name[8:] for name in names if _SEGMENT.fullmatch(name)]


def _driver_of(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    if driver is None:
        raise StorageError("the connection to the database was lost")
    return driver
