"""What ships: a wheel and a source archive built from this checkout, and a fresh environment with the wheel in it.

Made once in a session: workers of pytest-xdist share one folder, in which the first of them builds.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]

FROM_OUTSIDE = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "CROSSLAYER_SEEDS")
"""Variables of this session that a stranger's shell has not."""


@frozen
class Environment:
    """A fresh environment into which nothing was installed but the wheel, and what it asks for."""

    bin: Path

    def run(
        self, folder: Path, *words: object, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What comes of a command of this environment, typed in a folder."""
        program, *rest = map(str, words)
        kept = {name: value for name, value in os.environ.items() if name not in FROM_OUTSIDE}
        return subprocess.run(  # noqa: S603 - our own program
            [str(self.bin / program), *rest],
            cwd=folder,
            env={**kept, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
        )


def wheel_of(tree: Path, target: Path) -> Path:
    """The wheel that is built from a source tree."""
    return _built(tree, target, "wheel")


def archive_of(tree: Path, target: Path) -> Path:
    """The source archive that is built from a source tree."""
    return _built(tree, target, "sdist")


def _built(tree: Path, target: Path, kind: str) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)  # noqa: S603 - our own tree
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return found


def environment_in(folder: Path, extras: str = "") -> Environment:
    """The environment in this folder; made, with the wheel (and `[extras]`) in it, by the first worker to ask."""
    with _alone(folder):
        place = folder / "environment"
        if not (folder / "ready").exists():
            wheel = wheel_of(ROOT, folder)
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)  # noqa: S603
            pip = [sys.executable, "-m", "pip", "--python", str(place), "install", "--quiet"]
            done = subprocess.run(  # noqa: S603 - our own wheel
                [*pip, "--disable-pip-version-check", f"{wheel}{extras}"], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "ready").touch()
    return Environment(place / "bin")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No two workers are in here at once; a worker that dies lets the next one in."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hashes_in_wheel(wheel: Path) -> dict[str, str]:
    """The SHA-256 of each file of a wheel, by name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def unpacked(archive: Path, folder: Path) -> Path:
    """The one folder in a source archive, unpacked."""
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree
