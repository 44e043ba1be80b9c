"""Files that are written whole or not at all.

Owns the writing and the opening of files, and what is said when that fails. Knows no format.
"""

import errno
import gzip
import os
import select
import stat
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crosslayer.harness.model.errors import BadInput, OutputLost


def write_atomically(path: Path, chunks: Iterable[bytes], *, once: bool = False) -> None:
    """Write to a temporary name in the same folder, then rename; on failure nothing is left behind.

    With `once`, the first of several writers wins, and what is there already stays. A symbolic link is followed.
    `BadInput` if the folder does not exist or cannot be written to, or if there is something at `path` that is no
    file (a folder, a device); `OutputLost` if the disk is full or broken.
    """
    require_writable(path)
    target = Path(os.path.realpath(path))
    with _blamed(path, "written"):
        handle, name = tempfile.mkstemp(prefix=".crosslayer-", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with _blamed(path, "written"):
            _fill(handle, chunks)
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
            _put(temporary, target, once=once)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _fill(handle: int, chunks: Iterable[bytes]) -> None:
    """Write all of it, and close the file however that ends: one that is closed again would fail again, too."""
    file = os.fdopen(handle, "wb")
    try:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    file.close()


def require_writable(path: Path) -> None:
    """`BadInput` if no file can be written at this path: that must be known before the work."""
    if not path.name:
        raise BadInput(str(path), "cannot be written: it is no file; name a file")
    with _blamed(path, "written"):
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise BadInput(str(path), "cannot be written: it is no file; name a file")
        if not target.parent.exists():
            raise BadInput(str(path), f"cannot be written: there is no folder {target.parent}; create it first")
        if not target.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise BadInput(str(path), f"cannot be written: {target.parent} is no folder that can be written to")


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


PIPE_SECONDS = 60
"""How long it is waited for the first byte that comes through a pipe."""


def open_for_reading(path: Path, *, pipes: bool = False) -> BinaryIO:
    """A file as a binary stream, unpacked if its name ends in `.gz`; `BadInput` if it cannot be opened.

    A pipe or a device is refused, for it may have no end, or nobody at the other one; with `pipes`, a pipe through
    which something comes is as good as a file. Reading may still fail: do it under `reading`.
    """
    with reading(path):
        mode = path.stat().st_mode
        if pipes and stat.S_ISFIFO(mode):
            return _opened_pipe(path)
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise BadInput(str(path), "cannot be read: it is no plain file but a pipe or a device; name a file")
        return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _opened_pipe(path: Path) -> BinaryIO:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # or else it would be waited for a writer
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if not poll.poll(PIPE_SECONDS * 1000):
        os.close(handle)
        raise BadInput(str(path), f"cannot be read: nothing came through this pipe for {PIPE_SECONDS} s")
    os.set_blocking(handle, True)
    return os.fdopen(handle, "rb")


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


_LOST = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.ENXIO))
"""What goes wrong with a disk, whatever file was named."""


@contextmanager
def _blamed(path: Path, done: str, place: str | None = None) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        missing = "there is no such file" if done == "read" else f"there is no folder {path.parent}; create it first"
        raise BadInput(place or str(path), f"cannot be {done}: {missing}") from None
    except OSError as error:
        if done == "written" and error.errno in _LOST:
            raise OutputLost(place or str(path), error.strerror or str(error)) from None
        raise BadInput(place or str(path), f"cannot be {done}: {error.strerror or error}") from None
    except (EOFError, zlib.error, ValueError) as error:  # ValueError: a path with a zero byte in it
        raise BadInput(place or str(path), f"cannot be {done}: {error}") from None
