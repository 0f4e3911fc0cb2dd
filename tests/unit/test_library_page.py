"""docs/library.md shows what the tools print about the shipped library."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli
from content_library.load import HOME

PAGE = Path(HOME).parent / "docs" / "library.md"


@pytest.mark.parametrize("command", ["library check", "library coverage"])
def test_the_page_holds_what_the_command_prints(command: str) -> None:
    """Counts in the docs come out of the tool; run it and paste, where this is red."""
    printed = CliRunner().invoke(cli, command.split())
    assert printed.exit_code == 0, printed.output
    assert f"```text\n{printed.stdout.strip()}\n```" in PAGE.read_text(encoding="utf-8")
