"""A real `agendum serve` in a process of its own, and what it wrote to its log."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]


class Process:
    """A command of ours that runs until it is stopped; its stderr goes to a file."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], folder: Path,
                 name: str) -> None:
        self.log_file = folder / f"{name}.log"
        self._sink = self.log_file.open("ab")
        kept = {key: value for key, value in os.environ.items()
                if not key.upper().startswith(("AGENDUM_", "OTEL_"))}
        self.popen = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "api.cli", *arguments],
            env=kept | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)} | dict(environment),
            cwd=folder, stdout=self._sink, stderr=self._sink,
        )

    def log(self) -> str:
        """Return what it wrote so far."""
        return self.log_file.read_text("utf-8", errors="replace")

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of its log that are whole."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def kill(self) -> None:
        """Kill it as the kernel does when memory runs out."""
        self.popen.kill()
        self.popen.wait(30)

    def stop(self) -> int:
        """Ask it to end, and return how it did."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(60)
        finally:
            self.popen.kill()
            self._sink.close()


class Server(Process):
    """`agendum serve` on a free port."""

    def __init__(self, environment: Mapping[str, str], folder: Path, name: str = "api") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(["serve", "--port", str(self.port)], environment, folder, name)

    def wait_ready(self, seconds: float = 120) -> "Server":
        """Return once /readyz says 200."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                raise AssertionError(f"ended with {self.popen.returncode}: {self.log()}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready after {seconds} s: {self.log()}")


@contextmanager
def served(environment: Mapping[str, str], folder: Path, name: str = "api") -> Iterator[Server]:
    """Give a server that is ready; it is stopped afterwards."""
    server = Server(environment, folder, name)
    try:
        yield server.wait_ready()
    finally:
        server.stop()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
