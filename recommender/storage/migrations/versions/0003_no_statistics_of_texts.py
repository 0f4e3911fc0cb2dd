"""PostgreSQL keeps no sample of what people wrote.

ANALYZE copies values of a column into the catalogue, where a deletion does not reach them.
Naming a column's type again drops what it holds of it by now.

Revision: 0003, after 0002.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
TEXTS = {
    "profiles": ["body"], "pairs": ["body"], "sessions": ["notes"],
    "agendas": ["body", '"case"'], "agenda_versions": ["body"], "feedback": ["body"],
    "replies": ["headers", "body"], "job_items": ["error"],
}

branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forget the samples, and take none any more."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in TEXTS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE text")
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
    op.execute("ALTER TABLE vectors ALTER COLUMN embedding SET STATISTICS 0")
