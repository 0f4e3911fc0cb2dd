"""The link check against a small web that plays every trouble a link can have."""

import asyncio
import gzip
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from web_server import AGENT, PUBLIC, Reply, Respond, SmallWeb, to

from content_library.links import Link, NoPage, Outcome, Pace, check_links, fetch_page
from content_library.load import Library
from content_library.web import Refused, Trouble, Web, web_address

QUICK = Pace(delay_s=0, backoff_s=0.05, longest_wait_s=2, hosts_at_once=16)
TESTS = Path(__file__).resolve().parents[1]


def checked(
    client: Web, urls: Sequence[str], pace: Pace = QUICK, title: str = "A title of its own"
) -> dict[str, Outcome]:
    """Check addresses and return what was found, by address."""
    found: list[Outcome] = []

    async def run() -> None:
        try:
            await check_links([Link(url, url, title) for url in urls], client, pace, found.append)
        finally:
            await client.aclose()

    asyncio.run(run())
    assert len(found) == len(urls)
    return {one.id: one for one in found}


def pages(known: Mapping[str, Reply]) -> Respond:
    """Return a respond function that knows `host/path`."""
    return lambda method, host, path: known[host + path]


def check(url: str, known: Mapping[str, Reply],
          names: Mapping[str, Sequence[str]] | None = None) -> tuple[Outcome, SmallWeb]:
    """Check one address in a web of these pages."""
    with SmallWeb(pages(known), names).serving() as web:
        return checked(web.client(), [url])[url], web


@pytest.mark.parametrize(("known", "state", "address"), [
    ({"a.test/p/1": Reply()}, "ok", None),
    ({"a.test/p/1": to("/p/2", 301), "a.test/p/2": Reply()}, "moved", "http://a.test/p/2"),
    ({"a.test/p/1": to("/p/2", 308), "a.test/p/2": to("/p/3", 302), "a.test/p/3": Reply()},
     "moved", "http://a.test/p/2"),
    ({"a.test/p/1": to("/p/2", 302), "a.test/p/2": Reply()}, "ok", "http://a.test/p/2"),
    ({"a.test/p/1": to("/p/2", 302), "a.test/p/2": to("/p/3", 301), "a.test/p/3": Reply()},
     "ok", "http://a.test/p/3"),
    ({}, "gone", None),
    ({"a.test/p/1": Reply(410)}, "gone", None),
    ({"a.test/p/1": to("/p/2", 301)}, "gone", "http://a.test/p/2"),
    ({"a.test/p/1": Reply(500)}, "passing", None),
    ({"a.test/p/1": Reply(503)}, "passing", None),
    ({"a.test/p/1": Reply(breaks=True)}, "passing", None),
    ({"a.test/p/1": Reply(hangs_s=30)}, "passing", None),
    ({"a.test/p/1": Reply(403)}, "unclear", None),
    ({"a.test/p/1": Reply(202)}, "unclear", None),
    ({"a.test/p/1": to("/", 301), "a.test/": Reply()}, "home_page", "http://a.test/"),
    ({"a.test/p/1": to("http://b.test/en/", 302), "b.test/en/": Reply()}, "home_page",
     "http://b.test/en/"),
    ({"a.test/p/1": to("/p/2"), "a.test/p/2": to("/p/1")}, "loop", "http://a.test/p/1"),
    ({"a.test/p/1": Reply(body="<h1>Página no encontrada</h1>".encode())}, "soft_404", None),
    ({"a.test/p/1": Reply(body=b"<title>A title of its own</title><h1>Page not found</h1>")},
     "ok", None),
], ids=["alive", "moved", "moved-then-sent-on", "sent-on", "sent-on-then-moved", "404", "410",
        "moved-then-404", "500", "503", "reset", "slow", "403", "202", "home", "other-home",
        "loop", "soft-404", "own-title"])
def test_what_a_link_is_found_to_be(
    known: dict[str, Reply], state: str, address: str | None
) -> None:
    """Each kind of answer has its state, and the address it led to where that says more."""
    url = "http://a.test/p/1"
    with SmallWeb(pages(known)).serving() as web:
        outcome = checked(web.client(timeout_s=0.2), [url])[url]
    assert (outcome.state, outcome.address) == (state, address), outcome.detail


def test_a_long_chain_of_redirects_is_a_loop() -> None:
    """A chain that never comes back to itself ends too."""
    known = {f"a.test/p/{n}": to(f"/p/{n + 1}") for n in range(40)}
    outcome, web = check("http://a.test/p/0", known)
    assert outcome.state == "loop"
    assert len(web.asked) < 15


@pytest.mark.parametrize("target", [
    "http://127.0.0.1/secret", "http://10.0.0.7/secret", "http://inner.test/secret",
    "http://mapped.test/secret", "http://both.test/secret", "http://2130706433/secret",
    "http://0177.0.0.1/secret", "http://0x7f.1/secret", "http://[::1]/secret",
    "http://[::ffff:10.0.0.7]/secret", "http://169.254.169.254/secret", "http://127.0.0.1./secret",
    "http://a.test:22/secret", "ftp://a.test/secret", "file:///etc/passwd",
    "http://me:pw@b.test/secret", "http://①②⑦.0.0.1/secret", "http://127。0。0。1/secret",
])
def test_redirects_into_private_places_are_refused(target: str) -> None:
    """Nothing private is dialled, however it is written, and the secret is never asked for."""
    names = {"inner.test": ["10.0.0.7"], "mapped.test": ["::ffff:127.0.0.1"],
             "both.test": [PUBLIC, "192.168.1.1"]}
    location = target.encode().decode("latin-1")
    with SmallWeb(lambda method, host, path: {"/p/1": to(location), "/secret": Reply()}[path],
                  names).serving() as web:
        outcome = checked(web.client(), ["http://a.test/p/1"])["http://a.test/p/1"]
    assert outcome.state == "refused", outcome
    assert {address for address, _ in web.dialled} == {PUBLIC}
    assert all(one.path != "/secret" for one in web.asked)


def test_a_private_start_is_refused_before_robots_txt() -> None:
    """A library link into a private network is not even asked for its robots.txt."""
    outcome, web = check("http://inner.test/p", {}, {"inner.test": ["10.0.0.7"]})
    assert outcome.state == "refused"
    assert web.dialled == []
    assert web.asked == []


def test_what_was_checked_is_what_is_dialled() -> None:
    """A name that answers differently the second time gains nothing: one look-up a connection."""
    with SmallWeb(pages({"rebind.test/p/1": Reply()})).serving() as web:
        answers = iter([[PUBLIC], ["127.0.0.1"]])

        async def resolve(host: str) -> Sequence[str]:
            return next(answers)

        client = Web(user_agent=AGENT, timeout_s=1, max_bytes=1000, connections=1,
                     resolve=resolve, dial=web.dial)

        async def run() -> None:
            assert (await client.ask("GET", web_address("http://rebind.test/p/1"))).status == 200
            await client.aclose()
            with pytest.raises(Refused, match=r"127\.0\.0\.1"):
                await client.ask("GET", web_address("http://rebind.test/p/1"))

        asyncio.run(run())
    assert web.dialled == [(PUBLIC, 80)]
    assert [one.host for one in web.asked] == ["rebind.test"]


def test_robots_txt_may_not_lead_into_private_places() -> None:
    """A robots.txt that redirects inside is left unread; the page itself is checked."""
    known = {"a.test/robots.txt": to("http://127.0.0.1/secret"), "a.test/p/1": Reply()}
    outcome, web = check("http://a.test/p/1", known)
    assert outcome.state == "ok"
    assert {address for address, _ in web.dialled} == {PUBLIC}


def test_robots_txt_is_honoured_and_says_nothing_about_the_link() -> None:
    """A page that robots.txt closes is not asked for; the longest rule wins, also for our name."""
    rules = (b"User-agent: *\nDisallow: /\n\nUser-agent: agendum-linkcheck\n"
             b"Disallow: /p\nAllow: /p/open\n")
    known = {"a.test/robots.txt": Reply(body=rules, headers={"Content-Type": "text/plain"}),
             "a.test/p/open": Reply()}
    with SmallWeb(pages(known)).serving() as web:
        found = checked(web.client(), ["http://a.test/p/1", "http://a.test/p/open"])
    assert found["http://a.test/p/1"].state == "not_checked"
    assert "robots.txt" in found["http://a.test/p/1"].detail
    assert found["http://a.test/p/open"].state == "ok"
    assert web.requests("a.test") == ["GET /robots.txt", "HEAD /p/open", "GET /p/open"]


def test_robots_txt_counts_where_a_redirect_leads() -> None:
    """A redirect does not open what the other host's robots.txt closes."""
    known = {"a.test/p/1": to("http://b.test/p/2"),
             "b.test/robots.txt": Reply(body=b"User-agent: *\nDisallow: /p"),
             "b.test/p/2": Reply()}
    outcome, web = check("http://a.test/p/1", known)
    assert outcome.state == "not_checked"
    assert web.requests("b.test") == ["GET /robots.txt"]


def test_a_broken_robots_txt_closes_the_site_for_now() -> None:
    """Where robots.txt fails, pages are not asked for, and that is passing trouble."""
    known = {"a.test/robots.txt": Reply(500), "a.test/p/1": Reply()}
    outcome, web = check("http://a.test/p/1", known)
    assert (outcome.state, "robots.txt" in outcome.detail) == ("passing", True)
    assert web.requests("a.test") == ["GET /robots.txt"]


def test_crawl_delay_is_kept() -> None:
    """A host that asks for seconds between requests gets them."""
    known = {"a.test/robots.txt": Reply(body=b"User-agent: *\nCrawl-delay: 0.3"),
             "a.test/p/1": Reply()}
    _, web = check("http://a.test/p/1", known)
    gaps = [later.began - earlier.ended
            for earlier, later in zip(web.asked[1:], web.asked[2:], strict=False)]
    assert gaps
    assert min(gaps) >= 0.29


@pytest.mark.parametrize("refusal", [405, 501, 403, 404, 400, 500])
def test_get_follows_where_head_settles_nothing(refusal: int) -> None:
    """A HEAD that is refused, or says the page is not there, is asked again with GET."""
    def respond(method: str, host: str, path: str) -> Reply:
        if path == "/robots.txt":
            raise KeyError
        return Reply(refusal) if method == "HEAD" else Reply()

    with SmallWeb(respond).serving() as web:
        found = checked(web.client(), ["http://a.test/p/1", "http://a.test/p/2"])
    assert {one.state for one in found.values()} == {"ok"}
    heads = 1 if refusal in (405, 501) else 2
    assert sum(one.method == "HEAD" for one in web.asked) == heads


def test_what_is_no_page_needs_no_get() -> None:
    """A PDF that HEAD finds is not fetched."""
    outcome, web = check("http://a.test/p.pdf", {
        "a.test/p.pdf": Reply(headers={"Content-Type": "application/pdf"})})
    assert outcome.state == "ok"
    assert web.requests("a.test") == ["GET /robots.txt", "HEAD /p.pdf"]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_out(status: int, form: str) -> None:
    """The host is left alone for as long as it asked, by every link, and then asked again."""
    busy = [True]

    def respond(method: str, host: str, path: str) -> Reply:
        if path == "/p/1" and busy:
            busy.clear()
            then = datetime.now(UTC) + timedelta(seconds=2)
            after = "1" if form == "seconds" else then.strftime("%a, %d %b %Y %H:%M:%S GMT")
            return Reply(status, b"", {"Retry-After": after})
        if path == "/robots.txt":
            raise KeyError
        return Reply()

    with SmallWeb(respond).serving() as web:
        found = checked(web.client(), ["http://a.test/p/1", "http://a.test/p/2"])
    assert {one.state for one in found.values()} == {"ok"}
    assert web.asked[2].began - web.asked[1].ended >= 0.95


def test_a_long_retry_after_ends_the_run_for_that_host() -> None:
    """Longer than is waited for: nothing more is asked there, and nothing counts against it."""
    known = {"a.test/p/1": Reply(429, b"", {"Retry-After": "3600"})}
    with SmallWeb(pages(known)).serving() as web:
        found = checked(web.client(), ["http://a.test/p/1", "http://a.test/p/2"])
    assert [one.state for one in found.values()] == ["not_checked"] * 2
    assert web.requests("a.test") == ["GET /robots.txt", "HEAD /p/1"]


def test_429_without_end_is_not_the_links_fault() -> None:
    """A host that goes on saying 429 is left alone after three tries, with growing pauses."""
    with SmallWeb(pages({"a.test/p/1": Reply(429, b"")})).serving() as web:
        found = checked(web.client(), ["http://a.test/p/1", "http://a.test/p/2"])
    assert [one.state for one in found.values()] == ["not_checked"] * 2
    asked = [one for one in web.asked if one.path == "/p/1"]
    assert len(asked) == 3
    assert asked[1].began - asked[0].ended >= 0.045
    assert asked[2].began - asked[1].ended >= 0.095


def test_a_dead_host_is_not_asked_for_every_link() -> None:
    """After three links in a row without an answer, the rest of a host's links wait."""
    urls = [f"http://a.test/p/{n}" for n in range(6)]
    with SmallWeb(lambda *_: Reply(breaks=True)).serving() as web:
        found = checked(web.client(), urls)
    assert [found[url].state for url in urls] == ["passing"] * 3 + ["not_checked"] * 3
    assert len(web.asked) == 3


def test_a_name_without_an_address_is_passing_trouble() -> None:
    """A name that leads nowhere today may lead somewhere tomorrow."""
    outcome, _ = check("http://nowhere.test/p", {}, {"nowhere.test": []})
    assert (outcome.state, "name" in outcome.detail) == ("passing", True)


def test_gzip_bombs_are_cut() -> None:
    """64 MiB behind 64 KiB are not unpacked: the bound holds for the unpacked bytes."""
    bomb = gzip.compress(b"<h1>Page not found</h1>" + b"\0" * (64 * 1024 * 1024), 9)
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    bound = 20_000
    with SmallWeb(pages({"a.test/p/1": Reply(body=bomb, headers=headers)})).serving() as web:
        client = web.client(max_bytes=bound)

        async def run() -> int:
            answer = await client.ask("GET", web_address("http://a.test/p/1"))
            await client.aclose()
            return len(answer.body)

        assert asyncio.run(run()) == bound
        assert checked(web.client(max_bytes=bound), ["http://a.test/p/1"])[
            "http://a.test/p/1"].state == "soft_404"


def test_endless_pages_are_cut() -> None:
    """Of a page of 40 MB no more is read than the bound and what was under way."""
    with SmallWeb(pages({"a.test/p/1": Reply(body=b"x" * 40_000_000)})).serving() as web:
        assert checked(web.client(max_bytes=50_000), ["http://a.test/p/1"])[
            "http://a.test/p/1"].state == "ok"
    assert web.sent < 20_000_000


def test_a_page_that_drips_is_given_up() -> None:
    """An answer that keeps coming in crumbs ends at the deadline."""
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 x\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n")
        try:
            while True:
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        web = SmallWeb(pages({}))
        web.ports[80] = server.sockets[0].getsockname()[1]
        client = web.client(timeout_s=0.15)
        began = time.monotonic()
        with pytest.raises(Trouble) as caught:
            await client.ask("GET", web_address("http://a.test/p/1"))
        assert caught.value.kind == "timeout"
        assert time.monotonic() - began < 1
        await client.aclose()
        server.close()
        await asyncio.sleep(0.1)

    asyncio.run(run())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority that the client trusts."""
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[tuple[SmallWeb, ssl.SSLContext, list[str]]]:
    """Return a web with certificates: good, expired, of another name, of nobody."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    issued = {
        "good.test": authority.issue_cert("good.test"),
        "expired.test": authority.issue_cert("expired.test", not_before=long_ago,
                                             not_after=long_ago + timedelta(days=90)),
        "other.test": authority.issue_cert("somebody-else.test"),
        "nobody.test": trustme.CA().issue_cert("nobody.test"),
    }
    contexts = {}
    for name, cert in issued.items():
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cert.configure_cert(contexts[name])
    asked_names: list[str] = []

    def choose(connection: ssl.SSLObject, name: str, _: ssl.SSLContext) -> None:
        asked_names.append(name)
        connection.context = contexts[name]

    contexts["good.test"].sni_callback = choose
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with SmallWeb(lambda method, host, path: {"/p/1": Reply()}[path],
                  tls=contexts["good.test"]).serving() as web:
        yield web, trust, asked_names


def test_certificates(secure: tuple[SmallWeb, ssl.SSLContext, list[str]]) -> None:
    """Expired, foreign and unknown certificates are told from a page that is gone; SNI is kept."""
    web, trust, asked_names = secure
    urls = [f"https://{name}.test/p/1" for name in ("good", "expired", "other", "nobody")]
    found = checked(web.client(tls=trust), urls)
    assert [found[url].state for url in urls] == ["ok"] + ["certificate"] * 3
    assert "expired" in found[urls[1]].detail
    assert set(asked_names) == {"good.test", "expired.test", "other.test", "nobody.test"}
    assert {one.host for one in web.asked} == {"good.test"}


def test_600_links_on_60_hosts_one_request_per_host_at_a_time() -> None:
    """In under a minute, and no host ever has two requests at once, as the server counts them.

    A third of the links redirect to a neighbour, so that hosts meet on each other's ground.
    """
    hosts = [f"host-{n:02}.test" for n in range(60)]
    urls = [f"http://{host}/p/{n}" for host in hosts for n in range(10)]

    def respond(method: str, host: str, path: str) -> Reply:
        if path == "/robots.txt":
            return Reply(body=b"User-agent: *\nDisallow: /closed")
        number = int(path.rsplit("/", 1)[1])
        if number % 3 == 0 and path.startswith("/p/"):
            return to(f"http://host-{(int(host[5:7]) + 1) % 60:02}.test/q/{number}", 301)
        return Reply()

    with SmallWeb(respond).serving() as web:
        began = time.monotonic()
        found = checked(web.client(timeout_s=20), urls)
        seconds = time.monotonic() - began
    assert seconds < 60
    states = [one.state for one in found.values()]
    assert (states.count("ok"), states.count("moved")) == (360, 240)
    assert set(web.most_at_once) == set(hosts)
    assert set(web.most_at_once.values()) == {1}
    assert all(web.requests(host).count("GET /robots.txt") == 1 for host in hosts)
    assert {one.agent for one in web.asked} == {AGENT}


def test_hosts_are_asked_side_by_side_and_not_all_at_once() -> None:
    """Six slow hosts, three at a time: neither one after the other nor all together."""
    urls = [f"http://h{n}.test/p/1" for n in range(6)]
    with SmallWeb(lambda *_: Reply(404, b"", hangs_s=0.1)).serving() as web:
        checked(web.client(), urls, Pace(delay_s=0, hosts_at_once=3))
    edges = sorted([(one.began, 1) for one in web.asked] + [(one.ended, -1) for one in web.asked])
    open_now = most = 0
    for _, step in edges:
        open_now += step
        most = max(most, open_now)
    assert most == 3


def test_pause_between_two_requests_to_a_host() -> None:
    """The next request to a host begins a pause after the end of the one before."""
    with SmallWeb(pages({})).serving() as web:
        checked(web.client(), ["http://a.test/p/1", "http://a.test/p/2"], Pace(delay_s=0.1))
    gaps = [later.began - earlier.ended
            for earlier, later in zip(web.asked, web.asked[1:], strict=False)]
    assert len(gaps) == 4
    assert min(gaps) >= 0.095


INTERRUPTED = """
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from web_server import Reply, SmallWeb
import api.link_check, api.opening
from content_library.links import Pace
web = SmallWeb(lambda *_: Reply())
web.ports[80] = int(sys.argv[2])
api.link_check.open_web = lambda agent: web.client(timeout_s=20, agent=agent)
api.link_check.PACE = Pace(delay_s=0)
sys.argv[1:] = sys.argv[3:]
from api.cli import main
main()
"""


def test_ctrl_c_keeps_what_was_found(tmp_path: Path, library: Library) -> None:
    """Stopped half-way, the command says so, reports what it knows, and its history is whole."""
    ids = [one.id for one in library.resources.values() if one.url.startswith("http://")]
    process: list[subprocess.Popen[str]] = []
    stopped: list[str] = []

    def respond(method: str, host: str, path: str) -> Reply:
        if path == "/robots.txt":
            return Reply(404, b"")
        served = sum(one.method == "GET" and one.path != "/robots.txt" for one in web.asked)
        if served < 8:
            return Reply()
        if not stopped:
            stopped.append(host)
            threading.Timer(1.0, process[0].send_signal, [signal.SIGINT]).start()
        return Reply(hangs_s=20)

    history = tmp_path / "history.jsonl"
    history.write_text('{"id":"not-of-this-library","day":"2020-01-01","state":"gone"}\n')
    with SmallWeb(respond).serving() as web:
        process.append(subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, str(TESTS), str(web.ports[80]), "library", "links",
             *ids, "--history", str(history), "--format", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=TESTS.parent,
            env={**os.environ, "AGENDUM_CACHE_DIR": str(tmp_path)}))
        out, err = process[0].communicate(timeout=60)
    assert process[0].returncode == 1, err
    assert "stopped" in err
    report = json.loads(out)
    assert 0 < report["checked"] < report["asked"] == len(ids)
    kept = [json.loads(line) for line in history.read_text().splitlines()]
    assert {one["id"] for one in kept} == {
        "not-of-this-library", *(one["id"] for one in report["links"])}
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {
        "history.jsonl", "library"}


def test_one_page_is_read_at_the_end_of_its_redirects() -> None:
    """robots.txt first, then the page, in its own charset, in no more bytes than the bound."""
    page = Reply(body="<title>Año</title>".encode("latin-1") + b" " * 100_000,
                 headers={"Content-Type": "text/html; charset=latin-1"})
    known = {"a.test/p/1": to("http://b.test/p/2"), "b.test/p/2": page}
    with SmallWeb(pages(known)).serving() as web:
        html = fetch_page("http://a.test/p/1", web.client(max_bytes=5000), QUICK)
    assert html.startswith("<title>Año</title>")
    assert len(html) == 5000
    assert web.requests("a.test") == ["GET /robots.txt", "GET /p/1"]
    assert web.requests("b.test") == ["GET /robots.txt", "GET /p/2"]


@pytest.mark.parametrize(("known", "said"), [
    ({}, "answers 404"),
    ({"a.test/p/1": Reply(500)}, "answers 500"),
    ({"a.test/p/1": Reply(403)}, "answers 403"),
    ({"a.test/p/1": Reply(breaks=True)}, "broke off"),
    ({"a.test/p/1": Reply(hangs_s=30)}, "no answer within"),
    ({"a.test/p/1": Reply(429, headers={"Retry-After": "600"})}, "left alone for 600 s"),
    ({"a.test/p/1": Reply(headers={"Content-Type": "application/pdf"})}, "application/pdf"),
    ({"a.test/p/1": Reply(body=b"<title>Page not found</title>")}, "Page not found"),
    ({"a.test/p/1": to("/p/2"), "a.test/p/2": to("/p/1")}, "redirects and no page"),
    ({"a.test/p/1": to("http://inner.test/p")}, "no public address"),
    ({"a.test/p/1": to("http://127.0.0.1/p")}, "no public address"),
    ({"a.test/p/1": to("http://b.test/p"), "b.test/p": Reply(),
      "b.test/robots.txt": Reply(body=b"User-agent: *\nDisallow: /")}, "robots.txt of b.test"),
    ({"a.test/p/1": Reply(), "a.test/robots.txt": Reply(503)}, "robots.txt answers 503"),
], ids=["404", "500", "403", "reset", "slow", "busy", "pdf", "soft-404", "loop", "inner",
        "literal", "robots", "robots-503"])
def test_a_page_that_cannot_be_read_says_why(known: dict[str, Reply], said: str) -> None:
    """No private place is dialled, no robots.txt passed over, and the reason is in words."""
    small = SmallWeb(pages(known), {"inner.test": ["10.0.0.7"]})
    with small.serving() as web, pytest.raises(NoPage, match=said):
        fetch_page("http://a.test/p/1", web.client(timeout_s=0.2), QUICK)
    assert {address for address, _ in web.dialled} == {PUBLIC}


def test_a_page_is_not_waited_for_without_end() -> None:
    """A server that asks to come again is left when the time is over."""
    known = {"a.test/p/1": Reply(429, headers={"Retry-After": "2"})}
    began = time.monotonic()
    with SmallWeb(pages(known)).serving() as web, pytest.raises(NoPage, match=r"within 0\.3 s"):
        fetch_page("http://a.test/p/1", web.client(), QUICK, within_s=0.3)
    assert time.monotonic() - began < 1.5
