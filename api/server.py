"""Uvicorn, with an orderly end: new requests are turned away first, those under way finish."""

import signal
import sys
import threading
from types import FrameType

import uvicorn
from fastapi import FastAPI

from api.logs import log_of

GRACE_S = 30
"""Seconds that requests under way have; then they are cut off."""
KEEP_ALIVE_S = 75
"""Longer than the 60 s that proxies keep idle connections, so that it is they who close first."""
BACKLOG = 512
SWITCH_S = 0.001
"""Seconds after which a thread that computes lets the one that answers go on."""

log = log_of("agendum.server")


class DrainingServer(uvicorn.Server):
    """Turns new requests away for some seconds after SIGTERM or SIGINT, then stops.

    /readyz says 503 meanwhile, so that a load balancer looks elsewhere. A second signal stops
    at once.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_s = drain_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain; on a second signal, or without time to drain, stop."""
        state = self._app.state
        if state.draining or self._drain_s <= 0:
            state.draining = True
            super().handle_exit(sig, frame)
            return
        state.draining = True
        self._captured_signals.append(sig)
        log.info("draining", signal=signal.Signals(sig).name, seconds=self._drain_s)
        timer = threading.Timer(self._drain_s, self._stop)
        timer.daemon = True
        timer.start()

    def _stop(self) -> None:
        self.should_exit = True


def run_server(app: FastAPI, *, host: str, port: int, drain_s: float) -> None:
    """Serve until a signal; `log_config` is none, because the logs of this process are set."""
    config = uvicorn.Config(
        # Uvicorn's own access log would write query strings, which hold people's words.
        app, host=host, port=port, access_log=False, server_header=False, log_config=None,
        timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=KEEP_ALIVE_S, backlog=BACKLOG,
    )
    server = DrainingServer(config, app, drain_s)
    sys.setswitchinterval(SWITCH_S)
    try:
        server.run()
    except KeyboardInterrupt:
        # Uvicorn raises the signal again once it has shut down.
        log.info("stopped")
