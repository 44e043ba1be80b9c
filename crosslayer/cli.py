"""The command line: the one place that sees everything, and that nothing imports.

Owns the list of commands. Each is a module of `crosslayer.harness.commands`, loaded when it is called, so that
replaying needs no Hypothesis and asking for help needs no cryptography.
"""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.commands import ending, settings, shells
from crosslayer.harness.explain.report import EXIT_HELP
from crosslayer.harness.formats.settings import from_file
from crosslayer.harness.process import output

COMMANDS = (
    "run",
    "check",
    "plugins",
    "system",
    "hunt",
    "explore",
    "replay",
    "report",
    "open",
    "diff",
    "corpus",
    "matrix",
    "demo",
    "config",
    "schema",
    "completion",
)
"""Every command, in the order in which a newcomer meets them."""


PROGRAM = "crosslayer"


class _Commands(click.Group):
    """Commands that are imported when they are needed, and that all end in the same ways."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context | None, name: str) -> click.Command | None:
        if name not in COMMANDS:
            close = get_close_matches(name, COMMANDS, 1)
            if close and not (ctx is not None and ctx.resilient_parsing):
                raise click.UsageError(f"No such command '{name}'. Did you mean {close[0]}?", ctx)
            return None
        command: click.Command = getattr(import_module(f"crosslayer.harness.commands.{name}"), name)
        if ctx is not None and name != "config":
            ctx.default_map = {**(ctx.default_map or {}), name: settings.apply(command, name, _settled(ctx))}
        return command

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_: Any, **extra: Any) -> Any:
        """Do what these words say, print, and leave with a documented exit status."""
        words = list(sys.argv[1:] if args is None else args)
        name = prog_name or PROGRAM
        shells.register()
        self._main_shell_completion({}, name, extra.get("complete_var"))
        with output.printing(output.Streams()):
            output.reserve_streams()
            status = ending.ended(ending.concluded(lambda: self.answer(words, words, name), words))
        sys.exit(status)

    def answer(self, words: Sequence[str], again: Sequence[str] | None, name: str = PROGRAM) -> Any:
        """What the command of these words answers; whatever it raises is the caller's to tell.

        `again` are the words with which it may be begun anew in a child process, or None in that child.
        """
        with self.make_context(name, list(words), obj=again) as context:
            return self.invoke(context)


def _settled(ctx: click.Context) -> dict[str, Any]:
    """What the project's file settles; nothing while a command is only described or completed."""
    return {} if ctx.resilient_parsing else from_file(Path.cwd())


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_HELP)
@click.version_option(package_name="crosslayer")
def main() -> None:
    """Find the bugs that live between the layers of multi-agent protocol stacks."""


def in_child(words: list[str]) -> dict[str, Any]:
    """Do what these words say, in the child process that code of strangers needs; status, and what of a crash."""
    done = ending.concluded(lambda: main.answer(words, None), words)
    return {"status": done.status, "crash": done.crash}
