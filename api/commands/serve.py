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
    import logging

    import uvicorn

    from api.addresses import is_local
    from api.app import create_app
    from api.drafting import check_drafting
    from api.opening import open_ready_catalogue
    from recommender.settings import read_settings

    settings = read_settings()
    check_drafting(settings)
    app = create_app(open_ready_catalogue(settings), settings, local=is_local(host))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for name in ("bm25s", "httpx2", "openai"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # uvicorn's own access log would write query strings, which hold people's words.
    uvicorn.run(app, host=host, port=port, access_log=False, server_header=False)
