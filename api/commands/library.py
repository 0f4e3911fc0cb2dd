"""`agendum library`: one module per command, imported when it is asked for."""

from importlib import import_module
from keyword import iskeyword

import click

_COMMANDS = {
    "check": "Count what the library holds and list every fault of every file.",
    "coverage": "Count the activities that each kind of session has to choose from.",
    "situation": "Add sentences that people say when they need a topic.",
    "links": "Check that the links of the resources are alive, politely.",
    "duplicates": "List resources that seem to be the same thing twice.",
    "import": "Take in resources from a CSV, JSON-LD or OPML file.",
    "export": "Write the resources as CSV or JSON-LD.",
    "add": "Begin the file of one resource from its address.",
    "embed": "Encode the library's texts that the shipped vector file does not hold.",
}


class _Tools(click.Group):
    """Imports a command's module, `api.commands.library_tools.<name>`, when it is asked for.

    A name that is a word of Python's own, such as `import`, has a `_` after it there.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, the most used first."""
        return list(_COMMANDS)

    def get_command(
        self, ctx: click.Context, cmd_name: str  # noqa: ARG002
    ) -> click.Command | None:
        """Return one command, its module imported."""
        if cmd_name not in _COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command = import_module(f"api.commands.library_tools.{module}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter  # noqa: ARG002
    ) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group("library", cls=_Tools)
def library_command() -> None:
    """Check the content library; take resources in and out; show what it covers; encode it.

    \b
    Example:
      agendum library check
    """
