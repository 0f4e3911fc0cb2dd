"""The first tables.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import Vector

revision = "0001"
down_revision = None
ID = sa.String(128).with_variant(sa.String(128, collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
EMBEDDING = sa.LargeBinary().with_variant(Vector(), "postgresql")

branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and in PostgreSQL the type of vectors."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "agendas",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("pair_id", ID),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_agendas")),
    )
    op.create_index(op.f("ix_agendas_tenant_id_pair_id"), "agendas", ["tenant_id", "pair_id"])
    op.create_table(
        "audit",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_tenant_id_at"), "audit", ["tenant_id", "at"])
    op.create_table(
        "feedback",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("profile_id", ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_tenant_id_profile_id"), "feedback", ["tenant_id", "profile_id"])
    op.create_table(
        "jobs",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state"])
    op.create_table(
        "keys",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_keys")),
        sa.UniqueConstraint("id", name=op.f("uq_keys_id")),
    )
    op.create_table(
        "pairs",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_pairs")),
    )
    op.create_table(
        "profiles",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "programmes",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_programmes")),
    )
    op.create_table(
        "replies",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("about", sa.String(300), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_replies")),
    )
    op.create_index(op.f("ix_replies_tenant_id_about"), "replies", ["tenant_id", "about"])
    op.create_index(op.f("ix_replies_tenant_id_created_at"), "replies", ["tenant_id", "created_at"])
    op.create_table(
        "resources",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_resources")),
    )
    op.create_table(
        "tenants",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("library", sa.BigInteger(), nullable=False),
        sa.Column("vectors", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "vectors",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("owner_id", ID, nullable=False),
        sa.Column("model", sa.String(300), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("embedding", EMBEDDING, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "owner_id", "model", "key", name=op.f("pk_vectors")),
    )
    op.create_table(
        "agenda_people",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("agenda_id", ID, nullable=False),
        sa.Column("profile_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "agenda_id"], ["agendas.tenant_id", "agendas.id"], name=op.f("fk_agenda_people_agendas"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "agenda_id", "profile_id", name=op.f("pk_agenda_people")),
    )
    op.create_index(op.f("ix_agenda_people_tenant_id_profile_id"), "agenda_people", ["tenant_id", "profile_id"])
    op.create_table(
        "agenda_versions",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("agenda_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "agenda_id"], ["agendas.tenant_id", "agendas.id"], name=op.f("fk_agenda_versions_agendas"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "agenda_id", "number", name=op.f("pk_agenda_versions")),
    )
    op.create_table(
        "job_items",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("job_id", ID, nullable=False),
        sa.Column("subject", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", ID),
        sa.Column("error", sa.Text()),
        sa.Column("worker", ID),
        sa.Column("lease_until", MOMENT),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"], name=op.f("fk_job_items_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "subject", name=op.f("pk_job_items")),
    )
    op.create_index(op.f("ix_job_items_tenant_id_job_id_state"), "job_items", ["tenant_id", "job_id", "state"])
    op.create_table(
        "pair_members",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("pair_id", ID, nullable=False),
        sa.Column("profile_id", ID, nullable=False),
        sa.Column("programme_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "pair_id"], ["pairs.tenant_id", "pairs.id"], name=op.f("fk_pair_members_pairs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "pair_id", "profile_id", name=op.f("pk_pair_members")),
    )
    op.create_index(op.f("ix_pair_members_tenant_id_programme_id"), "pair_members", ["tenant_id", "programme_id"])
    op.create_index(op.f("ix_pair_members_tenant_id_profile_id"), "pair_members", ["tenant_id", "profile_id"])
    op.create_table(
        "sessions",
        sa.Column("tenant_id", ID, nullable=False),
        sa.Column("pair_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.Text()),
        sa.Column("agenda_id", ID),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "pair_id"], ["pairs.tenant_id", "pairs.id"], name=op.f("fk_sessions_pairs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "pair_id", "number", name=op.f("pk_sessions")),
    )


def downgrade() -> None:
    """Drop the tables, with all that is in them."""
    for name in (
        "agenda_versions",
        "agenda_people",
        "sessions",
        "pair_members",
        "job_items",
        "vectors",
        "tenants",
        "resources",
        "replies",
        "programmes",
        "profiles",
        "pairs",
        "keys",
        "jobs",
        "feedback",
        "audit",
        "agendas",
    ):
        op.drop_table(name)
