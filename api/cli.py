"""The command `agendum`: data to stdout, messages to stderr, exit 0, 2 (bad input) or 1."""

import sys
import traceback
from importlib import import_module, metadata
from typing import IO, Any

import click

_COMMANDS = {
    "demo": ("api.commands.demo", "Run the shipped examples and say what to look at."),
    "agenda": ("api.commands.agenda", "Write the agenda of one session."),
    "plan": ("api.commands.agenda", "Show the arc of all sessions of a programme for one pair."),
    "edit": ("api.commands.edit", "Change an agenda by typed operations, all or none."),
    "versions": ("api.commands.edit", "List, show and restore earlier agendas of a file."),
    "batch": ("api.commands.batch", "Draft thousands of agendas as files, in the OpenAI Batch "
                                    "format."),
    "mentors": ("api.commands.people", "Suggest the people worth meeting, with reasons."),
    "why": ("api.commands.people", "Say why somebody was, or was not, suggested."),
    "match": ("api.commands.match", "Find the best assignment of everybody."),
    "groups": ("api.commands.match", "Form pods of equals, or circles with a mentor."),
    "resources": ("api.commands.resources", "Recommend learning resources, with reasons."),
    "programme": ("api.commands.programme", "List, show and duplicate programmes."),
    "library": ("api.commands.library", "Check the library, fill it, show what it covers."),
    "prompts": ("api.commands.prompts", "Show, compare and check what a model is told."),
    "eval": ("api.commands.evaluate", "See whether agendas and matches got better, beyond noise."),
    "doctor": ("api.commands.doctor", "Check that this installation can do its work."),
    "keys": ("api.commands.keys", "Make, list, replace and revoke keys of tenants."),
    "db": ("api.commands.db", "Make the database's tables, check them, delete what is old."),
    "serve": ("api.commands.serve", "Serve the HTTP API."),
    "worker": ("api.commands.worker", "Do bulk jobs, over PostgreSQL."),
}

FAILURE, BAD_INPUT = 1, 2


class Stop(click.ClickException):
    """Ends a command that failed: its message goes to stderr, one fault a line."""

    exit_code = FAILURE

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message, each fault on its own line."""
        lines = self.message.splitlines() or [""]
        if len(lines) == 1:
            click.echo(f"agendum: {lines[0]}", file=file, err=True)
            return
        click.echo(f"agendum: {len(lines)} faults", file=file, err=True)
        for line in lines:
            click.echo(f"  {line}", file=file, err=True)


class BadInput(Stop):
    """Ends a command over something the caller can mend."""

    exit_code = BAD_INPUT


class LazyGroup(click.Group):
    """Imports a command's module when the command is asked for, and words every failure."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, the most used first."""
        return list(_COMMANDS)

    def get_command(
        self, ctx: click.Context, cmd_name: str  # noqa: ARG002
    ) -> click.Command | None:
        """Return one command, its module imported."""
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command = getattr(import_module(module), f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter  # noqa: ARG002
    ) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; anything that goes wrong becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params.get("debug"):
                traceback.print_exc()
            raise stop_for(error) from None


def stop_for(error: Exception) -> Stop:
    """Return how a command ends that met this error; what is not ours is called a bug."""
    from recommender.errors import AgendumError, InvalidInputError, NotFoundError

    if isinstance(error, InvalidInputError | NotFoundError):
        return BadInput(str(error))
    if isinstance(error, AgendumError):
        return Stop(" ".join(str(error).split()))
    if isinstance(error, OSError):
        return Stop(f"{error.filename or 'the system'}: {error.strerror or error}")
    about = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return Stop(f"this is a bug ({about}); `agendum --debug …` shows where, please report it")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of what fails.")
@click.version_option(metadata.version("agendum"), prog_name="agendum")
def cli(debug: bool) -> None:
    """Write the agenda for the next mentoring session, and find what is worth learning for it.

    \b
    Example:
      agendum demo
      agendum agenda examples/peer-quarter/1-two-leads-first-hour.case.yaml
    """
    del debug


def main() -> None:
    """Run the command line, in UTF-8 whatever the terminal was set to."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    cli(prog_name="agendum")


if __name__ == "__main__":
    main()
