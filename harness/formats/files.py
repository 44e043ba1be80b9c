"""Files that are written whole or not at all.

Owns the writing and the opening of files, and what is said when that fails. Knows no format.
"""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from crosslayer.harness.model.errors import BadInput


def write_atomically(path: Path, chunks: Iterable[bytes], *, once: bool = False) -> None:
    """Write to a temporary name in the same folder, then rename; on failure nothing is left behind.

    With `once`, the first of several writers wins, and what is there already stays. A symbolic link is followed.
    `BadInput` if the folder does not exist or cannot be written to, or if there is something at `path` that is no
    file (a folder, a device).
    """
    with _blamed(path, "written"):
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise BadInput(str(path), "cannot be written: it is no file; name a file")
        handle, name = tempfile.mkstemp(prefix=".crosslayer-", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                with _blamed(path, "written"):
                    file.write(chunk)
            with _blamed(path, "written"):
                file.flush()
                os.fsync(file.fileno())
        with _blamed(path, "written"):
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
            _put(temporary, target, once=once)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _put(temporary: Path, target: Path, *, once: bool) -> None:
    """Give the temporary file its name; a hard link is the one way that never takes the place of another file."""
    if once:
        try:
            target.hardlink_to(temporary)
        except FileExistsError:
            temporary.unlink()
            return
        except OSError:  # a file system without hard links
            temporary.replace(target)
            return
        temporary.unlink()
    else:
        temporary.replace(target)


def open_for_reading(path: Path) -> BinaryIO:
    """A file as a binary stream, unpacked if its name ends in `.gz`; `BadInput` if it cannot be opened.

    Reading from it may still fail: do it under `reading`.
    """
    with reading(path):
        return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def reading(path: Path, place: str | None = None) -> AbstractContextManager[None]:
    """Whatever goes wrong while reading this file, a corrupt archive included, is `BadInput` (at `place`)."""
    return _blamed(path, "read", place)


def read_whole(path: Path, bound: int) -> bytes:
    """All of a file of at most `bound` bytes; `BadInput` if it is larger or cannot be read."""
    with open_for_reading(path) as file, reading(path):
        data = file.read(bound + 1)
    if len(data) > bound:
        raise BadInput(str(path), f"is larger than {bound} bytes")
    return data


@contextmanager
def _blamed(path: Path, done: str, place: str | None = None) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        missing = "there is no such file" if done == "read" else f"there is no folder {path.parent}; create it first"
        raise BadInput(place or str(path), f"cannot be {done}: {missing}") from None
    except OSError as error:
        raise BadInput(place or str(path), f"cannot be {done}: {error.strerror or error}") from None
    except (EOFError, zlib.error, ValueError) as error:  # ValueError: a path with a zero byte in it
        raise BadInput(place or str(path), f"cannot be {done}: {error}") from None
