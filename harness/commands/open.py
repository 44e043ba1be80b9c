"""`crosslayer open`: a counterexample as a page on which its steps and its stack can be changed."""

from pathlib import Path
from typing import Any

import click

from crosslayer.harness.commands.kinds import PLACE
from crosslayer.harness.commands.opening import opened, port_option
from crosslayer.harness.commands.searches import save_option
from crosslayer.harness.commands.shared import (
    allow_option,
    in_process_option,
    property_option,
    stack_option,
    stall_option,
    system_option,
)
from crosslayer.harness.commands.whatif import Base


@click.command(epilog="Exit status: 0 ended by Ctrl-C, 2 bad input or stale, 4 plugin fault.")
@click.argument("file", metavar="FILE", type=PLACE)
@port_option
@save_option
@system_option
@stack_option
@allow_option
@property_option
@in_process_option
@stall_option
def open(  # noqa: A001 - the name of the command
    file: Path,
    port: int,
    save: Path,
    system_name: str | None,
    assignments: tuple[str, ...],
    allowed: tuple[str, ...],
    property_paths: tuple[str, ...],
    **_processes: Any,
) -> int:
    """Open counterexample FILE in a browser: step through it, change it, see at once what becomes of it."""
    base = Base(
        file=str(file),
        system=system_name or "",
        assignments=assignments,
        allowed=allowed,
        properties=property_paths,
        save=str(save),
    )
    return opened(base, port)
