"""Spellings of one address meet; addresses of two pages do not."""

import pytest

from content_library.addresses import normal_address
from content_library.load import load_library


@pytest.mark.parametrize("spelling", [
    "https://example.org/learn/feedback",
    "http://www.example.org/learn/feedback/",
    "HTTPS://Example.ORG:443/learn/feedback#part-2",
    " http://example.org:80/learn/feedback?utm_source=mail&fbclid=x ",
    "https://example.org/learn/%66eedback?gclid=1",
    "https://www.example.org./learn/feedback?mc_cid=1&_hsenc=2",
])
def test_spellings_of_one_page_meet(spelling: str) -> None:
    """Scheme, www, default port, slash, fragment, escapes, tracking do not choose a page."""
    assert normal_address(spelling) == "https://example.org/learn/feedback"


@pytest.mark.parametrize("spelling", [
    "https://youtu.be/wtl5UrrgU8c",
    "https://youtu.be/wtl5UrrgU8c?si=abc&t=12",
    "http://m.youtube.com/watch?feature=share&v=wtl5UrrgU8c",
    "https://www.youtube.com/watch?v=wtl5UrrgU8c&list=PL1&index=3",
    "https://www.youtube.com/shorts/wtl5UrrgU8c",
    "https://www.youtube-nocookie.com/embed/wtl5UrrgU8c",
])
def test_a_video_has_one_address(spelling: str) -> None:
    """A YouTube video is the same in each of its forms."""
    assert normal_address(spelling) == normal_address("https://www.youtube.com/watch?v=wtl5UrrgU8c")


@pytest.mark.parametrize(("one", "other"), [
    ("https://example.org/?p=1", "https://example.org/?p=2"),
    ("https://example.org/a", "https://example.org/A"),
    ("https://example.org/talk?language=fr", "https://example.org/talk"),
    ("https://example.org:8443/a", "https://example.org/a"),
    ("https://app.example.org/#/course/1", "https://app.example.org/#/course/2"),
    ("https://youtu.be/wtl5UrrgU8c", "https://youtu.be/wtl5UrrgU8C"),
    ("https://www.youtube.com/playlist?list=A", "https://www.youtube.com/playlist?list=B"),
    ("https://example.org/a%2Fb", "https://example.org/a/b"),
])
def test_two_pages_stay_two(one: str, other: str) -> None:
    """What chooses the page is kept: path, parameters, port, a routed fragment, a video's id."""
    assert normal_address(one) != normal_address(other)


def test_the_order_of_parameters_and_letters_beyond_ascii_do_not_matter() -> None:
    """Parameters are sorted; a path with accents meets its escaped form, a host its ASCII form."""
    assert normal_address("https://a.org/x?b=2&a=1") == normal_address("https://a.org/x?a=1&b=2")
    assert normal_address("https://a.org/réunion") == normal_address("https://a.org/r%c3%a9union")
    assert normal_address("https://bücher.example/") == "https://xn--bcher-kva.example"


@pytest.mark.parametrize("text", ["", "not an address", "mailto:a@b.c", "http://[broken",
                                  "https://a.org:port/", "http://"])
def test_what_is_no_web_address_comes_back_as_it_is(text: str) -> None:
    """Nothing raises; the validation of a Resource is where such text is refused."""
    assert normal_address(text) == text


def test_normal_addresses_are_their_own_and_the_shipped_library_holds_none_twice() -> None:
    """Normalising twice is normalising once; no two shipped resources share an address."""
    urls = [resource.url for resource in load_library().resources.values()]
    normal = [normal_address(url) for url in urls]
    assert [normal_address(url) for url in normal] == normal
    assert len(set(normal)) == len(urls)
