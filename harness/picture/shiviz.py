"""A run in the log format of ShiViz: two lines an event, the second of which is its vector clock.

Owns that format. Paste it there with the parser `SHIVIZ`, which comes first in the file.
"""

import json
from collections.abc import Iterator

from crosslayer.harness.explain.sentences import words
from crosslayer.harness.kernel.simulation import Result
from crosslayer.harness.model.errors import plain
from crosslayer.harness.picture.past import clocks

PARSER = r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})"
"""The regular expression that ShiViz asks for."""


def shiviz(result: Result) -> Iterator[str]:
    """The lines of the log, the parser and an empty line first: what its page takes as a file."""
    yield PARSER
    yield ""
    for seq, clock in clocks(result.events):
        event = result.events[seq]
        yield plain(f"tick {event.tick}: {words(result.system, event)}")
        yield f"{_host(event.agent)} {json.dumps({_host(name): count for name, count in clock.items()})}"


def _host(name: str) -> str:
    return plain(name).replace(" ", "_")
