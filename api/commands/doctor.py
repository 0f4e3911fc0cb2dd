"""`agendum doctor`: can this installation do its work, and if not, what mends it."""

import json

import click


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor_command(as_json: bool) -> None:
    """Check Python, settings, packages, encoder, library, vectors, cache and model server.

    Exits with 1 when something is wrong, and says what to do.

    \b
    Example:
      agendum doctor
      agendum doctor --json
    """
    from api.health import examine

    findings = examine()
    if as_json:
        click.echo(json.dumps([
            {"name": one.name, "ok": one.ok, "found": one.found, "mend": one.mend}
            for one in findings
        ], ensure_ascii=False, indent=2))
    else:
        width = max(len(one.name) for one in findings)
        for one in findings:
            click.echo(f"{'ok   ' if one.ok else 'WRONG'} {one.name:{width}}  {one.found}")
            if one.mend:
                click.echo(f"      {'':{width}}  → {one.mend}")
    wrong = sum(not one.ok for one in findings)
    if wrong:
        click.echo(f"agendum: {wrong} of {len(findings)} checks failed", err=True)
        raise click.exceptions.Exit(1)
