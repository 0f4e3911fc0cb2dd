"""The tables. Each has `tenant_id` first in its primary key, so that it can be split by tenant."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from recommender.retrieval.encoder import Floats

ID = String(128).with_variant(String(128, collation="C"), "postgresql")
"""An id; in PostgreSQL too they sort as bytes do."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, which is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment with its zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Embedding(TypeDecorator[Floats]):
    """A float32 vector: little-endian bytes in SQLite, pgvector's `vector` in PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Return how this database keeps a vector."""
        if dialect.name == "postgresql":
            from pgvector.sqlalchemy import Vector

            return dialect.type_descriptor(Vector())
        return dialect.type_descriptor(LargeBinary())

    def process_bind_param(self, value: Floats | None, dialect: Dialect) -> Any:
        """Return the vector as the database takes it."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.astype("<f4").tobytes()

    def process_result_value(self, value: Any, dialect: Dialect) -> Floats | None:
        """Return the vector as an array."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return np.asarray(getattr(value, "to_numpy", lambda: value)(), dtype=np.float32)
        return np.frombuffer(value, dtype="<f4").astype(np.float32)


metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s",
})


def _key(name: str, kind: Any = None) -> Column[Any]:
    return Column(name, ID if kind is None else kind, primary_key=True,
                  autoincrement=False)


def _moment(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=nullable)


def _documents(name: str, *, nullable: bool = False) -> Table:
    return Table(
        name, metadata, _key("tenant_id"), _key("id"),
        Column("version", BigInteger, nullable=False), Column("body", Text, nullable=nullable),
        _moment("created_at"), _moment("updated_at"))


def _child_of(parent: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", column], [f"{parent}.tenant_id", f"{parent}.id"],
                                ondelete="CASCADE")


tenants = Table(
    "tenants", metadata, _key("tenant_id"),
    Column("change", BigInteger, nullable=False), Column("people", BigInteger, nullable=False),
    Column("library", BigInteger, nullable=False), Column("vectors", BigInteger, nullable=False),
    _moment("created_at"))
"""What was changed last, as a number that only rises; and the last change of some kinds."""

programmes = _documents("programmes")
profiles = _documents("profiles")
pairs = _documents("pairs")
policies = _documents("policies")
resources = _documents("resources", nullable=True)
"""What a tenant lays over the shipped library; without a body: hidden."""

pair_members = Table(
    "pair_members", metadata, _key("tenant_id"), _key("pair_id"), _key("profile_id"),
    Column("programme_id", ID, nullable=False), _child_of("pairs", "pair_id"),
    Index(None, "tenant_id", "profile_id"), Index(None, "tenant_id", "programme_id"))

sessions = Table(
    "sessions", metadata, _key("tenant_id"), _key("pair_id"), _key("number", Integer),
    Column("version", BigInteger, nullable=False), Column("notes", Text),
    Column("agenda_id", ID), _moment("updated_at"), _child_of("pairs", "pair_id"))

agendas = Table(
    "agendas", metadata, _key("tenant_id"), _key("id"),
    Column("version", BigInteger, nullable=False), Column("body", Text, nullable=False),
    Column("case", Text, nullable=False), Column("pair_id", ID),
    Column("number", Integer, nullable=False), _moment("created_at"), _moment("updated_at"),
    Index(None, "tenant_id", "pair_id"))

agenda_people = Table(
    "agenda_people", metadata, _key("tenant_id"), _key("agenda_id"), _key("profile_id"),
    _child_of("agendas", "agenda_id"), Index(None, "tenant_id", "profile_id"))

agenda_versions = Table(
    "agenda_versions", metadata, _key("tenant_id"), _key("agenda_id"), _key("number", Integer),
    Column("body", Text, nullable=False), _child_of("agendas", "agenda_id"))

feedback = Table(
    "feedback", metadata, _key("tenant_id"), _key("id"),
    Column("version", BigInteger, nullable=False),
    Column("profile_id", ID, nullable=False), Column("body", Text, nullable=False),
    _moment("created_at"), Index(None, "tenant_id", "profile_id"))

vectors = Table(
    "vectors", metadata, _key("tenant_id"), _key("kind", String(20)), _key("owner_id"),
    _key("model", String(300)), _key("key", LargeBinary(16)),
    Column("embedding", Embedding, nullable=False))

keys = Table(
    "keys", metadata, _key("tenant_id"), _key("id"),
    Column("role", String(20), nullable=False), Column("salt", LargeBinary(16), nullable=False),
    Column("digest", LargeBinary(32), nullable=False), _moment("created_at"),
    _moment("revoked_at", nullable=True), UniqueConstraint("id"))

replies = Table(
    "replies", metadata, _key("tenant_id"), _key("key", String(255)),
    Column("fingerprint", String(64), nullable=False), Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False), Column("body", Text, nullable=False),
    Column("about", String(300), nullable=False), _moment("created_at"),
    Index(None, "tenant_id", "about"), Index(None, "tenant_id", "created_at"))
"""Answers to writes with an Idempotency-Key; `about` is the path of what was written."""

jobs = Table(
    "jobs", metadata, _key("tenant_id"), _key("id"),
    Column("version", BigInteger, nullable=False), Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False), Column("request", Text, nullable=False),
    Column("key_id", ID, nullable=False), _moment("created_at"), _moment("updated_at"),
    _moment("ended_at", nullable=True), Index(None, "state"))

job_items = Table(
    "job_items", metadata, _key("tenant_id"), _key("job_id"), _key("subject"),
    Column("position", Integer, nullable=False), Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False), Column("result", ID),
    Column("error", Text), Column("worker", ID), _moment("lease_until", nullable=True),
    _moment("updated_at"), _child_of("jobs", "job_id"),
    Index(None, "tenant_id", "job_id", "state"))

audit = Table(
    "audit", metadata, _key("tenant_id"), _key("id"), _moment("at"),
    Column("key_id", ID, nullable=False), Column("action", String(40), nullable=False),
    Column("kind", String(40), nullable=False), Column("subject", String(300), nullable=False),
    Column("request_id", ID, nullable=False), Index(None, "tenant_id", "at"))
