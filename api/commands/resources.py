"""`agendum resources`: what is worth learning, for a person or for a need."""

import json

import click


@click.command("resources")
@click.option("--profile", "profile_file", metavar="FILE", help="One Profile, YAML or JSON.")
@click.option("--query", metavar="TEXT", help="A need in somebody's own words.")
@click.option("--language", metavar="TAG", help="Only resources in this language, such as es.")
@click.option("--minutes", type=click.IntRange(1, 6000), help="Minutes for all of them together.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def resources_command(
    profile_file: str | None, query: str | None, language: str | None, minutes: int | None,
    limit: int, as_json: bool,
) -> None:
    """Recommend learning resources, best first, each with its reason.

    Where the library hardly knows a query, or has nothing for it, a message says how to teach
    it. With --json, stderr names the library's fingerprint.

    \b
    Example:
      agendum resources --query "my team stays silent when I ask" --minutes 60
      agendum resources --profile amara.yaml --language fr --json
    """
    from api.inputs import checked, read_model
    from api.opening import open_ready_catalogue
    from api.suggestions import suggest_resources, wish_of_person, wish_of_query
    from recommender.domain.base import Language, Text
    from recommender.domain.profile import Profile
    from recommender.errors import InvalidInputError
    from recommender.learning.recommend import Wish
    from recommender.learning.situations import missing_for
    from recommender.settings import read_settings

    if (profile_file is None) == (query is None):
        raise InvalidInputError.of("give either --profile FILE or --query TEXT")
    settings = read_settings()
    if language is not None:
        language = checked(Language, language, "--language")
    wish: Wish | None
    if query is not None:
        wish = wish_of_query(checked(Text, query, "--query"), language)
    else:
        wish = wish_of_person(read_model(Profile, str(profile_file)), language)
    if wish is None:
        click.echo(
            f"agendum: {profile_file} names no goal, wanted skill, headline or bio, so there is "
            "nothing to search with; add a goal",
            err=True,
        )
    found = []
    if wish is not None:
        catalogue = open_ready_catalogue(settings)
        found = suggest_resources(catalogue, wish, minutes=minutes, limit=limit)
        if query is not None:
            missing = missing_for(catalogue, wish, query, bool(found))
            if missing:
                click.echo("agendum: " + "\n  ".join(missing), err=True)
        elif not found:
            click.echo(
                "agendum: no resource fits; allow more minutes or another language", err=True
            )
        if as_json:
            click.echo(f"agendum: library {catalogue.library.fingerprint}", err=True)
    if as_json:
        click.echo(json.dumps([one.model_dump() for one in found], ensure_ascii=False, indent=2))
        return
    for place, one in enumerate(found, start=1):
        length = (
            f"{'about ' if one.minutes_estimated else ''}{one.minutes} min"
            if one.minutes is not None
            else f"length not stated, counted as {one.counted_minutes} min"
        )
        click.echo(f"{place:2}. {one.title}")
        click.echo(f"    {one.format}, {length}, {one.language}, score {one.score:.2f}")
        click.echo(f"    {one.reason}")
        click.echo(f"    {one.url}")
