"""Run by Alembic: migrates over the connection that `migrate.upgrade` has opened."""

from alembic import context

from recommender.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
