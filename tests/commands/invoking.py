"""The command line, called from a test."""

import json
from typing import Any

from click.testing import CliRunner, Result

from crosslayer.cli import main


def crosslayer(*words: object) -> Result:
    """What came of `crosslayer` with these words; whatever escapes it is raised here."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answered(*words: object) -> tuple[int, Any]:
    """The exit status, and the JSON value on standard output, which must be all there is on it."""
    result = crosslayer(*words, "--json")
    return result.exit_code, json.loads(result.stdout)
