"""`agendum worker`: does bulk jobs over PostgreSQL."""

import click


@click.command("worker")
@click.option("--metrics-port", type=click.IntRange(1, 65535), metavar="PORT",
              help="Serve /metrics of this worker on this port of 127.0.0.1.")
def worker_command(metrics_port: int | None) -> None:
    """Do the bulk jobs of every tenant until it is stopped; start as many as you like.

    Over SQLite the process of `agendum serve` does them itself, and this command refuses.

    \b
    Example:
      AGENDUM_DATABASE_URL=postgresql+psycopg://agendum@db/agendum agendum worker
    """
    import asyncio

    from api.drafting import check_drafting
    from api.logs import configure_logs
    from api.memory import bound_heaps
    from api.opening import open_ready_catalogue
    from api.worker_process import run_worker
    from recommender.errors import InvalidInputError
    from recommender.settings import read_settings
    from recommender.storage.queue import prepare_queue, uses_queue

    settings = read_settings()
    url = settings.database_url.get_secret_value()
    if not uses_queue(url):
        raise InvalidInputError.of(
            "workers need PostgreSQL; over SQLite `agendum serve` does the jobs itself",
            field="AGENDUM_DATABASE_URL")
    bound_heaps()
    check_drafting(settings)
    catalogue = open_ready_catalogue(settings)
    prepare_queue(url)
    configure_logs()
    asyncio.run(run_worker(catalogue, settings, metrics_port))
