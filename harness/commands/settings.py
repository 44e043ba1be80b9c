"""The order of settings on the command line: a flag wins, then the environment, then the project's file.

Owns that order. Knows nothing of what a setting does, nor of how the file is read.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from crosslayer.harness.formats.settings import KEYS, from_file, pyproject


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"CROSSLAYER_{name.replace('-', '_').upper()}"


def apply(command: click.Command, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Let a command's flags look into the environment; the defaults that a file gives them."""
    if isinstance(command, click.Group):
        return {one: apply(command.commands[one], name, values) for one in command.commands}
    parameters = {one.name: one for one in command.params}
    defaults = {}
    for key, setting in KEYS.items():
        parameter = parameters.get(setting.parameter)
        if name in setting.commands and isinstance(parameter, click.Option):
            parameter.envvar = parameter.envvar or variable(key)
            if key in values:
                defaults[setting.parameter] = values[key]
    return defaults


def origins(start: Path) -> list[tuple[str, Any, str]]:
    """Every setting, its value, and where it comes from."""
    found, file = from_file(start), pyproject(start)
    rows: list[tuple[str, Any, str]] = []
    for name in KEYS:
        if variable(name) in os.environ:
            rows.append((name, os.environ[variable(name)], variable(name)))
        elif name in found:
            rows.append((name, found[name], f"{file}"))
        else:
            rows.append((name, None, "default"))
    return rows
