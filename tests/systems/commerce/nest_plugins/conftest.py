"""While these tests run, `nest_core.types` can be imported: it is NEST's own, or the stand-in.

The tests in `real` are of NEST's own package, so where that is not installed they are not collected; the header of
every run says so, and `make nest` fails if it does not collect them.
"""

import sys

import pytest

from tests.systems.commerce.nest_plugins.nest import INSTALLED, types

collect_ignore = [] if INSTALLED else ["real"]


@pytest.fixture(autouse=True)
def _nest(monkeypatch: pytest.MonkeyPatch) -> None:
    if not INSTALLED:
        monkeypatch.setitem(sys.modules, "nest_core", types)
        monkeypatch.setitem(sys.modules, "nest_core.types", types)
