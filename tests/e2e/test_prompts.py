"""What `agendum prompts render` shows is what a model is sent, word for word, and no name."""

import asyncio
import json

import pytest
from click.testing import CliRunner
from draft_stub import StubModel

from api.cli import cli
from prompts.load import load_prompt
from recommender.agendas.drafting import Drafting, generate_drafted
from recommender.catalogue import Catalogue
from recommender.domain.case import Case

CASES = ("peer-quarter/2-propuestas-que-se-olvidan", "new-managers/5-hard-talk-and-a-hand-off")


@pytest.mark.parametrize("name", CASES)
def test_render_shows_what_a_model_would_see(
    name: str, examples: dict[str, Case], catalogue: Catalogue
) -> None:
    """The messages of a real draft are the ones shown; names of the case are in none of them."""
    done = CliRunner().invoke(cli, ["prompts", "render", f"examples/{name}.case.yaml", "--json"])
    assert done.exit_code == 0, done.stderr
    shown = json.loads(done.stdout)
    model = StubModel()
    asyncio.run(generate_drafted(examples[name], catalogue, Drafting(model)))
    assert shown["messages"] == model.asked[0]
    assert shown["prompt"] == load_prompt("agenda-draft").id
    for member in examples[name].members:
        for part in (member.profile.name or "").split():
            assert part not in shown["messages"][1]["content"]
    if name != CASES[0]:
        return
    text = CliRunner().invoke(cli, ["prompts", "render", f"examples/{name}.case.yaml"]).stdout
    assert all(message["content"] in text for message in shown["messages"])


def test_a_case_that_no_model_is_asked_about_says_so() -> None:
    """A fixed agenda is the same for everybody."""
    done = CliRunner().invoke(
        cli, ["prompts", "render", "examples/nextgen/5-the-same-first-hour.case.yaml"])
    assert done.exit_code == 2
    assert "5-the-same-first-hour" in done.stderr
    assert "fixed_mode" in done.stderr
