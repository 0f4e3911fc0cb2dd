"""What is kept: tables, migrations, and one store over SQLite or PostgreSQL.

SQLAlchemy, Alembic, psycopg and pgvector are imported in this room only.
"""
