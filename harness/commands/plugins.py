"""`crosslayer plugins`: what there is to compose."""

import click

from crosslayer.harness.commands.shared import answering, json_option, print_json
from crosslayer.harness.explain import report
from crosslayer.harness.kernel.stack import CATALOGUE
from crosslayer.harness.process.output import say
from crosslayer.harness.systems.commerce.nouns import PARTS


@click.command()
@json_option
@answering
def plugins(as_json: bool) -> int:
    """List the layers and their plugins, the reference first."""
    if as_json:
        print_json({part: [{"name": one.name, "about": one.about} for one in CATALOGUE[part]] for part in PARTS})
        return report.EXIT_HOLDS
    for part in PARTS:
        say(part)
        for choice in CATALOGUE[part]:
            say(f"  {choice.name:<28} {choice.about}")
    return report.EXIT_HOLDS
