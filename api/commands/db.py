"""`agendum db`: the tables of the database."""

import json

import click


@click.group("db")
def db_command() -> None:
    """Make the database's tables, check them, delete what is old.

    \b
    Example:
      agendum db upgrade
      agendum db check
      agendum db prune --compact
    """


@db_command.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to this version's tables; make it where there is none.

    \b
    Example:
      agendum db upgrade
    """
    from recommender.settings import read_settings
    from recommender.storage.migrate import upgrade
    from recommender.storage.queue import prepare_queue

    url = read_settings().database_url.get_secret_value()
    before = upgrade(url)
    prepare_queue(url)
    if before.current:
        click.echo(f"agendum: the database is current ({before.present})", err=True)
    else:
        click.echo(f"agendum: upgraded from {before.present or 'nothing'} to {before.needed}",
                   err=True)


@db_command.command("check")
def check_command() -> None:
    """Say whether the database is current, and whether its tables are as they should be.

    \b
    Example:
      agendum db check
    """
    from recommender.errors import StorageError
    from recommender.settings import read_settings
    from recommender.storage.migrate import differences, revisions

    url = read_settings().database_url.get_secret_value()
    found = revisions(url)
    if not found.current:
        raise StorageError(f"the database is at {found.present or 'nothing'}, this version needs "
                           f"{found.needed}; run `agendum db upgrade`")
    if different := differences(url):
        raise StorageError("its tables differ from this version's: " + "; ".join(different))
    click.echo(f"agendum: the database is current ({found.present}), its tables are as they "
               "should be", err=True)


@db_command.command("prune")
@click.option("--compact", is_flag=True,
              help="Write the tables anew afterwards, and in PostgreSQL turn the log over, so that "
                   "nothing deleted is left in the files; says where it is, and "
                   "ends with 1 if that is in a table.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def prune_command(compact: bool, as_json: bool) -> None:
    """Delete what is older than the AGENDUM_KEEP_ settings say, and kept answers; every night.

    \b
    Example:
      agendum db prune
      agendum db prune --compact
    """
    from dataclasses import asdict

    from recommender.errors import StorageError
    from recommender.settings import read_settings
    from recommender.storage.retention import Keep, prune
    from recommender.storage.store import Store

    settings = read_settings()
    store = Store(settings.database_url.get_secret_value())
    try:
        found = prune(store, Keep(
            settings.keep_audit_days, settings.keep_jobs_days, settings.keep_ended_pairs_days,
            settings.keep_agendas_days))
        left = store.scrub(compact=compact)
    finally:
        store.close()
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        click.echo("\n".join(f"{name}: {count} deleted" for name, count in asdict(found).items()))
    if not compact:
        return
    for one in left.log:
        click.echo(f"agendum: {one}", err=True)
    if left.rows:
        raise StorageError("what was deleted may still be in the files: " + "; ".join(left.rows))
