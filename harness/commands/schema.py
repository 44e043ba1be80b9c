"""`crosslayer schema`: the JSON Schemas of files and outputs."""

import json

import click

from crosslayer.harness.commands import completing
from crosslayer.harness.commands.shared import chosen_system, isolating, system_option
from crosslayer.harness.explain import report
from crosslayer.harness.formats import schema as schemas
from crosslayer.harness.process.output import say, say_whole


@click.command(epilog=report.EXIT_HELP)
@click.argument("name", metavar="[NAME]", required=False, shell_complete=completing.schemas)
@system_option
@isolating
def schema(name: str | None, system_name: str | None) -> int:
    """Print the JSON Schema (draft 2020-12) called NAME, of a file or of what a command prints; without it, list them.

    Steps, scenarios and events in it are those of the system.
    """
    if name is None:
        rows = [[name, title] for name, title in schemas.titles().items()]
        say("\n".join(report.table(["schema", "of"], rows)))
        return report.EXIT_HOLDS
    say_whole(json.dumps(schemas.schema(name, chosen_system(system_name)), indent=2))
    return report.EXIT_HOLDS
