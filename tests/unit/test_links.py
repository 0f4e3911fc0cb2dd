"""The link check's rules: addresses, pages that say "not found", the rule of three, changes."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from ipaddress import ip_address

import httpx2
import pytest

from api.link_check import choose, user_agent
from content_library.change import change_fields
from content_library.link_history import (
    Check,
    history_lines,
    parse_history,
    standing,
    with_outcomes,
)
from content_library.link_report import (
    WORDS,
    Finding,
    Report,
    report_data,
    report_html,
    report_markdown,
)
from content_library.links import STATES, Outcome, State, retry_after
from content_library.load import Library
from content_library.pages import decoded, headlines, is_sent_home, not_found_words
from content_library.web import Refused, is_public, literal_address, web_address
from recommender.catalogue import Catalogue
from recommender.errors import InvalidInputError, NotFoundError
from recommender.learning.replace import nearest_resource

DAY = date(2026, 3, 1)


@pytest.mark.parametrize("address", [
    "0.0.0.0", "0.1.2.3", "10.0.0.7", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.7", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1",
    "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:7", "64:ff9b:1::1", "100::1", "3fff::1",
    "5f00::1",
])
def test_private_and_special_addresses_are_no_public_ones(address: str) -> None:
    """Private, loopback, link-local, multicast, reserved and transition nets are shut."""
    assert not is_public(address)


@pytest.mark.parametrize("address", [
    "1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111",
    "2a00:1450:4001::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822",
])
def test_public_addresses_are_open(address: str) -> None:
    """Addresses of the public internet, also inside IPv6, may be asked."""
    assert is_public(address)


@pytest.mark.parametrize(("host", "address"), [
    ("2130706433", "127.0.0.1"), ("0x7f000001", "127.0.0.1"), ("0x7f.1", "127.0.0.1"),
    ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("10.0.0.7.", "10.0.0.7"),
    ("::ffff:127.0.0.1", "::ffff:127.0.0.1"), ("example.org", None), ("7.example", None),
    ("0x7f.example", None),
])
def test_addresses_in_every_notation_are_read(host: str, address: str | None) -> None:
    """Decimal, octal, hexadecimal and short forms mean what a browser makes of them."""
    found = literal_address(host)
    assert (None if found is None else ip_address(found)) == (
        None if address is None else ip_address(address))


@pytest.mark.parametrize("host", ["1.2.3.4.5", "256.1.1.1", "08.0.0.1", "1.2.3.0x", "fe80::g"])
def test_what_looks_like_an_address_and_is_none_is_refused(host: str) -> None:
    """It is not handed to a resolver, which might read it in its own way."""
    with pytest.raises(Refused):
        literal_address(host)


@pytest.mark.parametrize("url", [
    "ftp://a.test/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "//a.test/",
    "http:///p", "http://u:p@a.test/", "http://u@a.test/", "http://[::1/", "http://a.test:x/",
    "http://a.test/\x00", "http://a.test/" + "x" * 5000, "mailto:a@b.test",
])
def test_only_plain_web_addresses_are_followed(url: str) -> None:
    """Other schemes, passwords and what cannot be read are refused."""
    with pytest.raises(Refused):
        web_address(url)


@pytest.mark.parametrize("line", [
    "404", "Error 404", "404 Not Found", "404 - Page not found | TED", "Page Not Found",
    "Not Found", "The page you requested could not be found", "This page doesn’t exist",
    "Sorry, this page isn't available.", "We can't find that page", "This video is unavailable",
    "This course is no longer available", "This content has been removed", "Error 410",
    "Página no encontrada", "No encontrado", "Lo sentimos, la página que buscas no existe",
    "No se encuentra la página", "Error 404: no encontramos esta página",
    "El contenido ya no está disponible", "Page introuvable", "Erreur 404",
    "Page non trouvée – Le Monde", "Cette page n’existe plus", "La page est introuvable",
    "Le contenu n'est plus disponible", "Oups, page introuvable",
])
@pytest.mark.parametrize("tag", ["title", "h1"])
def test_pages_that_say_they_are_not_there(line: str, tag: str) -> None:
    """Titles and headings in three languages that mean a 404 behind a 200."""
    page = f"<html><head><{tag} class='x'>\n {line} </{tag}>"
    assert not_found_words(page, "How to give feedback") == line


@pytest.mark.parametrize("page", [
    "<title>How to be found</title>", "<title>404 ways to lead a team</title>",
    "<title>Talent not found: why hiring fails</title>", "<p>Page not found</p>",
    "<title>When the answer cannot be found</title>",
    "<title>Managing the unavailable boss</title>",
    "<!-- <h1>Page not found</h1> --><title>Alive</title>",
    "<script>x = '<h1>Page not found</h1>'</script><title>Alive</title>",
    "<title>Giving feedback</title><h2>Page not found</h2>",
    "<title>Ce que l'on ne trouve pas dans les pages</title>", "", "<title>", "<h1></h1>",
])
def test_pages_that_only_sound_like_it(page: str) -> None:
    """Words of articles, hidden text, and a page that bears the resource's title are alive."""
    assert not_found_words(page, "Giving feedback") is None


def test_no_title_of_the_library_sounds_like_a_missing_page(library: Library) -> None:
    """Every title that the library holds, seen on a page, is a page that is there."""
    for resource in library.resources.values():
        assert not_found_words(f"<title>{resource.title}</title>", "Something else") is None


def test_headlines_are_found_quickly_in_hostile_pages() -> None:
    """Half a megabyte of opened and never closed marks is read in a moment."""
    for mark in ("<!--", "<script", "<title>", "<h1 ", "<"):
        began = datetime.now(UTC)
        headlines(mark * (512 * 1024 // len(mark)))
        assert (datetime.now(UTC) - began).total_seconds() < 3, mark


def test_pages_are_read_in_their_charset() -> None:
    """The header's charset, or the page's own, or UTF-8; an unknown one is no fault."""
    text = "<title>Página</title>"
    assert decoded(text.encode("latin-1"), "text/html; charset=ISO-8859-1") == text
    assert "Página" in decoded(b"<meta charset='latin-1'>" + text.encode("latin-1"), "text/html")
    assert decoded(text.encode(), "text/html; charset=no-such") == text


@pytest.mark.parametrize(("start", "end", "sent"), [
    ("http://a.test/p/1", "http://a.test/", True), ("http://a.test/p/1", "http://b.test", True),
    ("http://a.test/p", "http://a.test/en-us/", True),
    ("http://a.test/?p=1", "http://a.test/", True),
    ("http://a.test/p", "http://a.test/index.html", True),
    ("http://a.test/", "http://www.a.test/", False), ("http://a.test/p", "http://a.test/q", False),
    ("http://a.test/p", "http://a.test/?q=1", False), ("http://a.test/en", "http://a.test/", False),
])
def test_being_sent_home(start: str, end: str, sent: bool) -> None:
    """Only from a page inside a site to the front of one."""
    assert is_sent_home(httpx2.URL(start), httpx2.URL(end)) is sent


@pytest.mark.parametrize(("value", "seconds"), [
    ("120", 120), (" 7 ", 7), ("0", 0), ("Sun, 01 Mar 2026 00:01:00 GMT", 60),
    ("Sat, 28 Feb 2026 00:00:00 GMT", 0), ("soon", None), ("-5", None), (None, None), ("٣", None),
])
def test_retry_after_in_both_forms(value: str | None, seconds: float | None) -> None:
    """Seconds or a date; what is past is now, what cannot be read is nothing."""
    assert retry_after(value, datetime(2026, 3, 1, tzinfo=UTC)) == seconds


def row(*days: tuple[int, State]) -> list[Check]:
    """Return checks of one link, by days after the first."""
    return [Check(id="r", day=DAY + timedelta(days=after), state=state) for after, state in days]


@pytest.mark.parametrize(("checks", "failures", "ripe"), [
    (row((0, "gone"), (1, "gone")), 2, False),
    (row((0, "gone"), (1, "soft_404"), (2, "home_page")), 3, True),
    (row((0, "gone"), (1, "passing"), (2, "gone")), 3, False),
    (row((0, "gone"), (1, "passing"), (2, "gone"), (9, "gone")), 4, True),
    (row((0, "gone"), (1, "not_checked"), (2, "unclear"), (3, "gone")), 2, False),
    (row((0, "gone"), (1, "gone"), (2, "ok"), (3, "gone")), 1, False),
    (row((0, "gone"), (1, "gone"), (2, "gone"), (3, "moved")), 0, False),
    (row(*((n, "passing") for n in range(20))), 20, False),
    (row((0, "passing"), (10, "passing"), (20, "certificate"), (30, "loop")), 4, False),
    (row((0, "passing"), (8, "refused"), (16, "passing"), (24, "loop"), (30, "passing")), 5, True),
    (row((0, "passing"), (8, "passing"), (16, "ok"), (24, "passing"), (30, "passing")), 2, False),
    ([], 0, False),
])
def test_the_rule_of_three(checks: list[Check], failures: int, ripe: bool) -> None:
    """Three days of a page that is not there, or a month of nothing but trouble; alive clears."""
    found = standing(checks)
    assert (found.failures, found.why_retire is not None) == (failures, ripe)
    assert found.why_retire is None or len(found.why_retire) <= 300


def test_a_day_counts_once() -> None:
    """Three checks on one day are one failure, and a check that says nothing replaces none."""
    history = {}
    for state in ("gone", "gone", "gone", "not_checked"):
        history = with_outcomes(history, [Outcome("r", state, "x")], DAY)
    assert [one.state for one in history["r"]] == ["gone"]
    history = with_outcomes(history, [Outcome("r", "ok", "x")], DAY)
    assert [one.state for one in history["r"]] == ["ok"]


def test_history_survives_being_written() -> None:
    """What is written is read again, by id and day, and is bounded in length."""
    history: dict[str, Sequence[Check]] = {}
    for after in range(100):
        outcome = Outcome("r", "gone", "says “nó”\n" + "x" * 2000)
        history = dict(with_outcomes(history, [outcome], DAY + timedelta(days=after)))
    assert parse_history(history_lines(history), "h.jsonl") == history
    assert len(history["r"]) == 60
    assert history["r"][-1].day == DAY + timedelta(days=99)


def test_every_bad_line_of_a_history_is_named() -> None:
    """File, line, field and the mend, for each line at once."""
    with pytest.raises(InvalidInputError) as caught:
        parse_history('{"id":"r","day":"2026-01-01","state":"gone"}\n{oops\n'
                      '{"id":"r","day":"x","state":"dead"}\n', "h.jsonl")
    said = str(caught.value)
    assert "h.jsonl: line 2: no valid JSON" in said
    assert "line 3: day" in said
    assert "line 3: state" in said


FILE = ("# kept\nid: r\ntitle: 'A: b'   # mine\nstatus: active  # for now\nchecked_on: null\n"
        "topics: [a,  b]\n")


def test_changes_leave_every_other_line_alone() -> None:
    """Only the fields named change; comments, spacing and line ends stay."""
    fields = {"status": "retired", "why_retired": "link check: gone # 3",
              "checked_on": "2026-03-01"}
    expected = (FILE.replace("active", "retired").replace("checked_on: null",
                                                          "checked_on: 2026-03-01")
                + "why_retired: 'link check: gone # 3'\n")
    assert change_fields(FILE, fields, "f") == expected
    quoted = "why_retired: 'it''s # old'  # why\nid: r\n"
    assert change_fields(quoted, {"why_retired": "gone"}, "f") == (
        "why_retired: gone  # why\nid: r\n")
    crlf = FILE.replace("\n", "\r\n")
    assert change_fields(crlf, fields, "f") == expected.replace("\n", "\r\n")
    assert change_fields(FILE.rstrip("\n"), {"why_retired": "gone"}, "f") == (
        FILE + "why_retired: gone\n")


@pytest.mark.parametrize("text", [
    "{id: r, status: active}\n", "status: >\n  active\nid: r\n", "status: 'a\n  b'\n", "- a\n",
    "status: active\nstatus: active\n", "status: &x active\nother: *x\n",
])
def test_files_written_otherwise_are_left_to_people(text: str) -> None:
    """A file that cannot be changed line by line is refused, with the mend."""
    with pytest.raises(InvalidInputError, match="by hand"):
        change_fields(text, {"status": "retired"}, "f")


@pytest.fixture
def report(library: Library) -> Report:
    """Return a report whose words from outside are hostile."""
    one, two = library.active_resources[:2]
    hostile = replace(Outcome(one.id, "soft_404", ""),
                      detail="says “<script>alert(1)</script> [x](http://evil) | **b**\n# h”",
                      address="javascript:alert('x')")
    sly = one.model_copy(update={"title": "<img src=x onerror=alert(1)> `a` | [b](c)",
                                 "url": "javascript:alert(1)"})
    return Report(DAY, [
        Finding(two, Outcome(two.id, "ok", "answers 200")),
        Finding(sly, hostile, 3, "link check: gone", False, two),
    ], asked=3)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_html_report_escapes_and_can_be_read_by_everybody(report: Report) -> None:
    """No markup of others; language, headers with scope, captions, a title; nothing fetched."""
    page = report_html(report)
    parser = _Tags()
    parser.feed(page)
    names = [tag for tag, _ in parser.tags]
    assert not {"script", "img", "iframe"} & set(names)
    assert page.startswith("<!doctype html>")
    assert ("html", {"lang": "en"}) in parser.tags
    assert names.count("table") == names.count("caption") == 2
    assert all(said.get("scope") in ("row", "col") for tag, said in parser.tags if tag == "th")
    links = [said["href"] for tag, said in parser.tags if "href" in said]
    assert links == ["data:,", report.findings[0].resource.url]
    assert "&lt;script&gt;" in page


def test_html_report_has_contrast_enough() -> None:
    """Text stands out from the page by 4.5 to 1 or more, in the light and in the dark."""
    page = report_html(Report(DAY, [], 0))
    blocks = re.findall(r":root \{([^}]*)\}", page)
    assert len(blocks) == 2
    for block in blocks:
        colour = dict(re.findall(r"--(\w+): (#\w{6})", block))
        for ink in ("ink", "soft", "mark"):
            assert _contrast(colour[ink], colour["paper"]) >= 4.5


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at: at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                            for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_markdown_report_escapes(report: Report) -> None:
    """Hostile words make no tag, link, heading or column once Markdown is rendered."""
    from markdown_it import MarkdownIt

    text = report_markdown(report)
    parser = _Tags()
    parser.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
    names = {tag for tag, _ in parser.tags}
    assert not {"script", "img", "strong"} & names
    assert {said["href"] for _, said in parser.tags if "href" in said} == {
        report.findings[0].resource.url}
    assert [tag for tag, _ in parser.tags].count("h1") == 1


@pytest.mark.parametrize("words", [
    "# h", "- item", "+ item", "1. item", "12) item", "= x", "> quoted", "a | b", "**b** _i_ `c`",
    "<b>x</b>", "&lt;", "![i](j)", "[a]: http://evil", "http://evil.test", "www.evil.test",
    "me@evil.test", "~~x~~", "a\n# h", "\\", "---",
])
def test_markdown_shows_words_as_they_are(words: str, report: Report) -> None:
    """Whatever a page says comes out of Markdown as the same words, and as no element."""
    from markdown_it import MarkdownIt

    finding = replace(report.findings[1], outcome=Outcome(
        report.findings[1].resource.id, "gone", words), instead=None, why_retire=None)
    rendered = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        report_markdown(Report(DAY, [finding], 1)))
    tail = rendered.split("day 3 of failing", 1)[1]
    assert tail.startswith("<br />\n")
    text = tail.removeprefix("<br />\n").split("</li>")[0].removesuffix("</p>\n")
    assert html.unescape(text) == " ".join(words.split())
    raw = report_markdown(Report(DAY, [finding], 1))
    assert not re.search(r"(?<!\\)(://|@|www\.)", raw.splitlines()[-1])


def test_reports_put_the_broken_first_and_say_what_to_do(report: Report) -> None:
    """Counts, broken first, the advice, the replacement, and that the run was cut short."""
    text = report_markdown(report)
    assert "1 broken" in text
    assert "1 of 3 were not reached" in text
    assert "1 to be retired: run again with --retire" in text
    assert WORDS["soft_404"][1] in text
    assert "Instead:" in text
    data = report_data(report)
    assert list(data["counts"]) == ["soft_404", "ok"]
    assert [one["state"] for one in data["links"]] == ["soft_404", "ok"]
    assert data["links"][0]["instead"]["id"] == report.findings[0].resource.id
    assert set(WORDS) == set(STATES)


def test_choosing_links(library: Library) -> None:
    """Active ones, those not seen for longest first; ids may name retired ones; no other id."""
    first, second = (one.id for one in library.active_resources[:2])
    retired = next(one.id for one in library.resources.values() if one.status == "retired")
    history = {first: [Check(id=first, day=DAY, state="ok")],
               second: [Check(id=second, day=DAY, state="not_checked")]}
    chosen = [one.id for one in choose(library, history, (), DAY, older_than=None, limit=None)]
    assert chosen[-1] == first
    assert len(chosen) == len(library.active_resources)
    assert first not in [one.id for one in choose(library, history, (), DAY, older_than=1,
                                                  limit=None)]
    assert [one.id for one in choose(library, history, (first, second), DAY, older_than=None,
                                     limit=1)] == [second]
    assert [one.id for one in choose(library, {}, (retired,), DAY, older_than=None, limit=None)
            ] == [retired]
    with pytest.raises(NotFoundError, match="nosuch"):
        choose(library, {}, ("nosuch",), DAY, older_than=None, limit=None)


def test_the_check_says_who_it_is() -> None:
    """Name, version and the contact; a contact that could break the header is refused."""
    assert re.match(r"agendum-linkcheck/\S+ \(checks the links .*; lib@a\.test\)$",
                    user_agent("lib@a.test"))
    for contact in ("a\r\nX: y", "é", "a)", "x" * 300):
        with pytest.raises(InvalidInputError, match="--contact"):
            user_agent(contact)


def test_replacements_are_near_active_and_share_a_topic(catalogue: Catalogue) -> None:
    """In the own language where there is one; never itself, nor what must not be suggested."""
    library = catalogue.library
    for language in ("en", "es", "fr"):
        resource = next(one for one in library.active_resources if one.language == language)
        found = nearest_resource(catalogue, resource, ())
        assert found is not None
        assert found.id != resource.id
        assert found.status == "active"
        assert set(found.topics) & set(resource.topics)
        assert found.language == language
        other = nearest_resource(catalogue, resource, {found.id})
        assert other is None or other.id not in (found.id, resource.id)


def test_replacements_cross_languages_before_they_leave_the_topic(catalogue: Catalogue) -> None:
    """A resource in a language that has nothing else of its topics is replaced from another."""
    one = catalogue.library.active_resources[0]
    alone = one.model_copy(update={"language": "sw", "id": "elsewhere"})
    found = nearest_resource(catalogue, alone, ())
    assert found is not None
    assert set(found.topics) & set(one.topics)


def test_what_is_near_and_on_another_topic_is_no_replacement(catalogue: Catalogue) -> None:
    """The nearest resource is passed over where it shares no topic with the one replaced."""
    one = catalogue.library.active_resources[0]
    near = nearest_resource(catalogue, one, ())
    assert near is not None
    topic = next(each for each in catalogue.library.topics if each not in near.topics)
    found = nearest_resource(catalogue, one.model_copy(update={"topics": [topic]}), ())
    assert found is None or topic in found.topics
