"""`agendum serve`: the HTTP API."""

import click


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def serve_command(host: str, port: int) -> None:
    """Serve the HTTP API until it is stopped.

    \b
    Example:
      agendum serve --port 8080
      curl localhost:8080/readyz
    """
    from api.addresses import is_local
    from api.app import create_app
    from api.drafting import check_drafting
    from api.logs import configure_logs
    from api.memory import bound_heaps
    from api.opening import open_ready_catalogue
    from api.server import run_server
    from recommender.settings import read_settings

    bound_heaps()
    settings = read_settings()
    check_drafting(settings)
    app = create_app(open_ready_catalogue(settings), settings, local=is_local(host))
    configure_logs()
    run_server(app, host=host, port=port, drain_s=settings.drain_s)
