"""Pages are executed: the files they write, the methods they replace, and their commands with what these print.

A comment `write NAME` or `replace METHOD in NAME` says what the block below it does; `console` blocks are commands.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.installed.building import Environment

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?:<!-- (?P<note>[^\n]*) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Command(NamedTuple):
    """A line after a dollar sign, and what the page says that it prints."""

    line: str
    output: str


def commands(text: str) -> Iterator[Command]:
    """The commands of a console block, in order."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield Command(line, output)


def pattern(output: str) -> str:
    """An output as a regular expression, in which an ellipsis stands for anything, and alone in a line for lines."""
    return "".join(
        "(?:.*\n)*?" if line == "…\n" else re.escape(line).replace("…", ".*?")
        for line in output.splitlines(keepends=True)
    )


PROGRESS = re.compile(
    r"^(?:(?:hunting|exploring): \d+ of \d+ runs, .*|.* is broken; kept as .* until it is shrunk)\n", re.MULTILINE
)
"""What is said while a search goes on: the oftener, the slower the machine is. So no page shows it."""


def replace(path: Path, method: str, text: str) -> None:
    """Put another definition in place of a method."""
    lines = path.read_text().splitlines(keepends=True)
    nodes = ast.walk(ast.parse("".join(lines)))
    found = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    (old,) = (node for node in found if node.name == method)
    lines[old.lineno - 1 : old.end_lineno] = [text]
    path.write_text("".join(lines))


class Reader:
    """Somebody who does what the page says, in a folder of their own, with the commands of an environment."""

    def __init__(self, folder: Path, environment: Environment) -> None:
        self.folder = folder
        self.environment = environment
        self.status = 0

    def do(self, note: str, kind: str, text: str) -> None:
        """Follow one block."""
        match note.split():
            case ["write", name]:
                (self.folder / name).write_text(text)
            case ["replace", method, "in", name]:
                replace(self.folder / name, method, text)
            case [] if kind == "console":
                for command in commands(text):
                    self.run(command)
            case _:
                assert (note, kind) == ("", "toml")

    def run(self, command: Command) -> None:
        """Type a command into a shell that remembers the last exit status, and compare what it prints."""
        line = f"(exit {self.status}); {command.line}"
        done = self.environment.run(self.folder, "/bin/sh", "-c", line, variables={"PYTHONDONTWRITEBYTECODE": "1"})
        self.status = done.returncode
        printed = done.stdout + PROGRESS.sub("", done.stderr)

        assert re.fullmatch(pattern(command.output), printed), f"$ {command.line}\n{printed}"


def follow(page: Path, folder: Path, environment: Environment, since: str = "") -> int:
    """Do all that a page says (since this heading), in a folder; how many commands there were."""
    reader, count = Reader(folder, environment), 0
    text = page.read_text()
    for block in BLOCK.finditer(text[text.index(since) :]):
        reader.do(block["note"] or "", block["kind"], block["text"])
        count += block["kind"] == "console" and len(list(commands(block["text"])))
    return count
