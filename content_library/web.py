"""The web as the link check sees it: public addresses only, and never more bytes than a bound."""

import asyncio
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

import httpcore2
import httpx2

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""From a host's name to its addresses; raises `OSError` for a name that has none."""
Dial = Callable[[str, int, float | None], Awaitable[httpcore2.AsyncNetworkStream]]
"""Connects to an address and a port, within seconds; never to a name."""
TroubleKind = Literal["timeout", "connection", "name", "certificate", "protocol"]

STANDARD_PORTS = frozenset({80, 443})
MAX_URL = 4000
MAX_ADDRESSES = 3
"""Addresses of one host that are tried, in the resolver's order."""

_REFUSED = tuple(map(ipaddress.ip_network, (
    "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15",
    "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16", "fec0::/10", "3fff::/20",
    "5f00::/16",
)))
"""What `ipaddress` of some Python version lets through: shared, transition and protocol nets."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NUMBER = re.compile(r"\d+|0[xX][0-9a-fA-F]*")


class Refused(Exception):
    """An address that must not be asked for; the message says why."""


class Trouble(Exception):
    """A request that got no answer.

    Attributes:
        kind: What went wrong.
        connected: The host took the connection and failed after that.
    """

    def __init__(self, kind: TroubleKind, detail: str, *, connected: bool = False) -> None:
        self.kind: TroubleKind = kind
        self.connected = connected
        super().__init__(detail)


@dataclass(frozen=True)
class Answer:
    """What a server said: header names in lower case, `body` decompressed and within the bound."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet and to one machine of it.

    An IPv4 address inside an IPv6 one (mapped, NAT64) counts as itself.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (
        ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast
        or ip.is_reserved or ip.is_unspecified
        or any(ip.version == net.version and ip in net for net in _REFUSED)
    )


def literal_address(host: str) -> str | None:
    """Return the IP address that a host stands for by itself; null for a name.

    IPv4 is read as browsers read it, in decimal, octal and hexadecimal, in one to four parts.

    Raises:
        Refused: It looks like an address and is none.
    """
    try:
        if ":" in host:
            return str(ipaddress.IPv6Address(host))
        bare = host.rstrip(".")
        if _NUMBER.fullmatch(bare.rpartition(".")[2]):
            return socket.inet_ntoa(socket.inet_aton(bare))
    except (ValueError, OSError):
        raise Refused(f"{host} is no address that can be read") from None
    return None


def web_address(text: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """Return an address without its fragment, and with its host in ASCII.

    Args:
        base: What a relative address starts from.

    Raises:
        Refused: No web address, or one that carries a password.
    """
    try:
        url = httpx2.URL(text) if base is None else base.join(text)
    except (httpx2.InvalidURL, ValueError):
        raise Refused("the address cannot be read") from None
    if url.scheme not in ("http", "https"):
        raise Refused(f"{url.scheme or 'no scheme'}: only http and https are followed")
    if not url.host or len(str(url)) > MAX_URL:
        raise Refused("no host in the address" if not url.host else "the address is too long")
    if url.userinfo:
        raise Refused("the address carries a user name or password")
    return url.copy_with(fragment=None)


def host_of(url: httpx2.URL) -> str:
    """Return the host that a request goes to, as one key: ASCII, without the last dot."""
    return url.raw_host.decode("ascii").rstrip(".")


async def resolve_name(host: str) -> list[str]:
    """Return the addresses that the system's resolver knows for a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def dial_address(
    address: str, port: int, timeout_s: float | None
) -> httpcore2.AsyncNetworkStream:
    """Connect to an address."""
    backend = httpcore2.AnyIOBackend()
    return await backend.connect_tcp(host=address, port=port, timeout=timeout_s)


class _GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to checked addresses only: what was checked is what is dialled.

    The pool above keeps the name for the `Host` header and for TLS, so no second look-up can
    lead elsewhere.
    """

    def __init__(self, resolve: Resolve, dial: Dial) -> None:
        self._resolve = resolve
        self._dial = dial

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        """Look the host up, check every address, and dial the first that answers."""
        addresses = await self._checked(host)
        for address in addresses[:-1]:
            try:
                return await self._dial(address, port, timeout)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._dial(addresses[-1], port, timeout)

    async def _checked(self, host: str) -> list[str]:
        literal = literal_address(host)
        if literal is not None:
            addresses = [literal]
        else:
            try:
                addresses = list(await self._resolve(host))
            except (OSError, UnicodeError):
                addresses = []
        if not addresses:
            raise Trouble("name", "the host's name leads to no address")
        for address in addresses:
            if not is_public(address):
                raise Refused(f"{host} leads to {address}, which is no public address")
        return addresses[:MAX_ADDRESSES]


class Web:
    """A client that asks one question at a time and follows nothing by itself.

    Args:
        user_agent: How it names itself.
        timeout_s: Longest silence; a whole answer may take twice that.
        max_bytes: Of a body, decompressed; the rest is not read.
        connections: Open at the same time, at most.
        resolve: Looks names up.
        dial: Connects to what was looked up and checked.
        ports: May be asked for.
        tls: Certificates that are trusted; null means the system's.
    """

    def __init__(
        self, *, user_agent: str, timeout_s: float, max_bytes: int, connections: int,
        resolve: Resolve = resolve_name, dial: Dial = dial_address,
        ports: frozenset[int] = STANDARD_PORTS, tls: ssl.SSLContext | None = None,
    ) -> None:
        self._headers: list[tuple[bytes | str, bytes | str]] = [
            ("User-Agent", user_agent), ("Accept", "text/html,*/*;q=0.8"),
            ("Accept-Encoding", "gzip"), ("Accept-Language", "en,es;q=0.8,fr;q=0.8,*;q=0.5"),
        ]
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._ports = ports
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls, max_connections=connections, keepalive_expiry=5,
            network_backend=_GuardedNetwork(resolve, dial),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def ask(self, method: Literal["HEAD", "GET"], url: httpx2.URL) -> Answer:
        """Return the answer to one request; a redirect is an answer like any other.

        Raises:
            Refused: The address leads to a place that must not be asked.
            Trouble: No answer came.
        """
        port = url.port or (443 if url.scheme == "https" else 80)
        if port not in self._ports:
            raise Refused(f"port {port} is not asked for")
        seconds = self._timeout_s
        target = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        waits = {"connect": seconds, "read": seconds, "write": seconds, "pool": None}
        connected = False
        try:
            async with (
                asyncio.timeout(2 * seconds),
                self._pool.stream(
                    method, target, headers=self._headers, extensions={"timeout": waits}
                ) as response,
            ):
                connected = True
                headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                body = b"" if method == "HEAD" else await self._read(
                    response.aiter_stream(), headers.get("content-encoding", "")
                )
                return Answer(response.status, headers, body)
        except (TimeoutError, httpcore2.TimeoutException) as error:
            connected = connected or isinstance(error, httpcore2.ReadTimeout)
            raise Trouble("timeout", f"no answer within {seconds:g} s",
                          connected=connected) from error
        except httpcore2.NetworkError as error:
            raise _network_trouble(error) from error
        except (httpcore2.ProtocolError, zlib.error, ssl.SSLError, ValueError) as error:
            raise Trouble("protocol", "the answer breaks the rules of HTTP",
                          connected=True) from error

    async def _read(self, chunks: AsyncGenerator[bytes], encoding: str) -> bytes:
        """Return the body up to the bound, which holds for what it unpacks to."""
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            return b""
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
        body = bytearray()
        async with aclosing(chunks):
            async for chunk in chunks:
                room = self._max_bytes - len(body)
                body += chunk[:room] if unpack is None else unpack.decompress(chunk, room)
                if len(body) >= self._max_bytes:
                    break
        return bytes(body)


def _network_trouble(error: httpcore2.NetworkError) -> Trouble:
    """Return what a broken connection means; certificates have a kind of their own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Trouble("certificate", cause.verify_message or "the certificate is not valid")
        if isinstance(cause, ssl.SSLError):
            return Trouble("certificate", "no secure connection could be agreed on")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore2.ConnectError):
        return Trouble("connection", "the host takes no connection")
    return Trouble("connection", "the connection broke off", connected=True)
