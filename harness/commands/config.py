"""`crosslayer config`: what is settled, and where."""

from pathlib import Path

import click

from crosslayer.harness.commands import settings
from crosslayer.harness.commands.shared import answering, json_option, print_json
from crosslayer.harness.explain import report
from crosslayer.harness.process.output import say


@click.command(epilog=report.EXIT_HELP)
@json_option
@answering
def config(as_json: bool) -> int:
    """Show each setting, its value, and where it comes from: environment, pyproject.toml, or the default."""
    rows = settings.origins(Path.cwd())
    if as_json:
        print_json({"settings": {name: {"value": value, "from": place} for name, value, place in rows}})
    else:
        told = [[name, "" if value is None else _text(value), place] for name, value, place in rows]
        say("\n".join(report.table(["setting", "value", "from"], told)))
    return report.EXIT_HOLDS


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
