"""What tests of several folders share: what ships, installed."""

from pathlib import Path

import pytest

from tests.installed.building import Environment, environment_in


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Environment:
    """A fresh environment with the wheel of this checkout in it, one for all workers."""
    base: Path = tmp_path_factory.getbasetemp()
    return environment_in((base if worker_id == "master" else base.parent) / "installed")


@pytest.fixture(scope="session")
def installed_with_mcp(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Environment:
    """As `installed`, with the extra `mcp`."""
    base: Path = tmp_path_factory.getbasetemp()
    return environment_in((base if worker_id == "master" else base.parent) / "installed-with-mcp", "[mcp]")
