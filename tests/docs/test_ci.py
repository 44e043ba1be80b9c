"""docs/ci.md: its files are what they say they are, and its options exist."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from crosslayer.cli import main
from crosslayer.pytest_plugin import _OPTIONS
from tests.docs.reading import BLOCK, ROOT

PAGE = ROOT / "docs" / "ci.md"
BLOCKS = {match["note"] or match["kind"]: match["text"] for match in BLOCK.finditer(PAGE.read_text())}
OPTIONS = {name for name, _, _ in _OPTIONS}

STAND_IN = """
import sys, types

class Redis:
    from_url = classmethod(lambda cls, url: cls())

sys.modules["redis"] = types.SimpleNamespace(Redis=Redis)
"""
"""The client of a data store that tests do not have."""


def _workflow() -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(BLOCKS["write .github/workflows/crosslayer.yml"])
    return value


def _lines() -> Iterator[str]:
    """Every command that a workflow runs, and every command in the text."""
    steps = [step for job in _workflow()["jobs"].values() for step in job["steps"]]
    steps += yaml.safe_load(BLOCKS["write steps.yml"])
    yield from (step["run"].strip() for step in steps if "run" in step)
    yield from re.findall(r"^    (crosslayer .*)$", PAGE.read_text(), flags=re.MULTILINE)


def test_workflow_has_both_jobs() -> None:
    """One job is for pull requests, one for the night, and both keep what they find."""
    jobs = _workflow()["jobs"]

    assert ["pull-request", "nightly"] == list(jobs)
    for job in jobs.values():
        last = job["steps"][-1]
        assert ("actions/upload-artifact@v4", "failure()") == (last["uses"], last["if"])
        assert all("uses" in step or "run" in step for step in job["steps"])


def test_workflow_is_our_own() -> None:
    """The workflow on the page is the one that this project uses, to the letter."""
    own = ROOT / ".github" / "workflows" / "crosslayer.yml"

    assert own.read_text() == BLOCKS["write .github/workflows/crosslayer.yml"]


def test_every_option_exists() -> None:
    """Whatever the page tells to type, the commands and the pytest plugin understand."""
    checked = [words[0] for words in map(shlex.split, _lines()) if _checked(words)]

    assert {"crosslayer": 4, "pytest": 3} == {word: checked.count(word) for word in checked}


def _checked(words: list[str]) -> bool:
    if words[0] == "crosslayer":
        command: Any = main
        rest = words[1:]
        while hasattr(command, "commands") or hasattr(command, "get_command"):
            command, rest = command.get_command(None, rest[0]), rest[1:]
        plain = [re.sub(r"\$\{\{.*?\}\}", "1", word) for word in _joined(rest)]
        command.make_context("crosslayer", plain).close()
        return True
    used = set(re.findall(r"--crosslayer-(\w+)", " ".join(words)))
    assert used <= OPTIONS
    return words[0] == "pytest"


def _joined(words: list[str]) -> list[str]:
    """The words, with an expression of the workflow's or of the shell's language as one word."""
    return shlex.split(re.sub(r"\$\{\{ *[\w.]+ *\}\}|\$\([^)]*\)", "1", " ".join(words)))


def test_settings_are_options_of_the_plugin() -> None:
    """The five lines are settings that the pytest plugin knows, in the form that it takes."""
    settings = tomllib.loads(BLOCKS["toml"])["tool"]["pytest"]["ini_options"]

    assert settings.keys() <= {f"crosslayer_{name}" for name in OPTIONS}
    assert [list, str, str, list] == [type(value) for value in settings.values()]


@pytest.mark.parametrize("name", ["artifact.py", "shared.py"])
def test_database_profiles_load(tmp_path: Path, name: str) -> None:
    """The profiles for shared databases can be registered and loaded, with nobody on the network asked."""
    (tmp_path / name).write_text(BLOCKS[f"write {name}"])
    code = f"{STAND_IN}\nimport runpy\nrunpy.run_path({name!r})\n"

    done = subprocess.run(  # noqa: S603 - our own page
        [sys.executable, "-c", f"{code}from hypothesis import settings\nprint(settings().database)"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("", 0) == (done.stderr, done.returncode)
    assert done.stdout.startswith("MultiplexedDatabase(DirectoryBasedExampleDatabase(")
