"""`agendum prompts`: what a model is told, which version of it is used, and what it would see."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from prompts.load import Prompt

FOLDER = click.option("--folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
                      default=None, help="Where the prompts are; else the shipped ones.")


@click.group("prompts")
def prompts_command() -> None:
    """List, show, compare and check the prompts; see what a model would see; move a label.

    A prompt is named by NAME (the version in production), NAME/VERSION or NAME@LABEL.

    \b
    Example:
      agendum prompts render examples/peer-quarter/1-two-leads-first-hour.case.yaml
    """


@prompts_command.command("list")
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(folder: Path | None, as_json: bool) -> None:
    """List every version of every prompt, with its labels and whether it is recorded.

    \b
    Example:
      agendum prompts list
    """
    from prompts.load import (
        HOME,
        listed_digests,
        prompt_labels,
        prompt_names,
        prompt_versions,
        read_prompt,
    )

    home = folder or HOME
    labels, digests = prompt_labels(home), listed_digests(home)
    rows: list[dict[str, Any]] = []
    for name in prompt_names(home):
        for version in prompt_versions(name, home):
            prompt = read_prompt(home / name / f"{version}.md")
            listed = digests.get(prompt.id)
            rows.append({
                "id": prompt.id, "name": name, "version": version,
                "labels": [label for label, at in labels.get(name, {}).items() if at == version],
                "recorded": "no" if listed is None else
                            "yes" if listed == prompt.digest else "changed",
                "characters": sum(map(len, prompt.parts.values())), "about": prompt.about})
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max((len(row["id"]) for row in rows), default=0)
    marks = max((len(", ".join(row["labels"])) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['id']:{width}}  {', '.join(row['labels']):{marks}}  "
                   f"recorded: {row['recorded']:7}  {row['characters']:6} characters  "
                   f"{row['about']}")


@prompts_command.command("show")
@click.argument("prompt", metavar="PROMPT")
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print its parts as JSON.")
def show_command(prompt: str, folder: Path | None, as_json: bool) -> None:
    """Show one version of a prompt, as it stands in its file.

    \b
    Example:
      agendum prompts show agenda-draft
      agendum prompts show agenda-draft@candidate
    """
    from prompts.load import HOME, find_prompt

    home = folder or HOME
    found = find_prompt(prompt, home)
    if as_json:
        click.echo(json.dumps({"id": found.id, "about": found.about, "digest": found.digest,
                               "inputs": {part: list(names) for part, names
                                          in found.inputs.items()},
                               "parts": dict(found.parts)}, ensure_ascii=False, indent=2))
        return
    click.echo(_text_of(found, home).rstrip("\n"))


@prompts_command.command("render")
@click.argument("case", metavar="CASE")
@click.option("--prompt", default=None, metavar="PROMPT",
              help="Which one; by default agenda-draft in production.")
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print messages and schema as JSON.")
def render_command(case: str, prompt: str | None, folder: Path | None, as_json: bool) -> None:
    """Show exactly what a model would see of a case: no name, nothing that is not allowed.

    It is made as for a real draft; no model is asked. CASE may be - for standard input.

    \b
    Example:
      agendum prompts render examples/peer-quarter/1-two-leads-first-hour.case.yaml
    """
    from api.inputs import naming, read_model, source_of
    from api.opening import open_ready_catalogue
    from prompts.load import HOME, find_prompt
    from recommender.agendas.draft import NAME
    from recommender.agendas.drafting import request_for
    from recommender.domain.case import Case
    from recommender.settings import read_settings

    with naming(source_of(case)):
        read = read_model(Case, case)
    found = find_prompt(prompt or NAME, folder or HOME)
    with naming(source_of(case)):
        request = request_for(read, open_ready_catalogue(read_settings()), found)
    messages = [{"role": one.role, "content": one.content} for one in request.messages]
    if as_json:
        click.echo(json.dumps({"prompt": found.id, "messages": messages,
                               "schema": dict(request.schema)}, ensure_ascii=False, indent=2))
        return
    for message in messages:
        click.echo(f"=== {message['role']} ({found.id})\n\n{message['content']}\n")
    click.echo("=== schema of the answer\n\n"
               + json.dumps(dict(request.schema), ensure_ascii=False, indent=2))


@prompts_command.command("diff")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@FOLDER
def diff_command(first: str, second: str, folder: Path | None) -> None:
    """Show what changed from one version to another, line by line.

    \b
    Example:
      agendum prompts diff agenda-draft/1 agenda-draft@candidate
    """
    import difflib

    from prompts.load import HOME, find_prompt

    home = folder or HOME
    before, after = (find_prompt(one, home) for one in (first, second))
    lines = list(difflib.unified_diff(
        _text_of(before, home).splitlines(), _text_of(after, home).splitlines(),
        fromfile=before.id, tofile=after.id, lineterm=""))
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo(f"agendum: {before.id} and {after.id} are the same text", err=True)


@prompts_command.command("lint")
@FOLDER
def lint_command(folder: Path | None) -> None:
    """Check every prompt: inputs, vague words in what judges are told, length, versions, labels.

    The rubric of the judges is checked with the shipped prompts. Exits 2 where there are faults.

    \b
    Example:
      agendum prompts lint
    """
    from evals.rubric import rubric_faults
    from prompts.lint import lint_prompts
    from prompts.load import HOME, prompt_names, prompt_versions
    from recommender.errors import InvalidInputError

    home = folder or HOME
    faults = lint_prompts(home) + ([] if folder else rubric_faults())
    if faults:
        raise InvalidInputError(faults)
    count = sum(len(prompt_versions(name, home)) for name in prompt_names(home))
    click.echo(f"{count} versions, no fault")


@prompts_command.command("record")
@click.argument("name", metavar="NAME")
@FOLDER
def record_command(name: str, folder: Path | None) -> None:
    """Record the new versions of a prompt; from then on their text may not change.

    \b
    Example:
      agendum prompts record agenda-draft
    """
    from prompts.load import HOME
    from prompts.record import record_versions

    for one in record_versions(name, folder or HOME) or ["nothing new"]:
        click.echo(one)


@prompts_command.command("label")
@click.argument("name", metavar="NAME")
@click.argument("version", metavar="VERSION", type=click.IntRange(1))
@click.argument("label", metavar="LABEL")
@FOLDER
def label_command(name: str, version: int, label: str, folder: Path | None) -> None:
    """Let LABEL mean VERSION of a prompt; to roll back, move it to the version before.

    \b
    Example:
      agendum prompts label agenda-draft 1 production
    """
    from prompts.load import HOME
    from prompts.record import move_label

    before = move_label(name, version, label, folder or HOME)
    said = "new" if before is None else f"was {before}"
    click.echo(f"{name}@{label} is {version} ({said})")


def _text_of(prompt: "Prompt", home: Path) -> str:
    return (home / prompt.name / f"{prompt.version}.md").read_text("utf-8")
