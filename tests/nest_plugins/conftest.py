"""While these tests run, `nest_core.types` can be imported: it is NEST's own, or the stand-in."""

import sys

import pytest

from tests.nest_plugins.nest import INSTALLED, types


@pytest.fixture(autouse=True)
def _nest(monkeypatch: pytest.MonkeyPatch) -> None:
    if not INSTALLED:
        monkeypatch.setitem(sys.modules, "nest_core", types)
        monkeypatch.setitem(sys.modules, "nest_core.types", types)
