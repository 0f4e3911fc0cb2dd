"""Are the library's links alive? Asked politely: robots.txt, one request per host at a time."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, get_args

import httpx2
from protego import Protego

from content_library.pages import decoded, is_sent_home, not_found_words
from content_library.web import Answer, Refused, Trouble, Web, host_of, web_address

State = Literal[
    "gone", "soft_404", "home_page", "certificate", "loop", "refused", "passing", "unclear",
    "not_checked", "moved", "ok",
]
"""How a link was found, the worst first; `link_report` says each in words."""
STATES: tuple[State, ...] = get_args(State)

ROBOT = "agendum-linkcheck"
"""The name that a robots.txt can address."""
MAX_HOPS = 10
ROBOTS_HOPS = 5
TRIES = 3
"""Requests for one page while the host says 429 or 503."""
SILENT = 3
"""Links in a row that a host does not answer, after which the rest of them must wait."""
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_HTML = ("", "text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Pace:
    """How much of other people's machines a run takes.

    Attributes:
        delay_s: Between the end of one request to a host and the start of the next.
        backoff_s: After a 429 or 503 without `Retry-After`; doubled each time.
        longest_wait_s: Longest `Retry-After` or `Crawl-delay` that is waited out.
        hosts_at_once: Hosts that are worked on at the same time.
    """

    delay_s: float = 1.0
    backoff_s: float = 4.0
    longest_wait_s: float = 60.0
    hosts_at_once: int = 16


@dataclass(frozen=True)
class Link:
    """One address to check, with the title that its page should bear."""

    id: str
    url: str
    title: str


@dataclass(frozen=True)
class Outcome:
    """What was found.

    Attributes:
        detail: In words, for people; may quote the page.
        address: Where it is now (`moved`), or where it led instead.
    """

    id: str
    state: State
    detail: str
    address: str | None = None


@dataclass
class _Host:
    """What is known of a host in this run; `lock` lets one request through at a time."""

    delay_s: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = -math.inf
    closed: str | None = None
    silent: int = 0
    takes_head: bool = True


class NoPage(Exception):
    """A page that could not be read; the message says why and may quote the host."""


class _Closed(Exception):
    """The host gets no more requests in this run; the message says why."""


async def check_links(
    links: Sequence[Link], web: Web, pace: Pace, found: Callable[[Outcome], None]
) -> None:
    """Check every link, and hand over each outcome as soon as it is known.

    Hosts with many links start first. A run that is cancelled has handed over what it knew.
    """
    checker = _Checker(web, pace)
    by_host: defaultdict[str, list[Link]] = defaultdict(list)
    for link in links:
        by_host[_host_named(link.url)].append(link)
    slots = asyncio.Semaphore(pace.hosts_at_once)

    async def work(own: Sequence[Link]) -> None:
        async with slots:
            for link in own:
                found(await checker.check(link))

    async with asyncio.TaskGroup() as tasks:
        for own in sorted(by_host.values(), key=len, reverse=True):
            tasks.create_task(work(own))


def fetch_page(url: str, web: Web, pace: Pace, within_s: float = 30.0) -> str:
    """Return the HTML of one page, asked for as politely as a link is checked; closes `web`.

    Raises:
        NoPage: robots.txt forbids it, an address on the way is not public, the answer is an
            error or no HTML, or it takes longer than `within_s`.
    """
    async def read() -> str:
        try:
            async with asyncio.timeout(within_s):
                return await _Checker(web, pace).read(url)
        except TimeoutError:
            raise NoPage(f"no page within {within_s:g} s") from None
        except (Refused, Trouble, _Closed) as error:
            raise NoPage(str(error)) from error
        finally:
            await web.aclose()

    return asyncio.run(read())


def _host_named(url: str) -> str:
    try:
        return host_of(web_address(url))
    except Refused:
        return ""


class _Checker:
    """The hosts of one run, their rules and their patience."""

    def __init__(self, web: Web, pace: Pace) -> None:
        self._web = web
        self._pace = pace
        self._hosts: defaultdict[str, _Host] = defaultdict(lambda: _Host(pace.delay_s))
        self._rules: dict[tuple[str, str, int | None], Protego | None] = {}
        self._reading: defaultdict[object, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def check(self, link: Link) -> Outcome:
        """Return how one link was found."""
        own = self._hosts[_host_named(link.url)]
        try:
            outcome = await self._follow(link)
        except Refused as error:
            return Outcome(link.id, "refused", str(error))
        except _Closed as error:
            return Outcome(link.id, "not_checked", str(error))
        except Trouble as error:
            if error.kind in ("timeout", "connection", "name"):
                own.silent += 1
                if own.silent >= SILENT and own.closed is None:
                    own.closed = f"the host failed {SILENT} times in a row: {error}"
            state: State = "certificate" if error.kind == "certificate" else "passing"
            return Outcome(link.id, state, str(error))
        own.silent = 0
        return outcome

    async def read(self, url: str) -> str:
        """Return the HTML at the end of the redirects from an address; every step is checked.

        Raises:
            NoPage: There is none to be had.
        """
        at = web_address(url)
        seen = [at]
        while True:
            rules = await self._rules_for(at)
            if rules is not None and not rules.can_fetch(str(at), ROBOT):
                raise NoPage(f"robots.txt of {host_of(at)} says no")
            answer = await self._patiently("GET", at)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                break
            at = web_address(target, base=at)
            if at in seen or len(seen) > MAX_HOPS:
                raise NoPage(f"{len(seen)} redirects and no page")
            seen.append(at)
        if answer.status not in (200, 203):
            raise NoPage(f"answers {answer.status}")
        kind = _media_type(answer.headers)
        if kind not in _HTML:
            raise NoPage(f"is no web page but {kind[:80]}")
        page = decoded(answer.body, answer.headers.get("content-type", ""))
        words = not_found_words(page, "")
        if words is not None:
            raise NoPage(f"it says “{words}”")
        return page

    async def _follow(self, link: Link) -> Outcome:
        """Return what stands at the end of the redirects; every step is checked anew."""
        start = url = web_address(link.url)
        moved_to: httpx2.URL | None = None
        is_permanent = True
        seen = [url]
        while True:
            rules = await self._rules_for(url)
            if rules is not None and not rules.can_fetch(str(url), ROBOT):
                return Outcome(link.id, "not_checked", f"robots.txt of {host_of(url)} says no")
            answer = await self._page(url)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                break
            is_permanent = is_permanent and answer.status in _PERMANENT
            url = web_address(target, base=url)
            moved_to = url if is_permanent else moved_to
            if url in seen or len(seen) > MAX_HOPS:
                return Outcome(link.id, "loop", f"{len(seen)} redirects and no page", str(url))
            seen.append(url)
        return judge(link, start, url, answer, moved_to)

    async def _page(self, url: httpx2.URL) -> Answer:
        """Return the answer to HEAD where it settles the matter, else that to GET."""
        host = self._hosts[host_of(url)]
        if host.takes_head:
            try:
                answer = await self._patiently("HEAD", url)
            except Trouble as error:
                if not error.connected:
                    raise
            else:
                if _is_conclusive(answer):
                    return answer
                host.takes_head = answer.status not in (405, 501)
        return await self._patiently("GET", url)

    async def _patiently(self, method: Literal["HEAD", "GET"], url: httpx2.URL) -> Answer:
        """Return an answer, asked for again while the host says that it is busy."""
        host = self._hosts[host_of(url)]
        for turn in range(TRIES):
            answer = await self._ask(method, url, host, backoff_s=self._pace.backoff_s * 2**turn)
            if answer.status not in (429, 503):
                return answer
            if host.closed is not None:
                raise _Closed(host.closed)
        if answer.status == 429:
            host.closed = f"the host said {TRIES} times that there were too many requests (429)"
            raise _Closed(host.closed)
        return answer

    async def _ask(
        self, method: Literal["HEAD", "GET"], url: httpx2.URL, host: _Host, *, backoff_s: float
    ) -> Answer:
        """Return one answer, when it is this request's turn at the host."""
        clock = asyncio.get_running_loop().time
        async with host.lock:
            if host.closed is not None:
                raise _Closed(host.closed)
            await asyncio.sleep(max(0.0, host.free_at - clock()))
            wait_s = host.delay_s
            try:
                try:
                    answer = await self._web.ask(method, url)
                except Trouble:
                    wait_s = max(wait_s, backoff_s)
                    raise
                if answer.status in (429, 503):
                    asked_s = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
                    wait_s = max(wait_s, backoff_s if asked_s is None else asked_s)
                    if wait_s > self._pace.longest_wait_s:
                        host.closed = f"the host asked to be left alone for {wait_s:.0f} s"
            finally:
                host.free_at = clock() + wait_s
            return answer

    async def _rules_for(self, url: httpx2.URL) -> Protego | None:
        """Return what robots.txt of this origin says; null allows everything."""
        origin = (url.scheme, host_of(url), url.port)
        async with self._reading[origin]:
            if origin not in self._rules:
                rules = await self._read_rules(url)
                self._rules[origin] = rules
                asked_s = rules.crawl_delay(ROBOT) if rules is not None else None
                if asked_s is not None and math.isfinite(asked_s):
                    host = self._hosts[host_of(url)]
                    host.delay_s = max(host.delay_s, min(asked_s, self._pace.longest_wait_s))
            return self._rules[origin]

    async def _read_rules(self, url: httpx2.URL) -> Protego | None:
        """Return the rules as RFC 9309 has them: a 4xx allows everything, a 5xx nothing yet."""
        at = url.copy_with(path="/robots.txt", query=None)
        answer = await self._patiently("GET", at)
        for _ in range(ROBOTS_HOPS):
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target:
                break
            try:
                at = web_address(target, base=at)
                answer = await self._patiently("GET", at)
            except Refused:
                return None
        if answer.status >= 500:
            raise Trouble("protocol", f"robots.txt answers {answer.status}, so the page itself "
                                      "was not asked for", connected=True)
        if not 200 <= answer.status < 300:
            return None
        return Protego.parse(answer.body.decode("utf-8-sig", errors="replace"))


def judge(
    link: Link, start: httpx2.URL, end: httpx2.URL, answer: Answer, moved_to: httpx2.URL | None
) -> Outcome:
    """Return what the last answer of a chain says about a link.

    Args:
        start: The library's address.
        end: Where the redirects led.
        moved_to: Where the permanent ones at their beginning led.
    """
    status = answer.status
    led_to = None if end == start else str(end)
    if status in (404, 410):
        return Outcome(link.id, "gone", f"answers {status}", led_to)
    if status >= 500:
        return Outcome(link.id, "passing", f"answers {status}", led_to)
    if status not in (200, 203, 206):
        return Outcome(link.id, "unclear", f"answers {status} to a program", led_to)
    if is_sent_home(start, end):
        return Outcome(link.id, "home_page", "leads to the home page", led_to)
    if _media_type(answer.headers) in _HTML:
        page = decoded(answer.body, answer.headers.get("content-type", ""))
        words = not_found_words(page, link.title)
        if words is not None:
            return Outcome(link.id, "soft_404", f"answers {status}, and its page says “{words}”",
                           led_to)
    if moved_to is not None:
        return Outcome(link.id, "moved", "moved for good", str(moved_to))
    return Outcome(link.id, "ok", f"answers {status}", led_to)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, in either form; null if none."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())


def _is_conclusive(answer: Answer) -> bool:
    """Return whether the answer to HEAD makes a GET idle: pages are read, for what they say."""
    if answer.status in _REDIRECTS:
        return "location" in answer.headers
    if answer.status in (429, 503):
        return True
    return answer.status in (200, 203, 206) and _media_type(answer.headers) not in _HTML


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
