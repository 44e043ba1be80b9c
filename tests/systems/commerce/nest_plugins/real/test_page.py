"""docs/nest.md does what it says."""

import sys
from pathlib import Path

from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment

WITH_NEST = Environment(Path(sys.executable).parent)
"""The environment of these tests, in which NEST is installed."""


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """From a class of NEST's own to shrunk counterexamples in a plugin for NEST, to errors, traces and scenarios."""
    assert 22 == follow(ROOT / "docs" / "nest.md", tmp_path, WITH_NEST)
