"""`crosslayer completion`: the script by which a shell completes our commands."""

import click
from click.shell_completion import get_completion_class

from crosslayer.harness.commands.shared import answering
from crosslayer.harness.commands.shells import SHELLS
from crosslayer.harness.explain import report
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.process.output import say_whole

VARIABLE = "_CROSSLAYER_COMPLETE"
"""The variable by which a shell asks."""


@click.command(epilog=report.EXIT_HELP)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS))
@answering
def completion(shell: str) -> int:
    """Print the script by which SHELL completes commands, flags, plugins, properties, systems and files.

    bash: eval "$(crosslayer completion bash)" in ~/.bashrc; zsh: the same with zsh in ~/.zshrc, after compinit; fish:
    crosslayer completion fish > ~/.config/fish/completions/crosslayer.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise BadInput(f"completion {shell}", f"click knows no {shell}; choose one of {', '.join(SHELLS)}")
    command = click.get_current_context().find_root().command
    say_whole(kind(command, {}, "crosslayer", VARIABLE).source().rstrip("\n"))
    return report.EXIT_HOLDS
