import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, Verbosity, settings

from crosslayer.strategies import isolation
from crosslayer.strategies import machine as machines
from crosslayer.strategies.isolation import closed
from tests.strategies.sequences import sequence

FOREIGN = f"VALUES = ({', '.join(map(str, range(300)))})\n"
"""A module of somebody else's, full of numbers that would fit into almost any draw."""


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Has a module imported that Hypothesis has never seen, and takes for the user's own."""
    name = f"foreign_{request.node.name.partition('[')[0]}"
    (tmp_path / f"{name}.py").write_text(FOREIGN)
    monkeypatch.syspath_prepend(tmp_path)
    import_module(name)


@pytest.fixture
def elsewhere() -> Any:
    """Somebody's own profile, in which nothing is as usual; afterwards the profile of before is back."""
    before = settings.get_current_profile_name()
    settings.register_profile(
        "elsewhere",
        max_examples=3,
        stateful_step_count=2,
        phases=[Phase.generate, Phase.shrink, Phase.explain],
        suppress_health_check=[],
        backend="hypothesis-urandom",
        deadline=1,
        derandomize=True,
        print_blob=True,
        report_multiple_bugs=True,
        verbosity=Verbosity.debug,
    )
    settings.load_profile("elsewhere")
    yield
    settings.load_profile(before)


def test_hunt_among_foreign_modules_is_the_same(request: pytest.FixtureRequest) -> None:
    """Whatever else is imported, a hunt draws the same runs."""
    before = sequence(3)

    request.getfixturevalue("foreign")

    assert before == sequence(3)


def test_foreign_modules_would_matter(foreign: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this module they would change the hunt: this is how the test above can fail."""
    before = sequence(3)
    monkeypatch.setattr(machines, "without_constants", lambda: None)

    assert before != sequence(3)


def test_hunt_under_another_profile_is_the_same(request: pytest.FixtureRequest) -> None:
    """Whatever profile is loaded, a hunt draws the same runs."""
    before = sequence(3)

    request.getfixturevalue("elsewhere")

    assert before == sequence(3)


def test_profile_changes_no_setting(request: pytest.FixtureRequest) -> None:
    """No setting of a hunt comes from the profile."""
    before = repr(closed(10, 20))

    request.getfixturevalue("elsewhere")

    assert before == repr(closed(10, 20))


def test_every_setting_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that a new version of Hypothesis brings must be decided here, too."""
    decided: dict[str, Any] = {}
    monkeypatch.setattr(isolation, "settings", decided.update)

    closed(10, 20)

    assert decided.keys() == inspect.signature(settings.__init__).parameters.keys() - {"self", "parent"}
