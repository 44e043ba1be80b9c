"""The pytest plugin: `pytest --crosslayer-stack trust=my_pkg:make`.

Owns the options and the moment at which tests are added. Does nothing, and imports nothing heavy, unless a stack or
a corpus is named, on the command line or in the ini file. Where a path or a test is named on the command line, our
tests are left out unless one of them, or one of our options, is named there, too.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import pytest

_OPTIONS = (
    ("system", "NAME", "hunt in this system: a shipped name, an entry point, or module:SYSTEM"),
    ("stack", "LAYER=PLUGIN", "hunt with this plugin in its layer; repeatable"),
    ("corpus", "DIR", "one test per counterexample in this folder; with a stack, by default in corpus/"),
    ("save", "DIR", "save what is found in this folder, by default in counterexamples/"),
    ("examples", "N", "runs of each invariant's hunt, divided among the workers"),
    ("seconds", "S", "seconds of all hunts together; by default 10, unless examples are given"),
    ("seed", "N", "the seed of the hunts"),
    ("property", "MODULE:PROPERTY", "judge this property of your own as well; repeatable"),
    ("allow", "PACKAGE", "load plugins that corpus entries name from this package; repeatable"),
    ("stall-timeout", "SECONDS", "give plugins up that make no progress for so long; by default 60"),
    ("html", "FILE", "show what was found, or came back, in this page"),
    ("in-process", "", "load plugins into pytest's own process: for a debugger, and for coverage"),
)
_REPEATABLE = ("stack", "property", "allow")
_FLAGS = ("in-process",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--crosslayer-…` flags, and an ini option of the same name for each."""
    group = parser.getgroup("crosslayer", "hunting for bugs between protocol layers")
    kind: Literal["linelist", "string"]
    for name, metavar, text in _OPTIONS:
        ini = f"crosslayer_{name.replace('-', '_')}"
        if name in _FLAGS:
            group.addoption(f"--crosslayer-{name}", action="store_true", help=text)
            parser.addini(ini, text, type="bool", default=False)
            continue
        repeatable = name in _REPEATABLE
        group.addoption(f"--crosslayer-{name}", action="append" if repeatable else "store", metavar=metavar, help=text)
        kind = "linelist" if repeatable else "string"
        parser.addini(ini, text, type=kind, default=None)


_PREFIX = "crosslayer::"
_NAMED = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take the names of our own tests out of the arguments: they are in no file that pytest could look for."""
    named = [str(one) for one in config.args if str(one).startswith(_PREFIX)]
    config.stash[_NAMED] = named
    if named:
        config.args[:] = [one for one in config.args if one not in named]


@pytest.hookimpl(tryfirst=True)  # before anybody looks at the tests: `-k` and `--deselect` choose among these, too
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add one test per invariant and shard, and one per corpus entry."""
    settled = _settled(config)
    chosen = {name.replace("-", "_"): _option(config, name, settled) for name, _, _ in _OPTIONS}
    named = config.stash[_NAMED]
    if (chosen["stack"] or chosen["corpus"] or chosen["system"] or chosen["property"]) and (
        named or not _elsewhere(config)
    ):
        workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
        added = list(
            import_module("crosslayer.harness.pytest_items").items(session, chosen, workers, Path(config.rootpath))
        )
        if named:
            added = _among(added, named)
        items.extend(added)
        # pytest counts what collectors report, and would otherwise tell a wrong number of tests.
        config.hook.pytest_collectreport(report=pytest.CollectReport("crosslayer", "passed", None, added))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the workers of this session shared, once they are done."""
    manager = getattr(config.pluginmanager.get_plugin("dsession"), "nodemanager", None)
    if manager is not None:
        shutil.rmtree(Path(tempfile.gettempdir()) / f"crosslayer-{manager.testrunuid}", ignore_errors=True)


_REPLAY = re.compile(r"^\s*Replay\s+(crosslayer replay .*)$", re.MULTILINE)
"""What a story says is to be typed: with it, the very same run can be shown."""


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Where a page is asked for, have it made of all that failed, in a process of its own: it runs the plugins."""
    settled = _settled(config)
    page = _option(config, "html", settled)
    if page is None:
        return
    failed = [str(one.longrepr) for one in terminalreporter.stats.get("failed", ())]
    commands = [shlex.split(line) for told in failed for line in _REPLAY.findall(told)]
    if not commands:
        terminalreporter.write_line(f"crosslayer: nothing to show in {page}: no counterexample")
        return
    files = list(dict.fromkeys(words[2] for words in commands))
    flags = [
        word for name in _REPEATABLE for one in _option(config, name, settled) or () for word in (f"--{name}", one)
    ]
    named = _option(config, "system", settled)
    system = ["--system", named] if named else []
    words = [sys.executable, "-m", "crosslayer", "report", *files, *flags, *system, "-o", str(page)]
    made = subprocess.run(words, cwd=config.rootpath, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    terminalreporter.write_line((made.stdout or made.stderr).strip())


def _option(config: pytest.Config, name: str, settled: Mapping[str, Any]) -> Any:
    """A flag wins, then the environment, then the ini file, then what pyproject.toml settles for all commands."""
    said = os.environ.get(f"CROSSLAYER_{name.replace('-', '_').upper()}")
    ini = config.getini(f"crosslayer_{name.replace('-', '_')}")
    if said and name in _REPEATABLE:
        return config.getoption(f"--crosslayer-{name}") or said.split()
    if name in _FLAGS:
        return config.getoption(f"--crosslayer-{name}") or said not in {None, "", "0"} or ini
    value = config.getoption(f"--crosslayer-{name}") or said or ini or settled.get(name)
    return str(value) if isinstance(value, (int, float)) else value or None


def _settled(config: pytest.Config) -> Mapping[str, Any]:
    """`[tool.crosslayer]`, if the project has such a table; what reads it is not imported otherwise."""
    file = config.rootpath / "pyproject.toml"
    if not file.is_file() or b"tool.crosslayer" not in file.read_bytes():
        return {}
    bad_input = import_module("crosslayer.harness.model.errors").BadInput
    try:
        found: Mapping[str, Any] = import_module("crosslayer.harness.formats.settings").from_file(config.rootpath)
    except bad_input as error:
        raise pytest.UsageError(str(error)) from None
    return found


def _elsewhere(config: pytest.Config) -> bool:
    """Whether the command line names paths or tests of the user's own, less than the whole project, and no option."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return False
    if any(config.getoption(f"--crosslayer-{name}") for name, _, _ in _OPTIONS):
        return False
    folders = [config.invocation_params.dir / one for one in map(str, config.args) if "::" not in one]
    return not any(config.rootpath.is_relative_to(folder.resolve()) for folder in folders)


def _among(items: list[pytest.Item], named: list[str]) -> list[pytest.Item]:
    """Those of our tests that are named, with or without the number of a worker; a usage error for a name of none."""
    for name in named:
        if not any(_is_meant(item, name) for item in items):
            known = ", ".join(dict.fromkeys(item.nodeid.partition("[")[0] for item in items))
            raise pytest.UsageError(f"there is no test {name}; choose one of {known}")
    return [item for item in items if any(_is_meant(item, name) for name in named)]


def _is_meant(item: pytest.Item, name: str) -> bool:
    return name in (item.nodeid, item.nodeid.partition("[")[0])
