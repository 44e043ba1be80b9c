"""The reference pages that are made of the code itself. `python -m tests.docs.generated` writes them anew."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from crosslayer.cli import COMMANDS, main
from crosslayer.harness.formats.schema import DIALECT, FILES, OUTPUTS, schema
from crosslayer.harness.formats.settings import KEYS
from crosslayer.harness.model.notes import about_of, unit_of
from crosslayer.harness.model.scenario import Scenario
from crosslayer.harness.systems.finding import DEFAULT, SHIPPED, find_system
from crosslayer.pytest_plugin import pytest_addoption
from tests.commands.invoking import crosslayer

FOLDER = Path(__file__).parents[2] / "docs" / "reference"

Lines = Iterator[str]

COMMANDS_HEAD = """
# Commands

Every command and flag. `crosslayer COMMAND --help` says the same. A flag that can be settled for a project names its
setting: [settings.md](settings.md). How commands end: [exit-statuses.md](exit-statuses.md).
"""

PYTEST_HEAD = """
# Pytest options

Each option is a flag, a variable and an ini option; a flag wins, then the variable, then the ini option, then
`[tool.crosslayer]` in pyproject.toml ([settings.md](settings.md)). Several values stand in as many flags, or lines of
the ini option, or in one variable with blanks between them. What pytest does with them: [ci.md](../ci.md).

Tests are `crosslayer::hunt-NAME` and `crosslayer::corpus-NAME`; name them on the command line, or choose by `-k`.
"""

SCENARIOS_HEAD = f"""
# Scenario files

A scenario is everything that is fixed before a run begins: a YAML file, given to `crosslayer run` or by `--scenario`
to `hunt` and `explore`. Only `name` is required; an unknown key is an error. There are no anchors, aliases and tags,
and plain words mean what they mean in JSON: `no` is a text, `042` is no number. `crosslayer schema scenario` prints the
JSON Schema by which an editor completes and checks one. A file may name its `system`; without, it is one of
`{DEFAULT}`. Times are ticks of the kernel's clock.

Steps, for `adversary`, are those of the system: `{{step: Drop, kind: bid, nth: 0}}`. A hunt draws faults, steps and
populations itself, so it takes timing and what else a scenario fixes, and leaves out `faults`, `adversary` and `stack`.
"""

FILES_HEAD = f"""
# Files and outputs

What Crosslayer reads and writes, and what commands print with `--json`. `crosslayer schema NAME` prints the JSON
Schema of each ([draft 2020-12]({DIALECT})), with the steps, scenarios and
events of the system that `--system` names. A schema is that of its release; `version` is raised when a key goes or
means something else. Reading is strict: an unknown key is an error, and where values must fit each other, a file can be
refused that its schema accepts.

A scenario has a page of its own ([scenario.md](scenario.md)), so have the settings ([settings.md](settings.md)), and
what each event of a trace says ([trace.md](../trace.md)).

A file never loads code: a plugin or a system that it names, and that does not ship with Crosslayer, is loaded only with
`--allow PACKAGE`, or where it is named on the command line.
"""


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    made = {
        "commands.md": "\n".join(_commands()) + "\n",
        "scenario.md": "\n".join(_scenarios()) + "\n",
        "files.md": "\n".join(_files()) + "\n",
        "pytest.md": "\n".join(_pytest()) + "\n",
    }
    return {**made, **{f"system-{name}.md": crosslayer("system", "show", name).stdout for name in SHIPPED}}


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Lines:
    if rows:
        kept = [column for column in range(len(header)) if column == 0 or any(row[column] for row in rows)]
        yield from ("", f"| {' | '.join(header[one] for one in kept)} |", f"|{'---|' * len(kept)}")
        yield from (f"| {' | '.join(row[one].replace('|', chr(92) + '|') for one in kept)} |" for row in rows)


# Commands


def _commands() -> Lines:
    yield COMMANDS_HEAD.strip()
    for name in COMMANDS:
        command = main.get_command(None, name)
        assert command is not None
        yield from _command((name,), command)


def _command(words: tuple[str, ...], command: click.Command) -> Lines:
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    usage = " ".join(["crosslayer", *words, *(_metavar(one) for one in arguments)])
    about = "\n".join(line.strip() for line in (command.help or "").splitlines())
    yield from ("", f"{'#' * (len(words) + 1)} {' '.join(words)}", "", f"`{usage}`", "", about)
    rows = [_option(words[0], one) for one in command.params if isinstance(one, click.Option) and not one.hidden]
    yield from _table(("flag", "value", "default", "setting", ""), rows)
    for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _command((*words, name), inner)


def _option(command: str, one: click.Option) -> list[str]:
    flags = ", ".join(f"`{flag}`" for flag in one.opts)
    return [flags, _value(one), _default(one), _setting(command, one), (one.help or "").strip()]


def _value(one: click.Parameter) -> str:
    if isinstance(one, click.Option) and one.is_flag:
        return ""
    if isinstance(one.type, click.Choice):
        return " or ".join(f"`{choice}`" for choice in one.type.choices)
    if one.metavar:
        return f"`{one.metavar}`"
    if isinstance(one.type, click.IntRange):
        return f"a number from {one.type.min}" + (f" to {one.type.max}" if (one.type.max or 0) <= 10**6 else "")
    return {"path": "a path", "file": "a path"}.get(one.type.name, one.type.name)


def _metavar(one: click.Argument) -> str:
    if one.metavar:
        return one.metavar
    return "|".join(one.type.choices) if isinstance(one.type, click.Choice) else str(one.name).upper()


def _default(one: click.Option) -> str:
    if not one.show_default or one.is_flag:
        return ""
    return f"`{one.default}`"


def _setting(command: str, one: click.Option) -> str:
    found = [key for key, value in KEYS.items() if value.parameter == one.name and command in value.commands]
    return f"`{found[0]}`" if found else ""


# Pytest


class _Parser:
    """Takes in what our pytest plugin says of its options."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []

    def getgroup(self, *_: str) -> "_Parser":
        return self

    def addoption(self, flag: str, *, action: str, help: str, metavar: str = "") -> None:  # noqa: A002 - pytest's word
        self.rows.append([f"`{flag}`", f"`{metavar}`" if metavar else "", "", "", help])
        assert action in {"append", "store", "store_true"}

    def addini(self, name: str, _text: str, **_: Any) -> None:
        self.rows[-1][2:4] = [f"`{name}`", f"`{name.upper()}`"]


def _pytest() -> Lines:
    yield PYTEST_HEAD.strip()
    parser: Any = _Parser()
    pytest_addoption(parser)
    yield from _table(("flag", "value", "ini option", "variable", ""), parser.rows)


# Scenarios


def _scenarios() -> Lines:
    yield SCENARIOS_HEAD.strip()
    for name in SHIPPED:
        system = find_system(name)
        yield from ("", f"## Of {name}")
        yield from _table(("key", "type", "default", "unit", ""), list(_keys(system.scenario_class, "")))
        yield from ("", f"Steps, message kinds, moments and facts: [system-{name}.md](system-{name}.md).")


def _keys(kind: type[Any], prefix: str) -> Iterator[list[str]]:
    for one in attrs.fields(attrs.resolve_types(kind)):
        inner = attrs.has(one.type)
        default = "required" if one.default is attrs.NOTHING else "" if inner else _said(one.default)
        yield [f"`{prefix}{one.name}`", _type(one), default, unit_of(one), about_of(one) or _usual(one.name)]
        if inner:
            yield from _keys(one.type, f"{prefix}{one.name}.")


def _usual(key: str) -> str:
    """What every scenario says of this key."""
    found = getattr(attrs.fields(Scenario), key, None)
    return "" if found is None else about_of(found)


def _said(value: Any) -> Any:
    return "empty" if value == () else f"`{value}`"


def _type(one: Any) -> str:
    if attrs.has(one.type):
        return "mapping"
    if one.name == "stack":
        return "mapping of part to plugin"
    if one.name == "adversary":
        return "list of steps"
    return {int: "integer", float: "number", str: "text"}.get(one.type, "list of lists of agents")


# Files and outputs


def _files() -> Lines:
    yield FILES_HEAD.strip()
    of_system = find_system("lock")
    for name in FILES:
        if name not in ("scenario", "settings"):
            yield from _described(name, schema(name, of_system), "##")
    yield from ("", "## Outputs", "", "One JSON object on standard output, with nothing beside it.")
    for name in OUTPUTS:
        yield from _described(name, schema(name, of_system), "###")


def _described(name: str, whole: Mapping[str, Any], level: str) -> Lines:
    yield from ("", f"{level} {name}", "", f"{whole['title']}. {whole['description']}")
    shapes = [whole[key] for key in ("then", "else") if key in whole] or whole.get("oneOf", [])
    kinds = [one for one in whole.get("oneOf", []) if "expect" in one.get("properties", {})]
    for one in () if kinds else shapes or [whole]:
        resolved = _resolved(one, whole)
        if shapes:
            yield from ("", str(resolved.get("description", "")))
        yield from _table(("key", "type", ""), list(_properties(resolved, whole, "")))
    yield from _table(
        ("kind", "`expect`", "means"),
        [[one["title"], f"`{one['properties']['expect']['const']}`", one["description"]] for one in kinds],
    )


def _resolved(one: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in one:
        return one
    return {**whole["$defs"][one["$ref"].rpartition("/")[2]], **{key: one[key] for key in one if key != "$ref"}}


BY_NAME = ("scenario", "step", "schedule", "population", "stack", "verdicts", "reached", "digest", "kind", "parting")
"""What is named in a table, and not spread out."""


ENUMERATED = 5
"""How many values are listed."""

OF_ONE_SYSTEM = ("scenario", "population")
"""What means something else in each system."""


def _properties(one: Mapping[str, Any], whole: Mapping[str, Any], prefix: str) -> Iterator[list[str]]:
    for name, value in _resolved(one, whole).get("properties", {}).items():
        found = _resolved(value, whole)
        of_one_system = str(value.get("$ref", "")).rpartition("/")[2] in OF_ONE_SYSTEM
        about = str((value if of_one_system else found).get("description", ""))
        yield [f"`{prefix}{name}`", _kind(value, whole), about]
        inner = value if "properties" in value else None
        for alternative in value.get("anyOf", ()):
            inner = alternative if "properties" in alternative else inner
        of_list = _resolved(value.get("items", {}), whole) if isinstance(value.get("items", {}), dict) else {}
        of_map = value.get("additionalProperties", {})
        if inner is not None:
            yield from _properties(inner, whole, f"{prefix}{name}.")
        elif "properties" in of_list and "title" not in of_list:
            yield from _properties(of_list, whole, f"{prefix}{name}[].")
        elif isinstance(of_map, dict) and "properties" in of_map:
            yield from _properties(of_map, whole, f"{prefix}{name}.NAME.")


def _kind(value: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    reference = str(value.get("$ref", "")).rpartition("/")[2]
    if reference in BY_NAME:
        return reference
    found: Mapping[str, Any] = {"type": "string"} if reference == "system" else _resolved(value, whole)
    alternatives = (*found.get("anyOf", ()), *found.get("oneOf", ()))
    if alternatives:
        return " or ".join(dict.fromkeys(_kind(one, whole) for one in alternatives))
    if found.get("type") == "array":
        items = found.get("items")
        return f"list of {_kind(items, whole)}" if items else "list"
    values = [found["const"]] if "const" in found else found.get("enum", ())
    if 0 < len(values) <= ENUMERATED:
        return ", ".join("empty" if one == "" else f"`{one}`" for one in values)
    words = {"string": "text", "boolean": "true or false", "object": "mapping", None: "text" if values else "any value"}
    kind = found.get("type")
    return words.get(kind, str(kind))


if __name__ == "__main__":
    for file, text in pages().items():
        (FOLDER / file).write_text(text)
