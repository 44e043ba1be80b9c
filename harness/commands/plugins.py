"""`crosslayer plugins`: what there is to compose."""

import click

from crosslayer.harness.commands.shared import answering, chosen_system, json_option, print_json, system_option
from crosslayer.harness.explain import report
from crosslayer.harness.kernel.stack import catalogue
from crosslayer.harness.process.output import say


@click.command()
@system_option
@json_option
@answering
def plugins(system_name: str | None, as_json: bool) -> int:
    """List the layers and their plugins, the reference first."""
    choices = catalogue(chosen_system(system_name))
    if as_json:
        print_json({part: [{"name": one.name, "about": one.about} for one in row] for part, row in choices.items()})
        return report.EXIT_HOLDS
    for part, row in choices.items():
        say(part)
        for choice in row:
            say(f"  {choice.name:<28} {choice.about}")
    return report.EXIT_HOLDS
