"""What a program writes to files, and what of it survives a crash: a folder of its own, with what was synced.

Owns the folder, and the copies of what is safe in the agent's durable store. Knows nothing of who crashes, or when.

Bytes are safe once the program has called `os.fsync` on their file. A file of SQLite's is safe as it stands, with its
journal beside it: SQLite syncs by itself whenever it says that a transaction is done, where nobody else can hear it.
"""

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from crosslayer.harness.kernel.store import Store
from crosslayer.harness.programs.sources import real

_SQLITE = b"SQLite format 3\0"
_BESIDE = ("-journal", "-wal")


def _place() -> str | None:
    """Memory, where there is such a folder: what is asked of a disk here is order and not speed."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made in it
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None


class Disk:
    """One life of an agent's files. The folder is made when it is first asked for, with what its last life left."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """Where the program's files are."""
        if self._folder is None:
            with real():
                self._folder = Path(tempfile.mkdtemp(prefix="crosslayer-", dir=_place()))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            self._restore(self._folder)
            self._store.put("folder", str(self._folder))
            self._store.sync()
        return self._folder

    def _restore(self, folder: Path) -> None:
        files = dict(self._store.get("files", {}))
        last = self._store.get("folder")
        if last is not None:
            files |= _databases(Path(last))
        for name, content in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    def synced(self, file: Any) -> None:
        """A file was synced (a descriptor, or what has one): it survives as it is now."""
        if self._folder is None:
            return
        asked = os.fstat(file if isinstance(file, int) else file.fileno())
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and os.path.samestat(asked, path.stat()):
                files = self._store.get("files", {})
                files[str(path.relative_to(self._folder))] = path.read_bytes()
                self._store.put("files", files)
                self._store.sync()

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _databases(folder: Path) -> dict[str, bytes]:
    """The files of SQLite in a folder, and the journals beside them."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _is_sqlite(path):
            for one in (path, *(path.with_name(path.name + end) for end in _BESIDE)):
                if one.is_file():
                    found[str(one.relative_to(folder))] = one.read_bytes()
    return found


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE
