"""What commands print and write is what the schemas say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from crosslayer.cli import COMMANDS, main
from crosslayer.harness.commands.shared import JSON_VERSION
from crosslayer.harness.formats.schema import OUTPUTS, schema
from crosslayer.harness.systems.finding import DEFAULT, find_system
from tests.commands.invoking import answered, crosslayer
from tests.schemas import refusals

LOCK = ("--system", "lock")
BAD = ("--stack", "store=unfenced")
COMMERCE = ("--stack", "payments=pay_on_close")
FAULTY = ("--stack", "trust=json:dumps")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trace, a find and a corpus of the lock, and a trace of the default system."""
    made = tmp_path_factory.mktemp("schemas")
    words = ("--examples", 200, "--seed", 3, "--invariant", "no_stale_write", "--save", made / "finds")
    crosslayer("hunt", *LOCK, *BAD, *words)
    (find,) = (made / "finds").iterdir()
    find.rename(made / "find.json")
    crosslayer("corpus", "add", made / "find.json", "--corpus", made / "corpus")
    crosslayer("run", *LOCK, "--trace", made / "trace.jsonl")
    crosslayer("run", "--trace", made / "nest.jsonl", "--format", "nest")
    crosslayer("run", *FAULTY, "--trace", made / "fault.jsonl")
    return made


CALLS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "run": ((*LOCK, *BAD), COMMERCE, FAULTY),
    "check": (("{}/trace.jsonl",), ("{}/fault.jsonl",), ("{}/nest.jsonl",)),
    "plugins": (("--system", "private_commerce"), LOCK),
    "system-list": ((),),
    "system-show": (("lock",), ("private_commerce",)),
    "hunt": ((*LOCK, *BAD, "--examples", "200", "--seed", "3", "--save", "{}/again"),),
    "explore": ((*LOCK, *BAD, "--jobs", "1", "--save", "{}/explored", "--resume", "{}/exploration.json"),),
    "replay": (("{}/find.json",), ("{}/find.json", "{}/stale.json"), ("{}/stale.json",)),
    "diff": (("{}/find.json", "--stack", "store=fenced"), ("{}/find.json", "{}/find.json")),
    "corpus-list": (("--corpus", "{}/corpus"),),
    "corpus-verify": (("--corpus", "{}/corpus"), ("--corpus", "{}/corpus", *LOCK, *BAD), ("--corpus", "{}/mixed")),
    "matrix": ((*LOCK, "--examples", "100", "--jobs", "1"),),
    "config": ((),),
}
"""Of each schema of an output, the words of its command that are tried."""

OF_COMMERCE = (COMMERCE, FAULTY, ("{}/fault.jsonl",), ("private_commerce",), ("--system", "private_commerce"))
"""Those that are not of the lock."""


def test_every_output_is_tried() -> None:
    """Every command with --json has a schema under its name, and is called here."""
    assert {*OUTPUTS} == CALLS.keys()
    assert {*OUTPUTS} == {name for command in COMMANDS for name in _with_json(command, main.get_command(None, command))}


def _with_json(name: str, command: Any) -> list[str]:
    if isinstance(command, click.Group):
        return [one for inner, sub in command.commands.items() for one in _with_json(f"{name}-{inner}", sub)]
    return [name] if any(one.name == "as_json" for one in command.params) else []


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_as_their_schemas_say(name: str, folder: Path) -> None:
    """What each command prints with --json is what its schema says, whatever came of it."""
    stale = {**json.loads((folder / "find.json").read_text()), "version": 0}
    (folder / "stale.json").write_text(json.dumps(stale))
    (folder / "mixed").mkdir(exist_ok=True)
    (folder / "mixed" / "stale.json").write_text(json.dumps(stale))
    for words in CALLS[name]:
        _, value = answered(*name.split("-"), *(word.format(folder) for word in words))

        assert JSON_VERSION == value["version"]
        assert [] == refusals(name, value, DEFAULT if words in OF_COMMERCE else "lock")
        assert refusals(name, {**value, "version": JSON_VERSION + 1}, "lock")
        assert refusals(name, {**value, "surprise": 1}, "lock")


def test_files_are_as_their_schemas_say(folder: Path) -> None:
    """A trace, a find, an entry and an exploration, as they are written, are what their schemas say."""
    crosslayer("explore", *LOCK, "--jobs", 1, "--resume", folder / "exploration.json", "--save", folder / "explored")
    (entry,) = (folder / "corpus").iterdir()
    exploration = json.loads((folder / "exploration.json").read_text())
    lines = [json.loads(line) for line in (folder / "trace.jsonl").read_text().splitlines()]

    assert [] == [told for line in lines for told in refusals("trace", line, "lock")]
    assert [] == refusals("counterexample", json.loads((folder / "find.json").read_text()), "lock")
    assert [] == refusals("corpus-entry", json.loads(entry.read_text()), "lock")
    assert [] == refusals("exploration", exploration, "lock")
    assert refusals("exploration", {**exploration, "cursor": [0]}, "lock")
    assert refusals("exploration", {**exploration, "levels": [[0, 1, 0, 0]]}, "lock")


def test_schema_is_printed() -> None:
    """The command prints the very schema, for the system that is named, and lists all of them."""
    printed = json.loads(crosslayer("schema", "hunt", *LOCK).stdout)

    assert schema("hunt", find_system("lock")) == printed
    assert all(name in crosslayer("schema").stdout for name in ("scenario", "corpus-entry", "hunt"))


def test_unknown_schema_is_bad_input() -> None:
    """A wrong name is one line with the nearest right one."""
    done = crosslayer("schema", "hnut")

    assert (2, 1) == (done.exit_code, done.stderr.count("\n"))
    assert "did you mean hunt?" in done.stderr
