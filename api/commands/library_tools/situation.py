"""`agendum library situation`: sentences by which the library knows what people need."""

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recommender.learning.situations import Look

WRITTEN = ("en", "es", "fr")


@click.group("situation")
def command() -> None:
    """Add sentences that people say when they need a topic.

    \b
    Example:
      agendum library situation add --topic feedback-performance --language en \\
        "I keep three versions of the same mail in my drafts and send none." --dry-run
    """


@command.command("add")
@click.argument("sentence")
@click.option("--topic", metavar="ID", help="The topic that the sentence belongs to.")
@click.option("--focus-area", metavar="ID", help="The same for a focus area.")
@click.option("--language", type=click.Choice(WRITTEN), required=True, help="Of the sentence.")
@click.option("--need", "needs", multiple=True, metavar="TEXT",
              help="Show what it changes for this need too; may be given several times.")
@click.option("--dry-run", is_flag=True, help="Only show what it would change.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(
    sentence: str, topic: str | None, focus_area: str | None, language: str,
    needs: tuple[str, ...], dry_run: bool, as_json: bool,
) -> None:
    """Add SENTENCE to the situations of a topic or focus area, and show what that changes.

    It is written into the overlay that AGENDUM_OVERLAY names, else into the shipped library.
    Shown are the likeliest topics and the first five resources, before and after, for the
    sentence itself and for each --need.

    \b
    Example:
      agendum library situation add --topic feedback-performance --language en \\
        "I keep three versions of the same mail in my drafts and send none." \\
        --need "I put off telling my colleague that her numbers are wrong" --dry-run
    """
    from api.inputs import checked, write_text
    from api.opening import encode_missing, keep_vectors, open_ready_catalogue
    from api.suggestions import wish_of_query
    from content_library.load import HOME, read_sources, take_sources
    from content_library.overlay import nearest
    from content_library.situations import with_situation
    from recommender.catalogue import Catalogue
    from recommender.domain.base import Text, written_language
    from recommender.errors import InvalidInputError, LibraryError
    from recommender.learning.situations import look, refuse_situation
    from recommender.retrieval.vector_cache import CachedEncoder
    from recommender.settings import read_settings

    if (topic is None) == (focus_area is None):
        raise InvalidInputError.of("give either --topic ID or --focus-area ID")
    sentence = " ".join(sentence.split())
    wishes = [wish_of_query(checked(Text, one, "--need" if at else "SENTENCE"), None)
              for at, one in enumerate((sentence, *needs))]
    settings = read_settings()
    catalogue = open_ready_catalogue(settings)
    library = catalogue.library
    kind = "topics" if focus_area is None else "focus_areas"
    asked = str(topic or focus_area)
    terms = getattr(library, kind)
    term = terms.get(asked) or next((one for one in terms.values() if asked in one.aliases), None)
    if term is None:
        what = "topic" if focus_area is None else "focus area"
        raise InvalidInputError.of(f"{asked!r} is no {what}; {nearest(asked, terms, what)}",
                                   source=f"--{what.replace(' ', '-')}")
    refused = refuse_situation(sentence, term, written_language(language), library)
    if refused:
        raise InvalidInputError(refused)
    name = f"{kind}.yaml"
    shipped, own = take_sources(HOME, settings.overlay)
    file = own if own is not None else shipped
    path = (settings.overlay or HOME) / name
    content = with_situation(file.files.get(name), term.id, language, sentence, str(path))
    changed = file.with_file(name, content)
    after, faults = (read_sources(changed, None) if own is None
                     else read_sources(shipped, changed))
    if faults:
        raise LibraryError(faults)
    new = Catalogue(after, catalogue.encoder)
    if isinstance(new.encoder, CachedEncoder):
        encode_missing(new.encoder, new.texts())
    seen = [(wish.needs[0][0], look(catalogue, wish), look(new, wish)) for wish in wishes]
    if not dry_run:
        write_text(path, content.decode("utf-8"), source=str(path))
        if isinstance(new.encoder, CachedEncoder):
            keep_vectors(new.encoder, settings)
    count = len(getattr(after, kind)[term.id].text[language].situations)
    if as_json:
        click.echo(json.dumps({
            "file": str(path), "written": not dry_run, "term": term.id, "language": language,
            "situations": count,
            "needs": [{"need": need, "before": _data(before), "after": _data(then)}
                      for need, before, then in seen],
        }, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{term.id}, {language}: {count} situations with this one")
        for need, before, then in seen:
            click.echo("\n" + _text(need, before, then))
    if focus_area is not None:
        click.echo("agendum: searches compare with the situations of topics; a focus area's "
                   "change no ranking", err=True)
    click.echo(f"agendum: nothing written (--dry-run); without it, {path} gets the sentence"
               if dry_run else f"wrote {path}", err=True)


def _data(seen: "Look") -> dict[str, Any]:
    return {
        "topics": [{"topic": topic, "probability": round(chance, 4)}
                   for topic, chance in seen.topics],
        "resources": [{"id": one.resource.id, "title": one.resource.title,
                       "score": round(one.score, 4)} for one in seen.resources],
    }


def _text(need: str, before: "Look", after: "Look") -> str:
    """Return what one need finds before and after, for people."""
    lines = [f"“{need}”"]
    for name, seen in (("before", before), ("after", after)):
        topics = ", ".join(f"{topic} {chance:.1%}" for topic, chance in seen.topics)
        lines.append(f"  topics {name:7} {topics}")
    places = {one.resource.id: at for at, one in enumerate(before.resources, start=1)}
    for at, one in enumerate(after.resources, start=1):
        was = places.pop(one.resource.id, None)
        moved = " (new)" if was is None else "" if was == at else f" (was {was})"
        lines.append(f"  {at}. {one.resource.title}{moved}")
    titles = {one.resource.id: one.resource.title for one in before.resources}
    lines += [f"  gone: {titles[one]} (was {was})" for one, was in places.items()]
    return "\n".join(lines)
