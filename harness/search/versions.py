"""Which code is loaded here: what must be equal wherever parts of one search are done.

Owns the version of a package: what its distribution says, and a digest of its sources, which says more. Knows nothing
of who compares.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

DIGITS = 12
"""Hexadecimal digits of the digest that are shown."""


def versions(modules: Iterable[str]) -> dict[str, str]:
    """The version of every package in which one of these modules lies, by its name; each is imported for it."""
    return {package: _version(package) for package in sorted({name.partition(".")[0] for name in modules})}


def _version(package: str) -> str:
    """Such as `0.1.0, sources 0a1b2c3d4e5f`; without a distribution of that name, the sources alone."""
    content = hashlib.sha256()
    for file in _sources(import_module(package)):
        content.update(file.read_bytes())
    sources = f"sources {content.hexdigest()[:DIGITS]}"
    try:
        return f"{version(package)}, {sources}"
    except PackageNotFoundError:
        return sources


def _sources(package: ModuleType) -> list[Path]:
    """The files of a package, or the one of a module, in the order of their names."""
    roots = [Path(one) for one in getattr(package, "__path__", ())]
    alone = [Path(package.__file__)] if package.__file__ and not roots else []
    return [*alone, *(file for root in roots for file in sorted(_python_files(root)))]


def _python_files(root: Path) -> Iterator[Path]:
    """All Python files below a folder, also through links: in a checkout, ours is made of them."""
    for folder, _, names in os.walk(root, followlinks=True):
        yield from (Path(folder, name) for name in names if name.endswith(".py"))
