"""A small web on this machine: many hosts behind one server, which counts what it is asked."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpcore2

from content_library.web import Web

PUBLIC = "93.184.216.34"
"""What names lead to: looks public, and is dialled on this machine."""
AGENT = "agendum-linkcheck/test"


@dataclass(frozen=True)
class Reply:
    """What the server says; `hangs_s` before it, `breaks` the connection instead of it."""

    status: int = 200
    body: bytes = b"<title>A page</title>"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    hangs_s: float = 0
    breaks: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it, with the seconds at which it began and ended."""

    method: str
    host: str
    path: str
    agent: str
    began: float
    ended: float


Respond = Callable[[str, str, str], Reply]
"""From method, host and path to a reply."""


def to(address: str, status: int = 302) -> Reply:
    """Return a redirect."""
    return Reply(status, b"", {"Location": address})


class SmallWeb:
    """The server and the network that leads to it; every name that is not listed is public.

    Args:
        respond: Answers requests; where it raises KeyError, the answer is 404.
        names: Addresses of the hosts that lead elsewhere; an empty list has none.
    """

    def __init__(self, respond: Respond, names: Mapping[str, Sequence[str]] | None = None,
                 tls: ssl.SSLContext | None = None) -> None:
        self.respond = respond
        self.names = dict(names or {})
        self.asked: list[Asked] = []
        self.dialled: list[tuple[str, int]] = []
        self.looked_up: Counter[str] = Counter()
        self.most_at_once: defaultdict[str, int] = defaultdict(int)
        self.sent = 0
        self.ports: dict[int, int] = {}
        self._tls = tls
        self._open: Counter[str] = Counter()

    def requests(self, host: str) -> list[str]:
        """Return what a host was asked, in order."""
        return [f"{one.method} {one.path}" for one in self.asked if one.host == host]

    async def resolve(self, host: str) -> Sequence[str]:
        """Look a name up."""
        self.looked_up[host] += 1
        addresses = self.names.get(host, [PUBLIC])
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return addresses

    async def dial(
        self, address: str, port: int, timeout_s: float | None
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to this server instead of to the address."""
        self.dialled.append((address, port))
        return await httpcore2.AnyIOBackend().connect_tcp(
            host="127.0.0.1", port=self.ports[port], timeout=timeout_s)

    def client(self, *, timeout_s: float = 1.0, max_bytes: int = 64 * 1024,
               tls: ssl.SSLContext | None = None, agent: str = AGENT) -> Web:
        """Return a client for this web."""
        return Web(user_agent=agent, timeout_s=timeout_s, max_bytes=max_bytes, connections=16,
                   resolve=self.resolve, dial=self.dial, tls=tls)

    @contextlib.contextmanager
    def serving(self) -> Iterator["SmallWeb"]:
        """Serve in a thread of its own."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()

        async def start() -> list[asyncio.Server]:
            servers = [await asyncio.start_server(self._serve, "127.0.0.1", 0)]
            self.ports[80] = servers[0].sockets[0].getsockname()[1]
            if self._tls is not None:
                servers.append(await asyncio.start_server(self._serve, "127.0.0.1", 0,
                                                          ssl=self._tls))
                self.ports[443] = servers[1].sockets[0].getsockname()[1]
            return servers

        async def stop(servers: list[asyncio.Server]) -> None:
            for server in servers:
                server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        servers = asyncio.run_coroutine_threadsafe(start(), loop).result(5)
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(stop(servers), loop).result(5)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(5)
            loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(Exception):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        began = time.monotonic()
        method, path, _ = lines[0].split(" ")
        said = {name.lower(): value.strip() for name, _, value in
                (line.partition(":") for line in lines[1:] if line)}
        host = said["host"]
        self._open[host] += 1
        self.most_at_once[host] = max(self.most_at_once[host], self._open[host])
        try:
            try:
                reply = self.respond(method, host, path)
            except KeyError:
                reply = Reply(404, b"")
            await asyncio.sleep(reply.hangs_s or 0.001)
            if reply.breaks:
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            body = b"" if method == "HEAD" else reply.body
            head = f"HTTP/1.1 {reply.status} x\r\nContent-Length: {len(body)}\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
            writer.write(head.encode("latin-1") + b"\r\n")
            for at in range(0, len(body), 8192):
                writer.write(body[at: at + 8192])
                await writer.drain()
                self.sent += len(body[at: at + 8192])
            await writer.drain()
            return True
        finally:
            self._open[host] -= 1
            self.asked.append(Asked(method, host, path, said.get("user-agent", ""), began,
                                    time.monotonic()))
