"""Migrations, the oldest first; `agendum db upgrade` runs what a database lacks."""
