"""One spelling for every address of the same page."""

import re
from contextlib import suppress
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

_TRACKING = re.compile(
    r"utm_.*|mtm_.*|pk_.*|hsa_.*|_hs.*|ref_src|ref_url|[a-z]*clid|gbraid|wbraid|gad_source"
    r"|mc_[ce]id|mkt_tok|igshid|igsh|_ga|_gl|vero_id|trk|trackingid|at_(medium|campaign).*",
    re.IGNORECASE,
)
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_VIDEO_HOSTS = {"youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"}
_VIDEO_PATH = re.compile(r"/(?:embed|shorts|live|v)/([\w-]{6,})")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def normal_address(url: str) -> str:
    """Return the address by which two spellings of one page are recognised.

    It always begins with `https://`. What does not choose the page is left out: `www.`, a
    default port, a slash at the end, tracking parameters, the order of parameters, and the
    fragment, except one that is a page of its own (`#/…`, `#!…`). A YouTube video has one
    address, whichever of its hosts and forms it is written in. What is no web address comes
    back stripped, as it is. The result is for comparing, not for opening.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:
        return url
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host:
        return url
    video = _video(host, parts)
    if video is not None:
        return f"https://youtube.com/watch?v={video}"
    chosen = sorted((name, value) for name, value in
                    parse_qsl(parts.query, keep_blank_values=True)
                    if not _TRACKING.fullmatch(name))
    query = f"?{urlencode(chosen)}" if chosen else ""
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("/", "!")) else ""
    return f"https://{host}{_path(parts.path)}{query}{fragment}"


def _host(parts: SplitResult) -> str:
    """Return host and port, in lower case and ASCII, without `www.` and a default port."""
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    with suppress(UnicodeError):
        host = host.encode("idna").decode()
    if ":" in host:
        host = f"[{host}]"
    default = _DEFAULT_PORTS.get(parts.scheme.lower())
    return host if parts.port in (None, default) else f"{host}:{parts.port}"


def _path(path: str) -> str:
    """Return the path escaped one way, without a slash at its end."""
    def one_way(match: re.Match[str]) -> str:
        letter = chr(int(match[0][1:], 16))
        plain = letter.isascii() and (letter.isalnum() or letter in "-._~")
        return letter if plain else match[0].upper()

    return quote(_ESCAPE.sub(one_way, path), safe="%/:@!$&'()*+,;=~").rstrip("/")


def _video(host: str, parts: SplitResult) -> str | None:
    """Return the id of the YouTube video at this address, if there is one."""
    if host == "youtu.be":
        return parts.path.strip("/").split("/")[0] or None
    if host not in _VIDEO_HOSTS:
        return None
    if parts.path.rstrip("/") == "/watch":
        return dict(parse_qsl(parts.query)).get("v")
    found = _VIDEO_PATH.match(parts.path)
    return found[1] if found else None
