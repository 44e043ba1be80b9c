"""The command line: the one place that sees everything, and that nothing imports.

Owns the list of commands. Each is a module of `crosslayer.harness.commands`, loaded when it is called, so that
replaying needs no Hypothesis and asking for help needs no cryptography.
"""

from importlib import import_module

import click

from crosslayer.harness.explain.report import EXIT_HELP

COMMANDS = (
    "run",
    "check",
    "plugins",
    "system",
    "hunt",
    "explore",
    "replay",
    "report",
    "diff",
    "corpus",
    "matrix",
    "demo",
)
"""Every command, in the order in which a newcomer meets them."""


class _Commands(click.Group):
    """Commands that are imported when they are needed."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"crosslayer.harness.commands.{name}"), name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_HELP)
@click.version_option(package_name="crosslayer")
def main() -> None:
    """Find the bugs that live between the layers of multi-agent protocol stacks."""
