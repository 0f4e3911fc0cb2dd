"""`agendum batch`: drafts of thousands of cases as files in the OpenAI Batch format."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from prompts.load import Prompt

MODEL = "gpt-5-mini"
"""Named in requests where neither --model nor AGENDUM_LLM says which."""
FILE = click.Path(path_type=Path)


@click.group("batch")
def batch_command() -> None:
    """Write requests for many cases to a file, and make agendas of a file of answers.

    \b
    Example:
      agendum batch export cases.jsonl --out requests.jsonl
      agendum batch submit requests.jsonl
      agendum batch fetch batch_68f0 --out responses.jsonl
      agendum batch import cases.jsonl responses.jsonl --out agendas.jsonl
    """


@batch_command.command("export")
@click.argument("cases", metavar="CASES.jsonl", type=FILE)
@click.option("--out", type=FILE, required=True, help="Where the requests go.")
@click.option("--model", default=None, help="The model the requests name; else AGENDUM_LLM's.")
@click.option("--prompt", metavar="VERSION|LABEL", default="production", show_default=True,
              help="Version or label of agenda-draft that is asked with.")
def export_command(cases: Path, out: Path, model: str | None, prompt: str) -> None:
    """Write one request for each case of CASES.jsonl, one case as JSON a line.

    Cases that no model is asked about (mode fixed, generator composer) have none. A run that is
    interrupted goes on where it was.

    \b
    Example:
      agendum batch export cases.jsonl --out requests.jsonl --model gpt-5-mini
    """
    from api.batch_files import CasesFile, ResumedFile, digest_of
    from api.inputs import naming
    from api.opening import open_ready_catalogue, progress_bar
    from recommender.agendas.batch import export_case
    from recommender.settings import read_settings
    from recommender.version import version

    settings = read_settings()
    prompts = _prompts(prompt)
    lines = CasesFile(cases)
    catalogue = open_ready_catalogue(settings)
    named = model or _bare(settings.llm) or MODEL
    file = ResumedFile(out, digest_of(lines.digest, named, prompts[0].digest, version(),
                                      catalogue.library.fingerprint, settings.encoder))
    written = {str(line["custom_id"]).rpartition(".")[0] for line in file.kept()}
    if written:
        click.echo(f"agendum: going on after {len(written)} requests of an earlier run", err=True)
    try:
        with progress_bar("writing requests", "case") as progress:
            for done, line in enumerate(lines, start=1):
                if line.key not in written:
                    with naming(lines.place(line)):
                        request = export_case(line.key, line.case, catalogue, prompts, named)
                    if request is not None:
                        file.append(request)
                        written.add(line.key)
                progress(done, len(lines))
    finally:
        file.close()
    file.finish()
    without = len(lines) - len(written)
    click.echo(f"wrote {out}: {len(written)} requests for {len(lines)} cases"
               + (f"; {without} need none" if without else ""), err=True)


@batch_command.command("import")
@click.argument("cases", metavar="CASES.jsonl", type=FILE)
@click.argument("responses", metavar="RESPONSES.jsonl", type=FILE)
@click.option("--out", type=FILE, required=True, help="Where the agendas go.")
@click.option("--repairs", type=FILE, default=None,
              help="Where requests go that would mend the drafts that fell back.")
def import_command(cases: Path, responses: Path, out: Path, repairs: Path | None) -> None:
    """Write one agenda for each case, in the order of CASES.jsonl.

    Answers go through the checks of live ones; one that is missing, doubled or broken falls back
    for its case alone. Answers to --repairs may stand in the same RESPONSES.jsonl. A run that is
    interrupted goes on where it was.

    \b
    Example:
      agendum batch import cases.jsonl responses.jsonl --out agendas.jsonl
    """
    from collections import Counter

    from api.batch_files import CasesFile, ResumedFile, digest_of, digest_of_file
    from api.inputs import naming
    from api.opening import open_ready_catalogue, progress_bar
    from recommender.agendas.batch import Responses, import_case
    from recommender.model_prices import load_prices
    from recommender.settings import read_settings
    from recommender.version import version

    settings = read_settings()
    lines = CasesFile(cases)
    catalogue = open_ready_catalogue(settings)
    prompts, prices = _prompts(), load_prices(settings.llm_prices)
    named = _bare(settings.llm) or MODEL
    inputs = digest_of(lines.digest, digest_of_file(responses), version(), settings.encoder,
                       catalogue.library.fingerprint, *(one.digest for one in prompts),
                       str(settings.llm_prices), str(repairs))
    file = ResumedFile(out, inputs)
    mending = None if repairs is None else ResumedFile(repairs, inputs)
    counts: Counter[str] = Counter()
    kept = 0
    for agenda in file.kept():
        kept += 1
        counts[_outcome(agenda["provenance"])] += 1
    known = set() if mending is None else {line["custom_id"] for line in mending.kept()}
    if kept:
        click.echo(f"agendum: going on after {kept} agendas of an earlier run", err=True)
    try:
        with responses.open("rb") as answers, progress_bar("reading answers", "case") as progress:
            read = Responses(answers)
            for done, line in enumerate(lines, start=1):
                if done > kept:
                    with naming(lines.place(line)):
                        made = import_case(line.key, line.case, catalogue, prompts, read, prices,
                                           named)
                    if made.repair is not None and mending is not None and (
                            made.repair["custom_id"] not in known):
                        mending.append(made.repair)
                    file.append(made.agenda.model_dump_json(by_alias=True))
                    counts[_outcome(made.agenda.provenance.model_dump())] += 1
                progress(done, len(lines))
            strangers = read.unclaimed(lines.keys)
    finally:
        file.close()
        if mending is not None:
            mending.close()
    file.finish()
    if mending is not None:
        mending.finish()
    told = ", ".join(f"{counts[name]} {name}" for name in ("drafted", "repaired", "fell back",
                                                           "composed") if counts[name])
    click.echo(f"wrote {out}: {len(lines)} agendas, {told}", err=True)
    for name, count in sorted(counts.items()):
        if name.startswith("because "):
            click.echo(f"  {name.removeprefix('because ')}: {count}", err=True)
    if read.broken:
        click.echo(f"  {read.broken} lines of {responses} cannot be read", err=True)
    if strangers:
        click.echo(f"  {strangers} answers belong to no case of {cases}", err=True)


@batch_command.command("submit")
@click.argument("requests", metavar="REQUESTS.jsonl", type=click.Path(path_type=Path))
def submit_command(requests: Path) -> None:
    """Hand REQUESTS.jsonl to OpenAI, or a server with its API, and print the id of the batch.

    Needs OPENAI_API_KEY, or AGENDUM_LLM_BASE_URL.

    \b
    Example:
      agendum batch submit requests.jsonl
    """
    from api.opening import base_url_of, export_key
    from recommender.model_batches import submit_batch
    from recommender.settings import read_settings

    settings = read_settings()
    export_key(settings)
    click.echo(submit_batch(requests, base_url=base_url_of(settings)))


@batch_command.command("fetch")
@click.argument("batch_id", metavar="BATCH")
@click.option("--out", type=FILE, required=True, help="Where the answers go.")
def fetch_command(batch_id: str, out: Path) -> None:
    """Write the answers of a batch that is done; exit 1, saying how far it is, while it is not.

    \b
    Example:
      agendum batch fetch batch_68f0 --out responses.jsonl
    """
    from api.cli import Stop
    from api.inputs import write_text
    from api.opening import base_url_of, export_key
    from recommender.model_batches import fetch_batch
    from recommender.settings import read_settings

    settings = read_settings()
    export_key(settings)
    batch = fetch_batch(batch_id, base_url=base_url_of(settings))
    if batch.text is None:
        raise Stop(f"{batch_id} is {batch.status}, {batch.done} of {batch.total} answered; "
                   "ask again later")
    write_text(out, batch.text)
    click.echo(f"wrote {out}: {batch.status}, {batch.done} of {batch.total} answered", err=True)


def _outcome(provenance: "dict[str, object]") -> str:
    """Return how an agenda came about, in a word of the report."""
    if provenance["fallback"] is not None:
        return "fell back"
    if provenance["generator"] != "llm":
        return "composed"
    return "repaired" if provenance["repaired"] else "drafted"


def _bare(spec: str) -> str:
    """Return the model's own name in a LangChain string."""
    return spec.partition(":")[2] or spec


def _prompts(wanted: str = "production") -> "list[Prompt]":
    """Return every version of the prompt, the wanted one first."""
    from prompts.load import find_prompt, load_prompt, prompt_versions
    from recommender.agendas.draft import NAME

    first = find_prompt(f"{NAME}/{wanted}" if wanted.isdecimal() else f"{NAME}@{wanted}")
    others = [load_prompt(NAME, version) for version in reversed(prompt_versions(NAME))
              if version != first.version]
    return [first, *others]
