"""The pytest plugin: `pytest --crosslayer-stack trust=my_pkg:make`.

Owns the options and the moment at which tests are added. Does nothing, and imports nothing heavy, unless a stack or
a corpus is named, on the command line or in the ini file.
"""

import re
import shlex
import subprocess
import sys
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
    ("seed", "N", "the seed of the hunts"),
    ("allow", "PACKAGE", "load plugins that corpus entries name from this package; repeatable"),
    ("stall-timeout", "SECONDS", "give plugins up that make no progress for so long; by default 60"),
    ("html", "FILE", "show what was found, or came back, in this page"),
    ("in-process", "", "load plugins into pytest's own process: for a debugger, and for coverage"),
)
_REPEATABLE = ("stack", "allow")
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


@pytest.hookimpl(tryfirst=True)  # before anybody looks at the tests: `-k` and `--deselect` choose among these, too
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add one test per invariant and shard, and one per corpus entry."""
    chosen = {name.replace("-", "_"): _option(config, name) for name, _, _ in _OPTIONS}
    if chosen["stack"] or chosen["corpus"] or chosen["system"]:
        workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
        added = list(
            import_module("crosslayer.harness.pytest_items").items(session, chosen, workers, Path(config.rootpath))
        )
        items.extend(added)
        # pytest counts what collectors report, and would otherwise tell a wrong number of tests.
        config.hook.pytest_collectreport(report=pytest.CollectReport("crosslayer", "passed", None, added))


_REPLAY = re.compile(r"^\s*Replay\s+(crosslayer replay .*)$", re.MULTILINE)
"""What a story says is to be typed: with it, the very same run can be shown."""


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Where a page is asked for, have it made of all that failed, in a process of its own: it runs the plugins."""
    page = _option(config, "html")
    if page is None:
        return
    failed = [str(one.longrepr) for one in terminalreporter.stats.get("failed", ())]
    commands = [shlex.split(line) for told in failed for line in _REPLAY.findall(told)]
    if not commands:
        terminalreporter.write_line(f"crosslayer: nothing to show in {page}: no counterexample")
        return
    files = list(dict.fromkeys(words[2] for words in commands))
    flags = [word for name in ("stack", "allow") for one in _option(config, name) or () for word in (f"--{name}", one)]
    system = ["--system", _option(config, "system")] if _option(config, "system") else []
    words = [sys.executable, "-m", "crosslayer", "report", *files, *flags, *system, "-o", str(page)]
    made = subprocess.run(words, cwd=config.rootpath, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    terminalreporter.write_line((made.stdout or made.stderr).strip())


def _option(config: pytest.Config, name: str) -> Any:
    ini = config.getini(f"crosslayer_{name.replace('-', '_')}")
    return config.getoption(f"--crosslayer-{name}") or ini or None
