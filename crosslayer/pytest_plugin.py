"""The pytest plugin: `pytest --crosslayer-stack trust=my_pkg:make`.

Owns the options and the moment at which tests are added. Does nothing, and imports nothing heavy, unless a stack or
a corpus is named, on the command line or in the ini file.
"""

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


def _option(config: pytest.Config, name: str) -> Any:
    ini = config.getini(f"crosslayer_{name.replace('-', '_')}")
    return config.getoption(f"--crosslayer-{name}") or ini or None
