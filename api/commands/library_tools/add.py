"""`agendum library add`: the beginning of one resource's file."""

from dataclasses import replace

import click


@click.command("add")
@click.argument("url", metavar="URL")
@click.option("--title", help="The page's own title.")
@click.option("--topic", "topics", metavar="ID", multiple=True,
              help="A topic it teaches, most important first; may be repeated.")
@click.option("--language", metavar="TAG", help="Of the thing itself, such as es.")
@click.option("--offline", is_flag=True, help="Do not read the page.")
@click.option("--into", metavar="FOLDER",
              help="The library folder; by default the overlay, else the shipped one.")
def command(
    url: str, title: str | None, topics: tuple[str, ...], language: str | None, offline: bool,
    into: str | None,
) -> None:
    """Begin the file of one resource from its address; a person writes the rest.

    Its page is read once, as the link check reads pages: public addresses only, and never where
    robots.txt says no. A page that cannot be read is said on stderr, and the file begun anyway.
    Topics are suggested in a comment. `agendum library check` refuses the file until it is
    complete. An address that is there already, however it is spelled, is refused with its file.

    \b
    Example:
      agendum library add https://example.org/first-one-to-one --title "Your first one-to-one"
    """
    from api.inputs import checked
    from api.topics import open_bridge, shelf_in_use, suggest_topics
    from content_library.exchange.rows import Vocabulary
    from content_library.exchange.shelf import save
    from content_library.scaffold import Facts, page_facts, scaffold, words_of_address
    from recommender.domain.base import Language, Line
    from recommender.domain.resource import WebAddress, resource_id
    from recommender.errors import InvalidInputError
    from recommender.settings import read_settings

    url = checked(WebAddress, url.strip(), "URL")
    settings = read_settings()
    shelf = shelf_in_use(into, settings)
    home = shelf.home
    there = shelf.file_at(url)
    if there is not None:
        raise InvalidInputError.of(f"is in the library already, as resources/{there}; change that "
                                   "file instead", source=url)
    if resource_id(url) in shelf.ordered:
        raise InvalidInputError.of("overlay.yaml changes, hides or retires it; mend it there",
                                   source=url)
    words = Vocabulary(shelf.library)
    named = []
    for topic in topics:
        found = words.topic(topic)
        if found is None:
            raise InvalidInputError.of(f"{topic!r} is not in topics.yaml; check the spelling",
                                       source="--topic")
        named.append(found)
    given = Facts(
        title=None if title is None else checked(Line, title, "--title"),
        language=None if language is None else checked(Language, language, "--language"))
    html = None if offline else _page(url)
    facts = given if html is None else given.over(page_facts(html))
    if facts.title is not None and len(facts.title) > 300:
        facts = replace(facts, title=facts.title[:300])
    text = ". ".join(part for part in (facts.title or words_of_address(url), facts.description)
                     if part)
    suggested = suggest_topics(
        open_bridge(settings, shelf.library, home), [(text, facts.language or "en")]
    )[0] if text and not named else []
    path = home / "resources" / f"{resource_id(url)}.yaml"
    save(path, scaffold(url, facts, named, suggested))
    click.echo(path)
    click.echo("agendum: fill in what is empty there, then run `agendum library check`", err=True)


def _page(url: str) -> str | None:
    """Return the HTML of a page; null, and a line on stderr, where it cannot be read."""
    from api.link_check import read_page
    from content_library.exchange.rows import printable
    from content_library.links import NoPage

    try:
        return read_page(url)
    except NoPage as error:
        click.echo(f"agendum: the page was not read: {printable(str(error), 200)}; "
                   "nothing is taken from it", err=True)
        return None
