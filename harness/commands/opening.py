"""How the what-if table is opened, by whichever command.

Owns the options of it, and what is said where its extra is not installed.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from crosslayer.harness.commands.shared import require_folder
from crosslayer.harness.commands.whatif import Base
from crosslayer.harness.model.errors import BadInput

NEEDED = ("starlette", "uvicorn")
"""What the extra `ui` brings."""

port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="The port of the page, on this machine only; 0 for any that is free.",
)


def opened(base: Base, port: int) -> int:
    """Serve the table until Ctrl-C, as the present command's options about processes have it; the exit status.

    `BadInput` without the extra, or where finds could not be saved.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise BadInput(", ".join(missing), "not installed; pip install 'crosslayer[ui]' brings it")
    require_folder(Path(base.save))
    options = click.get_current_context().params
    serving = import_module("crosslayer.harness.commands.serving")
    answer = serving.serve(base.to_json(), port, options["stall_seconds"], in_process=options["in_process"])
    return int(answer)
