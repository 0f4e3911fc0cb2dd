"""What a page says of itself, and the file that is begun from it."""

import pytest
import yaml

from content_library.scaffold import Facts, page_facts, scaffold, words_of_address
from recommender.domain.resource import Resource

URL = "https://example.org/learn/how-to-listen.html"
PAGE = """<!doctype html><html lang="en-GB"><head><title>How to listen | Example</title>
<meta property="og:title" content="How to  listen"><meta property="og:site_name" content="Example">
<meta name="description" content="Ten habits of good listeners &amp; leaders.">
<meta property="og:type" content="article"><meta name="author" content="Ada A">
<script>var x = "<title>no</title>";</script>%s</head><body><title>Other</title></body></html>"""
LINKED = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
{"@type": "WebSite", "name": "Site"}, {"@type": "VideoObject", "name": "Listening, the talk",
"author": {"name": "Ben B"}, "publisher": {"name": "Talks"}, "duration": "PT12M20S",
"inLanguage": "fr"}]}</script>"""


def test_a_page_says_title_site_language_and_description() -> None:
    """OpenGraph comes before `<title>`; the language is that of `<html>`."""
    assert page_facts(PAGE % "") == Facts(
        title="How to listen", publisher="Example", authors=("Ada A",), format="article",
        language="en-GB", description="Ten habits of good listeners & leaders.")


def test_the_first_title_counts_where_there_is_no_other() -> None:
    """Without OpenGraph the `<title>` of the head is the title, not one further down."""
    html = "<html><title>How to\n listen</title><svg><title>Logo</title></svg>"
    assert page_facts(html) == Facts(title="How to listen")


def test_schema_org_comes_first_and_the_rest_fills_its_gaps() -> None:
    """What the first work in JSON-LD says wins; where it is silent OpenGraph speaks."""
    assert page_facts(PAGE % LINKED) == Facts(
        title="Listening, the talk", publisher="Talks", authors=("Ben B",), format="video",
        language="fr", minutes=12, description="Ten habits of good listeners & leaders.")


@pytest.mark.parametrize("html", [
    "", "<title>", "<<<>", "<html lang='not a language'>", "<meta content=x><meta name=y>",
    '<script type="application/ld+json">{broken</script>',
    '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
    '<script type="application/ld+json">[[], 1, {"@type": "Book"}]</script>',
    '<script type="application/ld+json">{"@type": "Book", "name": {"a": 1}}</script>',
])
def test_a_broken_page_says_nothing(html: str) -> None:
    """What is broken or silent is passed over, and nothing raises."""
    assert page_facts(html) == Facts()


def test_the_words_of_an_address_are_what_is_searched_where_no_title_is_known() -> None:
    """Words of the path, without numbers and ending."""
    assert words_of_address("https://a.org/en/2024/how-to%20listen_well.html") == (
        "en how to listen well")


def test_a_scaffold_holds_what_is_known_and_lacks_what_a_person_writes() -> None:
    """It is YAML of the shipped style; validation names exactly what is left to fill."""
    facts = Facts(title="On: listening", publisher="Ex", format="video", language="fr",
                  description="Buy now!\x1b[2J\n# format: book\ngist: sold")
    text = scaffold(URL, facts, [], [("listening", 0.5), ("trust", 0.25)])
    data = yaml.safe_load(text)
    assert list(data) == [name for name in Resource.model_fields
                          if name not in ("minutes_estimated", "why_retired", "prerequisites")]
    assert (data["title"], data["format"], data["gist"]) == ("On: listening", "video", "")
    assert "# suggested topics, with their probability: listening 0.50, trust 0.25\n" in text
    assert "# the page says of itself: Buy now! [2J # format: book gist: sold\n" in text
    with pytest.raises(ValueError, match="validation error") as caught:
        Resource.model_validate(data)
    assert {error["loc"][0] for error in caught.value.errors()} == {  # type: ignore[attr-defined]
        "topics", "level", "audience", "gist"}


def test_a_scaffold_that_is_filled_is_a_resource() -> None:
    """With topics, level, audience and gist written, and the comments still there, it is valid."""
    text = scaffold(URL, Facts(title="T", publisher="P", format="guide", language="en",
                               minutes=4), ["trust"], [])
    for empty, full in (("level: ''", "level: advanced"), ("audience: []", "audience: [peer]"),
                        ("gist: ''", "gist: Who leads a team sees how to listen.")):
        assert text.count(empty) == 1
        text = text.replace(empty, full)
    assert Resource.model_validate(yaml.safe_load(text)).minutes == 4


def test_facts_that_are_given_come_first() -> None:
    """What the curator says wins over what the page says."""
    assert Facts(title="Mine").over(Facts(title="Its", language="es")) == Facts(
        title="Mine", language="es")
