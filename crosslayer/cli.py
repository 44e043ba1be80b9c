"""The command line: the one place that sees everything, and that nothing imports.

Owns the list of commands. Each is a module of `crosslayer.harness.commands`, loaded when it is called, so that
replaying needs no Hypothesis and asking for help needs no cryptography.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from crosslayer.harness.commands import ending
from crosslayer.harness.explain.report import EXIT_HELP
from crosslayer.harness.process import output

COMMANDS = ("run", "check", "plugins", "system", "hunt", "explore", "replay", "corpus", "matrix", "demo")
"""Every command, in the order in which a newcomer meets them."""


class _Commands(click.Group):
    """Commands that are imported when they are needed, and that all end in the same ways."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"crosslayer.harness.commands.{name}"), name)
        return command

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Do what these words say, print, and leave with a documented exit status."""
        words = list(sys.argv[1:] if args is None else args)
        given = {"prog_name": extra.get("prog_name"), "complete_var": extra.get("complete_var")}
        with output.printing(output.Streams()):
            output.reserve_streams()
            run = super().main
            status = ending.ended(
                ending.concluded(lambda: run(words, **given, standalone_mode=False, obj=words), words)
            )
        sys.exit(status)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_HELP)
@click.version_option(package_name="crosslayer")
def main() -> None:
    """Find the bugs that live between the layers of multi-agent protocol stacks."""


def in_child(words: list[str]) -> dict[str, Any]:
    """Do what these words say, in the child process that code of strangers needs; status, and what of a crash."""
    done = ending.concluded(
        lambda: click.Group.main(main, words, prog_name="crosslayer", standalone_mode=False, obj=None), words
    )
    return {"status": done.status, "crash": done.crash}
