"""`agendum library`: one module per command, imported when it is asked for."""

from importlib import import_module

import click

_COMMANDS = {
    "check": "Count what the library holds and list every fault of every file.",
    "coverage": "Count the activities that each kind of session has to choose from.",
    "situation": "Add sentences that people say when they need a topic.",
    "links": "Check that the links of the resources are alive, politely.",
    "duplicates": "List resources that seem to be the same thing twice.",
    "embed": "Encode the library's texts that the shipped vector file does not hold.",
}


class _Tools(click.Group):
    """Imports a command's module, `api.commands.library_tools.<name>`, when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, the most used first."""
        return list(_COMMANDS)

    def get_command(
        self, ctx: click.Context, cmd_name: str  # noqa: ARG002
    ) -> click.Command | None:
        """Return one command, its module imported."""
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"api.commands.library_tools.{cmd_name}").command
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
    """Check the content library; show what it covers; encode its texts.

    \b
    Example:
      agendum library check
    """
